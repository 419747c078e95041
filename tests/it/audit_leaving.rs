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
