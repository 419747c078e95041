//! What is shown in the clear: to a person who asks for a value, or to whatever takes the bytes of records; the journal knows before.

use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use crate::model::{Draft, Recorded};
use crate::redaction::{Key, sure};
use crate::workspace::{Result, Workspace};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

/// A value was shown in the clear to a person, or handed to what a person ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// Of the value.
    pub(super) fingerprint: String,
    /// What it is.
    pub(super) class: String,
}

impl Recorded for Reveal {
    const KIND: &'static str = "reveal";
}

/// Tells which values some records of a trajectory show, each once.
pub struct Disclosure {
    key: Key,
    findings: Vec<AuditFinding>,
    /// Fingerprints of values that may be seen, or were told already.
    told: FxHashSet<String>,
}

impl Workspace {
    /// Shows a value in the clear, after the journal says that it was shown and to whom.
    pub fn reveal(&self, reviewer: &str, finding: &AuditFinding) -> Result<Option<String>> {
        self.record_reveals(reviewer, &[Reveal { fingerprint: finding.fingerprint.clone(), class: finding.class.clone() }])?;
        self.value_of(finding)
    }

    /// Writes down that values are shown, and to whom.
    pub fn record_reveals(&self, reviewer: &str, reveals: &[Reveal]) -> Result<()> {
        let drafts: Vec<Draft> = reveals.iter().map(Draft::of).collect();
        if drafts.is_empty() { Ok(()) } else { self.record(reviewer, &drafts).map(drop) }
    }

    /// Makes ready to tell what the records of a trajectory show.
    pub fn disclosure(&self, trajectory: &str) -> Result<Disclosure> {
        let decided = self.decided()?;
        let number = self.number_of(trajectory)?.unwrap_or_default();
        let rows = self.store.findings(Some(number))?;
        let mut findings: Vec<AuditFinding> = rows.iter().filter_map(AuditFinding::of).filter(AuditFinding::is_value).collect();
        findings.retain(|finding| decided.verdict(&finding.fingerprint, &finding.id) != Verdict::Keep);
        Ok(Disclosure { key: self.key(KeyKind::Fingerprint)?, findings, told: decided.kept().cloned().collect() })
    }
}

impl Disclosure {
    /// Names the values that a range of a source shows and that were not named before: by the findings, and by what the sure rules see in its bytes.
    pub fn values(&mut self, source: &str, member: Option<&str>, start: u64, bytes: &[u8]) -> Vec<Reveal> {
        let end = start + bytes.len() as u64;
        let here = |finding: &&AuditFinding| {
            let pieces = finding.rest.iter().map(|piece| (piece.leaf_start, piece.leaf_end));
            finding.source == source
                && finding.member.as_deref() == member
                && std::iter::once((finding.source_start, finding.source_end)).chain(pieces).any(|(from, to)| from < end && start < to)
        };
        let found = self.findings.iter().filter(here).map(|finding| Reveal { fingerprint: finding.fingerprint.clone(), class: finding.class.clone() });
        let seen = sure(&String::from_utf8_lossy(bytes));
        let seen = seen.iter().map(|hit| Reveal { fingerprint: self.key.fingerprint(&hit.value), class: hit.class.to_string() });
        let mut reveals: Vec<Reveal> = found.chain(seen).collect();
        reveals.retain(|reveal| self.told.insert(reveal.fingerprint.clone()));
        reveals
    }
}
