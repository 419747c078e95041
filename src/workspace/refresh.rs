//! Keeping what is derived current: trajectories are assembled, summarised and indexed again when their sources changed.

use super::load::{InMemory, finished};
use super::summary::Summary;
use super::{Result, Workspace};
use crate::assemble::{Share, assemble};
use crate::model::Trajectory;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Trajectories assembled at once.
const AT_ONCE: usize = 256;

/// What a refresh did.
#[derive(Default)]
pub struct Refreshed {
    by_source: FxHashMap<String, u64>,
    by_trajectory: FxHashMap<i64, (u64, FxHashMap<String, u64>)>,
}

impl Refreshed {
    fn note(&mut self, number: i64, trajectory: &Trajectory) {
        let mut per_source: FxHashMap<String, u64> = FxHashMap::default();
        for step in &trajectory.steps {
            let mut seen: Vec<&str> = step.origins.iter().map(|o| &*o.source).collect();
            seen.sort_unstable();
            seen.dedup();
            for source in seen {
                *per_source.entry(source.to_owned()).or_default() += 1;
            }
        }
        self.by_trajectory.insert(number, (trajectory.steps.len() as u64, per_source));
    }

    /// Takes in what another refresh did; a trajectory refreshed twice counts once.
    pub fn add(&mut self, other: Self) {
        self.by_trajectory.extend(other.by_trajectory);
        self.by_source.clear();
        for (_, per_source) in self.by_trajectory.values() {
            for (source, steps) in per_source {
                *self.by_source.entry(source.clone()).or_default() += steps;
            }
        }
    }

    /// Gives the steps that records of a source take part in.
    pub fn steps_of(&self, sha256: &str) -> Option<u64> {
        self.by_source.get(sha256).copied()
    }

    /// Gives the steps of all refreshed trajectories.
    pub fn steps(&self) -> u64 {
        self.by_trajectory.values().map(|(steps, _)| steps).sum()
    }
}

impl Workspace {
    /// Assembles, summarises and indexes some trajectories again; those without portions are removed.
    pub(super) fn refresh(&self, numbers: &BTreeSet<i64>, memory: &mut InMemory, bulk: bool) -> Result<Refreshed> {
        let mut done = Refreshed::default();
        if numbers.is_empty() {
            return Ok(done);
        }
        let sources: FxHashMap<String, u64> = self.store.sources()?.into_iter().map(|s| (s.sha256, s.id.unsigned_abs())).collect();
        let source_number = |sha256: &str| sources.get(sha256).copied().unwrap_or(0);
        let mut writer = self.index.writer(bulk)?;
        let numbers: Vec<i64> = numbers.iter().copied().collect();
        for some in numbers.chunks(AT_ONCE) {
            let mut work: Vec<(i64, String, Vec<Share>)> = Vec::new();
            for &number in some {
                let Some(row) = self.store.trajectory(number)? else { continue };
                // A summary is stored before its steps are committed: without one, the index holds nothing of it.
                if !row.summary.is_empty() {
                    writer.remove(number.unsigned_abs());
                }
                let shares = self.shares(number, memory)?;
                if shares.is_empty() {
                    self.store.remove_trajectory(number)?;
                } else {
                    work.push((number, row.name, shares));
                }
            }
            let assembled: Vec<(i64, Trajectory, String)> = work
                .into_par_iter()
                .map(|(number, name, shares)| {
                    let trajectory = finished(assemble(&name, shares));
                    let summary = serde_json::to_string(&Summary::of(&trajectory)).unwrap_or_default();
                    (number, trajectory, summary)
                })
                .collect();
            for (number, trajectory, _) in &assembled {
                writer.put(number.unsigned_abs(), trajectory, &source_number)?;
                done.note(*number, trajectory);
            }
            self.store.atomically(|| assembled.iter().try_for_each(|(number, _, summary)| self.store.set_summary(*number, summary)))?;
        }
        writer.commit(&self.watermark()?)?;
        self.index.reload()?;
        Ok(done)
    }

    /// Brings the index up to the store: everything if there is none, else what changed since its watermark.
    pub fn catch_up(&self) -> Result<u64> {
        let current = self.watermark()?;
        let indexed = self.index.watermark();
        if indexed.as_deref() == Some(current.as_str()) {
            return Ok(0);
        }
        let since = indexed.and_then(|mark| mark.parse().ok()).unwrap_or(-1);
        let behind: BTreeSet<i64> = self.store.changed_since(since)?.into_iter().collect();
        self.refresh(&behind, &mut InMemory::default(), behind.len() > 64)?;
        if behind.is_empty() {
            self.settle_index()?;
        }
        Ok(behind.len() as u64)
    }

    /// Writes the store's watermark into the index.
    pub(super) fn settle_index(&self) -> Result<()> {
        if self.index.watermark().as_deref() != Some(self.watermark()?.as_str()) {
            self.index.writer(false)?.commit(&self.watermark()?)?;
            self.index.reload()?;
        }
        Ok(())
    }

    fn watermark(&self) -> Result<String> {
        Ok(self.store.meta("generation")?.unwrap_or_default())
    }
}
