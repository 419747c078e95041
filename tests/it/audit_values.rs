//! Values that must not leave, whatever else is known, however they are written, and as long as any text holds them; through the real program.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a conversation of a person's words and an answer.
fn chat(bench: &Bench, name: &str, said: &[&str]) -> String {
    let roles = ["user", "assistant"].into_iter().cycle();
    let messages: Vec<Value> = roles.zip(said).map(|(role, content)| json!({"role": role, "content": content})).collect();
    let path = bench.path(&format!("{name}.jsonl"));
    fs::write(&path, format!("{}\n", json!({"id": name, "messages": messages}))).unwrap();
    path.to_string_lossy().into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Redacts everything that was found.
fn redact_all(bench: &Bench) {
    for finding in bench.json(&["audit"])["findings"].as_array().unwrap() {
        bench.json(&["audit", "decide", finding["fingerprint"].as_str().unwrap(), "redact", "--reviewer", "ana"]);
    }
}

/// Exports in every shape, and gives all that was written.
fn exported(bench: &Bench, name: &str) -> String {
    let out = bench.path(name);
    bench.json(&["export", "", "--shape", "all", "--override", "answers=a trial", "--reviewer", "ana", "--out", out.to_str().unwrap()]);
    files(&out).iter().map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

#[test]
fn values_that_differ_by_case_alone_both_stay() {
    let bench = Bench::new();
    let file = chat(
        &bench,
        "case",
        &[
            "The old login is password = \"Hunter2xQ9vLm\" and it did not work.",
            "I tried it.",
            "Try password = \"hUnter2xq9vlm\" then. In words: hUnter2xq9vlm works, the other Hunter2xQ9vLm not.",
            "Logged in with hUnter2xq9vlm now, all done.",
        ],
    );
    bench.json(&["import", &file]);
    redact_all(&bench);
    let written = exported(&bench, "out");
    assert!(written.contains("Logged in with [REDACTED:") && !written.to_lowercase().contains("hunter2xq9vlm"), "{written}");
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    let shown = String::from_utf8(bench.run(&["show", &id]).stdout).unwrap();
    assert!(shown.contains("Logged in") && !shown.to_lowercase().contains("hunter2xq9vlm"), "{shown}");
}
