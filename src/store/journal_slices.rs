//! Reading the journal in slices, each over a connection of its own, so that all cores fold at once.

use super::connect::PATIENCE;
use super::journal::{Journal, JournalError, Result};
use super::journal_union::Head;
use crate::model::{Entry, EntryId, Timestamp};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::path::PathBuf;

/// An entry as it lies in the database, not copied.
#[derive(Debug, Clone, Copy)]
pub struct EntryRow<'r> {
    /// Logical clock.
    pub clock: u64,
    /// Id.
    pub id: EntryId,
    /// The journal.
    pub journal: &'r str,
    /// Who decided.
    pub reviewer: &'r str,
    /// Place in the chain.
    pub seq: u64,
    /// Wall clock.
    pub at: Timestamp,
    /// Kind.
    pub kind: &'r str,
    /// Version of the body's form.
    pub version: u32,
    /// First entry of the act, where that is another.
    pub act: Option<EntryId>,
    /// The decision.
    pub body: &'r str,
}

impl EntryRow<'_> {
    /// Copies it; the entry before it in the chain is left out, as folding does not need it.
    #[must_use]
    pub fn to_entry(&self) -> Entry {
        Entry {
            id: self.id,
            journal: self.journal.into(),
            reviewer: self.reviewer.into(),
            seq: self.seq,
            clock: self.clock,
            at: self.at,
            kind: self.kind.into(),
            version: self.version,
            prev: None,
            act: self.act,
            body: self.body.into(),
        }
    }
}

/// A range of logical clocks.
#[derive(Debug, Clone)]
pub struct Slice {
    path: PathBuf,
    from: i64,
    until: i64,
    /// Where the journal was held when it was divided.
    held: Option<(u64, EntryId)>,
}

impl Journal {
    /// Divides what comes after a logical clock into slices of about the same size, in the order of folding.
    pub fn slices(&self, after: Option<u64>, parts: u32) -> Result<Vec<Slice>> {
        let (lowest, last) = self.clocks()?;
        let first = after.map_or(lowest, |after| after.cast_signed() + 1);
        if first > last {
            return Ok(Vec::new());
        }
        let parts = i64::from(parts.max(1));
        let edge = |part: i64| first + (last - first + 1) / parts * part;
        let until = |part: i64| if part + 1 == parts { last + 1 } else { edge(part + 1) };
        Ok((0..parts).map(|part| Slice { path: self.path().to_owned(), from: edge(part), until: until(part), held: self.held().decisions }).collect())
    }
}

impl Journal {
    /// Gives the lowest and the largest logical clock; 0 of an empty journal.
    fn clocks(&self) -> Result<(i64, i64)> {
        let ends = self.db.query_row(
            "SELECT coalesce((SELECT clock FROM entry ORDER BY clock LIMIT 1), 0), coalesce((SELECT clock FROM entry ORDER BY clock DESC LIMIT 1), 0)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        self.read(ends)
    }

    /// Gives what was decided beside labels up to a logical clock, in the order of folding.
    pub fn beside_labels(&self, until: u64) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        self.walk("WHERE kind <> 'label' AND clock <= ?1 ORDER BY clock, id", params![until.cast_signed()], |entry| {
            found.push(entry);
            std::ops::ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Gives the last entry of every chain, by looking at the ends alone; of a chain that has forked, the longer one.
    pub fn ends(&self) -> Result<Vec<Head>> {
        let query = "SELECT journal, reviewer FROM entry WHERE (journal, reviewer) > (?1, ?2) ORDER BY journal, reviewer LIMIT 1";
        let mut select = self.read(self.db.prepare_cached(query))?;
        let (mut journal, mut reviewer) = (String::new(), String::new());
        let mut ends = Vec::new();
        while let Some(next) = self.read(select.query_row([&journal, &reviewer], |row| Ok((row.get(0)?, row.get(1)?))).optional())? {
            (journal, reviewer) = next;
            if let Some((seq, id)) = self.head(&journal, &reviewer)? {
                ends.push(Head { journal: journal.clone(), reviewer: reviewer.clone(), seq, id });
            }
        }
        Ok(ends)
    }

    /// Tells whether an entry stands at its place in its chain.
    pub fn stands(&self, head: &Head) -> Result<bool> {
        let query = "SELECT 1 FROM entry WHERE journal = ?1 AND reviewer = ?2 AND seq = ?3 AND id = ?4";
        let mut select = self.read(self.db.prepare_cached(query))?;
        self.read(select.exists(params![head.journal, head.reviewer, head.seq.cast_signed(), head.id.bytes().as_slice()]))
    }
}

impl Slice {
    /// Hands out the entries of the slice in the order of folding; gives how many there were.
    pub fn each(&self, take: &mut dyn FnMut(EntryRow<'_>)) -> Result<u64> {
        let read = |source| JournalError::Read { path: self.path.clone(), source };
        let db = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(read)?;
        db.busy_timeout(PATIENCE).map_err(read)?;
        // The journal never shrinks, so its pages can be looked at where they lie.
        db.execute_batch("PRAGMA mmap_size=8589934592;").map_err(read)?;
        let query = "SELECT clock,id,journal,reviewer,seq,at_ms,kind,version,act,body FROM entry WHERE clock >= ?1 AND clock < ?2 ORDER BY clock, id";
        let mut select = db.prepare(query).map_err(read)?;
        let mut rows = select.query(params![self.from, self.until]).map_err(read)?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(read)? {
            let entry = borrowed(row).map_err(read)?;
            if self.held.is_some_and(|held| (entry.clock, entry.id) > held) {
                break;
            }
            take(entry);
            count += 1;
        }
        Ok(count)
    }
}

fn borrowed<'r>(row: &'r rusqlite::Row<'_>) -> rusqlite::Result<EntryRow<'r>> {
    let act = match row.get_ref(8)? {
        rusqlite::types::ValueRef::Null => None,
        value => EntryId::from_bytes(value.as_blob()?),
    };
    let id = EntryId::from_bytes(row.get_ref(1)?.as_blob()?).ok_or(rusqlite::Error::InvalidColumnType(1, "id".to_owned(), rusqlite::types::Type::Blob))?;
    Ok(EntryRow {
        clock: row.get::<_, i64>(0)?.cast_unsigned(),
        id,
        journal: row.get_ref(2)?.as_str()?,
        reviewer: row.get_ref(3)?.as_str()?,
        seq: row.get::<_, i64>(4)?.cast_unsigned(),
        at: Timestamp::from_ms(row.get(5)?).ok_or(rusqlite::Error::IntegralValueOutOfRange(5, 0))?,
        kind: row.get_ref(6)?.as_str()?,
        version: row.get(7)?,
        act,
        body: row.get_ref(9)?.as_str()?,
    })
}
