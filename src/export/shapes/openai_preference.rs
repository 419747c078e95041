//! `openai-preference`: pairs for OpenAI's preference fine-tuning, one turn on each side.

use super::openai_sft::MAX_TOOLS;
use super::structured::{Form, message, tools_list};
use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "openai-preference",
    takes: Takes::Pairs,
    features: &[],
    loses: &[loss::SCHEMAS, loss::THINKING, loss::STRENGTH],
    least: 10,
    header: None,
    write,
};

fn write(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let (good, bad) = item.sides()?;
    let tools = &item.example.tools;
    if tools.len() > MAX_TOOLS {
        return Err(format!("it declares {} tools, the service takes {MAX_TOOLS}", tools.len()));
    }
    let mut input = Json::object([("messages", Json::from(item.prompt(Form::Service)))]);
    if !tools.is_empty() {
        input.push("tools", tools_list(tools));
        input.push("parallel_tool_calls", true.into());
    }
    let one = |m| Json::Array(vec![message(m, Form::Service)]);
    Ok(Json::object([("input", input), ("preferred_output", one(good)), ("non_preferred_output", one(bad))]).into())
}
