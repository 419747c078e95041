//! Collectors: which trajectories match, which of their steps, and how many of them have each value of each facet. All look at every match, once.

use super::numbers::Numbers;
use super::profiles::{Kept, Profiles};
use super::schema::{FACETS, PLACE};
use std::collections::BTreeMap;
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
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

/// Places of steps, in order, by the number of their trajectory.
pub type Places = BTreeMap<u64, Vec<u32>>;

/// Collects every match by the number of its trajectory, as its place there.
pub struct Steps;

pub struct StepsSegment {
    trajectories: Column<u64>,
    places: Column<u64>,
    found: Places,
}

impl Collector for Steps {
    type Fruit = Places;
    type Child = StepsSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<StepsSegment> {
        let fast = segment.fast_fields();
        Ok(StepsSegment { trajectories: fast.u64("trajectory")?, places: fast.u64(PLACE[3])?, found: Places::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Self::Fruit>) -> tantivy::Result<Self::Fruit> {
        let mut all = Self::Fruit::new();
        for (number, mut places) in fruits.into_iter().flatten() {
            all.entry(number).or_default().append(&mut places);
        }
        all.values_mut().for_each(|places| places.sort_unstable());
        Ok(all)
    }
}

impl SegmentCollector for StepsSegment {
    type Fruit = Places;

    fn collect(&mut self, doc: DocId, _: Score) {
        let (number, place) = (self.trajectories.first(doc), self.places.first(doc));
        if let (Some(number), Some(Ok(place))) = (number, place.map(u32::try_from)) {
            self.found.entry(number).or_default().push(place);
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.found
    }
}

/// Counts, by facet and value, the distinct trajectories with a match that has it, and gathers all of them.
pub struct Counts<'k> {
    /// The profiles of the segments.
    pub kept: &'k Kept,
    /// The steps that count, where not all do.
    pub only: Option<Arc<Places>>,
}

pub struct CountsSegment {
    profiles: Arc<Profiles>,
    trajectories: Column<u64>,
    only: Option<(Arc<Places>, Column<u64>)>,
    /// The first word of a set of numbers that is kept here: those of a segment are near each other.
    base: usize,
    /// How many words there are.
    stride: usize,
    /// Trajectories by row of the profiles; empty where no match has the value.
    holders: Vec<Vec<u64>>,
    /// The trajectory that is gone through, and the rows it is in so far, as bits: its steps are neighbours.
    number: u64,
    rows: Vec<u64>,
}

/// Trajectories of one segment that have a value, or of all matches where there is no value.
pub struct Holders {
    value: Option<(usize, String)>,
    base: usize,
    words: Vec<u64>,
}

impl Collector for Counts<'_> {
    type Fruit = (Vec<BTreeMap<String, u64>>, Numbers);
    type Child = CountsSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<CountsSegment> {
        let trajectories = segment.fast_fields().u64("trajectory")?;
        let profiles = self.kept.of(segment)?;
        let only = match &self.only {
            Some(only) => Some((Arc::clone(only), segment.fast_fields().u64(PLACE[3])?)),
            None => None,
        };
        let word = |number: u64| usize::try_from(number / 64).unwrap_or(0);
        let (base, top) = (word(trajectories.min_value()), word(trajectories.max_value()));
        let (holders, rows) = (vec![Vec::new(); profiles.rows()], vec![0; profiles.words()]);
        Ok(CountsSegment { profiles, trajectories, only, base, stride: top.saturating_sub(base) + 1, holders, number: 0, rows })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<Holders>>) -> tantivy::Result<Self::Fruit> {
        let mut trajectories = Numbers::default();
        let mut all: Vec<BTreeMap<String, Numbers>> = vec![BTreeMap::new(); FACETS.len()];
        for Holders { value, base, words } in fruits.into_iter().flatten() {
            match value {
                None => trajectories.absorb_words(base, &words),
                Some((facet, value)) => {
                    if let Some(values) = all.get_mut(facet) {
                        values.entry(value).or_default().absorb_words(base, &words);
                    }
                }
            }
        }
        let counted = |facet: BTreeMap<String, Numbers>| facet.into_iter().map(|(value, holders)| (value, holders.len() as u64)).collect();
        Ok((all.into_iter().map(counted).collect(), trajectories))
    }
}

impl SegmentCollector for CountsSegment {
    type Fruit = Vec<Holders>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        let mut numbers = [None; BLOCK];
        for docs in docs.chunks(BLOCK) {
            self.trajectories.first_vals(docs, &mut numbers[..docs.len()]);
            for (doc, number) in docs.iter().zip(&numbers) {
                let Some(number) = (*number).filter(|number| self.counts(*doc, *number)) else { continue };
                if number != self.number {
                    self.note();
                    self.number = number;
                }
                self.profiles.add_rows_of(*doc, &mut self.rows);
            }
        }
    }

    fn harvest(mut self) -> Vec<Holders> {
        self.note();
        let held = self.holders.into_iter().enumerate().skip(1).filter(|(_, words)| !words.is_empty());
        held.map(|(row, words)| Holders { value: self.profiles.value(row), base: self.base, words }).collect()
    }
}

impl CountsSegment {
    /// Tells whether a match counts.
    fn counts(&self, doc: DocId, number: u64) -> bool {
        let Some((only, places)) = &self.only else { return true };
        let place = places.first(doc).and_then(|place| u32::try_from(place).ok());
        only.get(&number).zip(place).is_some_and(|(counted, place)| counted.binary_search(&place).is_ok())
    }

    /// Notes the trajectory that was gone through.
    fn note(&mut self) {
        let at = usize::try_from(self.number / 64).unwrap_or(0).saturating_sub(self.base);
        for (rows, first) in self.rows.iter_mut().zip((0..).step_by(64)) {
            while *rows != 0 {
                let row = first + rows.trailing_zeros() as usize;
                *rows &= *rows - 1;
                let Some(words) = self.holders.get_mut(row) else { continue };
                if words.is_empty() {
                    words.resize(self.stride, 0);
                }
                if let Some(word) = words.get_mut(at) {
                    *word |= 1 << (self.number % 64);
                }
            }
        }
    }
}
