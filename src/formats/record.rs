//! One record of a source, as a reader sees it.

use super::json::Node;
use crate::model::Span;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;

/// Line feeds are counted once per this many bytes, so that going back in a large document costs little.
const BLOCK: usize = 64 << 10;

/// A record: its JSON, its exact text and its place.
pub struct Record<'a> {
    /// The record's JSON.
    pub node: &'a Node<'a>,
    /// The record's exact text.
    pub text: &'a str,
    /// The record's place.
    pub span: Span,
    /// File name of the source, without folders.
    pub name: &'a str,
    /// Whether it is a document of its own, whose elements count as records, and not a line.
    pub document: bool,
    seen: Cell<(usize, u64)>,
    blocks: OnceCell<Vec<u64>>,
    shifts: &'a [(usize, i64)],
}

impl<'a> Record<'a> {
    /// Makes a record of a node that was parsed from `text`.
    #[must_use]
    pub fn new(node: &'a Node<'a>, text: &'a str, span: Span, name: &'a str) -> Self {
        Self { node, text, span, name, document: false, seen: Cell::new((0, 0)), blocks: OnceCell::new(), shifts: &[] }
    }

    /// Says that the record is a document of its own.
    #[must_use]
    pub const fn whole(mut self, document: bool) -> Self {
        self.document = document;
        self
    }

    /// Sets where the text stands later than in the record, for a record that is not UTF-8: (offset in the text, bytes).
    #[must_use]
    pub const fn shifted(mut self, shifts: &'a [(usize, i64)]) -> Self {
        self.shifts = shifts;
        self
    }

    /// Gives the name of the archive member the record stands in.
    #[must_use]
    pub const fn member(&self) -> Option<&Arc<str>> {
        self.span.member.as_ref()
    }

    /// Gives the place of a value inside this record, so that an element of a document counts as a record of its own.
    #[must_use]
    pub fn place(&self, node: &Node<'_>) -> Span {
        let offset = (node.raw.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize).min(self.text.len());
        let (start, end) = (self.byte(offset), self.byte(offset + node.raw.len()));
        Span { member: self.span.member.clone(), line: self.span.line + self.lines_before(offset), start, end }
    }

    /// Counts the line feeds before an offset: on from the last one asked for, or from the block it lies in.
    fn lines_before(&self, offset: usize) -> u64 {
        let (seen_to, seen) = self.seen.get();
        let (from, before) = if seen_to <= offset && offset - seen_to <= BLOCK {
            (seen_to, seen)
        } else {
            let nth = offset / BLOCK;
            (nth * BLOCK, self.blocks.get_or_init(|| self.count_blocks()).get(nth).copied().unwrap_or(0))
        };
        let lines = before + self.text.as_bytes().get(from..offset).map_or(0, feeds);
        self.seen.set((offset, lines));
        lines
    }

    /// Counts the line feeds before each block.
    fn count_blocks(&self) -> Vec<u64> {
        let counts = self.text.as_bytes().chunks(BLOCK).scan(0, |before, block| Some(std::mem::replace(before, *before + feeds(block))));
        counts.collect()
    }

    /// Gives the offset in the source of an offset in the text.
    fn byte(&self, offset: usize) -> u64 {
        let shift = self.shifts[..self.shifts.partition_point(|(from, _)| *from <= offset)].last().map_or(0, |(_, shift)| *shift);
        (self.span.start + offset as u64).saturating_add_signed(-shift)
    }
}

fn feeds(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::json::parse;

    #[test]
    fn lines_are_told_in_any_order() {
        let text = format!("[{}]", vec![format!("\n{{\"a\":\"{}\"}}", "x".repeat(5000)); 60].join(","));
        let node = parse(&text).unwrap();
        let record = Record::new(&node, &text, Span { member: None, line: 1, start: 0, end: text.len() as u64 }, "x.json");
        for nth in [0, 59, 3, 40, 41, 2, 58, 0] {
            assert_eq!(record.place(&node.items()[nth]).line, nth as u64 + 2);
        }
    }

    #[test]
    fn places_of_elements_are_exact() {
        let text = "{\n \"items\": [\n  {\"a\":1},\n  {\"b\":2}\n ]\n}";
        let node = parse(text).unwrap();
        let record = Record::new(&node, text, Span { member: None, line: 1, start: 100, end: 100 + text.len() as u64 }, "x.json");
        let items = node.get("items").unwrap().items();
        for (item, line) in [(&items[1], 4), (&items[0], 3)] {
            let span = record.place(item);
            let start = usize::try_from(span.start - 100).unwrap();
            assert_eq!((span.line, &text[start..start + item.raw.len()]), (line, item.raw));
        }
    }
}
