//! `maestro-inspection`: the redacted inspection of a run (Maestro, `agent-trajectory-inspection.v1`).

use super::timeline::{self, Item};
use super::{score, trajectory};
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape, document};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-inspection",
    agent: "maestro",
    rank: 42,
    shape: Shape::Document,
    detect: |probe| probe.document.and_then(|d| d.str("schemaVersion")).is_some_and(|s| s.starts_with("evalops.maestro.agent-trajectory-inspection.v")),
    reader: || Box::new(Inspection),
    doc: "The redacted inspection of a Maestro run: timeline items, events and findings, with what was left out.",
};

const ARRAYS: [&str; 4] = ["timelineItems", "events", "findings", "scoreFindings"];

struct Inspection;

impl Reader for Inspection {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        read(record, record.node, out);
    }
}

/// Reads an inspection, whole document or part of one.
pub(super) fn read(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    trajectory::enter(node, out);
    let mut head = document::head(record, node, &ARRAYS);
    let omitted = node.path(&["redaction", "omitted"]).map_or(&[][..], Node::items);
    head.claims.extend(omitted.iter().filter_map(Node::as_str).map(str::to_owned));
    out.push(head);
    let items = node.get("timelineItems").map_or(&[][..], Node::items);
    out.count_records(items.len() as u64);
    for item in items {
        timeline::push(&Item::of(item, record.place(item)), out);
    }
    trajectory::events(record, node, "events", out);
    score::findings(record, node, "findings", out);
    score::findings(record, node, "scoreFindings", out);
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::Slot;

    #[test]
    fn both_arrays_give_sightings_of_the_same_steps() {
        let text = r#"{"schemaVersion":"evalops.maestro.agent-trajectory-inspection.v1","run":{"sessionId":"s"},"redaction":{"omitted":["raw prompts"]},
            "timelineItems":[{"id":"tool-result:e:c1","type":"tool.failed","redacted":true}],
            "events":[{"id":"trajectory:tool-result:e:c1","type":"tool.failed","evidence":[{"kind":"tool_call","id":"c1","redacted":true}]}]}"#;
        let reading = read_plain(text.as_bytes(), "i.json", Want::default(), &mut |_, _| {}).unwrap();
        let facts = &reading.portions[0].0.facts;
        assert_eq!((reading.format.name, reading.records, facts[0].claims.as_slice()), ("maestro-inspection", 2, &["raw prompts".to_owned()][..]));
        assert!(facts[1..].iter().all(|f| f.slot == Slot::Result("c1".into())));
    }
}
