//! Briefs: what is kept in memory of an example, a few hundred bytes whatever its prompt holds; the rest lies on disk until it is written.

use super::choices::Choosing;
use super::context::Counter;
use super::definition::Definition;
use super::example::{Digest, Example, Side, SideOrigin, Stands, digest_bytes};
use super::growing::Growing;
use super::pairs::{seen_digest, written};
use super::reward;
use super::splits::Split;
use crate::model::ids::hex;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A hash of twelve bytes, as `digest_bytes` makes it.
pub type Hash = [u8; 12];

/// Where the body of an example lies: its trajectory's place in the hoard, and its own among those of the trajectory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The trajectory's place.
    pub chunk: u32,
    /// The example's place there.
    pub body: u32,
}

/// What was read of the prompts of a trajectory, so that a message that many share is hashed and counted once.
pub struct Read {
    seen: Growing<Digest>,
    tokens: Growing<usize>,
}

impl Default for Read {
    fn default() -> Self {
        Self { seen: Growing::new(Digest::default()), tokens: Growing::new(0) }
    }
}

/// One side of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBrief {
    /// Where it comes from.
    pub origin: SideOrigin,
    /// Trajectory it was taken from, where that is another than the prompt's.
    pub elsewhere: Option<Arc<str>>,
    /// Hash of what it says.
    pub said: Hash,
    /// The example whose turn to avoid it is, where it is not its own.
    pub from: Option<At>,
}

/// What is kept of an example.
#[derive(Debug, Clone)]
pub struct Brief {
    /// Where the rest lies.
    pub at: At,
    /// What it stands for.
    pub stands: Stands,
    /// The line of the table of situations it follows from.
    pub situation: &'static str,
    /// Trajectory id.
    pub trajectory: Arc<str>,
    /// The turn before which the prompt ends.
    pub target: Arc<str>,
    /// The target that was judged.
    pub judged: Arc<str>,
    /// Hash of the prompt.
    pub prompt: Hash,
    /// Whether a compaction's summary stands in the prompt.
    pub summary: bool,
    /// Whether the prompt ends with a refusal.
    pub refused: bool,
    /// The turn to learn.
    pub good: Option<SideBrief>,
    /// The turn to avoid.
    pub bad: Option<SideBrief>,
    /// Whether the good side may be trained on alone.
    pub sft: bool,
    /// Strength that reviewers gave the pair, 1 to 3.
    pub strength: Option<u8>,
    /// What people chose, where they decided between its sides.
    pub decided: Option<Box<Choosing>>,
    /// Examples whose decisions it rests on as well.
    pub also: Vec<At>,
    /// Reward of the point, where it has one.
    pub reward: Option<f64>,
    /// Whether the point was judged by what followed a refusal.
    pub after_denial: bool,
    /// Tools that the recorded turn calls.
    pub tools: Arc<[Arc<str>]>,
    /// Tools that either side calls.
    pub side_tools: Arc<[Arc<str>]>,
    /// Whether the turn has known effects.
    pub changes: bool,
    /// The derived answer.
    pub boundary: Option<Arc<str>>,
    /// Arm of the experiment.
    pub arm: Option<Arc<str>>,
    /// Tokens of the prompt and the turn, by the definition's counter.
    pub tokens: usize,
    /// A word of prompt or sides that chat templates keep for themselves.
    pub reserved: Option<&'static str>,
    /// Group that must not be parted.
    pub group: Arc<str>,
    /// Split.
    pub split: Split,
}

impl SideBrief {
    fn of(side: &Side) -> Self {
        Self { origin: side.origin, elsewhere: side.elsewhere.clone(), said: digest_bytes(&[&written(&side.message)]), from: None }
    }

    /// Tells whether a program made it.
    #[must_use]
    pub const fn is_constructed(&self) -> bool {
        matches!(self.origin, SideOrigin::Constructed(_))
    }

