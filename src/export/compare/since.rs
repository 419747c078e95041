//! Continuing a bundle: which rows it holds, so that an export can leave out what was sent before.

use crate::export::json::Json;
use crate::export::plan::ExportError;
use crate::model::ids::hex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Component, Path, PathBuf};

/// Reads the rows of a bundle: the SHA-256 of its checksums, and that of each row by its id.
pub fn known_rows(bundle: &Path) -> Result<(String, HashMap<String, String>), String> {
    let wrong = |name: &str, why: String| format!("cannot read {name} of the bundle {}: {why}", bundle.display());
    let sums = fs::read(bundle.join("SHA256SUMS")).map_err(|e| wrong("SHA256SUMS", e.to_string()))?;
    let lineage = File::open(bundle.join("lineage.jsonl")).map_err(|e| wrong("lineage.jsonl", e.to_string()))?;
    let mut rows = HashMap::new();
    for (i, line) in BufReader::new(lineage).lines().enumerate() {
        let row = line.map_err(|e| e.to_string()).and_then(|line| Json::parse(&line)).map_err(|e| wrong("lineage.jsonl", format!("line {}: {e}", i + 1)))?;
        let field = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        rows.insert(field("row"), field("sha256"));
    }
    Ok((hex(&Sha256::digest(&sums)), rows))
}

/// Checks that a bundle does not take the place of the one that it continues: neither may be the other or lie inside it, by whichever path.
pub fn apart(out: &Path, since: &Path) -> Result<(), ExportError> {
    let (new, old) = (place(out), place(since));
    if new.starts_with(&old) || old.starts_with(&new) {
        return Err(ExportError::Continued { out: out.to_owned(), since: since.to_owned() });
    }
    Ok(())
}

/// Gives where a path leads, links followed; of what is not there yet the rest is taken as it is written.
fn place(path: &Path) -> PathBuf {
    let mut known = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(known.pop()),
            _ => known.push(part),
        }
        known = known.canonicalize().unwrap_or(known);
    }
    known
}
