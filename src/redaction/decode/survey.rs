//! One look over a text that tells which decoders have anything to do in it: the signs it holds, and its long runs of letters of an encoding.

use super::class::{Class, class};
use std::ops::Range;

/// The letters of an encoding that is told by long runs of them; its number is its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Of base64, either alphabet.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// Of base32, upper case.
    Upper32,
    /// Of base32, lower case.
    Lower32,
    /// Of base85.
    Base85,
    /// Of a list of bytes: digits and what stands between them.
    Listed,
}

const KINDS: usize = 6;
/// The letters of base85 in their order (RFC 1924).
pub const LETTERS_85: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/// The bytes of the shortest run of base85.
pub const MIN_85: usize = 25;
/// The numbers of the shortest list of bytes; a shorter one is a time, a version or an address.
pub const MIN_LISTED: usize = 7;
/// The letters of the shortest run of base64.
pub const MIN_RUN: usize = 20;
/// The letters and the bytes of the shortest run that counts, at most 127, in the order of `Letters`; a shorter run is more likely a word.
const LETTERS: [(Class, usize); KINDS] = [
    (class(b"+-/_", &[(b'A', b'Z'), (b'a', b'z'), (b'0', b'9')]), MIN_RUN),
    (class(b"", &[(b'0', b'9'), (b'a', b'f'), (b'A', b'F')]), 16),
    (class(b"", &[(b'A', b'Z'), (b'2', b'7')]), 24),
    (class(b"", &[(b'a', b'z'), (b'2', b'7')]), 24),
    (class(LETTERS_85, &[]), MIN_85),
    // Digits and what stands between them.
    (class(b"xX,:- \t\n\r\x0c", &[(b'0', b'9'), (b'a', b'f'), (b'A', b'F')]), 2 * MIN_LISTED - 1),
];

/// Signs without which a decoder finds nothing: what begins an escape sequence, other controls, what is not ASCII, and so on.
pub const ESC: u16 = 1;
pub const CONTROL: u16 = 1 << 1;
pub const WIDE: u16 = 1 << 2;
pub const BACKSLASH: u16 = 1 << 3;
pub const PERCENT: u16 = 1 << 4;
pub const AMPERSAND: u16 = 1 << 5;
pub const EQUALS: u16 = 1 << 6;
pub const LINE_END: u16 = 1 << 7;
pub const QUOTE: u16 = 1 << 8;
pub const TILDE: u16 = 1 << 9;

const ONE_EACH: u64 = 0x0101_0101_0101_0101;
const FULL: u64 = 0x80 * ONE_EACH;

/// Of each byte, eight bits for each kind of letters: whose counts go on with it, and from what the counts of the others begin anew, such that the
/// shortest run that counts makes the highest bit; and what signs it is.
static ON: [u64; 256] = effects().0;
static ANEW: [u64; 256] = effects().1;
static SIGNS: [u16; 256] = effects().2;

const fn effects() -> ([u64; 256], [u64; 256], [u16; 256]) {
    let (mut on, mut anew, mut signs) = ([0; 256], [0; 256], [0; 256]);
    let mut sign = 0_u8;
    loop {
        let byte = sign as usize;
        let mut kind = 0;
        while kind < KINDS {
            let (class, least) = &LETTERS[kind];
            if class[byte] {
                on[byte] |= 0xff << (8 * kind);
            } else {
                anew[byte] |= (0x80 - *least as u64) << (8 * kind);
            }
            kind += 1;
        }
        signs[byte] = match sign {
            0x1b => ESC,
            b'\n' => LINE_END,
            b'"' | b'\'' => QUOTE,
            b'%' => PERCENT,
            b'&' => AMPERSAND,
            b'=' => EQUALS,
            b'\\' => BACKSLASH,
            b'~' => TILDE,
            b'\t' | 0x0b | 0x0c | b'\r' => 0,
            0..0x20 | 0x7f => CONTROL,
            0x80.. => WIDE,
            _ => 0,
        };
        match sign.checked_add(1) {
            Some(next) => sign = next,
            None => return (on, anew, signs),
        }
    }
}

