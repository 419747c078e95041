//! How far a reviewer is: in the queue that is open, and in every queue without opening it.

use super::queues::Meant;
use super::review::{OpenQueue, open_dispute};
use super::sitting::{Sitting, item};
use super::{Result, Workspace};
use crate::judging::{Given, QueueText, Schema, State, asked_again, falls_to};
use crate::model::{EntryId, Timestamp};
use crate::query;
use serde::Serialize;

/// Items by which the pace is told.
const PACED: usize = 5;
/// A time before an answer that is longer, in ms, was spent on something else.
const PAUSE_MS: u32 = 5 * 60_000;

/// How far a reviewer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Progressed {
    /// Items of which nothing more is asked: every question that follows from the answers so far is answered, and none anew.
    pub done: usize,
    /// Items.
    pub total: usize,
    /// Median time in ms of the items that were done last, where times are known; an item with a pause before one of its answers is left out.
    pub pace_ms: Option<u64>,
}

/// How far a reviewer is in a queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueProgress {
    /// The queue.
    #[serde(flatten)]
    pub queue: QueueText,
    /// How far.
    #[serde(flatten)]
    pub progress: Progressed,
}

/// The answers of one reviewer to one item.
struct Own {
    last: Timestamp,
    entries: Vec<EntryId>,
    /// Time they took in ms; 0 where one came after a pause.
    ms: u64,
}

impl Own {
    fn of(state: &State, schema: &Schema, target: u32, chain: Option<u32>, sitting: Sitting) -> Option<Self> {
        let given: Vec<&Given> = if sitting == Sitting::Again { state.repeated(target).collect() } else { state.current(target).collect() };
        let own = given.into_iter().filter(|given| Some(given.chain) == chain && state.question_name(given.question).0 == schema.name);
        let own: Vec<&Given> = own.collect();
        let last = own.iter().map(|given| given.at).max()?;
        let (entries, times): (Vec<EntryId>, Vec<u32>) = own.into_iter().map(|given| (given.entry, given.ms)).unzip();
        let paused = times.iter().any(|ms| *ms > PAUSE_MS);
        Some(Self { last, entries, ms: if paused { 0 } else { times.into_iter().map(u64::from).sum() } })
    }
}

/// Items as they are counted.
#[derive(Default)]
struct Count {
    done: usize,
    total: usize,
    /// When those that are done were, and the time in ms they took.
    times: Vec<(Timestamp, u64)>,
}

impl Count {
    fn done(&mut self, own: &Own) {
        self.done += 1;
        if own.ms > 0 {
            self.times.push((own.last, own.ms));
        }
    }

    fn close(mut self) -> Progressed {
        self.times.sort_unstable();
        // What was done in another week says little of today's pace.
        let mut times: Vec<u64> = self.times.into_iter().rev().take(PACED).map(|(_, ms)| ms).collect();
        times.sort_unstable();
        Progressed { done: self.done, total: self.total, pace_ms: times.get(times.len() / 2).copied() }
    }
}

impl Workspace {
    /// Counts what a reviewer has done of a queue, and how fast.
    pub fn progress(&self, queue: &OpenQueue, reviewer: &str) -> Result<Progressed> {
        let state = self.state()?;
        let chain = state.find_chain(self.journal().id(), reviewer);
        let (mut count, mut answered) = (Count { total: queue.items.len(), ..Count::default() }, Vec::new());
        for (at, item) in queue.items.iter().enumerate() {
            let Some(target) = state.target(&item.target) else { continue };
            if item.sitting == Sitting::Settling {
                count.done += usize::from(!open_dispute(&state, &queue.schema, target));
            } else if let Some(own) = Own::of(&state, &queue.schema, target, chain, item.sitting) {
                answered.push((at, own));
            }
        }
        drop(state);
        for (at, own) in answered {
            if self.is_answered(queue, at, &own.entries, reviewer)? {
                count.done(&own);
            }
        }
        Ok(count.close())
    }

