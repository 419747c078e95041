//! Rows: examples written in every shape that is wanted, each row with an id that stays the same as long as decision, shape and policies do.

use super::brief::Brief;
use super::bundle::cards;
use super::definition::Definition;
use super::example::{Example, Stands, digest_bytes};
use super::hoard::Hoard;
use super::lineage;
use super::shapes::{self, Item, Line, Memo, NotCarried, Shape, Takes};
use super::splits::Split;
use super::spool::{Place, Spool};
use super::watch::Watched;
use crate::model::ids::hex;
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;

/// Examples that are read and written together, on every core.
const AT_ONCE: usize = 256;
/// Bytes of rows that are made together, about; a session of a million tokens is parted where it would make more.
const BYTES_AT_ONCE: usize = 32 << 20;
/// Bytes of rows that one core makes at a time, about.
const PART: usize = BYTES_AT_ONCE / 4;
/// Bytes of a token, about.
const TOKEN: usize = 5;

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

/// What is written of every example beside its rows.
#[derive(Clone, Copy)]
pub struct Beside {
    /// The part of its lineage that all of its rows share.
    pub lineage: Place,
    /// Its decision card: the fields before its rows, those after, and the card for a person.
    pub card: Option<[Place; 3]>,
}

/// Everything that was written, in the spool.
pub struct Rows {
    /// By shape, in the order in which they were asked for.
    pub shapes: Vec<Written>,
    /// By the place of the example's brief.
    pub beside: Vec<Option<Beside>>,
    /// Date of the last decision that any example cites.
    pub date: Option<String>,
    /// The lines.
    pub spool: Spool,
}

/// One row on its way into the spool: its shape's place, its id, what it loses, and the line or why there is none.
type Draft = (usize, RowId, NotCarried, Result<Line, String>);

/// An example on its way: the place of its brief, its rows, its lineage, its card, and its last date.
type Drafted = (usize, Vec<Draft>, String, Option<[String; 3]>, Option<String>);

/// What the rows of an export are written by.
pub struct Writing<'a> {
    /// The examples.
    pub hoard: &'a Hoard,
    /// The shapes.
    pub shapes: &'a [&'static Shape],
    /// The definition.
    pub definition: &'a Definition,
    /// Hash of its policies.
    pub policies: String,
    /// What the audit says of every card.
    pub audit: cards::Audit,
}

