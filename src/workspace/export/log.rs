//! The log of exports: where each bundle went, kept beside the journal, which an export does not change.

use super::{Error, Result, Workspace};
use crate::export::ExportReport;
use crate::model::ids::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// One export that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Dataset.
    pub dataset: String,
    /// Folder of the bundle.
    pub out: String,
    /// SHA-256 of its `SHA256SUMS`, which names it.
    pub sha256sums: String,
    /// Examples.
    pub examples: usize,
    /// Rows of all files.
    pub rows: usize,
}

impl Workspace {
    /// Notes that a bundle was written.
    pub(super) fn note_export(&self, report: &ExportReport, out: &Path) -> Result<()> {
        let place = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
        let path = self.folder.join("exports.jsonl");
        let wrong = |source| Error::Source { path: path.to_string_lossy().into_owned(), source };
        let sums = fs::read(out.join("SHA256SUMS")).map_err(wrong)?;
        let line = Exported {
            at: crate::workspace::journal::now().to_string(),
            dataset: report.dataset.clone(),
            out: place.to_string_lossy().into_owned(),
            sha256sums: hex(&Sha256::digest(&sums)),
            examples: report.examples,
            rows: report.shapes.iter().map(|shape| shape.rows).sum(),
        };
        let line = serde_json::to_string(&line).unwrap_or_default() + "\n";
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(wrong)
    }

    /// Gives the exports that were written, the first first; a line that was cut is left out.
    pub fn exports(&self) -> Result<Vec<Exported>> {
        let path = self.folder.join("exports.jsonl");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(Error::Source { path: path.to_string_lossy().into_owned(), source }),
        }
    }

    /// Gives the folder of the last bundle of a dataset.
    pub(super) fn last_export(&self, dataset: &str) -> Result<Option<String>> {
        Ok(self.exports()?.into_iter().rev().find(|export| export.dataset == dataset).map(|export| export.out))
    }
}
