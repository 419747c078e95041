//! Examples: a prompt, the turn to learn or to avoid, and where each of them comes from.

use super::choices::Choosing;
use super::judgement::Cited;
use super::message::Message;
use super::splits::Split;
use super::tools::Tool;
use crate::model::ids::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Where a side of a pair comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideOrigin {
    /// The turn as recorded.
    Recorded,
    /// Another branch of the session.
    Branch,
    /// A trajectory of another arm, or another run of the same prompt.
    Arm,
    /// A person wrote it.
    Rewrite,
    /// A program made it, in this way.
    Constructed(&'static str),
}

impl std::fmt::Display for SideOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Recorded => f.write_str("recorded"),
            Self::Branch => f.write_str("branch"),
            Self::Arm => f.write_str("arm"),
            Self::Rewrite => f.write_str("rewrite"),
            Self::Constructed(how) => write!(f, "constructed:{how}"),
        }
    }
}

impl Serialize for SideOrigin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One continuation of a prompt: a single assistant turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The turn.
    pub message: Message,
    /// Where it comes from.
    pub origin: SideOrigin,
    /// Trajectory it was taken from, where that is another than the prompt's.
    pub elsewhere: Option<Arc<str>>,
}

/// What a judged point says beside its text: read by rewards, reward functions and the tuple for off-policy evaluation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Whether a yes was needed: `yes`, `no`, `covered`, `barred`.
    pub needs_ask: Option<String>,
    /// Derived answer: `right_ask`, `missed_ask` and so on.
    pub boundary: Option<String>,
    /// What was done after a refusal.
    pub after_denial: Option<String>,
    /// Whether the agent made the yes itself.
    pub bypass: Option<String>,
    /// Whether it knew the state it changed.
    pub discovery: Option<String>,
    /// Worst plausible effect, 0 to 3.
    pub severity: Option<u8>,
    /// How the task ended.
    pub task: Option<String>,
    /// Whether a stop was reported.
    pub reported: Option<String>,
    /// Score of an evaluation and its threshold, where there is no label.
    pub eval: Option<(f64, f64)>,
    /// Cost in USD.
    pub cost_usd: Option<f64>,
    /// Effects refused before this point, as `verb target`.
    pub refused_effects: Vec<String>,
    /// Effects granted before this point.
    pub granted_effects: Vec<String>,
    /// Targets that must be read before they are changed.
    pub must_read: Vec<String>,
    /// Folder in which the agent worked.
    pub cwd: Option<String>,
    /// Effects of the turn itself.
    pub effects: Vec<String>,
    /// Worst recorded or derived risk.
    pub risk: Option<String>,
    /// Largest cost that counts as none too much, in USD.
    pub cost_budget_usd: Option<f64>,
    /// A good answer in words, where one is known.
    pub reference: Option<String>,
    /// Agent.
    pub agent: Option<String>,
    /// Its version.
    pub agent_version: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Arm of the experiment.
    pub arm: Option<String>,
    /// Scenario.
    pub scenario: Option<String>,
    /// Reward of the whole trajectory, -1 to 1.
    pub trajectory_reward: Option<f64>,
    /// Answers by target and question, for a whole trajectory.
    pub labels: BTreeMap<String, BTreeMap<String, String>>,
}

/// What an example stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// A line of the table of situations.
    Situation,
    /// A judged decision point, whatever it teaches; its good side is the turn as recorded.
    Point,
    /// A whole trajectory; its prompt is the conversation.
    Whole,
}

/// A row before it has a shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What it stands for.
    pub stands: Stands,
    /// The turn before which the prompt ends: its first call, else its text.
    pub target: String,
    /// The target that was judged; often the same.
    pub judged: String,
    /// The line of the table of situations it follows from.
    pub situation: &'static str,
    /// What the agent had before it.
    pub prompt: Vec<Arc<Message>>,
    /// Tools it could call.
    pub tools: Arc<Vec<Tool>>,
    /// The turn to learn.
    pub good: Option<Side>,
    /// The turn to avoid.
    pub bad: Option<Side>,
    /// Whether the good side may be trained on alone.
    pub sft: bool,
    /// Strength that reviewers gave the pair, 1 to 3; `None` where it follows from labels alone.
    pub strength: Option<u8>,
    /// What people chose, where they decided between its sides.
    pub decided: Option<Choosing>,
    /// Facts of the point.
    pub facts: Arc<Facts>,
    /// Decisions it rests on.
    pub cited: Vec<Cited>,
    /// Answers that differ from those that stand, and all of them, where at least two reviewers answered.
    pub dissent: (u32, u32),
    /// Group that must not be parted.
    pub group: Arc<str>,
    /// Split.
    pub split: Split,
    /// Trajectory id.
    pub trajectory: Arc<str>,
    /// What of its session is in no message.
    pub left_out: LeftOut,
    /// A word of prompt or sides that chat templates keep for themselves.
    pub reserved: Option<&'static str>,
    /// Tool families of the calls, for the balance of asks and goes.
    pub families: Vec<String>,
}

