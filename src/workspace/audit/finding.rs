//! A finding of the audit, as the contract gives it and as the store keeps it: everything but the value.

use crate::redaction::Tier;
use crate::store::FindingRow;
use serde::{Deserialize, Serialize};

/// One finding of `ossia.audit.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditFinding {
    /// Stable id.
    pub id: String,
    /// Rule or check.
    pub detector: String,
    /// What the value is, such as `github_token`.
    pub class: String,
    /// `secret`, `person`, or the kind of the claim.
    pub kind: String,
    /// How sure.
    pub tier: Tier,
    /// Trajectory id.
    pub trajectory: String,
    /// Step id.
    pub step: String,
    /// RFC 6901 pointer in the step's record.
    pub field: String,
    /// First byte in the field's text, covering the encoded form.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// First byte in the text after `decoding`.
    pub inner_start: usize,
    /// One past the last byte there.
    pub inner_end: usize,
    /// The decoders, outermost first.
    pub decoding: Vec<String>,
    /// SHA-256 of the source.
    pub source: String,
    /// Name of the file inside an archive.
    pub member: Option<String>,
    /// First byte of the field's raw form in the decoded source.
    pub leaf_start: u64,
    /// One past its last byte.
    pub leaf_end: u64,
    /// First byte in the decoded source.
    pub source_start: u64,
    /// One past the last byte there.
    pub source_end: u64,
    /// The value, masked.
    pub masked: String,
    /// Keyed fingerprint of the value.
    pub fingerprint: String,
    /// Places of the same value in the workspace.
    #[serde(default)]
    pub occurrences: u64,
    /// What was decided.
    #[serde(default)]
    pub verdict: Verdict,
    /// By whom.
    #[serde(default)]
    pub decided_by: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
    /// For a claim, what does not hold, with the other place.
    #[serde(default)]
    pub message: Option<String>,
    /// Further pieces of a value that a stream cut, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rest: Vec<Piece>,
    /// Where what was redacted and is needed stands unredacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unredacted: Option<Twin>,
}

/// A stretch of a field of another record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    /// SHA-256 of the source.
    pub source: String,
    /// Name of the file inside an archive.
    pub member: Option<String>,
    /// First byte of the field's raw form in the decoded source.
    pub leaf_start: u64,
    /// One past its last byte.
    pub leaf_end: u64,
    /// First byte in the field's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One piece of a value that was cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// First byte of the field's raw form in the decoded source.
    pub leaf_start: u64,
    /// One past its last byte.
    pub leaf_end: u64,
    /// First byte in the field's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A decision on a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody decided yet.
    #[default]
    Open,
    /// It must not leave.
    Redact,
    /// It may leave.
    Keep,
    /// It is a mark already; there is nothing left to redact.
    AlreadyRedacted,
    /// Somebody else must decide.
    Escalate,
}

impl Verdict {
    /// All that a person can decide, by name.
    pub const DECIDED: [(&'static str, Self); 4] =
        [("redact", Self::Redact), ("keep", Self::Keep), ("already_redacted", Self::AlreadyRedacted), ("escalate", Self::Escalate)];

    /// Gives the name of the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::DECIDED.iter().find(|(_, verdict)| *verdict == self).map_or("open", |(name, _)| name)
    }
}

/// A field by its place: the source, the file inside it where it is an archive, and the first byte of the field's raw form there.
pub type Leaf = (String, Option<String>, u64);

impl AuditFinding {
    /// Names the field it stands in: offsets of one member of an archive say nothing of another.
    #[must_use]
    pub fn leaf(&self) -> Leaf {
        (self.source.clone(), self.member.clone(), self.leaf_start)
    }

    /// Writes it for the store.
    #[must_use]
    pub fn row(&self, trajectory: i64) -> FindingRow {
        FindingRow { id: self.id.clone(), trajectory, fingerprint: self.fingerprint.clone(), body: serde_json::to_string(self).unwrap_or_default() }
    }

    /// Reads it from the store.
    #[must_use]
    pub fn of(row: &FindingRow) -> Option<Self> {
        serde_json::from_str(&row.body).ok()
    }

    /// Tells whether it is about a value that its form or a checksum tells.
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        matches!(self.tier, Tier::Certain)
    }

    /// Tells whether it is about a value, not about a claim.
    #[must_use]
    pub const fn is_value(&self) -> bool {
        matches!(self.tier, Tier::Certain | Tier::Candidate)
    }

    /// Tells whether it names what was taken out and is needed where it stood.
    #[must_use]
    pub const fn is_needed(&self) -> bool {
        matches!(self.tier, Tier::OverRedaction)
    }
}
