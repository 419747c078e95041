//! Folding: calls and tools written into text, in the syntax a family of models was trained on.

use crate::export::definition::Family;
use crate::export::example::Example;
use crate::export::json::Json;
use crate::export::message::{Call, Message, Role};
use crate::export::tools::Tool;
use std::sync::Arc;

/// A message that is nothing but a role and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// Role.
    pub role: &'static str,
    /// Text, calls included.
    pub content: String,
}

impl Folded {
    /// Writes it as trainers take it.
    #[must_use]
    pub fn json(&self) -> Json {
        Json::object([("role", self.role.into()), ("content", self.content.as_str().into())])
    }
}

/// Folds a prompt; the tools stand at the end of the system message, which is made if there is none.
#[must_use]
pub fn prompt(messages: &[Arc<Message>], tools: &[Tool], family: Family) -> Vec<Folded> {
    let mut folded: Vec<Folded> = messages.iter().map(|message| folded(message, family)).collect();
    if !tools.is_empty() {
        if folded.first().is_none_or(|first| first.role != "system") {
            folded.insert(0, Folded { role: "system", content: String::new() });
        }
        if let Some(first) = folded.first_mut() {
            let gap = if first.content.is_empty() { "" } else { "\n\n" };
            first.content = format!("{}{gap}{}", first.content, declare(tools, family));
        }
    }
    folded
}

/// Folds one message.
#[must_use]
pub fn folded(message: &Message, family: Family) -> Folded {
    let mut parts: Vec<String> = message.thinking.iter().map(|text| format!("<think>\n{text}\n</think>")).collect();
    parts.extend(Some(message.text.clone()).filter(|text| !text.is_empty()));
    parts.extend(message.calls.iter().map(|call| write_call(call, family)));
    Folded { role: message.role.as_str(), content: parts.join(if message.role == Role::Assistant { "\n" } else { "" }) }
}

fn write_call(call: &Call, family: Family) -> String {
    match family {
        Family::HermesJson => {
            let object = Json::object([("name", call.name.as_str().into()), ("arguments", call.args.clone())]);
            format!("<tool_call>\n{}\n</tool_call>", object.spaced())
        }
        Family::LlamaJson => Json::object([("name", call.name.as_str().into()), ("parameters", call.args.clone())]).spaced(),
        Family::QwenXml => {
            let value = |json: &Json| json.as_str().map_or_else(|| json.spaced(), str::to_owned);
            let fields: String = call.args.fields().iter().map(|(key, json)| format!("<parameter={key}>\n{}\n</parameter>\n", value(json))).collect();
            format!("<tool_call>\n<function={}>\n{fields}</function>\n</tool_call>", call.name)
        }
    }
}

fn declare(tools: &[Tool], family: Family) -> String {
    let list = |tools: &[Tool]| tools.iter().map(|tool| tool.definition().spaced()).collect::<Vec<_>>().join("\n");
    match family {
        Family::HermesJson => format!(
            "# Tools\n\nYou may call one or more functions.\n\nTheir signatures are within <tools></tools>:\n<tools>\n{}\n</tools>\n\nWrite each call as a JSON object with name and arguments within <tool_call></tool_call>:\n<tool_call>\n{{\"name\": <function-name>, \"arguments\": <args-json-object>}}\n</tool_call>",
            list(tools)
        ),
        Family::QwenXml => format!(
            "# Tools\n\nThese functions can be called:\n<tools>\n{}\n</tools>\n\nWrite each call in this form:\n<tool_call>\n<function=NAME>\n<parameter=KEY>\nVALUE\n</parameter>\n</function>\n</tool_call>",
            list(tools)
        ),
        Family::LlamaJson => {
            format!("Functions that can be called, each call a JSON object {{\"name\": function name, \"parameters\": arguments}}:\n{}", list(tools))
        }
    }
}

/// Says why the prompt of an example or one of the sides has no place in the family's syntax.
pub fn check(example: &Example, sides: &[&Message], family: Family) -> Result<(), String> {
    let mut all = example.prompt.iter().map(|m| &**m).chain(sides.iter().copied());
    all.find_map(|message| flaw(message, family)).map_or(Ok(()), Err)
}

/// Folds the prompt of an example after checking it and the sides.
pub fn checked(example: &Example, sides: &[&Message], family: Family) -> Result<Vec<Folded>, String> {
    check(example, sides, family)?;
    Ok(prompt(&example.prompt, &example.tools, family))
}

/// Says why a turn has no place in the family's syntax.
fn flaw(message: &Message, family: Family) -> Option<String> {
    (family == Family::LlamaJson && message.calls.len() > 1).then(|| "llama3-json has one call to a turn".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_writes_a_call_its_own_way() {
        let args = Json::parse(r#"{"command":"ls","timeout":3}"#).unwrap();
        let call = Call { id: "1".into(), execution: "1".into(), name: "bash".into(), args, flaw: None };
        let mut message = Message::new(Role::Assistant, "Looking.".to_owned());
        message.calls.push(call);
        let text = |family| folded(&message, family).content;
        assert_eq!(text(Family::HermesJson), "Looking.\n<tool_call>\n{\"name\": \"bash\", \"arguments\": {\"command\": \"ls\", \"timeout\": 3}}\n</tool_call>");
        assert!(
            text(Family::QwenXml)
                .ends_with("<function=bash>\n<parameter=command>\nls\n</parameter>\n<parameter=timeout>\n3\n</parameter>\n</function>\n</tool_call>")
        );
        assert!(text(Family::LlamaJson).ends_with("{\"name\": \"bash\", \"parameters\": {\"command\": \"ls\", \"timeout\": 3}}"));
        message.calls.push(message.calls[0].clone());
        assert!(flaw(&message, Family::LlamaJson).is_some() && flaw(&message, Family::HermesJson).is_none());
    }
}
