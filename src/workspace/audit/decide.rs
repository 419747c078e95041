//! Verdicts on findings: entries of the journal, folded by the value's fingerprint, or by the finding where it is meant alone.

use super::finding::{AuditFinding, Verdict};
use crate::model::{Draft, Recorded};
use crate::redaction::claims::markers;
use crate::workspace::{Error, Result, Workspace};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Reasons to keep a value, to choose from; a reason in one's own words is as good.
pub const REASONS: [&str; 6] =
    ["sample or documentation value", "public value", "identifier, not a secret", "revoked and harmless", "made up for a test", "needed for training, no harm"];

/// Reasons to let be seen what was taken out and is needed.
pub const RETURN_REASONS: [&str; 4] = ["identifier, not a secret", "hash or commit, not a secret", "public value", "needed to follow what happened, no harm"];

/// A verdict, as the journal keeps it; the value is named by its fingerprint alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AuditVerdict {
    fingerprint: String,
    /// The finding, where the verdict holds for its place alone.
    finding: Option<String>,
    verdict: Verdict,
    class: String,
    tier: crate::redaction::Tier,
    note: Option<String>,
    /// How many findings were decided with this act; more than one value means in bulk.
    values: u64,
}

impl Recorded for AuditVerdict {
    const KIND: &'static str = "redaction";
}

/// The last verdict on something.
#[derive(Debug, Clone)]
pub struct Last {
    /// The verdict.
    pub verdict: Verdict,
    /// Who decided.
    pub by: String,
    /// Why.
    pub note: Option<String>,
    /// Everybody who decided so before and still does.
    pub agreeing: Vec<String>,
    /// Whether it was given to several values at once.
    pub bulk: bool,
    order: usize,
}

/// All verdicts, folded.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    by_value: FxHashMap<String, Last>,
    by_finding: FxHashMap<String, Last>,
}

impl Decided {
    /// Gives the verdict that holds for a finding: the later of that on its value and that on its place.
    #[must_use]
    pub fn of(&self, finding: &AuditFinding) -> Option<&Last> {
        self.last(&finding.fingerprint, &finding.id)
    }

    fn last(&self, fingerprint: &str, finding: &str) -> Option<&Last> {
        match (self.by_value.get(fingerprint), self.by_finding.get(finding)) {
            (Some(value), Some(place)) => Some(if place.order > value.order { place } else { value }),
            (value, place) => value.or(place),
        }
    }

    /// Gives the fingerprints of the values that may be seen.
    pub fn kept(&self) -> impl Iterator<Item = &String> {
        self.by_value.iter().filter(|(_, last)| last.verdict == Verdict::Keep).map(|(fingerprint, _)| fingerprint)
    }

    /// Gives the fingerprints of the values that must not leave.
    pub fn unwanted(&self) -> impl Iterator<Item = &String> {
        self.by_value.iter().filter(|(_, last)| last.verdict == Verdict::Redact).map(|(fingerprint, _)| fingerprint)
    }

    /// Gives the verdict on a finding by its value's fingerprint and its id.
    #[must_use]
    pub fn verdict(&self, fingerprint: &str, finding: &str) -> Verdict {
        self.last(fingerprint, finding).map_or(Verdict::Open, |last| last.verdict)
    }

    /// Writes down what holds for a finding, with all who say so and why; `None` where nobody decided.
    #[must_use]
    pub fn line(&self, finding: &str, fingerprint: &str) -> Option<String> {
        let last = self.last(fingerprint, finding)?;
        let mut by = last.agreeing.clone();
        by.sort_unstable();
        Some(format!("{finding} {fingerprint} {} {by:?} {} {:?}\n", last.verdict.as_str(), last.bulk, last.note))
    }

    /// Sets the verdict of a finding.
    pub fn settle(&self, finding: &mut AuditFinding) {
        if let Some(last) = self.of(finding) {
            finding.verdict = last.verdict;
            finding.decided_by = Some(last.by.clone());
            finding.note.clone_from(&last.note);
        }
    }
}

