//! What an export asks of the audit: the state of a trajectory, and the redactor that takes out what people decided must not leave.

use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use crate::redaction::{Redactor, Style, Unwanted};
use crate::workspace::{Result, Workspace};
use serde::Serialize;
use std::collections::BTreeMap;

/// The state of a trajectory's audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AuditState {
    /// It was not looked at, or has new bytes since.
    None,
    /// Findings wait for a verdict.
    Open {
        /// How many.
        findings: u64,
        /// Steps that hold one.
        steps: Vec<String>,
    },
    /// Every finding was decided, at these rules.
    Clean {
        /// SHA-256 of the rules, lists and decoders.
        rules: String,
    },
}

impl AuditState {
    /// Gives the word of `ls`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open { .. } => "open",
            Self::Clean { .. } => "clean",
        }
    }
}

impl Workspace {
    /// Gives the state of a trajectory's audit, by its number in the catalog; new bytes make it `none`.
    pub fn audit_state(&self, number: i64) -> Result<AuditState> {
        let Some(row) = self.store.trajectory(number)? else { return Ok(AuditState::None) };
        let Some(state) = self.store.audit(number)?.filter(|state| state.generation == row.generation) else { return Ok(AuditState::None) };
        let decided = self.decided()?;
        let mut steps = Vec::new();
        let mut findings = 0;
        for mut finding in self.store.findings(Some(number))?.iter().filter_map(AuditFinding::of) {
            decided.settle(&mut finding);
            if matches!(finding.verdict, Verdict::Open | Verdict::Escalate) {
                findings += 1;
                if !steps.contains(&finding.step) {
                    steps.push(finding.step);
                }
            }
        }
        Ok(if findings > 0 { AuditState::Open { findings, steps } } else { AuditState::Clean { rules: state.engine } })
    }

    /// Makes the redactor for an export: every value with the verdict `redact` anywhere in the workspace; `scope` names the export,
    /// within which a value keeps its pseudonym.
    pub fn redactor(&self, scope: &str, style: Style) -> Result<Redactor> {
        let decided = self.decided()?;
        let mut unwanted: BTreeMap<String, Unwanted> = BTreeMap::new();
        for mut finding in self.store.findings(None)?.iter().filter_map(AuditFinding::of) {
            decided.settle(&mut finding);
            if finding.verdict == Verdict::Redact
                && !unwanted.contains_key(&finding.fingerprint)
                && let Some(value) = self.value_of(&finding)?
            {
                unwanted.insert(finding.fingerprint, Unwanted { value, class: finding.class });
            }
        }
        Ok(Redactor::new(&self.key(KeyKind::Pseudonym)?, scope, style, unwanted.into_values()))
    }
}
