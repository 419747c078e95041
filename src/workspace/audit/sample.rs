//! Sampling what no detector flagged: a plan in the journal before the first draw, planted secrets for the reader, an exact bound.

use super::frame::Frame;
use super::plant::{read_by_nobody, saw_enough};
use crate::model::{Draft, Recorded};
use crate::redaction::bounds::{lower, upper};
use crate::redaction::{Engine, Key};
use crate::workspace::{Error, Result, Workspace};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Units are shown up to so many bytes; one that is longer says how much is not shown, and keeps its sample from being accepted.
const SHOWN_BYTES: usize = 1 << 20;
/// Planted secrets that it takes to tell how well a reader sees.
pub const MIN_PLANTED: u64 = 20;

/// A declared plan; a new plan is a new entry, and none is changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamplingPlan {
    /// Seed of the draw.
    pub seed: String,
    /// Fields to read.
    pub size: u64,
    /// Misses up to which the sample is accepted.
    pub accept: u64,
    /// Synthetic secrets mixed in.
    pub planted: u64,
    /// SHA-256 of the rules, lists and decoders.
    pub rules: String,
    /// Fields without a finding, by format and kind of step: what is drawn from.
    pub frame: BTreeMap<String, u64>,
    /// SHA-256 over the places of these fields and what stands in them: another frame is another plan.
    #[serde(default)]
    pub frame_sha256: String,
    /// The query whose trajectories are drawn from; all of the workspace without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

impl Recorded for SamplingPlan {
    const KIND: &'static str = "sampling_plan";
}

/// What is asked of a plan.
pub struct PlanTerms<'a> {
    /// The query whose trajectories are drawn from; empty for all.
    pub query: &'a str,
    /// Fields to read.
    pub size: u64,
    /// Misses up to which the sample is accepted.
    pub accept: u64,
    /// Synthetic secrets to mix in.
    pub planted: u64,
    /// Seed of the draw.
    pub seed: &'a str,
}

/// What a reader said of the drawn fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SampleReading {
    plan: String,
    flagged: Vec<String>,
    sampled: u64,
    missed: u64,
    planted: u64,
    found: u64,
    /// Fields read and missed, by stratum.
    #[serde(default)]
    strata: BTreeMap<String, (u64, u64)>,
    /// Rules, lists and decoders at which it was read, and the frame it was drawn from.
    #[serde(default)]
    rules: String,
    #[serde(default)]
    frame_sha256: String,
    /// Fields that were not shown whole.
    #[serde(default)]
    cut: u64,
}

impl Recorded for SampleReading {
    const KIND: &'static str = "sampling_reading";
}

/// One field to read.
#[derive(Debug, Clone, Serialize)]
pub struct Unit {
    /// Its name in this plan.
    pub unit: String,
    /// Format and kind of step.
    pub stratum: String,
    /// RFC 6901 pointer.
    pub field: String,
    /// The text, up to 1 MiB of it.
    pub text: String,
    /// Bytes of the field that are not shown.
    pub not_shown: u64,
    #[serde(skip)]
    planted: bool,
}

/// What a read sample says: an upper bound on the share of fields with something missed, one-sided, at 95 %.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bound {
    /// The plan.
    pub plan: String,
    /// Fields read.
    pub sampled: u64,
    /// Fields in which the reader found something that no detector had.
    pub missed: u64,
    /// Clopper and Pearson's upper limit.
    pub upper_95: f64,
    /// Synthetic secrets in the sample, and how many the reader saw.
    pub planted: u64,
    /// Of those, seen.
    pub found: u64,
    /// The limit divided by the lower limit of what this reader sees.
    pub upper_95_for_reader: f64,
    /// Fields that were not shown whole; with one of them, nothing is accepted.
    pub cut: u64,
    /// Whether the plan's number of misses was kept, with enough planted to tell, and enough of them seen.
    pub accepted: bool,
    /// Whether the reader saw enough of what was planted.
    pub reader_saw: bool,
    /// Each stratum by itself.
    pub strata: Vec<Stratum>,
}

