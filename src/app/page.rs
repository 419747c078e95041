//! A page of text: blocks with tones, laid out in lines for a width, searched, and scrolled; the size of the text does not matter to a frame.

use super::list::Move;
use super::tone::Tone;
use crate::text::{self, Clean, Styled, clean, wrap};
use std::ops::Range;

/// A piece of a page that begins on a line of its own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// The text, with newlines where it has several lines.
    pub text: Clean,
    /// Tones of byte ranges, in order; the rest is `Tone::Text`.
    pub tones: Vec<(Range<usize>, Tone)>,
    /// Columns left free before every line.
    pub indent: u16,
    /// Columns left free before the lines after a wrap, beyond the indent.
    pub hang: u16,
}

impl Block {
    /// Makes an empty block.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text of one line, cleaned.
    #[must_use]
    pub fn say(mut self, tone: Tone, said: &str) -> Self {
        self.add(tone, &clean(said));
        self
    }

    /// Adds clean text.
    pub fn add(&mut self, tone: Tone, said: &Clean) {
        let from = self.text.len();
        self.text.append(said);
        if tone != Tone::Text && !said.is_empty() {
            self.tones.push((from..self.text.len(), tone));
        }
    }

    /// Leaves columns free before every line.
    #[must_use]
    pub const fn indented(mut self, columns: u16) -> Self {
        self.indent = columns;
        self
    }

    /// Leaves columns free before the lines after a wrap.
    #[must_use]
    pub const fn hanging(mut self, columns: u16) -> Self {
        self.hang = columns;
        self
    }

    /// Makes a block of a text of several lines in one tone.
    #[must_use]
    pub fn text(tone: Tone, raw: &str) -> Self {
        let mut block = Self::new();
        block.add(tone, &text::clean_block(raw.trim_end_matches('\n')));
        block
    }

    /// Makes a block of what a program printed, with its colours.
    #[must_use]
    pub fn printed(raw: &str) -> Self {
        let Styled { text, spans } = text::styled(raw.trim_end_matches('\n'));
        // What a program coloured keeps its colours; a plain patch is given those of one.
        if spans.is_empty() && super::arguments::is_patch(&text) {
            return super::arguments::patch(&text);
        }
        Self { text, tones: spans.into_iter().map(|(range, style)| (range, Tone::Printed(style))).collect(), ..Self::default() }
    }
}

/// One line as it stands on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Number of the block.
    pub block: usize,
    /// Bytes of its text.
    pub range: Range<usize>,
    /// Columns left free before it.
    pub indent: u16,
}

/// A page of text and where one is in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    blocks: Vec<Block>,
    lines: Vec<Line>,
    laid: Option<(u16, bool)>,
    /// First line that is seen.
    pub top: usize,
    /// Columns that are scrolled away at the left, where lines are not wrapped.
    pub left: u16,
    /// What is looked for.
    needle: String,
    hits: Vec<(usize, Range<usize>)>,
    hit: Option<usize>,
    /// The block that stands at the top once it is laid out.
    begins: Option<usize>,
}

impl Page {
    /// Makes a page of blocks.
    #[must_use]
    pub fn new(blocks: Vec<Block>) -> Self {
        Self { blocks, ..Self::default() }
    }

    /// Begins with a block; what is above it is scrolled to.
    #[must_use]
    pub const fn beginning(mut self, block: usize) -> Self {
        self.begins = Some(block);
        self
    }

    /// Gives the blocks.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Gives the lines as they were last laid out.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Lays the page out, unless it is laid out so already, and keeps its place in sight.
    pub fn lay(&mut self, columns: u16, height: u16, wrapped: bool) {
        if self.laid != Some((columns, wrapped)) {
            let place = self.lines.get(self.top).map(|line| (line.block, line.range.start));
            self.lines = self.blocks.iter().enumerate().flat_map(|(number, block)| laid_out(number, block, columns, wrapped)).collect();
            self.laid = Some((columns, wrapped));
            if let Some(place) = place {
                self.top = self.line_at(place);
            }
        }
        if let Some(block) = self.begins.take() {
            self.top = self.lines.partition_point(|line| line.block < block);
        }
        self.top = self.top.min(self.lines.len().saturating_sub(usize::from(height)));
        if wrapped {
            self.left = 0;
        }
    }

