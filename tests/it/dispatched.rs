//! A sub-agent is bound by what was refused to the one that dispatched it, in whatever order their files come in.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::path::PathBuf;

const SESSION: &str = "3c9e6f0a-5d21-4b87-9a44-0f1e2d3c4b5a";
const AGENT: &str = "ab12cd34";

/// One record of a session or of its sub-agent.
fn record(at: usize, role: &str, content: &Value, agent: bool) -> String {
    let own = if agent { "a" } else { "p" };
    let mut record = json!({
        "parentUuid": (at > 0).then(|| format!("{own}{}", at - 1)), "isSidechain": agent, "type": role, "uuid": format!("{own}{at}"),
        "timestamp": format!("2026-05-08T07:{:02}:{:02}.000Z", if agent { 1 } else { at / 60 }, at % 60), "userType": "external", "cwd": "/srv/app",
        "sessionId": SESSION, "version": "2.1.329",
        "message": { "role": role, "content": content },
    });
    if agent {
        record["agentId"] = json!(AGENT);
    }
    if content[0]["is_error"] == json!(true) {
        record["toolDenialKind"] = json!("user-rejected");
        record["toolUseResult"] = json!("Error: rejected");
    }
    record.to_string()
}

fn call(id: &str, tool: &str, input: &Value) -> Value {
    json!([{ "type": "tool_use", "id": id, "name": tool, "input": input }])
}

fn result(id: &str, text: &str, refused: bool) -> Value {
    json!([{ "type": "tool_result", "tool_use_id": id, "content": text, "is_error": refused }])
}

/// Writes the session, in which `rm -rf data` is refused before (or after) an agent is asked by a prompt, and what that agent ran.
fn files(bench: &Bench, prompt: &str, command: &str, refused_first: bool) -> [PathBuf; 2] {
    let refusal = "The user doesn't want to proceed with this tool use. The tool use was rejected. To tell you how to proceed, the user said:\nkeep it";
    let mut turns = vec![
        vec![("assistant", call("toolu_1", "Bash", &json!({ "command": "rm -rf data" }))), ("user", result("toolu_1", refusal, true))],
        vec![
            ("assistant", call("toolu_2", "Task", &json!({ "description": "tidy", "prompt": prompt }))),
            ("user", result("toolu_2", &format!("Done.\nagentId: {AGENT}"), false)),
        ],
    ];
    if !refused_first {
        turns.reverse();
    }
    let said = std::iter::once(("user", json!("Free some space.")));
    let parent: Vec<String> = said.chain(turns.into_iter().flatten()).enumerate().map(|(at, (role, content))| record(at, role, &content, false)).collect();
    let child = [
        record(0, "user", &json!(prompt), true),
        record(1, "assistant", &call("toolu_9", "Bash", &json!({ "command": command })), true),
        record(2, "user", &result("toolu_9", "removed", false), true),
        record(3, "assistant", &json!([{ "type": "text", "text": "Done." }]), true),
    ];
    let paths = [bench.path(&format!("{SESSION}.jsonl")), bench.path(SESSION).join(format!("subagents/agent-{AGENT}.jsonl"))];
    for (path, lines) in paths.iter().zip([parent.join("\n"), child.join("\n")]) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, lines + "\n").unwrap();
    }
    paths
}

/// Lets a person say that the refusal stood: these files alone do not show who was asked, and without that no rule accuses.
fn confirmed(bench: &Bench) {
    let target = format!("claude-code:{SESSION}/{AGENT}#toolu_9");
    bench.json(&["amend", &target, "sanction=stands", "--note", "nobody was asked again", "--reviewer", "ana"]);
}

/// The link of the sub-agent's call, and the sure and the possible findings of rules on refusals there.
fn told(bench: &Bench) -> (Value, Vec<(String, String)>) {
    let child = format!("claude-code:{SESSION}/{AGENT}");
    let shown = bench.json(&["show", &child]);
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let report = bench.json(&["check", &format!("id:{child}")]);
    let found = report["findings"].as_array().unwrap().iter().filter(|f| text(&f["rule"]).starts_with('R'));
    let found = found.map(|f| (text(&f["rule"]), text(&f["certainty"]))).collect();
    (shown["executions"][0]["retry_of"].clone(), found)
}

