//! Listing and searching: queries over the index, rows from the catalog, snippets from the stored records.

use super::hits::{Hit, HitReader};
use super::parse::decoded;
use super::summary::{SortKey, Summary};
use super::{Error, Result, Workspace};
use crate::index::SearchOptions;
use crate::model::ids::split_id;
use crate::model::{Step, Trajectory};
use crate::query::{Query, begun, relax};
use crate::store::{StoreError, TrajectoryRow};
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::time::Instant;

/// Rows of the catalog are read one by one up to this many, else all at once.
const SINGLY: usize = 256;

/// Result of a search.
#[derive(Debug, Clone, Serialize)]
pub struct SearchReport {
    /// How many steps match.
    pub total: usize,
    /// Whether the query was relaxed.
    pub relaxed: bool,
    /// Duration in ms.
    #[serde(serialize_with = "whole_ms")]
    pub took_ms: f64,
    /// The best of them.
    pub hits: Vec<Hit>,
}

/// Result of a listing.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// How many trajectories match.
    pub total: usize,
    /// The rows asked for.
    pub trajectories: Vec<Summary>,
}

/// What was unpacked last is kept up to this size: records of one source are asked for one after the other.
const KEPT_BYTES: usize = 64 << 20;

/// The bytes of the compressed source, or of the member of an archive, that was unpacked last.
pub(super) struct Unpacked {
    place: (String, Option<String>),
    bytes: Vec<u8>,
}

/// Writes a time as whole ms, as the contract has it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::trivially_copy_pass_by_ref)]
fn whole_ms<S: serde::Serializer>(ms: &f64, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_u64(ms.round().max(0.0) as u64)
}

