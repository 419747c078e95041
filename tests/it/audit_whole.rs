//! A property of whole exports over drawn workspaces of several streams: a value with the verdict `redact` is in no file in any encoding,
//! and what stands around it leaves as it was. `OSSIA_CASES` says how many workspaces are drawn, and `OSSIA_SEED` the first.

use crate::lot::Lot;
use crate::workspace::Bench;
use ossia::redaction::{Engine, Key, Lists, Redactor, Style, Subject, Unwanted};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

const AT: &str = "2026-05-01T10:00:00.000Z";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What looks like a value and is none: it must leave to the letter.
const OTHERS: [&str; 5] = [
    "commit 9f8d3a1c0b7e5d42a6f10c9e8b7a6d5c4f3e2d1b is fine",
    "id 0b3f6f0e-12ab-4cde-8f00-5bff62a03cba and aGVsbG8gd29ybGQ=",
    "100 % of &amp; &#33; =3D \\u0041 'a''b' \"c\" + \"d\"\n    e",
    "de:ad:be:ef 10:20:30 [104, 105] %41 über → \u{200b}x",
    "path C:\\temp\\new and {\"a\":\"{\\\"b\\\":1}\"}",
];

fn base64(bytes: &[u8]) -> String {
    let letter = |chunk: &[u8], i: usize| {
        let bits = chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |n, b| (n << 8) | u32::from(*b));
        char::from(BASE64[(bits >> (18 - 6 * i) & 63) as usize])
    };
    bytes.chunks(3).map(|chunk| (0..4).map(|i| if i <= chunk.len() { letter(chunk, i) } else { '=' }).collect::<String>()).collect()
}

fn base32(bytes: &[u8]) -> String {
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().chain([&0; 4]).take(5).fold(0_u64, |n, b| n << 8 | u64::from(*b));
        let letters = (chunk.len() * 8).div_ceil(5);
        (0..8)
            .map(|i| if i < letters { char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (35 - 5 * i) & 31) as usize]) } else { '=' })
            .collect::<String>()
    };
    bytes.chunks(5).map(group).collect()
}

fn base85(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().chain([&0; 3]).take(4).fold(0_u32, |n, b| n << 8 | u32::from(*b));
        (0..=chunk.len() as u32).map(|i| char::from(SIGNS[(bits / 85_u32.pow(4 - i) % 85) as usize])).collect::<String>()
    };
    bytes.chunks(4).map(group).collect()
}

fn unbase64(run: &[u8]) -> Vec<u8> {
    let value = |b: u8| {
        BASE64.iter().position(|l| *l == b).or(match b {
            b'-' => Some(62),
            b'_' => Some(63),
            _ => None,
        })
    };
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0_u32, |bits, b| bits << 6 | value(*b).unwrap_or(0) as u32) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    };
    run.chunks(4).filter(|chunk| chunk.len() > 1).flat_map(group).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn each(value: &str, form: &dyn Fn(u8) -> String, between: &str) -> String {
    value.bytes().map(form).collect::<Vec<_>>().join(between)
}

