//! Consent: what files and people say may be done with a source, where their words differ, repeat or are not understood.

use super::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const TRIAL: [&str; 4] = ["--override", "answers=a trial", "--override", "audit=a trial"];

/// Gives how many rows would leave, and why what the gate keeps back is kept.
fn leaves(bench: &Bench) -> (u64, String) {
    let report = bench.json(&[&["export", "", "--dry-run", "--shape", "hf-sft"][..], &TRIAL].concat());
    let reasons = report["blocked"].as_array().unwrap().iter().filter(|one| one["gate"] == "consent").map(|one| one["reason"].as_str().unwrap().to_owned());
    (report["shapes"][0]["rows"].as_u64().unwrap_or(0), reasons.collect::<Vec<_>>().join("; "))
}

fn demo(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(file)).unwrap()
}

/// Imports a session of which records of the event bus state these attributes, one record for each.
fn session(bench: &Bench, attributes: &[Value]) {
    let folder = bench.path("session");
    fs::create_dir_all(&folder).unwrap();
    let text = demo("publish-docs/session.jsonl");
    let id: Value = serde_json::from_str::<Value>(text.lines().next().unwrap()).unwrap()["id"].clone();
    fs::write(folder.join("session.jsonl"), text).unwrap();
    let event = |(n, said): (usize, &Value)| {
        let data = json!({ "correlation": { "session_id": id, "attributes": said } });
        let event = json!({ "specversion": "1.0", "id": format!("e{n}"), "source": "maestro", "type": "maestro.sessions.session.started",
            "time": "2026-05-01T10:00:00.000Z", "data": data });
        event.to_string() + "\n"
    };
    fs::write(folder.join("bus.jsonl"), attributes.iter().enumerate().map(event).collect::<String>()).unwrap();
    bench.json(&["import", folder.to_str().unwrap()]);
}

