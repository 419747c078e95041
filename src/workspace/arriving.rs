//! Files on their way in: looked at, gathered into batches, and read in parallel.

use super::gauge::Gauge;
use super::parse::{Parsed, parse, parse_file, stamp};
use super::report::{FirstIssue, IssueCount, SourceReport, Status};
use super::walk::{path_name, unreadable};
use super::{ImportOptions, Workspace};
use crate::formats::Format;
use crate::store::{KnownBytes, SourceRow, Stamp, StoreError};
use rustc_hash::FxHashMap;
use std::io::{self, Read};
use std::path::PathBuf;

/// Files read at once, bounded by number and by bytes.
const BATCH_FILES: usize = 256;
const BATCH_BYTES: u64 = 8 << 20;
/// Where so many files arrive, what is known of all sources is read at once, unless there are more than so many times as many.
const MANY: usize = 64;
const TIMES_AS_MANY: u64 = 8;

/// A file on its way in.
pub(super) struct Arriving {
    /// Where it lies.
    pub path: PathBuf,
    /// What stood there at the last import.
    pub known: Option<SourceRow>,
    /// What is stored of it.
    bytes: Option<KnownBytes>,
    /// Its stamp.
    pub stamp: Stamp,
}

/// A file that was read, or why not.
pub(super) type Outcome = (Arriving, Result<Parsed, String>);

impl Arriving {
    /// Gives its path as the store names it.
    pub fn name(&self) -> String {
        path_name(&self.path)
    }
}

/// What is known of the sources before any arrives, by path.
pub(super) enum Before {
    /// All of them.
    All(FxHashMap<String, SourceRow>),
    /// Each is looked up.
    Each,
}

impl Workspace {
    /// Gives what is known of the sources before some files arrive.
    pub(super) fn before(&self, files: usize) -> Result<Before, StoreError> {
        if files < MANY || self.store.source_count()? > files as u64 * TIMES_AS_MANY {
            return Ok(Before::Each);
        }
        Ok(Before::All(self.store.sources()?.into_iter().map(|row| (row.path.clone(), row)).collect()))
    }

    /// Looks at a file without reading it; a file that did not change gives its report at once.
    pub(super) fn arriving(&self, path: PathBuf, before: &mut Before, options: &ImportOptions) -> Result<Arriving, Box<SourceReport>> {
        let name = path_name(&path);
        let stamp = stamp(&path).map_err(|e| Box::new(failed(&name, 0, &unreadable(&e))))?;
        let refused = |e: StoreError| Box::new(failed(&name, stamp.size, &e.to_string()));
        let known = match before {
            Before::All(known) => known.remove(&name),
            Before::Each => self.store.source_at(&name).map_err(refused)?,
        };
        match known {
            Some(row) if row.stamp == stamp && !options.rehash && options.format.is_none_or(|f| f.name == row.format) => Err(Box::new(unchanged(&row))),
            known => {
                let grown = known.as_ref().filter(|row| row.stamp.size < stamp.size && !options.rehash);
                let bytes = grown.map(|row| self.store.known_bytes(row)).transpose().map_err(refused)?;
                Ok(Arriving { path, known, bytes, stamp })
            }
        }
    }
}

/// Gathers files into batches of bounded number and size.
pub(super) fn batches(arriving: Vec<Arriving>) -> Vec<Vec<Arriving>> {
    let mut batches: Vec<Vec<Arriving>> = Vec::new();
    let mut bytes = 0;
    for one in arriving {
        let size = one.stamp.size;
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_FILES && bytes + size <= BATCH_BYTES => batch.push(one),
            _ => {
                batches.push(vec![one]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    batches
}

/// Reads a file.
pub(super) fn read(arriving: Arriving, format: Option<&'static Format>, gauge: &Gauge) -> Outcome {
    // A reader must not panic; if one does, that file is refused and every other file is still imported.
    let parsed = match std::panic::catch_unwind(|| parse_file(&arriving.path, format, arriving.bytes.as_ref(), gauge)) {
        Ok(Ok(parsed)) => Ok(parsed),
        Ok(Err(e)) => Err(unreadable(&e)),
        Err(_) => Err("the reader broke down on it; please report this file's shape".to_owned()),
    };
    (arriving, parsed)
}

/// Reads standard input, which is named by its bytes.
pub(super) fn read_stdin(format: Option<&'static Format>) -> Outcome {
    let mut bytes = Vec::new();
    let result = io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .and_then(|_| parse(&mut bytes.as_slice(), Stamp { size: bytes.len() as u64, ..Stamp::default() }, "stdin", format, None));
    let name = result.as_ref().map_or_else(|_| "stdin".to_owned(), |p| format!("stdin:{}", p.framed.sha256.get(..16).unwrap_or_default()));
    (Arriving { path: PathBuf::from(name), known: None, bytes: None, stamp: Stamp::default() }, result.map_err(|e| e.to_string()))
}

/// Reports a source as it is known.
pub(super) fn unchanged(row: &SourceRow) -> SourceReport {
    SourceReport {
        path: row.path.clone(),
        sha256: Some(row.sha256.clone()),
        format: Some(row.format.clone()),
        size_bytes: row.stamp.size,
        records: row.records,
        steps: row.steps,
        status: Status::Unchanged,
        issues: serde_json::from_str(&row.issues).unwrap_or_default(),
        earlier: None,
        mended_frames: 0,
    }
}

/// Reports a source that cannot be read.
pub(super) fn failed(path: &str, size_bytes: u64, why: &str) -> SourceReport {
    let issues = vec![IssueCount { kind: "unreadable".to_owned(), count: 1, first: FirstIssue { line: None, message: why.to_owned() } }];
    SourceReport {
        path: path.to_owned(),
        sha256: None,
        format: None,
        size_bytes,
        records: 0,
        steps: 0,
        status: Status::Failed,
        issues,
        earlier: None,
        mended_frames: 0,
    }
}
