//! The line at the foot: what works here and now, what is told, how far a long job is; and the box of what may follow a prefix.

use super::canvas::Canvas;
use crate::app::{Area, Overlay, State, Tone};
use crate::text::{Clean, clean, fit, width, wrap};

/// Rows that a message takes at most.
const TOLD_ROWS: u16 = 3;
/// Columns from which on a message stands beside the hints; in fewer, it would push them out.
const ROOMY: u16 = 120;

/// Draws the line.
pub fn draw(state: &State, canvas: &mut Canvas<'_>, area: Area) {
    let mut room = area.width;
    if let Some(job) = &state.job {
        room = room.saturating_sub(draw_job(state, canvas, area, job));
    } else if state.looks.mouse {
        room = room.saturating_sub(7);
        canvas.put(room + 1, area.y, 6, &"mouse", Tone::Dim);
    }
    if let Some(Overlay::Prompt(prompt)) = state.overlays.last() {
        let asked = format!(" {} ", prompt.question.title());
        let x = canvas.put(0, area.y, room, &clean(&asked), Tone::Key);
        line(canvas, x, area.y, room.saturating_sub(x), &prompt.input);
        return;
    }
    if let Some(toast) = state.toast.as_ref().filter(|_| state.pending.is_empty()) {
        let first = toast.told.text.lines().next().unwrap_or_default();
        let more = if toast.told.text.lines().count() > 1 { "  (I shows all)" } else { "" };
        let tone = if toast.told.bad { Tone::Alarm } else { Tone::Notice };
        let said = clean(&format!(" {first}{more} "));
        let wide = u16::try_from(width(&said)).unwrap_or(u16::MAX);
        if !toast.told.bad && area.width < ROOMY && area.y > 2 {
            whole(canvas, Area::new(area.x, area.y - 1, area.width, 1), &said, tone);
            return hints(state, canvas, area, 1, room);
        }
        if wide > room {
            return whole(canvas, area, &said, tone);
        }
        canvas.put(0, area.y, room, &said, tone);
        // What works here is still said beside what was told, unless that went wrong.
        if !toast.told.bad {
            hints(state, canvas, area, wide + 1, room);
        }
        return;
    }
    hints(state, canvas, area, 1, room);
    following(state, canvas, area);
}

/// Draws a message that is longer than the line over the rows above it, as it would be cut before its point.
fn whole(canvas: &mut Canvas<'_>, area: Area, said: &Clean, tone: Tone) {
    let lines = wrap(said, usize::from(area.width.saturating_sub(2)).max(1));
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(TOLD_ROWS).min(area.y);
    let top = area.y + 1 - rows;
    canvas.fill(Area::new(area.x, top, area.width, rows), tone);
    for (row, (at, line)) in (top..).zip(lines.iter().enumerate().take(usize::from(rows))) {
        // The last row that there is goes on to the end of the message, and is cut there.
        let to = if at + 1 == usize::from(rows) { said.len() } else { line.end };
        let text = clean(said.get(line.start..to).unwrap_or_default().trim());
        canvas.put(area.x + 1, row, area.width.saturating_sub(2), &text, tone);
    }
}

/// Draws as many hints as have room; the last one, which leads on, always.
fn hints(state: &State, canvas: &mut Canvas<'_>, area: Area, from: u16, room: u16) {
    let hints = state.hints();
    let Some((last, others)) = hints.split_last() else { return };
    let wide = |(key, word): &(Clean, Clean)| u16::try_from(width(key) + 1 + width(word)).unwrap_or(u16::MAX);
    let gap = if area.width < ROOMY { 2 } else { 3 };
    let kept = wide(last).saturating_add(gap);
    let mut x = from;
    let mut draw = |(key, word): &(Clean, Clean)| {
        x += canvas.put(x, area.y, room.saturating_sub(x), key, Tone::Key) + 1;
        x += canvas.put(x, area.y, room.saturating_sub(x), word, Tone::Dim) + gap;
        x
    };
    let mut taken: u16 = from;
    for hint in others {
        if taken.saturating_add(wide(hint)).saturating_add(kept) > room {
            break;
        }
        taken = draw(hint);
    }
    if taken.saturating_add(wide(last)) <= room {
        draw(last);
    }
}

/// Draws a line that one writes in: where it is longer than the room, its end around the caret.
pub fn line(canvas: &mut Canvas<'_>, x: u16, y: u16, room: u16, input: &crate::app::Input) {
    let before = clean(input.text().get(..input.caret()).unwrap_or_default());
    let after = clean(input.text().get(input.caret()..).unwrap_or_default());
    let all = [&*before, canvas.marks.caret, &*after].concat();
    let wide = u16::try_from(width(&before) + 1).unwrap_or(u16::MAX);
    let skipped = wide.saturating_sub(room);
    let caret = before.len()..before.len() + canvas.marks.caret.len();
    canvas.put_part(x, y, room, &clean(&all), 0..all.len(), skipped, &[(0..all.len(), Tone::Strong), (caret, Tone::Accent)]);
}

fn draw_job(state: &State, canvas: &mut Canvas<'_>, area: Area, job: &crate::app::Job) -> u16 {
    let columns = 16.min(area.width / 4);
    let done = (u64::from(columns) * job.done.min(job.total)).checked_div(job.total).and_then(|done| u16::try_from(done).ok()).unwrap_or(0);
    let percent = (100 * job.done.min(job.total)).checked_div(job.total).map_or(String::new(), |percent| format!(" {percent}%"));
    let name = clean(&format!(" {}{percent} ", job.name));
    let esc = if state.overlays.is_empty() { clean(" esc cancels ") } else { clean(" ") };
    let wide = u16::try_from(width(&name) + width(&esc)).unwrap_or(0) + columns;
    let x = area.width.saturating_sub(wide);
    let mut at = x + canvas.put(x, area.y, area.width - x, &name, Tone::Dim);
    for column in 0..columns {
        let sign = if column < done { canvas.marks.bar } else { canvas.marks.rule };
        at += canvas.put(at, area.y, 1, &sign, if column < done { Tone::Accent } else { Tone::Border });
    }
    canvas.put(at, area.y, area.width.saturating_sub(at), &esc, Tone::Dim);
    wide.min(area.width)
}

/// Draws what may follow the keys pressed so far.
fn following(state: &State, canvas: &mut Canvas<'_>, foot: Area) {
    let following = state.following();
    if following.is_empty() {
        return;
    }
    let widest = following.iter().map(|(key, doc)| width(key).max(2) + 3 + width(doc)).max().unwrap_or(0);
    let columns = u16::try_from(widest + 4).unwrap_or(u16::MAX).min(foot.width);
    let rows = u16::try_from(following.len()).unwrap_or(u16::MAX).min(foot.y.saturating_sub(2));
    let area = Area::new(foot.width - columns, foot.y - rows - 1, columns, rows + 1);
    canvas.fill(area, Tone::Bar);
    canvas.rule(area.x, area.y, area.width);
    let typed = clean(&format!(" {} ", crate::command::spell(&state.pending)));
    canvas.put(area.x + 1, area.y, area.width - 1, &typed, Tone::Accent);
    for (row, (key, doc)) in (1..=rows).zip(following) {
        let x = area.x + 2;
        canvas.put_over(x, area.y + row, columns.saturating_sub(3), &clean(&fit(&key, 3)), Tone::Key, Tone::Bar);
        canvas.put_over(x + 4, area.y + row, columns.saturating_sub(6), &doc, Tone::Text, Tone::Bar);
    }
}
