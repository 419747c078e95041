//! The statement: an in-toto attestation with SLSA provenance, which says which files came from which sources and definition.

use super::manifest::Manifest;
use super::staging::FileFacts;
use crate::export::example::digest;
use crate::export::json::Json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// Type of the marks of a file's lines.
const LINES: &str = "application/vnd.ossia.lines";

/// Reads the marks of lines that a statement holds, by file; they tell where to look and prove nothing by themselves.
#[must_use]
pub fn marks(statement: &Json) -> BTreeMap<String, Vec<u8>> {
    let listed = statement.get("predicate").and_then(|predicate| predicate.get("runDetails")?.get("byproducts"));
    let one = |json: &Json| Some((json.get("name")?.as_str()?.to_owned(), STANDARD.decode(json.get("content")?.as_str()?).ok()?));
    listed.map(Json::items).unwrap_or_default().iter().filter(|json| json.get("mediaType").and_then(Json::as_str) == Some(LINES)).filter_map(one).collect()
}

/// Writes the statement over all files of a bundle but the envelope; `sources` are SHA-256 with the format each was read as.
#[must_use]
pub fn statement(manifest: &Manifest, files: &BTreeMap<String, FileFacts>, sources: &BTreeMap<String, String>) -> Json {
    let digest_of = |sha256: &str| Json::object([("sha256", sha256.into())]);
    let subject = |(name, facts): (&String, &FileFacts)| Json::object([("name", name.as_str().into()), ("digest", digest_of(&facts.sha256))]);
    let source = |(sha256, format): (&String, &String)| {
        Json::object([("name", format.as_str().into()), ("uri", format!("sha256:{sha256}").into()), ("digest", digest_of(sha256))])
    };
    let parameters = Json::object([
        ("dataset", manifest.dataset.name.as_str().into()),
        ("version", u64::from(manifest.dataset.version).into()),
        ("query", manifest.dataset.query.as_str().into()),
        ("seed", manifest.dataset.seed.into()),
    ]);
    let inner = Json::object([
        ("definition_sha256", manifest.dataset.sha256.as_str().into()),
        ("policies_sha256", manifest.policies_sha256.as_str().into()),
        ("journal_head", manifest.journal_head.clone().into()),
        ("rules_sha256", manifest.rules_sha256.clone().into()),
    ]);
    let build = Json::object([
        ("buildType", "https://ossia.dev/export/v1".into()),
        ("externalParameters", parameters),
        ("internalParameters", inner),
        ("resolvedDependencies", Json::Array(sources.iter().map(source).collect())),
    ]);
    let builder = Json::object([("id", "https://ossia.dev/ossia".into()), ("version", Json::object([("ossia", manifest.tool.version.as_str().into())]))]);
    // The time is that of the last decision; a clock would make two equal exports differ.
    let call = digest(&[&manifest.dataset.sha256, manifest.journal_head.as_deref().unwrap_or_default()]);
    let mut metadata = Json::object([("invocationId", call.into())]);
    if let Some(date) = &manifest.date {
        metadata.push("finishedOn", date.as_str().into());
    }
    let marks = |(name, facts): (&String, &FileFacts)| {
        let content = STANDARD.encode(&facts.lines);
        Json::object([("name", name.as_str().into()), ("mediaType", LINES.into()), ("content", content.into())])
    };
    let byproducts = files.iter().filter(|(_, facts)| !facts.lines.is_empty()).map(marks).collect();
    let run = Json::object([("builder", builder), ("metadata", metadata), ("byproducts", Json::Array(byproducts))]);
    Json::object([
        ("_type", "https://in-toto.io/Statement/v1".into()),
        ("subject", Json::Array(files.iter().map(subject).collect())),
        ("predicateType", "https://slsa.dev/provenance/v1".into()),
        ("predicate", Json::object([("buildDefinition", build), ("runDetails", run)])),
    ])
}
