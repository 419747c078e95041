//! `otel-genai`: OpenTelemetry GenAI spans as OTLP/JSON. Each model span repeats its conversation: only what is new is a step.

mod history;
mod logs;
mod messages;

use super::calls::{call, result};
use super::json::{Node, parse};
use super::refusals;
use super::{Format, Output, Reader, Record, Shape, consent};
use crate::model::fact::ResultFact;
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, Usage};
use history::{History, Telling};
use messages::{Message, Part, attribute, of_event, shown_text};
use std::collections::HashMap;

/// Documents and lines of OTLP/JSON.
pub const FORMAT: Format = Format {
    name: "otel-genai",
    agent: "otel",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| probe.first().is_some_and(is_batch),
    reader: || Box::new(Otel::default()),
    doc: "OpenTelemetry GenAI spans, OTLP/JSON.",
};

/// The same, a batch a line.
pub const LINES: Format = Format { shape: Shape::Lines, detect: |probe| probe.lines.len() > 1 && probe.lines.iter().all(is_batch), ..FORMAT };

fn is_batch(node: &Node<'_>) -> bool {
    node.any(&["resourceSpans", "resourceLogs"]).is_some_and(Node::is_array)
}

/// Operations by which a model is called; the spans around them repeat what these say, and their usage.
const MODEL: &[&str] = &["chat", "text_completion", "generate_content"];

#[derive(Default)]
struct Otel {
    histories: HashMap<String, History>,
    conversations: HashMap<String, String>,
    calls: logs::Calls,
}

/// A span, as far as every kind of it needs.
struct Seen<'r> {
    node: &'r Node<'r>,
    resource: Option<&'r Node<'r>>,
    place: Span,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    operation: String,
}

impl Reader for Otel {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let spans = spans(record);
        // A batch of its own line is one record already.
        let count = spans.len() as u64 + logs::count(record);
        out.count_records(count.max(1) - u64::from(!record.document));
        // Spans of one trace belong to the conversation that any of them names.
        for span in &spans {
            if let (Some(trace), Some(conversation)) = (span.node.owned(&["traceId"]), attribute(span.node, "gen_ai.conversation.id")) {
                self.conversations.entry(trace).or_insert(conversation);
            }
        }
        for span in &spans {
            self.span(span, out);
        }
        logs::read(record, &self.conversations, &mut self.histories, &mut self.calls, out);
        if count == 0 {
            out.unknown(record.span.clone(), record.node.all_text());
        } else {
            out.push(Fact::new(
                Slot::Own,
                record.span.clone(),
                Actor::Runtime,
                Body::Context(if spans.is_empty() { "batch of log records" } else { "batch of spans" }.to_owned()),
            ));
        }
    }
}

/// Gives the spans of a batch in the order of their starts; those that span others come last, as they only sum them up.
fn spans<'r>(record: &'r Record<'r>) -> Vec<Seen<'r>> {
    let resources = record.node.get("resourceSpans").map(Node::items).unwrap_or_default();
    let scopes = resources
        .iter()
        .flat_map(|r| r.any(&["scopeSpans", "instrumentationLibrarySpans"]).map(Node::items).unwrap_or_default().iter().map(|s| (r.get("resource"), s)));
    let nodes = scopes.flat_map(|(resource, s)| s.get("spans").map(Node::items).unwrap_or_default().iter().map(move |node| (resource, node)));
    let seen = nodes.map(|(resource, node)| Seen {
        node,
        resource,
        place: record.place(node),
        start: time(node, "startTimeUnixNano"),
        end: time(node, "endTimeUnixNano"),
        operation: attribute(node, "gen_ai.operation.name").unwrap_or_default(),
    });
    let mut spans: Vec<Seen<'r>> = seen.collect();
    spans.sort_by_key(|s| (!MODEL.contains(&s.operation.as_str()) && s.operation != "execute_tool", s.start));
    spans
}

fn time(span: &Node<'_>, key: &str) -> Option<Timestamp> {
    Timestamp::from_ms(i64::try_from(span.u64_any(&[key])? / 1_000_000).ok()?)
}

impl Otel {
    fn span(&mut self, span: &Seen<'_>, out: &mut Output) {
        let node = span.node;
        let trace = node.owned(&["traceId"]).unwrap_or_default();
        let conversation = attribute(node, "gen_ai.conversation.id").or_else(|| self.conversations.get(&trace).cloned());
        let session = conversation.clone().unwrap_or_else(|| trace.clone());
        out.session(&session);
        let about = out.about();
        [Some(node), span.resource].into_iter().flatten().for_each(|holder| consent::hear(holder, &mut about.lineage));
        about.lineage.trace_id.get_or_insert_with(|| trace.clone());
        about.lineage.conversation_id = about.lineage.conversation_id.take().or(conversation);
        about.agent_name = about.agent_name.take().or_else(|| attribute(node, "gen_ai.agent.name"));
        about.model = about.model.take().or_else(|| attribute(node, "gen_ai.response.model")).or_else(|| attribute(node, "gen_ai.request.model"));
        about.provider = about.provider.take().or_else(|| attribute(node, "gen_ai.provider.name")).or_else(|| attribute(node, "gen_ai.system"));
        let history = self.histories.entry(session).or_default();
        let calls_model = MODEL.contains(&span.operation.as_str());
        if span.operation == "execute_tool" {
            tool(span, history, out);
        } else {
            told(span, calls_model, &trace, history, out);
        }
        out.push(own(span, calls_model));
    }
}

