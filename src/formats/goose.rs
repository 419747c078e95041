//! `goose`: sessions of Goose as `goose session export --format json` writes them, and its older JSON Lines files.

use super::access::content_text;
use super::calls::{call, result};
use super::document::head;
use super::json::Node;
use super::refusals;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{Link, ResultFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Fact, Slot, Span, Timestamp, Usage, WaitKind};
use std::collections::HashSet;

/// An exported session.
pub const FORMAT: Format = Format {
    name: "goose",
    agent: "goose",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| d.get("conversation").is_some_and(|c| c.items().first().is_some_and(is_message)) && d.get("id").is_some()),
    reader: || Box::new(Goose::default()),
    doc: "Goose sessions: exported documents, and the older JSON Lines files.",
};

/// An older session file: a header, then messages.
pub const LINES: Format = Format {
    shape: Shape::Lines,
    detect: |probe| {
        probe.lines.first().is_some_and(|n| n.get("working_dir").is_some() && n.get("role").is_none()) && probe.lines.get(1).is_some_and(is_message)
    },
    ..FORMAT
};

fn is_message(node: &Node<'_>) -> bool {
    node.str("role").is_some() && node.get("created").is_some() && node.get("content").is_some_and(Node::is_array)
}

#[derive(Default)]
struct Goose {
    read: usize,
    /// Calls that a person was asked about.
    asked: HashSet<String>,
}

impl Reader for Goose {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        if is_message(node) {
            return self.message(node, &record.span, out);
        }
        let messages = node.get("conversation").map(Node::items).unwrap_or_default();
        if messages.is_empty() && node.get("working_dir").is_none() {
            return out.unknown(record.span.clone(), node.all_text());
        }
        out.session(node.str("id").unwrap_or_default());
        let about = out.about();
        about.title = about.title.take().or_else(|| node.owned(&["name", "description"]));
        about.cwd = about.cwd.take().or_else(|| node.owned(&["working_dir"]));
        about.provider = about.provider.take().or_else(|| node.owned(&["provider_name"]));
        about.model = about.model.take().or_else(|| node.get("model_config")?.owned(&["model_name"]));
        (about.started_at, about.ended_at) = (node.time(&["created_at"]), node.time(&["updated_at"]));
        about.lineage.parent_session = about.lineage.parent_session.take().or_else(|| node.owned(&["parent_session_id"]));
        let count = |keys: &[&str]| node.u64_any(keys).unwrap_or(0);
        let usage = Usage {
            input: count(&["accumulated_input_tokens", "input_tokens"]),
            output: count(&["accumulated_output_tokens", "output_tokens"]),
            cost_usd: node.f64_any(&["accumulated_cost"]),
            ..Usage::default()
        };
        let mut whole = head(record, node, &["conversation"]);
        whole.usage = (!usage.is_empty()).then(|| Box::new(usage));
        out.push(whole);
        out.count_records(messages.len() as u64);
        messages.iter().for_each(|message| self.message(message, &record.place(message), out));
    }
}

impl Goose {
    fn message(&mut self, message: &Node<'_>, span: &Span, out: &mut Output) {
        self.read += 1;
        let id = message.owned(&["id"]).unwrap_or_else(|| format!("m{}", self.read));
        let at = message.time(&["created"]);
        let actor = if message.str("role") == Some("assistant") { Actor::Assistant } else { Actor::User };
        let parts = message.get("content").map(Node::items).unwrap_or_default();
        for (nth, part) in parts.iter().enumerate() {
            let name = if nth == 0 { id.clone() } else { format!("{id}.{}", nth + 1) };
            let facts = self.part(part, &name, actor, span, at);
            facts.into_iter().for_each(|fact| out.push(fact.at(at)));
        }
        if parts.is_empty() {
            out.push(Fact::new(Slot::Named(id), span.clone(), actor, Body::Text { text: String::new(), partial: true }).at(at));
        }
    }

