//! The ids of a whole run as Maestro's documents hold them: at the event that says that it began.

use super::super::json::Json;
use crate::model::Trajectory;

/// Begins the name of what the correlation of Maestro's events carries.
const CORRELATION: &str = "correlation.";
/// Begins the name of a free attribute of the correlation.
const ATTRIBUTE: &str = "correlation.attributes.";

/// Lists every id of the lineage under the name of its place; a set has one line for each of its members.
pub(super) fn ids(trajectory: &Trajectory) -> Vec<(String, String)> {
    let lineage = &trajectory.lineage;
    let single = [
        ("organization_id", &lineage.organization_id),
        ("workspace_id", &lineage.workspace_id),
        ("agent_run_id", &lineage.agent_run_id),
        ("trace_id", &lineage.trace_id),
        ("request_id", &lineage.request_id),
        ("objective_id", &lineage.objective_id),
        ("conversation_id", &lineage.conversation_id),
        ("remote_runner_session_id", &lineage.remote_runner_session_id),
        ("parent_session", &lineage.parent_session),
    ];
    let mut ids: Vec<(String, String)> =
        single.into_iter().filter_map(|(name, id)| id.as_ref().map(|id| (format!("{CORRELATION}{name}"), id.clone()))).collect();
    let mut add = |name: String, id: &String| ids.push((name, id.clone()));
    lineage.agent_run_step_ids.iter().for_each(|id| add(format!("{CORRELATION}agent_run_step_id"), id));
    lineage.attributes.iter().for_each(|(name, value)| add(format!("{ATTRIBUTE}{name}"), value));
    // An arm, or a candidate, that only tags carried is stated by attributes here.
    let cohort = trajectory.cohort.as_ref();
    let candidate = lineage.candidate.as_ref();
    let carried = [
        ("arm", cohort.and_then(|c| c.arm.as_ref()), &["arm", "cohort"][..]),
        ("experiment", cohort.and_then(|c| c.experiment.as_ref()), &["experiment"]),
        ("base_model", candidate.and_then(|c| c.base_model.as_ref()), &["base_model", "candidate_base_model", "candidate.base_model"]),
        ("adapter", candidate.and_then(|c| c.adapter.as_ref()), &["adapter", "candidate_adapter", "candidate.adapter"]),
        ("checkpoint", candidate.and_then(|c| c.checkpoint.as_ref()), &["checkpoint", "candidate_checkpoint", "candidate.checkpoint"]),
        ("training_run_id", candidate.and_then(|c| c.run_id.as_ref()), &["training_run_id", "candidate_run_id", "candidate.run_id"]),
        (
            "training_bundle_sha256",
            candidate.and_then(|c| c.training_bundle_sha256.as_ref()),
            &["training_bundle_sha256", "candidate_training_bundle_sha256", "candidate.training_bundle_sha256"],
        ),
    ];
    for (name, value, stated) in carried {
        if let Some(value) = value.filter(|_| !stated.iter().any(|name| lineage.attributes.contains_key(*name))) {
            add(format!("{ATTRIBUTE}{name}"), value);
        }
    }
    lineage.eval_run_ids.iter().for_each(|id| add("eval_run".to_owned(), id));
    lineage.scenario_id.iter().for_each(|id| add("scenario".to_owned(), id));
    lineage.prompt.iter().for_each(|(name, value)| add(format!("prompt.{name}"), &value.to_string()));
    lineage.feature_flags.iter().for_each(|(name, value)| add(format!("feature_flag.{name}"), &value.to_string()));
    ids
}

/// Writes the metadata of the event with which a run begins: folder, correlation, prompt, skills, flags, evaluation runs and scenario.
pub(super) fn metadata(trajectory: &Trajectory) -> Json {
    let (mut correlation, mut attributes, mut steps, mut runs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (name, id) in ids(trajectory) {
        match (name.strip_prefix(ATTRIBUTE), name.strip_prefix(CORRELATION)) {
            (Some(attribute), _) => attributes.push((attribute.to_owned(), id.into())),
            (_, Some("agent_run_step_id")) => steps.push(id.into()),
            (_, Some(field)) => correlation.push((field.to_owned(), id.into())),
            _ if name == "eval_run" => runs.push(id.into()),
            _ => {}
        }
    }
    let lineage = &trajectory.lineage;
    let list = |items: Vec<Json>| Some(Json::Array(items)).filter(|list| *list != Json::Array(Vec::new()));
    let object = |fields: Vec<(String, Json)>| Some(Json::Object(fields)).filter(|object| *object != Json::Object(Vec::new()));
    if let Some(steps) = list(steps) {
        correlation.push(("agent_run_step_ids".to_owned(), steps));
    }
    if let Some(attributes) = object(attributes) {
        correlation.push(("attributes".to_owned(), attributes));
    }
    let fields = [
        ("cwd", trajectory.cwd.as_deref().map(Json::from)),
        ("repository", trajectory.repository.as_deref().map(Json::from)),
        ("correlation", object(correlation)),
        ("prompt_metadata", known(&lineage.prompt, lineage.prompt.is_empty())),
        ("skills", known(&lineage.skills, lineage.skills.is_empty())),
        ("feature_flags", known(&lineage.feature_flags, lineage.feature_flags.is_empty())),
        ("eval_run_ids", list(runs)),
        ("scenario_id", lineage.scenario_id.as_deref().map(Json::from)),
    ];
    Json::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

fn known(value: &impl serde::Serialize, empty: bool) -> Option<Json> {
    serde_json::to_string(value).ok().filter(|_| !empty).and_then(|text| Json::parse(&text).ok())
}
