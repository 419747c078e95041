//! Maestro's agent events (`raw_agent_event`): the camelCase events inside the headless stream.

use super::exec;
use super::messages::{self, Place};
use crate::formats::Output;
use crate::formats::json::Node;
use crate::model::fact::{CallFact, Link};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, WaitKind};

/// Gathers the pieces of messages until their end.
#[derive(Default)]
pub struct AgentEvents {
    pieces: Vec<Span>,
}

impl AgentEvents {
    /// Reads one event.
    pub fn event(&mut self, event: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        match event.str("type") {
            Some("message_start" | "message_update") => self.pieces.push(span.clone()),
            Some("message_end") => {
                let mut spans = vec![span.clone()];
                spans.append(&mut self.pieces);
                let place = Place { spans, at, entry: None, node: None };
                match event.get("message").filter(|m| m.is_object()) {
                    Some(message) => messages::push(message, &place, out),
                    None => out.unknown(span.clone(), event.all_text()),
                }
            }
            Some("tool_execution_start") => out.push(start(event, span, at)),
            Some("tool_execution_update") => {
                let link = Link { call_id: event.owned(&["toolCallId"]), ..Link::default() };
                let slot = link.call_id.clone().map_or(Slot::Own, Slot::Call);
                out.push(Fact::new(slot, span.clone(), Actor::Tool, Body::Progress(link)).at(at));
            }
            Some("tool_execution_end") => exec::result(event, span, at, out),
            Some("action_approval_required" | "action_approval_resolved") => exec::request(event, WaitKind::Approval, span, at, out),
            Some("tool_retry_required" | "tool_retry_resolved") => exec::request(event, WaitKind::ToolRetry, span, at, out),
            Some("error") => out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Error(event.owned(&["message"]).unwrap_or_default())).at(at)),
            Some(other) => out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(other.to_owned())).at(at)),
            None => out.unknown(span.clone(), event.all_text()),
        }
    }

    /// Keeps pieces of a message that never ended.
    pub fn close(&mut self, out: &mut Output) {
        let spans = std::mem::take(&mut self.pieces);
        if let Some(first) = spans.first().cloned() {
            let mut fact = Fact::new(Slot::Own, first, Actor::Assistant, Body::Context("message without an end".to_owned()));
            fact.spans = spans;
            out.push(fact);
        }
    }
}

fn start(event: &Node<'_>, span: &Span, at: Option<Timestamp>) -> Fact {
    let id = event.owned(&["toolCallId"]);
    let tool = event.owned(&["toolName"]).unwrap_or_default();
    let args = event.get("args").map(Node::raw_args);
    let link =
        Link { call_id: id.clone(), tool_execution_id: event.owned(&["toolExecutionId"]), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
    let body = Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }));
    Fact::new(id.map_or(Slot::Own, Slot::Call), span.clone(), Actor::Assistant, body).at(at)
}
