//! Hits of the library's query in a trajectory that is opened from it: one lands on the first, and goes on to the next.

use super::reading::{Jump, Reading};
use super::state::{Screen, State};
use super::task::Task;
use crate::query::{Leaf, Level, Query};
use rustc_hash::FxHashSet;

/// What the steps of a trajectory are looked through for.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// The query of the library.
    pub query: Query,
    /// Id of the step that was chosen in the library, where steps were listed.
    pub inner: Option<String>,
}

impl Sought {
    /// Tells what is sought by a query; nothing where it says something of whole trajectories alone.
    pub(super) fn of(query: &Query, inner: Option<String>) -> Option<Self> {
        let of_steps = query.leaves().iter().any(|(leaf, negated)| !negated && leaf.level() != Level::Trajectory);
        of_steps.then(|| Self { query: query.clone(), inner })
    }

    /// Gives the first text that is looked for, to be marked on the page of a step.
    fn text(&self) -> Option<&str> {
        self.query.leaves().into_iter().filter(|(_, negated)| !negated).find_map(|(leaf, _)| match leaf {
            Leaf::Word(text) => Some(text.as_str()),
            Leaf::Prefix(tokens) | Leaf::Phrase { tokens, .. } => tokens.iter().max_by_key(|token| token.len()).map(String::as_str),
            _ => None,
        })
    }
}

impl Reading {
    /// Takes in which steps match, by their places from 0: one for each call, and the one that is meant before others of its call.
    fn take_hits(&mut self, sought: &Sought, steps: &[usize]) {
        let meant = sought.inner.as_deref().and_then(|id| self.trajectory.steps.iter().position(|step| step.id == id));
        let call = |at: usize| self.ties.execution.get(at).copied().flatten();
        let of_meant = meant.and_then(call);
        let mut known = FxHashSet::default();
        let hits = steps.iter().copied().filter(|at| match call(*at) {
            Some(e) if Some(e) == of_meant => meant == Some(*at),
            Some(e) => known.insert(e),
            None => true,
        });
        self.hits = hits.collect();
        self.needle.clear();
        sought.text().unwrap_or_default().clone_into(&mut self.marking);
        self.detail_of = None;
    }
}

impl State {
    /// Asks which steps of what was opened match what the library was asked for.
    pub(super) fn seek(&mut self) {
        let Some(reading) = self.reading.as_mut().filter(|reading| !reading.partial) else { return };
        let Some(sought) = self.sought.take().filter(|sought| reading.sought.as_ref() != Some(sought)) else { return };
        reading.sought = Some(sought.clone());
        let task = Task::Hits { number: reading.number, sought, trajectory: reading.trajectory.clone(), from: reading.at() };
        self.want(task);
    }

    /// Forgets the hits of the trajectory one reads; tells whether there were any.
    pub(super) fn forget_hits(&mut self) -> bool {
        let reading = self.reading.as_mut().filter(|reading| self.screen == Screen::Trajectory && !reading.in_detail && !reading.hits.is_empty());
        if let Some(reading) = reading {
            reading.look_for("");
            reading.detail_of = None;
            self.note("the hits are forgotten; q goes back");
            return true;
        }
        false
    }

    /// Takes in the steps that match, and goes to the first unless the person has gone elsewhere since.
    pub(super) fn hits_found(&mut self, number: i64, sought: &Sought, from: usize, steps: &[usize]) {
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.number == number && reading.sought.as_ref() == Some(sought)) else { return };
        reading.take_hits(sought, steps);
        if reading.at() != from {
            return;
        }
        if sought.inner.is_none()
            && let Some(first) = reading.hits.first().copied()
        {
            reading.go_to(first);
        }
        let (at, of) = reading.counted(Jump::Hit);
        if of > 1 && self.screen == Screen::Trajectory {
            self.note(&format!("hit {} of {of} in this trajectory; n and N go on", at.max(1)));
        }
    }
}
