//! What a certificate states, part by part; reviewers stand in it under pseudonyms, values never.

use crate::redaction::canaries::Canaries;
use crate::workspace::audit::coverage::Claims;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a certificate does not say; shown before it is signed, and part of it.
pub const LIMITS: [&str; 6] = [
    "Patterns do not see names, project words and customers that no list holds, nor faces and texts in images.",
    "The bound of a sample is per field, not per secret: one field may hold many.",
    "A clean scan is no proof: what no rule, no list and no reader knew is not found.",
    "Pseudonyms are no anonymity: whoever has the key can link them, and texts can tell of people without naming them.",
    "What was not read is not clean; it leaves only where somebody accepted that, with a reason.",
    "A claim that cannot be verified is not counted as holding.",
];

/// The statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// When it was gathered, RFC 3339.
    pub made_at: String,
    /// From when on it is void whatever happens, RFC 3339.
    pub expires: String,
    /// The reviewer, under a pseudonym.
    pub reviewer: String,
    /// What was looked at, closed.
    pub scope: Scope,
    /// With what.
    pub instruments: Instruments,
    /// What was decided.
    pub verdicts: Verdicts,
    /// Marks and lists that claim a redaction: hold, broken, cannot be verified.
    pub claims: Claims,
    /// The places at which what is claimed does not hold, with the other place; one may break several marks.
    pub broken: Vec<ClaimRow>,
    /// Every plan that was declared.
    pub sampling: Vec<PlanRow>,
    /// What was redacted that is needed.
    pub over_redaction: OverRedaction,
    /// What leaves beside the rows.
    pub leaves: Leaves,
    /// Who saw what in the clear.
    pub reveals: Vec<RevealRow>,
    /// By what it is void before its time.
    pub void_on: Vec<String>,
    /// What it does not say.
    pub limits: Vec<String>,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Root of the Merkle tree over the sources' SHA-256, in order (RFC 6962).
    pub merkle_root: String,
    /// The sources.
    pub sources: Vec<SourceLine>,
    /// Trajectories.
    pub trajectories: u64,
    /// Outermost records.
    pub records: u64,
    /// Steps.
    pub steps: u64,
    /// Decoded fields.
    pub fields: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Fields by format and kind of step.
    pub by_kind: BTreeMap<String, u64>,
    /// Their bytes, likewise; none in older ones.
    #[serde(default)]
    pub bytes_by_kind: BTreeMap<String, u64>,
    /// What was not read, each kind by name, also where there is none.
    pub not_read: Vec<NotRead>,
    /// Consent and time limits that sources state.
    pub consent: Vec<Consent>,
    /// Keyed fingerprint of every word that people said of consent, which voids it when another is said; empty in older ones.
    #[serde(default)]
    pub consent_fingerprint: String,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLine {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Format.
    pub format: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Records.
    pub records: u64,
}

/// Something that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRead {
    /// What.
    pub what: String,
    /// How many.
    pub count: u64,
    /// Why that is accepted.
    pub accepted: Option<String>,
}

/// What a trajectory states about its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The trajectory, under a pseudonym.
    pub trajectory: String,
    /// Name of the attribute.
    pub states: String,
    /// Its value.
    pub value: String,
}

/// What was looked with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruments {
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the program's file, where it can be read.
    pub program_sha256: Option<String>,
    /// SHA-256 of rules, lists and decoders.
    pub rules_sha256: String,
    /// Rules.
    pub rules: u64,
    /// Names and words of the workspace's lists.
    pub listed: u64,
    /// Keyed fingerprint of those lists, which tells that they are the same without saying a name; empty in older ones.
    #[serde(default)]
    pub lists_fingerprint: String,
    /// SHA-256 of the names of the decoders, in order; empty in older ones.
    #[serde(default)]
    pub decoders_sha256: String,
    /// The decoders.
    pub decoders: Vec<String>,
    /// Values that were looked for everywhere.
    pub known_values: u64,
    /// Names that set without saying any of it.
    pub known_sha256: String,
    /// The self-test.
    pub canaries: Canaries,
}

