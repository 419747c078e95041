//! The audit of redactions over the workspace: what is new is looked at, known values are looked for everywhere, claims are checked.

use super::coverage::Coverage;
use super::decide::Decided;
use super::finding::{AuditFinding, Verdict};
use super::instruments::RefusedRule;
use super::keys::KeyKind;
use super::lossy::Lossy;
use super::scan::{ClearValue, KNOWING, LIMITS, Look, Scanned, Values, know, spreads};
use crate::formats::json::parse;
use crate::query::Query;
use crate::redaction::{BY_HAND, Cleared, Engine, Known, MIN_BYTES};
use crate::store::AuditRow;
use crate::workspace::{Result, Workspace};
use rustc_hash::FxHashMap;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Result of `ossia audit`.
#[derive(Debug, Clone, Serialize)]
pub struct AuditReport {
    /// SHA-256 of rules, lists and decoders.
    pub rules_hash: String,
    /// The findings asked for.
    pub findings: Vec<AuditFinding>,
    /// How much was looked at.
    pub coverage: AuditCoverage,
    /// The bound of the last sample that was read.
    pub bound: Option<super::sample::Bound>,
    /// Rules of the workspace's files that are not used.
    pub refused_rules: Vec<RefusedRule>,
}

/// The numbers of an audit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuditCoverage {
    /// Decoded fields.
    pub fields_scanned: u64,
    /// Their bytes.
    pub bytes_scanned: u64,
    /// Trajectories that were looked at with these rules.
    pub audited: u64,
    /// Findings that nobody decided.
    pub open: u64,
    /// Details, and what was not read.
    #[serde(flatten)]
    pub detail: Coverage,
}

/// Hears how many of how many were looked at, and says whether to go on.
pub(in crate::workspace) type Watch<'w> = &'w mut dyn FnMut(usize, usize) -> bool;

impl Workspace {
    /// Brings the audit of every trajectory up to date and gives the findings of those that match.
    pub fn audit(&self, query: &Query, engine: &Engine, open_only: bool) -> Result<AuditReport> {
        self.audit_watched(query, engine, open_only, &mut |_, _| true)
    }

    /// Does the same and says how far it is; where it is told to stop, what it looked at until then counts, and the rest waits.
    pub(in crate::workspace) fn audit_watched(&self, query: &Query, engine: &Engine, open_only: bool, watch: Watch<'_>) -> Result<AuditReport> {
        self.catch_up()?;
        self.look_at_all(engine, watch)?;
        let wanted: Option<BTreeSet<i64>> = match query {
            Query::All => None,
            query => Some(self.matching(query)?.into_iter().collect()),
        };
        self.audit_report(engine, wanted.as_ref(), open_only)
    }

    /// Gives the findings as they stand, without looking again.
    pub(super) fn audit_report(&self, engine: &Engine, wanted: Option<&BTreeSet<i64>>, open_only: bool) -> Result<AuditReport> {
        let mut coverage = AuditCoverage::default();
        for (number, _) in self.store.generations()? {
            if wanted.is_some_and(|wanted| !wanted.contains(&number)) {
                continue;
            }
            let Some(state) = self.store.audit(number)?.filter(|state| state.engine == engine.hash()) else { continue };
            coverage.fields_scanned += state.fields;
            coverage.bytes_scanned += state.bytes;
            coverage.audited += 1;
            coverage.detail.add(&serde_json::from_str(&state.coverage).unwrap_or_default());
        }
        let decided = self.decided()?;
        let (mut findings, mut places): (Vec<AuditFinding>, FxHashMap<String, u64>) = Default::default();
        for row in self.store.findings(None)? {
            let Some(mut finding) = AuditFinding::of(&row) else { continue };
            *places.entry(finding.fingerprint.clone()).or_default() += 1;
            decided.settle(&mut finding);
            if wanted.is_none_or(|wanted| wanted.contains(&row.trajectory)) {
                coverage.open += u64::from(finding.verdict == Verdict::Open);
                if !open_only || matches!(finding.verdict, Verdict::Open | Verdict::Escalate) {
                    findings.push(finding);
                }
            }
        }
        for finding in &mut findings {
            finding.occurrences = places.get(&finding.fingerprint).copied().unwrap_or(1);
        }
        Ok(AuditReport { rules_hash: engine.hash().to_owned(), findings, coverage, bound: self.bound()?, refused_rules: self.refused_rules()? })
    }

    /// Looks at what is new, then at everything for values that were not known before.
    pub fn audit_all(&self, engine: &Engine) -> Result<()> {
        self.look_at_all(engine, &mut |_, _| true)
    }

