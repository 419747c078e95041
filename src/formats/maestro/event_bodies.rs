//! The types of Maestro's event bus, each as facts (Maestro, `maestro-event-catalog.ts`; proto `maestro/v1`).

use super::denials::{is_block, stop_in};
use super::event_approvals;
use super::lineage::{self, word};
use crate::formats::Output;
use crate::formats::json::Node;
use crate::model::fact::{CallFact, EvalFact, Link, PolicyFact, ResultFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, ExecutionContext, Fact, Risk, Slot, Span, Status, StopClass, Timestamp};

/// One event, its envelope opened.
pub struct Event<'e> {
    /// Type, such as `maestro.events.approval_hit`.
    pub what: &'e str,
    /// Id of the event.
    pub id: Option<String>,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Its data.
    pub data: &'e Node<'e>,
    /// Its surroundings, those of its session included.
    pub context: ExecutionContext,
    /// Where it stands.
    pub span: Span,
}

/// Pushes what an event says; a type that is not in the catalog stays as context.
pub fn push(event: &Event<'_>, out: &mut Output) {
    let name = event.what.strip_prefix("maestro.events.").unwrap_or(event.what);
    match name {
        "tool_call.attempted" => attempted(event, out),
        "tool_call.completed" | "tool_call.failed" => ended(event, out),
        "approval_hit" => event_approvals::hit(event, out),
        "eval.scored" => eval(event, out),
        "skill.invoked" | "skill.succeeded" | "skill.failed" => skill(event, name, out),
        "sandbox_violation" | "firewall_block" => event_approvals::block(event, name, out),
        "artifact.created" => {
            let body = Body::Artifact { link: event.link(), text: event.plain_text() };
            event.fact(event.slot(), Actor::Tool, body, out);
        }
        "error.captured" => {
            let text = event.data.owned(&["message", "error_message"]).unwrap_or_else(|| event.plain_text());
            event.fact(event.slot(), Actor::Runtime, Body::Error(text), out);
        }
        _ => {
            if name.starts_with("maestro.sessions.session.") {
                lifecycle(event, out);
            }
            let text = format!("{name}\n{}", event.plain_text());
            let body = if name.ends_with(".resumed") { Body::Resumed { link: event.link(), text } } else { Body::Context(text) };
            event.fact(event.slot(), Actor::System, body, out);
        }
    }
}

impl Event<'_> {
    /// Gives a text or number of the data.
    pub fn text(&self, key: &str) -> Option<String> {
        self.data.owned(&[key])
    }

    /// Gives the event's own slot.
    pub fn slot(&self) -> Slot {
        self.id.clone().map_or(Slot::Own, Slot::Named)
    }

    /// Gives the slot `<call>.<what>`, or the event's own where it names no call.
    pub fn slot_of(&self, call: Option<&str>, what: &str) -> Slot {
        call.map_or_else(|| self.slot(), |call| Slot::Named(format!("{call}.{what}")))
    }

    /// Gives the ids that the data states.
    pub fn link(&self) -> Link {
        Link {
            call_id: self.text("tool_call_id"),
            request_id: None,
            approval_request_id: self.text("approval_request_id"),
            tool_execution_id: self.text("tool_execution_id"),
            tool: self.text("tool_name"),
            args: None,
            step: self.step(),
        }
    }

    /// Gives the step of the agent's run. Live publishers name it by the call; others do not.
    pub fn step(&self) -> Option<String> {
        self.data.get("correlation")?.owned(&["agent_run_step_id"])
    }

    /// Gives the recorded risk.
    pub fn risk(&self) -> Option<Risk> {
        Risk::parse(&word(self.data.str("risk_level")?, "RISK_LEVEL_"))
    }

    /// Gathers the text of the data without correlation and metadata, which the lineage holds.
    pub fn plain_text(&self) -> String {
        let fields = self.data.fields().iter().filter(|(key, _)| !matches!(key.as_ref(), "correlation" | "prompt_metadata" | "skill_metadata" | "@type"));
        let lines = fields.map(|(key, value)| {
            let text = value.all_text();
            if text.is_empty() { format!("{key}: {}", value.raw) } else { format!("{key}: {text}") }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Pushes a fact of the event, with its claims of redaction.
    pub fn fact(&self, slot: Slot, actor: Actor, body: Body, out: &mut Output) {
        let mut fact = Fact::new(slot, self.span.clone(), actor, body).at(self.at);
        fact.aliases.extend(self.id.clone().filter(|id| fact.slot != Slot::Named(id.clone())));
        let labels = self.data.get("redactions").map_or(&[][..], Node::items);
        fact.claims.extend(labels.iter().filter_map(Node::as_str).map(str::to_owned));
        let noted = lineage::metadata(self.data, "maestro_local_output_redactions").filter(|list| list != "none");
        fact.claims.extend(noted.iter().flat_map(|list| list.split(',')).map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()));
        out.push(fact);
    }
}

/// A refusal by policy, as recorded.
pub const fn refusal() -> Stop {
    Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::Policy), inferred: false }
}

