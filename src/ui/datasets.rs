//! The datasets: which there are, what would leave of one, and its rows.

use super::board::{border, greet, head, under};
use super::canvas::Canvas;
use super::sheet;
use crate::app::{Area, State, Tone};
use crate::text::{clean, fit, pad_left};

/// What is said while the first dataset is looked at.
const WORKING: &[&str] = &["Working out what would leave.", "", "Every decision point of the query is put before the gates; keys work meanwhile."];

/// What is said to who has no dataset.
const NOTHING: &[&str] = &[
    "No dataset yet.",
    "",
    "A dataset is a named selection: a query, the shapes to write, the gates that must hold.",
    "c makes one of the library's query; e then opens its definition in your editor.",
    "What is judged and audited leaves; the gates say what keeps the rest back.",
];

/// Draws the screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let view = &state.datasets;
    let columns = state.size.0;
    let board = view.board.as_deref();
    let told = match (board, view.ticket) {
        (_, ticket) if ticket != 0 => "working out what would leave".to_owned(),
        (Some(board), _) => {
            board.sheet.as_ref().map_or(String::new(), |sheet| format!("{} would leave", crate::text::human::plural(sheet.report.examples, "example")))
        }
        _ => String::new(),
    };
    let name = match (board.filter(|board| board.sheet.is_some()), &view.rows) {
        (Some(board), Some(rows)) => format!(
            "{}  {}  row {} of {}",
            board.name,
            view.shapes().get(rows.shape).copied().unwrap_or_default(),
            rows.list.chosen + 1,
            view.shown_rows().len()
        ),
        (Some(board), None) => view.pending().unwrap_or(&board.name).to_owned(),
        (None, _) => "datasets".to_owned(),
    };
    head(state, canvas, &clean(&name), &clean(&told));
    if let Some(why) = &view.failed {
        canvas.put(1, 3, columns.saturating_sub(2), why, Tone::Alarm);
        return;
    }
    let Some(board) = board else { return };
    if board.sheet.is_none() {
        return greet(state, canvas, if view.ticket == 0 { NOTHING } else { WORKING });
    }
    let (list, page) = state.board_areas();
    border(state, canvas);
    if view.rows.is_some() {
        rows(state, canvas, list)
    } else {
        datasets(state, canvas, list)
    }
    sheet::draw(canvas, Area::new(page.x + 1, page.y, page.width.saturating_sub(2), page.height), &view.page);
}

fn datasets(state: &State, canvas: &mut Canvas<'_>, area: Area) {
    let view = &state.datasets;
    let Some(board) = &view.board else { return };
    for (row, (at, line)) in (0..area.height).zip(board.known.iter().enumerate().skip(view.list.top)) {
        let under = under(canvas, area, row, at == view.list.chosen, view.in_page);
        let version = clean(&format!("v{} ", line.version));
        canvas.put_over(area.x + 2, area.y + row, area.width.saturating_sub(9), &clean(&line.name), Tone::Strong, under);
        canvas.put_right(area.x, area.y + row, area.width, &version, Tone::Dim, under);
    }
}

fn rows(state: &State, canvas: &mut Canvas<'_>, area: Area) {
    let view = &state.datasets;
    let Some(shown) = &view.rows else { return };
    for (line, (at, row)) in (0..area.height).zip(view.shown_rows().into_iter().enumerate().skip(shown.list.top)) {
        let under = under(canvas, area, line, at == shown.list.chosen, view.in_page);
        let said = clean(&format!("{} {} {} {}", fit(row.situation, 14), fit(row.split, 5), pad_left(&row.tokens.to_string(), 6), row.example));
        canvas.put_over(area.x + 2, area.y + line, area.width.saturating_sub(3), &said, Tone::Text, under);
    }
}
