//! Two trajectories beside each other: aligned rows, what differs brightened.

use super::canvas::Canvas;
use super::reading::{Look, TimelineRow, draw_row};
use crate::app::{Area, Comparison, State, Tone, say};
use crate::diff::{self, Marked, Same};
use crate::text::{clean, human, width};

/// Draws the comparison.
pub fn draw(state: &State, canvas: &mut Canvas<'_>) {
    let Some(comparison) = &state.comparison else { return };
    let areas = state.compare_areas();
    let rule = areas[0].y - 1;
    canvas.rule(0, rule, state.size.0);
    let tee = canvas.marks.tee_down;
    canvas.put(areas[0].width, rule, 1, &tee, Tone::Border);
    canvas.side(areas[0].width, rule + 1, areas[0].height);
    for (at, (side, area)) in comparison.sides.iter().zip(areas).enumerate() {
        let t = &side.opened.trajectory;
        let arm = t.cohort.as_ref().and_then(|cohort| cohort.arm.clone()).map_or(String::new(), |arm| format!("{arm}  "));
        let title = clean(&format!("{arm}{}", t.title.as_deref().unwrap_or(&t.id)));
        let tone = if at == comparison.side { Tone::Tab } else { Tone::Dim };
        // Runs of one task have one title; their ids tell them apart.
        let id = clean(&human::short_id(&t.id));
        let wide = u16::try_from(width(&id)).unwrap_or(u16::MAX);
        let wide = if wide > area.width / 2 { 0 } else { wide };
        canvas.put(area.x + 1, 0, area.width.saturating_sub(if wide == 0 { 2 } else { wide + 4 }), &title, tone);
        canvas.put((area.x + area.width).saturating_sub(wide + 1), 0, wide, &id, Tone::Dim);
    }
    for row in 0..areas[0].height {
        let at = comparison.list.top + usize::from(row);
        let Some((pair, same)) = comparison.pairs.get(at) else { break };
        let differing = differing(comparison, *pair, *same, canvas);
        for (number, (side, area)) in comparison.sides.iter().zip(areas).enumerate() {
            let line = Area::new(area.x, area.y + row, area.width, 1);
            let chosen = (at == comparison.list.chosen).then_some(if number == comparison.side { Tone::Chosen } else { Tone::ChosenAside });
            let place = pair.get(number).copied().flatten().and_then(|place| side.rows.get(place).copied());
            if let Some(place) = place {
                let look = Look { chosen, words: differing.side(number), ..Look::default() };
                draw_row(state, canvas, line, (&side.opened.trajectory, &side.ties), TimelineRow { row: place, before: None }, look);
                if *same == Same::Equal && chosen.is_none() {
                    canvas.fade(line);
                }
            } else if let Some(under) = chosen {
                canvas.fill(line, under);
            }
            let sign = match (same, place) {
                (Same::Equal, _) | (_, None) => " ",
                (Same::Differs, _) => "~",
                (Same::Lone, _) if number == 0 => "-",
                (Same::Lone, _) => "+",
            };
            canvas.put_over(line.x + 1, line.y, 1, &sign, if number == 0 { Tone::Removed } else { Tone::Added }, chosen.unwrap_or(Tone::Text));
        }
    }
}

/// Finds the words by which the sides of a row differ.
fn differing(comparison: &Comparison, pair: [Option<usize>; 2], same: Same, canvas: &Canvas<'_>) -> Marked {
    if same != Same::Differs {
        return Marked::default();
    }
    let text = |side: usize| -> Option<String> {
        let of = comparison.sides.get(side)?;
        let row = of.rows.get(pair.get(side).copied().flatten()?)?;
        Some(say(&of.opened.trajectory, &of.ties, *row, canvas.marks).text.iter().map(|(piece, _)| piece.as_str()).collect())
    };
    diff::words(&text(0).unwrap_or_default(), &text(1).unwrap_or_default())
}
