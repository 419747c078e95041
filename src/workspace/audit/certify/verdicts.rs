//! The parts of a certificate that follow from findings and verdicts: the table, what may leave, claims that do not hold.

use super::statement::{ClaimRow, KeepRow, VerdictRow, Verdicts};
use crate::redaction::Tier;
use crate::workspace::audit::decide::Decided;
use crate::workspace::audit::finding::{AuditFinding, Verdict};
use crate::workspace::audit::proof::Proof;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// Class, tier and verdict.
type Kind = (String, String, String);
/// Values, places, and the values that were decided in bulk.
type Tally<'a> = (FxHashSet<&'a str>, u64, FxHashSet<&'a str>);

/// What the verdicts say, and what stands against signing.
pub(super) fn verdicts(findings: &[AuditFinding], decided: &Decided, proof: &Proof, name: &dyn Fn(&str) -> String) -> (Verdicts, Vec<String>) {
    let mut table: BTreeMap<Kind, Tally<'_>> = BTreeMap::new();
    let mut kept: BTreeMap<&str, KeepRow> = BTreeMap::new();
    let mut part = Verdicts::default();
    for finding in findings {
        let key = (finding.class.clone(), finding.tier.as_str().to_owned(), finding.verdict.as_str().to_owned());
        let (values, places, bulk) = table.entry(key).or_default();
        values.insert(&finding.fingerprint);
        *places += 1;
        let last = decided.of(finding);
        if last.is_some_and(|last| last.bulk) {
            bulk.insert(&finding.fingerprint);
        }
        match finding.verdict {
            Verdict::Open => part.open += 1,
            Verdict::Escalate => part.escalated += 1,
            Verdict::Redact => {}
            Verdict::AlreadyRedacted if proof.holds(finding) => part.already_verified += 1,
            Verdict::AlreadyRedacted => part.already_unverified += 1,
            Verdict::Keep => {
                let row = kept.entry(&finding.fingerprint).or_insert_with(|| KeepRow {
                    masked: finding.masked.clone(),
                    class: finding.class.clone(),
                    tier: finding.tier.as_str().to_owned(),
                    reason: finding.note.clone().unwrap_or_default(),
                    by: last.map(|last| last.agreeing.iter().map(|who| name(who)).collect()).unwrap_or_default(),
                    places: 0,
                });
                row.places += 1;
            }
        }
    }
    part.table = table
        .into_iter()
        .map(|((class, tier, verdict), (values, places, bulk))| VerdictRow {
            class,
            tier,
            verdict,
            values: values.len() as u64,
            places,
            bulk: bulk.len() as u64,
        })
        .collect();
    part.kept = kept.into_values().collect();
    let mut against = Vec::new();
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            against.push(format!("{count} {what}"));
        }
    };
    note(part.open, "findings are not decided (`ossia audit`)");
    note(part.escalated, "findings wait for somebody else's verdict");
    note(part.already_unverified, "findings are said to be redacted already, and neither a hash nor an unredacted twin proves it");
    let alone = part.kept.iter().filter(|row| row.tier == Tier::Certain.as_str() && row.by.len() < 2).count();
    note(alone as u64, "sure findings may leave by the word of one reviewer; a second one must say `keep` as well");
    (part, against)
}

/// Lists the claims that do not hold.
pub(super) fn broken(findings: &[AuditFinding]) -> Vec<ClaimRow> {
    let row = |finding: &AuditFinding| ClaimRow {
        kind: finding.kind.clone(),
        place: format!("{} {}", finding.step, finding.field),
        message: finding.message.clone().unwrap_or_default(),
        verdict: finding.verdict.as_str().to_owned(),
    };
    findings.iter().filter(|finding| finding.tier == Tier::Claim).map(row).collect()
}
