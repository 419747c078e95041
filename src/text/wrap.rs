//! Greedy word wrap of a text to byte ranges, one per line on the screen.

use super::width::graphemes;
use std::ops::Range;

/// Wraps a text at spaces to lines of at most `columns`; longer words are cut, and the spaces at a break belong to no line.
///
/// Each newline starts a line, so a text has at least as many lines as newlines plus one. A character wider than `columns` has a line of its own.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<Range<usize>> {
    let columns = columns.max(1);
    let mut lines = Vec::with_capacity(text.len() / 64 + 1);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = text.get(start..end).unwrap_or_default();
        if line.len() <= columns {
            lines.push(start..end);
        } else if line.is_ascii() {
            wrap_ascii(line.as_bytes(), start, columns, &mut lines);
        } else {
            wrap_graphemes(line, start, columns, &mut lines);
        }
        start = end + 1;
    }
    lines
}

/// Wraps one line in which a byte is a column; `base` is where it starts in the text.
fn wrap_ascii(line: &[u8], base: usize, columns: usize, lines: &mut Vec<Range<usize>>) {
    let mut rest = line;
    let mut at = base;
    while let (Some(window), Some(next)) = (rest.get(..columns), rest.get(columns)) {
        let broken = if *next == b' ' { Some(columns) } else { memchr::memrchr(b' ', window) };
        // A break inside the indentation would leave an empty line.
        let len = broken.map(|len| trimmed(window.get(..len).unwrap_or(window))).filter(|len| *len > 0).unwrap_or(columns);
        lines.push(at..at + len);
        let left = rest.get(len..).unwrap_or_default();
        let spaces = left.iter().take_while(|b| **b == b' ').count();
        at += len + spaces;
        rest = left.get(spaces..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
    }
    lines.push(at..at + rest.len());
}

fn trimmed(window: &[u8]) -> usize {
    window.iter().rposition(|b| *b != b' ').map_or(0, |last| last + 1)
}

fn wrap_graphemes(line: &str, base: usize, columns: usize, lines: &mut Vec<Range<usize>>) {
    let mut start = 0;
    let mut used = 0;
    // Where the line may break: the end of its last word, the start of the next, and the columns up to there.
    let mut word_end = 0;
    let mut break_at: Option<(usize, usize, usize)> = None;
    let mut next_at = 0;
    for (grapheme, wide) in graphemes(line) {
        let at = next_at;
        next_at += grapheme.len();
        if grapheme == " " {
            used += wide;
            if word_end > start {
                break_at = Some((word_end, at + 1, used));
            } else if word_end == start && start > 0 {
                // Spaces after a break belong to no line.
                (start, word_end, used) = (at + 1, at + 1, 0);
            }
            continue;
        }
        if used + wide > columns && at > start {
            let (end, next, dropped) = break_at.take().unwrap_or((at, at, used));
            lines.push(base + start..base + end);
            start = next;
            used -= dropped;
            // One long word may follow a break and still not fit.
            if used + wide > columns && at > start {
                lines.push(base + start..base + at);
                (start, used) = (at, 0);
            }
        }
        used += wide;
        word_end = at + grapheme.len();
    }
    let end = if start > 0 { word_end } else { line.len() };
    if end > start || start == 0 {
        lines.push(base + start..base + end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{clean_block, width};
    use proptest::prelude::*;

    fn check(text: &str, columns: usize, expect: &[&str]) {
        let lines: Vec<&str> = wrap(text, columns).into_iter().map(|range| &text[range]).collect();
        assert_eq!(lines, expect, "{text:?} at {columns}");
    }

    #[test]
    fn words_wrap_and_long_words_are_cut() {
        check("", 5, &[""]);
        check("one two three", 7, &["one two", "three"]);
        check("one two three", 8, &["one two", "three"]);
        check("abcdefgh ij", 3, &["abc", "def", "gh", "ij"]);
        check("a\n\nb\n", 9, &["a", "", "b", ""]);
        check("    indented text", 10, &["    indent", "ed text"]);
        check("한국어 한국어", 7, &["한국어", "한국어"]);
        check("é é é", 3, &["é é", "é"]);
        check("한국어", 1, &["한", "국", "어"]);
        check("éa  bb   ccc", 4, &["éa", "bb", "ccc"]);
    }

    proptest! {
        #[test]
        fn every_line_fits_and_only_spaces_are_lost(raw in "[a-c é한😀\n]{0,60}", columns in 2usize..12) {
            let text = clean_block(&raw);
            let mut end = 0;
            for line in wrap(&text, columns) {
                prop_assert!(text[end..line.start].chars().all(|c| c == ' ' || c == '\n'));
                prop_assert!(width(text[line.clone()].trim_end()) <= columns, "{:?}", &text[line]);
                end = line.end;
            }
            prop_assert!(text[end..].chars().all(|c| c == ' '));
        }

        #[test]
        fn both_ways_agree(text in "[ab ]{0,60}", columns in 1usize..12) {
            let mut slow = Vec::new();
            wrap_graphemes(&text, 0, columns, &mut slow);
            let slow: Vec<&str> = slow.into_iter().map(|range| text[range].trim()).filter(|line| !line.is_empty()).collect();
            let fast: Vec<&str> = wrap(&text, columns).into_iter().map(|range| text[range].trim()).filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(slow, fast);
        }
    }
}
