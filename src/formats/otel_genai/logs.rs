//! GenAI events as log records (`resourceLogs`): the messages of a model call, one record each, or all in one.

use super::history::{History, Telling};
use super::messages::{self, Message, attribute};
use crate::formats::json::Node;
use crate::formats::{Output, Record, consent};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp};
use std::collections::HashMap;

/// The messages that the log records of one model call told so far.
#[derive(Default)]
pub struct Calls {
    told: HashMap<String, Vec<Message>>,
}

/// One log record.
struct Log<'r> {
    node: &'r Node<'r>,
    place: Span,
    at: Option<Timestamp>,
    name: String,
    trace: String,
}

/// Gives the number of log records of a batch.
pub fn count(record: &Record<'_>) -> u64 {
    nodes(record.node).count() as u64
}

fn nodes<'r>(batch: &'r Node<'r>) -> impl Iterator<Item = &'r Node<'r>> {
    let resources = batch.get("resourceLogs").map(Node::items).unwrap_or_default();
    let scopes = resources.iter().flat_map(|r| r.any(&["scopeLogs", "instrumentationLibraryLogs"]).map(Node::items).unwrap_or_default());
    scopes.flat_map(|s| s.get("logRecords").map(Node::items).unwrap_or_default())
}

/// Reads the log records of a batch; `conversations` tells of traces to which conversation they belong.
pub fn read(record: &Record<'_>, conversations: &HashMap<String, String>, histories: &mut HashMap<String, History>, calls: &mut Calls, out: &mut Output) {
    for node in nodes(record.node) {
        let time = |key: &str| node.u64_any(&[key]).filter(|ns| *ns > 0).and_then(|ns| Timestamp::from_ms(i64::try_from(ns / 1_000_000).ok()?));
        let log = Log {
            node,
            place: record.place(node),
            at: time("timeUnixNano").or_else(|| time("observedTimeUnixNano")),
            name: node.owned(&["eventName", "event_name"]).or_else(|| attribute(node, "event.name")).unwrap_or_default(),
            trace: node.owned(&["traceId", "trace_id"]).unwrap_or_default(),
        };
        let conversation = attribute(node, "gen_ai.conversation.id").or_else(|| conversations.get(&log.trace).cloned());
        let session = conversation.clone().unwrap_or_else(|| log.trace.clone());
        if session.is_empty() {
            out.own_session(&format!("logs {}", record.name));
        } else {
            out.session(&session);
        }
        let about = out.about();
        consent::hear(node, &mut about.lineage);
        if !log.trace.is_empty() {
            about.lineage.trace_id.get_or_insert_with(|| log.trace.clone());
        }
        about.lineage.conversation_id = about.lineage.conversation_id.take().or(conversation);
        about.model = about.model.take().or_else(|| attribute(node, "gen_ai.response.model")).or_else(|| attribute(node, "gen_ai.request.model"));
        about.provider = about.provider.take().or_else(|| attribute(node, "gen_ai.provider.name")).or_else(|| attribute(node, "gen_ai.system"));
        let history = histories.entry(session.clone()).or_default();
        if !tell(&log, &session, history, calls, out) {
            let text = if log.name.is_empty() { node.all_text() } else { format!("{}\n{}", log.name, node.all_text()) };
            out.push(Fact::new(Slot::Own, log.place.clone(), Actor::Runtime, Body::Context(text)).at(log.at));
        }
        out.stated_at(&log.place);
    }
}

/// Tells the messages of a record; false where it holds none.
fn tell(log: &Log<'_>, session: &str, history: &mut History, calls: &mut Calls, out: &mut Output) -> bool {
    let (given, written) = match messages_of(log) {
        (given, written) if given.is_empty() && written.is_empty() => return false,
        told => told,
    };
    let call = log.node.owned(&["spanId", "span_id"]).unwrap_or_else(|| log.trace.clone());
    let known = calls.told.entry(format!("{session}\u{1}{call}")).or_default();
    known.extend(given);
    let before = known.len();
    known.extend(written);
    let telling = Telling {
        scope: session,
        messages: known.clone(),
        given: before,
        place: &log.place,
        times: (log.at, log.at),
        model: attribute(log.node, "gen_ai.response.model"),
    };
    history.tell(telling, out);
    // The record itself is seen even where all that it says was known.
    out.push(Fact::new(Slot::Own, log.place.clone(), Actor::Runtime, Body::Context(log.name.clone())).at(log.at));
    true
}

/// Gives what the model was given and what it wrote, as far as one record says.
fn messages_of(log: &Log<'_>) -> (Vec<Message>, Vec<Message>) {
    let body = log.node.get("body").map(messages::value_text).unwrap_or_default();
    let of = |key: &str, role: &str| attribute(log.node, key).map(|text| messages::messages(&text, role)).unwrap_or_default();
    let one = |role: &str| if body.is_empty() { of("gen_ai.event.content", role) } else { messages::messages(&body, role) };
    match log.name.as_str() {
        "gen_ai.client.inference.operation.details" => {
            let mut given = of("gen_ai.system_instructions", "system");
            given.extend(of("gen_ai.input.messages", "user"));
            (given, of("gen_ai.output.messages", "assistant"))
        }
        "gen_ai.system.message" => (one("system"), Vec::new()),
        "gen_ai.user.message" => (one("user"), Vec::new()),
        "gen_ai.assistant.message" => (one("assistant"), Vec::new()),
        "gen_ai.tool.message" => (one("tool"), Vec::new()),
        "gen_ai.choice" => (Vec::new(), one("assistant")),
        _ => (Vec::new(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::Body;

    #[test]
    fn log_records_tell_a_conversation_once() {
        let body = |fields: &[(&str, &str)]| {
            let values: Vec<_> = fields.iter().map(|(key, text)| serde_json::json!({"key": key, "value": {"stringValue": text}})).collect();
            serde_json::json!({"kvlistValue": {"values": values}})
        };
        let log = |span: &str, name: &str, fields: &[(&str, &str)]| {
            serde_json::json!({"timeUnixNano": "1777622400000000000", "traceId": "t1", "spanId": span, "eventName": name, "body": body(fields)}).to_string()
        };
        let choice = serde_json::json!({"traceId": "t1", "spanId": "b", "attributes": [{"key": "event.name", "value": {"stringValue": "gen_ai.choice"}}],
            "body": {"kvlistValue": {"values": [{"key": "message", "value": body(&[("content", "done")])}]}}});
        let logs = [
            log("a", "gen_ai.user.message", &[("content", "clean it")]),
            log("a", "gen_ai.choice", &[("content", "which one?")]),
            log("b", "gen_ai.user.message", &[("content", "clean it")]),
            log("b", "gen_ai.assistant.message", &[("content", "which one?")]),
            log("b", "gen_ai.user.message", &[("content", "build")]),
            choice.to_string(),
            log("b", "exception", &[("message", "odd")]),
        ];
        let text = format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{}]}}]}}]}}", logs.join(","));
        let reading = read_plain(text.as_bytes(), "logs.json", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!((reading.format.name, reading.records, reading.portions.len()), ("otel-genai", 7, 1));
        let facts = &reading.portions[0].0.facts;
        let said: Vec<&str> = facts.iter().filter_map(|f| if let Body::Text { text, .. } = &f.body { Some(text.as_str()) } else { None }).collect();
        assert_eq!(said, ["clean it", "which one?", "build", "done"]);
        assert!(facts.iter().any(|f| matches!(&f.body, Body::Context(text) if text.contains("odd"))));
    }
}
