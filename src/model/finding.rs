//! A finding: what a rule proposes, with the steps and texts that show it.

use super::words::{Certainty, Severity};
use serde::Serialize;

/// What a rule proposes about a trajectory; it never decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `<rule>-<16 hex digits>`, the same as long as rule, trajectory and execution are.
    pub id: String,
    /// Id of the rule.
    pub rule: &'static str,
    /// Name of the rule.
    #[serde(skip)]
    pub name: &'static str,
    /// Severity.
    pub severity: Severity,
    /// Whether it is sure; a possible finding is listed but not proposed.
    pub certainty: Certainty,
    /// Trajectory.
    pub trajectory: String,
    /// The execution it is about; `None` where it is about a step or the whole.
    pub execution: Option<String>,
    /// Steps that show it.
    pub steps: Vec<String>,
    /// One sentence for a person.
    pub message: String,
    /// Texts that show it.
    pub evidence: Vec<Evidence>,
    /// What it proposes to reviewers; nothing where it is only possible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposes: Vec<Proposal>,
}

/// A question about which a finding says something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Execution or step; empty for the trajectory as a whole.
    pub target: String,
    /// The question.
    pub question: &'static str,
    /// The answer it proposes; `None` where several are as likely.
    pub answer: Option<&'static str>,
}

/// A text within a step that shows a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Step.
    pub step: String,
    /// Where it begins in the step's text, in bytes.
    pub start: usize,
    /// Where it ends in the step's text, in bytes.
    pub end: usize,
    /// The text, with secrets masked.
    pub text: String,
}
