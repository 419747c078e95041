//! A list of which a part is seen: what is chosen, what is at the top, and how both move.

/// Where one is in a list of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct List {
    /// The chosen row, from 0.
    pub chosen: usize,
    /// The first row that is seen.
    pub top: usize,
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// By rows, downwards if positive.
    Rows(isize),
    /// By halves of a page.
    Halves(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl List {
    /// Moves within `len` rows of which `page` are seen.
    pub fn go(&mut self, how: Move, len: usize, page: usize) {
        let last = len.saturating_sub(1);
        let half = isize::try_from((page / 2).max(1)).unwrap_or(1);
        self.chosen = match how {
            Move::Rows(rows) => self.chosen.saturating_add_signed(rows).min(last),
            Move::Halves(halves) => {
                self.top = self.top.saturating_add_signed(halves * half);
                self.chosen.saturating_add_signed(halves * half).min(last)
            }
            Move::First => 0,
            Move::Last => last,
        };
        self.settle(len, page);
    }

    /// Brings what is chosen into sight, with a row or two of context around it, and shows as many rows as there is room for.
    pub fn settle(&mut self, len: usize, page: usize) {
        self.chosen = self.chosen.min(len.saturating_sub(1));
        let context = (page / 6).min(3);
        let lowest = (self.chosen + context + 1).min(len).saturating_sub(page);
        let highest = self.chosen.saturating_sub(context);
        self.top = self.top.max(lowest).min(highest).min(len.saturating_sub(page));
    }

    /// Scrolls by rows, taking the chosen row along only where it would leave the sight.
    pub fn scroll(&mut self, rows: isize, len: usize, page: usize) {
        self.top = self.top.saturating_add_signed(rows).min(len.saturating_sub(page));
        let context = (page / 6).min(3);
        let low = if self.top == 0 { 0 } else { self.top + context };
        let high = (self.top + page).min(len).saturating_sub(1);
        let high = if self.top + page >= len { high } else { high.saturating_sub(context) };
        self.chosen = self.chosen.clamp(low.min(high), high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_chosen_is_seen(len in 0usize..60, page in 1usize..30, moves in proptest::collection::vec((0u8..6, -20isize..20), 0..20)) {
            let mut list = List::default();
            for (kind, by) in moves {
                match kind {
                    0 => list.go(Move::Rows(by), len, page),
                    1 => list.go(Move::Halves(by.signum()), len, page),
                    2 => list.go(Move::First, len, page),
                    3 => list.go(Move::Last, len, page),
                    4 => list.scroll(by, len, page),
                    _ => list.settle(len, page),
                }
                prop_assert!(list.chosen < len.max(1));
                prop_assert!(list.chosen >= list.top && list.chosen < list.top + page, "{list:?} of {len} by {page}");
                prop_assert!(list.top == 0 || list.top + page <= len);
            }
        }
    }
}
