//! The audit as a person works through it: every finding with its verdict, the places of a value with what stands around them, reveals.

use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use super::run::AuditCoverage;
use crate::query::Query;
use crate::redaction::MASK;
use crate::redaction::claims::markers;
use crate::store::{Container, SourceRow};
use crate::workspace::{Result, Workspace};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Bytes around a finding that are shown on each side.
const AROUND: usize = 90;
/// Places of a value of which the surroundings are read.
const PLACES: usize = 100;

/// Bytes of a source in which lines are counted.
const COUNTED: u64 = 4 << 20;

/// Every finding, and how much was looked at.
#[derive(Debug, Clone, Default)]
pub struct AuditBoard {
    /// SHA-256 of rules, lists and decoders.
    pub rules_hash: String,
    /// Findings with their verdicts, those of a value together.
    pub findings: Vec<AuditFinding>,
    /// How much was looked at.
    pub coverage: AuditCoverage,
    /// The bound on what was missed, of the last sample that was read.
    pub bound: Option<super::sample::Bound>,
}

/// What stands around a finding, with everything masked that must not be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPlace {
    /// Id of the finding.
    pub finding: String,
    /// Path of the source it stands in.
    pub source: String,
    /// Where in the source, such as `line 12`, and the source's format.
    pub at: String,
    /// The text.
    pub text: String,
    /// Bytes of the finding's mask in it.
    pub mark: Range<usize>,
    /// The text as it leaves, where something in it is redacted; the pseudonym is that of an export, and not known here.
    pub after: Option<String>,
}

impl Workspace {
    /// Gives every finding of the trajectories that match; `fresh` looks first at what is new, and `watch` hears how many of how many and says
    /// whether to go on.
    pub fn audit_board(&self, query: &Query, fresh: bool, watch: &mut dyn FnMut(usize, usize) -> bool) -> Result<AuditBoard> {
        let engine = self.own_engine()?;
        let mut report =
            if fresh || *query != Query::All { self.audit_watched(query, &engine, false, watch)? } else { self.audit_report(&engine, None, false)? };
        let mut first: FxHashMap<String, usize> = FxHashMap::default();
        for (at, finding) in report.findings.iter().enumerate() {
            first.entry(finding.fingerprint.clone()).or_insert(at);
        }
        report.findings.sort_by_key(|finding| first.get(&finding.fingerprint).copied());
        Ok(AuditBoard { rules_hash: report.rules_hash, findings: report.findings, coverage: report.coverage, bound: report.bound })
    }

    /// Reads what stands around findings; every value that nobody decided to keep is masked, and so are the findings themselves.
    pub fn audit_places(&self, findings: &[AuditFinding]) -> Result<Vec<AuditPlace>> {
        self.places_without(findings, &|verdict| verdict != Verdict::Keep)
    }

    /// Reads what stands around findings with these and what has such a verdict masked.
    pub(super) fn places_without(&self, findings: &[AuditFinding], hides: &dyn Fn(Verdict) -> bool) -> Result<Vec<AuditPlace>> {
        let decided = self.decided()?;
        let mut places = Vec::new();
        let mut beginnings: FxHashMap<String, Vec<u8>> = FxHashMap::default();
        for finding in findings.iter().take(PLACES) {
            let Some(number) = self.store.find_trajectory(&finding.trajectory)? else { continue };
            let rows = self.store.findings(Some(number))?;
            let beside = rows.iter().filter_map(AuditFinding::of).filter_map(|mut other| {
                let same = (&other.source, &other.member, other.leaf_start) == (&finding.source, &finding.member, finding.leaf_start);
                other.verdict = decided.verdict(&other.fingerprint, &other.id);
                (same && (other.id == finding.id || hides(other.verdict))).then_some(other)
            });
            let beside: Vec<AuditFinding> = beside.collect();
            let text = self.field_of(finding)?;
            let (source, at) = match self.store.source_named(&finding.source)? {
                Some(row) => {
                    let at = self.place_in(&row, finding, &mut beginnings)?;
                    (row.path, at)
                }
                None => Default::default(),
            };
            let mut place = AuditPlace { source, at, ..around(&text, finding, &beside) };
            if finding.verdict == Verdict::Keep
                && let Some(value) = self.unredacted(finding)?
                && let (Some(before), Some(after)) = (place.text.get(..place.mark.start), place.text.get(place.mark.end..))
            {
                // What is put back leaves only where it is no value that somebody has yet to let pass.
                let name = self.key(KeyKind::Fingerprint)?.fingerprint(&value);
                let hidden = self.store.finding_of(&name)?.is_some() && decided.verdict(&name, "") != Verdict::Keep;
                place.after = Some(format!("{before}{}{after}", if hidden { MASK } else { value.as_str() }));
            }
            places.push(place);
        }
        Ok(places)
    }

