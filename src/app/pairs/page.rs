//! A pair facing itself: what both share across the whole width, then the two turns and what followed, row by row beside each other.

use crate::app::marks::Marks;
use crate::app::page::{Block, Page};
use crate::app::tone::Tone;
use crate::diff::{self, Same};
use crate::text::{Clean, clean, clean_block, human};
use crate::workspace::{Pair, PairView, Turn};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;

/// Messages of the prefix that are shown.
const BEFORE: usize = 60;
/// Bytes of a message that are shown where it is context.
const CONTEXT: usize = 4_000;
/// Bytes of a message that are shown in what followed.
const FOLLOWED: usize = 600;

/// A row: a line across, or a line for each side, as places among the lines of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaceRow {
    /// Across both sides.
    Across(usize),
    /// One for each side.
    Sides([Option<usize>; 2]),
}

/// What stands together: blocks across, or blocks for each side.
enum Unit {
    Across(Vec<Block>),
    Sides([Vec<Block>; 2]),
}

/// A pair, laid out.
#[derive(Debug, Default)]
pub struct Facing {
    /// What stands across both sides.
    pub across: Page,
    /// Each side.
    pub sides: [Page; 2],
    /// The rows.
    pub rows: Vec<FaceRow>,
    /// The row at which the turns begin.
    pub fork: usize,
    /// First row that is seen.
    pub top: usize,
    /// Blocks of each unit: across, left, right.
    units: Vec<[Range<usize>; 3]>,
    fork_unit: usize,
    laid: Option<(u16, u16)>,
}

impl Facing {
    fn new(units: Vec<Unit>, fork_unit: usize) -> Self {
        let (mut across, mut left, mut right) = (Vec::new(), Vec::new(), Vec::new());
        let mut ranges = Vec::with_capacity(units.len());
        for unit in units {
            let from = [across.len(), left.len(), right.len()];
            match unit {
                Unit::Across(blocks) => across.extend(blocks),
                Unit::Sides([a, b]) => {
                    left.extend(a);
                    right.extend(b);
                }
            }
            ranges.push([from[0]..across.len(), from[1]..left.len(), from[2]..right.len()]);
        }
        let sides = [Page::new(left), Page::new(right)];
        Self { across: Page::new(across), sides, rows: Vec::new(), fork: 0, top: 0, units: ranges, fork_unit, laid: None }
    }

    /// Lays it out for a width across and a width of each side, unless it is laid out so already; tells whether it was not.
    pub fn lay(&mut self, across: u16, side: u16) -> bool {
        if self.laid == Some((across, side)) {
            return false;
        }
        self.laid = Some((across, side));
        self.across.lay(across, 1, true);
        self.sides.iter_mut().for_each(|page| page.lay(side, 1, true));
        let lines = |page: &Page, blocks: &Range<usize>| {
            let first = page.lines().partition_point(|line| line.block < blocks.start);
            first..page.lines().partition_point(|line| line.block < blocks.end)
        };
        let mut rows = Vec::new();
        for (at, [whole, left, right]) in self.units.iter().enumerate() {
            if at == self.fork_unit {
                self.fork = rows.len();
            }
            rows.extend(lines(&self.across, whole).map(FaceRow::Across));
            let (a, b) = (lines(&self.sides[0], left), lines(&self.sides[1], right));
            let beside = |lines: &Range<usize>, n: usize| Some(lines.start + n).filter(|line| *line < lines.end);
            rows.extend((0..a.len().max(b.len())).map(|n| FaceRow::Sides([beside(&a, n), beside(&b, n)])));
        }
        self.rows = rows;
        true
    }
}

