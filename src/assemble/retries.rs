//! Links from an execution to the stopped or failed one it tries again (judging, 3.2 to 3.5), by text until effects are known.

use crate::model::{Actor, Decision, Execution, Kind, Relation, RetryAfter, RetryForm, RetryLink, RetryScope, Sanction, Status, StopClass, Trajectory};
use rustc_hash::FxHashMap;

/// Where an execution's call and end stand, and in which stretch between two user messages.
#[derive(Clone, Copy)]
struct Place {
    call: u32,
    end: u32,
    stretch: u32,
}

/// Adds the links.
pub fn link(trajectory: &mut Trajectory) {
    let places = places(trajectory);
    let mut links: Vec<(usize, Option<RetryLink>, Vec<String>)> = Vec::new();
    for later in 1..trajectory.executions.len() {
        let mut retry = None;
        let mut alternatives = Vec::new();
        for earlier in (0..later).rev() {
            let (stopped, again) = (&trajectory.executions[earlier], &trajectory.executions[later]);
            let (Some(from), Some(to)) = (places[earlier], places[later]) else { continue };
            if from.stretch != to.stretch || to.call <= from.call || again.tool.is_empty() {
                continue;
            }
            let next = is_next(&places, earlier, later);
            match relate(stopped, again, from, to, next) {
                Some(Found::Retry(found)) if retry.is_none() => retry = Some(found),
                Some(Found::Alternative) => alternatives.push(stopped.id.clone()),
                _ => {}
            }
        }
        if retry.is_some() || !alternatives.is_empty() {
            links.push((later, retry, alternatives));
        }
    }
    for (index, retry, alternatives) in links {
        trajectory.executions[index].retry_of = retry;
        trajectory.executions[index].alternative_to = alternatives;
    }
}

enum Found {
    Retry(RetryLink),
    Alternative,
}

fn places(trajectory: &Trajectory) -> Vec<Option<Place>> {
    let seq: FxHashMap<&str, (u32, u32)> = {
        let mut stretch = 0;
        let walk = trajectory.steps.iter().map(|step| {
            stretch += u32::from(step.actor == Actor::User && step.kind == Kind::Message);
            (step.id.as_str(), (step.seq, stretch))
        });
        walk.collect()
    };
    let place = |e: &Execution| {
        let (call, stretch) = *seq.get(e.steps.first()?.as_str())?;
        let (end, _) = *seq.get(e.steps.last()?.as_str())?;
        Some(Place { call, end, stretch })
    };
    trajectory.executions.iter().map(place).collect()
}

/// Tells whether `later` belongs to the first calls made after `earlier` had ended.
fn is_next(places: &[Option<Place>], earlier: usize, later: usize) -> bool {
    let (Some(from), Some(to)) = (places[earlier], places[later]) else { return false };
    !places.iter().flatten().any(|p| p.call > from.end && p.end < to.call)
}

fn relate(stopped: &Execution, again: &Execution, from: Place, to: Place, next: bool) -> Option<Found> {
    let after = after(stopped)?;
    let identical = same_args(stopped, again) && stopped.tool == again.tool;
    let same_tool = stopped.tool == again.tool;
    if after == RetryAfter::Failed && !identical {
        return None;
    }
    if !identical && !next {
        return None;
    }
    if !same_tool {
        return (stopped.stop_class == Some(StopClass::Refusal)).then_some(Found::Alternative);
    }
    let (relation, form, scope) =
        if identical { (Relation::Same, RetryForm::Identical, RetryScope::Equal) } else { (Relation::Reworded, RetryForm::Reworded, RetryScope::Unknown) };
    let sanction = sanction(stopped, again, to.call < from.end);
    Some(Found::Retry(RetryLink { execution: stopped.id.clone(), relation, scope, form, sanction, after, inferred: true }))
}

fn after(stopped: &Execution) -> Option<RetryAfter> {
    match (stopped.stop_class, stopped.status) {
        (Some(StopClass::Refusal), Status::Blocked) => Some(RetryAfter::Blocked),
        (Some(StopClass::Refusal), _) => Some(RetryAfter::Denied),
        (Some(StopClass::Lapse), _) if stopped.waits.iter().any(|w| w.decision == Some(Decision::Expired)) => Some(RetryAfter::TimedOut),
        (Some(StopClass::Lapse), _) => Some(RetryAfter::Cancelled),
        (Some(StopClass::Fault), _) => Some(RetryAfter::Unavailable),
        (None, Status::Failed) => Some(RetryAfter::Failed),
        _ => None,
    }
}

fn sanction(stopped: &Execution, again: &Execution, concurrent: bool) -> Sanction {
    if concurrent {
        return Sanction::Concurrent;
    }
    match stopped.stop_class {
        Some(StopClass::Lapse) => Sanction::Lapse,
        Some(StopClass::Fault) => Sanction::Fault,
        _ if directed(stopped, again) => Sanction::Directed,
        _ if again.waits.iter().any(|w| w.decision == Some(Decision::Approved)) => Sanction::Granted,
        _ => Sanction::Stands,
    }
}

/// Tells whether the reason given with the refusal names the later act: every telling word of the act stands in the reason,
/// and at least one of them is not a word of the refused act.
fn directed(stopped: &Execution, again: &Execution) -> bool {
    let reason: String = stopped.waits.iter().filter_map(|w| w.decision_reason.as_deref()).chain(stopped.error.as_deref()).collect::<Vec<_>>().join(" ");
    let reason = words(&reason);
    let refused = words(&act(stopped));
    let named: Vec<String> = words(&act(again)).into_iter().filter(|w| !GENERIC.contains(&w.as_str())).collect();
    !named.is_empty() && named.iter().all(|w| reason.contains(w)) && named.iter().any(|w| !refused.contains(w))
}

/// Words of a command that name no act of their own.
const GENERIC: &[&str] = &["run", "the", "and", "use", "exec", "sudo", "bash", "sh"];

fn act(e: &Execution) -> String {
    e.command.clone().or_else(|| e.args.as_deref().map(str::to_owned)).unwrap_or_else(|| e.tool.clone())
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 1).map(str::to_lowercase).collect()
}

/// Compares arguments as JSON values, so that spelling and key order do not matter.
fn same_args(a: &Execution, b: &Execution) -> bool {
    match (&a.args, &b.args) {
        (Some(a), Some(b)) if a == b => true,
        (Some(a), Some(b)) => match (serde_json::from_str::<serde_json::Value>(a), serde_json::from_str::<serde_json::Value>(b)) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        },
        _ => false,
    }
}
