//! Events of Inspect samples: approvals, tools, models; all others are context.

use super::json::Node;
use super::{Output, Record};
use crate::model::fact::{CallFact, Link, ResolutionFact, ResultFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, StopClass, Usage, WaitKind};

/// Reads one event of a sample.
pub fn event(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    let span = record.place(node);
    let at = node.time(&["timestamp"]);
    match node.str("event") {
        Some("approval") => approval(record, node, out),
        Some("tool") => {
            let id = node.owned(&["id"]).unwrap_or_default();
            let error = node.get("error").filter(|e| e.is_object());
            let (tool, args) = (node.owned(&["function"]).unwrap_or_default(), node.get("arguments").map(Node::raw_args));
            let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
            // The event shows the arguments that ran, which an approver may have modified; the message keeps what was asked.
            out.push(
                Fact::new(
                    Slot::Call(id.clone()),
                    span.clone(),
                    Actor::Assistant,
                    Body::Call(Box::new(CallFact { link: link.clone(), tool, args, args_partial: true, ..CallFact::default() })),
                )
                .at(at),
            );
            let body = ResultFact {
                link,
                partial: true,
                is_error: Some(error.is_some()),
                error_code: error.and_then(|e| e.owned(&["type"])),
                ..ResultFact::default()
            };
            out.push(Fact::new(Slot::Result(id), span, Actor::Tool, Body::Result(Box::new(body))).at(node.time(&["completed"]).or(at)));
        }
        Some("model") => {
            let used = node.path(&["output", "usage"]);
            let count = |key: &str| used.and_then(|u| u.u64_any(&[key])).unwrap_or(0);
            let usage = Usage {
                input: count("input_tokens"),
                output: count("output_tokens"),
                cache_read: count("input_tokens_cache_read"),
                cache_write: count("input_tokens_cache_write"),
                cost_usd: None,
            };
            let slot = node.owned(&["uuid"]).map_or(Slot::Own, Slot::Named);
            out.push(Fact::new(slot, span, Actor::Runtime, Body::Usage(usage)).at(at));
        }
        Some(kind) => {
            let slot = node.owned(&["uuid"]).map_or(Slot::Own, Slot::Named);
            let text = node.owned(&["name", "message"]).map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}"));
            out.push(Fact::new(slot, span, Actor::Runtime, Body::Context(text)).at(at));
        }
        None => out.unknown(span, node.all_text()),
    }
}

/// An approver's decision: the question and the answer are one event, so the wait has no length of its own.
fn approval(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    let span = record.place(node);
    let at = node.time(&["timestamp"]);
    let call = node.path(&["call", "id"]).and_then(Node::as_str).unwrap_or_default().to_owned();
    let slot = Slot::Wait(call.clone());
    let asked_before = out.facts_mut().iter().filter(|f| f.slot == slot || matches!(&f.slot, Slot::Wait(id) if id.starts_with(&format!("{call}~")))).count();
    let request = if asked_before == 0 { call.clone() } else { format!("{call}~{}", asked_before + 1) };
    let args = node.path(&["call", "arguments"]).map(Node::raw_args);
    let link = Link { call_id: Some(call), request_id: Some(request.clone()), args, ..Link::default() };
    let (decision, stop) = match node.str("decision") {
        Some("approve") => (Some(Decision::Approved), None),
        Some("modify") => (Some(Decision::Modified), None),
        Some("reject") => (Some(Decision::Denied), Some(StopClass::Refusal)),
        Some("escalate") => (Some(Decision::Escalated), None),
        Some("terminate") => (Some(Decision::Aborted), Some(StopClass::Refusal)),
        _ => (None, None),
    };
    let by = if node.str("approver") == Some("human") { DecidedBy::User } else { DecidedBy::Policy };
    let evidence = "approval event";
    let wait = WaitFact {
        link: link.clone(),
        kind: WaitKind::Approval,
        reason: node.owned(&["message"]),
        shown_text: None,
        shown_at: None,
        asked_at: None,
        inferred: false,
        risk: None,
        context: None,
        evidence,
    };
    out.push(Fact::new(Slot::Wait(request.clone()), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))));
    let end = ResolutionFact {
        link,
        kind: WaitKind::Approval,
        decision,
        by: Some(by),
        reason: node.owned(&["explanation"]),
        scope: None,
        decided_at: at,
        decided_before: None,
        stop,
        inferred: false,
        evidence,
    };
    let actor = if by == DecidedBy::User { Actor::User } else { Actor::Policy };
    out.push(Fact::new(Slot::Resolution(request), span, actor, Body::Resolution(Box::new(end))).at(at));
}
