//! What lies over a screen: lists and pages.

use super::canvas::Canvas;
use super::{footer, sheet};
use crate::app::{Area, Kind, Overlay, Picker, Sheet, State, Tone};
use crate::text::{Clean, clean, width, wrap};

/// The widest margin beside a list that is emptied.
const MARGIN: u16 = 8;

/// Draws what lies over the screen; only what is on top is seen whole.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    match state.overlays.last() {
        Some(Overlay::Picker(picker)) => list(state, canvas, picker),
        Some(Overlay::Page(page)) => page_over(state, canvas, page),
        Some(Overlay::Span(span)) => {
            frame(canvas, state.span_area(), &span.title, &Clean::default());
            super::span::draw(state, canvas, span);
        }
        Some(Overlay::Prompt(_)) => {
            // The page that is searched stays in sight.
            if let Some(Overlay::Page(page)) = state.overlays.iter().rev().nth(1) {
                page_over(state, canvas, page);
            }
        }
        None => {}
    }
}

fn frame(canvas: &mut Canvas<'_>, area: Area, title: &Clean, aside: &Clean) {
    // What is left of a line at its sides says nothing: a narrow margin is emptied whole, a wide one by a column.
    let margin = if area.x <= MARGIN { area.x } else { 1 };
    canvas.fill(Area::new(area.x - margin, area.y, area.width + 2 * margin, area.height), Tone::Text);
    canvas.fill(area, Tone::Bar);
    canvas.rule(area.x, area.y, area.width);
    canvas.rule(area.x, area.y + area.height.saturating_sub(1), area.width);
    let room = area.width.saturating_sub(4);
    let wide = u16::try_from(width(aside)).unwrap_or(0);
    canvas.put(area.x + 2, area.y, room.saturating_sub(wide), &clean(&format!(" {title} ")), Tone::Accent);
    if wide > 0 && wide + 10 < room {
        canvas.put_right(area.x + 2, area.y, room, aside, Tone::Dim, Tone::Text);
    }
}

fn list(state: &State, canvas: &mut Canvas<'_>, picker: &Picker) {
    let area = state.picker_area();
    let aside = if picker.shown.len() == picker.items.len() { Clean::default() } else { clean(&format!(" {} of {} ", picker.shown.len(), picker.items.len())) };
    frame(canvas, area, &picker.title, &aside);
    canvas.put_over(area.x + 2, area.y + 1, 1, &":", Tone::Key, Tone::Bar);
    footer::line(canvas, area.x + 4, area.y + 1, area.width.saturating_sub(6), &picker.input);
    canvas.tint(Area::new(area.x, area.y + 1, area.width, 1), Tone::Bar);
    let rows = Area::new(area.x, area.y + 2, area.width, area.height.saturating_sub(3));
    let rows = Area { height: rows.height - whole(canvas, picker, rows), ..rows };
    let chosen = picker.list.chosen;
    let top = picker.list.top.min(chosen).max((chosen + 1).saturating_sub(rows.rows()));
    for (row, (at, (number, places))) in (0..rows.height).zip(picker.shown.iter().enumerate().skip(top)) {
        let Some(item) = picker.items.get(*number) else { continue };
        let y = rows.y + row;
        let chosen = at == picker.list.chosen && item.choice.is_some();
        let under = if chosen { Tone::Chosen } else { Tone::Bar };
        if chosen {
            canvas.fill(Area::new(rows.x + 1, y, rows.width - 2, 1), Tone::Chosen);
            canvas.put_over(rows.x + 1, y, 1, &canvas.marks.cursor, Tone::Accent, Tone::Chosen);
        }
        let aside = u16::try_from(width(&item.aside)).unwrap_or(0).min(rows.width / 2);
        let whole = item.text.iter().map(|(piece, _)| width(piece)).sum::<usize>();
        // What is asked before it counts is read whole.
        let fits = picker.kind != Kind::Bulk || whole + usize::from(aside) + 7 <= usize::from(rows.width);
        let room = rows.width.saturating_sub(5 + if aside > 0 && fits { aside + 2 } else { 0 });
        canvas.put_pieces(rows.x + 3, y, room, &matched(&item.text, places), under);
        if !fits {
            continue;
        }
        canvas.put_right(rows.x + 2, y, rows.width.saturating_sub(4), &item.aside.slice(0..item.aside.len()), Tone::Key, under);
    }
    if picker.shown.is_empty() {
        let said = if picker.input.text().starts_with('!') { "enter runs it with the step on its standard input" } else { "nothing matches" };
        canvas.put_over(rows.x + 3, rows.y, rows.width.saturating_sub(4), &said, Tone::Dim, Tone::Bar);
    }
}

/// Shows the chosen row whole at the foot of the list, where it is longer than its line; gives the rows that takes.
fn whole(canvas: &mut Canvas<'_>, picker: &Picker, rows: Area) -> u16 {
    let Some(item) = picker.chosen().filter(|_| rows.height > 4) else { return 0 };
    let pieces: Vec<&str> = item.text.iter().map(|(piece, _)| piece.as_str()).collect();
    let text = clean(&pieces.concat().split_whitespace().collect::<Vec<_>>().join(" "));
    let room = usize::from(rows.width).saturating_sub(5);
    if item.columns() <= room {
        return 0;
    }
    let lines = wrap(&text, room);
    let taken = u16::try_from(lines.len().min(3)).unwrap_or(1) + 1;
    let top = rows.y + rows.height - taken;
    canvas.rule(rows.x + 1, top, rows.width.saturating_sub(2));
    canvas.tint(Area::new(rows.x, top, rows.width, 1), Tone::Bar);
    for (y, line) in (top + 1..rows.y + rows.height).zip(lines) {
        canvas.put_over(rows.x + 3, y, rows.width.saturating_sub(4), &clean(text.get(line).unwrap_or_default().trim_end()), Tone::Text, Tone::Bar);
    }
    taken
}

/// Marks the letters that were written.
fn matched(text: &[(Clean, Tone)], places: &[usize]) -> Vec<(Clean, Tone)> {
    if places.is_empty() {
        return text.to_vec();
    }
    let mut pieces = Vec::new();
    let mut base = 0;
    for (piece, tone) in text {
        let mut plain = 0;
        for (at, c) in piece.char_indices() {
            if places.contains(&(base + at)) {
                pieces.push((piece.slice(plain..at), *tone));
                pieces.push((piece.slice(at..at + c.len_utf8()), Tone::Accent));
                plain = at + c.len_utf8();
            }
        }
        pieces.push((piece.slice(plain..piece.len()), *tone));
        base += piece.len();
    }
    pieces
}

fn page_over(state: &State, canvas: &mut Canvas<'_>, page: &Sheet) {
    let area = Area::new(0, 0, state.size.0, state.size.1.saturating_sub(1));
    let aside = match page.page.search() {
        Some((needle, at, of)) => clean(&format!(" {needle}: {at} of {of} ")),
        None => Clean::default(),
    };
    canvas.fill(area, Tone::Text);
    frame(canvas, area, &page.title, &aside);
    let inner = Area::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), area.height.saturating_sub(2));
    canvas.fill(inner, Tone::Text);
    sheet::draw(canvas, Area::new(inner.x + 1, inner.y, inner.width.saturating_sub(2), inner.height), &page.page);
}
