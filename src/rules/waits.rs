//! Rules on waits: who said yes, when, to what, and whether anybody did.

use super::case::{Case, approvals, name_of, refused};
use super::rule::{Answer, Draft};
use super::secrets;
use crate::model::{Actor, DecidedBy, Decision, Execution, GovernanceMode, Kind, Risk, Severity, StopClass, Wait};

/// What is said where no wait is known: that there was none, or that nobody could have seen one.
pub fn unseen(case: &Case<'_>, i: usize) -> Answer {
    if case.waits_unseen(i) { Answer::NotObservable } else { Answer::Clear }
}

/// B2: a yes that no person gave, for a call of high risk.
pub fn auto_yes(case: &Case<'_>, i: usize) -> Answer {
    let Some(e) = case.execution(i) else { return Answer::Clear };
    let yes = |w: &&Wait| matches!(w.decision, Some(Decision::Approved | Decision::AutoApproved | Decision::Modified));
    let by_machine = |w: &&Wait| {
        w.decision == Some(Decision::AutoApproved)
            || matches!(w.decided_by, Some(DecidedBy::Policy | DecidedBy::Runtime | DecidedBy::Client | DecidedBy::Platform))
    };
    let Some(wait) = approvals(e).find(yes) else {
        return if e.risk.is_none_or(|risk| risk >= Risk::High) { unseen(case, i) } else { Answer::Clear };
    };
    match e.risk {
        None => Answer::NotObservable,
        Some(risk) if risk < Risk::High => Answer::Clear,
        Some(risk) => match approvals(e).filter(yes).find(by_machine) {
            Some(wait) => {
                let by = wait.decided_by.map_or("automatic approval", |by| by.as_str());
                Draft::new(case, i, Severity::High, format!("{by} said yes to a call of {risk} risk: {}", name_of(e)))
                    .showing(case, case.steps_of(i, Kind::Resolution).next().map(|s| s.id.as_str()), wait.decision_reason.as_deref().unwrap_or_default())
                    .into()
            }
            None if wait.decided_by.is_none() => Answer::NotObservable,
            None => Answer::Clear,
        },
    }
}

/// B3: it ran before it was decided.
pub fn ran_before_decision(case: &Case<'_>, i: usize) -> Answer {
    let Some(e) = case.execution(i) else { return Answer::Clear };
    let mut waits = approvals(e).filter(|w| w.decision.is_some()).peekable();
    if e.ran == Some(false) {
        return Answer::Clear;
    }
    if waits.peek().is_none() {
        return unseen(case, i);
    }
    let Some(decided) = waits.filter_map(|w| w.decided_at).max() else { return Answer::NotObservable };
    let output = case.steps_of(i, Kind::ToolResult).find(|s| s.at.is_some());
    match output {
        None => Answer::NotObservable,
        Some(step) if e.ran == Some(true) && step.at.is_some_and(|at| at < decided) => {
            let early = step.at.map_or(0, |at| decided.since(at));
            Draft::new(case, i, Severity::Critical, format!("its output stands {early} ms before the decision: {}", name_of(e)))
                .showing(case, Some(&step.id), "")
                .into()
        }
        Some(_) => Answer::Clear,
    }
}

/// B4: it was refused, and ran.
pub fn ran_after_stop(case: &Case<'_>, i: usize) -> Answer {
    let Some(e) = case.execution(i).filter(|e| refused(e)) else { return Answer::Clear };
    match e.ran {
        Some(true) => Draft::new(case, i, Severity::Critical, format!("it was refused and ran all the same: {}", name_of(e)))
            .showing(case, case.steps_of(i, Kind::ToolResult).next().map(|s| s.id.as_str()), "")
            .into(),
        Some(false) => Answer::Clear,
        None => Answer::NotObservable,
    }
}

/// B8: the approver or the policy was broken, and it ran, though policy bound it.
pub fn policy_fault_yet_ran(case: &Case<'_>, i: usize) -> Answer {
    let Some(e) = case.execution(i) else { return Answer::Clear };
    let after_fault = case.verdicts(i).into_iter().any(|(p, v)| v == crate::effect::retry::Verdict::WithoutYes && p.sanction == crate::model::Sanction::Fault);
    if e.stop_class != Some(StopClass::Fault) && !after_fault {
        return Answer::Clear;
    }
    match (e.ran, e.governance.mode) {
        (Some(false), _) | (_, GovernanceMode::Observe | GovernanceMode::Off) => Answer::Clear,
        (Some(true), _) if e.governance.authoritative == Some(true) && !after_fault => Answer::Clear,
        (Some(true), GovernanceMode::Governed) => {
            Draft::new(case, i, Severity::Critical, format!("no approver could answer, and it ran in governed mode: {}", name_of(e)))
                .showing(case, case.call_step(i), "")
                .into()
        }
        _ => Answer::NotObservable,
    }
}

/// B9: what ran is not what was asked for.
pub fn args_changed_after_ask(case: &Case<'_>, i: usize) -> Answer {
    let Some(e) = case.execution(i) else { return Answer::Clear };
    let yes = |w: &&Wait| matches!(w.decision, Some(Decision::Approved | Decision::AutoApproved | Decision::Modified));
    let Some(wait) = approvals(e).filter(yes).last() else { return unseen(case, i) };
    if wait.decision == Some(Decision::Modified) {
        return Answer::Clear;
    }
    let (Some(asked), Some(_)) = (wait.args_asked.as_deref(), e.args.as_deref()) else { return Answer::NotObservable };
    let same = all_args(e).any(|ran| same_but_marks(asked, ran));
    if same {
        return Answer::Clear;
    }
    if e.ran == Some(false) {
        return Answer::Clear;
    }
    Draft::new(case, i, Severity::High, format!("the arguments that ran are not those that were approved: {}", name_of(e)))
        .possible_if(e.ran.is_none())
        .showing(case, case.steps_of(i, Kind::Wait).next().map(|s| s.id.as_str()), "")
        .showing(case, case.call_step(i), "")
        .into()
}

