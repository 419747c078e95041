//! `maestro-score`: the rules a trajectory was checked against (Maestro, `agent-trajectory-score.v1`).

use super::trajectory;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape, document};
use crate::model::fact::{EvalFact, Link};
use crate::model::{Actor, Body, Fact, Slot};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-score",
    agent: "maestro",
    rank: 43,
    shape: Shape::Document,
    detect: |probe| probe.document.and_then(|d| d.str("schemaVersion")).is_some_and(|s| s.starts_with("evalops.maestro.agent-trajectory-score.v")),
    reader: || Box::new(Score),
    doc: "Findings of Maestro's trajectory rules, one per rule.",
};

struct Score;

impl Reader for Score {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        read(record, record.node, out);
    }
}

/// Reads a score, whole document or part of one.
pub(super) fn read(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    trajectory::enter(node, out);
    out.push(document::head(record, node, &["findings"]));
    findings(record, node, "findings", out);
}

/// Reads the findings in the array `key`.
pub(super) fn findings(record: &Record<'_>, node: &Node<'_>, key: &str, out: &mut Output) {
    let findings = node.get(key).map_or(&[][..], Node::items);
    out.count_records(findings.len() as u64);
    for finding in findings {
        let rule = finding.owned(&["ruleId"]);
        let rationale = ["message", "remediation"].iter().filter_map(|key| finding.str(key)).collect::<Vec<_>>().join("\n");
        let eval = EvalFact {
            link: Link { call_id: call(finding), ..Link::default() },
            metric: rule.clone(),
            passed: match finding.str("status") {
                Some("pass") => Some(true),
                Some("fail") => Some(false),
                _ => None,
            },
            rationale: Some(rationale).filter(|text| !text.is_empty()),
            ..EvalFact::default()
        };
        let slot = rule.map_or(Slot::Own, |rule| Slot::Named(format!("finding:{rule}")));
        out.push(Fact::new(slot, record.place(finding), Actor::Runtime, Body::Eval(Box::new(eval))));
    }
}

/// Gives the call a finding is about, where its evidence names one and no other.
fn call(finding: &Node<'_>) -> Option<String> {
    let anchors = finding.get("evidence").map_or(&[][..], Node::items).iter().filter(|e| e.str("kind") == Some("tool_call"));
    let ids: std::collections::BTreeSet<&str> = anchors.filter_map(|e| e.str("id")).collect();
    ids.first().filter(|_| ids.len() == 1).map(|id| (*id).to_owned())
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::Body;

    #[test]
    fn findings_become_scores() {
        let text = r#"{"schemaVersion":"evalops.maestro.agent-trajectory-score.v1","run":{"sessionId":"s"},"findings":[{"ruleId":"r1","status":"fail","message":"No."},{"ruleId":"r2","status":"warn"}]}"#;
        let reading = read_plain(text.as_bytes(), "s.json", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!(reading.format.name, "maestro-score");
        let passed: Vec<_> = reading.portions[0].0.facts.iter().filter_map(|f| if let Body::Eval(e) = &f.body { Some(e.passed) } else { None }).collect();
        assert_eq!(passed, [Some(false), None]);
    }
}
