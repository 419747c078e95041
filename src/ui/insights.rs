//! Insights: the plots, and over what they were counted.

use super::canvas::Canvas;
use super::{sheet, top};
use crate::app::{Area, State, Tone};
use crate::text::{clean, human, width};

/// Draws the screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    top::draw(state, canvas);
    let view = &state.insights;
    let columns = state.size.0;
    let query = state.library.query.text();
    let over = if query.is_empty() { clean("all trajectories; / in the library filters") } else { clean(query) };
    let mut facts = Vec::new();
    if let Some(counted) = &view.counted {
        let found = &counted.insights;
        facts.push(human::plural(found.trajectories, "trajectory"));
        facts.push(human::plural(usize::try_from(found.executions).unwrap_or(usize::MAX), "execution"));
        facts.push(format!("{} of {} points judged", found.judged.count, found.judged.of));
    }
    if view.ticket != 0 {
        facts.push("counting".to_owned());
    }
    let facts = clean(&format!("{} ", facts.join(&format!(" {} ", canvas.marks.dot))));
    let wide = u16::try_from(width(&facts)).unwrap_or(columns).min(columns / 3 * 2);
    canvas.put(1, 1, columns.saturating_sub(wide + 3), &over, if query.is_empty() { Tone::Dim } else { Tone::Strong });
    canvas.put(columns.saturating_sub(wide), 1, wide, &facts, Tone::Dim);
    canvas.rule(0, 2, columns);
    let rows = u16::try_from(state.board_rows()).unwrap_or(u16::MAX);
    let body = Area::new(1, 3, columns.saturating_sub(2), rows);
    if let Some(why) = &view.failed {
        canvas.put(body.x, body.y, body.width, why, Tone::Alarm);
        return;
    }
    if view.counted.as_ref().is_some_and(|counted| counted.insights.trajectories == 0) {
        let said = if query.is_empty() { "Nothing is here yet: `ossia import PATH` brings sessions in." } else { "Nothing matches; g l goes to the library, where esc clears the query." };
        canvas.put(body.x, body.y + 1, body.width, &said, Tone::Text);
        return;
    }
    let count = u16::try_from(view.pages.len()).unwrap_or(1).max(1);
    let each = (columns - (count - 1)) / count;
    for (at, page) in (0..count).zip(&view.pages) {
        let x = at * (each + 1);
        if at > 0 {
            let tee = canvas.marks.tee_down;
            canvas.put(x - 1, 2, 1, &tee, Tone::Border);
            canvas.side(x - 1, 3, rows);
        }
        sheet::draw(canvas, Area::new(x + 1, 3, each.saturating_sub(2), rows), page);
    }
}