/// Writes a value in one of the forms that must not leave.
fn written(value: &str, form: usize) -> String {
    let quoted = |text: &str| json!({ "out": text }).to_string();
    let hex = |between: &str| each(value, &|b| format!("{b:02x}"), between);
    let (left, right) = value.split_at(value.len() / 2);
    match form {
        0 => value.to_owned(),
        1 => quoted(value),
        2 => quoted(&quoted(value)),
        3 => quoted(&quoted(&quoted(value))),
        4 => base64(format!("user {value} tail").as_bytes()),
        5 => base64(value.as_bytes()).replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned(),
        6 => base64(base64(format!("x {value}").as_bytes()).as_bytes()),
        7 => base64(&gzip(&format!("pass {value} word"))),
        8 => hex(""),
        9 => hex("").to_uppercase(),
        10 => hex(":"),
        11 => hex(" ").to_uppercase(),
        12 => hex(", 0x"),
        13 => each(value, &|b| format!("%{b:02X}"), ""),
        14 => each(value, &|b| format!("%25{b:02x}"), ""),
        15 => each(value, &|b| format!("\\u{b:04x}"), ""),
        16 => each(value, &|b| format!("\\x{b:02x}"), ""),
        17 => each(value, &|b| format!("&#{b};"), ""),
        18 => each(value, &|b| format!("={b:02X}"), ""),
        19 => format!("{:?}", value.as_bytes()),
        20 => base64(&value.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
        21 => format!("{left}\u{200b}{right}"),
        22 => format!("\u{1b}[31m{left}\u{1b}[0m{right}"),
        23 => format!("{left}\n{right}"),
        24 => format!("T='{left}''{right}'"),
        25 => format!("k = \"{left}\" + \"{right}\""),
        26 => format!("+k {left}\n+{right}"),
        27 => each(value, &|b| char::from_u32(u32::from(b) + 0xfee0).unwrap().to_string(), ""),
        28 => base32(format!("user {value} tail").as_bytes()),
        29 => base32(value.as_bytes()).to_lowercase().trim_end_matches('=').to_owned(),
        30 => base85(format!("user {value} and more").as_bytes()),
        31 => format!("k {left}=\n{right}"),
        _ => format!("echo {left}\\\n{right}"),
    }
}
const FORMS: usize = 33;

/// What no file may hold of a value: its forms as they are written by themselves.
fn forbidden(value: &str) -> Vec<String> {
    let hex = |between: &str| each(value, &|b| format!("{b:02x}"), between);
    let lower = [hex(""), hex(":"), hex(" "), hex("-"), hex(", 0x"), each(value, &|b| format!("%{b:02x}"), ""), each(value, &|b| format!("\\u{b:04x}"), "")];
    let upper = lower.iter().map(|form| form.to_uppercase());
    let numbers = each(value, &|b| b.to_string(), ",");
    lower.iter().cloned().chain(upper).chain([value.to_owned(), numbers.clone(), numbers.replace(',', ", "), each(value, &|b| format!("&#{b};"), "")]).collect()
}

/// Gives every text that runs of base64 in a text decode to, at each alignment, unpacked where they are packed.
fn unpacked(text: &str) -> Vec<String> {
    let runs = text.as_bytes().split(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'+' | b'/' | b'-' | b'_')).filter(|run| run.len() >= 12);
    let mut texts = Vec::new();
    for run in runs {
        for bytes in (0..4).filter_map(|skip| run.get(skip..)).map(unbase64) {
            let mut plain = Vec::new();
            let packed = bytes.starts_with(b"\x1f\x8b") && flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).is_ok();
            let bytes = if packed { plain } else { bytes };
            texts.push(bytes.iter().filter(|b| **b != 0).map(|b| char::from(*b)).collect());
        }
    }
    texts
}

struct Planted {
    value: String,
    form: String,
    /// The whole text, and where its coded value begins and ends.
    text: String,
    before: String,
    after: String,
}

