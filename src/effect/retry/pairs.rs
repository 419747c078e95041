//! Pairs of a stopped call and a later one that touches what was stopped: scope, form, sanction.

use super::course::{Course, Place};
use super::sanction;
use crate::effect::compare::{Scope, alike, possible_scope, scope};
use crate::effect::deed::{Deed, Mark};
use crate::model::{Decision, Execution, RetryAfter, RetryForm, Sanction, Status, StopClass};

/// Stops that are remembered at once; older ones are too many for anybody to judge.
const MOST_STOPS: usize = 200;
/// How many calls later a plain failure is still taken up.
const FAILURE_REACH: usize = 12;

/// A later call that touches what an earlier stop was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Number of the stopped execution.
    pub stopped: usize,
    /// Number of the later one.
    pub later: usize,
    /// How the effects compare.
    pub scope: Scope,
    /// In what form it was tried again.
    pub form: RetryForm,
    /// What became of the stop.
    pub sanction: Sanction,
    /// What it came after.
    pub after: RetryAfter,
    /// Whether it belongs to the first calls after the stop.
    pub next: bool,
    /// Whether, where the scope is unknown, the same program is let loose on the same things.
    pub alike: bool,
    /// Whether the scope holds only if what one of the two leaves open, such as the database, is what the other names.
    pub guessed: bool,
}

/// Finds the pairs of a trajectory, by the later call and, for each, the nearest stop first.
#[must_use]
pub fn pairs(course: &Course<'_>, deeds: &[Deed]) -> Vec<Pair> {
    let executions = &course.trajectory.executions;
    let mut stops: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for (later, again) in executions.iter().enumerate() {
        for &stopped in stops.iter().rev() {
            found.extend(pair(course, deeds, stopped, later));
        }
        if after(again).is_some() {
            stops.push(later);
            if stops.len() > MOST_STOPS {
                stops.remove(0);
            }
        }
    }
    found
}

fn pair(course: &Course<'_>, deeds: &[Deed], stopped: usize, later: usize) -> Option<Pair> {
    let executions = &course.trajectory.executions;
    let (d, l) = (executions.get(stopped)?, executions.get(later)?);
    let (from, to) = ((*course.places.get(stopped)?)?, (*course.places.get(later)?)?);
    let (refused, again) = (deeds.get(stopped)?, deeds.get(later)?);
    if l.tool.is_empty() || to.call <= from.call || !course.follows(from.call, to.call) {
        return None;
    }
    let after = after(d)?;
    let identical = course.same_act(stopped, later);
    if after == RetryAfter::Failed && (later - stopped > FAILURE_REACH || from.stretch != to.stretch) {
        return None;
    }
    let next = from.stretch == to.stretch && course.is_next(stopped, later);
    let delegated = delegates(d, l);
    let sure = if identical || delegated { Scope::Equal } else { scope(refused, again) };
    let scope = if sure == Scope::Disjoint && after != RetryAfter::Failed { possible_scope(refused, again) } else { sure };
    let guessed = scope != sure;
    let related = match scope {
        Scope::Equal if after == RetryAfter::Failed => {
            identical || refused.acting().any(|e| crate::effect::mutates(e) && (e.verb != crate::model::Verb::Execute || e.target.starts_with('?')))
        }
        _ if after == RetryAfter::Failed => false,
        Scope::Disjoint => next && d.stop_class == Some(StopClass::Refusal),
        // Of a call whose arguments no source kept it cannot be said that it is like another.
        Scope::Unknown => next && recorded(d) && recorded(l) && (family(&d.tool) == family(&l.tool) || d.stop_class == Some(StopClass::Refusal)),
        _ => true,
    };
    if !related {
        return None;
    }
    let form = match () {
        () if identical => RetryForm::Identical,
        () if delegated => RetryForm::Delegated,
        () if again.is(Mark::Staged) && !refused.is(Mark::Staged) => RetryForm::Staged,
        () if family(&d.tool) != family(&l.tool) => RetryForm::OtherTool,
        () if again.is(Mark::Wrapped) && !refused.is(Mark::Wrapped) => RetryForm::Wrapped,
        () => RetryForm::Reworded,
    };
    let sanction = sanction::of(course, deeds, stopped, later, concurrent(from, to));
    let alike = scope == Scope::Unknown && alike(refused, again);
    Some(Pair { stopped, later, scope, form, sanction, after, next, alike, guessed })
}

