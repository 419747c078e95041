//! `evals`: rows of evaluation scores that name the session, trace or call they score.

use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{EvalFact, Link};
use crate::model::{Actor, Body, Fact, Slot};

/// The format.
pub const FORMAT: Format = Format {
    name: "evals",
    agent: "evals",
    rank: 50,
    shape: Shape::Lines,
    detect: |probe| probe.first().is_some_and(is_row),
    reader: || Box::new(Evals),
    doc: "Rows of evaluation scores; each is added to the trajectory whose session, trace or call it names.",
};

const SUBJECTS: [&str; 3] = ["session_id", "trace_id", "tool_call_id"];

fn is_row(node: &Node<'_>) -> bool {
    node.any(&SUBJECTS).is_some() && node.any(&["score", "passed"]).is_some() && node.any(&["metric", "eval_run_id", "scenario_id"]).is_some()
}

struct Evals;

impl Reader for Evals {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let ids: Vec<&str> = SUBJECTS.iter().filter_map(|key| node.str(key)).filter(|id| !id.is_empty()).collect();
        if ids.is_empty() {
            out.own_session(record.text);
            out.issue("no_subject", &record.span, "a score that names no session, trace or call; kept as it is");
            return out.unknown(record.span.clone(), node.all_text());
        }
        out.addition(&ids);
        let eval = EvalFact {
            link: Link { call_id: node.owned(&["tool_call_id"]), ..Link::default() },
            metric: node.owned(&["metric"]),
            score: node.f64_any(&["score"]),
            threshold: node.f64_any(&["threshold"]),
            passed: node.bool_any(&["passed"]),
            rationale: node.owned(&["rationale"]),
            eval_run_id: node.owned(&["eval_run_id"]),
            scenario_id: node.owned(&["scenario_id"]),
        };
        let lineage = &mut out.about().lineage;
        lineage.eval_run_ids.extend(eval.eval_run_id.clone());
        lineage.scenario_id = lineage.scenario_id.take().or_else(|| eval.scenario_id.clone());
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Eval(Box::new(eval))).at(node.time(&["at"])));
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, SessionName};

    #[test]
    fn a_row_adds_to_what_it_names() {
        let text = "{\"session_id\":\"s\",\"tool_call_id\":\"c\",\"eval_run_id\":\"r\",\"metric\":\"m\",\"score\":0.5,\"passed\":false,\"at\":\"2026-05-04T08:58:30Z\"}\n{\"metric\":\"m\",\"score\":1}\n";
        let reading = read_plain(text.as_bytes(), "scores.jsonl", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!((reading.format.name, reading.portions.len()), ("evals", 2));
        let portion = &reading.portions[0].0;
        assert_eq!(portion.session, SessionName::Addition("s\u{1}c".into()));
        assert!(matches!(&portion.facts[0].body, Body::Eval(eval) if eval.score == Some(0.5) && eval.passed == Some(false)));
        assert!(portion.about.lineage.eval_run_ids.contains("r"));
    }
}