fn attempted(event: &Event<'_>, out: &mut Output) {
    let data = event.data;
    let args = data.get("safe_arguments").filter(|args| !args.is_null()).map(Node::raw_args);
    let redacted = lineage::metadata(data, "maestro_redacted_arguments").is_some_and(|v| v == "true");
    let link = Link { args: args.clone(), ..event.link() };
    let slot = link.call_id.clone().map_or_else(|| event.slot(), Slot::Call);
    let call = CallFact {
        tool: link.tool.clone().unwrap_or_default(),
        args_partial: redacted || data.get("redactions").is_some_and(|r| !r.items().is_empty()),
        command: event.text("command"),
        risk: event.risk(),
        mutates: data.bool_any(&["mutates_resource"]),
        context: Some(Box::new(event.context.clone())),
        mode: lineage::mode(data),
        args,
        link,
        ..CallFact::default()
    };
    event.fact(slot, Actor::Assistant, Body::Call(Box::new(call)), out);
    if let Some(binding) = lineage::authoritative(data) {
        let policy = PolicyFact {
            text: format!("Local execution is authoritative: {binding}"),
            authoritative: Some(binding),
            mode: lineage::mode(data),
            link: event.link(),
            ..PolicyFact::default()
        };
        event.fact(event.slot_of(data.str("tool_call_id"), "authority"), Actor::Policy, Body::Policy(Box::new(policy)), out);
    }
}

fn ended(event: &Event<'_>, out: &mut Output) {
    let data = event.data;
    let link = event.link();
    let outcome = data.get("governed_outcome").and_then(|o| o.as_str().map(str::to_owned).or_else(|| o.owned(&["classification"])));
    let error = event.text("error_message");
    let (status, stop) = status(event, outcome.as_deref(), error.as_deref());
    let noted = || lineage::metadata(data, "maestro_local_output_summary");
    let output = data.get("safe_output").map(Node::all_text).or_else(noted).filter(|text| !text.is_empty());
    let duration = data.str("duration").and_then(|d| d.strip_suffix('s')?.parse::<f64>().ok());
    #[allow(clippy::cast_possible_truncation)]
    let started_at = event.at.zip(duration).and_then(|(end, seconds)| Timestamp::from_ms(end.ms().checked_sub((seconds * 1e3).round() as i64)?));
    let slot = link.call_id.clone().map_or_else(|| event.slot(), Slot::Result);
    let result = ResultFact {
        partial: error.is_none() || output.is_some(),
        text: output.or_else(|| error.clone()).unwrap_or_default(),
        status,
        is_error: None,
        error_code: event.text("error_code"),
        error,
        governed_outcome: outcome,
        ran: match (status, &stop) {
            (Some(Status::Succeeded), _) => Some(true),
            (_, Some(_)) => Some(false),
            // The bridge notes how the call ended where it ran.
            _ => lineage::metadata(data, "maestro_local_outcome").map(|_| true),
        },
        stop,
        retries: 0,
        superseded: false,
        started_at,
        context: Some(Box::new(event.context.clone())),
        mode: lineage::mode(data),
        link,
    };
    event.fact(slot, Actor::Tool, Body::Result(Box::new(result)), out);
}

/// Error codes by which a policy or an approver says no.
const REFUSALS: [&str; 3] = ["denied", "policy_denied", "approval_denied"];

