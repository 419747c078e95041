//! Colours that a program printed (SGR, ECMA-48 8.3.117), read as styles over clean text.

use super::clean::{Clean, Renderer};
use super::scan::{Piece, Scanner};
use std::ops::Range;

/// A colour as the program named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Color {
    /// One of the terminal's 256; the first 16 are its palette.
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// How a piece of text was to look; `None` and `false` are the terminal's own look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Colour of the letters.
    pub fg: Option<Color>,
    /// Colour behind them.
    pub bg: Option<Color>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Colours swapped.
    pub reverse: bool,
}

/// A clean text with the styles that lay over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Styled {
    /// The text, with its newlines.
    pub text: Clean,
    /// Byte ranges of the text that have a style other than the terminal's own, in order, without overlap.
    pub spans: Vec<(Range<usize>, Style)>,
}

impl Styled {
    /// Cuts the text into runs of one style.
    pub fn runs(&self) -> impl Iterator<Item = (Clean, Style)> {
        let starts = std::iter::once(0).chain(self.spans.iter().map(|(range, _)| range.end));
        let ends = self.spans.iter().map(|(range, style)| (range.clone(), *style)).chain([(self.text.len()..self.text.len(), Style::default())]);
        starts
            .zip(ends)
            .flat_map(|(plain, (range, style))| [(plain..range.start, Style::default()), (range, style)])
            .filter(|(range, _)| !range.is_empty())
            .map(|(range, style)| (self.text.slice(range), style))
    }
}

/// Reads a text of several lines with its colours; everything else that is hostile in it is cleaned as `clean_block` does.
#[must_use]
pub fn styled(raw: &str) -> Styled {
    let mut renderer = Renderer::new(true, raw.len());
    let mut spans = Vec::new();
    let (mut style, mut start) = (Style::default(), 0);
    for piece in Scanner::new(raw) {
        if let Piece::Sgr(parameters) = piece {
            let mut next = style;
            apply(&mut next, parameters);
            if next != style {
                let end = renderer.len();
                close(&mut spans, start..end, style);
                (style, start) = (next, end);
            }
        } else {
            renderer.push(piece);
        }
    }
    let text = renderer.finish();
    close(&mut spans, start..text.len(), style);
    Styled { text, spans }
}

fn close(spans: &mut Vec<(Range<usize>, Style)>, range: Range<usize>, style: Style) {
    if !range.is_empty() && style != Style::default() {
        spans.push((range, style));
    }
}

/// Applies the parameters of one sequence; what is unknown changes nothing.
fn apply(style: &mut Style, parameters: &str) {
    let mut codes = parameters.split(';');
    while let Some(code) = codes.next() {
        let (head, sub) = code.split_once(':').map_or((code, None), |(head, sub)| (head, Some(sub)));
        let number = if head.is_empty() { 0 } else { head.parse::<u8>().unwrap_or(u8::MAX) };
        match number {
            0 => *style = Style::default(),
            1 => style.bold = true,
            2 => style.dim = true,
            3 => style.italic = true,
            4 => style.underline = sub != Some("0"),
            7 => style.reverse = true,
            21 => style.underline = true,
            22 => (style.bold, style.dim) = (false, false),
            23 => style.italic = false,
            24 => style.underline = false,
            27 => style.reverse = false,
            30..=37 => style.fg = Some(Color::Indexed(number - 30)),
            39 => style.fg = None,
            40..=47 => style.bg = Some(Color::Indexed(number - 40)),
            49 => style.bg = None,
            90..=97 => style.fg = Some(Color::Indexed(number - 90 + 8)),
            100..=107 => style.bg = Some(Color::Indexed(number - 100 + 8)),
            38 | 48 => {
                let color = sub.map_or_else(|| color(&mut codes), |sub| color(&mut sub.split(':')));
                if color.is_some() {
                    *(if number == 38 { &mut style.fg } else { &mut style.bg }) = color;
                }
            }
            _ => {}
        }
    }
}

/// Reads `5;N`, `2;R;G;B` or, with colons, also `2::R:G:B`.
fn color<'a>(codes: &mut impl Iterator<Item = &'a str>) -> Option<Color> {
    match codes.next()? {
        "5" => codes.next()?.parse().ok().map(Color::Indexed),
        "2" => {
            let mut codes = codes.skip_while(|code| code.is_empty());
            let mut channel = || codes.next()?.parse::<u8>().ok();
            Some(Color::Rgb(channel()?, channel()?, channel()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::clean_block;
    use proptest::prelude::*;

    fn check(raw: &str, expect: &[(&str, Style)]) {
        let styled = styled(raw);
        let runs: Vec<(Clean, Style)> = styled.runs().collect();
        let runs: Vec<(&str, Style)> = runs.iter().map(|(text, style)| (text.as_str(), *style)).collect();
        assert_eq!(runs, expect, "{raw:?}");
    }

    #[test]
    fn colours_are_read_and_the_rest_is_cleaned() {
        let plain = Style::default();
        let fg = |color| Style { fg: Some(color), ..plain };
        check("a\u{1B}[31mb\u{1B}[mc", &[("a", plain), ("b", fg(Color::Indexed(1))), ("c", plain)]);
        check("\u{1B}[38;5;208mx", &[("x", fg(Color::Indexed(208)))]);
        check("\u{1B}[38:2::1:2:3mx", &[("x", fg(Color::Rgb(1, 2, 3)))]);
        check("\u{1B}[38;2;1;2;3;1mx", &[("x", Style { bold: true, ..fg(Color::Rgb(1, 2, 3)) })]);
        check("\u{1B}[1m\u{1B}[22m\u{1B}]0;title\u{7}x\u{9B}94my", &[("␛x", plain), ("y", fg(Color::Indexed(12)))]);
        check("\u{1B}[38;9mx\u{1B}[999mx", &[("xx", plain)]);
        check("", &[]);
    }

    proptest! {
        #[test]
        fn styles_do_not_change_the_text(raw in "[a\u{1B}\\[;:m0-9\u{301}\t\n]{0,40}") {
            let styled = styled(&raw);
            prop_assert_eq!(styled.runs().map(|(text, _)| text.into_string()).collect::<String>(), styled.text.as_str());
            prop_assert_eq!(styled.text, clean_block(&raw));
        }
    }
}
