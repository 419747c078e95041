//! Looking at one trajectory: every field of every record goes through the engine, and what it finds gets its place.

use super::claims::ID_KEYS;
use super::coverage::Coverage;
use super::fields::{Field, RecordText};
use super::finding::AuditFinding;
use super::spot::Spot;
use crate::model::{Step, Trajectory};
use crate::redaction::{BY_HAND, Cleared, Engine, Hit, Key, Known, Looked, Subject, Tier, masked, telling_name};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::ops::Range;

/// Keys of a tool's arguments that name a file.
const PATH_KEYS: [&str; 5] = ["path", "file_path", "filePath", "file", "notebook_path"];
/// Classes of values that belong to people.
const PEOPLE: &[&str] = &["email", "phone", "person_name", "home_user", "iban", "card", "ssn", "itin", "ipv4", "ipv6", "mac"];

/// A value in clear, while the audit runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClearValue {
    /// The value.
    pub text: String,
    /// What it is.
    pub class: String,
    /// Its keyed fingerprint.
    pub fingerprint: String,
    /// How sure its surest finding is.
    pub tier: Tier,
    /// What finds its other places.
    pub detector: &'static str,
}

impl ClearValue {
    /// Takes the value of a finding.
    pub fn of(text: String, finding: &AuditFinding) -> Self {
        let detector = if finding.detector == BY_HAND { BY_HAND } else { KNOWN_VALUE };
        Self { text, class: finding.class.clone(), fingerprint: finding.fingerprint.clone(), tier: finding.tier, detector }
    }
}

/// What finds further places of a value that a rule found.
pub const KNOWN_VALUE: &str = "known_value";
/// Detectors that find by what is known, not by a rule.
pub const KNOWING: [&str; 3] = [KNOWN_VALUE, "hash_marker", BY_HAND];

/// What says that a field was not looked at whole, and the kind of that finding.
pub const LIMITS: &str = "limits";
const NOT_READ: &str = "not_read";

/// Values in clear, by fingerprint.
pub type Values = BTreeMap<String, ClearValue>;

/// Adds a value to those that are known, or makes one that is known surer.
pub fn know(values: &mut Values, value: ClearValue) {
    match values.get_mut(&value.fingerprint) {
        Some(known) => {
            known.tier = known.tier.min(value.tier);
            if value.detector == BY_HAND {
                known.detector = BY_HAND;
            }
        }
        None => drop(values.insert(value.fingerprint.clone(), value)),
    }
}

/// What was found in a trajectory.
#[derive(Default)]
pub struct Scanned {
    /// Findings, in the order of records.
    pub findings: Vec<AuditFinding>,
    /// Fields of which not everything was looked at.
    pub unread: Vec<AuditFinding>,
    /// The values in clear.
    pub values: Vec<ClearValue>,
    /// How much was looked at.
    pub coverage: Coverage,
}

/// What an audit looks with.
pub struct Look<'a> {
    /// Rules.
    pub engine: &'a Engine,
    /// Values that are known already.
    pub known: &'a Known,
    /// Names values.
    pub key: &'a Key,
    /// Fingerprints of values whose span a person gave another one.
    pub replaced: &'a FxHashSet<String>,
    /// Fields in which it finds nothing: times, roles and ids stand in every record.
    pub cleared: Cleared,
}

/// What is told of one field.
struct Told {
    cut: bool,
    /// Hashes of its marks, with the class they state.
    hashes: Vec<(String, String)>,
    looked: Looked,
}

/// A hit and where it stands.
pub struct Placed {
    /// The hit.
    pub hit: Hit,
    /// Its place.
    pub spot: Spot,
}

/// What was found in one record.
struct InRecord {
    found: Vec<Placed>,
    /// Fields of which not everything was looked at, and why.
    unread: Vec<(Spot, &'static str)>,
    coverage: Coverage,
}

impl Look<'_> {
    /// Looks at all records of a trajectory.
    pub fn at(&self, t: &Trajectory, records: &[RecordText]) -> Scanned {
        let parts: Vec<InRecord> = records.par_iter().map(|record| self.record(t, record)).collect();
        let mut scanned = Scanned::default();
        let mut ids = FxHashMap::default();
        for (record, part) in records.iter().zip(parts) {
            scanned.coverage.add(&part.coverage);
            scanned.unread.extend(part.unread.iter().map(|(spot, limit)| self.unread(t, record, spot, limit, &mut ids)));
            for place in part.found {
                let finding = self.finding(t, record, &place, &mut ids);
                if self.replaced.contains(&finding.fingerprint) {
                    scanned.coverage.replaced.insert(finding.fingerprint);
                    continue;
                }
                scanned.values.push(ClearValue::of(place.hit.value, &finding));
                scanned.findings.push(finding);
            }
        }
        self.across_chunks(t, records, &mut scanned);
        let images = t.steps.iter().flat_map(|s| &s.parts).filter(|p| p.kind == "image").count() as u64;
        if images > 0 {
            scanned.coverage.not_read.insert("images".to_owned(), images);
        }
        scanned
    }

