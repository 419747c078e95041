//! Joining a value that its language cut in two: literals side by side, lines that go on, lines of a diff or a quotation.

use super::Decoded;
use super::class::{Class, class};
use std::ops::Range;

/// A run on either side of the cut is no longer than this.
const MAX_RUN: usize = 4096;
const CONTEXT: usize = 60;
/// More cuts in a row are a block, which is read as one.
const PAIRS: usize = 3;
/// Two runs on lines of their own are one value only if they are this long, alone and together.
const LINE_RUN: usize = 4;
const LINE_RUNS: usize = 16;

/// Joins what may be one value on either side of each cut; the rest is left out.
pub fn continued(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let mut chain: Vec<Range<usize>> = Vec::new();
    let mut past = 0;
    for at in memchr::memchr3_iter(b'\n', b'"', b'\'', bytes) {
        let Some(cut) = (at >= past).then(|| cut(bytes, at)).flatten() else { continue };
        // Whoever cuts a value writes every cut of it alike; a literal behind another one is a word of its own.
        if chain.last().is_some_and(|last| cut.start != last.end + run_after(bytes, last.end) || !alike(bytes, last, &cut)) {
            write(text, &chain, &mut decoded);
            chain.clear();
        }
        past = cut.end;
        chain.push(cut);
    }
    write(text, &chain, &mut decoded);
    (!decoded.text.is_empty()).then_some(decoded)
}

/// Gives what stands between the two halves of a value at a line end or a quote, if they may be one.
fn cut(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let (cut, lines) = if bytes[at] == b'\n' { (over_line(bytes, at)?, true) } else { (over_literals(bytes, at)?, false) };
    let left = bytes[..cut.start].iter().rev().take(MAX_RUN).take_while(|b| is_value(**b));
    let (left, right) = (left.count(), run_after(bytes, cut.end));
    if left < 2 || right < 2 || lines && (left < LINE_RUN || right < LINE_RUN || left + right < LINE_RUNS) {
        return None;
    }
    let both = || bytes[cut.start - left..cut.start].iter().chain(&bytes[cut.end..cut.end + right]);
    let mixed = both().any(u8::is_ascii_digit) && both().any(u8::is_ascii_alphabetic);
    (mixed || left + right >= 2 * LINE_RUNS).then_some(cut)
}

/// Tells whether two cuts are the same, white space aside.
fn alike(bytes: &[u8], one: &Range<usize>, other: &Range<usize>) -> bool {
    let inked = |cut: &Range<usize>| bytes[cut.clone()].iter().filter(|b| !b.is_ascii_whitespace());
    inked(one).eq(inked(other))
}

/// A line end, with the backslash or the soft end before it, or what the next line is set in by.
fn over_line(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let before = if at > 0 && bytes[at - 1] == b'\r' { at - 1 } else { at };
    // A lone soft end of quoted-printable says of nothing else that it is some; a line that is set in is none.
    let ended = |last: u8| last == b'\\' || last == b'=' && bytes.get(at + 1).is_some_and(|b| is_value(*b));
    let start = if before > 0 && ended(bytes[before - 1]) { before - 1 } else { before };
    if !start.checked_sub(1).is_some_and(|last| is_value(bytes[last])) {
        return None;
    }
    let blank = |from: usize| from + bytes[from..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let set_in = blank(at + 1);
    // A value may itself go on with such a sign: it is the line's where it stands first in it, or apart from what follows.
    let sign = match bytes.get(set_in..)? {
        _ if start < before => 0,
        [b'/', b'/', ..] => 2,
        [b'+' | b'-' | b'>' | b'#' | b'|' | b'*' | b'\\', rest @ ..] if set_in == at + 1 || matches!(rest.first(), Some(b' ' | b'\t')) => 1,
        _ => 0,
    };
    let end = blank(set_in + sign);
    // With nothing between the lines they are joined elsewhere.
    (end > at + 1 || start < before).then_some(start..end).filter(|_| bytes.get(end).is_some_and(|b| is_value(*b)))
}

/// The end of one literal and the beginning of the next, with at most an operator between them.
fn over_literals(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !at.checked_sub(1).is_some_and(|last| is_value(bytes[last])) {
        return None;
    }
    let blank = |from: usize| from + bytes[from..].iter().take(200).take_while(|b| b.is_ascii_whitespace()).count();
    let mut next = blank(at + 1);
    next = blank(next + bytes[next..].iter().take(2).take_while(|b| matches!(b, b'+' | b'.' | b'&' | b'|' | b'~' | b'\\')).count());
    let quoted = bytes.get(next).is_some_and(|b| matches!(b, b'"' | b'\''));
    (quoted && bytes.get(next + 1).is_some_and(|b| is_value(*b))).then_some(at..next + 1)
}

fn run_after(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().take(MAX_RUN).take_while(|b| is_value(**b)).count()
}

static VALUE: Class = class(b"+/=_-.~!@%^$", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]);

