//! A property of whole exports, over drawn sessions: no value with the verdict `redact` is in any file in any encoding, and nothing else
//! was changed.

use crate::lot::Lot;
use crate::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

impl Lot {
    fn letters(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// A secret that a rule knows by its form, or by the company it keeps.
    fn secret(&mut self) -> (String, String) {
        const ALL: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        match self.below(3) {
            0 => (String::new(), format!("ghp_{}", self.letters(ALL, 36))),
            1 => (String::new(), format!("glpat-{}7aQ", self.letters(ALL, 17))),
            _ => ("password: ".to_owned(), format!("q7R{}z9", self.letters(ALL, 14))),
        }
    }

    fn words(&mut self) -> String {
        const WORDS: &[&str] =
            &["look", "at", "the", "files", "{\"a\": 1}", "\"quoted\"", "tab\there", "back\\slash", "über", "3f2a", "100 %", "→", "a=b", "x@y"];
        (0..self.below(12) + 2).map(|_| WORDS[self.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }
}

/// The forms in which a value is written; each is one that exports must not hold.
fn written(value: &str, form: usize) -> String {
    let quoted = |text: &str| json!({ "out": text }).to_string();
    match form {
        0 => value.to_owned(),
        1 => quoted(value),
        2 => quoted(&quoted(value)),
        3 => hex(value),
        4 => value.bytes().map(|b| format!("%{b:02X}")).collect(),
        _ => format!("{}\u{200b}{}", &value[..9], &value[9..]),
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() { all.extend(files(&entry.path())) } else { all.push(entry.path()) }
    }
    all
}

/// Tells whether a text is another one with marks in place of some parts that hold a value.
fn only_marks_differ(before: &str, after: &str, form: &str) -> bool {
    let parts = after.split("[REDACTED:").map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    let head = after.split("[REDACTED:").next().unwrap_or_default();
    let tail = parts.last().unwrap_or_default();
    let Some(middle) = before.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else { return false };
    // A name before the value may be taken with it, a part of its coded form may stay.
    !middle.is_empty() && (form.contains(middle) || middle.contains(form) || middle.len() <= form.len() + 24)
}

#[test]
fn nothing_unwanted_leaves_and_nothing_else_changes() {
    for seed in [3, 7, 11] {
        let bench = Bench::new();
        let mut lot = Lot(seed);
        let (mut lines, mut planted) = (String::new(), Vec::new());
        for n in 0..8 {
            let (name, value) = lot.secret();
            // A value that only its name gives away is found where the name stands before it, and from there on everywhere.
            let form = if name.is_empty() { lot.below(6) } else { lot.below(2) };
            let coded = written(&value, form);
            let before = format!("case{n} {} {name}{coded} {}", lot.words(), lot.words());
            lines += &(json!({"messages": [{"role": "user", "content": before}, {"role": "assistant", "content": format!("case{n} {}", lot.words())}]})
                .to_string()
                + "\n");
            planted.push((n, value, coded, before));
        }
        let file = bench.path("drawn.jsonl");
        fs::write(&file, lines).unwrap();
        bench.json(&["import", file.to_str().unwrap()]);
        for finding in bench.json(&["audit"])["findings"].as_array().unwrap() {
            bench.json(&["audit", "decide", finding["fingerprint"].as_str().unwrap(), "redact", "--reviewer", "ana"]);
        }
        let out = bench.path("bundle");
        bench.json(&["export", "", "--shape", "all", "--override", "answers=a trial", "--out", out.to_str().unwrap()]);
        for path in files(&out) {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            for (_, value, coded, _) in &planted {
                let escaped = json!(coded).to_string();
                for form in [value.as_str(), coded, escaped.trim_matches('"'), &hex(value)] {
                    assert!(!text.contains(form), "seed {seed}: {} holds {form}", path.display());
                }
            }
        }
        let rows = fs::read_to_string(out.join("data/hf-sft.jsonl")).unwrap();
        let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), planted.len(), "seed {seed}");
        for (n, _, coded, before) in &planted {
            let marked = format!("case{n} ");
            let texts = rows.iter().flat_map(|row| row["messages"].as_array().cloned().unwrap_or_default());
            let after =
                texts.filter_map(|m| m["content"].as_str().map(str::to_owned)).find(|text| text.starts_with(&marked) && text.contains("[REDACTED:")).unwrap();
            assert!(only_marks_differ(before, &after, coded), "seed {seed}, case {n}:\n{before:?}\n{after:?}");
        }
    }
}

#[test]
fn reviewers_leave_under_pseudonyms() {
    let bench = Bench::new();
    bench.json(&["import", Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/publish-docs").to_str().unwrap()]);
    for finding in bench.json(&["audit"])["findings"].as_array().unwrap() {
        bench.json(&["audit", "decide", finding["fingerprint"].as_str().unwrap(), "redact", "--reviewer", "anastasia"]);
    }
    bench.json(&["label", "toolu_43ff3803", "needs_ask=yes", "--note", "anastasia saw it", "--reviewer", "anastasia"]);
    let (out, ws) = (bench.path("bundle"), bench.path("ws"));
    bench.json(&["export", "", "--shape", "hf-sft", "--override", "answers=a trial", "--reviewer", "anastasia", "--out", out.to_str().unwrap()]);
    let named = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).contains("\"reviewer\":\"anastasia\"");
    let naming: Vec<PathBuf> = files(&out).into_iter().filter(named).collect();
    assert!(naming.is_empty(), "{naming:?}");
    assert!(!fs::read_to_string(out.join("README.md")).unwrap().contains("anastasia"));
    let cited = fs::read_to_string(out.join("journal.jsonl")).unwrap();
    assert!(!cited.is_empty() && cited.lines().all(|line| line.contains("\"reviewer\":\"p-") && line.ends_with("\"veiled\":true}")), "{cited}");
    for args in [&["verify", out.to_str().unwrap()][..], &["verify", out.to_str().unwrap(), "--workspace", ws.to_str().unwrap()]] {
        let report = bench.json(args);
        assert!(report["ok"] == true, "{report}");
    }
}

const TOKEN: &str = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";

fn chat(bench: &Bench) {
    let file = bench.path("chat.jsonl");
    let messages = json!([{"role": "user", "content": format!("publish with {TOKEN}")}, {"role": "assistant", "content": "Published."}]);
    fs::write(&file, json!({ "messages": messages }).to_string() + "\n").unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let finding = bench.json(&["audit"])["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    bench.json(&["audit", "decide", &finding, "redact", "--reviewer", "ana"]);
}

#[test]
fn a_query_leaves_without_what_must_not_and_can_be_made_again() {
    let bench = Bench::new();
    let word = "Quinoa-Harbor-77";
    let file = bench.path("chat.jsonl");
    let messages = json!([{"role": "user", "content": format!("publish by the door {word}")}, {"role": "assistant", "content": "Published."}]);
    fs::write(&file, json!({ "messages": messages }).to_string() + "\n").unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let definition = bench.path("d.toml");
    let answers = format!("[[override]]\ngate = \"answers\"\nreason = \"a trial of {word}\"\nreviewer = \"ana\"\n");
    fs::write(&definition, format!("name = \"d\"\nquery = \"published -{word}x\"\nshapes = [\"hf-sft\"]\n{answers}")).unwrap();
    bench.json(&["dataset", "new", "d", "--from", definition.to_str().unwrap(), "--reviewer", "ana"]);
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    let step = bench.json(&["show", &id])["steps"][0]["id"].as_str().unwrap().to_owned();
    bench.mark(&format!("{id}#{step}"), word);
    let (out, ws) = (bench.path("bundle"), bench.path("ws"));
    let export = || bench.json(&["export", "d", "--out", out.to_str().unwrap()]);
    let said =
        || serde_json::from_str::<Value>(&fs::read_to_string(out.join("manifest.json")).unwrap()).unwrap()["dataset"]["query"].as_str().unwrap().to_owned();
    let verified = || {
        let report = bench.json(&["verify", out.to_str().unwrap(), "--workspace", ws.to_str().unwrap()]);
        assert!(report["ok"] == true, "{report}");
    };
    export();
    assert!(said().starts_with("published -[REDACTED:") && said().ends_with("]x"), "{}", said());
    assert!(files(&out).iter().all(|path| !String::from_utf8_lossy(&fs::read(path).unwrap()).contains(word)));
    verified();
    // The policy of a workspace takes the whole of it.
    fs::write(ws.join("policy.toml"), "[fields]\nquery = \"pseudonym\"\n").unwrap();
    export();
    assert!(said().starts_with("p-") && !said().contains("publish"), "{}", said());
    verified();
}

#[test]
fn the_journal_says_what_raw_bytes_showed() {
    let bench = Bench::new();
    chat(&bench);
    let reveals = || {
        bench.json(&["journal", "log", "--all"])["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "reveal").cloned().collect::<Vec<_>>()
    };
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    bench.run(&["show", &id, "--reviewer", "ben"]);
    assert_eq!(reveals().len(), 0);
    let shown = bench.run(&["show", &id, "--raw", "--reviewer", "ben"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains(TOKEN));
    let told = reveals();
    assert!(told.len() == 1 && told[0]["reviewer"] == "ben" && !told[0].to_string().contains(TOKEN), "{told:?}");
}

#[test]
fn a_marked_value_is_found_where_a_stream_cut_it() {
    let bench = Bench::new();
    let word = "Quinoa-Harbor-77x";
    let said = |role: &str, text: &str| json!({"role": role, "content": text, "timestamp": 1_779_267_601_000_u64});
    let delta =
        |text: &str| json!({"type": "message_update", "message": said("assistant", "He"), "assistantMessageEvent": {"type": "text_delta", "delta": text}});
    let events = [
        json!({"type": "agent_start"}),
        json!({"type": "message_end", "message": said("user", &format!("the code is {word} ok"))}),
        delta("so Quinoa-Ha"),
        delta("rbor-77x it is"),
        json!({"type": "message_end", "message": said("assistant", "Hello")}),
    ];
    let file = bench.path("events.jsonl");
    fs::write(&file, events.iter().map(|event| format!("{event}\n")).collect::<String>()).unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let id = bench.json(&["ls"])["trajectories"][0]["id"].as_str().unwrap().to_owned();
    let steps = bench.json(&["show", &id])["steps"].clone();
    let step = steps.as_array().unwrap().iter().find(|step| step["text"].as_str().unwrap().contains(word)).unwrap();
    bench.mark(&format!("{id}#{}", step["id"].as_str().unwrap()), word);
    let findings = bench.json(&["audit", "--status", "all"])["findings"].as_array().unwrap().clone();
    let cut: Vec<&Value> = findings.iter().filter(|finding| finding["rest"].is_array()).collect();
    assert!(cut.iter().any(|finding| finding["verdict"] == "redact" && finding["field"].as_str().unwrap().ends_with("delta")), "{findings:?}");
    assert!(cut.iter().any(|finding| finding["kind"] == "leak"), "{findings:?}");
}