/// What was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// Class by tier by verdict.
    pub table: Vec<VerdictRow>,
    /// Findings without a verdict.
    pub open: u64,
    /// Findings that wait for somebody else.
    pub escalated: u64,
    /// Every value that may leave.
    pub kept: Vec<KeepRow>,
    /// `already_redacted`, checked by a hash or by the unredacted twin.
    pub already_verified: u64,
    /// `already_redacted` that nothing proves.
    pub already_unverified: u64,
    /// Keyed fingerprint of the verdict on every finding, with who gave it and why, which voids it when one changes; empty in older ones.
    #[serde(default)]
    pub fingerprint: String,
}

/// One cell of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRow {
    /// Class.
    pub class: String,
    /// Tier.
    pub tier: String,
    /// Verdict.
    pub verdict: String,
    /// Values.
    pub values: u64,
    /// Places.
    pub places: u64,
    /// Values that were decided together with others.
    pub bulk: u64,
}

/// A value that may leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepRow {
    /// Masked.
    pub masked: String,
    /// Class.
    pub class: String,
    /// Tier.
    pub tier: String,
    /// Why.
    pub reason: String,
    /// Who, under pseudonyms; a sure finding needs two.
    pub by: Vec<String>,
    /// Places.
    pub places: u64,
}

/// A claim that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRow {
    /// Kind.
    pub kind: String,
    /// Where: step and field.
    pub place: String,
    /// What does not hold, with the other place.
    pub message: String,
    /// What was decided.
    pub verdict: String,
}

/// A sampling plan and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRow {
    /// Name.
    pub plan: String,
    /// Seed.
    pub seed: String,
    /// The query whose trajectories it was drawn from, as the field policy lets it leave; all of the workspace without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Fields to read.
    pub size: u64,
    /// Misses up to which it is accepted.
    pub accept: u64,
    /// Made-up secrets mixed in.
    pub planted: u64,
    /// Fields without a finding: what was drawn from.
    pub frame: u64,
    /// SHA-256 of the rules it was declared at.
    pub rules_sha256: String,
    /// Fields read; `None` where nobody read it.
    pub sampled: Option<u64>,
    /// Fields with something missed.
    pub missed: Option<u64>,
    /// Clopper and Pearson's one-sided upper limit at 95 %.
    pub upper_95: Option<f64>,
    /// Made-up secrets that the reader saw.
    pub found: Option<u64>,
    /// The limit divided by the lower limit of what this reader sees.
    pub upper_95_for_reader: Option<f64>,
    /// Strata: fields, read, missed, upper limit (Bonferroni).
    pub strata: Vec<(String, u64, u64, u64, f64)>,
    /// Whether this is the plan the certificate stands on.
    pub certifies: bool,
}

/// What was redacted that is needed, and what redaction left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverRedaction {
    /// Findings by class.
    pub by_class: BTreeMap<String, u64>,
    /// Of those, restored from an unredacted source.
    pub restored: u64,
    /// Ids, links, signatures and hashes that were checked.
    pub ids_checked: u64,
    /// Of those, changed by redaction.
    pub ids_changed: u64,
    /// Up to twenty places, drawn, before and after.
    pub diffs: Vec<Diff>,
}

/// One place, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// With the value masked.
    pub before: String,
    /// As it leaves.
    pub after: String,
}

/// What leaves beside the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaves {
    /// The field policy that exports enforce, TOML.
    pub policy: String,
    /// Its SHA-256.
    pub policy_sha256: String,
    /// Notes of reviewers that hold a value that must not leave; exports redact them as rows.
    pub notes_with_values: u64,
}

/// What one person saw in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealRow {
    /// Who, under a pseudonym.
    pub who: String,
    /// Values.
    pub values: u64,
    /// Their classes.
    pub classes: Vec<String>,
    /// First time.
    pub first: String,
    /// Last time.
    pub last: String,
}
