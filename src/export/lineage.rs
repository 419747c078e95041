//! Lineage: the line that leads from a row back to steps, bytes, ids and decisions.

use super::example::{Example, Side};
use super::json::Json;
use super::policy::Policy;
use crate::model::{Origin, Trajectory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Byte ranges of one source.
type Ranges = Vec<(u64, u64)>;

/// What a row's lineage needs of its trajectory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Whole {
    /// Trajectory id.
    pub id: Arc<str>,
    /// Agent, model, times and ids, as JSON: the same for every row of the trajectory.
    pub about: String,
    /// Origins of every step.
    pub origins: BTreeMap<String, Vec<Origin>>,
    /// Format of each source by its SHA-256.
    pub formats: BTreeMap<Arc<str>, String>,
}

impl Whole {
    /// Takes from a trajectory what lineage needs, each field as the policy says; `pseudonym` renames what must not leave in the clear.
    #[must_use]
    pub fn of(trajectory: &Trajectory, policy: &Policy, pseudonym: &dyn Fn(&str, &str) -> String) -> Self {
        let lineage = &trajectory.lineage;
        let list = |items: &std::collections::BTreeSet<String>| Json::from(items.iter().cloned().collect::<Vec<String>>());
        let plain = |value: serde_json::Value| Json::parse(&value.to_string()).unwrap_or(Json::Null);
        let map = |map: &BTreeMap<String, serde_json::Value>| Json::Object(map.iter().map(|(k, v)| (k.clone(), plain(v.clone()))).collect());
        let candidate = lineage.candidate.as_ref().map_or(Json::Null, |c| plain(serde_json::to_value(c).unwrap_or_default()));
        let cohort = trajectory.cohort.as_ref().map_or(Json::Null, |c| plain(serde_json::to_value(c).unwrap_or_default()));
        let about = Json::object([
            ("agent", trajectory.agent.as_str().into()),
            ("agent_version", trajectory.agent_version.clone().into()),
            ("model", trajectory.model.clone().into()),
            ("provider", trajectory.provider.clone().into()),
            ("cohort", cohort),
            ("session_id", lineage.session_id.clone().into()),
            ("parent_session", lineage.parent_session.clone().into()),
            ("organization_id", lineage.organization_id.clone().into()),
            ("workspace_id", lineage.workspace_id.clone().into()),
            ("agent_run_id", lineage.agent_run_id.clone().into()),
            ("agent_run_step_ids", list(&lineage.agent_run_step_ids)),
            ("trace_id", lineage.trace_id.clone().into()),
            ("request_id", lineage.request_id.clone().into()),
            ("objective_id", lineage.objective_id.clone().into()),
            ("conversation_id", lineage.conversation_id.clone().into()),
            ("remote_runner_session_id", lineage.remote_runner_session_id.clone().into()),
            ("eval_run_ids", list(&lineage.eval_run_ids)),
            ("scenario_id", lineage.scenario_id.clone().into()),
            ("tool_execution_ids", list(&lineage.tool_execution_ids)),
            ("approval_request_ids", list(&lineage.approval_request_ids)),
            ("prompt", map(&lineage.prompt)),
            ("feature_flags", map(&lineage.feature_flags)),
            ("candidate", candidate),
        ]);
        let origins = trajectory.steps.iter().map(|step| (step.id.clone(), step.origins.clone())).collect();
        let formats = trajectory.sources.iter().map(|source| (source.sha256.clone(), source.format.to_owned())).collect();
        Self { id: Arc::from(trajectory.id.as_str()), about: policy.apply(about, pseudonym).text(), origins, formats }
    }

    /// Gives the sources and byte ranges of some steps, united and sorted.
    fn sources(&self, steps: &[&str]) -> Json {
        let mut ranges: BTreeMap<(&Arc<str>, Option<&str>), Ranges> = BTreeMap::new();
        for origin in steps.iter().filter_map(|step| self.origins.get(*step)).flatten() {
            ranges.entry((&origin.source, origin.member.as_deref())).or_default().push((origin.start_byte, origin.end_byte));
        }
        let one = |(source, member): (&Arc<str>, Option<&str>), mut ranges: Ranges| {
            ranges.sort_unstable();
            ranges.dedup();
            let ranges: Vec<Json> = ranges.into_iter().map(|(start, end)| Json::from(vec![start, end])).collect();
            let format = self.formats.get(source).map_or("unknown", String::as_str);
            Json::object([("sha256", (**source).into()), ("format", format.into()), ("member", member.into()), ("ranges", ranges.into())])
        };
        Json::Array(ranges.into_iter().map(|(place, ranges)| one(place, ranges)).collect())
    }
}

/// A row's place in the bundle.
pub struct Place<'a> {
    /// Row id.
    pub row: &'a str,
    /// Shape.
    pub shape: &'a str,
    /// File, relative to the bundle.
    pub file: &'a str,
    /// Line of the file, from 1.
    pub line: usize,
    /// SHA-256 of the line without its end.
    pub sha256: &'a str,
}

/// Writes the lineage of one row: its place, and what all rows of its example share.
#[must_use]
pub fn line(place: &Place<'_>, shared: &str) -> String {
    let mut line = Json::object([
        ("row", place.row.into()),
        ("shape", place.shape.into()),
        ("file", place.file.into()),
        ("line", place.line.into()),
        ("sha256", place.sha256.into()),
    ])
    .text();
    line.pop();
    line + "," + shared
}

/// Writes what the rows of an example share, a JSON object without its first brace; `other` is where its other side was taken from, `rules` the hash
/// of the rules of redaction it was audited with.
#[must_use]
pub fn shared(example: &Example, whole: &Whole, other: Option<&Whole>, rules: Option<&str>) -> String {
    let side = |side: &Option<Side>| {
        side.as_ref().map_or(Json::Null, |side| {
            let mut json = Json::object([("origin", side.origin.to_string().into()), ("trajectory", side.elsewhere.as_deref().into())]);
            if let Some(other) = other.filter(|other| side.elsewhere.as_ref() == Some(&other.id)) {
                let steps: Vec<&str> = side.message.steps.iter().map(String::as_str).collect();
                json.push("steps", steps.iter().map(|step| Json::from(*step)).collect::<Vec<_>>().into());
                json.push("sources", other.sources(&steps));
            }
            json
        })
    };
    let decision = |c: &super::judgement::Cited| {
        Json::object([
            ("entry", c.entry.as_str().into()),
            ("kind", c.kind.as_str().into()),
            ("reviewer", c.reviewer.as_str().into()),
            ("at", c.at.as_str().into()),
        ])
    };
    let steps = example.steps();
    let mut line = Json::object([
        ("split", example.split.as_str().into()),
        ("group", super::example::digest(&[&example.group]).into()),
        ("example", example.id().into()),
        ("trajectory", (*whole.id).into()),
        ("target", example.target.as_str().into()),
        ("situation", example.situation.into()),
        ("good", side(&example.good)),
        ("bad", side(&example.bad)),
        ("steps", steps.iter().map(|step| Json::from(*step)).collect::<Vec<_>>().into()),
        ("sources", whole.sources(&steps)),
    ])
    .text();
    let decisions = Json::Array(example.cited.iter().map(decision).collect()).text();
    line.pop();
    let rules = Json::from(rules.map(str::to_owned)).text();
    line.split_off(1) + ",\"about\":" + &whole.about + ",\"decisions\":" + &decisions + ",\"rules_sha256\":" + &rules + "}"
}