    /// Looks once more at a trajectory that was looked at, for known values alone.
    pub fn again(&self, t: &Trajectory, records: &[RecordText], mut scanned: Scanned) -> Scanned {
        let more: Vec<Vec<Placed>> = records.par_iter().map(|record| self.known_in(record)).collect();
        make_way(&mut scanned.findings, records, &more);
        let mut taken: FxHashMap<(&str, Option<&str>), Vec<_>> = FxHashMap::default();
        let found = std::mem::take(&mut scanned.findings);
        for finding in &found {
            taken.entry((&finding.source, finding.member.as_deref())).or_default().push((finding.source_start, finding.source_end));
        }
        let mut ids = FxHashMap::default();
        let mut new = Vec::new();
        for (record, places) in records.iter().zip(more) {
            for place in places {
                let spot = place.spot.source(record);
                let there = taken
                    .get(&(&*record.source, record.member.as_deref()))
                    .is_some_and(|spans| spans.iter().any(|(from, to)| *from < spot.end && spot.start < *to));
                if !there {
                    let finding = self.finding(t, record, &place, &mut ids);
                    scanned.values.push(ClearValue::of(place.hit.value, &finding));
                    new.push(finding);
                }
            }
        }
        for finding in self.known_across(t, records, &mut ids) {
            let spans = taken.get(&(finding.source.as_str(), finding.member.as_deref()));
            if !spans.is_some_and(|spans| spans.iter().any(|(from, to)| *from < finding.source_end && finding.source_start < *to)) {
                new.push(finding);
            }
        }
        drop(taken);
        scanned.findings = found;
        // The ids of values that rules found are taken.
        for mut finding in new {
            while scanned.findings.iter().any(|known| known.id == finding.id) {
                finding.id.push('k');
            }
            scanned.findings.push(finding);
        }
        scanned
    }

    /// Gives every place of the known values in a trajectory.
    pub fn known_places(&self, t: &Trajectory, records: &[RecordText]) -> Vec<AuditFinding> {
        let mut ids = FxHashMap::default();
        let places = records.iter().flat_map(|record| self.known_in(record).into_iter().map(move |place| (record, place)));
        places.map(|(record, place)| self.finding(t, record, &place, &mut ids)).collect()
    }

    fn known_in(&self, record: &RecordText) -> Vec<Placed> {
        let mut found = Vec::new();
        record.fields(&mut |field| {
            let look = || Some(self.engine.scan_known(field.text, self.known)).filter(|hits| !hits.is_empty());
            found.extend(placed(field, self.cleared.look(field.text, look).unwrap_or_default()));
        });
        found
    }

    fn record(&self, t: &Trajectory, record: &RecordText) -> InRecord {
        let mut coverage = Coverage { records: 1, ..Coverage::default() };
        let step = record.step(t, 0, "");
        let path = step.and_then(|s| tool_path(t, s));
        let format = t.sources.iter().find(|s| s.sha256 == record.source).map_or("", |s| s.format);
        let kind = format!("{format}/{}", step.map_or("unknown", |s| s.kind.as_str()));
        let (mut found, mut unread) = (Vec::new(), Vec::new());
        record.fields(&mut |field| {
            coverage.fields += 1;
            coverage.bytes += field.text.len() as u64;
            let same = (field.text, field.key, field.above, path.as_deref());
            let Some(Told { cut, hashes, looked }) = self.cleared.look(same, || self.field(field, path.as_deref())) else { return };
            if cut {
                *coverage.not_read.entry("cut by the writer".to_owned()).or_default() += 1;
            }
            coverage.hashes.extend(hashes);
            if let Some(limit) = looked.limit() {
                *coverage.not_read.entry(limit.to_owned()).or_default() += 1;
                unread.extend(Spot::of(field, std::slice::from_ref(&(0..field.text.len()))).into_iter().map(|spot| (spot, limit)));
            }
            found.extend(placed(field, looked.hits));
        });
        for (holds, what) in [(record.text.is_lossy(), "bytes that are no UTF-8"), (record.gone, "records whose bytes are not there any more")] {
            if holds {
                coverage.not_read.insert(what.to_owned(), 1);
            }
        }
        *coverage.bytes_by_kind.entry(kind.clone()).or_default() += coverage.bytes;
        *coverage.by_kind.entry(kind).or_default() += coverage.fields;
        InRecord { found, unread, coverage }
    }

    /// Looks at one field; `None` if there is nothing to tell of it.
    fn field(&self, field: &Field<'_>, path: Option<&str>) -> Option<Told> {
        let cut = field.text.contains("[truncated:") || field.text.contains("[MAX_DEPTH_EXCEEDED]");
        let hashes: Vec<_> = crate::redaction::claims::markers(field.text).into_iter().filter_map(|mark| Some((mark.hash?, class_of(&mark.text)))).collect();
        let name = field.key.map(|key| telling_name(key, field.above));
        let looked = self.engine.look(&Subject { text: field.text, key: name.as_deref(), path }, self.known);
        let something = cut || !hashes.is_empty() || !looked.hits.is_empty() || looked.limit().is_some();
        something.then_some(Told { cut, hashes, looked })
    }

