//! Bringing cells to a terminal: only what changed, within one synchronized update, never a question to the terminal.

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
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
        self.backend.draw(changes.into_iter())?;
        self.backend.write_all(END)?;
        Write::flush(&mut self.backend)?;
        self.shown = Some(cells);
        Ok(())
    }

    /// Writes bytes of the program's own between two frames, such as what puts a text on the clipboard; fails where the terminal cannot be written to.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.backend.write_all(bytes)?;
        Write::flush(&mut self.backend)
    }
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
}
