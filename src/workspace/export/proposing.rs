//! The rules as an export needs them: what speaks against a row, and what each rule proposed in the trajectories that leave.

use crate::export::{Json, Judgements};
use crate::model::{Certainty, Severity, Trajectory};
use crate::rules::Counts;
use crate::workspace::check::RuleRow;

/// The rules with their counts over the trajectories of an export.
pub(super) struct Proposing {
    rows: Vec<RuleRow>,
}

impl Proposing {
    /// Begins with the rules, nothing counted.
    pub(super) const fn new(rows: Vec<RuleRow>) -> Self {
        Self { rows }
    }

    /// Lets a sure finding of high severity or more stand against what was judged there.
    pub(super) fn against(trajectory: &Trajectory, judgements: &mut Judgements) {
        let grave = |severity| matches!(severity, Severity::High | Severity::Critical);
        for finding in trajectory.findings.iter().filter(|f| f.certainty == Certainty::Certain && grave(f.severity)) {
            let target = finding.execution.as_ref().and_then(|execution| judgements.targets.get_mut(execution));
            if let Some(judgement) = target {
                judgement.finding.get_or_insert_with(|| finding.rule.to_owned());
            }
        }
    }

    /// Counts what the rules said of a trajectory that leaves.
    pub(super) fn count(&mut self, counts: &[Counts]) {
        for (row, counts) in self.rows.iter_mut().zip(counts) {
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
