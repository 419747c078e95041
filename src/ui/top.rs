//! The line at the top: the screens, and where one is.

use super::canvas::Canvas;
use crate::app::{State, Tone};
use crate::text::{Clean, clean, human, width};

/// Draws the line.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let columns = state.size.0;
    canvas.put(1, 0, columns.saturating_sub(1), &"ossia", Tone::Strong);
    let tabs = state.tabs();
    let more = if canvas.marks.side == "│" { "…" } else { "~" };
    let x = tabs.last().map_or(6, |tab| tab.area.x.saturating_add(tab.area.width));
    for tab in tabs {
        let here = tab.screen == state.screen;
        if tab.more.0 {
            canvas.put(tab.area.x.saturating_sub(2), 0, 1, &more, Tone::Dim);
        }
        if tab.more.1 {
            canvas.put(tab.area.x.saturating_add(tab.area.width).saturating_add(1), 0, 1, &more, Tone::Dim);
        }
        let room = columns.saturating_sub(tab.area.x).min(tab.area.width);
        let used = canvas.put(tab.area.x, 0, room, &clean(tab.screen.title()), if here { Tone::Tab } else { Tone::Dim });
        canvas.put(tab.area.x + used, 0, room - used, &clean(&tab.waiting), if here { Tone::Tab } else { Tone::Text });
    }
    let mut facts = Vec::new();
    if !state.place.is_empty() {
        facts.push(state.place.to_string());
    }
    if state.tally.unread > 0 {
        facts.insert(0, format!("{} not understood", human::plural(usize::try_from(state.tally.unread).unwrap_or(0), "decision")));
    }
    if state.tally.trajectories > 0 && columns >= 120 {
        facts.push(format!("{} {}", canvas.marks.audit[2], human::plural(usize::try_from(state.tally.trajectories).unwrap_or(0), "trajectory")));
    }
    let here = clean(&format!("{} ", facts.join(&format!(" {} ", canvas.marks.dot))));
    // Who decides is said even where nothing else has room.
    let who = clean(&format!("{} ", state.place.rsplit(" · ").next().unwrap_or_default()));
    let fits = |text: &Clean| x + 2 + u16::try_from(width(text)).unwrap_or(u16::MAX / 2) <= columns;
    let here = if fits(&here) { here } else { who };
    let wide = u16::try_from(width(&here)).unwrap_or(u16::MAX);
    if wide > 1 && x + 2 + wide <= columns {
        canvas.put(columns - wide, 0, wide, &here, Tone::Dim);
    }
}
