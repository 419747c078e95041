//! Redacting: every text of an example without what must not leave; a message that many prompts share is changed once.

use super::example::{Example, Facts, Side};
use super::json::Json;
use super::message::Message;
use super::scan::Redaction;
use super::tools::Tool;
use std::collections::HashMap;
use std::sync::Arc;

/// What stood somewhere, and what stands there now.
type Pair<T> = (Arc<T>, Arc<T>);

/// What was changed already, by the place of the original, which is kept so that the place stays taken.
#[derive(Default)]
struct Changed {
    messages: HashMap<usize, Pair<Message>>,
    tools: HashMap<usize, Pair<Vec<Tool>>>,
}

/// Replaces what must not leave in the examples of one trajectory.
pub fn redact(examples: &mut [Example], redaction: &Redaction) {
    let mut changed = Changed::default();
    for example in examples {
        let mut change = |text: &str| (redaction.replace)(text);
        for message in &mut example.prompt {
            *message = changed.message(message, &mut change);
        }
        for Side { message, .. } in example.good.iter_mut().chain(&mut example.bad) {
            *message = message.map_texts(&mut change);
        }
        example.tools = changed.tools(&example.tools, &mut change);
        example.facts = Arc::new(facts(&example.facts, &mut change));
    }
}

impl Changed {
    fn message(&mut self, message: &Arc<Message>, change: &mut dyn FnMut(&str) -> String) -> Arc<Message> {
        let of = || {
            let new = message.map_texts(change);
            let same = new == **message;
            (message.clone(), if same { message.clone() } else { Arc::new(new) })
        };
        self.messages.entry(Arc::as_ptr(message).addr()).or_insert_with(of).1.clone()
    }

    fn tools(&mut self, tools: &Arc<Vec<Tool>>, change: &mut dyn FnMut(&str) -> String) -> Arc<Vec<Tool>> {
        let of = || {
            let one = |tool: &Tool| Tool { description: change(&tool.description), parameters: tool.parameters.map_texts(change), ..tool.clone() };
            (tools.clone(), Arc::new(tools.iter().map(one).collect()))
        };
        self.tools.entry(Arc::as_ptr(tools).addr()).or_insert_with(of).1.clone()
    }
}

fn facts(facts: &Facts, change: &mut dyn FnMut(&str) -> String) -> Facts {
    let mut facts = facts.clone();
    let lists = [&mut facts.refused_effects, &mut facts.granted_effects, &mut facts.must_read, &mut facts.effects];
    lists.into_iter().flatten().for_each(|text| *text = change(text));
    let words = [&mut facts.reference, &mut facts.scenario, &mut facts.arm, &mut facts.cwd];
    words.into_iter().flatten().for_each(|text| *text = change(text));
    facts
}

impl Json {
    /// Changes every string of the value and every name of a field; a name that would stand twice gets a `_` more.
    #[must_use]
    pub fn map_texts(&self, change: &mut dyn FnMut(&str) -> String) -> Self {
        match self {
            Self::String(text) => Self::String(change(text)),
            Self::Array(items) => Self::Array(items.iter().map(|item| item.map_texts(change)).collect()),
            Self::Object(fields) => {
                let mut mapped: Vec<(String, Self)> = Vec::with_capacity(fields.len());
                for (key, value) in fields {
                    let mut key = change(key);
                    while mapped.iter().any(|(known, _)| *known == key) {
                        key.push('_');
                    }
                    mapped.push((key, value.map_texts(change)));
                }
                Self::Object(mapped)
            }
            Self::Number(digits) => {
                let changed = change(digits);
                if changed == **digits { self.clone() } else { Self::String(changed) }
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_strings_and_numbers_are_changed_and_order_stays() {
        let json = Json::parse(r#"{"k-secret":1,"b":["secret",{"secret":4111111111111111}],"c":2}"#).unwrap();
        let mut change = |text: &str| text.replace("secret", "X").replace("4111111111111111", "[card]");
        assert_eq!(json.map_texts(&mut change).text(), r#"{"k-X":1,"b":["X",{"X":"[card]"}],"c":2}"#);
    }
}
