//! Writing a trajectory back in Maestro's own documents: the run timeline, and the agent trajectory made of it.
//!
//! Both are free of content by design: they say what happened when, with ids, and hold no prompt, argument or output.

use super::json::Json;
use crate::model::{Actor, Execution, Kind, Status, Step, Trajectory};
use std::collections::{BTreeMap, HashSet};

/// One event as both documents know it.
struct Item<'a> {
    id: String,
    kind: &'static str,
    status: &'static str,
    visibility: &'static str,
    title: String,
    step: &'a Step,
    execution: Option<&'a Execution>,
}

/// What the agent trajectory calls a type of the timeline: kind and phase.
const PHASES: &[(&str, &str, &str)] = &[
    ("message.user", "message", "observe"),
    ("message.assistant", "message", "think"),
    ("tool.requested", "tool", "act"),
    ("tool.completed", "tool", "verify"),
    ("tool.failed", "tool", "verify"),
    ("policy.decision", "governance", "govern"),
    ("wait.pending", "wait", "wait"),
    ("artifact.linked", "artifact", "verify"),
    ("compaction.created", "context", "setup"),
];

/// Gives the events in order: of an entry that was read in blocks, and of what was decided or answered twice about one call, the first.
fn items(trajectory: &Trajectory) -> Vec<Item<'_>> {
    let mut seen = HashSet::new();
    let about = |item: &Item<'_>| match (item.kind, item.execution) {
        ("tool.completed" | "tool.failed", Some(e)) => format!("result {}", e.id),
        ("policy.decision", Some(e)) => format!("policy {}", e.id),
        _ => item.id.clone(),
    };
    trajectory.steps.iter().filter_map(|step| item(trajectory, step)).filter(|item| seen.insert(about(item))).collect()
}

fn item<'a>(trajectory: &'a Trajectory, step: &'a Step) -> Option<Item<'a>> {
    let execution = step.execution.as_deref().and_then(|id| trajectory.execution(id));
    let entry = step.id.rsplit_once('.').map_or(step.id.as_str(), |(entry, _)| entry);
    let call = execution.map_or(entry, |e| e.call_id.as_deref().unwrap_or(&e.id));
    let tool = execution.map_or("tool", |e| e.tool.as_str());
    let pending = |e: &Execution| e.waits.iter().any(|wait| wait.decision.is_none());
    let stopped = |e: &Execution| matches!(e.status, Status::Denied | Status::Blocked);
    let (kind, id, status, visibility, title) = match (step.kind, step.actor) {
        (Kind::Message, Actor::User) => ("message.user", format!("message:{entry}"), "info", "user", "User message".to_owned()),
        (Kind::Message, Actor::Assistant) => ("message.assistant", format!("message:{entry}"), "info", "user", "Assistant response".to_owned()),
        (Kind::ToolCall, _) => ("tool.requested", format!("tool-requested:{entry}:{call}"), "running", "user", format!("Requested {tool}")),
        (Kind::ToolResult, _) if execution.is_some_and(|e| e.status == Status::Succeeded) => {
            ("tool.completed", format!("tool-result:{entry}:{call}"), "completed", "user", format!("Completed {tool}"))
        }
        (Kind::ToolResult, _) => {
            let status = if execution.is_some_and(stopped) { "denied" } else { "failed" };
            ("tool.failed", format!("tool-result:{entry}:{call}"), status, "user", format!("Failed {tool}"))
        }
        (Kind::Policy, _) => {
            let status = if execution.is_some_and(stopped) { "denied" } else { "info" };
            // What was read from a timeline has its name there already.
            let known = step.aliases.iter().find(|alias| alias.starts_with("policy-decision:")).cloned();
            ("policy.decision", known.unwrap_or_else(|| format!("policy-decision:{entry}:{call}")), status, "admin", format!("Policy decision for {tool}"))
        }
        // Maestro's timeline knows waits only while they are open.
        (Kind::Wait, _) if execution.is_some_and(pending) => {
            ("wait.pending", format!("pending:{entry}"), "pending", "user", format!("Waiting for approval: {tool}"))
        }
        (Kind::Artifact, _) => ("artifact.linked", linked(entry), "info", "user", "Artifact".to_owned()),
        (Kind::Context, _) if step.id.ends_with(".compaction") => {
            ("compaction.created", format!("compaction:{entry}"), "info", "admin", "Compaction".to_owned())
        }
        _ => return None,
    };
    Some(Item { id, kind, status, visibility, title, step, execution })
}

/// Names an artifact; what was read from a timeline has its name there already.
fn linked(entry: &str) -> String {
    let named = entry.starts_with("artifact-linked:") || entry.starts_with("file-change:");
    if named { entry.to_owned() } else { format!("artifact-linked:{entry}") }
}

