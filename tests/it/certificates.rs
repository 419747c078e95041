//! Certificates where they do not belong: another workspace's, another state's, one from before the rules or the sources were what they are.

use super::audit_certify::{READ, TOKEN, as_person, chat, json_of, make_ready};
use super::resealed::{change, hash, reseal};
use super::workspace::Bench;
use ossia::export::Signing;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Signs by two people, and writes the certificate into a folder.
fn certify(bench: &Bench, folder: &str) -> PathBuf {
    let out = bench.path(folder);
    json_of(&as_person(bench, "ana", &[&["audit", "certify"][..], &READ].concat()));
    json_of(&as_person(bench, "ben", &[&["audit", "certify", "--approve", "--out", out.to_str().unwrap()][..], &READ].concat()));
    out
}

fn certified(name: &str) -> (Bench, PathBuf) {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, name, TOKEN)]);
    make_ready(&bench);
    let out = certify(&bench, "certificate");
    (bench, out)
}

/// Exports the trajectories of the file that was certified, whatever else is there.
fn export(bench: &Bench, name: &str) -> (PathBuf, Value) {
    let out = bench.path(name);
    let ids = bench.json(&["ls", "question OR request", "--sort", "id"]);
    let ids: Vec<String> = ids["trajectories"].as_array().unwrap().iter().take(6).map(|t| format!("id:{}", t["id"].as_str().unwrap())).collect();
    let report = bench.json(&["export", &ids.join(" OR "), "--shape", "hf-sft", "--override", "answers=a trial", "--out", out.to_str().unwrap()]);
    (out, report)
}

/// Gives the reason of a verification, and what the failed checks say.
fn verified(bench: &Bench, bundle: &Path, workspace: bool) -> (Value, String) {
    let (place, own) = (bundle.to_str().unwrap(), bench.path("ws"));
    let more = ["--workspace", own.to_str().unwrap()];
    let report = bench.json(&[&["verify", place][..], if workspace { &more } else { &[] }].concat());
    let failed = report["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).map(|check| check["detail"].as_str().unwrap());
    (report["reason"].clone(), failed.collect::<Vec<_>>().join("; "))
}

/// Puts a certificate into a bundle in place of the one that is there, and seals it anew under another key.
fn swap(bundle: &Path, certificate: &Path) {
    let before = hash(&fs::read(bundle.join("certificate.json")).unwrap());
    for name in ["certificate.json", "certificate.md"] {
        fs::copy(certificate.join(name), bundle.join(name)).unwrap();
    }
    let now = hash(&fs::read(bundle.join("certificate.json")).unwrap());
    ["manifest.json", "README.md"].iter().for_each(|name| change(&bundle.join(name), &before, &now));
    reseal(bundle, &Signing::new(&[7; 32]));
}

#[test]
fn a_certificate_of_another_workspace_is_known_as_such() {
    let ((one, _), (other, theirs)) = (certified("a.jsonl"), certified("b.jsonl"));
    let (bundle, report) = export(&one, "bundle");
    assert_eq!((&report["uncertified"], verified(&one, &bundle, true)), (&Value::Null, (Value::Null, String::new())));
    // It is of other bytes, which whoever has the bundle alone sees as well.
    fs::write(other.path("b.jsonl"), fs::read_to_string(other.path("b.jsonl")).unwrap().replace("question", "request")).unwrap();
    other.json(&["import", other.path("b.jsonl").to_str().unwrap()]);
    make_ready(&other);
    let of_others = certify(&other, "later");
    swap(&bundle, &of_others);
    let (reason, why) = verified(&one, &bundle, false);
    assert!(reason == "tampered" && why.contains("was not in its scope"), "{why}");
    // Of equal bytes, but signed where nobody here knows on what it stands.
    let (bundle, _) = export(&one, "second");
    swap(&bundle, &theirs);
    let (reason, why) = verified(&one, &bundle, true);
    assert!(reason == "not_reproducible" && why.contains("was not signed in this workspace"), "{why}");
    let bound = as_person(&one, "ben", &["audit", "certify", "--bind", bundle.to_str().unwrap()]);
    assert!(!bound.status.success() && String::from_utf8_lossy(&bound.stderr).contains("not signed in this workspace"), "{bound:?}");
    // Their journal comes in with their certificates, the last of all: one's own is carried nevertheless.
    let journal = other.path("theirs.jsonl");
    other.json(&["journal", "export", journal.to_str().unwrap()]);
    let before = export(&one, "before").1;
    one.json(&["journal", "import", journal.to_str().unwrap()]);
    let (after, report) = export(&one, "after");
    let void = report["uncertified"].as_str().unwrap_or_default();
    assert!(before["uncertified"].is_null() && (after.join("certificate.json").exists() || void.contains("a verdict changed")), "{report}");
}

#[test]
fn a_bundle_is_made_again_after_more_was_imported_and_not_with_a_certificate_of_another_state() {
    let (bench, first) = certified("a.jsonl");
    let (bundle, _) = export(&bench, "bundle");
    // Somebody else finds the value worth a word; both certificates are of the same sources.
    let value = bench.json(&["audit", "--status", "all"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    bench.json(&["audit", "decide", &value, "redact", "--note", "seen again", "--reviewer", "ben"]);
    assert!(export(&bench, "void").1["uncertified"].as_str().unwrap().contains("a verdict changed"));
    certify(&bench, "second");
    let (swapped, report) = export(&bench, "swapped");
    assert_eq!((&report["uncertified"], verified(&bench, &swapped, true).0), (&Value::Null, Value::Null));
    // When its time runs out is said apart, and of a bundle without a certificate nothing is.
    let until = |bundle: &Path| bench.json(&["verify", bundle.to_str().unwrap()])["certified_until"].clone();
    assert!(report["lapsed"].is_null() && until(&swapped).as_str().is_some_and(|until| until > "2026-01-01") && until(&bench.path("void")).is_null());
    swap(&swapped, &first);
    assert_eq!(verified(&bench, &swapped, false).0, Value::Null, "the bundle alone does not say which verdicts came after it");
    let (reason, why) = verified(&bench, &swapped, true);
    assert!(reason == "not_reproducible" && why.contains("a verdict changed since"), "{why}");
    // More sources come in: what leaves now has no certificate, what left then is still made to the byte.
    bench.json(&["import", &chat(&bench, "b.jsonl", "nothing")]);
    assert!(export(&bench, "late").1["uncertified"].as_str().unwrap().contains("the sources are not those"));
    assert_eq!(verified(&bench, &bundle, true), (Value::Null, String::new()));
    assert_eq!(verified(&bench, &bundle, false), (Value::Null, String::new()));
}

#[test]
fn what_lies_elsewhere_is_no_part_of_a_bundle() {
    let (bench, _) = certified("a.jsonl");
    let (bundle, _) = export(&bench, "bundle");
    let (row, away) = (bundle.join("data/hf-sft.jsonl"), bench.path("away"));
    fs::rename(&row, &away).unwrap();
    symlink(&away, &row).unwrap();
    let (reason, why) = verified(&bench, &bundle, false);
    assert!(reason == "tampered" && why.contains("data/hf-sft.jsonl is a link"), "{why}");
    fs::remove_file(&row).unwrap();
    fs::rename(&away, &row).unwrap();
    fs::create_dir(bundle.join("more")).unwrap();
    assert!(verified(&bench, &bundle, false).1.contains("the folder more/ holds no file"));
    fs::remove_dir(bundle.join("more")).unwrap();
    assert_eq!(verified(&bench, &bundle, false).0, Value::Null);
}
