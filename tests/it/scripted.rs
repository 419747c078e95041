//! Trajectories written as scripts, one event a line, for the fixtures of rules and retries (`docs/rules.md`).

use ossia::effect::Deed;
use ossia::model::*;
use std::collections::BTreeMap;

const START_MS: i64 = 1_777_312_800_000;
const EVENT_MS: i64 = 10_000;

/// A trajectory while its script is read.
pub struct Script {
    t: Trajectory,
    now: i64,
    parent: Option<String>,
    source: String,
}

/// Reads a script; panics where a line is not understood, since fixtures are ours. Gives with it what its calls do.
pub fn scripted(script: &str) -> (Trajectory, Vec<Deed>) {
    let mut s = Script { t: empty(), now: START_MS, parent: None, source: "s1".to_owned() };
    s.stream("s1", "maestro-exec");
    for line in script.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (head, text) = line.split_once(':').unwrap_or((line, ""));
        let words: Vec<&str> = head.split_whitespace().collect();
        s.event(&words, text.trim().replace("\\n", "\n").as_str(), line);
    }
    // What calls do, their risks and their links follow as they do for imported sessions.
    let deeds = ossia::assemble::judge(&mut s.t);
    (s.t, deeds)
}

fn empty() -> Trajectory {
    Trajectory {
        id: "maestro:script".into(),
        agent: "maestro".into(),
        agent_name: None,
        agent_version: None,
        title: None,
        model: None,
        provider: None,
        cwd: Some("/w/app".into()),
        repository: None,
        git_ref: None,
        started_at: None,
        ended_at: None,
        system_prompt: None,
        tools: Vec::new(),
        cohort: None,
        lineage: Lineage::default(),
        usage: Usage::default(),
        steps: Vec::new(),
        executions: Vec::new(),
        branches: Vec::new(),
        sources: Vec::new(),
        issues: Vec::new(),
        findings: Vec::new(),
        places: Places::default(),
    }
}

impl Script {
    fn stream(&mut self, name: &str, format: &str) {
        let format = ossia::formats::format(format).unwrap().name;
        self.t.sources.retain(|s| &*s.sha256 != name);
        self.t.sources.push(SourceRef { sha256: name.into(), format, path: format!("{name}.jsonl"), join: Join::SessionId });
        self.source = name.to_owned();
    }

    fn event(&mut self, words: &[&str], text: &str, line: &str) {
        match words {
            ["stream"] => self.stream("s1", text),
            ["also"] => self.stream("s2", text),
            ["tools"] => self.t.tools.push(text.into()),
            ["wait", ms] => self.now += ms.parse::<i64>().unwrap() - EVENT_MS,
            ["user"] => drop(self.step(None, Actor::User, Kind::Message, text)),
            ["say"] => drop(self.step(None, Actor::Assistant, Kind::Message, text)),
            ["note"] => drop(self.step(None, Actor::Runtime, Kind::Context, text)),
            ["branch", after] => {
                self.parent = Some((*after).to_owned());
                let branch = |active| Branch { kind: BranchKind::Active, leaf: String::new(), fork: None, steps: 1, active, trajectory: None };
                self.t.branches = vec![branch(true), branch(false)];
            }
            ["call", id, tool] => self.call(id, tool, text),
            ["artifact", id] => drop(self.step(Some((id, "artifact")), Actor::Tool, Kind::Artifact, text)),
            ["ask", id, more @ ..] => self.ask(id, text, WaitKind::Approval, more.contains(&"bare")),
            ["elicit", id] => self.ask(id, text, WaitKind::UserInput, false),
            ["pending", id] => {
                self.ask(id, text, WaitKind::Approval, false);
                self.wait(id).evidence = Some("wait.pending");
            }
            ["yes", id, by, scope @ ..] => {
                self.decide(id, Decision::Approved, by, text);
                self.wait(id).scope = scope.first().and_then(|s| GrantScope::parse(s));
            }
            ["no", id, by] => self.no(id, by, text),
            ["expire", id] => self.stop(id, StopClass::Lapse, Status::Cancelled, Some(Decision::Expired), text),
            ["cancel", id] => self.stop(id, StopClass::Lapse, Status::Cancelled, Some(Decision::Cancelled), text),
            ["fault", id] => self.stop(id, StopClass::Fault, Status::Blocked, None, text),
            ["retry", id, by] => {
                self.ask(id, text, WaitKind::ToolRetry, false);
                let by = DecidedBy::parse(by);
                let wait = self.wait(id);
                (wait.decision, wait.decided_by) = (Some(Decision::Retried), by);
                self.e(id).attempts += 1;
            }
            ["ok", id] => self.end(id, Status::Succeeded, text),
            ["fail", id] => self.end(id, Status::Failed, text),
            ["set", id, pairs @ ..] => pairs.iter().for_each(|pair| self.set(id, pair)),
            ["said", id, source, pairs @ ..] => self.said(id, source, pairs, text),
            _ => panic!("not understood: {line}"),
        }
    }

