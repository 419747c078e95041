//! One record of a source, as a reader sees it.

use super::json::Node;
use crate::model::Span;
use std::cell::Cell;
use std::sync::Arc;

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
    seen: Cell<(usize, u64)>,
    shifts: &'a [(usize, i64)],
}

impl<'a> Record<'a> {
    /// Makes a record of a node that was parsed from `text`.
    #[must_use]
    pub fn new(node: &'a Node<'a>, text: &'a str, span: Span, name: &'a str) -> Self {
        Self { node, text, span, name, seen: Cell::new((0, 0)), shifts: &[] }
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
        let (seen_to, seen_lines) = self.seen.get();
        let (from, before) = if seen_to <= offset { (seen_to, seen_lines) } else { (0, 0) };
        let passed = self.text.as_bytes().get(from..offset).map_or(0, |bytes| memchr::memchr_iter(b'\n', bytes).count() as u64);
        self.seen.set((offset, before + passed));
        let (start, end) = (self.byte(offset), self.byte(offset + node.raw.len()));
        Span { member: self.span.member.clone(), line: self.span.line + before + passed, start, end }
    }

    /// Gives the offset in the source of an offset in the text.
    fn byte(&self, offset: usize) -> u64 {
        let shift = self.shifts[..self.shifts.partition_point(|(from, _)| *from <= offset)].last().map_or(0, |(_, shift)| *shift);
        (self.span.start + offset as u64).saturating_add_signed(-shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::json::parse;

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
