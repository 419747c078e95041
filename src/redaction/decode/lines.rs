//! Joining a value that a line end cut in two.

use super::Decoded;
use super::class::{Class, class};

/// A run on either side of the cut is no longer than this.
const MAX_RUN: usize = 4096;
const CONTEXT: usize = 120;
/// More cuts in a row are a block, which is read as one.
const CHAIN: usize = 3;

/// Joins neighbouring lines where the end of one and the beginning of the next may be one value; other lines are left out.
pub fn join(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    // What was written last: up to where of the text.
    let mut written = 0;
    let mut open = false;
    let mut chains: Vec<Vec<Cut>> = Vec::new();
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
        let line_start = memchr::memrchr(b'\n', &bytes[..before]).map_or(0, |i| i + 1);
        let start = floor(text, line_start.max((before - left).saturating_sub(CONTEXT)));
        let chained = open && start <= written;
        if !chained {
            decoded.part(start);
            written = start;
            chains.push(Vec::new());
        }
        decoded.same(text.get(written..before).unwrap_or_default(), written);
        let line_end = memchr::memchr(b'\n', &bytes[at + 1..]).map_or(bytes.len(), |i| at + 1 + i);
        let end = floor(text, line_end.min(at + 1 + right + CONTEXT));
        if let Some(chain) = chains.last_mut().filter(|chain| chain.len() <= CHAIN) {
            chain.push(Cut { start, before, after: at + 1, end });
        }
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
    // Of a few lines that could all be one value, two may be, and the next one something else.
    for cut in chains.iter().filter(|chain| (2..=CHAIN).contains(&chain.len())).flatten() {
        decoded.part(cut.start);
        decoded.same(text.get(cut.start..cut.before).unwrap_or_default(), cut.start);
        decoded.same(text.get(cut.after..cut.end).unwrap_or_default(), cut.after);
    }
    open.then_some(decoded)
}

/// Where a line end may have cut a value, with what stands around it on its two lines.
struct Cut {
    start: usize,
    before: usize,
    after: usize,
    end: usize,
}

static VALUE: Class = class(b"+/=_-.@#$%^&*!~:", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]);

fn is_value(byte: u8) -> bool {
    VALUE[usize::from(byte)]
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
    let signed = |run: &[u8]| run.iter().skip(1).rev().skip(1).any(|b| matches!(b, b'#' | b'$' | b'%' | b'^' | b'&' | b'!' | b'~' | b'@'));
    (digit && letter)
        || (letter && left.len() + right.len() >= 14 && (signed(left) || signed(right)))
        || (mixed && left.len() + right.len() >= 16)
        || left.len() + right.len() >= 28
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
        assert!(decoded.text.starts_with("key = \"ab12cd34ef56\" end\n") && !decoded.text.contains("words"), "{}", decoded.text);
        let at = decoded.text.find("ab12").unwrap();
        assert_eq!(&text[decoded.map.back(&(at..at + 12))], "ab12\ncd34\nef56");
        assert!(join("plain words\nmore words\n").is_none());
        assert!(join("Secret: 'obhnnvdzf\nke#cmlhpdv'").is_some());
        let text = join("T=ab12cd34\nef56gh78\nON=true1").unwrap().text;
        assert!(text.contains("T=ab12cd34ef56gh78ON=true1") && text.lines().any(|line| line == "T=ab12cd34ef56gh78"), "{text}");
    }
}
