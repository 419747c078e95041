//! Every gate through the real program: what it keeps back, and that an override stands in the bundle with its reason and who gave it.

use super::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const TURNS: &str = "publish-docs";

fn demo(folder: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(folder).to_str().unwrap().to_owned()
}

/// A session of which everything but labels is overridden, and its calls.
fn bench() -> (Bench, Vec<String>) {
    let bench = Bench::new();
    bench.json(&["import", &demo(TURNS)]);
    let shown = bench.json(&["show", bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap()]);
    let calls = shown["executions"].as_array().unwrap().iter().map(|e| format!("{}#{}", shown["id"].as_str().unwrap(), e["id"].as_str().unwrap()));
    (bench, calls.collect())
}

/// What would leave, with gates overridden.
fn trial(bench: &Bench, over: &[&str], more: &[&str]) -> Value {
    let reasons: Vec<String> = over.iter().flat_map(|gate| ["--override".to_owned(), format!("{gate}=because of a trial")]).collect();
    let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
    bench.json(&[&["export", "", "--dry-run", "--shape", "hf-sft", "decisions", "--reviewer", "ana"][..], more, &reasons].concat())
}

fn blocked(report: &Value, gate: &str, target: &str) -> bool {
    report["blocked"].as_array().unwrap_or_else(|| panic!("{report}")).iter().any(|one| one["gate"] == gate && one["example"] == target)
}

#[test]
fn what_is_said_of_a_point_keeps_it_back_until_somebody_overrides_it() {
    let (bench, calls) = bench();
    // One asks for leave to read, which nobody disputes; on the second two differ; the third is only labelled with others.
    let label = |target: &str, said: &[&str], who: &str| drop(bench.json(&[&["label", target][..], said, &["--reviewer", who]].concat()));
    label(&calls[1], &["needs_ask=no"], "ana");
    label(&calls[1], &["needs_ask=yes"], "ben");
    bench.json(&["label", "--query", "tool:read", "--yes", "needs_ask=no", "use=imitate", "--reviewer", "ana"]);
    for (gate, target) in [("dispute", &calls[1]), ("bulk", &calls[0])] {
        assert!(blocked(&trial(&bench, &["audit"], &[]), gate, target), "{gate}");
        assert!(!blocked(&trial(&bench, &["audit", gate], &[]), gate, target), "{gate}");
    }
    assert!(blocked(&trial(&bench, &["audit"], &[]), "answers", &calls[2]) && !blocked(&trial(&bench, &["audit", "answers"], &[]), "answers", &calls[2]));
    // What must never leave takes everything that saw it along, and what teaches nothing is no row: neither can be overridden.
    label(&calls[3], &["use=exclude"], "ana");
    let report = trial(&bench, &["audit", "answers"], &[]);
    let kept_back = report["blocked"].as_array().unwrap().iter().filter(|one| one["gate"] == "exclude").count();
    assert!(kept_back >= 1, "{report}");
    for gate in ["exclude", "situation", "consent", "scan", "shape", "pair"] {
        let tried = bench.run(&["export", "", "--dry-run", "--override", &format!("{gate}=no")]);
        let why = String::from_utf8_lossy(&tried.stderr).into_owned();
        assert!(tried.status.code() == Some(2) && why.contains("cannot be overridden"), "{gate}: {why}");
    }
    assert_eq!(bench.run(&["export", "", "--dry-run", "--override", "answers"]).status.code(), Some(2));
}

#[test]
fn facts_that_changed_after_a_label_keep_it_back() {
    let bench = Bench::new();
    let part = |name: &str| Path::new(&demo(TURNS)).join(name).to_str().unwrap().to_owned();
    bench.json(&["import", &part("session.jsonl")]);
    let shown = bench.json(&["show", bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap()]);
    let denied = shown["executions"].as_array().unwrap().iter().find(|e| e["status"] == "failed").unwrap();
    let target = format!("{}#{}", shown["id"].as_str().unwrap(), denied["id"].as_str().unwrap());
    bench.json(&["label", &target, "needs_ask=yes", "use=context", "--reviewer", "ana"]);
    assert!(!blocked(&trial(&bench, &["audit"], &[]), "stale", &target));
    bench.json(&["import", &part("exec.jsonl")]);
    assert!(blocked(&trial(&bench, &["audit"], &[]), "stale", &target));
    assert!(!blocked(&trial(&bench, &["audit", "stale"], &[]), "stale", &target));
}

