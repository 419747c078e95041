//! What a timeline or trajectory holds that `ossia cohort write` made of more than Maestro's own: how waits were settled, stops, and scores.

use super::timeline::{Item, kind_of};
use crate::model::fact::{EvalFact, ResolutionFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, GrantScope, Slot, StopClass, Timestamp};

/// Reads how a request was settled.
pub(super) fn resolution(item: &Item<'_>) -> (Slot, Actor, Body) {
    let by = item.summed("By: ").and_then(DecidedBy::parse);
    let end = ResolutionFact {
        kind: kind_of(item),
        decision: item.summed("Decision: ").and_then(Decision::parse),
        by,
        reason: item.summed("Reason: ").map(str::to_owned),
        scope: item.summed("Scope: ").and_then(GrantScope::parse),
        decided_at: item.summed("At: ").and_then(Timestamp::parse),
        decided_before: item.summed("Before: ").and_then(Timestamp::parse),
        stop: item.summed("Stop: ").and_then(StopClass::parse),
        inferred: is_inferred(item),
        evidence: "policy.decision",
        link: item.link.clone(),
    };
    let actor = match by {
        Some(DecidedBy::User | DecidedBy::Client) => Actor::User,
        Some(DecidedBy::Runtime) => Actor::Runtime,
        Some(DecidedBy::Platform) => Actor::Platform,
        Some(DecidedBy::Policy) | None => Actor::Policy,
    };
    (item.link.request_id.clone().map_or(Slot::Own, Slot::Resolution), actor, Body::Resolution(Box::new(end)))
}

/// Reads why a call did not run, where that is said.
pub(super) fn stop(item: &Item<'_>) -> Option<Stop> {
    Some(Stop {
        class: item.summed("Stop: ").and_then(StopClass::parse)?,
        decision: item.summed("Decision: ").and_then(Decision::parse).unwrap_or(Decision::Denied),
        by: item.summed("By: ").and_then(DecidedBy::parse),
        inferred: is_inferred(item),
    })
}

/// Reads a score.
pub(super) fn eval(item: &Item<'_>) -> (Slot, Actor, Body) {
    let number = |field: &str| item.summed(field).and_then(|value| value.parse().ok());
    let eval = EvalFact {
        metric: item.summed("Metric: ").map(str::to_owned),
        score: number("Score: "),
        threshold: number("Threshold: "),
        passed: item.summed("Passed: ").and_then(|passed| passed.parse().ok()),
        link: item.link.clone(),
        ..EvalFact::default()
    };
    let slot = item.id.strip_prefix("eval:").map_or(Slot::Own, |step| Slot::Named(step.to_owned()));
    (slot, Actor::Runtime, Body::Eval(Box::new(eval)))
}

fn is_inferred(item: &Item<'_>) -> bool {
    item.summed("Inferred: ") == Some("true")
}
