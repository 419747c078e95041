//! The schema of `sources.db` and its migrations: one SQL text per version, applied in order.

use super::{Result, Store, StoreError};
use rusqlite::TransactionBehavior;

const MIGRATIONS: &[&str] = &["
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('workspace_id', lower(hex(randomblob(16)))), ('generation', '0');
CREATE TABLE frame (id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, length INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE source (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, format TEXT NOT NULL, container TEXT NOT NULL, sha256 TEXT NOT NULL,
  size INTEGER NOT NULL, inode INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
  records INTEGER NOT NULL, steps INTEGER NOT NULL, issues TEXT NOT NULL);
CREATE INDEX source_sha256 ON source (sha256);
CREATE TABLE source_version (source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE, size INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (source, size, sha256)) WITHOUT ROWID;
CREATE TABLE source_frame (source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE, ordinal INTEGER NOT NULL, start INTEGER NOT NULL, frame INTEGER NOT NULL REFERENCES frame, PRIMARY KEY (source, ordinal)) WITHOUT ROWID;
CREATE INDEX source_frame_frame ON source_frame (frame);
CREATE TABLE trajectory (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, summary TEXT NOT NULL, generation INTEGER NOT NULL);
CREATE TABLE portion (
  source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE, trajectory INTEGER NOT NULL REFERENCES trajectory ON DELETE CASCADE,
  session TEXT NOT NULL, joined TEXT NOT NULL, ranges BLOB, PRIMARY KEY (source, trajectory, session)) WITHOUT ROWID;
CREATE INDEX portion_trajectory ON portion (trajectory);
CREATE TABLE inner_id (id TEXT NOT NULL, source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE, session TEXT NOT NULL, PRIMARY KEY (id, source, session)) WITHOUT ROWID;
", "
CREATE TABLE points (trajectory INTEGER PRIMARY KEY REFERENCES trajectory ON DELETE CASCADE, list TEXT NOT NULL);
", "
CREATE TABLE IF NOT EXISTS audit (trajectory INTEGER PRIMARY KEY REFERENCES trajectory ON DELETE CASCADE, generation INTEGER NOT NULL, engine TEXT NOT NULL, known TEXT NOT NULL,
  fields INTEGER NOT NULL, bytes INTEGER NOT NULL, coverage TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS finding (id TEXT NOT NULL, trajectory INTEGER NOT NULL REFERENCES trajectory ON DELETE CASCADE, fingerprint TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (trajectory, id));
CREATE INDEX IF NOT EXISTS finding_fingerprint ON finding (fingerprint);
", "
CREATE TABLE IF NOT EXISTS masked (trajectory INTEGER PRIMARY KEY REFERENCES trajectory ON DELETE CASCADE, rules TEXT NOT NULL, found TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS to_mask (trajectory INTEGER PRIMARY KEY REFERENCES trajectory ON DELETE CASCADE);
", "
CREATE INDEX IF NOT EXISTS trajectory_started ON trajectory (CASE WHEN summary <> '' THEN json_extract(summary, '$.started_at') END COLLATE NOCASE DESC, name);
", "
DROP TABLE points;
CREATE TABLE points (trajectory INTEGER PRIMARY KEY REFERENCES trajectory ON DELETE CASCADE, list BLOB NOT NULL, length INTEGER NOT NULL);
", "
ALTER TABLE source ADD COLUMN earlier_of INTEGER REFERENCES source ON DELETE CASCADE;
CREATE INDEX source_earlier ON source (earlier_of) WHERE earlier_of IS NOT NULL;
ALTER TABLE portion ADD COLUMN steps INTEGER NOT NULL DEFAULT 0;
", "
CREATE TABLE remembered (fingerprint TEXT PRIMARY KEY, length INTEGER NOT NULL, sum INTEGER NOT NULL, about TEXT NOT NULL, by_hand INTEGER NOT NULL) WITHOUT ROWID;
", "
CREATE TABLE source_alias (path TEXT NOT NULL, sha256 TEXT NOT NULL, source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE, PRIMARY KEY (path, sha256)) WITHOUT ROWID;
CREATE INDEX source_alias_source ON source_alias (source);
", "
CREATE TABLE gist (trajectory INTEGER PRIMARY KEY REFERENCES trajectory ON DELETE CASCADE, list BLOB NOT NULL);
INSERT INTO meta SELECT 'gists', 'some' WHERE EXISTS (SELECT 1 FROM points);
CREATE INDEX trajectory_parent ON trajectory (CASE WHEN summary <> '' THEN json_extract(summary, '$.parent') END) WHERE CASE WHEN summary <> '' THEN json_extract(summary, '$.parent') END IS NOT NULL;
"];

/// How a connection to the store is set up.
pub(super) const SETTINGS: &str =
    "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA cache_size=-8000; PRAGMA wal_autocheckpoint=4000;";

impl Store {
    /// Applies the migrations that are missing.
    pub(super) fn prepare(&mut self) -> Result<()> {
        let path = self.path.clone();
        let sql = |source| StoreError::Sql { path: path.clone(), source };
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let found: i64 = self.db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sql)?;
        if found > known {
            return Err(StoreError::Newer { path, found, known });
        }
        if found == known {
            return Ok(());
        }
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sql)?;
        for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            transaction.execute_batch(migration).map_err(sql)?;
        }
        transaction.pragma_update(None, "user_version", known).map_err(sql)?;
        transaction.commit().map_err(sql)
    }
}
