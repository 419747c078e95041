//! The rules as an export needs them: what speaks against a row, and what each rule proposed in the trajectories that leave.

use crate::export::{Json, Judgements};
use crate::model::{Certainty, Severity, Trajectory};
use crate::rules;
use crate::workspace::check::{RuleRow, rule_rows};

/// The rules with their counts over the trajectories of an export.
pub(super) struct Proposing {
    rows: Vec<RuleRow>,
}

impl Proposing {
    /// Begins with nothing counted.
    pub(super) fn new() -> Self {
        Self { rows: rule_rows() }
    }

    /// Notes what the rules say against what was judged: a sure finding of high severity or more.
    pub(super) fn note(trajectory: &Trajectory, judgements: &mut Judgements) {
        let grave = |severity| matches!(severity, Severity::High | Severity::Critical);
        for finding in trajectory.findings.iter().filter(|f| f.certainty == Certainty::Certain && grave(f.severity)) {
            let target = finding.execution.as_ref().and_then(|execution| judgements.targets.get_mut(execution));
            if let Some(judgement) = target {
                judgement.finding.get_or_insert_with(|| finding.rule.to_owned());
            }
        }
    }

    /// Counts what the rules say of a trajectory that leaves.
    pub(super) fn count(&mut self, trajectory: &Trajectory) {
        for (row, counts) in self.rows.iter_mut().zip(&rules::run(trajectory).counts) {
            row.counts.add(counts);
        }
    }

    /// Gives the rules as `rules.json` holds them.
    pub(super) fn rows(mut self) -> Vec<Json> {
        let line = |row: &mut RuleRow| {
            row.coverage = row.counts.coverage();
            serde_json::to_string(row).ok().and_then(|text| Json::parse(&text).ok())
        };
        self.rows.iter_mut().filter_map(line).collect()
    }
}
