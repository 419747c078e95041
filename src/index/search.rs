//! Searching the index.

use super::collect::{Counts, Distinct, Places, Steps};
use super::lower::Lower;
use super::numbers::Numbers;
use super::schema::{FACETS, NUMBERS, PLACE, ident};
use super::{Index, IndexError};
use crate::query::{Query, fold};
use std::collections::BTreeMap;
use std::sync::Arc;
use tantivy::collector::{Count, TopDocs};
use tantivy::columnar::{Column, StrColumn};
use tantivy::query::{EnableScoring, Query as Lowered, TermQuery};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocId, Executor, Searcher, SegmentReader, TantivyDocument, Term};

/// What is wanted of a search.
#[derive(Debug, Clone, Copy, Default)]
pub struct SearchOptions {
    /// At most so many hits.
    pub limit: usize,
    /// Whether the trajectories that they are in are wanted, all of them.
    pub trajectories: bool,
}

/// A step that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexHit {
    /// Number of the trajectory.
    pub trajectory: u64,
    /// Id of the step.
    pub step: String,
    /// Kind of the step.
    pub kind: String,
    /// Tool, where the step belongs to an execution.
    pub tool: Option<String>,
    /// Time in ms since 1970.
    pub at: Option<i64>,
    /// Place in the trajectory.
    pub seq: u64,
    /// Number of the source.
    pub source: u64,
    /// First byte of the record.
    pub start: u64,
    /// Length of the record in bytes.
    pub length: u64,
    /// Score.
    pub score: f32,
}

/// Values and their counts, by facet field.
pub type Facets = BTreeMap<&'static str, Vec<(String, u64)>>;

/// Result of a search.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// How many steps match.
    pub total: usize,
    /// The first of them.
    pub hits: Vec<IndexHit>,
    /// Numbers of the trajectories with a step that matches, where they were wanted.
    pub trajectories: Numbers,
}

impl Index {
    /// Finds steps.
    pub fn search(&self, query: &Query, options: SearchOptions) -> Result<Results, IndexError> {
        let searcher = self.reader.searcher();
        let lowered = self.lowered(&searcher, query);
        let limit = options.limit.max(1);
        // The best first.
        let wanted = (Count, TopDocs::with_limit(limit).order_by_score(), options.trajectories.then_some(Distinct));
        let scored = EnableScoring::enabled_from_searcher(&searcher);
        let (total, found, trajectories) = searcher.search_with_executor(lowered.as_ref(), &wanted, self.ranking_threads(), scored)?;
        let mut columns: Vec<Option<Columns>> = Vec::new();
        columns.resize_with(searcher.segment_readers().len(), || None);
        let mut hits = Vec::with_capacity(found.len().min(options.limit));
        for (score, address) in found.into_iter().take(options.limit) {
            let Some(slot) = columns.get_mut(address.segment_ord as usize) else { continue };
            let columns = match slot {
                Some(columns) => columns,
                None => slot.insert(Columns::of(searcher.segment_reader(address.segment_ord))?),
            };
            let document: TantivyDocument = searcher.doc(address)?;
            let step = document.get_first(self.fields.step).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
            hits.push(columns.hit(address.doc_id, step, score));
        }
        Ok(Results { total, hits, trajectories: trajectories.unwrap_or_default() })
    }

    /// Gives the numbers of trajectories with at least one step that matches.
    pub fn trajectories(&self, query: &Query) -> Result<Numbers, IndexError> {
        let searcher = self.reader.searcher();
        let lowered = self.lowered(&searcher, query);
        // A dictionary that is looked through takes both threads.
        let scored = EnableScoring::disabled_from_searcher(&searcher);
        Ok(searcher.search_with_executor(lowered.as_ref(), &Distinct, self.ranking_threads(), scored)?)
    }

    /// Gives the places of all steps that match, in order, by the number of their trajectory.
    pub fn steps(&self, query: &Query) -> Result<Places, IndexError> {
        let searcher = self.reader.searcher();
        let lowered = self.lowered(&searcher, query);
        Ok(searcher.search(lowered.as_ref(), &Steps)?)
    }

    /// Gives the numbers of trajectories that hold an exact id.
    pub fn holders(&self, id: &str) -> Result<Vec<u64>, IndexError> {
        let term = Term::from_field_u64(self.fields.ident, ident(&fold(id)));
        Ok(self.reader.searcher().search(&TermQuery::new(term, IndexRecordOption::Basic), &Distinct)?.iter().collect())
    }

    /// Counts, for each value of each facet field, the trajectories with a step that matches and has it, most frequent first; and gives
    /// all trajectories that were counted. With `only`, these steps are counted in place of what matches.
    pub fn facets(&self, query: &Query, only: Option<&Arc<Places>>) -> Result<(Facets, Numbers), IndexError> {
        let searcher = self.reader.searcher();
        let lowered = self.lowered(&searcher, if only.is_some() { &Query::All } else { query });
        let mut facets = BTreeMap::new();
        self.profiles.keep_only(&searcher);
        let (counted, trajectories) = searcher.search(lowered.as_ref(), &Counts { kept: &self.profiles, only: only.cloned() })?;
        for (name, counts) in FACETS.iter().zip(counted) {
            let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            facets.insert(*name, counts);
        }
        Ok((facets, trajectories))
    }

    /// Gives two threads, which rank one segment each: somebody waits for it. They begin with the first search and sleep between searches.
    fn ranking_threads(&self) -> &Executor {
        self.rankers.get_or_init(|| Executor::multi_thread(2, "ossia-rank-").unwrap_or(Executor::SingleThread))
    }

    fn lowered(&self, searcher: &Searcher, query: &Query) -> Box<dyn Lowered> {
        let matching = |positive: &dyn Lowered| searcher.search(positive, &Distinct).unwrap_or_default().iter().collect();
        debug_assert_eq!(NUMBERS.len(), self.fields.numbers.len());
        Lower { fields: &self.fields, matching }.query(&query.pushed_down())
    }
}

/// The columns of a segment that a hit is read from.
struct Columns {
    kind: Option<StrColumn>,
    tool: Option<StrColumn>,
    at: Column<i64>,
    trajectory: Column<u64>,
    place: [Column<u64>; PLACE.len()],
}

impl Columns {
    fn of(segment: &SegmentReader) -> Result<Self, IndexError> {
        let fast = segment.fast_fields();
        let place = [fast.u64(PLACE[0])?, fast.u64(PLACE[1])?, fast.u64(PLACE[2])?, fast.u64(PLACE[3])?];
        Ok(Self { kind: fast.str("facet_kind")?, tool: fast.str("facet_tool")?, at: fast.i64("at")?, trajectory: fast.u64("trajectory")?, place })
    }

    fn hit(&self, doc: DocId, step: String, score: f32) -> IndexHit {
        let word = |column: &Option<StrColumn>| -> Option<String> {
            let (column, mut value) = (column.as_ref()?, String::new());
            let known = column.ords().first(doc).is_some_and(|ordinal| column.ord_to_str(ordinal, &mut value).unwrap_or(false));
            Some(value).filter(|value| known && !value.is_empty())
        };
        let [source, start, length, seq] = [0, 1, 2, 3].map(|at| self.place[at].first(doc).unwrap_or(0));
        IndexHit {
            kind: word(&self.kind).unwrap_or_default(),
            tool: word(&self.tool),
            at: self.at.first(doc),
            trajectory: self.trajectory.first(doc).unwrap_or(0),
            step,
            seq,
            source,
            start,
            length,
            score,
        }
    }
}
