//! What is seen before and after the audit: values are masked wherever they are shown, in the index as well, and shown again where a person says so.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::fs;

const TOKEN: &str = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";
const PLAIN: &str = "q7Rz2mXv9Lp4Ks8Tn3Wd6Yb1";

fn session(bench: &Bench, id: &str, said: &str) -> String {
    let head = json!({"type": "session", "version": 3, "id": id, "timestamp": "2026-01-01T00:00:00.000Z", "cwd": "/w"});
    let message = json!({"type": "message", "id": format!("{id}e1"), "parentId": null, "timestamp": "2026-01-01T00:00:01.000Z",
        "message": {"role": "user", "content": said}});
    let path = bench.path(&format!("{id}.jsonl"));
    fs::write(&path, format!("{head}\n{message}\n")).unwrap();
    path.to_string_lossy().into_owned()
}

fn total(bench: &Bench, query: &str) -> u64 {
    let out = bench.run(&["search", query, "--json"]);
    serde_json::from_slice::<Value>(&out.stdout).unwrap()["total"].as_u64().unwrap()
}

fn state(bench: &Bench, id: &str) -> String {
    let rows = bench.json(&["ls"]);
    rows["trajectories"].as_array().unwrap().iter().find(|t| t["id"] == id).unwrap()["audit"].as_str().unwrap().to_owned()
}

/// Tells whether any file under a folder holds a word, as the index writes its words.
fn holds(folder: &std::path::Path, word: &str) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() { holds(&path, word) } else { String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).contains(word) }
    })
}

#[test]
fn first_sight_is_masked_everywhere() {
    let bench = Bench::new();
    bench.json(&["import", &session(&bench, "s-1", &format!("push with {TOKEN}, {{\"t\":\"{TOKEN}\"}}"))]);
    for args in [&["ls"][..], &["show", "pi:s-1"], &["show", "pi:s-1", "--plain"], &["show", "pi:s-1", "--json"], &["search", "push"], &["check"]] {
        let out = bench.run(args);
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(!text.contains("ghp_n6") && !text.contains("cfrm60xbuu"), "{args:?}: {text}");
    }
    assert_eq!(total(&bench, TOKEN), 0);
    assert!(!holds(&bench.path("cache"), TOKEN));
    assert_eq!(state(&bench, "pi:s-1"), "open");
    let raw = bench.run(&["show", "pi:s-1", "--raw"]);
    assert!(String::from_utf8_lossy(&raw.stdout).contains(TOKEN));
}

#[test]
fn what_its_name_tells_in_one_step_is_masked_in_every_other() {
    let bench = Bench::new();
    let value = "rt-9f2c-Kd81-44aa";
    let message = |at: usize, said: &str| {
        let content = json!([{"type": "text", "text": said}]);
        json!({"type": "message", "id": format!("e{at}"), "parentId": null, "timestamp": "2026-01-01T00:00:01.000Z", "message": {"role": "user", "content": content}}).to_string()
    };
    let said = [format!("I keep {value} at hand"), format!("{{\"resumeToken\":\"{value}\"}}"), format!("and {value} again")];
    let head = json!({"type": "session", "version": 3, "id": "s-1", "timestamp": "2026-01-01T00:00:00.000Z", "cwd": "/w"}).to_string();
    let lines: Vec<String> = std::iter::once(head).chain(said.iter().enumerate().map(|(at, said)| message(at, said))).collect();
    fs::write(bench.path("s-1.jsonl"), lines.join("\n") + "\n").unwrap();
    bench.json(&["import", bench.path("s-1.jsonl").to_str().unwrap()]);
    for args in [&["show", "pi:s-1"][..], &["show", "pi:s-1", "--json"], &["search", "again"], &["ls"]] {
        let text = String::from_utf8_lossy(&bench.run(args).stdout).into_owned();
        assert!(!text.contains(value), "{args:?}: {text}");
    }
    assert_eq!(total(&bench, value), 0);
    assert!(!holds(&bench.path("cache"), value));
}

#[test]
fn a_key_that_cannot_be_used_costs_no_import_and_shows_nothing() {
    let bench = Bench::new();
    bench.json(&["import", &session(&bench, "s-1", "nothing")]);
    let key = bench.path("ws/keys/fingerprint.key");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    bench.json(&["import", &session(&bench, "s-2", &format!("push with {TOKEN}"))]);
    let shown = bench.run(&["show", "pi:s-2"]);
    assert!(shown.status.success() && !String::from_utf8_lossy(&shown.stdout).contains("ghp_n6"));
    let refused = bench.run(&["audit"]);
    assert!(refused.status.code() == Some(2) && String::from_utf8_lossy(&refused.stderr).contains("chmod 600"));
}

#[test]
fn a_verdict_masks_and_shows_again() {
    let bench = Bench::new();
    let first = session(&bench, "s-1", &format!("export DEPLOY_TOKEN={PLAIN} now"));
    bench.json(&["import", &first, &session(&bench, "s-2", "nothing to see here")]);
    assert_eq!((state(&bench, "pi:s-1").as_str(), total(&bench, "audit:none")), ("none", 4));
    let report = bench.json(&["audit"]);
    let id = report["findings"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!((state(&bench, "pi:s-1").as_str(), state(&bench, "pi:s-2").as_str()), ("open", "clean"));
    assert_eq!(total(&bench, PLAIN), 1);
    bench.json(&["audit", "decide", &id, "redact", "--reviewer", "ana"]);
    assert_eq!((total(&bench, PLAIN), state(&bench, "pi:s-1").as_str()), (0, "clean"));
    assert!(!holds(&bench.path("cache"), &PLAIN.to_lowercase()));
    // A value that is known to be unwanted is masked at first sight elsewhere.
    bench.json(&["import", &session(&bench, "s-3", &format!("again {PLAIN}"))]);
    assert_eq!(total(&bench, PLAIN), 0);
    assert!(!String::from_utf8_lossy(&bench.run(&["show", "pi:s-3"]).stdout).contains(PLAIN));
    bench.run(&["undo", "--reviewer", "ana"]);
    assert_eq!(state(&bench, "pi:s-1"), "open");
    assert!(total(&bench, PLAIN) >= 1);
}

#[test]
fn new_bytes_rules_and_values_void_a_clean_state() {
    let bench = Bench::new();
    let (one, two) = (session(&bench, "s-1", "nothing"), session(&bench, "s-2", "nothing either"));
    bench.json(&["import", &one, &two]);
    bench.json(&["audit"]);
    assert_eq!(total(&bench, "audit:clean"), 4);
    fs::write(
        &one,
        fs::read_to_string(&one).unwrap()
            + &json!({"type": "message", "id": "e9", "parentId": null, "message": {"role": "user", "content": "more"}}).to_string()
            + "\n",
    )
    .unwrap();
    bench.json(&["import", &one]);
    assert_eq!((state(&bench, "pi:s-1").as_str(), state(&bench, "pi:s-2").as_str()), ("none", "clean"));
    // A value found on import was not looked for in what was clean.
    bench.json(&["import", &session(&bench, "s-3", TOKEN)]);
    assert_eq!(state(&bench, "pi:s-2"), "none");
    bench.json(&["audit"]);
    assert_eq!(state(&bench, "pi:s-2"), "clean");
    fs::create_dir_all(bench.path("ws/lists")).unwrap();
    fs::write(bench.path("ws/lists/names.txt"), "Ilse Brandt\n").unwrap();
    assert_eq!(state(&bench, "pi:s-2"), "none");
}
