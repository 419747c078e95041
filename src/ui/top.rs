//! The line at the top: the screens, and where one is.

use super::canvas::Canvas;
use crate::app::{Screen, State, Tone};
use crate::text::{clean, width};

/// Draws the line.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let columns = state.size.0;
    let mut x = 1 + canvas.put(1, 0, columns.saturating_sub(1), &"ossia", Tone::Strong);
    for screen in seen(state, columns.saturating_sub(x)) {
        let tone = if screen == state.screen { Tone::Tab } else { Tone::Dim };
        x += 2 + canvas.put(x + 2, 0, columns.saturating_sub(x + 2), &screen.title(), tone);
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

/// Gives the screens for which there is room: those around the one that one is on.
fn seen(state: &State, room: u16) -> Vec<Screen> {
    let mut screens: Vec<Screen> = Screen::ALL.iter().copied().filter(|screen| state.has(*screen)).collect();
    let wide = |screens: &[Screen]| screens.iter().map(|screen| width(screen.title()) + 2).sum::<usize>();
    while screens.len() > 1 && wide(&screens) > usize::from(room) {
        let at = screens.iter().position(|screen| *screen == state.screen).unwrap_or(0);
        if at * 2 >= screens.len() {
            screens.remove(0)
        } else {
            screens.remove(screens.len() - 1)
        };
    }
    screens
}
