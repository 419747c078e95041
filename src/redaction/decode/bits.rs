//! Hexadecimal runs, and the test whether bytes say something readable.

use super::Decoded;

const MIN_RUN: usize = 16;

/// Shows every run of at least `least` bytes of one class. Only every `least`th byte is looked at until one is of the class.
pub(super) fn runs(bytes: &[u8], least: usize, class: fn(u8) -> bool, show: &mut dyn FnMut(std::ops::Range<usize>)) {
    let (mut at, mut done) = (least.saturating_sub(1), 0);
    while let Some(byte) = bytes.get(at) {
        if !class(*byte) {
            at += least;
            continue;
        }
        let start = (done..at).rev().find(|i| !class(bytes[*i])).map_or(done, |i| i + 1);
        let end = (at + 1..bytes.len()).find(|i| !class(bytes[*i])).unwrap_or(bytes.len());
        if end - start >= least {
            show(start..end);
        }
        done = end;
        at = end + least;
    }
}

/// Decodes each run of hexadecimal digits that says something readable.
pub fn hex(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    runs(bytes, MIN_RUN, |byte| byte.is_ascii_hexdigit(), &mut |run| {
        if run.start > 0 && bytes[run.start - 1].is_ascii_alphanumeric() {
            return;
        }
        // An odd digit in front is an `x` or a sign of some notation only where the run is even without it.
        let even = run.len() - run.len() % 2;
        let place = run.start..run.start + even;
        let plain = unpack(&bytes[place.clone()]);
        if let Some(text) = readable(&plain) {
            decoded.part(place.start);
            decoded.units(text, place, (1, 2));
        }
    });
    (!decoded.text.is_empty()).then_some(decoded)
}

fn unpack(digits: &[u8]) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
    digits.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// Gives the bytes as text if they are one: UTF-8 without controls, mostly ASCII.
pub(super) fn readable(bytes: &[u8]) -> Option<&str> {
    if bytes.len() < 6 || bytes.iter().any(|b| *b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t' | 0x1b)) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = text.bytes().filter(u8::is_ascii).count();
    (plain * 4 >= text.len() * 3).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_run_is_passed_over() {
        let digit = |byte: u8| byte.is_ascii_digit();
        for text in ["12345", "a12345", "1234 12345x123456 1", "x1234x12345", "99999999999999", ""] {
            let mut found = Vec::new();
            runs(text.as_bytes(), 5, digit, &mut |run| found.push(&text[run]));
            let expected: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 5).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn hashes_are_not_text() {
        assert!(hex("commit 3f786850e387550fdab836ed7e6dc881de23001b").is_none());
        let decoded = hex("x 68656c6c6f20776f726c64 y").unwrap();
        assert_eq!((decoded.text.as_str(), decoded.map.back(&(0..5))), ("hello world", 2..12));
    }
}
