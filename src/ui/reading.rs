//! A trajectory: its head, the timeline with the lane of executions, and the chosen step.

use super::canvas::Canvas;
use super::sheet;
use crate::app::{Area, Reading, Row, State, Ties, Tone, say};
use crate::model::Trajectory;
use crate::text::{Clean, clean, human, truncate, width};
use std::ops::Range;

/// Draws a trajectory.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let Some(reading) = &state.reading else { return };
    let areas = state.reading_areas();
    head(reading, canvas, areas.head);
    let rule = areas.head.y + 1;
    canvas.rule(0, rule, areas.head.width);
    if areas.beside {
        let x = areas.detail.x.saturating_sub(1);
        let tee = canvas.marks.tee_down;
        canvas.put(x, rule, 1, &tee, Tone::Border);
        canvas.side(x, rule + 1, areas.steps.height);
    } else if areas.steps.height > 0 && areas.detail.height > 0 {
        canvas.rule(0, areas.detail.y - 1, areas.detail.width);
    }
    if areas.steps.height > 0 {
        let arcs = arcs(reading, areas.steps);
        for row in 0..areas.steps.height {
            let at = reading.list.top + usize::from(row);
            let Some(place) = reading.rows.get(at) else { break };
            let line = TimelineRow { row: *place, before: at.checked_sub(1).and_then(|before| reading.rows.get(before).copied()).filter(|_| row > 0) };
            let chosen = (at == reading.list.chosen).then_some(if reading.in_detail { Tone::ChosenAside } else { Tone::Chosen });
            let look = Look {
                chosen,
                arc: arcs.get(usize::from(row)).copied().flatten(),
                marked: reading.marked.contains(&(place.step as usize)),
                left: reading.left,
                words: &[],
            };
            let area = Area::new(areas.steps.x, areas.steps.y + row, areas.steps.width, 1);
            draw_row(state, canvas, area, (&reading.trajectory, &reading.ties), line, look);
        }
    }
    if areas.detail.height > 0 {
        let area = Area::new(areas.detail.x + 1, areas.detail.y, areas.detail.width.saturating_sub(2), areas.detail.height);
        if reading.preparing.is_some() && reading.detail.blocks().is_empty() {
            canvas.put(area.x, area.y, area.width, &"laying out a long text", Tone::Dim);
        } else {
            sheet::draw(canvas, area, &reading.detail);
        }
    }
}

fn head(reading: &Reading, canvas: &mut Canvas<'_>, area: Area) {
    let t = &reading.trajectory;
    let dot = format!(" {} ", canvas.marks.dot);
    let mut facts: Vec<String> = vec![human::short_id(&t.id)];
    if area.width >= 100 {
        facts.extend(t.model.clone());
    }
    facts.extend(t.cohort.as_ref().and_then(|cohort| cohort.arm.clone()));
    if area.width >= 100 {
        facts.extend(t.usage.cost_usd.map(human::usd));
        facts.extend(t.started_at.zip(t.ended_at).map(|(from, to)| human::duration(to.since(from))));
        let sources = t.sources.len();
        facts.extend((sources > 1).then(|| format!("{sources} sources joined")));
    }
    if !t.issues.is_empty() && area.width >= 70 {
        facts.push(human::plural(t.issues.len(), "issue"));
    }
    let partial = if reading.partial { " and reading" } else { "" };
    let word = if area.width >= 100 { "step " } else { "" };
    let place = format!("{word}{} of {}{partial}", (reading.at() + 1).min(t.steps.len()), t.steps.len());
    let right = clean(&format!("{}   {place} ", facts.join(&dot)));
    let wide = u16::try_from(width(&right)).unwrap_or(u16::MAX).min(area.width);
    let title = clean(&t.title.as_deref().unwrap_or("(no title)").split_whitespace().collect::<Vec<_>>().join(" "));
    let room = area.width.saturating_sub(wide + 3);
    if room >= 8 {
        canvas.put(1, area.y, room, &title, Tone::Strong);
        canvas.put(area.width - wide, area.y, wide, &right, Tone::Dim);
    } else {
        let place = clean(&format!("{place} "));
        let wide = u16::try_from(width(&place)).unwrap_or(0).min(area.width);
        canvas.put(1, area.y, area.width.saturating_sub(wide + 2), &title, Tone::Strong);
        canvas.put(area.width - wide, area.y, wide, &place, Tone::Dim);
    }
}

/// A row and the one above it.
#[derive(Clone, Copy)]
pub struct TimelineRow {
    /// The row.
    pub row: Row,
    /// The row above it on the screen.
    pub before: Option<Row>,
}

/// How a row looks beside what it says.
#[derive(Clone, Copy, Default)]
pub struct Look<'a> {
    /// What lies under it, where it is chosen.
    pub chosen: Option<Tone>,
    /// The sign of an arc: 0 where it begins, 1 within, 2 where it ends.
    pub arc: Option<usize>,
    /// Whether it is marked.
    pub marked: bool,
    /// Columns of the text that are scrolled away.
    pub left: u16,
    /// Bytes of the text that stand out.
    pub words: &'a [Range<usize>],
}