/// What a text holds that decoders look for.
#[derive(Default)]
pub struct Survey {
    signs: u16,
    runs: [Vec<Range<usize>>; KINDS],
}

impl Survey {
    /// Looks over a text.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut survey, mut signs) = (Self::default(), 0);
        // Before the first byte every run is empty, as after a byte of no kind.
        let mut counts = ANEW[0];
        for (at, byte) in bytes.iter().enumerate() {
            let byte = usize::from(*byte);
            counts = (counts.wrapping_add(ONE_EACH) & ON[byte]) | ANEW[byte];
            signs |= SIGNS[byte];
            if counts & FULL != 0 {
                counts = survey.note(bytes, at, counts);
            }
        }
        Self { signs, ..survey }
    }

    /// Notes the runs that became long enough with a byte; gives their counts such that they come again before they overflow.
    #[cold]
    fn note(&mut self, bytes: &[u8], at: usize, counts: u64) -> u64 {
        let mut left = counts;
        for (kind, ((class, least), runs)) in LETTERS_OF.iter().zip(&mut self.runs).enumerate() {
            if counts >> (8 * kind) & 0x80 == 0 {
                continue;
            }
            left &= !(0xff << (8 * kind));
            if runs.last().is_none_or(|last| last.end <= at) {
                let end = bytes[at..].iter().position(|byte| !class[usize::from(*byte)]).map_or(bytes.len(), |length| at + length);
                runs.push(at + 1 - least..end);
            }
        }
        left
    }

    /// Gives the runs of some letters that are long enough, in their order.
    pub fn runs(&self, letters: Letters) -> &[Range<usize>] {
        &self.runs[letters as usize]
    }

    /// Gives the runs of letters of base64, of `MIN_RUN` letters or more.
    pub fn runs_of_base64(&self) -> &[Range<usize>] {
        self.runs(Letters::Base64)
    }

    /// Tells whether the text holds one of some signs.
    pub const fn holds(&self, signs: u16) -> bool {
        self.signs & signs != 0
    }
}

/// Tells whether a byte is a letter of base64, of either alphabet.
pub const fn is_run_letter(byte: u8) -> bool {
    LETTERS[Letters::Base64 as usize].0[byte as usize]
}

static LETTERS_OF: [(Class, usize); KINDS] = LETTERS;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Letters; KINDS] = [Letters::Base64, Letters::Hex, Letters::Upper32, Letters::Lower32, Letters::Base85, Letters::Listed];

    /// Every run, looked for letter by letter.
    fn plainly(text: &str, (class, least): &(Class, usize)) -> Vec<Range<usize>> {
        let (mut runs, mut start) = (Vec::new(), 0);
        for (at, byte) in text.bytes().chain([0]).enumerate() {
            if !class[usize::from(byte)] {
                runs.extend((at - start >= *least).then_some(start..at));
                start = at + 1;
            }
        }
        runs
    }

    proptest! {
        #[test]
        fn no_run_and_no_sign_is_passed_over(parts in prop::collection::vec(("[a-f0-9]{0,30}|[A-Za-z+/]{0,200}|[ ,0-9]{0,300}|[!-~]{0,140}|.{0,6}", "[ .\n\u{1b}%é\"]?"), 0..8)) {
            let text: String = parts.into_iter().map(|(run, end)| run + &end).collect();
            let survey = Survey::of(&text);
            for (letters, told) in ALL.iter().zip(&LETTERS) {
                prop_assert_eq!(survey.runs(*letters), plainly(&text, told), "{:?} of {:?}", letters, text);
            }
            for (sign, flag) in [('\u{1b}', ESC), ('\n', LINE_END), ('%', PERCENT), ('"', QUOTE), ('~', TILDE), ('\\', BACKSLASH), ('&', AMPERSAND), ('=', EQUALS)] {
                let other = if flag == QUOTE { '\'' } else { sign };
                prop_assert_eq!(survey.holds(flag), text.contains([sign, other]), "{:?}", sign);
            }
            prop_assert_eq!(survey.holds(WIDE), !text.is_ascii());
        }
    }
}
