//! The journal: `journal.db`, one append-only table of sealed entries, each on disk before the call returns.

use super::connect::{Trouble, open};
use super::journal_hold::{Hold, are_safeguards};
use super::open::advice;
use super::private::private;
use crate::model::entry::{LAST_CLOCK, Place};
use crate::model::{Draft, Entry, EntryId, Recorded as _, Redo, Timestamp, Undo};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use rustc_hash::FxHashSet;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The name that the file carries inside, so that no other database is taken for a journal.
const APPLICATION_ID: i64 = 0x6f73_736a;
const VERSION: i64 = 1;
/// Clustered in the order of folding. The insert trigger also stops `INSERT OR REPLACE`, which fires no delete trigger.
const SCHEMA: &str = "
CREATE TABLE entry (
  clock INTEGER NOT NULL, id BLOB NOT NULL, journal TEXT NOT NULL, reviewer TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL, version INTEGER NOT NULL, prev BLOB, act BLOB, body TEXT NOT NULL, PRIMARY KEY (clock, id)) WITHOUT ROWID, STRICT;
CREATE INDEX entry_chain ON entry (journal, reviewer, seq);
CREATE INDEX entry_kind ON entry (kind) WHERE kind <> 'label';
CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entry_is_not_replaced BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE clock = NEW.clock AND id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
";
const COLUMNS: &str = "clock,id,journal,reviewer,seq,at_ms,kind,version,prev,act,body";

/// What went wrong with the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be made or read.
    #[error("cannot use the journal {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// SQLite refused to read.
    #[error("cannot read the journal {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The decision could not be brought to disk.
    #[error("NOT SAVED: the journal {path} did not take the decision ({source}); nothing was written; see to the disk, then decide again{}", advice(source))]
    NotSaved {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// Written by a newer version, or by another program.
    #[error("{path} is no journal this program knows ({why}); nothing was changed")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// An entry is not what it claims to be, or has no place in its chain.
    #[error("{0}")]
    Broken(String),
}

/// Result of an operation on the journal.
pub type Result<T> = std::result::Result<T, JournalError>;

/// The open journal of one workspace.
pub struct Journal {
    pub(super) db: Connection,
    path: PathBuf,
    id: Arc<str>,
    /// The place after which nothing is read, while it is held there.
    pub(super) held: Cell<Hold>,
}

impl Journal {
    /// Opens the journal of a workspace folder, making it (0600) if it is not there; new entries are written under `id`, 32 hex digits.
    pub fn open(folder: &Path, id: &str) -> Result<Self> {
        let path = folder.join("journal.db");
        let settings = "PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;";
        let db = open(&path, settings).map_err(|trouble| match trouble {
            Trouble::Io(source) => JournalError::Io { path: path.clone(), source },
            Trouble::Sql(source) => JournalError::Read { path: path.clone(), source },
        })?;
        let mut journal = Self { db, path, id: id.into(), held: Cell::default() };
        journal.prepare()?;
        Ok(journal)
    }

