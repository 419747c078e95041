//! `inspect` and `inspect-eval`: Inspect AI logs, sample by sample, with their approval events.

use super::access::content_text;
use super::inspect_events::event;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, EvalFact, Link, ResultFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, StopClass};

/// A log as one document.
pub const FORMAT: Format = Format {
    name: "inspect",
    agent: "inspect",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| d.get("eval").is_some_and(Node::is_object) && (d.get("samples").is_some() || d.get("plan").is_some())),
    reader: || Box::new(Log::default()),
    doc: "Inspect AI logs as JSON; each sample is a trajectory.",
};

/// A log as an archive.
pub const ARCHIVE: Format = Format {
    name: "inspect-eval",
    shape: Shape::Archive,
    detect: |probe| probe.members.iter().any(|m| m == "header.json" || m.starts_with("samples/") || m == "_journal/start.json"),
    doc: "Inspect AI logs as `.eval` archives; each sample is a trajectory.",
    ..FORMAT
};

/// What the log says of all its samples.
#[derive(Default)]
struct Log {
    model: Option<String>,
    task: Option<String>,
    run: Option<String>,
}

impl Reader for Log {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        if let Some(eval) = node.get("eval").filter(|e| e.is_object()) {
            self.model = self.model.take().or_else(|| eval.owned(&["model"]));
            self.task = self.task.take().or_else(|| eval.owned(&["task"]));
            self.run = self.run.take().or_else(|| eval.owned(&["run_id", "eval_id"]));
        }
        if node.get("messages").is_some() && node.get("id").is_some() {
            self.sample(record, node, out);
            return out.count_records(1);
        }
        let samples = node.get("samples").map(Node::items).unwrap_or_default();
        for sample in samples {
            self.sample(record, sample, out);
        }
        out.count_records(1);
        let head = format!("log of {} on {}", self.task.as_deref().unwrap_or("?"), self.model.as_deref().unwrap_or("?"));
        if samples.is_empty() {
            out.addition(&[self.run.as_deref().unwrap_or("inspect")]);
        }
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(head)));
    }
}

impl Log {
    fn sample(&self, record: &Record<'_>, sample: &Node<'_>, out: &mut Output) {
        let id = sample.owned(&["id"]).unwrap_or_default();
        let name = sample
            .owned(&["uuid"])
            .unwrap_or_else(|| format!("{}/{id}_epoch_{}", self.run.as_deref().unwrap_or("run"), sample.u64_any(&["epoch"]).unwrap_or(1)));
        out.session(&name);
        let about = out.about();
        if let Some(model) = &self.model {
            about.set_model(model);
        }
        about.lineage.scenario_id = Some(format!("{}/{id}", self.task.as_deref().unwrap_or("task")));
        about.lineage.eval_run_ids.extend(self.run.clone());
        out.push(Fact::new(Slot::Own, record.place(sample), Actor::Runtime, Body::Context(format!("sample {id}"))).at(sample.time(&["started_at"])));
        let messages = sample.get("messages").map(Node::items).unwrap_or_default();
        let events = sample.get("events").map(Node::items).unwrap_or_default();
        out.count_records((messages.len() + events.len()) as u64);
        // Events state times and messages do not: read first, they give the messages their places.
        for happened in events {
            event(record, happened, out);
        }
        for (nth, message) in messages.iter().enumerate() {
            push_message(record, sample, message, nth, out);
        }
        for (scorer, score) in sample.get("scores").map(Node::fields).unwrap_or_default() {
            let value = score.get("value");
            let number = value.and_then(Node::as_f64).or_else(|| match value?.as_str()? {
                "C" => Some(1.0),
                "I" | "N" => Some(0.0),
                "P" => Some(0.5),
                other => other.parse().ok(),
            });
            let body = EvalFact { metric: Some(scorer.to_string()), score: number, rationale: score.owned(&["explanation"]), ..EvalFact::default() };
            out.push(Fact::new(Slot::Named(format!("{scorer}.score")), record.place(score), Actor::Runtime, Body::Eval(Box::new(body))));
        }
    }
}

/// Puts the text of an attachment where a reference to it stands.
fn resolved(sample: &Node<'_>, text: String) -> String {
    let Some(hash) = text.strip_prefix("attachment://") else { return text };
    sample.get("attachments").and_then(|a| a.str(hash)).map_or_else(|| text.clone(), str::to_owned)
}

fn push_message(record: &Record<'_>, sample: &Node<'_>, message: &Node<'_>, nth: usize, out: &mut Output) {
    let span = record.place(message);
    let id = message.owned(&["id"]).unwrap_or_else(|| format!("m{nth}"));
    let text = resolved(sample, message.get("content").map(content_text).unwrap_or_default());
    let named = |kind: &str| Slot::Named(format!("{id}.{kind}"));
    match message.str("role") {
        Some("tool") => {
            let call = message.owned(&["tool_call_id"]);
            let error = message.get("error").filter(|e| e.is_object());
            let denied = error.is_some_and(|e| e.str("type") == Some("approval"));
            let stop = denied.then_some(Stop { class: StopClass::Refusal, decision: Decision::Denied, by: None::<DecidedBy>, inferred: false });
            let body = ResultFact {
                link: Link { call_id: call.clone(), tool: message.owned(&["function"]), ..Link::default() },
                text: if text.is_empty() { error.and_then(|e| e.owned(&["message"])).unwrap_or_default() } else { text },
                is_error: Some(error.is_some()),
                error_code: error.and_then(|e| e.owned(&["type"])),
                error: error.and_then(|e| e.owned(&["message"])),
                ran: if denied { Some(false) } else { error.is_none().then_some(true) },
                stop,
                ..ResultFact::default()
            };
            let mut fact = Fact::new(call.map_or(Slot::Own, Slot::Result), span, Actor::Tool, Body::Result(Box::new(body)));
            fact.aliases.push(id);
            out.push(fact);
        }
        Some("assistant") => {
            let calls = message.get("tool_calls").map(Node::items).unwrap_or_default();
            for block in message.get("content").map(Node::items).unwrap_or_default().iter().filter(|b| b.str("type") == Some("reasoning")) {
                out.push(Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Thinking(block.owned(&["reasoning"]).unwrap_or_default())));
            }
            if !text.is_empty() || calls.is_empty() {
                out.push(Fact::new(named("text"), span.clone(), Actor::Assistant, Body::Text { text, partial: false }));
            }
            for call in calls {
                let call_id = call.owned(&["id"]).unwrap_or_default();
                let (tool, args) = (call.owned(&["function"]).unwrap_or_default(), call.get("arguments").map(Node::raw_args));
                let link = Link { call_id: Some(call_id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
                out.push(Fact::new(
                    Slot::Call(call_id),
                    span.clone(),
                    Actor::Assistant,
                    Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() })),
                ));
            }
        }
        Some("system") => {
            out.about().system_prompt.get_or_insert_with(|| text.clone());
            out.push(Fact::new(named("text"), span, Actor::System, Body::Text { text, partial: false }));
        }
        _ => out.push(Fact::new(named("text"), span, Actor::User, Body::Text { text, partial: false })),
    }
}
