//! A pair as lists and screens show it.

use super::decide::{Chosen, Decided, pair_id};
use super::side::{PairSide, SideName};
use serde::Serialize;

/// Where a pair comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairSource {
    /// A turn as it was recorded, and as a person rewrote it.
    Rewrite,
    /// What was done after a denial, and something else that could have been.
    Denial,
    /// Two branches of a session.
    Branch,
    /// Two sessions that share entries.
    Fork,
    /// Two arms on one scenario.
    Arm,
    /// Two runs of one prompt.
    Run,
    /// A person named its sides.
    Named,
}

impl PairSource {
    /// Says it in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Rewrite => "recorded and rewritten",
            Self::Denial => "after a denial",
            Self::Branch => "two branches",
            Self::Fork => "two forks",
            Self::Arm => "two arms of one scenario",
            Self::Run => "two runs of one prompt",
            Self::Named => "named",
        }
    }
}

/// What both sides share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Prefix {
    /// Whether it is verbatim the same, ids left aside.
    pub verified: bool,
    /// Messages before the turns.
    pub messages: usize,
    /// Steps before the turns, at the left.
    pub steps: usize,
    /// Hash of what was said in it, 24 hex digits; `null` where it is not the same.
    pub hash: Option<String>,
}

/// Two continuations of one prefix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Id, 12 hex digits over the names of the sides, whichever comes first.
    pub id: String,
    /// Where it comes from.
    pub source: PairSource,
    /// Whether the prefix ends with a refusal.
    pub after_denial: bool,
    /// What both share.
    pub prefix: Prefix,
    /// The left side.
    pub left: PairSide,
    /// The right side.
    pub right: PairSide,
    /// Why it is no pair: the first difference of the prefixes, or what is wrong with one of the turns.
    pub refused: Option<String>,
    /// What was chosen; `null` where nobody chose, or reviewers differ.
    pub chosen: Option<Chosen>,
    /// How much better it is, 1 to 3.
    pub strength: Option<u8>,
    /// Why, as last given.
    pub reason: Option<String>,
    /// Who chose.
    pub reviewers: Vec<String>,
    /// When it was chosen last, RFC 3339 in UTC.
    pub decided_at: Option<String>,
    /// Whether reviewers chose differently.
    pub disputed: bool,
    /// Whether a side or the prefix says something else than when it was chosen.
    pub stale: bool,
    /// The sides as decisions name them.
    #[serde(skip)]
    pub names: [SideName; 2],
    /// What each side says, hashed.
    #[serde(skip)]
    pub contents: [String; 2],
}

/// Pairs of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Pairs {
    /// How many there are, those that are refused left out.
    pub total: usize,
    /// How many of them somebody decided.
    pub decided: usize,
    /// Runs of one prompt or scenario that were not compared, because there are too many of them.
    pub left_out: usize,
    /// The pairs.
    pub pairs: Vec<Pair>,
}

impl Pairs {
    /// Counts anew what is decided.
    pub fn count(&mut self) {
        let real = || self.pairs.iter().filter(|pair| pair.refused.is_none());
        let (total, decided) = (real().count(), real().filter(|pair| !pair.is_open()).count());
        (self.total, self.decided) = (total, decided);
    }
}

impl Pair {
    /// Makes a pair of which nothing but the names is known.
    pub(super) fn blank(source: PairSource, names: [SideName; 2]) -> Self {
        let bare = |name: &SideName| PairSide {
            name: name.name(),
            trajectory: name.trajectory.clone(),
            target: Some(name.target.clone()).filter(|target| !target.is_empty()),
            origin: name.kind.origin(),
            arm: None,
            model: None,
            turn: None,
        };
        Self {
            id: pair_id(&names),
            source,
            after_denial: false,
            prefix: Prefix::default(),
            left: bare(&names[0]),
            right: bare(&names[1]),
            refused: None,
            chosen: None,
            strength: None,
            reason: None,
            reviewers: Vec::new(),
            decided_at: None,
            disputed: false,
            stale: false,
            names,
            contents: Default::default(),
        }
    }

    /// Tells whether nobody has decided it, or its reviewers differ, or it changed since.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.refused.is_none() && (self.chosen.is_none() || self.stale)
    }

    /// Takes in what was decided.
    pub(super) fn settle(&mut self, decided: &Decided) {
        let Some(standing) = decided.of(&self.id) else {
            (self.chosen, self.strength, self.reason, self.decided_at) = (None, None, None, None);
            (self.disputed, self.stale) = (false, false);
            return self.reviewers.clear();
        };
        self.chosen = standing.chosen(&self.names);
        self.strength = Some(standing.strength);
        self.reason.clone_from(&standing.reason);
        self.reviewers.clone_from(&standing.reviewers);
        self.decided_at = Some(standing.at.clone());
        self.disputed = standing.disputed;
        self.stale = standing.is_stale(self.prefix.hash.as_deref(), &self.names, &self.contents);
    }
}
