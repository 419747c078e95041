//! Where keywords stand in a text: each three bytes are looked up in a table of how keywords begin, and only there words are compared.

use rustc_hash::FxHashMap;
use std::ops::Range;

/// Words of the table of beginnings, 64 bits each: 4 KiB, so that it stays in the nearest cache. Its bits are named by the five low bits of three
/// bytes, in which the letters of the alphabet differ and their two cases do not.
const TABLE: usize = 512;
/// Sets the bit that ASCII letters of both cases differ by, in each of three bytes.
const CASE: u32 = 0x20_2020;

type Table = Box<[u64; TABLE]>;

struct Word {
    text: Box<[u8]>,
    /// Whether it counts only where a word begins.
    begins: bool,
}

/// Keywords that are looked for together, in any case (ASCII).
pub struct Keywords {
    words: Vec<Word>,
    table: Table,
    /// The beginnings of words that count inside of others as well.
    inside: Table,
    /// Words of three bytes and more by their first three, and those of two by these.
    long: FxHashMap<u32, Vec<usize>>,
    pairs: FxHashMap<u32, Vec<usize>>,
    single: Vec<usize>,
}

impl Keywords {
    /// Makes the tables of some words, and whether each counts only where a word begins; empty ones are nowhere.
    pub fn new<'w>(words: impl Iterator<Item = (&'w str, bool)>) -> Self {
        let mut made = Self {
            words: words.map(|(text, begins)| Word { text: text.as_bytes().into(), begins }).collect(),
            table: Box::new([0; TABLE]),
            inside: Box::new([0; TABLE]),
            long: FxHashMap::default(),
            pairs: FxHashMap::default(),
            single: Vec::new(),
        };
        for (number, word) in made.words.iter().enumerate() {
            let mut note = |bytes: [u8; 3]| {
                set(&mut made.table, bytes);
                if !word.begins {
                    set(&mut made.inside, bytes);
                }
            };
            match *word.text {
                [] => {}
                [_] => made.single.push(number),
                [a, b] => {
                    made.pairs.entry(key([a, b, 0]) & 0xffff).or_default().push(number);
                    (0..=u8::MAX).for_each(|c| note([a, b, c]));
                }
                [a, b, c, ..] => {
                    made.long.entry(key([a, b, c])).or_default().push(number);
                    note([a, b, c]);
                }
            }
        }
        made
    }

    /// Shows every place of every word, overlapping ones too: its number and its bytes.
    pub fn each(&self, text: &[u8], show: &mut dyn FnMut(usize, Range<usize>)) {
        for &number in &self.single {
            let Some(&[byte]) = self.words.get(number).map(|word| &*word.text) else { continue };
            memchr::memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), text).for_each(|at| show(number, at..at + 1));
        }
        let mut place = 0;
        for (end, byte) in text.iter().enumerate() {
            place = place >> 5 | usize::from(byte & 31) << 10;
            if is_set(&self.table, place)
                && let Some(at) = end.checked_sub(2)
                && (is_set(&self.inside, place) || !continues(text, at))
                && let Some(&[a, b, c]) = text.get(at..=end)
            {
                self.at(text, at, key([a, b, c]), show);
            }
        }
        if let Some([.., a, b]) = text.last_chunk::<2>() {
            self.at(text, text.len() - 2, key([*a, *b, 0]), show);
        }
    }

    /// Compares the words that may begin at a place.
    fn at(&self, text: &[u8], at: usize, key: u32, show: &mut dyn FnMut(usize, Range<usize>)) {
        for &number in [self.long.get(&key), self.pairs.get(&(key & 0xffff))].into_iter().flatten().flatten() {
            let Some(word) = self.words.get(number) else { continue };
            let range = at..at + word.text.len();
            if text.get(range.clone()).is_some_and(|found| found.eq_ignore_ascii_case(&word.text)) && !(word.begins && continues(text, at)) {
                show(number, range);
            }
        }
    }
}

/// Names three bytes, the same for both cases of a letter.
const fn key([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0]) | CASE
}

fn set(table: &mut Table, [a, b, c]: [u8; 3]) {
    let place = usize::from(a & 31) | usize::from(b & 31) << 5 | usize::from(c & 31) << 10;
    table[place >> 6 & (TABLE - 1)] |= 1 << (place & 63);
}

fn is_set(table: &Table, place: usize) -> bool {
    table[place >> 6 & (TABLE - 1)] >> (place & 63) & 1 == 1
}

/// Tells whether a place lies inside a word.
fn continues(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_place_is_found(text in "[aAbB_|é]{0,24}", words in prop::collection::vec("[aAbB_|é]{0,4}", 1..6)) {
            let mut found = Vec::new();
            let listed = words.iter().enumerate().map(|(number, word)| (word.as_str(), number % 2 == 0));
            Keywords::new(listed).each(text.as_bytes(), &mut |number, range| found.push((number, range)));
            let mut expected = Vec::new();
            for (number, word) in words.iter().enumerate().filter(|(_, word)| !word.is_empty()) {
                let counts = |at: usize| word.len() == 1 || number % 2 == 1 || !continues(text.as_bytes(), at);
                let places = text.as_bytes().windows(word.len()).enumerate();
                let places = places.filter(|(at, part)| part.eq_ignore_ascii_case(word.as_bytes()) && counts(*at));
                expected.extend(places.map(|(at, _)| (number, at..at + word.len())));
            }
            found.sort_by_key(|(number, range)| (*number, range.start));
            prop_assert_eq!(found, expected);
        }
    }
}
