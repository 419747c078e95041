//! The page of a dataset: gates with what they keep back, data files, balance, tokens, repeats, what changed; and the page of one row.

use crate::app::marks::Marks;
use crate::app::page::Block;
use crate::app::tone::Tone;
use crate::text::{clean, fit, human, pad_left};
use crate::workspace::{DatasetRow, DatasetSheet, ExportReport, GateReport};
use std::collections::BTreeMap;

/// Points kept back and changed rows that are listed.
const LISTED: usize = 200;
/// Reasons that are listed for each gate.
const REASONS: usize = 4;

/// Writes the page of a dataset for some columns.
pub(in crate::app) fn sheet_page(sheet: &DatasetSheet, columns: usize, marks: &Marks) -> Vec<Block> {
    let report = &sheet.report;
    let mut blocks = vec![verdict(report, marks), Block::new()];
    blocks.extend(gates(report, marks));
    blocks.extend(report.lapsed.as_ref().map(|why| Block::new().say(Tone::Denied, &clean(why))));
    blocks.extend(report.uncertified.as_ref().map(|why| Block::new().say(Tone::Denied, &format!("no certificate goes with it: {}", clean(why)))));
    blocks.extend(kept_back(report));
    blocks.extend(files(report));
    blocks.extend(balance(sheet, columns, marks));
    blocks.extend(changes(sheet));
    blocks.push(heading("definition", &format!("sha256:{}", sheet.sha256.get(..12).unwrap_or_default())));
    blocks.push(Block::text(Tone::Dim, &sheet.definition).indented(1));
    blocks
}

fn heading(name: &str, said: &str) -> Block {
    Block::new().say(Tone::Accent, name).say(Tone::Dim, &format!("  {said}"))
}

fn verdict(report: &ExportReport, marks: &Marks) -> Block {
    let broken = report.gates.iter().filter(|gate| !gate.ok).count();
    let (sign, tone, said) = match (report.examples, broken) {
        (0, _) if report.trajectories == 0 => (marks.no, Tone::Denied, "nothing would leave: the query finds no trajectory".to_owned()),
        (0, _) => (marks.no, Tone::Denied, "nothing would leave".to_owned()),
        (_, 0) => (marks.yes, Tone::Ran, "ready to export".to_owned()),
        (_, broken) => (marks.no, Tone::Denied, format!("{} not hold", if broken == 1 { "a gate does".to_owned() } else { format!("{broken} gates do") })),
    };
    let leave =
        format!("  {}, {} among them; {} kept back", human::plural(report.examples, "example"), human::plural(report.pairs, "pair"), report.blocked.len());
    Block::new().say(tone, &format!("{sign} {said}")).say(Tone::Text, &leave)
}

fn gates(report: &ExportReport, marks: &Marks) -> Vec<Block> {
    let mut blocks = vec![heading("gates", "all must hold; ! overrides one, with a reason")];
    let quiet = |gate: &&GateReport| gate.ok && gate.blocked == 0 && gate.overridden.is_none();
    for gate in report.gates.iter().filter(|gate| !quiet(gate)) {
        let (sign, tone) = match (gate.ok, gate.blocked) {
            (false, _) => (marks.no, Tone::Denied),
            (true, 0) => (marks.yes, Tone::Ran),
            (true, _) => (marks.audit[1], Tone::Wait),
        };
        let kept = if gate.blocked > 0 { format!("{} kept back", human::count(gate.blocked as u64)) } else { String::new() };
        let block = Block::new().say(tone, &format!("{sign} {}", fit(gate.gate, 11))).say(Tone::Wait, &fit(&kept, 17));
        let block = match (&gate.overridden, &gate.detail) {
            (Some(why), _) => block.say(Tone::Finding, &format!("overridden by {}", clean(why))),
            (None, Some(detail)) => block.say(Tone::Denied, &clean(detail)),
            (None, None) => block.say(Tone::Dim, gate.holds),
        };
        blocks.push(block.indented(1).hanging(30));
    }
    let hold: Vec<&str> = report.gates.iter().filter(quiet).map(|gate| gate.gate).collect();
    blocks.push(Block::new().say(Tone::Ran, &format!("{} ", marks.yes)).say(Tone::Dim, &hold.join("  ")).indented(1).hanging(2));
    blocks.push(Block::new());
    blocks
}

fn files(report: &ExportReport) -> Vec<Block> {
    let rows: usize = report.shapes.iter().map(|shape| shape.rows).sum();
    let mut blocks = vec![heading("data files", &format!("{} of {}", human::plural(rows, "row"), human::plural(report.shapes.len(), "file")))];
    for shape in &report.shapes {
        let lost: Vec<String> = shape.not_carried.iter().map(|(what, count)| format!("{count} {what}")).collect();
        let block = Block::new().say(Tone::Text, &fit(&shape.file, 38)).say(Tone::Strong, &pad_left(&human::count(shape.rows as u64), 8));
        let block = block.say(Tone::Dim, &pad_left(&human::bytes(shape.bytes), 10));
        let said = if lost.is_empty() { String::new() } else { format!("  not carried: {}", lost.join(", ")) };
        blocks.push(block.say(Tone::Dim, &said).indented(1).hanging(8));
    }
    let mut refused: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in &report.refused {
        *refused.entry((row.shape, row.reason.as_str())).or_default() += 1;
    }
    for ((shape, reason), count) in refused {
        let said = format!("{count} have no row in {shape}: {reason}");
        blocks.push(Block::new().say(Tone::Wait, &said).indented(1).hanging(4));
    }
    blocks.push(Block::new());
    blocks
}

