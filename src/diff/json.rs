//! JSON: the leaves of two values beside each other, each with its path.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::fmt;

/// Values nested deeper than this are leaves as they are written.
const DEEPEST: usize = 16;
/// A value of more leaves than this is compared as a text.
const MOST: usize = 2_000;

/// A leaf: what stands at a path on each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The path, such as `edits[0].text`; empty for a value that is a leaf itself.
    pub path: String,
    /// The value at the left: a string's text, else the JSON; `None` where there is nothing.
    pub left: Option<String>,
    /// The value at the right.
    pub right: Option<String>,
}

/// Puts the leaves of two JSON texts beside each other, in the order of the left one; numbers keep their digits. What is no JSON is one leaf.
#[must_use]
pub fn leaves(left: &str, right: &str) -> Vec<Leaf> {
    let (a, b) = (flat(left), flat(right));
    let mut places: FxHashMap<&str, VecDeque<usize>> = FxHashMap::default();
    b.iter().enumerate().for_each(|(at, (path, _))| places.entry(path).or_default().push_back(at));
    let mut beside = vec![false; b.len()];
    let mut leaves = Vec::with_capacity(a.len().max(b.len()));
    for (path, value) in &a {
        let other = places.get_mut(path.as_str()).and_then(VecDeque::pop_front);
        if let Some(used) = other.and_then(|at| beside.get_mut(at)) {
            *used = true;
        }
        leaves.push(leaf(path, Some(value), other.and_then(|at| b.get(at)).map(|(_, value)| value)));
    }
    leaves.extend(b.iter().zip(beside).filter(|(_, used)| !used).map(|((path, value), _)| leaf(path, None, Some(value))));
    leaves
}

/// Gives the leaves of a text; where there are too many of them, the text is one.
fn flat(text: &str) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    let whole = || vec![(String::new(), text.to_owned())];
    match serde_json::from_str::<&RawValue>(text) {
        _ if text.is_empty() => leaves,
        Err(_) => whole(),
        Ok(raw) => {
            flatten(raw, "", 0, &mut leaves);
            if leaves.len() > MOST { whole() } else { leaves }
        }
    }
}

fn leaf(path: &str, left: Option<&String>, right: Option<&String>) -> Leaf {
    Leaf { path: path.to_owned(), left: left.cloned(), right: right.cloned() }
}

fn flatten(raw: &RawValue, path: &str, depth: usize, to: &mut Vec<(String, String)>) {
    let text = raw.get();
    if depth < DEEPEST && text.starts_with('{') {
        if let Ok(Fields(fields)) = serde_json::from_str(text)
            && !fields.is_empty()
        {
            for (key, value) in fields {
                flatten(value, &if path.is_empty() { key } else { format!("{path}.{key}") }, depth + 1, to);
            }
            return;
        }
    } else if depth < DEEPEST
        && text.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text)
        && !items.is_empty()
    {
        for (at, item) in items.into_iter().enumerate() {
            flatten(item, &format!("{path}[{at}]"), depth + 1, to);
        }
        return;
    }
    let value = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
    to.push((path.to_owned(), value));
}

/// The fields of an object as they were written: in order, and as often as they stand there.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(leaves: &[Leaf]) -> Vec<(&str, &str, &str)> {
        leaves.iter().map(|leaf| (leaf.path.as_str(), leaf.left.as_deref().unwrap_or("-"), leaf.right.as_deref().unwrap_or("-"))).collect()
    }

    #[test]
    fn leaves_stand_beside_each_other_by_path() {
        let found = leaves(r#"{"b":1.50,"a":{"x":"one two"},"l":[true,{}]}"#, r#"{"a":{"x":"one three","y":null},"b":1.50,"l":[true]}"#);
        let expected = [("b", "1.50", "1.50"), ("a.x", "one two", "one three"), ("l[0]", "true", "true"), ("l[1]", "{}", "-"), ("a.y", "-", "null")];
        assert_eq!(brief(&found), expected);
    }

    #[test]
    fn what_is_no_json_is_compared_as_it_stands() {
        assert_eq!(brief(&leaves("{\"a\":", "{\"a\":1}")), [("", "{\"a\":", "-"), ("a", "-", "1")]);
        assert_eq!(brief(&leaves("", "")), []);
        let deep = format!("{}1{}", "[".repeat(400), "]".repeat(400));
        assert!(!leaves(&deep, "2").is_empty());
    }

    #[test]
    fn large_numbers_and_doubled_keys_stay_as_they_were() {
        let found = leaves(r#"{"n":9007199254740993,"n":1}"#, r#"{"n":9007199254740993}"#);
        assert_eq!(brief(&found), [("n", "9007199254740993", "9007199254740993"), ("n", "1", "-")]);
    }
}
