//! Letters of another width or face that stand for those of ASCII: the full-width forms, and the mathematical alphabets.

use super::Decoded;
use unicode_normalization::char::decompose_compatible;

/// Fewer on one line are punctuation, a symbol or an initial.
const LEAST: usize = 4;

/// Writes such letters as those of ASCII, on every line that holds some; lines without are left out.
pub fn width(text: &str) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let mut next = 0;
    // The first bytes of the letters that are meant; in UTF-8 they begin characters and nothing else.
    while let Some(at) = bytes.get(next..).and_then(|rest| memchr::memchr2(0xef, 0xf0, rest)).map(|found| next + found) {
        let start = memchr::memrchr(b'\n', &bytes[next..at]).map_or(next, |end| next + end + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
        let line = text.get(start..end).unwrap_or_default();
        if line.chars().filter_map(plain).filter(char::is_ascii_alphanumeric).nth(LEAST - 1).is_some() {
            decoded.part(start);
            write(line, start, &mut decoded);
        }
        next = end;
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

fn write(line: &str, offset: usize, decoded: &mut Decoded) {
    let mut from = 0;
    for (at, c, sign) in line.char_indices().filter_map(|(at, c)| Some((at, c, plain(c)?))) {
        decoded.same(line.get(from..at).unwrap_or_default(), offset + from);
        from = at + c.len_utf8();
        decoded.units(sign.encode_utf8(&mut [0; 4]), offset + at..offset + from, (1, c.len_utf8()));
    }
    decoded.same(line.get(from..).unwrap_or_default(), offset + from);
}

/// Gives the sign of ASCII that a letter stands for.
fn plain(c: char) -> Option<char> {
    matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}').then_some(())?;
    let mut sign = None;
    decompose_compatible(c, |part| sign = Some(part));
    sign.filter(char::is_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_another_width_are_letters() {
        let text = "plain line\nkey é ｇｈｐ＿１２ 𝗮𝟵 x\n（注）：没有，什么！\nｎｅｘｔ";
        let decoded = width(text).unwrap();
        assert_eq!(decoded.text, "key é ghp_12 a9 x\n\nnext");
        let at = decoded.text.find("ghp_12").unwrap();
        assert_eq!(&text[decoded.map.back(&(at + 1..at + 4))], "ｈｐ＿");
        let at = decoded.text.find("a9").unwrap();
        assert_eq!(&text[decoded.map.back(&(at..at + 2))], "𝗮𝟵");
        assert!(width("plain, wide，没有，什么！ 🙂").is_none());
    }
}
