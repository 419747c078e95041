//! Trajectories that belong together and stay apart: forks, told by the entries they share, and sub-agents, by their parent.

use super::{Result, Workspace};
use crate::assemble::assemble;
use crate::model::{Branch, BranchKind, Step, Trajectory, ids};
use crate::query::{Among, Leaf, Query};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// No more relatives than this are looked at for one trajectory.
const MAX_RELATIVES: usize = 32;

impl Workspace {
    /// Adds a branch for every other trajectory that shares entries with this one or was dispatched by it.
    pub fn add_relatives(&self, number: i64, trajectory: &mut Trajectory) -> Result<()> {
        let mut relatives: BTreeSet<i64> = BTreeSet::new();
        if let Some(root) = first_entry(trajectory) {
            relatives.extend(self.index.holders(root)?.into_iter().map(u64::cast_signed));
        }
        if let Some(parent) = &trajectory.lineage.parent_session {
            relatives.extend(self.store.find_trajectory(&ids::trajectory_id(&trajectory.agent, parent))?);
        }
        relatives.extend(self.dispatched(&trajectory.id)?);
        relatives.remove(&number);
        // By their names, so that those that are left out do not hang on the order of import.
        let mut rows: Vec<_> =
            relatives.into_iter().filter_map(|relative| self.store.trajectory(relative).transpose()).collect::<std::result::Result<_, _>>()?;
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        for row in rows.into_iter().take(MAX_RELATIVES) {
            let relative = row.id;
            let shares = self.shares(relative, &mut super::load::InMemory::default())?;
            let (other, _) = assemble(&row.name, shares.into_iter().map(|(_, _, share)| share).collect());
            trajectory.branches.extend(branch(trajectory, &other));
        }
        Ok(())
    }
}

impl Workspace {
    /// Widens `has:branch` to trajectories whose branches lie in others: forks that share their first entry, and those that dispatched a sub-agent.
    pub(super) fn with_relatives(&self, leaf: &Leaf) -> Result<Query> {
        let mut names = Vec::new();
        let wholes = self.store.trajectories_with_relatives()?;
        for number in &wholes {
            names.extend(self.store.trajectory(*number)?.map(|row| ids::unit(&row.name, "")));
        }
        names.sort_unstable();
        let among = Among {
            written: leaf.clone(),
            level: leaf.level(),
            units: names.clone(),
            wholes: wholes.into_iter().map(i64::cast_unsigned).collect(),
            trajectories: names,
        };
        Ok(Query::Or(vec![Query::Leaf(leaf.clone()), Query::Leaf(Leaf::Among(Arc::new(among)))]))
    }
}

/// Gives the id of the first entry, where others follow it. A fork copies entries from there on: it is shared if any is.
pub(super) fn first_entry(trajectory: &Trajectory) -> Option<&str> {
    let parents: HashSet<&str> = trajectory.steps.iter().filter_map(|step| step.parent.as_deref()).collect();
    let root = trajectory.steps.iter().find(|step| step.parent.is_none() && parents.contains(step.id.as_str()));
    root.map(|step| step.id.as_str()).filter(|id| !ids::is_record_hash(id) && !is_position(id))
}

/// Tells whether an id only counts the messages of a session that states none (`m0.text`): every other session has the same.
fn is_position(id: &str) -> bool {
    let entry = id.split('.').next().unwrap_or(id);
    entry.strip_prefix('m').is_some_and(|nth| !nth.is_empty() && nth.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Gives the branch by which another trajectory goes on; `None` if they have nothing to do with each other.
fn branch(one: &Trajectory, other: &Trajectory) -> Option<Branch> {
    if one.agent != other.agent {
        return None;
    }
    let (here, there) = (named(one), named(other));
    let parents: HashSet<&str> = one.steps.iter().filter_map(|s| s.parent.as_deref()).collect();
    let in_tree = |step: &Step| (step.parent.is_some() || parents.contains(step.id.as_str())) && !is_position(&step.id);
    let shared = one.steps.iter().rev().find(|step| in_tree(step) && there.contains(step.id.as_str()));
    let active = other.branches.iter().find(|branch| branch.active).map(|branch| branch.leaf.clone());
    let leaf = active.or_else(|| other.steps.last().map(|step| step.id.clone()))?;
    let steps = u32::try_from(there.iter().filter(|id| !here.contains(*id)).count()).unwrap_or(u32::MAX);
    let trajectory = Some(other.id.clone());
    if let Some(shared) = shared {
        return Some(Branch { kind: BranchKind::Fork, leaf, fork: Some(shared.id.clone()), steps, active: false, trajectory });
    }
    let dispatched = other.lineage.parent_session.is_some() && other.lineage.parent_session == one.lineage.session_id;
    dispatched.then(|| Branch { kind: BranchKind::SubAgent, leaf, fork: dispatching(one, other), steps, active: false, trajectory })
}

/// Gives the ids of steps that are named, not told by their content.
fn named(t: &Trajectory) -> HashSet<&str> {
    t.steps.iter().map(|step| step.id.as_str()).filter(|id| !ids::is_record_hash(id.split('~').next().unwrap_or(id))).collect()
}

/// Finds the step that dispatched a sub-agent: a call whose step names the other session.
pub(super) fn dispatching(one: &Trajectory, other: &Trajectory) -> Option<String> {
    let session = other.lineage.session_id.as_deref()?;
    let name = session.rsplit('/').next().unwrap_or(session);
    let names = |text: &str| name.len() > 5 && text.contains(name);
    let step = one.steps.iter().find(|step| names(&step.text))?;
    let call = step.execution.as_ref().and_then(|id| one.execution(id)).and_then(|e| e.steps.first());
    Some(call.unwrap_or(&step.id).clone())
}
