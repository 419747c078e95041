//! Measures searches inside one process on a workspace that is there: the hits alone, with every facet, and with 50 of them read.
//!
//! `OSSIA_BENCH_WORKSPACE=DIR cargo bench --bench search -- [FILE]`; its index lies under `OSSIA_BENCH_CACHE`, or under `cache` in it.
//! What is asked for is made of words of its own sessions. With FILE, the same bytes in one file, `rg -j1 -c` of a rare word is timed beside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use ossia::query::{Query, parse};
use ossia::text::tokens::words;
use ossia::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Queries of a kind, and how often each is asked after it was asked once.
const OF_A_KIND: usize = 30;
const AGAIN: usize = 5;
/// Sessions whose words are taken.
const SESSIONS: usize = 150;
/// Hits that are wanted.
const HITS: usize = 50;

/// Queries by what they are.
type Kinds = BTreeMap<&'static str, Vec<String>>;

fn main() {
    let Some(folder) = std::env::var_os("OSSIA_BENCH_WORKSPACE").map(PathBuf::from) else {
        return println!("OSSIA_BENCH_WORKSPACE=DIR names the workspace to search in");
    };
    let cache = std::env::var_os("OSSIA_BENCH_CACHE").map_or_else(|| folder.join("cache"), PathBuf::from);
    let start = Instant::now();
    let workspace = Workspace::open(&folder, &cache).unwrap();
    let opened = ms(start);
    let first = parse("timeout").unwrap();
    workspace.matches(&first, "at", true, HITS, &mut |_| true).unwrap();
    println!("opened in {opened:.1} ms; first word after {:.1} ms, the order of all sessions within\n", ms(start));
    let (kinds, steps) = queries(&workspace);
    println!("{steps} steps; ms, p50 / p99\n");
    println!("| | queries | hits p50 | 50 hits and all sessions | every facet | 50 hits read |\n|---|---|---|---|---|---|");
    for (kind, texts) in &kinds {
        measure(&workspace, kind, texts);
    }
    if let Some(file) = std::env::args().skip(1).find(|arg| !arg.starts_with("--")) {
        beside(Path::new(&file), kinds["1 rare word"].first().map_or("quixotic", String::as_str));
    }
}

/// Times the queries of one kind and prints a row.
fn measure(workspace: &Workspace, kind: &str, texts: &[String]) {
    let (mut found, mut counted, mut read, mut hits) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for text in texts {
        let query = parse(text).unwrap();
        for round in 0..=AGAIN {
            let start = Instant::now();
            let total = workspace.matches(&query, "at", true, HITS, &mut |_| true).unwrap().map_or(0, |found| found.total);
            let to_find = ms(start);
            let start = Instant::now();
            workspace.facets(&query, None).unwrap();
            let to_count = ms(start);
            let start = Instant::now();
            workspace.search(&query, HITS, false).unwrap();
            let to_read = ms(start);
            // The first time of each warms what it reads.
            if round > 0 {
                found.push(to_find);
                counted.push(to_count);
                read.push(to_read);
                hits.push(total as f64);
            }
        }
    }
    let both = |times: &mut Vec<f64>| format!("{:.2} / {:.2}", at(times, 50), at(times, 99));
    println!("| {} | {} | {} | {} | {} | {} |", &kind[2..], texts.len(), at(&mut hits, 50), both(&mut found), both(&mut counted), both(&mut read));
}

/// Makes queries of the words of some sessions, by how many steps hold them; gives how many steps there are, too.
fn queries(workspace: &Workspace) -> (Kinds, usize) {
    let hits = |text: &str| parse(text).ok().and_then(|query| workspace.search(&query, 1, false).ok()).map_or(0, |report| report.total);
    let all: usize = workspace.ls(&Query::All, None, usize::MAX).unwrap().trajectories.iter().map(|row| usize::try_from(row.steps).unwrap_or(0)).sum();
    let mut kinds = Kinds::new();
    let mut add = |kind, text: String| {
        let of: &mut Vec<String> = kinds.entry(kind).or_default();
        if of.len() < OF_A_KIND && !of.contains(&text) {
            of.push(text);
        }
    };
    let mut known = BTreeSet::new();
    let mut mid = None;
    for row in workspace.ls(&Query::All, None, SESSIONS).unwrap().trajectories {
        let (trajectory, _) = workspace.resolve(&row.id).unwrap();
        // One step of each, from another place each time, so that they are not all of one make.
        let Some(step) = trajectory.steps.get(known.len() % trajectory.steps.len().max(1)) else { continue };
        let tokens: Vec<String> = words(&step.text).into_iter().filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric())).collect();
        for word in tokens.iter().filter(|word| word.len() > 3).take(12) {
            if !known.insert(word.clone()) {
                continue;
            }
            let total = hits(word);
            match total * 1000 / all.max(1) {
                _ if total <= 10 => add("1 rare word", word.clone()),
                0..20 => {
                    add("2 word of up to 2 % of the steps", word.clone());
                    mid = Some(word.clone());
                }
                100.. => {
                    add("3 word of over 10 % of the steps", word.clone());
                    mid.iter().for_each(|mid| add("4 both", format!("{word} {mid}")));
                    add("5 filter and word", format!("kind:tool_result {word}"));
                }
                _ => {}
            }
            if word.len() > 6 && word.chars().all(|c| c.is_ascii_alphabetic()) {
                add("7 beginning of 4 letters", format!("{}*", &word[..4]));
            }
        }
        for pair in tokens.windows(2).filter(|pair| pair.iter().all(|word| word.len() > 2)).take(2) {
            add("6 phrase of 2 words", format!("\"{} {}\"", pair[0], pair[1]));
        }
    }
    for filter in ["kind:wait", "decision:denied", "is:denied", "kind:wait decision:denied", "wait:>30s", "kind:tool_call -is:denied"] {
        add("8 filters alone", filter.to_owned());
    }
    (kinds, all)
}

/// Times `rg` over the same bytes.
fn beside(file: &Path, word: &str) {
    let mut times = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        Command::new("rg").args(["-j1", "-c", word]).arg(file).stdout(Stdio::null()).status().expect("rg is there");
        times.push(ms(start));
    }
    println!("\n`rg -j1 -c {word}`: p50 {:.1}, p99 {:.1} ms", at(&mut times, 50), at(&mut times, 99));
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Gives a percentile of times.
fn at(times: &mut [f64], percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0.0)
}
