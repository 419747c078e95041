//! Two trajectories beside each other, their steps aligned.

use super::lanes::Ties;
use super::list::List;
use super::message::Opened;
use super::reading::{Jump, means};
use super::timeline::{Row, Shown, Tools, rows};
use crate::model::{Step, Trajectory};
use rustc_hash::FxHashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Rows of one side that are looked at to align; beyond it they stand in order.
const ALIGNED: usize = 20_000;

/// One side.
#[derive(Debug)]
pub struct Side {
    /// What was opened.
    pub opened: Opened,
    /// What is known of its steps.
    pub ties: Ties,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// How the sides relate in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// Both say the same.
    Equal,
    /// Both are there and differ.
    Differs,
    /// Only one is there.
    Lone,
}

/// Two trajectories beside each other.
#[derive(Debug)]
pub struct Comparison {
    /// The sides.
    pub sides: [Side; 2],
    /// The rows: a place among the rows of each side.
    pub pairs: Vec<([Option<usize>; 2], Same)>,
    /// Where one is.
    pub list: List,
    /// Which side has the keys.
    pub side: usize,
    /// What is shown.
    pub shown: Shown,
}

impl Comparison {
    /// Aligns two trajectories.
    #[must_use]
    pub fn new(left: Opened, right: Opened) -> Self {
        let shown = Shown { tools: Tools::Short, thinking: false, context: false };
        let side = |opened: Opened| {
            let ties = Ties::of(&opened.trajectory, std::sync::Arc::default());
            let rows = rows(&opened.trajectory, &ties, shown);
            Side { opened, ties, rows }
        };
        let mut comparison = Self { sides: [side(left), side(right)], pairs: Vec::new(), list: List::default(), side: 0, shown };
        comparison.align();
        comparison.list.chosen = comparison.pairs.iter().position(|(_, same)| *same != Same::Equal).unwrap_or(0);
        comparison
    }

    /// Shows other things than before.
    pub fn show(&mut self, shown: Shown) {
        self.shown = shown;
        for side in &mut self.sides {
            side.rows = rows(&side.opened.trajectory, &side.ties, shown);
        }
        self.align();
        self.list.chosen = self.list.chosen.min(self.pairs.len().saturating_sub(1));
    }

    /// Gives the step of a side in the chosen row.
    #[must_use]
    pub fn step(&self, side: usize) -> Option<&Step> {
        let ([left, right], _) = self.pairs.get(self.list.chosen)?;
        let row = if side == 0 { *left } else { *right };
        let side = self.sides.get(side)?;
        side.opened.trajectory.steps.get(side.rows.get(row?)?.step as usize)
    }

    /// Finds the next row in which the sides differ.
    #[must_use]
    pub fn difference(&self, forwards: bool) -> Option<usize> {
        let at = self.list.chosen;
        let differs = |row: &usize| self.pairs.get(*row).is_some_and(|(_, same)| *same != Same::Equal);
        // What differs in a row goes by as one.
        let first = |row: &usize| differs(row) && (*row == 0 || !differs(&(row - 1)));
        if forwards { (at + 1..self.pairs.len()).find(first) } else { (0..at).rev().find(first) }
    }

    /// Finds the next row in which the step of a side is one that a jump goes to.
    #[must_use]
    pub fn next(&self, to: Jump, forwards: bool) -> Option<usize> {
        let at = self.list.chosen;
        let fits = |row: &usize| {
            let Some((places, _)) = self.pairs.get(*row) else { return false };
            let rows = self.sides.iter().zip(places).filter_map(|(side, place)| Some((side, side.rows.get((*place)?)?)));
            rows.filter(|(_, row)| row.line == 0).any(|(side, row)| means(&side.opened.trajectory, &side.ties, row.step as usize, to))
        };
        if forwards { (at + 1..self.pairs.len()).find(fits) } else { (0..at).rev().find(fits) }
    }

    fn align(&mut self) {
        let [left, right] = &self.sides;
        let (a, b) = (keys(left), keys(right));
        let (bare_a, bare_b) = (outlines(left), outlines(right));
        let mut pairs = Vec::with_capacity(a.len().max(b.len()));
        let (mut i, mut j) = (0, 0);
        for (x, y) in matching(&a, &b).into_iter().chain([(a.len(), b.len())]) {
            // Between rows that are the same, rows of one kind stand beside each other.
            while i < x || j < y {
                let both = i < x && j < y && bare_a.get(i) == bare_b.get(j);
                let ahead = |from: usize, to: usize, list: &[u64], wanted: Option<&u64>| (from..to).any(|at| list.get(at) == wanted);
                if both {
                    pairs.push(([Some(i), Some(j)], Same::Differs));
                    (i, j) = (i + 1, j + 1);
                } else if i < x && (j >= y || !ahead(j, y, &bare_b, bare_a.get(i)) || ahead(i + 1, x, &bare_a, bare_b.get(j))) {
                    pairs.push(([Some(i), None], Same::Lone));
                    i += 1;
                } else {
                    pairs.push(([None, Some(j)], Same::Lone));
                    j += 1;
                }
            }
            if x < a.len() && y < b.len() {
                pairs.push(([Some(x), Some(y)], Same::Equal));
                (i, j) = (x + 1, y + 1);
            }
        }
        self.pairs = pairs;
    }
}

