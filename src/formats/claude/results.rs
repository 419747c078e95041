//! Tool results of Claude Code: what the person or a rule decided stands beside the result, or in its wording.

use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::formats::refusals;
use crate::model::fact::{Link, ResolutionFact, ResultFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, GrantScope, Slot, StopClass, Timestamp, WaitKind};

/// Reads one `tool_result` block of a user line: the result, the wait that its line shows, the sub-agent that it ran.
pub fn read(line: &Node<'_>, block: &Node<'_>, at: Option<Timestamp>) -> Vec<(Slot, Actor, Body)> {
    let call = block.owned(&["tool_use_id"]);
    let text = block.get("content").map(content_text).unwrap_or_default();
    let is_error = block.bool_any(&["is_error"]).or(Some(false));
    let decided = decision(line, call.as_deref(), &text, is_error);
    let stop = decided.as_ref().and_then(|d| d.stop.map(|class| Stop { class, decision: d.decision, by: Some(d.by), inferred: d.inferred }));
    let detail = line.any(&["toolUseResult", "tool_use_result"]);
    let exit = detail.is_some_and(|r| r.get("stdout").is_some() || r.get("exitCode").is_some());
    let ran = if stop.is_some() { Some(false) } else { (is_error == Some(false) || exit).then_some(true) };
    let result = ResultFact { link: Link { call_id: call.clone(), ..Link::default() }, text, is_error, stop, ran, ..ResultFact::default() };
    let slot = call.clone().map_or(Slot::Own, Slot::Result);
    let mut facts = vec![(slot.clone(), Actor::Tool, Body::Result(Box::new(result)))];
    let parts = block.get("content").map(Node::items).unwrap_or_default().iter();
    facts.extend(parts.filter(|p| matches!(p.str("type"), Some("image" | "document"))).map(|p| (slot.clone(), Actor::Tool, super::session::image(p))));
    let Some(call) = call else { return facts };
    if let Some(agent) = detail.and_then(|r| r.owned(&["agentId"])) {
        let text = format!("sub-agent {}/{agent}", line.str_any(&["sessionId", "session_id"]).unwrap_or_default());
        facts.push((Slot::Named(format!("{call}.subagent")), Actor::Runtime, Body::Artifact { link: Link::call(call.clone()), text }));
    }
    // The wait has no record of its own: it lives in the execution, on the step of its resolution.
    if let Some(decided) = decided.filter(|d| d.asked) {
        let actor = if decided.by == DecidedBy::User { Actor::User } else { Actor::Policy };
        let end = end(Link::call(call.clone()), decided, at);
        facts.push((Slot::Resolution(call), actor, Body::Resolution(Box::new(end))));
    }
    facts
}

/// What a result line shows of a decision.
struct Decided {
    decision: Decision,
    by: DecidedBy,
    stop: Option<StopClass>,
    reason: Option<String>,
    scope: Option<GrantScope>,
    asked: bool,
    inferred: bool,
    evidence: &'static str,
}

fn end(link: Link, decided: Decided, at: Option<Timestamp>) -> ResolutionFact {
    ResolutionFact {
        link,
        kind: WaitKind::Approval,
        decision: Some(decided.decision),
        by: Some(decided.by),
        reason: decided.reason,
        scope: decided.scope,
        decided_at: None,
        decided_before: at,
        stop: decided.stop,
        inferred: true,
        evidence: decided.evidence,
    }
}

fn decision(line: &Node<'_>, call: Option<&str>, text: &str, is_error: Option<bool>) -> Option<Decided> {
    // On the wire, what a session file holds on the line stands beside each result's id.
    let beside = line.get("tool_result_meta").map(Node::items).unwrap_or_default().iter().find(|meta| meta.str("id") == call);
    let holder = beside.unwrap_or(line);
    let wording = refusals::in_text(text).filter(|_| is_error == Some(true));
    let note = || {
        let words = (wording.is_none() && line.bool_any(&["holdsPersonsWords"]) == Some(true)).then(|| text.to_owned());
        line.owned(&["userFeedback"]).or_else(|| refusals::note(text).filter(|_| wording.is_some())).or(words)
    };
    let denied = |by, asked, inferred, evidence| Decided {
        decision: Decision::Denied,
        by,
        stop: Some(StopClass::Refusal),
        reason: note(),
        scope: None,
        asked,
        inferred,
        evidence,
    };
    if let Some(stated) = holder.any(&["permissionDecision", "permission_decision"]).filter(|d| d.is_object()) {
        let source = stated.str("source").unwrap_or_default();
        return match stated.str("decision") {
            Some("accept") if source.starts_with("user") => Some(Decided {
                decision: Decision::Approved,
                stop: None,
                reason: line.owned(&["userFeedback"]),
                scope: scope(stated, source),
                ..denied(DecidedBy::User, true, false, "permissionDecision")
            }),
            Some("reject") if source.starts_with("user") => Some(denied(DecidedBy::User, true, false, "permissionDecision")),
            Some("reject") => Some(denied(DecidedBy::Policy, false, false, "permissionDecision")),
            _ => None,
        };
    }
    match holder.str_any(&["toolDenialKind", "non_execution_kind"]) {
        Some("user-rejected") => return Some(denied(DecidedBy::User, true, false, "toolDenialKind")),
        Some("interrupted") => return Some(Decided { decision: Decision::Aborted, ..denied(DecidedBy::User, true, false, "toolDenialKind") }),
        Some(_) => return Some(denied(DecidedBy::Policy, false, false, "toolDenialKind")),
        None => {}
    }
    if line.any(&["toolUseResult", "tool_use_result"]).and_then(Node::as_str) == Some("User rejected tool use") {
        return Some(denied(DecidedBy::User, true, false, "toolUseResult"));
    }
    let spoken = wording.as_ref()?;
    Some(denied(spoken.by.unwrap_or(DecidedBy::User), true, true, "result text"))
}

fn scope(stated: &Node<'_>, source: &str) -> Option<GrantScope> {
    let words = stated.str_any(&["grantScope", "grant_scope"]).and_then(GrantScope::parse);
    words.or(if source == "user_permanent" { Some(GrantScope::Always) } else { None })
}
