//! The pairs on the screen: two continuations of one prefix beside each other, and the choice between them.

mod act;
mod list;
pub(super) mod page;

use super::Area;
use super::list::Move;
use super::pairs::page::{Facing, facing};
use super::state::State;
use super::task::Task;
use crate::query::Query;
use crate::text::{Clean, clean, human};
use crate::workspace::{Chosen, Pair, PairSource, PairView, Pairs, SideName};
use rustc_hash::{FxHashMap, FxHashSet};

/// The least columns for the sides beside each other.
const BESIDE: u16 = 100;
/// Rows of the prefix that are seen above the turns.
const ABOVE: usize = 3;

/// What the page was built for: the pair, its order, whether its surroundings are known, and whether what followed is hidden.
type Built = (String, bool, bool, bool);

/// The state of the screen.
#[derive(Debug, Default)]
pub struct PairsView {
    /// Number of the last question; 0 where none is open.
    pub ticket: u64,
    pub(super) asked: Option<(Query, String)>,
    /// Every pair.
    pub board: Option<Box<Pairs>>,
    /// Why there is none.
    pub failed: Option<Clean>,
    /// Which pair, from 0.
    pub at: usize,
    /// Which side has the keys: 0 is A.
    pub side: usize,
    /// Strength of the next choice, 1 to 3; 0 until somebody said, which is 2.
    pub(super) strength: u8,
    /// Reason of the next choice.
    pub(super) reason: Option<String>,
    /// Whether arms, origins and the order are shown as they are.
    pub open_order: bool,
    /// Pairs whose sides a person let change places.
    pub(super) swapped: FxHashSet<String>,
    /// Pairs whose sides were opened, which shows where they come from.
    pub(super) opened: FxHashSet<String>,
    /// Who decides.
    pub(super) reviewer: String,
    views: FxHashMap<String, PairView>,
    awaited: Option<String>,
    /// The pair, laid out.
    pub facing: Facing,
    built: Option<Built>,
    pub(super) since_ms: i64,
    /// Pairs that a person made of two trajectories.
    pub(super) made: Vec<Pair>,
    /// The id of the pair to go to once it is known.
    pub(super) wanted: Option<String>,
    /// A rewrite that could not be saved.
    pub(super) draft: Option<(SideName, String)>,
}

impl PairsView {
    /// Gives the pair that is shown.
    #[must_use]
    pub fn pair(&self) -> Option<&Pair> {
        self.board.as_ref()?.pairs.get(self.at)
    }

    /// Tells whether the reviewer decided a pair, as it stands.
    #[must_use]
    pub fn is_mine(&self, pair: &Pair) -> bool {
        pair.reviewers.contains(&self.reviewer)
    }

    /// Tells whether arms and origins of a pair are hidden.
    #[must_use]
    pub fn is_hidden(&self, pair: &Pair) -> bool {
        !self.open_order && pair.refused.is_none() && !self.is_mine(pair) && !self.opened.contains(&pair.id)
    }

    /// Tells whether the right side stands at the left: by an order that the pair's id draws, and by what a person changed.
    #[must_use]
    pub fn is_flipped(&self, pair: &Pair) -> bool {
        let drawn = !self.open_order && pair.id.bytes().last().is_some_and(|byte| byte & 1 == 1);
        drawn != self.swapped.contains(&pair.id)
    }

    /// Gives the strength of the pair, or of the next choice.
    #[must_use]
    pub fn strength(&self, pair: &Pair) -> u8 {
        let given = pair.strength.filter(|_| self.is_mine(pair));
        if self.strength > 0 { self.strength } else { given.unwrap_or(2) }
    }

    /// Counts the pairs, and those that the reviewer decided.
    #[must_use]
    pub fn counted(&self) -> (usize, usize) {
        let pairs = self.board.as_ref().map_or(&[][..], |board| &board.pairs);
        (pairs.len(), pairs.iter().filter(|pair| self.is_mine(pair)).count())
    }

