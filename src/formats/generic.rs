//! `generic`: any other JSON; every record becomes a step of kind `unknown`, searchable and shown raw.

use super::{Format, Output, Reader, Record, Shape};
use crate::model::{Actor, Body, Fact, Slot};

/// The format.
pub const FORMAT: Format = Format {
    name: "generic",
    agent: "generic",
    rank: 90,
    shape: Shape::Lines,
    detect: |_| true,
    reader: || Box::new(Generic),
    doc: "Any other JSON or JSON Lines, kept as records of kind `unknown`.",
};

struct Generic;

impl Reader for Generic {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let fact = Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Unknown(record.node.all_text()));
        out.push(fact);
    }
}
