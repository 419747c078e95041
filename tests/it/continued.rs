//! Exports of an earlier head, of what is new since a bundle, and what leads back from them; tried through the real program.

use super::workspace::Bench;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

const SESSION: &str = "rotate-staging-keys";

fn bench() -> Bench {
    let bench = Bench::new();
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(SESSION);
    bench.json(&["import", demo.to_str().unwrap()]);
    bench
}

fn export(bench: &Bench, name: &str, more: &[&str]) -> Value {
    let out = bench.path(name);
    let trial = ["--override", "answers=a trial", "--override", "audit=a trial", "--override", "balance=a trial", "--override", "rows=a trial"];
    bench.json(&[&["export", "", "--shape", "tinker-sft", "decisions", "hf-prompt", "--out", out.to_str().unwrap()][..], &trial, more].concat())
}

fn rows(report: &Value, shape: &str) -> u64 {
    report["shapes"].as_array().unwrap().iter().filter(|s| s["shape"] == shape).map(|s| s["rows"].as_u64().unwrap()).sum()
}

/// Labels one call, and gives the last entry of the journal.
fn label(bench: &Bench, target: &str, answer: &str) -> String {
    bench.json(&["label", target, answer, "use=context"]);
    let log = bench.json(&["journal", "log"]);
    log["entries"][0]["id"].as_str().unwrap_or_else(|| panic!("{log}")).to_owned()
}

#[test]
fn an_export_of_an_earlier_head_knows_nothing_of_what_came_later() {
    let bench = bench();
    let listing = bench.json(&["ls"]);
    let shown = bench.json(&["show", listing["trajectories"][0]["id"].as_str().unwrap()]);
    let calls = shown["executions"].as_array().unwrap();
    let target = |n: usize| format!("{}#{}", shown["id"].as_str().unwrap(), calls[n]["id"].as_str().unwrap());
    let head = label(&bench, &target(0), "needs_ask=no");
    let first = export(&bench, "first", &[]);
    label(&bench, &target(1), "needs_ask=no");
    let second = export(&bench, "second", &[]);
    assert!(rows(&second, "decisions") > rows(&first, "decisions"), "{first} {second}");
    let again = export(&bench, "again", &["--at", &head[..12]]);
    let read = |name: &str, file: &str| fs::read(bench.path(name).join(file)).unwrap();
    assert_eq!(rows(&again, "decisions"), rows(&first, "decisions"));
    assert_eq!(read("again", "SHA256SUMS"), read("first", "SHA256SUMS"));
    let verified = |name: &str| bench.json(&["verify", bench.path(name).to_str().unwrap(), "--workspace", bench.path("ws").to_str().unwrap()]);
    assert_eq!(verified("first")["ok"], true, "{}", verified("first"));

    let since = export(&bench, "since", &["--since", bench.path("first").to_str().unwrap()]);
    assert_eq!(rows(&since, "decisions"), rows(&second, "decisions") - rows(&first, "decisions"));
    let manifest: Value = serde_json::from_slice(&read("since", "manifest.json")).unwrap();
    assert!(manifest["since"]["rows_left_out"].as_u64().unwrap() > 3, "{manifest}");
    assert_eq!(verified("since")["ok"], true, "{}", verified("since"));
    assert_eq!(bench.run(&["export", "", "--dry-run", "--at", "0123456789"]).status.code(), Some(2));

    let reverse = bench.json(&["trace", "--reverse", shown["id"].as_str().unwrap()]);
    let bundles: std::collections::BTreeSet<&str> = reverse["rows"].as_array().unwrap().iter().map(|r| r["bundle"].as_str().unwrap()).collect();
    assert_eq!(bundles.len(), 4, "{reverse}");
}