    /// Gives the choice as the sides stand: 0 is A; `None` for a tie and where nobody chose, or it may not be seen.
    #[must_use]
    pub fn better(&self) -> Option<usize> {
        let pair = self.pair()?;
        let chosen = pair.chosen.filter(|_| !self.is_hidden(pair))?;
        match if self.is_flipped(pair) { chosen.swapped() } else { chosen } {
            Chosen::Left => Some(0),
            Chosen::Right => Some(1),
            Chosen::Tie => None,
        }
    }

    /// Says what the pair is: its place, where it comes from, what both sides share.
    #[must_use]
    pub fn what(&self) -> Vec<String> {
        let Some(pair) = self.pair() else { return Vec::new() };
        let told = !self.is_hidden(pair) || pair.source == PairSource::Denial;
        let shared = format!("same prefix {}, verified", human::plural(pair.prefix.steps, "step"));
        let facts = [
            Some(format!("Pair {} of {}", self.at + 1, self.counted().0)),
            told.then(|| pair.source.words().to_owned()),
            (pair.after_denial && pair.source != PairSource::Denial).then(|| "after a denial".to_owned()),
            Some(if pair.prefix.verified { shared } else { "no shared prefix".to_owned() }),
        ];
        facts.into_iter().flatten().collect()
    }

    /// Says how the pair stands: what was decided as far as it may be seen, the strength, the order; where there is room, how far one is.
    #[must_use]
    pub fn standing(&self, wide: bool) -> Vec<String> {
        let Some(pair) = self.pair() else { return Vec::new() };
        let seen = !pair.reviewers.is_empty() && !self.is_hidden(pair);
        let word = match pair.chosen {
            _ if pair.disputed => Some("disputed"),
            _ if pair.stale => Some("changed since"),
            Some(Chosen::Tie) => Some("tie"),
            _ => None,
        };
        let facts = [
            word.filter(|_| seen).map(str::to_owned),
            (seen && wide).then(|| format!("by {}", pair.reviewers.join(", "))),
            pair.refused.is_none().then(|| format!("strength {}", self.strength(pair))),
            Some(
                if self.open_order {
                    "order as named"
                } else if self.opened.contains(&pair.id) {
                    "opened, not blind"
                } else {
                    "order blind"
                }
                .to_owned(),
            ),
            wide.then(|| format!("{} decided", self.counted().1)),
        ];
        facts.into_iter().flatten().collect()
    }

    /// Says where a side comes from, 0 being A; nothing while that is hidden.
    #[must_use]
    pub fn origin(&self, side: usize) -> Vec<String> {
        let Some(pair) = self.pair().filter(|pair| !self.is_hidden(pair)) else { return Vec::new() };
        let side = if (side == 1) == self.is_flipped(pair) { &pair.left } else { &pair.right };
        [side.arm.clone(), Some(side.origin.to_owned()), side.model.clone(), Some(side.trajectory.clone())].into_iter().flatten().collect()
    }

    pub(super) fn is_open(&self, pair: &Pair) -> bool {
        pair.refused.is_none() && (!self.is_mine(pair) || pair.stale)
    }

    pub(super) fn go(&mut self, at: usize, now_ms: i64) {
        (self.at, self.side, self.strength, self.reason, self.since_ms) = (at, 0, 0, None, now_ms);
    }

    /// Takes in what stands around the turns of a pair.
    pub(super) fn viewed(&mut self, view: PairView) {
        self.awaited = None;
        self.views.insert(view.id.clone(), view);
    }

    /// Takes in what is decided after something was taken back.
    pub(super) fn again(&mut self, board: Box<Pairs>, now_ms: i64) {
        let wanted = self.wanted.take().and_then(|id| board.pairs.iter().position(|pair| pair.id == id));
        self.board = Some(board);
        self.strength = 0;
        if let Some(at) = wanted.filter(|at| *at != self.at) {
            self.go(at, now_ms);
        }
    }
}

impl State {
    pub(super) fn renew_pairs(&mut self) {
        match self.pairs.board.clone().filter(|_| self.pairs.asked.is_some()) {
            Some(board) => self.want(Task::PairsAgain(board)),
            None => self.pairs.asked = None,
        }
    }

