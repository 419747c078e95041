//! `hf-kto`: single turns with a label for TRL's KTO.

use super::structured::{Form, message, tools_text};
use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "hf-kto",
    takes: Takes::Labelled,
    features: &[("prompt", "json"), ("completion", "json"), ("label", "bool"), ("tools", "string")],
    loses: &[loss::SCHEMAS],
    least: 2,
    header: None,
    write,
};

fn write(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    Ok(Json::object([
        ("prompt", Json::from(item.prompt(Form::Template))),
        ("completion", Json::Array(vec![message(item.turn()?, Form::Template)])),
        ("label", item.label.into()),
        ("tools", tools_text(&item.example.tools)),
    ])
    .into())
}
