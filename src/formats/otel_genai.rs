//! `otel-genai`: OpenTelemetry GenAI spans as OTLP/JSON. Chat spans repeat the history; equal messages are one step.

use super::json::{Node, parse};
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, Usage, ids};
use std::collections::{HashMap, HashSet};

/// Documents and lines of OTLP/JSON.
pub const FORMAT: Format = Format {
    name: "otel-genai",
    agent: "otel",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| probe.first().is_some_and(|d| d.get("resourceSpans").is_some_and(Node::is_array)),
    reader: || Box::new(Otel::default()),
    doc: "OpenTelemetry GenAI spans, OTLP/JSON.",
};

/// The same, a batch a line.
pub const LINES: Format = Format {
    shape: Shape::Lines,
    detect: |probe| probe.lines.len() > 1 && probe.lines.iter().all(|l| l.get("resourceSpans").is_some_and(Node::is_array)),
    ..FORMAT
};

#[derive(Default)]
struct Otel {
    seen: HashSet<String>,
    conversations: HashMap<String, String>,
}

impl Reader for Otel {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let resources = record.node.get("resourceSpans").map(Node::items).unwrap_or_default();
        let scopes = resources.iter().flat_map(|r| r.get("scopeSpans").map(Node::items).unwrap_or_default());
        let mut spans: Vec<&Node<'_>> = scopes.flat_map(|s| s.get("spans").map(Node::items).unwrap_or_default()).collect();
        spans.sort_by_key(|s| time(s, "startTimeUnixNano"));
        out.count_records((spans.len() as u64).saturating_sub(1));
        // Spans of one trace belong to the conversation that any of them names.
        for span in &spans {
            if let (Some(trace), Some(conversation)) = (span.owned(&["traceId"]), attribute(span, "gen_ai.conversation.id")) {
                self.conversations.entry(trace).or_insert(conversation);
            }
        }
        for span in &spans {
            self.span(record, span, out);
        }
        if spans.is_empty() {
            out.unknown(record.span.clone(), record.node.all_text());
        } else {
            out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context("batch of spans".to_owned())));
        }
    }
}

fn time(span: &Node<'_>, key: &str) -> Option<Timestamp> {
    Timestamp::from_ms(i64::try_from(span.u64_any(&[key])? / 1_000_000).ok()?)
}

/// Gives an attribute as text, whatever type its value has.
fn attribute(span: &Node<'_>, key: &str) -> Option<String> {
    let found = span.get("attributes")?.items().iter().find(|a| a.str("key") == Some(key))?;
    found.get("value")?.fields().first().map(|(_, value)| value.as_str().map_or_else(|| value.raw.to_owned(), str::to_owned))
}

impl Otel {
    fn span(&mut self, record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
        let trace = node.owned(&["traceId"]).unwrap_or_default();
        let conversation = attribute(node, "gen_ai.conversation.id").or_else(|| self.conversations.get(&trace).cloned());
        out.session(conversation.as_deref().unwrap_or(&trace));
        let about = out.about();
        about.lineage.trace_id.get_or_insert_with(|| trace.clone());
        about.lineage.conversation_id = about.lineage.conversation_id.take().or(conversation);
        about.agent_name = about.agent_name.take().or_else(|| attribute(node, "gen_ai.agent.name"));
        about.model = about.model.take().or_else(|| attribute(node, "gen_ai.response.model")).or_else(|| attribute(node, "gen_ai.request.model"));
        about.provider = about.provider.take().or_else(|| attribute(node, "gen_ai.provider.name"));
        let place = record.place(node);
        let (start, end) = (time(node, "startTimeUnixNano"), time(node, "endTimeUnixNano"));
        match attribute(node, "gen_ai.operation.name").as_deref() {
            Some("execute_tool") => tool(node, &place, start, end, out),
            Some("chat" | "text_completion" | "generate_content") => self.chat(node, &place, start, end, out),
            _ => {}
        }
        let id = node.owned(&["spanId"]).map_or(Slot::Own, Slot::Named);
        let count = |key: &str| attribute(node, key).and_then(|n| n.parse().ok()).unwrap_or(0);
        let usage = Usage { input: count("gen_ai.usage.input_tokens"), output: count("gen_ai.usage.output_tokens"), ..Usage::default() };
        let mut fact = Fact::new(id, place, Actor::Runtime, Body::Context(node.owned(&["name"]).unwrap_or_default())).at(end);
        fact.usage = (!usage.is_empty()).then(|| Box::new(usage));
        out.push(fact);
    }

