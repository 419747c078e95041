//! Joining a value that a line end cut in two.

use super::Decoded;

/// A run on either side of the cut is no longer than this.
const MAX_RUN: usize = 4096;
const CONTEXT: usize = 120;

/// Joins neighbouring lines where the end of one and the beginning of the next may be one value; other lines are left out.
pub fn join(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    // What was written last: up to where of the text.
    let mut written = 0;
    let mut open = false;
    for at in memchr::memchr_iter(b'\n', bytes) {
        let before = if at > 0 && bytes[at - 1] == b'\r' { at - 1 } else { at };
        // Most lines begin or end with something else.
        if !bytes.get(at + 1).is_some_and(|b| is_value(*b)) || !before.checked_sub(1).is_some_and(|last| is_value(bytes[last])) {
            continue;
        }
        let left = bytes[..before].iter().rev().take(MAX_RUN).take_while(|b| is_value(**b)).count();
        let right = bytes[at + 1..].iter().take(MAX_RUN).take_while(|b| is_value(**b)).count();
        if !may_be_one(&bytes[before - left..before], &bytes[at + 1..at + 1 + right]) {
            continue;
        }
        let line_start = bytes[..before].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let start = floor(text, line_start.max((before - left).saturating_sub(CONTEXT)));
        if !(open && start <= written) {
            decoded.part(start);
            written = start;
        }
        decoded.same(text.get(written..before).unwrap_or_default(), written);
        let line_end = memchr::memchr(b'\n', &bytes[at + 1..]).map_or(bytes.len(), |i| at + 1 + i);
        let end = floor(text, line_end.min(at + 1 + right + CONTEXT));
        // The next cut may lie at the end of this very line, so only the run is written now.
        let run_end = if end == line_end { at + 1 + right } else { end };
        decoded.same(text.get(at + 1..run_end).unwrap_or_default(), at + 1);
        written = run_end;
        open = true;
        if run_end < line_end && run_end < end {
            decoded.same(text.get(run_end..end).unwrap_or_default(), run_end);
            written = end;
        }
    }
    open.then_some(decoded)
}

const fn is_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'!' | b'~' | b':')
}

/// Tells whether two runs may be one value: long enough together, and not two words.
fn may_be_one(left: &[u8], right: &[u8]) -> bool {
    if left.len() < 2 || right.len() < 2 || left.len() + right.len() < 8 {
        return false;
    }
    let both = || left.iter().chain(right);
    let digit = both().any(u8::is_ascii_digit);
    let mixed = both().any(u8::is_ascii_uppercase) && both().any(u8::is_ascii_lowercase);
    let letter = both().any(u8::is_ascii_alphabetic);
    (digit && letter) || (mixed && left.len() + right.len() >= 16) || left.len() + right.len() >= 28
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_one_value_is_joined() {
        let text = "first line\nkey = \"ab12\ncd34\nef56\" end\nlast words here\n";
        let decoded = join(text).unwrap();
        assert_eq!(decoded.text, "key = \"ab12cd34ef56\" end");
        let at = decoded.text.find("ab12").unwrap();
        assert_eq!(&text[decoded.map.back(&(at..at + 12))], "ab12\ncd34\nef56");
        assert!(join("plain words\nmore words\n").is_none());
    }
}
