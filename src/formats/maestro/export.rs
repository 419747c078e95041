//! `maestro-export`: a session as one document: the portable export with its whole fork family, what the web API exports,
//! the store of the control plane, and the file of a sub-agent.

use super::composer;
use super::session::Session;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::{Actor, Body, Fact, Slot, Span};
use rustc_hash::FxHashMap;

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-export",
    agent: "maestro",
    rank: 11,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| is_portable(d) || composer::kind(d).is_some()),
    reader: || Box::new(Export),
    doc: "A Maestro session as one document: the portable export of a fork family, the web API's export, the control plane's store, a sub-agent's file.",
};

fn is_portable(node: &Node<'_>) -> bool {
    node.str("format") == Some("maestro-session-export.v1")
}

struct Export;

impl Reader for Export {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        match composer::kind(record.node).filter(|_| !is_portable(record.node)) {
            Some(kind) => composer::read(kind, record, out),
            None => portable(record, out),
        }
    }
}

fn portable(record: &Record<'_>, out: &mut Output) {
    let node = record.node;
    let sessions = node.get("sessions").map(Node::items).unwrap_or_default();
    let selected = node.str("sessionId").unwrap_or_default();
    out.session(selected);
    // When it was exported is no time of the session.
    let head = format!("exported session {selected} with {} sessions, {}", sessions.len().max(1), node.str("exportedAt").unwrap_or("at an unknown time"));
    out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(head)));
    // The selected session stands twice, in the family and alone; its entries are read once and keep both places.
    let again = node.get("entries").map(Node::items).unwrap_or_default();
    let mut places: FxHashMap<String, Vec<Span>> = FxHashMap::default();
    for entry in again {
        places.entry(content(entry)).or_default().insert(0, record.place(entry));
    }
    out.count_records(again.len() as u64);
    for session in sessions {
        let id = session.str("sessionId").unwrap_or(selected);
        out.session(id);
        if let Some(parent) = session.owned(&["parentSessionId"]) {
            out.about().lineage.parent_session.get_or_insert(parent);
        }
        let entries = session.get("entries").map(Node::items).unwrap_or_default();
        out.count_records(entries.len() as u64);
        let mut reader = Session::default();
        for entry in entries {
            let before = out.facts_mut().len();
            reader.entry(entry, &record.place(entry), out);
            let same = places.get_mut(&content(entry)).filter(|_| id == selected).and_then(Vec::pop);
            if let Some(span) = same {
                out.facts_mut().iter_mut().skip(before).for_each(|fact| fact.spans.push(span.clone()));
            }
        }
    }
    out.session(selected);
    let mut reader = Session::default();
    for entry in again {
        let left = places.get_mut(&content(entry)).and_then(|spans| spans.iter().position(|span| *span == record.place(entry)).map(|at| spans.remove(at)));
        if let Some(span) = left {
            reader.entry(entry, &span, out);
        }
    }
}

/// What tells entries apart, however they are indented.
fn content(entry: &Node<'_>) -> String {
    let values = entry
        .fields()
        .iter()
        .map(|(key, value)| format!("{key}={}", if value.is_object() || value.is_array() { value.all_text() } else { value.raw.to_owned() }));
    values.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};

    #[test]
    fn what_stands_twice_is_read_once() {
        let header = r#"{"type":"session","id":"s","model":"a/b"}"#;
        let meta = r#"{"type":"session_meta","title":"T"}"#;
        let say = r#"{"type":"message","id":"e1","parentId":null,"message":{"role":"user","content":"hi"}}"#;
        let late = r#"{"type":"message","id":"e2","parentId":"e1","message":{"role":"user","content":"more"}}"#;
        let text = format!(
            r#"{{"format":"maestro-session-export.v1","sessionId":"s","entries":[{header},{meta},{meta},{say},{late}],"sessions":[{{"sessionId":"s","parentSessionId":null,"entries":[{header},{meta},{meta},{say}]}}]}}"#
        );
        let reading = read_plain(text.as_bytes(), "x.json", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!((reading.format.name, reading.portions.len(), reading.records), ("maestro-export", 1, 9));
        let facts = &reading.portions[0].0.facts;
        assert_eq!(facts.iter().map(|f| f.spans.len()).collect::<Vec<_>>(), [1, 2, 2, 2, 2, 1]);
    }
}
