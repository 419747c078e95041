//! Sources: their bytes in frames, their stamps and versions.

use super::frames::Framed;
use super::{KnownBytes, Result, Store};
use rusqlite::{OptionalExtension, params};

/// How the file holds its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// As they are.
    Plain,
    /// Compressed with gzip.
    Gzip,
    /// Compressed with zstd.
    Zstd,
    /// In a ZIP archive.
    Zip,
}

impl Container {
    /// Gives its name in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
        }
    }

    fn parse(name: &str) -> Self {
        [Self::Gzip, Self::Zstd, Self::Zip].into_iter().find(|c| c.as_str() == name).unwrap_or(Self::Plain)
    }
}

/// What tells without reading whether a file is the one that was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Inode.
    pub inode: u64,
    /// Modification time in ns.
    pub mtime_ns: i64,
    /// Change time in ns.
    pub ctime_ns: i64,
}

/// One source as the store knows it.
#[derive(Debug, Clone)]
pub struct SourceRow {
    /// Number in the store; 0 for one that is not stored yet.
    pub id: i64,
    /// Path it was imported from.
    pub path: String,
    /// Format it was read as.
    pub format: String,
    /// Container.
    pub container: Container,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Stamp at import.
    pub stamp: Stamp,
    /// Records.
    pub records: u64,
    /// Steps its records take part in.
    pub steps: u64,
    /// Issues as a JSON list for the import report.
    pub issues: String,
}

