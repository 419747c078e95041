//! The state of the screen as cells. ratatui is named here alone.
//!
//! `draw` reads the state and changes nothing; only rows that are seen are built. `Painter` brings cells to a terminal, and pictures
//! of screens for tests and documents are made from the same cells.

mod board;
mod canvas;
mod color;
mod compare;
mod datasets;
mod footer;
mod insights;
mod library;
mod overlay;
mod painter;
mod pairs;
mod picture;
mod reading;
mod redactions;
mod review;
mod rules;
mod settling;
mod sheet;
mod span;
mod theme;
mod top;
mod tour;

use crate::app::{Area, Screen, State, Tone, too_small};
use canvas::Canvas;

pub use color::Depth;
pub use painter::Painter;
pub use picture::{dump, svg};
pub use ratatui::buffer::Buffer;
pub use theme::{BUILT_IN, Theme};

/// Makes cells for a screen of some columns and rows.
#[must_use]
pub fn cells(size: (u16, u16)) -> Buffer {
    Buffer::empty(ratatui::layout::Rect::new(0, 0, size.0, size.1))
}

/// Draws the state.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer) {
    let mut canvas = Canvas::new(buffer, theme, state.marks());
    let (width, height) = state.size;
    if too_small(state.size) {
        canvas.put(0, height / 2, width, &"more room, please", Tone::Text);
        return;
    }
    match state.screen {
        Screen::Library => library::draw(state, &mut canvas),
        Screen::Trajectory => reading::draw(state, &mut canvas),
        Screen::Compare => compare::draw(state, &mut canvas),
        Screen::Review => review::draw(state, &mut canvas),
        Screen::Redactions => redactions::draw(state, &mut canvas),
        Screen::Pairs => pairs::draw(state, &mut canvas),
        Screen::Dataset => datasets::draw(state, &mut canvas),
        Screen::Insights => insights::draw(state, &mut canvas),
        Screen::Rules => rules::draw(state, &mut canvas),
    }
    footer::draw(state, &mut canvas, Area::new(0, height - 1, width, 1));
    overlay::draw(state, &mut canvas);
    tour::draw(state, &mut canvas);
}
