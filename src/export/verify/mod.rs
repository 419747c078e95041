//! Verifying: with nothing but the bundle, whether it is what was written; each check says what differs, by file and line.

mod contents;
mod seals;

use super::bundle::PublicKey;
use super::bundle::manifest::Manifest;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

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

/// Looks for what must not be in a text: says what it found.
pub type Scan<'a> = &'a dyn Fn(&str) -> Option<String>;

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

/// Verifies a bundle; `key` is one to trust, `scan` looks for secrets in every line.
#[must_use]
pub fn verify(folder: &Path, key: Option<&PublicKey>, scan: Option<Scan<'_>>) -> VerifyReport {
    let mut report = VerifyReport { ok: true, reason: None, signed_by: None, checks: Vec::new() };
    let sums = match seals::sums(folder) {
        Ok(sums) => sums,
        Err(why) => {
            report.add("checksums", "tampered", Err(why));
            return report;
        }
    };
    report.add("files", "tampered", seals::files(folder, &sums));
    report.add("checksums", "tampered", seals::checksums(folder, &sums));
    match seals::signature(folder) {
        Ok((payload, signer)) => {
            let fingerprint = signer.fingerprint();
            report.signed_by = Some(fingerprint.clone());
            report.add("signature", "tampered", Ok(format!("signed by {fingerprint}")));
            if let Some(key) = key {
                let known = (*key == signer).then(|| "it is the key you trust".to_owned());
                report.add("key", "unknown_key", known.ok_or_else(|| format!("signed by {fingerprint}, not by the key you trust ({})", key.fingerprint())));
            }
            report.add("statement", "tampered", seals::statement(folder, &payload, &sums));
        }
        Err((reason, why)) => report.add("signature", reason, Err(why)),
    }
    match manifest(folder) {
        Ok(manifest) => {
            report.add("manifest", "tampered", contents::manifest(folder, &manifest));
            report.add("lineage", "tampered", contents::lineage(folder, &manifest));
            report.add("journal", "tampered", contents::journal(folder, &manifest));
            report.add("descriptions", "tampered", contents::descriptions(folder, &manifest));
        }
        Err(why) => report.add("manifest", "tampered", Err(why)),
    }
    report.add("schemas", "tampered", contents::schemas(folder, &sums));
    if let Some(scan) = scan {
        report.add("scan", "stale_rules", contents::scan(folder, &sums, scan));
    }
    report
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