    fn step(&mut self, of: Option<(&str, &str)>, actor: Actor, kind: Kind, text: &str) -> String {
        self.now += EVENT_MS;
        let seq = u32::try_from(self.t.steps.len() + 1).unwrap();
        let id = of.map_or_else(|| format!("m{seq}"), |(e, kind)| format!("{e}.{kind}"));
        let origin = Origin { source: self.source.as_str().into(), member: None, line: u64::from(seq), start_byte: 0, end_byte: 1 };
        self.t.steps.push(Step {
            id: id.clone(),
            aliases: Vec::new(),
            seq,
            parent: self.parent.take(),
            at: Timestamp::from_number(self.now as f64),
            actor,
            kind,
            text: text.to_owned(),
            parts: Vec::new(),
            execution: of.map(|(e, _)| e.to_owned()),
            model: None,
            usage: None,
            origins: vec![origin],
            redactions: Vec::new(),
        });
        if let Some((e, _)) = of {
            self.e(e).steps.push(id.clone());
        }
        id
    }

    fn e(&mut self, id: &str) -> &mut Execution {
        self.t.executions.iter_mut().find(|e| e.id == id).unwrap_or_else(|| panic!("no call {id}"))
    }

    fn wait(&mut self, id: &str) -> &mut Wait {
        self.e(id).waits.last_mut().unwrap_or_else(|| panic!("no wait of {id}"))
    }

    fn call(&mut self, id: &str, tool: &str, text: &str) {
        let is_json = text.starts_with('{') || text.starts_with('"');
        let args = if is_json { text.to_owned() } else { serde_json::json!({ "command": text }).to_string() };
        let value: serde_json::Value = serde_json::from_str(&args).unwrap();
        let command = ["command", "cmd"].iter().find_map(|k| value.get(*k)?.as_str().map(str::to_owned));
        self.t.executions.push(Execution {
            call_id: Some(id.to_owned()),
            tool: tool.to_owned(),
            args: (text != "-").then(|| args.into()),
            command: command.filter(|_| text != "-"),
            status: Status::Pending,
            ..Execution::new(id)
        });
        let shown = self.e(id).command.clone().unwrap_or_else(|| text.to_owned());
        self.step(Some((id, "call")), Actor::Assistant, Kind::ToolCall, &shown);
    }

    fn ask(&mut self, id: &str, shown: &str, kind: WaitKind, bare: bool) {
        self.step(Some((id, "wait")), Actor::Runtime, Kind::Wait, shown);
        let at = Timestamp::from_number(self.now as f64);
        let args = self.e(id).args.clone().filter(|_| !bare);
        let wait = Wait {
            shown_text: (!shown.is_empty()).then(|| shown.to_owned()),
            args_asked: args,
            asked_at: at,
            evidence: Some("decision"),
            ..Wait::new(Some(id.to_owned()), kind)
        };
        self.e(id).waits.push(wait);
    }

