//! What is masked of each trajectory in index and catalog, by fingerprints alone, and which trajectories wait to be masked anew.

use super::{FindingRow, Result, Store};
use rusqlite::{OptionalExtension, params};

/// What was masked when a trajectory was last indexed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MaskedRow {
    /// SHA-256 of the sure rules that looked.
    pub rules: String,
    /// Fingerprints of the values they found, and of the known ones that were masked.
    pub found: Vec<String>,
}

/// Which state of bytes and rules the audit of a trajectory is of, without its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditMark {
    /// Number of the trajectory.
    pub trajectory: i64,
    /// Whether its bytes are still those that were looked at.
    pub current: bool,
    /// SHA-256 of the rules, lists and decoders.
    pub engine: String,
    /// Hash of the values that were known.
    pub known: String,
}

impl Store {
    /// Remembers what is masked of a trajectory.
    pub fn put_masked(&self, trajectory: i64, row: &MaskedRow) -> Result<()> {
        let found = serde_json::to_string(&row.found).unwrap_or_default();
        self.sql(self.sql(self.db.prepare_cached("INSERT OR REPLACE INTO masked VALUES (?1,?2,?3)"))?.execute(params![trajectory, row.rules, found]))
            .map(|_| ())
    }

    /// Gives what is masked of a trajectory; `None` where nobody looked yet.
    pub fn masked(&self, trajectory: i64) -> Result<Option<MaskedRow>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT rules,found FROM masked WHERE trajectory = ?1"))?;
        let row = select.query_row([trajectory], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
        let row = self.sql(row.optional())?;
        Ok(row.map(|(rules, found)| MaskedRow { rules, found: serde_json::from_str(&found).unwrap_or_default() }))
    }

    /// Gives every trajectory in which something is masked, with the fingerprints.
    pub fn all_masked(&self) -> Result<Vec<(i64, Vec<String>)>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT trajectory,found FROM masked WHERE found <> '[]'"))?;
        let rows = self.sql(select.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))))?;
        let rows: Vec<(i64, String)> = self.sql(rows.collect())?;
        Ok(rows.into_iter().map(|(trajectory, found)| (trajectory, serde_json::from_str(&found).unwrap_or_default())).collect())
    }

    /// Puts a trajectory on the list of those whose index and catalog are to be masked anew, or takes it off.
    pub fn want_masked(&self, trajectory: i64, wanted: bool) -> Result<()> {
        let sql = if wanted { "INSERT OR IGNORE INTO to_mask VALUES (?1)" } else { "DELETE FROM to_mask WHERE trajectory = ?1" };
        self.sql(self.sql(self.db.prepare_cached(sql))?.execute([trajectory])).map(|_| ())
    }

    /// Gives that list.
    pub fn to_mask(&self) -> Result<Vec<i64>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT trajectory FROM to_mask ORDER BY trajectory"))?;
        let rows = self.sql(select.query_map([], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Gives the trajectories with findings of the audit.
    pub fn trajectories_with_findings(&self) -> Result<Vec<i64>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT DISTINCT trajectory FROM finding"))?;
        let rows = self.sql(select.query_map([], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Gives of which state each trajectory was audited.
    pub fn audit_marks(&self) -> Result<Vec<AuditMark>> {
        let sql =
            "SELECT audit.trajectory, audit.generation = trajectory.generation, engine, known FROM audit JOIN trajectory ON trajectory.id = audit.trajectory";
        let mut select = self.sql(self.db.prepare_cached(sql))?;
        let rows =
            self.sql(select.query_map([], |row| Ok(AuditMark { trajectory: row.get(0)?, current: row.get(1)?, engine: row.get(2)?, known: row.get(3)? })))?;
        self.sql(rows.collect())
    }

    /// Shows the trajectory, id and fingerprint of every finding.
    pub fn each_finding(&self, show: &mut dyn FnMut(i64, &str, &str)) -> Result<()> {
        let mut select = self.sql(self.db.prepare_cached("SELECT trajectory,id,fingerprint FROM finding"))?;
        let mut rows = self.sql(select.query([]))?;
        while let Some(row) = self.sql(rows.next())? {
            let part = |i: usize| row.get_ref(i).ok().and_then(|value| value.as_str().ok()).unwrap_or_default();
            show(self.sql(row.get(0))?, part(1), part(2));
        }
        Ok(())
    }

    /// Gives one finding of a value, by its fingerprint.
    pub fn finding_of(&self, fingerprint: &str) -> Result<Option<FindingRow>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT id,trajectory,fingerprint,body FROM finding WHERE fingerprint = ?1 LIMIT 1"))?;
        let row =
            select.query_row([fingerprint], |row| Ok(FindingRow { id: row.get(0)?, trajectory: row.get(1)?, fingerprint: row.get(2)?, body: row.get(3)? }));
        self.sql(row.optional())
    }
}
