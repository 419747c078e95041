//! Taking off what a terminal swallows: escape sequences, and characters that take no ink.

use super::Decoded;
use crate::text::is_invisible;

/// Takes off escape sequences (ECMA-48: CSI, OSC, DCS and the two-byte forms).
pub fn ansi(text: &str) -> Option<Decoded> {
    memchr::memchr(0x1b, text.as_bytes())?;
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let mut from = 0;
    while let Some(found) = memchr::memchr(0x1b, &bytes[from..]) {
        let start = from + found;
        decoded.same(text.get(from..start).unwrap_or_default(), from);
        from = sequence_end(bytes, start);
    }
    decoded.same(text.get(from..).unwrap_or_default(), from);
    Some(decoded)
}

/// Gives where the sequence that begins at `start` ends.
fn sequence_end(bytes: &[u8], start: usize) -> usize {
    let after = start + 1;
    let rest = bytes.get(after..).unwrap_or_default();
    let length = match rest.first() {
        Some(b'[') => 1 + rest.iter().skip(1).take_while(|b| (0x20..=0x3f).contains(*b)).count() + 1,
        Some(b']' | b'P' | b'X' | b'^' | b'_') => match rest.iter().position(|b| *b == 0x07 || *b == 0x1b) {
            Some(end) => end + if rest.get(end) == Some(&0x07) { 1 } else { 2 },
            None => rest.len(),
        },
        Some(byte) if byte.is_ascii() => 1,
        _ => 0,
    };
    let mut end = (after + length).min(bytes.len());
    // A sequence that breaks off in a character of several bytes ends before it.
    while end > after && end < bytes.len() && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    end
}

/// Takes off characters that take no ink, and controls that no text needs.
pub fn invisible(text: &str) -> Option<Decoded> {
    let controls = text.as_bytes().chunks(256).any(|part| part.iter().fold(false, |any, byte| any | is_control(*byte)));
    if !controls && (text.is_ascii() || !text.chars().any(is_invisible)) {
        return None;
    }
    let mut decoded = Decoded::default();
    let mut from = 0;
    let inkless = |c: char| is_invisible(c) || u8::try_from(c).is_ok_and(is_control);
    for (at, c) in text.char_indices().filter(|(_, c)| inkless(*c)) {
        decoded.same(text.get(from..at).unwrap_or_default(), from);
        from = at + c.len_utf8();
    }
    decoded.same(text.get(from..).unwrap_or_default(), from);
    Some(decoded)
}

/// Tells whether a byte of ASCII is a control other than white space and the one that begins sequences.
const fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | 0x1b) || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_end_where_they_end() {
        for (raw, clean) in [("a\u{1b}[1;31mb", "ab"), ("a\u{1b}]0;title\u{7}b", "ab"), ("a\u{1b}]8;;x\u{1b}\\b", "ab"), ("a\u{1b}", "a"), ("a\u{1b}[é", "aé")]
        {
            assert_eq!(ansi(raw).unwrap().text, clean, "{raw:?}");
        }
    }

    #[test]
    fn controls_take_no_ink() {
        assert_eq!(invisible("g\0h\u{1}p\u{7f}_\u{200b}a").unwrap().text, "ghp_a");
        assert!(invisible("a\tb\r\n\u{c}é").is_none());
    }
}
