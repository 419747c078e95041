//! The audit of redactions through the real program: what is found, what is claimed, what is decided.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn findings(report: &Value) -> &Vec<Value> {
    report["findings"].as_array().unwrap()
}

/// A session whose only tool result says `text`.
fn session(bench: &Bench, id: &str, text: &str) -> String {
    let at = "2026-05-01T10:00:00.000Z";
    let lines = [
        json!({"type": "session", "version": 2, "id": id, "timestamp": at, "cwd": "/w", "model": "example/m"}),
        json!({"type": "message", "id": "m1", "parentId": null, "timestamp": at, "message": {"role": "user", "content": "look", "timestamp": 1}}),
        json!({"type": "message", "id": "m2", "parentId": "m1", "timestamp": at, "message": {"role": "assistant", "stopReason": "toolUse", "timestamp": 2,
            "content": [{"type": "toolCall", "id": "c1", "name": "read", "arguments": {"path": "notes.txt"}}]}}),
        json!({"type": "message", "id": "m3", "parentId": "m2", "timestamp": at, "message": {"role": "toolResult", "toolCallId": "c1", "toolName": "read",
            "content": [{"type": "text", "text": text}], "isError": false, "timestamp": 3}}),
    ];
    let file = bench.path(&format!("{id}.jsonl"));
    fs::write(&file, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn maestro_marks_are_held_against_every_stream() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/maestro");
    if !samples.exists() {
        println!("skipped: {} is absent", samples.display());
        return;
    }
    let bench = Bench::new();
    bench.json(&["import", samples.to_str().unwrap()]);
    let report = bench.json(&["audit", "--status", "all"]);
    let leaks: Vec<&str> = findings(&report).iter().filter(|f| f["kind"] == "leak").map(|f| f["message"].as_str().unwrap()).collect();
    for stream in ["maestro-exec", "maestro-headless"] {
        let found = leaks.iter().any(|message| message.contains("[REDACTED:api_key:902fdf5d]") && message.contains(stream));
        assert!(found, "{stream}: {leaks:?}");
    }
    let claim = findings(&report).iter().find(|f| f["kind"] == "claimed_not_redacted").unwrap();
    assert!(claim["message"].as_str().unwrap().contains("`raw_command`"));
    assert!(claim["step"].as_str().unwrap().ends_with(".wait"), "{claim}");
}

#[test]
fn a_value_is_found_everywhere_and_decided_once() {
    let bench = Bench::new();
    let token = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";
    let first = session(&bench, "s-1", &format!("the token: {token}\nand nothing else"));
    let second = session(&bench, "s-2", "db_password = \"rk7-Vqp2-wzz9\" is set");
    let third = session(&bench, "s-3", "then it prints rk7-Vqp2-wzz9 again");
    for file in [&first, &second, &third] {
        bench.json(&["import", file]);
    }
    let report = bench.json(&["audit"]);
    assert_eq!(findings(&report).len(), 3, "{report}");
    assert!(!report.to_string().contains(token) && !report.to_string().contains("rk7-Vqp2"), "values stay out of the report");
    let known = findings(&report).iter().find(|f| f["detector"] == "known_value").unwrap();
    assert_eq!((&known["occurrences"], &known["trajectory"]), (&json!(2), &json!("maestro:s-3")));
    let found = findings(&report).iter().find(|f| f["class"] == "github_token").unwrap();
    assert_eq!((&found["start"], &found["end"], &found["tier"]), (&json!(11), &json!(51), &json!("certain")));
    let source = fs::read(&first).unwrap();
    let at = |name: &str| found[name].as_u64().unwrap() as usize;
    assert_eq!(&source[at("source_start")..at("source_end")], token.as_bytes());

    let refused = bench.run(&["audit", "decide", known["id"].as_str().unwrap(), "keep"]);
    assert_eq!(refused.status.code(), Some(2));
    let decision = bench.json(&["audit", "decide", known["id"].as_str().unwrap(), "redact", "--reviewer", "ana"]);
    assert_eq!((&decision["values"], &decision["places"]), (&json!(1), &json!(2)));
    assert_eq!(findings(&bench.json(&["audit"])).len(), 1);
    let all = bench.json(&["audit", "--status", "all"]);
    let decided: Vec<&Value> = findings(&all).iter().filter(|f| f["verdict"] == "redact").collect();
    assert_eq!((decided.len(), &decided[0]["decided_by"]), (2, &json!("ana")));
    bench.run(&["undo", "--reviewer", "ana"]);
    assert_eq!(findings(&bench.json(&["audit"])).len(), 3);
}

#[test]
fn a_redactor_takes_out_what_was_decided() {
    let bench = Bench::new();
    let file = session(&bench, "s-1", "export DEPLOY_TOKEN=q7Rz2mXv9Lp4Ks8Tn3Wd6Yb1 now");
    bench.json(&["import", &file]);
    let report = bench.json(&["audit"]);
    bench.json(&["audit", "decide", findings(&report)[0]["id"].as_str().unwrap(), "redact", "--reviewer", "ana"]);
    let workspace = ossia::workspace::Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    let redactor = workspace.redactor("bundle", ossia::redaction::Style::Mark).unwrap();
    let redacted = redactor.text("q7Rz2mXv9Lp4Ks8Tn3Wd6Yb1 and cTdSejJtWHY5THA0S3M4VG4zV2Q2WWIx");
    assert!(!redactor.finds(&redacted.text) && redacted.changes.len() == 2, "{redacted:?}");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let bench = Bench::new();
    let shown = bench.json(&["key", "show", "--kind", "pseudonym"]);
    let file = Path::new(shown["file"].as_str().unwrap());
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let rotated = bench.json(&["key", "rotate", "--kind", "pseudonym"]);
    assert_ne!(shown["name"], rotated["name"]);
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = bench.run(&["key", "show", "--kind", "pseudonym"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("chmod 600"));
}

#[test]
fn a_rule_that_is_wrong_is_named_and_the_rest_loads() {
    let bench = Bench::new();
    let file = bench.path("rules.toml");
    fs::write(&file, "[[rules]]\nid = \"broken\"\nregex = '''a(b'''\n\n[[rules]]\nid = \"house\"\nregex = '''house-[0-9]{6}'''\n").unwrap();
    let out = bench.run(&["audit", "rules", "--rules", file.to_str().unwrap(), "--json"]);
    assert_eq!(out.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&report["refused"][0]["id"], &report["refused"][0]["line"]), (&json!("broken"), &json!(1)));
    assert!(report["rules"].as_array().unwrap().iter().any(|rule| rule["id"] == "house" && rule["built_in"] == false));
    bench.json(&["import", &session(&bench, "s-1", "plain words that hold nothing at all")]);
    let out = bench.run(&["audit", "--rules", file.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success() && said.contains("line 1: the rule broken is not used"), "{said}");
}

#[test]
fn a_sample_is_declared_drawn_and_read() {
    let bench = Bench::new();
    let file = session(&bench, "s-1", "plain words that hold nothing at all");
    bench.json(&["import", &file]);
    let plan = bench.json(&["audit", "sample", "plan", "--size", "10", "--plant", "5", "--reviewer", "ana"]);
    let id = plan["plan"].as_str().unwrap();
    let draw = || String::from_utf8(bench.run(&["audit", "sample", "draw", id, "--json"]).stdout).unwrap();
    let drawn: Value = serde_json::from_str(&draw()).unwrap();
    let units = drawn["units"].as_array().unwrap();
    assert_eq!((units.len(), draw()), (15, draw()));
    // Who names nothing cannot have read: made-up secrets are among the fields.
    assert_eq!(bench.run(&["audit", "sample", "read", id, "--reviewer", "ana"]).status.code(), Some(2));
    let own = fs::read_to_string(&file).unwrap();
    let planted = units.iter().find(|unit| !own.contains(unit["text"].as_str().unwrap())).unwrap();
    let out = bench.run(&["audit", "sample", "read", id, planted["unit"].as_str().unwrap(), "--reviewer", "ana", "--json"]);
    let bound: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), &bound["sampled"], &bound["missed"], &bound["found"]), (Some(1), &json!(10), &json!(0), &json!(1)));
    assert!((bound["upper_95"].as_f64().unwrap() - 0.258_866).abs() < 1e-5 && bound["accepted"] == false);
    assert_eq!(bench.json(&["audit"])["bound"]["plan"], plan["plan"]);
}