/// A plan, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanState {
    /// Its name.
    #[serde(rename = "plan")]
    pub name: String,
    /// What was declared.
    #[serde(flatten)]
    pub plan: SamplingPlan,
    /// The bound of its reading.
    pub bound: Option<Bound>,
    /// Why nobody can read it any more, and what to do.
    #[serde(rename = "cannot_be_drawn")]
    pub why: Option<String>,
}

/// The bound of one stratum; all strata together hold at 95 % (Bonferroni).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stratum {
    /// Format and kind of step.
    pub stratum: String,
    /// Fields in it without a finding.
    pub fields: u64,
    /// Fields read.
    pub sampled: u64,
    /// Missed.
    pub missed: u64,
    /// Clopper and Pearson's upper limit at 1 - 0.05 / number of strata.
    pub upper: f64,
}

impl Workspace {
    /// Declares a plan: it is in the journal before anything is drawn.
    pub fn plan_sample(&self, reviewer: &str, engine: &Engine, asked: &PlanTerms<'_>) -> Result<(String, SamplingPlan)> {
        let query = asked.query.trim();
        let query = (!query.is_empty()).then(|| query.to_owned());
        self.audit_all(engine)?;
        let frame = self.frame(query.as_deref())?;
        if frame.fields.is_empty() {
            return Err(Error::Undecidable(match query {
                Some(query) => format!("no trajectory that `{query}` finds has a field without a finding; `ossia ls QUERY` shows what a query finds"),
                None => "there is no field without a finding to draw from; `ossia import PATH` brings sources in".to_owned(),
            }));
        }
        let plan = SamplingPlan {
            seed: asked.seed.to_owned(),
            size: asked.size,
            accept: asked.accept,
            planted: asked.planted,
            rules: engine.hash().to_owned(),
            frame_sha256: frame.sha256(),
            frame: frame.fields,
            query,
        };
        let entry = self.record(reviewer, &[Draft::of(&plan)])?;
        Ok((entry.first().map(|e| e.id.short()).unwrap_or_default(), plan))
    }

    /// Draws the fields of a plan, planted ones among them; the same plan over the same bytes draws the same.
    pub fn draw_sample(&self, plan: &str) -> Result<Vec<Unit>> {
        let (id, plan) = self.sampling_plan(plan)?;
        let refused = |why: String| Error::Undecidable(format!("the plan {id} cannot be drawn any more: {why}"));
        if let Some(why) = self.other_instruments(&plan)? {
            return Err(refused(why));
        }
        // Both are public: whoever has the bytes can draw again. With the plan's own name, no two plans draw the same.
        let lot = Key::new(&sha(format!("{}\0{id}", plan.seed).as_bytes())).ok_or_else(|| Error::Undecidable("the seed cannot be used".to_owned()))?;
        let wanted = usize::try_from(plan.size + plan.planted).unwrap_or(usize::MAX);
        let (mut drawn, mut roomy) = (BTreeSet::new(), BTreeSet::new());
        let mut frame = Frame::default();
        self.each_unflagged(plan.query.as_deref(), &mut |place, stratum, field, text| {
            frame.take(place, stratum, text);
            let one = |purpose| Drawn {
                rank: lot.draw(purpose, place),
                place: place.to_owned(),
                stratum: stratum.to_owned(),
                field: field.to_owned(),
                shown: shown(text),
            };
            keep_lowest(&mut drawn, wanted, lot.draw("rank", place), || one("rank"));
            if has_room(text) {
                keep_lowest(&mut roomy, wanted, lot.draw("carrier", place), || one("carrier"));
            }
        })?;
        if let Some(why) = frame.changed_since(&plan) {
            return Err(refused(why));
        }
        let shapes = self.shapes()?;
        let plant = |text: &str, place: &str| {
            let at = usize::try_from(lot.draw("shape", place) % shapes.len().max(1) as u64).unwrap_or(0);
            shapes.get(at).map_or_else(|| text.to_owned(), |shape| shape.plant(text, &lot, place))
        };
        let unit = |place: &str, one: &Drawn, planted: bool| {
            let (text, not_shown) = &one.shown;
            let text = if planted { plant(text, place) } else { text.clone() };
            Unit { unit: unit_name(&lot, place), stratum: one.stratum.clone(), field: one.field.clone(), text, not_shown: *not_shown, planted }
        };
        let size = usize::try_from(plan.size).unwrap_or(usize::MAX).min(drawn.len());
        let planted = carriers(&drawn, size, &roomy, usize::try_from(plan.planted).unwrap_or(usize::MAX));
        let read = drawn.iter().take(size).map(|one| unit(&one.place, one, false));
        let mut units: Vec<Unit> = read.chain(planted.iter().map(|(place, one)| unit(place, one, true))).collect();
        units.sort_by(|a, b| a.unit.cmp(&b.unit));
        Ok(units)
    }

