//! What can go wrong with the index, and what of it only making it again helps.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

/// What went wrong in the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Its folder cannot be used.
    #[error("cannot use the index folder {path}: {source}; give it back to whoever runs ossia, or name another cache folder with XDG_CACHE_HOME")]
    Io {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another process writes it.
    #[error("another ossia is writing the index {path}; wait for it to finish and try again")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// tantivy refused.
    #[error("the index: {0}; `ossia reindex` makes it again from the store")]
    Tantivy(#[from] TantivyError),
}

impl IndexError {
    /// Tells whether it is damaged, of another make, or gone, so that only making it again helps.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Tantivy(error) if is_broken(error))
    }
}

/// Tells whether an index is damaged or of another make, so that only making it again helps; a folder that may not be read, a full disk or too
/// many open files are no reason to throw it away.
pub(super) fn is_broken(error: &TantivyError) -> bool {
    match error {
        TantivyError::DataCorruption(_) | TantivyError::SchemaError(_) | TantivyError::IncompatibleIndex(_) | TantivyError::FieldNotFound(_) => true,
        TantivyError::InvalidArgument(_) | TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_)) => true,
        other => cause(other).is_some_and(|io| matches!(io.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::NotFound)),
    }
}

/// Gives the error of the system under one of tantivy's.
fn cause(error: &TantivyError) -> Option<&io::Error> {
    match error {
        TantivyError::IoError(io) => Some(io),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => Some(io_error),
        TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => Some(io_error),
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. }) => Some(io_error),
        TantivyError::LockFailure(LockError::IoError(io_error), _) => Some(io_error),
        _ => None,
    }
}

/// Says what was refused at a path: by the system, or by tantivy.
pub(super) fn refused(path: &Path, error: TantivyError) -> IndexError {
    match cause(&error) {
        Some(io) => IndexError::Io { path: path.to_owned(), source: io::Error::new(io.kind(), io.to_string()) },
        None => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn only_what_is_broken_is_thrown_away() {
        let denied = || Arc::new(io::Error::from(ErrorKind::PermissionDenied));
        assert!(!is_broken(&TantivyError::IoError(denied())));
        let unread = OpenReadError::IoError { io_error: denied(), filepath: "meta.json".into() };
        assert!(!is_broken(&TantivyError::OpenReadError(unread)));
        assert!(is_broken(&TantivyError::SchemaError("an index exists but the schema does not match".to_owned())));
    }
}
