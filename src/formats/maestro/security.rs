//! `maestro-security`: the local log of security events, `~/.maestro/security-events.jsonl` (Maestro).

use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{Link, PolicyFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Risk, Slot, StopClass};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-security",
    agent: "maestro",
    rank: 46,
    shape: Shape::Lines,
    detect: |probe| probe.any_line(|node| node.str("type").is_some_and(|t| TYPES.contains(&t)) && node.str("severity").is_some()),
    reader: || Box::new(Security),
    doc: "Maestro's local log of security events: blocked tools, loops, sensitive content.",
};

const TYPES: [&str; 8] = [
    "loop_detected",
    "sequence_pattern_detected",
    "context_firewall_triggered",
    "tool_blocked",
    "tool_approval_required",
    "sensitive_content_detected",
    "circuit_breaker_state_change",
    "adaptive_threshold_anomaly",
];

struct Security;

impl Reader for Security {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let noted = |keys: &[&str]| node.owned(keys).or_else(|| node.get("metadata")?.owned(keys));
        match noted(&["sessionId", "session_id"]) {
            Some(session) => out.session(&session),
            None => out.own_session(&format!("security {}", record.name)),
        }
        let what = node.str("type").unwrap_or_default();
        if !TYPES.contains(&what) {
            return out.unknown_type(record, what);
        }
        let link = Link { call_id: noted(&["toolCallId", "tool_call_id"]), tool: node.owned(&["toolName"]), ..Link::default() };
        let metadata = node.get("metadata").map(Node::all_text).unwrap_or_default();
        let text = [what, node.str("description").unwrap_or_default(), &metadata].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n");
        let body = if what == "tool_blocked" {
            let stop = Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::Policy), inferred: false };
            let risk = node.str("severity").and_then(Risk::parse);
            Body::Policy(Box::new(PolicyFact { link, text, stop: Some(stop), blocked: true, risk, ..PolicyFact::default() }))
        } else {
            Body::Context(text)
        };
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Policy, body).at(node.time(&["timestamp"])));
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::Body;

    #[test]
    fn a_blocked_tool_is_a_policy_decision() {
        let text = "{\"type\":\"tool_blocked\",\"severity\":\"high\",\"timestamp\":1777312801000,\"toolName\":\"bash\",\"description\":\"no\"}\n{\"type\":\"loop_detected\",\"severity\":\"low\"}\n";
        let reading = read_plain(text.as_bytes(), "security-events.jsonl", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!(reading.format.name, "maestro-security");
        let facts = &reading.portions[0].0.facts;
        assert!(matches!(&facts[0].body, Body::Policy(policy) if policy.stop.is_some()) && facts[0].at.is_some());
        assert!(matches!(&facts[1].body, Body::Context(_)));
    }
}
