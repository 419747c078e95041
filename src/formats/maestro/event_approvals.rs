//! Approvals and blocks on Maestro's event bus.

use super::event_bodies::{Event, refusal};
use super::lineage::{self, word};
use crate::formats::Output;
use crate::formats::json::Node;
use crate::model::fact::{Link, PolicyFact, ResolutionFact, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Slot, WaitKind};

/// Reads an approval hit: a question, or what policy decided without one.
pub fn hit(event: &Event<'_>, out: &mut Output) {
    let data = event.data;
    let step = event.step();
    let request = event.text("approval_request_id").or_else(|| step.clone()).or_else(|| event.id.clone());
    // A local approval is asked under the call's own id; a platform's has one of its own.
    let local = step.filter(|step| Some(step) == request.as_ref());
    let context = data.get("context");
    let link = Link {
        request_id: request.clone(),
        tool: context.and_then(|c| c.owned(&["tool_name"])).or_else(|| event.text("tool_name")),
        args: context.and_then(|c| c.get("args")).map(Node::raw_args),
        call_id: event.text("tool_call_id").or(local),
        ..event.link()
    };
    let decision = data.str("decision_mode").map(|m| word(m, "MAESTRO_DECISION_MODE_")).unwrap_or_default();
    let stop = (decision == "deny").then(refusal);
    if matches!(decision.as_str(), "deny" | "allow") || event.text("policy_id").is_some() || event.text("governance_decision_id").is_some() {
        let policy = PolicyFact {
            text: event.text("reason").or_else(|| event.text("action")).unwrap_or_default(),
            stop,
            policy_id: event.text("policy_id"),
            decision_id: event.text("governance_decision_id"),
            matched_rules: data.get("matched_rules").map_or(&[][..], Node::items).iter().filter_map(|r| r.as_str().map(str::to_owned)).collect(),
            outcome: (decision == "deny").then(|| "denied".to_owned()),
            risk: event.risk(),
            mode: lineage::mode(data),
            authoritative: lineage::authoritative(data),
            blocked: false,
            error_code: event.text("error_code"),
            link: link.clone(),
        };
        event.fact(event.slot_of(link.call_id.as_deref(), "policy"), Actor::Policy, Body::Policy(Box::new(policy)), out);
    }
    match decision.as_str() {
        "deny" | "allow" => {}
        "auto_approved" => auto_approved(event, request, link, out),
        _ => asked(event, request, link, out),
    }
}

fn asked(event: &Event<'_>, request: Option<String>, link: Link, out: &mut Output) {
    let (action, command) = (event.text("action"), event.text("command"));
    let shown_text = match (action, command) {
        (Some(action), Some(command)) if !action.contains(&command) => Some(format!("{action}\n{command}")),
        (action, command) => action.or(command),
    };
    let wait = WaitFact {
        link,
        kind: WaitKind::Approval,
        reason: event.text("reason"),
        shown_text,
        shown_at: None,
        asked_at: None,
        inferred: false,
        risk: event.risk(),
        context: Some(Box::new(event.context.clone())),
        evidence: "approval_hit",
    };
    event.fact(request.map_or_else(|| event.slot(), Slot::Wait), Actor::Platform, Body::Wait(Box::new(wait)), out);
}

fn auto_approved(event: &Event<'_>, request: Option<String>, link: Link, out: &mut Output) {
    let resolution = ResolutionFact {
        link,
        kind: WaitKind::Approval,
        decision: Some(Decision::AutoApproved),
        by: Some(DecidedBy::Policy),
        reason: event.text("reason"),
        scope: None,
        decided_at: event.at,
        decided_before: None,
        stop: None,
        inferred: false,
        evidence: "approval_hit.decision_mode",
    };
    event.fact(request.map_or_else(|| event.slot(), Slot::Resolution), Actor::Policy, Body::Resolution(Box::new(resolution)), out);
}

/// Reads a block: a sandbox or firewall stopped an operation, and nobody was asked.
pub fn block(event: &Event<'_>, name: &str, out: &mut Output) {
    let data = event.data;
    let context = data.get("context");
    let mut link = event.link();
    link.tool = link.tool.or_else(|| context.and_then(|c| c.owned(&["tool_name"])));
    link.call_id = link.call_id.or_else(|| context.and_then(|c| c.owned(&["tool_call_id"])));
    let policy = PolicyFact {
        text: format!("{name}\n{}", event.plain_text()),
        stop: Some(refusal()),
        blocked: true,
        policy_id: event.text("policy_id"),
        matched_rules: event.text("rule_id").into_iter().collect(),
        risk: event.risk(),
        mode: lineage::mode(data),
        link,
        ..PolicyFact::default()
    };
    event.fact(event.slot(), Actor::Policy, Body::Policy(Box::new(policy)), out);
}
