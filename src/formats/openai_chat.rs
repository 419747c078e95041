//! `openai-chat`: chat messages, one conversation a line, as fine-tuning files and exports write them.

use super::access::content_text;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span};

/// The format.
pub const FORMAT: Format = Format {
    name: "openai-chat",
    agent: "openai-chat",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| probe.first().is_some_and(|n| LISTS.iter().any(|list| n.get(list).is_some_and(is_messages))),
    reader: || Box::new(Chat),
    doc: "Chat messages JSON Lines: a row with `messages` (or `prompt`/`completion`, `chosen`/`rejected` lists) is a conversation.",
};

/// Fields of a row that hold messages.
const LISTS: &[&str] = &["messages", "prompt", "completion", "chosen", "rejected"];

fn is_messages(node: &Node<'_>) -> bool {
    node.items().first().is_some_and(|m| m.str("role").is_some() && (m.get("content").is_some() || m.get("tool_calls").is_some()))
}

struct Chat;

impl Reader for Chat {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        out.own_session(record.text);
        let node = record.node;
        let about = out.about();
        about.model = about.model.take().or_else(|| node.owned(&["model"]));
        if about.tools.is_empty() {
            about.tools = node.any(&["tools", "functions"]).map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
        }
        let mut messages = 0;
        for list in LISTS.iter().filter_map(|list| node.get(list)).filter(|list| is_messages(list)) {
            for message in list.items() {
                push(message, &record.span, messages, out);
                messages += 1;
            }
        }
        if messages == 0 {
            out.unknown(record.span.clone(), node.all_text());
        }
    }
}

fn push(message: &Node<'_>, span: &Span, nth: usize, out: &mut Output) {
    let content = message.get("content").map(content_text).unwrap_or_default();
    let fact = |kind: &str, actor, body| Fact::new(Slot::Named(format!("m{nth}.{kind}")), span.clone(), actor, body);
    match message.str("role") {
        Some("tool" | "function") => {
            let call = message.owned(&["tool_call_id", "name"]);
            let body =
                ResultFact { link: Link { call_id: call.clone(), tool: message.owned(&["name"]), ..Link::default() }, text: content, ..ResultFact::default() };
            out.push(Fact::new(call.map_or(Slot::Own, Slot::Result), span.clone(), Actor::Tool, Body::Result(Box::new(body))));
        }
        Some("assistant") => {
            let mut pushed = false;
            if let Some(thinking) = message.owned(&["reasoning_content", "reasoning"]) {
                out.push(fact("thinking", Actor::Assistant, Body::Thinking(thinking)));
                pushed = true;
            }
            if !content.is_empty() {
                out.push(fact("text", Actor::Assistant, Body::Text { text: content, partial: false }));
                pushed = true;
            }
            let legacy = message.get("function_call").filter(|c| c.is_object());
            for call in message.get("tool_calls").map(Node::items).unwrap_or_default().iter().chain(legacy) {
                out.push(call_fact(call, span));
                pushed = true;
            }
            if !pushed {
                out.push(fact("text", Actor::Assistant, Body::Text { text: String::new(), partial: true }));
            }
        }
        Some("system" | "developer") => {
            out.about().system_prompt.get_or_insert_with(|| content.clone());
            out.push(fact("text", Actor::System, Body::Text { text: content, partial: false }));
        }
        _ => out.push(fact("text", Actor::User, Body::Text { text: content, partial: false })),
    }
}

fn call_fact(call: &Node<'_>, span: &Span) -> Fact {
    let function = call.get("function").unwrap_or(call);
    let tool = function.owned(&["name"]).unwrap_or_default();
    let id = call.owned(&["id"]).unwrap_or_else(|| tool.clone());
    let args = function.get("arguments").map(Node::raw_args);
    let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
    Fact::new(Slot::Call(id), span.clone(), Actor::Assistant, Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() })))
}
