//! `hf-preference`: pairs for TRL's DPO and reward trainers; each side is one turn, the first that differs.

use super::structured::{Form, message, tools_text};
use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "hf-preference",
    takes: Takes::Pairs,
    features: &[("prompt", "json"), ("chosen", "json"), ("rejected", "json"), ("tools", "string"), ("margin", "float64")],
    loses: &[loss::SCHEMAS],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let (good, bad) = item.sides()?;
    let one = |m| Json::Array(vec![message(m, Form::Template)]);
    Ok(Json::object([
        ("prompt", Json::from(item.prompt(Form::Template))),
        ("chosen", one(good)),
        ("rejected", one(bad)),
        ("tools", tools_text(&item.example.tools)),
        ("margin", item.example.margin().into()),
    ])
    .into())
}
