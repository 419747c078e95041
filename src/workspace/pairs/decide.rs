//! Decisions between the sides of a pair: entries of the journal, folded by pair; the last of each reviewer counts.

use super::Pair;
use super::side::SideName;
use crate::export::{Cited, digest};
use crate::model::{Draft, Entry, Recorded};
use crate::text::{clean, fit};
use crate::workspace::{Error, Result, Turned, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which side is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// The left one.
    Left,
    /// The right one.
    Right,
    /// Neither.
    Tie,
}

impl Chosen {
    /// Gives the choice as it is where the sides change places.
    #[must_use]
    pub const fn swapped(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
            Self::Tie => Self::Tie,
        }
    }
}

/// What a person says of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairChoice {
    /// Which side is better.
    pub chosen: Chosen,
    /// How much better, 1 to 3.
    pub strength: u8,
    /// Why.
    pub reason: Option<String>,
    /// Whether the arms were hidden and the order was shuffled.
    pub blind: bool,
    /// Time spent on it in ms.
    pub ms: Option<u64>,
}

/// A decision as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairText {
    /// The left side.
    pub left: SideName,
    /// The right side.
    pub right: SideName,
    /// Hash of what both share.
    pub prefix: String,
    /// Hashes of what the sides say.
    pub contents: [String; 2],
    /// Which is better.
    pub chosen: Chosen,
    /// How much better, 1 to 3.
    pub strength: u8,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the arms were hidden and the order was shuffled.
    pub blind: bool,
    /// Time spent on it in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// Whether it settles what others chose differently.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settles: bool,
}

impl Recorded for PairText {
    const KIND: &'static str = "pair";
}

/// What stands of a pair.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The last decision.
    pub last: PairText,
    /// The least strength that a reviewer gave.
    pub strength: u8,
    /// The last reason that was given.
    pub reason: Option<String>,
    /// Who decided.
    pub reviewers: Vec<String>,
    /// When it was decided last.
    pub at: String,
    /// Whether reviewers chose differently and nobody settled it.
    pub disputed: bool,
    /// Who settled what others chose differently.
    pub settled_by: Option<String>,
    /// The entries.
    pub cited: Vec<Cited>,
}

/// All decisions between sides, folded.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    by_pair: BTreeMap<String, Standing>,
}

/// Names a pair by its sides, in whichever order.
pub fn pair_id(names: &[SideName; 2]) -> String {
    let (a, b) = (names[0].name(), names[1].name());
    let (first, second) = if a <= b { (&a, &b) } else { (&b, &a) };
    digest(&[first, second])[..12].to_owned()
}

impl PairText {
    /// Gives the id of the pair it is about.
    fn pair(&self) -> String {
        pair_id(&[self.left.clone(), self.right.clone()])
    }

    /// Says what it adds to the reviewer's choice that stands without it.
    fn beyond(&self, without: Option<&Self>) -> String {
        match without {
            None => "a choice between two turns".to_owned(),
            Some(other) if other.better() != self.better() => "a change of mind between two turns".to_owned(),
            Some(other) if other.reason != self.reason => {
                let reason = self.reason.as_deref().or(other.reason.as_deref()).unwrap_or_default();
                format!("the reason “{}” alone, the choice stands", fit(&clean(reason.lines().next().unwrap_or_default()), 24).trim_end())
            }
            Some(other) => format!("the strength {} instead of {}, the choice stands", self.strength, other.strength),
        }
    }

    /// Gives the side that was chosen; `None` for a tie.
    #[must_use]
    pub const fn better(&self) -> Option<&SideName> {
        match self.chosen {
            Chosen::Left => Some(&self.left),
            Chosen::Right => Some(&self.right),
            Chosen::Tie => None,
        }
    }
}

impl Standing {
    /// Gives the choice for sides in an order; `None` where reviewers differ.
    pub fn chosen(&self, names: &[SideName; 2]) -> Option<Chosen> {
        let same = names[0] == self.last.left;
        (!self.disputed).then(|| if same { self.last.chosen } else { self.last.chosen.swapped() })
    }

    /// Tells whether prefix or sides say something else than when it was decided.
    pub fn is_stale(&self, prefix: Option<&str>, names: &[SideName; 2], contents: &[String; 2]) -> bool {
        let [left, right] = &self.last.contents;
        let same = if names[0] == self.last.left { contents == &self.last.contents } else { contents[0] == *right && contents[1] == *left };
        prefix != Some(self.last.prefix.as_str()) || !same
    }
}

impl Decided {
    /// Gives what stands of a pair.
    pub fn of(&self, id: &str) -> Option<&Standing> {
        self.by_pair.get(id)
    }

