//! The tour: a few lines below the screen.

use super::canvas::Canvas;
use crate::app::{Area, State, Tone};
use crate::text::{width, wrap};

/// Draws what the tour says in the rows that the screen leaves to it.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let Some(guide) = state.guide() else { return };
    let (columns, rows) = (state.terminal.0, state.terminal.1.saturating_sub(state.size.1));
    let area = Area::new(0, state.size.1, columns, rows);
    canvas.fill(area, Tone::Bar);
    canvas.rule(0, area.y, columns);
    canvas.put(2, area.y, columns.saturating_sub(4), &guide.title, Tone::Accent);
    if width(&guide.title) + width(&guide.aside) + 6 < usize::from(columns) {
        canvas.put_right(2, area.y, columns.saturating_sub(4), &guide.aside, Tone::Dim, Tone::Text);
    }
    let room = columns.saturating_sub(4);
    for (row, range) in (1..rows).zip(wrap(&guide.text, usize::from(room))) {
        canvas.put_over(2, area.y + row, room, &guide.text.slice(range), Tone::Text, Tone::Bar);
    }
}
