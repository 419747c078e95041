//! `codex-wire`: a capture of Codex's app-server protocol, `{"dir", "msg"}` a line.

use super::events::tokens;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResolutionFact, ResultFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, ExecutionContext, Fact, GrantScope, Slot, Span, Status, StopClass, Timestamp, WaitKind};
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

/// Words of a decision, what was decided, how far it reaches, and the class of the stop.
type Word = (&'static [&'static str], Decision, Option<GrantScope>, Option<StopClass>);

/// The words of both generations of the protocol.
const DECISIONS: &[Word] = &[
    (&["accept", "approved"], Decision::Approved, Some(GrantScope::Once), None),
    (&["acceptForSession", "approved_for_session"], Decision::Approved, Some(GrantScope::Session), None),
    (&["acceptWithExecpolicyAmendment", "approved_execpolicy_amendment"], Decision::Approved, Some(GrantScope::Pattern), None),
    (&["applyNetworkPolicyAmendment", "network_policy_amendment"], Decision::Approved, Some(GrantScope::Pattern), None),
    (&["cancel", "abort"], Decision::Aborted, None, Some(StopClass::Refusal)),
    (&["timed_out"], Decision::Expired, None, Some(StopClass::Lapse)),
    (&["decline", "denied"], Decision::Denied, None, Some(StopClass::Refusal)),
];

#[derive(Default)]
struct Wire {
    /// The call that each request by its number asks for, and whether it was answered.
    asked: HashMap<String, (String, bool)>,
}

impl Reader for Wire {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let Some(msg) = record.node.get("msg").filter(|m| m.is_object()) else { return out.unknown(record.span.clone(), record.node.all_text()) };
        // What the client sends states no time; some captures add their own.
        let at = msg.time(&["emittedAtMs"]).or_else(|| record.node.time(&["timestamp", "ts", "at"]));
        let params = msg.get("params");
        let thread = params
            .and_then(|p| p.str_any(&["threadId", "conversationId"]))
            .or_else(|| params?.path(&["thread", "id"])?.as_str())
            .or_else(|| msg.path(&["result", "thread", "id"])?.as_str());
        if let Some(thread) = thread {
            out.session(thread);
        }
        let span = &record.span;
        match (msg.str("method"), params) {
            (Some(method), Some(params)) if method.ends_with("/requestApproval") || method.ends_with("Approval") => self.asks(msg, params, span, at, out),
            (Some("serverRequest/resolved"), Some(params)) => self.resolved(params, record, at, out),
            (Some("item/started"), Some(params)) => item(params, false, span, at, out),
            (Some("item/completed"), Some(params)) => item(params, true, span, at, out),
            (Some("thread/start"), Some(params)) => {
                out.about().cwd = out.about().cwd.take().or_else(|| params.owned(&["cwd"]));
                context(record, at, out);
            }
            (Some("thread/tokenUsage/updated"), Some(params)) => {
                let used = params.path(&["tokenUsage", "last"]).map(tokens).unwrap_or_default();
                out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Usage(used)).at(at));
            }
            (Some("error"), Some(params)) => {
                out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Error(params.all_text())).at(at));
            }
            (None, _) if msg.path(&["result", "decision"]).is_some() => self.answers(msg, span, at, out),
            _ => {
                let about = out.about();
                about.model = about.model.take().or_else(|| msg.get("result")?.owned(&["model"]));
                context(record, at, out);
            }
        }
    }
}

fn context(record: &Record<'_>, at: Option<Timestamp>, out: &mut Output) {
    out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(record.node.all_text())).at(at));
}