    fn look_at_all(&self, engine: &Engine, watch: Watch<'_>) -> Result<()> {
        let key = self.key(KeyKind::Fingerprint)?;
        let (nothing, mut values) = (Known::default(), Values::new());
        let mut hashes: BTreeMap<String, String> = BTreeMap::new();
        let mut fresh: FxHashMap<i64, Scanned> = FxHashMap::default();
        let rows = self.store.generations()?;
        let (mut replaced, _) = self.marked_values(&mut values)?;
        let look = Look { engine, known: &nothing, key: &key, replaced: &replaced, cleared: Cleared::default() };
        for (done, &(number, generation)) in rows.iter().enumerate() {
            let state = self.store.audit(number)?.filter(|state| state.generation == generation && state.engine == engine.hash());
            let coverage: Option<Coverage> = state.and_then(|state| serde_json::from_str(&state.coverage).ok());
            if let Some(coverage) = coverage.filter(|coverage| coverage.replaced.iter().all(|one| replaced.contains(one))) {
                hashes.extend(coverage.hashes);
                self.clear_values(number, &mut values)?;
                continue;
            }
            if !watch(done, rows.len() * 2) {
                continue;
            }
            let Some(trajectory) = self.load_unjudged(number)? else { continue };
            let scanned = look.at(&trajectory, &self.record_texts(number, &trajectory)?);
            scanned.values.iter().for_each(|value| know(&mut values, value.clone()));
            hashes.extend(scanned.coverage.hashes.clone());
            fresh.insert(number, scanned);
        }
        // What was found before it was replaced is known no more.
        let lost;
        (replaced, lost) = self.marked_values(&mut values)?;
        self.recall(&mut values, &replaced, &lost, &fresh)?;
        let known = known(&values, &hashes, &*self.decided()?);
        self.spread(&Look { engine, known: &known, key: &key, replaced: &replaced, cleared: Cleared::default() }, values, &hashes, (&rows, fresh), watch)
    }

    /// Looks for known values in every trajectory that was not looked at with all of them.
    fn spread(
        &self,
        look: &Look<'_>,
        mut values: Values,
        hashes: &BTreeMap<String, String>,
        (rows, mut fresh): (&[(i64, i64)], FxHashMap<i64, Scanned>),
        watch: Watch<'_>,
    ) -> Result<()> {
        let hash = known_hash(&values, hashes, &*self.decided()?);
        for (done, &(number, generation)) in rows.iter().enumerate() {
            // What was looked at is kept also where somebody stops it: only the rest waits.
            let stopped = !watch(rows.len() + done, rows.len() * 2);
            let scanned = match (fresh.remove(&number), self.store.audit(number)?) {
                (Some(scanned), _) => scanned,
                (None, Some(state)) if state.known != hash && !stopped => self.found_by_rules(number, &state, look)?,
                (None, _) => continue,
            };
            let Some(trajectory) = self.load_unjudged(number)? else { continue };
            let records = self.record_texts(number, &trajectory)?;
            let mut scanned = look.again(&trajectory, &records, scanned);
            // A value that a mark's hash gave away is known from here on.
            scanned.values.iter().for_each(|value| know(&mut values, value.clone()));
            let claims = super::claims::check(&trajectory, &records, &scanned, &values, look);
            scanned.findings.extend(claims.found.into_iter().chain(std::mem::take(&mut scanned.unread)));
            (scanned.coverage.claims, scanned.coverage.verified) = (claims.counts, claims.verified);
            let state = AuditRow {
                trajectory: number,
                generation,
                engine: look.engine.hash().to_owned(),
                known: hash.clone(),
                fields: scanned.coverage.fields,
                bytes: scanned.coverage.bytes,
                coverage: serde_json::to_string(&scanned.coverage).unwrap_or_default(),
            };
            let findings: Vec<_> = scanned.findings.iter().map(|finding| finding.row(number)).collect();
            self.store.atomically(|| self.store.put_audit(&state, &findings))?;
            self.want_masked(&[number])?;
        }
        self.set_known_values(&hash)?;
        self.catch_up().map(|_| ())
    }

    /// Gives what the rules found in a trajectory that was looked at with them; known values and claims are looked for anew.
    fn found_by_rules(&self, number: i64, state: &AuditRow, look: &Look<'_>) -> Result<Scanned> {
        let coverage = serde_json::from_str(&state.coverage).unwrap_or_default();
        let mut scanned = Scanned { coverage, ..Scanned::default() };
        for finding in self.store.findings(Some(number))?.iter().filter_map(AuditFinding::of) {
            if look.replaced.contains(&finding.fingerprint) {
                scanned.coverage.replaced.insert(finding.fingerprint);
            } else if finding.detector == LIMITS {
                scanned.unread.push(finding);
            } else if finding.is_value() && !KNOWING.contains(&finding.detector.as_str()) {
                scanned.findings.push(finding);
            }
        }
        Ok(scanned)
    }

