//! `hf-prompt-completion`: a prompt and one turn for TRL, whose loss is on that turn alone.

use super::structured::{Form, message, tools_text};
use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "hf-prompt-completion",
    takes: Takes::Targets,
    features: &[("prompt", "json"), ("completion", "json"), ("tools", "string")],
    loses: &[loss::SCHEMAS],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let (prompt, completion) = (Json::from(item.prompt(Form::Template)), vec![message(item.good()?, Form::Template)]);
    Ok(Json::object([("prompt", prompt), ("completion", completion.into()), ("tools", tools_text(&item.example.tools))]).into())
}
