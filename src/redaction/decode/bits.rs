//! Hexadecimal runs, and the test whether bytes say something readable.

use super::Decoded;

const MIN_RUN: usize = 16;

/// Decodes each run of hexadecimal digits that says something readable.
pub fn hex(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let whole = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if length >= MIN_RUN && whole {
            // An odd digit in front is an `x` or a sign of some notation only where the run is even without it.
            let even = length - length % 2;
            let plain = unpack(&bytes[at..at + even]);
            if let Some(text) = readable(&plain) {
                decoded.part(at);
                decoded.units(text, at..at + even, (1, 2));
            }
        }
        at += length + 1;
    }
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
    fn hashes_are_not_text() {
        assert!(hex("commit 3f786850e387550fdab836ed7e6dc881de23001b").is_none());
        let decoded = hex("x 68656c6c6f20776f726c64 y").unwrap();
        assert_eq!((decoded.text.as_str(), decoded.map.back(&(0..5))), ("hello world", 2..12));
    }
}
