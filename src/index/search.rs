//! Searching the index.

use super::lower::Lower;
use super::schema::{FACETS, NUMBERS, PLACE, ident};
use super::{Index, IndexError};
use crate::query::{Query, fold};
use std::collections::{BTreeMap, BTreeSet};
use tantivy::collector::{Collector, Count, SegmentCollector, TopDocs};
use tantivy::columnar::Column;
use tantivy::query::{Query as Lowered, TermQuery};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocId, Score, Searcher, SegmentReader, TantivyDocument, Term};

/// What is wanted of a search.
#[derive(Debug, Clone, Copy, Default)]
pub struct SearchOptions {
    /// At most so many hits.
    pub limit: usize,
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
}

impl Index {
    /// Finds steps.
    pub fn search(&self, query: &Query, options: SearchOptions) -> Result<Results, IndexError> {
        let searcher = self.reader.searcher();
        let lowered = self.lowered(&searcher, query);
        let limit = options.limit.max(1);
        // The best first.
        let (total, found): (usize, Vec<(f32, tantivy::DocAddress)>) =
            searcher.search(lowered.as_ref(), &(Count, TopDocs::with_limit(limit).order_by_score()))?;
        let hits = found.into_iter().take(options.limit).map(|(score, address)| self.hit(&searcher, score, address)).collect::<Result<_, _>>()?;
        Ok(Results { total, hits })
    }

    fn hit(&self, searcher: &Searcher, score: f32, address: tantivy::DocAddress) -> Result<IndexHit, IndexError> {
        let document: TantivyDocument = searcher.doc(address)?;
        let step = document.get_first(self.fields.step).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let fast = searcher.segment_reader(address.segment_ord).fast_fields();
        let number = |name: &str| -> Result<u64, IndexError> { Ok(fast.u64(name)?.first(address.doc_id).unwrap_or(0)) };
        let word = |name: &str| -> Result<Option<String>, IndexError> {
            let Some(column) = fast.str(name)? else { return Ok(None) };
            let mut value = String::new();
            let known = column.ords().first(address.doc_id).is_some_and(|ordinal| column.ord_to_str(ordinal, &mut value).unwrap_or(false));
            Ok(Some(value).filter(|value| known && !value.is_empty()))
        };
        Ok(IndexHit {
            kind: word("facet_kind")?.unwrap_or_default(),
            tool: word("facet_tool")?,
            at: fast.i64("at")?.first(address.doc_id),
            trajectory: number("trajectory")?,
            step,
            seq: number(PLACE[3])?,
            source: number(PLACE[0])?,
            start: number(PLACE[1])?,
            length: number(PLACE[2])?,
            score,
        })
    }

    /// Gives the numbers of trajectories with at least one step that matches, in order.
    pub fn trajectories(&self, query: &Query) -> Result<Vec<u64>, IndexError> {
        let searcher = self.reader.searcher();
        let lowered = self.lowered(&searcher, query);
        Ok(searcher.search(lowered.as_ref(), &Distinct)?)
    }

    /// Gives the numbers of trajectories that hold an exact id.
    pub fn holders(&self, id: &str) -> Result<Vec<u64>, IndexError> {
        let term = Term::from_field_u64(self.fields.ident, ident(&fold(id)));
        Ok(self.reader.searcher().search(&TermQuery::new(term, IndexRecordOption::Basic), &Distinct)?)
    }

    /// Counts, for each value of each facet field, the trajectories with a step that matches and has it; most frequent first.
    pub fn facets(&self, query: &Query) -> Result<Facets, IndexError> {
        let searcher = self.reader.searcher();
        let lowered = self.lowered(&searcher, query);
        let mut facets = BTreeMap::new();
        for name in FACETS {
            let counts = searcher.search(lowered.as_ref(), &Counts { column: format!("facet_{name}") })?;
            let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            facets.insert(*name, counts);
        }
        Ok(facets)
    }

    fn lowered(&self, searcher: &Searcher, query: &Query) -> Box<dyn Lowered> {
        let matching = |positive: &dyn Lowered| searcher.search(positive, &Distinct).unwrap_or_default();
        debug_assert_eq!(NUMBERS.len(), self.fields.numbers.len());
        Lower { fields: &self.fields, matching }.query(&query.pushed_down())
    }
}

/// Collects the distinct trajectory numbers of all matches.
struct Distinct;

struct DistinctSegment {
    column: Column<u64>,
    seen: BTreeSet<u64>,
    last: Option<u64>,
}

impl Collector for Distinct {
    type Fruit = Vec<u64>;
    type Child = DistinctSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<DistinctSegment> {
        Ok(DistinctSegment { column: segment.fast_fields().u64("trajectory")?, seen: BTreeSet::new(), last: None })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<BTreeSet<u64>>) -> tantivy::Result<Vec<u64>> {
        Ok(fruits.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect())
    }
}

impl SegmentCollector for DistinctSegment {
    type Fruit = BTreeSet<u64>;

    fn collect(&mut self, doc: DocId, _: Score) {
        let number = self.column.first(doc);
        if number != self.last {
            self.last = number;
            self.seen.extend(number);
        }
    }

    fn harvest(self) -> BTreeSet<u64> {
        self.seen
    }
}

/// Counts the trajectories that each value of one facet column stands in.
struct Counts {
    column: String,
}

struct CountsSegment {
    column: Option<tantivy::columnar::StrColumn>,
    trajectories: Column<u64>,
    /// Trajectories by ordinal of the value; steps of one trajectory mostly stand together.
    holders: rustc_hash::FxHashMap<u64, Vec<u64>>,
}

impl Collector for Counts {
    type Fruit = BTreeMap<String, u64>;
    type Child = CountsSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<CountsSegment> {
        let columns = segment.fast_fields();
        Ok(CountsSegment { column: columns.str(&self.column)?, trajectories: columns.u64("trajectory")?, holders: rustc_hash::FxHashMap::default() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<BTreeMap<String, Vec<u64>>>) -> tantivy::Result<BTreeMap<String, u64>> {
        let mut all: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (value, mut holders) in fruits.into_iter().flatten() {
            all.entry(value).or_default().append(&mut holders);
        }
        let distinct = |mut holders: Vec<u64>| {
            holders.sort_unstable();
            holders.dedup();
            holders.len() as u64
        };
        Ok(all.into_iter().map(|(value, holders)| (value, distinct(holders))).collect())
    }
}

impl SegmentCollector for CountsSegment {
    type Fruit = BTreeMap<String, Vec<u64>>;

    fn collect(&mut self, doc: DocId, _: Score) {
        let Some(ordinal) = self.column.as_ref().and_then(|c| c.ords().first(doc)) else { return };
        let number = self.trajectories.first(doc).unwrap_or(0);
        let holders = self.holders.entry(ordinal).or_default();
        if holders.last() != Some(&number) {
            holders.push(number);
        }
    }

    fn harvest(self) -> BTreeMap<String, Vec<u64>> {
        let mut named = BTreeMap::new();
        if let Some(column) = self.column {
            for (ordinal, holders) in self.holders {
                let mut value = String::new();
                if column.ord_to_str(ordinal, &mut value).unwrap_or(false) {
                    named.insert(value, holders);
                }
            }
        }
        named
    }
}