fn hashed(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn step_of(t: &Trajectory, row: Row) -> Option<&Step> {
    t.steps.get(row.step as usize)
}

fn keys(side: &Side) -> Vec<u64> {
    let t = &side.opened.trajectory;
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    side.rows.iter().map(|row| hashed(step_of(t, *row).map(|step| (step.kind, step.actor, row.line, words(&step.text))))).collect()
}

fn outlines(side: &Side) -> Vec<u64> {
    let t = &side.opened.trajectory;
    let tool = |step: &Step| step.execution.as_deref().and_then(|id| t.execution(id)).map(|e| e.tool.clone());
    side.rows.iter().map(|row| hashed(step_of(t, *row).map(|step| (step.kind, step.actor, row.line, tool(step))))).collect()
}

/// Finds the longest common subsequence of two lists by the patience method: what stands once in both is tied first.
fn matching(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let rest = |list: &[u64]| list.len().saturating_sub(start).min(ALIGNED);
    let (a_mid, b_mid) = (a.get(start..start + rest(a)).unwrap_or_default(), b.get(start..start + rest(b)).unwrap_or_default());
    let mut count: FxHashMap<u64, (usize, usize, usize, usize)> = FxHashMap::default();
    for (at, key) in a_mid.iter().enumerate() {
        let entry = count.entry(*key).or_default();
        (entry.0, entry.2) = (entry.0 + 1, at);
    }
    for (at, key) in b_mid.iter().enumerate() {
        let entry = count.entry(*key).or_default();
        (entry.1, entry.3) = (entry.1 + 1, at);
    }
    let mut ties: Vec<(usize, usize)> = count.values().filter(|(in_a, in_b, ..)| *in_a == 1 && *in_b == 1).map(|(_, _, i, j)| (*i, *j)).collect();
    ties.sort_unstable();
    let kept = rising(&ties);
    let mut found: Vec<(usize, usize)> = (0..start).map(|at| (at, at)).collect();
    let (mut i, mut j) = (0, 0);
    for (x, y) in kept.into_iter().chain([(a_mid.len(), b_mid.len())]) {
        // Between two ties, what is equal right before the second belongs to it, and what is equal right after the first to that.
        while i < x && j < y && a_mid.get(i) == b_mid.get(j) {
            found.push((start + i, start + j));
            (i, j) = (i + 1, j + 1);
        }
        let mut tail = 0;
        while x > i + tail && y > j + tail && a_mid.get(x - tail - 1) == b_mid.get(y - tail - 1) {
            tail += 1;
        }
        found.extend((0..tail).rev().map(|back| (start + x - back - 1, start + y - back - 1)));
        if x < a_mid.len() && y < b_mid.len() {
            found.push((start + x, start + y));
            (i, j) = (x + 1, y + 1);
        }
    }
    found
}

/// Gives the longest part of pairs, sorted by their first, that rises in their second.
fn rising(ties: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(ties.len());
    let second = |at: usize| ties.get(at).map_or(0, |tie| tie.1);
    for (at, (_, y)) in ties.iter().enumerate() {
        let pile = piles.partition_point(|top| second(*top) < *y);
        before.push(pile.checked_sub(1).and_then(|left| piles.get(left).copied()));
        if pile < piles.len() { piles.splice(pile..=pile, [at]).for_each(drop) } else { piles.push(at) }
    }
    let mut chain = Vec::new();
    let mut next = piles.last().copied();
    while let Some(at) = next {
        chain.extend(ties.get(at).copied());
        next = before.get(at).copied().flatten();
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_common_is_tied() {
        let tied = |a: &[u64], b: &[u64]| matching(a, b).into_iter().map(|(i, _)| a[i]).collect::<Vec<_>>();
        assert_eq!(tied(&[1, 2, 3, 4, 5], &[1, 2, 9, 4, 5]), [1, 2, 4, 5]);
        assert_eq!(tied(&[1, 7, 3], &[7, 3, 8]), [7, 3]);
        assert_eq!(tied(&[], &[1]), [0; 0]);
    }

    proptest! {
        #[test]
        fn ties_rise_and_agree(a in proptest::collection::vec(0u64..6, 0..30), b in proptest::collection::vec(0u64..6, 0..30)) {
            let found = matching(&a, &b);
            prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{found:?}");
            prop_assert!(found.iter().all(|(i, j)| a[*i] == b[*j]));
        }
    }
}
