//! The fields of a trajectory by what claims are held against: their record, their step, the call they belong to.

use super::claims::Seen;
use crate::model::Trajectory;
use rustc_hash::FxHashMap;

/// A shorter text is no twin of another one: it is found in everything.
const TWIN_BYTES: usize = 9;

/// Numbers of fields, by what they are looked up by.
#[derive(Default)]
pub(super) struct Index {
    records: FxHashMap<usize, Vec<usize>>,
    pointers: FxHashMap<(usize, String), usize>,
    /// Texts without a mark, by the place of their step.
    clear: FxHashMap<Option<usize>, Vec<usize>>,
    executions: FxHashMap<String, Vec<usize>>,
}

impl Index {
    /// Reads all fields once.
    pub fn of(t: &Trajectory, seen: &[Seen]) -> Self {
        let mut index = Self::default();
        for (number, field) in seen.iter().enumerate() {
            index.records.entry(field.record).or_default().push(number);
            if field.whole.starts_with("/originals") {
                index.pointers.entry((field.record, field.whole.clone())).or_insert(number);
            }
            if field.markers.is_empty() && field.text.len() >= TWIN_BYTES {
                index.clear.entry(field.step).or_default().push(number);
            }
            if let Some(execution) = field.step.and_then(|step| t.steps.get(step)?.execution.as_ref()) {
                index.executions.entry(execution.clone()).or_default().push(number);
            }
        }
        index
    }

    /// Gives the field of an original at a pointer of a record.
    pub fn at<'s>(&self, seen: &'s [Seen], record: usize, pointer: &str) -> Option<&'s Seen> {
        seen.get(*self.pointers.get(&(record, pointer.to_owned()))?)
    }

    /// Gives the texts without a mark that belong to a step.
    pub fn twins<'s>(&self, seen: &'s [Seen], step: Option<usize>) -> impl Iterator<Item = &'s Seen> {
        self.clear.get(&step).map_or(&[][..], Vec::as_slice).iter().filter_map(|number| seen.get(*number))
    }

    /// Gives the fields of a record.
    pub fn of_record(&self, record: usize) -> &[usize] {
        self.records.get(&record).map_or(&[], Vec::as_slice)
    }

    /// Gives the fields of all records of a call.
    pub fn of_execution(&self, execution: Option<&str>) -> &[usize] {
        execution.and_then(|id| self.executions.get(id)).map_or(&[], Vec::as_slice)
    }
}
