//! The definition of a dataset: a versioned TOML text that says which rows leave, in which shapes, under which gates.

use super::context::{self, Context, Counter};
use crate::model::ids::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What an ask is in the harness that the dataset was recorded in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AskStyle {
    /// A turn that ends with a question.
    #[default]
    TextTurn,
    /// A call of this tool.
    Tool(String),
    /// Issuing the call is the ask, because a gate stands before it.
    GatedCall,
}

impl TryFrom<String> for AskStyle {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match (text.as_str(), text.strip_prefix("tool:")) {
            ("text_turn", _) => Ok(Self::TextTurn),
            ("gated_call", _) => Ok(Self::GatedCall),
            (_, Some(tool)) if !tool.is_empty() => Ok(Self::Tool(tool.to_owned())),
            _ => Err(format!("ask_style is text_turn, gated_call or tool:NAME, not {text:?}")),
        }
    }
}

impl From<AskStyle> for String {
    fn from(style: AskStyle) -> Self {
        match style {
            AskStyle::TextTurn => "text_turn".to_owned(),
            AskStyle::Tool(tool) => format!("tool:{tool}"),
            AskStyle::GatedCall => "gated_call".to_owned(),
        }
    }
}

/// The syntax in which tool calls are written into text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Family {
    /// A JSON object inside `<tool_call>`: Hermes, Qwen2.5, Qwen3.
    #[default]
    #[serde(rename = "hermes-json")]
    HermesJson,
    /// `<function=…>` and `<parameter=…>` inside `<tool_call>`: Qwen3.5.
    #[serde(rename = "qwen3_5-xml")]
    QwenXml,
    /// A bare JSON object with `parameters`: Llama 3.
    #[serde(rename = "llama3-json")]
    LlamaJson,
}

/// How the rows are parted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Splits {
    /// Share of groups in the validation split, 0 to 1.
    pub validation: f64,
    /// Share of groups in the test split, 0 to 1.
    pub test: f64,
    /// What must not be parted: any of `scenario`, `task`, `repository`, `session`.
    pub group_by: Vec<String>,
    /// Estimated Jaccard similarity from which two prompts count as near-duplicates, 0 to 1.
    pub near: f64,
}

impl Default for Splits {
    fn default() -> Self {
        Self { validation: 0.0, test: 0.0, group_by: ["scenario", "task", "repository", "session"].map(str::to_owned).into(), near: 0.8 }
    }
}

/// A gate that a reviewer overrode, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The gate.
    pub gate: String,
    /// Why it need not hold.
    pub reason: String,
    /// Who says so.
    pub reviewer: String,
}

/// A dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Definition {
    /// Name.
    pub name: String,
    /// Version, from 1.
    pub version: u32,
    /// Trajectories and decision points that belong to it, in the filter language; empty for all.
    pub query: String,
    /// Shapes to write.
    pub shapes: Vec<String>,
    /// Whether rows are written as Parquet too, where a shape's columns are pinned.
    pub parquet: bool,
    /// Licence of the data, an SPDX id or `other`.
    pub license: String,
    /// Seed of the splits and of everything that is drawn.
    pub seed: u64,
    /// What an ask is.
    pub ask_style: AskStyle,
    /// Syntax of folded calls.
    pub family: Family,
    /// Whether folded rows carry a mask on every message.
    pub mask: bool,
    /// Whether thinking is kept.
    pub thinking: bool,
    /// Whether the system prompt is kept.
    pub system: bool,
    /// Whether tool schemas are kept.
    pub tools: bool,
    /// How much of the conversation stands in a prompt.
    pub context: Context,
    /// Name of the token counter.
    pub counter: String,
    /// Largest share of pairs with a constructed side, 0 to 1.
    pub constructed_max: f64,
    /// Whether sides that a program wrote may be made at all.
    pub construct: bool,
    /// Largest ratio of tokens between the sides of a pair.
    pub length_ratio: f64,
    /// Questions whose answers every trained turn needs.
    pub answers: Vec<String>,
    /// Whether labels given in bulk count.
    pub bulk: bool,
    /// Fewest rows a shape needs.
    pub min_rows: usize,
    /// Most bytes all data files may have together; 0 for any.
    pub max_bytes: u64,
    /// Largest recorded cost of a trajectory in USD, the budget of the reward's cost term; 0 for none.
    pub cost_budget_usd: f64,
    /// Most that one pass over the largest data file may cost in USD; 0 for any, which is not written.
    #[serde(skip_serializing_if = "is_nothing")]
    pub max_cost_usd: f64,
    /// What the trainer asks for a million tokens in USD, of which that cost is made.
    #[serde(skip_serializing_if = "is_nothing")]
    pub usd_per_million_tokens: f64,
    /// Splits.
    pub splits: Splits,
    /// Overridden gates.
    #[serde(rename = "override", skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}

