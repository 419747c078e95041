//! How much of the records an audit looked at, and how the claims of redaction stand.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How much was looked at, and what could not be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Outermost records.
    pub records: u64,
    /// Decoded fields.
    pub fields: u64,
    /// Bytes of decoded fields.
    pub bytes: u64,
    /// Fields by format and kind of step, `format/kind`.
    pub by_kind: BTreeMap<String, u64>,
    /// Their bytes, likewise.
    pub bytes_by_kind: BTreeMap<String, u64>,
    /// Hashes that marks of redaction carry, with the class they state.
    #[serde(default)]
    pub hashes: BTreeMap<String, String>,
    /// What was not read, by name; not read is not clean.
    pub not_read: BTreeMap<String, u64>,
    /// Claims of redaction that were checked.
    #[serde(default)]
    pub claims: Claims,
    /// Places of marks that the unredacted twins of their records fit.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub verified: BTreeSet<String>,
    /// Fingerprints of values that were found and have another span by a person's word.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub replaced: BTreeSet<String>,
}

/// How many claims of redaction hold, do not, or cannot be checked; what cannot be checked is never counted as holding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The value behind the mark is known and stands nowhere, or the list fits what the call's other records show.
    pub holds: u64,
    /// The value stands somewhere, or the list does not fit.
    pub broken: u64,
    /// Nothing is there to check it with.
    pub unverifiable: u64,
}

impl Coverage {
    /// Adds another trajectory's.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.fields += other.fields;
        self.bytes += other.bytes;
        self.claims.holds += other.claims.holds;
        self.claims.broken += other.claims.broken;
        self.claims.unverifiable += other.claims.unverifiable;
        self.replaced.extend(other.replaced.iter().cloned());
        self.verified.extend(other.verified.iter().cloned());
        self.hashes.extend(other.hashes.iter().map(|(hash, class)| (hash.clone(), class.clone())));
        let counts = [(&mut self.by_kind, &other.by_kind), (&mut self.bytes_by_kind, &other.bytes_by_kind), (&mut self.not_read, &other.not_read)];
        for (mine, theirs) in counts {
            for (name, count) in theirs {
                *mine.entry(name.clone()).or_default() += count;
            }
        }
    }
}
