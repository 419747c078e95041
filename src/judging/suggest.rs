//! What is proposed for a question: from the facts, and from sure findings of rules where there are any. A person decides.

use super::points::Point;
use super::schema::Question;

/// An answer that is proposed, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Suggestion {
    /// The answer.
    pub answer: String,
    /// Why, in a word: `stated` or `inferred` for a fact, else the rules that propose it.
    pub why: String,
    /// Ids of the rules that propose it; empty for a fact.
    pub rules: Vec<String>,
}

/// What a fact is where no source shows it; it is a person's to say, and nothing is proposed.
const UNSEEN: &str = "unknown";

/// Proposes an answer: the fact that the question names where a source shows it, else what rules with a sure finding there propose. Where
/// rules differ, the answer that stands higher is proposed, since the first that fits wins.
#[must_use]
pub fn suggest(question: &Question, point: &Point) -> Option<Suggestion> {
    if let Some(fact) = &question.fact
        && let Some(value) = point.facts.value(&format!("fact.{fact}"))
        && value != UNSEEN
        && question.answer(value).is_some()
    {
        let why = if point.facts.asked_certain { "stated" } else { "inferred" };
        return Some(Suggestion { answer: value.to_owned(), why: why.to_owned(), rules: Vec::new() });
    }
    let proposed = |answer: &str| -> Vec<String> {
        let says = |(of, is): &(String, Option<String>)| *of == question.id && is.as_deref() == Some(answer);
        point.found.iter().filter(|found| found.proposes.iter().any(says)).map(|found| found.rule.clone()).collect()
    };
    let found = question.answers.iter().map(|answer| (answer, proposed(&answer.id))).find(|(_, rules)| !rules.is_empty());
    found.map(|(answer, mut rules)| {
        rules.dedup();
        Suggestion { answer: answer.id.clone(), why: rules.join(", "), rules }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judging::{FoundThere, Schema};

    #[test]
    fn of_proposals_the_first_that_fits_wins_and_what_is_open_proposes_nothing() {
        let schema = &Schema::built_in()[0];
        let says = |rule: &str, question: &str, answer: Option<&str>| FoundThere {
            rule: rule.to_owned(),
            proposes: vec![(question.to_owned(), answer.map(str::to_owned))],
        };
        let mut point = Point { found: vec![says("B1", "needs_ask", Some("yes")), says("R1", "needs_ask", Some("barred"))], ..Point::default() };
        let question = schema.question("needs_ask").unwrap();
        let suggested = suggest(question, &point).unwrap();
        assert_eq!((suggested.answer.as_str(), suggested.why.as_str()), ("barred", "R1"));
        // Who asked is proposed where a source shows it; that none does is no answer to take.
        let asked = schema.question("asked").unwrap();
        point.facts.asked = "unknown".to_owned();
        assert_eq!(suggest(asked, &point), None);
        point.facts.asked = "gate".to_owned();
        assert_eq!(suggest(asked, &point).map(|suggested| (suggested.answer, suggested.why)), Some(("gate".to_owned(), "inferred".to_owned())));
        point.found = vec![says("R8", "after_denial", None)];
        assert_eq!(suggest(question, &point), None);
        assert_eq!(suggest(schema.question("after_denial").unwrap(), &point), None);
    }
}
