//! Opening the index, and what can go wrong with it.

use super::VERSION;
use super::schema::{self, Fields};
use super::tokenizer;
use super::writer::Writer;
use std::path::{Path, PathBuf};

/// What went wrong in the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Its folder cannot be used.
    #[error("cannot use the index folder {path}: {source}; it is derived and may be deleted")]
    Io {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Another process writes it.
    #[error("another ossia is writing the index {path}; wait for it to finish and try again")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// tantivy refused.
    #[error("the index: {0}; `ossia reindex` makes it again from the store")]
    Tantivy(#[from] tantivy::TantivyError),
}

/// The open index of one workspace.
pub struct Index {
    pub(super) inner: tantivy::Index,
    pub(super) reader: tantivy::IndexReader,
    pub(super) fields: Fields,
    path: PathBuf,
}

impl Index {
    /// Opens the index under a folder; one that is missing, foreign or damaged is made anew and empty.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        let path = folder.join(VERSION);
        let io = |source| IndexError::Io { path: path.clone(), source };
        std::fs::create_dir_all(&path).map_err(io)?;
        if let Ok(index) = Self::open_at(&path) {
            return Ok(index);
        }
        std::fs::remove_dir_all(&path).map_err(io)?;
        std::fs::create_dir_all(&path).map_err(io)?;
        Self::open_at(&path)
    }

    fn open_at(path: &Path) -> Result<Self, IndexError> {
        let (schema, fields) = schema::build();
        let directory = tantivy::directory::MmapDirectory::open(path).map_err(tantivy::TantivyError::from)?;
        let inner = tantivy::Index::open_or_create(directory, schema)?;
        inner.tokenizers().register(tokenizer::NAME, tokenizer::Code::default());
        let reader = inner.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        Ok(Self { inner, reader, fields, path: path.to_owned() })
    }

    /// Gives the folder in which it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.path
    }

    /// Opens a writer: two threads and a large arena for bulk work, one small arena else.
    pub fn writer(&self, bulk: bool) -> Result<Writer<'_>, IndexError> {
        let (threads, bytes) = if bulk { (2, 2 * (80 << 20)) } else { (1, 15 << 20) };
        let mut tries = 0;
        loop {
            match self.inner.writer_with_num_threads(threads, bytes) {
                Ok(inner) => return Ok(Writer::new(inner, &self.fields)),
                // Another process that imports holds the lock for moments at a time; this one waits its turn.
                Err(tantivy::TantivyError::LockFailure(..)) if tries < 600 => {
                    tries += 1;
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
                Err(tantivy::TantivyError::LockFailure(..)) => return Err(IndexError::Busy { path: self.path.clone() }),
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

    /// Gives the number of documents, which is the number of steps.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Checks the checksums of all segment files; gives the damaged ones.
    pub fn damaged(&self) -> Result<Vec<PathBuf>, IndexError> {
        Ok(self.inner.validate_checksum()?.into_iter().collect())
    }

    /// Empties the index, so that it is filled again from the store.
    pub fn clear(&self) -> Result<(), IndexError> {
        let mut writer = self.writer(false)?;
        writer.clear()?;
        self.reload()
    }
}