impl Store {
    /// Gives all sources in order of their paths, as they are now.
    pub fn sources(&self) -> Result<Vec<SourceRow>> {
        let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} WHERE earlier_of IS NULL ORDER BY path")))?;
        let rows = self.sql(select.query_map([], source_row))?;
        self.sql(rows.collect())
    }

    /// Gives all sources that were read as a format, in order of their paths, as they are now.
    pub fn sources_as(&self, format: &str) -> Result<Vec<SourceRow>> {
        let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} WHERE earlier_of IS NULL AND format = ?1 ORDER BY path")))?;
        let rows = self.sql(select.query_map([format], source_row))?;
        self.sql(rows.collect())
    }

    /// Counts the sources, and what they were before.
    pub fn source_count(&self) -> Result<u64> {
        self.sql(self.db.query_row("SELECT count(*) FROM source", [], |row| row.get::<_, i64>(0))).map(i64::cast_unsigned)
    }

    /// Gives what a source was before its file was rewritten, by its bytes of then.
    pub fn earlier(&self, of: i64) -> Result<Vec<SourceRow>> {
        let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} WHERE earlier_of = ?1 ORDER BY id")))?;
        let rows = self.sql(select.query_map([of], source_row))?;
        self.sql(rows.collect())
    }

    /// Finds a source by the path it was imported from.
    pub fn source_at(&self, path: &str) -> Result<Option<SourceRow>> {
        let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} WHERE path = ?1")))?;
        self.sql(select.query_row([path], source_row).optional())
    }

    /// Finds a source by its number.
    pub fn source(&self, id: i64) -> Result<Option<SourceRow>> {
        let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} WHERE id = ?1")))?;
        self.sql(select.query_row([id], source_row).optional())
    }

    /// Finds a source by the SHA-256 of its bytes as they are, or as they were before it grew or was rewritten.
    pub fn source_named(&self, sha256: &str) -> Result<Option<SourceRow>> {
        for clause in ["sha256 = ?1", "id IN (SELECT source FROM source_version WHERE sha256 = ?1)"] {
            let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} WHERE {clause} ORDER BY earlier_of IS NOT NULL, path LIMIT 1")))?;
            if let Some(row) = self.sql(select.query_row([sha256], source_row).optional())? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Finds a source that has these bytes now, read as this format, at whatever path.
    pub fn source_like(&self, sha256: &str, format: &str) -> Result<Option<SourceRow>> {
        let query = format!("{SELECT} WHERE sha256 = ?1 AND format = ?2 AND earlier_of IS NULL ORDER BY path LIMIT 1");
        let mut select = self.sql(self.db.prepare_cached(&query))?;
        self.sql(select.query_row([sha256, format], source_row).optional())
    }

    /// Gives the SHA-256 of every version of the sources that had one.
    pub fn versions(&self, sha256: &str) -> Result<Vec<String>> {
        let query = "SELECT DISTINCT sha256 FROM source_version WHERE source IN (SELECT source FROM source_version WHERE sha256 = ?1) AND sha256 <> ?1";
        let mut select = self.sql(self.db.prepare_cached(query))?;
        let rows = self.sql(select.query_map([sha256], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Stores a source and its frames in place of what is `known` at its path, and gives its number. Where the bytes do not go on from the
    /// known ones, those stay in the store as an earlier version, for whatever cites them.
    pub fn put_source(&self, row: &SourceRow, framed: &Framed, known: Option<&SourceRow>) -> Result<i64> {
        if let Some(known) = known.filter(|known| known.sha256 != row.sha256 && framed.continues != Some(true)) {
            self.keep_as_earlier(known)?;
        }
        let stamp = row.stamp;
        let values = params![
            row.path,
            row.format,
            row.container.as_str(),
            row.sha256,
            signed(stamp.size),
            signed(stamp.inode),
            stamp.mtime_ns,
            stamp.ctime_ns,
            signed(row.records),
            signed(row.steps),
            row.issues
        ];
        let upsert =
            "INSERT INTO source (path,format,container,sha256,size,inode,mtime_ns,ctime_ns,records,steps,issues) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)
            ON CONFLICT (path) DO UPDATE SET format=?2,container=?3,sha256=?4,size=?5,inode=?6,mtime_ns=?7,ctime_ns=?8,records=?9,steps=?10,issues=?11";
        self.sql(self.sql(self.db.prepare_cached(upsert))?.execute(values))?;
        let id = known.map_or_else(|| self.db.last_insert_rowid(), |known| known.id);
        let version = self.sql(self.db.prepare_cached("INSERT OR IGNORE INTO source_version VALUES (?1,?2,?3)"));
        self.sql(version?.execute(params![id, signed(stamp.size), row.sha256]))?;
        self.put_frames(id, framed)?;
        if let Some(known) = known.filter(|known| known.sha256 != row.sha256) {
            // Sessions of the file to which nothing was added are not derived anew; what is listed of them names the bytes of now.
            let rename = "UPDATE trajectory SET summary = replace(summary, ?2, ?3) WHERE id IN (SELECT trajectory FROM portion WHERE source = ?1)";
            self.sql(self.sql(self.db.prepare_cached(rename))?.execute(params![id, known.sha256, row.sha256]))?;
        }
        Ok(id)
    }

    /// Moves bytes and versions of a source to a row of its own, which goes when the source goes.
    fn keep_as_earlier(&self, known: &SourceRow) -> Result<()> {
        let path = format!("{} @ {}", known.path, known.sha256.get(..16).unwrap_or_default());
        let insert = "INSERT OR IGNORE INTO source (path,format,container,sha256,size,inode,mtime_ns,ctime_ns,records,steps,issues,earlier_of)
            SELECT ?2,format,container,sha256,size,inode,mtime_ns,ctime_ns,records,0,issues,id FROM source WHERE id = ?1";
        self.sql(self.db.execute(insert, params![known.id, path]))?;
        let Some(earlier) = self.source_at(&path)? else { return Ok(()) };
        for table in ["source_frame", "source_version"] {
            self.sql(self.db.execute(&format!("UPDATE OR IGNORE {table} SET source = ?2 WHERE source = ?1"), params![known.id, earlier.id]))?;
        }
        // What the earlier row knew already names that row alone.
        self.sql(self.db.execute("DELETE FROM source_version WHERE source = ?1", [known.id]))?;
        Ok(())
    }

    /// Gives what is stored of a source, for reading on from there.
    pub fn known_bytes(&self, row: &SourceRow) -> Result<KnownBytes> {
        let mut select = self.sql(self.db.prepare_cached("SELECT ordinal, start FROM source_frame WHERE source = ?1 ORDER BY ordinal DESC LIMIT 1"))?;
        let last: Option<(i64, i64)> = self.sql(select.query_row([row.id], |row| Ok((row.get(0)?, row.get(1)?))).optional())?;
        let (ordinal, start) = last.unwrap_or_default();
        let kept_frames = usize::try_from(ordinal).unwrap_or(0);
        Ok(KnownBytes { size: row.stamp.size, sha256: row.sha256.clone(), kept_frames, kept_bytes: start.cast_unsigned() })
    }

    /// Updates the stamp of a source whose bytes did not change.
    pub fn restamp(&self, id: i64, stamp: Stamp) -> Result<()> {
        let update = self.sql(self.db.prepare_cached("UPDATE source SET size=?2,inode=?3,mtime_ns=?4,ctime_ns=?5 WHERE id=?1"));
        self.sql(update?.execute(params![id, signed(stamp.size), signed(stamp.inode), stamp.mtime_ns, stamp.ctime_ns])).map(|_| ())
    }

    /// Sets how many steps of a trajectory the records of a source take part in, and with that of all.
    pub fn set_steps(&self, source: i64, trajectory: i64, steps: u64) -> Result<()> {
        let of_one = self.sql(self.db.prepare_cached("UPDATE portion SET steps=?3 WHERE source=?1 AND trajectory=?2"));
        self.sql(of_one?.execute(params![source, trajectory, signed(steps)]))?;
        let of_all =
            "UPDATE source SET steps = (SELECT sum(most) FROM (SELECT max(steps) AS most FROM portion WHERE source=?1 GROUP BY trajectory)) WHERE id=?1";
        self.sql(self.sql(self.db.prepare_cached(of_all))?.execute([source])).map(|_| ())
    }

    /// Forgets a source: its row, its portions, and every frame that no other source uses.
    pub fn remove_source(&self, id: i64) -> Result<()> {
        self.sql(self.db.execute("DELETE FROM source WHERE id = ?1", [id]))?;
        self.remove_unused_frames()
    }
}

const SELECT: &str = "SELECT id,path,format,container,sha256,size,inode,mtime_ns,ctime_ns,records,steps,issues FROM source";

fn source_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<SourceRow> {
    let number = |i: usize| row.get::<_, i64>(i).map(i64::cast_unsigned);
    Ok(SourceRow {
        id: row.get(0)?,
        path: row.get(1)?,
        format: row.get(2)?,
        container: Container::parse(&row.get::<_, String>(3)?),
        sha256: row.get(4)?,
        stamp: Stamp { size: number(5)?, inode: number(6)?, mtime_ns: row.get(7)?, ctime_ns: row.get(8)? },
        records: number(9)?,
        steps: number(10)?,
        issues: row.get(11)?,
    })
}

/// SQLite holds signed 64-bit numbers; sizes and inodes keep their bits.
pub(super) fn signed(number: u64) -> i64 {
    number.cast_signed()
}
