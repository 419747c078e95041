//! The tree of a trajectory: which entry follows which, what went on and what was left behind.

use super::sightings::Sightings;
use super::steps::Placed;
use crate::model::{Branch, BranchKind, Trajectory};
use rustc_hash::{FxHashMap, FxHashSet};

/// Sets the parents of steps and lists the branches; nothing for formats without a tree.
pub fn build(sightings: &Sightings, placed: &Placed, trajectory: &mut Trajectory) {
    let mut parents: FxHashMap<&str, Option<&str>> = FxHashMap::default();
    let mut first_step: FxHashMap<&str, usize> = FxHashMap::default();
    let mut last_step: FxHashMap<&str, usize> = FxHashMap::default();
    let mut order: Vec<&str> = Vec::new();
    for sighting in &sightings.list {
        let (Some(node), Some(&step)) = (&sighting.fact.node, placed.index.get(&sighting.step_id)) else { continue };
        if !parents.contains_key(node.id.as_str()) {
            parents.insert(&node.id, node.parent.as_deref());
            order.push(&node.id);
        }
        let first = first_step.entry(&node.id).or_insert(step);
        *first = (*first).min(step);
        let last = last_step.entry(&node.id).or_insert(step);
        *last = (*last).max(step);
    }
    if order.is_empty() {
        return;
    }
    for entry in &order {
        let above = parents.get(entry).copied().flatten().and_then(|parent| last_step.get(parent)).map(|&i| trajectory.steps[i].id.clone());
        if let Some(step) = first_step.get(entry).and_then(|&i| trajectory.steps.get_mut(i)) {
            step.parent = above.filter(|id| *id != step.id);
        }
    }
    let with_child: FxHashSet<&str> = parents.values().flatten().copied().collect();
    let mut leaves: Vec<&str> = order.iter().copied().filter(|entry| !with_child.contains(entry)).collect();
    // The conversation that went on is the one whose leaf was written last.
    leaves.reverse();
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    for (i, leaf) in leaves.into_iter().enumerate() {
        let (mut steps, mut entry, mut fork) = (0u32, Some(leaf), None);
        while let Some(id) = entry {
            if !seen.insert(id) {
                fork = last_step.get(id).map(|&s| trajectory.steps[s].id.clone());
                break;
            }
            steps += 1;
            entry = parents.get(id).copied().flatten().filter(|parent| parents.contains_key(parent));
        }
        let kind = if i == 0 { BranchKind::Active } else { BranchKind::Abandoned };
        let leaf = last_step.get(leaf).map(|&s| trajectory.steps[s].id.clone()).unwrap_or_default();
        trajectory.branches.push(Branch { kind, leaf, fork, steps, active: i == 0, trajectory: None });
    }
}
