//! Lines wider than the terminal, broken at spaces under the column in which their text begins.

use crate::text::width;

/// Breaks a line to `columns` at its spaces; what follows stands under the last column of the row, or two further in. A word without a comma that is wider
/// than the terminal, such as an id, stays whole, so that it can be copied. Colours count no columns; a block of several lines is left alone.
pub fn wrapped(line: &str, columns: usize) -> String {
    let plain = without_colours(line);
    if line.contains('\n') || width(&plain) <= columns {
        return line.to_owned();
    }
    let under = " ".repeat(text_column(&plain).filter(|column| *column <= columns / 2).unwrap_or_else(|| indent(&plain) + 2));
    let mut out = String::with_capacity(line.len() + 64);
    let (mut used, mut first) = (0, true);
    // A piece is a run of spaces and the word behind it, or a part of a list that is wider than a line.
    for piece in pieces(line).flat_map(|piece| parts(piece, columns.saturating_sub(under.len()))) {
        let spaces = indent(piece);
        let word = piece.get(spaces..).unwrap_or_default();
        let wide = width(&without_colours(word));
        if first || used + spaces + wide <= columns {
            out.push_str(piece);
            used += spaces + wide;
        } else {
            out.push('\n');
            out.push_str(&under);
            out.push_str(word);
            used = under.len() + wide;
        }
        first = false;
    }
    out
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// Gives the column behind the last gap of two or more spaces.
fn text_column(plain: &str) -> Option<usize> {
    let gap = plain.trim_end().rfind("  ")?;
    plain.get(..gap + 2).map(width)
}

fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let spaces = indent(rest);
        let end = rest.get(spaces..)?.find(' ').map_or(rest.len(), |at| spaces + at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Cuts a word that is wider than a line behind each of its commas, as lists of ids have them.
fn parts(piece: &str, room: usize) -> Vec<&str> {
    if width(&without_colours(piece)) <= room { vec![piece] } else { piece.split_inclusive(',').collect() }
}

/// Takes out the colours that `Output::ink` put in; nothing else in a line begins with an escape.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut parts = line.split('\u{1b}');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_under_its_text_and_ids_stay_whole() {
        assert_eq!(wrapped("medium   D1   nothing before showed the state", 30), "medium   D1   nothing before\n              showed the state");
        assert_eq!(wrapped("\u{1b}[2mone\u{1b}[0m two three four", 9), "\u{1b}[2mone\u{1b}[0m two\n  three\n  four");
        assert_eq!(wrapped("  left  an-id-that-is-wider-than-the-terminal", 20), "  left\n        an-id-that-is-wider-than-the-terminal");
        assert_eq!(wrapped("日本語 日本語", 8), "日本語\n  日本語");
        assert_eq!(wrapped("ids: [\"a1\",\"b2\",\"c3\"]", 12), "ids: [\"a1\",\n  \"b2\",\"c3\"]");
        assert_eq!(wrapped("as it is", 80), "as it is");
    }
}
