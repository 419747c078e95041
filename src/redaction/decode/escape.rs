//! Backslash escapes (JSON, and the languages that share them) and percent-encoding (RFC 3986, 2.1).

use super::Decoded;

/// Takes off one level of backslash escapes on every line that has any; lines without are left out, they were read as they are.
pub fn escape(text: &str) -> Option<Decoded> {
    memchr::memchr(b'\\', text.as_bytes())?;
    let mut decoded = Decoded::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if worth(line) {
            decoded.part(start);
            unescape(line, start, &mut decoded);
        }
        start += line.len();
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

/// Tells whether a line holds an escape that could hide or cut a value: a quote, a line end, a backslash, a code point.
fn worth(line: &str) -> bool {
    let bytes = line.as_bytes();
    memchr::memchr_iter(b'\\', bytes)
        .any(|at| matches!(bytes.get(at + 1), Some(b'"' | b'\'' | b'n' | b'r' | b't' | b'\\' | b'/' | b'u' | b'U' | b'x' | b'0'..=b'1')))
}

/// Takes off one level of escapes of a text that stands at `offset` in its parent.
pub(super) fn unescape(line: &str, offset: usize, decoded: &mut Decoded) {
    let bytes = line.as_bytes();
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\\', bytes.get(from..).unwrap_or_default()) {
        let at = from + found;
        let Some((c, length)) = one(&bytes[at..]) else {
            decoded.same(line.get(from..at + 1).unwrap_or_default(), offset + from);
            from = at + 1;
            continue;
        };
        decoded.same(line.get(from..at).unwrap_or_default(), offset + from);
        decoded.whole(c.encode_utf8(&mut [0; 4]), offset + at..offset + at + length);
        from = at + length;
    }
    decoded.same(line.get(from..).unwrap_or_default(), offset + from);
}

/// Reads one escape: the character and the bytes it takes.
fn one(bytes: &[u8]) -> Option<(char, usize)> {
    let hex = |from: usize, to: usize| {
        let digits = std::str::from_utf8(bytes.get(from..to)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    Some(match bytes.get(1)? {
        b'"' => ('"', 2),
        b'\'' => ('\'', 2),
        b'\\' => ('\\', 2),
        b'/' => ('/', 2),
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'x' => (char::from_u32(hex(2, 4)?)?, 4),
        // `\101`, as a shell, C and Python write a letter.
        b'0'..=b'1' => {
            let digits = std::str::from_utf8(bytes.get(1..4)?).ok()?;
            (char::from_u32(u32::from_str_radix(digits, 8).ok()?).filter(|c| *c >= ' ')?, 4)
        }
        b'U' => (char::from_u32(hex(2, 10)?)?, 10),
        b'u' if bytes.get(2) == Some(&b'{') => {
            let length = bytes.get(3..)?.iter().take(7).position(|b| *b == b'}')?;
            (char::from_u32(hex(3, 3 + length)?)?, 4 + length)
        }
        b'u' => {
            let high = hex(2, 6)?;
            if (0xd800..0xdc00).contains(&high) {
                let low = if bytes.get(6..8) == Some(b"\\u") { hex(8, 12)? } else { return None };
                (char::from_u32(0x10000 + ((high - 0xd800) << 10) + low.checked_sub(0xdc00)?)?, 12)
            } else {
                (char::from_u32(high)?, 6)
            }
        }
        _ => return None,
    })
}

/// Decodes each run without spaces that holds percent-encoded bytes.
pub fn percent(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let mut done = 0;
    for at in memchr::memchr_iter(b'%', bytes) {
        if at < done || coded(bytes, at).is_none() {
            continue;
        }
        let start = bytes.get(done..at).unwrap_or_default().iter().rposition(|b| b.is_ascii_whitespace()).map_or(done, |i| done + i + 1);
        let end = bytes[at..].iter().position(|b| b.is_ascii_whitespace()).map_or(bytes.len(), |i| at + i);
        run(text, start..end, &mut decoded);
        done = end;
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

fn coded(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    (bytes.get(at) == Some(&b'%')).then_some(())?;
    Some(digit(at + 1)? << 4 | digit(at + 2)?)
}

/// Decodes one run; bytes that do not make up UTF-8 stay as they are written, and a run of nothing else is left out.
fn run(text: &str, range: std::ops::Range<usize>, decoded: &mut Decoded) {
    let bytes = text.as_bytes();
    let (mut from, mut at, mut any) = (range.start, range.start, false);
    while let Some(found) = memchr::memchr(b'%', &bytes[at..range.end]) {
        at += found;
        let mut plain = Vec::new();
        let mut end = at;
        while let Some(byte) = coded(bytes, end).filter(|_| end < range.end) {
            plain.push(byte);
            end += 3;
        }
        if let Some(piece) = std::str::from_utf8(&plain).ok().filter(|piece| !piece.is_empty()) {
            if !any {
                decoded.part(range.start);
            }
            any = true;
            decoded.same(text.get(from..at).unwrap_or_default(), from);
            decoded.units(piece, at..end, if piece.is_ascii() { (1, 3) } else { (0, 0) });
            from = end;
        }
        at = end.max(at + 1);
    }
    if any {
        decoded.same(text.get(from..range.end).unwrap_or_default(), from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go_back_to_their_bytes() {
        let text = r#"a \"b\"\u00e9\ud83d\ude00 \d"#;
        let decoded = escape(text).unwrap();
        assert_eq!(decoded.text, "a \"b\"é😀 \\d");
        let at = decoded.text.find('é').unwrap();
        assert_eq!(&text[decoded.map.back(&(at..at + 2))], "\\u00e9");
        assert!(escape(r"\d+\.").is_none());
        assert_eq!(escape(r"\147\u{68}\U00000070_ \1").unwrap().text, r"ghp_ \1");
    }

    #[test]
    fn percent_runs_keep_their_surroundings() {
        let text = "see postgres://app:%62%36x@db now 50% off";
        let decoded = percent(text).unwrap();
        assert_eq!(decoded.text, "postgres://app:b6x@db");
        let at = decoded.text.find("b6x").unwrap();
        assert_eq!(&text[decoded.map.back(&(at..at + 3))], "%62%36x");
        assert!(percent("100% of %d").is_none());
        assert!(percent("-U example%FAKEpass //files").is_none());
    }
}
