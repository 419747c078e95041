//! The events of a run as Maestro's documents name them, made of the steps, waits and scores of a trajectory.

use super::lineage;
use crate::model::{Actor, Decision, Execution, Kind, Status, Step, Timestamp, Trajectory, Wait, WaitKind};
use std::collections::HashSet;

/// Characters of a summary, as in Maestro's own.
const SUMMARY: usize = 180;

/// One event as both documents know it.
pub(super) struct Item<'a> {
    /// Its id in the timeline.
    pub id: String,
    /// Its type.
    pub kind: &'static str,
    pub status: &'static str,
    pub visibility: &'static str,
    pub title: String,
    pub at: Option<Timestamp>,
    /// One line: the beginning of a message, or what is known of the event as `Name: value | Name: value`.
    pub summary: String,
    /// The call it is about.
    pub execution: Option<&'a Execution>,
    /// The request it is about, and what that asks for.
    pub request: Option<(String, WaitKind)>,
    /// Whether the platform let a waiting call go on.
    pub resumes: bool,
    /// What the event says of the whole: a name and an id for each.
    pub ids: Vec<(String, String)>,
}

/// Gives the events in order: of an entry that was read in blocks, and of what was decided or answered twice about one call, the first.
pub(super) fn items(trajectory: &Trajectory) -> Vec<Item<'_>> {
    let mut seen = HashSet::new();
    let about = |item: &Item<'_>| match (item.kind, item.execution) {
        ("tool.completed" | "tool.failed", Some(e)) => format!("result {}", e.id),
        ("policy.decision", Some(e)) if item.request.is_none() => format!("policy {}", e.id),
        _ => item.id.clone(),
    };
    let steps = trajectory.steps.iter().filter_map(|step| of_step(trajectory, step));
    beginning(trajectory).into_iter().chain(steps).filter(|item| seen.insert(about(item))).collect()
}

fn item<'a>(id: String, kind: &'static str, status: &'static str, title: impl Into<String>, at: Option<Timestamp>) -> Item<'a> {
    let admin = matches!(kind, "policy.decision" | "compaction.created" | "model.changed" | "custom.event");
    let visibility = if admin { "admin" } else { "user" };
    Item { id, kind, status, visibility, title: title.into(), at, summary: String::new(), execution: None, request: None, resumes: false, ids: Vec::new() }
}

/// What is said of the whole: when it began, under which ids, and with which model.
fn beginning<'a>(trajectory: &Trajectory) -> Vec<Item<'a>> {
    let session = super::session(trajectory);
    let started = item(format!("session-started:{session}"), "session.started", "info", "Session started", trajectory.started_at);
    let mut begun = vec![Item { ids: lineage::ids(trajectory), ..started }];
    if let Some(model) = &trajectory.model {
        let whole = trajectory.provider.as_ref().map_or_else(|| model.clone(), |provider| format!("{provider}/{model}"));
        let changed = item(format!("model-change:{session}"), "model.changed", "info", "Model changed", trajectory.started_at);
        begun.push(Item { summary: whole, ..changed });
    }
    begun
}

fn of_step<'a>(trajectory: &'a Trajectory, step: &'a Step) -> Option<Item<'a>> {
    let execution = step.execution.as_deref().and_then(|id| trajectory.execution(id));
    let entry = step.id.rsplit_once('.').map_or(step.id.as_str(), |(entry, _)| entry);
    let call = execution.map_or(entry, |e| e.call_id.as_deref().unwrap_or(&e.id));
    let tool = execution.map_or("tool", |e| e.tool.as_str());
    let made = match (step.kind, step.actor) {
        (Kind::Message, Actor::User) => said(step, entry, "message.user", "User message"),
        (Kind::Message, Actor::Assistant) => said(step, entry, "message.assistant", "Assistant response"),
        (Kind::ToolCall, _) => {
            let asked = item(format!("tool-requested:{entry}:{call}"), "tool.requested", "running", format!("Requested {tool}"), step.at);
            Item { summary: execution.map(requested).unwrap_or_default(), ..asked }
        }
        (Kind::ToolResult, _) => ended(execution, step, &format!("tool-result:{entry}:{call}"), tool),
        (Kind::Policy, _) => decided(execution, step, &format!("policy-decision:{entry}:{call}"), tool),
        (Kind::Wait, _) => asked(wait_of(execution?, step)?, entry, tool, step.at),
        (Kind::Resolution, _) => resolved(execution?, wait_of(execution?, step)?, entry, tool, step.at),
        (Kind::Eval, _) => {
            let id = if step.id.starts_with("eval:") { step.id.clone() } else { format!("eval:{}", step.id) };
            Item { summary: scored(&step.text), ..item(id, "custom.event", "completed", "Evaluation", step.at) }
        }
        (Kind::Artifact, _) => item(linked(entry), "artifact.linked", "info", "Artifact", step.at),
        (Kind::Context, _) if step.id.ends_with(".compaction") => item(format!("compaction:{entry}"), "compaction.created", "info", "Compaction", step.at),
        (Kind::Context, _) => resumed(execution?, step)?,
        _ => return None,
    };
    Some(Item { execution, ..made })
}

