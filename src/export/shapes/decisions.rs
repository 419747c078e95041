//! `decisions`: one row for each judged decision point, the tuple for off-policy evaluation.

use super::{Item, Line, NotCarried, Shape, Takes, fold};
use crate::export::definition::{Definition, Family};
use crate::export::example::digest;
use crate::export::json::Json;
use crate::export::reward;

/// The shape.
pub const SHAPE: Shape = Shape { name: "decisions", takes: Takes::Points, features: &[], least: 1, header: None, write };

fn write(item: &Item<'_>, definition: &Definition, not_carried: &mut NotCarried) -> Result<Line, String> {
    let (example, facts) = (item.example, &item.example.facts);
    let turn = item.turn()?;
    let context: Vec<String> = example.prompt.iter().map(|m| Json::from(vec![m.role.as_str().to_owned(), m.all_text()]).text()).collect();
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let reward = reward::of(facts, &definition.ask_style);
    // No harness records how likely the action was; without it only direct-method estimates are possible.
    super::count(not_carried, "propensity", 1);
    Ok(Json::object([
        ("row", example.id().into()),
        ("context_hash", digest(&context).into()),
        ("action", fold::folded(turn, Family::HermesJson).content.into()),
        ("action_kind", kind(turn.calls.is_empty(), facts.boundary.as_deref()).into()),
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

fn kind(silent: bool, boundary: Option<&str>) -> &'static str {
    match (silent, boundary) {
        (false, _) => "act",
        (true, Some("right_ask" | "needless_ask" | "reopened")) => "ask",
        (true, _) => "stop",
    }
}
