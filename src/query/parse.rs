//! Parses the filter language: words side by side are ANDed and bind tighter than `OR`; `-` binds tightest.

use super::ast::{Leaf, Query, quote};
use super::error::QueryError;
use super::field::{Field, FieldKind};
use super::lexer::{Lexer, Placed, RawValue, Token};
use super::value::{Value, read_ordered, read_range};
use crate::text::tokens::words;
use regex::{Regex, RegexBuilder};

/// The deepest nesting of parentheses.
const DEPTH: usize = 64;

/// Parses a query; names the column of what is wrong, and suggests what was meant where that is near.
pub fn parse(query: &str) -> Result<Query, QueryError> {
    let mut parser = Parser { query, tokens: Lexer::read(query)?, at: 0 };
    if parser.tokens.is_empty() {
        return Ok(Query::All);
    }
    parser.alternatives(0)
}

/// A word that looks like an option of a command and so leaves steps out: `-rf` in `rm -rf`.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The word without its sign.
    pub word: String,
    /// It and what stands before it, quoted: what looks for both as they stand.
    pub quoted: String,
}

impl LeftOut {
    /// Says what the query does, and what was perhaps meant.
    #[must_use]
    pub fn said(&self) -> String {
        format!("-{} leaves out what holds {}; {} in quotes looks for both as they stand", self.word, self.word, self.quoted)
    }
}

/// Finds the first word that a query leaves out and that stands right behind a word it looks for, as the option of a command does.
#[must_use]
pub fn left_out(query: &str) -> Option<LeftOut> {
    let tokens = Lexer::read(query).ok()?;
    tokens.windows(3).find_map(|three| match three {
        [(Token::Word(_), (start, _)), (Token::Not, _), (Token::Word(word), (_, end))] => {
            Some(LeftOut { word: word.clone(), quoted: format!("\"{}\"", query.get(*start..*end)?) })
        }
        _ => None,
    })
}

/// Compiles a regular expression of the filter language: case counts, `^` and `$` match at lines, its size is limited; fails where the expression is wrong or too large.
pub fn compile_regex(regex: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(regex).multi_line(true).size_limit(1 << 22).dfa_size_limit(1 << 22).build()
}

