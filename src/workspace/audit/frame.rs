//! What a sample is drawn from: the decoded fields without a finding, of the trajectories that a query finds; and what changed in it since.

use super::finding::{AuditFinding, Leaf};
use super::proof::mark_place;
use super::sample::SamplingPlan;
use crate::model::ids::hex;
use crate::query::{Query, parse};
use crate::workspace::{Result, Workspace};
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Strata that are named where a frame changed; more of them are counted.
const NAMED: usize = 3;

/// The fields that a sample is drawn from.
#[derive(Default)]
pub(super) struct Frame {
    /// How many, by format and kind of step.
    pub fields: BTreeMap<String, u64>,
    hash: Sha256,
}

impl Frame {
    /// Takes a field in.
    pub fn take(&mut self, place: &str, stratum: &str, text: &str) {
        *self.fields.entry(stratum.to_owned()).or_default() += 1;
        self.hash.update((place.len() as u64).to_le_bytes());
        self.hash.update(place);
        self.hash.update(Sha256::digest(text.as_bytes()));
    }

    /// Gives the SHA-256 over the fields' places and what stands in them.
    pub fn sha256(&self) -> String {
        hex(&self.hash.clone().finalize())
    }

    /// Says what of it is not as a plan was declared over, and what to do.
    pub fn changed_since(&self, plan: &SamplingPlan) -> Option<String> {
        (self.sha256() != plan.frame_sha256).then(|| {
            format!(
                "the fields without a finding are not those it was declared over ({}): sources came or went, or something was found or marked since; {}",
                differences(&plan.frame, &self.fields),
                then(plan)
            )
        })
    }
}

/// Says what to do where a plan cannot be drawn any more.
fn then(plan: &SamplingPlan) -> String {
    let query = plan.query.as_deref().map(|query| format!(" '{query}'")).unwrap_or_default();
    format!("declare another one (`ossia audit sample plan{query}`); this one stays in the journal and holds nothing up")
}

impl Workspace {
    /// Counts and names the fields without a finding.
    pub(super) fn frame(&self, query: Option<&str>) -> Result<Frame> {
        let mut frame = Frame::default();
        self.each_unflagged(query, &mut |place, stratum, _, text| frame.take(place, stratum, text))?;
        Ok(frame)
    }

    /// Says why a plan cannot be drawn whatever its fields are, and what to do.
    pub(super) fn other_instruments(&self, plan: &SamplingPlan) -> Result<Option<String>> {
        let same = plan.rules == self.instruments_hash()?;
        Ok((!same).then(|| format!("rules, lists or the program changed since it was declared; {}", then(plan))))
    }

    /// Shows every decoded field without a finding: place, stratum, pointer, text.
    pub(super) fn each_unflagged(&self, query: Option<&str>, show: &mut dyn FnMut(&str, &str, &str, &str)) -> Result<()> {
        let wanted: Option<BTreeSet<i64>> = match query.map(parse).transpose()? {
            None | Some(Query::All) => None,
            Some(query) => {
                self.catch_up()?;
                Some(self.matching(&query)?.into_iter().collect())
            }
        };
        let mut of_several: FxHashSet<Leaf> = FxHashSet::default();
        let shared: FxHashSet<String> = self.store.shared_sources()?.into_iter().collect();
        let numbers = self.store.generations()?.into_iter().map(|(number, _)| number);
        for number in numbers.filter(|number| wanted.as_ref().is_none_or(|wanted| wanted.contains(number))) {
            let Some(t) = self.load_unjudged(number)? else { continue };
            let flagged: FxHashSet<Leaf> = self.store.findings(Some(number))?.iter().filter_map(AuditFinding::of).map(|f| f.leaf()).collect();
            for record in self.record_texts(number, &t)? {
                let is_shared = shared.contains(&*record.source);
                let format = t.sources.iter().find(|s| s.sha256 == record.source).map_or("", |s| s.format);
                let stratum = format!("{format}/{}", record.step(&t, 0, "").map_or("unknown", |s| s.kind.as_str()));
                record.fields(&mut |field| {
                    let leaf = record.leaf(field.offset);
                    // The bytes of a document may be records of several trajectories; they are one field.
                    if !flagged.contains(&leaf) && (!is_shared || of_several.insert(leaf.clone())) {
                        show(&mark_place(&leaf, 0), &stratum, field.pointer, field.text);
                    }
                });
            }
        }
        Ok(())
    }
}

/// Says in which strata there are more or fewer fields than there were.
fn differences(then: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> String {
    let strata: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let count = |frame: &BTreeMap<String, u64>, stratum: &str| frame.get(stratum).copied().unwrap_or(0);
    let other: Vec<String> = strata
        .into_iter()
        .filter(|stratum| count(then, stratum) != count(now, stratum))
        .map(|stratum| format!("{stratum}: {} then, {} now", count(then, stratum), count(now, stratum)))
        .collect();
    match other.len() {
        0 => "as many, but others or with other texts".to_owned(),
        1..=NAMED => other.join("; "),
        more => format!("{}; and {} more kinds", other[..NAMED].join("; "), more - NAMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_named_by_what_it_changed() {
        let frame = |counts: &[(&str, u64)]| counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        let (then, now) = (frame(&[("a/m", 3), ("b/m", 1)]), frame(&[("a/m", 3), ("c/m", 2)]));
        assert_eq!(differences(&then, &now), "b/m: 1 then, 0 now; c/m: 0 then, 2 now");
        assert_eq!(differences(&then, &then), "as many, but others or with other texts");
        let many = frame(&[("a/m", 1), ("b/m", 2), ("d/m", 1), ("e/m", 1)]);
        assert!(differences(&then, &many).ends_with("and 1 more kinds"));
    }
}