impl Wire {
    fn asks(&mut self, msg: &Node<'_>, params: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let number = msg.owned(&["id"]).unwrap_or_default();
        let call = params.owned(&["itemId", "callId", "call_id"]).unwrap_or_else(|| format!("request-{number}"));
        self.asked.insert(number, (call.clone(), false));
        let asked_at = params.time(&["startedAtMs"]).or(at);
        let words = || params.get("command").map(|c| c.items().iter().filter_map(Node::as_str).collect::<Vec<_>>().join(" "));
        let wait = WaitFact {
            reason: params.owned(&["reason"]),
            shown_text: params.owned(&["command"]).or_else(words).filter(|shown| !shown.is_empty()),
            asked_at,
            context: cwd(params),
            ..WaitFact::new(Link::call(call.clone()), WaitKind::Approval, "requestApproval")
        };
        out.push(Fact::new(Slot::Wait(call), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))).at(asked_at));
    }

    fn answers(&mut self, msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let number = msg.owned(&["id"]).unwrap_or_default();
        let Some((call, answered)) = self.asked.get_mut(&number).filter(|(_, answered)| !answered) else {
            return out.push(Fact::new(Slot::Own, span.clone(), Actor::User, Body::Context(msg.all_text())).at(at));
        };
        *answered = true;
        let word = msg.path(&["result", "decision"]);
        // Some decisions are an object whose one field is the word.
        let word = word.and_then(|w| w.as_str().or_else(|| w.fields().first().map(|(key, _)| key.as_ref()))).unwrap_or_default();
        let known = DECISIONS.iter().find(|(words, ..)| words.contains(&word));
        if known.is_none() {
            out.issue("unknown_decision", span, format!("the decision `{word}` is not known to this format; nothing is concluded from it"));
        }
        let end = ResolutionFact {
            decision: known.map(|(_, decision, ..)| *decision),
            by: Some(DecidedBy::User),
            scope: known.and_then(|(_, _, scope, _)| *scope),
            stop: known.and_then(|(_, _, _, stop)| *stop),
            decided_at: at,
            ..end(call)
        };
        out.push(Fact::new(Slot::Resolution(call.clone()), span.clone(), Actor::User, Body::Resolution(Box::new(end))).at(at));
    }

    /// The server says that a request is settled: whoever answered did so before.
    fn resolved(&mut self, params: &Node<'_>, record: &Record<'_>, at: Option<Timestamp>, out: &mut Output) {
        let number = params.owned(&["requestId"]).unwrap_or_default();
        match self.asked.remove(&number) {
            Some((call, answered)) => {
                let end = ResolutionFact { decided_before: at, inferred: !answered, ..end(&call) };
                out.push(Fact::new(Slot::Resolution(call), record.span.clone(), Actor::Runtime, Body::Resolution(Box::new(end))).at(at));
            }
            None => context(record, at, out),
        }
    }
}

fn end(call: &str) -> ResolutionFact {
    ResolutionFact {
        link: Link::call(call),
        kind: WaitKind::Approval,
        decision: None,
        by: None,
        reason: None,
        scope: None,
        decided_at: None,
        decided_before: None,
        stop: None,
        inferred: false,
        evidence: "decision",
    }
}

fn cwd(node: &Node<'_>) -> Option<Box<ExecutionContext>> {
    node.owned(&["cwd"]).map(|cwd| Box::new(ExecutionContext { cwd: Some(cwd), ..ExecutionContext::default() }))
}

/// Items start and complete; a command is a call, and its completion the result.
fn item(params: &Node<'_>, completed: bool, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let Some(item) = params.get("item").filter(|i| i.is_object()) else { return out.unknown(span.clone(), params.all_text()) };
    let id = item.owned(&["id"]).unwrap_or_else(|| format!("line-{}", span.line));
    let named = |kind: &str| Slot::Named(format!("{id}.{kind}"));
    let fact = match item.str("type") {
        Some("userMessage") => {
            let text = item.get("content").map(content_text).unwrap_or_default();
            Fact::new(named("text"), span.clone(), Actor::User, Body::Text { text, partial: !completed })
        }
        Some("agentMessage") => {
            let text = item.owned(&["text"]).unwrap_or_default();
            Fact::new(named("text"), span.clone(), Actor::Assistant, Body::Text { text, partial: !completed })
        }
        Some("reasoning") if completed => {
            let text = item.get("summary").map(content_text).unwrap_or_default();
            Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Thinking(text))
        }
        Some("reasoning") => Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Part),
        Some("commandExecution" | "fileChange" | "mcpToolCall") if completed => {
            Fact::new(Slot::Result(id.clone()), span.clone(), Actor::Tool, result(item, id))
        }
        Some(tool @ ("commandExecution" | "fileChange" | "mcpToolCall")) => {
            let tool = item.owned(&["tool"]).unwrap_or_else(|| tool.to_owned());
            let args = item.any(&["arguments", "changes"]).map(Node::raw_args);
            let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), ..Link::default() };
            let call = CallFact { link, tool, args, command: item.owned(&["command"]), args_partial: true, context: cwd(item), ..CallFact::default() };
            Fact::new(Slot::Call(id), span.clone(), Actor::Assistant, Body::Call(Box::new(call)))
        }
        _ => Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(item.all_text())),
    };
    out.push(fact.at(at));
}

fn result(item: &Node<'_>, id: String) -> Body {
    let code = item.any(&["exitCode", "exit_code"]).and_then(Node::as_f64);
    let status = match item.str("status") {
        Some("declined") => Some(Status::Denied),
        Some("failed") => Some(Status::Failed),
        Some("completed") => Some(if code.is_some_and(|c| c != 0.0) { Status::Failed } else { Status::Succeeded }),
        _ => None,
    };
    let text = item.owned(&["aggregatedOutput", "output"]).or_else(|| item.any(&["result", "error"]).map(Node::all_text)).unwrap_or_default();
    let failed = status == Some(Status::Failed);
    Body::Result(Box::new(ResultFact {
        link: Link::call(id),
        error: failed.then(|| text.clone()).filter(|text| !text.is_empty()),
        text,
        // The model is shown a longer form, with a head; where that is known, it is the fuller.
        partial: true,
        status,
        ran: code.map(|_| true),
        ..ResultFact::default()
    }))
}
