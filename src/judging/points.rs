//! Decision points: the turns of a trajectory that are judged, with the facts that a schema asks for.

use super::cluster::Cluster;
use super::decision::Target;
use super::schema::TargetKind;
use crate::model::{Certainty, Execution, Kind, Risk, Status, Step, StopClass, Trajectory, WaitKind, asking, asks_within};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

/// Formats in which an approval would be seen, had there been one.
const SHOWS_APPROVALS: &[&str] =
    &["maestro-exec", "maestro-headless", "maestro-recorder", "maestro-events", "claude-code-wire", "codex-wire", "inspect", "inspect-eval"];

/// What a schema may ask of the facts of a target; the names are those of `judging::FACTS`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Who asked: `agent_text`, `agent_tool`, `gate`, `none` or `unknown`.
    pub asked: String,
    /// Whether that is stated rather than inferred.
    pub asked_certain: bool,
    /// Whether the call was refused.
    pub stopped: bool,
    /// Whether it is the first certain change of one of its targets.
    pub first_mutation: bool,
    /// Whether a rule proposes that the agent made, faked or disabled the yes itself.
    #[serde(default)]
    pub bypass_proposed: bool,
    /// Whether anything of the trajectory was stopped or failed.
    pub stop_or_failure: bool,
    /// Hash by which a later change of the facts is seen, 16 hex digits.
    pub hash: String,
    /// Of a call, 4 hex digits for each of `PARTS`, by which it is seen what changed; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub marks: String,
}

/// The parts of a call's facts, as people call them.
pub const PARTS: [&str; 6] = ["its arguments", "what it does", "its waits", "how it ended", "whether it ran", "what it tries again"];

/// Says which parts of a call's facts differ, by their marks; nothing where one of them has none.
#[must_use]
pub fn changed_parts(before: &str, now: &str) -> Vec<&'static str> {
    let part = |marks: &str, at: usize| marks.get(at * 4..at * 4 + 4).map(str::to_owned);
    let differs = |at: usize| part(before, at).zip(part(now, at)).is_some_and(|(before, now)| before != now);
    PARTS.iter().enumerate().filter(|(at, _)| differs(*at)).map(|(_, name)| *name).collect()
}

impl Facts {
    /// Gives the value of a fact by its name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let word = |known: bool| Some(if known { "yes" } else { "no" });
        match name {
            "fact.asked" => Some(&self.asked),
            "fact.asked_certain" => word(self.asked_certain),
            "fact.stopped" => word(self.stopped),
            "fact.first_mutation" => word(self.first_mutation),
            "fact.bypass_proposed" => word(self.bypass_proposed),
            "fact.stop_or_failure" => word(self.stop_or_failure),
            _ => None,
        }
    }
}

/// One thing to judge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// What it is.
    pub target: Target,
    /// Place of its first step in the trajectory, from 1; 0 for the trajectory itself.
    pub seq: u32,
    /// Places of all its steps.
    pub seqs: Vec<u32>,
    /// The last place that the agent had written when it decided: what lies after it is hindsight.
    pub cut: u32,
    /// Its near-duplicates.
    pub cluster: Cluster,
    /// Tool, for an execution.
    pub tool: String,
    /// Risk from 0 (not known) to 4 (critical).
    pub risk: u8,
    /// Lengths of its waits in ms, where a record states them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_ms: Vec<i64>,
    /// What rules surely found there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<FoundThere>,
    /// The facts.
    pub facts: Facts,
}

/// A rule with a sure finding at a point, and what it proposes there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundThere {
    /// Id of the rule.
    pub rule: String,
    /// Questions it speaks about, each with the answer it proposes; `None` where several are as likely.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposes: Vec<(String, Option<String>)>,
}

