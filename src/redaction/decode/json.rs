//! JSON inside a text: each of its strings by itself, with the name it stands under.

use super::Decoded;
use super::escape::unescape;
use std::borrow::Cow;

/// A string of a JSON text.
pub struct Leaf {
    /// The nearest name above it; where that says nothing, with the next one before it.
    pub key: Option<String>,
    /// The string as JSON decodes it.
    pub decoded: Decoded,
}

/// Takes the strings out of a text that is JSON by its looks: brackets at both ends, every quote closed.
pub fn leaves(text: &str) -> Option<Vec<Leaf>> {
    let (first, last) = (text.trim_start().bytes().next()?, text.trim_end().bytes().next_back()?);
    if !matches!((first, last), (b'{', b'}') | (b'[', b']')) || memchr::memchr(b'"', text.as_bytes()).is_none() {
        return None;
    }
    let bytes = text.as_bytes();
    let mut leaves = Vec::new();
    let mut key: Option<String> = None;
    let mut above: Vec<Option<String>> = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', bytes.get(at..)?).map(|found| at + found) {
        for sign in bytes.get(at..open)? {
            match sign {
                b'{' | b'[' => above.push(key.clone()),
                b'}' | b']' => key = above.pop().flatten(),
                _ => {}
            }
        }
        let close = closing(bytes, open + 1)?;
        let inner = text.get(open + 1..close)?;
        let after = bytes.get(close + 1..)?.iter().position(|b| !b.is_ascii_whitespace()).and_then(|i| bytes.get(close + 1 + i));
        let mut decoded = Decoded::default();
        unescape(inner, open + 1, &mut decoded);
        if after == Some(&b':') {
            key = Some(decoded.text);
        } else {
            let wrapping = above.iter().rev().flatten().find(|name| Some(*name) != key.as_ref());
            leaves.push(Leaf { key: key.as_deref().map(|key| telling_name(key, wrapping.map(String::as_str)).into_owned()), decoded });
        }
        at = close + 1;
    }
    Some(leaves)
}

/// Names that say nothing of what stands under them (lower case).
const WRAPPING: &[&str] = &[
    "value",
    "val",
    "v",
    "out",
    "output",
    "text",
    "data",
    "content",
    "default",
    "current",
    "string",
    "raw",
    "plain",
    "plaintext",
    "clear",
    "literal",
    "new",
    "old",
];

/// Gives the name of a value: its own, with the one above it in front where its own says nothing.
#[must_use]
pub fn telling_name<'k>(key: &'k str, above: Option<&str>) -> Cow<'k, str> {
    match above.filter(|_| WRAPPING.iter().any(|word| word.eq_ignore_ascii_case(key))) {
        Some(above) => Cow::Owned(format!("{above}.{key}")),
        None => Cow::Borrowed(key),
    }
}

/// Finds the quote that closes a string.
fn closing(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_out_with_their_names() {
        let text = r#"{"a": "x\"y", "list": ["one", {"b": "two"}], "n": 3}"#;
        let found: Vec<_> = leaves(text).unwrap().into_iter().map(|leaf| (leaf.key.unwrap(), leaf.decoded.text)).collect();
        assert_eq!(found, [("a".into(), "x\"y".into()), ("list".into(), "one".into()), ("b".to_owned(), "two".to_owned())]);
        let wrapped = leaves(r#"{"password": {"value": "one"}, "x": [{"out": "two"}], "text": "three"}"#).unwrap();
        assert_eq!(wrapped.into_iter().filter_map(|leaf| leaf.key).collect::<Vec<_>>(), ["password.value", "x.out", "text"]);
        assert!(leaves("{\"a\": \"open}").is_none() && leaves("plain").is_none());
    }
}
