//! Structured messages: calls as fields beside the text, in the forms that chat templates and services take.

use crate::export::json::Json;
use crate::export::message::{Call, Message, Role};
use crate::export::tools::Tool;

/// How a family of consumers writes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Chat templates: arguments are objects, content is always a string.
    Template,
    /// OpenAI's service: arguments are strings of JSON, content is null where there is none.
    Service,
    /// Inspect: calls are flat, refusals are errors of the tool's answer.
    Inspect,
}

/// Writes a message.
#[must_use]
pub fn message(message: &Message, form: Form) -> Json {
    let silent = message.role == Role::Assistant && message.text.is_empty() && !message.calls.is_empty();
    let content = if silent && form == Form::Service { Json::Null } else { message.text.as_str().into() };
    let mut json = Json::object([("role", message.role.as_str().into()), ("content", content)]);
    if let Some(thinking) = message.thinking.as_deref().filter(|_| form == Form::Template) {
        json.push("reasoning_content", thinking.into());
    }
    if !message.calls.is_empty() {
        json.push("tool_calls", message.calls.iter().map(|c| call(c, form)).collect::<Vec<_>>().into());
    }
    if message.role == Role::Tool {
        json.push("tool_call_id", message.answers.as_deref().unwrap_or_default().into());
        let tool = message.tool.as_deref().unwrap_or_default();
        match form {
            Form::Template => json.push("name", tool.into()),
            Form::Service => {}
            Form::Inspect => {
                json.push("function", tool.into());
                if message.refused {
                    json.push("error", Json::object([("type", "approval".into()), ("message", message.text.as_str().into())]));
                }
            }
        }
    }
    json
}

fn call(call: &Call, form: Form) -> Json {
    let (id, name) = (Json::from(call.id.as_str()), Json::from(call.name.as_str()));
    let function = |arguments: Json| Json::object([("name", name.clone()), ("arguments", arguments)]);
    match form {
        Form::Template => Json::object([("id", id), ("type", "function".into()), ("function", function(call.args.clone()))]),
        Form::Service => Json::object([("id", id), ("type", "function".into()), ("function", function(call.args.text().into()))]),
        Form::Inspect => Json::object([("id", id), ("function", name.clone()), ("arguments", call.args.clone()), ("type", "function".into())]),
    }
}

/// Writes the tools as a JSON text, which every loader keeps as it is; null where there are none, because an empty list prints boilerplate.
#[must_use]
pub fn tools_text(tools: &[Tool]) -> Json {
    if tools.is_empty() { Json::Null } else { tools_list(tools).text().into() }
}

/// Writes the tools as a list.
#[must_use]
pub fn tools_list(tools: &[Tool]) -> Json {
    tools.iter().map(Tool::definition).collect::<Vec<_>>().into()
}
