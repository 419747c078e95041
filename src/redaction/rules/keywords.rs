//! Where keywords stand in a text: each three bytes are looked up in a table of how keywords begin, and only there words are compared.

use std::ops::Range;

/// How many beginnings of three bytes are told apart: by the five low bits of each, in which the letters of the alphabet differ and their two cases
/// do not.
const PLACES: usize = 1 << 15;
/// The tables of beginnings, 4 KiB each, so that they stay in the nearest cache: behind the end of a word, and inside of one.
const TABLE: usize = PLACES / 64;

/// A keyword.
#[derive(Debug, Clone, Copy)]
pub struct Word<T> {
    /// Its letters.
    pub text: T,
    /// Whether it counts only where a word begins.
    pub begins: bool,
    /// Whether it is enough to know that it stands somewhere; such a word may be shown more than once all the same.
    pub once: bool,
}

/// Keywords that are looked for together, in any case (ASCII).
pub struct Keywords {
    words: Vec<Word<Box<[u8]>>>,
    /// Whether a word may begin with three bytes where no other word goes on, and where one does.
    beginnings: Box<[u64; 2 * TABLE]>,
    /// Where in the list of numbers the words that may begin with three bytes stand, up to where the next ones do.
    starts: Vec<u32>,
    listed: Vec<Listed>,
    /// Words of two bytes and of one.
    short: Vec<usize>,
    single: Vec<usize>,
}

/// A word among those that may begin with three bytes.
#[derive(Debug, Clone, Copy)]
struct Listed {
    number: u32,
    /// Its first four bytes as `alike` writes them, and which of them it has.
    begins: u32,
    mask: u32,
}

impl Listed {
    fn of(number: usize, word: &[u8]) -> Self {
        let mut first = [[0; 4], [0; 4]];
        word.iter().take(4).enumerate().for_each(|(at, byte)| [first[0][at], first[1][at]] = [*byte, 0xff]);
        let [begins, mask] = first.map(u32::from_le_bytes);
        Self { number: small(number), begins: alike(begins) & mask, mask }
    }
}

/// Writes four bytes such that a letter in either case is one and the same.
const fn alike(bytes: u32) -> u32 {
    bytes | 0x2020_2020
}

