//! The folded journal: kept in memory, brought up to what is on disk, and for a long journal begun from labels that were folded before.

use super::{Result, Workspace};
use crate::judging::{Label, LabelPlace, Labels, Part, Postings, State};
use crate::model::{EntryId, Recorded};
use crate::query::{Among, Leaf};
use crate::store::{Head, Slice};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::{Ref, RefCell};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// Journals that ticked more often than this are folded by every core.
const FOLDED_ALONE: u64 = 20_000;
/// Folded labels are kept once so many entries were folded since they were kept last.
const KEPT_AFTER: u64 = 30_000;
/// The form of the file in which they are kept.
const FORM: &str = "ossia.folded.v2";

/// The folded journal, and how much of it was folded.
#[derive(Default)]
pub(super) struct Folded {
    state: State,
    looked_up: LookedUp,
    entries: u64,
    /// SQLite's counter of changes by others.
    version: i64,
}

/// What filters look up in the folded journal, and what the last of them found.
#[derive(Default)]
pub(super) struct LookedUp {
    /// Brought up to the journal when a filter asks.
    pub(super) postings: RefCell<Postings>,
    pub(super) kept: RefCell<Vec<Kept>>,
    /// The facts of what was decided about, with how store and index stood when they were read.
    pub(super) facts: RefCell<Option<(Stood, super::label_facts::Facts)>>,
}

/// How store and index stood.
pub(super) type Stood = (Option<String>, Option<String>);

/// What a condition held for when journal, store and index stood so.
pub(super) type Kept = ((Option<(u64, EntryId)>, Option<String>, Option<String>), Leaf, Arc<Among>);

impl LookedUp {
    /// Keeps what was found for the next time, and forgets the oldest of many.
    pub(super) fn keep(&self, found: Kept) {
        const MANY: usize = 8;
        let mut kept = self.kept.borrow_mut();
        kept.retain(|(at, written, _)| *at == found.0 && *written != found.1);
        if kept.len() >= MANY {
            kept.remove(0);
        }
        kept.push(found);
    }
}

/// What binds kept labels to a journal: they are those of all its entries up to a clock, and of no others.
#[derive(Serialize, Deserialize)]
struct Bond {
    form: String,
    /// The last entry that was folded.
    clock: u64,
    id: EntryId,
    /// Entries up to it.
    entries: u64,
    /// The end of every chain then; each seals all before it.
    ends: Vec<Head>,
    /// SHA-256 of the labels' bytes.
    sha256: String,
}

