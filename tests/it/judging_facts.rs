//! What people say of facts and of each other through the real program: joins, files of labels, agreement before an export, the log.

use crate::workspace::Bench;
use serde_json::Value;
use std::fs;
use std::path::Path;

const SESSION: &str = "maestro:f11dd7e6-fd27-4e8d-9b4e-6fdc76a9f64c";

fn bench() -> Bench {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    for folder in ["incident-cache", "evals"] {
        bench.json(&["import", demo.join(folder).to_str().unwrap()]);
    }
    bench
}

fn sources(bench: &Bench) -> Vec<String> {
    let shown = bench.json(&["show", SESSION]);
    let formats = shown["sources"].as_array().unwrap().iter().map(|s| s["format"].as_str().unwrap().to_owned());
    let mut formats: Vec<String> = formats.collect();
    formats.sort();
    formats
}

#[test]
fn a_join_by_ids_alone_is_rejected_and_taken_back() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    bench.json(&["import", demo.join("incident-cache").to_str().unwrap()]);
    // It names a call and no session.
    let scores = bench.path("scores.jsonl");
    fs::write(&scores, "{\"tool_call_id\":\"toolu_c6d40208\",\"eval_run_id\":\"er\",\"metric\":\"m\",\"score\":0.5,\"passed\":true}\n").unwrap();
    bench.json(&["import", scores.to_str().unwrap()]);
    let joined = ["evals", "maestro-events", "maestro-exec", "maestro-session"];
    assert_eq!(sources(&bench), joined);
    let trajectories = bench.json(&["ls"])["total"].as_u64().unwrap();
    bench.json(&["amend", SESSION, "join=reject", "--note", "scores of another run", "--reviewer", "ana"]);
    assert_eq!(sources(&bench), joined[1..]);
    assert!(bench.json(&["ls"])["total"].as_u64().unwrap() > trajectories, "the scores stand nowhere");
    // Another import does not join it again.
    bench.json(&["import", "--rehash", scores.to_str().unwrap()]);
    assert_eq!(sources(&bench), joined[1..]);
    let refused = bench.run(&["amend", SESSION, "join=reject", "--note", "again", "--reviewer", "ana"]);
    assert!(refused.status.code() == Some(2) && String::from_utf8_lossy(&refused.stderr).contains("names the session"));
    bench.json(&["undo", "--reviewer", "ana"]);
    assert_eq!(sources(&bench), joined);
    bench.json(&["amend", SESSION, "join=confirm", "--note", "same run", "--reviewer", "ana"]);
    let issues = bench.json(&["show", SESSION])["issues"].clone();
    assert!(issues.as_array().unwrap().iter().all(|issue| issue["kind"] != "inferred_join"), "{issues}");
}

