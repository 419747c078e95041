//! Tool definitions: whatever form a source declared them in, as function schemas whose names every trainer takes.

use super::json::Json;
use super::message::Message;
use crate::model::ids::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The longest name of a function.
const MAX_NAME: usize = 64;

/// A tool as declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Name, as the trainers take it.
    pub name: String,
    /// Description; empty where none was declared.
    pub description: String,
    /// JSON Schema of the arguments.
    pub parameters: Json,
    /// Whether a schema was recorded; else `parameters` only says that arguments are an object.
    pub has_schema: bool,
}

impl Tool {
    /// Writes the function schema without its envelope.
    #[must_use]
    pub fn function(&self) -> Json {
        let (name, description) = (self.name.as_str().into(), self.description.as_str().into());
        Json::object([("name", name), ("description", description), ("parameters", self.parameters.clone())])
    }

    /// Writes the function schema as chat templates and services take it.
    #[must_use]
    pub fn definition(&self) -> Json {
        Json::object([("type", "function".into()), ("function", self.function())])
    }
}

/// Maps a tool's name into `[A-Za-z0-9_-]{1,64}`; names that must change carry six hex digits of their hash, so that no two meet.
#[must_use]
pub fn safe_name(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(fits) {
        return name.to_owned();
    }
    let kept: String = name.chars().map(|c| if fits(c) { c } else { '_' }).take(MAX_NAME - 7).collect();
    format!("{kept}_{}", &hex(&Sha256::digest(name.as_bytes()))[..6])
}

/// Reads the declared tools and adds those that are called without having been declared, in order of their names.
#[must_use]
pub fn declared(raw: &[Box<str>], messages: &[Message]) -> Vec<Tool> {
    let mut tools: Vec<Tool> = Vec::new();
    for tool in raw.iter().filter_map(|text| Json::parse(text).ok()).filter_map(|json| read(&json)) {
        if tools.iter().all(|known| known.name != tool.name) {
            tools.push(tool);
        }
    }
    let mut used: Vec<&str> = messages.iter().flat_map(|m| &m.calls).map(|c| c.name.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    for name in used {
        if tools.iter().all(|known| known.name != name) {
            tools.push(Tool { name: name.to_owned(), description: String::new(), parameters: any_object(), has_schema: false });
        }
    }
    tools
}

fn any_object() -> Json {
    Json::object([("type", "object".into())])
}

fn read(json: &Json) -> Option<Tool> {
    let function = json.get("function").filter(|f| matches!(f, Json::Object(_))).unwrap_or(json);
    let name = function.get("name").and_then(Json::as_str).or_else(|| json.as_str())?;
    let schema = ["parameters", "input_schema", "inputSchema"].iter().find_map(|key| function.get(key)).filter(|s| matches!(s, Json::Object(_)));
    Some(Tool {
        name: safe_name(name),
        description: function.get("description").and_then(Json::as_str).unwrap_or_default().to_owned(),
        parameters: schema.cloned().unwrap_or_else(any_object),
        has_schema: schema.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mapped_and_never_meet() {
        assert_eq!(safe_name("read_file-2"), "read_file-2");
        let (a, b) = (safe_name("mcp/fs.read"), safe_name("mcp/fs/read"));
        assert!(a.starts_with("mcp_fs_read_") && a != b);
        assert!(safe_name(&"é".repeat(90)).len() <= MAX_NAME && safe_name("").len() == 7);
    }

    #[test]
    fn every_form_of_declaration_is_read() {
        let raw = [
            r#"{"name":"bash","label":"Bash","description":"Run"}"#,
            r#"{"name":"Read","input_schema":{"type":"object","properties":{}}}"#,
            r#"{"type":"function","function":{"name":"sql","parameters":{"type":"object"}}}"#,
        ];
        let tools = declared(&raw.map(Box::from), &[]);
        assert_eq!(tools.iter().map(|t| (t.name.as_str(), t.has_schema)).collect::<Vec<_>>(), [("bash", false), ("Read", true), ("sql", true)]);
    }
}
