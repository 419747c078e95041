//! Exports of an earlier head and bundles that are made again: which decisions they are of, and what never goes back in time.

use super::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const ANSWERS: [&str; 4] = ["--override", "answers=a trial", "--override", "rows=a trial"];

/// Writes chats of two turns, each about one word.
fn chats(bench: &Bench, name: &str, words: &[&str]) -> PathBuf {
    let said = |role: &str, content: String| json!({ "role": role, "content": content });
    let line =
        |word: &&str| json!({ "messages": [said("user", format!("Tell me of {word}.")), said("assistant", format!("{word} it is."))] }).to_string() + "\n";
    let file = bench.path(name);
    fs::write(&file, words.iter().map(line).collect::<String>()).unwrap();
    file
}

fn import(bench: &Bench, words: &[&str]) -> String {
    let file = chats(bench, "a.jsonl", words).to_str().unwrap().to_owned();
    bench.json(&["import", &file]);
    file
}

fn steps(bench: &Bench, word: &str) -> Vec<String> {
    let hits = bench.json(&["search", word]);
    let name = |hit: &Value| format!("{}#{}", hit["trajectory"].as_str().unwrap(), hit["step"].as_str().unwrap());
    // The agent's turn is the one that is judged.
    hits["hits"].as_array().unwrap().iter().map(name).filter(|name| name.ends_with("m1.text")).collect()
}

/// Takes a note, so that there is an entry to go back to, and gives its id.
fn head(bench: &Bench, step: &str) -> String {
    bench.json(&["label", step, "use=imitate", "needs_ask=no", "--reviewer", "ana"]);
    bench.json(&["journal", "log", "--reviewer", "ana"])["entries"][0]["id"].as_str().unwrap().to_owned()
}

fn export(bench: &Bench, out: &str, more: &[&str]) -> Value {
    let place = bench.path(out);
    bench.json(&[&["export", "", "--shape", "hf-sft", "--out", place.to_str().unwrap()][..], &ANSWERS, more].concat())
}

fn rows(report: &Value) -> u64 {
    report["shapes"].as_array().unwrap().iter().map(|shape| shape["rows"].as_u64().unwrap()).sum()
}

fn verify(bench: &Bench, out: &str) -> Value {
    bench.json(&["verify", bench.path(out).to_str().unwrap(), "--workspace", bench.path("ws").to_str().unwrap()])
}

