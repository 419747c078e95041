//! What would leave, counted for a person who decides whether it may: by label, tool and arm, tokens, repeats.

use super::brief::{Brief, Hash};
use super::growing::Growing;
use super::near::{self, Reading, Signature};
use super::plan::{ExportError, Plan};
use super::prepare::signature;
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
    pub fn overview(&self) -> Result<Overview, ExportError> {
        let briefs: Vec<&Brief> = self.briefs().iter().filter(|brief| brief.is_situation()).collect();
        let or_none = |word: &Option<Arc<str>>| vec![word.as_deref().unwrap_or("none").to_owned()];
        let counted = |of: &dyn Fn(&Brief) -> Vec<String>| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            briefs.iter().flat_map(|brief| of(brief)).for_each(|value| *counts.entry(value).or_default() += 1);
            counts
        };
        let tools = |brief: &Brief| if brief.tools.is_empty() { vec!["none".to_owned()] } else { brief.tools.iter().map(|tool| tool.to_string()).collect() };
        let counts = vec![
            ("label", counted(&|brief| or_none(&brief.boundary))),
            ("situation", counted(&|brief| vec![brief.situation.to_owned()])),
            ("tool", counted(&tools)),
            ("arm", counted(&|brief| or_none(&brief.arm))),
            ("split", counted(&|brief| vec![brief.split.as_str().to_owned()])),
        ];
        let mut tokens: Vec<usize> = briefs.iter().map(|brief| brief.tokens).collect();
        tokens.sort_unstable();
        let side = |side: &Option<super::brief::SideBrief>| side.as_ref().map(|side| side.said);
        let different: BTreeSet<(Hash, Option<Hash>, Option<Hash>)> = briefs.iter().map(|b| (b.prompt, side(&b.good), side(&b.bad))).collect();
        let mut signatures: Vec<Option<Signature>> = Vec::new();
        let mut said = Growing::new(Reading::default());
        let each = self.input.hoard.each(&Brief::is_situation, |_, example| signatures.push(signature(example, &mut said)));
        each.map_err(|source| self.failed(source))?;
        let found = near::pairs(&signatures, self.definition().splits.near);
        let near = found.pairs.iter().map(|(_, later)| later).collect::<BTreeSet<_>>().len();
        Ok(Overview { counts, tokens, repeated: briefs.len() - different.len(), near, sampled: found.sampled })
    }
}
