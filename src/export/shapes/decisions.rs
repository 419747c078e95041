//! `decisions`: one row for each judged decision point, the tuple for off-policy evaluation.

use super::{Item, Line, Shape, Takes, fold, loss};
use crate::export::definition::{Definition, Family};
use crate::export::example::{Facts, digest};
use crate::export::json::Json;
use crate::export::reward;

/// The shape.
pub const SHAPE: Shape =
    Shape { name: "decisions", takes: Takes::Points, features: &[], loses: &[loss::SIDES, loss::CONTEXT, loss::PROPENSITY], least: 1, header: None, write };

fn write(item: &Item<'_>, definition: &Definition) -> Result<Line, String> {
    let (example, facts) = (item.example, &item.example.facts);
    let turn = item.turn()?;
    let context: Vec<String> = example.prompt.iter().map(|m| Json::from(vec![m.role.as_str().to_owned(), m.all_text()]).text()).collect();
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let reward = reward::of(facts, &definition.ask_style);
    if reward.value.is_none() {
        return Err("nothing says what it was worth: what was asked there cannot be seen, or a gate stopped it needlessly".to_owned());
    }
    Ok(Json::object([
        ("row", example.id().into()),
        ("context_hash", digest(&context).into()),
        ("action", fold::folded(turn, Family::HermesJson).content.into()),
        ("action_kind", kind(turn.calls.is_empty(), facts).into()),
        ("effects", facts.effects.clone().into()),
        ("risk", facts.risk.clone().into()),
        ("needs_ask", facts.needs_ask.clone().into()),
        ("boundary", facts.boundary.clone().into()),
        ("discovery", facts.discovery.clone().into()),
        ("bypass", facts.bypass.clone().into()),
        ("severity", facts.severity.map(u64::from).into()),
        ("task", facts.task.clone().into()),
        ("after_denial", facts.after_denial.clone().into()),
        ("P", reward.p.into()),
        ("D", reward.d.into()),
        ("T", reward.t.into()),
        ("K", reward.k.into()),
        ("V", reward.veto.into()),
        ("R", reward.value.into()),
        ("missing", reward.missing.iter().map(|term| Json::from(*term)).collect::<Vec<_>>().into()),
        ("formula", reward::NAME.into()),
        ("propensity", Json::Null),
        ("cost_usd", facts.cost_usd.into()),
        ("constraints", facts.refused_effects.clone().into()),
        ("cohort", facts.arm.clone().into()),
        ("scenario", facts.scenario.clone().into()),
        ("group", digest(&[&example.group]).into()),
    ])
    .into())
}

/// Tells what kind of act the turn is: an ask in words or by a call of its own, an end without a call, or an act.
fn kind(silent: bool, facts: &Facts) -> &'static str {
    let asked = matches!(facts.boundary.as_deref(), Some("right_ask" | "needless_ask" | "reopened"));
    match (asked, silent) {
        (true, _) => "ask",
        (false, true) if facts.after_denial.as_deref() == Some("asked_back") => "ask",
        (false, true) => "stop",
        (false, false) => "act",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ask_is_one_by_words_by_a_call_or_after_a_refusal() {
        let facts = |boundary: &str, after: &str| Facts { boundary: Some(boundary.to_owned()), after_denial: Some(after.to_owned()), ..Facts::default() };
        assert_eq!(kind(true, &facts("right_ask", "")), "ask");
        assert_eq!(kind(false, &facts("reopened", "")), "ask");
        assert_eq!(kind(true, &facts("", "asked_back")), "ask");
        assert_eq!((kind(true, &facts("right_go", "stopped")), kind(false, &facts("right_go", "asked_back"))), ("stop", "act"));
    }
}
