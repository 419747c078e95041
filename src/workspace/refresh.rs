//! Keeping what is derived current: trajectories are assembled, summarised and indexed again when their sources changed.

use super::audit::mask;
use super::gauge::Gauge;
use super::inherited::{Kin, Last, parent};
use super::load::{InMemory, finished};
use super::standing::Standing;
use super::summary::Summary;
use super::{Error, Result, Workspace};
use crate::assemble::{Share, assemble};
use crate::index::{TO_ANSWER, TO_WRITE, Writer};
use crate::model::{StopClass, Trajectory};
use crate::redaction::{Mask, Unwanted};
use crate::store::{MaskedRow, StoreError};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Trajectories assembled at once, bounded by number and by the bytes of their sources.
const AT_ONCE: usize = 256;
const BYTES_AT_ONCE: u64 = 16 << 20;
/// Changes of fewer trajectories than this are indexed in one small arena.
const BULK: usize = 64;

/// Says in the store that something was forgotten of which the segments of the index still hold words.
pub(super) const PURGE: &str = "purge";

/// What a refresh did.
#[derive(Default)]
pub struct Refreshed {
    /// Steps by trajectory; one refreshed twice counts once.
    steps: FxHashMap<i64, u64>,
    /// SHA-256 of the sources that they are of.
    sources: FxHashSet<Arc<str>>,
    /// The trajectories that went, as no source has a share of them any more.
    gone: Vec<i64>,
    /// Trajectories that were passed over, as their bytes are damaged, and what is wrong.
    damaged: BTreeMap<i64, String>,
}

impl Refreshed {
    /// Takes in what another refresh did.
    pub fn add(&mut self, other: Self) {
        self.steps.extend(other.steps);
        self.sources.extend(other.sources);
        self.damaged.extend(other.damaged);
        self.gone.extend(other.gone);
    }

    /// Gives the numbers of the trajectories that went.
    pub(super) fn gone(&self) -> &[i64] {
        &self.gone
    }

    /// Gives the steps of all refreshed trajectories.
    pub fn steps(&self) -> u64 {
        self.steps.values().sum()
    }

    /// Tells whether a source is part of a refreshed trajectory.
    pub(super) fn is_of(&self, sha256: &str) -> bool {
        self.sources.contains(sha256)
    }

    /// Gives the number of refreshed trajectories.
    pub fn trajectories(&self) -> u64 {
        self.steps.len() as u64
    }

    /// Gives what is wrong with the bytes of each trajectory that was passed over.
    pub(super) fn damaged(&self) -> Vec<String> {
        self.damaged.values().cloned().collect()
    }
}

/// Counts the steps that the records of each source take part in, by its SHA-256.
fn steps_by_source(trajectory: &Trajectory) -> FxHashMap<&str, u64> {
    let mut counts: FxHashMap<&str, u64> = FxHashMap::default();
    for step in &trajectory.steps {
        let mut seen: Vec<&str> = step.origins.iter().map(|o| &*o.source).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.into_iter().for_each(|source| *counts.entry(source).or_default() += 1);
    }
    counts
}

/// One pass over the index: its writer is held from the first refresh to the commit, so that segments grow large.
pub(super) struct Pass<'w> {
    workspace: &'w Workspace,
    writer: Writer<'w>,
    /// Generation of the store that the index had when the pass began.
    since: i64,
    /// Generation at which each trajectory was refreshed in this pass.
    at: FxHashMap<i64, i64>,
    gone: Vec<i64>,
    done: Refreshed,
    /// Masks what no finding names yet.
    mask: Mask,
    /// Values that a person wants gone.
    unwanted: Vec<Unwanted>,
    /// Trajectories with findings of the audit.
    found: FxHashSet<i64>,
    /// Whether what the index held of a trajectory must not stay in old segments.
    purge: bool,
    /// Names of trajectories to which something was refused, before or now: it binds those that they dispatched.
    refusing: BTreeSet<String>,
    /// The parents that trajectories name, by the name of each.
    parents: BTreeMap<String, String>,
    /// Whether what is refreshed is so because of what was refused to others.
    binding: bool,
    gauge: Arc<Gauge>,
}

/// A trajectory to assemble.
struct Work {
    number: i64,
    name: String,
    /// Number and SHA-256 of the source of each share; several may have the same bytes.
    sources: Vec<(i64, Arc<str>)>,
    shares: Vec<Share>,
    /// Its own mask, where findings name it.
    named: Option<Mask>,
    /// The one that dispatched it and those it dispatched, where something was refused to them.
    kin: Kin,
}

/// A trajectory that was assembled and waits for the index, masked.
struct Assembled {
    number: i64,
    sources: Vec<(i64, Arc<str>)>,
    trajectory: Trajectory,
    /// Its summary as JSON.
    summary: String,
    /// Its decision points as JSON.
    points: String,
    /// The same in short.
    gists: Vec<u8>,
    /// What was masked.
    masked: MaskedRow,
}

impl<'w> Pass<'w> {
    /// Lets it be told how far it is.
    pub fn telling(mut self, gauge: &Arc<Gauge>) -> Self {
        self.gauge = Arc::clone(gauge);
        self
    }

