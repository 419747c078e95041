//! A stretch of a field, and the finding that is made of it: the one place where a finding gets its place.

use super::fields::{Field, RecordText, raw_ranges};
use super::finding::AuditFinding;
use crate::model::Trajectory;
use std::ops::Range;
use std::sync::Arc;

/// A longer text does not tell its step better than its place does.
const TELLING_BYTES: usize = 1 << 16;

/// A stretch of a field.
#[derive(Clone)]
pub struct Spot {
    /// RFC 6901 pointer in the step's record.
    pub field: Arc<str>,
    /// The field's raw form in the record's text.
    pub leaf: Range<usize>,
    /// Bytes of the raw form that the stretch covers, in the record's text.
    pub raw: Range<usize>,
    /// The stretch, in bytes of the field's text.
    pub range: Range<usize>,
    /// The field's text, as far as a step can be told by it.
    text: Arc<str>,
}

impl Spot {
    /// Gives the spots of some stretches of a field; the field is walked through once.
    pub fn of(field: &Field<'_>, ranges: &[Range<usize>]) -> Vec<Self> {
        let leaf = field.offset..field.offset + field.raw.len();
        Self::within(&field.pointer.into(), &leaf, field.text, field.raw, ranges)
    }

    /// Gives the spots of some stretches of a field that lies at a place of its record.
    pub fn within(pointer: &Arc<str>, leaf: &Range<usize>, text: &str, raw: &str, ranges: &[Range<usize>]) -> Vec<Self> {
        let telling: Arc<str> = Some(text).filter(|text| text.len() <= TELLING_BYTES).unwrap_or_default().into();
        let spot = |(range, raw): (&Range<usize>, Range<usize>)| Self {
            field: Arc::clone(pointer),
            leaf: leaf.clone(),
            raw: leaf.start + raw.start..leaf.start + raw.end,
            range: range.clone(),
            text: Arc::clone(&telling),
        };
        ranges.iter().zip(raw_ranges(raw, ranges)).map(spot).collect()
    }

    /// Gives the id of the step by which a finding there is named, which must stay as it was.
    pub fn anchor(&self, t: &Trajectory, record: &RecordText) -> String {
        record.step(t, self.leaf.start, &self.text).map_or_else(String::new, |step| step.id.clone())
    }

    /// Gives the bytes of the decoded source that it covers.
    pub fn source(&self, record: &RecordText) -> Range<u64> {
        record.at(self.raw.start)..record.at(self.raw.end)
    }

    /// Makes a finding of it that says where it is and nothing else yet.
    pub fn finding(&self, t: &Trajectory, record: &RecordText) -> AuditFinding {
        let source = self.source(record);
        AuditFinding {
            trajectory: t.id.clone(),
            step: record.step_showing(t, self.leaf.start, &self.text).map_or_else(String::new, |step| step.id.clone()),
            field: self.field.to_string(),
            start: self.range.start,
            end: self.range.end,
            inner_start: self.range.start,
            inner_end: self.range.end,
            source: record.source.to_string(),
            member: record.member.as_ref().map(ToString::to_string),
            leaf_start: record.at(self.leaf.start),
            leaf_end: record.at(self.leaf.end),
            source_start: source.start,
            source_end: source.end,
            ..AuditFinding::default()
        }
    }
}
