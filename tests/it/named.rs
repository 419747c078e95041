//! Whatever names something is found by that name alone, and a query on the command line may leave things out.

use crate::workspace::Bench;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn demo(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(folder)
}

/// Gathers the texts under some members, at any depth.
fn under(value: &Value, members: &[&str], found: &mut BTreeSet<String>) {
    for member in members {
        texts(&value[*member], found);
    }
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if !text.is_empty() => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

#[test]
fn every_name_of_a_session_and_of_its_calls_is_found_as_it_is_written() {
    let bench = Bench::new();
    bench.json(&["import", demo("rotate-staging-keys").to_str().unwrap()]);
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    let shown = bench.json(&["show", &id]);
    let mut names = BTreeSet::new();
    let of_session = ["organization_id", "workspace_id", "agent_run_id", "agent_run_step_ids", "trace_id", "eval_run_ids", "prompt", "skills", "attributes"];
    under(&shown["lineage"], &of_session, &mut names);
    for execution in shown["executions"].as_array().unwrap() {
        under(execution, &["id", "call_id", "approval_request_id", "tool_execution_id", "tool", "error_code"], &mut names);
        under(&execution["governance"], &["policy_id", "decision_id", "matched_rules"], &mut names);
        under(&execution["context"], &["organization_id", "workspace_id", "agent_run_id", "actor_id", "correlation_id", "idempotency_key"], &mut names);
    }
    shown["sources"].as_array().unwrap().iter().for_each(|source| under(source, &["sha256"], &mut names));
    assert!(names.len() > 15, "{names:?}");
    let lost: Vec<&String> = names.iter().filter(|name| bench.json(&["search", &format!("\"{name}\"")])["total"] == 0).collect();
    assert!(lost.is_empty(), "not found: {lost:?}");
}

#[test]
fn what_is_left_out_is_no_option() {
    let bench = Bench::new();
    bench.json(&["import", demo("publish-docs").to_str().unwrap()]);
    let total = |query: &[&str]| bench.json(&[&["search"][..], query].concat())["total"].as_u64().unwrap();
    let (handbook, without) = (total(&["handbook"]), total(&["handbook", "-tidy"]));
    assert!(handbook > without && without > 0, "{handbook} {without}");
    assert!((without..handbook).contains(&total(&["handbook", "-\"also tidy\""])));
    assert!((without..handbook).contains(&total(&["handbook", "-(tidy mess)"])));
    let sorted = bench.json(&["ls", "--sort", "-started_at"]);
    assert_eq!(sorted["total"], 1);
}

#[test]
fn bytes_that_name_their_session_tell_nothing_new_from_another_place() {
    let bench = Bench::new();
    let file = demo("publish-docs/session.jsonl");
    bench.json(&["import", file.to_str().unwrap()]);
    let copy = bench.path("copy.jsonl");
    fs::copy(&file, &copy).unwrap();
    let report = bench.json(&["import", copy.to_str().unwrap()]);
    assert_eq!((&report["sources"][0]["status"], &report["trajectories"]["changed"]), (&"unchanged".into(), &0.into()));
    assert_eq!(bench.json(&["ls"])["trajectories"][0]["sources"].as_array().unwrap().len(), 1);
    // What is unknown is no number.
    fs::write(&copy, "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}\n").unwrap();
    bench.json(&["import", copy.to_str().unwrap()]);
    let rows = bench.json(&["ls", "hello"]);
    assert_eq!((&rows["total"], &rows["trajectories"][0]["tokens"]["input"]), (&1.into(), &Value::Null));
    assert_eq!(bench.json(&["ls", "tokens:<1"])["total"], 0);
    // An empty file is known and shows nothing.
    fs::write(bench.path("empty.jsonl"), "").unwrap();
    let report = bench.json(&["import", bench.path("empty.jsonl").to_str().unwrap()]);
    assert_eq!((&report["sources"][0]["status"], &report["trajectories"]["new"], &bench.json(&["ls"])["total"]), (&"new".into(), &0.into(), &2.into()));
}

#[test]
fn nobody_else_may_read_the_index() {
    fn look(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            assert_eq!(fs::metadata(&entry).unwrap().permissions().mode() & 0o077, 0, "{}", entry.display());
            if entry.is_dir() {
                look(&entry);
            }
        }
    }
    let bench = Bench::new();
    bench.json(&["import", demo("publish-docs").to_str().unwrap()]);
    look(&bench.path("cache"));
    // What an older layout left is taken away when the index is made again.
    let index = fs::read_dir(bench.path("cache/ossia/index")).unwrap().next().unwrap().unwrap().path();
    fs::create_dir(index.join("v1-t0.1")).unwrap();
    fs::write(index.join("v1-t0.1/meta.json"), "{}").unwrap();
    bench.json(&["reindex"]);
    assert_eq!(fs::read_dir(&index).unwrap().count(), 1);
    assert!(bench.json(&["search", "handbook"])["total"].as_u64() > Some(0));
}

