//! Finding many words in a text at once, also where they overlap: as they are written, or in any case and in either form of an accent.

use super::decode::Decoded;
use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::Range;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// What is looked for: a word, and whether it counts in any case.
pub struct Pattern {
    /// The word.
    pub text: String,
    /// Whether its case tells nothing.
    pub any_case: bool,
}

/// Words that are looked for.
#[derive(Default)]
pub struct Finder {
    exact: Part,
    folded: Part,
}

/// Words that are looked for in one form of a text.
#[derive(Default)]
struct Part {
    /// Each with the number of its first word.
    automata: Vec<(usize, AhoCorasick)>,
    /// The pattern of each word.
    of: Vec<usize>,
    /// Patterns that no automaton was made of: what cannot be looked for is taken to stand in every text.
    unsought: Vec<usize>,
}

impl Finder {
    /// Makes ready to look; patterns are named by their place in the list. Empty ones are nowhere.
    #[must_use]
    pub fn of(patterns: &[Pattern]) -> Self {
        let part = |any_case: bool| {
            let chosen = patterns.iter().enumerate().filter(|(_, pattern)| pattern.any_case == any_case && !pattern.text.is_empty());
            let (of, words): (Vec<usize>, Vec<String>) =
                chosen.map(|(number, pattern)| (number, if any_case { folded(&pattern.text) } else { pattern.text.clone() })).unzip();
            let mut part = Part { of, ..Part::default() };
            part.build(0, &words, any_case);
            part
        };
        Self { exact: part(false), folded: part(true) }
    }

    /// Shows the places of the patterns for which the test holds; of places of which one lies in the other, the wider one.
    pub fn find(&self, text: &str, holds: &dyn Fn(usize, &Range<usize>) -> bool, show: &mut dyn FnMut(usize, Range<usize>)) {
        self.exact.find(text, text, &Some, holds, show);
        if self.folded.of.is_empty() {
            return;
        }
        if text.is_ascii() {
            return self.folded.find(text, text, &Some, holds, show);
        }
        let decoded = fold(text);
        // A mark behind a letter makes it another letter.
        let ends = |range: &Range<usize>| !decoded.text.get(range.end..).and_then(|rest| rest.chars().next()).is_some_and(is_combining_mark);
        self.folded.find(&decoded.text, text, &|range| Some(decoded.map.back(&range)).filter(|_| ends(&range)), holds, show);
    }
}

impl Part {
    /// Makes one automaton of all words, or of halves where one does not take them all.
    fn build(&mut self, first: usize, words: &[String], any_case: bool) {
        if words.is_empty() {
            return;
        }
        match AhoCorasick::builder().ascii_case_insensitive(any_case).match_kind(MatchKind::Standard).build(words) {
            Ok(automaton) => self.automata.push((first, automaton)),
            Err(_) if words.len() > 1 => {
                let (left, right) = words.split_at(words.len() / 2);
                self.build(first, left, any_case);
                self.build(first + left.len(), right, any_case);
            }
            Err(_) => self.unsought.extend(self.of.get(first)),
        }
    }

    fn find(
        &self,
        form: &str,
        text: &str,
        back: &dyn Fn(Range<usize>) -> Option<Range<usize>>,
        holds: &dyn Fn(usize, &Range<usize>) -> bool,
        show: &mut dyn FnMut(usize, Range<usize>),
    ) {
        for (first, automaton) in &self.automata {
            let mut widest: Vec<(usize, Range<usize>)> = Vec::new();
            for hit in automaton.find_overlapping_iter(form) {
                let Some(number) = self.of.get(first + hit.pattern().as_usize()).copied() else { continue };
                let Some(range) = back(hit.range()).filter(|range| holds(number, range)) else { continue };
                // Places come in the order of their ends, so those that lie in this one are the last.
                while widest.last().is_some_and(|(_, last)| range.start <= last.start && *last != range) {
                    widest.pop();
                }
                if widest.last().is_none_or(|(_, last)| last.end < range.end) {
                    widest.push((number, range));
                }
            }
            widest.into_iter().for_each(|(number, range)| show(number, range));
        }
        self.unsought.iter().for_each(|number| show(*number, 0..text.len()));
    }
}

/// Writes a word as all its spellings are compared: accents apart from their letters, small letters.
#[must_use]
pub fn folded(word: &str) -> String {
    fold(word).text.to_ascii_lowercase()
}

/// Takes case and composed accents (Unicode's canonical decomposition) off what is no ASCII.
fn fold(text: &str) -> Decoded {
    let mut decoded = Decoded::default();
    let mut from = 0;
    let mut letters = String::new();
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
        decoded.same(text.get(from..at).unwrap_or_default(), from);
        from = at + c.len_utf8();
        letters.clear();
        decompose_canonical(c, |part| letters.extend(part.to_lowercase()));
        decoded.whole(&letters, at..from);
    }
    decoded.same(text.get(from..).unwrap_or_default(), from);
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[(&str, bool)], text: &str) -> Vec<String> {
        let patterns: Vec<Pattern> = words.iter().map(|(text, any_case)| Pattern { text: (*text).to_owned(), any_case: *any_case }).collect();
        let mut found = Vec::new();
        Finder::of(&patterns).find(text, &|_, _| true, &mut |_, range| found.push(text[range].to_owned()));
        found
    }

    #[test]
    fn case_hides_nothing_and_places_may_overlap() {
        assert_eq!(found(&[("Hunter2x", false), ("hUnter2x", false)], "hUnter2x Hunter2x HUNTER2X"), ["hUnter2x", "Hunter2x"]);
        assert_eq!(found(&[("Blue-Fox", false), ("Foxtrot-Bank", false)], "Blue-Foxtrot-Bank"), ["Blue-Fox", "Foxtrot-Bank"]);
        assert_eq!(found(&[("abc", false), ("abcd", false), ("bc", false)], "abcd bc"), ["abcd", "bc"]);
    }

    #[test]
    fn a_wider_place_that_does_not_hold_hides_no_other() {
        let patterns = ["Anna", "Anna Berg"].map(|text| Pattern { text: text.to_owned(), any_case: true });
        let mut found = Vec::new();
        Finder::of(&patterns).find("Anna Bergmann, Anna Berg", &|_, range| !range.contains(&8), &mut |_, range| found.push(range));
        assert_eq!(found, [0..4, 15..24]);
    }

    #[test]
    fn an_accent_is_one_however_it_is_written() {
        let text = "Jürgen JÜRGEN Ju\u{308}rgen JU\u{308}RGEN Jurgen J\u{fc}rgen\u{301}";
        assert_eq!(found(&[("Jürgen", true)], text), ["Jürgen", "JÜRGEN", "Ju\u{308}rgen", "JU\u{308}RGEN"]);
        assert_eq!(found(&[("Ju\u{308}rgen", true), ("Anna", true)], "x Jürgen, Anná, Anna\u{301}"), ["Jürgen"]);
    }

    #[test]
    fn what_cannot_be_looked_for_is_everywhere() {
        let finder = Finder { exact: Part { unsought: vec![3], ..Part::default() }, folded: Part::default() };
        let mut found = Vec::new();
        finder.find("text", &|_, _| true, &mut |number, range| found.push((number, range)));
        assert_eq!(found, [(3, 0..4)]);
    }
}
