//! Rows: examples written in a shape, each with an id that stays the same as long as decision, shape and policies do.

use super::definition::Definition;
use super::example::{Example, Side, Stands, digest};
use super::shapes::{Item, Line, NotCarried, Shape, Takes};
use super::splits::Split;
use serde::Serialize;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

/// One line of a data file.
#[derive(Debug, Clone)]
pub struct Row {
    /// Row id, 24 hex digits.
    pub id: String,
    /// The example it was written from.
    pub example: usize,
    /// The line without its end.
    pub line: String,
}

/// An example that has no row in one shape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refused {
    /// The example, `TRAJECTORY#TARGET`.
    pub example: String,
    /// The shape.
    pub shape: &'static str,
    /// Why.
    pub reason: String,
}

/// What one shape made of the examples.
#[derive(Default)]
pub struct Written {
    /// Rows of each split, sorted by id.
    pub rows: BTreeMap<Split, Vec<Row>>,
    /// What could not be carried.
    pub not_carried: NotCarried,
    /// Items that have no place in the shape.
    pub refused: Vec<Refused>,
}

/// Writes the examples in one shape.
#[must_use]
pub fn write(shape: &Shape, examples: &[Example], definition: &Definition, policies: &str) -> Written {
    let mut written = Written::default();
    let mut rows: BTreeMap<String, (usize, Result<Line, String>)> = BTreeMap::new();
    for (index, example) in examples.iter().enumerate() {
        for (key, item) in items(shape.takes, example) {
            let id = digest(&[shape.name, &example.trajectory, &example.target, &key, policies]);
            if let Entry::Vacant(place) = rows.entry(id) {
                place.insert((index, (shape.write)(&item, definition, &mut written.not_carried)));
            }
        }
    }
    let mut seen: HashSet<String> = HashSet::new();
    for (id, (index, line)) in rows {
        let example = &examples[index];
        match line {
            Ok(line) if line.unique.as_ref().is_some_and(|unique| !seen.insert(unique.clone())) => *written.not_carried.entry("duplicate").or_default() += 1,
            Ok(line) => written.rows.entry(example.split).or_default().push(Row { id, example: index, line: line.text }),
            Err(reason) => {
                *written.not_carried.entry("rows_refused").or_default() += 1;
                written.refused.push(Refused { shape: shape.name, example: example.name(), reason });
            }
        }
    }
    written
}

/// Gives the items that a shape takes of an example, each with the key that makes it one row and no other.
fn items(takes: Takes, example: &Example) -> Vec<(String, Item<'_>)> {
    let origin = |side: &Option<Side>| side.as_ref().map(|s| format!("{}@{}", s.origin, s.elsewhere.as_deref().unwrap_or("")));
    let (good, bad) = (origin(&example.good), origin(&example.bad));
    let item = |label| Item { example, label };
    match (takes, example.stands) {
        (Takes::Targets, Stands::Situation) if example.sft => good.into_iter().map(|key| (key, item(true))).collect(),
        (Takes::Pairs, Stands::Situation) => {
            let chosen = example.decided.as_ref().map_or("", |decided| &decided.pair);
            good.zip(bad).map(|(good, bad)| (format!("{good} {bad}{chosen}"), item(true))).into_iter().collect()
        }
        // That one of two was chosen does not make the other one bad by itself.
        (Takes::Failures | Takes::Labelled, _) if example.decided.is_some() => Vec::new(),
        (Takes::Failures, Stands::Situation) => bad.map(|key| (key, item(false))).into_iter().collect(),
        (Takes::Labelled, Stands::Situation) => {
            let good = good.filter(|_| example.sft).map(|key| (key, item(true)));
            // A turn of another trajectory stands under that trajectory's own example.
            let bad = bad.filter(|_| example.bad.as_ref().is_some_and(|side| side.elsewhere.is_none())).map(|key| (key, item(false)));
            good.into_iter().chain(bad).collect()
        }
        (Takes::Prompts, Stands::Point) => vec![(String::new(), item(true))],
        (Takes::Points, Stands::Point) => vec![(example.judged.clone(), item(true))],
        (Takes::Wholes, Stands::Whole) => vec![(String::new(), item(true))],
        _ => Vec::new(),
    }
}
