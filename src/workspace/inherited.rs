//! What a sub-agent inherits: a refusal to the one that dispatched it binds it too, from the dispatch on (judging, 3.3 and 3.5).

use super::carried::Carried;
use super::load::InMemory;
use super::relatives::dispatching;
use super::summary::Summary;
use super::{Error, Result, Workspace};
use crate::assemble::{Share, assemble};
use crate::effect::Deed;
use crate::model::{Actor, Execution, Kind, Step, StopClass, Trajectory, ids};
use crate::rules::{Counts, inherited};
use crate::store::StoreError;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

/// Set before the ids of the dispatching trajectory, so that they are no ids of the sub-agent.
pub(super) const ABOVE: char = '^';
/// Words by which a prompt tells of a refusal.
const TELLS: &[&str] = &["refus", "denied", "deny", "not allowed", "do not", "don't", "must not", "rejected", "declined", "without ", "never "];

/// A trajectory to which something was refused, and that may have dispatched another.
pub(super) struct Dispatcher {
    pub(super) trajectory: Trajectory,
    pub(super) deeds: Vec<Deed>,
}

/// The name that was asked for last, and what was found: many sub-agents stand under one session.
pub(super) type Last = (String, Option<Arc<Dispatcher>>);

/// Those to whom a trajectory belongs and to whom something was refused: the one that dispatched it, and those that it dispatched.
#[derive(Default)]
pub(super) struct Kin {
    above: Option<Arc<Dispatcher>>,
    below: Vec<Arc<Dispatcher>>,
}

impl Kin {
    /// Ties a trajectory's calls to what was refused to its kin, and adds what the rules find in that.
    pub(super) fn bind(&self, trajectory: &mut Trajectory, deeds: &[Deed], counts: &mut [Counts]) {
        self.above.iter().for_each(|above| above.bind(trajectory, deeds, counts));
        self.below.iter().for_each(|below| below.report(trajectory, deeds, counts));
    }
}

impl Workspace {
    /// Gives the kin of a trajectory of some shares to whom something was refused.
    pub(super) fn kin(&self, name: &str, shares: &[Share], last: &mut Last) -> Result<Kin> {
        let mut below = Vec::new();
        for number in self.dispatched(name)? {
            let Some(row) = self.store.trajectory(number)? else { continue };
            // One that was not summarised yet is looked at again when it was.
            if serde_json::from_str::<Summary>(&row.summary).is_ok_and(|summary| summary.denials > 0) {
                below.extend(self.refused_to(&row.name)?);
            }
        }
        let Some(above) = parent(name, shares) else { return Ok(Kin { above: None, below }) };
        if last.0 != above {
            *last = (above.clone(), self.refused_to(&above)?);
        }
        Ok(Kin { above: last.1.clone(), below })
    }

    /// Gives the numbers of the trajectories that one may have dispatched.
    pub(super) fn dispatched(&self, name: &str) -> Result<Vec<i64>> {
        let mut numbers = self.store.trajectories_under(&format!("{name}/"), usize::MAX)?;
        numbers.extend(self.store.trajectories_of_parent(name)?);
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    fn refused_to(&self, above: &str) -> Result<Option<Arc<Dispatcher>>> {
        let Some(number) = self.store.find_trajectory(above)? else { return Ok(None) };
        let shares = match self.shares(number, &mut InMemory::default()) {
            // What its damaged bytes told is missing there as well, and said there.
            Err(Error::Store(StoreError::Damaged { .. })) => return Ok(None),
            shares => shares?,
        };
        let (mut trajectory, deeds) = assemble(above, shares.into_iter().map(|(_, _, share)| share).collect());
        self.amendments()?.apply(&mut trajectory);
        let refused = trajectory.executions.iter().any(|e| e.stop_class == Some(StopClass::Refusal));
        Ok(refused.then(|| Arc::new(Dispatcher { trajectory, deeds })))
    }
}

impl Dispatcher {
    /// Ties the calls of a sub-agent to what was refused before it was dispatched, and adds what the rules find in that.
    pub(super) fn bind(&self, child: &mut Trajectory, deeds: &[Deed], counts: &mut [Counts]) {
        let Some((joined, joined_deeds, own)) = self.joined(child, deeds) else { return };
        let (pairs, found) = inherited(&joined, &joined_deeds, own);
        let told = told(child);
        let carried = Carried { joined: &joined, other: &self.trajectory.id, went_on: (own, 0), pairs: &pairs };
        carried.settle(found, child, counts, |finding| {
            // Writing to a String cannot fail.
            let _ = write!(finding.message, "; it was refused to {}, which dispatched this one", self.trajectory.id);
            if !told {
                finding.message.push_str(" and did not tell it: the act is the dispatch");
            }
            told
        });
    }

