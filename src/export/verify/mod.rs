//! Verifying: with nothing but the bundle, whether it is what was written; each check says what differs, by file and line.

mod contents;
mod read;
mod run;
mod scanned;
mod seals;

use super::bundle::manifest::LAYOUT;
use serde::Serialize;
use std::collections::BTreeMap;

use read::{foreign, text};
pub use read::{lines, manifest};
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
    /// The first reason why not: `tampered`, `unsigned`, `unknown_key`, `not_reproducible`, `stale_rules` or `unknown_layout`.
    pub reason: Option<&'static str>,
    /// Fingerprint of the key that signed.
    pub signed_by: Option<String>,
    /// When the time of its certificate runs out, where it holds one: the same on every day, as all of the report is.
    pub certified_until: Option<String>,
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

/// Checksums by file.
type Sums = BTreeMap<String, String>;
