//! A wait: an approval or other request inside an execution.

use super::fact::{Link, WaitFact};
use super::time::Timestamp;
use super::words::{DecidedBy, Decision, GrantScope, WaitKind};
use serde::Serialize;

/// A request that an execution waited for, from asking to deciding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wait {
    /// The request's id.
    pub request_id: Option<String>,
    /// What it asked for.
    pub kind: WaitKind,
    /// Why it asked.
    pub reason: Option<String>,
    /// What the person was shown.
    pub shown_text: Option<String>,
    /// The arguments as put to the approver, raw JSON.
    #[serde(serialize_with = "super::execution::raw")]
    pub args_asked: Option<Box<str>>,
    /// When it was asked.
    pub asked_at: Option<Timestamp>,
    /// When it was shown.
    pub shown_at: Option<Timestamp>,
    /// When it was decided; only where a record states it.
    pub decided_at: Option<Timestamp>,
    /// A bound taken from a later event, where no record states the decision's time.
    pub decided_before: Option<Timestamp>,
    /// When the execution went on.
    pub resumed_at: Option<Timestamp>,
    /// Length in ms, from asking to the stated decision.
    pub wait_ms: Option<i64>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// By whom.
    pub decided_by: Option<DecidedBy>,
    /// Reason given with the decision.
    pub decision_reason: Option<String>,
    /// How far an approval reaches.
    pub scope: Option<GrantScope>,
    /// The field or text that shows the decision, or the wait itself.
    pub evidence: Option<&'static str>,
    /// Whether anything of it is inferred.
    pub inferred: bool,
}

impl Wait {
    /// Begins a wait of which nothing is known but what it asks for.
    #[must_use]
    pub const fn new(request_id: Option<String>, kind: WaitKind) -> Self {
        Self {
            request_id,
            kind,
            reason: None,
            shown_text: None,
            args_asked: None,
            asked_at: None,
            shown_at: None,
            decided_at: None,
            decided_before: None,
            resumed_at: None,
            wait_ms: None,
            decision: None,
            decided_by: None,
            decision_reason: None,
            scope: None,
            evidence: None,
            inferred: false,
        }
    }
}

impl WaitFact {
    /// Begins the fact of a wait of which a record states nothing but its ids and what it asks for; `evidence` is the field or text
    /// that shows it.
    #[must_use]
    pub const fn new(link: Link, kind: WaitKind, evidence: &'static str) -> Self {
        Self { link, kind, reason: None, shown_text: None, shown_at: None, asked_at: None, inferred: false, risk: None, context: None, evidence }
    }
}
