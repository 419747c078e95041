//! Two trajectories beside each other, their steps aligned.

use super::lanes::Ties;
use super::list::List;
use super::message::Opened;
use super::reading::{Jump, means};
use super::state::Screen;
use super::timeline::{Row, Shown, Tools, rows};
use crate::diff::{self, Same, align};
use crate::model::{Step, Trajectory};
use std::hash::{DefaultHasher, Hash, Hasher};

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

/// Two trajectories beside each other.
#[derive(Debug)]
pub struct Comparison {
    /// The sides.
    pub sides: [Side; 2],
    /// The rows: a place among the rows of each side.
    pub pairs: Vec<diff::Row>,
    /// Where one is.
    pub list: List,
    /// Which side has the keys.
    pub side: usize,
    /// What is shown.
    pub shown: Shown,
    /// Where it was asked for: there one goes back to.
    pub from: Screen,
}

impl Comparison {
    /// Aligns two trajectories.
    #[must_use]
    pub fn new(left: Opened, right: Opened, from: Screen) -> Self {
        let shown = Shown { tools: Tools::Short, thinking: false, context: false, also: None };
        let side = |opened: Opened| {
            let ties = Ties::of(&opened.trajectory, std::sync::Arc::default());
            let rows = rows(&opened.trajectory, &ties, shown);
            Side { opened, ties, rows }
        };
        let mut comparison = Self { sides: [side(left), side(right)], pairs: Vec::new(), list: List::default(), side: 0, shown, from };
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
        self.pairs = align(&told(left), &told(right));
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

/// Tells each row by what it says, and by what it is.
fn told(side: &Side) -> Vec<(u64, u64)> {
    let t = &side.opened.trajectory;
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    let tool = |step: &Step| step.execution.as_deref().and_then(|id| t.execution(id)).map(|e| e.tool.clone());
    let one = |row: &Row| {
        let step = step_of(t, *row);
        let said = hashed(step.map(|step| (step.kind, step.actor, row.line, words(&step.text))));
        (said, hashed(step.map(|step| (step.kind, step.actor, row.line, tool(step)))))
    };
    side.rows.iter().map(one).collect()
}