    fn prepare(&mut self) -> Result<()> {
        let found = |db: &Connection| -> rusqlite::Result<(i64, i64, i64)> {
            let number = |pragma: &str| db.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0));
            Ok((number("application_id")?, number("user_version")?, db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?))
        };
        // Of one moment: another process may be making it.
        match self.at_once(|| self.read(found(&self.db)))?? {
            (APPLICATION_ID, VERSION, _) => return Ok(()),
            (0, 0, 0) => {}
            (APPLICATION_ID, version, _) => return Err(self.foreign(format!("its form is {version}, this program knows {VERSION}; use the newer ossia"))),
            _ => return Err(self.foreign("it is the database of another program".to_owned())),
        }
        let path = self.path.clone();
        let not_saved = |source| JournalError::NotSaved { path: path.clone(), source };
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(not_saved)?;
        if found(&transaction).map_err(not_saved)?.1 == 0 {
            transaction.execute_batch(SCHEMA).map_err(not_saved)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(not_saved)?;
            transaction.pragma_update(None, "user_version", VERSION).map_err(not_saved)?;
        }
        transaction.commit().map_err(not_saved)
    }

    /// Appends decisions of one reviewer as one act, all or none; when it returns, they are on disk.
    pub fn append(&self, reviewer: &str, at: Timestamp, drafts: &[Draft]) -> Result<Vec<Entry>> {
        self.atomically(|| {
            let mut clock = self.last_clock()?;
            let mut head = self.head(&self.id, reviewer)?;
            let reviewer: Arc<str> = reviewer.into();
            let mut entries = Vec::with_capacity(drafts.len());
            for draft in drafts {
                clock += 1;
                if clock > LAST_CLOCK {
                    return Err(JournalError::Broken("the journal's logical clock is at its end; no entry can come after it".to_owned()));
                }
                let act = entries.first().map(|first: &Entry| first.id);
                let entry = Entry::sealed(&Place { journal: &self.id, reviewer: &reviewer, after: head, act, clock, at }, draft);
                let entry = entry.ok_or_else(|| JournalError::Broken(format!("the body of a {} is no JSON; nothing was written", draft.kind)))?;
                self.insert(&entry)?;
                head = Some((entry.seq, entry.id));
                entries.push(entry);
            }
            Ok(entries)
        })
    }

    pub(super) fn insert(&self, entry: &Entry) -> Result<()> {
        let mut insert = self.write(self.db.prepare_cached(&format!("INSERT INTO entry ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)")))?;
        let Entry { id, journal, reviewer, seq, clock, at, kind, version, prev, act, body } = entry;
        let (prev, act) = (prev.as_ref().map(|id| id.bytes().as_slice()), act.as_ref().map(|id| id.bytes().as_slice()));
        let values =
            params![clock.cast_signed(), id.bytes().as_slice(), &**journal, &**reviewer, seq.cast_signed(), at.ms(), &**kind, version, prev, act, &**body];
        self.write(insert.execute(values)).map(|_| ())
    }

    /// Runs changes as one transaction; after an error nothing of them is there.
    pub(super) fn atomically<T>(&self, change: impl FnOnce() -> Result<T>) -> Result<T> {
        self.write(self.db.execute_batch("BEGIN IMMEDIATE"))?;
        let done = change().and_then(|value| self.write(self.db.execute_batch("COMMIT")).map(|()| value));
        if done.is_err() && !self.db.is_autocommit() {
            // The first error is the one to report; what cannot be rolled back now is rolled back when the file is next opened.
            let _ = self.db.execute_batch("ROLLBACK");
        }
        done
    }

    /// Gives the last entry of a chain: its place and id. Where a chain has forked, the latest one.
    pub(super) fn head(&self, journal: &str, reviewer: &str) -> Result<Option<(u64, EntryId)>> {
        let query = "SELECT seq, id FROM entry WHERE journal = ?1 AND reviewer = ?2 ORDER BY seq DESC, clock DESC, id DESC LIMIT 1";
        let mut select = self.read(self.db.prepare_cached(query))?;
        let found = self.read(select.query_row([journal, reviewer], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), id_of(row, 1)?))).optional())?;
        Ok(found)
    }

    /// Gives the largest logical clock; 0 of an empty journal.
    pub fn last_clock(&self) -> Result<u64> {
        let mut select = self.read(self.db.prepare_cached("SELECT clock FROM entry ORDER BY clock DESC LIMIT 1"))?;
        Ok(self.read(select.query_row([], |row| row.get::<_, i64>(0)).optional())?.map_or(0, i64::cast_unsigned))
    }

    /// Hands out every entry after a place, in the order of folding: by logical clock, then by id.
    pub fn each(&self, after: Option<(u64, EntryId)>, mut take: impl FnMut(Entry)) -> Result<()> {
        let (clock, id) = after.map_or((-1, Vec::new()), |(clock, id)| (clock.cast_signed(), id.bytes().to_vec()));
        let (last_clock, last_id) = self.end(false);
        self.walk("WHERE (clock, id) > (?1, ?2) AND (clock, id) <= (?3, ?4) ORDER BY clock, id", params![clock, id, last_clock, last_id], |entry| {
            take(entry);
            ControlFlow::Continue(())
        })
    }

    /// Gives the entries of some kinds in the order of folding, those left out that were undone.
    pub fn of_kinds(&self, kinds: &[&str]) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        for kind in kinds.iter().copied().chain([Undo::KIND, Redo::KIND]) {
            // The index over kinds leaves labels out, and is used only where the query says so as well.
            let clause = if kind == "label" { "WHERE kind = ?1 ORDER BY clock, id" } else { "WHERE kind = ?1 AND kind <> 'label' ORDER BY clock, id" };
            self.walk(clause, params![kind], |entry| {
                found.push(entry);
                ControlFlow::Continue(())
            })?;
        }
        found.retain(|entry| self.reads((entry.clock, entry.id), kinds));
        found.sort_by_key(|entry| (entry.clock, entry.id));
        let mut undone: FxHashSet<(EntryId, Arc<str>, Arc<str>)> = FxHashSet::default();
        for entry in &found {
            if let Ok(Some(Undo { of })) = entry.decision() {
                undone.insert((of, entry.journal.clone(), entry.reviewer.clone()));
            } else if let Ok(Some(Redo { of })) = entry.decision() {
                undone.remove(&(of, entry.journal.clone(), entry.reviewer.clone()));
            }
        }
        found.retain(|entry| kinds.contains(&&*entry.kind) && !undone.contains(&(entry.act(), entry.journal.clone(), entry.reviewer.clone())));
        Ok(found)
    }

    /// Hands out the entries of one reviewer of this journal, the latest first, until told to stop.
    pub fn backwards(&self, reviewer: &str, take: impl FnMut(Entry) -> ControlFlow<()>) -> Result<()> {
        self.walk("WHERE journal = ?1 AND reviewer = ?2 ORDER BY seq DESC, clock DESC, id DESC", params![&*self.id, reviewer], take)
    }

    /// Hands out all entries, the latest first, until told to stop.
    pub fn latest(&self, take: impl FnMut(Entry) -> ControlFlow<()>) -> Result<()> {
        self.walk("ORDER BY clock DESC, id DESC", params![], take)
    }

    pub(super) fn walk(&self, which: &str, values: impl rusqlite::Params, mut take: impl FnMut(Entry) -> ControlFlow<()>) -> Result<()> {
        let mut select = self.read(self.db.prepare_cached(&format!("SELECT {COLUMNS} FROM entry {which}")))?;
        let mut rows = self.read(select.query(values))?;
        let mut known = Known::default();
        while let Some(row) = self.read(rows.next())? {
            if take(self.read(known.entry(row))?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Finds one entry by its id.
    pub fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        let mut found = None;
        self.walk("WHERE id = ?1", params![id.bytes().as_slice()], |entry| {
            found = Some(entry);
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// Gives a number that changes when another process, or another connection, has written.
    pub fn change_counter(&self) -> Result<i64> {
        self.read(self.db.query_row("PRAGMA data_version", [], |row| row.get(0)))
    }

    /// Counts the entries of some kinds other than labels, with those that undo or redo: a number that grows with whatever changes what they say.
    pub fn count_of(&self, kinds: &[&str]) -> Result<u64> {
        let mut count = 0;
        let (clock, id) = self.end(are_safeguards(kinds));
        for kind in kinds.iter().copied().chain([Undo::KIND, Redo::KIND]) {
            let sql = "SELECT count(*) FROM entry WHERE kind = ?1 AND kind <> 'label' AND (clock, id) <= (?2, ?3)";
            count += self.read(self.db.query_row(sql, params![kind, clock, id], |row| row.get::<_, i64>(0)))?.cast_unsigned();
        }
        Ok(count)
    }

    /// Lists the kinds of entries that are there.
    pub fn kinds(&self) -> Result<Vec<String>> {
        let mut select = self.read(self.db.prepare_cached("SELECT DISTINCT kind FROM entry WHERE kind <> 'label' ORDER BY kind"))?;
        let rows = self.read(select.query_map([], |row| row.get(0)))?;
        self.read(rows.collect())
    }

    /// Counts the entries; of a whole journal by its smallest index, as every start asks.
    pub fn count(&self) -> Result<u64> {
        let number = |row: &Row<'_>| row.get::<_, i64>(0);
        let counted = if self.held().decisions.is_none() {
            self.db.query_row("SELECT count(*) FROM entry", [], number)
        } else {
            let (clock, id) = self.end(false);
            self.db.query_row("SELECT count(*) FROM entry WHERE (clock, id) <= (?1, ?2)", params![clock, id], number)
        };
        self.read(counted).map(i64::cast_unsigned)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the id under which this workspace writes.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Copies the journal into one file while it may be in use.
    pub fn backup(&self, to: &Path) -> Result<()> {
        let failed = |source| JournalError::NotSaved { path: to.to_owned(), source };
        private(to).map_err(|source| JournalError::Io { path: to.to_owned(), source })?;
        let mut target = Connection::open(to).map_err(failed)?;
        let backup = rusqlite::backup::Backup::new(&self.db, &mut target).map_err(failed)?;
        backup.run_to_completion(256, Duration::ZERO, None).map_err(failed)
    }

    pub(super) fn read<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|source| JournalError::Read { path: self.path.clone(), source })
    }

    pub(super) fn write<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|source| JournalError::NotSaved { path: self.path.clone(), source })
    }

    fn foreign(&self, why: String) -> JournalError {
        JournalError::Foreign { path: self.path.clone(), why }
    }
}

/// Strings that many entries share, kept once.
#[derive(Default)]
struct Known(Vec<Arc<str>>);

impl Known {
    fn entry(&mut self, row: &Row<'_>) -> rusqlite::Result<Entry> {
        let unsigned = |i: usize| row.get::<_, i64>(i).map(i64::cast_unsigned);
        Ok(Entry {
            clock: unsigned(0)?,
            id: id_of(row, 1)?,
            journal: self.shared(row.get_ref(2)?.as_str()?),
            reviewer: self.shared(row.get_ref(3)?.as_str()?),
            seq: unsigned(4)?,
            at: Timestamp::from_ms(row.get(5)?).ok_or(rusqlite::Error::IntegralValueOutOfRange(5, 0))?,
            kind: self.shared(row.get_ref(6)?.as_str()?),
            version: row.get(7)?,
            prev: maybe_id_of(row, 8)?,
            act: maybe_id_of(row, 9)?,
            body: row.get_ref(10)?.as_str()?.into(),
        })
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.iter().find(|known| &***known == text) {
            return known.clone();
        }
        // Reviewers and kinds are few; a journal made to have many only loses the sharing.
        let new: Arc<str> = text.into();
        if self.0.len() < 64 {
            self.0.push(new.clone());
        }
        new
    }
}

fn maybe_id_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<EntryId>> {
    if row.get_ref(column)? == rusqlite::types::ValueRef::Null { Ok(None) } else { id_of(row, column).map(Some) }
}

fn id_of(row: &Row<'_>, column: usize) -> rusqlite::Result<EntryId> {
    let bytes = row.get_ref(column)?.as_blob()?;
    EntryId::from_bytes(bytes).ok_or(rusqlite::Error::InvalidColumnType(column, "id".to_owned(), rusqlite::types::Type::Blob))
}