impl Workspace {
    /// Lists the trajectories with at least one step that matches.
    pub fn ls(&self, query: &Query, sort: Option<(&str, bool)>, limit: usize) -> Result<Listing> {
        self.catch_up_to_answer()?;
        let wanted: Option<FxHashSet<i64>> = if *query == Query::All { None } else { Some(self.matching_legible(query)?.into_iter().collect()) };
        let Some((field, descending)) = sort else { return self.latest(wanted.as_ref(), limit) };
        let listed = |row: TrajectoryRow| serde_json::from_str::<Summary>(&row.summary).ok();
        let mut rows: Vec<Summary> = match wanted {
            Some(few) if few.len() <= SINGLY => {
                let rows = few.into_iter().map(|number| Ok::<_, Error>(self.store.trajectory(number)?.and_then(listed)));
                rows.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect()
            }
            wanted => {
                let mut found = Vec::new();
                self.store.each_trajectory(|row| {
                    if wanted.as_ref().is_none_or(|wanted| wanted.contains(&row.id)) {
                        found.extend(listed(row));
                    }
                })?;
                found
            }
        };
        if field == "labels" {
            self.count_labels(rows.iter_mut())?;
        }
        let mut keyed: Vec<(SortKey, Summary)> = rows.into_iter().filter_map(|row| Some((row.sort_key(field)?, row))).collect();
        keyed.sort_by(|a, b| {
            let order = a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal);
            if descending { order.reverse() } else { order }.then_with(|| a.1.id.cmp(&b.1.id))
        });
        let total = keyed.len();
        let mut trajectories: Vec<Summary> = keyed.into_iter().take(limit).map(|(_, row)| row).collect();
        self.count_labels(trajectories.iter_mut())?;
        self.note_audit(trajectories.iter_mut())?;
        Ok(Listing { total, trajectories })
    }

    /// Lists the latest trajectories of some, or of all: only the rows that are asked for are read.
    fn latest(&self, wanted: Option<&FxHashSet<i64>>, limit: usize) -> Result<Listing> {
        let order = self.store.trajectory_order("at", true)?;
        let total = wanted.map_or(order.len(), FxHashSet::len);
        let mut trajectories = Vec::new();
        for number in order.into_iter().filter(|number| wanted.is_none_or(|wanted| wanted.contains(number))) {
            if trajectories.len() >= limit {
                break;
            }
            trajectories.extend(self.store.trajectory(number)?.and_then(|row| serde_json::from_str::<Summary>(&row.summary).ok()));
        }
        self.count_labels(trajectories.iter_mut())?;
        self.note_audit(trajectories.iter_mut())?;
        Ok(Listing { total, trajectories })
    }

    /// Gives the numbers of the trajectories with at least one step that matches; an error where it cannot be told, as the bytes of one are damaged.
    pub(super) fn matching(&self, query: &Query) -> Result<Vec<i64>> {
        let (numbers, damaged) = self.matching_and_damaged(query)?;
        damaged.map_or(Ok(numbers), |damaged| Err(Error::Store(damaged)))
    }

    /// Gives the same without those whose bytes are damaged, which are told as passed over.
    fn matching_legible(&self, query: &Query) -> Result<Vec<i64>> {
        Ok(self.matching_and_damaged(query)?.0)
    }

    fn matching_and_damaged(&self, query: &Query) -> Result<(Vec<i64>, Option<StoreError>)> {
        let query = &self.resolved(query)?;
        if !query.is_verified() {
            return Ok((self.index.trajectories(query)?.iter().map(u64::cast_signed).collect(), None));
        }
        let (mut matching, mut damaged) = (Vec::new(), None);
        for found in self.verified(query, 0)? {
            matching.extend((!found.places.is_empty()).then_some(found.number));
            damaged = damaged.or(found.damaged);
        }
        Ok((matching, damaged))
    }

    /// Gives, for a query that finds nothing, its form in which values of fields need only begin as they were written, where that finds something,
    /// with how many trajectories it finds.
    pub fn begun(&self, query: &Query) -> Result<Option<(String, usize)>> {
        let Some(form) = begun(query) else { return Ok(None) };
        let found = self.ls(&form, None, 1)?.total;
        Ok((found > 0).then(|| (form.to_string(), found)))
    }

    /// Finds steps, best first; with `relaxing`, a query that finds nothing is tried in looser forms.
    pub fn search(&self, query: &Query, limit: usize, relaxing: bool) -> Result<SearchReport> {
        self.catch_up_to_answer()?;
        let start = Instant::now();
        let mut report = self.search_exactly(query, limit)?;
        if report.total == 0 && relaxing {
            for looser in relax(query).unwrap_or_default() {
                report = self.search_exactly(&looser, limit)?;
                report.relaxed = true;
                if report.total > 0 {
                    break;
                }
            }
        }
        report.took_ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(report)
    }

    fn search_exactly(&self, query: &Query, limit: usize) -> Result<SearchReport> {
        let query = &self.resolved(query)?;
        if query.is_verified() {
            let verified = self.verified(query, limit)?;
            let total = verified.iter().map(|found| found.places.len()).sum();
            let hits = verified.into_iter().flat_map(|found| found.hits).take(limit).collect();
            return Ok(SearchReport { total, relaxed: false, took_ms: 0.0, hits });
        }
        let results = self.index.search(query, SearchOptions { limit, trajectories: false })?;
        let mut reader = HitReader::new(self, query);
        let hits = results.hits.iter().filter_map(|found| reader.hit(found).transpose()).collect::<Result<_>>()?;
        Ok(SearchReport { total: results.total, relaxed: false, took_ms: 0.0, hits })
    }

    /// Resolves an id of the command line: the trajectory, and what of it is meant.
    pub fn resolve(&self, id: &str) -> Result<(Trajectory, Option<String>)> {
        self.catch_up_to_answer()?;
        let (name, inner) = split_id(id);
        let number = match self.store.find_trajectory(name)? {
            None => self.only_one_beginning(name)?,
            known => known,
        };
        if let Some(number) = number
            && let Some(mut trajectory) = self.load(number)?
        {
            self.add_relatives(number, &mut trajectory)?;
            let known = inner.is_none_or(|inner| trajectory.step(inner).is_some() || trajectory.execution(inner).is_some());
            return if known { Ok((trajectory, inner.map(str::to_owned))) } else { Err(not_found(id, format!("; `ossia show {name}` shows its steps"))) };
        }
        let holders = self.index.holders(id)?;
        match holders.as_slice() {
            [] => Err(not_found(id, String::new())),
            [one] => {
                let mut trajectory = self.load(one.cast_signed())?.ok_or_else(|| not_found(id, String::new()))?;
                self.add_relatives(one.cast_signed(), &mut trajectory)?;
                let inner = (trajectory.step(id).is_some() || trajectory.execution(id).is_some()).then(|| id.to_owned());
                Ok((trajectory, inner))
            }
            several => {
                let example = self.store.trajectory(several[0].cast_signed())?.map(|row| row.name).unwrap_or_default();
                Err(Error::Ambiguous { id: id.to_owned(), count: several.len(), example })
            }
        }
    }

    /// Finds the one trajectory whose name begins so, as the screen shows it shortened; its agent and six characters must be said.
    fn only_one_beginning(&self, name: &str) -> Result<Option<i64>> {
        let name = name.trim_end_matches('…');
        if name.split_once(':').is_none_or(|(_, id)| id.chars().count() < 6) {
            return Ok(None);
        }
        let found = self.store.trajectories_under(name, 2)?;
        match found.as_slice() {
            [several, _, ..] => {
                let example = self.store.trajectory(*several)?.map(|row| row.name).unwrap_or_default();
                Err(Error::Ambiguous { id: name.to_owned(), count: found.len(), example })
            }
            found => Ok(found.first().copied()),
        }
    }

    /// Gives the exact bytes of a record of a step: of its first origin, or of its `origin`th from 1.
    pub fn raw_of_step(&self, trajectory: &Trajectory, step: &Step, origin: usize) -> Result<Vec<u8>> {
        let Some(origin) = step.origins.get(origin.saturating_sub(1)) else {
            return Err(not_found(&format!("{}#{} --origin {origin}", trajectory.id, step.id), format!("; it has {} origins", step.origins.len())));
        };
        self.raw(&origin.source, origin.member.as_deref(), origin.start_byte, origin.end_byte)
    }

    /// Gives a byte range of a decoded source, found by its SHA-256.
    pub fn raw(&self, sha256: &str, member: Option<&str>, start: u64, end: u64) -> Result<Vec<u8>> {
        let source = self.store.source_named(sha256)?.ok_or_else(|| not_found(sha256, "; the source is gone".to_owned()))?;
        if source.container == crate::store::Container::Plain {
            return Ok(self.store.bytes(source.id, start, end)?);
        }
        let place = (source.sha256.clone(), member.map(str::to_owned));
        let mut last = self.unpacked.borrow_mut();
        let bytes = match last.take().filter(|last| last.place == place) {
            Some(last) => last.bytes,
            None => {
                let whole = self.store.bytes(source.id, 0, u64::from(u32::MAX) << 16)?;
                decoded(whole, source.container, member).map_err(|e| Error::Source { path: source.path.clone(), source: e })?
            }
        };
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let range = bytes[at(start)..at(end).max(at(start))].to_vec();
        if bytes.len() <= KEPT_BYTES {
            *last = Some(Unpacked { place, bytes });
        }
        Ok(range)
    }
}

fn not_found(id: &str, hint: String) -> Error {
    Error::NotFound { id: id.to_owned(), hint }
}