    fn finding(&self, t: &Trajectory, record: &RecordText, place: &Placed, ids: &mut FxHashMap<String, u32>) -> AuditFinding {
        let (hit, spot) = (&place.hit, &place.spot);
        let at = spot.finding(t, record);
        let fingerprint = self.key.fingerprint(&hit.value);
        let format = t.sources.iter().find(|s| s.sha256 == record.source).map_or("", |s| s.format);
        let name = format!("{}\0{}\0{format}\0{}\0{}\0{fingerprint}", t.id, spot.anchor(t, record), spot.field, hit.outer.start);
        AuditFinding {
            id: finding_id(self.key, &name, ids),
            detector: hit.detector.to_string(),
            class: hit.class.to_string(),
            kind: kind_of(&hit.class).to_owned(),
            tier: hit.tier,
            inner_start: hit.inner.start,
            inner_end: hit.inner.end,
            decoding: hit.decoding.iter().map(|name| (*name).to_owned()).collect(),
            masked: masked(&hit.value),
            fingerprint,
            ..at
        }
    }

    /// Makes the finding that keeps a field from being clean of which not everything was looked at, until somebody accepts it.
    fn unread(&self, t: &Trajectory, record: &RecordText, spot: &Spot, limit: &str, ids: &mut FxHashMap<String, u32>) -> AuditFinding {
        let at = spot.finding(t, record);
        let name = format!("{}\0{}\0unread\0{}\0{}", t.id, spot.anchor(t, record), spot.field, at.leaf_start);
        AuditFinding {
            id: finding_id(self.key, &name, ids),
            detector: LIMITS.to_owned(),
            class: "limit".to_owned(),
            kind: NOT_READ.to_owned(),
            tier: Tier::Claim,
            fingerprint: self.key.fingerprint(&name),
            message: Some(format!(
                "one of the {limit}; look at its {} bytes yourself, then decide `keep` with a reason, or leave its trajectory out",
                spot.range.len()
            )),
            ..at
        }
    }
}

/// Tells whether what looks random is there to tie records together: an id, or the name of a member that is a hash.
fn ties(field: &Field<'_>, hit: &Hit) -> bool {
    let own_name = field.pointer.rsplit('/').next().is_some_and(|token| token.starts_with("~k")) && field.key.is_none();
    let id = field.key.is_some_and(|key| ID_KEYS.contains(&key)) || (own_name && hit.value.bytes().all(|b| b.is_ascii_hexdigit()));
    id && hit.tier == Tier::Candidate && &*hit.class == "credential"
}

/// Takes away findings that lie where a person marked something else.
fn make_way(findings: &mut Vec<AuditFinding>, records: &[RecordText], places: &[Vec<Placed>]) {
    let by_hand = records.iter().zip(places).flat_map(|(record, places)| places.iter().map(move |place| (record, place)));
    for (record, place) in by_hand.filter(|(_, place)| &*place.hit.detector == BY_HAND) {
        let Range { start, end } = place.spot.source(record);
        findings.retain(|f| *f.source != *record.source || f.member.as_deref() != record.member.as_deref() || f.source_end <= start || end <= f.source_start);
    }
}

/// Makes the id of a finding of what stays the same when its source grows or is imported again.
pub fn finding_id(key: &Key, name: &str, ids: &mut FxHashMap<String, u32>) -> String {
    let id = format!("f{}", key.fingerprint(name).get(..15).unwrap_or_default());
    let count = ids.entry(id.clone()).and_modify(|n| *n += 1).or_insert(1);
    if *count == 1 { id } else { format!("{id}.{count}") }
}

/// Gives hits their places in a field; what only ties records together is none.
fn placed(field: &Field<'_>, mut hits: Vec<Hit>) -> Vec<Placed> {
    hits.retain(|hit| KNOWING.contains(&&*hit.detector) || !ties(field, hit));
    if hits.is_empty() {
        return Vec::new();
    }
    let ranges: Vec<Range<usize>> = hits.iter().map(|hit| hit.outer.clone()).collect();
    let spots = Spot::of(field, &ranges);
    hits.into_iter().zip(spots).map(|(hit, spot)| Placed { hit, spot }).collect()
}

/// Gives the class that a mark with a hash states.
fn class_of(mark: &str) -> String {
    let inner = mark.trim_matches(['[', ']']);
    inner.split(':').nth(1).filter(|label| label.len() < 40).unwrap_or("secret").to_lowercase()
}

/// Gives the file that the call of a step read or wrote.
fn tool_path(t: &Trajectory, step: &Step) -> Option<String> {
    let execution = t.execution(step.execution.as_deref()?)?;
    let args: serde_json::Value = serde_json::from_str(execution.args.as_deref()?).ok()?;
    PATH_KEYS.iter().find_map(|key| args.get(key)?.as_str().map(str::to_owned))
}

/// Gives the kind of a value by its class.
pub fn kind_of(class: &str) -> &'static str {
    if PEOPLE.contains(&class) { "person" } else { "secret" }
}

/// Tells whether a finding of this tier gives a value that is looked for everywhere.
pub const fn spreads(tier: Tier) -> bool {
    matches!(tier, Tier::Certain | Tier::Candidate)
}
