//! Maestro's agent events: camelCase events inside the headless stream (`raw_agent_event`), or lines of their own (`--mode rpc`).

use super::exec;
use super::headless_requests::client_asked;
use super::messages::{self, Place};
use super::results::diagnostics;
use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::model::fact::{CallFact, Link};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, WaitKind};

/// Events that no other format writes a line of.
const TELLING: [&str; 13] = [
    "agent_start",
    "agent_end",
    "turn_start",
    "turn_end",
    "message_update",
    "tool_execution_start",
    "tool_execution_update",
    "tool_execution_end",
    "tool_batch_summary",
    "action_approval_required",
    "action_approval_resolved",
    "tool_retry_required",
    "tool_retry_resolved",
];

/// Events whose names others use too.
const SHARED: [&str; 5] = ["message_start", "message_end", "diagnostic_delta", "auto_retry_start", "auto_retry_end"];

/// Gathers the pieces of messages until their end.
#[derive(Default)]
pub struct AgentEvents {
    pieces: Vec<Span>,
    text: String,
    by_user: bool,
}

impl AgentEvents {
    /// Tells whether an event's name is enough to know the format by.
    #[must_use]
    pub fn telling(kind: &str) -> bool {
        TELLING.contains(&kind)
    }

    /// Tells whether an event is known.
    #[must_use]
    pub fn knows(kind: &str) -> bool {
        TELLING.contains(&kind) || SHARED.contains(&kind)
    }

    /// Reads one event.
    pub fn event(&mut self, event: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let context = |text: String, out: &mut Output| out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(at));
        match event.str("type") {
            Some("message_start" | "message_update") => {
                self.pieces.push(span.clone());
                self.by_user = event.path(&["message", "role"]).and_then(Node::as_str) == Some("user");
                if let Some(text) = event.path(&["message", "content"]).map(content_text) {
                    self.text = text;
                }
            }
            Some("message_end") => self.message(event, span, at, out),
            Some("tool_execution_start") => out.push(start(event, span, at)),
            Some("tool_execution_update") => {
                let link = Link { call_id: event.owned(&["toolCallId"]), ..Link::default() };
                let slot = link.call_id.clone().map_or(Slot::Own, Slot::Call);
                out.push(Fact::new(slot, span.clone(), Actor::Tool, Body::Progress(link)).at(at));
            }
            Some("tool_execution_end") => exec::result(event, span, at, out),
            Some("action_approval_required" | "action_approval_resolved") => exec::request(event, WaitKind::Approval, span, at, out),
            Some("tool_retry_required" | "tool_retry_resolved") => exec::request(event, WaitKind::ToolRetry, span, at, out),
            Some("client_tool_request") => client_asked(event, span, at, out),
            Some("diagnostic_delta") => {
                let link = Link { call_id: event.owned(&["toolCallId"]), ..Link::default() };
                out.push(Fact::new(Slot::Own, span.clone(), Actor::Tool, Body::Artifact { link, text: diagnostics(event) }).at(at));
            }
            Some("error") => out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Error(event.owned(&["message"]).unwrap_or_default())).at(at)),
            // They repeat the messages that ended before them.
            Some(kind @ ("agent_end" | "turn_end")) => context([Some(kind), event.str("stopReason")].into_iter().flatten().collect::<Vec<_>>().join(" "), out),
            Some(_) => context(event.all_text(), out),
            None => out.unknown(span.clone(), event.all_text()),
        }
    }

    fn message(&mut self, event: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let Some(message) = event.get("message").filter(|m| m.is_object()) else {
            // An end that does not say what ended leaves what was said before it.
            self.close().into_iter().for_each(|fact| out.push(fact.at(at)));
            return out.unknown(span.clone(), event.all_text());
        };
        let mut spans = vec![span.clone()];
        spans.append(&mut self.pieces);
        self.text.clear();
        let at = at.or_else(|| message.time(&["timestamp"]));
        messages::push(message, &Place { spans, at, entry: None, node: None }, out);
    }

    /// Gives a message that never ended: its text so far.
    pub fn close(&mut self) -> Option<Fact> {
        let spans = std::mem::take(&mut self.pieces);
        let text = std::mem::take(&mut self.text);
        let last = spans.last().cloned()?;
        let body = if text.is_empty() { Body::Context("message without an end".to_owned()) } else { Body::Text { text, partial: true } };
        let actor = if self.by_user { Actor::User } else { Actor::Assistant };
        Some(Fact { spans, ..Fact::new(Slot::Own, last, actor, body) })
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
