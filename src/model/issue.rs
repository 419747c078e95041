//! What a reader or assembly could not take at face value; never an error, always counted and shown.

use serde::Serialize;
use std::sync::Arc;

/// One thing that was odd in a source, kept beside what was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// SHA-256 of the source, filled in when the source is known.
    pub source: Option<Arc<str>>,
    /// 1-based line, if the issue has a place.
    pub line: Option<u64>,
    /// Short stable name, for example `not_json`, `truncated_record`, `contradiction`.
    pub kind: &'static str,
    /// One sentence for a person.
    pub message: String,
}

impl Issue {
    /// Makes an issue at a line.
    #[must_use]
    pub fn at(kind: &'static str, line: u64, message: impl Into<String>) -> Self {
        Self { source: None, line: Some(line), kind, message: message.into() }
    }

    /// Makes an issue of the whole source or trajectory.
    #[must_use]
    pub fn whole(kind: &'static str, message: impl Into<String>) -> Self {
        Self { source: None, line: None, kind, message: message.into() }
    }
}
