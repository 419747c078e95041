//! What a screen asks for: orders, rows, matches and counts from the catalog and the index as they are, without waiting for an import.

use super::hits::{Hit, HitReader};
use super::report::SourceReport;
use super::standing::Standing;
use super::summary::Summary;
use super::verified::Verified;
use super::{Error, Result, Workspace};
use crate::index::{IndexHit, Numbers, SearchOptions};
use crate::model::{EntryId, Trajectory};
use crate::query::{Field, Leaf, Query, Value};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// States that are counted as a facet.
const STATES: &[&str] = &["denied", "retried"];

pub use crate::index::{Facets, Places};

/// A step that matches, perhaps not yet read.
#[derive(Debug, Clone)]
pub struct Found {
    /// Number of the trajectory.
    pub number: i64,
    /// Step id.
    pub step: String,
    place: Place,
}

impl Found {
    /// Gives the call that the step is a part of, where it is one.
    #[must_use]
    pub fn call(&self) -> Option<&str> {
        let kind = match &self.place {
            Place::Indexed(hit) => &hit.kind,
            Place::Read(hit) => &hit.kind,
        };
        let of_call = matches!(kind.as_str(), "tool_call" | "wait" | "resolution" | "tool_result");
        self.step.rsplit_once('.').filter(|_| of_call).map(|(call, _)| call)
    }
}

/// Where a matching step is.
#[derive(Debug, Clone)]
enum Place {
    /// Where the index says.
    Indexed(Box<IndexHit>),
    /// It was read already, to see whether it matches.
    Read(Box<Hit>),
}

/// Which order, of which state of the store and the journal.
#[derive(Debug, PartialEq)]
pub(super) struct OrderOf {
    sort: String,
    descending: bool,
    stored: (i64, u64),
    decided: Option<(u64, EntryId)>,
}

/// The order that was asked for last.
pub(super) type Ordered = RefCell<Option<(OrderOf, Rc<[i64]>)>>;

/// What matches a query.
#[derive(Debug, Clone, Default)]
pub struct Matches {
    /// Trajectories, in the order asked for.
    pub trajectories: Vec<i64>,
    /// Whether these are only the first of them.
    pub partial: bool,
    /// How many trajectories were looked through, of how many, where the index alone cannot tell.
    pub looked: Option<(usize, usize)>,
    /// How many steps match; 0 where steps were not asked for.
    pub total: usize,
    /// The best steps; where the index alone cannot tell, the first.
    pub steps: Vec<Found>,
    /// Places of all steps that match, once each was looked at.
    pub places: Option<Arc<Places>>,
}

impl Matches {
    /// Gives what was found by looking at steps, with at most so many of them.
    fn of(found: &[Verified], steps: usize, looked: (usize, usize)) -> Self {
        let matching = found.iter().filter(|found| !found.places.is_empty());
        let read = |number: i64, hit: &Hit| Found { number, step: hit.step.clone(), place: Place::Read(Box::new(hit.clone())) };
        Self {
            trajectories: matching.clone().map(|found| found.number).collect(),
            partial: true,
            looked: Some(looked),
            total: matching.clone().map(|found| found.places.len()).sum(),
            steps: matching.flat_map(|found| found.hits.iter().map(|hit| read(found.number, hit))).take(steps).collect(),
            places: None,
        }
    }
}

/// Hears, where every step is looked at, that there is more to tell, by what makes it; says whether to go on.
pub type Telling<'w> = &'w mut dyn FnMut(&dyn Fn() -> Matches) -> bool;

