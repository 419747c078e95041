//! Messages of a chat API as facts, for every format that holds them: roles, parts, tool calls old and new, results.

use super::access::content_text;
use super::calls::{call, result};
use super::json::Node;
use super::refusals;
use crate::model::fact::{Link, Node as TreeNode, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp};
use rustc_hash::FxHashSet;

/// A conversation while its messages are read.
#[derive(Clone, Default)]
pub struct Conversation {
    /// The first system message.
    pub system: Option<String>,
    /// Ids of calls that are taken; a branch begun later must not take them again.
    pub taken: FxHashSet<String>,
    prefix: &'static str,
    tree: bool,
    parent: Option<String>,
    read: usize,
    calls: Vec<Made>,
}

/// A call that was made: the id that the message states, and the one by which it is known here.
#[derive(Clone)]
struct Made {
    stated: String,
    id: String,
    ended: bool,
}

impl Conversation {
    /// Begins a conversation; with `tree`, each message is an entry under the one before it, so that branches can leave it.
    #[must_use]
    pub fn new(tree: bool) -> Self {
        Self { tree, ..Self::default() }
    }

    /// Begins a branch here; its messages are named by `prefix`.
    #[must_use]
    pub fn branch(&self, prefix: &'static str, taken: &FxHashSet<String>) -> Self {
        Self { prefix, read: 0, taken: taken.clone(), ..self.clone() }
    }

    /// Reads a plain text as the message of `actor`.
    pub fn text(&mut self, actor: Actor, text: &str, span: &Span) -> Vec<Fact> {
        let name = self.next();
        let fact = Fact::new(Slot::Named(format!("{name}.text")), span.clone(), actor, Body::Text { text: text.to_owned(), partial: false });
        self.placed(&name, vec![fact])
    }

    /// Reads one message.
    pub fn message(&mut self, message: &Node<'_>, span: &Span) -> Vec<Fact> {
        let name = self.next();
        let at = message.time(&["timestamp", "created_at"]);
        let content = message.get("content").map(content_text).unwrap_or_default();
        let fact = |kind: &str, actor, body| Fact::new(Slot::Named(format!("{name}.{kind}")), span.clone(), actor, body).at(at);
        let mut facts = attachments(message, &name, span, at);
        match message.str("role") {
            Some("tool" | "function") => facts.extend(self.answer(message, content, span, at)),
            Some("assistant") => {
                if let Some(thinking) = message.owned(&["reasoning_content", "reasoning"]) {
                    facts.push(fact("thinking", Actor::Assistant, Body::Thinking(thinking)));
                }
                let calls = self.calls_of(message, span, at);
                if !content.is_empty() || (calls.is_empty() && facts.is_empty()) {
                    facts.push(fact("text", Actor::Assistant, Body::Text { partial: content.is_empty(), text: content }));
                }
                if let Some(refusal) = message.owned(&["refusal"]) {
                    facts.push(fact("refusal", Actor::Assistant, Body::Text { text: refusal, partial: false }));
                }
                facts.extend(calls);
            }
            Some("system" | "developer") => {
                self.system.get_or_insert_with(|| content.clone());
                facts.push(fact("text", Actor::System, Body::Text { text: content, partial: false }));
            }
            Some("user") => {
                let calls = self.calls_of(message, span, at);
                if !content.is_empty() || (calls.is_empty() && facts.is_empty()) {
                    facts.push(fact("text", Actor::User, Body::Text { text: content, partial: false }));
                }
                facts.extend(calls);
            }
            _ => facts.push(fact("unknown", Actor::Runtime, Body::Unknown(message.all_text()))),
        }
        // By this a training file says how much the message counts in learning.
        if let Some(weight) = message.any(&["weight", "trainable"]) {
            facts.push(fact("weight", Actor::System, Body::Context(format!("weight: {}", weight.raw))));
        }
        self.placed(&name, facts)
    }

    fn next(&mut self) -> String {
        self.read += 1;
        format!("{}m{}", self.prefix, self.read - 1)
    }

