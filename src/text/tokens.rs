//! Words of a text for search: runs of letters and digits, lowercased, so that names, paths, flags and hashes are found by their parts.
//!
//! `_` and every other character that is neither a letter nor a digit splits. A Han, Hiragana, Katakana or Hangul character is a token of
//! its own. A run longer than 64 characters becomes tokens of 64 characters at consecutive positions, so that nothing is too long to be found.

use std::borrow::Cow;
use std::ops::Range;

/// The most characters of one token.
pub const TOKEN_CHARS: usize = 64;

/// The class of each byte.
const CLASS: [u8; 256] = {
    let mut table = [BEYOND; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        table[byte] = if c.is_ascii_uppercase() {
            CAPITAL
        } else if c.is_ascii_alphanumeric() {
            PLAIN
        } else {
            SPLITS
        };
        byte += 1;
    }
    table
};
const SPLITS: u8 = 0;
const PLAIN: u8 = 1;
const CAPITAL: u8 = 2;
/// The byte belongs to a character beyond ASCII.
const BEYOND: u8 = 4;

fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or(BEYOND)
}

/// Says whether the character is a token of its own.
const fn stands_alone(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{11FF}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30FF}' | '\u{3130}'..='\u{318F}' | '\u{31F0}'..='\u{31FF}'
            | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
            | '\u{FF66}'..='\u{FFDC}' | '\u{1B000}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFF}'
    )
}

/// Iterates over the tokens of a text: where each starts and ends in bytes, and its lowercase form.
#[must_use]
pub const fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0 }
}

/// The tokens of a text.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl Tokens<'_> {
    /// Finds the next token; the flag says whether it is lowercase as it stands.
    fn advance(&mut self) -> Option<(Range<usize>, bool)> {
        let bytes = self.text.as_bytes();
        loop {
            let rest = bytes.get(self.at..)?;
            let start = self.at + rest.iter().position(|byte| class(*byte) != SPLITS)?;
            let (mut seen, mut len) = (0, 0);
            for byte in bytes.get(start..)?.iter().take(TOKEN_CHARS) {
                let kind = class(*byte);
                if kind & (PLAIN | CAPITAL) == 0 {
                    seen |= kind;
                    break;
                }
                seen |= kind;
                len += 1;
            }
            if seen & BEYOND == 0 {
                self.at = start + len;
                return Some((start..self.at, seen == PLAIN));
            }
            self.at = start;
            if let Some(found) = self.advance_slowly(len, seen & CAPITAL == 0) {
                return Some(found);
            }
        }
    }

    /// Reads on, from `len` ASCII characters of a token, by whole characters; `None` where the next character is no token.
    fn advance_slowly(&mut self, len: usize, mut lower: bool) -> Option<(Range<usize>, bool)> {
        let (start, mut chars) = (self.at, len);
        self.at += len;
        for c in self.text.get(self.at..).unwrap_or_default().chars() {
            let next = self.at + c.len_utf8();
            if !c.is_alphanumeric() {
                self.at = if chars == 0 { next } else { self.at };
                break;
            }
            if stands_alone(c) {
                if chars == 0 {
                    self.at = next;
                    return Some((start..next, !c.is_uppercase()));
                }
                break;
            }
            lower &= c.is_ascii() && !c.is_ascii_uppercase();
            (self.at, chars) = (next, chars + 1);
            if chars == TOKEN_CHARS {
                break;
            }
        }
        (chars > 0).then_some((start..self.at, lower))
    }

    /// Writes the next token into `word`, which it clears, and says where in the text it stands; allocates only where `word` must grow.
    pub fn next_into(&mut self, word: &mut String) -> Option<Range<usize>> {
        let (range, lower) = self.advance()?;
        let found = self.text.get(range.clone()).unwrap_or_default();
        word.clear();
        if lower {
            word.push_str(found);
        } else if found.is_ascii() {
            word.push_str(found);
            word.make_ascii_lowercase();
        } else {
            word.extend(lowercase(found));
        }
        Some(range)
    }
}

/// Lowercases character by character, so that a token of a token is the same token.
fn lowercase(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric())
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (usize, usize, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        let (range, lower) = self.advance()?;
        let found = self.text.get(range.clone()).unwrap_or_default();
        let word = if lower {
            Cow::Borrowed(found)
        } else if found.is_ascii() {
            Cow::Owned(found.to_ascii_lowercase())
        } else {
            Cow::Owned(lowercase(found).collect())
        };
        Some((range.start, range.end, word))
    }
}

/// Gives the tokens of a text as words.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    tokens(text).map(|(_, _, word)| word.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(words(text), expect, "{text:?}");
    }

    #[test]
    fn code_splits_into_its_names() {
        check("foo_bar.baz()", &["foo", "bar", "baz"]);
        check("--force-with-lease", &["force", "with", "lease"]);
        check("/usr/Local/bin", &["usr", "local", "bin"]);
        check("Ärger İstanbul ΣΑΣ", &["ärger", "istanbul", "σασ"]);
        check("日本語abcカナ한글", &["日", "本", "語", "abc", "カ", "ナ", "한", "글"]);
        check("x²—y", &["x²", "y"]);
        check("  \u{1F600} ", &[]);
        let hash = "0123456789abcdef".repeat(4);
        check(&hash, &[&hash]);
        check(&format!("{hash}ff"), &[&hash, "ff"]);
    }

    proptest! {
        #[test]
        fn places_are_right_and_words_stay_the_same(text in any::<String>()) {
            let mut end = 0;
            let mut reused = Tokens { text: &text, at: 0 };
            let mut word = String::new();
            for (from, to, lower) in tokens(&text) {
                prop_assert!(end <= from && from < to);
                prop_assert!(text[from..to].chars().all(char::is_alphanumeric) && !text[end..from].chars().any(char::is_alphanumeric));
                prop_assert_eq!(reused.next_into(&mut word), Some(from..to));
                prop_assert_eq!(&word, &lower);
                prop_assert_eq!(words(&lower), vec![lower.into_owned()]);
                end = to;
            }
            prop_assert!(!text[end..].chars().any(char::is_alphanumeric));
        }
    }
}