fn words(lot: &mut Lot) -> String {
    const WORDS: &[&str] = &["look", "at", "the", "files", "{\"a\": 1}", "\"quoted\"", "tab\there", "back\\slash", "über", "3f2a", "100 %", "→", "a=b", "x@y"];
    (0..lot.below(8) + 1).map(|_| WORDS[lot.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
}

fn drawn(lot: &mut Lot, tag: &str) -> Planted {
    let mut letters = |count: usize| (0..count).map(|_| char::from(LETTERS[lot.below(LETTERS.len())])).collect::<String>();
    let value = if letters(1).as_str() < "H" { format!("ghp_{}", letters(36)) } else { format!("q7{}-{}Zk3", letters(9), letters(8)) };
    let form = written(&value, lot.below(FORMS));
    let (before, after) = (format!("{tag} {} ", words(lot)), format!(" {} {tag}", words(lot)));
    Planted { text: format!("{before}{form}{after}"), value, form, before, after }
}

fn message(number: usize, message: &Value) -> String {
    let parent = (number > 1).then(|| format!("m{}", number - 1));
    json!({"type": "message", "id": format!("m{number}"), "parentId": parent, "timestamp": AT, "message": message}).to_string() + "\n"
}

fn said(text: &str, call: Option<Value>) -> Value {
    let content: Vec<Value> = std::iter::once(json!({"type": "text", "text": text})).chain(call).collect();
    json!({"role": "assistant", "content": content, "api": "x", "provider": "e", "model": "m", "stopReason": "stop", "timestamp": 2,
           "usage": {"input": 1, "output": 1, "cacheRead": 0, "cacheWrite": 0}})
}

/// Writes one session as two streams tell of it: the session file, and the events of its run with their deltas.
fn session(folder: &Path, name: &str, planted: &[Planted]) {
    let [user, agent, argument, output, delta] = planted else { unreachable!("five places") };
    let plain: Vec<&str> = planted.iter().map(|one| one.value.as_str()).collect();
    let arguments = json!({"command": argument.text, &argument.value: {"deep": [{"er": argument.form}]}});
    let result = json!({"role": "toolResult", "toolCallId": "c1", "toolName": "bash", "content": [{"type": "text", "text": output.text}],
                        "isError": false, "timestamp": 3});
    let lines = [
        json!({"type": "session", "version": 2, "id": name, "timestamp": AT, "cwd": "/w", "model": "e/m", "title": format!("about {}", user.form)}).to_string()
            + "\n",
        message(1, &json!({"role": "user", "content": user.text, "timestamp": 1})),
        message(2, &said(&agent.text, Some(json!({"type": "toolCall", "id": "c1", "name": "bash", "arguments": arguments})))),
        message(3, &result),
        message(4, &said(&delta.text, None)),
        message(5, &json!({"role": "user", "content": format!("of these: {}", plain.join(" , ")), "timestamp": 5})),
        message(6, &said(&OTHERS.join("; "), None)),
    ];
    fs::write(folder.join(format!("{name}.session.jsonl")), lines.concat()).unwrap();
    let cut = delta.text.char_indices().map(|(at, _)| at).nth(delta.text.chars().count() / 2).unwrap();
    let item = |subtype: &str, data: Value| json!({"type": "item", "subtype": subtype, "turnId": "turn-2", "timestamp": AT, "data": data}).to_string() + "\n";
    let events = [
        json!({"type": "thread", "phase": "start", "threadId": "t", "sessionId": name, "cwd": "/w", "timestamp": AT}).to_string() + "\n",
        json!({"type": "turn", "phase": "start", "turnId": "turn-2", "role": "assistant", "timestamp": AT}).to_string() + "\n",
        item("tool_call", json!({"toolCallId": "c1", "toolName": "bash", "args": arguments})),
        item("tool_result", json!({"toolCallId": "c1", "toolName": "bash", "result": result, "isError": false})),
        item("message_delta", json!({"text": &delta.text[..cut]})),
        item("message_delta", json!({"text": delta.text})),
        item("message_complete", json!({"text": delta.text})),
    ];
    fs::write(folder.join(format!("{name}.exec.jsonl")), events.concat()).unwrap();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Gives every string and name in a value of JSON, those of JSON in strings too.
fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                strings(&inner, into);
            }
            into.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| {
            into.push(name.clone());
            strings(item, into);
        }),
        _ => {}
    }
}

