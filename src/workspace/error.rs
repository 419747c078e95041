//! What can go wrong in a use case, in words for a person.

use crate::index::IndexError;
use crate::query::QueryError;
use crate::store::StoreError;

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
