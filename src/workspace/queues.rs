//! Queues in a workspace: what their query finds, in their order, with the draw and the place of each reviewer.

use super::judged::is_stale;
use super::review::{OpenQueue, QueueItem, open_dispute};
use super::sitting::Sitting;
use super::summary::Summary;
use super::{Error, Result, Workspace};
use crate::judging::{Arms, Candidate, Given, Order, Point, QueueText, Schema, Settled, State, TargetKind, asked_again, draw, falls_to};
use crate::model::{Draft, Timestamp};
use crate::query::{self, Field, Leaf, Level, Query, Value};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Trajectories whose decision points are held at once.
const AT_ONCE: usize = 64;

/// Queues that every workspace has: name, query, order.
const BUILT_IN: &[(&str, &str, &str)] = &[
    ("all", "", "oldest"),
    ("risk", "", "risk"),
    ("unflagged", "-finding:*", "random"),
    ("findings", "finding:*", "risk"),
    ("training", "is:gold", "oldest"),
    ("disputed", "is:disputed", "disagreement"),
    ("stale", "is:stale", "oldest"),
];

impl Workspace {
    /// Gives every queue: the built-in ones, then those that were made.
    pub fn queues(&self) -> Result<Vec<QueueText>> {
        let state = self.state()?;
        let made = state.queues();
        let built_in = BUILT_IN.iter().filter(|(name, ..)| made.iter().all(|queue| queue.name != *name)).map(|(name, query, order)| QueueText {
            name: (*name).to_owned(),
            query: (*query).to_owned(),
            schema: "approval-boundary".to_owned(),
            order: (*order).to_owned(),
            seed: 1,
            settles: *name == "disputed",
            blind: *name == "disputed",
            ..QueueText::default()
        });
        // A training round needs right answers.
        let built_in = built_in.filter(|queue| queue.name != "training" || state.has_gold());
        Ok(built_in.chain(made.iter().map(|queue| (*queue).clone())).collect())
    }

    /// Finds a queue by its name.
    pub fn queue(&self, name: &str) -> Result<QueueText> {
        let queues = self.queues()?;
        let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
        let hint = crate::judging::nearest(name, &names).map_or_else(|| format!("there are {}", names.join(", ")), |near| format!("did you mean {near}?"));
        queues.into_iter().find(|queue| queue.name == name).ok_or_else(|| Error::Undecidable(format!("no queue is named {name:?}; {hint}")))
    }

    /// Makes a queue of what a query finds, which is kept nowhere: its name is the query; oldest first, with the usual schema.
    pub fn queue_over(&self, query: &str) -> Result<QueueText> {
        query::parse(query)?;
        let all = self.queue("all")?;
        Ok(QueueText { name: query.to_owned(), query: query.to_owned(), ..all })
    }

    /// Saves a queue; the last one of a name counts.
    pub fn save_queue(&self, reviewer: &str, queue: &QueueText) -> Result<()> {
        query::parse(&queue.query)?;
        self.schema(Some(&queue.schema))?;
        if Order::parse(&queue.order).is_none() {
            let known: Vec<&str> = Order::ALL.iter().map(|(word, _)| *word).collect();
            return Err(Error::Undecidable(format!("{:?} is no order of a queue; there are {}", queue.order, known.join(", "))));
        }
        let shares = [queue.second, queue.again].iter().all(|share| (0.0..=1.0).contains(share));
        if queue.name.trim().is_empty() || !shares || queue.sample == Some(0) {
            return Err(Error::Undecidable("a queue needs a name, a sample of at least 1, and shares of double judging from 0 to 1".to_owned()));
        }
        self.record(reviewer, &[Draft::of(queue)]).map(|_| ())
    }

    /// Opens a queue for a reviewer: the items that fall to them, in order, at the place where they left it.
    pub fn open_queue(&self, queue: &QueueText, reviewer: &str) -> Result<OpenQueue> {
        let schema = self.schema(Some(&queue.schema))?;
        // Of hundreds of thousands of items no more is held at once than must be. Each has a step of its own; what is reserved and not used costs
        // no memory, and what a list leaves behind as it grows does.
        let most = usize::try_from(self.index.documents()).unwrap_or(0);
        let (mut candidates, mut clusters, mut strata, mut arms) = (Vec::with_capacity(most), Vec::with_capacity(most), Strata::of(queue), Arms::default());
        let query = query::parse(&queue.query)?;
        let meant = Meant::of(queue, &schema, &query);
        self.each_matching(&query, |found| {
            let state = self.state()?;
            for (summary, points) in &found {
                if queue.blind {
                    summary.tell(&mut arms);
                }
                for point in points.iter().filter(|point| meant.holds(&state, point)) {
                    clusters.push(point.cluster);
                    candidates.push(candidate(&state, strata.number(summary, point), summary, point));
                }
            }
            Ok(())
        })?;
        let strata = strata.in_order(&mut candidates);
        let drawn = draw(queue, &strata, &candidates);
        let mut items: Vec<QueueItem> = Vec::with_capacity(candidates.len());
        let (mut seen, mut copies) = (BTreeSet::new(), Vec::new());
        let sitting = if queue.settles { Sitting::Settling } else { Sitting::First };
        for (at, sampled) in drawn {
            // Each is drawn once.
            let (Some(candidate), Some(cluster)) = (candidates.get_mut(at), clusters.get(at)) else { continue };
            if !falls_to(queue, &candidate.name, reviewer) {
                continue;
            }
            let item = QueueItem { target: std::mem::take(&mut candidate.name), sampled, cluster: *cluster, sitting };
            // One of each cluster of near-duplicates comes first; the others follow after all of those.
            if cluster.is_none() || seen.insert(*cluster) { items.push(item) } else { copies.push(item) }
        }
        items.append(&mut copies);
        let items = with_repeats(queue, items);
        let place = self.store.meta(&place_key(&queue.name, reviewer))?;
        let place = place.and_then(|kept| items.iter().position(|item| item.kept() == kept)).unwrap_or(0);
        Ok(OpenQueue { name: queue.name.clone(), schema, blind: queue.blind, arms, items, place, looked: RefCell::default() })
    }

