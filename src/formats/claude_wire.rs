//! `claude-code-wire`: the stream-json wire of Claude Code with its control requests, bare or as `{"dir", "msg"}` lines.

use super::claude_code::ClaudeCode;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{Link, ResolutionFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, GrantScope, Slot, Span, StopClass, Timestamp, WaitKind};
use std::collections::HashMap;

/// The format.
pub const FORMAT: Format = Format {
    name: "claude-code-wire",
    agent: "claude-code",
    rank: 20,
    shape: Shape::Lines,
    detect: |probe| probe.any_line(|line| is_wire(line.get("msg").unwrap_or(line))),
    reader: || Box::new(Wire::default()),
    doc: "Claude Code's stream-json wire: messages, control requests and responses.",
};

fn is_wire(msg: &Node<'_>) -> bool {
    let init = msg.str("type") == Some("system") && msg.str("subtype") == Some("init") && msg.get("session_id").is_some();
    init || (matches!(msg.str("type"), Some("control_request" | "control_response")) && (msg.get("request").is_some() || msg.get("response").is_some()))
}

#[derive(Default)]
struct Wire {
    messages: ClaudeCode,
    asked: HashMap<String, String>,
}

impl Reader for Wire {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let msg = record.node.get("msg").filter(|m| m.is_object()).unwrap_or(record.node);
        let at = msg.time(&["timestamp"]);
        if let Some(session) = msg.str("session_id").filter(|id| *id != "default") {
            out.session(session);
        }
        match msg.str("type") {
            Some("user" | "assistant") => self.messages.message(msg, &record.span, out),
            Some("control_request") => self.asks(msg, &record.span, at, out),
            Some("control_response") => self.answers(msg, &record.span, at, out),
            Some(_) => {
                let about = out.about();
                about.cwd = about.cwd.take().or_else(|| msg.owned(&["cwd"]));
                about.model = about.model.take().or_else(|| msg.owned(&["model"]));
                about.agent_version = about.agent_version.take().or_else(|| msg.owned(&["claude_code_version"]));
                context(msg, &record.span, at, out);
            }
            None => out.unknown(record.span.clone(), record.node.all_text()),
        }
    }
}

fn context(msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(msg.all_text())).at(at));
}

impl Wire {
    fn asks(&mut self, msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let (Some(id), Some(request)) = (msg.owned(&["request_id"]), msg.get("request").filter(|r| r.str("subtype") == Some("can_use_tool"))) else {
            return context(msg, span, at, out);
        };
        let link = Link {
            call_id: request.owned(&["tool_use_id"]),
            request_id: Some(id.clone()),
            tool: request.owned(&["tool_name"]),
            args: request.get("input").map(Node::raw_args),
            ..Link::default()
        };
        self.asked.insert(id.clone(), link.call_id.clone().unwrap_or_default());
        let shown_text = request.owned(&["description", "display_name"]);
        let wait = WaitFact {
            link,
            kind: WaitKind::Approval,
            reason: request.owned(&["decision_reason"]),
            shown_text,
            shown_at: None,
            asked_at: at,
            inferred: false,
            risk: None,
            context: None,
            evidence: "can_use_tool",
        };
        out.push(Fact::new(Slot::Wait(id), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))).at(at));
    }

    fn answers(&mut self, msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let response = msg.get("response").unwrap_or(msg);
        let id = response.owned(&["request_id"]).unwrap_or_default();
        let (Some(call), Some(answer)) = (self.asked.remove(&id), response.get("response")) else { return context(msg, span, at, out) };
        let (decision, scope, stop) = match answer.str("behavior") {
            Some("allow") => (Decision::Approved, Some(GrantScope::Once), None),
            _ => (Decision::Denied, None, Some(StopClass::Refusal)),
        };
        let link = Link { call_id: Some(call).filter(|c| !c.is_empty()), request_id: Some(id.clone()), ..Link::default() };
        let end = ResolutionFact {
            link,
            kind: WaitKind::Approval,
            decision: Some(decision),
            by: Some(DecidedBy::Client),
            reason: answer.owned(&["message"]),
            scope,
            decided_at: at,
            decided_before: None,
            stop,
            inferred: false,
            evidence: "control_response",
        };
        out.push(Fact::new(Slot::Resolution(id), span.clone(), Actor::User, Body::Resolution(Box::new(end))).at(at));
    }
}
