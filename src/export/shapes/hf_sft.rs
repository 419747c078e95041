//! `hf-sft`: conversations with tools for TRL and Axolotl.

use super::structured::{Form, message, tools_text};
use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "hf-sft",
    takes: Takes::Targets,
    features: &[("messages", "json"), ("tools", "string")],
    loses: &[loss::UNMASKED, loss::SCHEMAS],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, definition: &Definition) -> Result<Line, String> {
    let target = item.good()?;
    let last = item.example.prompt.len();
    let write_one = |(i, m)| {
        let mut json = message(m, Form::Template);
        json.push("train", (i == last).into());
        json
    };
    // With a mask every message says whether it is learnt.
    let messages: Vec<Json> = if definition.mask {
        item.example.prompt.iter().map(|m| &**m).chain([target]).enumerate().map(write_one).collect()
    } else {
        item.prompt(Form::Template).into_iter().chain([message(target, Form::Template)]).collect()
    };
    Ok(Json::object([("messages", messages.into()), ("tools", tools_text(&item.example.tools))]).into())
}
