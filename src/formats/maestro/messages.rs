//! Maestro's messages (`AppMessage`): user, assistant, tool result and the summaries, in both spellings.

use super::objects::usage;
use super::results::result;
use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::model::fact::{CallFact, Link, Node as TreeNode};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp};

/// Where a message stands.
#[derive(Clone)]
pub struct Place {
    /// Its record, and the records of its pieces.
    pub spans: Vec<Span>,
    /// Its time.
    pub at: Option<Timestamp>,
    /// Its entry, where the stream names one.
    pub entry: Option<String>,
    /// Its place in the tree.
    pub node: Option<TreeNode>,
}

impl Place {
    /// Makes a fact of the message.
    #[must_use]
    pub fn fact(&self, slot: Slot, actor: Actor, body: Body) -> Fact {
        let mut fact = Fact {
            slot,
            spans: self.spans.clone(),
            at: self.at,
            actor,
            node: self.node.clone(),
            mark: None,
            aliases: Vec::new(),
            model: None,
            usage: None,
            claims: Vec::new(),
            body,
        };
        if matches!(fact.slot, Slot::Call(_) | Slot::Result(_)) {
            fact.aliases.extend(self.entry.clone().filter(|_| matches!(fact.slot, Slot::Result(_))));
        }
        fact
    }

    /// Names the `nth` block of a kind; by the entry, where the stream names one.
    #[must_use]
    pub fn block(&self, kind: &str, nth: usize) -> Slot {
        match &self.entry {
            Some(entry) if nth == 0 => Slot::Named(format!("{entry}.{kind}")),
            Some(entry) => Slot::Named(format!("{entry}.{kind}{}", nth + 1)),
            None => Slot::Own,
        }
    }
}

/// Pushes the facts of a message; at least one, so that its record is never lost.
pub fn push(message: &Node<'_>, place: &Place, out: &mut Output) {
    match message.str("role") {
        Some("user") => spoken(message, place, Actor::User, out),
        Some("assistant") => assistant(message, place, out),
        Some("toolResult" | "tool_result" | "tool") => result(message, place, out),
        Some(role @ ("hookMessage" | "branchSummary" | "compactionSummary")) => {
            let text = message.get("content").map(content_text).or_else(|| message.owned(&["summary"])).unwrap_or_default();
            let kind = role.to_owned();
            out.push(place.fact(place.block(&kind, 0), Actor::Runtime, Body::Context(text)));
        }
        _ => out.push(place.fact(place.block("message", 0), Actor::Runtime, Body::Unknown(message.all_text()))),
    }
}

fn spoken(message: &Node<'_>, place: &Place, actor: Actor, out: &mut Output) {
    let Some(content) = message.get("content") else {
        return out.push(place.fact(place.block("text", 0), actor, Body::Text { text: String::new(), partial: true }));
    };
    if let Some(text) = content.as_str() {
        out.push(place.fact(place.block("text", 0), actor, Body::Text { text: text.to_owned(), partial: false }));
    }
    let (mut texts, mut images) = (0, 0);
    for block in content.items() {
        if block.str("type") == Some("image") {
            out.push(place.fact(place.block("image", images), actor, image(block)));
            images += 1;
        } else if let Some(text) = block.str_any(&["text", "content"]).or_else(|| block.as_str()) {
            out.push(place.fact(place.block("text", texts), actor, Body::Text { text: text.to_owned(), partial: false }));
            texts += 1;
        }
    }
    for (nth, file) in message.get("attachments").map(Node::items).unwrap_or_default().iter().enumerate() {
        let size = file.u64_any(&["size"]).unwrap_or(0);
        let body = Body::Attachment {
            name: file.owned(&["fileName", "file_name", "id"]).unwrap_or_default(),
            media_type: file.owned(&["mimeType", "mime_type"]).unwrap_or_default(),
            bytes: size,
            text: file.owned(&["extractedText", "extracted_text"]).unwrap_or_default(),
        };
        let mut fact = place.fact(place.block("attachment", nth), actor, body);
        fact.aliases.extend(file.owned(&["id"]));
        out.push(fact);
    }
    if content.as_str().is_none() && texts + images == 0 {
        out.push(place.fact(place.block("text", 0), actor, Body::Text { text: content.all_text(), partial: false }));
    }
}

/// Names an image; its size is that of the text that holds it, in bytes.
pub fn image(block: &Node<'_>) -> Body {
    let source = block.get("source").unwrap_or(block);
    let media_type = source.owned(&["mimeType", "media_type", "mime_type"]).unwrap_or_default();
    Body::Attachment { name: "image".to_owned(), media_type, bytes: source.str("data").map_or(0, |data| data.len() as u64), text: String::new() }
}

fn assistant(message: &Node<'_>, place: &Place, out: &mut Output) {
    let model = message.owned(&["model"]);
    let mut spent = message.get("usage").map(usage).filter(|u| !u.is_empty()).map(Box::new);
    let (mut texts, mut thoughts, mut pushed) = (0, 0, 0);
    let mut send = |mut fact: Fact, out: &mut Output| {
        fact.model.clone_from(&model);
        fact.usage = spent.take();
        pushed += 1;
        out.push(fact);
    };
    let content = message.get("content");
    if let Some(text) = content.and_then(Node::as_str) {
        send(place.fact(place.block("text", 0), Actor::Assistant, Body::Text { text: text.to_owned(), partial: false }), out);
    }
    for block in content.map(Node::items).unwrap_or_default() {
        match block.str("type") {
            Some("thinking") => {
                let text = block.str_any(&["thinking", "text"]).unwrap_or_default().to_owned();
                send(place.fact(place.block("thinking", thoughts), Actor::Assistant, Body::Thinking(text)), out);
                thoughts += 1;
            }
            Some("toolCall" | "tool_call" | "tool_use") => send(call(block, place), out),
            _ => {
                let text = block.str("text").map_or_else(|| block.all_text(), str::to_owned);
                send(place.fact(place.block("text", texts), Actor::Assistant, Body::Text { text, partial: false }), out);
                texts += 1;
            }
        }
    }
    if let Some(error) = message.owned(&["errorMessage", "error_message"]) {
        send(place.fact(place.block("error", 0), Actor::Runtime, Body::Error(error)), out);
    }
    if pushed == 0 {
        let fact = place.fact(place.block("text", 0), Actor::Assistant, Body::Text { text: String::new(), partial: true });
        out.push(Fact { model, usage: spent, ..fact });
    }
}

fn call(block: &Node<'_>, place: &Place) -> Fact {
    let id = block.owned(&["id", "toolCallId", "tool_call_id"]);
    let tool = block.owned(&["name", "toolName", "tool_name"]).unwrap_or_default();
    let args = block.any(&["arguments", "args", "input"]).map(Node::raw_args);
    let link = Link { call_id: id.clone(), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
    let body = Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }));
    place.fact(id.map_or(Slot::Own, Slot::Call), Actor::Assistant, body)
}
