//! Upkeep: check and repair, rebuild the index, back up.

use super::load::InMemory;
use super::{Result, Workspace};
use crate::index::TO_WRITE;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One thing that was checked.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Name of the check.
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// What was found, one sentence.
    pub detail: String,
}

/// Result of `doctor`.
#[derive(Debug, Clone, Serialize)]
pub struct DoctorReport {
    /// Whether every check holds.
    pub ok: bool,
    /// The checks.
    pub checks: Vec<Check>,
    /// What was repaired.
    pub repaired: Vec<String>,
}

/// Result of `reindex`.
#[derive(Debug, Clone, Serialize)]
pub struct Reindexed {
    /// Trajectories that were assembled and indexed again.
    pub trajectories: u64,
    /// What is wrong with the bytes of each trajectory that was passed over.
    pub damaged: Vec<String>,
}

impl Workspace {
    /// Checks store, frames, index and watermark; with `repair`, makes again what is derived.
    pub fn doctor(&self, repair: bool) -> Result<DoctorReport> {
        let mut repaired = Vec::new();
        let mut checks = self.checks()?;
        let derived_broken = checks.iter().any(|c| !c.ok && (c.name.starts_with("index") || c.name == "catalog"));
        if repair && derived_broken {
            let Reindexed { trajectories, damaged } = self.reindex()?;
            let passed = if damaged.is_empty() { String::new() } else { format!("; {} were passed over, as their bytes are damaged", damaged.len()) };
            repaired.push(format!("{trajectories} trajectories were assembled and indexed again from the stored bytes{passed}"));
            checks = self.checks()?;
        }
        Ok(DoctorReport { ok: checks.iter().all(|c| c.ok), checks, repaired })
    }

    fn checks(&self) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        let mut check = |name, ok, detail: String| checks.push(Check { name, ok, detail });
        let wrong = self.store.integrity().unwrap_or_else(|error| vec![error.to_string()]);
        check("store", wrong.is_empty(), if wrong.is_empty() { "SQLite finds its file whole".to_owned() } else { wrong.join("; ") });
        let proof = self.journal.verify()?;
        let found = if proof.broken.is_empty() { format!("{} entries, every seal and chain holds", proof.entries) } else { proof.broken.join("; ") };
        check("journal", proof.broken.is_empty(), found);
        let damaged = self.store.damaged_frames()?;
        let found = if damaged.is_empty() {
            "every frame has the bytes its SHA-256 promises".to_owned()
        } else {
            let named = damaged.iter().map(|found| format!("{} of {} ({})", found.frame, found.sources.join(" and "), found.why));
            format!(
                "{} damaged frames; `ossia import --rehash` their sources where the files still lie: {}",
                damaged.len(),
                named.collect::<Vec<_>>().join(", ")
            )
        };
        check("checksums", damaged.is_empty(), found);
        let (mut all, mut empty, mut steps) = (0, 0, 0);
        self.store.each_trajectory(|row| {
            all += 1;
            empty += usize::from(row.summary.is_empty());
            steps += serde_json::from_str::<super::Summary>(&row.summary).map_or(0, |summary| summary.steps);
        })?;
        check("catalog", empty == 0, format!("{all} trajectories, {empty} without a summary"));
        let damaged = self.index.damaged()?;
        check("index", damaged.is_empty(), if damaged.is_empty() { "segment checksums hold".to_owned() } else { format!("damaged: {damaged:?}") });
        let (store, index) = (self.watermark()?, self.index.watermark().unwrap_or_default());
        check("index watermark", store == index || all == 0, format!("store {store}, index {}", if index.is_empty() { "-" } else { &index }));
        check("index documents", self.index.documents() == steps, format!("{} documents for {steps} steps", self.index.documents()));
        Ok(checks)
    }

    /// Makes catalog summaries and index again from the stored bytes; goes on past what is damaged.
    pub fn reindex(&self) -> Result<Reindexed> {
        self.index.clear()?;
        let all: BTreeSet<i64> = self.store.generations()?.into_iter().map(|(number, _)| number).collect();
        let mut pass = self.pass(true, TO_WRITE)?;
        pass.refresh(&all, &mut InMemory::default())?;
        let done = pass.commit()?;
        Ok(Reindexed { trajectories: done.trajectories(), damaged: done.damaged() })
    }

    /// Copies the store into one file, and the journal into one beside it, which is named.
    pub fn backup(&self, to: &Path) -> Result<PathBuf> {
        self.store.backup(to)?;
        let mut journal = to.as_os_str().to_owned();
        journal.push(".journal");
        let journal = PathBuf::from(journal);
        self.journal.backup(&journal)?;
        Ok(journal)
    }
}
