//! `claude-code-wire`: the stream-json wire of Claude Code with its control requests, bare or as `{"dir", "msg"}` lines.

use super::session::{ClaudeCode, spent};
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{Link, ResolutionFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, GrantScope, Slot, Span, StopClass, Timestamp, Usage, WaitKind};
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
    /// The call and the arguments that each open request asks for.
    asked: HashMap<String, (Option<String>, serde_json::Value)>,
    told: Usage,
    cost: f64,
    /// The session of the capture, and those of sub-agents by the calls they make.
    main: Option<String>,
    homes: HashMap<String, String>,
}

impl Reader for Wire {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let msg = record.node.get("msg").filter(|m| m.is_object()).unwrap_or(record.node);
        let at = msg.time(&["timestamp"]).or_else(|| record.node.time(&["timestamp", "ts", "at"]));
        self.enter(msg, out);
        match msg.str("type") {
            Some("user" | "assistant") => self.messages.message(msg, &record.span, out),
            Some("control_request") => self.asks(msg, &record.span, at, out),
            Some("control_response") => self.answers(msg, &record.span, at, out),
            Some("control_cancel_request") => self.withdrawn(msg, &record.span, at, out),
            Some("result") => self.sum(msg, &record.span, at, out),
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
    /// A sub-agent's messages come on the same wire, under the call that it works for; what names no session is the main one's, or
    /// that of the call it asks about.
    fn enter(&mut self, msg: &Node<'_>, out: &mut Output) {
        let stated = msg.str("session_id").filter(|id| *id != "default");
        if let (Some(session), Some(call)) = (stated, msg.str("parent_tool_use_id")) {
            let home = format!("{session}/{call}");
            for used in msg.path(&["message", "content"]).map(Node::items).unwrap_or_default() {
                self.homes.extend(used.owned(&["id"]).map(|id| (id, home.clone())));
            }
            out.session(&home);
            out.about().lineage.parent_session.get_or_insert_with(|| session.to_owned());
            return;
        }
        self.main = stated.map(str::to_owned).or_else(|| self.main.take());
        let request = msg.path(&["response", "request_id"]).or_else(|| msg.get("request_id")).and_then(Node::as_str);
        let asked = request.and_then(|id| self.asked.get(id)).and_then(|(call, _)| call.as_deref());
        let call = msg.path(&["request", "tool_use_id"]).and_then(Node::as_str).or(asked);
        if let Some(session) = call.and_then(|call| self.homes.get(call)).or(self.main.as_ref()) {
            out.session(session);
        }
    }

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
        self.asked.insert(id.clone(), (link.call_id.clone(), request.get("input").map(Node::to_value).unwrap_or_default()));
        let shown_text = request.owned(&["description", "display_name"]);
        let wait =
            WaitFact { reason: request.owned(&["decision_reason"]), shown_text, asked_at: at, ..WaitFact::new(link, WaitKind::Approval, "can_use_tool") };
        out.push(Fact::new(Slot::Wait(id), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))).at(at));
    }

    fn answers(&mut self, msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let response = msg.get("response").unwrap_or(msg);
        let id = response.owned(&["request_id"]).unwrap_or_default();
        let Some((call, input)) = self.asked.remove(&id) else { return context(msg, span, at, out) };
        let answer = response.get("response").unwrap_or(response);
        let changed = answer.any(&["updatedInput", "updated_input"]).is_some_and(|updated| updated.to_value() != input);
        let (decision, scope, stop) = match answer.str("behavior") {
            Some("allow") if changed => (Decision::Modified, Some(scope(answer)), None),
            Some("allow") => (Decision::Approved, Some(scope(answer)), None),
            Some("deny") if answer.bool_any(&["interrupt"]) == Some(true) => (Decision::Aborted, None, Some(StopClass::Refusal)),
            Some("deny") => (Decision::Denied, None, Some(StopClass::Refusal)),
            // The host failed to answer, which is no decision of a person's.
            _ => (Decision::Aborted, None, Some(StopClass::Fault)),
        };
        let reason = answer.owned(&["message", "error"]);
        out.push(end(id, call, (decision, scope, stop), reason, span, at));
    }

    /// A request that the agent took back has ended without an answer.
    fn withdrawn(&mut self, msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let id = msg.owned(&["request_id"]).unwrap_or_default();
        match self.asked.remove(&id) {
            Some((call, _)) => out.push(end(id, call, (Decision::Cancelled, None, Some(StopClass::Lapse)), None, span, at)),
            None => context(msg, span, at, out),
        }
    }

    /// A run's result sums up what its messages, which stream, did not state in full.
    fn sum(&mut self, msg: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let total = msg.get("usage").map(spent).unwrap_or_default();
        let (said, before) = (self.messages.spent, self.told);
        let rest = |total: u64, said: u64, before: u64| total.saturating_sub(said.saturating_sub(before));
        let cost = msg.f64_any(&["total_cost_usd"]).unwrap_or(self.cost);
        let usage = Usage {
            input: rest(total.input, said.input, before.input),
            output: rest(total.output, said.output, before.output),
            cache_read: rest(total.cache_read, said.cache_read, before.cache_read),
            cache_write: rest(total.cache_write, said.cache_write, before.cache_write),
            cost_usd: (cost > self.cost).then_some(cost - self.cost),
        };
        (self.told, self.cost) = (said, cost.max(self.cost));
        let body = if msg.bool_any(&["is_error"]) == Some(true) { Body::Error(msg.all_text()) } else { Body::Context(msg.all_text()) };
        let mut fact = Fact::new(Slot::Own, span.clone(), Actor::Runtime, body).at(at);
        fact.usage = (!usage.is_empty()).then(|| Box::new(usage));
        out.push(fact);
    }
}

/// Gives how far an approval reaches: rules that it adds outlive the call, and outside the session, the session.
fn scope(answer: &Node<'_>) -> GrantScope {
    let updates = answer.any(&["updatedPermissions", "updated_permissions"]).map(Node::items).unwrap_or_default();
    match updates.iter().find_map(|update| update.str("destination")) {
        Some("session") => GrantScope::Session,
        Some(_) => GrantScope::Always,
        None => GrantScope::Once,
    }
}

fn end(
    id: String,
    call: Option<String>,
    (decision, scope, stop): (Decision, Option<GrantScope>, Option<StopClass>),
    reason: Option<String>,
    span: &Span,
    at: Option<Timestamp>,
) -> Fact {
    let by = if stop == Some(StopClass::Lapse) { DecidedBy::Runtime } else { DecidedBy::Client };
    let end = ResolutionFact {
        link: Link { call_id: call, request_id: Some(id.clone()), ..Link::default() },
        kind: WaitKind::Approval,
        decision: Some(decision),
        by: Some(by),
        reason,
        scope,
        decided_at: at,
        decided_before: None,
        stop,
        inferred: false,
        evidence: "control_response",
    };
    Fact::new(Slot::Resolution(id), span.clone(), Actor::User, Body::Resolution(Box::new(end))).at(at)
}