/// Writes a pair; `flipped` puts the right side at the left, `blind` keeps back what followed, by which a side would be known and the choice swayed.
/// What is not known yet of its surroundings is left out.
pub(in crate::app) fn facing(pair: &Pair, view: Option<&PairView>, (flipped, blind): (bool, bool), marks: &Marks) -> Facing {
    if let Some(why) = &pair.refused {
        let names = format!("{}\n{}", pair.left.name, pair.right.name);
        return Facing::new(vec![Unit::Across(vec![Block::text(Tone::Dim, &names), Block::new(), Block::text(Tone::Denied, why)])], 0);
    }
    let mut units = Vec::new();
    if let Some(view) = view {
        units.push(Unit::Across(before(view, marks)));
    }
    let fork = units.len();
    let empty = Turn { who: "assistant", tool: None, text: String::new(), thinking: None, calls: Vec::new(), refused: false };
    let sides = if flipped { [&pair.right, &pair.left] } else { [&pair.left, &pair.right] };
    let [a, b] = sides.map(|side| side.turn.as_ref().unwrap_or(&empty));
    units.extend(turns(a, b));
    if let Some(view) = view.filter(|view| view.after.iter().any(|after| !after.is_empty())) {
        let said = if blind { " what followed is hidden until you choose" } else { " what followed, which is no part of the pair" };
        let rule = Block::new().say(Tone::Border, &marks.rule.repeat(3)).say(Tone::Dim, said);
        units.push(Unit::Across(vec![Block::new(), rule]));
        let [left, right] = &view.after;
        if !blind {
            units.extend(followed(if flipped { [right, left] } else { [left, right] }));
        }
    }
    Facing::new(units, fork)
}

/// The label of a message.
fn label(turn: &Turn) -> Block {
    let (tone, name) = match (turn.who, &turn.tool) {
        ("assistant", _) => (Tone::Agent, "agent"),
        ("tool", Some(tool)) => (Tone::Tool, tool.as_str()),
        (who, _) => (Tone::User, who),
    };
    let block = Block::new().say(tone, &clean(name));
    if turn.refused { block.say(Tone::Denied, "  refused") } else { block }
}

/// What both sides share.
fn before(view: &PairView, marks: &Marks) -> Vec<Block> {
    let mut blocks = Vec::new();
    let hidden = view.before.len().saturating_sub(BEFORE);
    if hidden > 0 {
        blocks.push(Block::new().say(Tone::Dim, &format!("{} before these", human::plural(hidden, "message"))));
    }
    for turn in view.before.iter().skip(hidden) {
        blocks.push(label(turn));
        blocks.extend(said(turn, CONTEXT).into_iter().map(|text| Block { tones: toned(&text, Tone::Dim), text, ..Block::new() }.indented(2)));
    }
    blocks.push(Block::new().say(Tone::Border, &marks.rule.repeat(3)).say(Tone::Dim, " the same on both sides up to here"));
    blocks
}

fn toned(text: &Clean, tone: Tone) -> Vec<(Range<usize>, Tone)> {
    std::iter::once((0..text.len(), tone)).filter(|(range, _)| !range.is_empty()).collect()
}

/// What a message says and calls, each as a text, cut to some bytes.
fn said(turn: &Turn, most: usize) -> Vec<Clean> {
    let calls = turn.calls.iter().map(|call| format!("{} {}", call.name, call.arguments));
    let texts = Some(turn.text.trim_end().to_owned()).filter(|text| !text.is_empty()).into_iter().chain(calls);
    texts.map(|text| clean_block(&cut(&text, most))).collect()
}

fn cut(text: &str, most: usize) -> String {
    let Some((at, _)) = text.char_indices().find(|(at, _)| *at >= most) else { return text.to_owned() };
    format!("{} … {} more", text.get(..at).unwrap_or_default(), human::bytes((text.len() - at) as u64))
}

/// Two texts beside each other, the words that differ marked.
fn marked(left: &str, right: &str, indent: u16) -> [Vec<Block>; 2] {
    let texts = [left, right].map(clean_block);
    let marked = diff::words(&texts[0], &texts[1]);
    let mut side = 0;
    texts.map(|text| {
        let tones = marked.side(side).iter().map(|range| (range.clone(), Tone::Match)).collect();
        side += 1;
        if text.is_empty() { Vec::new() } else { vec![Block { text, tones, ..Block::new() }.indented(indent)] }
    })
}

