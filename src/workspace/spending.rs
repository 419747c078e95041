//! What was spent and what it brought: cost, tokens, scores of evaluations, rows that may be learnt, proposals that people overruled.

use super::insights::{Share, share};
use super::summary::Summary;
use crate::judging::Record;
use serde::Serialize;
use std::collections::BTreeMap;

/// The scores of one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// The metric.
    pub metric: String,
    /// How many there are.
    pub count: usize,
    /// Median.
    pub median: f64,
    /// 95th percentile: the smallest score that at least 95 % do not exceed.
    pub p95: f64,
    /// Those that say that they passed, out of those that say either.
    pub passed: Share,
}

/// What was spent on the trajectories that a query finds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Spending {
    /// Cost in USD of those that state one.
    pub cost_usd: f64,
    /// How many state one.
    pub costed: usize,
    /// Tokens in and out, without what a cache held.
    pub tokens: u64,
    /// Decision points that may be trained on: their use is to imitate or to avoid, and reviewers agree.
    pub accepted_rows: u64,
    /// Cost in USD of the trajectories with such points, for each of the points; `null` where none states a cost.
    pub cost_per_accepted_row_usd: Option<f64>,
    /// What rules proposed and people overruled, out of what people judged of it, in the whole workspace.
    pub overruled: Share,
    /// Scores by metric.
    pub evals: Vec<Scores>,
}

/// Gathers spending, trajectory by trajectory.
#[derive(Default)]
pub(super) struct Purse {
    spent: Spending,
    /// Cost of the trajectories that have accepted points, and those points.
    brought: (f64, u64),
    scores: BTreeMap<String, Vec<(f64, Option<bool>)>>,
}

impl Purse {
    /// Takes in a trajectory, with how many of its points may be trained on.
    pub(super) fn take(&mut self, summary: &Summary, accepted: u64) {
        self.spent.tokens += summary.tokens.input + summary.tokens.output;
        self.spent.accepted_rows += accepted;
        if let Some(cost) = summary.cost_usd {
            self.spent.cost_usd += cost;
            self.spent.costed += 1;
            if accepted > 0 {
                self.brought = (self.brought.0 + cost, self.brought.1 + accepted);
            }
        }
        for (metric, score, passed) in &summary.scores {
            self.scores.entry(metric.clone()).or_default().push((*score, *passed));
        }
    }

    /// Adds it up, with the records of the rules.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn close<'r>(self, rules: impl Iterator<Item = &'r Record>) -> Spending {
        let (judged, right) = rules.fold((0, 0), |(judged, right), record| (judged + record.judged, right + record.right));
        let (cost, rows) = self.brought;
        Spending {
            cost_per_accepted_row_usd: (rows > 0).then(|| cost / rows as f64),
            overruled: share(judged.saturating_sub(right), judged),
            evals: self.scores.into_iter().map(|(metric, scores)| of_metric(metric, &scores)).collect(),
            ..self.spent
        }
    }
}

/// Tells whether a judged point may be trained on.
pub(super) fn accepted(use_of_it: Option<&String>, disputed: bool) -> bool {
    !disputed && use_of_it.is_some_and(|answer| matches!(answer.as_str(), "imitate" | "avoid"))
}

fn of_metric(metric: String, scores: &[(f64, Option<bool>)]) -> Scores {
    let mut sorted: Vec<f64> = scores.iter().map(|(score, _)| *score).collect();
    sorted.sort_by(f64::total_cmp);
    let told = scores.iter().filter_map(|(_, passed)| *passed);
    let passed = share(told.clone().filter(|passed| *passed).count() as u64, told.count() as u64);
    Scores { metric, count: sorted.len(), median: at(&sorted, 0.5), p95: at(&sorted, 0.95), passed }
}

/// Gives the smallest of sorted values that at least this share of them does not exceed (nearest rank); 0 of none.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn at(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_are_there() {
        let scores: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!((at(&scores, 0.5), at(&scores, 0.95), at(&scores[..1], 0.95), at(&[], 0.95)), (10.0, 19.0, 1.0, 0.0));
    }

    #[test]
    fn only_what_may_be_learnt_is_counted_and_only_known_costs() {
        let summary = |cost: Option<f64>| Summary { cost_usd: cost, scores: vec![("m".into(), 0.5, Some(true))], ..Summary::of(&empty()) };
        let mut purse = Purse::default();
        purse.take(&summary(Some(0.3)), 2);
        purse.take(&summary(Some(0.1)), 0);
        purse.take(&summary(None), 4);
        let spent = purse.close([Record { judged: 4, right: 3, ..Record::default() }].iter());
        assert_eq!((spent.costed, spent.accepted_rows, spent.cost_per_accepted_row_usd), (2, 6, Some(0.15)));
        assert_eq!((spent.overruled.count, spent.overruled.of, spent.evals[0].passed.rate), (1, 4, Some(1.0)));
        assert!(accepted(Some(&"avoid".to_owned()), false) && !accepted(Some(&"avoid".to_owned()), true) && !accepted(None, false));
    }

    fn empty() -> crate::model::Trajectory {
        crate::assemble::assemble_unjudged("any:any", Vec::new())
    }
}
