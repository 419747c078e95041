//! The prefix of two continuations: verbatim the same, or where it first differs.

/// Characters that are shown of each side around a difference.
const SHOWN: usize = 48;
/// Characters that are shown before it.
const BEFORE: usize = 16;

/// Where two messages first differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The part, such as `text`.
    pub part: String,
    /// Byte of the part from which on it differs.
    pub at: usize,
    /// What stands around there at the left; empty where there is nothing.
    pub left: String,
    /// What stands around there at the right.
    pub right: String,
}

/// Finds where two messages first differ, each given as its named parts in order; `None` if they are the same.
#[must_use]
pub fn first_difference(left: &[(String, String)], right: &[(String, String)]) -> Option<Difference> {
    let none = (String::new(), String::new());
    let count = left.len().max(right.len());
    let both = (0..count).map(|at| (left.get(at).unwrap_or(&none), right.get(at).unwrap_or(&none)));
    let (a, b) = both.into_iter().find(|(a, b)| a != b)?;
    if a.0 != b.0 {
        // One has a part that the other has not.
        let name = if a.0.is_empty() || (!b.0.is_empty() && b.0 < a.0) { &b.0 } else { &a.0 };
        return Some(Difference { part: name.clone(), at: 0, left: around(&a.1, 0), right: around(&b.1, 0) });
    }
    let at = a.1.char_indices().zip(b.1.char_indices()).find(|(x, y)| x != y).map_or(a.1.len().min(b.1.len()), |((at, _), _)| at);
    Some(Difference { part: a.0.clone(), at, left: around(&a.1, at), right: around(&b.1, at) })
}

fn around(text: &str, at: usize) -> String {
    let from = text.get(..at).map_or(0, |before| before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at));
    let rest = text.get(from..).unwrap_or_default();
    let end = rest.char_indices().nth(SHOWN).map_or(rest.len(), |(at, _)| at);
    let cut = |cut: bool| if cut { "…" } else { "" };
    format!("{}{}{}", cut(from > 0), rest.get(..end).unwrap_or_default(), cut(end < rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, call: Option<&str>) -> Vec<(String, String)> {
        let part = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        [part("text", text)].into_iter().chain(call.map(|call| part("call of bash", call))).collect()
    }

    #[test]
    fn the_first_byte_that_differs_is_named() {
        let difference = first_difference(&said("ran 12 tests in 1.20s", None), &said("ran 12 tests in 1.35s", None)).unwrap();
        assert_eq!((difference.part.as_str(), difference.at), ("text", 18));
        assert_eq!((difference.left.as_str(), difference.right.as_str()), ("…n 12 tests in 1.20s", "…n 12 tests in 1.35s"));
        assert_eq!(first_difference(&said("é", None), &said("é", None)), None);
    }

    #[test]
    fn a_part_that_only_one_has_is_a_difference() {
        let difference = first_difference(&said("go", Some("{}")), &said("go", None)).unwrap();
        assert_eq!((difference.part.as_str(), difference.left.as_str(), difference.right.as_str()), ("call of bash", "{}", ""));
    }

    #[test]
    fn a_text_that_goes_on_differs_at_its_end() {
        let difference = first_difference(&said("one", None), &said("one two", None)).unwrap();
        assert_eq!((difference.at, difference.right.as_str()), (3, "one two"));
    }
}
