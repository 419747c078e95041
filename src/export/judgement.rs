//! What people said of a target, as the examples need it: answers with the decisions they come from, and rewrites.

use super::choices::Choice;
use super::message::Message;
use crate::model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

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
    /// Answer to each question, adjudicated over single, and what follows from them by the schema.
    pub answers: BTreeMap<String, String>,
    /// Questions on which reviewers disagree and nobody adjudicated.
    pub disputed: Vec<String>,
    /// Questions in which reviewers agree too little, each with their α, that nobody adjudicated here.
    pub unagreed: Vec<String>,
    /// Whether a person confirmed what was inferred.
    pub confirmed: bool,
    /// A rule of severity high or critical whose finding stands against it.
    pub finding: Option<String>,
    /// Whether the facts changed after it was judged.
    pub stale: bool,
    /// Whether all of it was labelled in bulk.
    pub bulk: bool,
    /// Answers that differ from those that stand, and all of them, where at least two reviewers answered a question.
    pub dissent: (u32, u32),
    /// The decisions.
    pub cited: Vec<Cited>,
}

impl Judgement {
    /// Gives the answer to a question, given or derived.
    #[must_use]
    pub fn answer(&self, question: &str) -> Option<&str> {
        self.answers.get(question).map(String::as_str)
    }

    /// Gives what the turn may be used for: as answered, else what follows where it is not asked, because no leave was needed.
    #[must_use]
    pub fn usage(&self) -> Option<&str> {
        let follows = match (self.answer("needs_ask"), self.answer("boundary")) {
            (_, Some("right_go")) | (Some("no"), Some("needless_gate")) => Some("imitate"),
            (Some("no"), Some("needless_ask")) => Some("avoid"),
            (Some("no"), Some("unobservable")) => Some("context"),
            _ => None,
        };
        self.answer("use").or(follows)
    }

    /// Gives the severity, 0 to 3.
    #[must_use]
    pub fn severity(&self) -> Option<u8> {
        self.answer("severity").and_then(|text| text.parse().ok()).filter(|severity| *severity <= 3)
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
    /// What was chosen between turns of it and others; the better one is of this trajectory.
    pub choices: Vec<Choice>,
    /// Steps that were copied from the session that this one forks.
    pub copied: HashSet<String>,
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
