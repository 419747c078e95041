//! Where each byte of a decoded text came from.

use std::ops::Range;

/// A stretch of decoded text that came from one stretch of its parent, in equal units.
#[derive(Debug, Clone, Copy)]
struct Piece {
    child: usize,
    parent: usize,
    child_len: usize,
    parent_len: usize,
    /// Bytes of the child, and of the parent, in one unit.
    unit: (usize, usize),
}

/// The way back from a decoded text to the text it was decoded from.
#[derive(Debug, Clone, Default)]
pub struct Map {
    pieces: Vec<Piece>,
}

/// A decoded text and the way back.
#[derive(Debug, Clone, Default)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// The way back to the parent.
    pub map: Map,
}

impl Map {
    /// Adds a stretch; stretches come in the order of the child.
    pub fn push(&mut self, child: Range<usize>, parent: Range<usize>, unit: (usize, usize)) {
        if let Some(last) = self.pieces.last_mut()
            && last.unit == unit
            && last.child + last.child_len == child.start
            && last.parent + last.parent_len == parent.start
            && (unit == (1, 1) || last.child_len % unit.0.max(1) == 0)
        {
            last.child_len += child.len();
            last.parent_len += parent.len();
            return;
        }
        self.pieces.push(Piece { child: child.start, parent: parent.start, child_len: child.len(), parent_len: parent.len(), unit });
    }

    /// Gives the range of the parent that a range of the child was decoded from, whole units of an encoding.
    #[must_use]
    pub fn back(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.edge(range.start, false);
        let end = if range.end > range.start { self.edge(range.end - 1, true) } else { start };
        start..end.max(start)
    }

    /// Tells whether a range of the child stood in more than one piece of the parent.
    #[must_use]
    pub fn spans_pieces(&self, range: &Range<usize>) -> bool {
        let at = |offset: usize| self.pieces.partition_point(|piece| piece.child <= offset);
        range.end > range.start && at(range.start) != at(range.end - 1)
    }

    /// Gives where the unit that holds a byte of the child begins in the parent, or where it ends.
    fn edge(&self, at: usize, end: bool) -> usize {
        let index = self.pieces.partition_point(|piece| piece.child <= at);
        let Some(piece) = index.checked_sub(1).and_then(|i| self.pieces.get(i)) else { return 0 };
        let whole = piece.parent + piece.parent_len;
        let (child, parent) = piece.unit;
        if child == 0 {
            return if end { whole } else { piece.parent };
        }
        let unit = at.saturating_sub(piece.child) / child + usize::from(end);
        (piece.parent + unit * parent).min(whole)
    }
}

impl Decoded {
    /// Adds text that stands in the parent as it is.
    pub fn same(&mut self, text: &str, parent: usize) {
        let from = self.text.len();
        self.text.push_str(text);
        self.map.push(from..self.text.len(), parent..parent + text.len(), (1, 1));
    }

    /// Adds text that a stretch of the parent stands for as a whole.
    pub fn whole(&mut self, text: &str, parent: Range<usize>) {
        self.units(text, parent, (0, 0));
    }

    /// Adds text that a stretch of the parent holds in units of (child, parent) bytes.
    pub fn units(&mut self, text: &str, parent: Range<usize>, unit: (usize, usize)) {
        let from = self.text.len();
        self.text.push_str(text);
        self.map.push(from..self.text.len(), parent, unit);
    }

    /// Adds a line feed between two stretches, so that nothing is found across them.
    pub fn part(&mut self, parent: usize) {
        if !self.text.is_empty() {
            self.units("\n", parent..parent, (0, 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_go_back_whole_units() {
        let mut decoded = Decoded::default();
        decoded.same("ab", 10);
        decoded.whole("\"", 12..14);
        decoded.same("cd", 14);
        assert_eq!(decoded.text, "ab\"cd");
        assert_eq!(decoded.map.back(&(1..4)), 11..15);
        assert_eq!(decoded.map.back(&(2..3)), 12..14);
        let mut base64 = Decoded::default();
        base64.units("abcdef", 100..108, (3, 4));
        assert_eq!(base64.map.back(&(2..4)), 100..108);
        assert_eq!(base64.map.back(&(3..4)), 104..108);
        assert!(decoded.map.spans_pieces(&(0..3)) && !decoded.map.spans_pieces(&(0..2)));
    }
}
