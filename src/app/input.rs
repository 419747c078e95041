//! One line that a person writes: text, place of the caret, the usual keys.

use crate::command::{Code, Key};
use crate::text::clean;

/// The most characters of a line; a paste beyond it is cut.
const LONGEST: usize = 4096;

/// A line being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// Byte offset of the caret.
    caret: usize,
}

impl Input {
    /// Makes a line that holds a text, the caret after it.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut input = Self::default();
        input.insert(text);
        input
    }

    /// Gives the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Gives the byte offset of the caret.
    #[must_use]
    pub const fn caret(&self) -> usize {
        self.caret
    }

    /// Puts text at the caret: of a paste its first line, cleaned.
    pub fn insert(&mut self, text: &str) {
        let line = text.trim_start_matches(['\r', '\n']).split(['\r', '\n']).next().unwrap_or_default();
        let safe = clean(line);
        for c in safe.chars().take(LONGEST.saturating_sub(self.text.chars().count())) {
            self.text.insert(self.caret, c);
            self.caret += c.len_utf8();
        }
    }

    /// Puts the caret to the end, with a space before what will be written there.
    pub fn next_word(&mut self) {
        self.caret = self.text.len();
        if !self.text.ends_with(' ') {
            self.insert(" ");
        }
    }

    /// Replaces a byte range; the caret stands after what was put there.
    pub fn replace(&mut self, range: std::ops::Range<usize>, with: &str) {
        if self.text.get(range.clone()).is_some() {
            self.text.replace_range(range.clone(), with);
            self.caret = range.start + with.len();
        }
    }

    /// Takes a key; tells whether it was one of a line's keys.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl, key.alt) {
            (Code::Char(c), false, false) => self.insert(c.encode_utf8(&mut [0; 4])),
            (Code::Backspace, false, false) | (Code::Char('h'), true, _) => self.erase(self.before()),
            (Code::Delete, ..) | (Code::Char('d'), true, _) => self.erase(self.after()),
            (Code::Char('w'), true, _) | (Code::Backspace, ..) => self.erase(self.word_before()),
            (Code::Char('u'), true, _) => self.erase(0),
            (Code::Char('k'), true, _) => self.erase(self.text.len()),
            (Code::Left, false, _) | (Code::Char('b'), true, _) => self.caret = self.before(),
            (Code::Right, false, _) | (Code::Char('f'), true, _) => self.caret = self.after(),
            (Code::Left, true, _) | (Code::Char('b'), _, true) => self.caret = self.word_before(),
            (Code::Right, true, _) | (Code::Char('f'), _, true) => self.caret = self.word_after(),
            (Code::Home, ..) | (Code::Char('a'), true, _) => self.caret = 0,
            (Code::End, ..) | (Code::Char('e'), true, _) => self.caret = self.text.len(),
            _ => return false,
        }
        true
    }

    fn erase(&mut self, other: usize) {
        let (from, to) = (self.caret.min(other), self.caret.max(other));
        self.replace(from..to, "");
    }

    fn before(&self) -> usize {
        let left = self.text.get(..self.caret).unwrap_or_default();
        left.char_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let right = self.text.get(self.caret..).unwrap_or_default();
        self.caret + right.chars().next().map_or(0, char::len_utf8)
    }

    fn word_before(&self) -> usize {
        let left = self.text.get(..self.caret).unwrap_or_default();
        let trimmed = left.trim_end();
        trimmed.rfind(char::is_whitespace).map_or(0, |at| at + trimmed.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8))
    }

    fn word_after(&self) -> usize {
        let right = self.text.get(self.caret..).unwrap_or_default();
        let word = right.trim_start().find(char::is_whitespace).map_or(right.trim_start().len(), |at| at);
        self.caret + (right.len() - right.trim_start().len()) + word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str, keys: &str) -> (String, usize) {
        let mut input = Input::of(text);
        for key in keys.split_whitespace() {
            assert!(input.key(Key::parse(key).unwrap()), "{key}");
        }
        (input.text().to_owned(), input.caret())
    }

    #[test]
    fn lines_are_written_and_mended() {
        assert_eq!(typed("", "a é b"), ("aéb".into(), 4));
        assert_eq!(typed("one two three", "ctrl-w ctrl-w x"), ("one x".into(), 5));
        assert_eq!(typed("aé", "left backspace z"), ("zé".into(), 1));
        assert_eq!(typed("one two", "ctrl-a ctrl-right ctrl-k"), ("one".into(), 3));
        assert_eq!(typed("one", "ctrl-u"), (String::new(), 0));
        assert_eq!(typed("x", "del home del"), (String::new(), 0));
    }

    #[test]
    fn a_paste_is_one_clean_line() {
        assert_eq!(Input::of("\na\u{1b}[31mb\u{202e}\nrm -rf /").text(), "ab⟨U+202E⟩");
        assert!(!Input::default().key(Key::parse("tab").unwrap()));
    }
}