/// What was decided.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Values it holds for.
    pub values: u64,
    /// Places it holds for.
    pub places: u64,
}

/// What was taken back, or counts again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// It, in words.
    pub said: String,
    /// The finding, or the fingerprint of the value, that it was about first; nothing where it was no verdict.
    pub of: Option<String>,
}

impl Workspace {
    /// Gives the journal's verdicts, folded.
    pub fn decided(&self) -> Result<Rc<Decided>> {
        let count = self.verdict_count()?;
        if let Some((at, decided)) = &*self.audits.decided.borrow()
            && *at == count
        {
            return Ok(Rc::clone(decided));
        }
        let decided = Rc::new(self.fold_verdicts()?);
        *self.audits.decided.borrow_mut() = Some((count, Rc::clone(&decided)));
        Ok(decided)
    }

    /// Gives a number that grows with every verdict, and with every one that is taken back.
    pub(super) fn verdict_count(&self) -> Result<u64> {
        Ok(self.journal.count_of(&[AuditVerdict::KIND])?)
    }

    /// Takes the reviewer's last verdict on redactions back, or with `again` makes the last one count that was; says which.
    pub fn turn_verdict(&self, reviewer: &str, again: bool) -> Result<Option<Turned>> {
        let kinds = [AuditVerdict::KIND, super::marking::MARKED];
        let Some(act) = (if again { self.redo_of(reviewer, &kinds)? } else { self.undo_of(reviewer, &kinds)? }) else { return Ok(None) };
        let verdicts: Vec<AuditVerdict> = act.entries.iter().filter_map(|entry| entry.decision().ok().flatten()).collect();
        let Some(first) = verdicts.first() else { return Ok(Some(Turned { said: "a value that was marked by hand".to_owned(), of: None })) };
        let mut places = 0;
        for verdict in &verdicts {
            places += self.store.findings_named(verdict.finding.as_ref().unwrap_or(&verdict.fingerprint))?.len();
        }
        let what = if verdicts.len() == 1 { first.class.replace('_', " ") } else { crate::text::human::plural(verdicts.len(), "value") };
        let said = format!("{} of {what} in {}", first.verdict.as_str().replace('_', " "), crate::text::human::plural(places, "place"));
        Ok(Some(Turned { said, of: Some(first.finding.clone().unwrap_or_else(|| first.fingerprint.clone())) }))
    }

    /// Lists the verdicts and the marked values that this program cannot read.
    pub(in crate::workspace) fn unread_verdicts(&self) -> Result<Vec<String>> {
        let mut unread = self.unread_of::<AuditVerdict>()?;
        unread.extend(self.unread_of::<super::marking::AuditMark>()?);
        Ok(unread)
    }

    fn fold_verdicts(&self) -> Result<Decided> {
        let mut decided = Decided::default();
        for (order, entry) in self.journal.of_kinds(&[AuditVerdict::KIND])?.into_iter().enumerate() {
            let Ok(Some(body)) = entry.decision::<AuditVerdict>() else { continue };
            let slot = match &body.finding {
                Some(finding) => decided.by_finding.entry(finding.clone()),
                None => decided.by_value.entry(body.fingerprint.clone()),
            };
            let by = entry.reviewer.to_string();
            let new = Last { verdict: body.verdict, by: by.clone(), note: body.note, agreeing: vec![by.clone()], bulk: body.values > 1, order };
            match slot {
                std::collections::hash_map::Entry::Occupied(mut known) => {
                    let agreeing = if known.get().verdict == new.verdict { known.get().agreeing.clone() } else { Vec::new() };
                    let others = agreeing.into_iter().filter(|name| *name != by);
                    let all = others.chain([by.clone()]).collect();
                    known.insert(Last { agreeing: all, ..new });
                }
                std::collections::hash_map::Entry::Vacant(slot) => {
                    slot.insert(new);
                }
            }
        }
        Ok(decided)
    }

