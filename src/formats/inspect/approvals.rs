//! Approval events: the question and its answer are one event, so a wait has a decision's time and no length.

use crate::formats::Output;
use crate::formats::json::Node;
use crate::model::fact::{Link, ResolutionFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, Span, StopClass, WaitKind};
use rustc_hash::FxHashMap;

const EVIDENCE: &str = "approval event";

/// Pushes the wait and its resolution. A call that is passed on to a further approver is asked about again: its later
/// requests are `<call>~2` and so on. An event without a call is named by its own id.
pub fn push(span: &Span, node: &Node<'_>, asked: &mut FxHashMap<String, u32>, out: &mut Output) {
    let call = node.get("call");
    let id = call.and_then(|c| c.owned(&["id"]));
    let request = match &id {
        Some(call) => {
            let nth = asked.entry(call.clone()).or_default();
            *nth += 1;
            Some(if *nth == 1 { call.clone() } else { format!("{call}~{nth}") })
        }
        None => node.owned(&["uuid"]),
    };
    let link = Link {
        call_id: id,
        request_id: request.clone(),
        tool: call.and_then(|c| c.owned(&["function"])),
        args: call.and_then(|c| c.get("arguments")).map(Node::raw_args),
        ..Link::default()
    };
    let approver = node.str("approver").map(|name| name.rsplit('/').next().unwrap_or(name));
    // Only these two are Inspect's own; who stands behind any other name is not recorded.
    let by = match approver {
        Some("human") => Some(DecidedBy::User),
        Some("auto") => Some(DecidedBy::Policy),
        _ => None,
    };
    let wait = WaitFact {
        reason: approver.map(|name| format!("approval by {name}")),
        shown_text: shown(node),
        ..WaitFact::new(link.clone(), WaitKind::Approval, EVIDENCE)
    };
    let (decision, stop) = decided(node.str("decision"));
    let end = ResolutionFact {
        link,
        kind: WaitKind::Approval,
        decision: if by == Some(DecidedBy::Policy) && decision == Some(Decision::Approved) { Some(Decision::AutoApproved) } else { decision },
        by,
        reason: node.owned(&["explanation"]),
        scope: None,
        decided_at: node.time(&["timestamp"]),
        decided_before: None,
        stop,
        inferred: false,
        evidence: EVIDENCE,
    };
    let actor = match by {
        Some(DecidedBy::User) => Actor::User,
        Some(_) => Actor::Policy,
        None => Actor::Runtime,
    };
    let slot = |make: fn(String) -> Slot| request.clone().map_or(Slot::Own, make);
    out.push(Fact::new(slot(Slot::Wait), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))));
    out.push(Fact::new(slot(Slot::Resolution), span.clone(), actor, Body::Resolution(Box::new(end))).at(node.time(&["timestamp"])));
}

fn decided(word: Option<&str>) -> (Option<Decision>, Option<StopClass>) {
    match word {
        Some("approve") => (Some(Decision::Approved), None),
        Some("modify") => (Some(Decision::Modified), None),
        Some("reject") => (Some(Decision::Denied), Some(StopClass::Refusal)),
        Some("escalate") => (Some(Decision::Escalated), None),
        Some("terminate") => (Some(Decision::Aborted), Some(StopClass::Refusal)),
        _ => (None, None),
    }
}

/// Gives what the approver saw: the view of call and context, else the assistant's message.
fn shown(node: &Node<'_>) -> Option<String> {
    let views = ["context", "call"].iter().filter_map(|part| node.path(&["view", part])?.owned(&["content"]));
    let text = views.collect::<Vec<_>>().join("\n");
    if text.is_empty() { node.owned(&["message"]) } else { Some(text) }
}
