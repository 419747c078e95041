//! Connecting to a database file that other processes open, make and close at the same moment; one that cannot be written is read as it lies.

use super::private::private;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long another process that has what is needed is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Time between two tries where SQLite itself does not wait.
const AGAIN: Duration = Duration::from_millis(5);

/// Why a database was not opened.
pub(super) enum Trouble {
    /// The file cannot be made or used.
    Io(io::Error),
    /// SQLite refused.
    Sql(rusqlite::Error),
}

impl Trouble {
    fn is_unwritable(&self) -> bool {
        match self {
            Self::Io(error) => is_unwritable(error),
            Self::Sql(error) => matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen)),
        }
    }
}

/// Tells whether what failed needed leave to write.
pub(super) fn is_unwritable(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
}

/// Opens a database file that its owner alone reads, making it if there is none; one that cannot be written is opened to be read.
pub(super) fn open(path: &Path, settings: &str) -> Result<Connection, Trouble> {
    match private(path).map_err(Trouble::Io).and_then(|()| connect(path, settings).map_err(Trouble::Sql)) {
        Err(trouble) if trouble.is_unwritable() && path.is_file() => to_read(path, trouble),
        done => done,
    }
}

/// Opens a database file that nobody writes, without the files beside it that SQLite otherwise shares between processes.
fn to_read(path: &Path, trouble: Trouble) -> Result<Connection, Trouble> {
    let Some(name) = path.to_str() else { return Err(trouble) };
    // Whoever has it open, or did not close it, has part of it in there: without that it would be read as it never was.
    if std::fs::metadata(format!("{name}-wal")).is_ok_and(|wal| wal.len() > 0) {
        let why = "it cannot be written here, and another program has it open or did not close it".to_owned();
        return Err(Trouble::Sql(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CANTOPEN), Some(why))));
    }
    let name = name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(format!("file:{name}?immutable=1"), flags).map_err(|_| trouble)
}

/// Opens a database file in WAL mode, and applies settings of one's own.
fn connect(path: &Path, settings: &str) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(PATIENCE)?;
    let begun = Instant::now();
    // While another process turns a new file to WAL, or clears up as its last user, SQLite refuses at once, whatever the timeout:
    // https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode
    while let Err(error) = db.execute_batch("PRAGMA journal_mode=WAL; SELECT 1 FROM sqlite_schema;") {
        if !is_taken(&error) || begun.elapsed() > PATIENCE {
            return Err(error);
        }
        sleep(AGAIN);
    }
    db.execute_batch(settings)?;
    Ok(db)
}

fn is_taken(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_meets_a_file_that_is_taken_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        let first = Connection::open(&path).unwrap();
        first.execute_batch("BEGIN EXCLUSIVE; CREATE TABLE held (x);").unwrap();
        let let_go = std::thread::spawn(move || {
            sleep(4 * AGAIN);
            first.execute_batch("COMMIT").unwrap();
        });
        let db = connect(&path, "PRAGMA synchronous=FULL;").unwrap();
        assert_eq!(db.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0)).unwrap(), "wal");
        let_go.join().unwrap();
    }

    #[test]
    fn what_nobody_may_write_is_read_as_it_lies_unless_part_of_it_is_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("what? 100%#.db");
        let db = connect(&path, "CREATE TABLE kept (x); INSERT INTO kept VALUES (7);").unwrap();
        let unwritable = || Trouble::Io(ErrorKind::ReadOnlyFilesystem.into());
        let told = to_read(&path, unwritable()).err().map(|trouble| matches!(trouble, Trouble::Sql(error) if error.to_string().contains("did not close it")));
        assert_eq!(told, Some(true), "the log is not empty");
        drop(db);
        let db = to_read(&path, unwritable()).ok().unwrap();
        assert_eq!(db.query_row("SELECT x FROM kept", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
        assert_eq!(db.execute("DELETE FROM kept", []).unwrap_err().sqlite_error_code(), Some(ErrorCode::ReadOnly));
        drop(db);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was put beside it");
        assert!(matches!(to_read(&folder.path().join("none.db"), unwritable()), Err(Trouble::Io(_))));
    }
}