    fn part(&mut self, part: &Node<'_>, name: &str, actor: Actor, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let named = |kind: &str, actor, body| vec![Fact::new(Slot::Named(format!("{name}.{kind}")), span.clone(), actor, body)];
        match part.str("type") {
            Some("text") => named("text", actor, Body::Text { text: part.owned(&["text"]).unwrap_or_default(), partial: false }),
            Some("thinking" | "reasoning") => named("thinking", Actor::Assistant, Body::Thinking(part.owned(&["thinking", "text"]).unwrap_or_default())),
            Some("redactedThinking") => named("thinking", Actor::Assistant, Body::Thinking(String::new())),
            Some("image") => {
                let bytes = part.str("data").map_or(0, |data| data.len() as u64);
                let media_type = part.owned(&["mimeType", "mime_type"]).unwrap_or_default();
                named("image", actor, Body::Attachment { name: "image".to_owned(), media_type, bytes, text: String::new() })
            }
            Some("toolRequest" | "frontendToolRequest") => asked_for(part, name, span),
            Some("toolResponse") => self.answer(part, span, at),
            Some("toolConfirmationRequest") => self.wait(part, WaitKind::Approval, span, at),
            Some("actionRequired") => {
                let data = part.get("data").unwrap_or(part);
                let kind = if data.str("actionType") == Some("elicitation") { WaitKind::McpElicitation } else { WaitKind::Approval };
                self.wait(data, kind, span, at)
            }
            _ => named("part", Actor::Runtime, Body::Context(part.all_text())),
        }
    }

    fn wait(&mut self, asked: &Node<'_>, kind: WaitKind, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let Some(id) = asked.owned(&["id"]) else { return vec![Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(asked.all_text()))] };
        self.asked.insert(id.clone());
        let link = Link { call_id: Some(id.clone()), tool: asked.owned(&["toolName"]), args: asked.get("arguments").map(Node::raw_args), ..Link::default() };
        let wait = WaitFact { reason: asked.owned(&["prompt", "message"]), asked_at: at, ..WaitFact::new(link, kind, "toolConfirmation") };
        vec![Fact::new(Slot::Wait(id), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait)))]
    }

    fn answer(&self, part: &Node<'_>, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let id = part.owned(&["id"]);
        let told = part.get("toolResult").unwrap_or(part);
        let value = told.get("value").unwrap_or(told);
        let error = told.owned(&["error"]);
        let text = error.clone().unwrap_or_else(|| value.get("content").map(content_text).unwrap_or_default());
        let failed = error.is_some() || told.str("status") == Some("error") || value.bool_any(&["isError"]) == Some(true);
        let mut stop = refusals::in_text(&text);
        let mut facts = Vec::new();
        if let (Some(stop), Some(id)) = (&mut stop, &id) {
            // The wording is the same whoever refused; where a person was asked, it was that person.
            stop.by = stop.by.or_else(|| self.asked.contains(id).then_some(DecidedBy::User));
            facts.push(refusals::resolution(id, stop, None, span.clone(), at, "result text"));
        }
        let ran = if stop.is_some() { Some(false) } else { (!failed).then_some(true) };
        facts.push(result(id, text, ResultFact { is_error: Some(failed), stop, ran, ..ResultFact::default() }, span));
        facts
    }
}

/// Reads a request for a tool; one that the model wrote wrongly has no call, only an error.
fn asked_for(part: &Node<'_>, name: &str, span: &Span) -> Vec<Fact> {
    let id = part.owned(&["id"]).unwrap_or_else(|| name.to_owned());
    let asked = part.get("toolCall").unwrap_or(part);
    match asked.get("value").or_else(|| asked.get("name").map(|_| asked)) {
        Some(value) => vec![call(Some(id), value.owned(&["name"]).unwrap_or_default(), value.get("arguments").map(Node::raw_args), span)],
        None => {
            let error = asked.owned(&["error"]).unwrap_or_else(|| asked.all_text());
            let more = ResultFact { is_error: Some(true), ran: Some(false), ..ResultFact::default() };
            vec![call(Some(id.clone()), String::new(), None, span), result(Some(id), error, more, span)]
        }
    }
}