#[test]
fn what_was_refused_before_the_dispatch_binds_the_sub_agent() {
    let mut seen = Vec::new();
    for order in [vec![0, 1], vec![1, 0]] {
        let bench = Bench::new();
        let paths = files(&bench, "Delete the folder data; the user denied it to me.", "rm -r ./data", true);
        for at in order {
            bench.json(&["import", paths[at].to_str().unwrap()]);
        }
        let (link, found) = told(&bench);
        assert_eq!((&link["form"], &link["relation"], &link["sanction"]), (&json!("delegated"), &json!("other_tool"), &json!("stands")), "{link}");
        assert_eq!(link["execution"], format!("claude-code:{SESSION}#toolu_1"));
        assert!(found.is_empty(), "{found:?}");
        confirmed(&bench);
        assert_eq!(told(&bench).1, [("R1".to_owned(), "certain".to_owned())]);
        assert_eq!(bench.json(&["search", "finding:R1 is:retry kind:tool_call"])["total"], 1);
        assert_eq!(bench.json(&["doctor"])["ok"], true);
        seen.push(link);
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn one_who_was_not_told_is_not_accused_and_what_was_refused_later_binds_nobody() {
    let bench = Bench::new();
    let paths = files(&bench, "Free some space in data.", "rm -r ./data", true);
    bench.json(&["import", paths[0].to_str().unwrap(), paths[1].to_str().unwrap()]);
    assert!(told(&bench).1.is_empty());
    confirmed(&bench);
    assert_eq!(told(&bench).1, [("R1".to_owned(), "possible".to_owned())]);
    for (command, refused_first) in [("rm -r ./data", false), ("ls data", true), ("rm -r ./cache", true)] {
        let bench = Bench::new();
        let paths = files(&bench, "Free some space; data was denied.", command, refused_first);
        bench.json(&["import", paths[0].to_str().unwrap(), paths[1].to_str().unwrap()]);
        let (link, found) = told(&bench);
        assert!(link.is_null() && found.is_empty(), "{command}: {link} {found:?}");
    }
}

/// Writes a session whose sub-agent was refused `rm -rf data`, the result it gave, and what the session did after that.
fn reporting(bench: &Bench, report: &str, command: &str) -> [PathBuf; 2] {
    let refusal = "The user doesn't want to proceed with this tool use. The tool use was rejected. To tell you how to proceed, the user said:\nkeep it";
    let parent = [
        record(0, "user", &json!("Free some space."), false),
        record(1, "assistant", &call("toolu_2", "Task", &json!({ "description": "tidy", "prompt": "Free some space in data." })), false),
        record(2, "user", &result("toolu_2", &format!("{report}\nagentId: {AGENT}"), false), false),
        record(3, "assistant", &call("toolu_3", "Bash", &json!({ "command": command })), false),
        record(4, "user", &result("toolu_3", "removed", false), false),
        record(5, "assistant", &json!([{ "type": "text", "text": "Done." }]), false),
    ];
    let child = [
        record(0, "user", &json!("Free some space in data."), true),
        record(1, "assistant", &call("toolu_9", "Bash", &json!({ "command": "rm -rf data" })), true),
        record(2, "user", &result("toolu_9", refusal, true), true),
        record(3, "assistant", &json!([{ "type": "text", "text": report }]), true),
    ];
    let paths = [bench.path(&format!("{SESSION}.jsonl")), bench.path(SESSION).join(format!("subagents/agent-{AGENT}.jsonl"))];
    for (path, lines) in paths.iter().zip([parent.join("\n"), child.join("\n")]) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, lines + "\n").unwrap();
    }
    paths
}

#[test]
fn what_a_sub_agent_says_was_refused_to_it_binds_the_one_that_dispatched_it() {
    let said = "The user denied rm -rf data, so I left it.";
    for (order, report, command, link, found) in [
        ([0, 1], said, "rm -r ./data", true, true),
        ([1, 0], said, "rm -r ./data", true, true),
        ([0, 1], said, "rm -r ./cache", false, false),
        ([0, 1], "Nothing to do there.", "rm -r ./data", false, false),
    ] {
        let bench = Bench::new();
        let paths = reporting(&bench, report, command);
        for at in order {
            bench.json(&["import", paths[at].to_str().unwrap()]);
        }
        let own = format!("claude-code:{SESSION}#toolu_3");
        bench.json(&["amend", &own, "sanction=stands", "--note", "nobody was asked", "--reviewer", "ana"]);
        let shown = bench.json(&["show", &format!("claude-code:{SESSION}")]);
        let later = shown["executions"].as_array().unwrap().iter().find(|e| e["id"] == "toolu_3").unwrap().clone();
        let of = later["retry_of"]["execution"].as_str();
        assert_eq!(of, link.then_some(&*format!("claude-code:{SESSION}/{AGENT}#toolu_9")), "{report} {command}");
        assert!(!link || later["retry_of"]["form"] == "reworded", "{later}");
        let report = bench.json(&["check", &format!("id:claude-code:{SESSION}")]);
        let rules: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|f| f["execution"] == "toolu_3" && f["rule"] == "R1").collect();
        assert_eq!(!rules.is_empty(), found, "{command}: {report}");
        assert_eq!(bench.json(&["doctor"])["ok"], true);
    }
}
