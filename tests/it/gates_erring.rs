//! Every gate of the table made to err: what it is asked of is unreadable, damaged or cannot be written; then nothing leaves, and the reason is told.

use super::workspace::Bench;
use ossia::export::{Asks, GATES};
use ossia::model::Draft;
use ossia::workspace::Workspace;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Output};

/// How what a gate is asked of goes wrong.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// A decision of this kind in a form that a newer program wrote.
    Newer(&'static str),
    /// A decision of this kind whose body is none of its kind.
    Broken(&'static str),
    /// A file of the workspace that holds no text.
    Text(&'static str),
    /// A folder where a file of the workspace is looked for.
    Folder(&'static str),
    /// Bytes of sources that are not those that were stored.
    Damaged,
    /// A disk that takes of no file more than so many hundredths of the largest of the bundle.
    Full(u64),
}

/// By what each gate is made to err.
fn faults(gate: &str) -> &'static [Fault] {
    use Fault::{Broken, Damaged, Folder, Full, Newer, Text};
    match gate {
        "consent" => &[Newer("consent"), Broken("consent")],
        "audit" => {
            &[Newer("redaction"), Broken("redaction"), Newer("audit_mark"), Broken("audit_mark"), Folder("rules/own.toml"), Text("keys/fingerprint.key")]
        }
        "journal" => &[Newer("embargo")],
        "dispute" => &[Newer("dispute"), Broken("adjudication")],
        "agreement" | "answers" | "exclude" | "bulk" => &[Newer("label"), Broken("label")],
        "stale" => &[Newer("amend"), Broken("amend")],
        "situation" => &[Newer("rewrite"), Broken("rewrite"), Damaged],
        "pair" => &[Newer("pair"), Broken("pair"), Damaged],
        "shape" => &[Damaged],
        "splits" | "balance" | "rows" | "budget" => &[Damaged, Full(2), Full(30)],
        "scan" => &[Full(60), Full(97), Text("keys/pseudonym.key"), Text("policy.toml")],
        // Whoever adds a gate says here how it errs.
        _ => &[],
    }
}

/// A workspace from which rows leave, and the blocks of 512 bytes of the largest file that they make.
fn bench() -> (Bench, u64) {
    let bench = Bench::new();
    let said = |turn: usize, role: &str| {
        let words: String = (0..30).map(|n| format!("w{} ", (turn * 7919 + n * 104_729) % 20_000)).collect();
        json!({ "role": role, "content": words })
    };
    let messages: Vec<Value> = (0..60).map(|turn| said(turn, if turn % 2 == 0 { "user" } else { "assistant" })).collect();
    fs::write(bench.path("chat.jsonl"), json!({ "messages": messages }).to_string() + "\n").unwrap();
    bench.json(&["import", bench.path("chat.jsonl").to_str().unwrap()]);
    let whole = bench.path("whole");
    let left = export(&bench, &whole, None);
    assert!(left.status.success(), "{}", String::from_utf8_lossy(&left.stderr));
    let blocks = ["lineage.jsonl", "data/hf-sft.jsonl"].map(|name| fs::metadata(whole.join(name)).unwrap().len() / 512);
    (bench, blocks[0].max(blocks[1]))
}

/// Exports every turn of it, where files may have no more than so many blocks.
fn export(bench: &Bench, out: &Path, blocks: Option<u64>) -> Output {
    let limit = blocks.map_or_else(String::new, |blocks| format!("trap '' XFSZ; ulimit -f {blocks}; "));
    let script = format!("{limit}exec '{}' \"$@\"", env!("CARGO_BIN_EXE_ossia"));
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh", "export", "", "--shape", "hf-sft", "atif", "--out", out.to_str().unwrap()]);
    command.args(["--override", "answers=a trial", "--override", "audit=a trial", "--reviewer", "ana"]);
    command.env("OSSIA_WORKSPACE", bench.path("ws")).env("XDG_CACHE_HOME", bench.path("cache")).env("HOME", bench.path("")).output().unwrap()
}

fn write(bench: &Bench, kind: &'static str, version: u32, body: &str) {
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    workspace.record("ben", &[Draft { kind, version, body: body.to_owned() }]).unwrap();
}

/// Brings a fault about; gives the limit under which the export runs.
fn bring(bench: &Bench, fault: Fault, blocks: u64) -> Option<u64> {
    let place = |name: &str| {
        let path = bench.path("ws").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        path
    };
    match fault {
        Fault::Newer(kind) => write(bench, kind, 9, r#"{"new":1}"#),
        Fault::Broken(kind) => write(bench, kind, 1, r#"{"none":"of it"}"#),
        Fault::Text(name) => fs::write(place(name), [0xff, 0xfe, 0x00, b'[']).unwrap(),
        Fault::Folder(name) => fs::create_dir_all(place(name)).unwrap(),
        Fault::Damaged => damage(&bench.path("ws/sources.db")),
        Fault::Full(part) => return Some(blocks * part / 100),
    }
    None
}

/// Changes a byte in the middle of every packed frame, which its magic number tells.
fn damage(store: &Path) {
    let bytes = fs::read(store).unwrap();
    let file = fs::OpenOptions::new().write(true).open(store).unwrap();
    let found: Vec<usize> = memchr::memmem::find_iter(&bytes, &[0x28, 0xb5, 0x2f, 0xfd]).collect();
    assert!(!found.is_empty());
    found.iter().for_each(|at| file.write_all_at(&[bytes[at + 400] ^ 0x55], *at as u64 + 400).unwrap());
}

fn errs(gate: &str, fault: Fault) {
    let (bench, blocks) = bench();
    let limit = bring(&bench, fault, blocks);
    let out = bench.path("out");
    let tried = export(&bench, &out, limit);
    let why = String::from_utf8_lossy(&tried.stderr).into_owned();
    assert!(!tried.status.success() && !out.exists(), "{gate}: {fault:?}: {why}");
    let told = !why.contains("panicked") && why.len() > 40 && tried.status.code().is_some_and(|code| matches!(code, 1..=3));
    assert!(told, "{gate}: {fault:?}: {:?} {why}", tried.status.code());
    let mut names = fs::read_dir(bench.path("")).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert!(!names.any(|name| name.contains("out")), "{gate}: {fault:?}: half of a bundle is left");
    println!("{gate}: {fault:?}: {why}");
}

#[test]
fn a_gate_that_errs_lets_nothing_out() {
    for gate in GATES {
        let faults = faults(gate.name);
        assert!(!faults.is_empty(), "say in `faults` how the gate {} errs", gate.name);
        std::thread::scope(|all| faults.iter().for_each(|fault| drop(all.spawn(|| errs(gate.name, *fault)))));
        assert!(!matches!(gate.asks, Asks::Bytes) || !gate.open, "{}: what the written bytes hold is no matter of opinion", gate.name);
    }
}
