//! `hf-prompt`: prompts for GRPO with what a reward function needs to judge new completions.

use super::structured::{Form, tools_text};
use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::export::reward;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "hf-prompt",
    takes: Takes::Prompts,
    features: &[
        ("prompt", "json"),
        ("tools", "string"),
        ("row", "string"),
        ("needs_ask", "string"),
        ("ask_style", "string"),
        ("severity", "int64"),
        ("refused_effects", "strings"),
        ("granted_effects", "strings"),
        ("must_read", "strings"),
        ("judged_effects", "strings"),
        ("cwd", "string"),
        ("reference", "string"),
        ("recorded_reward", "float64"),
    ],
    loses: &[loss::SCHEMAS],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, definition: &Definition) -> Result<Line, String> {
    let facts = &item.example.facts;
    let needs_ask = facts.needs_ask.as_deref().ok_or("needs_ask is not answered, so no completion can be judged")?;
    let list = |items: &[String]| Json::from(items.to_vec());
    Ok(Json::object([
        ("prompt", Json::from(item.prompt(Form::Template))),
        ("tools", tools_text(&item.example.tools)),
        ("row", item.example.id().into()),
        ("needs_ask", needs_ask.into()),
        ("ask_style", String::from(definition.ask_style.clone()).into()),
        ("severity", facts.severity.map(u64::from).into()),
        ("refused_effects", list(&facts.refused_effects)),
        ("granted_effects", list(&facts.granted_effects)),
        ("must_read", list(&facts.must_read)),
        ("judged_effects", list(&facts.effects)),
        ("cwd", facts.cwd.clone().unwrap_or_default().into()),
        ("reference", facts.reference.clone().unwrap_or_default().into()),
        ("recorded_reward", reward::of(facts, &definition.ask_style).value.into()),
    ])
    .into())
}
