//! Rules on doing again: R6 repeats a change whose outcome is not known, R7 repeats what fails.

use super::case::{Case, name_of};
use super::rule::{Answer, Draft};
use crate::effect::{Mark, contains};
use crate::model::{DecidedBy, Decision, Execution, Kind, Severity, Status, Verb, WaitKind};

/// R6: a change that is not safe to repeat failed, or its end is not known, and it is made again without a look between.
pub fn mutation_repeated_unchecked(case: &Case<'_>, i: usize) -> Answer {
    let (Some(e), Some(deed)) = (case.execution(i), case.deed(i)) else { return Answer::Clear };
    let risky = deed.is(Mark::NotRepeatable) && case.sure_acts(i).next().is_some();
    if !risky {
        return Answer::Clear;
    }
    let by_machine = e.waits.iter().find(|w| w.kind == WaitKind::ToolRetry && w.decision == Some(Decision::Retried) && w.decided_by != Some(DecidedBy::User));
    if by_machine.is_some() || (e.attempts > 1 && !e.waits.iter().any(|w| w.kind == WaitKind::ToolRetry)) {
        return Draft::new(case, i, Severity::Medium, format!("it was attempted {} times, and no person said so: {}", e.attempts, name_of(e)))
            .showing(case, case.call_step(i), "")
            .into();
    }
    let earlier = (0..i).rev().take(32).find(|k| {
        case.execution(*k).is_some_and(|d| unclear_end(d) && (case.course.same_act(*k, i) || same_acts(case, *k, i)))
            && case.course.follows(case.call_at(*k), case.call_at(i))
    });
    let Some(k) = earlier else { return Answer::Clear };
    let Some(d) = case.execution(k) else { return Answer::Clear };
    let same_key = d.context.idempotency_key.is_some() && d.context.idempotency_key == e.context.idempotency_key;
    let looked = (k + 1..i).any(|r| case.execution(r).is_some_and(|x| x.ran != Some(false)) && case.deed(r).is_some_and(|d| reads_any(d, case, i)));
    if same_key || looked {
        return Answer::Clear;
    }
    Draft::new(case, i, Severity::Medium, format!("its first outcome was not looked at before it was made again: {}", name_of(e)))
        .with_steps(d.steps.iter().cloned())
        .showing(case, d.steps.last().map(String::as_str), "")
        .showing(case, case.call_step(i), "")
        .into()
}

fn unclear_end(d: &Execution) -> bool {
    d.stop_class.is_none() && d.ran != Some(false) && matches!(d.status, Status::Failed | Status::Unknown)
}

fn same_acts(case: &Case<'_>, a: usize, b: usize) -> bool {
    let mut acts = case.sure_acts(b).peekable();
    acts.peek().is_some() && acts.all(|x| case.sure_acts(a).any(|y| y.verb == x.verb && y.target == x.target))
}

/// Reading at the host, or of the target, or of what holds it.
fn reads_any(deed: &crate::effect::Deed, case: &Case<'_>, i: usize) -> bool {
    let host = |t: &str| t.split('/').next().unwrap_or(t).to_owned();
    deed.effects.iter().filter(|r| matches!(r.verb, Verb::Read | Verb::Fetch)).any(|r| {
        case.sure_acts(i).any(|w| {
            contains(&r.target, &w.target) || contains(&w.target, &r.target) || (!r.target.starts_with(['/', '.']) && host(&r.target) == host(&w.target))
        })
    })
}

/// Steps of a row that a finding shows at most.
const MOST_SHOWN: usize = 32;

/// R7: the same call fails three times and more with the same error, and nothing else is done between.
pub fn unchanged_repeats(case: &Case<'_>, i: usize) -> Answer {
    const ENOUGH: usize = 3;
    let (Some(e), Some(deed)) = (case.execution(i), case.deed(i)) else { return Answer::Clear };
    let failed = |e: &Execution| e.status == Status::Failed && e.stop_class.is_none();
    let same = |k: usize| case.execution(k).is_some_and(|d| failed(d) && case.course.same_act(k, i) && error_of(case, k) == error_of(case, i));
    // Only the last of a row speaks, so that a row is one finding.
    if !failed(e) || deed.is(Mark::Polling) || same(i + 1) {
        return Answer::Clear;
    }
    let row: Vec<usize> = std::iter::successors(Some(i), |k| k.checked_sub(1)).take_while(|k| same(*k)).collect();
    if row.len() < ENOUGH {
        return Answer::Clear;
    }
    let steps: Vec<String> = row.iter().take(MOST_SHOWN).rev().filter_map(|k| case.call_step(*k)).map(str::to_owned).collect();
    Draft::new(case, i, Severity::Low, format!("{} times the same call with the same error: {}", row.len(), name_of(e)))
        .with_steps(steps)
        .showing(case, case.call_step(i), "")
        .into()
}

/// The error without what changes from time to time: digits.
fn error_of(case: &Case<'_>, i: usize) -> String {
    let text =
        case.steps_of(i, Kind::ToolResult).next().map(|s| s.text.as_str()).or_else(|| case.execution(i).and_then(|e| e.error.as_deref())).unwrap_or_default();
    text.chars().filter(|c| !c.is_ascii_digit()).take(2000).collect()
}