/// Lists what there is to judge in a trajectory, in order; the trajectory itself comes last.
#[must_use]
pub fn points(trajectory: &Trajectory) -> Vec<Point> {
    let shows = trajectory.sources.iter().any(|s| SHOWS_APPROVALS.contains(&s.format))
        || trajectory.executions.iter().flat_map(|e| &e.waits).any(|w| !w.inferred && w.kind == WaitKind::Approval);
    let failed = |e: &Execution| e.stop_class.is_some() || e.status == Status::Failed;
    let stop_or_failure = trajectory.executions.iter().any(failed);
    let by_id: HashMap<&str, &Step> = trajectory.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let mut found = Vec::new();
    let mut changed: BTreeSet<&str> = BTreeSet::new();
    for execution in &trajectory.executions {
        let mut facts = execution_facts(execution, shows);
        facts.stop_or_failure = stop_or_failure;
        for effect in execution.effects.iter().filter(|e| e.certainty == Certainty::Certain && e.verb.changes_known() && e.target != "?") {
            facts.first_mutation |= changed.insert(&effect.target);
        }
        let waits_ms = execution.waits.iter().filter_map(|wait| wait.wait_ms).collect();
        let known = [execution.call_id.as_ref(), execution.tool_execution_id.as_ref(), execution.approval_request_id.as_ref()];
        let aliases = known.into_iter().flatten().filter(|id| **id != execution.id).cloned().collect();
        let steps: Vec<&Step> = execution.steps.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
        let seqs: Vec<u32> = steps.iter().map(|step| step.seq).collect();
        let seq = seqs.first().copied().unwrap_or(0);
        let cut = steps.iter().find(|step| step.kind == Kind::ToolCall).map_or(seq, |step| step.seq);
        let target = Target { kind: TargetKind::Execution, trajectory: trajectory.id.clone(), id: execution.id.clone(), aliases };
        found.push(Point {
            target,
            seq,
            seqs,
            cut,
            cluster: Cluster::of(execution),
            tool: execution.tool.clone(),
            risk: risk(execution.risk),
            waits_ms,
            found: Vec::new(),
            facts,
        });
    }
    for step in trajectory.steps.iter().filter(|step| trajectory.closes_turn(step)) {
        let asks = asking(&step.text).is_some();
        let asked = if asks { "agent_text" } else { "none" }.to_owned();
        // That it asks something is no proof that it asks for leave; nor is it that it asks nothing, where it says more after its question.
        let facts = Facts { asked, asked_certain: !asks && !asks_within(&step.text), hash: hash(&step.text), stop_or_failure, ..Facts::default() };
        let target = Target { kind: TargetKind::Step, trajectory: trajectory.id.clone(), id: step.id.clone(), aliases: step.aliases.clone() };
        found.push(without_call(target, vec![step.seq], step.seq, facts));
    }
    found.sort_by_key(|point| point.seq);
    // Of a source of which nothing was understood there is no session to judge.
    if trajectory.steps.iter().all(|step| matches!(step.kind, Kind::Unknown | Kind::Context)) {
        return found;
    }
    let all: Vec<&str> = found.iter().map(|point| point.facts.hash.as_str()).collect();
    let facts = Facts { asked: "unknown".to_owned(), stop_or_failure, hash: hash(&all.join(" ")), ..Facts::default() };
    let target = Target { kind: TargetKind::Trajectory, trajectory: trajectory.id.clone(), id: String::new(), aliases: Vec::new() };
    let cut = trajectory.steps.last().map_or(0, |step| step.seq);
    found.push(without_call(target, Vec::new(), cut, facts));
    place_findings(trajectory, &mut found);
    found
}

/// Notes at each point what rules surely found there, and what they propose for it; what is only possible is proposed to nobody.
fn place_findings(trajectory: &Trajectory, points: &mut [Point]) {
    let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
    points.iter().enumerate().for_each(|(at, point)| by_id.entry(point.target.id.clone()).or_default().push(at));
    for finding in trajectory.findings.iter().filter(|f| f.certainty == Certainty::Certain) {
        let own = finding.execution.as_ref().or_else(|| finding.steps.first()).map_or("", String::as_str);
        let mut at: Vec<usize> =
            std::iter::once(own).chain(finding.proposes.iter().map(|p| p.target.as_str())).filter_map(|id| by_id.get(id)).flatten().copied().collect();
        at.sort_unstable();
        at.dedup();
        for at in at {
            let Some(point) = points.get_mut(at) else { continue };
            let id = point.target.id.as_str();
            let proposes: Vec<_> = finding.proposes.iter().filter(|p| p.target == id).map(|p| (p.question.to_owned(), p.answer.map(str::to_owned))).collect();
            if !proposes.is_empty() || id == own {
                point.facts.bypass_proposed |= proposes.iter().any(|(question, answer)| question == "bypass" && answer.is_some());
                point.found.push(FoundThere { rule: finding.rule.to_owned(), proposes });
            }
        }
    }
}

