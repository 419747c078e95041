//! What is kept of a value that a person wanted gone, so that it is known again when its sources are not there any more: never the value.

use super::{Result, Store};
use rusqlite::params;

/// What is kept of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedRow {
    /// Its keyed fingerprint.
    pub fingerprint: String,
    /// Its length in bytes.
    pub length: u64,
    /// Sixteen bits of a keyed sum over its bytes: by them most places of a text are passed over.
    pub sum: u16,
    /// What it is, and how sure, as JSON.
    pub about: String,
    /// Whether a person's mark alone made it known.
    pub by_hand: bool,
}

impl Store {
    /// Remembers a value; one that a rule found as well is no longer known by a mark alone.
    pub fn remember(&self, row: &RememberedRow) -> Result<()> {
        let sql = "INSERT INTO remembered (fingerprint,length,sum,about,by_hand) VALUES (?1,?2,?3,?4,?5)
            ON CONFLICT (fingerprint) DO UPDATE SET by_hand = min(by_hand, ?5)";
        let values = params![row.fingerprint, row.length.cast_signed(), row.sum, row.about, row.by_hand];
        self.sql(self.sql(self.db.prepare_cached(sql))?.execute(values)).map(|_| ())
    }

    /// Gives what is remembered, in the order of fingerprints.
    pub fn remembered(&self) -> Result<Vec<RememberedRow>> {
        self.remembered_where("1")
    }

    /// Gives of them those that no finding names.
    pub fn remembered_alone(&self) -> Result<Vec<RememberedRow>> {
        self.remembered_where("NOT EXISTS (SELECT 1 FROM finding WHERE finding.fingerprint = remembered.fingerprint)")
    }

    fn remembered_where(&self, condition: &str) -> Result<Vec<RememberedRow>> {
        let sql = format!("SELECT fingerprint,length,sum,about,by_hand FROM remembered WHERE {condition} ORDER BY fingerprint");
        let mut select = self.sql(self.db.prepare_cached(&sql))?;
        let rows = self.sql(select.query_map([], |row| {
            let length = row.get::<_, i64>(1)?.cast_unsigned();
            Ok(RememberedRow { fingerprint: row.get(0)?, length, sum: row.get(2)?, about: row.get(3)?, by_hand: row.get(4)? })
        }))?;
        self.sql(rows.collect())
    }
}
