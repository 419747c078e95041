//! Looser forms of a query that found nothing.

use super::ast::{Leaf, Query};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

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
