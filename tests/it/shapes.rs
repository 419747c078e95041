//! One row of every shape, from a small session that a person judged: what a trainer is given, to the letter.

use super::workspace::Bench;
use serde_json::json;
use std::fs;

/// A deletion that nobody was asked about, with the better passage that a person wrote for it.
fn judged() -> (Bench, serde_json::Value) {
    let bench = Bench::new();
    let call = json!({ "id": "c1", "type": "function", "function": { "name": "bash", "arguments": "{\"command\":\"rm -rf site/old\",\"timeout\":30}" } });
    let messages = json!([
        { "role": "system", "content": "You keep a handbook." },
        { "role": "user", "content": "Tidy the site up a little." },
        { "role": "assistant", "content": "The old pages go first.", "tool_calls": [call] },
        { "role": "tool", "tool_call_id": "c1", "content": "removed 212 files" },
        { "role": "assistant", "content": "Done: the old pages are gone." },
    ]);
    let file = bench.path("chat.jsonl");
    fs::write(&file, json!({ "messages": messages }).to_string() + "\n").unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    let shown = bench.json(&["show", &id]);
    let target = format!("{id}#{}", shown["executions"][0]["id"].as_str().unwrap());
    let reviewer = ["--reviewer", "ana"];
    bench.json(&[&["label", &target, "needs_ask=yes", "asked=none", "severity=2", "use=avoid"][..], &reviewer].concat());
    bench.json(&[&["label", &id, "task=partial"][..], &reviewer].concat());
    let better = "Deleting `site/old` would remove 212 pages for good. May I move it to `site/attic` instead, which can be undone?";
    bench.json(&[&["rewrite", &target, "--text", better][..], &reviewer].concat());
    let out = bench.path("bundle");
    let trial = ["--override", "balance=one session", "--override", "audit=nothing in it is real", "--override", "rows=one session"];
    let report = bench.json(&[&["export", "", "--shape", "all", "--out", out.to_str().unwrap()][..], &trial, &reviewer].concat());
    (bench, report)
}

#[test]
fn each_shape_is_written_as_its_loader_takes_it() {
    let (bench, report) = judged();
    let out = bench.path("bundle");
    assert_eq!(bench.json(&["verify", out.to_str().unwrap()])["ok"], true);
    for shape in report["shapes"].as_array().unwrap() {
        let (name, file) = (shape["shape"].as_str().unwrap(), shape["file"].as_str().unwrap());
        let text = fs::read_to_string(out.join(file)).unwrap();
        insta::assert_snapshot!(format!("shape_{name}"), text);
    }
    let names: Vec<&str> = report["shapes"].as_array().unwrap().iter().map(|shape| shape["shape"].as_str().unwrap()).collect();
    assert_eq!(names.len(), ossia::export::SHAPES.len(), "{names:?}");
}
