//! The rules: one a row with what it found, and the page of the chosen one.

use super::board::{border, greet, head, under};
use super::canvas::Canvas;
use super::sheet;
use crate::app::{Area, RuleRow, RulesView, State, Tone, severity_tone};
use crate::text::{Clean, clean, fit, human, pad_left};

/// What is said where there is nothing to ask the rules about.
const NOTHING: &[&str] = &["Nothing is here yet.", "", "ossia import PATH brings sessions in; what the rules find in them stands here."];

/// Draws the screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let view = &state.rules;
    let query = state.library.query.text();
    let over = if query.is_empty() { clean("all trajectories; / in the library filters") } else { clean(query) };
    let mut facts = Vec::new();
    if let Some(report) = &view.report {
        facts.push(human::plural(report.findings.len() + report.more.values().sum::<usize>(), "finding"));
        facts.push(format!("in {}", human::plural(usize::try_from(report.trajectories).unwrap_or(0), "trajectory")));
        facts.push(format!("rules {}", report.rules_hash.get(..8).unwrap_or_default()));
    }
    if view.ticket != 0 {
        facts.push("asking".to_owned());
    }
    head(state, canvas, &over, &clean(&facts.join(&format!(" {} ", canvas.marks.dot))));
    if let Some(why) = &view.failed {
        canvas.put(1, 3, state.size.0.saturating_sub(2), why, Tone::Alarm);
        return;
    }
    let Some(report) = &view.report else {
        canvas.put(2, 4, state.size.0.saturating_sub(4), &"Asking the rules about every call.", Tone::Dim);
        return;
    };
    if report.trajectories == 0 && query.is_empty() {
        return greet(state, canvas, NOTHING);
    }
    border(state, canvas);
    let (list, page) = state.board_areas();
    let columns = columns(list.width);
    let names: String = columns.iter().map(|(name, wide, _)| pad_left(name, usize::from(*wide))).collect();
    let wide = u16::try_from(names.len()).unwrap_or(0) + 1;
    canvas.put(list.x + list.width.saturating_sub(wide), 2, wide - 1, &clean(&names), Tone::Dim);
    for (row, at) in (0..list.height).zip(view.list.top..report.rules.len()) {
        let tone = under(canvas, list, row, at == view.list.chosen, view.in_page);
        draw_rule(view, canvas, (list, row, columns), at, tone);
    }
    sheet::draw(canvas, Area::new(page.x + 1, page.y, page.width.saturating_sub(2), page.height), &view.page);
}

/// A column of numbers: its name, how wide it is, and what stands in it.
type Column = (&'static str, u16, fn(&RuleRow) -> String);

/// What each rule said, and its record, from the right; a narrow list has fewer of them.
const COLUMNS: &[Column] = &[
    ("clear", 7, |row| human::count(row.counts.clear)),
    ("unseen", 7, |row| human::count(row.counts.not_observable)),
    ("found", 6, |row| human::count(row.counts.finding)),
    ("prec.", 6, |row| share(row.precision)),
    ("recall", 7, |row| share(row.recall)),
    ("F1", 5, |row| share(row.f1)),
];
/// Columns before the numbers: id and name.
const NAMED: u16 = 34;
/// Columns of a severity.
const SEVERITY: u16 = 9;

/// Gives the columns that a list has room for.
fn columns(width: u16) -> &'static [Column] {
    let fits = |from: &usize| COLUMNS.get(*from..).is_some_and(|rest| NAMED + rest.iter().map(|column| column.1).sum::<u16>() < width);
    (0..3).find(fits).and_then(|from| COLUMNS.get(from..)).or_else(|| COLUMNS.get(2..3)).unwrap_or_default()
}

fn share(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{share:.2}"))
}

fn draw_rule(view: &RulesView, canvas: &mut Canvas<'_>, (list, row, columns): (Area, u16, &[Column]), at: usize, under: Tone) {
    let Some(ruled) = view.report.as_ref().and_then(|report| report.rules.get(at)) else { return };
    let y = list.y + row;
    let found = ruled.counts.finding > 0;
    let tone = if found { severity_tone(ruled.rule.severity) } else { Tone::Dim };
    let mut pieces = vec![(clean(&fit(ruled.rule.id, 4)), tone), (clean(&fit(ruled.rule.name, 28)), if found { Tone::Text } else { Tone::Dim })];
    let numbers: Vec<(Clean, Tone)> = columns
        .iter()
        .map(|(name, wide, value)| {
            let tone = if found && *name == "found" { Tone::Finding } else { Tone::Dim };
            (clean(&pad_left(&value(ruled), usize::from(*wide))), tone)
        })
        .collect();
    let wide = columns.iter().map(|column| column.1).sum::<u16>() + 1;
    let room = list.width.saturating_sub(wide + 2);
    if room >= NAMED + SEVERITY {
        pieces.push((clean(&format!(" {}", ruled.rule.severity.as_str())), Tone::Dim));
    }
    canvas.put_pieces(list.x + 2, y, room, &pieces, under);
    canvas.put_pieces((list.x + list.width).saturating_sub(wide), y, wide - 1, &numbers, under);
}
