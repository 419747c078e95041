//! What the audit of redactions derived: findings without their values, and which state of bytes and rules they are of.

use super::{Result, Store};
use rusqlite::{OptionalExtension, params};

/// The state of a trajectory's audit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditRow {
    /// Number of the trajectory.
    pub trajectory: i64,
    /// The store's generation of the trajectory when it was looked at.
    pub generation: i64,
    /// SHA-256 of the rules, lists and decoders; of the sure ones alone it begins with `certain:`.
    pub engine: String,
    /// Hash of the values that were known.
    pub known: String,
    /// Decoded fields that were looked at.
    pub fields: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was not read, and the counts by format and kind of field, as JSON.
    pub coverage: String,
}

/// One finding as it is kept: its id, the keyed fingerprint of its value, and the rest as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Id.
    pub id: String,
    /// Number of the trajectory.
    pub trajectory: i64,
    /// Keyed fingerprint of the value.
    pub fingerprint: String,
    /// The rest, as JSON; never the value.
    pub body: String,
}

impl Store {
    /// Replaces the findings and the state of a trajectory.
    pub fn put_audit(&self, row: &AuditRow, findings: &[FindingRow]) -> Result<()> {
        self.sql(self.sql(self.db.prepare_cached("DELETE FROM finding WHERE trajectory = ?1"))?.execute([row.trajectory]))?;
        for finding in findings {
            let insert = self.sql(self.db.prepare_cached("INSERT OR REPLACE INTO finding (id,trajectory,fingerprint,body) VALUES (?1,?2,?3,?4)"));
            self.sql(insert?.execute(params![finding.id, finding.trajectory, finding.fingerprint, finding.body]))?;
        }
        let put = "INSERT OR REPLACE INTO audit (trajectory,generation,engine,known,fields,bytes,coverage) VALUES (?1,?2,?3,?4,?5,?6,?7)";
        let values = params![row.trajectory, row.generation, row.engine, row.known, row.fields.cast_signed(), row.bytes.cast_signed(), row.coverage];
        self.sql(self.sql(self.db.prepare_cached(put))?.execute(values))?;
        let version = "INSERT INTO meta VALUES ('audit_version','1') ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)";
        self.sql(self.sql(self.db.prepare_cached(version))?.execute([])).map(|_| ())
    }

    /// Forgets what every audit found, so that everything is looked at anew.
    pub fn forget_audits(&self) -> Result<()> {
        self.atomically(|| {
            ["DELETE FROM finding", "DELETE FROM audit", "DELETE FROM remembered"].iter().try_for_each(|sql| self.sql(self.db.execute(sql, [])).map(|_| ()))
        })
    }

    /// Gives the state of a trajectory's audit.
    pub fn audit(&self, trajectory: i64) -> Result<Option<AuditRow>> {
        let mut select =
            self.sql(self.db.prepare_cached("SELECT trajectory,generation,engine,known,fields,bytes,coverage FROM audit WHERE trajectory = ?1"))?;
        let row = select.query_row([trajectory], |row| {
            let number = |i: usize| row.get::<_, i64>(i).map(i64::cast_unsigned);
            Ok(AuditRow {
                trajectory: row.get(0)?,
                generation: row.get(1)?,
                engine: row.get(2)?,
                known: row.get(3)?,
                fields: number(4)?,
                bytes: number(5)?,
                coverage: row.get(6)?,
            })
        });
        self.sql(row.optional())
    }

    /// Gives the findings of one trajectory, or of all.
    pub fn findings(&self, trajectory: Option<i64>) -> Result<Vec<FindingRow>> {
        let query = "SELECT id,trajectory,fingerprint,body FROM finding WHERE ?1 IS NULL OR trajectory = ?1 ORDER BY trajectory, rowid";
        let mut select = self.sql(self.db.prepare_cached(query))?;
        let rows =
            select.query_map([trajectory], |row| Ok(FindingRow { id: row.get(0)?, trajectory: row.get(1)?, fingerprint: row.get(2)?, body: row.get(3)? }));
        self.sql(self.sql(rows)?.collect())
    }

    /// Gives the findings of a value, by its fingerprint, or else the ones of an id.
    pub fn findings_named(&self, name: &str) -> Result<Vec<FindingRow>> {
        for query in [
            "SELECT id,trajectory,fingerprint,body FROM finding WHERE fingerprint = ?1 ORDER BY trajectory, rowid",
            "SELECT id,trajectory,fingerprint,body FROM finding WHERE id = ?1 ORDER BY trajectory, rowid",
        ] {
            let mut select = self.sql(self.db.prepare_cached(query))?;
            let rows = select.query_map([name], |row| Ok(FindingRow { id: row.get(0)?, trajectory: row.get(1)?, fingerprint: row.get(2)?, body: row.get(3)? }));
            let named: Vec<FindingRow> = self.sql(self.sql(rows)?.collect())?;
            if !named.is_empty() {
                return Ok(named);
            }
        }
        Ok(Vec::new())
    }

    /// Counts the places of a value, by its fingerprint.
    pub fn places_of(&self, fingerprint: &str) -> Result<u64> {
        let mut select = self.sql(self.db.prepare_cached("SELECT count(*) FROM finding WHERE fingerprint = ?1"))?;
        self.sql(select.query_row([fingerprint], |row| row.get::<_, i64>(0))).map(i64::cast_unsigned)
    }

    /// Gives the trajectories that hold a value, by its fingerprint.
    pub fn holders_of(&self, fingerprint: &str) -> Result<Vec<i64>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT DISTINCT trajectory FROM finding WHERE fingerprint = ?1 ORDER BY trajectory"))?;
        let rows = self.sql(select.query_map([fingerprint], |row| row.get(0)))?;
        self.sql(rows.collect())
    }
}
