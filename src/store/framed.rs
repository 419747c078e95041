//! Frames of sources in the store: putting, reading, checking and mending them.

use super::frames::{Framed, PackedFrame, has_hash, unpack};
use super::sources::signed;
use super::{Result, Store, StoreError};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeSet;

/// A frame whose bytes are not those that were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedFrame {
    /// Number of the frame.
    pub frame: i64,
    /// What is wrong with it.
    pub why: String,
    /// Paths of the sources that it is part of.
    pub sources: Vec<String>,
}

impl Store {
    /// Links a source to its frames, storing those that are new and replacing those that are damaged; gives how many were.
    pub(super) fn put_frames(&self, source: i64, framed: &Framed) -> Result<u64> {
        self.sql(
            self.sql(self.db.prepare_cached("DELETE FROM source_frame WHERE source = ?1 AND ordinal >= ?2"))?
                .execute(params![source, signed(framed.kept as u64)]),
        )?;
        let mut start = signed(framed.size) - framed.frames.iter().map(|frame| signed(frame.length as u64)).sum::<i64>();
        let mut mended = 0;
        for (ordinal, frame) in (framed.kept..).zip(&framed.frames) {
            let (number, replaced) = self.put_frame(frame)?;
            mended += u64::from(replaced);
            let link = self.sql(self.db.prepare_cached("INSERT INTO source_frame VALUES (?1,?2,?3,?4)"));
            self.sql(link?.execute(params![source, signed(ordinal as u64), start, number]))?;
            start += signed(frame.length as u64);
        }
        Ok(mended)
    }

    /// Gives the number of a frame, and whether what was stored of it was damaged and is replaced.
    fn put_frame(&self, frame: &PackedFrame) -> Result<(i64, bool)> {
        let mut find = self.sql(self.db.prepare_cached("SELECT id, data = ?2 FROM frame WHERE sha256 = ?1"))?;
        let known: Option<(i64, bool)> =
            self.sql(find.query_row(params![frame.sha256.as_slice(), frame.data], |row| Ok((row.get(0)?, row.get(1)?))).optional())?;
        let length = signed(frame.length as u64);
        if let Some((id, same)) = known {
            if same || self.wrong_with(id)?.is_none() {
                return Ok((id, false));
            }
            let mut update = self.sql(self.db.prepare_cached("UPDATE frame SET length = ?2, data = ?3 WHERE id = ?1"))?;
            self.sql(update.execute(params![id, length, frame.data]))?;
            return Ok((id, true));
        }
        let mut insert = self.sql(self.db.prepare_cached("INSERT INTO frame (sha256,length,data) VALUES (?1,?2,?3)"))?;
        self.sql(insert.execute(params![frame.sha256.as_slice(), length, frame.data]))?;
        Ok((self.db.last_insert_rowid(), false))
    }

    /// Puts the frames of a source anew where they are damaged, from its bytes; gives how many were.
    pub fn mend(&self, source: i64, framed: &Framed) -> Result<u64> {
        let linked = || -> Result<BTreeSet<i64>> {
            let mut select = self.sql(self.db.prepare_cached("SELECT frame FROM source_frame WHERE source = ?1"))?;
            let rows = self.sql(select.query_map([source], |row| row.get(0)))?;
            self.sql(rows.collect())
        };
        let before = linked()?;
        let mut mended = self.put_frames(source, framed)?;
        // One whose very hash was damaged is found under no hash: another takes its place.
        mended += before.difference(&linked()?).count() as u64;
        if mended > 0 {
            self.remove_unused_frames()?;
        }
        Ok(mended)
    }

    /// Removes every frame that no source uses.
    pub(super) fn remove_unused_frames(&self) -> Result<()> {
        // Its number may be given to another frame.
        self.unpacked.replace((-1, Vec::new()));
        self.sql(self.db.execute("DELETE FROM frame WHERE id NOT IN (SELECT frame FROM source_frame)", [])).map(|_| ())
    }

