//! Where a step stands in its source: line and byte range.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A record's place in one source: its 1-based line and its byte range in the decoded source (or archive member).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Name of the file inside an archive (`.eval`), if the source is one.
    pub member: Option<Arc<str>>,
    /// 1-based line on which the record starts.
    pub line: u64,
    /// Offset of the record's first byte.
    pub start: u64,
    /// Offset one past the record's last byte, its line end not counted.
    pub end: u64,
}

/// A span together with the source it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// SHA-256 of the source file, 64 lower-case hex digits.
    pub source: Arc<str>,
    /// Name of the file inside an archive.
    pub member: Option<Arc<str>>,
    /// 1-based line.
    pub line: u64,
    /// First byte in the decoded source.
    pub start_byte: u64,
    /// One past the last byte in the decoded source.
    pub end_byte: u64,
}

impl Origin {
    /// Joins a span and its source.
    #[must_use]
    pub fn new(source: &Arc<str>, span: &Span) -> Self {
        Self { source: source.clone(), member: span.member.clone(), line: span.line, start_byte: span.start, end_byte: span.end }
    }
}
