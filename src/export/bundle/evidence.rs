//! The evidence of a bundle: everything beside the rows that says where they come from and who decided.

use super::dsse::Signing;
use super::manifest::Manifest;
use super::staging::{FileFacts, Staging, StagingError};
use super::{card, croissant, schemas, statement};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::export::reward;
use crate::export::shapes::SHAPES;
use crate::export::situations::TABLE;
use std::collections::BTreeMap;
use std::io;

/// A source that rows were read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// SHA-256.
    pub sha256: String,
    /// Format it was read as.
    pub format: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Version of the reader, which is that of the program.
    pub reader: String,
    /// Issues by kind.
    pub issues: BTreeMap<String, u64>,
}

/// A finding of the audit in what leaves, never with its value.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The verdict.
    pub verdict: &'static str,
    /// The finding as `redactions.jsonl` holds it, without `sha256`.
    pub line: Json,
    /// SHA-256 of a value that may leave as it stands.
    pub kept: Option<String>,
}

/// The certificate of the audit, as it was signed.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// SHA-256 of the document with its end of line.
    pub sha256: String,
    /// `certificate.json`, without its end of line.
    pub document: String,
    /// `certificate.md`.
    pub text: String,
}

/// What the workspace adds to a bundle, already safe to leave.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Sources, each once.
    pub sources: Vec<Source>,
    /// Lines of the journal that the rows cite, in the order of folding.
    pub journal: Vec<String>,
    /// Findings of the audit in the trajectories of the rows, by trajectory and place.
    pub findings: Vec<Finding>,
    /// The definition as it leaves: its query as the field policy says, its reviewers as they are named, no text that must not leave.
    pub said: Definition,
    /// Agreement of the reviewers about each question in the trajectories of the rows, as `ossia agree` gives it, with the reviewers as they are named
    /// in what leaves.
    pub agreement: Vec<Json>,
    /// The rules that propose, each with its record in the trajectories of the rows.
    pub proposing: Vec<Json>,
    /// Hash of the set of rules that propose.
    pub proposing_sha256: String,
    /// The certificate of the audit; `None` where nobody signed it off.
    pub certificate: Option<Certificate>,
    /// Why the last certificate does not go with it, where there is one.
    pub uncertified: Option<String>,
    /// What is to be known of the certificate that goes with it, where its time has run out.
    pub lapsed: Option<String>,
    /// Lines of `assignments.jsonl`.
    pub assignments: Vec<String>,
    /// Whether the audit was clean.
    pub audited: bool,
}

/// The lines of the decision cards, and the cards for a person.
pub struct Cards<'a> {
    /// `cards.jsonl`.
    pub lines: &'a mut dyn Iterator<Item = io::Result<String>>,
    /// `cards.md`, card by card.
    pub texts: &'a mut dyn Iterator<Item = io::Result<String>>,
}

/// Writes one document.
fn document(staging: &mut Staging, name: &str, json: &Json) -> Result<(), StagingError> {
    staging.write(name, [json.text().as_bytes(), b"\n"])
}

/// Writes all files but the rows, their lineage, the manifest and what names redactions and seals.
pub fn write(staging: &mut Staging, manifest: &Manifest, definition: &Definition, evidence: &Evidence, cards: Cards<'_>) -> Result<(), StagingError> {
    let source = |s: &Source| {
        let issues = s.issues.iter().map(|(kind, n)| (kind.clone(), Json::from(*n))).collect();
        Json::object([
            ("sha256", s.sha256.as_str().into()),
            ("format", s.format.as_str().into()),
            ("size_bytes", s.size_bytes.into()),
            ("reader", s.reader.as_str().into()),
            ("issues", Json::Object(issues)),
        ])
    };
    let sources = Json::object([("schema", "ossia.sources.v1".into()), ("sources", Json::Array(evidence.sources.iter().map(source).collect()))]);
    document(staging, "sources.json", &sources)?;
    document(staging, "rules.json", &rules(manifest, evidence))?;
    staging.write_lines("journal.jsonl", evidence.journal.iter().cloned())?;
    staging.write_lines("assignments.jsonl", evidence.assignments.iter().cloned())?;
    let covers = "labels on the trajectories of the rows; the gate `agreement` goes by all labels of the workspace";
    let agreement = Json::object([("schema", "ossia.agree.v1".into()), ("covers", covers.into()), ("questions", evidence.agreement.clone().into())]);
    document(staging, "agreement.json", &agreement)?;
    if let Some(certificate) = &evidence.certificate {
        staging.write("certificate.json", [certificate.document.as_bytes(), b"\n"])?;
        staging.write("certificate.md", [&certificate.text])?;
    }
    let mut lines = cards.lines.peekable();
    if lines.peek().is_some() {
        staging.write_all("cards.jsonl", lines)?;
    }
    let head = format!("# Decision cards of {}, version {}\n\n", definition.name, definition.version);
    staging.write_pieces("cards.md", std::iter::once(Ok(head)).chain(cards.texts))?;
    staging.write("README.md", [card::card(manifest, &definition.license)])?;
    let lineage = staging.files.get("lineage.jsonl").map(|facts| facts.sha256.clone()).unwrap_or_default();
    document(staging, "croissant.json", &croissant::croissant(manifest, &lineage, &definition.license))
}

