//! Evaluates a query against one step: the meaning of the language, by which the index is checked.

use super::ast::{Leaf, Query};
use super::field::{Field, Level};
use super::parse::compile_regex;
use super::value::Value;
use crate::model::Timestamp;
use crate::text::tokens::words;
use regex::Regex;
use std::borrow::Cow;
use std::cell::OnceCell;

/// A step with the facts of its execution and its trajectory beside its own.
pub trait StepView {
    /// Gives the texts that are searched; a phrase lies within one of them.
    fn texts(&self) -> Vec<Cow<'_, str>>;
    /// Gives the values of a keyword field on this step.
    fn keywords(&self, field: Field) -> Vec<Cow<'_, str>>;
    /// Gives the values of a number or duration field; ms for durations.
    fn numbers(&self, field: Field) -> Vec<f64>;
    /// Gives the instant of the step.
    fn at(&self) -> Option<Timestamp>;
    /// Gives the numbers of what a person judges here: the execution or the step, and the trajectory last.
    fn units(&self) -> [u64; 2] {
        [0, 0]
    }
    /// Gives the values that a trajectory's keyword field has on any step of the trajectory: what its negation looks at.
    fn trajectory_keywords(&self, field: Field) -> Vec<Cow<'_, str>> {
        self.keywords(field)
    }
}

/// A query made ready to be asked of many steps.
#[derive(Debug, Clone)]
pub struct Evaluator {
    query: Query,
    /// The regular expressions of the query, by their text.
    regexes: Vec<(String, Regex)>,
}

impl Evaluator {
    /// Makes a query ready.
    #[must_use]
    pub fn new(query: &Query) -> Self {
        let regexes = query.leaves().into_iter().filter_map(|(leaf, _)| match leaf {
            Leaf::Regex(text) => Some((text.clone(), compile_regex(text).ok()?)),
            _ => None,
        });
        Self { regexes: regexes.collect(), query: query.pushed_down() }
    }

    /// Says whether the whole query holds for a step.
    #[must_use]
    pub fn matches(&self, step: &dyn StepView) -> bool {
        let texts = step.texts();
        self.holds(&self.query, &Seen { step, texts: &texts, tokens: OnceCell::new() })
    }

    fn holds(&self, query: &Query, seen: &Seen<'_>) -> bool {
        match query {
            Query::All => true,
            Query::And(parts) => parts.iter().all(|part| self.holds(part, seen)),
            Query::Or(parts) => parts.iter().any(|part| self.holds(part, seen)),
            Query::Not(inner) => match inner.as_ref() {
                Query::Leaf(leaf) => !self.leaf(leaf, seen, leaf.level() == Level::Trajectory),
                other => !self.holds(other, seen),
            },
            Query::Leaf(leaf) => self.leaf(leaf, seen, false),
        }
    }

    fn leaf(&self, leaf: &Leaf, seen: &Seen<'_>, whole_trajectory: bool) -> bool {
        match leaf {
            Leaf::Word(word) => seen.tokens().iter().flatten().any(|token| token == word),
            Leaf::Phrase { tokens, .. } => seen.any_row(tokens, |token, wanted, _| token == wanted),
            Leaf::Prefix(tokens) => seen.any_row(tokens, |token, wanted, last| if last { token.starts_with(wanted) } else { token == wanted }),
            Leaf::Regex(text) => {
                let regex = self.regexes.iter().find(|(known, _)| known == text);
                regex.is_some_and(|(_, regex)| seen.texts.iter().any(|text| regex.is_match(text)))
            }
            Leaf::Among(among) => {
                let [own, trajectory] = seen.step.units();
                let holds = |unit: u64| among.units.binary_search(&unit).is_ok();
                if whole_trajectory { among.trajectories.binary_search(&trajectory).is_ok() } else { holds(own) || holds(trajectory) }
            }
            Leaf::Field { field, value } => {
                let keywords = || if whole_trajectory { seen.step.trajectory_keywords(*field) } else { seen.step.keywords(*field) };
                match value {
                    Value::Text(text) => keywords().iter().any(|keyword| fold(keyword) == fold(text)),
                    Value::Prefix(text) => keywords().iter().any(|keyword| fold(keyword).starts_with(fold(text).as_ref())),
                    Value::Number(range) => seen.step.numbers(*field).into_iter().any(|number| range.contains(number)),
                    Value::Time(range) => seen.step.at().is_some_and(|at| range.contains(at)),
                }
            }
        }
    }
}

