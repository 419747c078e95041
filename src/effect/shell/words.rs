//! Words: blanks, comments, quotes, assignments, and the lines of here-documents.

use super::parse::Parser;
use super::tree::{Piece, Word};

/// Characters that end a word.
const ENDS: &[char] = &[' ', '\t', '\r', '\n', ';', '&', '|', '<', '>', '(', ')'];

impl<'a> Parser<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over one character.
    pub(super) fn step(&mut self) {
        self.at += self.peek().map_or(1, char::len_utf8);
    }

    /// Tells whether a keyword or operator stands here as a word of its own.
    pub(super) fn stands(&self, word: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(word) else { return false };
        matches!(word, ")" | ";;" | ";&") || after.is_empty() || after.starts_with(ENDS)
    }

    pub(super) fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            self.at += blank;
            if self.rest().starts_with("\\\n") {
                self.at += 2;
            } else if self.rest().starts_with("\\\r\n") {
                self.at += 3;
            } else if self.rest().starts_with('#') && self.begins_word() {
                self.at += memchr::memchr(b'\n', self.rest().as_bytes()).unwrap_or(self.rest().len());
            } else {
                return;
            }
        }
    }

    fn begins_word(&self) -> bool {
        self.text.get(..self.at).and_then(|before| before.chars().next_back()).is_none_or(|c| ENDS.contains(&c))
    }

    fn newline(&mut self) -> bool {
        if !self.rest().starts_with('\n') {
            return false;
        }
        self.at += 1;
        self.read_docs();
        true
    }

    /// Passes over blanks, comments and line ends.
    pub(super) fn skip_separators_but_semicolons(&mut self) {
        loop {
            self.skip_blanks();
            if !self.newline() {
                return;
            }
        }
    }

    /// Passes over whatever may stand between two commands; a double semicolon ends the arm of a `case` and is left.
    pub(super) fn skip_separators(&mut self) {
        loop {
            self.skip_separators_but_semicolons();
            let rest = self.rest();
            let single = rest.starts_with(';') && !rest.starts_with(";;") && !rest.starts_with(";&");
            if single || (rest.starts_with('&') && !rest.starts_with("&&") && !rest.starts_with("&>")) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Reads a word, if one stands here.
    pub(super) fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut word = Word::default();
        while let Some(c) = self.peek() {
            match c {
                '<' | '>' if self.at == start && self.rest()[1..].starts_with('(') => {
                    self.at += 2;
                    let body = self.list(&[")"]);
                    self.at += usize::from(self.rest().starts_with(')'));
                    word.pieces.push(Piece::Pipe(body));
                }
                '(' if word.ends_in_pattern() => self.pattern_group(&mut word),
                _ if ENDS.contains(&c) => break,
                '\'' => self.single_quoted(&mut word),
                '"' => {
                    self.at += 1;
                    self.double_quoted(&mut word, Some('"'));
                }
                '\\' => {
                    self.at += 1;
                    if let Some(next) = self.peek() {
                        self.step();
                        if next != '\n' {
                            word.push(next.encode_utf8(&mut [0; 4]), true);
                        }
                    }
                }
                '$' | '`' => self.substitution(&mut word, false),
                _ => {
                    let rest = self.rest();
                    let end = rest.find(|c: char| ENDS.contains(&c) || matches!(c, '\'' | '"' | '\\' | '$' | '`')).unwrap_or(rest.len());
                    word.push(rest.get(..end).unwrap_or_default(), false);
                    self.at += end;
                }
            }
        }
        (self.at > start).then_some(word)
    }

    fn single_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        let rest = self.rest();
        let end = memchr::memchr(b'\'', rest.as_bytes());
        self.whole &= end.is_some();
        word.push(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(), true);
        self.at += end.map_or(rest.len(), |end| end + 1);
    }

    /// Reads the inside of double quotes up to the closing one, or with `None` to the end of the text, as a here-document is read.
    pub(super) fn double_quoted(&mut self, word: &mut Word, closing: Option<char>) {
        word.push("", true);
        loop {
            let rest = self.rest();
            let end = rest.find(|c: char| Some(c) == closing || matches!(c, '\\' | '$' | '`')).unwrap_or(rest.len());
            if end > 0 {
                word.push(rest.get(..end).unwrap_or_default(), true);
            }
            self.at += end;
            match self.peek() {
                None => {
                    self.whole &= closing.is_none();
                    return;
                }
                c if c == closing => {
                    self.at += 1;
                    return;
                }
                Some('\\') => {
                    self.at += 1;
                    let escaped = self.peek();
                    match escaped {
                        Some('\n') => self.at += 1,
                        Some(c) if matches!(c, '$' | '`' | '"' | '\\') => {
                            self.at += 1;
                            word.push(c.encode_utf8(&mut [0; 4]), true);
                        }
                        _ => word.push("\\", true),
                    }
                }
                Some(_) => self.substitution(word, true),
            }
        }
    }

    /// `@(a|b)` and its like are part of a pattern.
    fn pattern_group(&mut self, word: &mut Word) {
        let mut open = 0_u32;
        let start = self.at;
        while let Some(c) = self.peek() {
            self.step();
            open = match c {
                '(' => open + 1,
                ')' => open - 1,
                _ => open,
            };
            if open == 0 {
                break;
            }
        }
        self.whole &= open == 0;
        word.push(self.text.get(start..self.at).unwrap_or_default(), false);
    }

    /// Reads `name=value`, `name+=value` or `name=(…)`.
    pub(super) fn assignment(&mut self) -> Option<(String, Word)> {
        let rest = self.rest();
        let name_end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let name = rest.get(..name_end)?;
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let after = rest.get(name_end..)?;
        let sign = if after.starts_with("+=") { 2 } else { usize::from(after.starts_with('=')) };
        if sign == 0 {
            return None;
        }
        self.at += name_end + sign;
        if !self.rest().starts_with('(') {
            let mut word = self.word().unwrap_or_default();
            if sign == 2 {
                word.pieces.insert(0, Piece::Variable { name: name.to_owned(), default: None, quoted: true, changed: false });
            }
            return Some((name.to_owned(), word));
        }
        self.at += 1;
        let mut all = Word::default();
        loop {
            self.skip_separators_but_semicolons();
            let Some(word) = self.word() else { break };
            if !all.pieces.is_empty() {
                all.push(" ", false);
            }
            all.pieces.extend(word.pieces);
        }
        self.whole &= self.rest().starts_with(')');
        self.at += usize::from(self.rest().starts_with(')'));
        Some((name.to_owned(), all))
    }

    /// Reads the delimiter of a here-document, and whether quotes make its text literal.
    pub(super) fn delimiter(&mut self) -> (String, bool) {
        let start = self.at;
        let word = self.word().unwrap_or_default();
        let raw = self.text.get(start..self.at).unwrap_or_default();
        let plain: String = word.pieces.iter().filter_map(|p| if let Piece::Text { text, .. } = p { Some(text.as_str()) } else { None }).collect();
        (plain, raw.contains(['\'', '"', '\\']))
    }

    /// Reads the lines of the here-documents that were announced on the line before.
    pub(super) fn read_docs(&mut self) {
        for doc in std::mem::take(&mut self.waiting) {
            let start = self.at;
            let (mut end, mut closed) = (start, false);
            while self.at < self.text.len() {
                let rest = self.rest();
                let length = memchr::memchr(b'\n', rest.as_bytes());
                let line = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
                self.at += length.map_or(rest.len(), |n| n + 1);
                let bare = line.trim_end_matches('\r');
                if (if doc.strip_tabs { bare.trim_start_matches('\t') } else { bare }) == doc.end {
                    closed = true;
                    break;
                }
                end = self.at;
            }
            self.whole &= closed;
            let text = self.text.get(start..end).unwrap_or_default();
            let mut word = Word::default();
            if doc.literal {
                word.push(text, true);
            } else {
                self.inner(text, |parser, word| parser.double_quoted(word, None), &mut word);
            }
            if let Some(slot) = self.docs.get_mut(doc.index) {
                slot.word = Some(word);
            }
        }
    }
}

impl Word {
    /// Adds text, joining it to equal text before it.
    pub(super) fn push(&mut self, more: &str, as_quoted: bool) {
        match self.pieces.last_mut() {
            Some(Piece::Text { text, quoted }) if *quoted == as_quoted => text.push_str(more),
            _ => self.pieces.push(Piece::Text { text: more.to_owned(), quoted: as_quoted }),
        }
    }

    fn ends_in_pattern(&self) -> bool {
        matches!(self.pieces.last(), Some(Piece::Text { text, quoted: false }) if text.ends_with(['?', '*', '+', '@', '!']))
    }
}
