//! Characters that are spelled out: references of HTML and XML, and quoted-printable (RFC 2045, 6.7).

use super::Decoded;
use super::bits::is_text;
use std::ops::Range;

/// Names that XML and every HTML have.
const NAMED: [(&str, &str); 6] = [("amp;", "&"), ("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("apos;", "'"), ("nbsp;", " ")];

/// Bytes spelled out in a row that are no chance.
const RUN: usize = 4;

/// Gives the range of the first line at or behind a line start that holds a sign, its end included.
fn line_with(sign: u8, bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let at = from + memchr::memchr(sign, bytes.get(from..)?)?;
    let start = memchr::memrchr(b'\n', &bytes[from..at]).map_or(from, |end| from + end + 1);
    Some(start..line_end(bytes, at))
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1)
}

/// Writes the character references of each line that has any as the characters.
pub fn entity(text: &str) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    let mut next = 0;
    while let Some(Range { start, end }) = line_with(b'&', text.as_bytes(), next) {
        let line = text.get(start..end).unwrap_or_default();
        let mut from = 0;
        for at in memchr::memchr_iter(b'&', line.as_bytes()) {
            let Some((sign, length)) = line.get(at + 1..).and_then(reference) else { continue };
            if from == 0 {
                decoded.part(start);
            }
            decoded.same(line.get(from..at).unwrap_or_default(), start + from);
            decoded.whole(sign.encode_utf8(&mut [0; 4]), start + at..start + at + 1 + length);
            from = at + 1 + length;
        }
        if from > 0 {
            decoded.same(line.get(from..).unwrap_or_default(), start + from);
        }
        next = end;
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

/// Reads what stands behind an `&`: the character, and the bytes it takes.
fn reference(rest: &str) -> Option<(char, usize)> {
    let Some(number) = rest.strip_prefix('#') else {
        let (name, sign) = NAMED.iter().find(|(name, _)| rest.starts_with(name))?;
        return Some((sign.chars().next()?, name.len()));
    };
    let (digits, radix, before) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 2),
        None => (number, 10, 1),
    };
    let length = digits.bytes().take(8).take_while(|b| char::from(*b).is_digit(radix)).count();
    let sign = char::from_u32(u32::from_str_radix(digits.get(..length)?, radix).ok()?)?;
    let end = usize::from(digits.as_bytes().get(length) == Some(&b';'));
    (length > 0 && !sign.is_control()).then_some((sign, before + length + end))
}

/// Decodes the lines that are quoted-printable: every `=` of them begins a byte or ends the line softly. A text without any such byte is none.
pub fn quoted_printable(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let (mut next, mut open, mut spelled) = (0, false, false);
    loop {
        // A line that a soft end goes on to is part of it, whatever it holds.
        let line = if open && next < bytes.len() { Some(next..line_end(bytes, next)) } else { line_with(b'=', bytes, next) };
        let Some(Range { start, end }) = line else { break };
        let line = text.get(start..end).unwrap_or_default();
        let body = line.trim_end_matches(['\n', '\r']);
        let coded = memchr::memchr(b'=', body.as_bytes()).is_some() && (all_coded(body) || holds_run(body));
        if coded && !open {
            decoded.part(start);
        }
        if coded || open {
            spelled |= decode(body, start, &mut decoded);
        }
        open = coded && body.ends_with('=') && body.len() < line.len();
        next = end;
    }
    spelled.then_some(decoded)
}

fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(at + 1)? << 4 | digit(at + 2)?).filter(|byte| is_text(*byte))
}

fn all_coded(body: &str) -> bool {
    let bytes = body.as_bytes();
    // `=?` and `?=` are the ends of a word of a mail's header (RFC 2047).
    let word = |at: usize| bytes.get(at + 1) == Some(&b'?') || at > 0 && bytes[at - 1] == b'?';
    let ends = |at: usize| at + 1 == bytes.len() || word(at);
    // One code may be chance, unless it is of a sign that is always written so.
    let told = |at: usize| at + 1 == bytes.len() || word(at) || matches!(bytes.get(at + 1..at + 3), Some(b"3D" | b"3d" | b"20"));
    memchr::memchr_iter(b'=', bytes).all(|at| byte(bytes, at).is_some() || ends(at))
        && (memchr::memchr_iter(b'=', bytes).nth(1).is_some() || memchr::memchr_iter(b'=', bytes).any(told))
}

/// Tells whether so many bytes are spelled out one behind the other that it is no chance, whatever else the line holds.
fn holds_run(body: &str) -> bool {
    let bytes = body.as_bytes();
    let run = |at: usize| (at..).step_by(3).take(RUN).all(|at| bytes.get(at) == Some(&b'=') && byte(bytes, at).is_some());
    memchr::memchr_iter(b'=', bytes).any(run)
}

/// Adds what a line decodes to; tells whether any byte of it was spelled out.
fn decode(body: &str, offset: usize, decoded: &mut Decoded) -> bool {
    let bytes = body.as_bytes();
    let (mut from, mut at, mut spelled) = (0, 0, false);
    while let Some(found) = memchr::memchr(b'=', bytes.get(at..).unwrap_or_default()) {
        let start = at + found;
        let (mut plain, mut end) = (Vec::new(), start);
        while let Some(byte) = byte(bytes, end).filter(|_| bytes.get(end) == Some(&b'=')) {
            plain.push(byte);
            end += 3;
        }
        if start + 1 == bytes.len() && !body.ends_with("?=") {
            decoded.same(body.get(from..start).unwrap_or_default(), offset + from);
            from = bytes.len();
        } else if let Some(piece) = std::str::from_utf8(&plain).ok().filter(|piece| !piece.is_empty()) {
            decoded.same(body.get(from..start).unwrap_or_default(), offset + from);
            decoded.units(piece, offset + start..offset + end, if piece.is_ascii() { (1, 3) } else { (0, 0) });
            (from, spelled) = (end, true);
        }
        at = end.max(start + 1);
    }
    decoded.same(body.get(from..).unwrap_or_default(), offset + from);
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_characters() {
        let text = "no &such; line\nkey &#103;&#x68;p_&amp;1&nbsp;x & y";
        let decoded = entity(text).unwrap();
        assert_eq!(decoded.text, "key ghp_&1 x & y");
        assert_eq!(&text[decoded.map.back(&(4..6))], "&#103;&#x68;");
        assert!(entity("a && b; &[u8] &#; &#0;").is_none());
    }

    #[test]
    fn quoted_printable_goes_on_over_soft_ends() {
        let text = "plain\nTo: =67hp=5F12=\r\n34 x\nnext";
        let decoded = quoted_printable(text).unwrap();
        assert_eq!(decoded.text, "To: ghp_1234 x");
        assert_eq!(&text[decoded.map.back(&(4..12))], "=67hp=5F12=\r\n34");
        assert_eq!(quoted_printable("=?utf-8?Q?=67hp=5F12?=").unwrap().text, "=?utf-8?Q?ghp_12?=");
        assert_eq!(quoted_printable("caf=C3=A9 ol=C3=A9!").unwrap().text, "café olé!");
        assert!(quoted_printable("a = 1\nb == 2\nc=d\nx=12\ntoken=743b294a\n").is_none());
        assert!(quoted_printable("the sum =\n5 and YWJj=\n").is_none());
        assert_eq!(quoted_printable("a=3Db").unwrap().text, "a=b");
        assert_eq!(quoted_printable("at a=b =67=68=70=5F1").unwrap().text, "at a=b ghp_1");
    }
}
