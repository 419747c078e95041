//! The path of a branch: the steps from the root of a session's tree to one leaf, in the order in which they were said.

use crate::model::{Origin, Step, Trajectory};
use std::collections::{HashMap, HashSet};

/// Formats that name events without their content: what they alone tell was not seen by the agent in these words.
const WITHOUT_CONTENT: &[&str] = &[
    "maestro-timeline",
    "maestro-trajectory",
    "maestro-inspection",
    "maestro-score",
    "maestro-run",
    "maestro-events",
    "maestro-telemetry",
    "maestro-security",
    "evals",
];

/// Gives the steps that lead to a leaf; all steps in order where the session has no tree or the leaf is unknown.
#[must_use]
pub fn path<'t>(trajectory: &'t Trajectory, leaf: Option<&str>) -> Vec<&'t Step> {
    let Some(leaf) = leaf.and_then(|leaf| trajectory.step(leaf)) else { return with_content(trajectory, trajectory.steps.iter().collect()) };
    let mut entries: HashMap<&Origin, Vec<&Step>> = HashMap::new();
    for step in &trajectory.steps {
        if let Some(origin) = step.origins.first() {
            entries.entry(origin).or_default().push(step);
        }
    }
    let by_id: HashMap<&str, &Step> = trajectory.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let mut groups: Vec<&[&Step]> = Vec::new();
    let mut seen: HashSet<&Origin> = HashSet::new();
    let mut at = Some(leaf);
    while let Some(step) = at {
        let Some(origin) = step.origins.first().filter(|origin| seen.insert(origin)) else { break };
        let group = entries.get(origin).map_or(&[][..], Vec::as_slice);
        groups.push(group);
        at = group.iter().find_map(|step| step.parent.as_deref()).and_then(|parent| by_id.get(parent).copied());
    }
    with_content(trajectory, groups.into_iter().rev().flatten().copied().collect())
}

fn with_content<'t>(trajectory: &'t Trajectory, steps: Vec<&'t Step>) -> Vec<&'t Step> {
    let telling: HashSet<&str> = trajectory.sources.iter().filter(|s| !WITHOUT_CONTENT.contains(&s.format)).map(|s| &*s.sha256).collect();
    steps.into_iter().filter(|step| step.origins.iter().any(|origin| telling.contains(&*origin.source))).collect()
}
