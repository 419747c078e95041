//! Hexadecimal runs, and the test whether bytes say something readable.

use super::Decoded;
use super::survey::{Letters, Survey};

/// Decodes each run of hexadecimal digits that says something readable.
pub fn hex(text: &str, survey: &Survey) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    for run in survey.runs(Letters::Hex) {
        if run.start > 0 && bytes[run.start - 1].is_ascii_alphanumeric() {
            continue;
        }
        // An odd digit in front is an `x` or a sign of some notation only where the run is even without it.
        let even = run.len() - run.len() % 2;
        let place = run.start..run.start + even;
        if bytes[place.clone()].chunks_exact(2).take(4).any(|pair| pair == b"00") {
            if let Some(text) = wide(&unpack(&bytes[place.clone()])) {
                decoded.part(place.start);
                decoded.units(&text, place, if text.is_ascii() { (1, 4) } else { (0, 0) });
            }
            continue;
        }
        if !bytes[place.clone()].chunks_exact(2).all(|pair| is_text(value(pair[0]) << 4 | value(pair[1]))) {
            continue;
        }
        let plain = unpack(&bytes[place.clone()]);
        if let Some(text) = readable(&plain) {
            decoded.part(place.start);
            decoded.units(text, place, (1, 2));
        }
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

fn unpack(digits: &[u8]) -> Vec<u8> {
    digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}

const fn value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

/// Tells whether a byte can stand in a text: no control but what ends lines, sets tabs or begins a colour.
pub(super) const fn is_text(byte: u8) -> bool {
    byte >= 0x20 || matches!(byte, b'\n' | b'\r' | b'\t' | 0x1b)
}

/// Gives the bytes as text if they are one: UTF-8 without controls, mostly ASCII.
pub(super) fn readable(bytes: &[u8]) -> Option<&str> {
    if bytes.len() < 6 || !bytes.iter().all(|b| is_text(*b)) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = text.bytes().filter(u8::is_ascii).count();
    (plain * 4 >= text.len() * 3).then_some(text)
}

/// Letters that tell whether bytes are UTF-16.
const WIDE: usize = 6;

/// Gives the text of bytes that are UTF-16, of either order, and begin with ASCII.
pub(super) fn wide(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..2 * WIDE)?;
    let empty = |odd: usize| head.iter().skip(odd).step_by(2).all(|byte| *byte == 0);
    let unit: fn([u8; 2]) -> u16 = if empty(1) {
        u16::from_le_bytes
    } else if empty(0) {
        u16::from_be_bytes
    } else {
        return None;
    };
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text = char::decode_utf16(units).collect::<Result<String, _>>().ok()?;
    readable(text.as_bytes()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_not_text() {
        let hex = |text: &str| hex(text, &Survey::of(text));
        assert!(hex("commit 3f786850e387550fdab836ed7e6dc881de23001b").is_none());
        let decoded = hex("x 68656c6c6f20776f726c64 y").unwrap();
        assert_eq!((decoded.text.as_str(), decoded.map.back(&(0..5))), ("hello world", 2..12));
    }
}
