//! Events of Inspect samples: what models were given and gave, tools that ran, approvals; all others are context.

use super::messages::ended;
use super::sample::Sample;
use super::{approvals, scores};
use crate::formats::Output;
use crate::formats::json::Node;
use crate::model::fact::{CallFact, Link};
use crate::model::{Actor, Body, Fact, Slot, Span, Usage};
use rustc_hash::FxHashMap;

/// Where the walk over the events stands.
#[derive(Default)]
struct Walk {
    /// Spans of scorers, and those inside them: what is said there is no part of the conversation.
    scoring: FxHashMap<String, bool>,
    asked: FxHashMap<String, u32>,
}

/// Reads the events of a sample in order.
pub fn all<'s>(sample: &mut Sample<'s>, events: &'s [Node<'s>], out: &mut Output) {
    let mut walk = Walk::default();
    let mut open: Vec<&'s Node<'s>> = events.iter().rev().collect();
    while let Some(event) = open.pop() {
        walk.event(sample, event, out);
        // Logs before spans hold the events of a tool or subtask inside its own.
        open.extend(event.get("events").map(Node::items).unwrap_or_default().iter().rev());
    }
}

impl Walk {
    fn event<'s>(&mut self, sample: &mut Sample<'s>, node: &'s Node<'s>, out: &mut Output) {
        let span = sample.record.place(node);
        let at = node.time(&["timestamp"]);
        match node.str("event") {
            Some("approval") => approvals::push(&span, node, &mut self.asked, out),
            Some("tool") => tool(sample, node, span, out),
            Some("model") => self.model(sample, node, span, out),
            Some("score") if node.bool_any(&["intermediate"]) != Some(true) => scores::event(node, span, out),
            Some(kind) => {
                if kind == "span_begin" {
                    self.begin(node);
                }
                let slot = node.owned(&["uuid"]).map_or(Slot::Own, Slot::Named);
                let text = sample.refs.resolve(text_of(kind, node));
                let body = if kind == "error" { Body::Error(text) } else { Body::Context(text) };
                let actor = if matches!(kind, "input" | "interrupt") { Actor::User } else { Actor::Runtime };
                out.push(Fact::new(slot, span, actor, body).at(at));
            }
            None => out.unknown(span, node.all_text()),
        }
    }

    fn begin(&mut self, node: &Node<'_>) {
        let Some(id) = node.owned(&["id"]) else { return };
        let inside = node.str("parent_id").and_then(|parent| self.scoring.get(parent)).copied().unwrap_or(false);
        self.scoring.insert(id, inside || matches!(node.str("type"), Some("scorers" | "scorer")));
    }

    fn model<'s>(&self, sample: &mut Sample<'s>, node: &'s Node<'s>, span: Span, out: &mut Output) {
        let at = node.time(&["timestamp"]);
        let done = node.time(&["completed"]).or(at);
        let usage = usage(node);
        let scoring = node.str("span_id").and_then(|id| self.scoring.get(id)).copied().unwrap_or(false);
        let message = node.path(&["output", "choices"]).and_then(|c| c.items().first()?.get("message")).filter(|_| !scoring);
        let uuid = node.owned(&["uuid"]);
        if !scoring {
            sample.given(node, out);
            let tools = node.get("tools").map(Node::items).unwrap_or_default();
            if out.about().tools.is_empty() {
                out.about().tools = tools.iter().map(|tool| tool.raw.into()).collect();
            }
        }
        if let Some(error) = node.owned(&["error"]) {
            let slot = uuid.clone().map_or(Slot::Own, |id| Slot::Named(format!("{id}.error")));
            out.push(Fact::new(slot, span.clone(), Actor::Runtime, Body::Error(error)).at(done));
        }
        let before = out.facts_mut().len();
        let told = message.is_some_and(|message| sample.answered(message, done, &span, out));
        // The answer and the event are one step; the event tells its cost.
        if let Some(first) = out.facts_mut().get_mut(before..).and_then(|new| new.iter_mut().find(|f| told && f.actor == Actor::Assistant)) {
            first.usage = Some(Box::new(usage)).filter(|u| !u.is_empty());
            first.aliases.extend(uuid);
        } else {
            out.push(Fact::new(uuid.map_or(Slot::Own, Slot::Named), span, Actor::Runtime, Body::Usage(usage)).at(at));
        }
    }
}

fn usage(node: &Node<'_>) -> Usage {
    let used = node.path(&["output", "usage"]);
    let count = |key: &str| used.and_then(|u| u.u64_any(&[key])).unwrap_or(0);
    Usage {
        input: count("input_tokens"),
        output: count("output_tokens"),
        cache_read: count("input_tokens_cache_read"),
        cache_write: count("input_tokens_cache_write"),
        cost_usd: used.and_then(|u| u.f64_any(&["total_cost"])),
    }
}

/// The event of a tool shows the arguments that ran, which an approver may have changed; the message keeps what was asked.
fn tool(sample: &Sample<'_>, node: &Node<'_>, span: Span, out: &mut Output) {
    let at = node.time(&["timestamp"]);
    let Some(id) = node.owned(&["id"]) else {
        return out.push(Fact::new(node.owned(&["uuid"]).map_or(Slot::Own, Slot::Named), span, Actor::Tool, Body::Context(node.all_text())).at(at));
    };
    let tool = node.owned(&["function"]).unwrap_or_default();
    let args = node.get("arguments").map(|args| sample.refs.resolve_json(args.raw_args()));
    let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), ..Link::default() };
    let call = CallFact { link: link.clone(), tool, args, args_partial: true, ran: true, ..CallFact::default() };
    out.push(Fact::new(Slot::Call(id.clone()), span.clone(), Actor::Assistant, Body::Call(Box::new(call))).at(at));
    let mut end = ended(link, node.get("error").filter(|e| e.is_object()));
    let result = node.get("result").map(|r| r.as_str().map_or_else(|| r.all_text(), str::to_owned)).unwrap_or_default();
    end.text = sample.refs.resolve(result);
    end.partial = true;
    out.push(Fact::new(Slot::Result(id), span, Actor::Tool, Body::Result(Box::new(end))).at(node.time(&["completed"])));
}

/// Gives what of an event can be read and searched; changes of state repeat what stands elsewhere and are only named.
fn text_of(kind: &str, node: &Node<'_>) -> String {
    let name = node.owned(&["name", "action", "type"]).unwrap_or_default();
    let mut text = format!("{kind} {name}").trim_end().to_owned();
    let more = match kind {
        "state" | "store" => {
            let changes = node.get("changes").map(Node::items).unwrap_or_default();
            changes.iter().map(|c| format!("{} {}", c.str("op").unwrap_or("?"), c.str("path").unwrap_or("?"))).collect::<Vec<_>>().join("\n")
        }
        "span_begin" | "span_end" | "sample_init" | "step" => String::new(),
        _ => {
            let told = ["message", "cmd", "file", "input", "output", "result", "data", "error", "score", "metadata", "source", "summary", "limit"];
            told.iter().filter_map(|key| node.get(key)).map(Node::all_text).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n")
        }
    };
    if !more.is_empty() {
        text.push('\n');
        text.push_str(&more);
    }
    text
}
