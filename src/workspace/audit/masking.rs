//! The one place where a trajectory's texts are taken for showing and for the index: what must not be seen is masked in them.
//!
//! Masked are the values that sure rules find, those of findings of the tier `certain`, and those that a person wants gone; never
//! what a person decided to keep.

use super::decide::Decided;
use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use super::status::StateCache;
use crate::model::Trajectory;
use crate::redaction::{Engine, Key, MASK, Mask, Tier, Tracer, Unwanted, cut_end, sure_rules};
use crate::store::MaskedRow;
use crate::workspace::{Result, Workspace};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Where the store remembers how many verdicts index and catalog follow.
const FOLLOWED: &str = "verdicts_followed";
/// Stands before the fingerprint of a value that was masked because it was known, not because a rule found it.
const BY_NAME: char = '=';
/// Stands for a value where the key that names values cannot be used.
const UNNAMED: &str = "unnamed";

/// What the audit keeps in memory between two questions.
#[derive(Default)]
pub(in crate::workspace) struct Audits {
    /// The values that the audit of an earlier state knew, while the decisions are held there.
    pub(super) known_then: RefCell<Option<String>>,
    pub(super) decided: RefCell<Option<(u64, Rc<Decided>)>>,
    pub(super) states: RefCell<StateCache>,
    pub(super) engine: RefCell<Option<Arc<Engine>>>,
    pub(super) keys: RefCell<Vec<(KeyKind, Key)>>,
    pub(super) tracer: RefCell<Option<(String, Arc<Tracer>)>>,
}

impl Audits {
    /// Forgets what follows from the decisions.
    pub(in crate::workspace) fn forget(&self) {
        (*self.decided.borrow_mut(), *self.states.borrow_mut(), *self.known_then.borrow_mut()) = (None, None, None);
    }
}

impl Workspace {
    /// Loads a trajectory by its number in the catalog, as a person may see it.
    pub fn load(&self, number: i64) -> Result<Option<Trajectory>> {
        let Some(mut trajectory) = self.load_clear(number)? else { return Ok(None) };
        mask(&mut trajectory, &self.mask_of(number, &[])?);
        Ok(Some(trajectory))
    }

    /// Masks a text of a trajectory that was not loaded, such as a raw record, in every form it can be read, and gives its first `bytes` and
    /// what is masked across their end.
    pub fn masked_text(&self, trajectory: &str, text: &str, bytes: usize) -> Result<String> {
        let mask = match self.store.find_trajectory(trajectory)? {
            Some(number) => self.mask_of(number, &self.found_in(number)?)?,
            None => self.mask_of_new()?.0,
        };
        Ok(mask.beginning(text, bytes))
    }

    /// Gives the values that sure rules find in a trajectory: a record of it may hold one without what told it elsewhere.
    fn found_in(&self, number: i64) -> Result<Vec<Unwanted>> {
        if self.store.masked(number)?.is_some_and(|row| row.rules == sure_rules() && row.found.is_empty()) {
            return Ok(Vec::new());
        }
        let Some(mut trajectory) = self.load_clear(number)? else { return Ok(Vec::new()) };
        let mask = self.mask_of(number, &[])?;
        let mut values = Vec::new();
        trajectory.rewrite_texts(&mut |text| {
            values.extend(mask.text(text)?.sure);
            None
        });
        Ok(unwanted(values))
    }

    /// Tells whether anything of a trajectory is masked.
    pub(in crate::workspace) fn is_masked(&self, number: i64) -> Result<bool> {
        // Most trajectories hold nothing of the kind by the rules of today: those are told without a mask.
        let clean = self.store.masked(number)?.is_some_and(|row| row.rules == sure_rules() && row.found.is_empty());
        if clean && self.store.findings(Some(number))?.is_empty() {
            return Ok(false);
        }
        Ok(!self.mask_of(number, &[])?.is_empty())
    }