    /// Assembles, summarises and indexes some trajectories again; those without portions are removed.
    pub fn refresh(&mut self, numbers: &BTreeSet<i64>, memory: &mut InMemory) -> Result<()> {
        let mut work: Vec<Work> = Vec::new();
        let (mut bytes, mut last) = (0, Last::default());
        for &number in numbers {
            let Some(row) = self.workspace.store.trajectory(number)? else { continue };
            self.at.insert(number, row.generation);
            let found = match self.workspace.shares(number, memory) {
                // It is derived once its bytes are mended; until then what the index holds of it stays, and what else there is goes on.
                Err(Error::Store(damaged @ StoreError::Damaged { .. })) => {
                    if self.purge {
                        self.writer.remove(number.unsigned_abs());
                    }
                    self.done.damaged.insert(number, damaged.to_string());
                    continue;
                }
                found => found?,
            };
            // A summary is stored before its steps are committed: without one, the index holds nothing of it.
            if !row.summary.is_empty() {
                self.writer.remove(number.unsigned_abs());
                if serde_json::from_str::<Summary>(&row.summary).is_ok_and(|summary| summary.denials > 0) {
                    self.refusing.insert(row.name.clone());
                }
            }
            if found.is_empty() {
                // What was never summarised nobody saw: a source without a session of its own, before it was joined to one.
                self.done.gone.extend((!row.summary.is_empty()).then_some(number));
                self.gone.push(number);
                continue;
            }
            bytes += found.iter().map(|(_, size, _)| size).sum::<u64>();
            let (sources, shares): (Vec<_>, Vec<_>) = found.into_iter().map(|(source, _, share)| ((source, share.sha256.clone()), share)).unzip();
            let named = self.found.contains(&number).then(|| self.workspace.mask_of(number, &self.unwanted)).transpose()?;
            let kin = self.workspace.kin(&row.name, &shares, &mut last)?;
            self.parents.extend(parent(&row.name, &shares).map(|parent| (row.name.clone(), parent)));
            work.push(Work { number, name: row.name, sources, shares, named, kin });
            if work.len() >= AT_ONCE || bytes >= BYTES_AT_ONCE {
                self.index(std::mem::take(&mut work))?;
                bytes = 0;
            }
        }
        self.index(work)?;
        let (refusing, parents) = (std::mem::take(&mut self.refusing), std::mem::take(&mut self.parents));
        if self.binding {
            return Ok(());
        }
        let mut bound = BTreeSet::new();
        for name in &refusing {
            bound.extend(self.workspace.dispatched(name)?);
        }
        bound.retain(|number| !numbers.contains(number));
        // One that dispatched another may have been judged before that was summarised.
        for parent in refusing.iter().filter_map(|name| parents.get(name)) {
            bound.extend(self.workspace.store.find_trajectory(parent)?);
        }
        if bound.is_empty() {
            return Ok(());
        }
        self.binding = true;
        let done = self.refresh(&bound, memory);
        self.binding = false;
        done
    }

    fn index(&mut self, work: Vec<Work>) -> Result<()> {
        let mask_of_new = &self.mask;
        let amendments = self.workspace.amendments()?;
        let assembled: Vec<Assembled> = work
            .into_par_iter()
            .map(|Work { number, name, sources, shares, named, kin }| {
                let (mut trajectory, _) = finished(assemble(&name, shares), &amendments, &kin);
                // What is judged is what happened, values and all; only their hashes are kept of it.
                let points = crate::judging::points(&trajectory);
                let (points, gists) = (serde_json::to_string(&points).unwrap_or_default(), crate::judging::gist::pack(&points));
                let masked = mask(&mut trajectory, named.as_ref().unwrap_or(mask_of_new));
                let summary = serde_json::to_string(&Summary::of(&trajectory)).unwrap_or_default();
                Assembled { number, sources, trajectory, summary, points, gists, masked }
            })
            .collect();
        self.keep(&assembled)?;
        self.gauge.expects(assembled.iter().map(|one| one.trajectory.steps.len() as u64).sum());
        for Assembled { number, sources, trajectory, .. } in assembled {
            if trajectory.executions.iter().any(|e| e.stop_class == Some(StopClass::Refusal)) {
                self.refusing.insert(trajectory.id.clone());
            }
            let source_number = |sha256: &str| sources.iter().find(|(_, known)| **known == *sha256).map_or(0, |(source, _)| source.unsigned_abs());
            self.writer.put(number.unsigned_abs(), &trajectory, &source_number, &|steps| self.gauge.indexed(steps))?;
            self.done.steps.insert(number, trajectory.steps.len() as u64);
            self.done.damaged.remove(&number);
            self.done.sources.extend(sources.into_iter().map(|(_, sha256)| sha256));
        }
        Ok(())
    }

