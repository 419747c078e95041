//! Texts written as lists of bytes: `67:68:70`, `67 68 70`, `0x67, 0x68`, `[103, 104, 112]`.

use super::Decoded;
use super::bits::{is_text, readable};
use super::survey::{Letters, MIN_LISTED, Survey};
use std::ops::Range;

/// Decodes each list of bytes that says something readable.
pub fn octets(text: &str, survey: &Survey) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let mut list = Vec::new();
    for run in survey.runs(Letters::Listed) {
        // A word that began before the run is no number.
        let within = run.start.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric());
        let mut at = run.start + if within { bytes[run.clone()].iter().take_while(|b| b.is_ascii_alphanumeric()).count() } else { 0 };
        while let Some(first) = next_number(bytes, at).filter(|first| *first < run.end) {
            list.clear();
            at = numbers(bytes, first, &mut list);
            if list.len() >= MIN_LISTED {
                for radix in [16, 10] {
                    write(bytes, &list, radix, &mut decoded);
                }
            }
        }
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

/// Gives where the next word that begins with a digit, of base 16, stands.
fn next_number(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let word = bytes.get(at..)?.iter().position(u8::is_ascii_alphanumeric)? + at;
        if bytes[word].is_ascii_hexdigit() {
            return Some(word);
        }
        at = word + bytes[word..].iter().position(|b| !b.is_ascii_alphanumeric())?;
    }
}

/// Gathers the numbers of a list; gives where it ends, behind the first word at the least.
fn numbers(bytes: &[u8], mut at: usize, list: &mut Vec<Range<usize>>) -> usize {
    loop {
        let length = bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let word = at..at + length;
        at = word.end;
        let digits = if matches!(bytes[word.clone()], [b'0', b'x' | b'X', _, _]) { word.start + 2..word.end } else { word };
        if digits.len() > 3 || !bytes[digits.clone()].iter().all(u8::is_ascii_hexdigit) {
            return at;
        }
        list.push(digits);
        let comma = usize::from(matches!(bytes.get(at), Some(b',' | b':' | b'-')));
        let space = bytes[at + comma..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let next = at + comma + space;
        if comma + space == 0 || !bytes.get(next).is_some_and(u8::is_ascii_hexdigit) {
            return at;
        }
        at = next;
    }
}

/// Adds the texts that a list holds in a base: what stands beside it may look like a number of it.
fn write(bytes: &[u8], list: &[Range<usize>], radix: u32, decoded: &mut Decoded) {
    let number = |digits: &Range<usize>| {
        let digits = bytes.get(digits.clone()).filter(|digits| radix == 10 || digits.len() == 2)?;
        u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok().filter(|byte| is_text(*byte))
    };
    let plain: Vec<Option<u8>> = list.iter().map(number).collect();
    let mut first = 0;
    for run in plain.split(Option::is_none) {
        let octets: Vec<u8> = run.iter().flatten().copied().collect();
        let mut at = first;
        for chunk in octets.utf8_chunks() {
            if let Some(text) = readable(chunk.valid().as_bytes()) {
                part(list.get(at..).unwrap_or_default(), text, decoded);
            }
            at += chunk.valid().len() + chunk.invalid().len();
        }
        first += run.len() + 1;
    }
}

/// Adds the text of a list, byte by byte.
fn part(list: &[Range<usize>], text: &str, decoded: &mut Decoded) {
    decoded.part(list.first().map_or(0, |first| first.start));
    for (at, sign) in text.char_indices() {
        let places = list.get(at).zip(list.get(at + sign.len_utf8() - 1));
        let place = places.map_or(0..0, |(first, last)| first.start..last.end);
        decoded.whole(sign.encode_utf8(&mut [0; 4]), place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_however_they_are_listed() {
        let value = "hunter-42 é";
        let hex: Vec<String> = value.bytes().map(|b| format!("{b:02x}")).collect();
        let tens: Vec<String> = value.bytes().map(|b| b.to_string()).collect();
        for list in [hex.join(":"), hex.join(" ").to_uppercase(), hex.join("-"), format!("0x{}", hex.join(", 0x")), tens.join(","), tens.join(",\n  ")] {
            let text = format!("dump [{list}] x");
            let decoded = octets(&text, &Survey::of(&text)).unwrap();
            assert_eq!(decoded.text, value, "{text}");
            let back = decoded.map.back(&(0..value.len()));
            assert_eq!(text[back].trim_start_matches("0x"), list.trim_start_matches("0x"));
        }
        for beside in ["68 75 6e 74 65 72 2d 34 32 a=b", "be 68 75 6e 74 65 72 2d 34 32 add 7", "2, 104, 117, 110, 116, 101, 114, 45, 52, 50, 999"] {
            assert!(octets(beside, &Survey::of(beside)).unwrap().text.contains("hunter-42"), "{beside}");
        }
        for other in ["10:20:30 11:22:33", "be ad de ca fe a1 00 ff", "[1, 2, 3, 4, 5, 6, 7, 8]", "face bed add dad", "52.1 e"] {
            assert!(octets(other, &Survey::of(other)).is_none(), "{other}");
        }
    }
}
