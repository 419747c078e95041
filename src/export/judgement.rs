//! What people said of a target, as the examples need it: answers with the decisions they come from, and rewrites.

use super::message::Message;
use crate::model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A decision that an export rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cited {
    /// Hash of the journal's entry.
    pub entry: String,
    /// Kind of the decision.
    pub kind: String,
    /// Who decided, as the export names them.
    pub reviewer: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
}

/// What is known of one target: an execution, a step, or the trajectory as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Answer to each question, adjudicated over single.
    pub answers: BTreeMap<String, String>,
    /// Questions on which reviewers disagree and nobody adjudicated.
    pub disputed: Vec<String>,
    /// Whether the facts changed after it was judged.
    pub stale: bool,
    /// Whether all of it was labelled in bulk.
    pub bulk: bool,
    /// The decisions.
    pub cited: Vec<Cited>,
}

impl Judgement {
    /// Gives the answer to a question.
    #[must_use]
    pub fn answer(&self, question: &str) -> Option<&str> {
        self.answers.get(question).map(String::as_str)
    }
}

/// A better passage that a person wrote for a turn; the recorded turn stays beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The turn as rewritten.
    pub message: Message,
    /// Why, in the reviewer's words; never in a row.
    pub note: Option<String>,
    /// The decision.
    pub cited: Cited,
}

/// Everything people said of one trajectory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgements {
    /// By target: execution or step id; the trajectory itself under the empty name.
    pub targets: BTreeMap<String, Judgement>,
    /// By the turn's target.
    pub rewrites: BTreeMap<String, Rewrite>,
    /// Latest decision, for dates in a bundle.
    pub latest: Option<Timestamp>,
}

impl Judgements {
    /// Gives what was said of a target.
    #[must_use]
    pub fn of(&self, target: &str) -> Option<&Judgement> {
        self.targets.get(target)
    }

    /// Gives what was said of the trajectory as a whole.
    #[must_use]
    pub fn whole(&self) -> Option<&Judgement> {
        self.targets.get("")
    }
}