/// Reads how a call ended. A live publisher writes a stop as FAILED: the governed outcome or the error's code tells a no,
/// and where they are silent the wording of the error, which is inferred; any other text is a failure, or a reason typed by
/// a person, which the bus alone cannot tell apart.
fn status(event: &Event<'_>, outcome: Option<&str>, error: Option<&str>) -> (Option<Status>, Option<Stop>) {
    let word = event.data.str("status").map(|s| word(s, "MAESTRO_TOOL_CALL_STATUS_"));
    let code = event.data.str("error_code");
    match word.as_deref() {
        Some("succeeded") => (Some(Status::Succeeded), None),
        Some("cancelled") => (Some(Status::Cancelled), error.and_then(stop_in).filter(|stop| stop.class == StopClass::Lapse)),
        Some("denied") => {
            (Some(Status::Denied), Some(error.and_then(stop_in).map_or_else(|| Stop { by: outcome.map(|_| DecidedBy::Policy), ..refusal() }, certain)))
        }
        Some("failed") if outcome == Some("denied") || (outcome.is_none() && code.is_some_and(|code| REFUSALS.contains(&code))) => {
            (Some(Status::Denied), Some(refusal()))
        }
        Some("failed") => failed(error),
        _ if event.what.ends_with(".failed") => failed(error),
        _ => (None, None),
    }
}

fn failed(error: Option<&str>) -> (Option<Status>, Option<Stop>) {
    let stop = error.and_then(stop_in);
    let status = if stop.is_some() && error.is_some_and(is_block) { Status::Blocked } else { Status::Failed };
    (Some(status), stop)
}

fn certain(stop: Stop) -> Stop {
    Stop { inferred: false, ..stop }
}

fn eval(event: &Event<'_>, out: &mut Output) {
    let data = event.data;
    let link = event.link();
    let slot = event.slot_of(link.call_id.as_deref(), "eval");
    let eval = EvalFact {
        metric: data.owned(&["metric", "evaluation_name", "tool_name"]),
        score: data.f64_any(&["score"]),
        threshold: data.f64_any(&["threshold"]),
        passed: data.bool_any(&["passed"]),
        rationale: event.text("rationale"),
        eval_run_id: event.text("eval_run_id"),
        scenario_id: event.text("scenario_id"),
        link,
    };
    out.about().lineage.eval_run_ids.extend(eval.eval_run_id.clone());
    event.fact(slot, Actor::Runtime, Body::Eval(Box::new(eval)), out);
}

fn skill(event: &Event<'_>, name: &str, out: &mut Output) {
    let data = event.data;
    let skill = data.path(&["skill_metadata", "name"]).and_then(Node::as_str).or_else(|| data.str("skill_id")).unwrap_or("unnamed");
    let mut text = format!("{name}: {skill}");
    let status = data.str("status").map(|s| word(s, "MAESTRO_SKILL_OUTCOME_STATUS_"));
    let score = event.text("evaluation_score").map(|score| format!("score {score}"));
    let more = [status, score, event.text("error_message"), event.text("evaluation_rationale"), event.text("stop_reason")];
    for part in more.into_iter().flatten() {
        text.push_str(" | ");
        text.push_str(&part);
    }
    let link = event.link();
    let slot = event.slot_of(link.call_id.as_deref(), if name == "skill.invoked" { "skill" } else { "skill_outcome" });
    event.fact(slot, Actor::Runtime, Body::Skill { link, text, failed: name.ends_with("failed") }, out);
}

fn lifecycle(event: &Event<'_>, out: &mut Output) {
    let data = event.data;
    let about = out.about();
    let set = |to: &mut Option<String>, keys: &[&str]| {
        if to.is_none() {
            *to = data.owned(keys);
        }
    };
    set(&mut about.cwd, &["workspace_root"]);
    set(&mut about.repository, &["repository"]);
    set(&mut about.git_ref, &["git_ref"]);
    set(&mut about.agent_version, &["runtime_version"]);
    about.started_at = about.started_at.or_else(|| data.time(&["started_at"]));
    about.ended_at = data.time(&["closed_at"]).or(about.ended_at);
}