fn said<'a>(step: &Step, entry: &str, kind: &'static str, title: &str) -> Item<'a> {
    Item { summary: line(&step.text), ..item(format!("message:{entry}"), kind, "completed", title, step.at) }
}

/// What is known of a call before it runs.
fn requested(e: &Execution) -> String {
    let recorded = e.risk.filter(|_| e.risk_origin == Some(crate::model::RiskOrigin::Recorded));
    let mode = Some(e.governance.mode).filter(|mode| *mode != crate::model::GovernanceMode::Unknown);
    parts(&[("Risk", text(recorded)), ("Mode", text(mode))])
}

fn ended<'a>(execution: Option<&Execution>, step: &Step, id: &str, tool: &str) -> Item<'a> {
    let Some(e) = execution else { return item(id.to_owned(), "tool.failed", "failed", format!("Failed {tool}"), step.at) };
    let (kind, status, word) = match e.status {
        Status::Succeeded => ("tool.completed", "completed", "Completed"),
        Status::Denied | Status::Blocked => ("tool.failed", "denied", "Failed"),
        _ => ("tool.failed", "failed", "Failed"),
    };
    let told = matches!(e.status, Status::Succeeded | Status::Denied | Status::Failed);
    let stop = e.stop_class.map(|class| stop(e, class)).unwrap_or_default();
    let told_ran = match e.status {
        Status::Succeeded => Some(true),
        Status::Denied => Some(false),
        _ => None,
    };
    let mut known = vec![
        ("Status", text(Some(e.status).filter(|_| !told))),
        ("Outcome", e.governed_outcome.clone()),
        ("Code", e.error_code.clone()),
        ("Ran", Some(e.ran.map_or_else(|| "unknown".to_owned(), |ran| ran.to_string())).filter(|_| e.ran != told_ran)),
        ("Attempts", text(Some(e.attempts).filter(|n| *n > 1))),
    ];
    known.extend(stop);
    Item { summary: parts(&known), ..item(id.to_owned(), kind, status, format!("{word} {tool}"), e.ended_at.or(step.at)) }
}

/// Why a call did not run, and whose word that was.
fn stop(e: &Execution, class: crate::model::StopClass) -> Vec<(&'static str, Option<String>)> {
    let last = e.waits.iter().rev().find(|wait| wait.kind == WaitKind::Approval);
    let decision = last.and_then(|wait| wait.decision).filter(|decision| !lets_go(*decision)).unwrap_or(Decision::Denied);
    let inferred = last.is_some_and(|wait| wait.inferred && wait.decided_at.is_none());
    vec![
        ("Stop", text(Some(class))),
        ("Decision", text(Some(decision))),
        ("By", text(last.and_then(|wait| wait.decided_by))),
        ("Inferred", text(Some(true).filter(|_| inferred))),
    ]
}

fn decided<'a>(execution: Option<&Execution>, step: &Step, id: &str, tool: &str) -> Item<'a> {
    // What was read from a timeline has its name there already.
    let known = step.aliases.iter().find(|alias| alias.starts_with("policy-decision:")).cloned().unwrap_or_else(|| id.to_owned());
    let title = format!("Policy decision for {tool}");
    let Some(e) = execution else { return item(known, "policy.decision", "info", title, step.at) };
    let stopped = matches!(e.status, Status::Denied | Status::Blocked);
    let asked = e.waits.iter().any(|wait| wait.kind == WaitKind::Approval && !wait.inferred);
    let status = match e.governed_outcome.as_deref() {
        Some("denied") => "denied",
        Some("approval_required" | "approval_pending" | "authentication_required" | "rate_limited") => "pending",
        _ if stopped && !asked => "denied",
        _ => "info",
    };
    let rules = Some(e.governance.matched_rules.join(", ")).filter(|rules| !rules.is_empty());
    let summary = parts(&[
        ("Outcome", e.governed_outcome.clone()),
        ("Code", e.error_code.clone()),
        ("Policy", e.governance.policy_id.clone()),
        ("Record", e.governance.decision_id.clone()),
        ("Rules", rules),
    ]);
    Item { summary, ..item(known, "policy.decision", status, title, step.at) }
}

/// A request while it was open; Maestro's own timelines hold those that still are, and no more.
fn asked<'a>(wait: &Wait, entry: &str, tool: &str, at: Option<Timestamp>) -> Item<'a> {
    let status = match wait.decision {
        None => "pending",
        Some(decision) if lets_go(decision) => "approved",
        Some(Decision::Escalated) => "info",
        Some(_) => "denied",
    };
    let request = wait.request_id.clone().unwrap_or_else(|| entry.to_owned());
    let made = item(format!("pending:{entry}"), "wait.pending", status, format!("Waiting for {}: {tool}", asked_for(wait.kind)), at);
    Item { summary: wait.reason.as_deref().map(line).unwrap_or_default(), request: Some((request, wait.kind)), ..made }
}

