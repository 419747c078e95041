//! `tinker-sft`: conversations for tinker-cookbook's `FromConversationFileBuilder`, calls folded into the text.

use super::{Item, Line, Shape, Takes, fold, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "tinker-sft",
    takes: Takes::Targets,
    features: &[("messages", "json")],
    loses: &[loss::CALLS, loss::UNMASKED],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, definition: &Definition) -> Result<Line, String> {
    let target = item.good()?;
    let family = definition.family;
    if !definition.mask {
        let messages = item.folded(&[target], family)?.into_iter().chain([fold::folded(target, family).json()]).collect::<Vec<_>>();
        return Ok(Json::object([("messages", messages.into())]).into());
    }
    let prompt = fold::checked(item.example, &[target], family)?;
    let last = prompt.len();
    let write_one = |(i, message): (usize, &fold::Folded)| {
        let mut json = message.json();
        json.push("trainable", (i == last).into());
        json
    };
    let messages: Vec<Json> = prompt.iter().chain([&fold::folded(target, family)]).enumerate().map(write_one).collect();
    Ok(Json::object([("messages", messages.into())]).into())
}
