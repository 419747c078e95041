//! Correlation records of the event bus: what they say of the whole session and of single calls.

use crate::formats::consent;
use crate::formats::json::Node;
use crate::model::{About, ExecutionContext, GovernanceMode, Lineage};
use std::collections::BTreeMap;

/// Takes an enum value's word: without its prefix, in lower case (`MAESTRO_SURFACE_CLI` gives `cli`).
#[must_use]
pub fn word(text: &str, prefix: &str) -> String {
    text.strip_prefix(prefix).unwrap_or(text).to_ascii_lowercase()
}

/// Copies an object for the lineage block.
#[must_use]
pub fn map(node: &Node<'_>) -> BTreeMap<String, serde_json::Value> {
    node.fields().iter().map(|(key, value)| (key.to_string(), value.to_value())).collect()
}

/// What a correlation record names once.
const FIELDS: [&str; 10] = [
    "session_id",
    "organization_id",
    "workspace_id",
    "agent_run_id",
    "trace_id",
    "request_id",
    "objective_id",
    "conversation_id",
    "remote_runner_session_id",
    "parent_session",
];

/// Takes in an id by its name in a correlation record; the first that is stated stays.
fn set(lineage: &mut Lineage, key: &str, id: String) {
    let to = match key {
        "session_id" => &mut lineage.session_id,
        "organization_id" => &mut lineage.organization_id,
        "workspace_id" => &mut lineage.workspace_id,
        "agent_run_id" => &mut lineage.agent_run_id,
        "trace_id" => &mut lineage.trace_id,
        "request_id" => &mut lineage.request_id,
        "objective_id" => &mut lineage.objective_id,
        "conversation_id" => &mut lineage.conversation_id,
        "remote_runner_session_id" => &mut lineage.remote_runner_session_id,
        "parent_session" => &mut lineage.parent_session,
        "agent_run_step_id" => {
            lineage.agent_run_step_ids.insert(id);
            return;
        }
        _ => return,
    };
    to.get_or_insert(id);
}

/// Takes in an id that stands in the evidence of an event under the name of its place, as `ossia cohort write` puts it there; runs of other agents,
/// such as a parent's, stay among the attributes.
pub fn anchored(lineage: &mut Lineage, kind: &str, id: String) {
    let value = |id: String| serde_json::from_str(&id).unwrap_or(serde_json::Value::String(id));
    if let Some(name) = kind.strip_prefix("correlation.attributes.") {
        lineage.attribute(name, id);
    } else if let Some(name) = kind.strip_prefix("correlation.") {
        set(lineage, name, id);
    } else if let Some(name) = kind.strip_prefix("prompt.") {
        lineage.prompt.entry(name.to_owned()).or_insert_with(|| value(id));
    } else if let Some(name) = kind.strip_prefix("feature_flag.") {
        lineage.feature_flags.entry(name.to_owned()).or_insert_with(|| value(id));
    } else if kind == "eval_run" {
        lineage.eval_run_ids.insert(id);
    } else if kind == "scenario" {
        lineage.scenario_id.get_or_insert(id);
    } else if kind.contains("agent_run") {
        lineage.attributes.entry(kind.to_owned()).or_insert(id);
    }
}

/// Takes in what a timeline says of the run where it begins: its correlation, folder, skills, flags, evaluation runs and scenario.
pub fn begun(about: &mut About, metadata: &Node<'_>) {
    add(about, metadata, None);
    about.cwd = about.cwd.take().or_else(|| metadata.owned(&["cwd"]));
    about.repository = about.repository.take().or_else(|| metadata.owned(&["repository"]));
    let lineage = &mut about.lineage;
    for skill in metadata.get("skills").map_or(&[][..], Node::items).iter().map(map) {
        if !lineage.skills.contains(&skill) {
            lineage.skills.push(skill);
        }
    }
    for (key, value) in metadata.get("feature_flags").map(map).unwrap_or_default() {
        lineage.feature_flags.entry(key).or_insert(value);
    }
    let runs = metadata.get("eval_run_ids").map_or(&[][..], Node::items).iter().filter_map(Node::as_str);
    lineage.eval_run_ids.extend(runs.map(str::to_owned));
    lineage.scenario_id = lineage.scenario_id.take().or_else(|| metadata.owned(&["scenario_id"]));
}