    /// Makes the mask of a trajectory; `more` are values that are masked in all.
    pub(in crate::workspace) fn mask_of(&self, number: i64, more: &[Unwanted]) -> Result<Mask> {
        let decided = self.decided()?;
        let row = self.store.masked(number)?;
        let mut known: FxHashMap<String, Unwanted> = FxHashMap::default();
        let mut as_written = more.to_vec();
        for finding in self.store.findings(Some(number))?.iter().filter_map(AuditFinding::of) {
            if hides(&decided, &finding) {
                self.hide(&finding, &mut known, &mut as_written)?;
            }
        }
        let found = row.as_ref().map_or(&[][..], |row| row.found.as_slice());
        for fingerprint in found.iter().map(|name| name.trim_start_matches(BY_NAME)) {
            if !known.contains_key(fingerprint)
                && let Some(finding) = self.store.finding_of(fingerprint)?.as_ref().and_then(AuditFinding::of)
                && hides(&decided, &finding)
            {
                self.hide(&finding, &mut known, &mut as_written)?;
            }
        }
        // Rules that were not those of today may have passed over something.
        let sift = row.as_ref().is_none_or(|row| row.rules != sure_rules() || !row.found.is_empty());
        as_written.extend(known.into_values());
        self.traced(Mask::new(self.key(KeyKind::Fingerprint).ok(), as_written, decided.kept().cloned().collect(), sift))
    }

    /// Makes the mask for trajectories that no finding names yet, with the values a person wants gone wherever they are.
    pub(in crate::workspace) fn mask_of_new(&self) -> Result<(Mask, Vec<Unwanted>)> {
        let decided = self.decided()?;
        let (mut known, mut as_written) = (FxHashMap::default(), Vec::new());
        for fingerprint in decided.unwanted() {
            if let Some(finding) = self.store.finding_of(fingerprint)?.as_ref().and_then(AuditFinding::of) {
                self.hide(&finding, &mut known, &mut as_written)?;
            }
        }
        as_written.extend(known.into_values());
        let mask = Mask::new(self.key(KeyKind::Fingerprint).ok(), as_written.clone(), decided.kept().cloned().collect(), true);
        Ok((self.traced(mask)?, as_written))
    }

    /// Adds to a mask what is known by its name alone; without the key nothing has a name.
    fn traced(&self, mask: Mask) -> Result<Mask> {
        if self.key(KeyKind::Fingerprint).is_err() {
            return Ok(mask);
        }
        Ok(mask.tracing(self.tracer()?))
    }

    /// Adds the value of a finding, and the very form in which it stands there, to what is masked.
    fn hide(&self, finding: &AuditFinding, known: &mut FxHashMap<String, Unwanted>, as_written: &mut Vec<Unwanted>) -> Result<()> {
        let new = !known.contains_key(&finding.fingerprint);
        if !new && finding.decoding.is_empty() {
            return Ok(());
        }
        if !finding.rest.is_empty() {
            let class = finding.class.clone();
            let all = self.pieces_of(finding).unwrap_or_default();
            let whole = all.concat();
            as_written.extend(all.into_iter().chain([whole]).map(|value| Unwanted { value, class: class.clone() }));
            return Ok(());
        }
        // Bytes that are gone hold nothing to mask.
        let Ok(text) = self.field_of(finding) else { return Ok(()) };
        let class = finding.class.clone();
        if new && let Some(value) = self.value_in(finding, &text)? {
            known.insert(finding.fingerprint.clone(), Unwanted { value, class: class.clone() });
        }
        if !finding.decoding.is_empty() && known.contains_key(&finding.fingerprint) {
            as_written.extend(text.get(finding.start..finding.end).map(|value| Unwanted { value: value.to_owned(), class }));
        }
        Ok(())
    }

    /// Notes what is to be masked anew after verdicts came or went in another way than by deciding: undone, united, or in another process.
    pub(in crate::workspace) fn follow_verdicts(&self) -> Result<()> {
        let count = self.verdict_count()?.to_string();
        if self.journal.held().safeguards.is_some() || self.store.meta(FOLLOWED)?.unwrap_or_else(|| "0".to_owned()) == count {
            return Ok(());
        }
        let mut numbers = self.store.trajectories_with_findings()?;
        numbers.extend(self.store.all_masked()?.into_iter().map(|(number, _)| number));
        numbers.sort_unstable();
        numbers.dedup();
        self.want_masked(&numbers)?;
        Ok(self.store.set_meta(FOLLOWED, &count)?)
    }

    /// Remembers that what the last verdicts mask was noted.
    pub(super) fn verdicts_followed(&self) -> Result<()> {
        Ok(self.store.set_meta(FOLLOWED, &self.verdict_count()?.to_string())?)
    }

