//! Verifying a query step by step, where the index alone cannot tell: regular expressions, and beginnings of ids.

use super::hits::{Hit, Marker, hit_of};
use super::{Result, Workspace};
use crate::query::{Evaluator, Query};

/// Hits kept of one trajectory; its matches are counted all the same.
const HITS_OF_ONE: usize = 1000;

/// What was found in one trajectory.
pub struct Verified {
    /// Its number.
    pub number: i64,
    /// Steps that match.
    pub matches: usize,
    /// The first of them.
    pub hits: Vec<Hit>,
}

impl Workspace {
    /// Looks at every step of some trajectories, on all cores; the order of the numbers is kept.
    pub(super) fn verified(&self, query: &Query, numbers: &[i64]) -> Result<Vec<Verified>> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = numbers.len().div_ceil(threads).max(1);
        let work = |workspace: &Self, numbers: &[i64]| -> Result<Vec<Verified>> {
            let (evaluator, marker) = (Evaluator::new(query), Marker::of(query));
            numbers.iter().filter_map(|number| workspace.verify(*number, &evaluator, &marker).transpose()).collect()
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
            Ok(all)
        })
    }

    fn verify(&self, number: i64, evaluator: &Evaluator, marker: &Marker) -> Result<Option<Verified>> {
        let Some(trajectory) = self.load(number)? else { return Ok(None) };
        let mut found = Verified { number, matches: 0, hits: Vec::new() };
        for step in &trajectory.steps {
            if super::view::matches(evaluator, &trajectory, step) {
                found.matches += 1;
                if found.hits.len() < HITS_OF_ONE {
                    found.hits.push(hit_of(&trajectory, step, 0.0, marker));
                }
            }
        }
        Ok(Some(found))
    }
}
