//! What the screens with a list and a page have in common: the line of facts, the border between the panes, the chosen row.

use super::canvas::Canvas;
use super::top;
use crate::app::{Area, State, Tone};
use crate::text::{Clean, width, wrap};

/// Draws the top line, and below it what one looks at and facts about it.
pub fn head(state: &State, canvas: &mut Canvas<'_>, name: &Clean, facts: &Clean) {
    top::draw(state, canvas);
    let columns = state.size.0;
    let free = columns.saturating_sub(u16::try_from(width(name)).unwrap_or(columns) + 5);
    let wide = u16::try_from(width(facts)).unwrap_or(columns).min(free.max(columns * 2 / 3));
    canvas.put(1, 1, columns.saturating_sub(wide + 3), name, Tone::Strong);
    canvas.put(columns.saturating_sub(wide + 1), 1, wide, facts, Tone::Dim);
    canvas.rule(0, 2, columns);
}

/// Draws the border between list and page.
pub fn border(state: &State, canvas: &mut Canvas<'_>) {
    let (list, page) = state.board_areas();
    if page.x > 0 {
        let tee = canvas.marks.tee_down;
        canvas.put(list.width, 2, 1, &tee, Tone::Border);
        canvas.side(list.width, list.y, list.height);
    } else if page.y > list.y + list.height {
        canvas.rule(0, list.y + list.height, state.size.0);
    }
}

/// Draws lines for who finds nothing here: a greeting, then what to do; on a narrow screen they go on below.
pub fn greet(state: &State, canvas: &mut Canvas<'_>, lines: &[&'static str]) {
    let room = state.size.0.saturating_sub(4);
    let mut rows = 4..state.size.1.saturating_sub(1);
    for (at, line) in lines.iter().enumerate() {
        for part in wrap(line, usize::from(room)) {
            let (Some(row), Some(text)) = (rows.next(), line.get(part)) else { return };
            canvas.put(2, row, room, &text.trim_end(), if at == 0 { Tone::Strong } else { Tone::Dim });
        }
    }
}

/// Fills the chosen row, and gives the tone that lies under its text.
pub fn under(canvas: &mut Canvas<'_>, area: Area, row: u16, chosen: bool, aside: bool) -> Tone {
    if !chosen {
        return Tone::Text;
    }
    let tone = if aside { Tone::ChosenAside } else { Tone::Chosen };
    canvas.fill(Area::new(area.x, area.y + row, area.width, 1), tone);
    let cursor = canvas.marks.cursor;
    canvas.put_over(area.x, area.y + row, 1, &cursor, Tone::Accent, tone);
    tone
}
