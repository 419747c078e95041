//! Looking at a bundle again with rules of redaction: those it was written with, or newer ones.

use super::{Sums, text};
use crate::export::json::Json;
use crate::export::scan::{self, Met, Rescan};
use std::collections::HashSet;
use std::path::Path;

/// The files that hold nothing but hashes and signatures.
const SEALS: &[&str] = &["key.pub", "SHA256SUMS", "provenance.dsse.json"];

/// Looks for what must not leave in every line of every file but the seals; what a reviewer kept is known by its hash.
pub fn scan(folder: &Path, sums: &Sums, rescan: &Rescan, same_rules: bool) -> Result<String, String> {
    let kept = kept(folder, sums)?;
    let (mut read, mut passed, clean) = (0, 0, scan::Clean::default());
    for name in sums.keys().filter(|name| !SEALS.contains(&name.as_str())) {
        let mut take = |line: usize, met: Met| {
            if met.kept || kept.contains(&met.sha256) {
                passed += 1;
                return Ok(());
            }
            Err(format!("{name}, line {line}: {}", met.what))
        };
        read += scan::file(&folder.join(name), &rescan.find, &clean, &mut take, &mut |_| Ok(()))
            .map_err(|why| if why.starts_with(name) { why } else { format!("{name}: {why}") })?;
    }
    let rules = if same_rules { "with the rules it was written with" } else { "with other rules than it was written with" };
    let kept = if passed > 0 { format!("; {passed} places hold what a reviewer kept") } else { String::new() };
    Ok(format!("{read} lines, {rules}{kept}"))
}

/// Reads the hashes of the values that a reviewer let pass.
fn kept(folder: &Path, sums: &Sums) -> Result<HashSet<String>, String> {
    if !sums.contains_key("redactions.jsonl") {
        return Ok(HashSet::new());
    }
    let mut kept = HashSet::new();
    for (i, line) in text(folder, "redactions.jsonl")?.lines().enumerate() {
        let finding = Json::parse(line).map_err(|why| format!("redactions.jsonl, line {}: {why}", i + 1))?;
        kept.extend(finding.get("sha256").and_then(Json::as_str).map(str::to_owned));
    }
    Ok(kept)
}
