//! What an audit looks with, and what it cannot look at, through the real program: rules of one's own, keys that are gone, limits.

use crate::workspace::Bench;
use base64::Engine as _;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn chat(bench: &Bench, name: &str, said: &str) -> String {
    let line = json!({"messages": [{"role": "user", "content": said}, {"role": "assistant", "content": "noted"}]});
    let path = bench.path(name);
    fs::write(&path, format!("{line}\n")).unwrap();
    path.to_string_lossy().into_owned()
}

fn findings(report: &Value) -> &Vec<Value> {
    report["findings"].as_array().unwrap()
}

#[test]
fn rules_of_ones_own_are_kept_and_hold_exports_up() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "a.jsonl", "the badge is house-123456, keep it")]);
    let export = || bench.json(&["export", "", "--shape", "hf-sft", "--override", "answers=a trial", "--dry-run"]);
    let before = bench.json(&["audit"]);
    assert_eq!((findings(&before).len(), &export()["examples"]), (0, &json!(1)));
    let file = bench.path("badges.toml");
    let rules = "[[rules]]\nid = \"broken\"\nregex = '''a(b'''\n\n[[rules]]\nid = \"empty\"\nregex = '''x*'''\n\n[[rules]]\nid = \"badge\"\nregex = '''house-[0-9]{6}'''\n";
    fs::write(&file, rules).unwrap();
    let report = bench.json(&["audit", "--rules", file.to_str().unwrap()]);
    assert_ne!(report["rules_hash"], before["rules_hash"]);
    let lines: Vec<u64> = report["refused_rules"].as_array().unwrap().iter().map(|rule| rule["line"].as_u64().unwrap()).collect();
    assert_eq!((lines, &findings(&report)[0]["detector"]), (vec![1, 5], &json!("badge")));
    // Without naming the file again: the workspace has it.
    assert_eq!((findings(&bench.json(&["audit"])).len(), &export()["examples"]), (1, &json!(0)));
    let id = findings(&report)[0]["id"].as_str().unwrap().to_owned();
    bench.json(&["audit", "decide", &id, "redact", "--reviewer", "ana"]);
    assert_eq!(export()["examples"], 1);
    assert_eq!(export()["rules_sha256"].as_str().or(report["rules_hash"].as_str()), report["rules_hash"].as_str());
    // A file that is there and cannot be read would make the audit say too little.
    let kept = bench.path("ws/rules/badges.toml");
    fs::write(&kept, [0xff, 0xfe]).unwrap();
    let refused = bench.run(&["audit"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("badges.toml"));
}

#[test]
fn a_key_that_is_gone_is_told_and_never_made_anew_in_silence() {
    let bench = Bench::new();
    bench.json(&["import", &chat(&bench, "a.jsonl", "token ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu")]);
    let id = findings(&bench.json(&["audit"]))[0]["id"].as_str().unwrap().to_owned();
    bench.json(&["audit", "decide", &id, "redact", "--reviewer", "ana"]);
    let (backup, copy) = (bench.path("backup.db"), bench.path("copy"));
    assert_eq!(bench.json(&["backup", bench.path("plain.db").to_str().unwrap()])["keys"], Value::Null);
    bench.json(&["backup", backup.to_str().unwrap(), "--keys", copy.to_str().unwrap()]);
    let (key, kept) = (bench.path("ws/keys/fingerprint.key"), copy.join("fingerprint.key"));
    assert_eq!((fs::read(&key).unwrap(), fs::metadata(&kept).unwrap().permissions().mode() & 0o777), (fs::read(&kept).unwrap(), 0o600));
    let said = |args: &[&str]| {
        let out = bench.run(args);
        assert!(!out.status.success(), "{args:?}");
        String::from_utf8_lossy(&out.stderr).into_owned()
    };
    fs::remove_file(&key).unwrap();
    let lost = said(&["audit"]);
    assert!(lost.contains("is lost") && lost.contains("1 decision") && lost.contains("--lost") && !key.exists(), "{lost}");
    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(said(&["audit"]).contains("another one is in its place"));
    fs::copy(&kept, &key).unwrap();
    assert_eq!(findings(&bench.json(&["audit", "--status", "all"]))[0]["verdict"], "redact");
    assert!(said(&["key", "rotate", "--kind", "fingerprint", "--lost"]).contains("not rotated while it is there"));
    fs::remove_file(&key).unwrap();
    bench.json(&["key", "rotate", "--kind", "fingerprint", "--lost"]);
    assert_eq!(findings(&bench.json(&["audit"]))[0]["verdict"], "open", "what was decided under the lost key is open again");
}

#[test]
fn a_field_that_was_not_looked_at_whole_is_told_and_not_clean() {
    let bench = Bench::new();
    let mut said = "password = h8Kq2vLm9x".to_owned();
    for _ in 0..12 {
        said = base64::engine::general_purpose::STANDARD.encode(said);
    }
    bench.json(&["import", &chat(&bench, "a.jsonl", &said)]);
    let report = bench.json(&["audit"]);
    let limit = findings(&report).iter().find(|finding| finding["kind"] == "not_read").unwrap();
    assert!(limit["message"].as_str().unwrap().contains("nested deeper"), "{limit}");
    assert_eq!(report["coverage"]["not_read"]["fields with encodings nested deeper than is read"], 1);
    let state = || bench.json(&["ls"])["trajectories"][0]["audit"].clone();
    assert_eq!(state(), "open");
    for finding in findings(&report) {
        bench.json(&["audit", "decide", finding["id"].as_str().unwrap(), "keep", "--note", "made up for a test", "--reviewer", "ana"]);
    }
    assert_eq!(state(), "clean");
}

#[test]
fn places_behind_bytes_that_are_no_text_are_right() {
    let bench = Bench::new();
    let path = bench.path("a.jsonl");
    let token = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";
    let mut bytes = b"{\"messages\":[{\"role\":\"user\",\"content\":\"a \xff\xfe\xff b token ".to_vec();
    bytes.extend(token.bytes());
    bytes.extend(b" \xf0\x9f end \\ud800 tail\"},{\"role\":\"assistant\",\"content\":\"no\"}]}\n");
    fs::write(&path, &bytes).unwrap();
    bench.json(&["import", path.to_str().unwrap()]);
    let report = bench.json(&["audit"]);
    let found = findings(&report).iter().find(|finding| finding["class"] == "github_token").unwrap();
    let at = |name: &str| usize::try_from(found[name].as_u64().unwrap()).unwrap();
    assert_eq!(&bytes[at("source_start")..at("source_end")], token.as_bytes());
    bench.json(&["audit", "decide", found["id"].as_str().unwrap(), "redact", "--reviewer", "ana"]);
    let workspace = ossia::workspace::Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    assert!(workspace.redactor("bundle", ossia::redaction::Style::Mark).unwrap().finds(token), "the value is read again from its bytes");
}
