//! The line at the top: the screens, and where one is.

use super::canvas::Canvas;
use crate::app::{Screen, State, Tone};
use crate::text::{clean, width};

/// Draws the line.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let columns = state.size.0;
    let mut x = 1 + canvas.put(1, 0, columns.saturating_sub(1), &"ossia", Tone::Strong);
    for screen in [Screen::Library, Screen::Trajectory, Screen::Compare] {
        let there = match screen {
            Screen::Library => true,
            Screen::Trajectory => state.reading.is_some(),
            Screen::Compare => state.comparison.is_some(),
        };
        if there && x + 2 < columns {
            let tone = if screen == state.screen { Tone::Tab } else { Tone::Dim };
            x += 2 + canvas.put(x + 2, 0, columns - x - 2, &screen.title(), tone);
        }
    }
    let mut facts = Vec::new();
    if !state.place.is_empty() {
        facts.push(state.place.to_string());
    }
    if state.looks.mouse {
        facts.push("mouse".to_owned());
    }
    let here = clean(&format!("{} ", facts.join(&format!(" {} ", canvas.marks.dot))));
    let wide = u16::try_from(width(&here)).unwrap_or(u16::MAX);
    if wide > 1 && x + 2 + wide <= columns {
        canvas.put(columns - wide, 0, wide, &here, Tone::Dim);
    }
}
