//! One sample: its head, its messages in the order in which models saw and gave them, its events, errors and scores.

use super::log::{self, Log};
use super::messages::{self, Told};
use super::refs::Refs;
use super::{events, scores};
use crate::formats::json::Node;
use crate::formats::{Output, Record, document};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp};
use rustc_hash::{FxHashMap, FxHashSet};

/// What of a sample is read apart from its head.
const APART: [&str; 9] = ["messages", "events", "events_data", "attachments", "transcript", "output", "store", "scores", "score"];

/// A sample while it is read.
pub struct Sample<'s> {
    /// The record it stands in.
    pub record: &'s Record<'s>,
    /// Where its references lead.
    pub refs: Refs<'s>,
    /// Its messages: name in step ids, value and place.
    messages: Vec<(String, &'s Node<'s>, Span)>,
    by_id: FxHashMap<&'s str, usize>,
    /// How many of the messages are pushed; they go in order.
    told: usize,
    /// Messages that only events hold, by id.
    elsewhere: FxHashSet<&'s str>,
}

/// Reads a sample and gives the name of its trajectory.
pub fn read<'s>(log: &Log, record: &'s Record<'s>, node: &'s Node<'s>, out: &mut Output) -> String {
    let id = node.owned(&["id"]).unwrap_or_default();
    let epoch = node.u64_any(&["epoch"]).unwrap_or(1);
    let name = node.owned(&["uuid"]).unwrap_or_else(|| format!("{}/{id}_epoch_{epoch}", log.own.as_deref().unwrap_or("run")));
    out.session(&name);
    let mut sample = Sample::of(record, node);
    let mut head = document::head(record, node, &APART);
    if let Body::Context(text) = &mut head.body {
        *text = sample.refs.resolve(std::mem::take(text));
    }
    head.slot = Slot::Named(format!("{name}.sample"));
    out.push(head.at(node.time(&["started_at"])));
    state(log, node, &id, out);
    let happened = node.get("events").or_else(|| node.path(&["transcript", "events"])).map(Node::items).unwrap_or_default();
    out.count_records((sample.messages.len() + happened.len()) as u64);
    events::all(&mut sample, happened, out);
    sample.tell_up_to(sample.messages.len(), out);
    sample.input_alone(node, &name, out);
    trouble(record, node, &name, out);
    scores::push(record, node, out);
    name
}

/// Says of the trajectory what the sample states of itself, then what the log says of all.
fn state(log: &Log, node: &Node<'_>, id: &str, out: &mut Output) {
    let about = out.about();
    about.started_at = about.started_at.or_else(|| node.time(&["started_at"]));
    about.ended_at = about.ended_at.or_else(|| node.time(&["completed_at"]));
    let metadata = node.get("metadata");
    let scenario = metadata.and_then(|m| m.owned(&["scenario_id", "scenario"]));
    about.lineage.scenario_id.get_or_insert_with(|| scenario.unwrap_or_else(|| format!("{}/{id}", log.task.as_deref().unwrap_or("task"))));
    let attributes = &mut about.lineage.attributes;
    for (key, name) in [("id", "sample_id"), ("epoch", "epoch"), ("target", "target")] {
        if let Some(value) = node.owned(&[key]) {
            attributes.entry(name.to_owned()).or_insert(value);
        }
    }
    if let Some(metadata) = metadata {
        log::keep(metadata, &mut about.lineage);
    }
    about.fill(&log.about);
}

/// Pushes what went wrong with the sample as a whole: its error, earlier errors it was run again after, its limit.
fn trouble(record: &Record<'_>, node: &Node<'_>, name: &str, out: &mut Output) {
    let at = node.time(&["completed_at"]);
    let mut push = |what: String, value: &Node<'_>, at: Option<Timestamp>| {
        let text = value.owned(&["message"]).unwrap_or_else(|| value.all_text());
        out.push(Fact::new(Slot::Named(format!("{name}.{what}")), record.place(value), Actor::Runtime, Body::Error(text)).at(at));
    };
    for (nth, error) in node.get("error_retries").map(Node::items).unwrap_or_default().iter().enumerate() {
        push(format!("error_retry{}", nth + 1), error, None);
    }
    if let Some(error) = node.get("error").filter(|e| e.is_object()) {
        push("error".to_owned(), error, at);
    }
    if let Some(limit) = node.get("limit").filter(|l| l.is_object()) {
        let text = format!("stopped at the limit of {}: {}", limit.str("type").unwrap_or("?"), limit.get("limit").map_or("?", |l| l.raw));
        out.push(Fact::new(Slot::Named(format!("{name}.limit")), record.place(limit), Actor::Runtime, Body::Error(text)).at(at));
    }
}

