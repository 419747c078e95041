//! The canvas: cells that only clean text reaches, cut by display width.

use super::theme::Theme;
use crate::app::{Area, Marks, Tone};
use crate::text::{Clean, graphemes, prefix_within, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::ops::Range;

/// What may be drawn: text that was cleaned, or that stands in this program.
pub trait Safe {
    /// Gives the text.
    fn shown(&self) -> &str;
}

impl Safe for Clean {
    fn shown(&self) -> &str {
        self.as_str()
    }
}

impl Safe for &'static str {
    fn shown(&self) -> &str {
        self
    }
}

/// Something to draw on.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    /// The theme.
    pub theme: &'a Theme,
    /// The signs.
    pub marks: &'static Marks,
}

impl<'a> Canvas<'a> {
    /// Begins to draw on cells, which are made empty.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme, marks: &'static Marks) -> Self {
        buffer.reset();
        let area = buffer.area;
        buffer.set_style(area, theme.base);
        Self { buffer, theme, marks }
    }

    /// Draws a text in a tone within some columns, and gives the columns that it took; what does not fit ends in `…`.
    pub fn put(&mut self, x: u16, y: u16, room: u16, text: &impl Safe, tone: Tone) -> u16 {
        self.cut(x, y, room, text.shown(), self.theme.style(tone))
    }

    /// Draws a text in a tone over the background of another.
    pub fn put_over(&mut self, x: u16, y: u16, room: u16, text: &impl Safe, tone: Tone, under: Tone) -> u16 {
        self.cut(x, y, room, text.shown(), self.theme.over(tone, under))
    }

    /// Draws a text that stands at the right end of some columns.
    pub fn put_right(&mut self, x: u16, y: u16, room: u16, text: &impl Safe, tone: Tone, under: Tone) -> u16 {
        let wide = u16::try_from(width(text.shown())).unwrap_or(u16::MAX).min(room);
        self.cut(x + room - wide, y, wide, text.shown(), self.theme.over(tone, under))
    }

    /// Draws pieces one after another, and gives the columns that they took.
    pub fn put_pieces(&mut self, x: u16, y: u16, room: u16, pieces: &[(Clean, Tone)], under: Tone) -> u16 {
        let mut used = 0;
        for (text, tone) in pieces {
            used += self.cut(x + used, y, room - used, text, self.theme.over(*tone, under));
            if used >= room {
                break;
            }
        }
        used
    }

    /// Draws a part of a text with tones on its byte ranges, from a column of it on; what does not fit is left out without a sign.
    #[allow(clippy::too_many_arguments)]
    pub fn put_part(&mut self, x: u16, y: u16, room: u16, text: &Clean, range: Range<usize>, skipped: u16, tones: &[(Range<usize>, Tone)]) -> u16 {
        let part = text.get(range.clone()).unwrap_or_default();
        let mut column = -i32::from(skipped);
        let mut at = range.start;
        let mut used = 0;
        for (grapheme, wide) in graphemes(part) {
            let wide_columns = i32::try_from(wide).unwrap_or(2);
            if column >= i32::from(room) || column + wide_columns > i32::from(room) {
                break;
            }
            if column >= 0 {
                // Later tones lie over earlier ones.
                let tone = tones.iter().rev().find(|(toned, _)| toned.contains(&at)).map_or(Tone::Text, |(_, tone)| *tone);
                let offset = u16::try_from(column).unwrap_or(u16::MAX);
                self.cell(x.saturating_add(offset), y, grapheme, wide, self.theme.style(tone));
                used = offset + u16::try_from(wide).unwrap_or(2);
            }
            column += wide_columns;
            at += grapheme.len();
        }
        used
    }

    fn cut(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        let whole = width(text);
        let fits = whole <= usize::from(room);
        let kept = if fits { text } else { text.get(..prefix_within(text, usize::from(room.saturating_sub(1)))).unwrap_or_default() };
        let mut at = x;
        for (grapheme, wide) in graphemes(kept) {
            self.cell(at, y, grapheme, wide, style);
            at = at.saturating_add(u16::try_from(wide).unwrap_or(2));
        }
        if !fits && room > 0 {
            self.cell(at, y, if self.marks.side == "│" { "…" } else { "~" }, 1, style);
            at = at.saturating_add(1);
        }
        at - x
    }

    /// Sets one cell, and frees the one behind a wide character. Nothing that a terminal acts upon gets here: the text is clean.
    fn cell(&mut self, x: u16, y: u16, grapheme: &str, wide: usize, style: Style) {
        if wide == 0 || grapheme.contains(char::is_control) {
            return;
        }
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(grapheme).set_style(style);
        }
        if wide == 2
            && let Some(cell) = self.buffer.cell_mut((x.saturating_add(1), y))
        {
            cell.set_symbol(" ").set_style(style);
        }
    }

    /// Fills an area with a tone.
    pub fn fill(&mut self, area: Area, tone: Tone) {
        let style = self.theme.style(tone);
        for y in area.y..area.y.saturating_add(area.height) {
            for x in area.x..area.x.saturating_add(area.width) {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// Lays the background and modifiers of a tone over what is drawn.
    pub fn tint(&mut self, area: Area, tone: Tone) {
        let style = self.theme.style(tone);
        let rect = Rect::new(area.x, area.y, area.width, area.height).intersection(self.buffer.area);
        self.buffer.set_style(rect, Style { fg: None, ..style });
    }

    /// Takes what is drawn back, as context is.
    pub fn fade(&mut self, area: Area) {
        let dim = self.theme.style(Tone::Dim);
        let rect = Rect::new(area.x, area.y, area.width, area.height).intersection(self.buffer.area);
        self.buffer.set_style(rect, Style { bg: None, ..dim });
    }

    /// Draws a horizontal border.
    pub fn rule(&mut self, x: u16, y: u16, columns: u16) {
        for at in x..x.saturating_add(columns) {
            self.put(at, y, 1, &self.marks.rule, Tone::Border);
        }
    }

    /// Draws a vertical border.
    pub fn side(&mut self, x: u16, y: u16, rows: u16) {
        for at in y..y.saturating_add(rows) {
            self.put(x, at, 1, &self.marks.side, Tone::Border);
        }
    }
}