    /// Remembers where a reviewer is in a queue; written only where they are elsewhere than before.
    pub fn remember_place(&self, queue: &str, reviewer: &str, item: &QueueItem) -> Result<()> {
        let (key, kept) = (place_key(queue, reviewer), item.kept());
        if self.store.meta(&key)?.as_deref() != Some(&*kept) {
            self.store.set_meta(&key, &kept)?;
        }
        Ok(())
    }

    /// Gives the decision points that a query means, by trajectory: those with a step that matches, and the trajectory itself. They come some
    /// trajectories at a time, as all of a large workspace together would take hundreds of megabytes.
    pub(super) fn each_matching(&self, query: &Query, mut take: impl FnMut(Vec<(Summary, Vec<Point>)>) -> Result<()>) -> Result<()> {
        self.catch_up()?;
        let wanted: BTreeMap<i64, Option<Vec<u32>>> = if *query == Query::All {
            self.store.generations()?.into_iter().map(|(number, _)| (number, None)).collect()
        } else {
            let found = self.index.steps(&self.resolved(query)?)?;
            found.into_iter().map(|(number, seqs)| (number.cast_signed(), Some(seqs))).collect()
        };
        let spared = self.with_findings_left_out(query)?;
        let mut found = Vec::new();
        for (number, seqs) in wanted {
            let Some(summary) = self.store.trajectory(number)?.and_then(|row| serde_json::from_str::<Summary>(&row.summary).ok()) else { continue };
            let mut points = self.points(number)?;
            if let Some(seqs) = seqs {
                points.retain(|point| point.target.kind == TargetKind::Trajectory || point.seqs.iter().any(|seq| seqs.binary_search(seq).is_ok()));
            }
            if let Some(spared) = spared.get(&number) {
                points.retain(|point| point.seqs.iter().all(|seq| spared.binary_search(seq).is_err()));
            }
            found.push((summary, points));
            if found.len() == AT_ONCE {
                take(std::mem::take(&mut found))?;
            }
        }
        take(found)
    }

    /// Gives the steps with findings that a query leaves out, by trajectory: a call of which one step shows a finding is not one without,
    /// whatever its other steps show.
    fn with_findings_left_out(&self, query: &Query) -> Result<BTreeMap<i64, Vec<u32>>> {
        let parts = if let Query::And(parts) = query { parts.as_slice() } else { std::slice::from_ref(query) };
        let mut found: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for part in parts {
            let Query::Not(inner) = part else { continue };
            if !matches!(**inner, Query::Leaf(Leaf::Field { field: Field::Finding, .. })) {
                continue;
            }
            for (number, mut seqs) in self.index.steps(inner)? {
                found.entry(number.cast_signed()).or_default().append(&mut seqs);
            }
        }
        found.values_mut().for_each(|seqs| seqs.sort_unstable());
        Ok(found)
    }
}

/// Which decision points a queue means, of those in which a step matches its query.
pub(super) struct Meant<'q> {
    schema: &'q Schema,
    /// A query about steps means calls and turns; the session around them is another matter.
    wholes: bool,
    /// The word of a query that asks for what was said of targets themselves.
    own: Option<&'q str>,
}

impl<'q> Meant<'q> {
    pub(super) fn of(queue: &QueueText, schema: &'q Schema, query: &'q Query) -> Self {
        let wholes = query.leaves().iter().all(|(leaf, _)| leaf.level() == Level::Trajectory);
        Self { schema, wholes, own: if queue.settles { Some("disputed") } else { of_targets(query) } }
    }

    pub(super) fn holds(&self, state: &State, point: &Point) -> bool {
        self.schema.questions.iter().any(|question| question.target.contains(&point.target.kind))
            && match self.own {
                Some(word) => state.target_of(&point.target).is_some_and(|target| holds_of(state, self.schema, word, target, point)),
                None => self.wholes || point.target.kind != TargetKind::Trajectory,
            }
    }
}

