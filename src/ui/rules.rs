//! The rules: one a row with what it found, and the page of the chosen one.

use super::board::{border, greet, head, under};
use super::canvas::Canvas;
use super::sheet;
use crate::app::{Area, RulesView, State, Tone, severity_tone};
use crate::text::{clean, fit, human};

/// What is said where there is nothing to ask the rules about.
const NOTHING: &[&str] = &["Nothing is here yet.", "", "ossia import PATH brings sessions in; what the rules find in them stands here."];

/// Draws the screen.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let view = &state.rules;
    let query = state.library.query.text();
    let over = if query.is_empty() { clean("all trajectories; / in the library filters") } else { clean(query) };
    let mut facts = Vec::new();
    if let Some(report) = &view.report {
        facts.push(human::plural(report.findings.len(), "finding"));
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
    for (row, at) in (0..list.height).zip(view.list.top..report.rules.len()) {
        let tone = under(canvas, list, row, at == view.list.chosen, view.in_page);
        draw_rule(view, canvas, list, row, at, tone);
    }
    sheet::draw(canvas, Area::new(page.x + 1, page.y, page.width.saturating_sub(2), page.height), &view.page);
}

fn draw_rule(view: &RulesView, canvas: &mut Canvas<'_>, list: Area, row: u16, at: usize, under: Tone) {
    let Some(ruled) = view.report.as_ref().and_then(|report| report.rules.get(at)) else { return };
    let y = list.y + row;
    let found = ruled.counts.finding;
    let tone = if found == 0 { Tone::Dim } else { severity_tone(ruled.rule.severity) };
    let name = if found == 0 { Tone::Dim } else { Tone::Text };
    let pieces =
        [(clean(&fit(ruled.rule.id, 4)), tone), (clean(&fit(ruled.rule.name, 30)), name), (clean(&format!(" {}", ruled.rule.severity.as_str())), Tone::Dim)];
    let count = if found == 0 { clean(&format!("{} ", canvas.marks.none)) } else { clean(&format!("{} {found} ", canvas.marks.finding)) };
    canvas.put_pieces(list.x + 2, y, list.width.saturating_sub(10), &pieces, under);
    canvas.put_right(list.x, y, list.width, &count, if found == 0 { Tone::Dim } else { Tone::Finding }, under);
}