    /// Reads the values of a trajectory's findings again from its records.
    pub(super) fn clear_values(&self, trajectory: i64, values: &mut Values) -> Result<()> {
        for row in self.store.findings(Some(trajectory))? {
            let Some(finding) = AuditFinding::of(&row).filter(|f| spreads(f.tier) && f.detector != BY_HAND) else { continue };
            let text = match values.get(&finding.fingerprint) {
                Some(known) if known.tier <= finding.tier => continue,
                Some(known) => Some(known.text.clone()),
                None => self.value_of(&finding)?,
            };
            if let Some(text) = text {
                know(values, ClearValue::of(text, &finding));
            }
        }
        Ok(())
    }

    /// Reads the value of a finding again from the bytes of its source; `None` if they do not hold it any more.
    pub fn value_of(&self, finding: &AuditFinding) -> Result<Option<String>> {
        if !finding.rest.is_empty() {
            let whole = self.pieces_of(finding)?.concat();
            return Ok(Some(whole).filter(|whole| self.key(KeyKind::Fingerprint).is_ok_and(|key| key.fingerprint(whole) == finding.fingerprint)));
        }
        let text = self.field_of(finding)?;
        self.value_in(finding, &text)
    }

    /// Reads the field of a finding, as its record's JSON decodes it.
    pub(super) fn field_of(&self, finding: &AuditFinding) -> Result<String> {
        self.leaf_of(finding, finding.leaf_start, finding.leaf_end)
    }

    fn leaf_of(&self, finding: &AuditFinding, start: u64, end: u64) -> Result<String> {
        self.leaf_at(&finding.source, finding.member.as_deref(), start, end)
    }

    /// Reads a field by the place of its raw form.
    pub(super) fn leaf_at(&self, source: &str, member: Option<&str>, start: u64, end: u64) -> Result<String> {
        let raw = self.raw(source, member, start, end)?;
        // As `RecordText::fields` reads it: a lone half of a pair is no error.
        let raw = Lossy::of(&raw).text;
        let read = parse(&raw).ok().and_then(|node| node.as_str().map(str::to_owned));
        Ok(read.unwrap_or(raw))
    }

    /// Reads the pieces of a value that a stream cut, in order; none for one that stands in one field.
    pub(super) fn pieces_of(&self, finding: &AuditFinding) -> Result<Vec<String>> {
        if finding.rest.is_empty() {
            return Ok(Vec::new());
        }
        let mut pieces: Vec<String> = self.field_of(finding)?.get(finding.start..finding.end).map(str::to_owned).into_iter().collect();
        for piece in &finding.rest {
            pieces.extend(self.leaf_of(finding, piece.leaf_start, piece.leaf_end)?.get(piece.start..piece.end).map(str::to_owned));
        }
        Ok(pieces)
    }

    /// Finds the value of a finding in its field.
    pub(super) fn value_in(&self, finding: &AuditFinding, field: &str) -> Result<Option<String>> {
        let decoding: Vec<&str> = finding.decoding.iter().map(String::as_str).collect();
        let key = self.key(KeyKind::Fingerprint)?;
        let range = finding.inner_start..finding.inner_end;
        Ok(crate::redaction::recover(field, &decoding, &range, &|value| key.fingerprint(value) == finding.fingerprint))
    }
}

fn known(values: &Values, hashes: &BTreeMap<String, String>, decided: &Decided) -> Known {
    let mut known = Known::default();
    for value in values.values() {
        // What is replaced wherever it stands is looked for wherever it stands, also where it is short.
        known.add_as(&value.text, value.detector, &value.class, value.tier, wanted_gone(value, decided));
    }
    hashes.iter().for_each(|(hash, class)| known.add_hash(hash, class));
    known.build();
    known
}

fn wanted_gone(value: &ClearValue, decided: &Decided) -> bool {
    decided.verdict(&value.fingerprint, "") == Verdict::Redact
}

/// Names a set of known values without saying any.
fn known_hash(values: &Values, hashes: &BTreeMap<String, String>, decided: &Decided) -> String {
    let mut digest = Sha256::new();
    values.keys().chain(hashes.keys()).for_each(|name| digest.update(name));
    values.values().filter(|value| value.text.len() < MIN_BYTES && wanted_gone(value, decided)).for_each(|value| digest.update(&value.fingerprint));
    crate::model::ids::hex(&digest.finalize())
}