impl QueueItem {
    /// Names the item as a place is kept: one that is asked a second time stands in its queue twice.
    fn kept(&self) -> Cow<'_, str> {
        if self.sitting == Sitting::Again { Cow::Owned(format!("{} again", self.target)) } else { Cow::Borrowed(&self.target) }
    }
}

/// Puts the items that are judged a second time a good while after their first; at the end where the queue is shorter.
fn with_repeats(queue: &QueueText, items: Vec<QueueItem>) -> Vec<QueueItem> {
    const APART: usize = 20;
    if queue.again <= 0.0 || queue.settles {
        return items;
    }
    let mut due: VecDeque<(usize, QueueItem)> = VecDeque::new();
    let mut all = Vec::with_capacity(items.len() + items.len() / 8);
    for item in items {
        while due.front().is_some_and(|(at, _)| *at <= all.len()) {
            all.extend(due.pop_front().map(|(_, again)| again));
        }
        if asked_again(queue, &item.target) {
            due.push_back((all.len() + APART, QueueItem { sitting: Sitting::Again, ..item.clone() }));
        }
        all.push(item);
    }
    all.extend(due.into_iter().map(|(_, again)| again));
    all
}

fn place_key(queue: &str, reviewer: &str) -> String {
    format!("place:{queue}:{reviewer}")
}

/// The strata of a draw, numbered as they come.
struct Strata {
    order: Order,
    numbers: BTreeMap<Arc<str>, u32>,
}

impl Strata {
    fn of(queue: &QueueText) -> Self {
        Self { order: Order::parse(&queue.order).unwrap_or(Order::Oldest), numbers: BTreeMap::new() }
    }

    fn number(&mut self, summary: &Summary, point: &Point) -> u32 {
        let stratum = match self.order {
            Order::Tool => point.tool.as_str(),
            Order::Arm => summary.cohort.as_ref().and_then(|c| c.arm.as_deref()).unwrap_or_default(),
            _ => "all",
        };
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.get(stratum).copied().unwrap_or_else(|| *self.numbers.entry(stratum.into()).or_insert(next))
    }

    /// Gives them in the order of their names, and numbers the candidates by it.
    fn in_order(self, candidates: &mut [Candidate]) -> Vec<Arc<str>> {
        let places: BTreeMap<u32, u32> = self.numbers.values().copied().zip(0..).collect();
        candidates.iter_mut().for_each(|candidate| candidate.stratum = places.get(&candidate.stratum).copied().unwrap_or(candidate.stratum));
        self.numbers.into_keys().collect()
    }
}

fn candidate(state: &State, stratum: u32, summary: &Summary, point: &Point) -> Candidate {
    let target = state.target_of(&point.target);
    Candidate {
        name: point.target.name().into(),
        started: summary.started_at.as_deref().and_then(Timestamp::parse).map_or(i64::MAX, Timestamp::ms),
        // The whole comes after its parts.
        seq: if point.seq == 0 { u32::MAX } else { point.seq },
        stratum,
        risk: point.risk,
        disputed: target.is_some_and(|target| state.is_disputed(target)),
        uncertainty: uncertainty(state, target, point),
    }
}

/// How unsure the matter is, 0 to 1: what reviewers differ about most, then what they were least sure of, then what facts leave open.
fn uncertainty(state: &State, target: Option<u32>, point: &Point) -> f32 {
    let questions = target.map(|target| state.questions_of(target)).unwrap_or_default();
    let Some(target) = target.filter(|_| !questions.is_empty()) else {
        let open = f32::from(u8::from(!point.facts.asked_certain)) + f32::from(u8::from(point.risk == 0));
        return 0.5 + 0.1 * open;
    };
    if questions.iter().any(|question| state.settled(target, *question) == Some(Settled::Disputed)) {
        return 1.0;
    }
    let least = state.current(target).map(|given| given.confidence).min().unwrap_or(2);
    match least {
        1 => 0.8,
        2 => 0.3,
        _ => 0.1,
    }
}

/// Gives the word of a query that asks nothing but what was said of targets themselves. What was said of a session is matched by every step of it,
/// and yet none of its calls is meant.
fn of_targets(query: &Query) -> Option<&str> {
    match query {
        Query::Leaf(Leaf::Field { field: Field::Is, value: Value::Text(word) }) if ["stale", "gold"].contains(&word.as_str()) => Some(word),
        _ => None,
    }
}

/// Tells whether such a word holds of a target.
fn holds_of(state: &State, schema: &Schema, word: &str, target: u32, point: &Point) -> bool {
    let stale = |given: &Given| {
        let (name, question) = state.question_name(given.question);
        name == schema.name && is_stale(std::slice::from_ref(schema), (name, question), given, Some(point))
    };
    match word {
        "stale" => state.current(target).any(stale),
        "gold" => state.has_right(target),
        _ => open_dispute(state, schema, target),
    }
}
