//! `maestro-recorder` and its sidecar `maestro-recorder-meta`: the headless protocol with directions and times; and
//! `maestro-conformance`, an exchange of it in one document.

use super::headless::Stream;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::{Actor, Body, Fact, Slot};

/// The recording.
pub const FORMAT: Format = Format {
    name: "maestro-recorder",
    agent: "maestro",
    rank: 20,
    shape: Shape::Lines,
    detect: |probe| probe.first().is_some_and(|n| matches!(n.str("direction"), Some("sent" | "received" | "checkpoint")) && n.get("timestamp").is_some()),
    reader: || Box::new(Recorder::default()),
    doc: "Maestro's headless recorder: both directions with times.",
};

/// The sidecar of a recording.
pub const META: Format = Format {
    name: "maestro-recorder-meta",
    agent: "maestro",
    rank: 24,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| d.get("protocol_version").is_some() && d.str("agent_session_id").is_some()),
    reader: || Box::new(Meta),
    doc: "The `.meta.json` beside a recording: it names the session.",
};

/// The conformance exchange.
pub const CONFORMANCE: Format = Format {
    name: "maestro-conformance",
    agent: "maestro",
    rank: 22,
    shape: Shape::Document,
    detect: |probe| {
        probe
            .document
            .is_some_and(|d| d.get("steps").is_some_and(|s| s.items().first().is_some_and(|s| s.str("direction").is_some() && s.get("message").is_some())))
    },
    reader: || Box::new(Conformance),
    doc: "An exchange of the headless protocol in one document.",
};

#[derive(Default)]
struct Recorder {
    stream: Stream,
}

impl Reader for Recorder {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let at = node.time(&["timestamp"]);
        match node.get("message").filter(|m| m.is_object()) {
            Some(message) => self.stream.message(message, &record.span, at, out),
            None if node.str("direction") == Some("checkpoint") => {
                if let Some(session) = node.get("state").and_then(|s| s.str_any(&["session_id", "agent_session_id"])) {
                    out.session(session);
                }
                out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context("checkpoint".to_owned())).at(at));
            }
            None => out.unknown(record.span.clone(), node.all_text()),
        }
    }

    fn finish(&mut self, out: &mut Output) {
        self.stream.close(out);
    }
}

struct Meta;

impl Reader for Meta {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        out.session(node.str("agent_session_id").unwrap_or_default());
        out.count_records(1);
        let about = out.about();
        about.title = node.owned(&["title"]);
        about.model = node.owned(&["model"]);
        about.provider = node.owned(&["provider"]);
        about.cwd = node.owned(&["cwd"]);
        about.git_ref = node.owned(&["git_branch"]);
        let mut fact = Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(format!("recording {}", node.str("id").unwrap_or("?"))));
        fact.aliases.extend(node.owned(&["id"]));
        out.push(fact);
    }
}

struct Conformance;

impl Reader for Conformance {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let steps = record.node.get("steps").map(Node::items).unwrap_or_default();
        out.count_records(steps.len() as u64);
        let messages = steps.iter().filter_map(|s| s.get("message"));
        if let Some(id) = messages.clone().find_map(|m| m.str("session_id")) {
            out.session(id);
        }
        out.about().title = record.node.owned(&["name"]);
        let head = record.node.owned(&["description", "name"]).unwrap_or_default();
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(head)));
        let mut stream = Stream::default();
        for step in steps {
            match step.get("message").filter(|m| m.is_object()) {
                Some(message) => stream.message(message, &record.place(step), None, out),
                None => out.unknown(record.place(step), step.all_text()),
            }
        }
        stream.close(out);
    }
}