struct Parser<'a> {
    query: &'a str,
    tokens: Vec<Placed>,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// Gives the place of the next token, or the end of the query.
    fn place(&self) -> (usize, usize) {
        self.tokens.get(self.at).map_or((self.query.len(), self.query.len()), |(_, place)| *place)
    }

    fn error(&self, message: impl Into<String>) -> QueryError {
        QueryError::new(self.query, self.place(), message)
    }

    fn alternatives(&mut self, depth: usize) -> Result<Query, QueryError> {
        let mut parts = vec![self.sequence(depth)?];
        while self.peek() == Some(&Token::Or) {
            self.at += 1;
            parts.push(self.sequence(depth)?);
        }
        Ok(Query::or(parts))
    }

    fn sequence(&mut self, depth: usize) -> Result<Query, QueryError> {
        let mut parts = Vec::new();
        while !matches!(self.peek(), None | Some(Token::Or | Token::Close)) {
            parts.push(self.factor(depth)?);
        }
        if parts.is_empty() {
            return Err(match self.peek() {
                Some(Token::Or) => self.error("OR needs something before it; quote it to search for the word"),
                Some(Token::Close) => self.error("nothing stands before this )"),
                _ => self.error("something is missing here"),
            });
        }
        Ok(Query::and(parts))
    }

    fn factor(&mut self, depth: usize) -> Result<Query, QueryError> {
        let place = self.place();
        let Some((token, _)) = self.tokens.get(self.at).cloned() else { return Err(self.error("something is missing here")) };
        self.at += 1;
        match token {
            Token::Not => self.factor(depth).map(Query::negate),
            Token::Open if depth == DEPTH => Err(QueryError::new(self.query, place, "parentheses are nested too deeply")),
            Token::Open => {
                let inner = self.alternatives(depth + 1)?;
                if self.peek() != Some(&Token::Close) {
                    return Err(QueryError::new(self.query, place, "this ( is never closed"));
                }
                self.at += 1;
                Ok(inner)
            }
            Token::Quoted(text) => self.text(&text, place, true),
            Token::Word(text) => self.text(&text, place, false),
            Token::Regex(regex) => match compile_regex(&regex) {
                Ok(_) => Ok(Query::Leaf(Leaf::Regex(regex))),
                Err(error) => Err(QueryError::new(self.query, place, regex_message(&error))),
            },
            Token::Field(field, raw) => self.field(field, &raw),
            Token::Or | Token::Close => Err(self.error("something is missing here")),
        }
    }

    /// Makes a word, a phrase or a prefix of a text; text without letters and digits is looked for as it stands.
    fn text(&self, text: &str, place: (usize, usize), quoted: bool) -> Result<Query, QueryError> {
        if text.trim().is_empty() {
            return Err(QueryError::new(self.query, place, "these quotes hold nothing"));
        }
        let mut tokens = words(text);
        let starts = text.strip_suffix('*').is_some_and(|stem| !quoted && stem.ends_with(char::is_alphanumeric));
        Ok(Query::Leaf(match tokens.len() {
            0 => Leaf::Regex(regex::escape(text)),
            _ if starts => Leaf::Prefix(tokens),
            1 if !quoted => Leaf::Word(tokens.pop().unwrap_or_default()),
            _ => Leaf::Phrase { tokens, quoted },
        }))
    }

    fn field(&self, field: Field, raw: &RawValue) -> Result<Query, QueryError> {
        let wrong = |message: String| QueryError::new(self.query, raw.place, message);
        if raw.text.is_empty() && !raw.prefix {
            let hint = if field.values().is_empty() { field.doc().to_owned() } else { format!("one of {}", field.values().join(", ")) };
            return Err(wrong(format!("{}: needs a value without a space: {hint}", field.name())));
        }
        if let Some(found) = field.is_ordered().then(|| read_ordered(field.values(), &raw.text)).flatten() {
            let found = found.map_err(|error| wrong(error.message))?;
            return Ok(Query::or(found.into_iter().map(|value| Query::Leaf(Leaf::Field { field, value: Value::Text(value.to_owned()) })).collect()));
        }
        let value = if field.kind() == FieldKind::Keyword {
            keyword(field, raw).map_err(|suggestion| {
                wrong(format!("`{}` is no value of {}: it is one of {}", raw.text, field.name(), field.values().join(", "))).suggest(suggestion)
            })?
        } else {
            let text = if raw.prefix { format!("{}*", raw.text) } else { raw.text.clone() };
            read_range(field, &text).map_err(|error| {
                let operator: String = raw.text.chars().take_while(|c| matches!(c, '<' | '>' | '=')).collect();
                let corrected = error.suggestion.map(|value| format!("{}:{operator}{}", field.name(), quote(&value)));
                wrong(error.message).suggest(corrected)
            })?
        };
        Ok(Query::Leaf(Leaf::Field { field, value }))
    }
}

/// Reads the value of a keyword field; the error is what was probably meant.
fn keyword(field: Field, raw: &RawValue) -> Result<Value, Option<String>> {
    let known = field.values();
    let text = if known.is_empty() { raw.text.clone() } else { raw.text.to_lowercase() };
    if raw.prefix {
        let fits = known.is_empty() || known.iter().any(|value| value.starts_with(&text));
        return if fits { Ok(Value::Prefix(text)) } else { Err(nearest(known, &text)) };
    }
    if known.is_empty() || known.contains(&text.as_str()) { Ok(Value::Text(text)) } else { Err(nearest(known, &text)) }
        .map_err(|meant| meant.map(|value| format!("{}:{value}", field.name())))
}

/// Finds the value that a mistyped one begins or that lies within a third of its length.
fn nearest(known: &[&'static str], text: &str) -> Option<String> {
    let distance = |value: &str| if !text.is_empty() && value.starts_with(text) { 0 } else { strsim::osa_distance(value, text) };
    let (edits, value) = known.iter().map(|value| (distance(value), *value)).min()?;
    (edits <= (value.len() / 3).max(1)).then(|| value.to_owned())
}

fn regex_message(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "this regular expression is too large".to_owned(),
        // The library draws the expression over several lines; its last line says what is wrong.
        other => other.to_string().lines().last().unwrap_or_default().replace("error: ", "this is no regular expression: "),
    }
}
