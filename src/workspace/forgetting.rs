//! Forgetting: the bytes of a source, or of a trajectory, leave the store at every path from which they came.

use super::refresh::PURGE;
use super::{Error, ForgetReason, Result, Workspace};
use crate::model::Draft;
use crate::store::{Portions, SourceRow};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// What was removed, and what of it is still there because another source tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Every path of the sources that were removed.
    pub sources: Vec<String>,
    /// Trajectories that were told of in them and are still there.
    pub remaining: Vec<Remaining>,
}

/// A trajectory that other sources tell of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remaining {
    /// Trajectory id.
    pub trajectory: String,
    /// Paths of the sources that tell of it.
    pub sources: Vec<String>,
}

impl Workspace {
    /// Forgets a source (by path or SHA-256) or a trajectory: its bytes leave the store, and the journal says why.
    pub fn forget(&self, what: &str, reviewer: &str, reason: &str) -> Result<Forgotten> {
        if reason.trim().is_empty() {
            return Err(Error::Undecidable("a reason is needed: --reason TEXT; it stays in the journal".to_owned()));
        }
        self.catch_up()?;
        let sources = self.meant(what)?;
        let mut touched = BTreeSet::new();
        for source in &sources {
            touched.extend(self.store.portions(Portions::OfSource(source.id))?.into_iter().map(|p| p.trajectory));
        }
        let mut removed: Vec<String> = sources.iter().map(|source| source.sha256.clone()).collect();
        for source in &sources {
            removed.extend(self.store.earlier(source.id)?.into_iter().map(|earlier| earlier.sha256));
        }
        removed.dedup();
        let of = |alias: &crate::store::Alias| sources.iter().any(|source| source.id == alias.source);
        let others: Vec<String> = self.store.aliases()?.into_iter().filter(of).map(|alias| alias.path).collect();
        self.record(reviewer, &[Draft::of(&ForgetReason { sources: removed, what: what.to_owned(), reason: reason.to_owned() })])?;
        self.store.atomically(|| {
            sources.iter().try_for_each(|source| self.store.remove_source(source.id))?;
            self.store.set_meta(PURGE, "1")?;
            self.store.mark_changed(&touched)
        })?;
        self.catch_up()?;
        self.store.scrub()?;
        Ok(Forgotten { sources: sources.into_iter().map(|s| s.path).chain(others).collect(), remaining: self.remaining(&touched)? })
    }

    /// Finds the sources that are meant: those of the name, and all that hold the same bytes.
    fn meant(&self, what: &str) -> Result<Vec<SourceRow>> {
        let path = super::import::source_name(Path::new(what));
        let named = |at: &str, sha256: &str| at == what || at == path || sha256 == what;
        let aliased: BTreeSet<i64> = self.store.aliases()?.iter().filter(|alias| named(&alias.path, &alias.sha256)).map(|alias| alias.source).collect();
        let mut all = self.store.sources()?;
        let meant = |source: &SourceRow| named(&source.path, &source.sha256) || aliased.contains(&source.id);
        // Who asks that bytes be forgotten does not know under how many names they lie here.
        let bytes: BTreeSet<String> = all.iter().filter(|source| meant(source)).map(|source| source.sha256.clone()).collect();
        let mut earlier = Vec::new();
        for source in &all {
            // What a source was before its file was rewritten is named by its bytes of then, and goes alone.
            earlier.extend(self.store.earlier(source.id)?.into_iter().filter(|earlier| earlier.sha256 == what));
        }
        all.retain(|source| bytes.contains(&source.sha256));
        all.append(&mut earlier);
        if all.is_empty() { self.of_trajectory(what) } else { Ok(all) }
    }

    /// Finds the sources of a trajectory, which must tell of no other.
    fn of_trajectory(&self, what: &str) -> Result<Vec<SourceRow>> {
        let Some(number) = self.store.find_trajectory(what)? else {
            return Err(Error::NotFound { id: what.to_owned(), hint: "; a source is named by its path or SHA-256".to_owned() });
        };
        let mut sources = Vec::new();
        for portion in self.store.portions(Portions::OfTrajectory(number))? {
            if self.store.portions(Portions::OfSource(portion.source))?.iter().any(|p| p.trajectory != number) {
                let other = self.store.source(portion.source)?.map_or_else(String::new, |source| source.path);
                let why = format!(
                    "{what} cannot be forgotten alone: its source {other} holds other trajectories too; forget that source by its path; nothing was forgotten"
                );
                return Err(Error::Undecidable(why));
            }
            sources.extend(self.store.source(portion.source)?);
        }
        Ok(sources)
    }

    /// Says which trajectories other sources still tell of.
    fn remaining(&self, touched: &BTreeSet<i64>) -> Result<Vec<Remaining>> {
        let mut remaining = Vec::new();
        for number in touched {
            let Some(trajectory) = self.store.trajectory(*number)? else { continue };
            let mut sources = Vec::new();
            for portion in self.store.portions(Portions::OfTrajectory(*number))? {
                sources.extend(self.store.source(portion.source)?.map(|source| source.path));
            }
            if !sources.is_empty() {
                remaining.push(Remaining { trajectory: trajectory.name, sources });
            }
        }
        Ok(remaining)
    }
}
