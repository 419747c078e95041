//! `swe-agent`: `.traj` files of SWE-agent: turns of action and observation, and the history they were made in.

use super::access::content_text;
use super::document::head;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span};

/// The format.
pub const FORMAT: Format = Format {
    name: "swe-agent",
    agent: "swe-agent",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| {
        let turns =
            |d: &Node<'_>| d.get("trajectory").is_some_and(|t| t.items().first().is_some_and(|s| s.get("action").is_some() && s.get("observation").is_some()));
        let history = |d: &Node<'_>| d.get("history").is_some_and(|h| h.items().first().is_some_and(|m| m.get("role").is_some()));
        probe.document.is_some_and(|d| turns(d) || history(d))
    },
    reader: || Box::new(SweAgent),
    doc: "SWE-agent `.traj` documents.",
};

struct SweAgent;

impl Reader for SweAgent {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        out.push(head(record, node, &["trajectory", "history"]));
        let history = node.get("history").map(Node::items).unwrap_or_default();
        let turns = node.get("trajectory").map(Node::items).unwrap_or_default();
        out.count_records((history.len() + turns.len()) as u64);
        if let Some(calls) = node.path(&["info", "model_stats"]) {
            let usage = crate::model::Usage {
                input: calls.u64_any(&["tokens_sent"]).unwrap_or(0),
                output: calls.u64_any(&["tokens_received"]).unwrap_or(0),
                cost_usd: calls.f64_any(&["instance_cost"]),
                ..Default::default()
            };
            out.push(Fact::new(Slot::Named("model_stats".to_owned()), record.place(calls), Actor::Runtime, Body::Usage(usage)));
        }
        for (nth, message) in history.iter().enumerate() {
            said(message, nth, record.place(message), out);
        }
        for (nth, turn) in turns.iter().enumerate() {
            let span = record.place(turn);
            // The history holds the same turns message by message; a turn is a sighting of them, or all there is.
            if !history.is_empty() {
                out.push(Fact::new(Slot::Named(format!("turn-{nth}")), span, Actor::Runtime, Body::Context(turn.all_text())));
                continue;
            }
            let call = format!("turn-{nth}");
            let thought = turn.owned(&["thought", "response"]).unwrap_or_default();
            out.push(Fact::new(Slot::Named(format!("{call}.text")), span.clone(), Actor::Assistant, Body::Text { text: thought, partial: false }));
            act(&call, turn.owned(&["action"]).unwrap_or_default(), &span, out);
            observed(call, turn.owned(&["observation"]).unwrap_or_default(), span, out);
        }
    }
}

fn act(call: &str, command: String, span: &Span, out: &mut Output) {
    let link = Link { call_id: Some(call.to_owned()), tool: Some("shell".to_owned()), ..Link::default() };
    let body = CallFact { link, tool: "shell".to_owned(), command: Some(command), ..CallFact::default() };
    out.push(Fact::new(Slot::Call(call.to_owned()), span.clone(), Actor::Assistant, Body::Call(Box::new(body))));
}

fn observed(call: String, text: String, span: Span, out: &mut Output) {
    let body = ResultFact { link: Link::call(call.clone()), text, ..ResultFact::default() };
    out.push(Fact::new(Slot::Result(call), span, Actor::Tool, Body::Result(Box::new(body))));
}

fn said(message: &Node<'_>, nth: usize, span: Span, out: &mut Output) {
    let text = message.get("content").map(content_text).unwrap_or_default();
    let named = |kind: &str| Slot::Named(format!("m{nth}.{kind}"));
    let answered = message.get("tool_call_ids").and_then(|ids| ids.items().first()?.as_str().map(str::to_owned));
    match (message.str("role"), answered) {
        (_, Some(call)) => observed(call, text, span, out),
        (Some("assistant"), None) => {
            let calls = message.get("tool_calls").map(Node::items).unwrap_or_default();
            out.push(Fact::new(named("text"), span.clone(), Actor::Assistant, Body::Text { partial: text.is_empty(), text }));
            for call in calls {
                let id = call.owned(&["id"]).unwrap_or_default();
                let function = call.get("function").unwrap_or(call);
                let (tool, args) = (function.owned(&["name"]).unwrap_or_default(), function.get("arguments").map(Node::raw_args));
                let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
                out.push(Fact::new(Slot::Call(id), span.clone(), Actor::Assistant, Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }))));
            }
            if calls.is_empty()
                && let Some(action) = message.owned(&["action"])
            {
                act(&format!("m{nth}"), action, &span, out);
            }
        }
        (Some("system"), None) => {
            out.about().system_prompt.get_or_insert_with(|| text.clone());
            out.push(Fact::new(named("text"), span, Actor::System, Body::Text { text, partial: false }));
        }
        _ => out.push(Fact::new(named("text"), span, Actor::User, Body::Text { text, partial: false })),
    }
}
