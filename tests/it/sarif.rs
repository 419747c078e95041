//! The report of the rules as SARIF: held against what the standard and its schema demand (OASIS SARIF 2.1.0 with errata 01).

use crate::workspace::Bench;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;

/// Of each object that is written: the properties it must have, and those it may have. The schema allows no others.
const OBJECTS: &[(&str, &str, &str)] = &[
    ("sarifLog", "version runs", "$schema inlineExternalProperties properties"),
    (
        "run",
        "tool",
        "invocations conversion language versionControlProvenance originalUriBaseIds artifacts logicalLocations graphs results automationDetails runAggregates baselineGuid redactionTokens defaultEncoding defaultSourceLanguage newlineSequences columnKind externalPropertyFileReferences threadFlowLocations taxonomies addresses translations policies webRequests webResponses specialLocations properties",
    ),
    ("tool", "driver", "extensions properties"),
    (
        "toolComponent",
        "name",
        "guid organization product productSuite shortDescription fullDescription fullName version semanticVersion dottedQuadFileVersion releaseDateUtc downloadUri informationUri globalMessageStrings notifications rules taxa locations language contents isComprehensive localizedDataSemanticVersion minimumRequiredLocalizedDataSemanticVersion associatedComponent translationMetadata supportedTaxonomies properties",
    ),
    (
        "reportingDescriptor",
        "id",
        "deprecatedIds guid deprecatedGuids name deprecatedNames shortDescription fullDescription messageStrings defaultConfiguration helpUri help relationships properties",
    ),
    ("reportingConfiguration", "", "enabled level rank parameters properties"),
    ("multiformatMessageString", "text", "markdown properties"),
    (
        "result",
        "message",
        "ruleId ruleIndex rule kind level analysisTarget locations guid correlationGuid occurrenceCount partialFingerprints fingerprints stacks codeFlows graphs graphTraversals relatedLocations suppressions baselineState rank attachments hostedViewerUri workItemUris provenance fixes taxa webRequest webResponse properties",
    ),
    ("message", "", "text markdown id arguments properties"),
    ("location", "", "id physicalLocation logicalLocations message annotations relationships properties"),
    ("physicalLocation", "", "address artifactLocation region contextRegion properties"),
    ("artifactLocation", "", "uri uriBaseId index description properties"),
    ("region", "", "startLine startColumn endLine endColumn charOffset charLength byteOffset byteLength snippet message sourceLanguage properties"),
    ("logicalLocation", "", "name index fullyQualifiedName decoratedName parentIndex kind properties"),
];

/// Gives an object after its properties were held against the schema.
fn object<'v>(of: &str, value: &'v Value) -> &'v Map<String, Value> {
    let (_, required, optional) = OBJECTS.iter().find(|(name, ..)| *name == of).unwrap();
    let map = value.as_object().unwrap_or_else(|| panic!("{of} is no object: {value}"));
    for name in required.split_whitespace() {
        assert!(map.contains_key(name), "{of} lacks {name}: {value}");
    }
    for (name, value) in map {
        assert!(required.split_whitespace().chain(optional.split_whitespace()).any(|known| known == name), "{of} has no {name}");
        assert!(!value.is_null(), "{of}.{name} is null; what is absent is left out");
    }
    map
}

fn one_of(value: &Value, of: &str) {
    assert!(value.as_str().is_some_and(|text| of.split_whitespace().any(|known| known == text)), "{value} is none of {of}");
}

/// A URI or a relative reference (RFC 3986): only what may stand in one, each `%` before two hex digits, no colon in the first
/// segment of a relative path, and an absolute path of a file after `file://`.
fn is_reference(uri: &str) {
    let bytes = uri.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(byte);
        let escaped = *byte == b'%' && bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        assert!(plain || escaped, "{uri:?} at {at}");
    }
    match uri.strip_prefix("file://") {
        Some(path) => assert!(path.starts_with('/'), "{uri}: an authority is not meant"),
        None => assert!(!uri.starts_with('/') && !uri.split('/').next().unwrap().contains(':'), "{uri} is neither absolute nor relative"),
    }
}

fn report(bench: &Bench, query: &[&str]) -> Value {
    let arguments: Vec<&str> = ["check", "--format", "sarif"].iter().chain(query).copied().collect();
    serde_json::from_slice(&bench.run(&arguments).stdout).unwrap()
}

/// Holds a report against the standard; gives how many results it has.
fn conforms(sarif: &Value) -> usize {
    object("sarifLog", sarif);
    assert_eq!(sarif["version"], "2.1.0");
    assert!(sarif["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    let [run] = sarif["runs"].as_array().unwrap().as_slice() else { panic!("one run is one report") };
    object("run", run);
    one_of(&run["columnKind"], "utf16CodeUnits unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    object("tool", &run["tool"]);
    object("toolComponent", driver);
    let rules = driver["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "each rule has an id of its own");
    for rule in rules {
        object("reportingDescriptor", rule);
        object("multiformatMessageString", &rule["shortDescription"]);
        object("reportingConfiguration", &rule["defaultConfiguration"]);
        one_of(&rule["defaultConfiguration"]["level"], "none note warning error");
        assert!(rule["name"].as_str().is_some_and(|name| !name.is_empty() && name != rule["id"]));
    }
    let results = run["results"].as_array().unwrap();
    let mut prints = BTreeSet::new();
    for result in results {
        object("result", result);
        one_of(&result["level"], "none note warning error");
        one_of(&result["kind"], "notApplicable pass fail review open informational");
        // 3.27.10: what is no failure has no level.
        assert!(result["kind"] == "fail" || result["level"] == "none", "{result}");
        assert!(result["kind"] != "fail" || result["level"] != "none", "a failure weighs something: {result}");
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"], "the index names the rule that the id names");
        assert!(!object("message", &result["message"])["text"].as_str().unwrap().is_empty());
        for (name, print) in result["partialFingerprints"].as_object().unwrap() {
            assert!(name.contains('/') && print.as_str().is_some_and(|print| !print.is_empty()));
            assert!(prints.insert(print.to_string()), "{print} stands for two results");
        }
        for location in result["locations"].as_array().unwrap() {
            object("location", location);
            let logical: Vec<&Value> = location["logicalLocations"].as_array().unwrap().iter().collect();
            logical.iter().for_each(|place| assert!(object("logicalLocation", place)["fullyQualifiedName"].is_string()));
            if let Some(physical) = location.get("physicalLocation") {
                object("physicalLocation", physical);
                is_reference(object("artifactLocation", &physical["artifactLocation"])["uri"].as_str().unwrap());
                assert!(object("region", &physical["region"])["startLine"].as_u64().unwrap() >= 1);
            }
        }
    }
    results.len()
}

#[test]
fn a_report_is_what_the_standard_demands() {
    let bench = Bench::new();
    // A name with all that a URI must not hold as it is.
    let odd = bench.path("odd %20 name: ü#?[1]");
    std::fs::create_dir_all(&odd).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    std::fs::copy(demo.join("nightly-refactor/26a2b4e1-0107-4926-a332-448bc4231398.jsonl"), odd.join("a b.jsonl")).unwrap();
    bench.json(&["import", odd.to_str().unwrap()]);
    assert!(conforms(&report(&bench, &[])) > 0);
    bench.json(&["import", demo.to_str().unwrap()]);
    assert!(conforms(&report(&bench, &[])) > 10);
    assert_eq!(conforms(&report(&bench, &["id:none"])), 0, "nothing found is a report too");
}
