//! The report of an import.

use super::walk::Skipped;
use crate::model::Issue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not known before.
    New,
    /// The same bytes as before.
    Unchanged,
    /// The bytes it had, and more.
    Grown,
    /// Other bytes than it had, at the same path; those stay in the store. Documents say `new`, with `earlier`.
    #[serde(rename = "new")]
    Rewritten,
    /// The same bytes, read as another format. Documents say `new`.
    #[serde(rename = "new")]
    Reread,
    /// It could not be read.
    Failed,
}

/// Issues of one kind, with the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCount {
    /// Kind.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// The first.
    pub first: FirstIssue,
}

/// The first issue of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstIssue {
    /// 1-based line.
    pub line: Option<u64>,
    /// One sentence.
    pub message: String,
}

/// One source in the report.
#[derive(Debug, Clone, Serialize)]
pub struct SourceReport {
    /// Path.
    pub path: String,
    /// SHA-256; `None` where the file could not be read.
    pub sha256: Option<String>,
    /// Format; `None` where the file could not be read.
    pub format: Option<String>,
    /// Size of the file in bytes.
    pub size_bytes: u64,
    /// Records.
    pub records: u64,
    /// Steps that its records take part in.
    pub steps: u64,
    /// What became of it.
    pub status: Status,
    /// Issues by kind.
    pub issues: Vec<IssueCount>,
    /// SHA-256 of the bytes that it had before it grew or was rewritten.
    pub earlier: Option<String>,
    /// Frames that were damaged in the store and were replaced from the file.
    pub mended_frames: u64,
}

/// Counts of trajectories by what the import did to them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TrajectoryCounts {
    /// Made by this import.
    pub new: u64,
    /// Assembled again because a source of theirs is new or changed.
    pub changed: u64,
    /// Not touched.
    pub unchanged: u64,
    /// Gone, as no source says anything of them any more.
    pub gone: u64,
}

/// The report of an import (`ossia.import.v1`).
#[derive(Debug, Clone, Serialize)]
pub struct ImportReport {
    /// Sources in order of their paths.
    pub sources: Vec<SourceReport>,
    /// Paths that were not taken.
    pub skipped: Vec<Skipped>,
    /// Trajectories.
    pub trajectories: TrajectoryCounts,
    /// Steps of the new and changed trajectories.
    pub steps: u64,
    /// Issues of all sources.
    pub issues: u64,
    /// Duration in ms.
    pub elapsed_ms: u64,
    /// What is wrong with each trajectory that was passed over because its stored bytes are damaged; not in the document where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<String>,
}

/// Counts issues by kind, keeping the first of each.
#[must_use]
pub fn count_issues<'a>(issues: impl Iterator<Item = &'a Issue>) -> Vec<IssueCount> {
    let mut by_kind: BTreeMap<&str, IssueCount> = BTreeMap::new();
    for issue in issues {
        let first = || IssueCount { kind: issue.kind.to_owned(), count: 0, first: FirstIssue { line: issue.line, message: issue.message.clone() } };
        let entry = by_kind.entry(issue.kind).or_insert_with(first);
        entry.count += 1;
        if issue.line.is_some() && issue.line < entry.first.line {
            entry.first = FirstIssue { line: issue.line, message: issue.message.clone() };
        }
    }
    by_kind.into_values().collect()
}
