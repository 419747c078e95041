//! The course of a trajectory: the places of its calls, its branches, and where people spoke.

use super::sanction::Word;
use super::sayings::Sayings;
use crate::effect::deed::Deed;
use crate::model::{Actor, Decision, Execution, GrantScope, Kind, Step, Trajectory};
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};

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
    /// Calls by the places at which they were made.
    by_place: Vec<(usize, usize)>,
    /// Calls for which a yes was given that covers more than the one.
    pub(super) wide: Vec<usize>,
    sayings: OnceCell<Sayings>,
    acts: OnceCell<Vec<u64>>,
    /// Of each stop, what people said of it since.
    pub(super) words: RefCell<FxHashMap<usize, Word>>,
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
        let mut by_place: Vec<(usize, usize)> = places.iter().enumerate().filter_map(|(i, place)| Some(((*place)?.call, i))).collect();
        by_place.sort_unstable();
        let wide = trajectory.executions.iter().enumerate().filter(|(_, e)| is_wide(e)).map(|(i, _)| i).collect();
        let (sayings, acts, words) = <(OnceCell<_>, OnceCell<_>, RefCell<_>)>::default();
        Self { trajectory, places, people, calls, spans, by_place, wide, sayings, acts, words }
    }

    /// Gives what people said, looked through once.
    pub fn sayings(&self) -> &Sayings {
        self.sayings.get_or_init(|| Sayings::of(self))
    }

    /// Gives the messages of people between two steps that may name a call.
    pub(super) fn naming(&self, call: &Execution, does: &Deed, (from, to): (usize, usize)) -> impl Iterator<Item = &'t Step> {
        let start = self.people.partition_point(|p| *p <= from);
        let any = self.people.get(start).is_some_and(|p| *p < to);
        let places = if any { self.sayings().naming(call, does) } else { Vec::new() };
        places.into_iter().filter(move |place| *place > from && *place < to).filter_map(|place| self.trajectory.steps.get(place))
    }

    /// Gives the calls before one for which a yes was given that covers more than the one.
    #[must_use]
    pub fn wide_before(&self, call: usize) -> &[usize] {
        self.wide.get(..self.wide.partition_point(|i| *i < call)).unwrap_or_default()
    }

    /// Gives the calls made from one step on and before another, in their order.
    pub fn calls_between(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let start = self.by_place.partition_point(|(call, _)| *call < from);
        self.by_place.iter().skip(start).take_while(move |(call, _)| *call < to).map(|(_, i)| *i)
    }

    /// Tells whether two calls are the same tool with the same arguments.
    #[must_use]
    pub fn same_act(&self, a: usize, b: usize) -> bool {
        let acts = self.acts.get_or_init(|| self.trajectory.executions.iter().map(super::pairs::hash_of_act).collect());
        let both = acts.get(a).zip(acts.get(b)).is_some_and(|(a, b)| *a != 0 && a == b);
        let executions = &self.trajectory.executions;
        both && executions.get(a).zip(executions.get(b)).is_some_and(|(a, b)| super::pairs::same_act(a, b))
    }

    /// Gives a number that the calls with the same tool and arguments have in common.
    #[must_use]
    pub fn act(&self, call: usize) -> Option<u64> {
        self.same_act(call, call).then(|| self.acts.get().and_then(|acts| acts.get(call)).copied())?
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

/// Tells whether a yes was given for the session, for ever, or for a pattern.
fn is_wide(e: &Execution) -> bool {
    let wide = |scope| matches!(scope, Some(GrantScope::Session | GrantScope::Always | GrantScope::Pattern));
    e.waits.iter().any(|w| matches!(w.decision, Some(Decision::Approved | Decision::Modified)) && wide(w.scope))
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