    /// Records what a reader saw: the units with something in them; all others were read and hold nothing.
    pub fn read_sample(&self, reviewer: &str, plan: &str, flagged: &[String]) -> Result<Bound> {
        let (id, declared) = self.sampling_plan(plan)?;
        if self.readings()?.iter().any(|known| known.plan == id) {
            return Err(Error::Undecidable(format!("the plan {id} was read; another look is another plan (`ossia audit sample plan`)")));
        }
        let units = self.draw_sample(plan)?;
        if let Some(unknown) = flagged.iter().find(|name| !units.iter().any(|u| u.unit == **name)) {
            return Err(Error::NotFound { id: unknown.clone(), hint: "; `ossia audit sample draw` lists the units".to_owned() });
        }
        if flagged.is_empty() && units.iter().any(|unit| unit.planted) {
            return Err(read_by_nobody(&id, declared.planted));
        }
        let count = |planted: bool, seen: bool| units.iter().filter(|u| u.planted == planted && (!seen || flagged.contains(&u.unit))).count() as u64;
        let mut strata: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for unit in units.iter().filter(|unit| !unit.planted) {
            let (read, missed) = strata.entry(unit.stratum.clone()).or_default();
            (*read, *missed) = (*read + 1, *missed + u64::from(flagged.contains(&unit.unit)));
        }
        let reading = SampleReading {
            strata,
            plan: id,
            rules: declared.rules,
            frame_sha256: declared.frame_sha256,
            cut: units.iter().filter(|unit| unit.not_shown > 0).count() as u64,
            flagged: flagged.to_vec(),
            sampled: count(false, false),
            missed: count(false, true),
            planted: count(true, false),
            found: count(true, true),
        };
        self.record(reviewer, &[Draft::of(&reading)])?;
        self.bound()?.ok_or_else(|| Error::Undecidable("the reading was not kept".to_owned()))
    }

    /// Gives the bound of the last sample that was read.
    pub fn bound(&self) -> Result<Option<Bound>> {
        self.readings()?.pop().map(|reading| self.bound_of(reading)).transpose()
    }

    /// Gives every plan in the order of declaring, with its bound, and for those that nobody read why they cannot be read any more.
    pub fn sampling_plans(&self) -> Result<Vec<PlanState>> {
        self.catch_up()?;
        let state = |(name, plan, bound): (String, SamplingPlan, Option<Bound>)| {
            let why = match self.other_instruments(&plan)? {
                _ if bound.is_some() => None,
                None => self.frame(plan.query.as_deref())?.changed_since(&plan),
                why => why,
            };
            Ok(PlanState { name, plan, bound, why })
        };
        self.sampling()?.into_iter().map(state).collect()
    }

    /// Gives every plan in the order of declaring, with the bound of its reading where there is one.
    pub(super) fn sampling(&self) -> Result<Vec<(String, SamplingPlan, Option<Bound>)>> {
        let mut plans = Vec::new();
        let mut readings = self.readings()?;
        for entry in self.journal.of_kinds(&[SamplingPlan::KIND])? {
            let Some(plan) = entry.decision::<SamplingPlan>().ok().flatten() else { continue };
            let id = entry.id.short();
            let at = readings.iter().position(|reading| reading.plan == id);
            let bound = at.map(|at| self.bound_of(readings.remove(at))).transpose()?;
            plans.push((id, plan, bound));
        }
        Ok(plans)
    }

    fn readings(&self) -> Result<Vec<SampleReading>> {
        Ok(self.journal.of_kinds(&[SampleReading::KIND])?.iter().filter_map(|entry| entry.decision().ok().flatten()).collect())
    }

