//! Other paths at which the bytes of a source lay: they are stored once, and what is said of any of their places holds for them.

use super::{Result, Store};
use rusqlite::params;

/// Another path of a source's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The path.
    pub path: String,
    /// SHA-256 of the file there.
    pub sha256: String,
    /// Number of the source that holds the bytes.
    pub source: i64,
}

impl Store {
    /// Remembers that the bytes of a source lay at another path as well.
    pub fn note_alias(&self, path: &str, sha256: &str, source: i64) -> Result<()> {
        let insert = self.sql(self.db.prepare_cached("INSERT OR REPLACE INTO source_alias (path,sha256,source) VALUES (?1,?2,?3)"));
        self.sql(insert?.execute(params![path, sha256, source])).map(|_| ())
    }

    /// Gives all of them in order of their paths.
    pub fn aliases(&self) -> Result<Vec<Alias>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT path,sha256,source FROM source_alias ORDER BY path,sha256"))?;
        let rows = self.sql(select.query_map([], |row| Ok(Alias { path: row.get(0)?, sha256: row.get(1)?, source: row.get(2)? })))?;
        self.sql(rows.collect())
    }
}
