//! What follows from a refusal that stands in another trajectory, carried to the one whose acts it judges.

use super::inherited::ABOVE;
use crate::assemble::link;
use crate::effect::retry::Pair;
use crate::model::{Certainty, Finding, Trajectory};
use crate::rules::{Counts, RULES};

/// What the rules say of a trajectory into which another one's acts were put for the while.
pub(super) struct Carried<'a> {
    /// The trajectory with the other one's acts in it; their ids begin with [`ABOVE`].
    pub(super) joined: &'a Trajectory,
    /// The other one's id: the refusals stand there.
    pub(super) other: &'a str,
    /// Where the executions that are judged begin, there and in the trajectory itself.
    pub(super) went_on: (usize, usize),
    /// Acts after a refusal.
    pub(super) pairs: &'a [Pair],
}

impl Carried<'_> {
    /// Ties the judged calls to the refusals, where nothing nearer and nobody says otherwise, and adds the findings; `known` says in the message of each
    /// whose refusal it is, and tells whether the agent knew of it: what it did not know of is possible at most and proposes nothing.
    pub(super) fn settle(&self, found: Vec<Finding>, own: &mut Trajectory, counts: &mut [Counts], known: impl Fn(&mut Finding) -> bool) {
        let (from, here) = self.went_on;
        for pair in self.pairs {
            let stopped = self.joined.executions.get(pair.stopped).map(|e| format!("{}#{}", self.other, e.id.trim_start_matches(ABOVE)));
            let (Some(stopped), Some(later)) = (stopped, own.executions.get_mut(pair.later - from + here)) else { continue };
            let said = later.amended.iter().any(|amended| amended.fact == "retry_of");
            if later.retry_of.is_none() && !said {
                later.retry_of = link(pair, &stopped);
            }
        }
        for mut finding in found {
            if own.findings.iter().any(|one| (one.rule, &one.execution) == (finding.rule, &finding.execution)) {
                continue;
            }
            finding.trajectory.clone_from(&own.id);
            finding.steps.retain(|step| !step.starts_with(ABOVE));
            finding.evidence.retain(|shown| !shown.step.starts_with(ABOVE));
            finding.proposes.retain(|proposed| !proposed.target.starts_with(ABOVE));
            if !known(&mut finding) {
                finding.certainty = Certainty::Possible;
                finding.proposes.clear();
            }
            if let Some(counts) = RULES.iter().position(|rule| rule.id == finding.rule).and_then(|at| counts.get_mut(at)) {
                (counts.finding, counts.clear) = (counts.finding + 1, counts.clear.saturating_sub(1));
            }
            own.findings.push(finding);
        }
    }
}
