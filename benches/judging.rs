//! Measures what judging costs: one decision made durable with the next item ready, and a long journal folded at the start.
//!
//! `cargo bench --bench judging -- [ENTRIES] [SESSIONS]`; the defaults are a million entries and the examples of the demo.
//! With `OSSIA_BENCH_WORKSPACE=DIR`, a workspace that may be written to, it labels each of its points and measures what filters cost there.

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
    if let Some(dir) = std::env::var_os("OSSIA_BENCH_WORKSPACE") {
        return filters(Path::new(&dir));
    }
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

/// Labels the points of a workspace, unless that was done before, and prints how long filters take: at first, after a decision, and again.
fn filters(dir: &Path) {
    const MOST: usize = 1_000_000;
    let cache = dir.join("cache");
    let workspace = Workspace::open(dir, &cache).unwrap();
    if workspace.journal().count().unwrap() < 1000 {
        let schema = workspace.schema(None).unwrap();
        let hash = |question: &str| schema.question(question).unwrap().hash();
        let hashes = [("needs_ask", ["no", "yes", "no"]), ("discovery", ["looked", "told", "blind"]), ("use", ["imitate", "avoid", "context"])]
            .map(|(q, a)| (q, hash(q), a));
        let mut drafts = Vec::new();
        'all: for number in 1.. {
            let points = workspace.points(number).unwrap();
            if points.is_empty() && number > 200_000 {
                break;
            }
            for point in points.into_iter().filter(|point| !point.target.id.is_empty()) {
                for (question, hash, answers) in &hashes {
                    let mut one = label(drafts.len());
                    (one.target, one.facts, one.question, one.question_hash) =
                        (point.target.clone(), point.facts.hash.clone(), (*question).to_owned(), hash.clone());
                    one.answer = answers[drafts.len() / 7 % 3].to_owned();
                    drafts.push(Draft::of(&one));
                    if drafts.len() >= MOST {
                        break 'all;
                    }
                }
            }
        }
        let reviewers = ["ana", "bob", "cyn"];
        drafts.chunks(AT_ONCE).enumerate().for_each(|(n, chunk)| drop(workspace.record(reviewers[n % 3], chunk).unwrap()));
        println!("{} labels written", drafts.len());
    }
    drop(workspace);
    let texts = [
        "label:needs_ask=yes",
        "label:use=imitate",
        "reviewer:ana",
        "boundary:missed_ask",
        "boundary:right_go",
        "is:stale",
        "is:disputed",
        "is:unlabelled",
        "is:flagged",
        "is:denied",
    ];
    let ms = |start: Instant| start.elapsed().as_secs_f64() * 1e3;
    for text in texts {
        let query = ossia::query::parse(text).unwrap();
        let start = Instant::now();
        let workspace = Workspace::open(dir, &cache).unwrap();
        let labels = workspace.state().unwrap().all().count();
        let folded = ms(start);
        let start = Instant::now();
        let total = workspace.search(&query, 50, false).unwrap().total;
        let first = ms(start);
        let mut warm: Vec<f64> = (0..20)
            .map(|_| Instant::now())
            .map(|start| {
                workspace.search(&query, 50, false).unwrap();
                ms(start)
            })
            .collect();
        warm.sort_by(f64::total_cmp);
        let mut decided: Vec<f64> = (0..5)
            .map(|n| {
                let target = workspace.state().unwrap().target_name(n).to_owned();
                let point = workspace.judged_point(&target).unwrap();
                let mut one = label(0);
                (one.target, one.facts) = (point.target, point.facts.hash);
                workspace.record("dan", &[Draft::of(&one)]).unwrap();
                let start = Instant::now();
                workspace.search(&query, 50, false).unwrap();
                ms(start)
            })
            .collect();
        decided.sort_by(f64::total_cmp);
        println!(
            "{text:24} {total:>8} of {labels} labels; folded in {folded:.0} ms; first {first:.0} ms; again p50 {:.1}, longest {:.1} ms; after a decision p50 {:.0}, longest {:.0} ms",
            warm[10], warm[19], decided[2], decided[4]
        );
    }
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
    let targets: Vec<&str> = queue.items.iter().filter(|item| item.target.contains('#')).map(|item| &*item.target).collect();
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
