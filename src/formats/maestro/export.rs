//! `maestro-export`: the portable export, a document with the whole fork family of a session.

use super::session::Session;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::{Actor, Body, Fact, Slot};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-export",
    agent: "maestro",
    rank: 11,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| d.str("format") == Some("maestro-session-export.v1")),
    reader: || Box::new(Export),
    doc: "Maestro's portable export: `format: maestro-session-export.v1`, one session or a family of forks.",
};

struct Export;

impl Reader for Export {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let sessions = node.get("sessions").map(Node::items).unwrap_or_default();
        let selected = node.str("sessionId").unwrap_or_default();
        let listed = sessions.iter().any(|s| s.str("sessionId") == Some(selected));
        if !selected.is_empty() {
            out.session(selected);
        }
        let head = format!("exported session {selected} with {} sessions", sessions.len().max(1));
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(head)).at(node.time(&["exportedAt"])));
        for session in sessions {
            out.session(session.str("sessionId").unwrap_or(selected));
            if let Some(parent) = session.owned(&["parentSessionId"]) {
                out.about().lineage.parent_session.get_or_insert(parent);
            }
            entries(record, session, out);
        }
        // The selected session stands in the list too; alone it is read from the top.
        if listed {
            let again = node.get("entries").map(Node::items).unwrap_or_default();
            out.session(selected);
            out.count_records(again.len() as u64);
            let mut reader = Session::default();
            again.iter().for_each(|entry| reader.entry(entry, &record.place(entry), out));
        } else {
            entries(record, node, out);
        }
    }
}

fn entries(record: &Record<'_>, session: &Node<'_>, out: &mut Output) {
    let entries = session.get("entries").map(Node::items).unwrap_or_default();
    out.count_records(entries.len() as u64);
    let mut reader = Session::default();
    for entry in entries {
        reader.entry(entry, &record.place(entry), out);
    }
}
