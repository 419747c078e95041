//! Verifying a query step by step, where the index alone cannot tell: regular expressions, and beginnings of ids.

use super::hits::{Hit, Marker, hit_of};
use super::{Abridged, Error, Result, Workspace};
use crate::query::{Evaluator, Field, Leaf, Query};
use crate::store::StoreError;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// Fields that are known before it is judged what the calls do.
const UNJUDGED: [Field; 19] = [
    Field::Kind,
    Field::Role,
    Field::Tool,
    Field::Status,
    Field::Decision,
    Field::By,
    Field::Agent,
    Field::Model,
    Field::Provider,
    Field::Cohort,
    Field::Arm,
    Field::Experiment,
    Field::Scenario,
    Field::Session,
    Field::Id,
    Field::At,
    Field::Wait,
    Field::Steps,
    Field::Tokens,
];

/// What was found in one trajectory.
pub struct Verified {
    /// Its number.
    pub number: i64,
    /// The places of its steps that match, in order.
    pub places: Vec<u32>,
    /// The first of them.
    pub hits: Vec<Hit>,
    /// Why nothing of it could be looked at, where its stored bytes are damaged.
    pub damaged: Option<StoreError>,
}

/// Trajectories that a thread takes at once: whoever no longer wants to know waits until they are looked at.
const AT_ONCE: usize = 8;

/// What was found up to some trajectory of those that were to be looked at.
pub struct Sifted<'a> {
    /// What was found, in the order that was asked for.
    pub found: &'a [Verified],
    /// Trajectories that were looked at.
    pub looked: usize,
    /// Trajectories that are to be looked at.
    pub of: usize,
}

impl Workspace {
    /// Looks at every step of the trajectories that may match and gives those with one that does, in the order of their numbers, and those that
    /// are damaged. At least the first `limit` hits are told of.
    pub(super) fn verified(&self, query: &Query, limit: usize) -> Result<Vec<Verified>> {
        let numbers: Vec<i64> = self.index.trajectories(query)?.iter().map(u64::cast_signed).collect();
        Ok(self.sift(query, &numbers, limit, &mut |_| true)?.unwrap_or_default())
    }

    /// Does so for some trajectories, in their order, on all cores. What was found is told as it goes on, and only ever grows at its end; `None`
    /// where it was told to stop.
    pub(super) fn sift(&self, query: &Query, numbers: &[i64], limit: usize, watch: &mut dyn FnMut(&Sifted<'_>) -> bool) -> Result<Option<Vec<Verified>>> {
        let batches: Vec<&[i64]> = numbers.chunks(AT_ONCE).collect();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = |workspace: &Self, take: &mut dyn FnMut(usize, Vec<Verified>)| -> Result<()> {
            let mut look = Look { evaluator: Evaluator::new(query), marker: Marker::of(query), judged: judged(query), wanted: limit };
            while !stop.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = batches.get(at) else { break };
                let found: Result<_> = batch.iter().filter_map(|number| workspace.verify(*number, &mut look).transpose()).collect();
                take(at, found.inspect_err(|_| stop.store(true, Ordering::Relaxed))?);
            }
            Ok(())
        };
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(batches.len());
        let mut row = Row::default();
        let mut take = |at: usize, found: Vec<Verified>| {
            row.take(at, found);
            let sifted = Sifted { found: &row.found, looked: (row.batches * AT_ONCE).min(numbers.len()), of: numbers.len() };
            if !stop.load(Ordering::Relaxed) && !watch(&sifted) {
                stop.store(true, Ordering::Relaxed);
            }
        };
        if threads < 2 {
            work(self, &mut take)?;
        } else {
            std::thread::scope(|scope| {
                let (tell, told) = channel();
                // Each thread opens the workspace for itself: a connection to the store is not shared.
                let workers: Vec<_> = std::iter::repeat_n(tell, threads)
                    .map(|tell| {
                        let (folder, cache, work) = (&self.folder, &self.cache, &work);
                        scope.spawn(move || work(&Self::open(folder, cache)?, &mut |at, found| drop(tell.send((at, found)))))
                    })
                    .collect();
                told.iter().for_each(|(at, found)| take(at, found));
                workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })?;
        }
        if stop.into_inner() {
            return Ok(None);
        }
        let damaged = row.found.iter().filter_map(|found| Some((found.number, found.damaged.as_ref()?.to_string())));
        self.passed_over.borrow_mut().extend(damaged);
        Ok(Some(row.found))
    }

    /// Gives the places, from 0, of the steps of a trajectory that match a query.
    pub fn steps_that_match(&self, trajectory: &Abridged, query: &Query) -> Result<Vec<usize>> {
        let evaluator = Evaluator::new(&self.resolved(query)?);
        let mut found = Vec::new();
        for (at, step) in trajectory.whole_steps().enumerate() {
            let step = step?;
            found.extend(super::view::matches(&evaluator, trajectory, &step).then_some(at));
        }
        Ok(found)
    }

    fn verify(&self, number: i64, look: &mut Look) -> Result<Option<Verified>> {
        let mut found = Verified { number, places: Vec::new(), hits: Vec::new(), damaged: None };
        let loaded = match if look.judged { self.load(number) } else { self.load_words(number) } {
            Err(Error::Store(damaged @ StoreError::Damaged { .. })) => {
                found.damaged = Some(damaged);
                return Ok(Some(found));
            }
            loaded => loaded?,
        };
        let Some(trajectory) = loaded else { return Ok(None) };
        for step in &trajectory.steps {
            if super::view::matches(&look.evaluator, &trajectory, step) {
                found.places.push(step.seq);
                if look.wanted > 0 {
                    look.wanted -= 1;
                    found.hits.push(hit_of(&trajectory, step, 0.0, &look.marker));
                }
            }
        }
        Ok(Some(found).filter(|found| !found.places.is_empty()))
    }
}

/// What threads found, put in a row.
#[derive(Default)]
struct Row {
    found: Vec<Verified>,
    /// Batches that are in it.
    batches: usize,
    /// Those that came before one they follow.
    waiting: BTreeMap<usize, Vec<Verified>>,
}

impl Row {
    fn take(&mut self, at: usize, found: Vec<Verified>) {
        self.waiting.insert(at, found);
        while let Some(next) = self.waiting.remove(&self.batches) {
            self.found.extend(next);
            self.batches += 1;
        }
    }
}

/// What steps are looked at for.
struct Look {
    evaluator: Evaluator,
    marker: Marker,
    /// Whether the query asks for what the calls do.
    judged: bool,
    /// How many more hits are wanted.
    wanted: usize,
}

/// Tells whether a query asks for what is known only once it is judged what the calls do.
fn judged(query: &Query) -> bool {
    query.leaves().iter().any(|(leaf, _)| matches!(leaf, Leaf::Field { field, .. } if !UNJUDGED.contains(field)))
}