    /// Decides findings: for every place of their values, or with `here` for these places alone; one act, undone as one.
    pub fn decide(&self, reviewer: &str, findings: &[String], verdict: Verdict, note: Option<&str>, here: bool) -> Result<Decision> {
        if verdict == Verdict::Keep && note.is_none_or(|note| note.trim().is_empty()) {
            return Err(Error::Undecidable(format!("`keep` needs a reason: --note TEXT, for example {:?}", REASONS[0])));
        }
        let mut meant: Vec<AuditFinding> = Vec::new();
        for id in findings {
            let named: Vec<AuditFinding> = self.store.findings_named(id)?.iter().filter_map(AuditFinding::of).collect();
            if named.is_empty() {
                return Err(Error::NotFound { id: id.clone(), hint: "; `ossia audit` lists the findings".to_owned() });
            }
            meant.extend(named);
        }
        meant.iter().try_for_each(|finding| self.may_decide(finding, verdict))?;
        let mut values: Vec<&str> = meant.iter().map(|f| f.fingerprint.as_str()).collect();
        values.sort_unstable();
        values.dedup();
        let drafts: Vec<Draft> = if here {
            meant.iter().map(|f| draft(f, Some(f.id.clone()), verdict, note, values.len())).collect()
        } else {
            let first = |value: &&str| meant.iter().find(|f| f.fingerprint == **value);
            values.iter().filter_map(first).map(|f| draft(f, None, verdict, note, values.len())).collect()
        };
        let mut holders: Vec<i64> = Vec::new();
        for value in &values {
            holders.extend(self.store.holders_of(value)?);
        }
        if verdict == Verdict::Redact {
            let first = |value: &&str| meant.iter().find(|f| f.fingerprint == **value && f.is_value());
            values.iter().filter_map(first).try_for_each(|finding| self.remember(finding))?;
        }
        self.follow_verdicts()?;
        // Before the verdict: whoever stops in between masks again for nothing, and shows nothing.
        holders.iter().try_for_each(|holder| self.store.want_masked(*holder, true))?;
        self.record(reviewer, &drafts)?;
        self.want_masked(&holders)?;
        self.verdicts_followed()?;
        let all = || values.iter().map(|value| self.store.places_of(value)).sum::<crate::store::Result<u64>>();
        let places = if here { meant.len() as u64 } else { all()? };
        Ok(Decision { verdict, values: values.len() as u64, places })
    }
}

/// A token with which a run is resumed opens it to whoever has it, so that it never leaves.
const ALWAYS_REDACTED: &str = "resume_token";

impl Workspace {
    /// Refuses verdicts that cannot be true of a finding.
    fn may_decide(&self, finding: &AuditFinding, verdict: Verdict) -> Result<()> {
        if finding.class == ALWAYS_REDACTED && matches!(verdict, Verdict::Keep | Verdict::AlreadyRedacted) {
            return Err(Error::Undecidable(format!("{} is a token with which a run is resumed: it is always redacted", finding.id)));
        }
        if verdict == Verdict::AlreadyRedacted && finding.is_value() {
            let value = self.value_of(finding)?.unwrap_or_default();
            if markers(&value).is_empty() && markers(&finding.masked).is_empty() {
                let why = format!("what stands at {} is no mark of redaction: `already_redacted` says that there is nothing left to redact", finding.id);
                return Err(Error::Undecidable(why));
            }
        }
        Ok(())
    }
}

pub(super) fn draft(finding: &AuditFinding, only: Option<String>, verdict: Verdict, note: Option<&str>, values: usize) -> Draft {
    Draft::of(&AuditVerdict {
        fingerprint: finding.fingerprint.clone(),
        finding: only,
        verdict,
        class: finding.class.clone(),
        tier: finding.tier,
        note: note.map(str::to_owned),
        values: values as u64,
    })
}