/// Makes the fact of the span itself; the usage of a span that calls no model is the sum of those that do.
fn own(span: &Seen<'_>, calls_model: bool) -> Fact {
    let node = span.node;
    let count = |keys: &[&str]| keys.iter().find_map(|key| attribute(node, key)?.parse().ok()).unwrap_or(0);
    let usage = Usage {
        input: count(&["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]),
        output: count(&["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]),
        cache_read: count(&["gen_ai.usage.cache_read.input_tokens"]),
        cache_write: count(&["gen_ai.usage.cache_creation.input_tokens"]),
        cost_usd: None,
    };
    let name = node.owned(&["name"]).unwrap_or_default();
    let failure = node.path(&["status", "message"]).and_then(Node::as_str).filter(|_| failed(node) && span.operation != "execute_tool");
    let body = match failure {
        Some(message) => Body::Error(format!("{name}: {message}")),
        None if calls_model || span.operation == "execute_tool" => Body::Context(name),
        None => Body::Context(node.all_text()),
    };
    let mut fact = Fact::new(node.owned(&["spanId"]).map_or(Slot::Own, Slot::Named), span.place.clone(), Actor::Runtime, body).at(span.end);
    fact.usage = (calls_model && !usage.is_empty()).then(|| Box::new(usage));
    fact
}

fn failed(node: &Node<'_>) -> bool {
    attribute(node, "error.type").is_some() || node.path(&["status", "code"]).is_some_and(|c| c.as_u64() == Some(2) || c.as_str() == Some("STATUS_CODE_ERROR"))
}

/// Reads the messages of a span: its attributes, else its events.
fn told(span: &Seen<'_>, calls_model: bool, trace: &str, history: &mut History, out: &mut Output) {
    let node = span.node;
    if let Some(system) = attribute(node, "gen_ai.system_instructions") {
        out.about().system_prompt.get_or_insert_with(|| parse(&system).map_or_else(|_| system.clone(), |n| super::access::content_text(&n)));
    }
    if let Some(tools) = attribute(node, "gen_ai.tool.definitions").filter(|_| out.about().tools.is_empty()) {
        out.about().tools = parse(&tools).map(|n| n.items().iter().map(|t| t.raw.into()).collect()).unwrap_or_default();
    }
    let (mut given, mut written) = attributes(node, span, out);
    let from_attributes = !given.is_empty() || !written.is_empty();
    for event in node.get("events").map(Node::items).unwrap_or_default() {
        if event.str("name") == Some("gen_ai.client.inference.operation.details") && !from_attributes {
            (given, written) = attributes(event, span, out);
        } else if let Some((messages, by_model)) = of_event(event).filter(|_| !from_attributes) {
            if by_model { &mut written } else { &mut given }.extend(messages);
        }
    }
    if given.is_empty() && written.is_empty() {
        return;
    }
    if let Some(Part::Text(system)) = given.first().filter(|m| m.role == "system").and_then(|m| m.parts.first()) {
        out.about().system_prompt.get_or_insert_with(|| system.clone());
    }
    // What spans others is told at their end: all of it was given before.
    let fresh_from = if calls_model { given.len() } else { given.len() + written.len() };
    given.append(&mut written);
    let scope = if calls_model { node.owned(&["parentSpanId"]).filter(|id| !id.is_empty()) } else { node.owned(&["spanId"]) };
    let telling = Telling {
        scope: scope.as_deref().unwrap_or(trace),
        messages: given,
        given: fresh_from,
        place: &span.place,
        times: (span.start, span.end),
        model: attribute(node, "gen_ai.response.model").filter(|_| calls_model),
    };
    history.tell(telling, out);
}

/// Reads the messages that attributes of a span or an event hold: what the model was given, and what it wrote.
fn attributes(holder: &Node<'_>, span: &Seen<'_>, out: &mut Output) -> (Vec<Message>, Vec<Message>) {
    let mut read = |keys: [&str; 2], role: &str| {
        let Some(text) = keys.iter().find_map(|key| attribute(holder, key)) else { return Vec::new() };
        if parse(&text).is_err() {
            out.issue("not_json", &span.place, format!("{} is not JSON; read as text", keys[0]));
        }
        messages::messages(&text, role)
    };
    let given = read(["gen_ai.input.messages", "gen_ai.prompt"], "user");
    (given, read(["gen_ai.output.messages", "gen_ai.completion"], "assistant"))
}

/// Reads a span that runs a tool: the call's execution, where no message shows it also the call.
fn tool(span: &Seen<'_>, history: &mut History, out: &mut Output) {
    let node = span.node;
    let args = attribute(node, "gen_ai.tool.call.arguments").map(String::into_boxed_str);
    let name = attribute(node, "gen_ai.tool.name").unwrap_or_default();
    let id = history.run(attribute(node, "gen_ai.tool.call.id").as_deref(), &name, args.as_deref()).or_else(|| node.owned(&["spanId"]));
    let mut asked = call(id.clone(), name, args, &span.place).at(span.start);
    if let Body::Call(call) = &mut asked.body {
        call.args_partial = true;
    }
    out.push(asked);
    let failed = failed(node);
    let code = attribute(node, "error.type");
    let error = node.path(&["status", "message"]).and_then(Node::as_str).map(str::to_owned);
    let stop = refusals::in_code(code.as_deref().unwrap_or_default(), error.as_deref().unwrap_or_default());
    if let (Some(stop), Some(id)) = (&stop, &id) {
        out.push(refusals::resolution(id, stop, None, span.place.clone(), span.end, "error.type"));
    }
    let text = attribute(node, "gen_ai.tool.call.result").map(shown_text).unwrap_or_default();
    let more = ResultFact {
        // A message shows what the model was told of it; this is what there is without one.
        partial: true,
        is_error: Some(failed),
        error_code: code,
        error,
        started_at: span.start,
        ran: if stop.is_some() { Some(false) } else { (!failed).then_some(true) },
        stop,
        ..ResultFact::default()
    };
    out.push(result(id, text, more, &span.place).at(span.end));
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, Portion};

    fn span(trace: &str, start: u64, operation: &str, attributes: &[(&str, &str)]) -> String {
        let value = |text: &str| serde_json::json!({ "stringValue": text });
        let mut list: Vec<_> = attributes.iter().map(|(k, v)| serde_json::json!({"key": k, "value": value(v)})).collect();
        list.push(serde_json::json!({"key": "gen_ai.operation.name", "value": value(operation)}));
        serde_json::json!({"traceId": trace, "spanId": format!("{trace}{start}"), "name": operation,
            "startTimeUnixNano": (start * 1_000_000_000).to_string(), "attributes": list})
        .to_string()
    }

    fn read(spans: &[String]) -> Vec<Portion> {
        let text = format!("{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{}]}}]}}]}}", spans.join(","));
        let reading = read_plain(text.as_bytes(), "x.json", Want::default(), &mut |_, _| {}).unwrap();
        reading.portions.into_iter().map(|(portion, _)| portion).collect()
    }

    fn said(portion: &Portion) -> Vec<(String, usize)> {
        let text = |f: &crate::model::Fact| match &f.body {
            Body::Text { text, .. } => Some(text.clone()),
            Body::Result(result) => Some(format!("= {}", result.text)),
            Body::Call(call) => Some(format!("{} {}", call.link.call_id.as_deref().unwrap_or("?"), call.tool)),
            _ => None,
        };
        portion.facts.iter().filter_map(|f| Some((text(f)?, f.spans.len()))).collect()
    }

    fn text(role: &str, text: &str) -> String {
        format!(r#"{{"role":"{role}","parts":[{{"type":"text","content":"{text}"}}]}}"#)
    }

    #[test]
    fn a_second_trace_keeps_its_own_words_and_history_is_told_once() {
        let (ask, yes) = (text("user", "go on"), text("assistant", "ok"));
        let first = |trace| span(trace, 1, "chat", &[("gen_ai.input.messages", &format!("[{ask}]")), ("gen_ai.output.messages", &format!("[{yes}]"))]);
        let second = span("a", 2, "chat", &[("gen_ai.input.messages", &format!("[{ask},{yes},{ask}]")), ("gen_ai.output.messages", &format!("[{yes}]"))]);
        let around = span("a", 0, "invoke_agent", &[("gen_ai.input.messages", &format!("[{ask}]")), ("gen_ai.output.messages", &format!("[{yes}]"))]);
        let portions = read(&[around, first("a"), second, first("b")]);
        let told: Vec<_> = portions.iter().map(|p| said(p).iter().map(|(t, n)| format!("{t} {n}")).collect::<Vec<_>>().join(", ")).collect();
        assert_eq!(told, ["go on 3, ok 3, go on 1, ok 1", "go on 1, ok 1"]);
    }

    #[test]
    fn results_lose_their_json_quotes_and_a_refusal_is_seen() {
        let ran = span("a", 1, "execute_tool", &[("gen_ai.tool.call.id", "c1"), ("gen_ai.tool.name", "sh"), ("gen_ai.tool.call.result", "\"done\"")]);
        let no = span("a", 2, "execute_tool", &[("gen_ai.tool.call.id", "c2"), ("gen_ai.tool.name", "sh"), ("error.type", "tool_approval_denied")]);
        let portions = read(&[ran, no]);
        assert!(said(&portions[0]).contains(&("= done".to_owned(), 1)));
        let stops = portions[0].facts.iter().filter(|f| matches!(&f.body, Body::Result(r) if r.stop.is_some() && r.ran == Some(false)));
        assert_eq!(stops.count(), 1);
    }
}
