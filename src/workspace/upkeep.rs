//! Upkeep: check and repair, rebuild the index, forget, back up.

use super::load::InMemory;
use super::{Error, ForgetReason, Result, Workspace};
use crate::model::Draft;
use crate::store::Portions;
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

impl Workspace {
    /// Checks store, frames, index and watermark; with `repair`, makes again what is derived.
    pub fn doctor(&self, repair: bool) -> Result<DoctorReport> {
        let mut repaired = Vec::new();
        let mut checks = self.checks()?;
        let derived_broken = checks.iter().any(|c| !c.ok && (c.name.starts_with("index") || c.name == "catalog"));
        if repair && derived_broken {
            let count = self.reindex()?;
            repaired.push(format!("{count} trajectories were assembled and indexed again from the stored bytes"));
            checks = self.checks()?;
        }
        Ok(DoctorReport { ok: checks.iter().all(|c| c.ok), checks, repaired })
    }

    fn checks(&self) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        let mut check = |name, ok, detail: String| checks.push(Check { name, ok, detail });
        let wrong = self.store.integrity()?;
        check("store", wrong.is_empty(), if wrong.is_empty() { "SQLite finds its file whole".to_owned() } else { wrong.join("; ") });
        let proof = self.journal.verify()?;
        let found = if proof.broken.is_empty() { format!("{} entries, every seal and chain holds", proof.entries) } else { proof.broken.join("; ") };
        check("journal", proof.broken.is_empty(), found);
        let damaged = self.store.damaged_frames()?;
        check(
            "checksums",
            damaged.is_empty(),
            if damaged.is_empty() {
                "every frame has the bytes its SHA-256 promises".to_owned()
            } else {
                format!("damaged frames: {damaged:?}; import their sources again with --rehash")
            },
        );
        let rows = self.store.trajectories()?;
        let empty = rows.iter().filter(|r| r.summary.is_empty()).count();
        check("catalog", empty == 0, format!("{} trajectories, {empty} without a summary", rows.len()));
        let damaged = self.index.damaged()?;
        check("index", damaged.is_empty(), if damaged.is_empty() { "segment checksums hold".to_owned() } else { format!("damaged: {damaged:?}") });
        let (store, index) = (self.watermark()?, self.index.watermark().unwrap_or_default());
        check("index watermark", store == index || rows.is_empty(), format!("store {store}, index {}", if index.is_empty() { "-" } else { &index }));
        let steps: u64 = rows.iter().filter_map(|r| serde_json::from_str::<super::Summary>(&r.summary).ok()).map(|s| s.steps).sum();
        check("index documents", self.index.documents() == steps, format!("{} documents for {steps} steps", self.index.documents()));
        Ok(checks)
    }

    /// Makes catalog summaries and index again from the stored bytes; gives the number of trajectories.
    pub fn reindex(&self) -> Result<u64> {
        self.index.clear()?;
        let all: BTreeSet<i64> = self.store.trajectories()?.into_iter().map(|row| row.id).collect();
        let mut pass = self.pass(true)?;
        pass.refresh(&all, &mut InMemory::default())?;
        pass.commit()?;
        Ok(all.len() as u64)
    }

    /// Forgets a source (by path or SHA-256) or a trajectory: its bytes leave the store, and the journal says why; gives what was removed.
    pub fn forget(&self, what: &str, reviewer: &str, reason: &str) -> Result<Vec<String>> {
        if reason.trim().is_empty() {
            return Err(Error::Undecidable("a reason is needed: --reason TEXT; it stays in the journal".to_owned()));
        }
        self.catch_up()?;
        let path = super::import::source_name(Path::new(what));
        let mut sources: Vec<_> = self.store.sources()?.into_iter().filter(|s| s.path == what || s.path == path || s.sha256 == what).collect();
        if sources.is_empty() {
            let Some(number) = self.store.find_trajectory(what)? else {
                return Err(Error::NotFound { id: what.to_owned(), hint: "; a source is named by its path or SHA-256".to_owned() });
            };
            for portion in self.store.portions(Portions::OfTrajectory(number))? {
                if self.store.portions(Portions::OfSource(portion.source))?.iter().any(|p| p.trajectory != number) {
                    let hint = "; one of its sources holds other trajectories too: forget that source by its path instead".to_owned();
                    return Err(Error::NotFound { id: what.to_owned(), hint });
                }
                sources.extend(self.store.source(portion.source)?);
            }
        }
        let mut touched = BTreeSet::new();
        for source in &sources {
            touched.extend(self.store.portions(Portions::OfSource(source.id))?.into_iter().map(|p| p.trajectory));
        }
        let removed = sources.iter().map(|source| source.sha256.clone()).collect();
        self.record(reviewer, &[Draft::of(&ForgetReason { sources: removed, what: what.to_owned(), reason: reason.to_owned() })])?;
        self.store.atomically(|| {
            sources.iter().try_for_each(|source| self.store.remove_source(source.id))?;
            self.store.mark_changed(&touched)
        })?;
        self.catch_up()?;
        Ok(sources.into_iter().map(|s| s.path).collect())
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
