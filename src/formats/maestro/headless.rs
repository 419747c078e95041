//! `maestro-headless`: the headless protocol as JSON lines, from and to the agent; also inside recordings.

use super::agent_events::AgentEvents;
use super::headless_requests as requests;
use super::objects::usage;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp};
use std::collections::{HashMap, HashSet, VecDeque};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-headless",
    agent: "maestro",
    rank: 21,
    shape: Shape::Lines,
    detect: |probe| probe.first().is_some_and(is_message),
    reader: || Box::new(Stream::default()),
    doc: "Maestro's headless protocol, one message a line, in either direction.",
};

/// Types that tell the protocol at the head of a file.
const TELLING: &[&str] = &[
    "hello",
    "hello_ok",
    "ready",
    "response_start",
    "response_chunk",
    "response_end",
    "tool_start",
    "tool_output",
    "tool_end",
    "client_tool_request",
    "server_request",
    "server_request_resolved",
    "raw_agent_event",
    "session_info",
    "connection_info",
    "init",
    "server_request_response",
    "client_tool_result",
];

/// Messages that say nothing of messages, calls or waits.
const OTHERS: [&str; 3] = ["status", "cancel", "shutdown"];

fn is_message(node: &Node<'_>) -> bool {
    let Some(kind) = node.str("type") else { return false };
    TELLING.contains(&kind)
        || kind.starts_with("utility_")
        || (AgentEvents::telling(kind) && node.get("event").is_none())
        || (kind == "prompt" && node.str("content").is_some())
        || (kind == "tool_call" && node.get("requires_approval").is_some())
}

/// A response that is being gathered.
#[derive(Default)]
struct Response {
    /// Where it begins and ends.
    spans: Vec<Span>,
    text: String,
    /// The records that hold its text.
    said: Vec<Span>,
    thinking: String,
    /// The records that hold its thinking.
    thought: Vec<Span>,
    at: Option<Timestamp>,
}

/// Reads the messages of one connection.
#[derive(Default)]
pub struct Stream {
    responses: HashMap<String, Response>,
    outputs: HashMap<String, (Vec<Span>, String)>,
    /// Calls that have not ended.
    asked: HashSet<String>,
    /// Those of one tool and one set of arguments, in order, to which no approval was tied yet.
    alike: HashMap<(String, Option<Box<str>>), VecDeque<String>>,
    /// Requests that were seen to begin.
    requested: HashSet<String>,
    /// Where the fact of a call's last end stands, and how many ends there were.
    ended: HashMap<String, (usize, u32)>,
    events: AgentEvents,
}

impl Reader for Stream {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        self.message(record.node, &record.span, None, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.close(out);
    }
}

