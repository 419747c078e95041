//! `evalops-tinker`: instruction, input and output for the evaluation loop of EvalOps, 10 to 4096 characters and no two alike.

use super::{Item, Line, Shape, Takes, fold, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::export::message::Role;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "evalops-tinker",
    takes: Takes::Targets,
    features: &[("instruction", "string"), ("input", "string"), ("output", "string")],
    loses: &[loss::CALLS, loss::SYSTEM, loss::TOOLS, loss::EARLIER],
    least: 1,
    header: None,
    write,
};

/// Shortest and longest instruction and output together, in characters; its loader drops what lies outside.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=4096;

fn write(item: &Item<'_>, definition: &Definition) -> Result<Line, String> {
    let target = item.good()?;
    fold::checked(item.example, &[target], definition.family)?;
    let prompt = &item.example.prompt;
    let request = prompt.iter().rposition(|m| m.role == Role::User && !m.summary).ok_or("no request of the user is in force")?;
    let instruction = prompt[request].text.clone();
    let since: Vec<String> = prompt[request + 1..].iter().map(|m| format!("{}: {}", m.role.as_str(), fold::folded(m, definition.family).content)).collect();
    let output = fold::folded(target, definition.family).content;
    let length = instruction.chars().count() + output.chars().count();
    if !LENGTH.contains(&length) {
        return Err(format!("instruction and output have {length} characters together, the loader takes 10 to 4096"));
    }
    let unique = Some(Json::from(vec![instruction.clone(), output.clone()]).text());
    let json = Json::object([("instruction", instruction.into()), ("input", since.join("\n\n").into()), ("output", output.into())]);
    Ok(Line { text: json.text(), unique })
}
