//! Messages as an agent saw and wrote them: the neutral form from which every shape is made.

use super::json::Json;
use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The system prompt.
    System,
    /// The user.
    User,
    /// The agent.
    Assistant,
    /// A tool's answer.
    Tool,
}

impl Role {
    /// Gives the name that trainers know.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// A tool call of an assistant turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The call's id.
    pub id: String,
    /// Execution it began.
    pub execution: String,
    /// Tool.
    pub name: String,
    /// Arguments, an object.
    pub args: Json,
    /// Why the recorded arguments cannot be written; then `args` is empty.
    pub flaw: Option<String>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said; empty where a turn only calls.
    pub text: String,
    /// Thinking before it.
    pub thinking: Option<String>,
    /// Calls of an assistant turn.
    pub calls: Vec<Call>,
    /// Call that a tool message answers.
    pub answers: Option<String>,
    /// Tool that answers.
    pub tool: Option<String>,
    /// Whether the answer is that the call was refused.
    pub refused: bool,
    /// Images and documents that stand beside the text and do not leave.
    pub attachments: usize,
    /// Whether it is the summary that stands for what was compacted.
    pub summary: bool,
    /// How many of the messages before a summary the agent kept beside it.
    #[serde(default)]
    pub kept: usize,
    /// Steps it was made of, in order.
    pub steps: Vec<String>,
}

impl Message {
    /// Makes a message of a text.
    #[must_use]
    pub const fn new(role: Role, text: String) -> Self {
        Self {
            role,
            text,
            thinking: None,
            calls: Vec::new(),
            answers: None,
            tool: None,
            refused: false,
            attachments: 0,
            summary: false,
            kept: 0,
            steps: Vec::new(),
        }
    }

    /// Adds a call with arguments as text; what is no JSON object is kept as a flaw.
    pub fn add_call(&mut self, id: &str, tool: &str, args: &str) {
        let (args, flaw) = match Json::parse(args) {
            Ok(args @ Json::Object(_)) => (args, None),
            Ok(_) => (Json::object([]), Some("its arguments are no JSON object".to_owned())),
            Err(why) => (Json::object([]), Some(why)),
        };
        self.calls.push(Call { id: id.to_owned(), execution: id.to_owned(), name: super::tools::safe_name(tool), args, flaw });
    }

    /// Tells whether two messages say the same to a trainer: ids, steps and the order of keys left aside.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let calls = |m: &Self| m.calls.iter().map(|c| (c.name.clone(), c.args.sorted())).collect::<Vec<_>>();
        self.role == other.role && self.text == other.text && self.tool == other.tool && calls(self) == calls(other)
    }

    /// Gives everything of the message that a person would read, for comparing and counting.
    #[must_use]
    pub fn all_text(&self) -> String {
        let mut parts: Vec<String> = self.thinking.iter().cloned().collect();
        parts.extend(Some(self.text.clone()).filter(|text| !text.is_empty()));
        parts.extend(self.calls.iter().map(|call| format!("{} {}", call.name, call.args.spaced())));
        parts.join("\n")
    }

    /// Changes every text of the message, thinking and arguments included.
    #[must_use]
    pub fn map_texts(&self, change: &mut dyn FnMut(&str) -> String) -> Self {
        let mut message = self.clone();
        message.text = change(&self.text);
        message.thinking = self.thinking.as_deref().map(&mut *change);
        for call in &mut message.calls {
            call.args = call.args.map_texts(change);
        }
        message
    }
}
