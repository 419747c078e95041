//! `maestro-exec`: the stream of `maestro exec --json`. Its deltas are cumulative; a message is complete in its last record.

use super::messages::Place;
use super::objects::{request_link, resolution, usage, wait};
use super::results;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, WaitKind};
use rustc_hash::FxHashMap;

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-exec",
    agent: "maestro",
    rank: 23,
    shape: Shape::Lines,
    detect: |probe| probe.first().is_some_and(is_exec),
    reader: || Box::new(Exec::default()),
    doc: "The JSON stream of `maestro exec --json`: thread, turn, item and done records.",
};

fn is_exec(node: &Node<'_>) -> bool {
    match node.str("type") {
        Some("thread" | "turn") => node.str("phase").is_some_and(|p| matches!(p, "start" | "end")),
        Some("item") => node.str("subtype").is_some() && node.get("data").is_some(),
        Some("done") => node.str("status").is_some() && node.get("timestamp").is_some(),
        _ => false,
    }
}

/// A message stands no further than this many facts before the end of its turn.
const NEAR: usize = 64;

/// The turn that is being gathered.
#[derive(Default)]
struct Turn {
    user: bool,
    spans: Vec<Span>,
    text: String,
    at: Option<Timestamp>,
}

#[derive(Default)]
struct Exec {
    turn: Option<Turn>,
    /// What calls gave so far, by call; the last of it counts until the result comes.
    partial: FxHashMap<String, (Span, String, Option<Timestamp>)>,
}

impl Reader for Exec {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let at = node.time(&["timestamp"]);
        if let Some(id) = node.str_any(&["sessionId", "session_id"]) {
            out.session(id);
        }
        match node.str("type") {
            Some("thread" | "done") => {
                out.about().cwd = out.about().cwd.take().or_else(|| node.owned(&["cwd"]));
                let words = ["type", "phase", "status", "sandbox"].iter().filter_map(|key| node.str(key));
                let text = words.collect::<Vec<_>>().join(" ");
                let mut fact = Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(text)).at(at);
                fact.aliases.extend(node.owned(&["threadId"]));
                out.push(fact);
            }
            Some("turn") => self.turn(node, &record.span, at, out),
            Some("item") => self.item(record, node, at, out),
            Some("error") => {
                let text = node.owned(&["message"]).unwrap_or_default();
                out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Error(text)).at(at));
            }
            other => out.unknown_type(record, other.unwrap_or("(none)")),
        }
    }

    fn finish(&mut self, out: &mut Output) {
        let mut held: Vec<Fact> = self.turn.take().and_then(unfinished).into_iter().collect();
        // What a call gave before the stream broke off shows that it ran.
        held.extend(self.partial.drain().map(|(call, (span, text, at))| {
            let body = ResultFact { link: Link::call(call.clone()), text, partial: true, ran: Some(true), ..ResultFact::default() };
            Fact::new(Slot::Result(call), span, Actor::Tool, Body::Result(Box::new(body))).at(at)
        }));
        out.push_in_place(held);
    }
}

impl Exec {
    fn turn(&mut self, node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        if node.str("phase") == Some("start") {
            self.turn.take().and_then(unfinished).into_iter().for_each(|fact| out.push(fact));
            let text = node.owned(&["text"]).unwrap_or_default();
            self.turn = Some(Turn { user: node.str("role") == Some("user"), spans: vec![span.clone()], text, at });
            return;
        }
        match &mut self.turn {
            Some(turn) => turn.spans.push(span.clone()),
            // The end of a turn whose message is complete belongs to that message.
            None => match out.facts_mut().iter_mut().rev().take(NEAR).find(|f| matches!(f.body, Body::Text { .. })) {
                Some(fact) => fact.spans.push(span.clone()),
                None => out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context("turn end".to_owned())).at(at)),
            },
        }
    }

    fn item(&mut self, record: &Record<'_>, node: &Node<'_>, at: Option<Timestamp>, out: &mut Output) {
        let span = &record.span;
        let Some(data) = node.get("data") else { return out.unknown_type(record, "item without data") };
        match node.str("subtype") {
            Some("message_delta") => {
                let turn = self.turn.get_or_insert_with(|| Turn { at, ..Turn::default() });
                turn.text = data.owned(&["text"]).unwrap_or_default();
                turn.spans.push(span.clone());
            }
            Some("message_complete") => self.complete(data, span, at, out),
            Some("tool_call") => out.push(call(data, span, at)),
            Some("tool_update") => {
                let link = Link { call_id: data.owned(&["toolCallId"]), ..Link::default() };
                let text = data.get("partialResult").map(text_of).unwrap_or_default();
                if let Some(call) = link.call_id.clone().filter(|_| !text.is_empty()) {
                    self.partial.insert(call, (span.clone(), text, at));
                }
                let slot = link.call_id.clone().map_or(Slot::Own, Slot::Call);
                out.push(Fact::new(slot, span.clone(), Actor::Tool, Body::Progress(link)).at(at));
            }
            Some("tool_result") => {
                if let Some(call) = data.str("toolCallId") {
                    self.partial.remove(call);
                }
                result(data, span, at, out);
            }
            Some("approval") => request(data, WaitKind::Approval, span, at, out),
            Some("tool_retry") => request(data, WaitKind::ToolRetry, span, at, out),
            other => out.unknown_type(record, other.unwrap_or("item")),
        }
    }

    fn complete(&mut self, data: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let turn = self.turn.take().unwrap_or_default();
        let text = data.owned(&["text"]).unwrap_or(turn.text);
        let actor = if turn.user { Actor::User } else { Actor::Assistant };
        let mut fact = Fact::new(Slot::Own, span.clone(), actor, Body::Text { text, partial: false }).at(at.or(turn.at));
        fact.spans.extend(turn.spans);
        fact.model = data.owned(&["model"]);
        fact.usage = data.get("usage").map(usage).filter(|u| !u.is_empty()).map(Box::new);
        if let Some(model) = &fact.model {
            out.about().model.get_or_insert_with(|| model.clone());
        }
        if let Some(provider) = data.owned(&["provider"]) {
            out.about().provider.get_or_insert(provider);
        }
        out.push(fact);
    }
}

