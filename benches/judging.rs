//! Measures what judging costs: one decision made durable with the next item ready, and a long journal folded at the start.
//!
//! `cargo bench --bench judging -- [ENTRIES] [SESSIONS]`; the defaults are a million entries and the examples of the demo.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use ossia::judging::{Label, Target, TargetKind, Via};
use ossia::model::Draft;
use ossia::workspace::{ImportOptions, Reply, Workspace};
use std::path::Path;
use std::time::{Duration, Instant};

/// Labels that are written in one act while the long journal is made.
const AT_ONCE: usize = 50_000;
const DECISIONS: usize = 1_000;

/// Shows no progress.
struct Quiet;

impl ossia::workspace::Progress for Quiet {}

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let entries = numbers.first().copied().unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(dir.path(), &dir.path().join("cache")).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    workspace.import(&[demo], &ImportOptions::default(), &mut Quiet).unwrap();
    println!("empty journal");
    decide(&workspace);

    let start = Instant::now();
    for first in (0..entries).step_by(AT_ONCE) {
        let drafts: Vec<Draft> = (first..(first + AT_ONCE).min(entries)).map(|n| Draft::of(&label(n))).collect();
        workspace.record(["ana", "bob", "cyn"][first / AT_ONCE % 3], &drafts).unwrap();
    }
    let size = std::fs::metadata(dir.path().join("journal.db")).map_or(0, |meta| meta.len());
    println!("{entries} entries written in {:.1} s, journal.db {} MB", start.elapsed().as_secs_f64(), size >> 20);
    drop(workspace);

    for round in 1..=3 {
        let (start, worked) = (Instant::now(), cpu_seconds());
        let workspace = Workspace::open(dir.path(), &dir.path().join("cache")).unwrap();
        let labels = workspace.state().unwrap().all().count();
        println!("fold {round}: {labels} labels in {:.3} s, {:.2} s of work", start.elapsed().as_secs_f64(), cpu_seconds() - worked);
    }
    let workspace = Workspace::open(dir.path(), &dir.path().join("cache")).unwrap();
    let start = Instant::now();
    workspace.journal().count().unwrap();
    println!("count: {:.3} s", start.elapsed().as_secs_f64());
    for parts in [1, 2] {
        let start = Instant::now();
        let slices = workspace.journal().slices(None, parts).unwrap();
        std::thread::scope(|scope| {
            for slice in &slices {
                scope.spawn(|| slice.each(&mut |row| assert!(!row.body.is_empty())).unwrap());
            }
        });
        println!("read alone, {parts} at once: {:.3} s", start.elapsed().as_secs_f64());
    }
    let query = ossia::query::parse("label:needs_ask=yes").unwrap();
    let start = Instant::now();
    workspace.resolved(&query).unwrap();
    println!("first filter by a label, with the fold: {:.3} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    workspace.resolved(&query).unwrap();
    println!("the same again: {:.3} s", start.elapsed().as_secs_f64());
    for text in ["label:needs_ask=yes", "label:use=imitate", "reviewer:ana", "is:unlabelled", "is:disputed"] {
        // What was found before is not kept beyond a decision.
        workspace.record("dan", &[Draft::of(&label(0))]).unwrap();
        workspace.state().unwrap();
        let query = ossia::query::parse(text).unwrap();
        let start = Instant::now();
        workspace.resolved(&query).unwrap();
        println!("{text} after a decision: {:.3} s", start.elapsed().as_secs_f64());
    }
    println!("after {entries} entries");
    decide(&workspace);
}

/// Gives the time that all threads of the process have worked, in s; 0 where the system does not say it in ticks of 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Answers one question after another, each durable and with its item read again; prints the times.
fn decide(workspace: &Workspace) {
    let schema = workspace.schema(None).unwrap();
    let queue = workspace.open_queue(&workspace.queue("all").unwrap(), "dan").unwrap();
    let targets: Vec<&str> = queue.items.iter().filter(|item| item.target.contains('#')).map(|item| item.target.as_str()).collect();
    let mut times: Vec<Duration> = Vec::new();
    for n in 0..DECISIONS {
        let reply = Reply { question: "needs_ask".to_owned(), answer: ["yes", "no"][n / 7 % 2].to_owned(), ..Reply::default() };
        let start = Instant::now();
        workspace.answer("dan", &schema, targets[n % targets.len()], &reply, None).unwrap();
        workspace.review_item(&schema, targets[(n + 1) % targets.len()], "dan", ossia::workspace::Sitting::First).unwrap();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let ms = |permille: usize| times[(times.len() - 1) * permille / 1000].as_secs_f64() * 1e3;
    println!("a decision and the next item: p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms", ms(500), ms(990), ms(1000));
}

/// One of many labels: three questions for each of a third as many targets.
fn label(n: usize) -> Label {
    let (question, answer) = [("needs_ask", "yes"), ("discovery", "looked"), ("use", "imitate")][n % 3];
    let target = n / 3;
    Label {
        target: Target {
            kind: TargetKind::Execution,
            trajectory: format!("maestro:5b1c6d2e-8f1a-4c55-9a63-{:012}", target / 20),
            id: format!("toolu_{target:08}"),
            aliases: Vec::new(),
        },
        schema: "approval-boundary".to_owned(),
        version: 1,
        schema_hash: "0123456789abcdef".to_owned(),
        question: question.to_owned(),
        question_hash: "fedcba9876543210".to_owned(),
        answer: answer.to_owned(),
        confidence: None,
        via: Via::Key,
        hindsight: false,
        ms: Some(4_200),
        facts: "00112233445566ff".to_owned(),
        marks: String::new(),
        rules: None,
        shown: None,
        quote: None,
        sampled: None,
        again: false,
    }
}
