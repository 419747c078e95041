//! `hf-prompt-completion`: a prompt and one turn for TRL, whose loss is on that turn alone.

use super::structured::{Form, message, messages, tools_text};
use super::{Item, Line, NotCarried, Shape, Takes};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "hf-prompt-completion",
    takes: Takes::Targets,
    features: &[("prompt", "json"), ("completion", "json"), ("tools", "string")],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, _: &Definition, not_carried: &mut NotCarried) -> Result<Line, String> {
    item.count_schemas(not_carried);
    let (prompt, completion) = (messages(&item.example.prompt, Form::Template), vec![message(item.good()?, Form::Template)]);
    Ok(Json::object([("prompt", prompt), ("completion", completion.into()), ("tools", tools_text(&item.example.tools))]).into())
}