impl Workspace {
    /// Finds trajectories, and if `steps` is not 0 so many of the best steps, in the index as it is; `None` where it was told to stop.
    pub fn matches(&self, query: &Query, sort: &str, descending: bool, steps: usize, tell: Telling<'_>) -> Result<Option<Matches>> {
        let order = self.order(sort, descending)?;
        if *query == Query::All {
            return Ok(Some(Matches { trajectories: order.to_vec(), ..Matches::default() }));
        }
        let query = &self.resolved(query)?;
        let of = |numbers: &Numbers| order.iter().copied().filter(|number| numbers.contains(number.unsigned_abs())).collect();
        if query.is_verified() {
            let may: Vec<i64> = of(&self.index.trajectories(query)?);
            let found = self.sift(query, &may, steps, &mut |sifted| tell(&|| Matches::of(sifted.found, steps, (sifted.looked, sifted.of))))?;
            return Ok(found.map(|found| {
                let all = Matches::of(&found, steps, (may.len(), may.len()));
                let places = found.into_iter().map(|found| (found.number.cast_unsigned(), found.places)).collect();
                Matches { partial: false, places: Some(Arc::new(places)), ..all }
            }));
        }
        if steps == 0 {
            return Ok(Some(Matches { trajectories: of(&self.index.trajectories(query)?), ..Matches::default() }));
        }
        let results = self.index.search(query, SearchOptions { limit: steps, trajectories: true })?;
        let found = |hit: IndexHit| Found { number: hit.trajectory.cast_signed(), step: hit.step.clone(), place: Place::Indexed(Box::new(hit)) };
        let steps = results.hits.into_iter().map(found).collect();
        Ok(Some(Matches { trajectories: of(&results.trajectories), total: results.total, steps, ..Matches::default() }))
    }

    /// Gives the first trajectories of an order, where it costs less than all of them: by the latest start; `None` where there are no more.
    pub fn first_of(&self, sort: &str, descending: bool, limit: usize) -> Result<Option<Vec<i64>>> {
        if (sort, descending) != ("at", true) {
            return Ok(None);
        }
        let first = self.store.latest_trajectories(limit)?;
        Ok(Some(first).filter(|first| first.len() == limit))
    }

    /// Gives every trajectory in an order, kept until the store or the journal changes: whoever types a query asks for the same one again.
    fn order(&self, sort: &str, descending: bool) -> Result<Rc<[i64]>> {
        let decided = if sort == "labels" { self.state()?.last() } else { None };
        let of = OrderOf { sort: sort.to_owned(), descending, stored: self.store.version()?, decided };
        if let Some((kept, order)) = &*self.ordered.borrow()
            && *kept == of
        {
            return Ok(Rc::clone(order));
        }
        let mut order = self.store.trajectory_order(if sort == "labels" { "at" } else { sort }, if sort == "labels" { true } else { descending })?;
        if sort == "labels" {
            let counts = self.labels_by_number()?;
            let count = |number: &i64| counts.get(number).copied().unwrap_or(0);
            order.sort_by(|a, b| if descending { count(b).cmp(&count(a)) } else { count(a).cmp(&count(b)) });
        }
        let order: Rc<[i64]> = order.into();
        *self.ordered.borrow_mut() = Some((of, Rc::clone(&order)));
        Ok(order)
    }

    /// Reads steps that match, for one line each; each has its place among the matches.
    pub fn read_found(&self, query: &Query, found: &[(usize, Found)]) -> Result<Vec<(usize, Hit)>> {
        let mut reader = HitReader::new(self, query);
        let mut hits = Vec::with_capacity(found.len());
        for (at, found) in found {
            let hit = match &found.place {
                Place::Read(hit) => Some((**hit).clone()),
                Place::Indexed(hit) => reader.hit(hit)?,
            };
            hits.extend(hit.map(|hit| (*at, hit)));
        }
        Ok(hits)
    }

    /// Gives the rows of trajectories as the catalog has them, without what people decided about them, for which the journal must be folded.
    pub fn catalog_rows(&self, numbers: &[i64]) -> Result<Vec<(i64, Summary)>> {
        let mut rows = Vec::with_capacity(numbers.len());
        for number in numbers {
            let row = self.store.trajectory(*number)?;
            rows.extend(row.and_then(|row| serde_json::from_str(&row.summary).ok()).map(|summary| (*number, summary)));
        }
        Ok(rows)
    }

    /// Gives the rows of trajectories; those that are gone or not yet summarised are left out.
    pub fn rows(&self, numbers: &[i64]) -> Result<Vec<(i64, Summary)>> {
        let mut rows = self.catalog_rows(numbers)?;
        self.count_labels(rows.iter_mut().map(|(_, summary)| summary))?;
        self.note_audit(rows.iter_mut().map(|(_, summary)| summary))?;
        Ok(rows)
    }

