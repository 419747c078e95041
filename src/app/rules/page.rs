//! The page of a rule: what it fires on, what it said, its record against people, and its findings.

use crate::app::marks::Marks;
use crate::app::page::Block;
use crate::app::rules::RulesView;
use crate::app::tone::Tone;
use crate::model::{Certainty, Severity};
use crate::workspace::check::{Found, RuleRow};

/// Findings of a rule that are listed.
pub const LISTED: usize = 300;

/// Writes the page of the chosen rule, and gives the block at which the chosen finding begins.
pub(in crate::app) fn rule_page(view: &RulesView, marks: &Marks) -> (Vec<Block>, usize) {
    let Some(row) = view.report.as_ref().and_then(|report| report.rules.get(view.list.chosen)) else { return (Vec::new(), 0) };
    let mut blocks = about(row);
    let findings = view.findings();
    let mut at = 0;
    for (number, found) in findings.iter().enumerate() {
        let here = view.in_page && number == view.finding;
        if here {
            at = blocks.len();
        }
        blocks.extend(finding(found, here, marks));
    }
    if let Some(more) = view.report.as_ref().and_then(|report| report.more.get(row.rule.id)) {
        blocks.push(Block::new().say(Tone::Dim, &crate::text::human::plural(*more, "more finding")));
    }
    (blocks, at)
}

fn about(row: &RuleRow) -> Vec<Block> {
    let listed = |names: &[&str]| if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    let fact = |name: &str, said: &str| Block::new().say(Tone::Dim, &format!("{name:<12}")).say(Tone::Text, said).hanging(12);
    let said = format!("found {}, clear {}, could not see {}", row.counts.finding, row.counts.clear, row.counts.not_observable);
    let record = row.record.said();
    let drawn = if row.record.recall.value.is_some() { "" } else { "; recall needs judged items of the queue unflagged" };
    let mut blocks = vec![
        Block::new()
            .say(Tone::Strong, &format!("{} {}", row.rule.id, row.rule.name))
            .say(severity(row.rule.severity), &format!("  {}", row.rule.severity))
            .say(Tone::Dim, &format!("  v{}", row.rule.version)),
        Block::new().say(Tone::Text, row.rule.description),
        Block::new(),
        fact("needs", &listed(row.rule.needs)),
        fact("proposes", &listed(row.rule.predicts)),
        fact("asked", &said),
        fact("coverage", &row.coverage.map_or_else(|| "nothing to ask it about".to_owned(), |share| format!("{} of what it was asked", percent(share)))),
        fact("record", record.as_ref().map_or("nobody judged what it found yet", |said| &said[0])),
    ];
    blocks.extend(record.map(|said| fact("", &format!("{}{drawn}", said[1]))));
    blocks.push(Block::new());
    blocks
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn finding(found: &Found, here: bool, marks: &Marks) -> Vec<Block> {
    let finding = &found.finding;
    let place = finding.execution.as_ref().map_or_else(|| finding.trajectory.clone(), |execution| format!("{}#{execution}", finding.trajectory));
    let possible = if finding.certainty == Certainty::Certain { "" } else { "  possible" };
    let head = Block::new()
        .say(Tone::Accent, if here { marks.cursor } else { " " })
        .say(severity(finding.severity), &format!(" {}", finding.severity.as_str()))
        .say(if here { Tone::Strong } else { Tone::Text }, &format!("  {place}"))
        .say(Tone::Dim, possible);
    let mut blocks = vec![head, Block::new().say(Tone::Text, &finding.message).indented(2)];
    for shown in finding.evidence.iter().filter(|shown| !shown.text.trim().is_empty()) {
        let text = shown.text.split_whitespace().collect::<Vec<_>>().join(" ");
        blocks.push(Block::new().say(Tone::Dim, &format!("“{text}”")).indented(2));
    }
    blocks
}

/// Gives the tone of a severity.
pub fn severity(severity: Severity) -> Tone {
    match severity {
        Severity::Good => Tone::Ran,
        Severity::Low => Tone::Dim,
        Severity::Medium => Tone::Wait,
        Severity::High | Severity::Critical => Tone::Denied,
    }
}
