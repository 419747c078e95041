//! Holding the journal at a place: what is folded and read by kind is as it was there, whatever is decided meanwhile.
//!
//! What keeps things from leaving has a place of its own: earlier labels are held without holding earlier consents.

use super::journal::{Journal, Result};
use crate::model::entry::{NOT_EXPORTED, SAFEGUARDS};
use crate::model::{EntryId, Redo, Undo, entry::Recorded as _};
use rusqlite::{OptionalExtension, params};

/// A place in the order of folding: logical clock and id.
pub type Place = (u64, EntryId);

/// Where a journal is held; `None` means at its end, whatever comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hold {
    /// The last place that is read of all kinds but the next.
    pub decisions: Option<Place>,
    /// The last place that is read of what keeps things from leaving (`model::entry::SAFEGUARDS`).
    pub safeguards: Option<Place>,
    /// Whether the safeguards are those of an earlier state, which nothing may be shown or stored by.
    pub past: bool,
}

impl Journal {
    /// Gives the last place in the order of folding; `None` where nothing was decided yet.
    pub fn last(&self) -> Result<Option<Place>> {
        let found = self.read(self.db.query_row("SELECT clock, id FROM entry ORDER BY clock DESC, id DESC LIMIT 1", [], place).optional())?;
        Ok(found.and_then(place_of))
    }

    /// Gives the last entry that an export reads: of the safeguards, or of everything else; undone or not.
    pub fn last_read(&self, safeguards: bool) -> Result<Option<EntryId>> {
        let mut last: Option<Place> = None;
        let (clock, id) = self.end(safeguards);
        if safeguards {
            let query = "SELECT clock, id FROM entry WHERE kind = ?1 AND kind <> 'label' AND (clock, id) <= (?2, ?3) ORDER BY clock DESC, id DESC LIMIT 1";
            for kind in SAFEGUARDS.iter().copied().chain([Undo::KIND, Redo::KIND]) {
                let found = self.read(self.db.query_row(query, params![kind, clock, id], place).optional())?;
                last = last.max(found.and_then(place_of));
            }
        } else {
            let others = SAFEGUARDS.iter().chain(NOT_EXPORTED).map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(",");
            let query = format!("SELECT clock, id FROM entry WHERE kind NOT IN ({others}) AND (clock, id) <= (?1, ?2) ORDER BY clock DESC, id DESC LIMIT 1");
            last = self.read(self.db.query_row(&query, params![clock, id], place).optional())?.and_then(place_of);
        }
        Ok(last.map(|(_, id)| id))
    }

    /// Reads no further than a place from now on, or to the end again; gives where it was held before.
    pub fn hold(&self, hold: Hold) -> Hold {
        self.held.replace(hold)
    }

    /// Gives where it is held.
    #[must_use]
    pub fn held(&self) -> Hold {
        self.held.get()
    }

    /// Reads several things of one moment, whatever other processes write meanwhile.
    pub fn at_once<T>(&self, read: impl FnOnce() -> T) -> Result<T> {
        self.read(self.db.execute_batch("BEGIN"))?;
        let found = read();
        self.read(self.db.execute_batch("COMMIT"))?;
        Ok(found)
    }

    /// Gives the last place that is read, as the database orders it.
    pub(super) fn end(&self, safeguards: bool) -> (i64, Vec<u8>) {
        let held = self.held.get();
        let place = if safeguards { held.safeguards } else { held.decisions };
        place.map_or((i64::MAX, Vec::new()), |(clock, id)| (clock.cast_signed(), id.bytes().to_vec()))
    }

    /// Tells whether a place is among those that are read of some kinds.
    pub(super) fn reads(&self, place: Place, kinds: &[&str]) -> bool {
        let held = self.held.get();
        let end = if are_safeguards(kinds) { held.safeguards } else { held.decisions };
        end.is_none_or(|end| place <= end)
    }
}

/// Tells whether some kinds keep things from leaving.
pub(super) fn are_safeguards(kinds: &[&str]) -> bool {
    !kinds.is_empty() && kinds.iter().all(|kind| SAFEGUARDS.contains(kind))
}

fn place(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, Vec<u8>)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn place_of((clock, id): (i64, Vec<u8>)) -> Option<Place> {
    Some((clock.cast_unsigned(), EntryId::from_bytes(&id)?))
}
