//! The catalog: trajectories, which portions of which sources they are made of, and ids that wait for their trajectory.

use super::{Result, Store, StoreError};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeSet;

/// One trajectory in the catalog.
#[derive(Debug, Clone)]
pub struct TrajectoryRow {
    /// Number, the same in the index.
    pub id: i64,
    /// `<agent>:<session id>`.
    pub name: String,
    /// Its row of `ls`, as JSON.
    pub summary: String,
    /// The store's generation when its sources changed last.
    pub generation: i64,
}

/// One source's share of one trajectory.
#[derive(Debug, Clone)]
pub struct PortionRow {
    /// Number of the source.
    pub source: i64,
    /// Number of the trajectory.
    pub trajectory: i64,
    /// How the portion names its session: `=id`, `?fallback` or `+ids`.
    pub session: String,
    /// How it was joined.
    pub join: String,
    /// Byte ranges of its records; `None` where the whole source is one portion.
    pub ranges: Option<Vec<(u64, u64, u64)>>,
    /// Steps of the trajectory that the source's records take part in.
    pub steps: u64,
}

impl Store {
    /// Runs changes as one transaction: all of them are stored, or none.
    pub fn atomically<T>(&self, change: impl FnOnce() -> Result<T>) -> Result<T> {
        // What is set aside in memory is written even where the store itself cannot be.
        self.sql(self.db.execute_batch(if self.is_read_only() { "BEGIN" } else { "BEGIN IMMEDIATE" }))?;
        match change() {
            Ok(value) => {
                self.sql(self.db.execute_batch("COMMIT"))?;
                Ok(value)
            }
            Err(error) => {
                // The error that matters is the first one; a failing rollback leaves the transaction to be undone on close.
                let _ = self.db.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// Asks many questions of the store as it stands at one moment, so that not each of them takes a lock of its own.
    pub fn at_one_moment<T>(&self, ask: impl FnOnce() -> T) -> Result<T> {
        self.sql(self.db.execute_batch("BEGIN"))?;
        let answer = ask();
        self.sql(self.db.execute_batch("COMMIT"))?;
        Ok(answer)
    }

    /// Gives the number of a trajectory, making a row for it if there is none; the second value tells whether it is new.
    pub fn trajectory_number(&self, name: &str) -> Result<(i64, bool)> {
        if let Some(id) = self.find_trajectory(name)? {
            return Ok((id, false));
        }
        self.sql(self.sql(self.db.prepare_cached("INSERT INTO trajectory (name,summary,generation) VALUES (?1,'',0)"))?.execute([name]))?;
        Ok((self.db.last_insert_rowid(), true))
    }

    /// Finds the number of a trajectory.
    pub fn find_trajectory(&self, name: &str) -> Result<Option<i64>> {
        self.sql(self.sql(self.db.prepare_cached("SELECT id FROM trajectory WHERE name = ?1"))?.query_row([name], |row| row.get(0)).optional())
    }

    /// Gives the numbers of the trajectories whose names begin so, at most `limit`.
    pub fn trajectories_under(&self, prefix: &str, limit: usize) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM trajectory WHERE name >= ?1 AND name < ?1 || char(1114111) ORDER BY name LIMIT ?2";
        let mut select = self.sql(self.db.prepare_cached(sql))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.sql(select.query_map(rusqlite::params![prefix, limit], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Gives the numbers of the trajectories that call one their parent, as far as they were summarised.
    pub fn trajectories_of_parent(&self, parent: &str) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM trajectory WHERE CASE WHEN summary <> '' THEN json_extract(summary, '$.parent') END = ?1 ORDER BY name";
        let mut select = self.sql(self.db.prepare_cached(sql))?;
        let rows = self.sql(select.query_map([parent], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Gives the number and the generation of every trajectory, by number.
    pub fn generations(&self) -> Result<Vec<(i64, i64)>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT id,generation FROM trajectory ORDER BY id"))?;
        let rows = self.sql(select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))))?;
        self.sql(rows.collect())
    }

    /// Shows every trajectory, by number; one at a time, as the summaries of a large store take a hundred megabytes.
    pub fn each_trajectory(&self, mut show: impl FnMut(TrajectoryRow)) -> Result<()> {
        let mut select = self.sql(self.db.prepare_cached("SELECT id,name,summary,generation FROM trajectory ORDER BY id"))?;
        let mut rows = self.sql(select.query([]))?;
        while let Some(row) = self.sql(rows.next())? {
            show(self.sql((|| Ok(TrajectoryRow { id: row.get(0)?, name: row.get(1)?, summary: row.get(2)?, generation: row.get(3)? }))())?);
        }
        Ok(())
    }

    /// Counts the trajectories.
    pub fn trajectory_count(&self) -> Result<u64> {
        self.sql(self.db.query_row("SELECT count(*) FROM trajectory", [], |row| row.get::<_, i64>(0))).map(i64::cast_unsigned)
    }

    /// Gives the numbers of all trajectories in the order of a field of their summaries, ties by name; `at` (latest start) where it is unknown.
    pub fn trajectory_order(&self, field: &str, descending: bool) -> Result<Vec<i64>> {
        self.ordered(field, descending, -1)
    }

    /// Gives the numbers of the trajectories that started last, the latest first.
    pub fn latest_trajectories(&self, limit: usize) -> Result<Vec<i64>> {
        self.ordered("at", true, i64::try_from(limit).unwrap_or(i64::MAX))
    }

    fn ordered(&self, field: &str, descending: bool, limit: i64) -> Result<Vec<i64>> {
        let paths = SORT_PATHS.iter().find(|(name, _)| *name == field).map_or(&["$.started_at"][..], |(_, paths)| *paths);
        let direction = if descending { "DESC NULLS LAST" } else { "ASC NULLS LAST" };
        let value = paths.iter().map(|path| format!("json_extract(summary, '{path}')")).collect::<Vec<_>>().join(" + ");
        // A trajectory that was stored a moment ago has no summary yet. For the latest start the schema has an index of this very expression.
        let key = format!("CASE WHEN summary <> '' THEN {value} END");
        let mut select = self.sql(self.db.prepare_cached(&format!("SELECT id FROM trajectory ORDER BY {key} COLLATE NOCASE {direction}, name LIMIT ?1")))?;
        let rows = self.sql(select.query_map([limit], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Gives a mark that is another one after anything in the store was changed, by this process or another.
    pub fn version(&self) -> Result<(i64, u64)> {
        Ok((self.sql(self.db.query_row("PRAGMA data_version", [], |row| row.get(0)))?, self.db.total_changes()))
    }

    /// Gives the numbers of the trajectories that share their first entry with another of the same agent, or that another calls its parent.
    pub fn trajectories_with_relatives(&self) -> Result<Vec<i64>> {
        let sql = "WITH known AS (SELECT id, name, substr(name, 1, instr(name, ':')) AS agent, json_extract(summary, '$.first_entry') AS entry,
              json_extract(summary, '$.parent') AS parent FROM trajectory WHERE summary <> '')
            SELECT id FROM known WHERE (agent, entry) IN (SELECT agent, entry FROM known WHERE entry IS NOT NULL GROUP BY agent, entry HAVING count(*) > 1)
            UNION SELECT id FROM known WHERE name IN (SELECT parent FROM known WHERE parent <> name)";
        let mut select = self.sql(self.db.prepare_cached(sql))?;
        let rows = self.sql(select.query_map([], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Gives one trajectory.
    pub fn trajectory(&self, id: i64) -> Result<Option<TrajectoryRow>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT id,name,summary,generation FROM trajectory WHERE id = ?1"))?;
        self.sql(
            select.query_row([id], |row| Ok(TrajectoryRow { id: row.get(0)?, name: row.get(1)?, summary: row.get(2)?, generation: row.get(3)? })).optional(),
        )
    }

    /// Stores what is derived of a trajectory: its summary and its decision points, both as JSON, and the points in short.
    pub fn set_derived(&self, id: i64, summary: &str, points: &str, gists: &[u8]) -> Result<()> {
        self.set_gists(id, gists)?;
        self.sql(self.sql(self.db.prepare_cached("UPDATE trajectory SET summary=?2 WHERE id=?1"))?.execute(params![id, summary]))?;
        let packed = super::frames::pack(points.as_bytes()).map_err(|source| StoreError::Io { path: self.path.clone(), source })?;
        let insert = self.sql(self.db.prepare_cached("INSERT OR REPLACE INTO points (trajectory, list, length) VALUES (?1,?2,?3)"));
        self.sql(insert?.execute(params![id, packed, points.len().cast_signed() as i64])).map(|_| ())
    }

    /// Stores the decision points of a trajectory in short.
    pub fn set_gists(&self, id: i64, gists: &[u8]) -> Result<()> {
        self.sql(self.sql(self.db.prepare_cached("INSERT OR REPLACE INTO gist VALUES (?1,?2)"))?.execute(params![id, gists])).map(|_| ())
    }

    /// Reads the decision points of all trajectories in short.
    pub fn each_gists(&self, mut each: impl FnMut(&[u8])) -> Result<()> {
        let mut select = self.sql(self.db.prepare_cached("SELECT list FROM gist"))?;
        let mut rows = self.sql(select.query([]))?;
        while let Some(row) = self.sql(rows.next())? {
            each(self.sql(row.get_ref(0))?.as_blob().unwrap_or_default());
        }
        Ok(())
    }

    /// Gives the trajectories with decision points that are not stored in short.
    pub fn without_gists(&self) -> Result<Vec<i64>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT trajectory FROM points WHERE trajectory NOT IN (SELECT trajectory FROM gist)"))?;
        let rows = self.sql(select.query_map([], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Gives the decision points of a trajectory as JSON; `None` where they were not derived yet.
    pub fn points(&self, id: i64) -> Result<Option<String>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT list, length FROM points WHERE trajectory = ?1"))?;
        let found: Option<(Vec<u8>, i64)> = self.sql(select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional())?;
        let Some((packed, length)) = found else { return Ok(None) };
        // They are derived: what cannot be read is derived again.
        Ok(super::frames::unpack(&packed, usize::try_from(length).unwrap_or(0), &[]).ok().and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// Remembers a value of the store's own state, such as the place in a queue; it may be lost.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        self.sql(self.sql(self.db.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1,?2)"))?.execute([key, value])).map(|_| ())
    }

    /// Removes a trajectory from the catalog.
    pub fn remove_trajectory(&self, id: i64) -> Result<()> {
        self.sql(self.db.execute("DELETE FROM trajectory WHERE id = ?1", [id])).map(|_| ())
    }

    /// Replaces the portions of a source.
    pub fn put_portions(&self, source: i64, portions: &[PortionRow]) -> Result<()> {
        self.sql(self.sql(self.db.prepare_cached("DELETE FROM portion WHERE source = ?1"))?.execute([source]))?;
        for portion in portions {
            self.put_portion(portion)?;
        }
        Ok(())
    }

    /// Stores one portion.
    pub fn put_portion(&self, portion: &PortionRow) -> Result<()> {
        let ranges = portion.ranges.as_ref().map(|ranges| ranges.iter().flat_map(|r| [r.0, r.1, r.2]).flat_map(u64::to_le_bytes).collect::<Vec<u8>>());
        let insert =
            self.sql(self.db.prepare_cached("INSERT OR REPLACE INTO portion (source,trajectory,session,joined,ranges,steps) VALUES (?1,?2,?3,?4,?5,?6)"));
        let steps = portion.steps.cast_signed();
        self.sql(insert?.execute(params![portion.source, portion.trajectory, portion.session, portion.join, ranges, steps])).map(|_| ())
    }

    /// Moves a portion to another trajectory.
    pub fn move_portion(&self, portion: &PortionRow, to: i64, join: &str) -> Result<()> {
        let update =
            self.sql(self.db.prepare_cached("UPDATE OR REPLACE portion SET trajectory=?4, joined=?5 WHERE source=?1 AND trajectory=?2 AND session=?3"));
        self.sql(update?.execute(params![portion.source, portion.trajectory, portion.session, to, join])).map(|_| ())
    }

    /// Gives the portions of a trajectory, or of a source.
    pub fn portions(&self, of: Portions) -> Result<Vec<PortionRow>> {
        let (clause, id) = match of {
            Portions::OfTrajectory(id) => ("trajectory", id),
            Portions::OfSource(id) => ("source", id),
        };
        let mut select = self.sql(
            self.db.prepare_cached(&format!("SELECT source,trajectory,session,joined,ranges,steps FROM portion WHERE {clause} = ?1 ORDER BY source,session")),
        )?;
        let rows = self.sql(select.query_map([id], |row| {
            let ranges: Option<Vec<u8>> = row.get(4)?;
            Ok(PortionRow {
                source: row.get(0)?,
                trajectory: row.get(1)?,
                session: row.get(2)?,
                join: row.get(3)?,
                ranges: ranges.map(|bytes| decode_ranges(&bytes)),
                steps: row.get::<_, i64>(5)?.cast_unsigned(),
            })
        }))?;
        self.sql(rows.collect())
    }

    /// Gives the SHA-256 of every source that several trajectories share.
    pub fn shared_sources(&self) -> Result<Vec<String>> {
        let query = "SELECT sha256 FROM source WHERE id IN (SELECT source FROM portion GROUP BY source HAVING count(DISTINCT trajectory) > 1) ORDER BY id";
        let mut select = self.sql(self.db.prepare_cached(query))?;
        let rows = self.sql(select.query_map([], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Remembers ids of a portion that names no session, so that a trajectory that holds one can claim it later.
    pub fn put_inner_ids(&self, source: i64, session: &str, ids: &[String]) -> Result<()> {
        for id in ids {
            self.sql(self.sql(self.db.prepare_cached("INSERT OR IGNORE INTO inner_id VALUES (?1,?2,?3)"))?.execute(params![id, source, session]))?;
        }
        Ok(())
    }

    /// Forgets the ids a source is waiting by.
    pub fn clear_inner_ids(&self, source: i64) -> Result<()> {
        self.sql(self.sql(self.db.prepare_cached("DELETE FROM inner_id WHERE source = ?1"))?.execute([source])).map(|_| ())
    }

    /// Gives all ids that portions wait by: (id, source, session).
    pub fn inner_ids(&self) -> Result<Vec<(String, i64, String)>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT id,source,session FROM inner_id"))?;
        let rows = self.sql(select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))?;
        self.sql(rows.collect())
    }

    /// Gives a value of the store's own state, such as `generation`.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        self.sql(self.sql(self.db.prepare_cached("SELECT value FROM meta WHERE key = ?1"))?.query_row([key], |row| row.get(0)).optional())
    }

    /// Counts the generation up and gives it to trajectories whose sources changed, so that the index can tell what it lacks.
    pub fn mark_changed(&self, trajectories: &BTreeSet<i64>) -> Result<()> {
        if trajectories.is_empty() {
            return Ok(());
        }
        self.sql(self.db.execute("UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'generation'", []))?;
        let mut update = self.sql(
            self.db.prepare_cached("UPDATE trajectory SET generation = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'generation') WHERE id = ?1"),
        )?;
        for id in trajectories {
            self.sql(update.execute([id]))?;
        }
        Ok(())
    }

    /// Gives the trajectories that changed after a generation, each with the generation of its last change.
    pub fn changed_since(&self, generation: i64) -> Result<Vec<(i64, i64)>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT id, generation FROM trajectory WHERE generation > ?1 ORDER BY id"))?;
        let rows = self.sql(select.query_map([generation], |row| Ok((row.get(0)?, row.get(1)?))))?;
        self.sql(rows.collect())
    }
}

/// Where in a summary the fields lie that trajectories are ordered by; what several hold is added up.
const SORT_PATHS: &[(&str, &[&str])] = &[
    ("at", &["$.started_at"]),
    ("title", &["$.title"]),
    ("agent", &["$.agent"]),
    ("model", &["$.model"]),
    ("arm", &["$.cohort.arm"]),
    ("steps", &["$.steps"]),
    ("executions", &["$.executions"]),
    ("wait", &["$.longest_wait_ms"]),
    ("denials", &["$.denials"]),
    ("retries", &["$.retries"]),
    ("errors", &["$.errors"]),
    ("findings", &["$.findings"]),
    ("audit", &["$.audit"]),
    ("tokens", &["$.tokens.input", "$.tokens.output", "$.tokens.cache_read", "$.tokens.cache_write"]),
    ("cost", &["$.cost_usd"]),
    ("id", &["$.id"]),
];

/// Whose portions are meant.
#[derive(Debug, Clone, Copy)]
pub enum Portions {
    /// Of a trajectory.
    OfTrajectory(i64),
    /// Of a source.
    OfSource(i64),
}

fn decode_ranges(bytes: &[u8]) -> Vec<(u64, u64, u64)> {
    let number = |chunk: &[u8]| u64::from_le_bytes(chunk.try_into().unwrap_or_default());
    bytes.chunks_exact(24).map(|c| (number(&c[..8]), number(&c[8..16]), number(&c[16..]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_order_is_read_from_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for (name, at) in [("a", "2026-01-01"), ("b", "2026-03-01"), ("c", ""), ("d", "2026-03-01")] {
            let (number, _) = store.trajectory_number(name).unwrap();
            let tokens = r#""tokens":{"input":1,"output":2,"cache_read":0,"cache_write":0}"#;
            let summary = if at.is_empty() { String::new() } else { format!("{{\"started_at\":\"{at}\",{tokens}}}") };
            store.set_derived(number, &summary, "[]", &[]).unwrap();
        }
        assert_eq!(store.trajectory_order("at", true).unwrap(), [2, 4, 1, 3]);
        assert_eq!(store.trajectory_order("at", false).unwrap(), [1, 2, 4, 3]);
        assert_eq!(store.trajectory_order("tokens", true).unwrap(), [1, 2, 4, 3]);
        let plan = "EXPLAIN QUERY PLAN SELECT id FROM trajectory ORDER BY CASE WHEN summary <> '' THEN json_extract(summary, '$.started_at') END \
                    COLLATE NOCASE DESC NULLS LAST, name";
        let steps: Vec<String> = store.db.prepare(plan).unwrap().query_map([], |row| row.get(3)).unwrap().map(|step| step.unwrap()).collect();
        assert_eq!(steps, ["SCAN trajectory USING COVERING INDEX trajectory_started"]);
    }

    #[test]
    fn sources_of_several_trajectories_are_named_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let numbers = ["a", "b"].map(|name| store.trajectory_number(name).unwrap().0);
        let shares: [(i64, &[(usize, &str)]); 3] = [(1, &[(0, "=x")]), (2, &[(0, "=x"), (1, "=y")]), (3, &[(1, "=x"), (1, "=y")])];
        for (source, portions) in shares {
            let insert = "INSERT INTO source (id,path,format,container,sha256,size,inode,mtime_ns,ctime_ns,records,steps,issues) \
                          VALUES (?1,'p'||?1,'f','plain','sha'||?1,0,0,0,0,0,0,'[]')";
            store.db.execute(insert, [source]).unwrap();
            for (number, session) in portions {
                let session = (*session).to_owned();
                store.put_portion(&PortionRow { source, trajectory: numbers[*number], session, join: "id".into(), ranges: None, steps: 0 }).unwrap();
            }
        }
        assert_eq!(store.shared_sources().unwrap(), ["sha2"]);
    }
}
