//! `gemini-cli`: chats of Gemini CLI. Messages are appended again as they grow, and the last wins; patches may replace the list.

use super::access::content_text;
use super::calls::{call, result};
use super::json::Node;
use super::refusals;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{Node as TreeNode, ResultFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, Span, Status, StopClass, Timestamp, Usage};
use std::collections::HashMap;

/// Chats as lines.
pub const FORMAT: Format = Format {
    name: "gemini-cli",
    agent: "gemini-cli",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| probe.lines.len() > 1 && probe.first().is_some_and(is_header),
    reader: || Box::new(Gemini::default()),
    doc: "Chats of Gemini CLI: a header, messages that are written again as they grow, and patches.",
};

/// Chats of older builds, one document.
pub const DOCUMENT: Format =
    Format { shape: Shape::Document, detect: |probe| probe.document.is_some_and(|d| is_header(d) && d.get("messages").is_some_and(Node::is_array)), ..FORMAT };

fn is_header(node: &Node<'_>) -> bool {
    node.str("sessionId").is_some() && node.str("projectHash").is_some() && node.get("startTime").is_some()
}

#[derive(Default)]
struct Gemini {
    /// Where the facts are that the latest form of each message may replace.
    told: HashMap<Slot, usize>,
    parents: HashMap<String, Option<String>>,
    last: Option<String>,
}

impl Reader for Gemini {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        if is_header(node) {
            return self.header(record, out);
        }
        match (node.get("$set"), node.str("type")) {
            (Some(set), _) => {
                about(set, out);
                if let Some(messages) = set.get("messages") {
                    // The list is another one from here on.
                    self.last = None;
                    messages.items().iter().for_each(|message| self.message(message, &record.span, out));
                }
                out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(format!("set {}", keys(set)))));
            }
            (None, Some(_)) if node.owned(&["id"]).is_some() => self.message(node, &record.span, out),
            (None, Some(kind)) => out.unknown_type(record, kind),
            (None, None) => out.unknown(record.span.clone(), node.all_text()),
        }
    }
}

fn keys(node: &Node<'_>) -> String {
    node.fields().iter().map(|(key, _)| key.as_ref()).collect::<Vec<_>>().join(", ")
}

fn about(node: &Node<'_>, out: &mut Output) {
    let about = out.about();
    about.title = node.owned(&["summary"]).or_else(|| about.title.take());
    about.started_at = about.started_at.or_else(|| node.time(&["startTime"]));
}

impl Gemini {
    fn header(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        out.session(node.str("sessionId").unwrap_or_default());
        about(node, out);
        let messages = node.get("messages").map(Node::items).unwrap_or_default();
        out.count_records(if record.document { messages.len() as u64 } else { 0 });
        let text = node.fields().iter().filter(|(key, _)| key != "messages").map(|(key, value)| format!("{key}: {}", value.all_text()));
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::System, Body::Context(text.collect::<Vec<_>>().join("\n"))));
        messages.iter().for_each(|message| self.message(message, &record.place(message), out));
    }

    fn message(&mut self, node: &Node<'_>, span: &Span, out: &mut Output) {
        let Some(id) = node.owned(&["id"]) else { return out.unknown(span.clone(), node.all_text()) };
        let parent = self.parents.entry(id.clone()).or_insert_with(|| self.last.clone()).clone();
        self.last = Some(id.clone());
        let entry = TreeNode { id: id.clone(), parent };
        let at = node.time(&["timestamp"]);
        let mut facts = match node.str("type") {
            Some("user") => said_by_user(node, &id, span),
            Some("gemini") => {
                let mut facts = said_by_model(node, &id, span);
                if let Some(first) = facts.first_mut() {
                    first.usage = node.get("tokens").map(tokens).filter(|usage| !usage.is_empty()).map(Box::new);
                }
                facts
            }
            kind => {
                let text = node.get("content").map(content_text).unwrap_or_default();
                let body = if kind == Some("error") { Body::Error(text) } else { Body::Context(text) };
                vec![Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Runtime, body)]
            }
        };
        if facts.is_empty() {
            facts.push(Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Runtime, Body::Unknown(node.all_text())));
        }
        let model = node.owned(&["model"]);
        if let Some(model) = &model {
            out.about().model.get_or_insert_with(|| model.clone());
            out.about().provider.get_or_insert_with(|| "google".to_owned());
        }
        for fact in &mut facts {
            fact.at = fact.at.or(at);
            fact.node = Some(entry.clone());
            fact.model.clone_from(&model);
        }
        facts.into_iter().for_each(|fact| self.tell(fact, out));
    }

    /// Pushes a fact; where its step was told before, this is the latest form of it.
    fn tell(&mut self, mut fact: Fact, out: &mut Output) {
        let known = self.told.get(&fact.slot).copied();
        match known.and_then(|at| out.facts_mut().get_mut(at)).filter(|known| known.slot == fact.slot) {
            // An answer repeated for the model says less than the call's own entry.
            Some(known) if matches!(&fact.body, Body::Result(result) if result.partial) => known.spans.extend(fact.spans),
            Some(known) => {
                let earlier = std::mem::take(&mut known.spans);
                let new: Vec<Span> = earlier.into_iter().filter(|span| !fact.spans.contains(span)).collect();
                fact.spans.extend(new);
                *known = fact;
            }
            None => {
                let slot = fact.slot.clone();
                out.push(fact);
                self.told.insert(slot, out.facts_mut().len() - 1);
            }
        }
    }
}

