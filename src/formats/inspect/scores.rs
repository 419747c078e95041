//! Scores of a sample, in its head and as events; both are sightings of one step per scorer.

use crate::formats::json::{Node, Value};
use crate::formats::{Output, Record};
use crate::model::fact::EvalFact;
use crate::model::{Actor, Body, Fact, Slot, Span};

/// Pushes the scores that a sample's head lists; logs before 2024 hold one without a name.
pub fn push(record: &Record<'_>, sample: &Node<'_>, out: &mut Output) {
    for (scorer, score) in sample.get("scores").map(Node::fields).unwrap_or_default() {
        one(scorer, score, &record.place(score), None, out);
    }
    if let Some(score) = sample.get("score").filter(|s| s.is_object()) {
        one("score", score, &record.place(score), None, out);
    }
}

/// Pushes the score of an event.
pub fn event(node: &Node<'_>, span: Span, out: &mut Output) {
    let scorer = node.owned(&["scorer"]).or_else(|| node.get("score")?.owned(&["scorer"]));
    match (node.get("score").filter(|s| s.is_object()), scorer) {
        (Some(score), Some(scorer)) => one(&scorer, score, &span, Some(node), out),
        (score, _) => {
            let body = score.map_or_else(|| Body::Context(node.all_text()), |score| Body::Eval(Box::new(fact(None, score, score.get("value")))));
            out.push(Fact::new(node.owned(&["uuid"]).map_or(Slot::Own, Slot::Named), span, Actor::Runtime, body).at(node.time(&["timestamp"])));
        }
    }
}

/// A score may hold several values under names; each is a step.
fn one(scorer: &str, score: &Node<'_>, span: &Span, event: Option<&Node<'_>>, out: &mut Output) {
    let mut push = |name: String, value: Option<&Node<'_>>| {
        let body = Body::Eval(Box::new(fact(Some(name.clone()), score, value)));
        let mut eval = Fact::new(Slot::Named(format!("{name}.score")), span.clone(), Actor::Runtime, body);
        eval.at = event.and_then(|e| e.time(&["timestamp"]));
        eval.aliases.extend(event.and_then(|e| e.owned(&["uuid"])));
        out.push(eval);
    };
    match score.get("value") {
        Some(Node { value: Value::Object(fields), .. }) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| push(format!("{scorer}/{key}"), Some(value)))
        }
        value => push(scorer.to_owned(), value),
    }
}

/// Inspect's letters: C correct, I incorrect, P partly correct, N no answer.
fn fact(metric: Option<String>, score: &Node<'_>, value: Option<&Node<'_>>) -> EvalFact {
    let truth = value.and_then(Node::as_bool);
    let (number, passed) = match value.and_then(Node::as_str) {
        Some("C") => (Some(1.0), Some(true)),
        Some("I" | "N") => (Some(0.0), Some(false)),
        Some("P") => (Some(0.5), None),
        Some(other) => (other.parse().ok(), None),
        None => (value.and_then(Node::as_f64).or_else(|| truth.map(|t| if t { 1.0 } else { 0.0 })), truth),
    };
    EvalFact { metric, score: number, passed, rationale: score.owned(&["explanation"]), ..EvalFact::default() }
}
