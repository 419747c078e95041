//! A side of a pair: which turn it is, by a name that can be typed, and what it says.

use crate::export::{Message, Role};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// Where the turn of a side comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideKind {
    /// As it was recorded.
    Recorded,
    /// As a person wrote it in place of the recorded turn.
    Rewrite,
    /// The refused call once more, in place of the turn after the refusal.
    Repeat,
}

/// Names a side: where it comes from, and the turn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SideName {
    /// Where it comes from.
    pub kind: SideKind,
    /// The trajectory.
    pub trajectory: String,
    /// The turn: its first call, else its text.
    pub target: String,
}

impl SideKind {
    /// Takes the kind off a name of the command line: `rewrite:ID`, `repeat:ID`, or an id alone.
    #[must_use]
    pub fn split(name: &str) -> (Self, &str) {
        let of = |prefix: &str| name.strip_prefix(prefix);
        match (of("rewrite:"), of("repeat:")) {
            (Some(id), _) => (Self::Rewrite, id),
            (_, Some(id)) => (Self::Repeat, id),
            _ => (Self::Recorded, name),
        }
    }

    /// Gives the word of `origin` in documents.
    #[must_use]
    pub const fn origin(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Rewrite => "rewrite",
            Self::Repeat => "constructed:repeat",
        }
    }
}

impl SideName {
    /// Names the side as the command line takes it.
    #[must_use]
    pub fn name(&self) -> String {
        let prefix = match self.kind {
            SideKind::Recorded => "",
            SideKind::Rewrite => "rewrite:",
            SideKind::Repeat => "repeat:",
        };
        format!("{prefix}{}", crate::judging::name_of(&self.trajectory, &self.target))
    }
}

/// A call of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TurnCall {
    /// Tool.
    pub name: String,
    /// Arguments, a JSON text.
    #[serde(serialize_with = "as_json")]
    pub arguments: String,
}

fn as_json<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(text.to_owned()).map_err(serde::ser::Error::custom)?.serialize(serializer)
}

/// A message as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Who speaks: `system`, `user`, `assistant` or `tool`.
    pub who: &'static str,
    /// The tool that answers.
    pub tool: Option<String>,
    /// Text.
    pub text: String,
    /// Thinking before it.
    pub thinking: Option<String>,
    /// Calls.
    pub calls: Vec<TurnCall>,
    /// Whether the answer is that the call was refused.
    pub refused: bool,
}

impl Turn {
    /// Takes what a person reads from a message.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let call = |call: &crate::export::Call| TurnCall { name: call.name.clone(), arguments: call.args.text() };
        Self {
            who: message.role.as_str(),
            tool: message.tool.clone(),
            text: message.text.clone(),
            thinking: message.thinking.clone(),
            calls: message.calls.iter().map(call).collect(),
            refused: message.refused,
        }
    }
}

/// One side of a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairSide {
    /// Name, as `ossia pair` takes it.
    pub name: String,
    /// Trajectory.
    pub trajectory: String,
    /// The turn: its first call, else its text; `null` where no turn stands beside the other.
    pub target: Option<String>,
    /// `recorded`, `rewrite` or `constructed:repeat`.
    pub origin: &'static str,
    /// Arm.
    pub arm: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// The turn itself.
    pub turn: Option<Turn>,
}

/// Gives the parts of a message by which two are compared, each with its name.
pub fn parts(message: &Message) -> Vec<(String, String)> {
    let part = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut parts = vec![part("speaker", message.role.as_str())];
    parts.extend(message.tool.as_deref().map(|tool| part("tool", tool)));
    parts.push(part("text", &message.text));
    parts.extend(message.calls.iter().map(|call| (format!("call of {}", call.name), call.args.sorted().text())));
    parts
}

/// Says who speaks in a message, in words.
pub fn spoken(message: &Message) -> String {
    match (message.role, &message.tool) {
        (Role::Tool, Some(tool)) => format!("the answer of {tool}"),
        (Role::Tool, None) => "the answer of a tool".to_owned(),
        (Role::System, _) => "the system prompt".to_owned(),
        (Role::User, _) => "the user".to_owned(),
        (Role::Assistant, _) => "the agent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for (kind, text) in [(SideKind::Recorded, "maestro:a#t1"), (SideKind::Rewrite, "rewrite:maestro:a#t1"), (SideKind::Repeat, "repeat:maestro:a#t1")] {
            assert_eq!(SideKind::split(text), (kind, "maestro:a#t1"));
            assert_eq!(SideName { kind, trajectory: "maestro:a".to_owned(), target: "t1".to_owned() }.name(), text);
        }
    }
}