    fn bound_of(&self, reading: SampleReading) -> Result<Bound> {
        let plan = self.sampling_plan(&reading.plan)?.1;
        let limit = upper(reading.missed, reading.sampled, 0.95);
        let seen = lower(reading.found, reading.planted, 0.95);
        let parts = u32::try_from(plan.frame.len()).unwrap_or(u32::MAX).max(1);
        let confidence = 1.0 - 0.05 / f64::from(parts);
        let strata = plan.frame.iter().map(|(stratum, fields)| {
            let (sampled, missed) = reading.strata.get(stratum).copied().unwrap_or_default();
            Stratum { stratum: stratum.clone(), fields: *fields, sampled, missed, upper: upper(missed, sampled, confidence) }
        });
        Ok(Bound {
            strata: strata.collect(),
            sampled: reading.sampled,
            missed: reading.missed,
            upper_95: limit,
            planted: reading.planted,
            found: reading.found,
            upper_95_for_reader: if seen > 0.0 { (limit / seen).min(1.0) } else { 1.0 },
            accepted: reading.missed <= plan.accept
                && reading.cut == 0
                && reading.planted >= MIN_PLANTED
                && saw_enough(reading.found, reading.planted)
                && reading.sampled >= plan.size.min(plan.frame.values().sum())
                && (reading.rules == plan.rules && reading.frame_sha256 == plan.frame_sha256),
            reader_saw: saw_enough(reading.found, reading.planted),
            cut: reading.cut,
            plan: reading.plan,
        })
    }

    fn sampling_plan(&self, name: &str) -> Result<(String, SamplingPlan)> {
        let entries = self.journal.of_kinds(&[SamplingPlan::KIND])?;
        let named = entries.iter().find(|e| e.id.short() == name || e.id.to_string() == name);
        let plan = named.and_then(|e| Some((e.id.short(), e.decision::<SamplingPlan>().ok().flatten()?)));
        plan.ok_or_else(|| Error::NotFound { id: name.to_owned(), hint: "; `ossia audit sample plan` declares a plan".to_owned() })
    }
}

/// A field that was drawn; by its rank.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Drawn {
    rank: u64,
    place: String,
    stratum: String,
    field: String,
    shown: Shown,
}

/// Takes one in, if it is among the lowest `most`.
fn keep_lowest(drawn: &mut BTreeSet<Drawn>, most: usize, rank: u64, one: impl FnOnce() -> Drawn) {
    if drawn.len() < most || drawn.last().is_some_and(|last| rank < last.rank) {
        drawn.insert(one());
        if drawn.len() > most {
            drawn.pop_last();
        }
    }
}

/// Tells whether a made-up secret in a text would not be all it says: whoever sees one in place of a role or a time needs no eye for secrets.
fn has_room(text: &str) -> bool {
    text.len() >= 24 && text.trim().contains(char::is_whitespace)
}

/// Gives the fields that secrets are planted in, each with a place of its own: those with room that are not read themselves, then others, then
/// second copies.
fn carriers<'d>(drawn: &'d BTreeSet<Drawn>, size: usize, roomy: &'d BTreeSet<Drawn>, count: usize) -> Vec<(String, &'d Drawn)> {
    let read: FxHashSet<&str> = drawn.iter().take(size).map(|one| one.place.as_str()).collect();
    let mut taken: FxHashSet<&str> = FxHashSet::default();
    let first = roomy.iter().filter(|one| !read.contains(one.place.as_str())).chain(drawn.iter().skip(size));
    let first: Vec<&Drawn> = first.filter(|one| taken.insert(&one.place)).take(count).collect();
    let copies = if drawn.is_empty() { 0 } else { count - first.len() };
    let again = roomy.iter().chain(drawn).cycle().enumerate().take(copies).map(|(number, one)| (format!("copy {number} {}", one.place), one));
    first.iter().map(|one| (format!("planted {}", one.place), *one)).chain(again).collect()
}

fn unit_name(lot: &Key, place: &str) -> String {
    format!("u{:010x}", lot.draw("unit", place) & 0xff_ffff_ffff)
}

fn sha(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What is shown of a field, and how many bytes are not.
type Shown = (String, u64);

fn shown(text: &str) -> Shown {
    let mut end = text.len().min(SHOWN_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text.get(..end).unwrap_or_default().to_owned(), (text.len() - end) as u64)
}
