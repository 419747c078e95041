//! Base32 (RFC 4648, 6, of either case) and base85: of git and Python as a run, of Adobe between its marks.

use super::Decoded;
use super::bits::{is_text, readable};
use super::survey::{LETTERS_85, Letters, MIN_85, Survey, TILDE};
use std::ops::Range;

static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut table = [0; 256];
    let (mut at, mut number) = (0, 0);
    while at < LETTERS_85.len() {
        table[LETTERS_85[at] as usize] = number;
        at += 1;
        number += 1;
    }
    table
}

/// Decodes each run of base32 that says something readable.
pub fn base32(text: &str, survey: &Survey) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let group = |letters: &[u8], plain: &mut Vec<u8>| {
        let bits = letters.iter().fold(0_u64, |bits, b| bits << 5 | value_32(*b)) << (5 * (8 - letters.len()));
        plain.extend(bits.to_be_bytes()[3..].iter().take(letters.len() * 5 / 8));
    };
    for run in [Letters::Upper32, Letters::Lower32].into_iter().flat_map(|letters| survey.runs(letters)) {
        let begun = run.start > 0 && bytes[run.start - 1].is_ascii_alphanumeric();
        let more = bytes.get(run.end).is_some_and(u8::is_ascii_alphanumeric);
        if !begun && !more {
            let padding = bytes[run.end..].iter().take(6).take_while(|b| **b == b'=').count();
            add(&bytes[run.clone()], run.start..run.end + padding, &Code { letters: 8, bytes: 5, group: &group }, &mut decoded);
        }
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

fn value_32(letter: u8) -> u64 {
    u64::from(if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter.to_ascii_lowercase() - b'a' })
}

/// Decodes each run of base85 that says something readable.
pub fn base85(text: &str, survey: &Survey) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    let group = |letters: &[u8], plain: &mut Vec<u8>| group_85(letters, plain, &|b| VALUES[usize::from(b)], b'~');
    for run in survey.runs(Letters::Base85) {
        // A name and its sign of assignment are letters of it too.
        let named = bytes[run.clone()].iter().position(|b| *b == b'=').map(|at| run.start + at + 1);
        for start in std::iter::once(run.start).chain(named).filter(|start| run.end - start >= MIN_85) {
            add(&bytes[start..run.end], start..run.end, &Code { letters: 5, bytes: 4, group: &group }, &mut decoded);
        }
    }
    let adobe = |letters: &[u8], plain: &mut Vec<u8>| group_85(letters, plain, &|b| b.wrapping_sub(b'!'), b'u');
    let begins = survey.holds(TILDE).then(|| memchr::memmem::find_iter(bytes, b"<~"));
    for start in begins.into_iter().flatten().map(|at| at + 2) {
        let letters = bytes[start..].iter().take_while(|b| (b'!'..=b'u').contains(*b)).count();
        if bytes.get(start + letters) == Some(&b'~') {
            add(&bytes[start..start + letters], start..start + letters, &Code { letters: 5, bytes: 4, group: &adobe }, &mut decoded);
        }
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

/// Reads up to five letters of base85; the last letter of the alphabet fills a group that is not full.
fn group_85(letters: &[u8], plain: &mut Vec<u8>, value: &dyn Fn(u8) -> u8, last: u8) {
    let full = letters.iter().copied().chain(std::iter::repeat(last)).take(5);
    let bits = full.fold(0_u64, |bits, b| bits * 85 + u64::from(value(b)));
    let Ok(bits) = u32::try_from(bits) else { return plain.push(0) };
    plain.extend(bits.to_be_bytes().iter().take(letters.len() - 1));
}

/// How many letters stand for how many bytes, and how a group of them is read.
struct Code<'a> {
    letters: usize,
    bytes: usize,
    group: &'a dyn Fn(&[u8], &mut Vec<u8>),
}

/// Adds what a run says, if it is readable; the first groups tell most runs apart.
fn add(run: &[u8], place: Range<usize>, code: &Code<'_>, decoded: &mut Decoded) {
    let mut plain = Vec::new();
    for (number, letters) in run.chunks(code.letters).enumerate() {
        (code.group)(letters, &mut plain);
        if number < 4 && !plain.iter().all(|byte| is_text(*byte)) {
            return;
        }
    }
    if let Some(text) = readable(&plain) {
        decoded.part(place.start);
        decoded.units(text, place, (code.bytes, code.letters));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bases_are_read() {
        // Written by Python's base64: b32encode, b85encode and a85encode of `token=hunter-42 and more`.
        let plain = "token=hunter-42 and more";
        let (of_32, of_85, adobe) = ("ORXWWZLOHVUHK3TUMVZC2NBSEBQW4ZBANVXXEZI=", "bZ={AZarvqZggdGEi^J9VQyp~ZEtdA", "FDkr+DEVZUDKKH1/Mo4*@;]TuD/XH+");
        for coded in [of_32.to_owned(), of_32.to_lowercase(), format!("k={of_85}"), of_85.to_owned(), format!("<~{adobe}~>")] {
            let text = format!("é \"{coded}\" x");
            let decoded = base32(&text, &Survey::of(&text)).or_else(|| base85(&text, &Survey::of(&text))).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(decoded.text, plain, "{text}");
            let back = decoded.map.back(&(0..plain.len()));
            assert!(coded.ends_with(&text[back.clone()]) || text[back.clone()].len() >= 30, "{}", &text[back]);
        }
        for other in [
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "INTERNATIONALIZATIONSETTINGS",
            "thequickbrownfoxjumpsoverthelazydog",
            "std_collections_hash_map_Entry_Occupied",
            "a<~b~>c",
        ] {
            let survey = Survey::of(other);
            assert!(base32(other, &survey).is_none() && base85(other, &survey).is_none(), "{other}");
        }
    }
}
