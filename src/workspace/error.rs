//! What can go wrong in a use case, in words for a person.

use crate::index::IndexError;
use crate::query::QueryError;
use crate::store::{JournalError, StoreError};

/// What can go wrong in a use case, in words for a person.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The query.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// An export.
    #[error(transparent)]
    Export(Box<crate::export::ExportError>),
    /// A key.
    #[error(transparent)]
    Key(#[from] crate::export::KeyError),
    /// A bundle or a row of it.
    #[error("{0}")]
    Bundle(String),
    /// A source cannot be read.
    #[error("cannot read the source {path}: {source}")]
    Source {
        /// Its path.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// What was laid aside of a long session cannot be read back.
    #[error("cannot read back what was laid aside of this long session: {0}; open it again")]
    Aside(#[from] std::io::Error),
    /// A decision that cannot be taken as it was put.
    #[error("{0}")]
    Undecidable(String),
    /// A file that was exchanged cannot be taken in or written.
    #[error("{path}{place}: {why}", place = line.map_or(String::new(), |line| format!(" line {line}")))]
    Exchange {
        /// The file.
        path: String,
        /// Line from 1, if one is to blame.
        line: Option<usize>,
        /// What is wrong, and what to do.
        why: String,
    },
    /// Another version of the program derived the index after this process did.
    #[error(
        "another ossia, with other rules or effects, derived this workspace since this one began, and what is shown is what it found; quit and open it again to see what this one finds"
    )]
    Overtaken,
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

impl Error {
    /// Tells whether the index is damaged or gone, so that opening it anew makes it again.
    #[must_use]
    pub fn is_broken_index(&self) -> bool {
        matches!(self, Self::Index(error) if error.is_broken())
    }

    /// Tells whether another process writes what was to be written, so that it is enough to wait.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Index(IndexError::Busy { .. }))
    }
}