/// Writes which rules made the rows: redaction, reward, situations, shapes; and the rules that proposed, with their record.
fn rules(manifest: &Manifest, evidence: &Evidence) -> Json {
    let reward = Json::object([("name", reward::NAME.into()), ("sha256", reward::formula_hash().into()), ("formula", reward::FORMULA.into())]);
    let written = |name: &str| manifest.shapes.iter().any(|shape| shape.shape == name);
    let shapes = SHAPES.iter().filter(|shape| written(shape.name)).map(|shape| {
        let features = shape.features.iter().map(|(name, kind)| ((*name).to_owned(), Json::from(*kind))).collect();
        Json::object([("shape", shape.name.into()), ("least_rows", shape.least.into()), ("features", Json::Object(features))])
    });
    Json::object([
        ("schema", "ossia.rules.v1".into()),
        ("redaction_rules_sha256", manifest.rules_sha256.clone().into()),
        ("proposing_rules_sha256", evidence.proposing_sha256.as_str().into()),
        ("proposing", evidence.proposing.clone().into()),
        ("reward", reward),
        ("situations", TABLE.iter().map(|(name, _)| Json::from(*name)).collect::<Vec<_>>().into()),
        ("shapes", Json::Array(shapes.collect())),
    ])
}

/// Writes `dataset_info.json` for the one loader that wants it, and the schema of every file.
fn describe(staging: &mut Staging) -> Result<(), StagingError> {
    let names: Vec<String> = staging.files.keys().cloned().collect();
    let info: Vec<(String, Json)> =
        names.iter().filter_map(|name| Some((name.strip_prefix("data/")?.strip_suffix(".jsonl")?.to_owned(), info(name)?))).collect();
    if !info.is_empty() {
        document(staging, "dataset_info.json", &Json::Object(info))?;
    }
    let mut written = BTreeMap::new();
    for name in staging.files.keys() {
        if let Some(schema) = schemas::of_file(name) {
            written.insert(schemas::file_name(name), schema);
        }
    }
    written.iter().try_for_each(|(name, schema)| document(staging, name, schema))
}

/// The entry of LLaMA-Factory's `dataset_info.json` for a file.
fn info(name: &str) -> Option<Json> {
    let shape = name.strip_prefix("data/llama-factory-")?.split('.').next()?;
    let mut columns = Json::object([("messages", "conversations".into()), ("system", "system".into()), ("tools", "tools".into())]);
    let mut entry = Json::object([("file_name", name.into()), ("formatting", "sharegpt".into())]);
    match shape {
        "preference" => {
            columns.push("chosen", "chosen".into());
            columns.push("rejected", "rejected".into());
            entry.push("ranking", true.into());
        }
        "kto" => columns.push("kto_tag", "kto_tag".into()),
        _ => {}
    }
    entry.push("columns", columns);
    Some(entry)
}

/// Describes every file by a schema, sums all up and signs it.
pub fn seal(staging: &mut Staging, manifest: &Manifest, evidence: &Evidence, key: &Signing) -> Result<(), StagingError> {
    describe(staging)?;
    staging.write("key.pub", [key.public().pem()])?;
    let sums: String = staging.files.iter().map(|(name, facts)| format!("{}  {name}\n", facts.sha256)).collect();
    staging.write("SHA256SUMS", [sums])?;
    let files: &BTreeMap<String, FileFacts> = &staging.files;
    let sources = evidence.sources.iter().map(|s| (s.sha256.clone(), s.format.clone())).collect();
    let statement = statement::statement(manifest, files, &sources).text();
    staging.write("provenance.dsse.json", [key.envelope(&statement)])
}
