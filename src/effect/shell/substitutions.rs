//! Substitutions: variables, commands, arithmetic, and quotes with escapes.

use super::parse::{MAX_DEPTH, MAX_LOOK, Parser};
use super::tree::{Piece, Word};

impl Parser<'_> {
    /// Reads what a `$` or a backtick begins.
    pub(super) fn substitution(&mut self, word: &mut Word, quoted: bool) {
        let rest = self.rest();
        if rest.starts_with('`') {
            return self.backticks(word);
        }
        let after = rest.get(1..).unwrap_or_default();
        if after.starts_with("((")
            && let Some(end) = self.arithmetic_end(self.at + 3)
        {
            let inside = self.text.get(self.at + 3..end.saturating_sub(2)).unwrap_or_default();
            word.pieces.push(Piece::Unknown(self.text.get(self.at..end).unwrap_or_default().to_owned()));
            self.at = end;
            // What is substituted in it runs.
            let mut inner = Word::default();
            self.inner(inside, |parser, word| parser.double_quoted(word, None), &mut inner);
            word.pieces.extend(inner.pieces.into_iter().filter(|piece| matches!(piece, Piece::Output(_))));
        } else if after.starts_with('(') {
            self.at += 2;
            let body = self.list(&[")"]);
            self.at += usize::from(self.rest().starts_with(')'));
            word.pieces.push(Piece::Output(body));
        } else if after.starts_with('{') {
            self.at += 2;
            self.braced(word, quoted);
        } else if after.starts_with('\'') && !quoted {
            self.at += 2;
            self.escaped(word);
        } else if after.starts_with('"') && !quoted {
            self.at += 1;
        } else {
            self.plain_variable(after, word, quoted);
        }
    }

    fn plain_variable(&mut self, after: &str, word: &mut Word, quoted: bool) {
        let special = after.chars().next().filter(|c| matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!') || c.is_ascii_digit());
        let length = match special {
            Some(_) => 1,
            None => after.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count(),
        };
        self.at += 1 + length;
        if length == 0 {
            return word.push("$", quoted);
        }
        let name = after.get(..length).unwrap_or_default().to_owned();
        word.pieces.push(Piece::Variable { name, default: None, quoted, changed: false });
    }

    /// Reads `${…}` after its brace.
    fn braced(&mut self, word: &mut Word, quoted: bool) {
        let rest = self.rest();
        let bang = rest.starts_with(['!', '#']);
        let body = rest.get(usize::from(bang)..).unwrap_or_default();
        let length = body.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'@' | b'*')).count();
        let name = body.get(..length).unwrap_or_default().to_owned();
        self.at += usize::from(bang) + length;
        let operator = self.rest();
        let default = [":-", ":=", "-", "="].iter().find(|o| operator.starts_with(**o));
        let mut inner = Word::default();
        self.at += default.map_or(0, |o| o.len());
        let start = self.at;
        if self.depth >= MAX_DEPTH {
            self.whole = false;
            self.at = self.text.len();
        } else {
            self.depth += 1;
            self.double_quoted(&mut inner, Some('}'));
            self.depth -= 1;
        }
        let changed = bang || (default.is_none() && self.at > start + 1);
        // What is substituted inside an operator runs as well.
        let default = if default.is_some() || inner.pieces.iter().any(|p| matches!(p, Piece::Output(_))) { Some(inner) } else { None };
        word.pieces.push(Piece::Variable { name, default, quoted, changed });
    }

    /// Reads `$'…'` after its quote.
    fn escaped(&mut self, word: &mut Word) {
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                self.whole = false;
                break;
            };
            self.step();
            match c {
                '\'' => break,
                '\\' => self.escape(&mut text),
                c => text.push(c),
            }
        }
        word.push(&text, true);
    }

    fn escape(&mut self, text: &mut String) {
        let Some(c) = self.peek() else { return };
        self.step();
        let (radix, most) = match c {
            'x' => (16, 2),
            'u' => (16, 4),
            'U' => (16, 8),
            '0'..='7' => (8, 3),
            _ => (0, 0),
        };
        if radix == 0 {
            text.push(match c {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'e' | 'E' => '\u{1b}',
                'a' => '\u{7}',
                'b' => '\u{8}',
                c => c,
            });
            return;
        }
        if radix == 8 {
            self.at -= 1;
        }
        let digits = self.rest().chars().take(most).take_while(|d| d.is_digit(radix)).count();
        let code = u32::from_str_radix(self.rest().get(..digits).unwrap_or_default(), radix).unwrap_or(0);
        self.at += digits;
        text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
    }

    fn backticks(&mut self, word: &mut Word) {
        self.at += 1;
        let mut inner = String::new();
        let mut closed = false;
        while let Some(c) = self.peek() {
            self.step();
            match c {
                '`' => {
                    closed = true;
                    break;
                }
                '\\' if self.rest().starts_with(['`', '\\', '$']) => {
                    inner.extend(self.peek());
                    self.step();
                }
                c => inner.push(c),
            }
        }
        self.whole &= closed;
        self.inner(&inner, |parser, word| word.pieces.push(Piece::Output(parser.list(&[]))), word);
    }

    /// Reads a text that stands inside this one by a parser of its own, one level deeper.
    pub(super) fn inner(&mut self, text: &str, read: impl FnOnce(&mut Parser<'_>, &mut Word), word: &mut Word) {
        if self.depth >= MAX_DEPTH {
            self.whole = false;
            return;
        }
        let docs = std::mem::take(&mut self.docs);
        let mut parser = Parser { text, at: 0, depth: self.depth + 1, whole: true, docs, waiting: Vec::new() };
        read(&mut parser, word);
        parser.read_docs();
        self.docs = parser.docs;
        self.whole &= parser.whole;
    }

    /// Finds where an arithmetic expression that begins here ends, after its `))`; `None` where it is none.
    pub(super) fn arithmetic_end(&self, from: usize) -> Option<usize> {
        let mut open = 0_u32;
        let bytes = self.text.as_bytes().get(from..)?;
        for (i, byte) in bytes.iter().enumerate().take(MAX_LOOK) {
            match byte {
                b'(' => open += 1,
                b')' if open > 0 => open -= 1,
                b')' => return (bytes.get(i + 1) == Some(&b')')).then_some(from + i + 2),
                b'`' | b'"' | b'\'' => return None,
                _ => {}
            }
        }
        None
    }
}