impl Writing<'_> {
    /// Writes the examples in every shape, on every core; the lines go to the spool.
    pub fn write(&self, mut spool: Spool, watch: &mut Watched<'_, '_>) -> io::Result<Rows> {
        let owners: Vec<HashMap<RowId, u32>> = self.shapes.iter().map(|shape| self.owners(shape)).collect();
        let mut made: Vec<Vec<(Row, Option<RowId>)>> = self.shapes.iter().map(|_| Vec::new()).collect();
        let mut shapes: Vec<Written> = self.shapes.iter().map(|_| Written::default()).collect();
        let (mut beside, mut date): (Vec<Option<Beside>>, Option<String>) = (vec![None; self.hoard.briefs.len()], None);
        let batches = self.batches();
        let all = batches.len();
        for (done, batch) in batches.into_iter().enumerate() {
            watch.go(done, all)?;
            let drafted: io::Result<Vec<Vec<Drafted>>> = batch.into_par_iter().map(|part| self.drafted(&part, &owners)).collect();
            for (index, drafts, lineage, card, last) in drafted?.into_iter().flatten() {
                date = date.max(last);
                let card = card.map(|[head, tail, text]| Ok::<_, io::Error>([spool.add(&head)?, spool.add(&tail)?, spool.add(&text)?])).transpose()?;
                beside[index] = Some(Beside { lineage: spool.add(&lineage)?, card });
                for (shape, id, not_carried, line) in drafts {
                    let written = &mut shapes[shape];
                    not_carried.into_iter().for_each(|(what, n)| *written.not_carried.entry(what).or_default() += n);
                    match line {
                        Ok(line) => made[shape].push((row(id, index, &line, &mut spool)?, line.unique.as_deref().map(|unique| RowId::of(&[unique])))),
                        Err(reason) => {
                            *written.not_carried.entry("rows_refused").or_default() += 1;
                            let example = self.hoard.briefs[index].name();
                            written.refused.push(Refused { shape: self.shapes[shape].name, example, reason });
                        }
                    }
                }
            }
        }
        shapes.iter_mut().zip(made).for_each(|(written, rows)| self.sort(written, rows));
        Ok(Rows { shapes, beside, date, spool })
    }

    /// Gives for each row of a shape the example that it is written from: the first, where two would make the same row.
    fn owners(&self, shape: &Shape) -> HashMap<RowId, u32> {
        let mut owners = HashMap::new();
        for (index, brief) in self.hoard.briefs.iter().enumerate() {
            for (key, _) in items(shape.takes, brief) {
                owners.entry(self.id(shape, brief, &key)).or_insert(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        owners
    }

    fn id(&self, shape: &Shape, brief: &Brief, key: &str) -> RowId {
        RowId::of(&[shape.name, &brief.trajectory, &brief.target, key, &self.policies])
    }

    /// Parts the briefs, in the order on disk, into batches of parts, each part of one trajectory.
    fn batches(&self) -> Vec<Vec<Vec<usize>>> {
        let mut batches: Vec<Vec<Vec<usize>>> = Vec::new();
        let (mut examples, mut bytes) = (AT_ONCE, 0);
        // The part that is being filled: its trajectory, and the bytes of its rows.
        let mut part: Option<(u32, usize)> = None;
        for i in self.hoard.in_order() {
            let brief = &self.hoard.briefs[i];
            let (here, weight) = (brief.at.chunk, brief.tokens.saturating_mul(TOKEN).saturating_mul(self.shapes.len()));
            let filled = part.filter(|(chunk, filled)| *chunk == here && filled + weight <= PART).map(|(_, filled)| filled);
            if filled.is_none() {
                if examples >= AT_ONCE || bytes + weight > BYTES_AT_ONCE {
                    batches.push(Vec::new());
                    (examples, bytes) = (0, 0);
                }
                batches.last_mut().into_iter().for_each(|batch| batch.push(Vec::new()));
            }
            part = Some((here, filled.unwrap_or(0) + weight));
            (examples, bytes) = (examples + 1, bytes + weight);
            batches.last_mut().and_then(|batch| batch.last_mut()).into_iter().for_each(|part| part.push(i));
        }
        batches
    }

    /// Writes examples of one trajectory.
    fn drafted(&self, part: &[usize], owners: &[HashMap<RowId, u32>]) -> io::Result<Vec<Drafted>> {
        let Some(first) = part.first() else { return Ok(Vec::new()) };
        let chunk = self.hoard.chunk(self.hoard.briefs[*first].at.chunk)?;
        let one = |index: &usize| {
            let brief = &self.hoard.briefs[*index];
            let example = self.hoard.example(brief, &chunk)?;
            let other = brief.bad.as_ref().and_then(|side| side.elsewhere.as_deref()).and_then(|id| self.hoard.chunk_of(id));
            let other = other.map(|other| self.hoard.chunk(other)).transpose()?;
            let lineage = lineage::shared(&example, &chunk.whole, other.as_ref().map(|other| &other.whole), self.audit.rules_sha256.as_deref());
            let card = brief.is_situation().then(|| cards::card(&example, self.definition, &self.audit));
            let last = example.cited.iter().map(|cited| cited.at.clone()).max();
            Ok((*index, self.drafts(*index, &example, &chunk.memo, owners), lineage, card, last))
        };
        part.iter().map(one).collect()
    }

    /// Writes the rows of one example.
    fn drafts(&self, index: usize, example: &Example, memo: &Memo, owners: &[HashMap<RowId, u32>]) -> Vec<Draft> {
        let brief = &self.hoard.briefs[index];
        let mut drafts = Vec::new();
        let level = example.without_one_sided_thinking();
        for (place, shape) in self.shapes.iter().enumerate() {
            for (key, label) in items(shape.takes, brief) {
                let id = self.id(shape, brief, &key);
                if owners.get(place).and_then(|owners| owners.get(&id)).is_none_or(|owner| *owner as usize != index) {
                    continue;
                }
                let item = Item { memo, example, label };
                let leaves = Item { memo, example: level.as_ref().filter(|_| shape.takes == Takes::Pairs).unwrap_or(example), label };
                let line = match example.reserved.filter(|_| templated(shape.takes)) {
                    Some(word) => Err(format!("it holds {word}, which chat templates read as structure")),
                    None => (shape.write)(&leaves, self.definition),
                };
                let not_carried = if line.is_ok() { self.lost(shape, item) } else { NotCarried::default() };
                drafts.push((place, id, not_carried, line));
            }
        }
        drafts
    }

    /// Counts what a row cannot carry.
    fn lost(&self, shape: &Shape, item: Item<'_>) -> NotCarried {
        let row = shapes::Row::of(item, shape.takes, self.definition);
        let counted = shape.loses.iter().chain([&shapes::ONE_SIDED, &shapes::ORPHANS]).map(|loss| (loss.name, (loss.count)(&row) as u64));
        counted.filter(|(_, n)| *n > 0).collect()
    }

    /// Puts the rows of a shape in order and parts them; of those that the file may hold once, the first stays.
    fn sort(&self, written: &mut Written, mut rows: Vec<(Row, Option<RowId>)>) {
        rows.sort_unstable_by_key(|(row, _)| row.id);
        written.refused.sort();
        let mut seen: HashSet<RowId> = HashSet::new();
        for (row, unique) in rows {
            if unique.is_some_and(|unique| !seen.insert(unique)) {
                *written.not_carried.entry("duplicate").or_default() += 1;
            } else {
                written.rows.entry(self.hoard.briefs[row.example as usize].split).or_default().push(row);
            }
        }
    }
}

fn row(id: RowId, index: usize, line: &Line, spool: &mut Spool) -> io::Result<Row> {
    let (sha256, length) = (Sha256::digest(line.text.as_bytes()).into(), u32::try_from(line.text.len()).unwrap_or(u32::MAX));
    Ok(Row { id, example: u32::try_from(index).map_err(io::Error::other)?, sha256, length, line: spool.add(&line.text)? })
}

/// Tells whether a trainer puts what a shape takes through a chat template.
const fn templated(takes: Takes) -> bool {
    matches!(takes, Takes::Targets | Takes::Pairs | Takes::Labelled | Takes::Prompts)
}

/// Gives the items that a shape takes of an example: the key that makes each one row and no other, and which side of it is meant.
fn items(takes: Takes, brief: &Brief) -> Vec<(String, bool)> {
    let key = |side: &Option<super::brief::SideBrief>| side.as_ref().map(super::brief::SideBrief::key);
    let (good, bad) = (key(&brief.good), key(&brief.bad));
    match (takes, brief.stands) {
        (Takes::Targets, Stands::Situation) if brief.sft => good.into_iter().map(|key| (key, true)).collect(),
        (Takes::Pairs, Stands::Situation) => {
            let chosen = brief.decided.as_ref().map_or("", |decided| &decided.pair);
            good.zip(bad).map(|(good, bad)| (format!("{good} {bad}{chosen}"), true)).into_iter().collect()
        }
        // That one of two was chosen does not make the other one bad by itself.
        (Takes::Failures | Takes::Labelled, _) if brief.decided.is_some() => Vec::new(),
        (Takes::Failures, Stands::Situation) => bad.map(|key| (key, false)).into_iter().collect(),
        (Takes::Labelled, Stands::Situation) => {
            let good = good.filter(|_| brief.sft).map(|key| (key, true));
            // A turn of another trajectory stands under that trajectory's own example.
            let bad = bad.filter(|_| brief.bad.as_ref().is_some_and(|side| side.elsewhere.is_none())).map(|key| (key, false));
            good.into_iter().chain(bad).collect()
        }
        (Takes::Prompts, Stands::Point) => vec![(String::new(), true)],
        (Takes::Points, Stands::Point) => vec![(brief.judged.to_string(), true)],
        (Takes::Wholes, Stands::Whole) => vec![(String::new(), true)],
        _ => Vec::new(),
    }
}
