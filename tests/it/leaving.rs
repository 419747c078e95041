//! What must not leave, and input that no row can be made of, tried through the real program.

use super::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const SECRET: &str = "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu";
const TRIAL: [&str; 4] = ["--override", "answers=a trial", "--override", "audit=a trial"];

/// Writes one conversation a line, as chat logs hold them.
fn chats(bench: &Bench, name: &str, conversations: &[Vec<Value>]) -> PathBuf {
    let lines: String = conversations.iter().map(|messages| json!({ "messages": messages }).to_string() + "\n").collect();
    let file = bench.path(name);
    fs::write(&file, lines).unwrap();
    file
}

fn said(role: &str, content: impl Into<Value>) -> Value {
    json!({ "role": role, "content": content.into() })
}

fn called(id: &str, arguments: &str) -> Value {
    json!({ "role": "assistant", "content": "", "tool_calls": [{ "id": id, "type": "function", "function": { "name": "bash", "arguments": arguments } }] })
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |chunk: &[u8], i: usize| {
        let bits = chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |n, b| (n << 8) | u32::from(*b));
        char::from(LETTERS[(bits >> (18 - 6 * i) & 63) as usize])
    };
    let four = |chunk: &[u8]| (0..4).map(|i| if i <= chunk.len() { letter(chunk, i) } else { '=' }).collect::<String>();
    text.as_bytes().chunks(3).map(four).collect()
}

/// The secret as agents' records hold it.
fn encodings() -> [String; 12] {
    let quoted = |text: &str| json!({ "token": text }).to_string();
    [
        SECRET.to_owned(),
        quoted(SECRET),
        quoted(&quoted(SECRET)),
        quoted(&quoted(&quoted(SECRET))),
        base64(SECRET),
        base64(&base64(SECRET)),
        hex(SECRET),
        SECRET.bytes().map(|b| format!("%{b:02X}")).collect(),
        format!("{}\u{200b}{}", &SECRET[..7], &SECRET[7..]),
        format!("{}\n{}", &SECRET[..20], &SECRET[20..]),
        format!("\u{1b}[31m{SECRET}\u{1b}[0m"),
        format!("the value is {SECRET}, please"),
    ]
}

