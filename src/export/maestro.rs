//! Writing a trajectory back in Maestro's own documents: the run timeline, and the agent trajectory made of it.
//!
//! Both say what happened when, under which ids, and hold no prompt, argument or output whole: of a message its beginning, as Maestro's own do.

mod items;
mod lineage;

use super::json::Json;
use crate::model::Trajectory;
use items::{Item, items};
use std::collections::BTreeMap;

/// What the agent trajectory calls a type of the timeline: kind and phase.
const PHASES: &[(&str, &str, &str)] = &[
    ("session.started", "session", "setup"),
    ("model.changed", "context", "setup"),
    ("message.user", "message", "observe"),
    ("message.assistant", "message", "think"),
    ("tool.requested", "tool", "act"),
    ("tool.completed", "tool", "verify"),
    ("tool.failed", "tool", "verify"),
    ("policy.decision", "governance", "govern"),
    ("wait.pending", "wait", "wait"),
    ("artifact.linked", "artifact", "verify"),
    ("compaction.created", "context", "setup"),
    ("custom.event", "runtime", "finish"),
];

/// The time of the last event that is written: a document read again knows no other end.
fn last(items: &[Item<'_>]) -> Option<String> {
    items.iter().filter_map(|item| item.at).max_by_key(|at| at.ms()).map(|at| at.to_string())
}

/// Writes the run timeline.
#[must_use]
pub fn timeline(trajectory: &Trajectory) -> Json {
    let items = items(trajectory);
    let pending = items.iter().filter(|item| item.kind == "wait.pending" && item.status == "pending").count();
    let one = |item: &Item<'_>| {
        let mut json = Json::object([
            ("id", item.id.as_str().into()),
            ("sessionId", session(trajectory).into()),
            ("timestamp", item.at.map(|at| at.to_string()).into()),
            ("type", item.kind.into()),
            ("title", item.title.as_str().into()),
            ("visibility", item.visibility.into()),
            ("source", source(item).into()),
            ("status", item.status.into()),
        ]);
        if !item.summary.is_empty() || item.kind.starts_with("message.") {
            json.push("summary", item.summary.as_str().into());
        }
        if let Some((request, kind)) = &item.request {
            json.push("pendingRequestId", request.as_str().into());
            json.push("pendingRequestKind", kind.as_str().into());
        }
        if item.resumes {
            json.push("platformOperation", "ResumeToolExecution".into());
        }
        if let Some(role) = item.kind.strip_prefix("message.") {
            json.push("role", role.into());
        }
        if item.kind == "session.started" {
            json.push("metadata", lineage::metadata(trajectory));
        }
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
            ("timestamp", item.at.map(|at| at.to_string()).into()),
            ("kind", kind.into()),
            ("phase", phase.into()),
            ("actor", actor(item).into()),
            ("type", item.kind.into()),
            ("status", item.status.into()),
            ("visibility", item.visibility.into()),
            ("source", source(item).into()),
            ("title", item.title.as_str().into()),
        ]);
        if !item.summary.is_empty() || item.kind.starts_with("message.") {
            event.push("summary", item.summary.as_str().into());
        }
        if let Some(e) = item.execution {
            event.push("toolName", e.tool.as_str().into());
        }
        let related: std::collections::BTreeSet<String> = evidence.iter().filter(|(kind, _)| kind != "timeline_item").map(|(_, id)| id.clone()).collect();
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
        "session.started" | "model.changed" | "compaction.created" => "system",
        "tool.completed" | "tool.failed" => "tool",
        _ => "runtime",
    }
}

fn evidence(item: &Item<'_>) -> Vec<(String, String)> {
    let mut list = vec![("timeline_item", item.id.clone())];
    if let Some(e) = item.execution {
        list.push(("tool_call", e.call_id.clone().unwrap_or_else(|| e.id.clone())));
        list.extend(e.tool_execution_id.clone().map(|id| ("tool_execution", id)));
        list.extend(e.approval_request_id.clone().map(|id| ("approval_request", id)));
    }
    list.extend(item.request.as_ref().map(|(request, _)| ("pending_request", request.clone())));
    list.into_iter().map(|(kind, id)| (kind.to_owned(), id)).chain(item.ids.iter().cloned()).collect()
}
