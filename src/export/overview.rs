//! What would leave, counted for a person who decides whether it may: by label, tool and arm, tokens, repeats.

use super::example::{Example, Stands};
use super::message::Message;
use super::near::{self, Signature};
use super::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Counts over the examples of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// Examples by what they are counted by: a heading, then values with how many have each.
    pub counts: Vec<(&'static str, BTreeMap<String, usize>)>,
    /// Tokens of each example, smallest first, by the definition's counter.
    pub tokens: Vec<usize>,
    /// Examples that say what another one says, word for word.
    pub repeated: usize,
    /// Examples whose prompt is nearly that of another one before it.
    pub near: usize,
    /// Examples whose prompt shares a passage with so many others that not all were compared.
    pub sampled: usize,
}

impl Plan {
    /// Counts what would leave.
    #[must_use]
    pub fn overview(&self) -> Overview {
        let examples: Vec<&Example> = self.examples().iter().filter(|example| example.stands == Stands::Situation).collect();
        let none = || "none".to_owned();
        let counted = |of: &dyn Fn(&Example) -> Vec<String>| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            examples.iter().flat_map(|example| of(example)).for_each(|value| *counts.entry(value).or_default() += 1);
            counts
        };
        let tools = |example: &Example| if example.families.is_empty() { vec![none()] } else { example.families.clone() };
        let counts = vec![
            ("label", counted(&|example| vec![example.facts.boundary.clone().unwrap_or_else(none)])),
            ("situation", counted(&|example| vec![example.situation.to_owned()])),
            ("tool", counted(&tools)),
            ("arm", counted(&|example| vec![example.facts.arm.clone().unwrap_or_else(none)])),
            ("split", counted(&|example| vec![example.split.as_str().to_owned()])),
        ];
        let mut tokens: Vec<usize> = examples.iter().map(|example| self.tokens(example)).collect();
        tokens.sort_unstable();
        let said =
            |example: &&Example| texts(&example.prompt) + &example.good.iter().chain(&example.bad).map(|side| side.message.all_text()).collect::<String>();
        let different: BTreeSet<String> = examples.iter().map(said).collect();
        let signatures: Vec<Option<Signature>> = examples.iter().map(|example| Signature::of(&texts(&example.prompt))).collect();
        let found = near::pairs(&signatures, self.definition().splits.near);
        let near = found.pairs.iter().map(|(_, later)| later).collect::<BTreeSet<_>>().len();
        Overview { counts, tokens, repeated: examples.len() - different.len(), near, sampled: found.sampled }
    }

    /// Counts the tokens of an example: its prompt and the turn to learn.
    #[must_use]
    pub fn tokens(&self, example: &Example) -> usize {
        let count = self.definition().counter().1;
        let turn = example.good.as_ref().or(example.bad.as_ref()).map_or(0, |side| count(&side.message.all_text()));
        turn + example.prompt.iter().map(|message| count(&message.all_text())).sum::<usize>()
    }
}

fn texts(messages: &[Arc<Message>]) -> String {
    messages.iter().map(|m| m.all_text()).collect::<Vec<_>>().join("\n")
}