impl Stream {
    /// Reads one message; `at` is the time of the line around it, where there is one.
    pub fn message(&mut self, node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        match node.str("type") {
            Some("ready" | "session_info" | "hello" | "hello_ok" | "init" | "connection_info") => state(node, span, at, out),
            Some("prompt" | "interrupt") => {
                let text = node.owned(&["content", "text"]).unwrap_or_else(|| node.str("type").unwrap_or_default().to_owned());
                let body = if node.str("type") == Some("prompt") { Body::Text { text, partial: false } } else { Body::Context(text) };
                out.push(Fact::new(Slot::Own, span.clone(), Actor::User, body).at(at));
            }
            Some("response_start" | "response_chunk" | "response_end") => self.response(node, span, at, out),
            Some("tool_call") => self.call(node, span, at, out),
            Some("tool_start") => progress(node, span, at, out),
            Some("client_tool_request") => requests::client_asked(node, span, at, out),
            Some("client_tool_result") => requests::client_answered(node, span, at, out),
            Some("tool_output" | "tool_end") if node.owned(&["call_id"]).is_none() => {
                out.issue("no_call_id", span, "a tool's output or end that names no call; kept as it is");
                out.push(Fact::new(Slot::Own, span.clone(), Actor::Tool, Body::Context(node.all_text())).at(at));
            }
            Some("tool_output") => {
                let (spans, text) = self.outputs.entry(node.owned(&["call_id"]).unwrap_or_default()).or_default();
                spans.push(span.clone());
                text.push_str(node.str("content").unwrap_or_default());
            }
            Some("tool_end") => self.end(node, span, at, out),
            Some("server_request") => {
                self.requested.extend(node.owned(&["request_id"]));
                requests::asked(node, span, at, out);
            }
            Some("server_request_resolved") => {
                let asked = node.str("request_id").is_none_or(|id| self.requested.contains(id));
                requests::resolved(node, span, at, asked, out);
            }
            Some("server_request_response") => requests::answered(node, span, at, out),
            Some("compaction") => {
                let text = [node.str("summary"), node.str("custom_instructions")].into_iter().flatten().collect::<Vec<_>>().join("\n");
                out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(node.time(&["timestamp"]).or(at)));
            }
            Some("raw_agent_event") => match node.get("event").filter(|e| e.is_object()) {
                Some(event) => self.events.event(event, span, at, out),
                None => out.unknown(span.clone(), node.all_text()),
            },
            Some("error") => out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Error(node.owned(&["message"]).unwrap_or_default())).at(at)),
            // Other carriers of the same events write them without a message around.
            Some(kind) if AgentEvents::knows(kind) => self.events.event(node, span, at, out),
            Some(kind) => {
                if !OTHERS.contains(&kind) && !kind.starts_with("utility_") {
                    out.issue("unknown_type", span, format!("messages of type {kind:?} are not known; kept as they are"));
                    return out.unknown(span.clone(), node.all_text());
                }
                out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(node.all_text())).at(at));
            }
            None => out.unknown(span.clone(), node.all_text()),
        }
    }

    /// Hands over responses and outputs whose end was never seen.
    pub fn close(&mut self, out: &mut Output) {
        let mut held: Vec<Fact> = self.responses.drain().flat_map(|(id, response)| told(&id, response, None, true)).collect();
        held.extend(self.outputs.drain().filter_map(|(call, (spans, text))| {
            let first = spans.first().cloned()?;
            let body = ResultFact { link: Link::call(call.clone()), text, partial: true, ran: Some(true), ..ResultFact::default() };
            Some(Fact { spans, ..Fact::new(Slot::Result(call), first, Actor::Tool, Body::Result(Box::new(body))) })
        }));
        held.extend(self.events.close());
        out.push_in_place(held);
    }

    fn response(&mut self, node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let id = node.owned(&["response_id"]).unwrap_or_default();
        let response = self.responses.entry(id.clone()).or_default();
        response.at = response.at.or(at);
        match node.str("content") {
            Some(content) => {
                let (text, spans) = match node.bool_any(&["is_thinking"]) {
                    Some(true) => (&mut response.thinking, &mut response.thought),
                    _ => (&mut response.text, &mut response.said),
                };
                text.push_str(content);
                spans.push(span.clone());
            }
            None => response.spans.push(span.clone()),
        }
        if node.str("type") == Some("response_end") {
            let response = self.responses.remove(&id).unwrap_or_default();
            if let Some(usage) = node.get("usage") {
                let about = out.about();
                about.model = about.model.take().or_else(|| usage.owned(&["model_id"]));
                about.provider = about.provider.take().or_else(|| usage.owned(&["provider"]));
            }
            told(&id, response, Some(node), false).into_iter().for_each(|fact| out.push(fact));
        }
    }

    /// A call is announced twice where it needs approval; the second time a Platform approval's id stands for the call's.
    fn call(&mut self, node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let tool = node.owned(&["tool"]).unwrap_or_default();
        let args = node.get("args").map(Node::raw_args);
        let Some(id) = node.owned(&["call_id"]) else {
            let link = Link { tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
            let body = Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }));
            return out.push(Fact::new(Slot::Own, span.clone(), Actor::Assistant, body).at(at));
        };
        let known = self.asked.contains(&id);
        let alike = self.alike.entry((tool.clone(), args.clone())).or_default();
        if node.bool_any(&["requires_approval"]) == Some(true) && !known {
            // Of several that are alike, the first that is open and has none.
            let open = std::iter::from_fn(|| alike.pop_front()).find(|call| self.asked.contains(call));
            if let Some(call) = open {
                let mut fact = Fact::new(Slot::Call(call.clone()), span.clone(), Actor::Runtime, Body::Progress(Link::call(call))).at(at);
                fact.aliases.push(id);
                return out.push(fact);
            }
        }
        if !known {
            alike.push_back(id.clone());
            self.asked.insert(id.clone());
        }
        let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
        let body = Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }));
        out.push(Fact::new(Slot::Call(id), span.clone(), Actor::Assistant, body).at(at));
    }

    fn end(&mut self, node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let call = node.owned(&["call_id"]).unwrap_or_default();
        self.asked.remove(&call);
        let (spans, text) = self.outputs.remove(&call).unwrap_or_default();
        let success = node.bool_any(&["success"]);
        let body = ResultFact {
            link: Link { call_id: Some(call.clone()), approval_request_id: node.owned(&["approval_request_id"]), ..Link::default() },
            partial: text.is_empty(),
            is_error: success.map(|ok| !ok),
            ran: (!text.is_empty() || success == Some(true)).then_some(true),
            text,
            error_code: node.owned(&["error_code"]),
            governed_outcome: node.owned(&["governed_outcome"]),
            ..ResultFact::default()
        };
        let mut fact = Fact::new(Slot::Result(call.clone()), span.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at);
        fact.spans.splice(0..0, spans);
        let place = out.facts_mut().len();
        let (before, nth) = self.ended.insert(call.clone(), (place, 1)).unwrap_or((usize::MAX, 0));
        if nth > 0 {
            supersede(&call, nth, out.facts_mut().get_mut(before));
            self.ended.insert(call, (place, nth + 1));
        }
        out.push(fact);
    }
}

