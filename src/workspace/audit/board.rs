//! The audit as a person works through it: every finding with its verdict, the places of a value with what stands around them, reveals.

use super::finding::{AuditFinding, Verdict};
use super::run::AuditCoverage;
use crate::model::{Draft, Recorded};
use crate::query::Query;
use crate::workspace::{Result, Workspace};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Bytes around a finding that are shown on each side.
const AROUND: usize = 90;
/// Places of a value of which the surroundings are read.
const PLACES: usize = 100;

/// A value was shown in the clear to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reveal {
    /// Of the value.
    pub fingerprint: String,
    /// What it is.
    pub class: String,
}

impl Recorded for Reveal {
    const KIND: &'static str = "reveal";
}

/// Every finding, and how much was looked at.
#[derive(Debug, Clone, Default)]
pub struct AuditBoard {
    /// SHA-256 of rules, lists and decoders.
    pub rules_hash: String,
    /// Findings with their verdicts, those of a value together.
    pub findings: Vec<AuditFinding>,
    /// How much was looked at.
    pub coverage: AuditCoverage,
}

/// What stands around a finding, with everything masked that must not be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPlace {
    /// Id of the finding.
    pub finding: String,
    /// The text.
    pub text: String,
    /// Bytes of the finding's mask in it.
    pub mark: Range<usize>,
}

impl Workspace {
    /// Gives every finding of the trajectories that match; `fresh` looks first at what is new.
    pub fn audit_board(&self, query: &Query, fresh: bool) -> Result<AuditBoard> {
        let engine = self.own_engine();
        let mut report = if fresh || *query != Query::All { self.audit(query, &engine, false)? } else { self.audit_report(&engine, None, false)? };
        let mut first: FxHashMap<String, usize> = FxHashMap::default();
        for (at, finding) in report.findings.iter().enumerate() {
            first.entry(finding.fingerprint.clone()).or_insert(at);
        }
        report.findings.sort_by_key(|finding| first.get(&finding.fingerprint).copied());
        Ok(AuditBoard { rules_hash: report.rules_hash, findings: report.findings, coverage: report.coverage })
    }

    /// Reads what stands around findings; every value that nobody decided to keep is masked, and so are the findings themselves.
    pub fn audit_places(&self, findings: &[AuditFinding]) -> Result<Vec<AuditPlace>> {
        let decided = self.decided()?;
        let mut places = Vec::new();
        for finding in findings.iter().take(PLACES) {
            let Some(number) = self.store.find_trajectory(&finding.trajectory)? else { continue };
            let rows = self.store.findings(Some(number))?;
            let beside = rows.iter().filter_map(AuditFinding::of).filter(|other| {
                let same = (&other.source, &other.member, other.leaf_start) == (&finding.source, &finding.member, finding.leaf_start);
                same && (other.id == finding.id || decided.of(other).is_none_or(|last| last.verdict != Verdict::Keep))
            });
            let beside: Vec<AuditFinding> = beside.collect();
            let text = self.field_of(finding)?;
            places.push(around(&text, finding, &beside));
        }
        Ok(places)
    }

    /// Shows a value in the clear, after the journal says that it was shown and to whom.
    pub fn reveal(&self, reviewer: &str, finding: &AuditFinding) -> Result<Option<String>> {
        self.record(reviewer, &[Draft::of(&Reveal { fingerprint: finding.fingerprint.clone(), class: finding.class.clone() })])?;
        self.value_of(finding)
    }
}

/// Cuts the surroundings of a finding out of a text, with masks for what lies there.
fn around(text: &str, finding: &AuditFinding, beside: &[AuditFinding]) -> AuditPlace {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let ceil = |at: usize| (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let (start, end) = (floor(finding.start), ceil(finding.end));
    let mut hidden: Vec<Range<usize>> = beside.iter().map(|other| floor(other.start)..ceil(other.end)).filter(|range| !range.is_empty()).collect();
    hidden.sort_by_key(|range| (range.start, range.end));
    // A window that begins inside a value would show its end.
    let widen = |at: usize| hidden.iter().find(|range| range.start < at && at < range.end).map_or(at, |range| range.start);
    let (from, to) = (widen(floor(start.saturating_sub(AROUND))), ceil(end.saturating_add(AROUND)));
    let (mut shown, mut at, mut mark) = (String::new(), from, 0..0);
    if from > 0 {
        shown.push('…');
    }
    for range in hidden.into_iter().filter(|range| range.end > from && range.start < to) {
        if range.end <= at {
            continue;
        }
        shown.push_str(text.get(at..range.start.max(at)).unwrap_or_default());
        let before = shown.len();
        shown.push_str("▓▓▓▓▓▓▓▓");
        if range.start <= start && start < range.end {
            mark = before..shown.len();
        }
        at = range.end;
    }
    shown.push_str(text.get(at.min(to)..to).unwrap_or_default());
    if to < text.len() {
        shown.push('…');
    }
    AuditPlace { finding: finding.id.clone(), text: shown, mark }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &str, start: usize, end: usize) -> AuditFinding {
        let body = format!(
            r#"{{"id":"{id}","detector":"d","class":"c","kind":"secret","tier":"certain","trajectory":"t","step":"s","field":"","start":{start},"end":{end},
            "inner_start":0,"inner_end":0,"decoding":[],"source":"","member":null,"leaf_start":0,"leaf_end":0,"source_start":0,"source_end":0,"masked":"","fingerprint":""}}"#
        );
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn nothing_around_a_finding_is_shown_in_the_clear() {
        let secret = "hunter2-hunter2";
        let text = format!("{} é{secret} and {secret}: {}", "x".repeat(300), "y".repeat(300));
        let first = text.find(secret).unwrap();
        let second = text.rfind(secret).unwrap();
        let (one, two) = (finding("1", first, first + secret.len()), finding("2", second, second + secret.len()));
        let place = around(&text, &one, &[two.clone(), one.clone()]);
        assert!(!place.text.contains("hunter") && place.text.contains("é▓▓▓▓▓▓▓▓ and ▓▓▓▓▓▓▓▓: y"), "{}", place.text);
        assert_eq!(&place.text[place.mark.clone()], "▓▓▓▓▓▓▓▓");
        // The window of a far finding never begins inside another one.
        let far = finding("3", second + 95, second + 99);
        assert!(!around(&text, &far, &[one, two, far.clone()]).text.contains("hunter"));
    }
}