fn is_value(byte: u8) -> bool {
    VALUE[usize::from(byte)]
}

/// Writes what stands around a row of cuts, without them; of a few, also each by itself, as two pieces may be a value and the third another one.
fn write(text: &str, chain: &[Range<usize>], decoded: &mut Decoded) {
    let each = chain.chunks(1).filter(|_| (2..=PAIRS).contains(&chain.len()));
    for cuts in std::iter::once(chain).chain(each) {
        let Some((first, last)) = cuts.first().zip(cuts.last()) else { continue };
        let bytes = text.as_bytes();
        let left = bytes[..first.start].iter().rev().take(MAX_RUN).take_while(|b| is_value(**b)).count();
        let (start, end) = (first.start - left, last.end + run_after(bytes, last.end));
        let line = bytes[..start].iter().rev().take(CONTEXT).take_while(|b| **b != b'\n').count();
        let rest = bytes[end..].iter().take(CONTEXT).take_while(|b| **b != b'\n').count();
        let mut from = (start - line..=start).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
        let to = (end..=end + rest).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(end);
        decoded.part(from);
        for cut in cuts {
            decoded.same(text.get(from..cut.start).unwrap_or_default(), from);
            from = cut.end;
        }
        decoded.same(text.get(from..to).unwrap_or_default(), from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_language_cut_is_one() {
        let value = "k7Gd02mXq9vLw31ZrT58";
        let (left, right) = value.split_at(9);
        for cut in ["''", "\"\"", "\" + \"", "' . '", "\"\n    \"", "\" \\\n  \"", "\\\n", "=\n", "=\r\n", "\n    ", "\n+", "\n> ", "\n    // ", "\r\n  "] {
            let text = format!("é set T={left}{cut}{right} now");
            let decoded = continued(&text).unwrap_or_else(|| panic!("{text}"));
            assert!(decoded.text.contains(&format!("T={value}")), "{text:?}: {}", decoded.text);
            let at = decoded.text.find(value).unwrap();
            assert_eq!(text[decoded.map.back(&(at..at + value.len()))], format!("{left}{cut}{right}"));
        }
        assert!(continued("T=k7Gd02mXq=\n    9vLw31ZrT58").unwrap().text.contains("k7Gd02mXq=9vLw31ZrT58"), "a line that is set in has no soft end before it");
        for apart in ["[\"alpha1\", \"beta22\"]", "let one = two;\n    let three = four;", "a 'word' 'other'", "x1\n  y2", "\"a1\": \"b2\""] {
            assert!(continued(apart).is_none(), "{apart}");
        }
        let beside = continued("k = \"k7Gd02mXq\" + \"9vLw31ZrT58\" \"quoted\" x").unwrap();
        assert!(beside.text.contains("k7Gd02mXq9vLw31ZrT58\" \"quoted") && !beside.text.contains("k7Gd02mXq9vLw31ZrT58quoted"), "{}", beside.text);
        let block = "  c2VjcmV0IHdvcmRz\n  IGFuZCBtb3JlIG9m\n  IHRoZW0gYW5kIDE=\n";
        assert!(continued(block).unwrap().text.contains("c2VjcmV0IHdvcmRzIGFuZCBtb3JlIG9mIHRoZW0gYW5kIDE="));
    }
}
