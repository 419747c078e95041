//! Shapes: what trainers load. One file and one line of `SHAPES` for each; a shape says what it takes and what it cannot carry.

mod fold;
mod tinker_sft;

use super::definition::Definition;
use super::example::Example;
use super::judgement::Judgement;
use crate::model::Trajectory;
use std::collections::BTreeMap;

/// What one row of a shape is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A turn to learn.
    Targets,
    /// A turn to learn and one to avoid.
    Pairs,
    /// A turn and whether it is good.
    Labelled,
    /// A prompt, whatever followed.
    Prompts,
    /// A judged decision point.
    Points,
    /// A whole trajectory.
    Wholes,
}

/// What a row is written from.
pub enum Item<'a> {
    /// An example.
    Example(&'a Example),
    /// One side of an example: whether it is the good one.
    Side(&'a Example, bool),
    /// A trajectory with what was said of it as a whole.
    Whole(&'a Trajectory, Option<&'a Judgement>),
}

/// Counts what a shape could not carry, by a short name.
pub type NotCarried = BTreeMap<&'static str, u64>;

/// A file format that a trainer loads.
pub struct Shape {
    /// Name, which is also the name of its file.
    pub name: &'static str,
    /// What its rows are made of.
    pub takes: Takes,
    /// Columns and their types as `datasets` names them; empty where no such loader reads it.
    pub features: &'static [(&'static str, &'static str)],
    /// Fewest rows its consumer accepts.
    pub least: usize,
    /// Writes one row, or says why the item has no place in this shape.
    pub write: fn(&Item<'_>, &Definition, &mut NotCarried) -> Result<String, String>,
}

/// Every shape, in the order of the documents.
pub const SHAPES: &[&Shape] = &[&tinker_sft::SHAPE];

/// Finds a shape by its name.
#[must_use]
pub fn shape(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().copied().find(|shape| shape.name == name)
}

/// Adds to a count.
fn count(not_carried: &mut NotCarried, what: &'static str, n: usize) {
    if n > 0 {
        *not_carried.entry(what).or_default() += n as u64;
    }
}
