//! Rows: examples written in a shape, each with an id that stays the same as long as decision, shape and policies do.

use super::definition::Definition;
use super::example::{Example, Side, Stands, digest_bytes};
use super::shapes::{Item, Line, NotCarried, Shape, Takes};
use super::splits::Split;
use super::spool::{Place, Spool};
use crate::model::ids::hex;
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::io;

/// Examples that are written together, on every core.
const AT_ONCE: usize = 256;

/// One line of a data file, which lies in the spool.
#[derive(Debug, Clone)]
pub struct Row {
    /// Row id.
    pub id: RowId,
    /// The example it was written from.
    pub example: u32,
    /// SHA-256 of the line without its end.
    pub sha256: [u8; 32],
    /// Bytes of the line without its end.
    pub length: u32,
    /// The line without its end.
    pub line: Place,
}

/// A row id, written as 24 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId([u8; 12]);

impl RowId {
    fn of(parts: &[&str]) -> Self {
        Self(digest_bytes(parts))
    }
}

impl std::fmt::Display for RowId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
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

/// One row on its way into the spool: its id, what it loses, and the line or why there is none.
type Draft = (RowId, NotCarried, Result<Line, String>);

/// Writes the examples in one shape, on every core; the lines go to the spool.
pub fn write(shape: &Shape, examples: &[Example], definition: &Definition, policies: &str, spool: &mut Spool) -> io::Result<Written> {
    let mut written = Written::default();
    let mut rows: Vec<(Row, Option<RowId>)> = Vec::new();
    let mut known: HashSet<RowId> = HashSet::new();
    for first in (0..examples.len()).step_by(AT_ONCE) {
        let part = first..(first + AT_ONCE).min(examples.len());
        let drafts: Vec<Vec<Draft>> = part.clone().into_par_iter().map(|index| drafts(shape, &examples[index], definition, policies)).collect();
        for (index, drafts) in part.zip(drafts) {
            for (id, not_carried, line) in drafts.into_iter().filter(|(id, ..)| known.insert(*id)) {
                not_carried.into_iter().for_each(|(what, n)| *written.not_carried.entry(what).or_default() += n);
                match line {
                    Ok(line) => {
                        let (sha256, length) = (Sha256::digest(line.text.as_bytes()).into(), u32::try_from(line.text.len()).unwrap_or(u32::MAX));
                        let row = Row { id, example: u32::try_from(index).unwrap_or(u32::MAX), sha256, length, line: spool.add(&line.text)? };
                        rows.push((row, line.unique.as_deref().map(|unique| RowId::of(&[unique]))));
                    }
                    Err(reason) => {
                        *written.not_carried.entry("rows_refused").or_default() += 1;
                        written.refused.push(Refused { shape: shape.name, example: examples[index].name(), reason });
                    }
                }
            }
        }
    }
    rows.sort_unstable_by_key(|(row, _)| row.id);
    let mut seen: HashSet<RowId> = HashSet::new();
    for (row, unique) in rows {
        if unique.is_some_and(|unique| !seen.insert(unique)) {
            *written.not_carried.entry("duplicate").or_default() += 1;
        } else {
            written.rows.entry(examples[row.example as usize].split).or_default().push(row);
        }
    }
    Ok(written)
}

/// Writes the rows of one example.
fn drafts(shape: &Shape, example: &Example, definition: &Definition, policies: &str) -> Vec<Draft> {
    let draft = |(key, item): (String, Item<'_>)| {
        let id = RowId::of(&[shape.name, &example.trajectory, &example.target, &key, policies]);
        let mut not_carried = NotCarried::default();
        if example.orphans > 0 {
            not_carried.insert("orphans", example.orphans as u64);
        }
        let line = match example.reserved.filter(|_| templated(shape.takes)) {
            Some(word) => Err(format!("it holds {word}, which chat templates read as structure")),
            None => (shape.write)(&item, definition, &mut not_carried),
        };
        (id, not_carried, line)
    };
    items(shape.takes, example).into_iter().map(draft).collect()
}

/// Tells whether a trainer puts what a shape takes through a chat template.
const fn templated(takes: Takes) -> bool {
    matches!(takes, Takes::Targets | Takes::Pairs | Takes::Labelled | Takes::Prompts)
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
