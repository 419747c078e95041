//! Measures the audit: how fast rules look at records (beside gitleaks, where it is installed), what import pays for masking, and what one
//! verdict costs.
//!
//! `cargo bench --bench redaction -- [MB]`; the default is 16 MB of records made up of what agents write, the same each time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "draws/lot.rs"]
mod lot;

use lot::Lot;
use ossia::redaction::{Engine, Lists, Subject};
use ossia::workspace::{ImportOptions, Verdict, Workspace};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Records in one session file.
const RECORDS: usize = 200;
const ROUNDS: usize = 3;

/// Shows no progress.
struct Quiet;

impl ossia::workspace::Progress for Quiet {}

fn main() {
    let mb = std::env::args().find_map(|arg| arg.parse::<usize>().ok()).unwrap_or(16);
    let dir = tempfile::tempdir().unwrap();
    let bytes = write(&dir.path().join("in"), mb << 20);
    println!("{:.1} MB in session files, one value in two hundred records", bytes as f64 / 1e6);
    engines(&dir.path().join("in"), bytes);
    gitleaks(&dir.path().join("in"), bytes);
    workspace(dir.path(), bytes);
}

/// Goal 6: the decoded fields of every record through all rules, and through the sure ones alone, on one core.
fn engines(folder: &Path, bytes: usize) {
    // `sure` itself remembers where nothing was found, so that a second round would measure nothing.
    let (engine, sure) = (Engine::new(&[], &Lists::default()).0, Engine::sure());
    let fields: Vec<String> = files(folder).iter().flat_map(|file| texts(&std::fs::read_to_string(file).unwrap())).collect();
    let read: usize = fields.iter().map(String::len).sum();
    let speed = |engine: &Engine| best(|| fields.iter().map(|text| engine.scan(&Subject { text, key: None, path: None }).len()).sum());
    for (name, (time, found)) in [("all rules", speed(&engine)), ("sure rules", speed(&sure))] {
        println!("{name}: {:.1} MB/s of JSONL on one core ({:.1} MB of fields), {found} found", rate(bytes, time), read as f64 / 1e6);
    }
}

/// The same files through gitleaks, on one core.
fn gitleaks(folder: &Path, bytes: usize) {
    if Command::new("gitleaks").arg("version").output().is_err() {
        return println!("gitleaks is not installed; nothing to measure beside");
    }
    let report = folder.with_extension("gitleaks.json");
    // `detect --no-git` is what every version has; `dir` came with 8.19.
    let (time, succeeded) = best(|| {
        let mut command = Command::new("gitleaks");
        command.args(["detect", "--no-git", "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path"]);
        command.arg(&report).arg("--source").arg(folder).env("GOMAXPROCS", "1");
        usize::from(command.output().unwrap().status.success())
    });
    if succeeded == 0 {
        return println!("gitleaks failed; nothing to measure beside");
    }
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    println!("gitleaks: {:.1} MB/s on one core, {} found", rate(bytes, time), text.matches("\"RuleID\"").count());
}

/// Import with its masking, the whole audit, the audit again, and goal 10: a hundred values decided one by one, each for all its places.
fn workspace(dir: &Path, bytes: usize) {
    let workspace = Workspace::open(&dir.join("ws"), &dir.join("cache")).unwrap();
    let start = Instant::now();
    workspace.import(&[dir.join("in")], &ImportOptions::default(), &mut Quiet).unwrap();
    println!("import, masking included: {:.1} MB/s", rate(bytes, start.elapsed()));
    let engine = workspace.own_engine().unwrap();
    for name in ["audit", "audit again"] {
        let start = Instant::now();
        workspace.audit_all(&engine).unwrap();
        println!("{name}: {:.2} s, {:.1} MB/s on all cores", start.elapsed().as_secs_f64(), rate(bytes, start.elapsed()));
    }
    let board = workspace.audit_board(&ossia::query::Query::All, false, &mut |_, _| true).unwrap();
    let mut values: Vec<String> = board.findings.iter().filter(|f| f.is_value()).map(|f| f.fingerprint.clone()).collect();
    values.dedup();
    let mut times: Vec<Duration> = Vec::new();
    for value in values.iter().take(100) {
        let start = Instant::now();
        workspace.decide("ana", std::slice::from_ref(value), Verdict::Redact, None, false).unwrap();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let total: Duration = times.iter().sum();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    println!("{} verdicts of {} values: {:.2} s in all, {:.1} ms in the middle", times.len(), values.len(), total.as_secs_f64(), middle.as_secs_f64() * 1e3);
    let start = Instant::now();
    workspace.catch_up().unwrap();
    println!("masking the index after them: {:.2} s", start.elapsed().as_secs_f64());
}

fn rate(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

/// Gives the shortest of some rounds, and what was counted.
fn best(mut work: impl FnMut() -> usize) -> (Duration, usize) {
    let round = |work: &mut dyn FnMut() -> usize| {
        let start = Instant::now();
        let found = work();
        (start.elapsed(), found)
    };
    (0..ROUNDS).map(|_| round(&mut work)).min().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Gives the strings of every record.
fn texts(file: &str) -> Vec<String> {
    fn walk(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => out.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, out)),
            serde_json::Value::Object(fields) => fields.values().for_each(|item| walk(item, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    file.lines().for_each(|line| walk(&serde_json::from_str(line).unwrap(), &mut out));
    out
}

/// Writes session files: prose, code, logs and JSON in tool results, as a generator of numbers draws them.
fn write(folder: &Path, bytes: usize) -> usize {
    std::fs::create_dir_all(folder).unwrap();
    let mut lot = Lot(42);
    let (mut written, mut number) = (0, 0);
    while written < bytes {
        let id = format!("bench-{number}");
        let mut text = serde_json::json!({"type": "session", "version": 3, "id": id, "timestamp": "2026-01-01T00:00:00.000Z", "cwd": "/w"}).to_string() + "\n";
        for record in 0..RECORDS {
            let said = passage(&mut lot, record == 7);
            let message = serde_json::json!({"role": if record % 2 == 0 { "user" } else { "assistant" }, "content": said});
            let entry = serde_json::json!({"type": "message", "id": format!("{id}-{record}"), "parentId": null, "timestamp": "2026-01-01T00:00:01.000Z", "message": message});
            text.push_str(&(entry.to_string() + "\n"));
        }
        written += text.len();
        std::fs::write(folder.join(format!("{id}.jsonl")), text).unwrap();
        number += 1;
    }
    written
}

fn passage(lot: &mut Lot, secret: bool) -> String {
    const WORDS: &[&str] = &[
        "the",
        "build",
        "fails",
        "because",
        "fn",
        "return",
        "let",
        "value",
        "config",
        "token",
        "error:",
        "expected",
        "src/main.rs",
        "=>",
        "{",
        "}",
        "0x7f3a",
        "password",
        "deploy",
        "git",
        "commit",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "https://docs.example.org/a/b",
        "ok",
        "warning",
        "unused",
        "import",
        "test",
        "passed",
        "12ms",
    ];
    let mut text = String::new();
    for n in 0..200 + lot.below(400) {
        text.push_str(WORDS[lot.below(WORDS.len())]);
        text.push(if n % 12 == 11 { '\n' } else { ' ' });
    }
    if lot.below(4) == 0 {
        text = serde_json::json!({"stdout": text, "code": 0}).to_string();
    }
    if secret {
        let token: String = (0..36).map(|_| char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[lot.below(62)])).collect();
        text.extend(["\nGITHUB_TOKEN=ghp_", &token, " ok"]);
    }
    text
}