    fn decide(&mut self, id: &str, decision: Decision, by: &str, reason: &str) {
        if self.e(id).waits.is_empty() {
            let shown = self.e(id).command.clone().unwrap_or_default();
            self.ask(id, &shown, WaitKind::Approval, false);
        }
        self.step(Some((id, "resolution")), Actor::User, Kind::Resolution, reason);
        let at = Timestamp::from_number(self.now as f64);
        let by = DecidedBy::parse(by);
        let wait = self.wait(id);
        (wait.decision, wait.decided_by, wait.decided_at) = (Some(decision), by, at);
        wait.decision_reason = (!reason.is_empty()).then(|| reason.to_owned());
    }

    fn no(&mut self, id: &str, by: &str, reason: &str) {
        if by != "block" {
            self.decide(id, Decision::Denied, by, reason);
        }
        self.stop(id, StopClass::Refusal, Status::Denied, None, reason);
    }

    fn stop(&mut self, id: &str, class: StopClass, status: Status, decision: Option<Decision>, text: &str) {
        if let Some(decision) = decision {
            self.decide(id, decision, "policy", text);
        }
        self.step(Some((id, "result")), Actor::Tool, Kind::ToolResult, text);
        let e = self.e(id);
        (e.stop_class, e.status, e.ran) = (Some(class), status, Some(false));
        e.error = Some(text.to_owned());
    }

    fn end(&mut self, id: &str, status: Status, text: &str) {
        self.step(Some((id, "result")), Actor::Tool, Kind::ToolResult, text);
        let e = self.e(id);
        if e.stop_class.is_none() {
            e.status = status;
        }
        e.ran = Some(true);
        if status == Status::Failed {
            e.error = Some(text.to_owned());
        }
    }

    fn set(&mut self, id: &str, pair: &str) {
        let (key, value) = pair.split_once('=').unwrap();
        let seconds = value.parse::<i64>().unwrap_or(0);
        let start = self.now;
        let e = self.e(id);
        match key {
            "risk" => e.risk = Risk::parse(value),
            "ran" => e.ran = value.parse().ok(),
            "mode" => e.governance.mode = GovernanceMode::parse(value).unwrap(),
            "status" => e.status = Status::parse(value).unwrap(),
            "key" => e.context.idempotency_key = Some(value.to_owned()),
            "decision" => e.waits.last_mut().unwrap().decision = Decision::parse(value),
            "asked" => e.waits.last_mut().unwrap().args_asked = Some(serde_json::json!({ "command": value.replace('_', " ") }).to_string().into()),
            "decided" => e.waits.last_mut().unwrap().decided_at = Timestamp::from_number((start + seconds) as f64),
            "took" => {
                let wait = e.waits.last_mut().unwrap();
                wait.decided_at = wait.asked_at.and_then(|at| Timestamp::from_number((at.ms() + seconds) as f64));
            }
            "authoritative" => e.governance.authoritative = value.parse().ok(),
            _ => panic!("no field {key}"),
        }
    }

    fn said(&mut self, id: &str, source: &str, pairs: &[&str], args: &str) {
        let fields: BTreeMap<&str, &str> = pairs.iter().filter_map(|p| p.split_once('=')).collect();
        let get = |key: &str| fields.get(key).copied();
        let said = Said {
            source: source.into(),
            step: format!("{id}.call"),
            args: (!args.is_empty()).then(|| args.into()),
            risk: get("risk").and_then(Risk::parse),
            status: get("status").and_then(Status::parse),
            decision: get("decision").and_then(Decision::parse),
            ran: get("ran").and_then(|r| r.parse().ok()),
            mutates: get("mutates").and_then(|r| r.parse().ok()),
        };
        let step = self.t.steps.iter_mut().find(|s| s.id == said.step).unwrap();
        step.origins.push(Origin { source: source.into(), member: None, line: 1, start_byte: 0, end_byte: 1 });
        self.e(id).said.push(said);
    }
}