    /// Counts trajectories by the values of facet fields, in the index as it is; the places of the steps that match are given where each was
    /// looked at before.
    pub fn facets(&self, query: &Query, places: Option<Arc<Places>>) -> Result<Facets> {
        let query = self.resolved(query)?;
        let only: Option<Arc<Places>> = match query.is_verified() {
            true if places.is_some() => places,
            true => Some(Arc::new(self.verified(&query, 0)?.into_iter().map(|found| (found.number.cast_unsigned(), found.places)).collect())),
            false => None,
        };
        let (mut facets, trajectories) = self.index.facets(&query, only.as_ref())?;
        let states = self.audit_states()?;
        let mut counts: FxHashMap<&str, u64> = FxHashMap::default();
        for (_, state) in states.iter().filter(|(number, _)| trajectories.contains(number.unsigned_abs())) {
            *counts.entry(state.as_str()).or_default() += 1;
        }
        let without = (trajectories.len() as u64).saturating_sub(counts.values().sum());
        *counts.entry("none").or_default() += without;
        counts.retain(|_, count| *count > 0);
        // What a person looks for by a state is more than one decision or status: it is counted as the query finds it.
        let mut states_there = Vec::new();
        for word in STATES {
            let is = Query::Leaf(Leaf::Field { field: Field::Is, value: Value::Text((*word).to_owned()) });
            let count = match &only {
                Some(only) => {
                    let counts =
                        |number: &u64, places: &[u32]| only.get(number).is_some_and(|only| places.iter().any(|place| only.binary_search(place).is_ok()));
                    self.index.steps(&is)?.iter().filter(|(number, places)| counts(number, places)).count()
                }
                None => self.index.trajectories(&Query::and(vec![query.clone(), is]))?.len(),
            } as u64;
            states_there.extend((count > 0).then(|| ((*word).to_owned(), count)));
        }
        facets.insert("is", states_there);
        let named = |word: &str| counts.get(word).map(|count| (word.to_owned(), *count));
        facets.insert("audit", ["open", "clean", "none"].into_iter().filter_map(named).collect());
        Ok(facets)
    }

    /// Loads a trajectory by its id, or by the id of something in it; gives its number and what of it is meant.
    pub fn open_trajectory(&self, id: &str) -> Result<(i64, Trajectory, Option<String>)> {
        let (trajectory, inner) = self.resolve(id)?;
        let number = self.store.find_trajectory(&trajectory.id)?.ok_or_else(|| Error::NotFound { id: id.to_owned(), hint: String::new() })?;
        Ok((number, trajectory, inner))
    }

    /// Gives the number of a trajectory by its id.
    pub fn number_of(&self, id: &str) -> Result<Option<i64>> {
        Ok(self.store.find_trajectory(id)?)
    }

    /// Gives the numbers of trajectories that have a share of a source that was imported.
    pub fn trajectories_of(&self, source: &SourceReport) -> Result<Vec<i64>> {
        let by_hash = || source.sha256.as_deref().map_or(Ok(None), |sha256| self.store.source_named(sha256));
        let Some(source) = self.store.source_at(&source.path)?.map_or_else(by_hash, |source| Ok(Some(source)))? else { return Ok(Vec::new()) };
        Ok(self.store.portions(crate::store::Portions::OfSource(source.id))?.into_iter().map(|portion| portion.trajectory).collect())
    }

    /// Counts the trajectories.
    pub fn count_trajectories(&self) -> Result<u64> {
        Ok(self.store.trajectory_count()?)
    }

    /// Counts the steps that the index holds.
    #[must_use]
    pub fn count_steps(&self) -> u64 {
        self.index.documents()
    }

    /// Gives the folder.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Gives the folder in which its index lies.
    #[must_use]
    pub fn index_folder(&self) -> std::path::PathBuf {
        self.index.folder().to_owned()
    }

    /// Gives the store's generation when a trajectory changed last; 0 where it is not there.
    pub fn generation_of(&self, number: i64) -> Result<i64> {
        Ok(self.store.trajectory(number)?.map_or(0, |row| row.generation))
    }

    /// Makes visible what was indexed since, and gives a mark that changes whenever something was stored, indexed or decided, and how the
    /// index stands to the store.
    pub fn generation(&self) -> Result<(String, Standing)> {
        self.index.reload()?;
        let stored = self.store.meta("generation")?.unwrap_or_default();
        let indexed = self.index.watermark().unwrap_or_default();
        // The last entry says as much as all of them folded, which would hold up the first frame.
        let decided = self.journal.last_clock()?;
        let audited = self.store.meta("audit_version")?.unwrap_or_default();
        Ok((format!("{stored} {indexed} {} {decided} {audited}", self.index.documents()), self.standing()?))
    }
}
