//! Measures what an export costs: examples with their lineage, the peak of memory, and the search for near-duplicates.
//!
//! `cargo bench --bench export -- [EXAMPLES] [TEXTS]`; the defaults are 10,000 examples in three shapes and 100,000 texts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use ossia::export::{Definition, Override, Signature, near_pairs};
use ossia::workspace::{ExportOptions, ImportOptions, Workspace};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

/// Turns of one conversation; each is an example.
const TURNS: usize = 10;
const SHAPES: [&str; 3] = ["tinker-sft", "hf-prompt-completion", "openai-sft"];

/// Shows no progress.
struct Quiet;

impl ossia::workspace::Progress for Quiet {}

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let (examples, texts) = (numbers.first().copied().unwrap_or(10_000), numbers.get(1).copied().unwrap_or(100_000));
    near(texts);
    let dir = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(dir.path(), &dir.path().join("cache")).unwrap();
    let source = dir.path().join("chats.jsonl");
    std::fs::write(&source, (0..examples / TURNS).fold(String::new(), conversation)).unwrap();
    let start = Instant::now();
    workspace.import(&[source], &ImportOptions::default(), &mut Quiet).unwrap();
    println!("imported in {:.1} s, peak {} MB", start.elapsed().as_secs_f64(), peak());
    let start = Instant::now();
    workspace.audit(&ossia::query::parse("").unwrap(), &workspace.audit_engine(&[]), true).unwrap();
    println!("audited in {:.1} s, peak {} MB", start.elapsed().as_secs_f64(), peak());
    export(&workspace, &dir.path().join("bundle"));
    let start = Instant::now();
    let report = ossia::export::verify(&dir.path().join("bundle"), None, Some(&workspace.rescan()));
    assert!(report.ok, "{report:?}");
    println!("verified in {:.1} s, peak {} MB", start.elapsed().as_secs_f64(), peak());
}

fn export(workspace: &Workspace, out: &Path) {
    let over = |gate: &str| Override { gate: gate.to_owned(), reason: "a measurement".to_owned(), reviewer: "bench".to_owned() };
    let definition = Definition {
        name: "bench".to_owned(),
        shapes: SHAPES.map(str::to_owned).into(),
        overrides: ["answers", "audit", "balance"].map(over).into(),
        ..Definition::default()
    };
    let (start, worked) = (Instant::now(), cpu_seconds());
    let report = workspace.export(&definition, &ExportOptions { out: Some(out), strict: false, since: None }).unwrap();
    let (rows, bytes) = report.shapes.iter().fold((0, 0), |(rows, bytes), shape| (rows + shape.rows, bytes + shape.bytes));
    let (took, worked) = (start.elapsed().as_secs_f64(), cpu_seconds() - worked);
    println!("{} examples as {rows} rows of {} MB, with lineage, in {took:.2} s ({worked:.2} s of work), peak {} MB", report.examples, bytes >> 20, peak());
}

/// Adds one conversation: a request, then calls with their answers, then a last word.
fn conversation(mut file: String, n: usize) -> String {
    let mut messages = format!(r#"{{"role":"user","content":"request {n}: {}"}}"#, words(n, 60));
    for turn in 0..TURNS - 1 {
        let call =
            format!(r#"{{"id":"c{n}_{turn}","type":"function","function":{{"name":"bash","arguments":"{{\"command\":\"grep -n {turn} src/{n}.rs\"}}"}}}}"#);
        let _ = write!(messages, r#",{{"role":"assistant","content":"Looking {turn}.","tool_calls":[{call}]}}"#);
        let _ = write!(messages, r#",{{"role":"tool","tool_call_id":"c{n}_{turn}","content":"{}"}}"#, words(n * 31 + turn, 40));
    }
    let _ = writeln!(file, r#"{{"messages":[{messages},{{"role":"assistant","content":"Done with {n}."}}]}}"#);
    file
}

/// Words that differ from text to text.
fn words(seed: usize, count: usize) -> String {
    let mut random = seed as u64 + 0x9e37_79b9;
    let mut text = String::new();
    for _ in 0..count {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let _ = write!(text, "w{} ", (random >> 33) % 20_000);
    }
    text
}

/// Searches texts of 200 words, of which every tenth is nearly its neighbour.
fn near(count: usize) {
    let texts: Vec<String> = (0..count).map(|n| if n % 10 == 9 { words(n - 1, 195) + "a few other words here" } else { words(n, 200) }).collect();
    let start = Instant::now();
    let signatures: Vec<Option<Signature>> = texts.par_iter().map(|text| Signature::of(text)).collect();
    let hashed = start.elapsed().as_secs_f64();
    let found = near_pairs(&signatures, 0.8).pairs.len();
    println!("{found} near-duplicates among {count} texts: {hashed:.2} s to hash, {:.2} s in all, peak {} MB", start.elapsed().as_secs_f64(), peak());
}

/// Gives the time that all threads of the process have worked, in s; 0 where the system does not say it in ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Gives the largest resident set of the process so far, in MB; 0 where the system does not say it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) >> 10
}
