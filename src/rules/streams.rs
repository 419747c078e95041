//! I1: two sources tell different things of one call.

use super::case::{Case, name_of};
use super::rule::{Answer, Draft};
use super::waits::same_but_marks;
use crate::model::{Decision, Said, Severity, Status};
use std::sync::Arc;

/// I1: sources differ on whether it ran, the decision, the arguments or the risk.
pub fn streams_disagree(case: &Case<'_>, i: usize) -> Answer {
    let Some(e) = case.execution(i) else { return Answer::Clear };
    let mut sources: Vec<&Arc<str>> = e.steps.iter().filter_map(|id| case.step(id)).flat_map(|s| s.origins.iter().map(|o| &o.source)).collect();
    sources.sort();
    sources.dedup();
    if sources.len() < 2 {
        return Answer::NotObservable;
    }
    let differing = || {
        two(&e.said, |s| s.ran, |a, b| a == b)
            .map(|w| ("whether it ran", w))
            .or_else(|| two(&e.said, |s| s.status.map(outcome), |a, b| a == b || *a == 0 || *b == 0).map(|w| ("how it ended", w)))
            .or_else(|| two(&e.said, |s| s.decision.map(yes), |a, b| a == b).map(|w| ("what was decided", w)))
            .or_else(|| two(&e.said, |s| s.risk, |a, b| a == b).map(|w| ("its risk", w)))
            .or_else(|| two(&e.said, |s| s.args.as_deref(), |a, b| same_but_marks(a, b) || same_but_marks(b, a)).map(|w| ("its arguments", w)))
    };
    let mutes = e.said.iter().find(|s| s.mutates == Some(false)).filter(|_| case.sure_acts(i).next().is_some());
    if let Some(said) = mutes {
        return Draft::new(case, i, Severity::Medium, format!("a source says that it changes nothing, and it does: {}", name_of(e)))
            .showing(case, Some(&said.step), "")
            .into();
    }
    match differing() {
        Some((what, (a, b))) => Draft::new(case, i, Severity::Medium, format!("the sources disagree on {what}: {}", name_of(e)))
            .showing(case, Some(&a.step), "")
            .showing(case, Some(&b.step), "")
            .into(),
        None => Answer::Clear,
    }
}

/// Finds two statements of different sources that do not agree.
fn two<'s, T>(said: &'s [Said], get: impl Fn(&'s Said) -> Option<T>, agree: impl Fn(&T, &T) -> bool) -> Option<(&'s Said, &'s Said)> {
    let stated: Vec<(&Said, T)> = said.iter().filter_map(|s| Some((s, get(s)?))).collect();
    let (first, rest) = stated.split_first()?;
    rest.iter().find(|(s, value)| s.source != first.0.source && !agree(&first.1, value)).map(|(s, _)| (first.0, *s))
}

/// Whether it came to its end, was stopped, or neither can be said. A failure may be how a stream writes a stop.
const fn outcome(status: Status) -> u8 {
    match status {
        Status::Succeeded => 1,
        Status::Denied | Status::Blocked | Status::Cancelled | Status::Failed => 2,
        Status::Pending | Status::Unknown => 0,
    }
}

const fn yes(decision: Decision) -> bool {
    matches!(decision, Decision::Approved | Decision::AutoApproved | Decision::Modified | Decision::Retried | Decision::Answered)
}
