//! Requests inside Maestro's headless protocol: what the agent asks of its client, and what comes back.

use super::objects::{request_link, resolution, wait};
use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::model::fact::{Link, ResolutionFact, ResultFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, Span, Timestamp, WaitKind};

/// Gives the slot of a request, or its own where it names none.
fn slot(node: &Node<'_>, make: impl Fn(String) -> Slot) -> Slot {
    node.owned(&["request_id"]).map_or(Slot::Own, make)
}

fn request_kind(node: &Node<'_>) -> WaitKind {
    node.str("request_type").and_then(WaitKind::parse).unwrap_or(WaitKind::Approval)
}

/// Reads a request.
pub fn asked(node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let body = Body::Wait(Box::new(wait(node, request_kind(node), "server_request")));
    out.push(Fact::new(slot(node, Slot::Wait), span.clone(), Actor::Runtime, body).at(node.time(&["started_at_ms"]).or(at)));
}

/// Reads the end of a request. It says when the request began, for streams that begin in the middle of it.
pub fn resolved(node: &Node<'_>, span: &Span, at: Option<Timestamp>, asked: bool, out: &mut Output) {
    if let Some(started) = node.time(&["started_at_ms"]).filter(|_| !asked) {
        let mut body = wait(node, request_kind(node), "server_request_resolved");
        body.reason = None;
        out.push(Fact::new(slot(node, Slot::Wait), span.clone(), Actor::Runtime, Body::Wait(Box::new(body))).at(Some(started)));
    }
    let at = node.time(&["resolved_at_ms"]).or(at);
    let word = node.str("resolution").unwrap_or_default();
    let end = resolution(request_link(node), request_kind(node), word, node.str("resolved_by"), node.owned(&["reason"]), at, "server_request_resolved");
    out.push(Fact::new(slot(node, Slot::Resolution), span.clone(), actor(node.str("resolved_by")), Body::Resolution(Box::new(end))).at(at));
}

/// Reads the client's side of a decision: what it answered; who decided is in the agent's own record.
pub fn answered(node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let word = match (node.str("decision_action"), node.bool_any(&["approved"])) {
        (Some(action), _) => action.to_owned(),
        (None, Some(true)) => "approved".to_owned(),
        (None, Some(false)) => "denied".to_owned(),
        (None, None) => "answered".to_owned(),
    };
    let result = node.get("result");
    let reason = node.owned(&["reason"]).or_else(|| result.and_then(|r| r.owned(&["error", "output"])));
    let link = Link { request_id: node.owned(&["request_id"]), ..Link::default() };
    let word = if result.is_some() && request_kind(node) == WaitKind::ClientTool { "completed".to_owned() } else { word };
    let end = resolution(link, request_kind(node), &word, None, reason, at, "server_request_response");
    out.push(Fact::new(slot(node, Slot::Resolution), span.clone(), Actor::User, Body::Resolution(Box::new(end))).at(at));
}

fn actor(by: Option<&str>) -> Actor {
    match by {
        Some("user") => Actor::User,
        Some("policy") => Actor::Policy,
        _ => Actor::Runtime,
    }
}

/// Reads a tool that the client is asked to run, in a message or in an event: the call waits under its own id.
pub fn client_asked(node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let call = node.owned(&["call_id", "toolCallId"]);
    let link = Link {
        call_id: call.clone(),
        request_id: call.clone(),
        tool: node.owned(&["tool", "toolName"]),
        args: node.get("args").map(Node::raw_args),
        ..Link::default()
    };
    let body = WaitFact {
        link,
        kind: WaitKind::ClientTool,
        reason: None,
        shown_text: None,
        shown_at: None,
        asked_at: None,
        inferred: false,
        risk: None,
        context: None,
        evidence: "client_tool_request",
    };
    out.push(Fact::new(call.map_or(Slot::Own, Slot::Wait), span.clone(), Actor::Runtime, Body::Wait(Box::new(body))).at(at));
}

/// Reads what the client's tool gave: the end of the wait, and the output of the call.
pub fn client_answered(node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let call = node.owned(&["call_id"]);
    let link = Link { call_id: call.clone(), request_id: call.clone(), ..Link::default() };
    let end = ResolutionFact {
        link,
        kind: WaitKind::ClientTool,
        decision: Some(Decision::Answered),
        by: Some(DecidedBy::Client),
        reason: None,
        scope: None,
        decided_at: at,
        decided_before: None,
        stop: None,
        inferred: false,
        evidence: "client_tool_result",
    };
    out.push(Fact::new(call.clone().map_or(Slot::Own, Slot::Resolution), span.clone(), Actor::Runtime, Body::Resolution(Box::new(end))).at(at));
    let Some(call) = call else { return };
    let is_error = node.bool_any(&["is_error"]);
    let text = node.get("content").map(content_text).unwrap_or_default();
    let result = ResultFact { link: Link::call(call.clone()), text, is_error, ran: (is_error != Some(true)).then_some(true), ..ResultFact::default() };
    out.push(Fact::new(Slot::Result(call), span.clone(), Actor::Tool, Body::Result(Box::new(result))).at(at));
}
