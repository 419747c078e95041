//! Opening the index.

use super::VERSION;
use super::error::{IndexError, is_broken, refused};
use super::folder::{keep_private, make};
use super::profiles::Kept;
use super::schema::{self, Fields};
use super::sweep::sweep;
use super::tokenizer;
use super::writer::Writer;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tantivy::directory::Directory as _;
use tantivy::directory::error::LockError;
use tantivy::{Executor, TantivyError};

/// How long whoever must write waits for another process that writes.
pub const TO_WRITE: Duration = Duration::from_secs(30);
/// How long whoever can answer from what stands waits for it.
pub const TO_ANSWER: Duration = Duration::from_secs(2);
/// How long an import waits for another one, which lets go now and then.
pub const TO_IMPORT: Duration = Duration::from_secs(600);
/// Whoever waits looks again after so long, and whoever lets go for others does so for twice as long.
pub const TURN: Duration = Duration::from_millis(50);

/// The open index of one workspace.
pub struct Index {
    pub(super) inner: tantivy::Index,
    pub(super) reader: tantivy::IndexReader,
    pub(super) fields: Fields,
    pub(super) profiles: Kept,
    pub(super) rankers: OnceLock<Executor>,
    /// Mark of the commit that searches see, where that is known.
    seen: AtomicU64,
    path: PathBuf,
}

impl Index {
    /// Opens the index under a folder; one that is missing, foreign or damaged is made anew and empty. One that may not be read stays as it is.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        let path = folder.join(VERSION);
        let io = |source| IndexError::Io { path: path.clone(), source };
        make(&path).map_err(io)?;
        // Its words tell what was said: nobody else looks in.
        if std::fs::metadata(folder).map_err(io)?.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(io)?;
        }
        match Self::open_at(&path) {
            Err(error) if is_broken(&error) => {}
            Err(error) => return Err(refused(&path, error)),
            Ok(index) => {
                keep_private(&path).map_err(io)?;
                return Ok(index);
            }
        }
        std::fs::remove_dir_all(&path).map_err(io)?;
        make(&path).map_err(io)?;
        Self::open_at(&path).map_err(|error| refused(&path, error))
    }

    fn open_at(path: &Path) -> tantivy::Result<Self> {
        let (schema, fields) = schema::build();
        let directory = tantivy::directory::MmapDirectory::open(path)?;
        let inner = tantivy::Index::open_or_create(directory, schema)?;
        inner.tokenizers().register(tokenizer::NAME, tokenizer::Code::default());
        let reader = inner.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        Ok(Self { inner, reader, fields, profiles: Kept::default(), rankers: OnceLock::new(), seen: AtomicU64::new(u64::MAX), path: path.to_owned() })
    }

    /// Gives the folder in which it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.path
    }

    /// Opens a writer: two threads and a large arena for bulk work, one small arena else; another process that writes is waited for so long.
    pub fn writer(&self, bulk: bool, patience: Duration) -> Result<Writer<'_>, IndexError> {
        let (threads, bytes) = if bulk { (2, 2 * (80 << 20)) } else { (1, 15 << 20) };
        let begun = Instant::now();
        loop {
            match self.inner.writer_with_num_threads(threads, bytes) {
                Ok(inner) => {
                    // A process that ended within a commit left files of it behind, and the next commit would have the same names.
                    sweep(&self.inner, &self.path, &|_| true)?;
                    return Writer::new(inner, &self.fields, &self.path);
                }
                // Another process that imports holds the lock for moments at a time; this one waits its turn.
                Err(TantivyError::LockFailure(LockError::LockBusy, _)) if begun.elapsed() < patience => std::thread::sleep(TURN),
                Err(TantivyError::LockFailure(LockError::LockBusy, _)) => return Err(IndexError::Busy { path: self.path.clone() }),
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Gives the store's watermark at the last commit; `None` for an empty index.
    #[must_use]
    pub fn watermark(&self) -> Option<String> {
        self.inner.load_metas().ok()?.payload
    }

    /// Makes commits of any process visible to searches.
    pub fn reload(&self) -> Result<(), IndexError> {
        Ok(self.reader.reload()?)
    }

    /// Makes commits of any process visible to searches where there was one since this was asked last.
    pub fn keep_up(&self) -> Result<(), IndexError> {
        // Read first: what is committed meanwhile is seen too, and looked for once more.
        let now = self.inner.load_metas()?.opstamp;
        if self.seen.load(Ordering::Relaxed) != now {
            self.reload()?;
            self.seen.store(now, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Gives the number of documents, which is the number of steps.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Checks the checksums of all segment files; gives the damaged ones.
    pub fn damaged(&self) -> Result<Vec<PathBuf>, IndexError> {
        let directory = self.inner.directory();
        let mut damaged = Vec::new();
        // tantivy's own check passes over what another process wrote.
        for file in self.inner.load_metas()?.list_segment_files() {
            if directory.exists(&file).map_err(TantivyError::from)? && !directory.validate_checksum(&file).map_err(TantivyError::from)? {
                damaged.push(file);
            }
        }
        Ok(damaged)
    }

    /// Empties the index, so that it is filled again from the store, and takes away what other layouts left beside it.
    pub fn clear(&self) -> Result<(), IndexError> {
        let mut writer = self.writer(false, TO_WRITE)?;
        writer.clear()?;
        let layouts = self.path.parent().into_iter().flat_map(std::fs::read_dir).flatten().flatten();
        let others = layouts.filter(|entry| entry.file_name().to_string_lossy().starts_with('v') && entry.path() != self.path);
        for other in others {
            let path = other.path();
            std::fs::remove_dir_all(&path).map_err(|source| IndexError::Io { path, source })?;
        }
        self.reload()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_with_a_damaged_file_is_made_again() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("index");
        drop(Index::open(&folder).unwrap());
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        let meta = folder.join(VERSION).join("meta.json");
        for damaged in ["", "{", "{}"] {
            std::fs::write(&meta, damaged).unwrap();
            assert_eq!(Index::open(&folder).unwrap().documents(), 0, "{damaged}");
        }
    }
}