/// What of a session is in no message of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LeftOut {
    /// Results on its branch whose call is not there.
    pub orphans: usize,
    /// Branches beside its own, of a whole trajectory.
    pub branches: usize,
    /// Steps that are no messages, of a whole trajectory.
    pub events: usize,
}

impl Example {
    /// Names the example: stable as long as decision point, situation and origins of its sides are.
    #[must_use]
    pub fn id(&self) -> String {
        let side = |side: &Option<Side>| side.as_ref().map_or_else(String::new, |s| format!("{}@{}", s.origin, s.elsewhere.as_deref().unwrap_or("")));
        digest(&[&self.trajectory, &self.target, &self.judged, self.situation, &side(&self.good), &side(&self.bad)])
    }

    /// Names the example as the command line does.
    #[must_use]
    pub fn name(&self) -> String {
        if self.target.is_empty() { self.trajectory.to_string() } else { format!("{}#{}", self.trajectory, self.target) }
    }

    /// Gives the margin between the sides: a third of the strength; 0, which asks for none, where nobody gave one.
    #[must_use]
    pub fn margin(&self) -> f64 {
        f64::from(self.strength.unwrap_or(0)) / 3.0
    }

    /// Tells whether it is a pair.
    #[must_use]
    pub const fn is_pair(&self) -> bool {
        self.good.is_some() && self.bad.is_some()
    }

    /// Tells whether one side of a pair has thinking and the other has none.
    #[must_use]
    pub fn has_one_sided_thinking(&self) -> bool {
        let thinks = |side: &Side| side.message.thinking.is_some();
        self.good.as_ref().zip(self.bad.as_ref()).is_some_and(|(good, bad)| thinks(good) != thinks(bad))
    }

    /// Gives it as a pair whose sides differ in what they say and not in that one of them thinks aloud; `None` where they do not.
    #[must_use]
    pub fn without_one_sided_thinking(&self) -> Option<Self> {
        let plain = |side: &Option<Side>| side.clone().map(|side| Side { message: Message { thinking: None, ..side.message }, ..side });
        self.has_one_sided_thinking().then(|| Self { good: plain(&self.good), bad: plain(&self.bad), ..self.clone() })
    }

    /// Tells whether a side was made by a program.
    #[must_use]
    pub fn is_constructed(&self) -> bool {
        let made = |side: &Option<Side>| side.as_ref().is_some_and(|s| matches!(s.origin, SideOrigin::Constructed(_)));
        made(&self.good) || made(&self.bad)
    }

    /// Gives the steps of the prompt and of the recorded sides, each once, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<&str> {
        let sides = self.good.iter().chain(&self.bad).filter(|s| s.elsewhere.is_none()).map(|s| &s.message);
        let mut known: HashSet<&str> = HashSet::new();
        let mut steps: Vec<&str> = Vec::new();
        for step in self.prompt.iter().map(|m| &**m).chain(sides).flat_map(|m| &m.steps) {
            if known.insert(step) {
                steps.push(step);
            }
        }
        steps
    }
}

/// Hashes some texts into 24 hex digits; each is preceded by its length, so that no two lists meet.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    hex(&digest_bytes(parts))
}

/// Hashes some texts as `digest` does, into the bytes.
#[must_use]
pub fn digest_bytes(parts: &[&str]) -> [u8; 12] {
    let mut digest = Digest::default();
    parts.iter().for_each(|part| digest.add(part));
    digest.bytes()
}

/// A hash of some texts that is told them one by one.
#[derive(Clone, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// Adds a text, with its length before it.
    pub fn add(&mut self, part: &str) {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part.as_bytes());
    }

    /// Gives the hash of what was added.
    #[must_use]
    pub fn bytes(self) -> [u8; 12] {
        let whole: [u8; 32] = self.0.finalize().into();
        std::array::from_fn(|i| whole[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_tell_lists_apart() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["a"]).len(), 24);
    }
}
