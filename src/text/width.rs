//! Display width in terminal columns, and fitting a text into a number of them.

use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

const ELLIPSIS: char = '…';

/// Gives the columns that a text takes, counted per grapheme as terminals draw it; expects clean text.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { graphemes(text).map(|(_, columns)| columns).sum() }
}

/// Gives the columns of one grapheme: 0, 1 or 2.
#[must_use]
pub fn grapheme_width(grapheme: &str) -> usize {
    grapheme.width().min(2)
}

/// Gives the graphemes of a text with their columns; expects clean text.
pub fn graphemes(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        // Nothing joins a letter of ASCII to the one behind it, so that most of a text need not be looked up in tables.
        let plain = matches!(rest.as_bytes(), [b' '..=b'~'] | [b' '..=b'~', ..0x80, ..]);
        let piece = if plain { rest.get(..1)? } else { rest.graphemes(true).next()? };
        rest = rest.get(piece.len()..).unwrap_or_default();
        Some((piece, if plain { 1 } else { grapheme_width(piece) }))
    })
}

/// Cuts a text to at most `columns`, with `…` as its last column where something was cut.
#[must_use]
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let kept = text.get(..prefix_within(text, columns - 1)).unwrap_or_default();
    Cow::Owned(format!("{kept}{ELLIPSIS}"))
}

/// Cuts a text in its middle to at most `columns`, so that both ends of a path or an id still show.
#[must_use]
pub fn truncate_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns < 3 {
        return truncate(text, columns);
    }
    let tail_columns = (columns - 1) / 2;
    let head = text.get(..prefix_within(text, columns - 1 - tail_columns)).unwrap_or_default();
    let mut tail_start = text.len();
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme_width(grapheme);
        if used > tail_columns {
            break;
        }
        tail_start = at;
    }
    Cow::Owned(format!("{head}{ELLIPSIS}{}", text.get(tail_start..).unwrap_or_default()))
}

/// Cuts or fills a text with spaces to exactly `columns`.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let mut fitted = truncate(text, columns).into_owned();
    let missing = columns.saturating_sub(width(&fitted));
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// Fills a text with spaces on its left to at least `columns`, as numbers are set.
#[must_use]
pub fn pad_left(text: &str, columns: usize) -> String {
    let mut padded = " ".repeat(columns.saturating_sub(width(text)));
    padded.push_str(text);
    padded
}

/// Gives the byte length of the longest start of a text that takes at most `columns`.
#[must_use]
pub fn prefix_within(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme_width(grapheme);
        if used > columns {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::clean;
    use proptest::prelude::*;

    #[test]
    fn widths_of_the_hard_cases() {
        for (text, expect) in [("", 0), ("abc", 3), ("한", 2), ("e\u{301}", 1), ("👩🏽", 2), ("🇫🇷", 2), ("👩\u{200D}🔬", 2), ("❤\u{FE0F}", 2), ("…", 1)]
        {
            assert_eq!(width(text), expect, "{text}");
        }
    }

    #[test]
    fn cuts_at_the_end_and_in_the_middle() {
        for (text, columns, end, middle) in [
            ("abcdef", 6, "abcdef", "abcdef"),
            ("abcdef", 5, "abcd…", "ab…ef"),
            ("abcdef", 4, "abc…", "ab…f"),
            ("한국어", 4, "한…", "한…"),
            ("abcdef", 1, "…", "…"),
            ("abcdef", 0, "", ""),
        ] {
            assert_eq!(truncate(text, columns), end);
            assert_eq!(truncate_middle(text, columns), middle);
        }
        assert_eq!(fit("한국", 3), "한…");
        assert_eq!(fit("한국어", 4), "한… ");
        assert_eq!(pad_left("7", 3), "  7");
    }

    proptest! {
        #[test]
        fn the_functions_agree(raw in any::<String>(), columns in 0usize..30) {
            let text = clean(&raw);
            prop_assert!(width(&truncate(&text, columns)) <= columns);
            prop_assert!(width(&truncate_middle(&text, columns)) <= columns);
            prop_assert_eq!(width(&fit(&text, columns)), columns);
        }

        #[test]
        fn graphemes_are_those_of_the_standard(text in "[ -~é한\u{301}\u{200D}👩🔬🇫\u{FE0F}\u{20E3}\u{600}]{0,24}") {
            prop_assert!(graphemes(&text).map(|(piece, _)| piece).eq(text.graphemes(true)));
        }
    }
}
