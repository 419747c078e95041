//! `generic`: any other JSON; every record becomes a step of kind `unknown`, searchable and shown raw.

use super::json::Node;
use super::{Format, Output, Reader, Record, Shape, document};
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

const SESSION: [&str; 3] = ["session_id", "sessionId", "conversation_id"];
const MAIN: [&str; 5] = ["events", "steps", "messages", "items", "records"];

struct Generic;

impl Reader for Generic {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let document = record.document;
        if node.is_array() && !node.items().is_empty() {
            if document {
                out.count_records(node.items().len() as u64);
            }
            return node.items().iter().for_each(|item| row(record, item, out));
        }
        let Some(key) = main_array(node, document) else {
            out.count_records(u64::from(document));
            return row(record, node, out);
        };
        match node.owned(&SESSION) {
            Some(session) => out.session(&session),
            None if document => {}
            None => out.own_session(node.raw),
        }
        one_trajectory(record, key, document, out);
    }
}

/// Finds the array of objects whose elements are the records; in a document of its own, also an array of any name.
fn main_array<'n>(node: &'n Node<'_>, document: bool) -> Option<&'n str> {
    let holds = |value: &Node<'_>| !value.items().is_empty() && value.items().iter().all(Node::is_object);
    if let Some(key) = MAIN.into_iter().find(|key| node.get(key).is_some_and(holds)) {
        return Some(key);
    }
    let mut arrays = node.fields().iter().filter(|(_, value)| document && holds(value)).map(|(key, _)| key.as_ref());
    arrays.next().filter(|_| arrays.next().is_none())
}

fn row(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    match node.owned(&SESSION) {
        Some(session) => out.session(&session),
        None => out.own_session(node.raw),
    }
    out.unknown(record.place(node), node.all_text());
}

/// Reads the elements of a main array as the records of one trajectory, each with the claims that `redaction.fields` makes of it.
fn one_trajectory(record: &Record<'_>, key: &str, document: bool, out: &mut Output) {
    let items = record.node.get(key).map_or(&[][..], Node::items);
    if document {
        out.count_records(items.len() as u64);
    }
    let mut head = document::head(record, record.node, &[key]);
    let mut claims = vec![Vec::new(); items.len()];
    let pointers = record.node.path(&["redaction", "fields"]).map_or(&[][..], Node::items);
    for pointer in pointers.iter().filter_map(Node::as_str) {
        // RFC 6901: the first token is the element, the rest points into it.
        let (element, rest) = pointer.trim_start_matches('/').split_once('/').unwrap_or((pointer.trim_start_matches('/'), ""));
        match element.parse::<usize>().ok().and_then(|i| claims.get_mut(i)) {
            Some(list) => list.push(format!("/{rest}")),
            None => head.claims.push(pointer.to_owned()),
        }
    }
    out.push(head);
    for (item, claims) in items.iter().zip(claims) {
        let mut fact = Fact::new(Slot::Own, record.place(item), Actor::Runtime, Body::Unknown(item.all_text()));
        fact.at = item.time(&["timestamp", "time", "at", "created_at"]);
        fact.claims = claims;
        out.push(fact);
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::SessionName;

    fn check(text: &str, portions: usize, facts: usize, records: u64) -> SessionName {
        let reading = read_plain(text.as_bytes(), "x", Want::default(), &mut |_, _| {}).unwrap();
        let found = (reading.portions.len(), reading.portions.iter().map(|(p, _)| p.facts.len()).sum(), reading.records);
        assert_eq!(found, (portions, facts, records), "{text}");
        reading.portions[0].0.session.clone()
    }

    #[test]
    fn rows_and_documents_become_trajectories() {
        check("{\"a\":1}\n{\"a\":2}\n", 2, 2, 2);
        assert_eq!(check("{\"a\":1,\"session_id\":\"s\"}\n{\"a\":2,\"session_id\":\"s\"}\n", 1, 2, 2), SessionName::Stated("s".into()));
        check("[\n{\"a\":1},\n{\"a\":2}\n]", 2, 2, 2);
        check("{\"name\":\"n\",\n\"steps\":[{\"a\":1},\n{\"a\":2}]}", 1, 3, 2);
        check("{\"events\":[{\"a\":1},{\"a\":2}]}\n{\"events\":[{\"a\":3}]}\n", 2, 5, 2);
        check("{\"name\":\"n\",\n\"other\":[{\"a\":1}]}", 1, 2, 1);
    }

    #[test]
    fn claims_of_a_document_stand_at_its_elements() {
        let text = r#"{"events":[{"content":"x"},{"content":"y"}],"redaction":{"fields":["/1/content","/7/gone"]}}"#;
        let reading = read_plain(text.as_bytes(), "x", Want::default(), &mut |_, _| {}).unwrap();
        let claims: Vec<_> = reading.portions[0].0.facts.iter().map(|f| f.claims.clone()).collect();
        assert_eq!(claims, [vec!["/7/gone".to_owned()], vec![], vec!["/content".to_owned()]]);
    }
}
