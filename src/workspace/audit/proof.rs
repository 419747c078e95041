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
        self.each_coverage(&mut |coverage| {
            hashes.extend(coverage.hashes.into_keys());
            proof.places.extend(coverage.verified);
        })?;
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for finding in findings.iter().filter(|finding| finding.is_value() && !hashes.is_empty()) {
            if seen.insert(&finding.fingerprint)
                && let Some(value) = self.value_of(finding)?
            {
                proof.hashes.extend(hashes_of(&value, &hashes).cloned());
            }
        }
        Ok(proof)
    }

    /// Tells whether a mark carries the hash of this very value: its ends are then known, and no part of it may stay.
    pub(super) fn is_proven(&self, value: &str) -> Result<bool> {
        let mut hashes: BTreeSet<String> = BTreeSet::new();
        self.each_coverage(&mut |coverage| hashes.extend(coverage.hashes.into_keys()))?;
        Ok(hashes_of(value, &hashes).next().is_some())
    }

    fn each_coverage(&self, take: &mut dyn FnMut(Coverage)) -> Result<()> {
        for (number, _) in self.store.generations()? {
            let Some(state) = self.store.audit(number)? else { continue };
            take(serde_json::from_str(&state.coverage).unwrap_or_default());
        }
        Ok(())
    }
}

/// Gives the hashes that are the beginning of a value's own.
fn hashes_of<'h>(value: &str, hashes: &'h BTreeSet<String>) -> impl Iterator<Item = &'h String> {
    let digest = hex(&Sha256::digest(value.as_bytes()));
    hashes.iter().filter(move |hash| digest.starts_with(hash.as_str()))
}