    /// Keeps in the store what is derived of trajectories; one that cannot be written has it from whoever could, and only its index is made here.
    fn keep(&self, assembled: &[Assembled]) -> Result<()> {
        if self.workspace.is_read_only() {
            return Ok(());
        }
        let store = &self.workspace.store;
        store.atomically(|| {
            assembled.iter().try_for_each(|one| {
                store.set_derived(one.number, &one.summary, &one.points, &one.gists)?;
                let steps = steps_by_source(&one.trajectory);
                for (source, sha256) in &one.sources {
                    store.set_steps(*source, one.number, steps.get(&**sha256).copied().unwrap_or(0))?;
                }
                store.put_masked(one.number, &one.masked)
            })
        })?;
        let mut found = assembled.iter().flat_map(|one| &one.masked.found);
        found.try_for_each(|fingerprint| self.workspace.value_is_known(fingerprint.trim_start_matches('=')))
    }

    /// Commits the pass under the store's watermark, after whatever other processes stored meanwhile is indexed as well.
    pub fn commit(mut self) -> Result<Refreshed> {
        let watermark = loop {
            let current = self.workspace.watermark()?;
            let behind = self.behind()?;
            if behind.is_empty() {
                break current;
            }
            self.refresh(&behind, &mut InMemory::default())?;
        };
        self.writer.commit(&watermark, self.purge)?;
        for number in self.gone {
            self.workspace.store.remove_trajectory(number)?;
        }
        self.workspace.index.reload()?;
        Ok(self.done)
    }

    /// Gives the trajectories whose change is neither in the index nor in this pass.
    fn behind(&self) -> Result<BTreeSet<i64>> {
        let changed = self.workspace.store.changed_since(self.since)?;
        Ok(changed.into_iter().filter(|(number, generation)| self.at.get(number).is_none_or(|at| at < generation)).map(|(number, _)| number).collect())
    }
}

impl Workspace {
    /// Begins a pass over the index; `bulk` takes more memory and both cores.
    pub(super) fn pass(&self, bulk: bool, patience: Duration) -> Result<Pass<'_>> {
        let writer = self.index.writer(bulk, patience)?;
        // Read once the writer's lock is held: no other process moves it from here on.
        let since = self.indexed_since();
        let (mask, unwanted) = self.mask_of_new()?;
        let found = self.store.trajectories_with_findings()?.into_iter().collect();
        let (at, gone, done, refusing, parents, gauge) = Default::default();
        Ok(Pass { workspace: self, writer, since, at, gone, done, mask, unwanted, found, purge: false, refusing, parents, binding: false, gauge })
    }

    /// Brings the index up to the store: everything if there is none, else what changed since its watermark; gives what it refreshed.
    pub fn catch_up(&self) -> Result<Refreshed> {
        self.catch_up_within(TO_WRITE)
    }

    /// Brings the index up to the store for a question that can be answered from what stands: where another process is at it, what it has still to
    /// index is counted and goes without.
    pub(super) fn catch_up_to_answer(&self) -> Result<()> {
        match self.catch_up_within(TO_ANSWER) {
            Err(error) if error.is_busy() => {
                self.lacking.set(self.store.changed_since(self.indexed_since())?.len());
                Ok(self.index.reload()?)
            }
            done => done.map(|_| ()),
        }
    }

    fn catch_up_within(&self, patience: Duration) -> Result<Refreshed> {
        // Nothing is shown by what was decided then.
        if self.journal.held().past {
            return Ok(Refreshed::default());
        }
        let joins = self.notice_amendments()?;
        self.follow_verdicts()?;
        let to_mask: BTreeSet<i64> = self.store.to_mask()?.into_iter().collect();
        if to_mask.is_empty() && self.standing()? != Standing::Behind {
            // Another process, or another thread of this one, may have indexed what is new.
            self.index.keep_up()?;
            self.take_turn();
            return Ok(Refreshed::default());
        }
        let bulk = self.store.changed_since(self.indexed_since())?.len() + to_mask.len() > BULK;
        let mut pass = self.pass(bulk, patience)?;
        let forgotten = self.store.meta(PURGE)?.is_some_and(|said| !said.is_empty());
        pass.purge = forgotten || !to_mask.is_empty();
        pass.refresh(&to_mask, &mut InMemory::default())?;
        let mut done = pass.commit()?;
        if forgotten {
            self.store.set_meta(PURGE, "")?;
        }
        // Only now does no segment hold what was to be masked.
        to_mask.into_iter().filter(|number| !done.damaged.contains_key(number)).try_for_each(|number| self.store.want_masked(number, false))?;
        // Joins look ids up in the index, which must be current.
        if joins && !self.join_portions()?.is_empty() {
            done.add(self.pass(false, TO_WRITE)?.commit()?);
        }
        self.passed_over.borrow_mut().extend(done.damaged.clone());
        self.take_turn();
        Ok(done)
    }

    /// Gives how many trajectories another process had still to index when the last question was answered.
    pub fn take_lacking(&self) -> usize {
        self.lacking.take()
    }

    /// Gives what is wrong with each trajectory that was passed over since this was asked last: its bytes are damaged, and what the index held of it stays.
    pub fn take_passed_over(&self) -> Vec<String> {
        self.passed_over.take().into_values().collect()
    }
}