    fn chat(&mut self, node: &Node<'_>, place: &Span, start: Option<Timestamp>, end: Option<Timestamp>, out: &mut Output) {
        if let Some(system) = attribute(node, "gen_ai.system_instructions") {
            out.about().system_prompt.get_or_insert_with(|| parse(&system).map_or_else(|_| system.clone(), |n| super::access::content_text(&n)));
        }
        if let Some(tools) = attribute(node, "gen_ai.tool.definitions").filter(|_| out.about().tools.is_empty()) {
            out.about().tools = parse(&tools).map(|n| n.items().iter().map(|t| t.raw.into()).collect()).unwrap_or_default();
        }
        for (key, at) in [("gen_ai.input.messages", start), ("gen_ai.output.messages", end)] {
            let Some(text) = attribute(node, key) else { continue };
            let Ok(messages) = parse(&text) else {
                out.issue("not_json", place, format!("{key} is not JSON; kept as text"));
                out.push(Fact::new(Slot::Own, place.clone(), Actor::Runtime, Body::Unknown(text)).at(at));
                continue;
            };
            for message in messages.items() {
                for part in message.get("parts").map(Node::items).unwrap_or_default() {
                    self.part(message.str("role").unwrap_or_default(), part, place, at, out);
                }
            }
        }
    }

    fn part(&mut self, role: &str, part: &Node<'_>, place: &Span, at: Option<Timestamp>, out: &mut Output) {
        let content = || part.get("content").map(super::access::content_text).unwrap_or_default();
        match part.str("type") {
            Some("tool_call") => {
                out.push(call(part.owned(&["id"]), part.owned(&["name"]).unwrap_or_default(), part.get("arguments").map(Node::raw_args), place, at))
            }
            Some("tool_call_response") => {
                let text = part.any(&["response", "result"]).map(|r| r.as_str().map_or_else(|| r.raw.to_owned(), str::to_owned)).unwrap_or_default();
                let id = part.owned(&["id"]);
                let body = ResultFact { link: Link { call_id: id.clone(), ..Link::default() }, text, ..ResultFact::default() };
                out.push(Fact::new(id.map_or(Slot::Own, Slot::Result), place.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at));
            }
            kind => {
                // History is repeated in every chat span: an equal part of the same role is the same step.
                let name = ids::record_hash(format!("{role} {}", part.raw).as_bytes());
                if !self.seen.insert(name.clone()) {
                    return;
                }
                let (actor, body) = match (kind, role) {
                    (Some("reasoning"), _) => (Actor::Assistant, Body::Thinking(content())),
                    (Some("text"), "assistant") => (Actor::Assistant, Body::Text { text: content(), partial: false }),
                    (Some("text"), "system") => (Actor::System, Body::Text { text: content(), partial: false }),
                    (Some("text"), _) => (Actor::User, Body::Text { text: content(), partial: false }),
                    _ => (Actor::Runtime, Body::Unknown(part.all_text())),
                };
                out.push(Fact::new(Slot::Named(name), place.clone(), actor, body).at(at));
            }
        }
    }
}

fn call(id: Option<String>, tool: String, args: Option<Box<str>>, place: &Span, at: Option<Timestamp>) -> Fact {
    let link = Link { call_id: id.clone(), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
    Fact::new(id.map_or(Slot::Own, Slot::Call), place.clone(), Actor::Assistant, Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() })))
        .at(at)
}

fn tool(node: &Node<'_>, place: &Span, start: Option<Timestamp>, end: Option<Timestamp>, out: &mut Output) {
    let id = attribute(node, "gen_ai.tool.call.id");
    let args = attribute(node, "gen_ai.tool.call.arguments").map(String::into_boxed_str);
    let name = attribute(node, "gen_ai.tool.name").unwrap_or_default();
    out.push(call(id.clone(), name, args, place, start));
    let error = attribute(node, "error.type");
    let failed = error.is_some() || node.path(&["status", "code"]).and_then(Node::as_u64) == Some(2);
    let result = attribute(node, "gen_ai.tool.call.result");
    let body = ResultFact {
        link: Link { call_id: id.clone(), ..Link::default() },
        partial: result.is_none(),
        text: result.unwrap_or_default(),
        is_error: Some(failed),
        error_code: error,
        error: node.path(&["status", "message"]).and_then(Node::as_str).map(str::to_owned),
        started_at: start,
        ran: (!failed).then_some(true),
        ..ResultFact::default()
    };
    out.push(Fact::new(id.map_or(Slot::Own, Slot::Result), place.clone(), Actor::Tool, Body::Result(Box::new(body))).at(end));
}