    /// Names where it comes from, with the trajectory where that is another.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.origin, self.elsewhere.as_deref().unwrap_or(""))
    }
}

impl Brief {
    /// Takes from an example what is kept; `read` is what was read of the prompts before it, `intern` gives one text for equal ones.
    #[must_use]
    pub fn of(example: &Example, at: At, definition: &Definition, read: &mut Read, intern: &mut dyn FnMut(&str) -> Arc<str>) -> Self {
        let calls = example.good.iter().chain(&example.bad).flat_map(|side| &side.message.calls).map(|call| call.name.as_str());
        let own: BTreeSet<&str> = example.families.iter().map(String::as_str).collect();
        let all: BTreeSet<&str> = own.iter().copied().chain(calls).collect();
        let same = own == all;
        let mut list = |names: BTreeSet<&str>| names.into_iter().map(&mut *intern).collect::<Arc<[Arc<str>]>>();
        let tools = list(own);
        let side_tools = if same { tools.clone() } else { list(all) };
        let target: Arc<str> = example.target.as_str().into();
        let judged = if example.judged == example.target { target.clone() } else { example.judged.as_str().into() };
        Self {
            at,
            stands: example.stands,
            situation: example.situation,
            trajectory: example.trajectory.clone(),
            target,
            judged,
            prompt: seen_digest(&mut read.seen, &example.prompt, &example.tools),
            summary: example.prompt.iter().any(|message| message.summary),
            refused: example.prompt.last().is_some_and(|last| last.refused),
            good: example.good.as_ref().map(SideBrief::of),
            bad: example.bad.as_ref().map(SideBrief::of),
            sft: example.sft,
            strength: example.strength,
            decided: example.decided.clone().map(Box::new),
            also: Vec::new(),
            reward: reward::of(&example.facts, &definition.ask_style).value,
            after_denial: example.facts.after_denial.is_some(),
            tools,
            side_tools,
            changes: !example.facts.effects.is_empty(),
            boundary: example.facts.boundary.as_deref().map(&mut *intern),
            arm: example.facts.arm.as_deref().map(intern),
            tokens: tokens(example, &mut read.tokens, definition.counter()),
            reserved: example.reserved,
            group: example.group.clone(),
            split: example.split,
        }
    }

    /// Hashes what names the example: decision point, situation and origins of its sides.
    #[must_use]
    pub fn digest(&self) -> Hash {
        let side = |side: &Option<SideBrief>| side.as_ref().map_or_else(String::new, SideBrief::key);
        digest_bytes(&[&self.trajectory, &self.target, &self.judged, self.situation, &side(&self.good), &side(&self.bad)])
    }

    /// Names the example: stable as long as decision point, situation and origins of its sides are.
    #[must_use]
    pub fn id(&self) -> String {
        hex(&self.digest())
    }

    /// Names the example as the command line does.
    #[must_use]
    pub fn name(&self) -> String {
        if self.target.is_empty() { self.trajectory.to_string() } else { format!("{}#{}", self.trajectory, self.target) }
    }

    /// Tells whether it is a pair.
    #[must_use]
    pub const fn is_pair(&self) -> bool {
        self.good.is_some() && self.bad.is_some()
    }

    /// Tells whether it follows from a line of the table of situations.
    #[must_use]
    pub fn is_situation(&self) -> bool {
        self.stands == Stands::Situation
    }

    /// Tells whether a side was made by a program.
    #[must_use]
    pub fn is_constructed(&self) -> bool {
        self.good.iter().chain(&self.bad).any(SideBrief::is_constructed)
    }
}

/// Counts the tokens of an example: its prompt and the turn to learn.
fn tokens(example: &Example, before: &mut Growing<usize>, counter: Counter) -> usize {
    let turn = example.good.as_ref().or(example.bad.as_ref()).map_or(0, |side| (counter.1)(&side.message.all_text()));
    turn + before.over(&example.prompt, |tokens, message| *tokens += (counter.1)(&message.all_text()))
}