    /// Gives every pair that was decided.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Standing)> {
        self.by_pair.iter()
    }

    fn take(&mut self, latest: &[(Entry, PairText)]) {
        let settled = latest.iter().rev().find(|(_, text)| text.settles);
        let Some((entry, last)) = settled.or(latest.last()) else { return };
        let id = last.pair();
        let one = |(entry, _): &(Entry, PairText)| Cited {
            entry: entry.id.to_string(),
            kind: PairText::KIND.to_owned(),
            reviewer: entry.reviewer.to_string(),
            at: entry.at.to_string(),
        };
        let standing = Standing {
            strength: settled.map(|(_, text)| text.strength).or_else(|| latest.iter().map(|(_, text)| text.strength).min()).unwrap_or(2),
            reason: latest.iter().rev().find_map(|(_, text)| text.reason.clone()),
            reviewers: latest.iter().map(|(entry, _)| entry.reviewer.to_string()).collect(),
            at: entry.at.to_string(),
            disputed: settled.is_none() && latest.iter().any(|(_, text)| text.better() != last.better()),
            settled_by: settled.map(|(entry, _)| entry.reviewer.to_string()),
            cited: latest.iter().map(one).collect(),
            last: last.clone(),
        };
        self.by_pair.insert(id, standing);
    }
}

impl Workspace {
    /// Folds the journal's decisions between sides.
    pub(in crate::workspace) fn pair_decisions(&self) -> Result<Decided> {
        let mut by_pair: BTreeMap<String, Vec<(Entry, PairText)>> = BTreeMap::new();
        for entry in self.journal.of_kinds(&[PairText::KIND])? {
            let Ok(Some(text)) = entry.decision::<PairText>() else { continue };
            let list = by_pair.entry(text.pair()).or_default();
            list.retain(|(before, _)| (&before.journal, &before.reviewer) != (&entry.journal, &entry.reviewer));
            list.push((entry, text));
        }
        let mut decided = Decided::default();
        by_pair.values().for_each(|latest| decided.take(latest));
        Ok(decided)
    }

    /// Takes the reviewer's last choice or rewrite back, or with `again` makes the last one count that was; says which, and of which pair. A reason or
    /// a strength that was given later is an act of its own: the choice stands without it.
    pub fn turn_pair(&self, reviewer: &str, again: bool) -> Result<Option<Turned>> {
        let kinds = [PairText::KIND, "rewrite"];
        let Some(act) = (if again { self.redo_of(reviewer, &kinds)? } else { self.undo_of(reviewer, &kinds)? }) else { return Ok(None) };
        let choice = act.entries.first().and_then(|entry| Some((entry, entry.decision::<PairText>().ok().flatten()?)));
        let Some((entry, text)) = choice else { return Ok(Some(Turned { said: "a rewrite".to_owned(), of: None })) };
        let id = text.pair();
        let mut own = Vec::new();
        for known in self.journal.of_kinds(&[PairText::KIND])? {
            let theirs = (&known.journal, &known.reviewer) == (&entry.journal, &entry.reviewer) && known.id != entry.id;
            own.extend(known.decision::<PairText>().ok().flatten().filter(|known| theirs && known.pair() == id));
        }
        Ok(Some(Turned { said: text.beyond(own.last()), of: Some(id) }))
    }

    /// Records a choice of a reviewer between the two sides of a pair, and gives the pair as it then stands. Where others chose differently, the
    /// word of one who had not chosen settles it.
    pub fn choose(&self, reviewer: &str, pair: &Pair, choice: &PairChoice) -> Result<Pair> {
        if let Some(why) = &pair.refused {
            return Err(Error::Undecidable(format!("{why}; nothing was recorded")));
        }
        if !(1..=3).contains(&choice.strength) {
            return Err(Error::Undecidable(format!("a strength is 1, 2 or 3, not {}", choice.strength)));
        }
        let [left, right] = pair.names.clone();
        let settles = self.pair_decisions()?.of(&pair.id).is_some_and(|standing| {
            let chose = standing.reviewers.iter().any(|known| known == reviewer);
            standing.settled_by.as_deref() == Some(reviewer) || (standing.disputed && !chose)
        });
        let text = PairText {
            left,
            right,
            prefix: pair.prefix.hash.clone().unwrap_or_default(),
            contents: pair.contents.clone(),
            chosen: choice.chosen,
            strength: choice.strength,
            reason: choice.reason.clone().filter(|reason| !reason.trim().is_empty()),
            blind: choice.blind,
            ms: choice.ms,
            settles,
        };
        self.record(reviewer, &[Draft::of(&text)])?;
        let mut settled = pair.clone();
        settled.settle(&self.pair_decisions()?);
        Ok(settled)
    }
}