    /// Notes which of some trajectories are to be masked anew: those whose index shows what must not be seen, or hides what may be.
    pub(super) fn want_masked(&self, numbers: &[i64]) -> Result<()> {
        // What was then is not what is shown; what is held for an export of now may lag behind other processes, and shows nothing more.
        let held = self.journal.held();
        if held.past {
            return Ok(());
        }
        let decided = self.decided()?;
        for &number in numbers {
            let masked = self.store.masked(number)?.map(|row| row.found).unwrap_or_default();
            let by_name: FxHashSet<&str> = masked.iter().filter_map(|name| name.strip_prefix(BY_NAME)).collect();
            let all: FxHashSet<&str> = masked.iter().map(|name| name.trim_start_matches(BY_NAME)).collect();
            let findings: Vec<AuditFinding> = self.store.findings(Some(number))?.iter().filter_map(AuditFinding::of).collect();
            let hiding: FxHashSet<&str> = findings.iter().filter(|f| hides(&decided, f)).map(|f| f.fingerprint.as_str()).collect();
            let hidden = hiding.iter().any(|fingerprint| !all.contains(fingerprint));
            let gone = |fingerprint: &str| !hiding.contains(fingerprint) && decided.verdict(fingerprint, "") != Verdict::Redact;
            let shown = by_name.iter().any(|name| gone(name)) || all.iter().any(|name| decided.verdict(name, "") == Verdict::Keep);
            if hidden || shown || held.safeguards.is_none() {
                self.store.want_masked(number, hidden || shown)?;
            }
        }
        Ok(())
    }
}

/// Tells whether the value of a finding must not be seen.
fn hides(decided: &Decided, finding: &AuditFinding) -> bool {
    match decided.verdict(&finding.fingerprint, &finding.id) {
        _ if !finding.is_value() => false,
        Verdict::Keep => false,
        Verdict::Redact => true,
        Verdict::Open | Verdict::AlreadyRedacted | Verdict::Escalate => finding.tier == Tier::Certain,
    }
}

/// Masks every text of a trajectory and gives the fingerprints of what was masked.
pub(in crate::workspace) fn mask(t: &mut Trajectory, mask: &Mask) -> MaskedRow {
    let mut row = MaskedRow { rules: sure_rules().to_owned(), found: Vec::new() };
    if mask.is_empty() {
        return row;
    }
    let (mut values, mut known, mut written): (Vec<String>, Vec<String>, Vec<String>) = Default::default();
    t.rewrite_texts(&mut |text| {
        let masked = if text.len() < 8 { None } else { mask.text(text) }?;
        values.extend(masked.sure);
        known.extend(masked.known);
        written.extend(masked.written);
        Some(masked.text)
    });
    for list in [&mut values, &mut known] {
        list.sort_unstable();
        list.dedup();
    }
    if !values.is_empty() {
        let elsewhere = Mask::new(None, unwanted(values.iter().cloned()), FxHashSet::default(), false);
        t.rewrite_texts(&mut |text| {
            let masked = elsewhere.text(text)?;
            written.extend(masked.written);
            Some(masked.text)
        });
    }
    let name = |value: &String| mask.fingerprint(value).unwrap_or_else(|| UNNAMED.to_owned());
    row.found = values.iter().map(name).chain(known.iter().map(|value| format!("{BY_NAME}{}", name(value)))).collect();
    written.sort_unstable();
    written.dedup();
    written.extend(values.into_iter().chain(known));
    if !written.is_empty() {
        tidy(t, &written);
    }
    row
}

/// Gives values of whose class nothing is known.
fn unwanted(values: impl IntoIterator<Item = String>) -> Vec<Unwanted> {
    values.into_iter().map(|value| Unwanted { value, class: String::new() }).collect()
}

/// Masks what a cut left of a value, and moves the places of evidence to where their texts now stand.
fn tidy(t: &mut Trajectory, values: &[String]) {
    if let Some(cut) = t.title.as_ref().and_then(|title| cut_end(title, values)) {
        t.title = Some(cut);
    }
    let masked: FxHashMap<&str, &str> = t.steps.iter().filter(|s| s.text.contains(MASK)).map(|s| (s.id.as_str(), s.text.as_str())).collect();
    for evidence in t.findings.iter_mut().flat_map(|finding| &mut finding.evidence) {
        if let Some(cut) = cut_end(&evidence.text, values) {
            evidence.text = cut;
        }
        let Some(text) = masked.get(evidence.step.as_str()) else { continue };
        let start = text.find(&evidence.text).or_else(|| text.find(MASK)).unwrap_or(0);
        let length = if text[start..].starts_with(&evidence.text) { evidence.text.len() } else { MASK.len() };
        (evidence.start, evidence.end) = (start, start + length);
    }
}