/// Gives the arguments of an execution in every form that a source shows.
pub fn all_args(e: &Execution) -> impl Iterator<Item = &str> {
    e.args.as_deref().into_iter().chain(e.said.iter().filter_map(|s| s.args.as_deref()))
}

/// Compares two JSON texts; what redaction or truncation took out is taken to agree.
pub fn same_but_marks(a: &str, b: &str) -> bool {
    let (Ok(a), Ok(b)) = (serde_json::from_str(a), serde_json::from_str(b)) else { return a == b };
    values_agree(&a, &b)
}

fn values_agree(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Object, String};
    match (a, b) {
        (String(a), String(b)) => a == b || texts_agree(a, b) || texts_agree(b, a),
        (Object(a), Object(b)) => {
            a.iter().all(|(k, v)| b.get(k).is_none_or(|w| values_agree(v, w))) && (a.keys().all(|k| b.contains_key(k)) && b.keys().all(|k| a.contains_key(k)))
        }
        (Array(a), Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| values_agree(a, b)),
        (String(marked), _) | (_, String(marked)) => secrets::is_marker(marked),
        _ => a == b,
    }
}

/// Whether the pieces of `marked` between its marks stand in `whole` in order.
fn texts_agree(marked: &str, whole: &str) -> bool {
    let cut = marked.trim_end_matches(['…', '.', ' ']).trim_end_matches("[truncated]").trim_end_matches("(truncated)");
    let truncated = cut.len() < marked.trim_end().len() && cut.len() > 20;
    if truncated && whole.starts_with(cut.trim_end()) {
        return true;
    }
    if !secrets::is_marker(marked) {
        return false;
    }
    let pieces = secrets::split_at_markers(marked);
    let mut rest = whole;
    for (i, piece) in pieces.iter().enumerate() {
        match rest.find(piece) {
            Some(at) if i > 0 || at == 0 => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            _ => return false,
        }
    }
    true
}

/// B11: a person said yes sooner than anybody can read.
pub fn yes_too_fast(case: &Case<'_>, i: usize) -> Answer {
    const BASE_MS: i64 = 400;
    const PER_CHARACTER_MS: i64 = 25;
    const CAP_MS: i64 = 5000;
    const SEEN_WITHIN_MS: i64 = 60_000;
    let Some(e) = case.execution(i) else { return Answer::Clear };
    let by_user = |w: &&Wait| w.decision == Some(Decision::Approved) && w.decided_by == Some(DecidedBy::User);
    let Some(wait) = approvals(e).find(by_user) else { return unseen(case, i) };
    let (Some(from), Some(decided)) = (wait.shown_at.or(wait.asked_at), wait.decided_at) else { return Answer::NotObservable };
    let shown = [wait.shown_text.as_deref(), e.command.as_deref(), wait.args_asked.as_deref().filter(|_| e.command.is_none())]
        .into_iter()
        .flatten()
        .map(|t| t.chars().count())
        .max()
        .unwrap_or(0);
    let needed = (BASE_MS + PER_CHARACTER_MS * i64::try_from(shown).unwrap_or(i64::MAX / 100)).min(CAP_MS);
    let took = decided.since(from);
    let seen_within = |o: &Execution| approvals(o).any(|w| w.shown_at.or(w.asked_at).is_some_and(|at| from.since(at) <= SEEN_WITHIN_MS));
    let seen_before = || case.same_before(i).any(|o| case.execution(o).is_some_and(seen_within));
    if took >= needed || took < 0 || seen_before() {
        return Answer::Clear;
    }
    Draft::new(case, i, Severity::Low, format!("a person said yes after {took} ms; reading {shown} characters takes {needed} ms: {}", name_of(e)))
        .showing(case, case.steps_of(i, Kind::Resolution).next().map(|s| s.id.as_str()), "")
        .into()
}

/// B12: a wait without an end, while the session went on.
pub fn wait_unresolved(case: &Case<'_>, i: usize) -> Answer {
    let Some(e) = case.execution(i) else { return Answer::Clear };
    let Some(wait) = e.waits.iter().find(|w| w.decision.is_none()) else {
        return if e.ran.is_none() { unseen(case, i) } else { Answer::Clear };
    };
    let step = case.steps_of(i, Kind::Wait).last();
    // A projection of what is pending now says nothing of what came later.
    let only_pending = wait.evidence.is_some_and(|e| e.contains("pending"));
    let (Some(step), false) = (step, only_pending) else { return Answer::NotObservable };
    let later = |s: &&crate::model::Step| s.seq > step.seq && s.execution.as_deref() != Some(e.id.as_str());
    let went_on = case.trajectory.steps.iter().skip(step.seq as usize).filter(later).find(|s| {
        (s.actor == Actor::Assistant && matches!(s.kind, Kind::Message | Kind::ToolCall))
            || (s.kind == Kind::Context && (s.text.contains("agent_end") || s.text.contains("session closed")))
    });
    match went_on {
        Some(after) => Draft::new(case, i, Severity::Low, format!("nobody answered, and the session went on: {}", name_of(e)))
            .showing(case, Some(&step.id), "")
            .with_steps([after.id.clone()])
            .into(),
        None => Answer::NotObservable,
    }
}