/// Tells whether an amount was left out.
fn is_nothing(amount: &f64) -> bool {
    *amount == 0.0
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            name: String::new(),
            version: 1,
            query: String::new(),
            shapes: Vec::new(),
            parquet: false,
            license: "other".to_owned(),
            seed: 0,
            ask_style: AskStyle::default(),
            family: Family::default(),
            mask: false,
            thinking: false,
            system: true,
            tools: true,
            context: Context::default(),
            counter: "bytes/4".to_owned(),
            constructed_max: 1.0 / 3.0,
            construct: true,
            length_ratio: 4.0,
            answers: vec!["use".to_owned()],
            bulk: false,
            min_rows: 0,
            max_bytes: 0,
            cost_budget_usd: 0.0,
            max_cost_usd: 0.0,
            usd_per_million_tokens: 0.0,
            splits: Splits::default(),
            overrides: Vec::new(),
        }
    }
}

impl Definition {
    /// The name of what was asked for by a query alone.
    pub const UNNAMED: &str = "query";

    /// Gives the query of what has no name of its own.
    #[must_use]
    pub fn unnamed(&self) -> Option<&str> {
        (self.name == Self::UNNAMED).then_some(self.query.as_str())
    }

    /// Reads a definition; the error names the line and what is expected there.
    pub fn parse(text: &str) -> Result<Self, String> {
        let definition: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        definition.checked()
    }

    /// Refuses what cannot be meant.
    pub fn checked(self) -> Result<Self, String> {
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let name_fits = !self.name.is_empty() && self.name.len() <= 64 && self.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !name_fits || self.name.starts_with(['.', '-']) {
            return Err(format!("the name {:?} does not fit; use letters, digits, - _ . (at most 64)", self.name));
        }
        if !share(self.splits.validation) || !share(self.splits.test) || self.splits.validation + self.splits.test >= 1.0 || !share(self.splits.near) {
            return Err("the shares of the splits lie between 0 and 1, and something must be left to train on".to_owned());
        }
        if !share(self.constructed_max) || self.length_ratio < 1.0 || !self.cost_budget_usd.is_finite() {
            return Err("constructed_max lies between 0 and 1, length_ratio at 1 or above".to_owned());
        }
        let price = |usd: f64| usd.is_finite() && usd >= 0.0;
        if !price(self.max_cost_usd) || !price(self.usd_per_million_tokens) || (self.max_cost_usd > 0.0 && self.usd_per_million_tokens <= 0.0) {
            return Err("max_cost_usd needs usd_per_million_tokens, what the trainer asks for a million tokens; both are amounts in USD".to_owned());
        }
        if context::counter(&self.counter).is_none() {
            let known: Vec<&str> = context::COUNTERS.iter().map(|(name, _)| *name).collect();
            return Err(format!("no counter is named {:?}; there are {}", self.counter, known.join(", ")));
        }
        if let Some(wrong) = self.splits.group_by.iter().find(|key| !super::splits::GROUP_KEYS.contains(&key.as_str())) {
            return Err(format!("cannot group by {wrong:?}; group by any of {}", super::splits::GROUP_KEYS.join(", ")));
        }
        if let Some(wrong) = self.overrides.iter().find(|o| o.reason.trim().is_empty() || o.reviewer.trim().is_empty()) {
            return Err(format!("the override of {} needs a reason and a reviewer", wrong.gate));
        }
        Ok(self)
    }

    /// Writes it as TOML, every key in its one place.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Gives the SHA-256 of the written form.
    #[must_use]
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.to_toml().as_bytes()))
    }

    /// Gives the SHA-256 of what shapes a row: the policies, without query, splits, budgets and overrides.
    #[must_use]
    pub fn policies_hash(&self) -> String {
        let rows_alone = Self {
            name: String::new(),
            version: 0,
            query: String::new(),
            shapes: Vec::new(),
            parquet: false,
            license: String::new(),
            seed: 0,
            min_rows: 0,
            max_bytes: 0,
            max_cost_usd: 0.0,
            usd_per_million_tokens: 0.0,
            constructed_max: 0.0,
            splits: Splits::default(),
            overrides: Vec::new(),
            ..self.clone()
        };
        rows_alone.hash()
    }

    /// Gives the counter.
    #[must_use]
    pub fn counter(&self) -> Counter {
        context::counter(&self.counter).unwrap_or(context::COUNTERS[0])
    }

    /// Gives the override of a gate, if there is one.
    #[must_use]
    pub fn overridden(&self, gate: &str) -> Option<&Override> {
        self.overrides.iter().find(|o| o.gate == gate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_reads_back_and_its_policies_name_the_rows() {
        let text = "name = \"boundary\"\nask_style = \"gated_call\"\ncontext = \"turns=3\"\n[splits]\ntest = 0.2\n[[override]]\ngate = \"audit\"\nreason = \"try-out\"\nreviewer = \"ana\"\n";
        let definition = Definition::parse(text).unwrap();
        assert_eq!(Definition::parse(&definition.to_toml()).unwrap(), definition);
        let renamed = Definition { name: "other".to_owned(), query: "is:denied".to_owned(), ..definition.clone() };
        assert_eq!(renamed.policies_hash(), definition.policies_hash());
        assert_ne!(Definition { thinking: true, ..definition.clone() }.policies_hash(), definition.policies_hash());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in ["name = \"a b\"", "name = \"a\"\nquestion = 1", "name = \"a\"\n[splits]\ntest = 1.0", "name = \"a\"\ncounter = \"x\""] {
            assert!(Definition::parse(text).is_err(), "{text}");
        }
    }
}
