//! Insights: the plots, and over what they were counted.

use super::board::{greet, head};
use super::canvas::Canvas;
use super::sheet;
use crate::app::{Area, State, Tone};
use crate::text::{clean, human};

/// What is said where there is nothing to count.
const NOTHING: &[&str] = &["Nothing is here yet.", "", "ossia import PATH brings sessions in; what they waited for, and what was judged, is counted here."];
const NO_MATCH: &[&str] = &["Nothing matches the query of the library.", "", "g l goes to the library, where esc clears the query."];

/// Draws the screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let view = &state.insights;
    let columns = state.size.0;
    let query = state.library.query.text();
    let over = if query.is_empty() { clean("all trajectories") } else { clean(query) };
    let mut facts = Vec::new();
    if let Some(counted) = &view.counted {
        let found = &counted.insights;
        facts.push(human::plural(found.trajectories, "trajectory"));
        facts.push(human::plural(usize::try_from(found.executions).unwrap_or(usize::MAX), "execution"));
        facts.push(format!("{} of {} judged", human::grouped(found.judged.count), human::grouped(found.judged.of)));
    }
    if view.ticket != 0 {
        facts.push("counting".to_owned());
    }
    let facts = clean(&facts.join(&format!(" {} ", canvas.marks.dot)));
    head(state, canvas, &over, &facts);
    let rows = u16::try_from(state.board_rows()).unwrap_or(u16::MAX);
    let body = Area::new(1, 3, columns.saturating_sub(2), rows);
    if let Some(why) = &view.failed {
        canvas.put(body.x, body.y, body.width, why, Tone::Alarm);
        return;
    }
    if view.counted.as_ref().is_some_and(|counted| counted.insights.trajectories == 0) {
        return greet(state, canvas, if query.is_empty() { NOTHING } else { NO_MATCH });
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
