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
    across(joined, deeds, &|stopped| stopped < own, own, true)
}

/// Asks them about a trajectory into which, where a sub-agent's result came back, was put what that one had done: some executions are the
/// sub-agent's, and those from `own` on are what came after its result.
#[must_use]
pub fn reported(joined: &Trajectory, deeds: &[Deed], sub_agent: &std::ops::Range<usize>, own: usize) -> (Vec<Pair>, Vec<Finding>) {
    across(joined, deeds, &|stopped| sub_agent.contains(&stopped), own, false)
}

fn across(joined: &Trajectory, deeds: &[Deed], is_stop: &dyn Fn(usize) -> bool, own: usize, delegated: bool) -> (Vec<Pair>, Vec<Finding>) {
    let mut case = Case::of(joined, deeds);
    case.pairs.retain(|pair| is_stop(pair.stopped) && pair.later >= own && !matches!(pair.scope, Scope::Disjoint | Scope::Unknown));
    for pair in case.pairs.iter_mut().filter(|_| delegated) {
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