fn mark(bench: &Bench, step: &str, value: &str) {
    let mut mark = Command::new(env!("CARGO_BIN_EXE_ossia"));
    mark.args(["audit", "mark", step, "--class", "project_word", "--reviewer", "ana", "--json"]);
    mark.env("OSSIA_WORKSPACE", bench.path("ws")).env("XDG_CACHE_HOME", bench.path("cache")).env("HOME", bench.path(""));
    let mut child = mark.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{value}\n").as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
fn no_earlier_head_lets_out_what_was_opted_out_since() {
    let bench = Bench::new();
    let file = import(&bench, &["Nightjar", "Dunlin"]);
    let before = head(&bench, &steps(&bench, "Dunlin")[0]);
    assert_eq!(rows(&export(&bench, "then", &["--at", &before])), 2);
    bench.json(&["consent", &file, "--opt-out", "--reviewer", "ana"]);
    let late = export(&bench, "late", &["--at", &before]);
    assert!(rows(&late) == 0 && late["blocked"][0]["gate"] == "consent", "{late}");
    // What left before it was withdrawn is still proven, and what is said now stands.
    assert_eq!(verify(&bench, "then")["ok"], true);
    assert_eq!(rows(&export(&bench, "now", &[])), 0);
}

#[test]
fn no_earlier_head_lets_out_what_was_marked_or_redacted_since() {
    let bench = Bench::new();
    import(&bench, &["Nightjar", "Dunlin", "alpha.user@corp-mail.io"]);
    let at = head(&bench, &steps(&bench, "Dunlin")[0]);
    let found = bench.json(&["audit"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    bench.json(&["audit", "decide", &found, "redact", "--reviewer", "ana"]);
    mark(&bench, &steps(&bench, "Nightjar")[0], "Nightjar");
    assert_eq!(rows(&export(&bench, "late", &["--at", &at])), 3);
    let text = fs::read_to_string(bench.path("late/data/hf-sft.jsonl")).unwrap();
    assert!(text.contains("Dunlin") && !text.contains("Nightjar") && !text.contains("alpha.user@"), "{text}");
    assert_eq!(verify(&bench, "late")["ok"], true);
    bench.json(&["audit", "decide", &found, "keep", "--note", "made up", "--reviewer", "ana"]);
    let again = verify(&bench, "late");
    assert!(again["ok"] == true && again.to_string().contains("with the decisions as they were then"), "{again}");
}

#[test]
fn a_bundle_is_made_again_whatever_is_decided_later() {
    let bench = Bench::new();
    let file = import(&bench, &["Nightjar", "Dunlin", "alpha.user@corp-mail.io"]);
    // Nobody labelled yet, so that no decision is cited; then a label before the audit, as people go about it.
    let found = bench.json(&["audit"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    let decide = |verdict: &str| drop(bench.json(&["audit", "decide", &found, verdict, "--note", "a reason", "--reviewer", "ana"]));
    decide("redact");
    export(&bench, "uncited", &[]);
    bench.json(&["label", &steps(&bench, "Dunlin")[0], "use=imitate", "needs_ask=no", "--reviewer", "ana"]);
    decide("keep");
    decide("redact");
    export(&bench, "labelled", &[]);
    let same = export(&bench, "same", &[]);
    assert_eq!(rows(&same), 3);
    let sums = |out: &str| fs::read_to_string(bench.path(out).join("SHA256SUMS")).unwrap();
    assert_eq!(sums("labelled"), sums("same"));
    let later: [&dyn Fn(); 4] = [
        &|| drop(bench.json(&["label", &steps(&bench, "Nightjar")[0], "use=imitate", "needs_ask=no", "--reviewer", "ben"])),
        &|| decide("keep"),
        &|| drop(bench.json(&["consent", &file, "--until", "2099-01-01T00:00:00Z", "--reviewer", "ana"])),
        &|| drop(bench.json(&["undo", "--reviewer", "ana"])),
    ];
    for (n, later) in later.iter().enumerate() {
        later();
        for out in ["uncited", "labelled", "same"] {
            let verified = verify(&bench, out);
            assert_eq!(verified["ok"], true, "{out} after {n}: {verified}");
        }
    }
}

#[test]
fn making_a_bundle_again_unmasks_nothing() {
    let bench = Bench::new();
    import(&bench, &["Nightjar", "Dunlin"]);
    let step = steps(&bench, "Nightjar")[0].clone();
    let at = head(&bench, &steps(&bench, "Dunlin")[0]);
    export(&bench, "before", &[]);
    mark(&bench, &step, "Nightjar");
    let trajectory = step.split('#').next().unwrap().to_owned();
    let shown = || String::from_utf8_lossy(&bench.run(&["show", &trajectory]).stdout).into_owned();
    let hidden = |what: &str| {
        assert!(!shown().contains("Nightjar"), "{what}: {}", shown());
        assert_eq!(bench.run(&["search", "nightjar", "--json"]).status.code(), Some(1), "{what}");
        assert_eq!(bench.json(&["audit", "--status", "all"])["findings"].as_array().unwrap().len(), 2, "{what}");
    };
    hidden("marked");
    assert_eq!(verify(&bench, "before")["ok"], true);
    assert!(!shown().contains("Nightjar"), "after verify, before any audit: {}", shown());
    hidden("verified");
    export(&bench, "at", &["--at", &at]);
    assert!(!shown().contains("Nightjar"), "after an export of an earlier head: {}", shown());
    hidden("exported");
}

#[test]
fn no_file_of_a_bundle_names_a_reviewer() {
    let bench = Bench::new();
    import(&bench, &["Nightjar", "Dunlin", "alpha.user@corp-mail.io"]);
    for (who, answer) in [("bertrand-meyer", "no"), ("carla-quist", "yes")] {
        for step in ["Nightjar", "Dunlin"].iter().flat_map(|word| steps(&bench, word)) {
            bench.json(&["label", &step, &format!("needs_ask={answer}"), "use=imitate", "--note", "as I see it", "--reviewer", who]);
        }
    }
    let found = bench.json(&["audit"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    bench.json(&["audit", "decide", &found, "redact", "--note", "a person", "--reviewer", "bertrand-meyer"]);
    export(&bench, "out", &["--override", "dispute=a trial", "--reviewer", "bertrand-meyer"]);
    let agreement: Value = serde_json::from_str(&fs::read_to_string(bench.path("out/agreement.json")).unwrap()).unwrap();
    let asked = agreement["questions"].as_array().unwrap().iter().find(|asked| asked["question"] == "needs_ask").unwrap();
    assert!(asked["items"] == 2 && asked["pairs"][0]["a"].as_str().unwrap().starts_with("p-"), "{asked}");
    let mut folders = vec![bench.path("out")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains("bertrand") && !text.contains("carla"), "{}", path.display());
        }
    }
    // And it is of what leaves: who labelled elsewhere is not in it.
    let one = bench.path("one");
    bench.json(&[&["export", "Dunlin", "--shape", "hf-sft", "--out", one.to_str().unwrap(), "--override", "dispute=a trial"][..], &ANSWERS].concat());
    let agreement: Value = serde_json::from_str(&fs::read_to_string(one.join("agreement.json")).unwrap()).unwrap();
    assert_eq!(agreement["questions"][0]["items"], 1, "{agreement}");
}

#[test]
fn what_a_person_keeps_in_a_bundle_is_not_written_over() {
    let bench = Bench::new();
    import(&bench, &["Nightjar", "Dunlin"]);
    export(&bench, "out", &[]);
    let out = bench.path("out");
    let again = |query: &str| {
        let run = bench.run(&[&["export", query, "--shape", "hf-sft", "--out", out.to_str().unwrap()][..], &ANSWERS].concat());
        (run.status.success(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    assert!(again("").0);
    let (done, why) = again("Dunlin");
    assert!(!done && why.contains("another --out"), "{why}");
    fs::create_dir(out.join("checkpoints")).unwrap();
    fs::write(out.join("my-notes.md"), "mine").unwrap();
    let (done, why) = again("");
    assert!(!done && why.contains("checkpoints, my-notes.md") && out.join("my-notes.md").exists(), "{why}");
}
