//! Sub-agents are tied to the one that dispatched them by what their format states: an id in the file, or the folder it lies in.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::path::PathBuf;

fn put(bench: &Bench, name: &str, text: &str) -> PathBuf {
    let path = bench.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

/// Imports the two, in either order, and gives what the parent knows of the child and the child of the parent.
fn tied(bench: &Bench, paths: [PathBuf; 2], ids: [&str; 2]) -> (Value, Value) {
    for path in &paths {
        bench.json(&["import", path.to_str().unwrap()]);
    }
    let above = bench.json(&["show", ids[0]]);
    let below = bench.json(&["show", ids[1]]);
    let branch = above["branches"].as_array().unwrap().iter().find(|b| b["kind"] == "sub_agent").cloned().unwrap_or_default();
    (branch["trajectory"].clone(), below["lineage"]["parent_session"].clone())
}

fn goose(id: &str, parent: Option<&str>) -> String {
    let said = json!([{ "id": format!("{id}-m0"), "role": "user", "created": 1_778_410_800, "content": [{ "type": "text", "text": "Tidy up." }] }]);
    json!({ "id": id, "working_dir": "/srv/shop", "session_type": if parent.is_some() { "sub_agent" } else { "user" }, "parent_session_id": parent, "conversation": said })
        .to_string()
}

fn gemini(id: &str, kind: &str) -> String {
    let header =
        json!({ "sessionId": id, "projectHash": "f0e1", "startTime": "2026-05-10T11:00:00.000Z", "lastUpdated": "2026-05-10T11:00:00.000Z", "kind": kind });
    let said = json!({ "id": format!("{id}-u1"), "timestamp": "2026-05-10T11:00:01.000Z", "type": "user", "content": [{ "text": "Tidy up." }] });
    format!("{header}\n{said}\n")
}

fn openhands(id: &str) -> String {
    json!({ "id": id, "agent": { "kind": "Agent", "llm": { "model": "coder-8b" } }, "confirmation_policy": { "kind": "NeverConfirm" } }).to_string()
}

#[test]
fn a_goose_session_names_its_parent() {
    for order in [[0, 1], [1, 0]] {
        let bench = Bench::new();
        let paths = [put(&bench, "a.json", &goose("20260510_2", None)), put(&bench, "b.json", &goose("20260510_3", Some("20260510_2")))];
        let seen = tied(&bench, order.map(|at| paths[at].clone()), ["goose:20260510_2", "goose:20260510_3"]);
        assert_eq!(seen, (json!("goose:20260510_3"), json!("20260510_2")));
    }
}

#[test]
fn a_chat_of_gemini_lies_in_the_folder_of_its_parent() {
    let parent = "9d1c7a52-66b0-4c7e-8f0a-3f2b1d0e5c44";
    for order in [[0, 1], [1, 0]] {
        let bench = Bench::new();
        let paths = [
            put(&bench, "chats/session-2026-05-10T11-00-9d1c7a52.jsonl", &gemini(parent, "main")),
            put(&bench, &format!("chats/{parent}/k3j9x2.jsonl"), &gemini("k3j9x2", "subagent")),
        ];
        let seen = tied(&bench, order.map(|at| paths[at].clone()), [&format!("gemini-cli:{parent}"), "gemini-cli:k3j9x2"]);
        assert_eq!(seen, (json!("gemini-cli:k3j9x2"), json!(parent)));
    }
    // Elsewhere nothing names it, and nothing is guessed.
    let bench = Bench::new();
    let paths = [put(&bench, "a.jsonl", &gemini(parent, "main")), put(&bench, "k3j9x2.jsonl", &gemini("k3j9x2", "subagent"))];
    assert_eq!(tied(&bench, paths, [&format!("gemini-cli:{parent}"), "gemini-cli:k3j9x2"]), (Value::Null, Value::Null));
}

#[test]
fn a_conversation_of_openhands_lies_below_its_parent() {
    let [parent, child] = ["0196c0de-0000-7000-8000-000000000001", "0196c0de-0000-7000-8000-000000000002"];
    let bench = Bench::new();
    let above = parent.replace('-', "");
    let paths = [
        put(&bench, &format!("{above}/base_state.json"), &openhands(parent)),
        put(&bench, &format!("{above}/subagents/{}/base_state.json", child.replace('-', "")), &openhands(child)),
    ];
    let seen = tied(&bench, paths, [&format!("openhands:{parent}"), &format!("openhands:{child}")]);
    assert_eq!(seen, (json!(format!("openhands:{child}")), json!(parent)));
}
