//! What ATIF has no field for and writers put into `extra`: approvals, errors, exit codes, risk.

use crate::formats::Output;
use crate::formats::json::Node;
use crate::formats::refusals;
use crate::model::fact::{Link, ResolutionFact, Stop, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, GrantScope, Risk, Slot, Span, StopClass, Timestamp, WaitKind};

/// Words for what was decided, by which writers of `extra` say it.
const DECISIONS: &[(Decision, &[&str])] = &[
    (Decision::Approved, &["approved", "approve", "accepted", "accept", "allow", "allowed", "granted", "yes"]),
    (Decision::Denied, &["denied", "deny", "rejected", "reject", "declined", "refused", "no"]),
    (Decision::Modified, &["modified", "modify", "edited"]),
    (Decision::Expired, &["expired", "timeout", "timed_out"]),
    (Decision::Cancelled, &["cancelled", "canceled", "cancel"]),
    (Decision::Aborted, &["aborted", "abort", "interrupted"]),
    (Decision::Escalated, &["escalated", "escalate"]),
    (Decision::AutoApproved, &["auto_approved", "auto-approved", "automatic"]),
];

fn decision(word: &str) -> Option<Decision> {
    let word = word.to_ascii_lowercase();
    DECISIONS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(decision, _)| *decision)
}

fn class(decision: Decision) -> Option<StopClass> {
    match decision {
        Decision::Denied | Decision::Aborted => Some(StopClass::Refusal),
        Decision::Expired | Decision::Cancelled => Some(StopClass::Lapse),
        _ => None,
    }
}

fn by(word: &str) -> Option<DecidedBy> {
    DecidedBy::parse(word).or(match word {
        "human" | "person" => Some(DecidedBy::User),
        "hook" | "rule" | "llm-judge" | "guardian" => Some(DecidedBy::Policy),
        _ => None,
    })
}

/// The approval that `extra` of a call or a result tells: an object, or the decision's word alone.
struct Approval<'n> {
    node: Option<&'n Node<'n>>,
    decision: Option<Decision>,
}

fn approval<'n>(holder: &'n Node<'n>) -> Option<Approval<'n>> {
    let told = holder.get("extra")?.any(&["approval", "approval_decision", "permission"])?;
    match told.as_str() {
        Some(word) => Some(Approval { node: None, decision: Some(decision(word)?) }),
        None if told.is_object() => Some(Approval { node: Some(told), decision: told.str_any(&["decision", "status", "outcome"]).and_then(decision) }),
        None => None,
    }
}

/// Pushes the wait and its end that a call's `extra`, its result's, or the result's text tell.
pub fn approvals(call: &str, asked: &Node<'_>, result: Option<&Node<'_>>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let Some(told) = approval(asked).or_else(|| approval(result?)) else {
        let text = result.and_then(|r| r.get("content")).map(crate::formats::access::content_text).unwrap_or_default();
        if let Some(stop) = refusals::in_text(&text) {
            out.push(refusals::resolution(call, &stop, refusals::note(&text), span.clone(), at, "result text"));
        }
        return;
    };
    let link = Link { call_id: Some(call.to_owned()), request_id: told.node.and_then(|node| node.owned(&["request_id", "id"])), ..Link::default() };
    let time = |keys: &[&str]| told.node.and_then(|node| node.time(keys));
    let requested = told.node.and_then(|node| node.bool_any(&["requested"]));
    if requested == Some(true) {
        let wait = WaitFact {
            reason: told.node.and_then(|node| node.owned(&["request_reason", "justification"])),
            shown_text: told.node.and_then(|node| node.owned(&["prompt", "shown_text"])),
            asked_at: time(&["requested_at", "asked_at"]),
            risk: risk(asked),
            ..WaitFact::new(link.clone(), WaitKind::Approval, "extra.approval")
        };
        out.push(Fact::new(Slot::Wait(call.to_owned()), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))).at(at));
    }
    // What was not asked has no end of a wait: a stop without one is read from the result.
    let Some(decided) = told.decision.filter(|_| requested != Some(false)) else { return };
    let who = told.node.and_then(|node| node.str_any(&["by", "decided_by"])).and_then(by);
    let decided_at = time(&["decided_at", "resolved_at"]);
    let end = ResolutionFact {
        link,
        kind: WaitKind::Approval,
        decision: Some(decided),
        by: who,
        reason: told.node.and_then(|node| node.owned(&["reason", "message", "feedback"])),
        scope: told.node.and_then(|node| node.str("scope")).and_then(GrantScope::parse),
        decided_at,
        decided_before: if decided_at.is_none() { at } else { None },
        stop: class(decided),
        inferred: false,
        evidence: "extra.approval",
    };
    let actor = match who {
        Some(DecidedBy::User) => Actor::User,
        Some(DecidedBy::Policy) => Actor::Policy,
        _ => Actor::Runtime,
    };
    out.push(Fact::new(Slot::Resolution(call.to_owned()), span.clone(), actor, Body::Resolution(Box::new(end))).at(decided_at.or(at)));
}

/// How a call ended, as far as its result tells.
pub struct Answer {
    /// Error flag.
    pub is_error: Option<bool>,
    /// Machine-readable error.
    pub error_code: Option<String>,
    /// The stop.
    pub stop: Option<Stop>,
    /// Whether it ran.
    pub ran: Option<bool>,
}

/// Reads how a call ended from its result's `extra`, else from the wording of its text.
pub fn outcome(result: &Node<'_>, text: &str) -> Answer {
    let extra = result.get("extra");
    let code = extra.and_then(|e| e.get("exit_code")).and_then(Node::as_f64);
    let is_error = extra.and_then(|e| e.bool_any(&["is_error", "error"])).or_else(|| code.map(|code| code != 0.0));
    let told = approval(result).and_then(|told| Some((told.decision?, told.node.and_then(|n| n.str("by")).and_then(by))));
    let stated = told.and_then(|(decision, by)| Some(Stop { class: class(decision)?, decision, by, inferred: false }));
    let stop = stated.or_else(|| refusals::in_text(text));
    let ran = if stop.is_some() { Some(false) } else { code.map(|_| true) };
    Answer { is_error, error_code: extra.and_then(|e| e.owned(&["error_type", "error_code"])), stop, ran }
}

/// Reads the risk that a call's `extra` states.
pub fn risk(call: &Node<'_>) -> Option<Risk> {
    Risk::parse(&call.get("extra")?.str_any(&["risk", "security_risk"])?.to_ascii_lowercase())
}