    /// Tells whether nothing more is asked of a reviewer about an item; looked at again only where the answers are others.
    fn is_answered(&self, queue: &OpenQueue, at: usize, entries: &[EntryId], reviewer: &str) -> Result<bool> {
        if let Some((_, all)) = queue.looked.borrow().get(&at).filter(|(known, _)| known == entries) {
            return Ok(*all);
        }
        let Some(item) = queue.items.get(at) else { return Ok(true) };
        // What vanished since has nothing more to ask.
        let all = match self.point_of(&item.target)? {
            Some(_) => self.review_item(&queue.schema, &item.target, reviewer, item.sitting)?.next.is_none(),
            None => true,
        };
        queue.looked.borrow_mut().insert(at, (entries.to_vec(), all));
        Ok(all)
    }

    /// Says how far a reviewer is in every queue.
    pub fn queue_progress(&self, reviewer: &str) -> Result<Vec<QueueProgress>> {
        let mut found: Vec<QueueProgress> = Vec::new();
        for queue in self.queues()? {
            // In another order they are the same items.
            let known = found.iter().find(|known| same_items(&known.queue, &queue)).map(|known| known.progress);
            let progress = match known {
                Some(progress) => progress,
                None if queue.sample.is_some() => self.progress(&self.open_queue(&queue, reviewer)?, reviewer)?,
                None => self.count_queue(&queue, reviewer)?,
            };
            found.push(QueueProgress { queue, progress });
        }
        Ok(found)
    }

    /// Says how far a reviewer is in what a query finds.
    pub fn progress_over(&self, query: &str, reviewer: &str) -> Result<QueueProgress> {
        let queue = self.queue_over(query)?;
        let progress = self.count_queue(&queue, reviewer)?;
        Ok(QueueProgress { queue, progress })
    }

    /// Counts the items of a queue of which none is left out by lot, as they come by: held together, those of a large workspace take tens of megabytes.
    fn count_queue(&self, queue: &QueueText, reviewer: &str) -> Result<Progressed> {
        let schema = self.schema(Some(&queue.schema))?;
        let query = query::parse(&queue.query)?;
        let meant = Meant::of(queue, &schema, &query);
        let who = (self.journal().id(), reviewer);
        let mut count = Count::default();
        self.each_matching(&query, |found| {
            let state = self.state()?;
            let chain = state.find_chain(who.0, who.1);
            for point in found.iter().flat_map(|(_, points)| points).filter(|point| meant.holds(&state, point)) {
                let name = point.target.name();
                if !falls_to(queue, &name, reviewer) {
                    continue;
                }
                let sittings: &[Sitting] = match (queue.settles, asked_again(queue, &name)) {
                    (true, _) => &[Sitting::Settling],
                    (false, true) => &[Sitting::First, Sitting::Again],
                    (false, false) => &[Sitting::First],
                };
                count.total += sittings.len();
                let Some(target) = state.target(&name) else { continue };
                for sitting in sittings {
                    if *sitting == Sitting::Settling {
                        count.done += usize::from(!open_dispute(&state, &schema, target));
                        continue;
                    }
                    let own = Own::of(&state, &schema, target, chain, *sitting);
                    let own = own.filter(|_| item(&state, &schema, point.clone(), who, *sitting).next.is_none());
                    own.iter().for_each(|own| count.done(own));
                }
            }
            Ok(())
        })?;
        Ok(count.close())
    }
}

/// Tells whether two queues hold the same items: nothing is drawn, and no lot decides who judges or what is asked again.
fn same_items(one: &QueueText, other: &QueueText) -> bool {
    let plain = |queue: &QueueText| queue.sample.is_none() && queue.reviewers.is_empty() && queue.again <= 0.0;
    plain(one) && plain(other) && (&one.query, &one.schema, one.settles) == (&other.query, &other.schema, other.settles)
}
