//! Bringing cells to a terminal: only what changed, within one synchronized update, never a question to the terminal.

use crate::text::width;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Begin and end of a synchronized update (terminals that do not know it ignore it).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J";

/// Holds what a terminal shows, and writes what is to change.
pub struct Painter<W: Write> {
    backend: CrosstermBackend<W>,
    shown: Option<Buffer>,
}

impl<W: Write> Painter<W> {
    /// Makes a painter for a terminal of which nothing is known; the writer should be buffered.
    pub const fn new(writer: W) -> Self {
        Self { backend: CrosstermBackend::new(writer), shown: None }
    }

    /// Forgets what the terminal shows, so that everything is written again.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// Shows cells; fails where the terminal cannot be written to.
    pub fn show(&mut self, cells: Buffer) -> io::Result<()> {
        let known = self.shown.take().filter(|shown| shown.area == cells.area);
        let fresh = known.is_none();
        let before = known.unwrap_or_else(|| Buffer::empty(cells.area));
        let changes = before.diff(&cells);
        if changes.is_empty() && !fresh {
            self.shown = Some(cells);
            return Ok(());
        }
        self.backend.write_all(BEGIN)?;
        if fresh {
            self.backend.write_all(CLEAR)?;
        }
        // Looked at once for each row, not for each cell that changes: of a whole screen those are thousands.
        let changed: BTreeSet<u16> = changes.iter().map(|(_, y, _)| *y).collect();
        let odd = |y: &u16| row(&cells, *y).chain(row(&before, *y)).any(|(_, cell)| is_odd(cell.symbol()));
        let rows: BTreeSet<u16> = changed.into_iter().filter(odd).collect();
        let sure = changes.into_iter().filter(|(_, y, _)| !rows.contains(y));
        self.backend.draw(sure)?;
        for y in rows {
            self.rewrite(&cells, y)?;
        }
        self.backend.write_all(END)?;
        Write::flush(&mut self.backend)?;
        self.shown = Some(cells);
        Ok(())
    }

    /// Writes a row anew in which something stands that terminals draw in one, two or more columns, each as it thinks best: that first, then
    /// all else in its own place, so that nothing of it is left beside it and nothing moves.
    fn rewrite(&mut self, cells: &Buffer, y: u16) -> io::Result<()> {
        write!(self.backend, "\x1b[{};1H\x1b[0m\x1b[2K\x1b[?7l", y - cells.area.y + 1)?;
        let (mut odd, mut even, mut free) = (Vec::new(), Vec::new(), 0);
        for (x, cell) in row(cells, y) {
            if x < free {
                continue;
            }
            free = x + u16::try_from(width(cell.symbol())).unwrap_or(1).max(1);
            if is_odd(cell.symbol()) { &mut odd } else { &mut even }.push((x, y, cell));
        }
        self.backend.draw(odd.into_iter())?;
        self.backend.draw(even.into_iter())?;
        self.backend.write_all(b"\x1b[?7h")
    }

    /// Writes bytes of the program's own between two frames, such as what puts a text on the clipboard; fails where the terminal cannot be written to.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.backend.write_all(bytes)?;
        Write::flush(&mut self.backend)
    }
}

/// Gives the cells of a row with their columns.
fn row(cells: &Buffer, y: u16) -> impl Iterator<Item = (u16, &Cell)> {
    (cells.area.left()..cells.area.right()).filter_map(move |x| Some((x, cells.cell((x, y))?)))
}

/// Tells whether terminals disagree on the columns of what stands in a cell: joined and chosen emoji, flags, shades of skin, keycaps.
fn is_odd(symbol: &str) -> bool {
    !symbol.is_ascii()
        && symbol.chars().any(|c| matches!(c, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}' | '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F3FB}'..='\u{1F3FF}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    /// A terminal that remembers what was written to it.
    #[derive(Clone, Default)]
    struct Written(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_what_changed_is_written() {
        let written = Written::default();
        let mut painter = Painter::new(written.clone());
        let mut cells = Buffer::empty(Rect::new(0, 0, 40, 10));
        cells.set_string(0, 0, "hello", Style::new());
        painter.show(cells.clone()).unwrap();
        let first = written.0.borrow().len();
        painter.show(cells.clone()).unwrap();
        assert_eq!(written.0.borrow().len(), first);
        cells.set_string(1, 0, "a", Style::new());
        painter.show(cells).unwrap();
        let second = String::from_utf8_lossy(&written.0.borrow()[first..]).into_owned();
        assert!(second.starts_with("\x1b[?2026h") && second.ends_with("\x1b[?2026l") && second.len() < 90, "{second:?}");
    }

    #[test]
    fn a_row_with_what_terminals_draw_each_in_their_way_is_written_whole() {
        let written = Written::default();
        let mut painter = Painter::new(written.clone());
        let mut cells = Buffer::empty(Rect::new(0, 0, 12, 2));
        cells.set_string(0, 0, "a \u{1F1EB}\u{1F1F7} b", Style::new());
        cells.set_string(0, 1, "plain", Style::new());
        painter.show(cells.clone()).unwrap();
        let first = written.0.borrow().len();
        cells.set_string(7, 0, "c", Style::new());
        painter.show(cells).unwrap();
        let second = String::from_utf8_lossy(&written.0.borrow()[first..]).into_owned();
        let flag = second.find('\u{1F1EB}').unwrap();
        assert!(second.contains("\x1b[2K") && second.find('a').unwrap() > flag && second.find('c').unwrap() > flag && !second.contains("plain"), "{second:?}");
    }
}