/// The two turns: their texts, then their calls, argument by argument.
fn turns(a: &Turn, b: &Turn) -> Vec<Unit> {
    let mut units = vec![Unit::Sides([vec![label(a)], vec![label(b)]]), Unit::Sides(marked(a.text.trim_end(), b.text.trim_end(), 1))];
    for at in 0..a.calls.len().max(b.calls.len()) {
        let calls = [a.calls.get(at), b.calls.get(at)];
        let name = |call: Option<&crate::workspace::TurnCall>| call.map(|call| Block::new().say(Tone::Tool, &clean(&call.name))).into_iter().collect();
        units.push(Unit::Sides(calls.map(name)));
        let [left, right] = calls.map(|call| call.map_or("", |call| call.arguments.as_str()));
        for leaf in diff::leaves(left, right) {
            let sides = marked(leaf.left.as_deref().unwrap_or_default(), leaf.right.as_deref().unwrap_or_default(), 1);
            let mut there = [leaf.left.is_some(), leaf.right.is_some()].into_iter();
            units.push(Unit::Sides(sides.map(|side| if there.next() == Some(true) { named(&leaf.path, side) } else { side })));
        }
    }
    units
}

/// Puts the path of a value before it: on its line, or on one of its own where the value has several.
fn named(path: &str, value: Vec<Block>) -> Vec<Block> {
    if path.is_empty() {
        return value;
    }
    let mut first = Block::new().say(Tone::Name, &clean(path)).indented(1).hanging(2);
    match value.into_iter().next() {
        Some(block) if block.text.contains('\n') => vec![first, Block { indent: 3, ..block }],
        Some(block) => {
            first.add(Tone::Text, &clean("  "));
            let from = first.text.len();
            first.add(Tone::Text, &block.text);
            first.tones.extend(block.tones.into_iter().map(|(range, tone)| (from + range.start..from + range.end, tone)));
            vec![first]
        }
        None => vec![first],
    }
}

/// What followed each turn, aligned.
fn followed([a, b]: [&Vec<Turn>; 2]) -> Vec<Unit> {
    let hashed = |value: &dyn Fn(&mut FxHasher)| {
        let mut hasher = FxHasher::default();
        value(&mut hasher);
        hasher.finish()
    };
    let told = |turns: &[Turn]| -> Vec<(u64, u64)> {
        let one = |turn: &Turn| {
            let texts: Vec<String> = said(turn, usize::MAX).into_iter().map(Clean::into_string).collect();
            let calls: Vec<&str> = turn.calls.iter().map(|call| call.name.as_str()).collect();
            (hashed(&|h| (turn.who, &turn.tool, &texts).hash(h)), hashed(&|h| (turn.who, &turn.tool, &calls).hash(h)))
        };
        turns.iter().map(one).collect()
    };
    let unit = |(places, same): diff::Row| {
        let [left, right] = [(a, places[0]), (b, places[1])].map(|(turns, at)| at.and_then(|at| turns.get(at)));
        let text = |turn: Option<&Turn>| turn.map(|turn| said(turn, FOLLOWED).into_iter().map(Clean::into_string).collect::<Vec<_>>().join("\n"));
        let mut sides = marked(&text(left).unwrap_or_default(), &text(right).unwrap_or_default(), 1);
        for (side, turn) in sides.iter_mut().zip([left, right]) {
            if same != Same::Differs {
                side.iter_mut().for_each(|block| block.tones = toned(&block.text, Tone::Dim));
            }
            side.splice(0..0, turn.map(label));
        }
        Unit::Sides(sides)
    };
    diff::align(&told(a), &told(b)).into_iter().map(unit).collect()
}
