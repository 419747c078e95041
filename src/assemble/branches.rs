//! The tree of a trajectory: which entry follows which, what went on, what was left behind and what was summarised.

use super::sightings::Sightings;
use super::steps::Placed;
use crate::model::fact::Mark;
use crate::model::{Branch, BranchKind, Trajectory};
use rustc_hash::{FxHashMap, FxHashSet};

/// No more compactions than this are measured: each walks the path above it.
const MAX_COMPACTIONS: usize = 256;

/// The entries of a session, with their parents and steps.
#[derive(Default)]
struct Tree<'s> {
    /// Entries in the order in which they were written.
    order: Vec<&'s str>,
    parents: FxHashMap<&'s str, Option<&'s str>>,
    /// First and last step of an entry, as indices, and how many it has.
    steps: FxHashMap<&'s str, (usize, usize, u32)>,
    compactions: Vec<(&'s str, Option<&'s str>)>,
}

/// Sets the parents of steps and lists the branches; nothing for formats without a tree.
pub fn build(sightings: &Sightings, placed: &Placed, trajectory: &mut Trajectory) {
    let tree = Tree::of(sightings, placed);
    for entry in &tree.order {
        let above = tree.parent(entry).and_then(|parent| tree.last(parent, trajectory));
        if let Some(step) = tree.steps.get(entry).and_then(|(first, ..)| trajectory.steps.get_mut(*first)) {
            step.parent = above.filter(|id| *id != step.id);
        }
    }
    let mut branches = tree.paths(trajectory);
    branches.extend(tree.compactions.iter().take(MAX_COMPACTIONS).filter_map(|(at, first_kept)| tree.compaction(at, *first_kept, trajectory)));
    trajectory.branches = branches;
}

impl<'s> Tree<'s> {
    fn of(sightings: &'s Sightings, placed: &Placed) -> Self {
        let mut tree = Self::default();
        let mut counted: FxHashSet<usize> = FxHashSet::default();
        for sighting in &sightings.list {
            let (Some(node), Some(&step)) = (&sighting.fact.node, placed.index.get(&sighting.step_id)) else { continue };
            let id = node.id.as_str();
            if !tree.parents.contains_key(id) {
                tree.parents.insert(id, node.parent.as_deref());
                tree.order.push(id);
            }
            let (first, last, count) = tree.steps.entry(id).or_insert((step, step, 0));
            (*first, *last) = ((*first).min(step), (*last).max(step));
            *count += u32::from(counted.insert(step));
            if let Some(Mark::Compaction { first_kept }) = &sighting.fact.mark
                && tree.compactions.iter().all(|(known, _)| *known != id)
            {
                tree.compactions.push((id, first_kept.as_deref()));
            }
        }
        tree
    }

    fn parent(&self, entry: &str) -> Option<&'s str> {
        self.parents.get(entry).copied().flatten().filter(|parent| self.parents.contains_key(parent))
    }

    fn last(&self, entry: &str, trajectory: &Trajectory) -> Option<String> {
        self.steps.get(entry).and_then(|(_, last, _)| trajectory.steps.get(*last)).map(|step| step.id.clone())
    }

    /// Gives one branch for each leaf. The conversation that went on is the one whose leaf was written last.
    fn paths(&self, trajectory: &Trajectory) -> Vec<Branch> {
        let with_child: FxHashSet<&str> = self.order.iter().filter_map(|entry| self.parent(entry)).collect();
        let leaves = self.order.iter().rev().filter(|entry| !with_child.contains(**entry));
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut branches = Vec::new();
        for leaf in leaves {
            let (mut steps, mut entry, mut fork) = (0, Some(*leaf), None);
            while let Some(id) = entry {
                if !seen.insert(id) {
                    fork = self.last(id, trajectory);
                    break;
                }
                steps += self.steps.get(id).map_or(0, |(_, _, count)| *count);
                entry = self.parent(id);
            }
            let active = branches.is_empty();
            let kind = if active { BranchKind::Active } else { BranchKind::Abandoned };
            branches.push(Branch { kind, leaf: self.last(leaf, trajectory).unwrap_or_default(), fork, steps, active, trajectory: None });
        }
        branches
    }

    /// Gives the entries above one, the nearest first; of a circle each once.
    fn above(&self, entry: &'s str) -> Vec<&'s str> {
        let mut walked: FxHashSet<&str> = FxHashSet::default();
        std::iter::successors(self.parent(entry), |id| self.parent(id)).take_while(|id| walked.insert(id)).collect()
    }

    /// Gives the stretch that a compaction took out of the model's sight: all above the first entry that was kept, which may be nothing. All above
    /// the compaction is taken where what it kept is not said, or not found there.
    fn compaction(&self, at: &'s str, first_kept: Option<&str>, trajectory: &Trajectory) -> Option<Branch> {
        let above = self.above(at);
        let kept = first_kept.and_then(|kept| above.iter().position(|id| *id == kept)).map_or(0, |place| place + 1);
        let taken = above.get(kept..).unwrap_or_default();
        let steps = taken.iter().filter_map(|id| self.steps.get(id)).map(|(_, _, count)| *count).sum();
        let fork = self.last(at, trajectory);
        let leaf = taken.iter().find_map(|id| self.last(id, trajectory)).or_else(|| fork.clone().filter(|_| kept > 0))?;
        Some(Branch { kind: BranchKind::Compaction, leaf, fork, steps, active: false, trajectory: None })
    }
}