/// Adds what an event's data says of the session as a whole.
pub fn add(about: &mut About, data: &Node<'_>, tenant: Option<&str>) {
    let lineage = &mut about.lineage;
    if let Some(correlation) = data.get("correlation") {
        for key in FIELDS {
            correlation.owned(&[key]).into_iter().for_each(|id| set(lineage, key, id));
        }
        let steps = correlation.get("agent_run_step_ids").map_or(&[][..], Node::items).iter().filter_map(Node::as_str);
        lineage.agent_run_step_ids.extend(steps.map(str::to_owned));
        lineage.agent_run_step_ids.extend(correlation.owned(&["agent_run_step_id"]));
        for (key, value) in correlation.get("attributes").map_or(&[][..], Node::fields) {
            lineage.attribute(key, value.as_str().map_or_else(|| value.raw.to_owned(), str::to_owned));
        }
        // Ids without a field of their own are kept among the attributes.
        for key in ["agent_id", "actor_id", "principal_id", "parent_event_id"] {
            if let Some(id) = correlation.owned(&[key]) {
                lineage.attributes.entry(key.to_owned()).or_insert(id);
            }
        }
    }
    if lineage.organization_id.is_none() {
        lineage.organization_id = tenant.map(str::to_owned);
    }
    lineage.tool_execution_ids.extend(data.owned(&["tool_execution_id"]));
    lineage.approval_request_ids.extend(data.owned(&["approval_request_id"]));
    for (key, value) in data.get("prompt_metadata").map(map).unwrap_or_default() {
        lineage.prompt.entry(key).or_insert(value);
    }
    if let Some(skill) = data.get("skill_metadata").filter(|s| s.is_object()).map(map)
        && !lineage.skills.contains(&skill)
    {
        lineage.skills.push(skill);
    }
    if about.mode.is_none() {
        about.mode = mode(data);
    }
    for holder in [Some(data), data.get("metadata"), data.get("principal")].into_iter().flatten() {
        consent::hear(holder, &mut about.lineage);
    }
}

/// Reads the surroundings of a call from an event's data.
#[must_use]
pub fn context(data: &Node<'_>) -> ExecutionContext {
    let correlation = data.get("correlation");
    let of = |key: &str| correlation.and_then(|c| c.owned(&[key])).or_else(|| data.owned(&[key]));
    let noted = |key: &str| metadata(data, key);
    ExecutionContext {
        organization_id: of("organization_id"),
        workspace_id: of("workspace_id"),
        agent_run_id: of("agent_run_id").or_else(|| noted("maestro_agent_run_id")),
        agent_run_step_id: of("agent_run_step_id").or_else(|| noted("maestro_agent_run_step_id")),
        actor_id: of("actor_id").or_else(|| noted("maestro_actor_id")),
        surface: data.str("surface").map(|s| word(s, "MAESTRO_SURFACE_")),
        channel: of("channel_id"),
        cwd: noted("maestro_cwd").or_else(|| data.owned(&["workspace_root"])).or_else(|| noted("maestro_workspace_root")),
        repository: data.owned(&["repository"]).or_else(|| noted("maestro_repository")),
        correlation_id: of("correlation_id").or_else(|| noted("maestro_correlation_id")),
        idempotency_key: data.owned(&["idempotency_key"]),
        runtime_mode: data.str("runtime_mode").map(|s| word(s, "MAESTRO_RUNTIME_MODE_")),
    }
}

/// Reads whether policy bound the agent or only watched (`maestro_bridge_mode`).
#[must_use]
pub fn mode(data: &Node<'_>) -> Option<GovernanceMode> {
    GovernanceMode::parse(&metadata(data, "maestro_bridge_mode")?.to_ascii_lowercase())
}

/// Reads whether the local decision binds (`maestro_local_execution_authoritative`).
#[must_use]
pub fn authoritative(data: &Node<'_>) -> Option<bool> {
    match metadata(data, "maestro_local_execution_authoritative")?.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Finds a note of the platform bridge, wherever the record carries its string map.
#[must_use]
pub fn metadata(data: &Node<'_>, key: &str) -> Option<String> {
    let maps = [&["metadata"][..], &["context"], &["context", "metadata"], &["correlation", "attributes"]];
    let node = maps.iter().find_map(|path| data.path(path)?.get(key)).or_else(|| data.get(key))?;
    node.as_str().map(str::to_owned).or_else(|| node.as_bool().map(|truth| truth.to_string()))
}