/// Names what is waited for in the words of Maestro's titles, by which a trajectory tells it.
const fn asked_for(kind: WaitKind) -> &'static str {
    match kind {
        WaitKind::Approval => "approval",
        WaitKind::ClientTool => "client tool",
        WaitKind::McpElicitation => "MCP input",
        WaitKind::UserInput => "user input",
        WaitKind::ToolRetry => "retry",
    }
}

/// How a request was settled: a decision about the call, told apart from a policy's own by the request that it names.
fn resolved<'a>(e: &Execution, wait: &Wait, entry: &str, tool: &str, at: Option<Timestamp>) -> Item<'a> {
    let decision = wait.decision;
    let status = match decision {
        Some(decision) if lets_go(decision) => "approved",
        Some(Decision::Escalated) | None => "info",
        Some(_) => "denied",
    };
    let stops = decision.is_some_and(|decision| !lets_go(decision) && decision != Decision::Escalated) && wait.kind != WaitKind::ToolRetry;
    let summary = parts(&[
        ("Decision", text(decision)),
        ("By", text(wait.decided_by)),
        ("Scope", text(wait.scope)),
        ("Stop", text(e.stop_class.filter(|_| stops))),
        ("At", wait.decided_at.map(|at| at.to_string())),
        ("Before", wait.decided_before.filter(|_| wait.decided_at.is_none()).map(|at| at.to_string())),
        ("Inferred", text(Some(true).filter(|_| wait.inferred))),
        ("Reason", wait.decision_reason.as_deref().map(line).filter(|reason| !reason.is_empty())),
    ]);
    let request = wait.request_id.clone().unwrap_or_else(|| entry.to_owned());
    let made = item(format!("resolved:{entry}"), "policy.decision", status, format!("Decision on {}: {tool}", asked_for(wait.kind)), at);
    Item { summary, request: Some((request, wait.kind)), ..made }
}

fn resumed<'a>(e: &Execution, step: &Step) -> Option<Item<'a>> {
    let wait = e.waits.iter().find(|wait| wait.resumed_at.is_some() && wait.resumed_at == step.at)?;
    let id = if step.id.starts_with("resumed:") { step.id.clone() } else { format!("resumed:{}", step.id) };
    let made = item(id, "custom.event", "info", "Resumed", step.at);
    Some(Item { request: wait.request_id.clone().map(|request| (request, wait.kind)), resumes: true, ..made })
}

/// The wait that a step is about: by the request that names both, else the one there is.
fn wait_of<'a>(e: &'a Execution, step: &Step) -> Option<&'a Wait> {
    let names = |wait: &&Wait| {
        let named = |id: &str| id.rsplit_once('.').is_some_and(|(request, _)| wait.request_id.as_deref() == Some(request));
        named(&step.id) || step.aliases.iter().any(|alias| named(alias))
    };
    e.waits.iter().find(names).or_else(|| e.waits.first().filter(|_| e.waits.len() == 1))
}

const fn lets_go(decision: Decision) -> bool {
    matches!(decision, Decision::Approved | Decision::AutoApproved | Decision::Modified | Decision::Answered | Decision::Retried)
}

/// Takes the score apart that the text of its step holds: metric, score of what was wanted, and whether it passed.
fn scored(said: &str) -> String {
    let (mut score, mut threshold, mut passed, mut metric) = (None, None, None, None);
    for part in said.split(" · ") {
        let (value, wanted) =
            part.strip_suffix(" wanted").and_then(|both| both.split_once(" of ")).map_or((part, None), |(value, wanted)| (value, Some(wanted)));
        match part {
            "passed" | "failed" if passed.is_none() => passed = Some((part == "passed").to_string()),
            // What stands after the verdict is its rationale.
            _ if passed.is_some() => break,
            _ if value.parse::<f64>().is_ok() && score.is_none() => (score, threshold) = (Some(value.to_owned()), wanted.map(str::to_owned)),
            _ if metric.is_none() && score.is_none() => metric = Some(part.to_owned()),
            _ => break,
        }
    }
    parts(&[("Metric", metric), ("Score", score), ("Threshold", threshold), ("Passed", passed)])
}

/// Names an artifact; what was read from a timeline has its name there already.
fn linked(entry: &str) -> String {
    let named = entry.starts_with("artifact-linked:") || entry.starts_with("file-change:");
    if named { entry.to_owned() } else { format!("artifact-linked:{entry}") }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// Writes what is known, in the form in which Maestro itself sums up a decision.
fn parts(known: &[(&str, Option<String>)]) -> String {
    known.iter().filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}: {value}"))).collect::<Vec<_>>().join(" | ")
}

/// The beginning of a text on one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SUMMARY).collect::<String>().trim_end().to_owned()
}
