//! What the engine says of a place: tiers, kinds of claims, hits.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// How sure a finding is, and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// A published format, a checksum, or a value that is known.
    #[default]
    Certain,
    /// A generic pattern, entropy, a token that stands alone.
    Candidate,
    /// A mark or a claim of redaction that does not hold.
    Claim,
    /// Something was redacted that is no secret and is needed.
    OverRedaction,
}

impl Tier {
    /// Gives the name of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Candidate => "candidate",
            Self::Claim => "claim",
            Self::OverRedaction => "over_redaction",
        }
    }

    /// Reads the name of the contract.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Certain, Self::Candidate, Self::Claim, Self::OverRedaction].into_iter().find(|tier| tier.as_str() == name)
    }
}

/// One value found in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The rule, or `known_value`, `name_list`, `word_list`.
    pub detector: Arc<str>,
    /// What the value is, such as `github_token`.
    pub class: Arc<str>,
    /// How sure.
    pub tier: Tier,
    /// Bytes of the text, covering the encoded form.
    pub outer: Range<usize>,
    /// Bytes of the text after `decoding`.
    pub inner: Range<usize>,
    /// The decoders, outermost first; empty where the value stands in clear.
    pub decoding: Vec<&'static str>,
    /// The value itself; it lives in memory alone and is never stored.
    pub value: String,
}
