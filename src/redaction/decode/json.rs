//! JSON inside a text: each of its strings by itself, with the name it stands under.

use super::Decoded;
use super::escape::unescape;
use std::borrow::Cow;
use std::rc::Rc;

/// A longer name above a value is a text, no name; written before each value under it, it would fill the memory.
const NAME_BYTES: usize = 256;

/// A longer run of letters and digits between strings is no word of JSON, and a longer one of digits no number.
const BETWEEN: usize = 6;
const NUMBER: usize = 40;

/// A string of a JSON text.
pub struct Leaf {
    /// The nearest name above it; where that says nothing, with the next one before it.
    pub key: Option<Rc<str>>,
    /// The string as JSON decodes it.
    pub decoded: Decoded,
}

/// The name in force, and those of the open brackets; brackets in a row under one name are one entry.
#[derive(Default)]
struct Names {
    key: Option<Rc<str>>,
    above: Vec<(Option<Rc<str>>, usize)>,
}

impl Names {
    /// Takes in a bracket that opens.
    fn open(&mut self) {
        match self.above.last_mut() {
            Some((name, brackets)) if *name == self.key => *brackets += 1,
            _ => self.above.push((self.key.clone(), 1)),
        }
    }

    /// Takes in a bracket that closes: what was in force before it opened is so again.
    fn close(&mut self) {
        let Some((name, brackets)) = self.above.last_mut() else {
            self.key = None;
            return;
        };
        self.key.clone_from(name);
        *brackets -= 1;
        if *brackets == 0 {
            self.above.pop();
        }
    }

    /// Gives the name of a value that stands here.
    fn told(&self) -> Option<Rc<str>> {
        let key = self.key.as_ref()?;
        if !says_nothing(key) {
            return Some(Rc::clone(key));
        }
        // Neighbours differ, so that this looks at three names at most.
        let above = self.above.iter().rev().filter_map(|(name, _)| name.as_deref()).find(|name| **name != **key);
        above.filter(|name| name.len() <= NAME_BYTES).map_or_else(|| Some(Rc::clone(key)), |above| Some(Rc::from(telling_name(key, Some(above)))))
    }
}

/// The strings of a text that is JSON by its looks.
pub struct Leaves {
    /// The strings.
    pub strings: Vec<Leaf>,
    /// Whether nothing stands between them that could be a value of its own, as between two records.
    pub whole: bool,
}

/// Takes the strings out of a text that is JSON by its looks: brackets at both ends, every quote closed.
pub fn leaves(text: &str) -> Option<Leaves> {
    let (first, last) = (text.trim_start().bytes().next()?, text.trim_end().bytes().next_back()?);
    if !matches!((first, last), (b'{', b'}') | (b'[', b']')) || memchr::memchr(b'"', text.as_bytes()).is_none() {
        return None;
    }
    let bytes = text.as_bytes();
    let mut leaves = Vec::new();
    let mut names = Names::default();
    let (mut at, mut whole) = (0, true);
    while let Some(open) = memchr::memchr(b'"', bytes.get(at..)?).map(|found| at + found) {
        whole &= !may_hold_a_value(bytes.get(at..open)?);
        for sign in bytes.get(at..open)? {
            match sign {
                b'{' | b'[' => names.open(),
                b'}' | b']' => names.close(),
                _ => {}
            }
        }
        let close = closing(bytes, open + 1)?;
        let inner = text.get(open + 1..close)?;
        let after = bytes.get(close + 1..)?.iter().position(|b| !b.is_ascii_whitespace()).and_then(|i| bytes.get(close + 1 + i));
        let mut decoded = Decoded::default();
        unescape(inner, open + 1, &mut decoded);
        if after == Some(&b':') {
            names.key = Some(Rc::from(decoded.text));
        } else {
            leaves.push(Leaf { key: names.told(), decoded });
        }
        at = close + 1;
    }
    whole &= !may_hold_a_value(bytes.get(at..)?);
    Some(Leaves { strings: leaves, whole })
}

/// Tells whether a text between strings has more in it than JSON has there: numbers, `true`, `false` and `null`.
fn may_hold_a_value(between: &[u8]) -> bool {
    let run = |run: &[u8]| {
        run.contains(&b'%') || run.len() >= BETWEEN && run.iter().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E')) || run.len() > NUMBER
    };
    between.split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-' | b'%' | b'.'))).any(run)
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
    match above.filter(|_| says_nothing(key)) {
        Some(above) => Cow::Owned(format!("{above}.{key}")),
        None => Cow::Borrowed(key),
    }
}

fn says_nothing(key: &str) -> bool {
    WRAPPING.iter().any(|word| word.eq_ignore_ascii_case(key))
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
        let found: Vec<_> = leaves(text).unwrap().strings.into_iter().map(|leaf| (leaf.key.unwrap().to_string(), leaf.decoded.text)).collect();
        assert_eq!(found, [("a".into(), "x\"y".into()), ("list".into(), "one".into()), ("b".to_owned(), "two".to_owned())]);
        let wrapped = leaves(r#"{"password": {"value": "one"}, "x": [{"out": "two"}], "text": "three"}"#).unwrap();
        assert_eq!(wrapped.strings.into_iter().filter_map(|leaf| leaf.key.map(|key| key.to_string())).collect::<Vec<_>>(), ["password.value", "x.out", "text"]);
        let whole = |text: &str| leaves(text).unwrap().whole;
        assert!(whole(text) && whole(r#"[{"a":"b","n":-1.25e10,"t":true}, {"c":null}]"#) && !whole("{\"a\":\"b\"}\nY0dGemN5QmhZV0V3\n{\"c\":\"d\"}"));
        assert!(leaves("{\"a\": \"open}").is_none() && leaves("plain").is_none());
    }

    #[test]
    fn brackets_under_one_name_cost_one_name() {
        let mut names = Names { key: Some(Rc::from("k".repeat(10_000))), above: Vec::new() };
        for _ in 0..20_000 {
            names.open();
        }
        // A name that is written again is the same name.
        names.key = Some(Rc::from("k".repeat(10_000)));
        names.open();
        names.close();
        assert_eq!(names.above.len(), 1);
        for (name, above) in [("value", 2), ("text", 3), ("value", 4)] {
            names.key = Some(Rc::from(name));
            names.open();
            assert_eq!(names.above.len(), above);
        }
        assert_eq!(names.told().as_deref(), Some("text.value"));
        (0..3).for_each(|_| names.close());
        assert_eq!((names.above.len(), names.key.as_deref()), (1, Some("value")));
        (0..20_000).for_each(|_| names.close());
        assert!(names.above.is_empty() && names.key.is_some());
        names.close();
        assert!(names.key.is_none());
    }

    #[test]
    fn values_under_one_name_share_it() {
        let long = "k".repeat(10_000);
        let found = leaves(&format!(r#"{{"{long}": [[["one"], ["two"]], {{"value": "three"}}]}}"#)).unwrap();
        let keys: Vec<Rc<str>> = found.strings.into_iter().filter_map(|leaf| leaf.key).collect();
        assert!(*keys[0] == *long && Rc::ptr_eq(&keys[0], &keys[1]));
        assert_eq!(&*keys[2], "value");
        let same = leaves(r#"{"secret": {"value": {"value": {"value": "one"}}}}"#).unwrap();
        assert_eq!(same.strings[0].key.as_deref(), Some("secret.value"));
    }
}