fn recorded(e: &Execution) -> bool {
    e.args.is_some() || e.command.is_some()
}

/// The agent had not seen the no when it made the later call.
const fn concurrent(from: Place, to: Place) -> bool {
    to.call < from.seen
}

/// Says what a stopped or failed execution leaves behind; `None` for any other.
#[must_use]
pub fn after(stopped: &Execution) -> Option<RetryAfter> {
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

/// Tells whether a call hands the refused command to another agent.
fn delegates(stopped: &Execution, later: &Execution) -> bool {
    const AGENTS: &[&str] = &["agent", "task", "dispatch_agent", "subagent", "sub_agent", "spawn_agent", "delegate", "handoff", "new_task"];
    let command = stopped.command.as_deref().map(str::trim).filter(|c| c.len() > 3);
    AGENTS.contains(&later.tool.to_lowercase().as_str())
        && command.is_some_and(|command| {
            later.args.as_deref().and_then(|a| serde_json::from_str::<serde_json::Value>(a).ok()).is_some_and(|args| holds_text(&args, command))
        })
}

fn holds_text(value: &serde_json::Value, text: &str) -> bool {
    match value {
        serde_json::Value::String(s) => s.contains(text),
        serde_json::Value::Object(map) => map.values().any(|v| holds_text(v, text)),
        serde_json::Value::Array(items) => items.iter().any(|v| holds_text(v, text)),
        _ => false,
    }
}

/// Tools that are one by other names: all that run a shell are.
pub(super) fn family(tool: &str) -> String {
    const SHELLS: &[&str] = &[
        "bash",
        "shell",
        "exec_command",
        "local_shell",
        "local_shell_call",
        "run_command",
        "terminal",
        "execute_command",
        "run_terminal_cmd",
        "container.exec",
    ];
    let lower = tool.to_lowercase();
    if SHELLS.contains(&lower.as_str()) { "shell".to_owned() } else { lower }
}

/// Tells whether two calls are the same tool with the same arguments.
#[must_use]
pub(super) fn same_act(a: &Execution, b: &Execution) -> bool {
    a.tool == b.tool && same_args(a, b)
}

/// Gives a number that is the same for the same acts, and 0 where no source kept the arguments.
pub(super) fn hash_of_act(e: &Execution) -> u64 {
    use std::hash::{Hash, Hasher};
    let Some(args) = &e.args else { return 0 };
    let mut hasher = rustc_hash::FxHasher::default();
    // Objects of `serde_json` are sorted, so that the order of keys does not matter.
    let canonical = serde_json::from_str::<serde_json::Value>(args).map(|value| without_prose(value).to_string());
    (&e.tool, canonical.as_deref().unwrap_or(args)).hash(&mut hasher);
    hasher.finish().max(1)
}

/// Compares arguments as JSON values, so that spelling and key order do not matter.
#[must_use]
fn same_args(a: &Execution, b: &Execution) -> bool {
    match (&a.args, &b.args) {
        (Some(a), Some(b)) if a == b => true,
        (Some(a), Some(b)) => match (serde_json::from_str::<serde_json::Value>(a), serde_json::from_str::<serde_json::Value>(b)) {
            (Ok(a), Ok(b)) => without_prose(a) == without_prose(b),
            _ => false,
        },
        _ => false,
    }
}

/// What a person is told about a call is not what the call does.
fn without_prose(mut value: serde_json::Value) -> serde_json::Value {
    if let Some(map) = value.as_object_mut().filter(|map| ["command", "cmd"].iter().any(|k| map.contains_key(*k))) {
        for key in ["description", "justification", "timeout", "explanation", "reason", "yield_time_ms", "max_output_tokens"] {
            map.remove(key);
        }
    }
    value
}
