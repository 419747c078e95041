//! A text in which a span is chosen, over the screen.

use super::canvas::Canvas;
use crate::app::{Area, Span, State, Tone};
use crate::text::clean;

/// Draws the lines inside a frame; what is chosen, and where one is, stand out.
pub fn draw(state: &State, canvas: &mut Canvas<'_>, span: &Span) {
    let area = state.span_area();
    let columns = usize::from(area.width.saturating_sub(4));
    let chosen = span.chosen();
    let rows = usize::from(area.height.saturating_sub(2));
    for (row, line) in (0u16..).zip(span.lines(columns).into_iter().skip(span.top).take(rows)) {
        let mut x = area.x + 2;
        for at in line {
            let Some(letter) = span.letters.get(at).copied() else { break };
            let shown = match letter {
                '\n' | '\r' | '\t' => " ".to_owned(),
                '▓' => canvas.marks.redacted.to_owned(),
                letter => letter.to_string(),
            };
            let under = match () {
                () if at == span.cursor => Tone::Chosen,
                () if span.anchor.is_some() && chosen.contains(&at) => Tone::Redaction,
                () => Tone::Bar,
            };
            let tone = if under == Tone::Bar { Tone::Text } else { Tone::Strong };
            let room = (area.x + area.width).saturating_sub(x + 1);
            let text = clean(&shown);
            canvas.put_over(x, area.y + 1 + row, room, &text, tone, Tone::Bar);
            let wide = u16::try_from(crate::text::width(&text)).unwrap_or(1);
            canvas.tint(Area::new(x, area.y + 1 + row, wide, 1), under);
            x += wide;
        }
    }
}
