//! The pairs: two continuations of one prefix, beside each other or one over the other, scrolled together.

use super::board::{greet, head};
use super::canvas::Canvas;
use crate::app::{Area, FaceRow, Page, State, Tone};
use crate::text::clean;

/// What is said to who has no pairs.
const NOTHING: &[&str] = &[
    "No pairs here.",
    "",
    "A pair is two continuations of one prefix that is verbatim the same: branches, forks, arms on one scenario, runs of",
    "one prompt, what was done after a denial, and turns that a person rewrote. The library's query says where they are looked for.",
    "In the library, v marks two trajectories, = compares them, and p makes a pair of them where they part.",
];

/// Draws the screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let view = &state.pairs;
    if view.pair().is_none() {
        head(state, canvas, &clean("pairs"), &clean(if view.ticket == 0 { "" } else { "looking" }));
        match (&view.failed, view.ticket) {
            (Some(why), _) => drop(canvas.put(1, 3, state.size.0.saturating_sub(2), why, Tone::Alarm)),
            (None, 0) => greet(state, canvas, NOTHING),
            (None, _) => drop(canvas.put(2, 4, state.size.0.saturating_sub(4), &"Looking for pairs.", Tone::Dim)),
        }
        return;
    }
    let dot = format!(" {} ", canvas.marks.dot);
    let wide = state.size.0 >= 100;
    let query = state.library.query.text();
    let over = (!query.is_empty()).then(|| format!("of what the library shows: {query}"));
    let what: Vec<String> = view.what().into_iter().chain(over).collect();
    head(state, canvas, &clean(&what.join(&dot)), &clean(&view.standing(wide).join(&dot)));
    sides(state, canvas);
}

fn sides(state: &State, canvas: &mut Canvas<'_>) {
    let view = &state.pairs;
    let areas = state.pair_areas();
    let beside = areas[1].x > 0;
    if beside {
        let tee = canvas.marks.tee_down;
        canvas.put(areas[0].width, 2, 1, &tee, Tone::Border);
        canvas.side(areas[0].width, 3, areas[0].height + 1);
    }
    for (at, area) in areas.iter().enumerate() {
        title(state, canvas, *area, at);
    }
    let facing = &view.facing;
    for (row, face) in (0..areas[0].height.max(areas[1].height)).zip(facing.rows.iter().skip(facing.top)) {
        match face {
            FaceRow::Across(line) if beside => {
                let whole = Area::new(0, areas[0].y + row, state.size.0, 1);
                canvas.fill(whole, Tone::Text);
                put(canvas, whole, &facing.across, *line);
            }
            FaceRow::Across(line) => {
                for area in areas.iter().filter(|area| row < area.height) {
                    put(canvas, Area::new(area.x, area.y + row, area.width, 1), &facing.across, *line);
                }
            }
            FaceRow::Sides(lines) => {
                for ((area, page), line) in areas.iter().zip(&facing.sides).zip(lines) {
                    if let Some(line) = line.filter(|_| row < area.height) {
                        put(canvas, Area::new(area.x, area.y + row, area.width, 1), page, line);
                    }
                }
            }
        }
    }
    let below = facing.rows.len().saturating_sub(facing.top + areas[0].rows());
    if below > 0 && areas[1].height > 1 {
        let said = clean(&format!(" {below} more "));
        canvas.put_right(areas[1].x, areas[1].y + areas[1].height - 1, areas[1].width, &said, Tone::Dim, Tone::Text);
    }
}

/// Draws the line over a side: its letter, whether it is the better one, and where it comes from once that may be seen.
fn title(state: &State, canvas: &mut Canvas<'_>, area: Area, at: usize) {
    let view = &state.pairs;
    let y = area.y - 1;
    let tone = if at == view.side { Tone::Tab } else { Tone::Strong };
    let mut x = area.x + 1;
    x += canvas.put(x, y, area.width.saturating_sub(2), &if at == 0 { "A" } else { "B" }, tone) + 2;
    if view.better() == Some(at) {
        let yes = canvas.marks.yes;
        x += canvas.put(x, y, 1, &yes, Tone::Ran) + 1;
        x += canvas.put(x, y, area.width.saturating_sub(x - area.x), &"better", Tone::Ran) + 2;
    }
    let room = area.width.saturating_sub(x - area.x + 1);
    let said = view.origin(at).join(&format!(" {} ", canvas.marks.dot));
    canvas.put(x, y, room, &clean(&said), Tone::Dim);
}

fn put(canvas: &mut Canvas<'_>, area: Area, page: &Page, line: usize) {
    let Some(line) = page.lines().get(line) else { return };
    let Some(block) = page.blocks().get(line.block) else { return };
    let tones = page.tones(line);
    let indent = line.indent.min(area.width.saturating_sub(2));
    canvas.put_part(area.x + 1 + indent, area.y, area.width.saturating_sub(2 + indent), &block.text, line.range.clone(), 0, &tones);
}
