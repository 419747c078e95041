//! `atif`: trajectories in the Agent Trajectory Interchange Format, versions 1.0 to 1.8.

use super::access::content_text;
use super::document::head;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Usage};

/// The format.
pub const FORMAT: Format = Format {
    name: "atif",
    agent: "atif",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| {
        probe.document.is_some_and(|d| {
            d.str("schema_version").is_some_and(|v| v.starts_with("ATIF-"))
                || (d.get("steps").is_some_and(Node::is_array) && d.get("agent").is_some_and(Node::is_object))
        })
    },
    reader: || Box::new(Atif),
    doc: "ATIF trajectories (`schema_version: ATIF-v1.x`).",
};

struct Atif;

impl Reader for Atif {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        out.session(node.str_any(&["session_id", "trajectory_id"]).unwrap_or_default());
        let about = out.about();
        if let Some(agent) = node.get("agent") {
            about.agent_name = agent.owned(&["name"]);
            about.agent_version = agent.owned(&["version"]);
            if let Some(model) = agent.str("model_name") {
                about.set_model(model);
            }
            about.tools = agent.get("tool_definitions").map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
        }
        about.lineage.parent_session = node.owned(&["continued_trajectory_ref"]);
        out.push(head(record, node, &["steps"]));
        let steps = node.get("steps").map(Node::items).unwrap_or_default();
        out.count_records(steps.len() as u64);
        for (nth, step) in steps.iter().enumerate() {
            push(record, step, nth, out);
        }
    }
}

fn push(record: &Record<'_>, step: &Node<'_>, nth: usize, out: &mut Output) {
    let span = record.place(step);
    let at = step.time(&["timestamp"]);
    let id = step.owned(&["step_id"]).unwrap_or_else(|| (nth + 1).to_string());
    let named = |kind: &str| Slot::Named(format!("step-{id}.{kind}"));
    let text = step.get("message").map(content_text).unwrap_or_default();
    // What was copied from another trajectory is context here: it is that trajectory's act.
    if step.bool_any(&["is_copied_context"]) == Some(true) {
        return out.push(Fact::new(named("copied"), span, Actor::Runtime, Body::Context(step.all_text())).at(at));
    }
    let actor = match step.str("source") {
        Some("user") => Actor::User,
        Some("system") => Actor::System,
        _ => Actor::Assistant,
    };
    let metrics = step.get("metrics");
    let count = |key: &str| metrics.and_then(|m| m.u64_any(&[key])).unwrap_or(0);
    let usage = Usage {
        input: count("prompt_tokens"),
        output: count("completion_tokens"),
        cache_read: count("cached_tokens"),
        cache_write: 0,
        cost_usd: metrics.and_then(|m| m.f64_any(&["cost_usd"])),
    };
    if let Some(thinking) = step.owned(&["reasoning_content"]) {
        out.push(Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Thinking(thinking)).at(at));
    }
    let mut fact = Fact::new(named("text"), span.clone(), actor, Body::Text { partial: text.is_empty(), text }).at(at);
    fact.model = step.owned(&["model_name"]);
    fact.usage = (!usage.is_empty()).then(|| Box::new(usage));
    out.push(fact);
    for call in step.get("tool_calls").map(Node::items).unwrap_or_default() {
        let call_id = call.owned(&["tool_call_id"]).unwrap_or_default();
        let (tool, args) = (call.owned(&["function_name"]).unwrap_or_default(), call.get("arguments").map(Node::raw_args));
        let link = Link { call_id: Some(call_id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
        out.push(
            Fact::new(Slot::Call(call_id), span.clone(), Actor::Assistant, Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }))).at(at),
        );
    }
    for result in step.path(&["observation", "results"]).map(Node::items).unwrap_or_default() {
        let text = result.get("content").map(content_text).unwrap_or_default();
        match result.owned(&["source_call_id"]) {
            Some(call) => {
                let body = ResultFact { link: Link::call(call.clone()), text, ..ResultFact::default() };
                out.push(Fact::new(Slot::Result(call), span.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at));
            }
            None => out.push(Fact::new(named("observation"), span.clone(), Actor::Tool, Body::Context(text)).at(at)),
        }
    }
}
