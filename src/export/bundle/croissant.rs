//! Croissant 1.0 metadata: every data file with its hash, and the scalar columns of the lineage.

use super::manifest::Manifest;
use crate::export::json::Json;

/// The context that the Croissant 1.0 specification prescribes.
const CONTEXT: &str = r#"{"@language":"en","@vocab":"https://schema.org/","citeAs":"cr:citeAs","column":"cr:column","conformsTo":"dct:conformsTo","cr":"http://mlcommons.org/croissant/","rai":"http://mlcommons.org/croissant/RAI/","data":{"@id":"cr:data","@type":"@json"},"dataType":{"@id":"cr:dataType","@type":"@vocab"},"dct":"http://purl.org/dc/terms/","examples":{"@id":"cr:examples","@type":"@json"},"extract":"cr:extract","field":"cr:field","fileProperty":"cr:fileProperty","fileObject":"cr:fileObject","fileSet":"cr:fileSet","format":"cr:format","includes":"cr:includes","isLiveDataset":"cr:isLiveDataset","jsonPath":"cr:jsonPath","key":"cr:key","md5":"cr:md5","parentField":"cr:parentField","path":"cr:path","recordSet":"cr:recordSet","references":"cr:references","regex":"cr:regex","repeated":"cr:repeated","replace":"cr:replace","sc":"https://schema.org/","separator":"cr:separator","source":"cr:source","subField":"cr:subField","transform":"cr:transform"}"#;

/// Columns of the lineage that are plain texts.
const COLUMNS: &[&str] = &["row", "shape", "file", "sha256", "split", "trajectory", "target", "situation"];

/// Writes the metadata; `lineage` is the SHA-256 of `lineage.jsonl`.
#[must_use]
pub fn croissant(manifest: &Manifest, lineage: &str, license: &str) -> Json {
    let file = |name: &str, sha256: &str| {
        let format = if name.ends_with(".csv") { "text/csv" } else { "application/jsonlines" };
        Json::object([
            ("@type", "cr:FileObject".into()),
            ("@id", name.into()),
            ("name", name.into()),
            ("contentUrl", name.into()),
            ("encodingFormat", format.into()),
            ("sha256", sha256.into()),
        ])
    };
    let mut files: Vec<Json> = manifest.shapes.iter().map(|shape| file(&shape.file, &shape.sha256)).collect();
    files.push(file("lineage.jsonl", lineage));
    let field = |column: &&str| {
        let from = Json::object([("fileObject", Json::object([("@id", "lineage.jsonl".into())])), ("extract", Json::object([("column", (*column).into())]))]);
        let id = format!("lineage/{column}");
        Json::object([("@type", "cr:Field".into()), ("@id", id.as_str().into()), ("name", id.into()), ("dataType", "sc:Text".into()), ("source", from)])
    };
    let records = Json::object([
        ("@type", "cr:RecordSet".into()),
        ("@id", "lineage".into()),
        ("name", "lineage".into()),
        ("field", Json::Array(COLUMNS.iter().map(field).collect())),
    ]);
    let mut dataset = Json::object([
        ("@context", Json::parse(CONTEXT).unwrap_or(Json::Null)),
        ("@type", "sc:Dataset".into()),
        ("name", manifest.dataset.name.as_str().into()),
        ("description", format!("{} examples of agents that ask, or fail to ask, before they act, judged by people.", manifest.examples).into()),
        ("conformsTo", "http://mlcommons.org/croissant/1.0".into()),
        ("license", license.into()),
        ("version", format!("{}.0.0", manifest.dataset.version).into()),
        ("rai:dataCollection", "Recorded sessions of agents, read from the files they exported.".into()),
        ("rai:dataAnnotationProtocol", "People answered the questions of a versioned label schema; journal.jsonl holds their answers.".into()),
        ("rai:personalSensitiveInformation", "Findings of a redaction audit were replaced; redactions.jsonl lists them without their values.".into()),
    ]);
    if let Some(date) = &manifest.date {
        dataset.push("datePublished", date.get(..10).unwrap_or(date).into());
    }
    dataset.push("distribution", files.into());
    dataset.push("recordSet", Json::Array(vec![records]));
    dataset
}
