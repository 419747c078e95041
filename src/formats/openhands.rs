//! `openhands`: events of OpenHands, of its first generation (`action` and `observation`) and of its SDK (`kind`), as lists, as one
//! file an event, or as the `history` of evaluation outputs.

mod first;
mod sdk;

use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::EvalFact;
use crate::model::{Actor, Body, Fact, Risk, Slot, Span};

/// A list of events, one event, or the state that the SDK keeps beside its events.
pub const FORMAT: Format = Format {
    name: "openhands",
    agent: "openhands",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| is_event(d) || is_state(d) || d.items().first().is_some_and(is_event) || is_output(d)),
    reader: || Box::new(OpenHands::default()),
    doc: "Events of OpenHands, of both generations; files of one event each belong to the session of their folder.",
};

/// Events or outputs of an evaluation, one a line.
pub const LINES: Format =
    Format { shape: Shape::Lines, detect: |probe| probe.lines.len() > 1 && probe.first().is_some_and(|n| is_output(n) || is_event(n)), ..FORMAT };

fn is_first(node: &Node<'_>) -> bool {
    let acts = node.str("action").is_some() && node.get("args").is_some();
    let observes = node.str("observation").is_some() && (node.get("extras").is_some() || node.get("content").is_some());
    node.str("source").is_some() && node.get("timestamp").is_some() && (acts || observes)
}

fn is_sdk(node: &Node<'_>) -> bool {
    node.str("kind").is_some() && node.str("source").is_some() && node.get("timestamp").is_some() && node.str("id").is_some()
}

fn is_event(node: &Node<'_>) -> bool {
    is_first(node) || is_sdk(node)
}

fn is_state(node: &Node<'_>) -> bool {
    node.get("confirmation_policy").is_some() && node.get("agent").is_some_and(Node::is_object) && node.str("id").is_some()
}

fn is_output(node: &Node<'_>) -> bool {
    node.get("instance_id").is_some()
        && node
            .get("history")
            .is_some_and(|h| h.items().iter().flat_map(|e| if e.is_array() { e.items() } else { std::slice::from_ref(e) }).next().is_some_and(is_event))
}

#[derive(Default)]
struct OpenHands {
    first: first::Reading,
}

impl Reader for OpenHands {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        if is_state(node) {
            out.count_records(u64::from(record.document));
            return sdk::state(node, &record.span, out);
        }
        if is_output(node) {
            return self.output(record, out);
        }
        if node.is_array() {
            out.count_records(if record.document { node.items().len() as u64 } else { 0 });
            return node.items().iter().for_each(|event| self.event(event, &record.place(event), out));
        }
        out.count_records(u64::from(record.document));
        self.event(node, &record.span, out);
    }
}

impl OpenHands {
    fn event(&mut self, node: &Node<'_>, span: &Span, out: &mut Output) {
        if is_sdk(node) {
            sdk::event(node, span, out);
        } else if is_first(node) {
            self.first.event(node, span, out);
        } else {
            out.unknown(span.clone(), node.all_text());
        }
    }

    /// Reads one instance of an evaluation: its history, and whether it was solved.
    fn output(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        out.own_session(node.raw);
        self.first = first::Reading::default();
        out.about().lineage.scenario_id = node.owned(&["instance_id"]);
        if let Some(model) = node.path(&["metadata", "llm_config", "model"]).and_then(Node::as_str) {
            out.about().set_model(model);
        }
        let told = node.fields().iter().filter(|(key, _)| key != "history").map(|(key, value)| format!("{key}: {}", value.all_text()));
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::System, Body::Context(told.collect::<Vec<_>>().join("\n"))));
        let history = node.get("history").map(Node::items).unwrap_or_default();
        out.count_records(history.len() as u64 + u64::from(record.document));
        // Early outputs pair each action with its observation.
        for entry in history {
            let events = if entry.is_array() { entry.items() } else { std::slice::from_ref(entry) };
            events.iter().for_each(|event| self.event(event, &record.place(event), out));
        }
        let report = node.path(&["test_result", "report"]).or_else(|| node.get("report"));
        if let Some(passed) = report.and_then(|report| report.bool_any(&["resolved"])) {
            let body = EvalFact { metric: Some("resolved".to_owned()), passed: Some(passed), scenario_id: node.owned(&["instance_id"]), ..EvalFact::default() };
            out.push(Fact::new(Slot::Named("resolved".to_owned()), record.span.clone(), Actor::Runtime, Body::Eval(Box::new(body))));
        }
    }
}

/// Reads a risk in either generation's words: 0 to 2, or a name; unknown is none.
fn risk(node: &Node<'_>) -> Option<Risk> {
    match (node.as_str(), node.as_u64()) {
        (Some(word), _) => Risk::parse(&word.to_ascii_lowercase()),
        (None, Some(0)) => Some(Risk::Low),
        (None, Some(1)) => Some(Risk::Medium),
        (None, Some(2)) => Some(Risk::High),
        _ => None,
    }
}
