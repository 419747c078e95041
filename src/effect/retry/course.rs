//! The course of a trajectory: the places of its calls, its branches, and where people spoke.

use crate::model::{Actor, Execution, Kind, Step, Trajectory};
use rustc_hash::FxHashMap;

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first step.
    pub call: usize,
    /// The step by which the agent saw how it ended: its result, else the resolution of its wait, else its last step.
    pub seen: usize,
    /// How many messages of people stand before it.
    pub stretch: usize,
}

/// The order of a trajectory's steps and calls.
pub struct Course<'t> {
    /// The trajectory.
    pub trajectory: &'t Trajectory,
    /// The places of its executions.
    pub places: Vec<Option<Place>>,
    /// Steps in which people speak.
    pub people: Vec<usize>,
    /// Of the calls, in their order: where each stands, and where the first of what it and those after it brought was seen.
    calls: Vec<(usize, usize)>,
    /// For each step, the span of its place in the tree: an ancestor's span holds it.
    spans: Option<Vec<(u32, u32)>>,
}

impl<'t> Course<'t> {
    /// Reads the order of a trajectory.
    #[must_use]
    pub fn of(trajectory: &'t Trajectory) -> Self {
        let at: FxHashMap<&str, usize> = trajectory.steps.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
        let people: Vec<usize> = trajectory.steps.iter().enumerate().filter(|(_, s)| is_person(s)).map(|(i, _)| i).collect();
        let place = |e: &Execution| {
            let steps: Vec<usize> = e.steps.iter().filter_map(|id| at.get(id.as_str()).copied()).collect();
            let of = |kind: Kind| steps.iter().copied().find(|i| trajectory.steps.get(*i).is_some_and(|s| s.kind == kind));
            let call = *steps.first()?;
            let seen = of(Kind::ToolResult).or_else(|| of(Kind::Resolution)).or_else(|| steps.last().copied()).unwrap_or(call);
            Some(Place { call, seen, stretch: people.partition_point(|p| *p < call) })
        };
        let places: Vec<Option<Place>> = trajectory.executions.iter().map(place).collect();
        let mut calls: Vec<(usize, usize)> = places.iter().flatten().map(|place| (place.call, place.seen)).collect();
        calls.sort_unstable();
        let mut first = usize::MAX;
        for (_, seen) in calls.iter_mut().rev() {
            first = first.min(*seen);
            *seen = first;
        }
        let spans = (trajectory.branches.len() > 1).then(|| spans(trajectory, &at));
        Self { trajectory, places, people, calls, spans }
    }

    /// Tells whether `later` continues the path that `earlier` stands on.
    #[must_use]
    pub fn follows(&self, earlier: usize, later: usize) -> bool {
        let Some(spans) = &self.spans else { return earlier <= later };
        match (spans.get(earlier), spans.get(later)) {
            (Some(a), Some(b)) => a.0 <= b.0 && b.1 <= a.1,
            _ => false,
        }
    }

    /// Gives what people said between two steps, oldest first.
    pub fn said_between(&self, from: usize, to: usize) -> impl Iterator<Item = &'t Step> {
        let start = self.people.partition_point(|p| *p <= from);
        self.people.iter().skip(start).take_while(move |p| **p < to).filter_map(|i| self.trajectory.steps.get(*i))
    }

    /// Gives what people said before a step.
    pub fn said_before(&self, to: usize) -> impl Iterator<Item = &'t Step> {
        self.people.iter().take_while(move |p| **p < to).filter_map(|i| self.trajectory.steps.get(*i))
    }

    /// Tells whether a call belongs to the first calls made after another had ended.
    #[must_use]
    pub fn is_next(&self, earlier: usize, later: usize) -> bool {
        let (Some(Some(from)), Some(Some(to))) = (self.places.get(earlier), self.places.get(later)) else { return false };
        // Of the calls made after it was seen how the first had ended, none had ended before the other was made.
        let after = self.calls.partition_point(|(call, _)| *call <= from.seen);
        self.calls.get(after).is_none_or(|(_, seen)| *seen >= to.call)
    }
}

fn is_person(step: &Step) -> bool {
    step.actor == Actor::User && step.kind == Kind::Message && !step.text.trim().is_empty()
}

/// Numbers the tree of steps so that the span of a step holds the spans of all that follow it on any branch. A step without a
/// parent of its own follows the step before it.
fn spans(trajectory: &Trajectory, at: &FxHashMap<&str, usize>) -> Vec<(u32, u32)> {
    let count = trajectory.steps.len();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut roots = Vec::new();
    for (i, step) in trajectory.steps.iter().enumerate() {
        let parent = step.parent.as_deref().and_then(|id| at.get(id).copied()).filter(|p| *p < i).or_else(|| i.checked_sub(1));
        match parent.and_then(|p| children.get_mut(p)) {
            Some(list) => list.push(i),
            None => roots.push(i),
        }
    }
    let mut spans = vec![(0, 0); count];
    let mut clock = 0;
    let mut open: Vec<(usize, usize)> = Vec::new();
    for root in roots {
        open.push((root, 0));
        while let Some((node, next)) = open.pop() {
            if next == 0
                && let Some(span) = spans.get_mut(node)
            {
                clock += 1;
                span.0 = clock;
            }
            match children.get(node).and_then(|c| c.get(next)) {
                Some(child) => {
                    open.push((node, next + 1));
                    open.push((*child, 0));
                }
                None => {
                    if let Some(span) = spans.get_mut(node) {
                        span.1 = clock;
                    }
                }
            }
        }
    }
    spans
}
