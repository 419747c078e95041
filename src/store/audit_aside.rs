//! Setting the audit aside: findings of an earlier state of the decisions live in memory alone, and the stored ones stay as they are.
//!
//! `SQLite` takes a temporary table before one of the same name that is stored, so that whatever reads or writes findings meanwhile
//! does so in the copy, and no other process sees it.

use super::{Result, Store};

const ASIDE: &str = "
PRAGMA temp_store = MEMORY;
CREATE TEMP TABLE audit (trajectory INTEGER PRIMARY KEY, generation INTEGER NOT NULL, engine TEXT NOT NULL, known TEXT NOT NULL,
  fields INTEGER NOT NULL, bytes INTEGER NOT NULL, coverage TEXT NOT NULL);
CREATE TEMP TABLE finding (id TEXT NOT NULL, trajectory INTEGER NOT NULL, fingerprint TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (trajectory, id));
CREATE INDEX temp.finding_fingerprint_aside ON finding (fingerprint);
INSERT INTO temp.audit SELECT trajectory,generation,engine,known,fields,bytes,coverage FROM main.audit;
INSERT INTO temp.finding (id,trajectory,fingerprint,body) SELECT id,trajectory,fingerprint,body FROM main.finding ORDER BY rowid;
";

impl Store {
    /// Copies what the audit found into memory; from now on it is read and written there.
    pub fn set_audits_aside(&self) -> Result<()> {
        self.sql(self.db.execute_batch(ASIDE))
    }

    /// Drops that copy; what is stored counts again.
    pub fn take_audits_back(&self) -> Result<()> {
        self.sql(self.db.execute_batch("DROP TABLE IF EXISTS temp.finding; DROP TABLE IF EXISTS temp.audit;"))
    }
}
