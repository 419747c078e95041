//! Messages of GenAI spans, in whichever convention they were written: attributes with `parts`, or the older span events.

use crate::formats::access::content_text;
use crate::formats::json::{Node, parse};
use crate::model::ids;
use serde_json::{Value, json};

/// A message of a model's input or output.
#[derive(Clone)]
pub struct Message {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What it says, in order.
    pub parts: Vec<Part>,
}

/// One part of a message.
#[derive(Clone)]
pub enum Part {
    /// Text.
    Text(String),
    /// Thinking.
    Reasoning(String),
    /// A requested tool call.
    Call {
        /// Id, where stated.
        id: Option<String>,
        /// Tool name.
        tool: String,
        /// Arguments, raw JSON.
        args: Option<Box<str>>,
    },
    /// What a tool gave back.
    Response {
        /// Id of the call, where stated.
        id: Option<String>,
        /// Text, or raw JSON where it is no text.
        text: String,
    },
    /// An image or a file.
    Attachment {
        /// URI, file id or kind.
        name: String,
        /// Media type.
        media_type: String,
        /// Size in bytes, encoded as recorded.
        bytes: u64,
    },
    /// A part that the convention does not list; its text.
    Other(String),
}

impl Message {
    /// Names what the message says, so that it is known again in a later span; thinking is left out, as histories drop it.
    #[must_use]
    pub fn key(&self) -> String {
        let mut said = self.role.clone();
        for part in &self.parts {
            let (kind, text) = match part {
                Part::Reasoning(_) => continue,
                Part::Text(text) => ("text", text.as_str()),
                Part::Call { id: Some(id), .. } => ("call", id.as_str()),
                Part::Call { args, tool, .. } => ("call", args.as_deref().unwrap_or(tool)),
                Part::Response { id: Some(id), .. } => ("response", id.as_str()),
                Part::Response { text, .. } | Part::Other(text) => ("other", text.as_str()),
                Part::Attachment { name, .. } => ("attachment", name.as_str()),
            };
            for piece in ["\u{1}", kind, "\u{2}", text] {
                said.push_str(piece);
            }
        }
        ids::record_hash(said.as_bytes())
    }
}

