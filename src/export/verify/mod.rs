//! Verifying: with nothing but the bundle, whether it is what was written; each check says what differs, by file and line.

mod contents;
mod run;
mod scanned;
mod seals;

use super::bundle::manifest::Manifest;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

pub use run::verify;

/// One check and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Name.
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// What was checked, or what is wrong and where.
    pub detail: String,
}

/// What came of it: `ossia.verify.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether every check holds.
    pub ok: bool,
    /// The first reason why not: `tampered`, `unsigned`, `unknown_key`, `not_reproducible` or `stale_rules`.
    pub reason: Option<&'static str>,
    /// Fingerprint of the key that signed.
    pub signed_by: Option<String>,
    /// Every check.
    pub checks: Vec<Check>,
}

impl VerifyReport {
    /// Adds a check; the first that fails gives the reason.
    pub fn add(&mut self, name: &'static str, reason: &'static str, result: Result<String, String>) {
        let ok = result.is_ok();
        if !ok {
            self.ok = false;
            self.reason.get_or_insert(reason);
        }
        self.checks.push(Check { name, ok, detail: result.unwrap_or_else(|why| why) });
    }
}

/// Reads the manifest of a bundle.
pub fn manifest(folder: &Path) -> Result<Manifest, String> {
    serde_json::from_str(&text(folder, "manifest.json")?).map_err(|e| format!("manifest.json: {e}"))
}

/// Checksums by file.
type Sums = BTreeMap<String, String>;

fn text(folder: &Path, name: &str) -> Result<String, String> {
    std::fs::read_to_string(folder.join(name)).map_err(|e| format!("{name}: {e}"))
}

/// Visits the lines of a file; each with its number from 1. Every line must end.
pub fn lines(folder: &Path, name: &str, mut visit: impl FnMut(usize, &str) -> Result<(), String>) -> Result<usize, String> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(folder.join(name)).map_err(|e| format!("{name}: {e}"))?);
    let (mut line, mut n) = (String::new(), 0);
    while file.read_line(&mut line).map_err(|e| format!("{name}, line {}: {e}", n + 1))? > 0 {
        n += 1;
        let text = line.strip_suffix('\n').ok_or_else(|| format!("{name}, line {n}: it does not end"))?;
        visit(n, text).map_err(|why| format!("{name}, line {n}: {why}"))?;
        line.clear();
    }
    Ok(n)
}