/// Draws one row of a timeline.
pub fn draw_row(state: &State, canvas: &mut Canvas<'_>, area: Area, of: (&Trajectory, &Ties), line: TimelineRow, look: Look<'_>) {
    let (t, ties) = of;
    let under = look.chosen.unwrap_or(Tone::Text);
    if look.chosen.is_some() {
        canvas.fill(area, under);
        let cursor = canvas.marks.cursor;
        canvas.put_over(area.x, area.y, 1, &cursor, Tone::Accent, under);
    }
    if look.marked {
        let sign = canvas.marks.marked;
        canvas.put_over(area.x + 1, area.y, 1, &sign, Tone::Accent, under);
    }
    let (x, y) = (area.x, area.y);
    let times: u16 = if area.width >= 60 {
        8
    } else if area.width >= 46 {
        6
    } else {
        0
    };
    if times > 0 {
        time(state, canvas, (x + 2, y, times), t, line, under);
    }
    let mut at = x + 2 + times + u16::from(times > 0);
    if let Some(sign) = look.arc.and_then(|arc| canvas.marks.arc.get(arc).copied()) {
        canvas.put_over(at, y, 1, &sign, Tone::Retry, under);
    }
    at += 1;
    let lane = ties.lanes.get(line.row.step as usize).copied().unwrap_or_default();
    let lane = if line.row.line > 0 && lane != crate::app::Lane::None { crate::app::Lane::Through } else { lane };
    let (sign, tone) = lane.sign(canvas.marks);
    canvas.put_over(at, y, 1, &sign, tone, under);
    at += 2;
    let said = say(t, ties, line.row, canvas.marks);
    let labels: u16 = match said.label.1 {
        _ if area.width >= 46 => 9,
        Tone::Tool => 7,
        // What became of a call is read whole; the text beside it gives way.
        _ => u16::try_from(width(&said.label.0) + 1).unwrap_or(9).clamp(7, 9),
    };
    let end = area.x + area.width;
    canvas.put_over(at, y, labels.min(end.saturating_sub(at)).saturating_sub(1), &said.label.0, said.label.1, under);
    at += labels;
    let aside: usize = said.aside.iter().map(|(text, _)| width(text) + 1).sum();
    let aside_room = u16::try_from(aside).unwrap_or(u16::MAX);
    let room = end.saturating_sub(at).saturating_sub(1);
    let show_aside = aside_room > 0 && aside_room + 12 < room;
    let text_room = if show_aside { room - aside_room } else { room };
    put_shifted(canvas, (at, y, text_room), &standing_out(said.text, look.words), look.left, under);
    let mut from = end.saturating_sub(aside_room + 1);
    for (text, tone) in said.aside.iter().filter(|_| show_aside) {
        from += canvas.put_over(from + 1, y, aside_room, text, *tone, under) + 1;
    }
}

/// Gives the words that stand out a tone of their own; places count through all pieces.
fn standing_out(pieces: Vec<(Clean, Tone)>, words: &[Range<usize>]) -> Vec<(Clean, Tone)> {
    if words.is_empty() {
        return pieces;
    }
    let mut base = 0;
    let mut cut = Vec::new();
    for (text, tone) in pieces {
        let mut from = 0;
        for word in words.iter().filter(|word| word.end > base && word.start < base + text.len()) {
            let (start, end) = (word.start.saturating_sub(base).max(from), (word.end - base).min(text.len()));
            cut.push((text.slice(from..start), tone));
            cut.push((text.slice(start..end), Tone::Match));
            from = end;
        }
        cut.push((text.slice(from..text.len()), tone));
        base += text.len();
    }
    cut
}

fn time(state: &State, canvas: &mut Canvas<'_>, place: (u16, u16, u16), t: &Trajectory, line: TimelineRow, under: Tone) {
    let of = |row: Row| t.steps.get(row.step as usize).and_then(|step| step.at).map(|at| state.clock(at)).filter(|_| row.line == 0);
    let Some(shown) = of(line.row) else { return };
    // The same second as above is not said again.
    if line.before.and_then(of).as_ref() == Some(&shown) {
        return;
    }
    let (x, y, columns) = place;
    // What is left of a time begins with its colon, lest minutes pass for hours.
    let from = shown.len().saturating_sub(usize::from(columns));
    canvas.put_over(x, y, columns, &shown.slice(from..shown.len()), Tone::Dim, under);
}

fn put_shifted(canvas: &mut Canvas<'_>, place: (u16, u16, u16), pieces: &[(Clean, Tone)], left: u16, under: Tone) {
    let (x, y, room) = place;
    if left == 0 {
        canvas.put_pieces(x, y, room, pieces, under);
        return;
    }
    let mut skip = usize::from(left);
    let mut kept = Vec::new();
    for (text, tone) in pieces {
        let wide = width(text);
        if wide > skip {
            let head = truncate(text, skip).len().min(text.len());
            let from = (head..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            kept.push((text.slice(if skip == 0 { 0 } else { from }..text.len()), *tone));
        }
        skip = skip.saturating_sub(wide);
    }
    canvas.put_pieces(x, y, room, &kept, under);
}

/// Finds which rows an arc from a stop to what tries it again goes by, where both ends are seen.
fn arcs(reading: &Reading, area: Area) -> Vec<Option<usize>> {
    let mut arcs = vec![None; area.rows()];
    let top = reading.list.top;
    let seen = |execution: u32| {
        let first = reading.ties.first.get(execution as usize).copied().flatten()?;
        let row = reading.rows.binary_search_by_key(&(first, 0), |row| (row.step, row.line)).ok()?;
        row.checked_sub(top).filter(|row| *row < area.rows())
    };
    for (later, earlier) in reading.ties.retries.iter().enumerate() {
        let Some(earlier) = earlier else { continue };
        let ends = seen(*earlier).zip(u32::try_from(later).ok().and_then(seen));
        let Some((from, to)) = ends.filter(|(from, to)| from < to) else { continue };
        // Where another arc goes by already, the sign beside the retry has to do.
        if arcs.get(from..=to).is_some_and(|rows| rows.iter().all(Option::is_none)) {
            for (at, arc) in arcs.iter_mut().enumerate().take(to + 1).skip(from) {
                *arc = Some(if at == from {
                    0
                } else if at == to {
                    2
                } else {
                    1
                });
            }
        }
    }
    arcs
}