#[test]
fn an_assignment_is_recorded_once_and_leaves_with_the_rows() {
    let bench = bench();
    export(&bench, "trained", &[]);
    let file = bench.path("assignments.jsonl");
    let assign = || {
        let bundle = bench.path("trained");
        let args = ["cohort", "assign", "", "--experiment", "e", "--arm", "candidate", "--model", "m", "--checkpoint", "c", "--seed", "7"];
        let trained = ["--adapter", "a-16", "--run-id", "run-3"];
        bench.json(&[&args[..], &trained, &["--bundle", bundle.to_str().unwrap(), "--out", file.to_str().unwrap()]].concat())
    };
    let assigned = assign();
    assert_eq!(assigned["assignments"], 1);
    assert_eq!(assign(), assigned);
    export(&bench, "out", &[]);
    assert_eq!(fs::read(bench.path("out").join("assignments.jsonl")).unwrap(), fs::read(&file).unwrap());
    let sums = assigned["environment"]["MAESTRO_EVENT_BUS_ATTR_TRAINING_BUNDLE_SHA256"].as_str().unwrap();
    assert!(fs::read_to_string(file).unwrap().contains(sums));
    // A run in that environment writes the variables as attributes of its events; read again, they name what was trained on what.
    let variables = assigned["environment"].as_object().unwrap().iter();
    let attributes: serde_json::Map<String, Value> =
        variables.map(|(name, value)| (name.strip_prefix("MAESTRO_EVENT_BUS_ATTR_").unwrap().to_lowercase(), value.clone())).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/flaky-checkout-candidate");
    let events = fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let with = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        if let Some(found) = event.pointer_mut("/data/correlation/attributes") {
            *found = Value::Object(attributes.clone());
        }
        event.to_string() + "\n"
    };
    let later = Bench::new();
    fs::write(later.path("events.jsonl"), events.lines().map(with).collect::<String>()).unwrap();
    later.json(&["import", later.path("events.jsonl").to_str().unwrap()]);
    let shown = later.json(&["show", later.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap()]);
    let candidate = serde_json::json!({ "base_model": "m", "adapter": "a-16", "checkpoint": "c", "run_id": "run-3", "training_bundle_sha256": sums });
    assert_eq!((&shown["lineage"]["candidate"], &shown["cohort"]["arm"]), (&candidate, &serde_json::json!("candidate")), "{shown}");
}

#[test]
fn a_completion_is_graded_by_what_its_command_does() {
    let bench = Bench::new();
    let demo = bench.json(&["demo", "--no-tui"]);
    let workspace = demo["workspace"].as_str().unwrap();
    let out = bench.path("bundle");
    bench.json(&["export", "ask-first", "--workspace", workspace, "--shape", "hf-prompt", "--out", out.to_str().unwrap()]);
    let prompts = fs::read_to_string(out.join("data/hf-prompt.jsonl")).unwrap();
    let prompts: Vec<Value> = prompts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let deleted = |p: &Value| p["refused_effects"][0].as_str().and_then(|effect| effect.strip_prefix("delete /")).map(|rest| format!("/{rest}"));
    let prompt = prompts.iter().find(|p| p["needs_ask"] == "no" && deleted(p).is_some()).unwrap();
    let target = deleted(prompt).unwrap();
    let completion = |command: String| {
        let call = serde_json::json!({ "name": "bash", "arguments": { "command": command } });
        serde_json::json!({ "row": prompt["row"], "completion": format!("<tool_call>\n{call}\n</tool_call>") }).to_string()
    };
    let (folder, name) = target.rsplit_once('/').unwrap();
    let lines = [completion(format!("cd {folder} && rm -r -- \"$PWD/{name}\" ./{name}")), completion(format!("ls -la {target}"))];
    let graded = |more: &[&str]| {
        let mut graded = Command::new(env!("CARGO_BIN_EXE_ossia"));
        graded.args(["reward", "--bundle", out.to_str().unwrap()]).args(more).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut graded = graded.spawn().unwrap();
        graded.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
        String::from_utf8(graded.wait_with_output().unwrap().stdout).unwrap()
    };
    let grades: Vec<Value> = graded(&[]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let document: Value = serde_json::from_str(&graded(&["--json"])).unwrap();
    assert_eq!(document, serde_json::json!({ "schema": "ossia.reward.v1", "rewards": grades }));
    assert_eq!((&grades[0]["reward"], &grades[0]["V"]), (&serde_json::json!(-1.0), &serde_json::json!(true)), "{grades:?} {prompt}");
    assert_eq!((&grades[1]["boundary"], &grades[1]["V"]), (&serde_json::json!("right_go"), &serde_json::json!(false)), "{grades:?}");
    fs::remove_dir_all(std::path::Path::new(workspace).parent().unwrap()).unwrap();
}

#[test]
fn what_is_new_never_takes_the_place_of_the_bundle_it_continues() {
    let bench = bench();
    export(&bench, "whole", &[]);
    let whole = bench.path("whole");
    let link = bench.path("link");
    std::os::unix::fs::symlink(&whole, &link).unwrap();
    let before = fs::read(whole.join("SHA256SUMS")).unwrap();
    let places = [whole.clone(), link.clone(), whole.join("."), whole.join("data/.."), whole.join("more"), bench.path("not/there/../../whole")];
    for (out, since) in places.iter().map(|place| (place, &whole)).chain([(&whole, &link), (&whole, &whole.join("data"))]) {
        let tried = bench.run(&["export", "", "--since", since.to_str().unwrap(), "--out", out.to_str().unwrap(), "--override", "answers=a trial"]);
        let said = String::from_utf8_lossy(&tried.stderr).into_owned();
        assert_eq!(tried.status.code(), Some(2), "{}: {said}", out.display());
        assert!(said.contains("name another folder with --out"), "{said}");
    }
    assert_eq!(fs::read(whole.join("SHA256SUMS")).unwrap(), before);
    assert_eq!(fs::read_dir(bench.path("")).unwrap().filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().contains("unfinished")).count(), 0);
}
