//! Opening the store, and what can go wrong with it.

use super::connect::{Trouble, is_unwritable, open};
use super::private::{private, restrict};
use super::schema::SETTINGS;
use rusqlite::Connection;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or file cannot be made, read or written.
    #[error("cannot use the workspace {path}: {source}{}", advice_io(source))]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the store {path}: {source}{}", advice(source))]
    Sql {
        /// The database file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// Written by a newer version.
    #[error("the store {path} has schema {found}, newer than this program knows ({known}); use the newer ossia")]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Schema found.
        found: i64,
        /// Newest schema known.
        known: i64,
    },
    /// A frame does not unpack to the bytes its hash promises.
    #[error(
        "frame {frame} of the source {path} is damaged in the store: {why}; where the file still lies, `ossia import --rehash` takes its bytes from there, \
         and `ossia doctor` names every damaged frame"
    )]
    Damaged {
        /// Number of the frame.
        frame: i64,
        /// Path of the source that was read.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// Says what to do where the disk is why.
fn advice_io(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
            "; copy it to where you may write, and name that copy with --workspace"
        }
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "; make room and try again, what was stored before is whole",
        _ => "",
    }
}

/// Says what to do where the disk is why; SQLite calls a full disk an I/O error where it cannot even make its shared memory.
pub(super) fn advice(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::SystemIoFailure) => {
            "; if the disk is full, make room and try again: what was stored before is whole"
        }
        Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen) => {
            "; it must be where you may write: copy it there, and name that copy with --workspace"
        }
        _ => "",
    }
}

/// The open store of one workspace.
pub struct Store {
    pub(super) db: Connection,
    pub(super) path: PathBuf,
    /// The frame that was unpacked last: sessions that lie in one file are read one after another.
    pub(super) unpacked: RefCell<(i64, Vec<u8>)>,
}

/// Result of a store operation.
pub type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Tells whether a folder holds a store, or the decisions of one; one that may not be looked into may.
    #[must_use]
    pub fn is_at(folder: &Path) -> bool {
        ["sources.db", "journal.db"].iter().any(|file| folder.join(file).try_exists().unwrap_or(true))
    }

    /// Opens the store in a folder, making both if they are not there (folder 0700, file 0600), and brings its schema up to date; one that lies
    /// where nobody may write is read as it is.
    pub fn open(folder: &Path) -> Result<Self> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        let path = folder.join("sources.db");
        match fs::create_dir_all(folder).and_then(|()| restrict(folder, 0o700)) {
            Err(error) if is_unwritable(&error) && path.is_file() => {}
            made => made.map_err(io(folder))?,
        }
        let db = open(&path, SETTINGS).map_err(|trouble| match trouble {
            Trouble::Io(source) => io(&path)(source),
            Trouble::Sql(source) => StoreError::Sql { path: path.clone(), source },
        })?;
        let mut store = Self { db, path, unpacked: RefCell::new((-1, Vec::new())) };
        // Without this, a statement is planned anew whenever a bound value changes.
        store.sql(store.db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true))?;
        store.db.set_prepared_statement_cache_capacity(64);
        store.prepare()?;
        Ok(store)
    }

    /// Tells whether nothing can be written to it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.db.is_readonly(rusqlite::MAIN_DB).unwrap_or(false)
    }

    /// Copies the whole store into one file while it may be in use.
    pub fn backup(&self, to: &Path) -> Result<()> {
        let sql = |source| StoreError::Sql { path: to.to_owned(), source };
        private(to).map_err(|source| StoreError::Io { path: to.to_owned(), source })?;
        let mut target = Connection::open(to).map_err(sql)?;
        let backup = rusqlite::backup::Backup::new(&self.db, &mut target).map_err(sql)?;
        backup.run_to_completion(256, std::time::Duration::ZERO, None).map_err(sql)
    }

    /// Brings what was removed to disk as zeros: the pages it stood on and the log are written over. While another process reads, the log
    /// waits for the next time.
    pub fn scrub(&self) -> Result<()> {
        self.sql(self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
    }

    /// Lets SQLite check its own file; gives what it found wrong.
    pub fn integrity(&self) -> Result<Vec<String>> {
        let mut check = self.sql(self.db.prepare("PRAGMA integrity_check"))?;
        let rows = self.sql(check.query_map([], |row| row.get::<_, String>(0)))?;
        let mut wrong = self.sql(rows.collect::<std::result::Result<Vec<_>, _>>())?;
        wrong.retain(|line| line != "ok");
        Ok(wrong)
    }

    pub(super) fn sql<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|source| StoreError::Sql { path: self.path.clone(), source })
    }
}
