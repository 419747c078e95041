//! The line at the top: the screens, and where one is.

use super::canvas::Canvas;
use crate::app::{Screen, State, Tone};
use crate::text::{clean, human, width};

/// Draws the line.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let columns = state.size.0;
    let mut x = 1 + canvas.put(1, 0, columns.saturating_sub(1), &"ossia", Tone::Strong);
    for screen in seen(state, columns.saturating_sub(x)) {
        let tone = if screen == state.screen { Tone::Tab } else { Tone::Dim };
        x += 2 + canvas.put(x + 2, 0, columns.saturating_sub(x + 2), &clean(screen.title()), tone);
        if let Some(count) = counted(state, screen) {
            x += canvas.put(x, 0, columns.saturating_sub(x), &clean(&count), if screen == state.screen { Tone::Tab } else { Tone::Text });
        }
    }
    let mut facts = Vec::new();
    if !state.place.is_empty() {
        facts.push(state.place.to_string());
    }
    if state.looks.mouse {
        facts.push("mouse".to_owned());
    }
    if state.tally.unread > 0 {
        facts.insert(0, format!("{} not understood", human::plural(usize::try_from(state.tally.unread).unwrap_or(0), "decision")));
    }
    if state.tally.trajectories > 0 && columns >= 120 {
        facts.push(format!("{} {}", canvas.marks.audit[2], human::plural(usize::try_from(state.tally.trajectories).unwrap_or(0), "trajectory")));
    }
    let here = clean(&format!("{} ", facts.join(&format!(" {} ", canvas.marks.dot))));
    let wide = u16::try_from(width(&here)).unwrap_or(u16::MAX);
    if wide > 1 && x + 2 + wide <= columns {
        canvas.put(columns - wide, 0, wide, &here, Tone::Dim);
    }
}

/// Writes how much waits on a screen.
fn counted(state: &State, screen: Screen) -> Option<String> {
    state.waiting(screen).map(|count| format!(" {}", human::count(count)))
}

/// Gives the screens for which there is room: those around the one that one is on.
fn seen(state: &State, room: u16) -> Vec<Screen> {
    let mut screens: Vec<Screen> = Screen::ALL.iter().copied().filter(|screen| state.has(*screen)).collect();
    let one = |screen: &Screen| width(screen.title()) + 2 + counted(state, *screen).map_or(0, |count| count.len());
    let wide = |screens: &[Screen]| screens.iter().map(one).sum::<usize>();
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
