//! Which values the steps of a segment have in the counted fields. Few steps differ in all of them, so a number for each step says it,
//! and to count matches costs one look instead of one for each field. Segments never change: what was made of one is kept as long as it is there.

use super::schema::FACETS;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;
use tantivy::{DocId, Searcher, SegmentReader};

/// Rows that a step is counted in: one for each field, and one for all steps.
pub const ROWS: usize = FACETS.len() + 1;
/// The row of what is counted nowhere.
const NOWHERE: u32 = 0;
/// The row of all steps.
const ALL: u32 = 1;
/// The rows of values follow.
const VALUES: u32 = 2;
/// Steps that are looked at together.
const BLOCK: usize = 64;
/// The profile of a step that is one too many to be numbered: its columns say what it is.
const UNNUMBERED: u16 = u16::MAX;

/// The profiles of one segment.
pub struct Profiles {
    columns: Vec<Option<StrColumn>>,
    /// The row of the first value of each field.
    first: [u32; FACETS.len()],
    rows: u32,
    /// The profile of each step.
    of_step: Vec<u16>,
    /// How many words the rows of a profile are.
    words: usize,
    /// The rows of each profile, one after the other, as bits.
    profiles: Vec<u64>,
}

impl Profiles {
    fn read(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = FACETS.iter().map(|name| segment.fast_fields().str(&format!("facet_{name}"))).collect::<tantivy::Result<Vec<_>>>()?;
        let (mut first, mut rows) = ([VALUES; FACETS.len()], VALUES);
        for (first, column) in first.iter_mut().zip(&columns) {
            *first = rows;
            rows += column.as_ref().map_or(0, |column| u32::try_from(column.num_terms()).unwrap_or(0));
        }
        let of_step = Vec::with_capacity(segment.max_doc() as usize);
        let mut read = Self { columns, first, rows, of_step, words: rows as usize / 64 + 1, profiles: Vec::new() };
        let mut numbers: FxHashMap<[u32; ROWS], u16> = FxHashMap::default();
        let steps: Vec<DocId> = (0..segment.max_doc()).collect();
        for steps in steps.chunks(BLOCK) {
            for rows in read.rows_in_columns(steps).into_iter().take(steps.len()) {
                let number = match (numbers.get(&rows), u16::try_from(numbers.len())) {
                    (Some(known), _) => *known,
                    (None, Err(_) | Ok(UNNUMBERED)) => UNNUMBERED,
                    (None, Ok(fresh)) => {
                        numbers.insert(rows, fresh);
                        let start = read.profiles.len();
                        read.profiles.resize(start + read.words, 0);
                        add(rows, &mut read.profiles[start..]);
                        fresh
                    }
                };
                read.of_step.push(number);
            }
        }
        Ok(read)
    }

    /// Gives the rows of a block of steps, or of fewer.
    fn rows_in_columns(&self, steps: &[DocId]) -> [[u32; ROWS]; BLOCK] {
        let mut block = [[NOWHERE; ROWS]; BLOCK];
        block.iter_mut().for_each(|rows| rows[FACETS.len()] = ALL);
        for (field, (column, first)) in self.columns.iter().zip(self.first).enumerate() {
            let Some(column) = column else { continue };
            let mut ordinals = [None; BLOCK];
            column.ords().first_vals(steps, &mut ordinals[..steps.len()]);
            for (rows, ordinal) in block.iter_mut().zip(ordinals) {
                let row = ordinal.and_then(|ordinal| u32::try_from(ordinal).ok()).map_or(NOWHERE, |ordinal| first + ordinal);
                if let Some(slot) = rows.get_mut(field) {
                    *slot = row;
                }
            }
        }
        block
    }

    /// Gives how many rows there are.
    pub fn rows(&self) -> usize {
        self.rows as usize
    }

    /// Gives how many words the rows of a step take, as bits.
    pub const fn words(&self) -> usize {
        self.words
    }

    /// Adds the rows that a step is counted in, as bits.
    pub fn add_rows_of(&self, step: DocId, rows: &mut [u64]) {
        let profile = self.of_step.get(step as usize).map_or(0, |profile| usize::from(*profile) * self.words);
        match self.profiles.get(profile..profile + self.words) {
            Some(known) => rows.iter_mut().zip(known).for_each(|(rows, known)| *rows |= known),
            None => add(self.rows_in_columns(&[step])[0], rows),
        }
    }

    /// Gives the field and the value of a row; `None` for the row of all steps.
    pub fn value(&self, row: usize) -> Option<(usize, String)> {
        let row = u32::try_from(row).ok().filter(|row| *row >= VALUES)?;
        // A field without values begins where the next one does.
        let field = self.first.iter().rposition(|first| *first <= row)?;
        let (column, mut value) = (self.columns.get(field)?.as_ref()?, String::new());
        column.ord_to_str(u64::from(row - self.first.get(field)?), &mut value).unwrap_or(false).then_some((field, value))
    }
}

/// Adds rows to some as bits.
fn add(rows: [u32; ROWS], to: &mut [u64]) {
    for row in rows {
        if let Some(word) = to.get_mut(row as usize / 64) {
            *word |= 1 << (row % 64);
        }
    }
}

/// The profiles that were made of segments that are there.
#[derive(Default)]
pub struct Kept(Mutex<FxHashMap<SegmentId, Arc<Profiles>>>);

impl Kept {
    /// Gives the profiles of a segment.
    pub fn of(&self, segment: &SegmentReader) -> tantivy::Result<Arc<Profiles>> {
        let id = segment.segment_id();
        let known = |kept: &Self| kept.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(known) = known(self) {
            return Ok(known);
        }
        let made = Arc::new(Profiles::read(segment)?);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&made));
        Ok(made)
    }

    /// Lets go of what was made of segments that are not there any more.
    pub fn keep_only(&self, searcher: &Searcher) {
        let there = |id: &SegmentId| searcher.segment_readers().iter().any(|segment| segment.segment_id() == *id);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| there(id));
    }
}