    fn placed(&mut self, name: &str, mut facts: Vec<Fact>) -> Vec<Fact> {
        if self.tree {
            let entry = TreeNode { id: name.to_owned(), parent: self.parent.replace(name.to_owned()) };
            facts.iter_mut().for_each(|fact| fact.node = Some(entry.clone()));
        }
        facts
    }

    fn calls_of(&mut self, message: &Node<'_>, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let legacy = message.get("function_call").filter(|c| c.is_object());
        let calls = message.get("tool_calls").map(Node::items).unwrap_or_default().iter().chain(legacy);
        let asks = |call: &Node<'_>| if call.str("requestor").or(message.str("role")) == Some("user") { Actor::User } else { Actor::Assistant };
        calls.map(|call| self.made(call, asks(call), span, at)).collect()
    }

    /// Reads a call; one that states no id is known by its tool, and each further one by a number.
    fn made(&mut self, asked: &Node<'_>, actor: Actor, span: &Span, at: Option<Timestamp>) -> Fact {
        let function = asked.any(&["function", "custom"]).unwrap_or(asked);
        let tool = function.owned(&["name"]).unwrap_or_default();
        let stated = asked.owned(&["id"]).unwrap_or_else(|| if tool.is_empty() { "call".to_owned() } else { tool.clone() });
        let mut id = stated.clone();
        let mut nth = 1;
        while !self.taken.insert(id.clone()) {
            nth += 1;
            id = format!("{stated}~{nth}");
        }
        self.calls.push(Made { stated, id: id.clone(), ended: false });
        let args = function.any(&["arguments", "input"]).map(Node::raw_args);
        let mut fact = call(Some(id), tool, args, span).at(at);
        fact.actor = actor;
        fact
    }

    fn answer(&mut self, message: &Node<'_>, text: String, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let stated = message.owned(&["tool_call_id", "id", "name"]);
        let made = self.calls.iter_mut().filter(|made| stated.as_ref() == Some(&made.stated));
        // The first that is open answers an older call first; an answer to one that has its answer is told once more of the last.
        let mut made: Vec<&mut Made> = made.collect();
        let which = made.iter().position(|made| !made.ended).or(made.len().checked_sub(1));
        let id = match which.and_then(|nth| made.get_mut(nth)) {
            Some(made) => {
                made.ended = true;
                Some(made.id.clone())
            }
            None => stated,
        };
        let stop = refusals::in_text(&text);
        let mut facts = Vec::new();
        if let (Some(id), Some(stop)) = (&id, &stop) {
            facts.push(refusals::resolution(id, stop, refusals::note(&text), span.clone(), at, "result text"));
        }
        let more = ResultFact {
            link: Link { tool: message.owned(&["name"]), ..Link::default() },
            is_error: message.bool_any(&["error", "is_error"]),
            ran: stop.as_ref().map(|_| false),
            stop,
            ..ResultFact::default()
        };
        facts.push(result(id, text, more, span).at(at));
        facts
    }
}

/// Names the parts of a message that are no text.
fn attachments(message: &Node<'_>, name: &str, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
    let parts = message.get("content").map(Node::items).unwrap_or_default().iter().enumerate();
    let others = parts.filter_map(|(nth, part)| {
        let kind = part.str("type").filter(|kind| !kind.ends_with("text") && *kind != "refusal")?;
        let inner = part.get(kind).unwrap_or(part);
        let data = inner.str_any(&["url", "data", "file_data"]).or(inner.as_str()).unwrap_or_default();
        let media = data.strip_prefix("data:").and_then(|rest| rest.split_once([';', ','])).map(|(media, _)| media.to_owned());
        let body = Body::Attachment {
            name: inner.owned(&["filename", "file_id"]).unwrap_or_else(|| if media.is_none() && !data.is_empty() { data } else { kind }.to_owned()),
            media_type: media.unwrap_or_else(|| if kind.starts_with("image") { "image/*".to_owned() } else { String::new() }),
            bytes: data.len() as u64,
            text: String::new(),
        };
        let actor = if message.str("role") == Some("assistant") { Actor::Assistant } else { Actor::User };
        Some(Fact::new(Slot::Named(format!("{name}.part{nth}")), span.clone(), actor, body).at(at))
    });
    others.collect()
}
