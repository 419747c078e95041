//! What may be written at the cursor: names of fields and values of closed fields.

use super::field::Field;
use std::ops::Range;

/// One proposal at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the query that it replaces.
    pub replace: Range<usize>,
    /// What it puts there.
    pub text: String,
    /// What it means, in a few words.
    pub doc: &'static str,
}

/// Gives the field whose value is being written at the cursor (a byte offset), and the place of what stands there of it.
#[must_use]
pub fn value_at(query: &str, cursor: usize) -> Option<(Field, Range<usize>)> {
    let word = word_before(query, cursor);
    let (name, _) = query.get(word.clone())?.split_once(':')?;
    Some((Field::find(name)?, word.start + name.len() + 1..word.end))
}

/// Proposes what may stand at the cursor, a byte offset; values of open fields are known to the workspace alone.
#[must_use]
pub fn complete(query: &str, cursor: usize) -> Vec<Completion> {
    if let Some((field, place)) = value_at(query, cursor) {
        let begun = query.get(place.clone()).unwrap_or_default();
        let fits = field.values().iter().filter(|value| value.starts_with(begun));
        return fits.map(|value| Completion { replace: place.clone(), text: (*value).to_owned(), doc: state_doc(field, value) }).collect();
    }
    let place = word_before(query, cursor);
    let begun = query.get(place.clone()).unwrap_or_default();
    let fits = Field::ALL.iter().filter(|field| field.name().starts_with(begun));
    fits.map(|field| Completion { replace: place.clone(), text: format!("{}:", field.name()), doc: field.doc() }).collect()
}

/// Says what a value means: of `is:` each is a thing of its own.
fn state_doc(field: Field, value: &str) -> &'static str {
    let state = (field == Field::Is).then(|| STATES.iter().find(|(name, _)| *name == value)).flatten();
    state.map_or(field.doc(), |(_, doc)| doc)
}

/// What the states of `is:` mean.
const STATES: &[(&str, &str)] = &[
    ("denied", "a call that was refused"),
    ("retried", "a call that was tried again later"),
    ("retry", "a call that tries an earlier one again"),
    ("possible", "a rule found something possible, not certain"),
    ("unlabelled", "nobody judged it yet"),
    ("flagged", "marked for a second look"),
    ("disputed", "reviewers differ about it"),
    ("stale", "it changed after it was judged"),
    ("gold", "the right answer is known"),
];

/// Finds the word that ends at the cursor, without a leading `-` or `(`.
fn word_before(query: &str, cursor: usize) -> Range<usize> {
    let end = (0..=cursor.min(query.len())).rev().find(|at| query.is_char_boundary(*at)).unwrap_or(0);
    let before = query.get(..end).unwrap_or_default();
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let word = before.get(start..).unwrap_or_default();
    start + (word.len() - word.trim_start_matches(['(', '-']).len())..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(query: &str, expect: &[&str]) {
        let texts: Vec<String> = complete(query, query.len()).into_iter().map(|c| format!("{}{}", &query[..c.replace.start], c.text)).collect();
        assert_eq!(texts, expect, "{query}");
    }

    #[test]
    fn names_then_values() {
        check("push ti", &[]);
        check("push -(to", &["push -(tool:", "push -(tokens:"]);
        check("-audit:", &["-audit:none", "-audit:open", "-audit:clean"]);
        check("is:d", &["is:denied", "is:disputed"]);
        check("tool:ba", &[]);
        assert_eq!(value_at("x tool:ba", 9), Some((Field::Tool, 7..9)));
        assert_eq!(complete("", 0).len(), Field::ALL.len());
    }

    #[test]
    fn every_state_has_a_meaning_of_its_own() {
        let docs: std::collections::BTreeSet<&str> = complete("is:", 3).into_iter().map(|c| c.doc).collect();
        assert_eq!(docs.len(), Field::Is.values().len());
    }

    proptest! {
        #[test]
        fn any_cursor_is_fine(query in any::<String>(), cursor in 0usize..40) {
            for completion in complete(&query, cursor) {
                prop_assert!(query.get(completion.replace).is_some());
            }
        }
    }
}
