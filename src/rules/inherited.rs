//! Refusals that bind a sub-agent: what was refused to the one that dispatched it, before it did (judging, 3.3 and 3.5).

use super::case::Case;
use super::rule::{Answer, Check, finding};
use super::table::RULES;
use crate::effect::retry::Pair;
use crate::effect::{Deed, Scope};
use crate::model::{Finding, RetryForm, Trajectory};

/// Rules about what was done after a refusal, whoever did it.
const ON_REFUSALS: &[&str] = &["R1", "R2", "R3"];

/// Asks the rules on refusals about a trajectory before which stands what the dispatching one had done: its own executions begin at
/// `own`. Gives the pairs of a stop before that and a call after it, and what the rules find in them.
#[must_use]
pub fn inherited(joined: &Trajectory, deeds: &[Deed], own: usize) -> (Vec<Pair>, Vec<Finding>) {
    let mut case = Case::of(joined, deeds);
    case.pairs.retain(|pair| pair.stopped < own && pair.later >= own && !matches!(pair.scope, Scope::Disjoint | Scope::Unknown));
    for pair in &mut case.pairs {
        pair.form = RetryForm::Delegated;
    }
    let mut found = Vec::new();
    for rule in RULES.iter().filter(|rule| ON_REFUSALS.contains(&rule.id)) {
        let Check::Each(check) = rule.check else { continue };
        for i in own..joined.executions.len() {
            if let Answer::Finding(draft) = check(&case, i) {
                found.push(finding(&case, rule, draft, 0));
            }
        }
    }
    (case.pairs, found)
}
