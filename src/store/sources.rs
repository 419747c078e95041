//! Sources: their bytes in frames, their stamps and versions.

use super::frames::{PackedFrame, unpack};
use super::{Result, Store};
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

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
    /// Gives all sources in order of their paths.
    pub fn sources(&self) -> Result<Vec<SourceRow>> {
        let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} ORDER BY path")))?;
        let rows = self.sql(select.query_map([], source_row))?;
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

    /// Finds a source by the SHA-256 of its bytes as they are, or as they were before it grew.
    pub fn source_named(&self, sha256: &str) -> Result<Option<SourceRow>> {
        for clause in ["sha256 = ?1", "id IN (SELECT source FROM source_version WHERE sha256 = ?1)"] {
            let mut select = self.sql(self.db.prepare_cached(&format!("{SELECT} WHERE {clause} ORDER BY path LIMIT 1")))?;
            if let Some(row) = self.sql(select.query_row([sha256], source_row).optional())? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Stores a source and its frames, replacing what stood at its path; gives its number.
    pub fn put_source(&self, row: &SourceRow, frames: &[PackedFrame]) -> Result<i64> {
        let known = self.source_at(&row.path)?.map(|known| known.id);
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
        let id = match known {
            Some(id) => id,
            None => self.db.last_insert_rowid(),
        };
        self.sql(self.sql(self.db.prepare_cached("INSERT OR IGNORE INTO source_version VALUES (?1,?2,?3)"))?.execute(params![
            id,
            signed(stamp.size),
            row.sha256
        ]))?;
        self.sql(self.sql(self.db.prepare_cached("DELETE FROM source_frame WHERE source = ?1"))?.execute([id]))?;
        let mut start = 0i64;
        for (ordinal, frame) in frames.iter().enumerate() {
            let number = self.put_frame(frame)?;
            let link = self.sql(self.db.prepare_cached("INSERT INTO source_frame VALUES (?1,?2,?3,?4)"));
            self.sql(link?.execute(params![id, signed(ordinal as u64), start, number]))?;
            start += signed(frame.length as u64);
        }
        Ok(id)
    }

    fn put_frame(&self, frame: &PackedFrame) -> Result<i64> {
        let mut find = self.sql(self.db.prepare_cached("SELECT id FROM frame WHERE sha256 = ?1"))?;
        if let Some(id) = self.sql(find.query_row([frame.sha256.as_slice()], |row| row.get(0)).optional())? {
            return Ok(id);
        }
        let mut insert = self.sql(self.db.prepare_cached("INSERT INTO frame (sha256,length,data) VALUES (?1,?2,?3)"))?;
        self.sql(insert.execute(params![frame.sha256.as_slice(), signed(frame.length as u64), frame.data]))?;
        Ok(self.db.last_insert_rowid())
    }

    /// Updates the stamp of a source whose bytes did not change.
    pub fn restamp(&self, id: i64, stamp: Stamp) -> Result<()> {
        let update = self.sql(self.db.prepare_cached("UPDATE source SET size=?2,inode=?3,mtime_ns=?4,ctime_ns=?5 WHERE id=?1"));
        self.sql(update?.execute(params![id, signed(stamp.size), signed(stamp.inode), stamp.mtime_ns, stamp.ctime_ns])).map(|_| ())
    }

    /// Sets how many steps the records of a source take part in.
    pub fn set_steps(&self, path: &str, steps: u64) -> Result<()> {
        self.sql(self.sql(self.db.prepare_cached("UPDATE source SET steps=?2 WHERE path=?1"))?.execute(params![path, signed(steps)])).map(|_| ())
    }

    /// Forgets a source: its row, its portions, and every frame that no other source uses.
    pub fn remove_source(&self, id: i64) -> Result<()> {
        self.sql(self.db.execute("DELETE FROM source WHERE id = ?1", [id]))?;
        self.sql(self.db.execute("DELETE FROM frame WHERE id NOT IN (SELECT frame FROM source_frame)", [])).map(|_| ())
    }

    /// Gives the stored bytes from `start` to `end` of the file; up to its end where `end` lies beyond.
    pub fn bytes(&self, source: i64, start: u64, end: u64) -> Result<Vec<u8>> {
        let query = "SELECT f.id, sf.start, f.length, f.data FROM source_frame sf JOIN frame f ON f.id = sf.frame WHERE sf.source = ?1 AND sf.start < ?3 AND sf.start + f.length > ?2 ORDER BY sf.ordinal";
        let mut select = self.sql(self.db.prepare_cached(query))?;
        let mut rows = self.sql(select.query(params![source, signed(start), signed(end)]))?;
        let mut bytes = Vec::new();
        while let Some(row) = self.sql(rows.next())? {
            let (frame, at, length): (i64, i64, i64) = self.sql((|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))())?;
            let mut last = self.unpacked.borrow_mut();
            if last.0 != frame {
                let data = self.sql(row.get_ref(3).and_then(|d| d.as_blob().map_err(Into::into)))?;
                *last = (frame, unpack(frame, data, usize::try_from(length).unwrap_or(0))?);
            }
            let unpacked = &last.1;
            let from = usize::try_from(signed(start) - at).unwrap_or(0);
            let to = usize::try_from(signed(end) - at).unwrap_or(0).min(unpacked.len());
            bytes.extend_from_slice(unpacked.get(from..to).unwrap_or_default());
        }
        Ok(bytes)
    }

    /// Checks every frame against its hash; gives the numbers of damaged ones.
    pub fn damaged_frames(&self) -> Result<Vec<i64>> {
        let mut select = self.sql(self.db.prepare("SELECT id, sha256, length, data FROM frame"))?;
        let mut rows = self.sql(select.query([]))?;
        let mut damaged = Vec::new();
        while let Some(row) = self.sql(rows.next())? {
            let (id, hash, length, data): (i64, Vec<u8>, i64, Vec<u8>) = self.sql((|| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))())?;
            let sound = unpack(id, &data, usize::try_from(length).unwrap_or(0)).is_ok_and(|bytes| Sha256::digest(&bytes).as_slice() == hash.as_slice());
            if !sound {
                damaged.push(id);
            }
        }
        Ok(damaged)
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
fn signed(number: u64) -> i64 {
    number.cast_signed()
}
