//! Redacting: every text of an example without what must not leave; a message that many prompts share is changed once.

use super::example::{Example, Facts, Side};
use super::json::Json;
use super::message::{Message, Role};
use super::policy::{Training, Use};
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
        if !redaction.training.is_whole() {
            hold(example, &redaction.training);
        }
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

/// Leaves of an example what rows hold by the policy.
fn hold(example: &mut Example, training: &Training) {
    example.prompt = prompt(&example.prompt, training);
    for Side { message, .. } in example.good.iter_mut().chain(&mut example.bad) {
        *message = held(message, training);
    }
    if training.of("tool_description") != Use::Train {
        let one = |tool: &Tool| Tool { description: said(&tool.description, "tool_description", training), ..tool.clone() };
        example.tools = Arc::new(example.tools.iter().map(one).collect());
    }
}

/// Gives a prompt as rows hold it; a system prompt of which nothing is left is no message.
fn prompt(messages: &[Arc<Message>], training: &Training) -> Vec<Arc<Message>> {
    let mut named: Vec<String> = Vec::new();
    let mut prompt: Vec<Arc<Message>> = Vec::with_capacity(messages.len());
    for message in messages {
        let mut held = held(message, training);
        if held.role == Role::System && held.text.is_empty() && !message.text.is_empty() {
            let kept = training.of("system_prompt") == Use::Lineage;
            named.extend(held.steps.into_iter().filter(|_| kept));
            continue;
        }
        held.steps.splice(0..0, named.drain(..));
        prompt.push(if held == **message { message.clone() } else { Arc::new(held) });
    }
    prompt
}

/// Gives a message with what a row holds of it.
fn held(message: &Message, training: &Training) -> Message {
    let kind = match message.role {
        Role::System => "system_prompt",
        Role::User => "user_text",
        Role::Assistant => "assistant_text",
        Role::Tool => "tool_output",
    };
    let mut held = message.clone();
    held.text = said(&message.text, kind, training);
    held.thinking = message.thinking.as_deref().map(|text| said(text, "thinking", training)).filter(|text| !text.is_empty());
    for call in &mut held.calls {
        call.args = match training.of("arguments") {
            Use::Train => continue,
            Use::Redact => call.args.map_values(&|_| "[REDACTED:arguments]".to_owned()),
            Use::Lineage | Use::Omit => Json::object([]),
        };
    }
    held
}

/// Gives what a row says in place of a text.
fn said(text: &str, kind: &str, training: &Training) -> String {
    match training.of(kind) {
        Use::Train => text.to_owned(),
        Use::Redact if !text.is_empty() => format!("[REDACTED:{kind}]"),
        Use::Redact | Use::Lineage | Use::Omit => String::new(),
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
    /// Changes every string and number of the value, and no name.
    fn map_values(&self, change: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::String(text) => Self::String(change(text)),
            Self::Number(digits) => Self::String(change(digits)),
            Self::Array(items) => Self::Array(items.iter().map(|item| item.map_values(change)).collect()),
            Self::Object(fields) => Self::Object(fields.iter().map(|(name, item)| (name.clone(), item.map_values(change))).collect()),
            other => other.clone(),
        }
    }

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
    fn a_row_holds_what_the_policy_lets_it() {
        let mut system = Message::new(Role::System, "be good".to_owned());
        system.steps.push("s0".to_owned());
        let mut turn = Message::new(Role::Assistant, "I look".to_owned());
        turn.thinking = Some("hm".to_owned());
        turn.add_call("c1", "bash", r#"{"cmd":"ls","n":[1,true]}"#);
        let of = |own: &str| super::super::Policy::with(own).unwrap().training().clone();
        let training = of("[training]\nthinking=\"omit\"\narguments=\"redact\"\nassistant_text=\"redact\"");
        let new = held(&turn, &training);
        assert_eq!((new.text.as_str(), &new.thinking), ("[REDACTED:assistant_text]", &None));
        assert_eq!(new.calls[0].args.text(), r#"{"cmd":"[REDACTED:arguments]","n":["[REDACTED:arguments]",true]}"#);
        assert_eq!(held(&turn, &of("")), turn);
        for (used, steps) in [("lineage", vec!["s0".to_owned()]), ("omit", Vec::new())] {
            let messages = [Arc::new(system.clone()), Arc::new(Message::new(Role::User, "go".to_owned()))];
            let new = prompt(&messages, &of(&format!("[training]\nsystem_prompt=\"{used}\"")));
            assert_eq!((new.len(), new[0].text.as_str(), &new[0].steps), (1, "go", &steps));
        }
    }

    #[test]
    fn names_strings_and_numbers_are_changed_and_order_stays() {
        let json = Json::parse(r#"{"k-secret":1,"b":["secret",{"secret":4111111111111111}],"c":2}"#).unwrap();
        let mut change = |text: &str| text.replace("secret", "X").replace("4111111111111111", "[card]");
        assert_eq!(json.map_texts(&mut change).text(), r#"{"k-X":1,"b":["X",{"X":"[card]"}],"c":2}"#);
    }
}
