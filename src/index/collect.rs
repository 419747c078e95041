//! Collectors: which trajectories match, and how many of them have each value of each facet. Both look at every match, once.

use super::numbers::Numbers;
use super::schema::FACETS;
use std::collections::BTreeMap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentReader};

/// Documents that tantivy hands over at once.
const BLOCK: usize = 64;

/// Collects the distinct trajectory numbers of all matches.
pub struct Distinct;

pub struct DistinctSegment {
    column: Column<u64>,
    seen: Numbers,
}

impl Collector for Distinct {
    type Fruit = Numbers;
    type Child = DistinctSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<DistinctSegment> {
        Ok(DistinctSegment { column: segment.fast_fields().u64("trajectory")?, seen: Numbers::default() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Numbers>) -> tantivy::Result<Numbers> {
        Ok(fruits.iter().fold(Numbers::default(), |mut all, some| {
            all.absorb(some);
            all
        }))
    }
}

impl SegmentCollector for DistinctSegment {
    type Fruit = Numbers;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.column.first(doc).into_iter().for_each(|number| self.seen.insert(number));
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        let mut numbers = [None; BLOCK];
        for docs in docs.chunks(BLOCK) {
            self.column.first_vals(docs, &mut numbers[..docs.len()]);
            numbers.iter().take(docs.len()).flatten().for_each(|number| self.seen.insert(*number));
        }
    }

    fn harvest(self) -> Numbers {
        self.seen
    }
}

/// Counts, by facet and value, the distinct trajectories with a match that has it.
pub struct Counts;

pub struct CountsSegment {
    trajectories: Column<u64>,
    facets: Vec<FacetCounts>,
}

/// One facet in one segment.
struct FacetCounts {
    column: Option<StrColumn>,
    /// Trajectories by ordinal of the value.
    holders: Vec<Numbers>,
}

/// Trajectories by value, of each facet in the order of [`FACETS`].
type Holders = Vec<BTreeMap<String, Numbers>>;

impl Collector for Counts {
    type Fruit = Vec<BTreeMap<String, u64>>;
    type Child = CountsSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<CountsSegment> {
        let columns = segment.fast_fields();
        let facet = |name: &&str| -> tantivy::Result<FacetCounts> {
            let column = columns.str(&format!("facet_{name}"))?;
            let holders = vec![Numbers::default(); column.as_ref().map_or(0, |column| column.num_terms())];
            Ok(FacetCounts { column, holders })
        };
        Ok(CountsSegment { trajectories: columns.u64("trajectory")?, facets: FACETS.iter().map(facet).collect::<tantivy::Result<_>>()? })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Holders>) -> tantivy::Result<Vec<BTreeMap<String, u64>>> {
        let mut all: Holders = vec![BTreeMap::new(); FACETS.len()];
        for segment in fruits {
            for (all, found) in all.iter_mut().zip(segment) {
                for (value, holders) in found {
                    all.entry(value).or_default().absorb(&holders);
                }
            }
        }
        let counted = |facet: BTreeMap<String, Numbers>| facet.into_iter().map(|(value, holders)| (value, holders.len() as u64)).collect();
        Ok(all.into_iter().map(counted).collect())
    }
}

impl SegmentCollector for CountsSegment {
    type Fruit = Holders;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        for docs in docs.chunks(BLOCK) {
            let mut numbers = [None; BLOCK];
            self.trajectories.first_vals(docs, &mut numbers[..docs.len()]);
            for facet in &mut self.facets {
                facet.count(docs, &numbers);
            }
        }
    }

    fn harvest(self) -> Holders {
        self.facets.into_iter().map(FacetCounts::named).collect()
    }
}

impl FacetCounts {
    fn count(&mut self, docs: &[DocId], numbers: &[Option<u64>; BLOCK]) {
        let Some(column) = &self.column else { return };
        let mut ordinals = [None; BLOCK];
        column.ords().first_vals(docs, &mut ordinals[..docs.len()]);
        for (ordinal, number) in ordinals.iter().zip(numbers).take(docs.len()) {
            let (Some(ordinal), Some(number)) = (ordinal, number) else { continue };
            if let Some(holders) = usize::try_from(*ordinal).ok().and_then(|at| self.holders.get_mut(at)) {
                holders.insert(*number);
            }
        }
    }

    fn named(self) -> BTreeMap<String, Numbers> {
        let Some(column) = self.column else { return BTreeMap::new() };
        let held = self.holders.into_iter().enumerate().filter(|(_, holders)| !holders.is_empty());
        let named = held.filter_map(|(ordinal, holders)| {
            let mut value = String::new();
            let known = column.ord_to_str(ordinal as u64, &mut value).unwrap_or(false);
            known.then_some((value, holders))
        });
        named.collect()
    }
}
