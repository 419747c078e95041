//! Loading a trajectory: its portions are read again from the stored bytes and assembled.

use super::amending::Amendments;
use super::folders::dispatcher;
use super::inherited::{Kin, Last};
use super::parse::{file_name, read_again, read_ranges};
use super::stored_range::StoredRange;
use super::{Error, Result, Workspace};
use crate::assemble::{Share, assemble, assemble_unjudged};
use crate::effect::Deed;
use crate::formats;
use crate::model::{Join, Portion, Trajectory};
use crate::rules::{Counts, Report};
use crate::store::{Container, PortionRow, Portions};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// Portions that are still in memory from the import: by source number and session key.
pub type InMemory = FxHashMap<(i64, String), Portion>;

impl Workspace {
    /// Loads a trajectory by its number in the catalog, with every value in the clear: for the audit, the index and exports, which see to that themselves.
    pub(super) fn load_clear(&self, number: i64) -> Result<Option<Trajectory>> {
        Ok(self.load_asked(number)?.map(|(trajectory, _)| trajectory))
    }

    /// Reads a trajectory as it is, with how often each rule answered what.
    pub(super) fn load_asked(&self, number: i64) -> Result<Option<(Trajectory, Vec<Counts>)>> {
        let Some(row) = self.store.trajectory(number)? else { return Ok(None) };
        let shares = self.shares(number, &mut InMemory::default())?;
        let shares: Vec<Share> = shares.into_iter().map(|(_, _, share)| share).collect();
        let kin = self.kin(&row.name, &shares, &mut Last::default())?;
        Ok(Some(finished(assemble(&row.name, shares), &*self.amendments()?, &kin)))
    }

    /// Reads a trajectory as it is, without judging what its calls do.
    pub(super) fn load_unjudged(&self, number: i64) -> Result<Option<Trajectory>> {
        let Some(row) = self.store.trajectory(number)? else { return Ok(None) };
        let shares = self.shares(number, &mut InMemory::default())?;
        let mut trajectory = assemble_unjudged(&row.name, shares.into_iter().map(|(_, _, share)| share).collect());
        self.amendments()?.apply(&mut trajectory);
        Ok(Some(trajectory))
    }

    /// Loads a trajectory with what its steps say, as a person may see it, but without judging what its calls do.
    pub(super) fn load_words(&self, number: i64) -> Result<Option<Trajectory>> {
        let Some(mut trajectory) = self.load_unjudged(number)? else { return Ok(None) };
        if self.is_masked(number)? {
            super::audit::mask(&mut trajectory, &self.mask_of(number, &[])?);
        }
        Ok(Some(trajectory))
    }

    /// Gathers the shares of a trajectory, from memory where they are, else from the store; each with the number of its source and its size in bytes.
    pub(super) fn shares(&self, number: i64, memory: &mut InMemory) -> Result<Vec<(i64, u64, Share)>> {
        let mut shares = Vec::new();
        let trajectory = self.store.trajectory(number)?.map(|row| row.name).unwrap_or_default();
        for row in self.store.portions(Portions::OfTrajectory(number))? {
            let Some(source) = self.store.source(row.source)? else { continue };
            let known = memory.remove(&(row.source, row.session.clone()));
            let Some(format) = formats::format(&source.format) else { continue };
            let mut portion = match known {
                Some(portion) => Some(portion),
                None => self.portion(&row, source.container, &source.path, format)?,
            };
            if let (Some(portion), Some(parent)) = (&mut portion, dispatcher(format.name, &source.path, &row.session)) {
                portion.about.lineage.parent_session.get_or_insert(parent);
            }
            // An addition that names the session itself was not joined by a guess.
            let stated = row.session.strip_prefix('+').and_then(|ids| ids.split('\u{1}').next()).is_some_and(|id| trajectory.ends_with(&format!(":{id}")));
            let join = if stated { Join::SessionId } else { Join::parse(&row.join).unwrap_or(Join::Own) };
            let size = row.ranges.as_ref().map_or(source.stamp.size, |ranges| ranges.iter().map(|(_, start, end)| end.saturating_sub(*start)).sum());
            let share = |portion| Share { portion, sha256: Arc::from(source.sha256.as_str()), format: format.name, path: source.path.clone(), join };
            shares.extend(portion.map(|portion| (source.id, size, share(portion))));
        }
        Ok(shares)
    }

    fn portion(&self, row: &PortionRow, container: Container, path: &str, format: &'static formats::Format) -> Result<Option<Portion>> {
        let name = file_name(path);
        let read = match (&row.ranges, container) {
            (Some(ranges), Container::Plain) => {
                let broke = RefCell::new(None);
                let pieces = ranges.iter().map(|&(line, start, end)| (line, start, StoredRange::new(&self.store, row.source, (start, end), &broke)));
                let read = read_ranges(pieces, &name, format, &row.session);
                if let Some(error) = broke.take() {
                    return Err(error.into());
                }
                read
            }
            _ => return self.portion_of_whole(row, container, path, format),
        };
        read.map_err(|source| Error::Source { path: path.to_owned(), source })
    }

    /// Reads a source that can only be read whole; its other portions are kept, as they are often wanted next.
    fn portion_of_whole(&self, row: &PortionRow, container: Container, path: &str, format: &'static formats::Format) -> Result<Option<Portion>> {
        let sha256 = self.store.source(row.source)?.map(|s| s.sha256).unwrap_or_default();
        let mut kept = self.last_whole.borrow_mut();
        if kept.as_ref().is_none_or(|whole| whole.sha256 != sha256 || whole.format != format.name) {
            let bytes = self.store.bytes(row.source, 0, u64::from(u32::MAX) << 16)?;
            let mut portions = read_again(&bytes, container, &file_name(path), format).map_err(|source| Error::Source { path: path.to_owned(), source })?;
            if portions.len() == 1 {
                // Nothing else of this source is wanted next, and it may be large.
                return Ok(portions.drain().next().map(|(_, portion)| portion));
            }
            *kept = Some(Whole { sha256, format: format.name, portions });
        }
        Ok(kept.as_mut().and_then(|whole| whole.pick(&row.session)))
    }
}

/// The portions of the source that was read whole last.
pub(super) struct Whole {
    sha256: String,
    format: &'static str,
    portions: FxHashMap<String, Portion>,
}

impl Whole {
    fn pick(&mut self, session: &str) -> Option<Portion> {
        self.portions.get(session).cloned()
    }
}

/// Adds what later layers and people know of a trajectory: the marks of redaction, amended facts, the findings of the rules, which
/// also say how often each rule answered what, and what binds it from the one that dispatched it and those it dispatched.
pub(super) fn finished((trajectory, deeds): (Trajectory, Vec<Deed>), amendments: &Amendments, kin: &Kin) -> (Trajectory, Vec<Counts>) {
    let mut trajectory = marked(trajectory);
    amendments.apply(&mut trajectory);
    let Report { findings, mut counts } = crate::rules::run(&trajectory, &deeds);
    trajectory.findings = findings;
    kin.bind(&mut trajectory, &deeds, &mut counts);
    (trajectory, counts)
}

/// Adds the marks of redaction that stand in the texts.
pub(super) fn marked(mut trajectory: Trajectory) -> Trajectory {
    for step in &mut trajectory.steps {
        let marks = crate::redaction::marks(&step.text);
        step.redactions.extend(marks.into_iter().map(|mark| crate::model::Redaction { path: "text".to_owned(), ..mark }));
    }
    trajectory
}