fn balance(sheet: &DatasetSheet, columns: usize, marks: &Marks) -> Vec<Block> {
    let overview = &sheet.overview;
    let at = |percent: usize| overview.tokens.get((overview.tokens.len().saturating_sub(1)) * percent / 100).copied().unwrap_or(0) as u64;
    let total: usize = overview.tokens.iter().sum();
    let said = format!(
        "{} in all ({}); median {}, 90 % at most {}, longest {}",
        human::count(total as u64),
        sheet.counter,
        human::count(at(50)),
        human::count(at(90)),
        human::count(at(100))
    );
    let tokens = Block::new().say(Tone::Accent, "tokens").say(Tone::Text, &format!("  {said}")).hanging(8);
    let alike = |n: usize| if n == 1 { "1 prompt nearly as one before it".to_owned() } else { format!("{n} prompts nearly as one before them") };
    let sampled = if overview.sampled > 0 { format!(" ({} were compared with some of their like alone)", overview.sampled) } else { String::new() };
    let repeats = format!("  {} word for word, {}{sampled}", human::plural(overview.repeated, "example"), alike(overview.near));
    let mut blocks = vec![tokens, Block::new().say(Tone::Accent, "repeats").say(Tone::Text, &repeats), Block::new()];
    for (name, counts) in overview.counts.iter().filter(|(_, counts)| !counts.is_empty()) {
        let most = counts.values().copied().max().unwrap_or(1).max(1);
        let cells = columns.saturating_sub(36).min(60);
        let mut sorted: Vec<_> = counts.iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        blocks.push(heading(&format!("by {name}"), ""));
        for (value, count) in sorted.into_iter().take(LISTED) {
            let bar = marks.bar.repeat((count * cells / most).max(1));
            blocks.push(
                Block::new()
                    .say(Tone::Text, &fit(&clean(value), 22))
                    .say(Tone::Strong, &pad_left(&count.to_string(), 7))
                    .say(Tone::Label, &format!("  {bar}"))
                    .indented(1),
            );
        }
        blocks.push(Block::new());
    }
    blocks
}

fn changes(sheet: &DatasetSheet) -> Vec<Block> {
    let Some((place, changes)) = &sheet.last else {
        return vec![heading("last export", "none yet; X writes a bundle"), Block::new()];
    };
    let mut blocks = vec![heading("last export", place)];
    match changes {
        Err(why) => blocks.push(Block::new().say(Tone::Wait, &format!("cannot be compared: {why}")).indented(1).hanging(2)),
        Ok(changes) if changes.is_empty() => blocks.push(Block::new().say(Tone::Ran, "every row is as it was").indented(1)),
        Ok(changes) => {
            for change in changes.iter().take(LISTED) {
                let tone = if change.change == "gone" { Tone::Removed } else { Tone::Added };
                let said = format!("{} {} {}", fit(&change.shape, 20), change.row, change.example);
                blocks.push(Block::new().say(tone, &fit(change.change, 8)).say(Tone::Text, &said).indented(1));
            }
            if changes.len() > LISTED {
                blocks.push(Block::new().say(Tone::Dim, &format!("{} more", changes.len() - LISTED)).indented(1));
            }
        }
    }
    blocks.push(Block::new());
    blocks
}

/// Names what is kept back because an answer is missing.
pub(super) fn unjudged(report: &ExportReport) -> Vec<&str> {
    let mut names: Vec<&str> = report.blocked.iter().filter(|blocked| blocked.gate == "answers").map(|blocked| blocked.example.as_str()).collect();
    names.dedup();
    names
}

fn kept_back(report: &ExportReport) -> Vec<Block> {
    if report.blocked.is_empty() {
        return Vec::new();
    }
    let mut by_gate: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for blocked in &report.blocked {
        by_gate.entry(blocked.gate).or_default().entry(&blocked.reason).or_default().push(&blocked.example);
    }
    let open = unjudged(report).len();
    let said = if open > 0 {
        format!("by gate and reason; a judges the {open} without an answer, b goes where each is mended")
    } else {
        "by gate and reason; b goes where each is mended".to_owned()
    };
    let mut blocks = vec![heading("kept back", &said)];
    for (gate, reasons) in by_gate {
        let mut sorted: Vec<_> = reasons.into_iter().collect();
        sorted.sort_by_key(|(_, examples)| std::cmp::Reverse(examples.len()));
        for (reason, examples) in sorted {
            let said = format!("{} {} ", fit(gate, 11), pad_left(&examples.len().to_string(), 5));
            blocks.push(Block::new().say(Tone::Wait, &said).say(Tone::Text, reason).indented(1).hanging(18));
            let more = examples.len().saturating_sub(REASONS);
            let list: Vec<&str> = examples.iter().take(REASONS).copied().collect();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            blocks.push(Block::new().say(Tone::Dim, &format!("{}{more}", list.join("  "))).indented(19));
        }
    }
    blocks.push(Block::new());
    blocks
}

/// Writes the page of a row: what it is, and the very line.
pub(in crate::app) fn row_page(row: &DatasetRow) -> Vec<Block> {
    let facts = format!("{}  {}  {}  {} tokens", row.shape, row.split, row.situation, human::count(row.tokens as u64));
    vec![
        Block::new().say(Tone::Strong, &row.row).say(Tone::Dim, &format!("  {facts}")),
        Block::new().say(Tone::Dim, &row.example),
        Block::new(),
        Block::new().say(Tone::Text, &row.line),
    ]
}
