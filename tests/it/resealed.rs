//! Bundles sealed again: by whom who has no key of ours, and in a layout of another version.

use super::workspace::Bench;
use ossia::export::{Signing, verify};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn bundle(bench: &Bench) -> PathBuf {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/dns-cutover");
    bench.json(&["import", demo.to_str().unwrap()]);
    let out = bench.path("bundle");
    let trial = ["--override", "answers=a trial", "--override", "audit=a trial"];
    bench.json(&[&["export", "", "--shape", "hf-sft", "--out", out.to_str().unwrap()][..], &trial].concat());
    out
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes checksums, statement and envelope again, consistently, under another key.
pub fn reseal(bundle: &Path, key: &Signing) {
    fs::write(bundle.join("key.pub"), key.public().pem()).unwrap();
    let named = files(bundle).into_iter().map(|file| (file.strip_prefix(bundle).unwrap().to_str().unwrap().to_owned(), hash(&fs::read(&file).unwrap())));
    let mut sums: BTreeMap<String, String> = named.filter(|(name, _)| name != "SHA256SUMS" && name != "provenance.dsse.json").collect();
    let listed: String = sums.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
    sums.insert("SHA256SUMS".to_owned(), hash(listed.as_bytes()));
    fs::write(bundle.join("SHA256SUMS"), listed).unwrap();
    let subjects: Vec<Value> = sums.iter().map(|(name, sha256)| json!({"name": name, "digest": {"sha256": sha256}})).collect();
    let statement =
        json!({"_type": "https://in-toto.io/Statement/v1", "subject": subjects, "predicateType": "https://slsa.dev/provenance/v1", "predicate": {}});
    fs::write(bundle.join("provenance.dsse.json"), key.envelope(&statement.to_string())).unwrap();
}

pub fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}: {from}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn what_is_changed_and_sealed_again_is_known_by_its_key_and_by_the_workspace() {
    let bench = Bench::new();
    let out = bundle(&bench);
    let workspace = bench.path("ws");
    let key = bench.path("trusted.pem");
    fs::copy(out.join("key.pub"), &key).unwrap();
    let verified = |more: &[&str]| bench.json(&[&["verify", out.to_str().unwrap()][..], more].concat());
    let again = ["--workspace", workspace.to_str().unwrap()];
    let trusted = ["--key", key.to_str().unwrap()];
    assert_eq!((&verified(&again)["ok"], &verified(&trusted)["ok"]), (&json!(true), &json!(true)));
    // A step of the lineage that no other file repeats.
    let lineage = fs::read_to_string(out.join("lineage.jsonl")).unwrap();
    let first: Value = serde_json::from_str(lineage.lines().next().unwrap()).unwrap();
    let step = first["steps"][0].as_str().unwrap();
    let hash = |name: &str| hash(&fs::read(out.join(name)).unwrap());
    let before = hash("lineage.jsonl");
    change(&out.join("lineage.jsonl"), &format!("\"steps\":[\"{step}\""), "\"steps\":[\"another\"");
    change(&out.join("croissant.json"), &before, &hash("lineage.jsonl"));
    reseal(&out, &Signing::new(&[7; 32]));
    let alone = verified(&[]);
    assert_eq!(alone["ok"], true, "whoever has nothing but the bundle is told who signed it: {alone}");
    assert_eq!(verified(&trusted)["reason"], "unknown_key");
    let found = verified(&again);
    assert_eq!(found["reason"], "not_reproducible");
    let detail = found["checks"].as_array().unwrap().iter().find(|check| check["ok"] == false).unwrap()["detail"].to_string();
    assert!(detail.contains("lineage.jsonl, line 1"), "{detail}");
    // Without any key it is unsigned, and says so.
    fs::remove_file(out.join("provenance.dsse.json")).unwrap();
    assert_eq!(verified(&[])["ok"], false);
}

#[test]
fn a_bundle_of_an_older_layout_is_held_against_its_own_schemas() {
    let bench = Bench::new();
    let (out, key) = (bundle(&bench), Signing::new(&[7; 32]));
    let checks = |out: &Path| {
        let report = verify(out, None, None);
        let failed: Vec<String> = report.checks.iter().filter(|check| !check.ok).map(|check| format!("{}: {}", check.name, check.detail)).collect();
        (report.reason, failed, report.checks.iter().any(|check| check.name == "layout"))
    };
    assert_eq!(checks(&out), (None, Vec::new(), false));
    // Version 1 knew no layout, no tools beside messages, and another card.
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    let first: Value = serde_json::from_str(&manifest).unwrap();
    change(&out.join("manifest.json"), &format!("  \"layout\": {},\n", first["layout"]), "");
    for name in ["manifest", "hf-sft"] {
        let file = out.join(format!("schemas/{name}.schema.json"));
        let mut schema: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let gone = if name == "manifest" { "layout" } else { "tools" };
        schema["properties"].as_object_mut().unwrap().remove(gone).unwrap();
        schema["required"].as_array_mut().unwrap().retain(|field| field != gone);
        fs::write(&file, schema.to_string() + "\n").unwrap();
    }
    fs::write(out.join("README.md"), "another card\n").unwrap();
    reseal(&out, &key);
    let (reason, failed, told) = checks(&out);
    assert!(reason == Some("tampered") && told && failed.len() == 1 && failed[0].contains("tools is not known"), "{failed:?}");
    fs::remove_file(out.join("schemas/hf-sft.schema.json")).unwrap();
    reseal(&out, &key);
    assert_eq!(checks(&out), (None, Vec::new(), true));
    // What a newer version wrote and this one cannot read is no tampering.
    change(&out.join("manifest.json"), "\"schema\":", "\"layout\": 900, \"news\": 1, \"schema\":");
    reseal(&out, &key);
    let (reason, failed, _) = checks(&out);
    assert!(reason == Some("unknown_layout") && failed.iter().any(|why| why.contains("in layout 900, by ossia")), "{failed:?}");
}