    fn line_at(&self, place: (usize, usize)) -> usize {
        self.lines.partition_point(|line| (line.block, line.range.start) <= place).saturating_sub(1)
    }

    /// Scrolls to a line, or farther where a block and the two after it would not be in sight.
    pub fn show_block(&mut self, block: usize, top: usize, height: u16) {
        let first = self.lines.partition_point(|line| line.block < block);
        let end = self.lines.partition_point(|line| line.block <= block + 2);
        self.top = top.max(end.saturating_sub(usize::from(height))).min(first);
    }

    /// Scrolls by lines.
    pub fn scroll(&mut self, lines: isize) {
        self.top = self.top.saturating_add_signed(lines).min(self.lines.len());
    }

    /// Moves as in a list; `height` are the rows that are seen.
    pub fn go(&mut self, how: Move, height: usize) {
        let half = isize::try_from(height / 2).unwrap_or(1).max(1);
        match how {
            Move::Rows(rows) => self.scroll(rows),
            Move::Halves(halves) => self.scroll(halves * half),
            Move::First => self.top = 0,
            Move::Last => self.top = self.lines.len(),
        }
    }

    /// Gives the whole text, as it is copied.
    #[must_use]
    pub fn plain(&self) -> String {
        self.blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Looks for a text without regard to case, and goes to the first hit at or after the top.
    pub fn find(&mut self, needle: &str) {
        self.mark(needle);
        self.show_hit();
    }

    /// Looks for a text without regard to case, to mark it where one is.
    pub fn mark(&mut self, needle: &str) {
        needle.clone_into(&mut self.needle);
        self.hits.clear();
        let wanted = needle.to_lowercase();
        for (number, block) in self.blocks.iter().enumerate().filter(|_| !wanted.is_empty()) {
            self.hits.extend(find_all(&block.text, &wanted).into_iter().map(|range| (number, range)));
        }
        let seen = self.lines.get(self.top).map_or((0, 0), |line| (line.block, line.range.start));
        let at = self.hits.iter().position(|(block, range)| (*block, range.start) >= seen).unwrap_or(0);
        self.hit = (!self.hits.is_empty()).then_some(at);
    }

    /// Goes to another hit, round the ends.
    pub fn next_hit(&mut self, by: isize) {
        if let Some(hit) = self.hit {
            let count = isize::try_from(self.hits.len()).unwrap_or(1).max(1);
            self.hit = usize::try_from((isize::try_from(hit).unwrap_or(0) + by).rem_euclid(count)).ok();
            self.show_hit();
        }
    }

    fn show_hit(&mut self) {
        if let Some((block, range)) = self.hit.and_then(|hit| self.hits.get(hit)) {
            self.top = self.line_at((*block, range.start)).saturating_sub(2);
        }
    }

    /// Gives what is looked for, which hit one is at from 1, and how many there are.
    #[must_use]
    pub fn search(&self) -> Option<(&str, usize, usize)> {
        (!self.needle.is_empty()).then(|| (self.needle.as_str(), self.hit.map_or(0, |hit| hit + 1), self.hits.len()))
    }

    /// Gives the tones of a line, hits laid over them.
    #[must_use]
    pub fn tones(&self, line: &Line) -> Vec<(Range<usize>, Tone)> {
        let Some(block) = self.blocks.get(line.block) else { return Vec::new() };
        let within = |range: &Range<usize>| range.start.max(line.range.start)..range.end.min(line.range.end);
        let first = block.tones.partition_point(|(range, _)| range.end <= line.range.start);
        let own = block.tones.iter().skip(first).take_while(|(range, _)| range.start < line.range.end).map(|(range, tone)| (within(range), *tone));
        let from = self.hits.partition_point(|(block, range)| (*block, range.end) <= (line.block, line.range.start));
        let found = self.hits.iter().skip(from).take_while(|(block, range)| *block == line.block && range.start < line.range.end);
        own.chain(found.map(|(_, range)| (within(range), Tone::Match))).collect()
    }
}

fn laid_out(number: usize, block: &Block, columns: u16, wrapped: bool) -> Vec<Line> {
    let room = usize::from(columns.saturating_sub(block.indent)).max(1);
    if !wrapped {
        let mut start = 0;
        return block
            .text
            .split('\n')
            .map(|line| {
                let range = start..start + line.len();
                start = range.end + 1;
                Line { block: number, range, indent: block.indent }
            })
            .collect();
    }
    let mut lines = wrap(&block.text, room);
    let hang = usize::from(block.hang);
    if hang > 0 && lines.len() > 1 && room > hang + 8 {
        // Only the first line is as long as it was; the rest is wrapped again in what the hang leaves.
        let rest = lines.get(1).map_or(0, |line| line.start);
        let tail = wrap(block.text.get(rest..).unwrap_or_default(), room - hang);
        lines.truncate(1);
        lines.extend(tail.into_iter().map(|range| range.start + rest..range.end + rest));
    }
    let indent = |at: usize| if at > 0 { block.indent + block.hang } else { block.indent };
    lines.into_iter().enumerate().map(|(at, range)| Line { block: number, range, indent: indent(at) }).collect()
}

/// Finds a lowercase text in another without regard to case; places are bytes of the text as it stands.
#[must_use]
pub fn find_all(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let mut lower = String::with_capacity(text.len());
    if text.is_ascii() {
        lower.push_str(text);
        lower.make_ascii_lowercase();
        return lower.match_indices(wanted).map(|(at, found)| at..at + found.len()).collect();
    }
    let mut places = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        for l in c.to_lowercase() {
            places.extend(std::iter::repeat_n(at, l.len_utf8()));
            lower.push(l);
        }
    }
    places.push(text.len());
    let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
    let end = |at: usize| places.get(at..).and_then(|rest| rest.iter().find(|p| **p != place(at - 1))).copied().unwrap_or(text.len());
    lower.match_indices(wanted).map(|(at, found)| place(at)..end(at + found.len())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &Page) -> Vec<String> {
        page.lines().iter().map(|line| format!("{}{}", " ".repeat(line.indent.into()), &page.blocks()[line.block].text[line.range.clone()])).collect()
    }