/// Writes a chat of one turn.
fn chat(bench: &Bench, name: &str, word: &str) -> String {
    let said = |role: &str, content: String| json!({ "role": role, "content": content });
    let line = json!({ "id": word, "messages": [said("user", format!("What of {word}?")), said("assistant", format!("Of {word} nothing."))] });
    let file = bench.path(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, line.to_string() + "\n").unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn of_what_files_say_the_strictest_counts() {
    let cases: [(&[Value], &str); 11] = [
        (&[json!({ "training_opt_out": "0" }), json!({ "training_opt_out": false, "note": "x" })], ""),
        (&[json!({ "training_opt_out": "false", "data_collection_opt_out": "true" })], "opted out of data collection"),
        (&[json!({ "training_opt_out": "0" }), json!({ "training_opt_out": "1" })], "opted out of training"),
        (&[json!({ "training_opt_out": "1" }), json!({ "training_opt_out": "0" })], "opted out of training"),
        (&[json!({ "training_opt_out": false, "trainingOptOut": true })], "opted out of training"),
        (&[json!({ "training_opt_out": "opted_out" })], "opted out of training"),
        (&[json!({ "training_opt_out": "perhaps" })], "\"perhaps\", which is neither yes nor no"),
        (&[json!({ "training_opt_out": { "value": false } })], "neither yes nor no"),
        (&[json!({ "retention_until": "2099-01-01T00:00:00Z" })], ""),
        (&[json!({ "retention_until": "2099-01-01T00:00:00Z" }), json!({ "retention_until": "2020-01-01T00:00:00Z" })], "kept until 2020-01-01"),
        (&[json!({ "retention_until": "2099-01-01T00:00:00Z", "expires_at": "next year" })], "no time"),
    ];
    for (said, why) in cases {
        let bench = Bench::new();
        session(&bench, said);
        let (rows, reason) = leaves(&bench);
        assert!(reason.contains(why) && (rows == 0) != why.is_empty(), "{said:?}: {rows} rows, {reason:?}");
    }
}

#[test]
fn a_header_that_says_it_in_two_spellings_or_as_a_number_is_heard() {
    for said in
        [json!({ "training_opt_out": false, "trainingOptOut": true }), json!({ "consent": { "dataCollectionOptOut": 1 } }), json!({ "trainingOptOut": [true] })]
    {
        let bench = Bench::new();
        session(&bench, &[]);
        let file = bench.path("session/session.jsonl");
        let text = fs::read_to_string(&file).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        let mut header: Value = serde_json::from_str(first).unwrap();
        header.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        fs::write(&file, format!("{header}\n{rest}")).unwrap();
        assert_ne!(leaves(&bench).0, 0);
        bench.json(&["import", bench.path("session").to_str().unwrap()]);
        assert_eq!(leaves(&bench).0, 0, "{said}");
    }
}

#[test]
fn nobody_takes_back_what_another_said() {
    let bench = Bench::new();
    let file = chat(&bench, "a/s.jsonl", "plover");
    bench.json(&["import", &file]);
    bench.json(&["consent", &file, "--opt-out", "--reviewer", "ana"]);
    // Somebody else allows other bytes that lie at the same path of his machine.
    let other = Bench::new();
    fs::create_dir_all(other.path("a")).unwrap();
    bench.json(&["journal", "export", bench.path("mine.jsonl").to_str().unwrap()]);
    let theirs = fs::read_to_string(&file).unwrap();
    fs::write(&file, theirs.replace("plover", "heron")).unwrap();
    other.json(&["import", &file]);
    other.json(&["consent", &file, "--allow", "--reviewer", "ben"]);
    let journal = other.path("theirs.jsonl");
    other.json(&["journal", "export", journal.to_str().unwrap()]);
    bench.json(&["journal", "import", journal.to_str().unwrap()]);
    assert_eq!(leaves(&bench).0, 0);
    // Nor in the same workspace; who said it is named, and may take it back.
    let allowed = bench.json(&["consent", &file, "--allow", "--reviewer", "ben"]);
    assert!(allowed["others"][0]["reviewer"] == "ana" && allowed["others"][0]["opted_out"] == true, "{allowed}");
    let (rows, why) = leaves(&bench);
    assert!(rows == 0 && why.contains("as ana said of"), "{why}");
    bench.json(&["consent", &file, "--allow", "--reviewer", "ana"]);
    assert_eq!(leaves(&bench).0, 1);
}

#[test]
fn equal_bytes_are_one_source_at_every_path() {
    let bench = Bench::new();
    let place = |name: &str| bench.path(name).to_str().unwrap().to_owned();
    let text = demo("publish-docs/session.jsonl");
    for (name, text) in [("all/x.jsonl", text.clone()), ("optout/x.jsonl", text.clone()), ("optout/y.jsonl", demo("dns-cutover/session.jsonl"))] {
        fs::create_dir_all(bench.path(name).parent().unwrap()).unwrap();
        fs::write(bench.path(name), text).unwrap();
    }
    bench.json(&["import", &place("all"), &place("optout")]);
    let (both, _) = leaves(&bench);
    let said = bench.json(&["consent", &place("optout"), "--opt-out", "--reviewer", "ana"]);
    assert_eq!(said["sources"].as_array().unwrap().len(), 2, "{said}");
    assert_eq!(leaves(&bench).0, 0);
    bench.json(&["consent", &place("optout"), "--allow", "--reviewer", "ana"]);
    assert_eq!(leaves(&bench).0, both);
    // A source that grew since is still the one that was meant.
    bench.json(&["consent", &place("optout/x.jsonl"), "--opt-out", "--reviewer", "ana"]);
    let (rest, _) = leaves(&bench);
    assert!(rest > 0 && rest < both);
    let last = text.lines().last().unwrap().replacen("\"id\":\"", "\"id\":\"later-", 1);
    fs::write(bench.path("all/x.jsonl"), format!("{text}{last}\n")).unwrap();
    assert_eq!(bench.json(&["import", &place("all")])["sources"][0]["status"], "grown");
    let (rows, why) = leaves(&bench);
    assert!(rows == rest && why.contains("optout/x.jsonl"), "{rows} {why}");
    // And forgetting the one path forgets the bytes.
    let gone = bench.json(&["forget", &place("optout/x.jsonl"), "--reason", "asked to"]);
    assert!(gone.to_string().contains("all/x.jsonl") && gone.to_string().contains("optout/x.jsonl"), "{gone}");
    assert_eq!(bench.json(&["ls"])["total"], 1);
}

#[test]
fn bytes_are_forgotten_under_every_name_and_what_stays_is_said() {
    let bench = Bench::new();
    let (first, second) = (chat(&bench, "a/s.jsonl", "plover"), chat(&bench, "b/t.jsonl", "plover"));
    let more = chat(&bench, "c/u.jsonl", "heron");
    fs::write(&more, [&first, &more].map(|file| fs::read_to_string(file).unwrap()).concat()).unwrap();
    bench.json(&["import", &first, &second, &more]);
    let gone = bench.json(&["forget", &first, "--reason", "asked to"]);
    let paths: Vec<&str> = gone["sources"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert_eq!(paths, [&first, &second], "{gone}");
    assert!(gone["remaining"][0]["sources"] == json!([more]) && gone["remaining"].as_array().unwrap().len() == 1, "{gone}");
    assert_eq!(bench.json(&["forget", &more, "--reason", "asked to"])["remaining"], json!([]));
    assert_eq!(bench.run(&["ls", "--json"]).status.code(), Some(1));
}

#[test]
fn rows_and_spans_speak_each_for_themselves() {
    let bench = Bench::new();
    let files = ["a", "b", "c", "d"].map(|name| chat(&bench, &format!("{name}.jsonl"), name));
    let rows = files.map(|file| fs::read_to_string(file).unwrap());
    let with = |row: &str, said: &str| row.replacen('{', &format!("{{{said},"), 1);
    let [a, b, c, d] = &rows;
    let all = [a.clone(), with(b, r#""metadata":{"training_opt_out":true}"#), with(c, r#""metadata":{"allow_training":"no"}"#), with(d, r#""do_not_train":0"#)];
    fs::write(bench.path("all.jsonl"), all.concat()).unwrap();
    bench.json(&["import", bench.path("all.jsonl").to_str().unwrap()]);
    let (rows, why) = leaves(&bench);
    assert!(rows == 2 && why.contains("opted out of training") && why.contains("training_allowed \"no\", which is no yes"), "{rows} {why}");
}