#[test]
fn a_broken_store_is_what_the_doctor_tells_of() {
    let bench = Bench::new();
    bench.json(&["import", demo("publish-docs").to_str().unwrap()]);
    fs::write(bench.path("ws/sources.db"), "no database").unwrap();
    let out = bench.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), &report["ok"], &report["checks"][0]["name"]), (Some(1), &false.into(), &"store".into()));
}

#[test]
fn what_is_listed_is_of_the_bytes_of_now() {
    let bench = Bench::new();
    let file = bench.path("rows.jsonl");
    let row = |id: &str| {
        format!("{{\"id\":\"{id}\",\"messages\":[{{\"role\":\"user\",\"content\":\"say {id}\"}},{{\"role\":\"assistant\",\"content\":\"{id}\"}}]}}\n")
    };
    let put = |rows: &[&str]| fs::write(&file, rows.iter().map(|id| row(id)).collect::<String>()).unwrap();
    let import = || bench.json(&["import", file.to_str().unwrap()]);
    put(&["one", "two"]);
    import();
    put(&["one", "two", "three"]);
    let grown = import();
    let sha256 = &grown["sources"][0]["sha256"];
    let listed = bench.json(&["ls"]);
    let listed = listed["trajectories"].as_array().unwrap();
    assert!(listed.len() == 3 && listed.iter().all(|one| &one["sources"][0] == sha256), "{listed:?}");
    // The short form that a screen has room for is a name as well, where it is one alone.
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(bench.json(&["show", &id[..id.len() - 4]])["id"], id);
    assert_eq!(bench.run(&["show", &id[..id.find(':').unwrap() + 3]]).status.code(), Some(2));
    // What a file no longer holds is gone, and that is said.
    put(&["four"]);
    assert_eq!(import()["trajectories"]["gone"], 3);
    assert_eq!(bench.json(&["ls"])["total"], 1);
}

#[test]
fn an_id_with_signs_that_are_written_otherwise_is_found() {
    let bench = Bench::new();
    let file = bench.path("odd.jsonl");
    let entry = |id: &str, more: &str| format!("{{\"type\":\"{id}\",{more},\"timestamp\":\"2026-05-01T08:00:00.000Z\"}}\n");
    let said = "\"id\":\"e0000001\",\"parentId\":null,\"message\":{\"role\":\"user\",\"content\":\"hello\",\"timestamp\":1}";
    fs::write(&file, entry("session", "\"version\":2,\"id\":\"night run #7 50%\",\"cwd\":\"/srv\"") + &entry("message", said)).unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let shown = bench.json(&["show", bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap()]);
    assert_eq!(shown["lineage"]["session_id"], "night run #7 50%");
    assert_eq!(bench.json(&["search", "session:\"night run #7 50%\" hello"])["total"], 1);
}

#[test]
fn a_value_that_was_only_begun_is_named_whole() {
    let bench = Bench::new();
    bench.json(&["import", demo("incident-cache").to_str().unwrap()]);
    for command in ["ls", "search"] {
        let out = bench.run(&[command, "session:f11dd7e6"]);
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert_eq!(out.status.code(), Some(1), "{said}");
        assert!(said.contains("`session:f11dd7e6*` finds 1 trajectory"), "{said}");
    }
}