    #[test]
    fn pages_wrap_hang_and_scroll() {
        let mut page = Page::new(vec![
            Block::new().say(Tone::Dim, "key ").say(Tone::Text, "one two three four").indented(2).hanging(4),
            Block::text(Tone::Text, "a\n\nb"),
        ]);
        page.lay(16, 2, true);
        assert_eq!(shown(&page), ["  key one two", "      three four", "a", "", "b"]);
        page.scroll(3);
        page.lay(40, 2, true);
        assert_eq!((page.top, shown(&page).len()), (2, 4));
        page.lay(40, 2, false);
        assert_eq!(shown(&page)[0], "  key one two three four");
    }

    #[test]
    fn hits_are_found_and_walked() {
        let mut page = Page::new((0..9).map(|n| Block::new().say(Tone::Text, &format!("Line {n} straße"))).collect());
        page.lay(30, 3, true);
        page.find("LINE 7");
        page.lay(30, 3, true);
        assert_eq!((page.search(), page.top), (Some(("LINE 7", 1, 1)), 5));
        page.find("straße");
        page.next_hit(-1);
        assert_eq!(page.search().map(|(_, at, of)| (at, of)), Some((5, 9)));
        let line = page.lines()[0].clone();
        assert_eq!(page.tones(&line), [(7..14, Tone::Match)]);
        assert_eq!(find_all("İxx", "x"), [2..3, 3..4]);
    }
}
