//! How an execution ended: status, whether it ran, its stop, its waits' lengths.

use super::executions::Life;
use crate::model::fact::Stop;
use crate::model::{DecidedBy, Decision, Execution, GovernanceMode, Status, StopClass, Wait, WaitKind};

/// Draws the conclusions from all that was gathered of one execution.
pub fn settle(mut life: Life) -> Execution {
    if life.stops.is_empty() && life.execution.governed_outcome.as_deref() == Some("denied") && life.is_error != Some(false) {
        life.stops.push(Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::Policy), inferred: false });
    }
    let by_reason = refused_by_reason(&life);
    if by_reason {
        life.stops.push(Stop { class: StopClass::Refusal, decision: Decision::Denied, by: None, inferred: true });
    }
    let stop = life.stops.iter().find(|s| !s.inferred).or_else(|| life.stops.first()).cloned();
    let known = &mut life.execution;
    if life.named_by_approval && known.call_id.is_none() && known.approval_request_id.is_none() {
        known.approval_request_id = Some(known.id.clone());
    }
    unseen_wait(&mut life, stop.as_ref());
    waits(&mut life, stop.as_ref());
    let mut e = life.execution;
    e.stop_class = stop.as_ref().map(|s| s.class);
    e.status = match (&stop, life.stated, life.is_error) {
        (Some(stop), stated, _) => match (stop.class, stop.decision) {
            (StopClass::Refusal, Decision::Aborted | Decision::Cancelled | Decision::Skipped) | (StopClass::Lapse, _) => Status::Cancelled,
            (StopClass::Refusal, _) if stated == Some(Status::Blocked) => Status::Blocked,
            (StopClass::Refusal, _) => Status::Denied,
            (StopClass::Fault, _) => Status::Blocked,
        },
        (None, Some(status), _) => status,
        (None, None, Some(true)) => Status::Failed,
        (None, None, Some(false)) => Status::Succeeded,
        (None, None, None) if life.has_result => Status::Unknown,
        (None, None, None) => Status::Pending,
    };
    e.ran = match e.status {
        Status::Denied | Status::Blocked | Status::Cancelled if e.ran.is_none() && stop.is_some() && !by_reason => Some(false),
        Status::Succeeded => Some(true),
        _ => e.ran,
    };
    let granted = e.waits.iter().filter(|w| w.kind == WaitKind::ToolRetry && w.decision == Some(Decision::Retried)).count();
    e.attempts = e.attempts.max(1 + u32::try_from(granted).unwrap_or(u32::MAX - 1));
    if e.governance.mode == GovernanceMode::Unknown && e.tool_execution_id.is_some() && e.waits.iter().any(|w| w.request_id == e.approval_request_id) {
        e.governance.mode = GovernanceMode::Governed;
    }
    e.waits.sort_by_key(|w| w.asked_at);
    if e.error.is_none() && e.status == Status::Denied {
        e.error = e.waits.iter().rev().find_map(|w| w.decision_reason.clone());
    }
    e
}

/// Parts of texts that programs write when they fail, in lower case.
const OF_FAILURES: [&str; 15] = [
    "next steps:",
    "error",
    "exit",
    "not found",
    "no such",
    "timed out",
    "timeout",
    "fail",
    "exception",
    "traceback",
    "cannot",
    "could not",
    "denied",
    "unable to",
    "invalid",
];

/// Tells whether a failed call was most likely refused: it was asked for under its own id, nothing shows that it ran, and its
/// error is no text that programs write, which leaves the reason of whoever was asked. What it proves is not that it did not run.
fn refused_by_reason(life: &Life) -> bool {
    let e = &life.execution;
    let failed = life.stated == Some(Status::Failed) || (life.stated.is_none() && life.is_error == Some(true));
    let asked = e.waits.last().is_some_and(|w| w.kind == WaitKind::Approval && w.decision.is_none() && !w.inferred && w.request_id.as_ref() == Some(&e.id));
    let telling = e.ran.is_some() || e.error_code.is_some() || e.governed_outcome.is_some() || !life.stops.is_empty();
    let worded = |text: &String| {
        let text = text.to_lowercase();
        !OF_FAILURES.iter().any(|part| text.contains(part))
    };
    failed && asked && !telling && e.error.as_ref().is_some_and(worded)
}

/// Adds the wait that no record shows, where its outcome shows that there was one: an approval's id beside the result, or
/// a wording that only somebody who was asked, or waited for, can have caused.
fn unseen_wait(life: &mut Life, stop: Option<&Stop>) {
    let e = &mut life.execution;
    if !life.has_result || e.waits.iter().any(|w| w.kind == WaitKind::Approval) {
        return;
    }
    let worded = stop.is_some_and(|s| s.inferred && asked_somebody(s));
    // What policy denied by itself was asked of nobody, whatever id it was given.
    let by_policy = stop.is_some_and(|s| !s.inferred && s.by == Some(DecidedBy::Policy));
    if (e.approval_request_id.is_none() || by_policy) && !worded {
        return;
    }
    let mut wait = Wait::new(e.approval_request_id.clone(), WaitKind::Approval);
    wait.evidence = Some(if worded { "text of the result" } else { "approval id of the result" });
    wait.decision_reason = e.error.clone().filter(|_| worded);
    wait.inferred = true;
    e.waits.push(wait);
}

/// Tells whether a stop can only come of a request that somebody was to answer.
const fn asked_somebody(stop: &Stop) -> bool {
    match stop.decision {
        Decision::Expired | Decision::Cancelled => true,
        Decision::Denied => matches!((stop.class, stop.by), (StopClass::Refusal, None | Some(DecidedBy::User))),
        _ => false,
    }
}

/// Gives waits their length where both ends are stated; else a bound, marked as inferred.
fn waits(life: &mut Life, stop: Option<&Stop>) {
    let ended = life.execution.ended_at;
    let went_on = life.stops.is_empty() && (life.stated == Some(Status::Succeeded) || life.is_error == Some(false));
    let last = life.execution.waits.len().saturating_sub(1);
    let error = &life.execution.error;
    for (i, wait) in life.execution.waits.iter_mut().enumerate() {
        if wait.decision.is_none() && i == last && wait.kind == WaitKind::Approval {
            if went_on {
                wait.decision = Some(Decision::Approved);
                wait.inferred = true;
            } else if let Some(stop) = stop {
                wait.decision = Some(stop.decision);
                wait.decided_by = wait.decided_by.or(stop.by);
                if wait.decision_reason.is_none() && stop.inferred {
                    wait.decision_reason.clone_from(error);
                }
                wait.inferred = true;
            }
        }
        if wait.decision == Some(Decision::Expired) && wait.decided_by == Some(DecidedBy::User) {
            wait.decided_by = Some(DecidedBy::Policy);
        }
        if let (Some(asked), Some(decided)) = (wait.asked_at, wait.decided_at) {
            wait.wait_ms = (decided >= asked).then(|| decided.since(asked));
            wait.decided_before = None;
        } else if wait.decision.is_some() && wait.decided_at.is_none() {
            wait.decided_before = wait.decided_before.or(ended);
            wait.inferred |= wait.decided_before.is_some();
        }
    }
}