/// Gives an attribute of a span or event as text: a string as it is, everything else as JSON.
#[must_use]
pub fn attribute(holder: &Node<'_>, key: &str) -> Option<String> {
    let attributes = holder.get("attributes")?;
    if let Some(plain) = attributes.get(key) {
        return Some(plain.as_str().map_or_else(|| plain.raw.to_owned(), str::to_owned));
    }
    let value = attributes.items().iter().find(|a| a.str("key") == Some(key))?.get("value")?;
    match any_value(value) {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Gives an `AnyValue` as text: a string as it is, everything else as JSON, nothing for none.
#[must_use]
pub fn value_text(node: &Node<'_>) -> String {
    match any_value(node) {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Takes OTLP's `AnyValue` for what it means; 64-bit numbers stand in strings there.
fn any_value(value: &Node<'_>) -> Value {
    let Some((kind, inner)) = value.fields().first() else { return Value::Null };
    match kind.as_ref() {
        "intValue" => inner.as_str().and_then(|n| serde_json::from_str(n).ok()).unwrap_or_else(|| inner.to_value()),
        "arrayValue" => inner.get("values").map(Node::items).unwrap_or_default().iter().map(any_value).collect(),
        "kvlistValue" => {
            let fields = inner.get("values").map(Node::items).unwrap_or_default();
            fields.iter().filter_map(|f| Some((f.str("key")?.to_owned(), any_value(f.get("value")?)))).collect::<serde_json::Map<_, _>>().into()
        }
        _ => inner.to_value(),
    }
}

/// Reads a JSON text of messages; a text that is no JSON is one message of that role.
#[must_use]
pub fn messages(text: &str, role: &str) -> Vec<Message> {
    let Ok(node) = parse(text) else { return vec![Message { role: role.to_owned(), parts: vec![Part::Text(text.to_owned())] }] };
    let list = if node.is_array() { node.items() } else { std::slice::from_ref(&node) };
    // An array of parts, as system instructions are written, is one message.
    if !list.is_empty() && list.iter().all(|item| item.get("type").is_some() && item.get("role").is_none()) {
        return vec![Message { role: role.to_owned(), parts: list.iter().map(part).collect() }];
    }
    list.iter().map(|item| message(item, role)).collect()
}

/// Reads the messages that a span event tells, and whether they are the model's output; none for any other event.
#[must_use]
pub fn of_event(event: &Node<'_>) -> Option<(Vec<Message>, bool)> {
    let stated = |key: &str| attribute(event, key);
    let told = match event.str("name")? {
        "gen_ai.content.prompt" => (messages(&stated("gen_ai.prompt").or_else(|| stated("content"))?, "user"), false),
        "gen_ai.content.completion" => (messages(&stated("gen_ai.completion").or_else(|| stated("content"))?, "assistant"), true),
        "gen_ai.system.message" => (one(event, "system"), false),
        "gen_ai.user.message" => (one(event, "user"), false),
        "gen_ai.assistant.message" => (one(event, "assistant"), false),
        "gen_ai.tool.message" => (one(event, "tool"), false),
        "gen_ai.choice" => (one(event, "assistant"), true),
        _ => return None,
    };
    Some(told)
}

/// Reads an event that is one message: its fields stand as attributes, or as JSON in `gen_ai.event.content`.
fn one(event: &Node<'_>, role: &str) -> Vec<Message> {
    if let Some(body) = attribute(event, "gen_ai.event.content") {
        return messages(&body, role);
    }
    let mut fields = serde_json::Map::new();
    for key in ["role", "content", "tool_calls", "id", "tool_call_id", "message"] {
        if let Some(text) = attribute(event, key) {
            let structured = matches!(key, "tool_calls" | "message").then(|| serde_json::from_str(&text).ok()).flatten();
            fields.insert(key.to_owned(), structured.unwrap_or_else(|| json!(text)));
        }
    }
    messages(&Value::Object(fields).to_string(), role)
}

fn message(node: &Node<'_>, role: &str) -> Message {
    // A choice holds its message one level deeper; some write the message's content in its place.
    let node = node.get("message").filter(|m| m.is_object()).unwrap_or(node);
    let role = node.owned(&["role"]).unwrap_or_else(|| role.to_owned());
    let mut parts: Vec<Part> = node.get("parts").map(Node::items).unwrap_or_default().iter().map(part).collect();
    let content = node.any(&["content", "message"]).map(content_text).filter(|text| !text.is_empty());
    if role == "tool" && parts.is_empty() {
        let text = content.or_else(|| node.get("content").map(|c| c.raw.to_owned())).unwrap_or_default();
        parts.push(Part::Response { id: node.owned(&["tool_call_id", "id"]), text });
    } else {
        parts.extend(content.map(Part::Text));
    }
    for call in node.get("tool_calls").map(Node::items).unwrap_or_default() {
        let function = call.get("function").unwrap_or(call);
        let args = function.get("arguments").map(Node::raw_args);
        parts.push(Part::Call { id: call.owned(&["id"]), tool: function.owned(&["name"]).unwrap_or_default(), args });
    }
    if parts.is_empty() {
        parts.extend(node.as_str().map(|text| Part::Text(text.to_owned())));
    }
    Message { role, parts }
}

fn part(node: &Node<'_>) -> Part {
    let content = || node.any(&["content", "text"]).map(content_text).unwrap_or_default();
    match node.str("type") {
        Some("text") => Part::Text(content()),
        Some("reasoning" | "thinking") => Part::Reasoning(content()),
        Some("tool_call") => {
            Part::Call { id: node.owned(&["id"]), tool: node.owned(&["name"]).unwrap_or_default(), args: node.get("arguments").map(Node::raw_args) }
        }
        Some("tool_call_response") => {
            let given = node.any(&["response", "result", "content"]);
            Part::Response { id: node.owned(&["id"]), text: given.map(shown).unwrap_or_default() }
        }
        Some(kind @ ("blob" | "uri" | "file")) => Part::Attachment {
            name: node.owned(&["uri", "file_id", "modality"]).unwrap_or_else(|| kind.to_owned()),
            media_type: node.owned(&["mime_type"]).unwrap_or_default(),
            bytes: node.str_any(&["content", "data"]).map_or(0, |data| data.len() as u64),
        },
        _ => Part::Other(node.all_text()),
    }
}

/// Gives what a tool gave back as a person reads it: the text of a string or of text parts, else the JSON.
#[must_use]
pub fn shown(node: &Node<'_>) -> String {
    let parts = !node.items().is_empty() && node.items().iter().all(|item| item.str("text").is_some());
    if node.as_str().is_some() || parts { content_text(node) } else { node.raw.to_owned() }
}

/// Gives the text of a result that an attribute holds as JSON; what is no JSON string stays as it is.
#[must_use]
pub fn shown_text(text: String) -> String {
    let decoded = text.starts_with('"').then(|| parse(&text).ok().and_then(|node| node.as_str().map(str::to_owned))).flatten();
    decoded.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> (String, String) {
        let event = parse(text).unwrap();
        let (messages, _) = of_event(&event).unwrap();
        let text = match &messages[0].parts[0] {
            Part::Text(text) | Part::Response { text, .. } => text.clone(),
            Part::Call { id, tool, args } => format!("{id:?} {tool} {args:?}"),
            _ => String::new(),
        };
        (messages[0].role.clone(), text)
    }

    #[test]
    fn older_events_tell_messages() {
        let user = r#"{"name":"gen_ai.user.message","attributes":[{"key":"content","value":{"stringValue":"go"}}]}"#;
        assert_eq!(first(user), ("user".into(), "go".into()));
        let tool = r#"{"name":"gen_ai.tool.message","attributes":[{"key":"content","value":{"stringValue":"3"}},{"key":"id","value":{"stringValue":"c"}}]}"#;
        assert_eq!(first(tool), ("tool".into(), "3".into()));
        let choice = r#"{"name":"gen_ai.choice","attributes":[{"key":"message","value":{"kvlistValue":{"values":[{"key":"tool_calls","value":{"arrayValue":{"values":[
            {"kvlistValue":{"values":[{"key":"id","value":{"stringValue":"c"}},{"key":"function","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"sh"}}]}}}]}}]}}}]}}}]}"#;
        assert_eq!(first(choice).1, "Some(\"c\") sh None");
        let prompt =
            r#"{"name":"gen_ai.content.prompt","attributes":[{"key":"gen_ai.prompt","value":{"stringValue":"[{\"role\":\"user\",\"content\":\"hi\"}]"}}]}"#;
        assert_eq!(first(prompt), ("user".into(), "hi".into()));
        let body = r#"{"name":"gen_ai.user.message","attributes":{"gen_ai.event.content":"{\"role\":\"user\",\"content\":\"hi\"}"}}"#;
        assert_eq!(first(body), ("user".into(), "hi".into()));
    }

    #[test]
    fn results_show_their_text() {
        assert_eq!(shown_text("\"a \\\"b\\\"\"".into()), "a \"b\"");
        assert_eq!(shown_text("\"a\" and \"b\"".into()), "\"a\" and \"b\"");
        assert_eq!(shown_text("{\"n\":1}".into()), "{\"n\":1}");
    }
}
