//! Values that a person marks by hand: a secret no detector saw, or the right span of one that it saw wrongly; known everywhere at once.

use super::decide::Decision;
use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use super::scan::{ClearValue, Look, Values, know};
use crate::model::{Draft, Recorded};
use crate::redaction::{BY_HAND, Cleared, Known, Tier};
use crate::workspace::{Error, Result, Workspace};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

/// A marked value, as the journal keeps it: where it stands, and never what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AuditMark {
    place: AuditFinding,
    /// Fingerprint of the value whose span was wrong.
    replaces: Option<String>,
}

/// Kind of an entry by which a person marks a value.
pub(super) const MARKED: &str = "audit_mark";

impl Recorded for AuditMark {
    const KIND: &'static str = MARKED;
}

impl Workspace {
    /// Marks a value in a step (`TRAJECTORY#STEP`): it must not leave, and is looked for in every record of the workspace.
    pub fn mark(&self, reviewer: &str, id: &str, value: &str, class: &str) -> Result<Decision> {
        let (name, inner) = self.resolve(id).map(|(trajectory, inner)| (trajectory.id, inner))?;
        let number = self.number_of(&name)?.unwrap_or_default();
        let place = self.find_in_step(number, inner.as_deref(), value, class)?;
        self.put_mark(reviewer, place, None)
    }

    /// Gives a finding another span, in bytes of its field's text; its old span counts no more.
    pub fn adjust(&self, reviewer: &str, finding: &AuditFinding, start: usize, end: usize) -> Result<Decision> {
        if !finding.decoding.is_empty() || !finding.is_value() {
            return Err(Error::Undecidable("only a value that stands in the clear has a span to move".to_owned()));
        }
        let field = self.field_of(finding)?;
        let value = field.get(start..end).filter(|value| value.trim().len() > 1);
        let value = value.ok_or_else(|| Error::Undecidable("a span holds at least two characters".to_owned()))?;
        let narrower = finding.start <= start && end <= finding.end && end - start < finding.end - finding.start;
        if narrower && field.get(finding.start..finding.end).map_or(Ok(false), |all| self.is_proven(all))? {
            let why =
                "a mark elsewhere carries the hash of this very value, so its ends are right and all of it stays masked; no part of it can be marked alone";
            return Err(Error::Undecidable(why.to_owned()));
        }
        let number = self.number_of(&finding.trajectory)?.unwrap_or_default();
        let place = self.find_in_step(number, Some(&finding.step), value, &finding.class)?;
        self.put_mark(reviewer, place, Some(finding.fingerprint.clone()))
    }

    fn put_mark(&self, reviewer: &str, place: AuditFinding, replaces: Option<String>) -> Result<Decision> {
        let fingerprint = place.fingerprint.clone();
        if replaces.as_ref() == Some(&fingerprint) {
            return Err(Error::Undecidable("the span is the one it had".to_owned()));
        }
        let verdict = super::decide::draft(&place, None, Verdict::Redact, Some("marked by hand"), 1);
        self.remember(&place)?;
        self.record(reviewer, &[Draft::of(&AuditMark { place, replaces }), verdict])?;
        self.audit_all(&*self.own_engine()?)?;
        let holders = self.store.holders_of(&fingerprint)?;
        let mut places = 0;
        for holder in holders {
            places += self.store.findings(Some(holder))?.iter().filter(|row| row.fingerprint == fingerprint).count() as u64;
        }
        Ok(Decision { verdict: Verdict::Redact, values: 1, places })
    }

    /// Finds where a value stands in the records of a step, decoded where it must be; its step first, then the whole trajectory.
    fn find_in_step(&self, number: i64, step: Option<&str>, value: &str, class: &str) -> Result<AuditFinding> {
        let gone =
            || Error::NotFound { id: "the marked text".to_owned(), hint: "; mark a text as it stands in a record, without what was masked in it".to_owned() };
        let trajectory = self.load_unjudged(number)?.ok_or_else(gone)?;
        let mut known = Known::default();
        known.add(value, BY_HAND, class);
        known.build();
        if known.is_empty() {
            return Err(Error::Undecidable("a value to mark has at least three characters: a shorter one stands in everything".to_owned()));
        }
        let (engine, key) = (self.own_engine()?, self.key(KeyKind::Fingerprint)?);
        let look = Look { engine: &engine, known: &known, key: &key, replaced: &FxHashSet::default(), cleared: Cleared::default() };
        let found = look.known_places(&trajectory, &self.record_texts(number, &trajectory)?);
        let best = found.iter().position(|place| step.is_some_and(|step| place.step == step));
        found.into_iter().nth(best.unwrap_or(0)).ok_or_else(gone)
    }

    /// Adds the marked values to those that are known, and gives the fingerprints of what they replace, and the marks whose own place is gone.
    pub(super) fn marked_values(&self, values: &mut Values) -> Result<(FxHashSet<String>, Vec<AuditFinding>)> {
        let (mut replaced, mut lost) = (FxHashSet::default(), Vec::new());
        for entry in self.journal.of_kinds(&[AuditMark::KIND])? {
            let Ok(Some(AuditMark { place, replaces })) = entry.decision::<AuditMark>() else { continue };
            replaced.extend(replaces);
            replaced.remove(&place.fingerprint);
            match self.value_of(&place).ok().flatten() {
                Some(text) => know(values, ClearValue { text, class: place.class, fingerprint: place.fingerprint, tier: Tier::Certain, detector: BY_HAND }),
                None => lost.push(place),
            }
        }
        replaced.iter().for_each(|fingerprint| drop(values.remove(fingerprint)));
        Ok((replaced, lost))
    }
}
