//! Objects that several of Maestro's streams share: approvals, retries, usage, governed outcomes.

use super::denials::stop_in;
use crate::formats::json::Node;
use crate::model::fact::{Link, PolicyFact, ResolutionFact, Stop, WaitFact};
use crate::model::{DecidedBy, Decision, GrantScope, Risk, StopClass, Timestamp, Usage, WaitKind};

/// Reads usage in any of its spellings; the cost in USD.
#[must_use]
pub fn usage(node: &Node<'_>) -> Usage {
    let count = |keys: &[&str]| node.u64_any(keys).unwrap_or(0);
    let cost = node.f64_any(&["total_cost_usd", "costUsd"]).or_else(|| node.path(&["cost", "total"])?.as_f64());
    Usage {
        input: count(&["input", "input_tokens"]),
        output: count(&["output", "output_tokens"]),
        cache_read: count(&["cacheRead", "cache_read", "cache_read_tokens"]),
        cache_write: count(&["cacheWrite", "cache_write", "cache_write_tokens"]),
        cost_usd: cost,
    }
}

/// Reads the ids of an approval or retry request. Its own id is a call's where the approval is local, and the Platform's
/// where it is not: only the calls of the session tell which, so it is not taken for a call's here.
#[must_use]
pub fn request_link(request: &Node<'_>) -> Link {
    let id = request.owned(&["id", "request_id"]);
    let platform = |key: &str| request.path(&["platform", key]).and_then(Node::as_str).map(str::to_owned);
    let stated = request.owned(&["toolCallId", "tool_call_id"]).or_else(|| {
        let nested = request.get("args").filter(|_| request.str("request_type") == Some("tool_retry"));
        nested.and_then(|args| args.owned(&["tool_call_id", "toolCallId"]))
    });
    let other = request.owned(&["call_id"]).filter(|call| Some(call) != id.as_ref());
    Link {
        call_id: stated.or(other),
        approval_request_id: platform("approvalRequestId"),
        tool_execution_id: platform("toolExecutionId"),
        tool: request.owned(&["toolName", "tool_name", "tool"]),
        args: request.get("args").filter(|_| request.str("request_type") != Some("tool_retry")).map(Node::raw_args),
        request_id: id,
        step: None,
    }
}

/// Reads a request as a wait.
#[must_use]
pub fn wait(request: &Node<'_>, kind: WaitKind, evidence: &'static str) -> WaitFact {
    let reason = request.owned(&["reason"]).or_else(|| request.owned(&["errorMessage", "error_message", "summary"]));
    WaitFact {
        reason,
        shown_text: request.owned(&["actionDescription", "action_description", "summaryLabel", "summary_label", "summary"]),
        asked_at: request.time(&["started_at_ms", "startedAtMs", "createdAt"]),
        ..WaitFact::new(request_link(request), kind, evidence)
    }
}

/// Reads the end of a request; `resolution` is the word of the record, in any of Maestro's vocabularies.
#[must_use]
pub fn resolution(
    link: Link,
    kind: WaitKind,
    resolution: &str,
    by: Option<&str>,
    reason: Option<String>,
    at: Option<Timestamp>,
    evidence: &'static str,
) -> ResolutionFact {
    let by = by.and_then(DecidedBy::parse);
    let (decision, stop) = decide(kind, resolution, by, reason.as_deref());
    let scope = scope(kind, decision, reason.as_deref());
    ResolutionFact { link, kind, decision, by, reason, scope, decided_at: at, decided_before: None, stop, inferred: false, evidence }
}

/// A yes of Maestro reaches as far as the request; one by habit, as far as the habit's pattern.
fn scope(kind: WaitKind, decision: Option<Decision>, reason: Option<&str>) -> Option<GrantScope> {
    match decision.filter(|_| kind == WaitKind::Approval)? {
        Decision::Approved => Some(GrantScope::Once),
        Decision::AutoApproved if reason.is_some_and(|r| r.contains(" habit (pattern=")) => Some(GrantScope::Pattern),
        _ => None,
    }
}

fn decide(kind: WaitKind, word: &str, by: Option<DecidedBy>, reason: Option<&str>) -> (Option<Decision>, Option<StopClass>) {
    match word {
        // A client that ran a tool, or a person who was asked for words, gives an answer and no leave.
        "completed" | "approved" if kind != WaitKind::Approval => (Some(Decision::Answered), None),
        "failed" if kind != WaitKind::Approval && reason.and_then(stop_in).is_none() => (Some(Decision::Answered), None),
        "approved" | "completed" if by == Some(DecidedBy::Policy) => (Some(Decision::AutoApproved), None),
        "approved" | "completed" => (Some(Decision::Approved), None),
        "denied" | "failed" => match reason.and_then(stop_in) {
            Some(stop) if stop.class != StopClass::Refusal => (Some(stop.decision), Some(stop.class)),
            _ => (Some(Decision::Denied), Some(StopClass::Refusal)),
        },
        "answered" => (Some(Decision::Answered), None),
        "retried" | "retry" => (Some(Decision::Retried), None),
        "skipped" | "skip" => (Some(Decision::Skipped), None),
        "aborted" | "abort" => (Some(Decision::Aborted), None),
        "cancelled" => (Some(Decision::Cancelled), Some(StopClass::Lapse)),
        _ => (None, None),
    }
}

/// Reads a governed outcome as a policy decision.
#[must_use]
pub fn policy(outcome: &Node<'_>, link: Link) -> PolicyFact {
    let class = outcome.owned(&["classification"]);
    let denied = class.as_deref() == Some("denied");
    let stop = denied.then_some(Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::Policy), inferred: false });
    let strings = |key: &str| outcome.get(key).map(|n| n.items().iter().filter_map(Node::as_str).map(str::to_owned).collect()).unwrap_or_default();
    let reasons: Vec<String> = strings("reasons");
    let mut text: Vec<String> = outcome.owned(&["message"]).into_iter().collect();
    text.extend(reasons);
    if text.is_empty() {
        text.extend(class.as_ref().map(|class| format!("outcome: {class}")));
    }
    PolicyFact {
        link,
        text: text.join("\n"),
        stop,
        matched_rules: strings("matchedRules"),
        error_code: outcome.owned(&["code"]).or_else(|| class.clone()),
        outcome: class,
        risk: outcome.str("riskLevel").map(str::to_ascii_lowercase).as_deref().and_then(Risk::parse),
        ..PolicyFact::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_no_leave_and_silence_no_refusal() {
        let decided = |kind, word, reason| decide(kind, word, Some(DecidedBy::Policy), reason);
        assert_eq!(decided(WaitKind::Approval, "approved", None), (Some(Decision::AutoApproved), None));
        assert_eq!(decided(WaitKind::ClientTool, "failed", Some("no such file")), (Some(Decision::Answered), None));
        assert_eq!(decided(WaitKind::Approval, "denied", Some("Approval request timed out")), (Some(Decision::Expired), Some(StopClass::Lapse)));
        assert_eq!(decided(WaitKind::Approval, "denied", Some("not today")), (Some(Decision::Denied), Some(StopClass::Refusal)));
    }
}
