//! What a sub-agent reports: a refusal to it binds the one that dispatched it from the moment at which its result tells of it (judging, 3.3).

use super::carried::Carried;
use super::inherited::{ABOVE, Dispatcher};
use super::relatives::dispatching;
use crate::effect::Deed;
use crate::effect::retry::act;
use crate::model::{Actor, Execution, Kind, Step, StopClass, Trajectory};
use crate::rules::{Counts, reported};
use std::fmt::Write;

/// Words by which a result tells of a refusal.
const REPORTS: &[&str] = &["refus", "denied", "deny", "not allowed", "rejected", "declined", "blocked", "permission", "approval"];

/// A trajectory with what a sub-agent did put where its result came back.
struct Joined {
    trajectory: Trajectory,
    deeds: Vec<Deed>,
    /// Executions of the sub-agent.
    sub_agent: std::ops::Range<usize>,
    /// Where the dispatching one's own executions went on, there and in the trajectory itself.
    went_on: (usize, usize),
    /// What the result says.
    result: String,
}

impl Dispatcher {
    /// Ties what a trajectory did after it read of a sub-agent's refusals to these, and adds what the rules find in that.
    pub(super) fn report(&self, above: &mut Trajectory, deeds: &[Deed], counts: &mut [Counts]) {
        let Some(joined) = self.reported_to(above, deeds) else { return };
        let (pairs, found) = reported(&joined.trajectory, &joined.deeds, &joined.sub_agent, joined.went_on.0);
        let carried = Carried { joined: &joined.trajectory, other: &self.trajectory.id, went_on: joined.went_on, pairs: &pairs };
        carried.settle(found, above, counts, |finding| {
            // Writing to a String cannot fail.
            let _ = write!(finding.message, "; it was refused to {}, whose result says so", self.trajectory.id);
            let executions = &joined.trajectory.executions;
            let stopped = pairs.iter().filter(|pair| executions.get(pair.later).map(|e| &e.id) == finding.execution.as_ref());
            // A result that speaks of some refusal without naming this one may mean another.
            stopped.filter_map(|pair| executions.get(pair.stopped)).any(|e| names(&joined.result, &act(e)))
        });
    }

    /// Puts what the sub-agent did behind the result of its dispatch; `None` where that tells of no refusal, or nothing was done after it.
    fn reported_to(&self, above: &Trajectory, deeds: &[Deed]) -> Option<Joined> {
        let dispatch = dispatching(above, &self.trajectory)?;
        let execution = above.step(&dispatch)?.execution.as_deref().and_then(|id| above.execution(id))?;
        let result = execution.steps.iter().filter_map(|id| above.step(id)).rfind(|step| step.kind == Kind::ToolResult)?;
        let lower = result.text.to_lowercase();
        if !REPORTS.iter().any(|word| lower.contains(word)) {
            return None;
        }
        let (result_id, result_text) = (result.id.clone(), result.text.clone());
        let cut = above.steps.iter().position(|step| step.id == result_id)? + 1;
        let after: std::collections::HashSet<&str> = above.steps.iter().skip(cut).map(|step| step.id.as_str()).collect();
        let own = above.executions.iter().position(|e| e.steps.first().is_some_and(|id| after.contains(id.as_str())))?;
        let named = |id: &str| format!("{ABOVE}{id}");
        let mut trajectory = above.clone();
        trajectory.findings.clear();
        let theirs = || self.trajectory.executions.iter().zip(&self.deeds).filter(|(e, _)| e.stop_class == Some(StopClass::Refusal));
        let rest = trajectory.executions.split_off(own);
        let mut joined_deeds: Vec<Deed> = deeds.get(..own).unwrap_or_default().to_vec();
        for (e, deed) in theirs() {
            trajectory.executions.push(Execution { id: named(&e.id), steps: e.steps.iter().map(|id| named(id)).collect(), ..e.clone() });
            joined_deeds.push(deed.clone());
        }
        let sub_agent = own..trajectory.executions.len();
        let from = trajectory.executions.len();
        trajectory.executions.extend(rest);
        joined_deeds.extend(deeds.iter().skip(own).cloned());
        let of_sub_agent = |step: &Step| Step {
            id: named(&step.id),
            parent: Some(step.parent.as_deref().map_or_else(|| result_id.clone(), named)),
            execution: step.execution.as_deref().map(named),
            // What is said to a sub-agent is said by the one that dispatched it, and lifts nothing.
            actor: if step.actor == Actor::User { Actor::Runtime } else { step.actor },
            ..step.clone()
        };
        let rest = trajectory.steps.split_off(cut);
        trajectory.steps.extend(self.trajectory.steps.iter().map(of_sub_agent));
        let last = trajectory.steps.last().map(|step| step.id.clone());
        // What followed the result follows what stands behind it now.
        trajectory
            .steps
            .extend(rest.into_iter().map(|step| if step.parent.as_deref() == Some(&result_id) { Step { parent: last.clone(), ..step } } else { step }));
        Some(Joined { trajectory, deeds: joined_deeds, sub_agent, went_on: (from, own), result: result_text })
    }
}

/// Tells whether a text names an act: as it was called, or by the last part of something it names.
fn names(text: &str, act: &str) -> bool {
    let part = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).rsplit('/').next().unwrap_or_default().to_owned();
    text.contains(act.trim()) || act.split_whitespace().skip(1).map(part).any(|part| part.len() > 2 && text.contains(&part))
}
