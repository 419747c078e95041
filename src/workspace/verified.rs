//! Verifying a query step by step, where the index alone cannot tell: regular expressions, and beginnings of ids.

use super::hits::{Hit, Marker, hit_of};
use super::{Abridged, Error, Result, Workspace};
use crate::query::{Evaluator, Field, Leaf, Query};
use crate::store::StoreError;

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

impl Workspace {
    /// Looks at every step of the trajectories that may match, on all cores; they stay in the order of their numbers. At least the first `limit` hits are told of.
    pub(super) fn verified(&self, query: &Query, limit: usize) -> Result<Vec<Verified>> {
        let numbers: Vec<i64> = self.index.trajectories(query)?.iter().map(u64::cast_signed).collect();
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = numbers.len().div_ceil(threads).max(1);
        let work = |workspace: &Self, numbers: &[i64]| -> Result<Vec<Verified>> {
            let mut look = Look { evaluator: Evaluator::new(query), marker: Marker::of(query), judged: judged(query), wanted: limit };
            numbers.iter().filter_map(|number| workspace.verify(*number, &mut look).transpose()).collect()
        };
        let (first, rest) = numbers.split_at(share.min(numbers.len()));
        std::thread::scope(|scope| {
            // Each thread opens the workspace for itself: a connection to the store is not shared.
            let others: Vec<_> = rest
                .chunks(share)
                .map(|numbers| {
                    let (folder, cache) = (&self.folder, &self.cache);
                    scope.spawn(move || work(&Self::open(folder, cache)?, numbers))
                })
                .collect();
            let mut all = work(self, first)?;
            for other in others {
                match other.join() {
                    Ok(found) => all.extend(found?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            let damaged = all.iter().filter_map(|found| Some((found.number, found.damaged.as_ref()?.to_string())));
            self.passed_over.borrow_mut().extend(damaged);
            Ok(all)
        })
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
        Ok(Some(found))
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
