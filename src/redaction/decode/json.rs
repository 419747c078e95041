//! JSON inside a text: each of its strings by itself, with the name it stands under.

use super::Decoded;
use super::escape::unescape;

/// A string of a JSON text.
pub struct Leaf {
    /// The nearest name above it.
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
    let mut key = None;
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', bytes.get(at..)?).map(|found| at + found) {
        let close = closing(bytes, open + 1)?;
        let inner = text.get(open + 1..close)?;
        let after = bytes.get(close + 1..)?.iter().position(|b| !b.is_ascii_whitespace()).and_then(|i| bytes.get(close + 1 + i));
        let mut decoded = Decoded::default();
        unescape(inner, open + 1, &mut decoded);
        if after == Some(&b':') {
            key = Some(decoded.text);
        } else {
            leaves.push(Leaf { key: key.clone(), decoded });
        }
        at = close + 1;
    }
    Some(leaves)
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
        assert!(leaves("{\"a\": \"open}").is_none() && leaves("plain").is_none());
    }
}
