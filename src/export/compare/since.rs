//! Continuing a bundle: which rows it holds, so that an export can leave out what was sent before.

use crate::export::json::Json;
use crate::model::ids::hex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

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
