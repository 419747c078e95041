//! `codex-wire`: a capture of Codex's app-server protocol, `{"dir", "msg"}` a line.

use super::access::content_text;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResolutionFact, ResultFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, GrantScope, Slot, Span, Status, StopClass, Timestamp, WaitKind};
use std::collections::HashMap;

/// The format.
pub const FORMAT: Format = Format {
    name: "codex-wire",
    agent: "codex",
    rank: 20,
    shape: Shape::Lines,
    detect: |probe| {
        let wire = |n: &Node<'_>| n.get("dir").is_some() && n.get("msg").is_some_and(Node::is_object);
        probe.any_line(wire) && probe.any_line(|n| n.path(&["msg", "method"]).is_some())
    },
    reader: || Box::new(Wire::default()),
    doc: "A capture of Codex's app-server wire, both directions.",
};

#[derive(Default)]
struct Wire {
    asked: HashMap<String, String>,
}

impl Reader for Wire {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let Some(msg) = record.node.get("msg").filter(|m| m.is_object()) else { return out.unknown(record.span.clone(), record.node.all_text()) };
        let at = msg.time(&["emittedAtMs"]);
        let params = msg.get("params");
        let thread = params
            .and_then(|p| p.str("threadId"))
            .or_else(|| params?.path(&["thread", "id"])?.as_str())
            .or_else(|| msg.path(&["result", "thread", "id"])?.as_str());
        if let Some(thread) = thread {
            out.session(thread);
        }
        let span = &record.span;
        match (msg.str("method"), params) {
            (Some(method), Some(params)) if method.ends_with("/requestApproval") => self.asks(msg, params, span, at, out),
            (Some("item/started"), Some(params)) => item(params, false, span, at, out),
            (Some("item/completed"), Some(params)) => item(params, true, span, at, out),
            (Some("thread/start"), Some(params)) => {
                out.about().cwd = out.about().cwd.take().or_else(|| params.owned(&["cwd"]));
                context(record, at, out);
            }
            (None, _) if msg.path(&["result", "decision"]).is_some() => self.answers(msg, span, at, out),
            _ => context(record, at, out),
        }
    }
}

fn context(record: &Record<'_>, at: Option<Timestamp>, out: &mut Output) {
    out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(record.node.all_text())).at(at));
}

impl Wire {
    fn asks(&mut self, msg: &Node<'_>, params: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let call = params.owned(&["itemId"]).unwrap_or_default();
        let number = msg.owned(&["id"]).unwrap_or_default();
        self.asked.insert(number, call.clone());
        let link = Link { call_id: Some(call.clone()), request_id: Some(call.clone()), ..Link::default() };
        let evidence = "requestApproval";
        let asked_at = params.time(&["startedAtMs"]).or(at);
        let wait = WaitFact {
            link,
            kind: WaitKind::Approval,
            reason: params.owned(&["reason"]),
            shown_text: params.owned(&["command"]),
            shown_at: None,
            asked_at,
            inferred: false,
            risk: None,
            context: None,
            evidence,
        };
        out.push(Fact::new(Slot::Wait(call), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))).at(asked_at));
    }

    fn answers(&mut self, msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let number = msg.owned(&["id"]).unwrap_or_default();
        let Some(call) = self.asked.remove(&number) else {
            return out.push(Fact::new(Slot::Own, span.clone(), Actor::User, Body::Context(msg.all_text())).at(at));
        };
        let word = msg.path(&["result", "decision"]);
        let (decision, scope, stop) = match word.and_then(Node::as_str) {
            Some("accept") => (Decision::Approved, Some(GrantScope::Once), None),
            Some("acceptForSession") => (Decision::Approved, Some(GrantScope::Session), None),
            Some("cancel") => (Decision::Aborted, None, Some(StopClass::Refusal)),
            Some(_) => (Decision::Denied, None, Some(StopClass::Refusal)),
            None => (Decision::Approved, Some(GrantScope::Pattern), None),
        };
        let link = Link { call_id: Some(call.clone()), request_id: Some(call.clone()), ..Link::default() };
        let end = ResolutionFact {
            link,
            kind: WaitKind::Approval,
            decision: Some(decision),
            by: Some(DecidedBy::User),
            reason: None,
            scope,
            decided_at: at,
            decided_before: None,
            stop,
            inferred: false,
            evidence: "decision",
        };
        out.push(Fact::new(Slot::Resolution(call), span.clone(), Actor::User, Body::Resolution(Box::new(end))).at(at));
    }
}

/// Items start and complete; a command is a call, and its completion the result.
fn item(params: &Node<'_>, completed: bool, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let Some(item) = params.get("item").filter(|i| i.is_object()) else { return out.unknown(span.clone(), params.all_text()) };
    let id = item.owned(&["id"]).unwrap_or_default();
    let named = |kind: &str| Slot::Named(format!("{id}.{kind}"));
    match item.str("type") {
        Some("userMessage") => {
            let text = item.get("content").map(content_text).unwrap_or_default();
            out.push(Fact::new(named("text"), span.clone(), Actor::User, Body::Text { text, partial: !completed }).at(at));
        }
        Some("agentMessage") => out.push(
            Fact::new(named("text"), span.clone(), Actor::Assistant, Body::Text { text: item.owned(&["text"]).unwrap_or_default(), partial: !completed })
                .at(at),
        ),
        Some("reasoning") if completed => {
            let text = item.get("summary").map(content_text).unwrap_or_default();
            out.push(Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Thinking(text)).at(at));
        }
        Some("reasoning") => out.push(Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Part).at(at)),
        Some("commandExecution" | "fileChange" | "mcpToolCall") if completed => {
            let code = item.any(&["exitCode", "exit_code"]).and_then(Node::as_f64);
            let status = match item.str("status") {
                Some("declined") => Some(Status::Denied),
                Some("failed") => Some(Status::Failed),
                Some("completed") => Some(if code.is_some_and(|c| c != 0.0) { Status::Failed } else { Status::Succeeded }),
                _ => None,
            };
            let body = ResultFact {
                link: Link::call(id.clone()),
                text: item.owned(&["aggregatedOutput", "output"]).unwrap_or_default(),
                status,
                ran: code.map(|_| true),
                ..ResultFact::default()
            };
            out.push(Fact::new(Slot::Result(id), span.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at));
        }
        Some(tool @ ("commandExecution" | "fileChange" | "mcpToolCall")) => {
            let link = Link { call_id: Some(id.clone()), tool: Some(tool.to_owned()), ..Link::default() };
            let call = CallFact { link, tool: tool.to_owned(), command: item.owned(&["command"]), args_partial: true, ..CallFact::default() };
            out.push(Fact::new(Slot::Call(id), span.clone(), Actor::Assistant, Body::Call(Box::new(call))).at(at));
        }
        _ => out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(item.all_text())).at(at)),
    }
}
