//! The manifest: what was exported, under which definition, from which state, and every count.

use crate::export::definition::{Definition, Override};
use crate::export::shapes::NotCarried;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The layout of the bundles that this program writes: which files there are and which fields their lines have. It goes up by one with every file
/// or field that is added or changed, so that an older bundle is held against the schemas that are sealed with it, and not against newer ones.
pub const LAYOUT: u32 = 3;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `ossia.manifest.v1`.
    pub schema: String,
    /// The layout; the first did not say so.
    #[serde(default = "first_layout")]
    pub layout: u32,
    /// The program.
    pub tool: Tool,
    /// The dataset.
    pub dataset: Dataset,
    /// SHA-256 of the policies that shape a row.
    pub policies_sha256: String,
    /// Head of the decisions cited.
    pub journal_head: Option<String>,
    /// The last entries that were read; a bundle of an older program does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_to: Option<ReadTo>,
    /// Hash of the rules of redaction that the rows were audited and scanned with.
    pub rules_sha256: Option<String>,
    /// State of the audit of redactions.
    pub audit: Audit,
    /// The reward and the SHA-256 of its formula.
    pub reward: Reward,
    /// Date of the last decision cited.
    pub date: Option<String>,
    /// Examples, pairs among them.
    pub examples: usize,
    /// Pairs.
    pub pairs: usize,
    /// Examples by split.
    pub splits: BTreeMap<String, usize>,
    /// Blocked points by gate.
    pub blocked: BTreeMap<String, usize>,
    /// Gates that a reviewer overrode.
    pub overridden: Vec<Override>,
    /// The bundle whose rows were left out, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// Data files.
    pub shapes: Vec<ShapeReport>,
}

const fn first_layout() -> u32 {
    1
}

/// How far the journal was read, by the ids of the last entries; null where there was none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadTo {
    /// Of labels, choices, rewrites, amendments and the like.
    pub decisions: Option<String>,
    /// Of consents, verdicts on redactions, marked values and certificates.
    pub safeguards: Option<String>,
}

/// The program that wrote a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// What the audit says of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// `clean`, or `overridden` where a reviewer let rows leave without it.
    pub state: String,
    /// SHA-256 of `certificate.json`; null where nobody signed the audit off.
    pub certificate: Option<String>,
    /// Findings in the trajectories of the rows, by verdict.
    pub findings: BTreeMap<String, usize>,
}

/// The bundle that an export continues: rows that it holds unchanged are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// SHA-256 of its `SHA256SUMS`.
    pub sha256sums: String,
    /// Rows that were left out.
    pub rows_left_out: usize,
}

/// A dataset as exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Name.
    pub name: String,
    /// Version.
    pub version: u32,
    /// Query.
    pub query: String,
    /// Seed.
    pub seed: u64,
    /// The whole definition, TOML.
    pub definition: String,
    /// SHA-256 of the definition.
    pub sha256: String,
}

/// The reward in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// Name.
    pub name: String,
    /// SHA-256 of the formula as written.
    pub sha256: String,
}

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeReport {
    /// Shape.
    pub shape: String,
    /// Split.
    pub split: String,
    /// File, relative to the bundle.
    pub file: String,
    /// Rows.
    pub rows: usize,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
    /// What the shape could not carry, over all splits.
    pub not_carried: BTreeMap<String, u64>,
}

impl Dataset {
    /// Describes a definition.
    #[must_use]
    pub fn of(definition: &Definition) -> Self {
        Self {
            name: definition.name.clone(),
            version: definition.version,
            query: definition.query.clone(),
            seed: definition.seed,
            definition: definition.to_toml(),
            sha256: definition.hash(),
        }
    }
}

impl ShapeReport {
    /// Gives the counts of what was not carried under names that can be kept.
    #[must_use]
    pub fn counts(not_carried: &NotCarried) -> BTreeMap<String, u64> {
        not_carried.iter().map(|(what, n)| ((*what).to_owned(), *n)).collect()
    }
}
