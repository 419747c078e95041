//! What people say while judging: the bodies of the journal's entries.

use super::schema::TargetKind;
use crate::model::{EntryId, Recorded};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a decision is about. It is found again by its id or any alias, whatever was imported since.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// What kind of thing.
    pub kind: TargetKind,
    /// The trajectory.
    pub trajectory: String,
    /// Step or execution of it; empty for the trajectory itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// All other ids it was known by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl Target {
    /// Names it as the command line does: `TRAJECTORY` or `TRAJECTORY#ID`.
    #[must_use]
    pub fn name(&self) -> String {
        name_of(&self.trajectory, &self.id)
    }
}

/// Names a target as the command line does.
#[must_use]
pub fn name_of(trajectory: &str, id: &str) -> String {
    if id.is_empty() { trajectory.to_owned() } else { format!("{trajectory}#{id}") }
}

/// How an answer came to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// By its key.
    Key,
    /// By taking the proposal.
    Proposal,
    /// To many at once.
    Bulk,
    /// Copied from the representative of a cluster of near-duplicates.
    Cluster,
    /// On the command line, for one target.
    Command,
    /// From a file of labels.
    File,
}

impl Via {
    /// Tells whether the answer was a judgement of its own, and so counts for agreement.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Proposal | Self::Bulk | Self::Cluster)
    }

    /// Gives the word it is written as.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Proposal => "proposal",
            Self::Bulk => "bulk",
            Self::Cluster => "cluster",
            Self::Command => "command",
            Self::File => "file",
        }
    }
}

/// The place that shows an answer: a span of a step's text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Step.
    pub step: String,
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
}

/// The draw by which an item came to be judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// The queue.
    pub queue: Arc<str>,
    /// The stratum it was drawn from.
    pub stratum: Arc<str>,
    /// Probability of having been drawn, above 0 and up to 1.
    pub probability: f64,
}

/// One answer to one question about one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// What it is about.
    pub target: Target,
    /// Name of the schema.
    pub schema: String,
    /// Its version.
    pub version: u32,
    /// First 16 hex digits of its hash.
    pub schema_hash: String,
    /// The question.
    pub question: String,
    /// First 16 hex digits over what the question asked and offered.
    pub question_hash: String,
    /// The answer, or `cannot_tell`.
    pub answer: String,
    /// How sure the reviewer was, 1 to 3; absent is 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// How it was given.
    pub via: Via,
    /// Whether more was seen than the agent had seen.
    pub hindsight: bool,
    /// Time spent on it in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// Hash of the facts it was judged by, 16 hex digits.
    pub facts: String,
    /// Marks of the parts of those facts, by which it is said later what changed; empty for what is no call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub marks: String,
    /// Hash of the rules whose proposals were shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// What was on screen beside the item: the proposal, and whether arm and names were hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// The place that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// The draw it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
    /// Whether the reviewer was asked a second time, to see whether they answer the same; such an answer replaces none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// What was on screen when an answer was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The answer proposed, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// Whether the reviewer refused it before answering.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// Whether the arm and its traces were hidden.
    pub blind: bool,
}

/// The answer that stands where reviewers differ: a third entry beside theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjudication {
    /// What it is about.
    pub target: Target,
    /// Name of the schema.
    pub schema: String,
    /// The question.
    pub question: String,
    /// The answer that stands.
    pub answer: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The labels it was decided between.
    #[serde(default)]
    pub between: Vec<EntryId>,
}

/// Says that an answer, one's own or another's, must be looked at again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dispute {
    /// What it is about.
    pub target: Target,
    /// Name of the schema.
    pub schema: String,
    /// The question.
    pub question: String,
    /// Why.
    pub note: String,
}

/// A remark about a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about.
    pub target: Target,
    /// The remark.
    pub text: String,
}

/// Marks a target for a second look, or takes the mark off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// What it is about.
    pub target: Target,
    /// Whether the mark is set.
    pub set: bool,
}

/// A person's word on an inferred fact: `fact` is what it names, `value` what it is; a `value` of none rejects it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// What it is about.
    pub target: Target,
    /// The fact, such as `retry_of` or `decided_by`.
    pub fact: String,
    /// What it is.
    pub value: Option<String>,
    /// Why.
    pub note: String,
}

/// A label schema, as its text; the last one of a name counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemaText {
    /// The TOML text.
    pub text: String,
}

/// Says that the labels of a chain are the right answers of a training round, not a reviewer's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gold {
    /// The journal.
    pub journal: String,
    /// Who decided.
    pub reviewer: String,
}

/// A queue: a saved query with an order and a draw. The last one of a name counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueText {
    /// Name.
    pub name: String,
    /// Query in the filter language; empty is everything.
    pub query: String,
    /// Schema that is asked.
    pub schema: String,
    /// Order: `oldest`, `risk`, `disagreement`, `random`, `uncertainty`, `tool` or `arm`.
    pub order: String,
    /// Seed of what is random in it.
    pub seed: u64,
    /// At most so many items; absent is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
    /// Share of items that a second reviewer judges as well, 0 to 1.
    #[serde(default)]
    pub second: f64,
    /// Share of items that the same reviewer judges a second time later on, 0 to 1.
    #[serde(default)]
    pub again: f64,
    /// Whether it settles what reviewers differ about, instead of asking anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settles: bool,
    /// Whether the arm and its traces are hidden.
    #[serde(default)]
    pub blind: bool,
    /// Reviewers among whom the items are dealt out; none means whoever opens it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<String>,
}

macro_rules! recorded {
    ($($body:ident $kind:literal),+ $(,)?) => {
        $(impl Recorded for $body { const KIND: &'static str = $kind; })+
    };
}

recorded!(
    Label "label", Adjudication "adjudication", Dispute "dispute", Note "note", Flag "flag", Amendment "amend", SchemaText "schema", Gold "gold",
    QueueText "queue",
);