fn case(seed: u64) {
    let (bench, mut lot) = (Bench::new(), Lot(seed));
    let sessions: Vec<Vec<Planted>> = (0..2).map(|n| (0..5).map(|place| drawn(&mut lot, &format!("case{n}{place}"))).collect()).collect();
    let folder = bench.path("in");
    fs::create_dir(&folder).unwrap();
    sessions.iter().enumerate().for_each(|(n, planted)| session(&folder, &format!("drawn-{seed}-{n}"), planted));
    bench.json(&["import", folder.to_str().unwrap()]);
    let open = |bench: &Bench| bench.json(&["audit"])["findings"].as_array().unwrap().clone();
    let decide = |bench: &Bench| {
        let findings = open(bench);
        let mut named: Vec<&str> = findings.iter().map(|f| f["fingerprint"].as_str().unwrap()).collect();
        named.sort_unstable();
        named.dedup();
        if !named.is_empty() {
            bench.json(&[&["audit", "decide"][..], &named, &["redact", "--reviewer", "ana"]].concat());
        }
    };
    decide(&bench);
    let listed = bench.json(&["ls"]);
    for (n, planted) in sessions.iter().enumerate() {
        let ends = format!("drawn-{seed}-{n}");
        let id = listed["trajectories"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).find(|id| id.ends_with(&ends)).unwrap().to_owned();
        let steps = bench.json(&["show", &id])["steps"].clone();
        let step = steps.as_array().unwrap().iter().find(|step| step["text"].as_str().is_some_and(|text| text.starts_with("of these"))).unwrap();
        for one in planted.iter().filter(|one| !one.value.starts_with("ghp_")) {
            bench.mark(&format!("{id}#{}", step["id"].as_str().unwrap()), &one.value);
        }
    }
    decide(&bench);
    let out = bench.path("bundle");
    bench.json(&["export", "", "--shape", "all", "--override", "answers=a trial", "--out", out.to_str().unwrap()]);
    let planted: Vec<&Planted> = sessions.iter().flatten().collect();
    for path in files(&out) {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let mut texts = vec![text.clone()];
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(|value: Value| strings(&value, &mut texts));
        let inner: Vec<String> = texts.iter().flat_map(|text| unpacked(text)).collect();
        let deeper: Vec<String> = inner.iter().flat_map(|text| unpacked(text)).collect();
        for one in &planted {
            for form in forbidden(&one.value).iter().chain([&one.form]) {
                let held = texts.iter().chain(&inner).chain(&deeper).find(|text| text.contains(form.as_str()));
                assert!(held.is_none(), "seed {seed}: {} holds {:?} as {form:?}; planted as {:?}", path.display(), one.form, one.text);
            }
        }
    }
    let mut rows = Vec::new();
    let data = fs::read_to_string(out.join("data/hf-sft.jsonl")).unwrap();
    data.lines().for_each(|line| strings(&serde_json::from_str(line).unwrap(), &mut rows));
    for one in &planted {
        let stands = |text: &&String| text.contains("[REDACTED:") && text.starts_with(&one.before) && text.ends_with(&one.after);
        let near: Vec<&String> = rows.iter().filter(|text| text.contains(&one.before[..6])).collect();
        assert!(rows.iter().any(|text| stands(&text)), "seed {seed}: {:?} leaves as none of {near:?}", one.text);
    }
    assert!(rows.contains(&OTHERS.join("; ")), "seed {seed}: what is no value was changed");
}

fn seeds() -> Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let (first, cases) = (number("OSSIA_SEED").unwrap_or(1), number("OSSIA_CASES").unwrap_or(2));
    first..first + cases
}

#[test]
fn what_stands_around_a_value_is_not_taken_with_it() {
    let (engine, key) = (Engine::new(&[], &Lists::default()).0, Key::new(&[7; 32]).unwrap());
    let Range { start, end } = seeds();
    for seed in start * 60..end * 60 {
        let one = drawn(&mut Lot(seed), "case");
        let found = engine.scan(&Subject { text: &one.text, key: Some("text"), path: None }).into_iter().map(|hit| hit.value);
        let unwanted = found.chain([one.value.clone()]).map(|value| Unwanted { value, class: "token".into() });
        let out = Redactor::new(&key, "bundle", Style::Mark, unwanted).text(&one.text).text;
        let stands = out.contains("[REDACTED:") && out.starts_with(&one.before) && out.ends_with(&one.after);
        assert!(stands, "seed {seed}: {:?} became {out:?}", one.text);
    }
}

#[test]
fn no_value_leaves_in_any_file_in_any_encoding() {
    let Range { start, end } = seeds();
    for seed in start..end {
        case(seed);
        // A long run that is cut says how far it came, whether or not its output is captured.
        if end - start > 2 {
            writeln!(std::io::stderr(), "seed {seed} holds: {} of {}", seed - start + 1, end - start).unwrap();
        }
    }
}