/// The step that is being looked at, with its tokens.
struct Seen<'a> {
    step: &'a dyn StepView,
    texts: &'a [Cow<'a, str>],
    /// Tokens of each text, made when a condition first asks for them.
    tokens: OnceCell<Vec<Vec<String>>>,
}

impl Seen<'_> {
    fn tokens(&self) -> &[Vec<String>] {
        self.tokens.get_or_init(|| self.texts.iter().map(|text| words(text)).collect())
    }

    /// Looks for wanted tokens in a row; the flag of `same` says which is the last.
    fn any_row(&self, wanted: &[String], same: fn(&str, &str, bool) -> bool) -> bool {
        let fits = |row: &[String]| row.iter().zip(wanted).enumerate().all(|(at, (token, wanted_token))| same(token, wanted_token, at + 1 == wanted.len()));
        !wanted.is_empty() && self.tokens().iter().any(|tokens| tokens.windows(wanted.len()).any(fits))
    }
}

/// Gives the form in which values of keyword fields are compared and indexed: lowercase.
#[must_use]
pub fn fold(value: &str) -> Cow<'_, str> {
    if value.chars().any(char::is_uppercase) { Cow::Owned(value.to_lowercase()) } else { Cow::Borrowed(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    struct Sample;

    impl StepView for Sample {
        fn texts(&self) -> Vec<Cow<'_, str>> {
            vec!["git push --force-with-lease origin".into(), "rejected: See foo_bar.baz() && retry in /usr/Local/bin".into()]
        }
        fn keywords(&self, field: Field) -> Vec<Cow<'_, str>> {
            match field {
                Field::Tool => vec!["Bash".into()],
                Field::Kind => vec!["tool_call".into()],
                Field::Has => vec!["branch".into()],
                _ => Vec::new(),
            }
        }
        fn trajectory_keywords(&self, field: Field) -> Vec<Cow<'_, str>> {
            if field == Field::Label { vec!["needs_ask=yes".into()] } else { self.keywords(field) }
        }
        fn numbers(&self, field: Field) -> Vec<f64> {
            if field == Field::Wait { vec![12_000.0, 45_000.0] } else { Vec::new() }
        }
        fn at(&self) -> Option<Timestamp> {
            Timestamp::parse("2026-05-31T23:59:59.500Z")
        }
    }

    fn check(query: &str, expect: bool) {
        assert_eq!(Evaluator::new(&parse(query).unwrap()).matches(&Sample), expect, "{query}");
    }

    #[test]
    fn text_matches_by_tokens() {
        for query in [
            "",
            "PUSH",
            "--force-with-lease",
            "foo_bar.baz()",
            "\"see foo\"",
            "force-w*",
            "/usr/local",
            "rejec*",
            "/foo_\\w+\\.baz/",
            "&&",
            "nothing OR push",
            "-(push nothing)",
        ] {
            check(query, true);
        }
        for query in ["pus", "\"push origin\"", "\"origin rejected\"", "-push", "push nothing", "/REJECTED/", "||", "-(nothing OR push)"] {
            check(query, false);
        }
    }

    #[test]
    fn fields_match_by_value_range_and_level() {
        for query in [
            "tool:bash",
            "tool:BA*",
            "tool:*",
            "kind:tool_call wait:>30s",
            "wait:<15s",
            "at:2026-05-01..2026-05-31",
            "-label:other",
            "steps:>1 OR has:branch",
            "-cost:>1",
        ] {
            check(query, true);
        }
        for query in ["tool:bas", "-tool:*", "wait:>50s", "at:>2026-05-31", "cost:<1", "-has:branch"] {
            check(query, false);
        }
        // The label is on another step of the trajectory: not found here, yet its negation leaves the trajectory out.
        check("label:needs_ask=yes", false);
        check("-label:needs_ask=yes", false);
        check("-(push label:needs_ask=yes)", false);
    }
}
