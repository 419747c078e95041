//! How an execution ended: status, whether it ran, its stop, its waits' lengths.

use super::executions::Life;
use crate::model::{DecidedBy, Decision, Execution, GovernanceMode, Status, StopClass, WaitKind};

/// Draws the conclusions from all that was gathered of one execution.
pub fn settle(mut life: Life) -> Execution {
    waits(&mut life);
    let stop = life.stops.iter().find(|s| !s.inferred).or_else(|| life.stops.first()).cloned();
    let mut e = life.execution;
    e.stop_class = stop.as_ref().map(|s| s.class);
    e.status = match (&stop, life.stated, life.is_error) {
        (Some(stop), _, _) => match (stop.class, stop.decision) {
            (StopClass::Refusal, Decision::Aborted | Decision::Cancelled | Decision::Skipped) | (StopClass::Lapse, _) => Status::Cancelled,
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
        Status::Denied | Status::Blocked | Status::Cancelled if e.ran.is_none() && stop.is_some() => Some(false),
        Status::Succeeded => Some(true),
        Status::Pending => e.ran,
        _ => e.ran,
    };
    let granted = e.waits.iter().filter(|w| w.kind == WaitKind::ToolRetry && w.decision == Some(Decision::Retried)).count();
    e.attempts = e.attempts.max(1 + u32::try_from(granted).unwrap_or(u32::MAX - 1));
    if e.governance.mode == GovernanceMode::Unknown && e.tool_execution_id.is_some() && !e.waits.is_empty() {
        e.governance.mode = GovernanceMode::Governed;
    }
    e.waits.sort_by_key(|w| w.asked_at);
    if e.error.is_none() && e.status == Status::Denied {
        e.error = e.waits.iter().rev().find_map(|w| w.decision_reason.clone());
    }
    e
}

/// Gives waits their length where both ends are stated; else a bound, marked as inferred.
fn waits(life: &mut Life) {
    let ended = life.execution.ended_at;
    let went_on = life.stops.is_empty() && (life.stated == Some(Status::Succeeded) || life.is_error == Some(false));
    let stop = life.stops.iter().find(|s| !s.inferred).or_else(|| life.stops.first()).cloned();
    let last = life.execution.waits.len().saturating_sub(1);
    for (i, wait) in life.execution.waits.iter_mut().enumerate() {
        if wait.decision.is_none() && i == last {
            if went_on && wait.kind == WaitKind::Approval {
                wait.decision = Some(Decision::Approved);
                wait.inferred = true;
            } else if let Some(stop) = &stop {
                wait.decision = Some(stop.decision);
                wait.decided_by = wait.decided_by.or(stop.by);
                wait.inferred = true;
            }
        }
        if wait.decision == Some(Decision::Expired) && wait.decided_by == Some(DecidedBy::User) {
            wait.decided_by = Some(DecidedBy::Policy);
        }
        if let (Some(asked), Some(decided)) = (wait.asked_at, wait.decided_at) {
            wait.wait_ms = (decided >= asked).then(|| decided.since(asked));
            wait.decided_before = None;
        } else if wait.decision.is_some() && wait.decided_at.is_none() && wait.decided_before.is_none() {
            wait.decided_before = ended;
            wait.inferred |= ended.is_some();
        }
    }
}
