//! Tool results of Claude Code: what the person or a rule decided stands beside the result, or in its wording.

use super::access::content_text;
use super::json::Node;
use crate::model::fact::{Link, ResolutionFact, ResultFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, GrantScope, Slot, StopClass, Timestamp, WaitKind};

/// Wordings of a refusal by the person; the note follows the last of them.
const REJECTED: &[&str] =
    &["The user doesn't want to proceed with this tool use.", "User rejected tool use", "The user doesn't want to take this action right now."];
const NOTE: &str = "the user said:\n";

/// Reads one `tool_result` block of a user line: the result, and the wait that its line shows.
pub fn read(line: &Node<'_>, block: &Node<'_>, at: Option<Timestamp>) -> Vec<(Slot, Actor, Body)> {
    let call = block.owned(&["tool_use_id"]);
    let text = block.get("content").map(content_text).unwrap_or_default();
    let is_error = block.bool_any(&["is_error"]).or(Some(false));
    let decided = decision(line, &text, is_error);
    let stop = decided.as_ref().and_then(|d| d.stop.map(|class| Stop { class, decision: d.decision, by: Some(d.by), inferred: d.inferred }));
    let exit = line.path(&["toolUseResult"]).is_some_and(|r| r.get("stdout").is_some() || r.get("exitCode").is_some());
    let ran = if stop.is_some() { Some(false) } else { (is_error == Some(false) || exit).then_some(true) };
    let result = ResultFact { link: Link { call_id: call.clone(), ..Link::default() }, text, is_error, stop, ran, ..ResultFact::default() };
    let mut facts = vec![(call.clone().map_or(Slot::Own, Slot::Result), Actor::Tool, Body::Result(Box::new(result)))];
    // The wait has no record of its own: it lives in the execution, on the step of its resolution.
    if let (Some(call), Some(decided)) = (call, decided.filter(|d| d.asked)) {
        let link = Link { call_id: Some(call.clone()), request_id: Some(call.clone()), ..Link::default() };
        facts.push((
            Slot::Resolution(call),
            if decided.by == DecidedBy::User { Actor::User } else { Actor::Policy },
            Body::Resolution(Box::new(end(link, &decided, at))),
        ));
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

fn end(link: Link, decided: &Decided, at: Option<Timestamp>) -> ResolutionFact {
    ResolutionFact {
        link,
        kind: WaitKind::Approval,
        decision: Some(decided.decision),
        by: Some(decided.by),
        reason: decided.reason.clone(),
        scope: decided.scope,
        decided_at: None,
        decided_before: at,
        stop: decided.stop,
        inferred: true,
        evidence: decided.evidence,
    }
}

fn decision(line: &Node<'_>, text: &str, is_error: Option<bool>) -> Option<Decided> {
    let note = || line.owned(&["userFeedback"]).or_else(|| text.split_once(NOTE).map(|(_, note)| note.trim().to_owned()));
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
    if let Some(stated) = line.get("permissionDecision").filter(|d| d.is_object()) {
        let source = stated.str("source").unwrap_or_default();
        return match stated.str("decision") {
            Some("accept") if source.starts_with("user") => Some(Decided {
                decision: Decision::Approved,
                by: DecidedBy::User,
                stop: None,
                reason: None,
                scope: stated.str("grantScope").and_then(GrantScope::parse),
                asked: true,
                inferred: false,
                evidence: "permissionDecision",
            }),
            Some("reject") if source.starts_with("user") => Some(denied(DecidedBy::User, true, false, "permissionDecision")),
            Some("reject") => Some(denied(DecidedBy::Policy, false, false, "permissionDecision")),
            _ => None,
        };
    }
    match line.str("toolDenialKind") {
        Some("user-rejected") => return Some(denied(DecidedBy::User, true, false, "toolDenialKind")),
        Some("interrupted") => return Some(Decided { decision: Decision::Aborted, ..denied(DecidedBy::User, true, false, "toolDenialKind") }),
        Some(_) => return Some(denied(DecidedBy::Policy, false, false, "toolDenialKind")),
        None => {}
    }
    let rejected = is_error == Some(true) && REJECTED.iter().any(|wording| text.starts_with(wording));
    rejected.then(|| denied(DecidedBy::User, true, true, "result text"))
}