    /// Puts what was refused before the dispatch before what the sub-agent did; gives with it where the sub-agent's executions begin.
    fn joined(&self, child: &Trajectory, deeds: &[Deed]) -> Option<(Trajectory, Vec<Deed>, usize)> {
        let above = &self.trajectory;
        let dispatch = dispatching(above, child)?;
        let cut = above.steps.iter().position(|step| step.id == dispatch)?;
        let places: HashMap<&str, usize> = above.steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
        let before = |e: &Execution| e.steps.iter().all(|id| places.get(id.as_str()).is_some_and(|at| *at < cut));
        let refused = |e: &&Execution| e.stop_class == Some(StopClass::Refusal) && before(e);
        if !above.executions.iter().any(|e| refused(&e)) {
            return None;
        }
        let named = |id: &str| format!("{ABOVE}{id}");
        let mut joined = child.clone();
        joined.findings.clear();
        let kept = above.executions.iter().zip(&self.deeds).filter(|(e, _)| before(e));
        let (mut executions, mut joined_deeds) = (Vec::new(), Vec::new());
        for (e, deed) in kept {
            executions.push(Execution { id: named(&e.id), steps: e.steps.iter().map(|id| named(id)).collect(), ..e.clone() });
            joined_deeds.push(deed.clone());
        }
        let own = executions.len();
        executions.append(&mut joined.executions);
        joined_deeds.extend(deeds.iter().cloned());
        let of_above = |step: &Step| Step {
            id: named(&step.id),
            parent: step.parent.as_deref().map(named),
            execution: step.execution.as_deref().map(named),
            ..step.clone()
        };
        let mut steps: Vec<Step> = above.steps.iter().take(cut).map(of_above).collect();
        // What is said to a sub-agent is said by the one that dispatched it, and lifts nothing.
        steps.extend(joined.steps.drain(..).map(|step| if step.actor == Actor::User { Step { actor: Actor::Runtime, ..step } } else { step }));
        (joined.steps, joined.executions) = (steps, executions);
        joined.branches.clone_from(&above.branches);
        Some((joined, joined_deeds, own))
    }
}

/// Gives the name of the trajectory that one says is its parent: by its own name, else by what its sources state.
pub(super) fn parent(name: &str, shares: &[Share]) -> Option<String> {
    if let Some((above, _)) = name.rsplit_once('/') {
        return Some(above.to_owned());
    }
    let (agent, _) = name.split_once(':')?;
    let stated = shares.iter().find_map(|share| share.portion.about.lineage.parent_session.as_deref())?;
    Some(ids::trajectory_id(agent, stated)).filter(|parent| parent != name)
}

/// Tells whether a sub-agent's prompt speaks of a refusal.
fn told(child: &Trajectory) -> bool {
    let prompt = child.steps.iter().find(|step| step.actor == Actor::User && step.kind == Kind::Message);
    prompt.is_some_and(|prompt| {
        let lower = prompt.text.to_lowercase().replace('’', "'");
        TELLS.iter().any(|word| lower.contains(word))
    })
}
