//! What rules predict: the questions they speak about, and what a finding proposes to those who judge.

use super::case::Case;
use super::rule::{Draft, Rule};
use crate::model::Proposal;

/// Answers that follow and are never given, with the question and answer they follow from.
const FOLLOWING: &[(&str, &str, &str, &str)] = &[("boundary", "missed_ask", "needs_ask", "yes"), ("boundary", "needless_ask", "needs_ask", "no")];
/// Questions about a trajectory as a whole.
const OF_THE_WHOLE: &[&str] = &["task", "reported"];

fn split(prediction: &'static str) -> (&'static str, &'static str) {
    prediction.split_once(':').unwrap_or((prediction, ""))
}

/// Gives the question by which a rule's record is kept: the first it predicts.
#[must_use]
pub fn lead(rule: &Rule) -> Option<&'static str> {
    rule.predicts.first().map(|prediction| split(prediction).0)
}

/// Gives the answers to a question that a rule predicts.
pub fn predicted(rule: &Rule, question: &str) -> impl Iterator<Item = &'static str> {
    rule.predicts.iter().map(|prediction| split(prediction)).filter(move |(of, _)| *of == question).map(|(_, answer)| answer)
}

/// Gives the question that a person answers where a predicted one follows from it.
#[must_use]
pub fn asked(question: &str) -> &str {
    FOLLOWING.iter().find(|(of, ..)| *of == question).map_or(question, |(_, _, asked, _)| asked)
}

/// Gives what a finding proposes: what it says itself, else what its rule predicts of the execution or step it is about.
pub(super) fn proposals(case: &Case<'_>, rule: &Rule, draft: &Draft) -> Vec<Proposal> {
    let id = |execution: usize| case.execution(execution).map(|e| e.id.clone());
    let own = draft.execution.and_then(id).or_else(|| draft.steps.first().cloned()).unwrap_or_default();
    let mut found: Vec<Proposal> = Vec::new();
    for prediction in rule.predicts {
        let (question, answer) = split(prediction);
        let follows = FOLLOWING.iter().find(|(of, is, ..)| (*of, *is) == (question, answer));
        let (question, answer) = follows.map_or((question, answer), |(_, _, question, answer)| (*question, *answer));
        if draft.says.iter().any(|(_, of, _)| *of == question) {
            continue;
        }
        let target = if OF_THE_WHOLE.contains(&question) { String::new() } else { own.clone() };
        match found.iter_mut().find(|known| known.question == question) {
            Some(known) => known.answer = None,
            None => found.push(Proposal { target, question, answer: Some(answer) }),
        }
    }
    found.extend(draft.says.iter().filter_map(|(of, question, answer)| Some(Proposal { target: id(*of)?, question, answer: Some(answer) })));
    found
}