/// Gives the fact of a turn that was never completed: its text so far, or its start alone.
fn unfinished(turn: Turn) -> Option<Fact> {
    let first = turn.spans.first().cloned()?;
    let body = if turn.text.is_empty() { Body::Context("turn".to_owned()) } else { Body::Text { text: turn.text, partial: true } };
    let actor = if turn.user { Actor::User } else { Actor::Assistant };
    let mut fact = Fact::new(Slot::Own, first, actor, body).at(turn.at);
    fact.spans = turn.spans;
    Some(fact)
}

/// Gives the text of what a tool gave: a string, the text of its content, or all there is.
fn text_of(value: &Node<'_>) -> String {
    value.as_str().map(str::to_owned).unwrap_or_else(|| match value.get("content").map(content_text) {
        Some(text) if !text.is_empty() => text,
        _ => value.all_text(),
    })
}

fn call(data: &Node<'_>, span: &Span, at: Option<Timestamp>) -> Fact {
    let id = data.owned(&["toolCallId"]);
    let tool = data.owned(&["toolName"]).unwrap_or_default();
    let args = data.get("args").map(Node::raw_args);
    let link = Link { call_id: id.clone(), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
    let body = Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }));
    Fact::new(id.map_or(Slot::Own, Slot::Call), span.clone(), Actor::Assistant, body).at(at)
}

/// Reads the end of a call: the message inside, and what stands beside it.
pub fn result(data: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let place = Place { spans: vec![span.clone()], at, entry: None, node: None };
    let call = data.owned(&["toolCallId"]);
    // A result is a message as a rule; one that is written as plain text says its output itself.
    let plain = data.str("result").unwrap_or_default();
    let beside = ResultFact {
        link: Link {
            call_id: call.clone(),
            tool: data.owned(&["toolName"]),
            approval_request_id: data.owned(&["approvalRequestId"]),
            tool_execution_id: data.owned(&["toolExecutionId"]),
            ..Link::default()
        },
        text: plain.to_owned(),
        partial: plain.is_empty(),
        is_error: data.bool_any(&["isError"]),
        error_code: data.owned(&["errorCode"]),
        governed_outcome: data.str("governedOutcome").map(str::to_owned),
        ..ResultFact::default()
    };
    if let Some(message) = data.get("result").filter(|m| m.is_object()) {
        results::result(message, &place, out);
    }
    // What the details of the message say already is not said again.
    let told = |key: &str| data.path(&["result", "details", key]).is_some();
    if !told("governedOutcome") && !told("skillMetadata") {
        results::said_beside(data, &beside.link, &place, out);
    }
    out.push(Fact::new(call.map_or(Slot::Own, Slot::Result), span.clone(), Actor::Tool, Body::Result(Box::new(beside))).at(at));
}

/// Reads a request, or its decision where the record holds one.
pub fn request(data: &Node<'_>, kind: WaitKind, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let Some(request) = data.get("request").filter(|r| r.is_object()) else {
        return out.unknown(span.clone(), data.all_text());
    };
    let id = request.owned(&["id"]);
    let Some(decision) = data.get("decision").filter(|d| d.is_object()) else {
        let body = Body::Wait(Box::new(wait(request, kind, "request")));
        return out.push(Fact::new(id.map_or(Slot::Own, Slot::Wait), span.clone(), Actor::Runtime, body).at(at));
    };
    let word = decision.owned(&["action"]).unwrap_or_else(|| if decision.bool_any(&["approved"]) == Some(true) { "approved" } else { "denied" }.to_owned());
    let by = decision.str("resolvedBy");
    let end = resolution(request_link(request), kind, &word, by, decision.owned(&["reason"]), at, "decision");
    let actor = match by {
        Some("user") => Actor::User,
        Some("policy") => Actor::Policy,
        _ => Actor::Runtime,
    };
    out.push(Fact::new(id.map_or(Slot::Own, Slot::Resolution), span.clone(), actor, Body::Resolution(Box::new(end))).at(at));
}
