//! An execution: the life of one tool call.

use super::lineage::ExecutionContext;
use super::time::Timestamp;
use super::wait::Wait;
use super::words::{Certainty, Decision, GovernanceMode, Relation, RetryAfter, RetryForm, RetryScope, Risk, RiskOrigin, Sanction, Status, StopClass, Verb};
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// The life of one tool call: asked, waited, decided, ran (perhaps again), ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Execution {
    /// Id within the trajectory: the call id, else the request or tool execution id.
    pub id: String,
    /// The agent's id of the call; `None` where only the platform's ids are known.
    pub call_id: Option<String>,
    /// Tool name.
    pub tool: String,
    /// Arguments, raw JSON exactly as recorded.
    #[serde(serialize_with = "raw")]
    pub args: Option<Box<str>>,
    /// The shell command, where the call is one.
    pub command: Option<String>,
    /// What the call does to what.
    pub effects: Vec<Effect>,
    /// The worst verb of the effects, or `unknown`.
    pub effect: &'static str,
    /// Risk.
    pub risk: Option<Risk>,
    /// Where the risk comes from.
    pub risk_origin: Option<RiskOrigin>,
    /// The risk that follows from the effects, beside a recorded one; `None` where they are not known.
    pub risk_derived: Option<Risk>,
    /// The platform's id of the execution.
    pub tool_execution_id: Option<String>,
    /// The approval request that governed it.
    pub approval_request_id: Option<String>,
    /// How it ended.
    pub status: Status,
    /// Whether its body ran; `None` where no record proves either.
    pub ran: Option<bool>,
    /// How often it was attempted, at least 1.
    pub attempts: u32,
    /// Its waits, oldest first.
    pub waits: Vec<Wait>,
    /// Why it was stopped, if it was.
    pub stop_class: Option<StopClass>,
    /// What governed it.
    pub governance: Governance,
    /// Classification of the governed outcome.
    pub governed_outcome: Option<String>,
    /// Machine-readable error.
    pub error_code: Option<String>,
    /// Error text.
    pub error: Option<String>,
    /// When it was asked for or started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its surroundings.
    pub context: ExecutionContext,
    /// Its steps, in order.
    pub steps: Vec<String>,
    /// The stopped or failed execution it tries again.
    pub retry_of: Option<RetryLink>,
    /// Stopped executions to which it is another way.
    pub alternative_to: Vec<String>,
    /// What single sources state of it.
    #[serde(skip)]
    pub said: Vec<Said>,
    /// What people said of its facts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amended: Vec<Amended>,
    /// Hash of the facts as the sources tell them, where people amended some.
    #[serde(skip)]
    pub stated: Option<Box<str>>,
}

/// A fact that a person confirmed, corrected or rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amended {
    /// The fact.
    pub fact: String,
    /// What it was before; `None` where it was not known.
    pub was: Option<String>,
    /// What it is; `None` where it was rejected.
    pub is: Option<String>,
    /// Who said so.
    pub by: String,
    /// Why.
    pub note: String,
}

impl Execution {
    /// Begins an execution of which nothing is known but its id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            call_id: None,
            tool: String::new(),
            args: None,
            command: None,
            effects: Vec::new(),
            effect: "unknown",
            risk: None,
            risk_origin: None,
            risk_derived: None,
            tool_execution_id: None,
            approval_request_id: None,
            status: Status::Unknown,
            ran: None,
            attempts: 1,
            waits: Vec::new(),
            stop_class: None,
            governance: Governance::default(),
            governed_outcome: None,
            error_code: None,
            error: None,
            started_at: None,
            ended_at: None,
            context: ExecutionContext::default(),
            steps: Vec::new(),
            retry_of: None,
            alternative_to: Vec::new(),
            said: Vec::new(),
            amended: Vec::new(),
            stated: None,
        }
    }
}

/// What one source states of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// SHA-256 of the source.
    pub source: Arc<str>,
    /// The step that its record belongs to.
    pub step: String,
    /// Arguments, where they differ from those of the sources before.
    pub args: Option<Box<str>>,
    /// Risk.
    pub risk: Option<Risk>,
    /// How it ended.
    pub status: Option<Status>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Whether its body ran.
    pub ran: Option<bool>,
    /// Whether it changes anything.
    pub mutates: Option<bool>,
}

impl Said {
    /// Begins a statement of a source.
    #[must_use]
    pub fn of(source: &Arc<str>, step: &str) -> Self {
        Self { source: source.clone(), step: step.to_owned(), args: None, risk: None, status: None, decision: None, ran: None, mutates: None }
    }
}

/// One effect of a call (judging, 3.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Effect {
    /// What it does.
    pub verb: Verb,
    /// To what, normalised; `?` where unknown.
    pub target: String,
    /// How sure that is.
    pub certainty: Certainty,
}

/// What governed an execution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Governance {
    /// Whether policy bound it or only watched.
    pub mode: GovernanceMode,
    /// Whether the local decision is authoritative.
    pub authoritative: Option<bool>,
    /// Policy.
    pub policy_id: Option<String>,
    /// Decision record.
    pub decision_id: Option<String>,
    /// Rules that matched.
    pub matched_rules: Vec<String>,
}

impl Default for Governance {
    fn default() -> Self {
        Self { mode: GovernanceMode::Unknown, authoritative: None, policy_id: None, decision_id: None, matched_rules: Vec::new() }
    }
}

/// The link from an execution to the stopped or failed one it tries again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetryLink {
    /// The earlier execution.
    pub execution: String,
    /// The relation in one word.
    pub relation: Relation,
    /// How the effects compare.
    pub scope: RetryScope,
    /// In what form.
    pub form: RetryForm,
    /// Whether the stop still stood.
    pub sanction: Sanction,
    /// What it came after.
    pub after: RetryAfter,
    /// Whether the link follows from the calls alone; false where a record states it.
    pub inferred: bool,
}

/// Writes a raw JSON text as the JSON it is, or as a string where it is not JSON.
pub(super) fn raw<S: Serializer>(text: &Option<Box<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        None => serializer.serialize_none(),
        Some(text) => match serde_json::from_str::<&serde_json::value::RawValue>(text) {
            Ok(raw) => raw.serialize(serializer),
            Err(_) => serializer.serialize_str(text),
        },
    }
}