#[test]
fn a_dataset_as_a_whole_is_kept_back_and_leaves_with_its_reasons() {
    let bench = Bench::new();
    let demo = bench.json(&["demo", "--no-tui"]);
    let workspace = demo["workspace"].as_str().unwrap();
    let shown = bench.json(&["dataset", "show", "ask-first", "--workspace", workspace]);
    let text = shown["definition"].as_str().unwrap_or_else(|| panic!("{shown}")).to_owned();
    let (head, overrides) = text.split_once("[[override]]").map_or((text.as_str(), String::new()), |(head, rest)| (head, format!("[[override]]{rest}")));
    let file = bench.path("d.toml");
    let tried = |head: &str, overrides: &str, more: &[&str]| {
        fs::write(&file, format!("{head}\n{overrides}")).unwrap();
        bench.run(&[&["export", file.to_str().unwrap(), "--workspace", workspace, "--reviewer", "ana"][..], more].concat())
    };
    let with = |key: &str, value: &str| {
        let kept: Vec<&str> = head.lines().filter(|line| !line.starts_with(&format!("{key} "))).collect();
        // A key of the definition stands before its tables.
        format!("{key} = {value}\n{}", kept.join("\n"))
    };
    let (whole, out) = (format!("{head}\n"), bench.path("out"));
    let write = ["--out", out.to_str().unwrap()];
    for (gate, head, overrides) in
        [("balance", whole, String::new()), ("rows", with("min_rows", "100000"), overrides.clone()), ("budget", with("max_bytes", "1000"), overrides)]
    {
        let failed = tried(&head, &overrides, &write);
        let why = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert!(failed.status.code() == Some(1) && why.contains(&format!("the gate {gate} does not hold")), "{gate}: {why}");
        assert!(!out.exists(), "{gate}");
        let reason = format!("{gate}=I looked at it");
        let left = tried(&head, &overrides, &[&write[..], &["--override", &reason]].concat());
        assert!(left.status.success(), "{gate}: {}", String::from_utf8_lossy(&left.stderr));
        let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
        let said = manifest["overridden"]
            .as_array()
            .unwrap()
            .iter()
            .find(|o| o["gate"] == gate && o["reason"] == "I looked at it")
            .unwrap_or_else(|| panic!("{manifest}"));
        // Reviewers leave under pseudonyms.
        assert!(said["reviewer"].as_str().is_some_and(|who| !who.is_empty() && who != "ana"), "{said}");
        assert!(fs::read_to_string(out.join("README.md")).unwrap().contains("I looked at it"), "{gate}");
        fs::remove_dir_all(&out).unwrap();
    }
    fs::remove_dir_all(Path::new(workspace).parent().unwrap()).unwrap();
}

#[test]
fn near_duplicates_are_in_no_two_splits() {
    let bench = Bench::new();
    let line = |n: usize| {
        let words = "Please bring the nightly report of the three northern depots into the shared folder and tell the desk when all of it is there, thank you";
        let said = |role: &str, text: String| json!({"role": role, "content": text});
        json!({"messages": [said("user", format!("{words} {n}")), said("assistant", format!("It is there now, depot by depot, as {n} asked for it."))]})
            .to_string()
    };
    fs::write(bench.path("chats.jsonl"), (0..24).map(|n| line(n) + "\n").collect::<String>()).unwrap();
    bench.json(&["import", bench.path("chats.jsonl").to_str().unwrap()]);
    let file = bench.path("d.toml");
    fs::write(&file, "name = \"d\"\nshapes = [\"hf-sft\"]\n[splits]\ntest = 0.4\ngroup_by = [\"session\"]\n").unwrap();
    let report = |over: &[&str]| {
        let over: Vec<&str> = over.iter().flat_map(|gate| ["--override", gate]).collect();
        bench.json(&[&["export", file.to_str().unwrap(), "--dry-run"][..], &over].concat())
    };
    let kept = report(&["answers=a trial", "audit=a trial"]);
    let reasons: Vec<&str> = kept["blocked"].as_array().unwrap().iter().filter(|b| b["gate"] == "splits").filter_map(|b| b["reason"].as_str()).collect();
    assert!(reasons.len() > 3 && reasons.iter().all(|why| why.contains("train")), "{kept}");
    assert!(kept["splits"]["test"].as_u64().unwrap_or(0) == 0 && kept["splits"]["train"].as_u64().unwrap() > 5, "{}", kept["splits"]);
    let left = report(&["answers=a trial", "audit=a trial", "splits=a trial"]);
    assert!(left["splits"]["test"].as_u64().unwrap() > 3, "{}", left["splits"]);
}