impl Keywords {
    /// Makes the tables of some words; empty ones are nowhere.
    pub fn new<'w>(words: impl Iterator<Item = Word<&'w String>>) -> Self {
        let words: Vec<Word<Box<[u8]>>> = words.map(|Word { text, begins, once }| Word { text: text.as_bytes().into(), begins, once }).collect();
        let of_length = |length: usize| words.iter().enumerate().filter(|(_, word)| word.text.len() == length).map(|(number, _)| number).collect();
        let (single, short): (Vec<usize>, Vec<usize>) = (of_length(1), of_length(2));
        let mut beginnings = Box::new([0; 2 * TABLE]);
        let mut listed: Vec<(usize, usize)> = Vec::new();
        for (number, word) in words.iter().enumerate() {
            let mut note = |bytes: [u8; 3]| {
                let place = bytes.iter().fold(0, |place, byte| next(place, *byte));
                for table in 0..=usize::from(!word.begins) {
                    beginnings[table * TABLE + place / 64] |= 1 << (place % 64);
                }
                listed.push((place, number));
            };
            match *word.text {
                [] | [_] => {}
                // What stands behind a word of two bytes is any of those that differ in the table.
                [a, b] => (0..32).for_each(|c| note([a, b, c])),
                [a, b, c, ..] => note([a, b, c]),
            }
        }
        listed.sort_unstable();
        listed.dedup();
        let mut at = 0;
        let starts = (0..=PLACES).map(|place| {
            at += listed[at..].iter().take_while(|(listed, _)| *listed < place).count();
            small(at)
        });
        let starts = starts.collect();
        let listed = listed.into_iter().filter_map(|(_, number)| words.get(number).map(|word| Listed::of(number, &word.text))).collect();
        Self { words, beginnings, starts, listed, short, single }
    }

    /// Shows every place of every word, overlapping ones too: its number and its bytes.
    pub fn each(&self, text: &[u8], show: &mut dyn FnMut(usize, Range<usize>)) {
        for &number in &self.single {
            let Some(Word { text: word, once, .. }) = self.words.get(number) else { continue };
            let &[byte] = &**word else { continue };
            let places = memchr::memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), text);
            places.take(if *once { 1 } else { usize::MAX }).for_each(|at| show(number, at..at + 1));
        }
        let mut place = 0;
        // Of the bytes before, the last one first: whether each is of a word.
        let mut of_word = 0;
        for (end, byte) in text.iter().enumerate() {
            place = next(place, *byte);
            of_word = of_word << 1 | OF_WORD[usize::from(*byte)];
            let table = of_word >> 3 & 1;
            if self.beginnings[table * TABLE + place / 64] >> (place % 64) & 1 == 1
                && let Some(at) = end.checked_sub(2)
            {
                let numbers = self.starts.get(place).zip(self.starts.get(place + 1)).and_then(|(from, to)| self.listed.get(*from as usize..*to as usize));
                let stands = text.get(at..at + 4).map(|four| alike(u32::from_le_bytes([four[0], four[1], four[2], four[3]])));
                for listed in numbers.into_iter().flatten() {
                    // At the end of a text there are no four bytes to compare at once.
                    if stands.is_none_or(|stands| stands & listed.mask == listed.begins) {
                        self.compare(text, at, listed.number as usize, show);
                    }
                }
            }
        }
        if let Some(at) = text.len().checked_sub(2) {
            self.short.iter().for_each(|number| self.compare(text, at, *number, show));
        }
    }

    /// Shows a word if it stands at a place.
    fn compare(&self, text: &[u8], at: usize, number: usize, show: &mut dyn FnMut(usize, Range<usize>)) {
        let Some(word) = self.words.get(number) else { return };
        let range = at..at + word.text.len();
        if text.get(range.clone()).is_some_and(|found| found.eq_ignore_ascii_case(&word.text)) && !(word.begins && continues(text, at)) {
            show(number, range);
        }
    }
}

/// Gives a number of a word or of a place in the list of them; nobody has as many keywords as do not fit.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Takes another byte into the place of three in the table.
const fn next(place: usize, byte: u8) -> usize {
    place >> 5 | (byte as usize & 31) << 10
}

static OF_WORD: [usize; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        table[byte as usize] = is_of_word(byte) as usize;
        byte += 1;
    }
    table
};

const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Tells whether a place lies inside a word.
fn continues(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| is_of_word(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_place_is_found(text in "[aAbB_|é]{0,24}", words in prop::collection::vec("[aAbB_|é]{0,4}", 1..6)) {
            let mut found = Vec::new();
            let once = |number: usize| number.is_multiple_of(3);
            let listed = words.iter().enumerate().map(|(number, text)| Word { text, begins: number % 2 == 0, once: once(number) });
            Keywords::new(listed).each(text.as_bytes(), &mut |number, range| found.push((number, range)));
            let mut expected = Vec::new();
            for (number, word) in words.iter().enumerate().filter(|(_, word)| !word.is_empty()) {
                let counts = |at: usize| word.len() == 1 || number % 2 == 1 || !continues(text.as_bytes(), at);
                let places = text.as_bytes().windows(word.len()).enumerate();
                let places = places.filter(|(at, part)| part.eq_ignore_ascii_case(word.as_bytes()) && counts(*at));
                let all = if word.len() == 1 && once(number) { 1 } else { usize::MAX };
                expected.extend(places.take(all).map(|(at, _)| (number, at..at + word.len())));
            }
            found.sort_by_key(|(number, range)| (*number, range.start));
            prop_assert_eq!(found, expected);
        }
    }
}