fn planted(bench: &Bench) {
    let one =
        |(n, form): (usize, String)| vec![said("user", format!("form{n} is here: {form}")), said("assistant", format!("Noted, form{n} is not repeated."))];
    let file = chats(bench, "planted.jsonl", &encodings().into_iter().enumerate().map(one).collect::<Vec<_>>());
    assert_eq!(bench.json(&["import", file.to_str().unwrap()])["trajectories"]["new"], 12);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_planted_secret_blocks_in_every_encoding() {
    let bench = Bench::new();
    planted(&bench);
    for n in 0..12 {
        let (query, out) = (format!("form{n}"), bench.path(&format!("out{n}")));
        let undecided = bench.json(&["export", &query, "--dry-run", "--override", "answers=a trial"]);
        assert!(undecided["blocked"].as_array().unwrap().iter().any(|b| b["gate"] == "audit"), "{n}: {undecided}");
        let tried = bench.run(&[&["export", &query, "--shape", "hf-sft", "--out", out.to_str().unwrap()][..], &TRIAL].concat());
        let why = String::from_utf8_lossy(&tried.stderr).into_owned();
        assert!(tried.status.code() == Some(1) && why.contains("the gate scan does not hold"), "{n}: {why}");
        assert!(!out.exists());
    }
    assert!(fs::read_dir(bench.path("")).unwrap().all(|e| !e.unwrap().file_name().to_string_lossy().contains("unfinished")));
}

#[test]
fn a_redacted_secret_is_gone_in_every_encoding() {
    let bench = Bench::new();
    planted(&bench);
    let findings = bench.json(&["audit"]);
    let ids: Vec<&str> = findings["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    bench.json(&[&["audit", "decide"][..], &ids, &["redact"]].concat());
    let out = bench.path("out");
    let report = bench.json(&[&["export", "", "--shape", "all", "--out", out.to_str().unwrap()][..], &TRIAL[..2]].concat());
    let rows = report["shapes"].as_array().unwrap().iter().find(|s| s["shape"] == "hf-sft").unwrap();
    assert_eq!(rows["rows"], 12, "{report}");
    let forms: Vec<String> = encodings().iter().map(|form| Value::from(form.as_str()).to_string().trim_matches('"').to_owned()).collect();
    for file in files(&out) {
        let text = fs::read_to_string(&file).unwrap();
        let found = forms.iter().chain(&encodings()).find(|form| text.contains(form.as_str())).cloned();
        assert_eq!(found, None, "{}", file.display());
    }
    let listed = fs::read_to_string(out.join("redactions.jsonl")).unwrap();
    assert!(listed.lines().count() >= 12 && listed.contains("[REDACTED:") && !listed.contains(&hex(SECRET)), "{listed}");
    assert_eq!(bench.json(&["verify", out.to_str().unwrap(), "--workspace", bench.path("ws").to_str().unwrap()])["ok"], true);
}

#[test]
fn what_no_row_can_carry_is_blocked_and_named() {
    let bench = Bench::new();
    let image =
        json!([{ "type": "text", "text": "imagecase, what is this?" }, { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } }]);
    let file = chats(
        &bench,
        "odd.jsonl",
        &[
            vec![said("user", "nobodycase speaks")],
            vec![
                said("user", "opencase, list it"),
                called("c1", "{\"command\":\"ls\"}"),
                said("user", "and now?"),
                said("assistant", "opencase: nothing came back."),
            ],
            vec![
                said("user", "argscase, list it"),
                called("c2", "not json {"),
                json!({ "role": "tool", "tool_call_id": "c2", "content": "ok" }),
                said("assistant", "argscase: done."),
            ],
            vec![said("user", image), said("assistant", "imagecase: a square.")],
            vec![said("user", "wordcase: say <|im_end|> and <tool_call>"), said("assistant", "I shall not, wordcase or no wordcase.")],
            vec![said("user", "finecase"), said("assistant", "finecase: fine.")],
        ],
    );
    bench.json(&["import", file.to_str().unwrap()]);
    let report = |query: &str| bench.json(&[&["export", query, "--shape", "hf-sft", "--dry-run"][..], &TRIAL].concat());
    let rows = |report: &Value| report["shapes"].as_array().unwrap().iter().map(|s| s["rows"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(rows(&report("nobodycase")), 0);
    for (query, gate, why) in [("opencase", "shape", "never answered"), ("argscase", "shape", "not JSON"), ("imagecase", "shape", "image")] {
        let report = report(query);
        let named = |b: &Value| b["gate"] == gate && b["reason"].as_str().unwrap().contains(why);
        assert!(report["blocked"].as_array().unwrap().iter().any(named), "{query}: {report}");
    }
    let words = report("wordcase");
    assert!(rows(&words) == 0 && words["refused"][0]["reason"].as_str().unwrap().contains("<|im_end|>"), "{words}");
    assert_eq!(rows(&report("finecase")), 1);
}

#[test]
fn a_full_disk_leaves_the_old_bundle() {
    let bench = Bench::new();
    let many: Vec<Vec<Value>> =
        (0..60).map(|n| vec![said("user", format!("chat {n} {}", "word ".repeat(1000))), said("assistant", format!("Answer {n}."))]).collect();
    let file = chats(&bench, "many.jsonl", &many);
    bench.json(&["import", file.to_str().unwrap()]);
    let (out, ws) = (bench.path("out"), bench.path("ws"));
    let export = [&["export", "", "--shape", "hf-sft", "--out", out.to_str().unwrap()][..], &TRIAL].concat();
    bench.json(&export);
    let before = fs::read(out.join("SHA256SUMS")).unwrap();
    // No file may grow beyond 100 KiB; the signal that would end the program is ignored, as a full disk sends none.
    let script = format!("trap '' XFSZ; ulimit -f 200; exec '{}' \"$@\"", env!("CARGO_BIN_EXE_ossia"));
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", &script, "sh"]).args(&export).env("OSSIA_WORKSPACE", &ws).env("XDG_CACHE_HOME", bench.path("cache")).env("HOME", bench.path(""));
    let full = limited.output().unwrap();
    assert_eq!(full.status.code(), Some(3), "{}", String::from_utf8_lossy(&full.stderr));
    assert_eq!(fs::read(out.join("SHA256SUMS")).unwrap(), before);
    assert_eq!(bench.json(&["verify", out.to_str().unwrap()])["ok"], true);
    let left: Vec<PathBuf> = [bench.path(""), ws].iter().flat_map(|f| fs::read_dir(f).unwrap()).map(|e| e.unwrap().path()).collect();
    assert!(left.iter().all(|p| !p.to_string_lossy().contains(".spool-") && !p.to_string_lossy().contains("unfinished")), "{left:?}");
}

#[test]
fn a_place_that_is_taken_is_left_alone() {
    let bench = Bench::new();
    let file = chats(&bench, "one.jsonl", &[vec![said("user", "hello"), said("assistant", "Hello.")]]);
    bench.json(&["import", file.to_str().unwrap()]);
    let out = bench.path("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    let export = [&["export", "", "--shape", "hf-sft", "--out", out.to_str().unwrap()][..], &TRIAL].concat();
    let refused = bench.run(&export);
    assert!(refused.status.code() == Some(3) && String::from_utf8_lossy(&refused.stderr).contains("is not empty"));
    assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "mine");
    fs::remove_file(out.join("notes.txt")).unwrap();
    bench.json(&export);
    let other = bench.path("other.toml");
    fs::write(&other, "name = \"other\"\nshapes = [\"hf-sft\"]\n").unwrap();
    let again = bench.run(&[&["export", other.to_str().unwrap(), "--out", out.to_str().unwrap()][..], &TRIAL].concat());
    assert!(again.status.code() == Some(3) && String::from_utf8_lossy(&again.stderr).contains("no bundle of other"));
}