    /// Gives the stored bytes from `start` to `end` of the file; up to its end where `end` lies beyond.
    pub fn bytes(&self, source: i64, start: u64, end: u64) -> Result<Vec<u8>> {
        let query = "SELECT f.id, sf.start, f.length, f.data, f.sha256 FROM source_frame sf JOIN frame f ON f.id = sf.frame WHERE sf.source = ?1 AND sf.start < ?3 AND sf.start + f.length > ?2 ORDER BY sf.ordinal";
        let mut select = self.sql(self.db.prepare_cached(query))?;
        let mut rows = self.sql(select.query(params![source, signed(start), signed(end)]))?;
        let mut bytes = Vec::new();
        while let Some(row) = self.sql(rows.next())? {
            let (frame, at, length): (i64, i64, i64) = self.sql((|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))())?;
            let mut last = self.unpacked.borrow_mut();
            if last.0 != frame {
                let blob = |i| row.get_ref(i).and_then(|value| value.as_blob().map_err(Into::into));
                let (data, sha256) = self.sql((|| Ok((blob(3)?, blob(4)?)))())?;
                let unpacked = unpack(data, usize::try_from(length).unwrap_or(0), sha256);
                *last = (frame, unpacked.map_err(|why| self.damaged(source, frame, why))?);
            }
            let unpacked = &last.1;
            let from = usize::try_from(signed(start) - at).unwrap_or(0);
            let to = usize::try_from(signed(end) - at).unwrap_or(0).min(unpacked.len());
            bytes.extend_from_slice(unpacked.get(from..to).unwrap_or_default());
        }
        Ok(bytes)
    }

    fn damaged(&self, source: i64, frame: i64, why: String) -> StoreError {
        let path = self.source(source).ok().flatten().map_or_else(|| format!("number {source}"), |row| row.path);
        StoreError::Damaged { frame, path, why }
    }

    /// Checks every frame against its SHA-256; gives the damaged ones.
    pub fn damaged_frames(&self) -> Result<Vec<DamagedFrame>> {
        let mut select = self.sql(self.db.prepare("SELECT id FROM frame"))?;
        let ids: Vec<i64> = self.sql(self.sql(select.query_map([], |row| row.get(0)))?.collect())?;
        let mut damaged = Vec::new();
        for frame in ids {
            // A page that SQLite itself cannot read is one more damage, and not the end of the check.
            let why = self.wrong_with(frame).unwrap_or_else(|error| Some(error.to_string()));
            if let Some(why) = why {
                damaged.push(DamagedFrame { frame, why, sources: self.holding(frame)? });
            }
        }
        Ok(damaged)
    }

    fn holding(&self, frame: i64) -> Result<Vec<String>> {
        let query = "SELECT DISTINCT path FROM source JOIN source_frame ON source = source.id WHERE frame = ?1 ORDER BY path";
        let mut select = self.sql(self.db.prepare_cached(query))?;
        let rows = self.sql(select.query_map([frame], |row| row.get(0)))?;
        self.sql(rows.collect())
    }

    /// Says what is wrong with a frame, if anything is.
    fn wrong_with(&self, frame: i64) -> Result<Option<String>> {
        let mut select = self.sql(self.db.prepare_cached("SELECT sha256, length, data FROM frame WHERE id = ?1"))?;
        let row: (Vec<u8>, i64, Vec<u8>) = self.sql(select.query_row([frame], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))?;
        let (sha256, length, data) = row;
        Ok(match unpack(&data, usize::try_from(length).unwrap_or(0), &sha256) {
            Ok(bytes) if has_hash(&bytes, &sha256) => None,
            Ok(_) => Some("its bytes are not those of its hash".to_owned()),
            Err(why) => Some(why),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Container, FrameWriter, SourceRow, Stamp};
    use super::*;

    fn put(store: &Store, bytes: &[u8]) -> i64 {
        let framed = framed(bytes);
        let known = store.source_at("x.jsonl").unwrap();
        let stamp = Stamp { size: bytes.len() as u64, ..Stamp::default() };
        let (path, format, issues) = ("x.jsonl".to_owned(), "generic".to_owned(), "[]".to_owned());
        let row = SourceRow { id: 0, path, format, container: Container::Plain, sha256: framed.sha256.clone(), stamp, records: 1, steps: 0, issues };
        store.put_source(&row, &framed, known.as_ref()).unwrap()
    }

    fn framed(bytes: &[u8]) -> Framed {
        let mut writer = FrameWriter::default();
        bytes.split_inclusive(|byte| *byte == b'\n').for_each(|line| writer.add(line, true));
        writer.close().unwrap()
    }

    #[test]
    fn a_damaged_frame_is_named_counted_and_mended_from_the_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let bytes: Vec<u8> = (0..9_000).flat_map(|n| format!("line {n} of a source with several frames\n").into_bytes()).collect();
        let id = put(&store, &bytes);
        assert!(store.bytes(id, 0, u64::MAX >> 8).unwrap() == bytes && store.damaged_frames().unwrap().is_empty());
        store.db.execute("UPDATE frame SET data = zeroblob(40) WHERE id = 2", []).unwrap();
        store.db.execute("UPDATE frame SET sha256 = zeroblob(32) WHERE id = 1", []).unwrap();
        store.unpacked.replace((-1, Vec::new()));
        let error = store.bytes(id, 0, u64::MAX >> 8).unwrap_err().to_string();
        assert!(error.contains("frame 2") && error.contains("x.jsonl") && error.contains("--rehash"), "{error}");
        let damaged: Vec<i64> = store.damaged_frames().unwrap().iter().map(|found| found.frame).collect();
        assert_eq!(damaged, [1, 2]);
        assert_eq!(store.mend(id, &framed(&bytes)).unwrap(), 2);
        assert!(store.damaged_frames().unwrap().is_empty() && store.bytes(id, 0, u64::MAX >> 8).unwrap() == bytes);
        assert_eq!(store.mend(id, &framed(&bytes)).unwrap(), 0);
    }

    #[test]
    fn bytes_of_a_rewritten_source_stay_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (first, second) = (framed(b"as it was\n").sha256, framed(b"as it is\n").sha256);
        let id = put(&store, b"as it was\n");
        assert_eq!(put(&store, b"as it is\n"), id);
        let of = |sha256: &str| store.source_named(sha256).unwrap().map(|row| store.bytes(row.id, 0, 100).unwrap());
        assert_eq!((of(&first), of(&second)), (Some(b"as it was\n".to_vec()), Some(b"as it is\n".to_vec())));
        assert_eq!((store.sources().unwrap().len(), store.earlier(id).unwrap().len()), (1, 1));
        // It becomes what it was, and is that once.
        put(&store, b"as it was\n");
        assert_eq!((of(&first), of(&second), store.earlier(id).unwrap().len()), (Some(b"as it was\n".to_vec()), Some(b"as it is\n".to_vec()), 2));
        store.remove_source(id).unwrap();
        assert_eq!((of(&first), of(&second)), (None, None));
        assert_eq!(store.db.query_row("SELECT count(*) FROM frame", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }
}