/// The time of the last event that is written: a document read again knows no other end.
fn last(items: &[Item<'_>]) -> Option<String> {
    items.iter().filter_map(|item| item.step.at).max_by_key(|at| at.ms()).map(|at| at.to_string())
}

/// Writes the run timeline.
#[must_use]
pub fn timeline(trajectory: &Trajectory) -> Json {
    let items = items(trajectory);
    let pending = items.iter().filter(|item| item.kind == "wait.pending").count();
    let one = |item: &Item<'_>| {
        let mut json = Json::object([
            ("id", item.id.as_str().into()),
            ("sessionId", session(trajectory).into()),
            ("timestamp", item.step.at.map(|at| at.to_string()).into()),
            ("type", item.kind.into()),
            ("title", item.title.as_str().into()),
            ("visibility", item.visibility.into()),
            ("source", source(item).into()),
            ("status", item.status.into()),
        ]);
        if let Some(e) = item.execution {
            json.push("toolCallId", e.call_id.as_deref().unwrap_or(&e.id).into());
            json.push("toolName", e.tool.as_str().into());
            for (key, id) in [("approvalRequestId", &e.approval_request_id), ("toolExecutionId", &e.tool_execution_id)] {
                if let Some(id) = id {
                    json.push(key, id.as_str().into());
                }
            }
        }
        json
    };
    Json::object([
        ("sessionId", session(trajectory).into()),
        ("source", whole_source(trajectory).into()),
        ("generatedAt", last(&items).into()),
        ("platformBacked", is_platform(trajectory).into()),
        ("pendingRequestCount", pending.into()),
        ("items", Json::Array(items.iter().map(one).collect())),
    ])
}

/// Writes the agent trajectory, `evalops.maestro.agent-trajectory.v1`.
#[must_use]
pub fn agent_trajectory(trajectory: &Trajectory) -> Json {
    let items = items(trajectory);
    let mut counts: [BTreeMap<String, u64>; 3] = Default::default();
    let mut anchors = 0;
    let mut events = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let (kind, phase) = PHASES.iter().find(|(name, ..)| *name == item.kind).map_or(("runtime", "recover"), |(_, kind, phase)| (*kind, *phase));
        for (count, key) in counts.iter_mut().zip([kind, phase, item.status]) {
            *count.entry(key.to_owned()).or_default() += 1;
        }
        let evidence = evidence(item);
        anchors += evidence.len();
        let mut event = Json::object([
            ("id", format!("trajectory:{}", item.id).into()),
            ("sequence", (i + 1).into()),
            ("timestamp", item.step.at.map(|at| at.to_string()).into()),
            ("kind", kind.into()),
            ("phase", phase.into()),
            ("actor", actor(item).into()),
            ("type", item.kind.into()),
            ("status", item.status.into()),
            ("visibility", item.visibility.into()),
            ("source", source(item).into()),
            ("title", item.title.as_str().into()),
        ]);
        if let Some(e) = item.execution {
            event.push("toolName", e.tool.as_str().into());
        }
        let related: std::collections::BTreeSet<String> = evidence.iter().filter(|(kind, _)| *kind != "timeline_item").map(|(_, id)| id.clone()).collect();
        event.push("relatedIds", related.into_iter().collect::<Vec<_>>().into());
        event.push("evidence", Json::Array(evidence.into_iter().map(|(kind, id)| Json::object([("kind", kind.into()), ("id", id.into())])).collect()));
        events.push(event);
    }
    let [kinds, phases, statuses] = counts.map(|count| Json::Object(count.into_iter().map(|(key, n)| (key, n.into())).collect()));
    let run = Json::object([
        ("id", session(trajectory).into()),
        ("sessionId", session(trajectory).into()),
        ("source", whole_source(trajectory).into()),
        ("generatedAt", last(&items).into()),
        ("platformBacked", is_platform(trajectory).into()),
    ]);
    let counts =
        Json::object([("events", events.len().into()), ("evidenceAnchors", anchors.into()), ("byKind", kinds), ("byPhase", phases), ("byStatus", statuses)]);
    Json::object([("schemaVersion", "evalops.maestro.agent-trajectory.v1".into()), ("run", run), ("counts", counts), ("events", events.into())])
}

fn session(trajectory: &Trajectory) -> &str {
    trajectory.lineage.session_id.as_deref().unwrap_or(&trajectory.id)
}

fn is_platform(trajectory: &Trajectory) -> bool {
    !trajectory.lineage.tool_execution_ids.is_empty()
}

fn whole_source(trajectory: &Trajectory) -> &'static str {
    if is_platform(trajectory) { "platform" } else { "local" }
}

fn source(item: &Item<'_>) -> &'static str {
    let governed = matches!(item.kind, "policy.decision" | "wait.pending") && item.execution.is_some_and(|e| e.tool_execution_id.is_some());
    if governed { "platform" } else { "local" }
}

fn actor(item: &Item<'_>) -> &'static str {
    match item.kind {
        _ if source(item) == "platform" => "platform",
        "message.user" => "user",
        "message.assistant" | "tool.requested" => "assistant",
        "compaction.created" => "system",
        _ => "runtime",
    }
}

fn evidence(item: &Item<'_>) -> Vec<(&'static str, String)> {
    let mut list = vec![("timeline_item", item.id.clone())];
    if let Some(e) = item.execution {
        list.push(("tool_call", e.call_id.clone().unwrap_or_else(|| e.id.clone())));
        list.extend(e.tool_execution_id.clone().map(|id| ("tool_execution", id)));
        list.extend(e.approval_request_id.clone().map(|id| ("approval_request", id)));
    }
    list
}
