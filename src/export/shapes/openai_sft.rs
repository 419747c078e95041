//! `openai-sft`: chats for OpenAI's fine-tuning; weights keep every turn but the last out of the loss.

use super::structured::{Form, message, tools_list};
use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::export::message::Role;

/// The shape.
pub const SHAPE: Shape =
    Shape { name: "openai-sft", takes: Takes::Targets, features: &[], loses: &[loss::SCHEMAS, loss::THINKING], least: 10, header: None, write };

/// The most functions the service takes.
pub const MAX_TOOLS: usize = 128;

fn write(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let target = item.good()?;
    if item.example.tools.len() > MAX_TOOLS {
        return Err(format!("it declares {} tools, the service takes {MAX_TOOLS}", item.example.tools.len()));
    }
    let last = item.example.prompt.len();
    let write_one = |(i, m)| {
        let mut json = message(m, Form::Service);
        if m.role == Role::Assistant {
            json.push("weight", u64::from(i == last).into());
        }
        json
    };
    let messages: Vec<Json> = item.example.prompt.iter().map(|m| &**m).chain([target]).enumerate().map(write_one).collect();
    let mut row = Json::object([("messages", messages.into())]);
    if !item.example.tools.is_empty() {
        row.push("tools", tools_list(&item.example.tools));
        row.push("parallel_tool_calls", true.into());
    }
    Ok(row.into())
}
