//! The use cases: import, list, search, show, upkeep. It joins store, index, formats and assembly.

mod import;
mod joins;
mod load;
mod parse;
mod refresh;
mod report;
mod search;
mod summary;
mod upkeep;
mod view;
mod walk;

use crate::index::{Index, IndexError};
use crate::query::QueryError;
use crate::store::{Store, StoreError};
use std::path::{Path, PathBuf};

pub use import::{ImportOptions, Progress};
pub use report::{ImportReport, SourceReport, Status};
pub use search::{Hit, Listing, SearchReport};
pub use summary::{SORT_FIELDS, Summary};
pub use upkeep::{Check, DoctorReport};
pub use walk::Skipped;

/// What can go wrong in a use case, in words for a person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The query.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A source cannot be read.
    #[error("cannot read the source {path}: {source}")]
    Source {
        /// Its path.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// No trajectory, step or execution has the id.
    #[error("nothing has the id {id}; `ossia ls` lists the trajectories{hint}")]
    NotFound {
        /// The id.
        id: String,
        /// More to say.
        hint: String,
    },
    /// The id fits more than one thing.
    #[error("the id {id} stands in {count} trajectories; name one as TRAJECTORY#{id}, for example {example}#{id}")]
    Ambiguous {
        /// The id.
        id: String,
        /// In how many.
        count: usize,
        /// One of them.
        example: String,
    },
}

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// An open workspace.
pub struct Workspace {
    folder: PathBuf,
    store: Store,
    index: Index,
}

impl Workspace {
    /// Opens the workspace in a folder, making it if it is not there; `cache` is where its index may lie.
    pub fn open(folder: &Path, cache: &Path) -> Result<Self> {
        let store = Store::open(folder)?;
        let id = store.meta("workspace_id")?.unwrap_or_else(|| "workspace".to_owned());
        let index = Index::open(&cache.join("index").join(id))?;
        let workspace = Self { folder: folder.to_owned(), store, index };
        Ok(workspace)
    }

    /// Gives the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
