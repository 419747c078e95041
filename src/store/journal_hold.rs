//! Holding the journal at a place: what is folded and read by kind is as it was there, whatever is decided meanwhile.

use super::journal::{Journal, Result};
use crate::model::EntryId;
use rusqlite::OptionalExtension;

impl Journal {
    /// Gives the last place in the order of folding; `None` where nothing was decided yet.
    pub fn last(&self) -> Result<Option<(u64, EntryId)>> {
        let place = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, Vec<u8>>(1)?));
        let found = self.read(self.db.query_row("SELECT clock, id FROM entry ORDER BY clock DESC, id DESC LIMIT 1", [], place).optional())?;
        Ok(found.and_then(|(clock, id)| Some((clock, EntryId::from_bytes(&id)?))))
    }

    /// Reads no further than a place from now on, or to the end again; gives where it was held before.
    pub fn hold(&self, place: Option<(u64, EntryId)>) -> Option<(u64, EntryId)> {
        self.held.replace(place)
    }

    /// Gives the place at which it is held.
    #[must_use]
    pub fn held(&self) -> Option<(u64, EntryId)> {
        self.held.get()
    }

    /// Reads several things of one moment, whatever other processes write meanwhile.
    pub fn at_once<T>(&self, read: impl FnOnce() -> T) -> Result<T> {
        self.read(self.db.execute_batch("BEGIN"))?;
        let found = read();
        self.read(self.db.execute_batch("COMMIT"))?;
        Ok(found)
    }

    /// Tells whether a place is among those that are read.
    pub(super) fn reads(&self, place: (u64, EntryId)) -> bool {
        self.held.get().is_none_or(|held| place <= held)
    }

    /// Gives the last place that is read, as the database orders it.
    pub(super) fn end(&self) -> (i64, Vec<u8>) {
        self.held.get().map_or((i64::MAX, Vec::new()), |(clock, id)| (clock.cast_signed(), id.bytes().to_vec()))
    }
}