    /// Takes in the pairs.
    pub(super) fn paired(&mut self, ticket: u64, result: Result<Box<Pairs>, String>, reviewer: String) {
        let now = self.now_ms;
        let view = &mut self.pairs;
        if ticket != view.ticket {
            return;
        }
        (view.ticket, view.reviewer) = (0, reviewer);
        match result {
            Ok(mut board) => {
                let before = view.pair().map(|pair| pair.id.clone());
                let missing: Vec<Pair> = view.made.iter().filter(|made| board.pairs.iter().all(|pair| pair.id != made.id)).cloned().collect();
                board.pairs.splice(0..0, missing);
                let place = |id: &String| board.pairs.iter().position(|pair| pair.id == *id);
                let wanted = view.wanted.take();
                let at = wanted.as_ref().and_then(place).or_else(|| before.as_ref().and_then(place));
                (view.board, view.failed, view.built) = (Some(board), None, None);
                view.views.clear();
                view.go(at.unwrap_or(0), now);
            }
            Err(why) => view.failed = Some(clean(&why)),
        }
    }

    /// Scrolls both sides together.
    pub(super) fn go_pair(&mut self, how: Move) {
        let height = self.pair_areas()[0].rows();
        let facing = &mut self.pairs.facing;
        let half = isize::try_from(height / 2).unwrap_or(1).max(1);
        facing.top = match how {
            Move::First => 0,
            Move::Last => facing.rows.len().saturating_sub(height),
            Move::Rows(by) => facing.top.saturating_add_signed(by),
            Move::Halves(by) => facing.top.saturating_add_signed(by.saturating_mul(half)),
        };
    }

    /// Gives the areas of the sides: beside each other where there is room, else one over the other.
    #[must_use]
    pub fn pair_areas(&self) -> [Area; 2] {
        let (width, height) = (self.size.0, self.size.1.saturating_sub(4));
        if width >= BESIDE {
            let half = width.saturating_sub(1) / 2;
            return [Area::new(0, 4, half, height.saturating_sub(1)), Area::new(half + 1, 4, width.saturating_sub(half + 1), height.saturating_sub(1))];
        }
        let upper = height.saturating_sub(2) / 2;
        let lower = height.saturating_sub(upper + 2);
        [Area::new(0, 4, width, upper), Area::new(0, 5 + upper, width, lower)]
    }

    pub(super) fn settle_pairs(&mut self) {
        let now = (self.library.asked.clone(), self.generation.clone());
        if self.pairs.asked.as_ref() != Some(&now) {
            let ticket = self.ask();
            self.want(Task::Pairs { ticket, query: now.0.clone() });
            (self.pairs.ticket, self.pairs.asked) = (ticket, Some(now));
        }
        let [left, right] = self.pair_areas();
        let marks = self.marks();
        let stacked = right.x == 0;
        let view = &mut self.pairs;
        let Some(pair) = view.pair().cloned() else { return };
        let built = (pair.id.clone(), view.is_flipped(&pair), view.views.contains_key(&pair.id), view.is_hidden(&pair));
        let mut fresh = false;
        if view.built.as_ref() != Some(&built) {
            fresh = view.built.as_ref().is_none_or(|before| before.0 != built.0 || before.2 != built.2);
            let top = view.facing.top;
            view.facing = facing(&pair, view.views.get(&pair.id), (built.1, built.3), marks);
            view.facing.top = top;
            view.built = Some(built);
        }
        let across = if stacked { left.width } else { left.width + 1 + right.width };
        fresh |= view.facing.lay(across.saturating_sub(2), left.width.min(right.width).saturating_sub(2));
        if fresh {
            view.facing.top = view.facing.fork.saturating_sub(if stacked { 0 } else { ABOVE });
        }
        view.facing.top = view.facing.top.min(view.facing.rows.len().saturating_sub(1));
        let unknown = pair.refused.is_none() && !view.views.contains_key(&pair.id) && view.awaited.as_ref() != Some(&pair.id);
        if unknown {
            view.awaited = Some(pair.id.clone());
            self.want(Task::PairView(Box::new(pair)));
        }
    }
}
