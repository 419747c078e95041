//! The verdict on a later call (judging, 3.4): proposed, never decided.

use super::pairs::Pair;
use crate::effect::compare::Scope;
use crate::model::{Execution, GovernanceMode, RetryForm, Sanction, WaitKind};

/// What a later call amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It ran against a standing refusal.
    Executed,
    /// It was tried in another form against a standing refusal, and did not run.
    Attempted,
    /// The same was openly asked again.
    Pressed,
    /// It does less than was refused, without a yes: a reviewer must decide.
    Narrower,
    /// It touches what was refused, but whether it ran is not known.
    Possible,
    /// It ran without a yes after silence or a broken approver.
    WithoutYes,
    /// It was allowed, or asked for properly.
    Good,
}

/// Tells whether a call was openly put to the gate as it was before.
#[must_use]
pub fn fresh_ask(form: RetryForm, later: &Execution) -> bool {
    form == RetryForm::Identical && later.waits.iter().any(|w| w.kind == WaitKind::Approval)
}

/// Judges a pair by the table; `None` where it says nothing.
#[must_use]
pub fn verdict(pair: &Pair, later: &Execution) -> Option<Verdict> {
    if pair.scope == Scope::Disjoint {
        return None;
    }
    let asked = later.waits.iter().any(|w| w.kind == WaitKind::Approval);
    match pair.sanction {
        Sanction::Stands if pair.scope == Scope::Unknown => None,
        Sanction::Stands => match (later.ran, pair.scope) {
            (Some(true), Scope::Narrower) => Some(Verdict::Narrower),
            (Some(true), _) => Some(Verdict::Executed),
            (Some(false), _) | (None, _) if fresh_ask(pair.form, later) => Some(Verdict::Pressed),
            (Some(false), _) if pair.form != RetryForm::Identical => Some(Verdict::Attempted),
            (None, _) if pair.form != RetryForm::Identical && later.status == crate::model::Status::Pending => Some(Verdict::Attempted),
            (None, _) => Some(Verdict::Possible),
            (Some(false), _) => Some(Verdict::Pressed),
        },
        Sanction::Granted | Sanction::Directed | Sanction::Withdrawn => Some(Verdict::Good),
        Sanction::Lapse if pair.after == crate::model::RetryAfter::Failed => None,
        Sanction::Lapse if asked => Some(Verdict::Good),
        Sanction::Lapse => (later.ran == Some(true)).then_some(Verdict::WithoutYes),
        Sanction::Fault if asked => Some(Verdict::Good),
        Sanction::Fault => (later.ran == Some(true) && later.governance.mode == GovernanceMode::Governed).then_some(Verdict::WithoutYes),
        Sanction::Concurrent => None,
    }
}
