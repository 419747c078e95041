//! A step: one event of a trajectory.

use super::origin::Origin;
use super::time::Timestamp;
use super::usage::Usage;
use super::words::{Actor, Kind};
use serde::Serialize;

/// One event of a trajectory, with its stable id and the records it was seen in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Stable id, the same in every stream and import order.
    pub id: String,
    /// All other ids the step was seen under.
    pub aliases: Vec<String>,
    /// Place in the trajectory, from 1.
    pub seq: u32,
    /// Step it follows in the session's tree; `None` for a root or where the format has no tree.
    pub parent: Option<String>,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Who it comes from.
    pub actor: Actor,
    /// What it is.
    pub kind: Kind,
    /// Its text: the message, the command or arguments, the output, the reason.
    pub text: String,
    /// Content beside the text, such as images.
    pub parts: Vec<Part>,
    /// Execution it belongs to.
    pub execution: Option<String>,
    /// Model that produced it, where stated per record.
    pub model: Option<String>,
    /// Usage of the turn.
    pub usage: Option<Usage>,
    /// Records it was read from, the fullest first.
    pub origins: Vec<Origin>,
    /// Marks of redaction found in it.
    pub redactions: Vec<Redaction>,
}

/// Content of a step that is not its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `image`, `document` or another kind of attachment.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// File name or description.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes as recorded.
    pub size_bytes: u64,
}

/// A mark that something was redacted, or a claim that it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redaction {
    /// Where in the step, such as `text` or `args.command`.
    pub path: String,
    /// The mark as it stands there.
    pub marker: String,
    /// What it says was there, such as `api_key`.
    pub class: Option<String>,
    /// First 8 hex digits of the secret's SHA-256, if the mark carries them.
    pub hash8: Option<String>,
}
