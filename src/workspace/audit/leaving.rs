//! What leaves: the verdicts of all findings folded once into what blocks a row, what is replaced, and what may stay.

use super::decide::Decided;
use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use super::proof::Proof;
use crate::redaction::{Redactor, Style, Tier, Unwanted};
use crate::workspace::{Result, Workspace};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A shorter value cannot be replaced without taking the text apart.
const SHORTEST: usize = 3;

/// The verdicts of all findings, as an export needs them.
#[derive(Default)]
pub(in crate::workspace) struct Leaving {
    /// What stands against leaving by trajectory: the step of each finding, and why.
    pub open: HashMap<String, Vec<(String, String)>>,
    /// Values that may leave.
    pub kept: BTreeSet<String>,
    /// Values that must not, by fingerprint.
    unwanted: BTreeMap<String, Unwanted>,
    /// Every value that was decided, by fingerprint; `None` where its source does not hold it any more.
    values: BTreeMap<String, Option<String>>,
}

/// What verdicts are held against.
struct Settled<'d> {
    decided: &'d Decided,
    proof: Proof,
}

impl Leaving {
    /// Gives the value of a finding that was decided.
    pub fn value(&self, finding: &AuditFinding) -> Option<&str> {
        self.values.get(&finding.fingerprint)?.as_deref()
    }

    /// Takes a finding in and says what stands against leaving.
    fn take(&mut self, finding: &AuditFinding, settled: &Settled<'_>) -> Option<&'static str> {
        let value = self.values.get(&finding.fingerprint).cloned().flatten();
        match (finding.verdict, value) {
            (Verdict::Open | Verdict::Escalate, _) => Some("is not decided (`ossia audit decide`)"),
            (Verdict::Keep, _)
                if finding.is_value() && finding.tier == Tier::Certain && settled.decided.of(finding).is_none_or(|last| last.agreeing.len() < 2) =>
            {
                Some("is sure, and one reviewer alone keeps it; a second one must say `keep` as well")
            }
            (Verdict::AlreadyRedacted, _) if finding.is_value() && !settled.proof.holds(finding) => {
                Some("is said to be redacted already, and neither a hash nor an unredacted twin proves it")
            }
            (Verdict::Redact | Verdict::Keep, None) => finding.is_value().then_some("cannot be read again from its source"),
            (Verdict::Redact, Some(value)) if value.len() < SHORTEST => Some("is too short to be replaced wherever it stands"),
            (Verdict::Redact, Some(value)) => {
                self.unwanted.insert(finding.fingerprint.clone(), Unwanted { value, class: finding.class.clone() });
                None
            }
            (Verdict::Keep, Some(value)) => {
                self.kept.insert(value);
                None
            }
            (Verdict::AlreadyRedacted, _) => None,
        }
    }
}

impl Workspace {
    /// Folds settled findings into what leaves.
    pub(in crate::workspace) fn leaving(&self, findings: &[AuditFinding]) -> Result<Leaving> {
        let mut leaving = Leaving::default();
        let decided = self.decided()?;
        let settled = Settled { decided: &decided, proof: self.proof(findings)? };
        for finding in findings {
            if matches!(finding.verdict, Verdict::Redact | Verdict::Keep) && !leaving.values.contains_key(&finding.fingerprint) {
                leaving.values.insert(finding.fingerprint.clone(), self.value_of(finding)?);
            }
            if finding.verdict == Verdict::Redact {
                let pieces = self.pieces_of(finding)?.into_iter().enumerate();
                let name = |at: usize| format!("{} {at}", finding.fingerprint);
                leaving.unwanted.extend(pieces.map(|(at, value)| (name(at), Unwanted { value, class: finding.class.clone() })));
            }
            if let Some(why) = leaving.take(finding, &settled) {
                let said = format!("the finding {} {why}", finding.id);
                leaving.open.entry(finding.trajectory.clone()).or_default().push((finding.step.clone(), said));
            }
        }
        Ok(leaving)
    }

    /// Makes the redactor of everything that a person wants gone, by the findings as they stand.
    pub fn redactor(&self, scope: &str, style: Style) -> Result<Redactor> {
        let report = self.audit_report(&*self.own_engine()?, None, false)?;
        self.redactor_of(&self.leaving(&report.findings)?, scope, style)
    }

    /// Makes the redactor of an export; `scope` names the export, within which a value keeps its pseudonym.
    pub(in crate::workspace) fn redactor_of(&self, leaving: &Leaving, scope: &str, style: Style) -> Result<Redactor> {
        Ok(Redactor::new(&self.key(KeyKind::Pseudonym)?, scope, style, leaving.unwanted.values().cloned()))
    }
}
