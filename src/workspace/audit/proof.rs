//! What proves that something was redacted already: the hash in a mark, held against known values, or the unredacted twin of its record.

use super::coverage::Coverage;
use super::finding::{AuditFinding, Leaf, Verdict};
use crate::model::ids::hex;
use crate::redaction::claims::markers;
use crate::workspace::{Result, Workspace};
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What is proven.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Hashes of marks whose values are known.
    hashes: FxHashSet<String>,
    /// Places of marks that their unredacted twins fit.
    places: BTreeSet<String>,
}

/// Names the place of a mark by its field and where it begins there.
pub(super) fn mark_place((source, member, leaf_start): &Leaf, start: usize) -> String {
    match member {
        Some(member) => format!("{source}:{leaf_start}:{start}:{member}"),
        None => format!("{source}:{leaf_start}:{start}"),
    }
}

impl Proof {
    /// Tells whether it is proven that what stands at a finding is a mark, and what it hides.
    pub fn holds(&self, finding: &AuditFinding) -> bool {
        let by_hash = || markers(&finding.masked).iter().filter_map(|marker| marker.hash.as_ref()).any(|hash| self.hashes.contains(hash));
        self.places.contains(&mark_place(&finding.leaf(), finding.start)) || by_hash()
    }
}

impl Workspace {
    /// Gathers what proves the findings that are said to be redacted already.
    pub(super) fn proof(&self, findings: &[AuditFinding]) -> Result<Proof> {
        let mut proof = Proof::default();
        if findings.iter().all(|finding| finding.verdict != Verdict::AlreadyRedacted) {
            return Ok(proof);
        }
        let mut hashes: BTreeSet<String> = BTreeSet::new();
        for (number, _) in self.store.generations()? {
            let Some(state) = self.store.audit(number)? else { continue };
            let coverage: Coverage = serde_json::from_str(&state.coverage).unwrap_or_default();
            hashes.extend(coverage.hashes.into_keys());
            proof.places.extend(coverage.verified);
        }
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for finding in findings.iter().filter(|finding| finding.is_value() && !hashes.is_empty()) {
            if seen.insert(&finding.fingerprint)
                && let Some(value) = self.value_of(finding)?
            {
                let digest = hex(&Sha256::digest(value.as_bytes()));
                proof.hashes.extend(hashes.iter().filter(|hash| digest.starts_with(hash.as_str())).cloned());
            }
        }
        Ok(proof)
    }
}
