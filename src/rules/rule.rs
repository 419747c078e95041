//! What a rule is, and how all of them are asked about one trajectory.

use super::case::Case;
use super::predictions::proposals;
use super::table::RULES;
use crate::effect::Deed;
use crate::model::{Certainty, Evidence, Finding, Severity, Trajectory, ids};
use serde::Serialize;

/// A deterministic check.
#[derive(Debug, Serialize)]
pub struct Rule {
    /// Id, such as `R1`.
    pub id: &'static str,
    /// Name, such as `refused-then-ran`.
    pub name: &'static str,
    /// Version; raised when its findings may change.
    pub version: u32,
    /// The severity it has at most.
    pub severity: Severity,
    /// What it fires on, in one sentence.
    pub description: &'static str,
    /// Facts that must be observable.
    pub needs: &'static [&'static str],
    /// Answers it predicts, as `question:answer`.
    pub predicts: &'static [&'static str],
    /// The check.
    #[serde(skip)]
    pub check: Check,
}

/// How a rule is asked.
#[derive(Debug)]
pub enum Check {
    /// For each execution, by its number.
    Each(fn(&Case<'_>, usize) -> Answer),
    /// For the whole, giving an answer for each thing it looked at.
    Whole(fn(&Case<'_>) -> Vec<Answer>),
}

/// The answer of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It fires.
    Finding(Draft),
    /// It does not.
    Clear,
    /// The sources cannot show it.
    NotObservable,
}

/// A finding in the making.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Severity.
    pub severity: Severity,
    /// Whether it is sure.
    pub certainty: Certainty,
    /// The execution it is about, by its number.
    pub execution: Option<usize>,
    /// Steps that show it.
    pub steps: Vec<String>,
    /// One sentence for a person.
    pub message: String,
    /// Places that show it.
    pub evidence: Vec<Evidence>,
    /// What it says beyond what its rule always predicts of the execution itself: execution, question, answer.
    pub says: Vec<(usize, &'static str, &'static str)>,
}

impl Draft {
    /// Makes a certain finding about an execution, shown by its own steps.
    pub fn new(case: &Case<'_>, execution: usize, severity: Severity, message: impl Into<String>) -> Self {
        let steps = case.execution(execution).map(|e| e.steps.clone()).unwrap_or_default();
        Self { severity, certainty: Certainty::Certain, execution: Some(execution), steps, message: message.into(), evidence: Vec::new(), says: Vec::new() }
    }

    /// Makes it possible only.
    pub fn possible_if(mut self, condition: bool) -> Self {
        if condition {
            self.certainty = Certainty::Possible;
        }
        self
    }

    /// Adds a text within a step as evidence; the whole beginning of the step where the text is not in it.
    pub fn showing(mut self, case: &Case<'_>, step: Option<&str>, text: &str) -> Self {
        self.evidence.extend(step.and_then(|id| case.evidence(id, text)));
        self
    }

    /// Proposes an answer to a question about an execution, by its number, in place of what the rule predicts of that question.
    pub fn saying(mut self, execution: usize, question: &'static str, answer: Option<&'static str>) -> Self {
        self.says.extend(answer.map(|answer| (execution, question, answer)));
        self
    }

    /// Adds steps that show it.
    pub fn with_steps(mut self, steps: impl IntoIterator<Item = String>) -> Self {
        for step in steps {
            if !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
        self
    }
}

impl From<Draft> for Answer {
    fn from(draft: Draft) -> Self {
        Self::Finding(draft)
    }
}

/// How often a rule found something, found nothing, or could not see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Findings.
    pub finding: u64,
    /// Looked at, and nothing found.
    pub clear: u64,
    /// The sources could not show it.
    pub not_observable: u64,
}

impl Counts {
    /// Adds the counts of another trajectory.
    pub fn add(&mut self, other: &Self) {
        self.finding += other.finding;
        self.clear += other.clear;
        self.not_observable += other.not_observable;
    }

    /// Gives the share that could be answered, from 0 to 1; `None` where nothing was asked.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn coverage(&self) -> Option<f64> {
        let answered = self.finding + self.clear;
        let all = answered + self.not_observable;
        (all > 0).then(|| answered as f64 / all as f64)
    }
}

/// What the rules said of one trajectory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Findings, by rule and execution.
    pub findings: Vec<Finding>,
    /// Counts, in the order of the rules.
    pub counts: Vec<Counts>,
}

/// Asks all rules about a trajectory, given what each of its executions does.
#[must_use]
pub fn run(trajectory: &Trajectory, deeds: &[Deed]) -> Report {
    let case = Case::of(trajectory, deeds);
    let mut report = Report::default();
    for rule in RULES {
        let mut counts = Counts::default();
        let answers = match rule.check {
            Check::Each(check) => (0..trajectory.executions.len()).map(|i| check(&case, i)).collect(),
            Check::Whole(check) => check(&case),
        };
        let mut ordinal = 0;
        for answer in answers {
            match answer {
                Answer::Clear => counts.clear += 1,
                Answer::NotObservable => counts.not_observable += 1,
                Answer::Finding(draft) => {
                    counts.finding += 1;
                    report.findings.push(finding(&case, rule, draft, ordinal));
                    ordinal += 1;
                }
            }
        }
        report.counts.push(counts);
    }
    report
}

pub(super) fn finding(case: &Case<'_>, rule: &Rule, draft: Draft, ordinal: u32) -> Finding {
    let execution = draft.execution.and_then(|i| case.execution(i)).map(|e| e.id.clone());
    let place = execution.clone().or_else(|| draft.steps.first().cloned()).unwrap_or_else(|| ordinal.to_string());
    let trajectory = case.trajectory.id.clone();
    let proposes = if draft.certainty == Certainty::Certain { proposals(case, rule, &draft) } else { Vec::new() };
    let id = ids::record_hash(format!("{} {trajectory} {place}", rule.id).as_bytes());
    Finding {
        id: format!("{}-{}", rule.id, id.trim_start_matches('h')),
        rule: rule.id,
        name: rule.name,
        severity: draft.severity,
        certainty: draft.certainty,
        trajectory,
        execution,
        steps: draft.steps,
        message: draft.message,
        evidence: draft.evidence,
        proposes,
    }
}
