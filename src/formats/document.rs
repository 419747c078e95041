//! Taking a JSON document apart: its head, and the elements of its arrays as records of their own.

use super::json::Node;
use super::{Output, Record};
use crate::model::{Actor, Body, Fact, Slot};

/// Makes the fact of a document's head: all of it but the arrays that are read as records, with the span of the document.
#[must_use]
pub fn head(record: &Record<'_>, node: &Node<'_>, arrays: &[&str]) -> Fact {
    let lines = node.fields().iter().filter(|(key, _)| !arrays.contains(&key.as_ref())).map(|(key, value)| {
        let text = value.all_text();
        if text.is_empty() { format!("{key}: {}", value.raw) } else { format!("{key}: {text}") }
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    Fact::new(Slot::Own, record.place(node), Actor::System, Body::Context(text))
}

/// Keeps a value that has no reader of its own: context, at its own place.
pub fn keep(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    out.push(Fact::new(Slot::Own, record.place(node), Actor::Runtime, Body::Context(node.all_text())));
}
