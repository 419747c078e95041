//! Decision cards: for each example what was chosen, why, and what was left, for a person and for Maestro's own eyes.

use crate::export::definition::Definition;
use crate::export::example::{Example, Side};
use crate::export::json::Json;
use crate::export::reward;
use crate::export::rows::RowId;
use std::fmt::Write as _;

/// What the audit says of every card of an export.
pub struct Audit {
    /// `clean`, or `overridden`.
    pub state: &'static str,
    /// Hash of the rules.
    pub rules_sha256: Option<String>,
}

/// Writes a card: the fields before its rows, those after them, and the card for a person.
#[must_use]
pub fn card(example: &Example, definition: &Definition, audit: &Audit) -> [String; 3] {
    let (mut head, tail) = (before(example, definition).text(), after(example, audit).text());
    head.pop();
    [head, tail.get(1..).unwrap_or_default().to_owned(), markdown(example)]
}

/// Puts the rows into the line of a card.
#[must_use]
pub fn line(head: &str, tail: &str, rows: &[RowId]) -> String {
    format!("{head},\"rows\":{},{tail}", Json::from(names(rows)).text())
}

/// Puts the rows under the card for a person.
#[must_use]
pub fn text(card: &str, rows: &[RowId]) -> String {
    format!("{card}Rows: {}.\n\n", names(rows).join(", "))
}

fn names(rows: &[RowId]) -> Vec<String> {
    rows.iter().map(RowId::to_string).collect()
}

/// The fields that Maestro reads, and the example.
fn before(example: &Example, definition: &Definition) -> Json {
    let facts = &example.facts;
    let (differ, all) = example.dissent;
    Json::object([
        ("taskId", facts.scenario.clone().unwrap_or_else(|| example.trajectory.to_string()).into()),
        ("chosenArm", facts.arm.clone().into()),
        ("predictedEval", reward::of(facts, &definition.ask_style).value.into()),
        ("predictedCostUSD", facts.cost_usd.into()),
        // The share of answers that differ from those that stand; with one reviewer nothing is known of how sure a label is.
        ("uncertainty", (all > 0).then(|| f64::from(differ) / f64::from(all)).into()),
        ("rationale", rationale(example).into()),
        ("example", example.id().into()),
    ])
}

/// Where it comes from, what was said of it, and what was left.
fn after(example: &Example, audit: &Audit) -> Json {
    let facts = &example.facts;
    let side = |side: &Side, better: bool| {
        Json::object([
            ("better", better.into()),
            ("origin", side.origin.to_string().into()),
            ("trajectory", side.elsewhere.as_deref().unwrap_or(&example.trajectory).into()),
            ("text", side.message.all_text().into()),
        ])
    };
    let labels = [
        ("needs_ask", &facts.needs_ask),
        ("boundary", &facts.boundary),
        ("after_denial", &facts.after_denial),
        ("bypass", &facts.bypass),
        ("discovery", &facts.discovery),
        ("task", &facts.task),
        ("reported", &facts.reported),
    ];
    let severity = facts.severity.map(|severity| ("severity".to_owned(), Json::from(u64::from(severity))));
    let labels = labels.into_iter().filter_map(|(name, answer)| Some((name.to_owned(), answer.as_deref()?.into()))).chain(severity).collect();
    let decision = |c: &crate::export::judgement::Cited| Json::object([("entry", c.entry.as_str().into()), ("reviewer", c.reviewer.as_str().into())]);
    Json::object([
        ("trajectory", (*example.trajectory).into()),
        ("target", example.target.as_str().into()),
        ("situation", example.situation.into()),
        ("labels", Json::Object(labels)),
        ("rules_sha256", audit.rules_sha256.clone().into()),
        ("audit", audit.state.into()),
        ("lineage", Json::Array(example.cited.iter().map(decision).collect())),
        ("alternatives", Json::Array(example.good.iter().map(|s| side(s, true)).chain(example.bad.iter().map(|s| side(s, false))).collect())),
    ])
}

/// Writes the card for a person.
fn markdown(example: &Example) -> String {
    let mut text =
        format!("## {}\n\n`{}` in `{}`, situation `{}`\n\n{}\n\n", example.id(), example.target, example.trajectory, example.situation, rationale(example));
    for (name, side) in [("To learn", &example.good), ("To avoid", &example.bad)] {
        if let Some(side) = side {
            let _ = writeln!(text, "{name} ({}):\n", side.origin);
            for line in side.message.all_text().lines() {
                let _ = writeln!(text, "    {line}");
            }
            text.push('\n');
        }
    }
    let cited: Vec<String> = example.cited.iter().map(|c| format!("{} by {} at {}", c.kind, c.reviewer, c.at)).collect();
    let _ = write!(text, "Rests on: {}.\n\n", if cited.is_empty() { "nothing".to_owned() } else { cited.join("; ") });
    text
}

fn rationale(example: &Example) -> String {
    let facts = &example.facts;
    let said = [("needs_ask", &facts.needs_ask), ("boundary", &facts.boundary), ("after_denial", &facts.after_denial), ("bypass", &facts.bypass)];
    let said: Vec<String> = said.into_iter().filter_map(|(name, answer)| answer.as_ref().map(|answer| format!("{name} is {answer}"))).collect();
    if said.is_empty() { format!("{}: nobody judged it.", example.situation) } else { format!("{}: {}.", example.situation, said.join(", ")) }
}
