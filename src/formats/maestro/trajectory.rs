//! `maestro-trajectory`: the content-free trajectory of a run and its fixture form (Maestro, `agent-trajectory.v1`).

use super::lineage;
use super::timeline::{self, Item};
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape, document};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-trajectory",
    agent: "maestro",
    rank: 41,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(is_trajectory),
    reader: || Box::new(TrajectoryReader),
    doc: "Maestro's trajectory of a run, without prompts, arguments and outputs.",
};

/// Kinds of evidence that tie an event to its call.
const OF_CALLS: [&str; 6] = ["timeline_item", "tool_call", "tool_execution", "approval_request", "pending_request", "artifact"];

/// Tells whether a document is a trajectory or a fixture of one.
#[must_use]
pub fn is_trajectory(node: &Node<'_>) -> bool {
    let schemas = ["evalops.maestro.agent-trajectory.v", "evalops.maestro.agent-trajectory-fixture.v"];
    node.str("schemaVersion").is_some_and(|schema| schemas.iter().any(|prefix| schema.starts_with(prefix)))
}

struct TrajectoryReader;

impl Reader for TrajectoryReader {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        read(record, record.node, out);
    }
}

/// Enters the session that the document's `run` names.
pub(super) fn enter(node: &Node<'_>, out: &mut Output) {
    let run = node.get("run").unwrap_or(node);
    if let Some(session) = run.str_any(&["sessionId", "session_id", "id"]) {
        out.session(session);
    }
}

/// Reads a trajectory, whole document or part of one.
pub(super) fn read(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    enter(node, out);
    out.push(document::head(record, node, &["events"]));
    events(record, node, "events", out);
}

/// Reads the trajectory events in the array `key`.
pub(super) fn events(record: &Record<'_>, node: &Node<'_>, key: &str, out: &mut Output) {
    let events = node.get(key).map_or(&[][..], Node::items);
    out.count_records(events.len() as u64);
    for event in events {
        for anchor in event.get("evidence").map_or(&[][..], Node::items) {
            if let (Some(kind), Some(id)) = (anchor.str("kind").filter(|kind| !OF_CALLS.contains(kind)), anchor.owned(&["id"])) {
                lineage::anchored(&mut out.about().lineage, kind, id);
            }
        }
        timeline::push(&item(record, event), out);
    }
}

/// Sees the timeline item behind an event: its ids stand in the evidence.
fn item<'n>(record: &Record<'_>, event: &'n Node<'n>) -> Item<'n> {
    let mut item = Item::of(event, record.place(event));
    let evidence = event.get("evidence").map_or(&[][..], Node::items);
    let of = |kind: &str| evidence.iter().find(|e| e.str("kind") == Some(kind)).and_then(|e| e.owned(&["id"]));
    let full = std::mem::take(&mut item.id);
    item.id = full.strip_prefix("trajectory:").map(str::to_owned).or_else(|| of("timeline_item")).unwrap_or_else(|| full.clone());
    let bare = Item::ids_in(&item.id);
    item.link.call_id = of("tool_call").or(item.link.call_id).or(bare.0);
    item.link.request_id = of("pending_request").or(item.link.request_id).or(bare.1);
    item.link.approval_request_id = of("approval_request").or(item.link.approval_request_id);
    item.link.tool_execution_id = of("tool_execution").or(item.link.tool_execution_id);
    item.alias = Some(full).filter(|alias| !alias.is_empty() && *alias != item.id);
    item
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, SessionName, Slot};

    #[test]
    fn an_event_lands_where_its_timeline_item_does() {
        let text = r#"{"schemaVersion":"evalops.maestro.agent-trajectory.v1","run":{"id":"r","sessionId":"s"},"events":[
            {"id":"trajectory:message:e1","kind":"message","type":"message.assistant","actor":"assistant","summary":"Ok","evidence":[]},
            {"id":"trajectory:pending:p1","type":"wait.pending","source":"platform","evidence":[{"kind":"tool_call","id":"c1"},{"kind":"pending_request","id":"p1"},{"kind":"approval_request","id":"a1"}]},
            {"id":"trajectory:tool-result:e3:c1","type":"tool.completed","evidence":[]}]}"#;
        let reading = read_plain(text.as_bytes(), "t.json", Want::default(), &mut |_, _| {}).unwrap();
        let portion = &reading.portions[0].0;
        assert_eq!((reading.format.name, &portion.session), ("maestro-trajectory", &SessionName::Stated("s".into())));
        let slots: Vec<_> = portion.facts.iter().skip(1).map(|f| f.slot.clone()).collect();
        assert_eq!(slots, [Slot::Named("e1.text".into()), Slot::Wait("p1".into()), Slot::Result("c1".into())]);
        assert_eq!(portion.facts[1].aliases, ["message:e1", "trajectory:message:e1"]);
        assert!(
            matches!(&portion.facts[2].body, Body::Wait(wait) if wait.link.call_id.as_deref() == Some("c1") && wait.link.approval_request_id.as_deref() == Some("a1"))
        );
    }
}