    /// Says where in its source a finding stands: the line where that is cheap to count, else the byte.
    fn place_in(&self, row: &SourceRow, finding: &AuditFinding, beginnings: &mut FxHashMap<String, Vec<u8>>) -> Result<String> {
        if row.container != Container::Plain || finding.leaf_start > COUNTED {
            return Ok(format!("byte {}  {}", finding.source_start, row.format));
        }
        if !beginnings.contains_key(&row.sha256) {
            beginnings.insert(row.sha256.clone(), self.store.bytes(row.id, 0, COUNTED)?);
        }
        let before = beginnings.get(&row.sha256).and_then(|bytes| bytes.get(..usize::try_from(finding.leaf_start).ok()?)).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Ok(format!("line {line}  {}", row.format))
    }
}

/// Cuts the surroundings of a finding out of a text, with masks for what lies there.
fn around(text: &str, finding: &AuditFinding, beside: &[AuditFinding]) -> AuditPlace {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let ceil = |at: usize| (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let (start, end) = (floor(finding.start), ceil(finding.end));
    let mut hidden: Vec<(Range<usize>, &AuditFinding)> = beside.iter().map(|other| (floor(other.start)..ceil(other.end), other)).collect();
    hidden.retain(|(range, _)| !range.is_empty());
    hidden.sort_by_key(|(range, _)| (range.start, range.end));
    // A window that begins inside a value would show its end.
    let widen = |at: usize| hidden.iter().find(|(range, _)| range.start < at && at < range.end).map_or(at, |(range, _)| range.start);
    let (from, to) = (widen(floor(start.saturating_sub(AROUND))), ceil(end.saturating_add(AROUND)));
    let opening = if from > 0 { "…" } else { "" };
    let (mut shown, mut after, mut at, mut mark) = (opening.to_owned(), opening.to_owned(), from, 0..0);
    let mut redacted = false;
    for (range, other) in hidden.into_iter().filter(|(range, _)| range.end > from && range.start < to) {
        if range.end <= at {
            continue;
        }
        let between = text.get(at..range.start.max(at)).unwrap_or_default();
        shown.push_str(between);
        after.push_str(between);
        let before = shown.len();
        // A mark of redaction is there to be read.
        let own = text.get(range.clone()).unwrap_or_default();
        let is_mark = markers(own).first().is_some_and(|mark| mark.range == (0..own.len()));
        shown.push_str(if is_mark { own } else { MASK });
        if other.verdict == Verdict::Redact && other.is_value() {
            redacted = true;
            after.extend(["[REDACTED:", other.class.as_str(), ":p-……]"]);
        } else {
            after.push_str(if is_mark { own } else { MASK });
        }
        if range.start <= start && start < range.end {
            mark = before..shown.len();
        }
        at = range.end;
    }
    let rest = text.get(at.min(to)..to).unwrap_or_default();
    let closing = if to < text.len() { "…" } else { "" };
    for out in [&mut shown, &mut after] {
        out.push_str(rest);
        out.push_str(closing);
    }
    AuditPlace { finding: finding.id.clone(), source: String::new(), at: String::new(), text: shown, mark, after: redacted.then_some(after) }
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
        assert!(place.after.is_none() && !place.text.contains("hunter") && place.text.contains("é▓▓▓▓▓▓▓▓ and ▓▓▓▓▓▓▓▓: y"), "{}", place.text);
        assert_eq!(&place.text[place.mark.clone()], "▓▓▓▓▓▓▓▓");
        let gone = AuditFinding { verdict: Verdict::Redact, class: "password".to_owned(), ..two.clone() };
        let after = around(&text, &one, &[gone, one.clone()]).after.unwrap();
        assert!(after.contains("é▓▓▓▓▓▓▓▓ and [REDACTED:password:p-……]: y"), "{after}");
        let marked = around("a [REDACTED:token] b", &finding("4", 2, 18), &[finding("4", 2, 18)]);
        assert_eq!((marked.text.as_str(), marked.mark), ("a [REDACTED:token] b", 2..18));
        // The window of a far finding never begins inside another one.
        let far = finding("3", second + 95, second + 99);
        assert!(!around(&text, &far, &[one, two, far.clone()]).text.contains("hunter"));
    }
}
