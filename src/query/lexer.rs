//! Cuts a query into operators, words, phrases, regular expressions and fields.

use super::error::QueryError;
use super::field::Field;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Or,
    Not,
    Word(String),
    Quoted(String),
    Regex(String),
    Field(Field, RawValue),
}

/// The value of a field as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawValue {
    pub text: String,
    pub quoted: bool,
    /// An asterisk follows the value.
    pub prefix: bool,
    /// Its place in the query, in bytes.
    pub place: (usize, usize),
}

/// A token and its place in the query, in bytes.
pub(super) type Placed = (Token, (usize, usize));

/// Reads one query from left to right.
pub(super) struct Lexer<'a> {
    query: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn read(query: &'a str) -> Result<Vec<Placed>, QueryError> {
        let mut lexer = Self { query, at: 0, depth: 0 };
        let mut tokens: Vec<Placed> = Vec::new();
        loop {
            lexer.at += leading(lexer.rest(), char::is_whitespace);
            if lexer.rest().is_empty() {
                return Ok(tokens);
            }
            let start = lexer.at;
            let after_not = matches!(tokens.last(), Some((Token::Not, _)));
            let token = lexer.token(after_not)?;
            tokens.push((token, (start, lexer.at)));
        }
    }

    fn rest(&self) -> &'a str {
        self.query.get(self.at..).unwrap_or_default()
    }

    fn error(&self, place: (usize, usize), message: &str) -> QueryError {
        QueryError::new(self.query, place, message)
    }

    fn token(&mut self, after_not: bool) -> Result<Token, QueryError> {
        let rest = self.rest();
        match rest.as_bytes().first() {
            Some(b'(') => {
                self.at += 1;
                self.depth += 1;
                Ok(Token::Open)
            }
            Some(b')') => {
                self.at += 1;
                if self.depth == 0 {
                    return Err(self.error((self.at - 1, self.at), "this ) closes nothing; quote text that has one"));
                }
                self.depth -= 1;
                Ok(Token::Close)
            }
            Some(b'"') => self.quoted().map(Token::Quoted),
            Some(b'-') if !after_not && !rest.starts_with("--") => {
                self.at += 1;
                match self.rest().chars().next() {
                    Some(c) if !c.is_whitespace() && c != ')' => Ok(Token::Not),
                    _ => Err(self.error((self.at - 1, self.at), "- leaves out what follows it without a space; quote it to search for it")),
                }
            }
            Some(b'-') if after_not && !rest.starts_with("--") => Err(self.error((self.at, self.at + 1), "this is left out twice; write it without -")),
            Some(b'/') => Ok(self.regex().unwrap_or_else(|| Token::Word(self.word()))),
            _ => self.field_or_word(after_not),
        }
    }

    fn field_or_word(&mut self, after_not: bool) -> Result<Token, QueryError> {
        let rest = self.rest();
        let len = leading(rest, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        let (name, colon) = rest.split_at(len);
        // `std::fs` is a path of code, not a field.
        if colon.starts_with(':') && !colon.starts_with("::") && !name.is_empty() && !name.starts_with('-') {
            if let Some(field) = Field::find(name) {
                self.at += len + 1;
                return self.value(field);
            }
            if let Some(near) = Field::near(name) {
                let message = format!("`{name}:` is no field; quote it to search for the text");
                return Err(QueryError::new(self.query, (self.at, self.at + len + 1), message).suggest(Some(format!("{}:", near.name()))));
            }
        }
        let word = self.word();
        Ok(if word == "OR" && !after_not { Token::Or } else { Token::Word(word) })
    }

    fn value(&mut self, field: Field) -> Result<Token, QueryError> {
        let start = self.at;
        let quoted = self.rest().starts_with('"');
        if self.rest().starts_with('(') {
            let message = format!("a field takes one value: ({0}:a OR {0}:b)", field.name());
            return Err(self.error((start, start + 1), &message));
        }
        let mut text = if quoted { self.quoted()? } else { self.word() };
        let prefix = if quoted { self.rest().starts_with('*') } else { text.len() > 1 && text.ends_with('*') || text == "*" };
        if quoted {
            self.at += usize::from(prefix);
        } else if prefix {
            text.pop();
        }
        Ok(Token::Field(field, RawValue { text, quoted, prefix, place: (start, self.at) }))
    }

    /// Reads from a quote to the next that no backslash precedes.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + at + 1;
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => text.push('\\'),
                },
                _ => text.push(c),
            }
        }
        Err(self.error((start, start + 1), "this quote is never closed").suggest(Some(format!("{}\"", self.rest()))))
    }

    /// Reads `/regex/` where a closing slash is followed by a space, by the end or by the parentheses that close groups.
    fn regex(&mut self) -> Option<Token> {
        let mut regex = String::new();
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next()? {
                    (_, '/') => regex.push('/'),
                    (_, other) => regex.extend(['\\', other]),
                },
                '/' if self.ends_regex(rest.get(at + 1..).unwrap_or_default()) => {
                    if regex.is_empty() {
                        return None;
                    }
                    self.at += at + 1;
                    return Some(Token::Regex(regex));
                }
                _ => regex.push(c),
            }
        }
        None
    }

    fn ends_regex(&self, after: &str) -> bool {
        let closing = leading(after, |c| c == ')');
        closing <= self.depth && after.get(closing..).is_none_or(|left| left.is_empty() || left.starts_with(char::is_whitespace))
    }

    /// Reads up to a space or to a parenthesis that closes none opened inside the word.
    fn word(&mut self) -> String {
        let mut open = 0usize;
        let len = leading(self.rest(), |c| {
            match c {
                '(' => open += 1,
                ')' if open == 0 => return false,
                ')' => open -= 1,
                _ => {}
            }
            !c.is_whitespace()
        });
        let (word, _) = self.rest().split_at(len);
        self.at += len;
        word.to_owned()
    }
}

/// Gives the length in bytes of the start of a text whose characters are all accepted.
fn leading(text: &str, mut accept: impl FnMut(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}