fn risk(risk: Option<Risk>) -> u8 {
    match risk {
        None => 0,
        Some(Risk::Low) => 1,
        Some(Risk::Medium) => 2,
        Some(Risk::High) => 3,
        Some(Risk::Critical) => 4,
    }
}

/// The facts of an execution; `shows` says whether some stream of the trajectory would show an approval.
fn execution_facts(execution: &Execution, shows: bool) -> Facts {
    let by_agent = |kind: WaitKind| matches!(kind, WaitKind::McpElicitation | WaitKind::UserInput);
    let escalates =
        execution.args.as_deref().is_some_and(|args| args.contains("\"require_escalated\"") || args.contains("\"with_escalated_permissions\":true"));
    let gate = execution.waits.iter().find(|wait| matches!(wait.kind, WaitKind::Approval | WaitKind::ClientTool));
    let refused = execution.stop_class == Some(StopClass::Refusal) || matches!(execution.status, Status::Denied | Status::Blocked);
    let (asked, certain) = if let Some(wait) = execution.waits.iter().find(|wait| by_agent(wait.kind)) {
        ("agent_tool", !wait.inferred)
    } else if escalates {
        ("agent_tool", true)
    } else if let Some(wait) = gate {
        ("gate", !wait.inferred)
    } else if refused {
        ("gate", true)
    } else if shows {
        ("none", true)
    } else {
        ("unknown", false)
    };
    let stated = execution.stated.as_deref().map_or_else(|| facts_hash(execution), str::to_owned);
    Facts {
        asked: asked.to_owned(),
        asked_certain: certain,
        stopped: execution.stop_class.is_some(),
        // A label is stale when the sources tell something else, not when a person does.
        hash: stated.get(..16).unwrap_or_default().to_owned(),
        marks: stated.get(16..).unwrap_or_default().to_owned(),
        ..Facts::default()
    }
}

/// Gives the hash by which a later change of an execution's facts is seen, 16 hex digits, and the marks of its parts after it.
#[must_use]
pub fn facts_hash(execution: &Execution) -> String {
    let e = execution;
    let parts = [
        serde_json::to_string(&e.args),
        serde_json::to_string(&e.effects),
        serde_json::to_string(&e.waits),
        serde_json::to_string(&e.status),
        serde_json::to_string(&e.ran),
        serde_json::to_string(&e.retry_of),
    ]
    .map(Result::unwrap_or_default);
    let whole = hash(&format!("[{}]", parts.join(",")));
    let marks = parts.iter().map(|part| hash(part).chars().take(4).collect::<String>());
    std::iter::once(whole).chain(marks).collect()
}

fn hash(text: &str) -> String {
    crate::model::ids::hex(&Sha256::digest(text)[..8])
}

/// Makes a point that is no call: a step, or with no step of its own the whole, which stands at 0.
fn without_call(target: Target, seqs: Vec<u32>, cut: u32, facts: Facts) -> Point {
    let seq = seqs.first().copied().unwrap_or(0);
    Point { target, seq, seqs, cut, cluster: Cluster::default(), tool: String::new(), risk: 0, waits_ms: Vec::new(), found: Vec::new(), facts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_of_a_call_is_named() {
        let before = Execution::new("a");
        let mut now = before.clone();
        now.ran = Some(true);
        now.args = Some("{}".into());
        let (before, now) = (facts_hash(&before), facts_hash(&now));
        assert_ne!(before[..16], now[..16]);
        assert_eq!(changed_parts(&before[16..], &now[16..]), ["its arguments", "whether it ran"]);
        assert!(changed_parts("", &now[16..]).is_empty());
    }
}
