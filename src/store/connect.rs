//! Connecting to a database file that other processes open, make and close at the same moment.

use rusqlite::{Connection, ErrorCode};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long another process that has what is needed is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Time between two tries where SQLite itself does not wait.
const AGAIN: Duration = Duration::from_millis(5);

/// Opens a database file in WAL mode, and applies settings of one's own.
pub(super) fn connect(path: &Path, settings: &str) -> rusqlite::Result<Connection> {
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
}