#[test]
fn a_file_of_labels_honours_every_option_or_refuses_it() {
    let bench = bench();
    let target = format!("{SESSION}#toolu_c6d40208");
    let file = bench.path("labels.jsonl");
    let row = |more: &str| format!("{{\"target\":\"{target}\",\"answers\":{{\"needs_ask\":\"yes\"}}{more}}}\n");
    fs::write(&file, row("") + &row(",\"confidence\":3,\"hindsight\":false,\"note\":\"own\"")).unwrap();
    let path = file.to_str().unwrap();
    let done = bench.json(&["label", "--from", path, "--confidence", "1", "--hindsight", "--note", "all", "--reviewer", "ana"]);
    assert_eq!((&done["notes"], &done["derived"][&target]["boundary"]), (&2.into(), &"gated".into()));
    let history = bench.json(&["labels", "--history"]);
    let said = |row: &Value| (row["confidence"].as_u64().unwrap(), row["hindsight"].as_bool().unwrap());
    assert_eq!(history["labels"].as_array().unwrap().iter().map(said).collect::<Vec<_>>(), [(1, true), (3, false)]);
    let notes: Vec<&str> = history["remarks"].as_array().unwrap().iter().map(|r| r["text"].as_str().unwrap()).collect();
    assert_eq!(notes, ["all", "own"]);
    for option in [&["--quote", "u:0..3"][..], &["--yes"], &["--cluster"]] {
        assert_eq!(bench.run(&[&["label", "--from", path][..], option].concat()).status.code(), Some(2), "{option:?}");
    }
    fs::write(&file, row(",\"confidence\":7")).unwrap();
    let refused = bench.run(&["label", "--from", path, "--reviewer", "ana"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("1, 2 or 3"));
    // A row of another schema has what follows there.
    fs::write(&file, format!("{{\"target\":\"{SESSION}\",\"schema\":\"maestro-review\",\"answers\":{{\"accepted\":\"yes\"}}}}\n")).unwrap();
    let done = bench.json(&["label", "--from", path, "--reviewer", "ana"]);
    assert_eq!(done["labels"][0]["question"], "accepted");
}

#[test]
fn the_log_is_told_in_words() {
    let bench = bench();
    let target = format!("{SESSION}#toolu_c6d40208");
    bench.json(&["label", &target, "needs_ask=yes", "--note", "prod", "--confidence", "1", "--reviewer", "ana"]);
    bench.json(&["amend", &target, "ran=no", "--note", "as said", "--reviewer", "ana"]);
    let log = String::from_utf8(bench.run(&["journal", "log", "--reviewer", "ana"]).stdout).unwrap();
    for words in ["needs_ask = yes (by command, unsure)  of maestro:f11dd7e6", "note: prod  of ", "ran is no: as said  of "] {
        assert!(log.contains(words), "{words:?} is not in\n{log}");
    }
    assert!(!log.contains('{'), "{log}");
    let undone = String::from_utf8(bench.run(&["undo", "--reviewer", "ana"]).stdout).unwrap();
    assert!(undone.starts_with("undone: ") && undone.contains("ran is no"), "{undone}");
}

#[test]
fn answers_in_which_reviewers_agree_too_little_leave_only_adjudicated() {
    let bench = bench();
    let shown = bench.json(&["show", SESSION]);
    let calls: Vec<String> = shown["executions"].as_array().unwrap().iter().map(|e| format!("{SESSION}#{}", e["id"].as_str().unwrap())).collect();
    for (n, call) in calls.iter().enumerate().take(10) {
        let answers = [if n % 2 == 0 { "needs_ask=yes" } else { "needs_ask=no" }, if n < 3 { "needs_ask=yes" } else { "needs_ask=no" }];
        for (who, answer) in ["ana", "bob"].iter().zip(answers) {
            bench.json(&["label", call, answer, "--reviewer", who]);
        }
    }
    let out = bench.path("bundle");
    let blocked = |more: &[&str]| {
        let args = [&["export", "", "--shape", "all", "--dry-run", "--out", out.to_str().unwrap(), "--override", "audit=a trial"][..], more].concat();
        let report = bench.json(&args);
        report["blocked"].as_array().unwrap().iter().filter(|row| row["gate"] == "agreement").map(|row| row["example"].to_string()).collect::<Vec<_>>()
    };
    // Calls 0, 3, 5, 7 and 9 have one answer; in the rest they differ.
    let before = blocked(&[]);
    assert!(before.len() >= 2 && before.iter().all(|example| !example.contains("toolu_f1d42802")), "{before:?}");
    bench.json(&["adjudicate", &calls[0], "needs_ask=yes", "--reviewer", "cyd"]);
    assert_eq!(blocked(&[]).len(), before.len() - 1);
    assert!(blocked(&["--override", "agreement=a trial"]).is_empty());
}

#[test]
fn a_turn_without_a_word_or_a_call_is_nothing_to_judge() {
    let bench = Bench::new();
    bench.json(&["import", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/rotate-staging-keys")]);
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    let shown = bench.json(&["show", &id]);
    let said = |step: &&Value| step["actor"] == "assistant" && step["kind"] == "message" && step["text"].as_str().unwrap().trim().is_empty();
    let blank: Vec<&str> = shown["steps"].as_array().unwrap().iter().filter(said).map(|step| step["id"].as_str().unwrap()).collect();
    assert!(!blank.is_empty(), "the example has such frames");
    let queue = bench.json(&["queue", "show", "all", "--limit", "500"]);
    let targets: Vec<&str> = queue["items"].as_array().unwrap().iter().map(|item| item["target"].as_str().unwrap()).collect();
    assert!(targets.len() > 10);
    assert!(blank.iter().all(|step| !targets.contains(&format!("{id}#{step}").as_str())), "{targets:?}");
}

#[test]
fn what_was_said_of_a_session_is_asked_of_the_session_again_and_settled_there() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/rotate-staging-keys");
    bench.json(&["import", demo.join("session.jsonl").to_str().unwrap()]);
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    let targets = |queue: &str| {
        let shown = bench.json(&["queue", "show", queue]);
        shown["items"].as_array().unwrap().iter().map(|item| item["target"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (reviewer, answer) in [("ana", "task=bounded"), ("bob", "task=done")] {
        bench.json(&["label", &id, answer, "--reviewer", reviewer]);
    }
    assert_eq!((targets("disputed"), targets("stale")), (vec![id.clone()], vec![]));
    // More streams tell more of the session: what was said of it is asked again, and none of its calls.
    bench.json(&["import", demo.to_str().unwrap()]);
    assert_eq!(targets("stale"), [id]);
}