/// A call that ends again was tried again: its end before was that of an attempt.
fn supersede(call: &str, nth: u32, before: Option<&mut Fact>) {
    if let Some(fact) = before.filter(|fact| fact.slot == Slot::Result(call.to_owned()))
        && let Body::Result(result) = &mut fact.body
    {
        result.superseded = true;
        fact.slot = Slot::Named(format!("{call}.attempt{nth}"));
    }
}

/// Gives the facts of a response: its thinking, then its text.
fn told(id: &str, response: Response, end: Option<&Node<'_>>, partial: bool) -> Vec<Fact> {
    let around = [&response.said, &response.thought, &response.spans].map(|spans| spans.first());
    let Some(first) = around.into_iter().flatten().min_by_key(|span| span.start).cloned() else { return Vec::new() };
    let spent = end.and_then(|e| e.get("usage"));
    let model = spent.and_then(|u| u.owned(&["model_id"]));
    let mut bodies = Vec::new();
    if !response.thinking.is_empty() {
        bodies.push(("thinking", Body::Thinking(response.thinking)));
    }
    if !response.text.is_empty() || bodies.is_empty() {
        let partial = partial || response.text.is_empty();
        bodies.push(("text", Body::Text { text: response.text, partial }));
    }
    let facts = bodies.into_iter().map(|(kind, body)| {
        let slot = if id.is_empty() { Slot::Own } else { Slot::Named(format!("{id}.{kind}")) };
        let mut fact = Fact::new(slot, first.clone(), Actor::Assistant, body).at(response.at);
        // The records that hold its words come first, then what else belongs to the response.
        let (own, other) = if kind == "thinking" { (&response.thought, &response.said) } else { (&response.said, &response.thought) };
        fact.spans = own.iter().chain(&response.spans).chain(other).cloned().collect();
        fact.model.clone_from(&model);
        fact
    });
    let mut facts: Vec<Fact> = facts.collect();
    if let Some(first) = facts.first_mut() {
        first.usage = spent.map(usage).filter(|u| !u.is_empty()).map(Box::new);
    }
    facts
}

fn state(node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    if let Some(id) = node.str("session_id") {
        out.session(id);
    }
    let about = out.about();
    let set = |to: &mut Option<String>, keys: &[&str]| {
        if to.is_none() {
            *to = node.owned(keys);
        }
    };
    set(&mut about.model, &["model"]);
    set(&mut about.provider, &["provider"]);
    set(&mut about.cwd, &["cwd"]);
    set(&mut about.git_ref, &["git_branch"]);
    about.system_prompt = about.system_prompt.take().or_else(|| node.owned(&["system_prompt"]));
    let fields = node.fields().iter().filter(|(key, _)| key != "type").map(|(key, value)| format!("{key}: {}", value.all_text().replace('\n', " ")));
    let text = std::iter::once(node.str("type").unwrap_or_default().to_owned()).chain(fields).collect::<Vec<_>>().join("\n");
    out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(at));
}

fn progress(node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let call = node.owned(&["call_id"]);
    let link = Link { call_id: call.clone(), ..Link::default() };
    out.push(Fact::new(call.map_or(Slot::Own, Slot::Call), span.clone(), Actor::Runtime, Body::Progress(link)).at(at));
}