impl<'s> Sample<'s> {
    fn of(record: &'s Record<'s>, node: &'s Node<'s>) -> Self {
        let list = node.get("messages").map(Node::items).unwrap_or_default();
        let named = list.iter().enumerate().map(|(nth, m)| (m.owned(&["id"]).unwrap_or_else(|| format!("m{nth}")), m, record.place(m)));
        let by_id = list.iter().enumerate().filter_map(|(nth, m)| Some((m.str("id")?, nth))).collect();
        Self { record, refs: Refs::of(node), messages: named.collect(), by_id, told: 0, elsewhere: FxHashSet::default() }
    }

    /// Pushes the messages before the `end`th that were not pushed yet.
    fn tell_up_to(&mut self, end: usize, out: &mut Output) {
        while self.told < end {
            self.tell(None, None, out);
        }
    }

    fn tell(&mut self, at: Option<Timestamp>, event: Option<&Span>, out: &mut Output) {
        let Some((id, node, span)) = self.messages.get(self.told).cloned() else { return };
        self.told += 1;
        messages::push(self, node, &Told { id: &id, span, at, event }, out);
    }

    /// Tells what a model event was given: messages of the sample in order, and such as stand in events alone.
    pub fn given(&mut self, event: &'s Node<'s>, out: &mut Output) {
        let known: Vec<&Node<'_>> = self.refs.input(event).collect();
        // Logs before 2025 give messages no id: there, the number of messages tells how far the conversation was.
        if known.iter().all(|m| m.str("id").is_none()) {
            return self.tell_up_to(known.len().min(self.messages.len()), out);
        }
        for message in known {
            let Some(id) = message.str("id") else { continue };
            match self.by_id.get(id) {
                Some(&nth) => self.tell_up_to(nth + 1, out),
                None => self.tell_elsewhere(id, message, None, None, out),
            }
        }
    }

    /// Tells what a model event gave; false where the log does not hold it as a message.
    pub fn answered(&mut self, message: &'s Node<'s>, at: Option<Timestamp>, event: &Span, out: &mut Output) -> bool {
        let nth = match message.str("id") {
            Some(id) => match self.by_id.get(id) {
                Some(&nth) => nth,
                None if self.elsewhere.contains(id) => return false,
                None => {
                    self.tell_elsewhere(id, message, at, Some(event), out);
                    return true;
                }
            },
            None => match self.messages.get(self.told) {
                Some((_, next, _)) if next.str("role") == Some("assistant") && self.same_text(next, message) => self.told,
                _ => return false,
            },
        };
        if nth < self.told {
            return false;
        }
        self.tell_up_to(nth, out);
        self.tell(at, Some(event), out);
        true
    }

    fn same_text(&self, a: &Node<'_>, b: &Node<'_>) -> bool {
        messages::text_of(self, a) == messages::text_of(self, b)
    }

    fn tell_elsewhere(&mut self, id: &'s str, message: &'s Node<'s>, at: Option<Timestamp>, event: Option<&Span>, out: &mut Output) {
        if self.elsewhere.insert(id) {
            let span = self.record.place(message);
            messages::push(self, message, &Told { id, span, at, event }, out);
        }
    }

    /// Keeps the input of a sample that holds no message: it failed before the first.
    fn input_alone(&self, node: &Node<'_>, name: &str, out: &mut Output) {
        let Some(input) = node.get("input").filter(|_| self.messages.is_empty() && self.elsewhere.is_empty()) else { return };
        if input.is_array() {
            for (nth, message) in input.items().iter().enumerate() {
                let id = message.owned(&["id"]).unwrap_or_else(|| format!("m{nth}"));
                messages::push(self, message, &Told { id: &id, span: self.record.place(message), at: None, event: None }, out);
            }
        } else if let Some(text) = input.as_str() {
            let body = Body::Text { text: self.refs.resolve(text.to_owned()), partial: false };
            out.push(Fact::new(Slot::Named(format!("{name}.input")), self.record.place(input), Actor::User, body));
        }
    }
}
