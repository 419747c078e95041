//! Values that are known, looked for in every text: what a rule found once, what a person marked, what a list names.

use super::finder::{Finder, Pattern};
use super::finding::Tier;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use unicode_normalization::char::is_combining_mark;

/// A shorter value would be found in everything.
pub const MIN_BYTES: usize = 8;

/// What finds the values that a person marked.
pub const BY_HAND: &str = "by_hand";
/// What a person marks or lists has at least so many bytes.
const MIN_GIVEN: usize = 2;

/// Classes that are found in any case and as whole words alone.
const WORDS: &[&str] = &["email", "phone", "person_name", "project_word", "home_user", "iban", "card", "ssn", "itin", "ipv4", "ipv6", "mac"];

/// Tells whether values of a class are the same in any case.
#[must_use]
pub fn in_any_case(class: &str) -> bool {
    WORDS.contains(&class)
}

/// A value that is known.
#[derive(Debug, Clone)]
pub struct Value {
    /// Where the knowledge comes from.
    pub detector: Arc<str>,
    /// What it is.
    pub class: Arc<str>,
    /// How sure a place of it is.
    pub tier: Tier,
    whole_word: bool,
    any_case: bool,
}

/// Known values; they live in memory alone.
#[derive(Default)]
pub struct Known {
    values: BTreeMap<String, Value>,
    /// The values in the order in which they are looked for: secrets as they are written, words in any case.
    order: Vec<String>,
    finder: Finder,
    /// Hashes that marks carry, by their first eight digits.
    hashes: FxHashMap<String, (String, Value)>,
}

impl Known {
    /// Adds a value; one that is too short or stands for a value is left out.
    pub fn add(&mut self, value: &str, detector: &str, class: &str) {
        let tier = if detector.ends_with("_list") { Tier::Candidate } else { Tier::Certain };
        self.add_as(value, detector, class, tier, false);
    }

    /// Adds a value whose places are as sure as the finding that made it known; one that a person wants gone, `given`, may be short.
    pub fn add_as(&mut self, value: &str, detector: &str, class: &str, tier: Tier, given: bool) {
        let named = detector.ends_with("_list") || detector == BY_HAND;
        let given = given || named;
        if !given && (value.len() < MIN_BYTES || super::placeholders::is_placeholder(value)) || value.trim().len() < MIN_GIVEN {
            return;
        }
        let whole_word = WORDS.contains(&class) || given && value.len() < MIN_BYTES;
        // A short value in another case is another one, unless a person named it.
        let any_case = WORDS.contains(&class) && (named || value.len() >= MIN_BYTES) || detector == BY_HAND && value.len() < MIN_BYTES;
        let known = Value { detector: detector.into(), class: class.into(), tier, whole_word, any_case };
        self.values.entry(value.to_owned()).or_insert(known);
    }

    /// Adds the hash of a value that a mark says was there: 8 to 64 hex digits of its SHA-256.
    pub fn add_hash(&mut self, hash: &str, class: &str) {
        if let Some(start) = hash.get(..8) {
            let value = Value { detector: "hash_marker".into(), class: class.into(), tier: Tier::Certain, whole_word: false, any_case: false };
            self.hashes.insert(start.to_owned(), (hash.to_owned(), value));
        }
    }

    /// Gives the number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.hashes.is_empty()
    }

    /// Gives the values, in their order.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Makes ready to look; call it after the last `add`.
    pub fn build(&mut self) {
        let pattern = |(word, value): (&String, &Value)| Pattern { text: word.clone(), any_case: value.any_case };
        self.finder = Finder::of(&self.values.iter().map(pattern).collect::<Vec<_>>());
        self.order = self.values.keys().cloned().collect();
    }

    /// Shows every place of every value in a text.
    pub fn find(&self, text: &str, show: &mut dyn FnMut(&Value, Range<usize>)) {
        self.find_hashed(text, show);
        let value = |number: usize| self.order.get(number).and_then(|word| self.values.get(word));
        let holds = |number: usize, range: &Range<usize>| value(number).is_some_and(|value| !value.whole_word || is_whole(text, range));
        self.finder.find(text, &holds, &mut |number, range| {
            if let Some(value) = value(number) {
                show(value, range);
            }
        });
    }
}

impl Known {
    /// Shows every word whose SHA-256 begins as a mark's hash does.
    fn find_hashed(&self, text: &str, show: &mut dyn FnMut(&Value, Range<usize>)) {
        if self.hashes.is_empty() {
            return;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '\\');
        let mut at = 0;
        for word in text.split(ends) {
            let start = at;
            at += word.len() + text.get(at + word.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let trimmed = word.trim_end_matches(['.', ':', '!', '?']);
            if (MIN_BYTES..=512).contains(&trimmed.len()) && trimmed.bytes().any(|b| b.is_ascii_digit()) {
                let digest = crate::model::ids::hex(&Sha256::digest(trimmed.as_bytes()));
                let known = digest.get(..8).and_then(|start| self.hashes.get(start));
                if let Some((_, value)) = known.filter(|(hash, _)| digest.starts_with(hash.as_str())) {
                    show(value, start..start + trimmed.len());
                }
            }
        }
    }
}

/// Tells whether a range is not part of a longer word.
pub(super) fn is_whole(text: &str, range: &Range<usize>) -> bool {
    let inside = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let before = text.get(..range.start).and_then(|t| t.chars().next_back());
    let after = text.get(range.end..).and_then(|t| t.chars().next());
    !before.is_some_and(inside) && !after.is_some_and(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_exact_and_people_are_words() {
        let mut known = Known::default();
        known.add("b6LjG7mxfSL7", "known_value", "password");
        known.add("joel@harbor.co", "known_value", "email");
        known.add("short", "known_value", "password");
        known.add_as("anna", "known_value", "home_user", Tier::Candidate, true);
        known.build();
        let mut seen = Vec::new();
        known.find("b6LjG7mxfSL7! B6LJG7MXFSL7 JOEL@HARBOR.CO xjoel@harbor.co short Anna", &mut |value, range| {
            seen.push((value.class.to_string(), range.start))
        });
        assert_eq!(seen, [("password".to_owned(), 0), ("email".to_owned(), 27)]);
    }

    #[test]
    fn a_longer_name_takes_nobody_away() {
        let places = |names: &[&str]| {
            let mut known = Known::default();
            names.iter().for_each(|name| known.add(name, "name_list", "person_name"));
            known.build();
            let mut places = Vec::new();
            known.find("Anna Bergmann met ANNA BERG and Jürgen, JÜRGEN, Ju\u{308}rgen; not Annas", &mut |_, range| places.push(range.start));
            places.sort_unstable();
            places
        };
        assert_eq!(places(&["Anna"]), [0, 18]);
        assert_eq!(places(&["Anna", "Anna Berg", "Jürgen"]), [0, 18, 32, 41, 50]);
    }
}
