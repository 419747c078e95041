//! Assigning: which trajectories a later run plays again, in which arm and with which candidate; a decision like any other.

use super::{Result, Workspace};
use crate::export::Json;
use crate::model::{Draft, Recorded};
use crate::query::Query;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An assignment as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Experiment.
    pub experiment: String,
    /// Arm, such as `candidate`.
    pub arm: String,
    /// Base model.
    pub model: String,
    /// Checkpoint.
    pub checkpoint: String,
    /// Adapter on top of the base model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Training run that made the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Seed of the run.
    pub seed: u64,
    /// SHA-256 of the checksums of the bundle that the checkpoint was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_bundle_sha256: Option<String>,
    /// Trajectories that are played again, with the scenario of each.
    pub trajectories: BTreeMap<String, Option<String>>,
}

impl Recorded for Assignment {
    const KIND: &'static str = "assignment";
}

impl Workspace {
    /// Assigns the trajectories of a query and records it, once; gives a line for each, sorted by id.
    pub fn assign(&self, reviewer: &str, query: &Query, assignment: Assignment) -> Result<Vec<String>> {
        let mut assignment = assignment;
        for row in self.ls(query, Some(("id", false)), usize::MAX)?.trajectories {
            let scenario = self.resolve(&row.id)?.0.lineage.scenario_id;
            assignment.trajectories.insert(row.id, scenario);
        }
        let known = self.assignments()?;
        if !assignment.trajectories.is_empty() && !known.contains(&assignment) {
            self.record(reviewer, &[Draft::of(&assignment)])?;
        }
        Ok(assignment.lines(None))
    }

    fn assignments(&self) -> Result<Vec<Assignment>> {
        let entries = self.journal.of_kinds(&[Assignment::KIND])?;
        Ok(entries.iter().filter_map(|entry| entry.decision::<Assignment>().ok().flatten()).collect())
    }

    /// Gives the lines of the assignments of some trajectories, sorted.
    pub(super) fn assigned(&self, trajectories: &BTreeSet<&str>) -> Result<Vec<String>> {
        let mut lines: Vec<String> = self.assignments()?.iter().flat_map(|assignment| assignment.lines(Some(trajectories))).collect();
        lines.sort();
        lines.dedup();
        Ok(lines)
    }
}

impl Assignment {
    fn lines(&self, wanted: Option<&BTreeSet<&str>>) -> Vec<String> {
        let of = self.trajectories.iter().filter(|(id, _)| wanted.is_none_or(|wanted| wanted.contains(id.as_str())));
        let one = |(id, scenario): (&String, &Option<String>)| {
            Json::object([
                ("trajectory", id.as_str().into()),
                ("scenario", scenario.clone().into()),
                ("experiment", self.experiment.as_str().into()),
                ("arm", self.arm.as_str().into()),
                ("model", self.model.as_str().into()),
                ("checkpoint", self.checkpoint.as_str().into()),
                ("adapter", self.adapter.clone().into()),
                ("run_id", self.run_id.clone().into()),
                ("seed", self.seed.into()),
                ("training_bundle_sha256", self.training_bundle_sha256.clone().into()),
            ])
            .text()
        };
        of.map(one).collect()
    }
}
