//! `llama-factory-*`: the sharegpt form of LLaMA-Factory, where human and model alternate strictly.

use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::export::message::{Message, Role};
use crate::export::tools::Tool;

/// Conversations to learn.
pub const SFT: Shape = Shape {
    name: "llama-factory-sft",
    takes: Takes::Targets,
    features: &[],
    loses: &[loss::MASK, loss::SCHEMAS, loss::THINKING, loss::JOINED],
    least: 1,
    header: None,
    write: write_sft,
};
/// Pairs.
pub const PREFERENCE: Shape = Shape {
    name: "llama-factory-preference",
    takes: Takes::Pairs,
    features: &[],
    loses: &[loss::MASK, loss::SCHEMAS, loss::THINKING, loss::JOINED, loss::STRENGTH],
    least: 1,
    header: None,
    write: write_preference,
};
/// Labelled turns.
pub const KTO: Shape = Shape {
    name: "llama-factory-kto",
    takes: Takes::Labelled,
    features: &[],
    loses: &[loss::MASK, loss::SCHEMAS, loss::THINKING, loss::JOINED],
    least: 2,
    header: None,
    write: write_kto,
};

/// What joins the answers to parallel calls, in the words of the loader.
const BETWEEN_ANSWERS: &str = "\n</tool_response>\n<tool_response>\n";

fn write_sft(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let mut conversation = before(item)?;
    conversation.push(said(item.good()?));
    Ok(row(item, conversation, []).into())
}

fn write_preference(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let (good, bad) = item.sides()?;
    let conversation = before(item)?;
    Ok(row(item, conversation, [("chosen", said(good)), ("rejected", said(bad))]).into())
}

fn write_kto(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let mut conversation = before(item)?;
    conversation.push(said(item.turn()?));
    Ok(row(item, conversation, [("kto_tag", item.label.into())]).into())
}

fn row<const N: usize>(item: &Item<'_>, conversation: Vec<Json>, more: [(&str, Json); N]) -> Json {
    let system: Vec<&str> = item.example.prompt.iter().filter(|m| m.role == Role::System).map(|m| m.text.as_str()).collect();
    let tools = if item.example.tools.is_empty() { String::new() } else { Json::Array(item.example.tools.iter().map(Tool::function).collect()).text() };
    let mut row = Json::object([("conversations", conversation.into())]);
    for (key, value) in more {
        row.push(key, value);
    }
    row.push("system", system.join("\n\n").into());
    row.push("tools", tools.into());
    row
}

fn turn(from: &str, value: String) -> Json {
    Json::object([("from", from.into()), ("value", value.into())])
}

/// Writes an assistant turn: a call list after its text, or the text.
fn said(message: &Message) -> Json {
    if message.calls.is_empty() {
        return turn("gpt", message.text.clone());
    }
    let one = |c: &crate::export::message::Call| Json::object([("name", c.name.as_str().into()), ("arguments", c.args.clone())]);
    let list = Json::Array(message.calls.iter().map(one).collect()).text();
    let value = if message.text.is_empty() { list } else { format!("{}\n<tool_call>{list}</tool_call>", message.text) };
    turn("function_call", value)
}

/// Writes the prompt so that human and model alternate; what cannot is refused, because the loader would skip it.
fn before(item: &Item<'_>) -> Result<Vec<Json>, String> {
    let mut turns: Vec<(Role, String, Option<Json>)> = Vec::new();
    for message in item.example.prompt.iter().filter(|m| m.role != Role::System) {
        match (message.role, turns.last_mut()) {
            (Role::User, Some((Role::User, text, _))) => {
                text.push_str("\n\n");
                text.push_str(&message.text);
            }
            (Role::Tool, Some((Role::Tool, text, _))) => {
                text.push_str(BETWEEN_ANSWERS);
                text.push_str(&message.text);
            }
            (Role::User, Some((Role::Tool, ..))) => return Err("the user speaks after a tool's answer, where the model must".to_owned()),
            (Role::Assistant, None) => return Err("the conversation does not begin with a user".to_owned()),
            (Role::Assistant, _) => turns.push((Role::Assistant, String::new(), Some(said(message)))),
            (role, _) => turns.push((role, message.text.clone(), None)),
        }
    }
    Ok(turns.into_iter().map(|(role, text, json)| json.unwrap_or_else(|| turn(if role == Role::Tool { "observation" } else { "human" }, text))).collect())
}
