//! Looser forms of a query that found nothing.

use super::ast::{Leaf, Query};
use super::field::FieldKind;
use super::value::Value;

/// The fewest characters of a word that is loosened to its start.
const PREFIX_CHARS: usize = 3;
/// From how many characters a word with a digit is taken for an id or a hash.
const ID_CHARS: usize = 8;

/// Gives looser forms of a query, the least loose first: any of its plain words instead of all, then words that start so.
///
/// Fields, regular expressions, quoted phrases, compound names, exact ids and negations stay as they are; `None` where nothing can be loosened.
#[must_use]
pub fn relax(query: &Query) -> Option<Vec<Query>> {
    let parts = match query {
        Query::And(parts) => parts.as_slice(),
        Query::Or(parts) => return relax_alternatives(parts),
        other => std::slice::from_ref(other),
    };
    let (plain, kept): (Vec<&Query>, Vec<&Query>) = parts.iter().partition(|part| matches!(part, Query::Leaf(Leaf::Word(word)) if !is_exact(word)));
    let with = |loosened: Vec<Query>| Query::and(kept.iter().map(|part| (*part).clone()).chain([Query::or(loosened)]).collect());
    let mut forms = Vec::new();
    if plain.len() > 1 {
        forms.push(with(plain.iter().map(|part| (*part).clone()).collect()));
    }
    let starts: Vec<Query> = plain.iter().map(|part| as_prefix(part)).collect();
    if starts.iter().zip(&plain).any(|(start, word)| start != *word) {
        forms.push(with(starts));
    }
    (!forms.is_empty()).then_some(forms)
}

/// Loosens each alternative on its own, by equal steps.
fn relax_alternatives(parts: &[Query]) -> Option<Vec<Query>> {
    let loosened: Vec<Vec<Query>> = parts.iter().map(|part| relax(part).unwrap_or_default()).collect();
    let steps = loosened.iter().map(Vec::len).max().filter(|steps| *steps > 0)?;
    let form = |step: usize| Query::or(parts.iter().zip(&loosened).map(|(part, forms)| forms.get(step).or(forms.last()).unwrap_or(part).clone()).collect());
    Some((0..steps).map(form).collect())
}

fn is_exact(word: &str) -> bool {
    word.len() >= ID_CHARS && word.contains(|c: char| c.is_ascii_digit())
}

fn as_prefix(query: &Query) -> Query {
    match query {
        Query::Leaf(Leaf::Word(word)) if word.chars().count() >= PREFIX_CHARS => Query::Leaf(Leaf::Prefix(vec![word.clone()])),
        other => other.clone(),
    }
}

/// Gives the form of a query in which a value of a field need only begin as it was written; `None` where that changes nothing.
///
/// Values out of a fixed list and negations stay as they are.
#[must_use]
pub fn begun(query: &Query) -> Option<Query> {
    let all = |parts: &[Query]| parts.iter().map(|part| begun(part).unwrap_or_else(|| part.clone())).collect::<Vec<_>>();
    match query {
        Query::And(parts) => Some(Query::And(all(parts))),
        Query::Or(parts) => Some(Query::Or(all(parts))),
        Query::Leaf(Leaf::Field { field, value: Value::Text(text) }) if field.kind() == FieldKind::Keyword && field.values().is_empty() => {
            Some(Query::Leaf(Leaf::Field { field: *field, value: Value::Prefix(text.clone()) }))
        }
        Query::All | Query::Not(_) | Query::Leaf(_) => None,
    }
    .filter(|form| form != query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    #[test]
    fn values_that_are_only_begun() {
        let begun = |query: &str| begun(&parse(query).unwrap()).map(|form| form.to_string());
        assert_eq!(begun("rm session:5b1c6d2e").as_deref(), Some("rm session:5b1c6d2e*"));
        assert_eq!(begun("model:opus OR kind:error").as_deref(), Some("model:opus* OR kind:error"));
        for same in ["", "rm", "-model:opus", "kind:error", "session:5b*", "steps:>3"] {
            assert_eq!(begun(same), None, "{same}");
        }
    }

    fn check(query: &str, expect: &[&str]) {
        let forms = relax(&parse(query).unwrap()).unwrap_or_default();
        assert_eq!(forms.iter().map(ToString::to_string).collect::<Vec<_>>(), expect, "{query}");
    }

    #[test]
    fn plain_words_alone_are_loosened() {
        check("deploy prod", &["deploy OR prod", "deploy* OR prod*"]);
        check("deploy", &["deploy*"]);
        check(
            "deploy prod tool:bash -test \"in order\"",
            &["tool:bash -test \"in order\" (deploy OR prod)", "tool:bash -test \"in order\" (deploy* OR prod*)"],
        );
        check("a bc", &["a OR bc"]);
        check("a b OR deploy", &["a OR b OR deploy*"]);
    }

    #[test]
    fn what_is_exact_stays() {
        for query in ["", "\"one two\"", "\"one\"", "-deploy", "/x/", "tool:bash", "pre*", "foo_bar", "5b1c6d2e", "0123456789abcdef0123456789abcdef"] {
            check(query, &[]);
        }
    }
}
