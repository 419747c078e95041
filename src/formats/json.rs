//! A JSON reader that keeps the place of every value and takes what real logs hold.
//!
//! It accepts what a strict reader refuses but people must be able to see: lone surrogates (shown as U+FFFD), raw control
//! characters in strings, `NaN` and `Infinity`, numbers of any size (kept as text), repeated keys, and nesting deeper than
//! `MAX_DEPTH` (kept raw). Nothing is normalised: `Node::raw` is the exact text of any value.

use std::borrow::Cow;

/// Nesting beyond this depth is kept as raw text.
pub const MAX_DEPTH: usize = 128;

/// A value and its exact text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// The value's text in the input, byte for byte.
    pub raw: &'a str,
    /// The value.
    pub value: Value<'a>,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string, decoded.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object, keys in order, repeated keys kept.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    /// An array or object nested too deep to be taken apart.
    Deep,
}

/// Why a text is not JSON, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotJson {
    /// Offset of the first byte that does not fit.
    pub at: usize,
    /// Whether the text ended where more was needed.
    pub truncated: bool,
}

/// Reads one JSON value that takes up the whole text.
pub fn parse(text: &str) -> Result<Node<'_>, NotJson> {
    parse_noting(text).map(|(node, _)| node)
}

/// Reads one JSON value that takes up the whole text, and gives the first key that stands twice in one object.
pub fn parse_noting(text: &str) -> Result<(Node<'_>, Option<Cow<'_, str>>), NotJson> {
    let mut parser = Parser { text, at: 0, repeated: None };
    parser.space();
    let node = parser.value(0)?;
    match text.as_bytes()[parser.at..].iter().position(|b| !b.is_ascii_whitespace()) {
        Some(rest) => Err(NotJson { at: parser.at + rest, truncated: false }),
        None => Ok((node, parser.repeated)),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    repeated: Option<Cow<'a, str>>,
}

/// Finds a key that stands twice: objects of sessions are small, so that comparing costs less than hashing; large ones are sorted.
fn repeated<'a>(fields: &[(Cow<'a, str>, Node<'a>)]) -> Option<Cow<'a, str>> {
    if fields.len() <= 24 {
        return fields.iter().enumerate().find(|(i, (key, _))| fields[..*i].iter().any(|(other, _)| other == key)).map(|(_, (key, _))| key.clone());
    }
    let mut keys: Vec<&Cow<'a, str>> = fields.iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn wrong<T>(&self) -> Result<T, NotJson> {
        Err(NotJson { at: self.at, truncated: self.at >= self.text.len() })
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        self.wrong()
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, NotJson> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => self.skip_deep()?,
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'N') => self.word("NaN", Value::Number("NaN"))?,
            Some(b'I') => self.word("Infinity", Value::Number("Infinity"))?,
            _ => return self.wrong(),
        };
        Ok(Node { raw: self.text.get(start..self.at).unwrap_or_default(), value })
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, NotJson> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        let fits = rest.iter().zip(word.bytes()).take_while(|(a, b)| **a == *b).count();
        self.at += fits;
        self.wrong()
    }

    fn number(&mut self) -> Result<Value<'a>, NotJson> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
            if self.peek() == Some(b'I') {
                self.word("Infinity", Value::Null)?;
                return Ok(Value::Number("-Infinity"));
            }
        }
        while matches!(self.peek(), Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
            self.at += 1;
        }
        match self.text.get(start..self.at) {
            Some(text) if text.bytes().any(|b| b.is_ascii_digit()) => Ok(Value::Number(text)),
            _ => self.wrong(),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, NotJson> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return self.wrong(),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, NotJson> {
        self.at += 1;
        let mut fields = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(fields));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return self.wrong();
            }
            let key = self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
            fields.push((key, self.value(depth + 1)?));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    self.repeated = self.repeated.take().or_else(|| repeated(&fields));
                    return Ok(Value::Object(fields));
                }
                _ => return self.wrong(),
            }
        }
    }

    /// Passes over a container without taking it apart, in constant stack.
    fn skip_deep(&mut self) -> Result<Value<'a>, NotJson> {
        let bytes = self.text.as_bytes();
        let mut open = 0usize;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    loop {
                        let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[self.at..]) else {
                            self.at = bytes.len();
                            return self.wrong();
                        };
                        self.at += found + 1;
                        if bytes[self.at - 1] == b'"' {
                            break;
                        }
                        self.at = (self.at + 1).min(bytes.len());
                    }
                    continue;
                }
                Some(b'{' | b'[') => open += 1,
                Some(b'}' | b']') => open -= 1,
                Some(_) => {}
                None => return self.wrong(),
            }
            self.at += 1;
            if open == 0 {
                return Ok(Value::Deep);
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, NotJson> {
        self.at += 1;
        let start = self.at;
        let bytes = self.text.as_bytes();
        match memchr::memchr2(b'"', b'\\', &bytes[start..]) {
            None => {
                self.at = bytes.len();
                self.wrong()
            }
            Some(found) if bytes[start + found] == b'"' => {
                self.at = start + found + 1;
                Ok(Cow::Borrowed(self.text.get(start..start + found).unwrap_or_default()))
            }
            Some(found) => {
                self.at = start + found;
                let mut decoded = String::with_capacity(found + 64);
                decoded.push_str(self.text.get(start..self.at).unwrap_or_default());
                self.escaped_string(decoded)
            }
        }
    }

    /// Goes on with a string at its first backslash.
    fn escaped_string(&mut self, mut decoded: String) -> Result<Cow<'a, str>, NotJson> {
        let bytes = self.text.as_bytes();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(decoded));
                }
                Some(b'\\') => {
                    self.at += 1;
                    let c = self.escape()?;
                    decoded.push(c);
                }
                Some(_) => {
                    let run = memchr::memchr2(b'"', b'\\', &bytes[self.at..]).unwrap_or(bytes.len() - self.at);
                    decoded.push_str(self.text.get(self.at..self.at + run).unwrap_or_default());
                    self.at += run;
                }
                None => return self.wrong(),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NotJson> {
        let Some(byte) = self.peek() else { return self.wrong() };
        let simple = match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return self.wrong(),
        };
        self.at += 1;
        Ok(simple)
    }

    fn unicode_escape(&mut self) -> Result<char, NotJson> {
        let unit = self.hex4()?;
        if (0xd800..0xdc00).contains(&unit) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 1;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Reads `uXXXX`, standing on the `u`.
    fn hex4(&mut self) -> Result<u32, NotJson> {
        self.at += 1;
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|b| char::from(b).to_digit(16)) else { return self.wrong() };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
