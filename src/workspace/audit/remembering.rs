//! Values that a person wanted gone stay known as long as any text holds them, also when what made them known is not there any more.
//!
//! The store keeps of each its keyed fingerprint, its length and sixteen bits of a keyed sum (`redaction::Tracer`). Where no finding that can
//! be read names such a value, the texts that are looked at anew are searched for it.

use super::finding::{AuditFinding, Verdict};
use super::keys::KeyKind;
use super::scan::{ClearValue, KNOWN_VALUE, Scanned, Values, know};
use super::status::KNOWN;
use crate::redaction::{BY_HAND, Tier, Tracer};
use crate::store::RememberedRow;
use crate::workspace::{Result, Workspace};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of a value beside its name.
#[derive(Serialize, Deserialize)]
struct About {
    class: String,
    tier: Tier,
}

impl Workspace {
    /// Remembers the value of a finding that a person wants gone.
    pub(super) fn remember(&self, finding: &AuditFinding) -> Result<()> {
        let Some(text) = self.value_of(finding).ok().flatten() else { return Ok(()) };
        self.remember_value(&ClearValue::of(text, finding))
    }

    fn remember_value(&self, value: &ClearValue) -> Result<()> {
        let key = self.key(KeyKind::Fingerprint)?;
        let about = About { class: value.class.clone(), tier: value.tier };
        Ok(self.store.remember(&RememberedRow {
            fingerprint: value.fingerprint.clone(),
            length: value.text.len() as u64,
            sum: Tracer::new(key).sum(&value.text),
            about: serde_json::to_string(&about).unwrap_or_default(),
            by_hand: value.detector == BY_HAND,
        })?)
    }

    /// Makes values known again that a person wanted gone and that nothing names any more, and remembers those that are wanted gone since.
    /// `replaced` are values whose span is another one by a person's word, `lost` marks by hand whose own place is gone.
    pub(super) fn recall(&self, values: &mut Values, replaced: &FxHashSet<String>, lost: &[AuditFinding], fresh: &FxHashMap<i64, Scanned>) -> Result<()> {
        let decided = self.decided()?;
        let rows = self.store.remembered()?;
        let known: FxHashSet<&str> = rows.iter().map(|row| row.fingerprint.as_str()).collect();
        let wanted = |value: &&ClearValue| decided.verdict(&value.fingerprint, "") == Verdict::Redact && !known.contains(value.fingerprint.as_str());
        values.values().filter(wanted).try_for_each(|value| self.remember_value(value))?;
        let stands = |row: &RememberedRow| !row.by_hand || lost.iter().any(|mark| mark.fingerprint == row.fingerprint);
        let missing = rows.into_iter().filter(|row| !values.contains_key(&row.fingerprint) && !replaced.contains(&row.fingerprint) && stands(row));
        let mut missing: BTreeMap<String, RememberedRow> = missing.map(|row| (row.fingerprint.clone(), row)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for fingerprint in missing.keys().cloned().collect::<Vec<_>>() {
            for holder in self.store.holders_of(&fingerprint)? {
                let places = self.store.findings(Some(holder))?;
                for finding in places.iter().filter(|row| row.fingerprint == fingerprint).filter_map(AuditFinding::of) {
                    if missing.contains_key(&fingerprint)
                        && let Some(text) = self.value_of(&finding).ok().flatten()
                    {
                        found(values, &mut missing, &fingerprint, text);
                    }
                }
            }
        }
        let looked_with = self.store.meta(KNOWN)?;
        for (number, _) in self.store.generations()? {
            if missing.is_empty() {
                break;
            }
            let current = !fresh.contains_key(&number) && self.store.audit(number)?.map(|state| state.known) == looked_with;
            if let Some(trajectory) = if current { None } else { self.load_unjudged(number)? } {
                for (fingerprint, text) in self.searched(number, &trajectory, &missing)? {
                    found(values, &mut missing, &fingerprint, text);
                }
            }
        }
        Ok(())
    }

    /// Gives what finds the values that are wanted gone and that no finding names: for texts that are shown before they are audited.
    pub(super) fn tracer(&self) -> Result<Arc<Tracer>> {
        let state = |name: &str| self.store.meta(name).map(Option::unwrap_or_default);
        let at = format!("{} {} {}", self.verdict_count()?, state("audit_version")?, state("generation")?);
        if let Some((known, tracer)) = &*self.audits.tracer.borrow()
            && *known == at
        {
            return Ok(Arc::clone(tracer));
        }
        let decided = self.decided()?;
        let rows = self.store.remembered_alone()?;
        let tracer = Arc::new(self.tracer_of(rows.iter().filter(|row| decided.verdict(&row.fingerprint, "") == Verdict::Redact))?);
        *self.audits.tracer.borrow_mut() = Some((at, Arc::clone(&tracer)));
        Ok(tracer)
    }

    fn tracer_of<'r>(&self, rows: impl Iterator<Item = &'r RememberedRow>) -> Result<Tracer> {
        let mut tracer = Tracer::new(self.key(KeyKind::Fingerprint)?);
        rows.for_each(|row| tracer.seek(&row.fingerprint, usize::try_from(row.length).unwrap_or(0), row.sum));
        Ok(tracer)
    }

    /// Searches the records of a trajectory for what is missing.
    fn searched(&self, number: i64, trajectory: &crate::model::Trajectory, missing: &BTreeMap<String, RememberedRow>) -> Result<Vec<(String, String)>> {
        let tracer = self.tracer_of(missing.values())?;
        let records = self.record_texts(number, trajectory)?;
        let in_record = |record: &super::fields::RecordText| {
            let mut found = Vec::new();
            record.fields(&mut |field| tracer.find(field.text, &mut |name, value, _| found.push((name.to_owned(), value.to_owned()))));
            found
        };
        Ok(records.par_iter().flat_map_iter(in_record).collect())
    }
}

/// Makes a value known that was missing.
fn found(values: &mut Values, missing: &mut BTreeMap<String, RememberedRow>, fingerprint: &str, text: String) {
    let Some(row) = missing.remove(fingerprint) else { return };
    let About { class, tier } = serde_json::from_str(&row.about).unwrap_or(About { class: "secret".to_owned(), tier: Tier::Certain });
    let detector = if row.by_hand { BY_HAND } else { KNOWN_VALUE };
    know(values, ClearValue { text, class, fingerprint: row.fingerprint, tier, detector });
}