fn said_by_user(node: &Node<'_>, id: &str, span: &Span) -> Vec<Fact> {
    let content = node.get("content");
    if let Some(text) = content.and_then(Node::as_str) {
        return vec![text_of_user(format!("{id}.text"), text, span)];
    }
    let parts = content.map(Node::items).unwrap_or_default().iter().enumerate();
    let facts = parts.map(|(nth, part)| {
        let name = if nth == 0 { format!("{id}.text") } else { format!("{id}.text{}", nth + 1) };
        match (part.str("text"), part.get("functionResponse")) {
            (Some(text), _) => text_of_user(name, text, span),
            // The answer to a call stands with the call; here it is repeated for the model.
            (None, Some(answer)) => result(answer.owned(&["id"]), response(answer), ResultFact { partial: true, ..ResultFact::default() }, span),
            (None, None) => Fact::new(Slot::Named(name), span.clone(), Actor::User, Body::Context(part.all_text())),
        }
    });
    facts.collect()
}

fn text_of_user(name: String, text: &str, span: &Span) -> Fact {
    let (actor, body) = if text.starts_with("<session_context>") {
        (Actor::Runtime, Body::Context(text.to_owned()))
    } else {
        (Actor::User, Body::Text { text: text.to_owned(), partial: false })
    };
    Fact::new(Slot::Named(name), span.clone(), actor, body)
}

fn said_by_model(node: &Node<'_>, id: &str, span: &Span) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (nth, thought) in node.get("thoughts").map(Node::items).unwrap_or_default().iter().enumerate() {
        let (subject, description) = (thought.str("subject").unwrap_or_default(), thought.str("description").unwrap_or_default());
        let text = if subject.is_empty() { description.to_owned() } else { format!("{subject}\n{description}") };
        facts.push(
            Fact::new(Slot::Named(format!("{id}.thinking{}", nth + 1)), span.clone(), Actor::Assistant, Body::Thinking(text)).at(thought.time(&["timestamp"])),
        );
    }
    let text = node.get("content").map(content_text).unwrap_or_default();
    let calls = node.get("toolCalls").map(Node::items).unwrap_or_default();
    if !text.is_empty() || calls.is_empty() {
        facts.push(Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Assistant, Body::Text { partial: text.is_empty(), text }));
    }
    for (nth, asked) in calls.iter().enumerate() {
        let call_id = asked.owned(&["id"]).unwrap_or_else(|| format!("{id}.call{}", nth + 1));
        facts.push(call(Some(call_id.clone()), asked.owned(&["name"]).unwrap_or_default(), asked.get("args").map(Node::raw_args), span));
        facts.extend(ended(&call_id, asked, span, asked.time(&["timestamp"])));
    }
    facts
}

/// Reads how a call ended, as far as its entry says; an approval leaves no mark.
fn ended(id: &str, asked: &Node<'_>, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
    let answers = asked.get("result").map(Node::items).unwrap_or_default();
    let text = answers.iter().filter_map(|part| part.get("functionResponse")).map(response).collect::<Vec<_>>().join("\n");
    let status = match asked.str("status") {
        Some("success") => Some(Status::Succeeded),
        Some("error") => Some(Status::Failed),
        Some("cancelled") => Some(Status::Cancelled),
        _ => None,
    };
    if status.is_none() && answers.is_empty() {
        return Vec::new();
    }
    let denied = refusals::in_text(&text).filter(|_| status == Some(Status::Cancelled));
    let stopped = || Stop { class: StopClass::Refusal, decision: Decision::Cancelled, by: Some(DecidedBy::User), inferred: true };
    let stop = denied.or_else(|| (status == Some(Status::Cancelled)).then(stopped));
    let mut facts = Vec::new();
    if let Some(stop) = &stop {
        facts.push(refusals::resolution(id, stop, None, span.clone(), at, "status cancelled"));
    }
    let more = ResultFact {
        status: status.filter(|_| stop.is_none()),
        is_error: Some(status != Some(Status::Succeeded)),
        ran: if stop.is_some() { Some(false) } else { (status == Some(Status::Succeeded)).then_some(true) },
        stop,
        ..ResultFact::default()
    };
    facts.push(result(Some(id.to_owned()), text, more, span).at(at));
    facts
}

fn response(answer: &Node<'_>) -> String {
    let Some(response) = answer.get("response") else { return String::new() };
    response.owned(&["output", "error"]).unwrap_or_else(|| response.all_text())
}

/// Reads token counts: cached tokens are counted among the input, thoughts beside the output.
fn tokens(node: &Node<'_>) -> Usage {
    let count = |key: &str| node.u64_any(&[key]).unwrap_or(0);
    let cached = count("cached");
    Usage {
        input: count("input").saturating_sub(cached),
        output: count("output").saturating_add(count("thoughts")),
        cache_read: cached,
        cache_write: 0,
        cost_usd: None,
    }
}