impl Workspace {
    /// Gives the folded journal, brought up to what is on disk, also by other processes.
    pub fn state(&self) -> Result<Ref<'_, State>> {
        {
            let mut folded = self.folded.borrow_mut();
            let version = self.journal.change_counter()?;
            if version != folded.version && folded.entries > 0 {
                // Another process wrote; a union may have put entries before the last place.
                let mut later = 0;
                self.journal.each(folded.state.last(), |_| later += 1)?;
                if self.journal.count()? != folded.entries + later {
                    *folded = Folded::default();
                }
            }
            folded.version = version;
            if folded.entries == 0 && self.journal.last_clock()? > FOLDED_ALONE {
                *folded = Folded { version, ..self.fold_long()? };
            }
            let after = folded.state.last();
            let Folded { state, entries, .. } = &mut *folded;
            self.journal.each(after, |entry| {
                state.take(&entry);
                *entries += 1;
            })?;
        }
        Ok(Ref::map(self.folded.borrow(), |folded| &folded.state))
    }

    /// Gives the folded journal with what filters look up in it.
    pub(super) fn state_to_filter(&self) -> Result<(Ref<'_, State>, Ref<'_, LookedUp>)> {
        drop(self.state()?);
        let (state, looked_up) = Ref::map_split(self.folded.borrow(), |folded| (&folded.state, &folded.looked_up));
        looked_up.postings.borrow_mut().grow(&state);
        Ok((state, looked_up))
    }

    /// Forgets what was folded, after entries came in that may lie before others.
    pub(super) fn fold_again(&self) {
        *self.folded.borrow_mut() = Folded::default();
        *self.amended.borrow_mut() = None;
    }

    /// Folds a long journal: from the labels that were kept where they are still its own, else from its beginning.
    fn fold_long(&self) -> Result<Folded> {
        if let Some((kept, bond)) = self.kept_labels()? {
            let (parts, later) = self.fold_slices(Some(bond.clock))?;
            // An entry that came in between since makes the count differ, wherever it stands.
            if self.journal.count()? == bond.entries + later {
                let labels = Labels::of_parts(std::iter::once(kept).chain(parts).collect());
                let entries = bond.entries + later;
                if later > KEPT_AFTER {
                    self.keep_labels(&labels, entries)?;
                }
                return Ok(Folded { state: labels.finish(self.journal.beside_labels(bond.clock)?), entries, ..Folded::default() });
            }
        }
        let (parts, entries) = self.fold_slices(None)?;
        let labels = Labels::of_parts(parts);
        if entries > KEPT_AFTER {
            self.keep_labels(&labels, entries)?;
        }
        Ok(Folded { state: labels.finish(Vec::new()), entries, ..Folded::default() })
    }

    /// Folds what comes after a logical clock, with every core; gives how many entries there were.
    fn fold_slices(&self, after: Option<u64>) -> Result<(Vec<Part>, u64)> {
        let cores = u32::try_from(rayon::current_num_threads()).unwrap_or(1);
        let fold = |slice: &Slice| {
            let mut part = Part::default();
            let entries = slice.each(&mut |row| {
                if row.kind == Label::KIND {
                    let place = LabelPlace { id: row.id, act: row.act.unwrap_or(row.id), clock: row.clock, at: row.at, version: row.version };
                    part.label(row.journal, row.reviewer, &place, row.body);
                } else {
                    part.other(row.to_entry());
                }
            })?;
            Ok((part, entries))
        };
        let parts = self.journal.slices(after, cores)?.par_iter().map(fold).collect::<Result<Vec<_>>>()?;
        let entries = parts.iter().map(|(_, entries)| entries).sum();
        Ok((parts.into_iter().map(|(part, _)| part).collect(), entries))
    }

    fn folded_file(&self) -> PathBuf {
        self.cache.join("folded").join(self.journal.id())
    }

    /// Reads labels that were kept, if they are whole and every chain of the journal still goes through where they end. What does
    /// not fit is as if it were not there.
    fn kept_labels(&self) -> Result<Option<(Part, Bond)>> {
        let Ok(bytes) = fs::read(self.folded_file()) else { return Ok(None) };
        let Some(end) = memchr::memchr(b'\n', &bytes) else { return Ok(None) };
        let (first, labels) = (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default());
        let Ok(bond) = serde_json::from_slice::<Bond>(first) else { return Ok(None) };
        if bond.form != FORM {
            return Ok(None);
        }
        for end in &bond.ends {
            if !self.journal.stands(end)? {
                return Ok(None);
            }
        }
        let (sound, part) = rayon::join(|| digest(labels) == bond.sha256, || Part::thaw(labels, (bond.clock, bond.id)));
        Ok(part.filter(|_| sound).map(|part| (part, bond)))
    }

    /// Keeps folded labels for the next start. That they cannot be kept hinders nobody.
    fn keep_labels(&self, labels: &Labels, entries: u64) -> Result<()> {
        let Some((clock, id)) = labels.last() else { return Ok(()) };
        let bytes = labels.labels().freeze_labels();
        let bond = Bond { form: FORM.to_owned(), clock, id, entries, ends: self.journal.ends()?, sha256: digest(&bytes) };
        let Ok(mut whole) = serde_json::to_vec(&bond) else { return Ok(()) };
        whole.push(b'\n');
        whole.extend(bytes);
        let file = self.folded_file();
        let write = || -> std::io::Result<()> {
            use std::os::unix::fs::OpenOptionsExt;
            let folder = file.parent().unwrap_or(&file);
            fs::create_dir_all(folder)?;
            let new = file.with_extension(std::process::id().to_string());
            let mut to = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new)?;
            std::io::Write::write_all(&mut to, &whole)?;
            fs::rename(&new, &file)
        };
        let _ = write();
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> String {
    crate::model::ids::hex(&Sha256::digest(bytes))
}
