//! `tinker-sft`: conversations for tinker-cookbook's `FromConversationFileBuilder`, calls folded into the text.

use super::{Item, NotCarried, Shape, Takes, count, fold};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::export::message::Role;

/// The shape.
pub const SHAPE: Shape = Shape { name: "tinker-sft", takes: Takes::Targets, features: &[("messages", "json")], least: 1, write };

fn write(item: &Item<'_>, definition: &Definition, not_carried: &mut NotCarried) -> Result<String, String> {
    let Item::Example(example) = item else { return Err("it takes targets".to_owned()) };
    let target = &example.good.as_ref().ok_or("there is no turn to learn")?.message;
    let whole = example.prompt.iter().chain([target]);
    if let Some(flaw) = whole.clone().find_map(|message| fold::flaw(message, definition.family)) {
        return Err(flaw);
    }
    count(not_carried, "calls_folded", whole.map(|m| m.calls.len()).sum());
    if !definition.mask {
        // Without masks the trainer must be told to learn the last message alone; each earlier turn is one it could learn by mistake.
        count(not_carried, "mask", example.prompt.iter().filter(|m| m.role == Role::Assistant).count());
    }
    let mut messages = fold::prompt(&example.prompt, &example.tools, definition.family);
    messages.push(fold::fold(target, definition.family));
    let last = messages.len() - 1;
    let write_one = |(i, message): (usize, &fold::Folded)| {
        let mut json = message.json();
        if definition.mask {
            json.push("trainable", (i == last).into());
        }
        json
    };
    let messages: Vec<Json> = messages.iter().enumerate().map(write_one).collect();
    Ok(Json::object([("messages", messages.into())]).text())
}
