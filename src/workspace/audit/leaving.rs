//! What leaves: the verdicts of all findings folded once into what blocks a row, what is replaced, and what may stay.

use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use crate::redaction::{Redactor, Style, Unwanted};
use crate::workspace::{Result, Workspace};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A redacted value as the record of an export names it: trajectory, detector, class, fingerprint.
pub(in crate::workspace) type Redacted = (String, String, String, String);

/// The verdicts of all findings, as an export needs them.
#[derive(Default)]
pub(in crate::workspace) struct Leaving {
    /// Undecided findings by trajectory: step and id of each.
    pub open: HashMap<String, Vec<(String, String)>>,
    /// Values with the verdict `redact`, by fingerprint.
    pub unwanted: BTreeMap<String, Unwanted>,
    /// In how many places each stands.
    pub places: BTreeMap<Redacted, u64>,
    /// Values that may leave.
    pub kept: BTreeSet<String>,
}

impl Workspace {
    /// Folds settled findings into what leaves.
    pub(in crate::workspace) fn leaving(&self, findings: &[AuditFinding]) -> Result<Leaving> {
        let mut leaving = Leaving::default();
        for finding in findings {
            match finding.verdict {
                Verdict::Open | Verdict::Escalate => {
                    leaving.open.entry(finding.trajectory.clone()).or_default().push((finding.step.clone(), finding.id.clone()));
                }
                Verdict::Redact => {
                    let name = (finding.trajectory.clone(), finding.detector.clone(), finding.class.clone(), finding.fingerprint.clone());
                    *leaving.places.entry(name).or_default() += 1;
                    if !leaving.unwanted.contains_key(&finding.fingerprint)
                        && let Some(value) = self.value_of(finding)?
                    {
                        leaving.unwanted.insert(finding.fingerprint.clone(), Unwanted { value, class: finding.class.clone() });
                    }
                }
                Verdict::Keep => leaving.kept.extend(self.value_of(finding)?),
                Verdict::AlreadyRedacted => {}
            }
        }
        Ok(leaving)
    }

    /// Makes the redactor of everything that a person wants gone, by the findings as they stand.
    pub fn redactor(&self, scope: &str, style: Style) -> Result<Redactor> {
        let report = self.audit_report(&*self.own_engine(), None, false)?;
        self.redactor_of(&self.leaving(&report.findings)?, scope, style)
    }

    /// Makes the redactor of an export; `scope` names the export, within which a value keeps its pseudonym.
    pub(in crate::workspace) fn redactor_of(&self, leaving: &Leaving, scope: &str, style: Style) -> Result<Redactor> {
        Ok(Redactor::new(&self.key(KeyKind::Pseudonym)?, scope, style, leaving.unwanted.values().cloned()))
    }
}
