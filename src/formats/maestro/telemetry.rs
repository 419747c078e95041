//! `maestro-telemetry`: the local telemetry log, `~/.maestro/telemetry.log` (Maestro, `telemetry.ts`, `wide-events.ts`).

use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{EvalFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Status, Usage};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-telemetry",
    agent: "maestro",
    rank: 45,
    shape: Shape::Lines,
    detect: |probe| probe.any_line(is_telemetry),
    reader: || Box::new(Telemetry),
    doc: "Maestro's local telemetry log: turns with their tokens, cost and tools, and measurements without a session.",
};

const TYPES: [&str; 9] =
    ["tool-execution", "evaluation", "loader-stage", "sse", "background-task", "api-request", "business-metric", "sandbox-violation", "canonical-turn"];

fn is_telemetry(node: &Node<'_>) -> bool {
    let measures = ["success", "durationMs", "sessionId", "metadata", "scenario", "stage", "metric", "turnId", "name", "status", "method", "event"];
    node.str("type").is_some_and(|t| TYPES.contains(&t)) && node.any(&measures).is_some()
}

struct Telemetry;

impl Reader for Telemetry {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let inner = node.get("metadata").and_then(|m| m.str("sessionId"));
        match node.str_any(&["sessionId", "session_id"]).or(inner).filter(|id| !id.is_empty()) {
            Some(session) => out.session(session),
            None => out.own_session(&format!("telemetry {}", record.name)),
        }
        let what = node.str("type").unwrap_or_default();
        if what == "canonical-turn" {
            return turn(record, out);
        }
        if !TYPES.contains(&what) {
            return out.unknown_type(record, what);
        }
        let body = if what == "evaluation" {
            let eval = EvalFact {
                metric: node.owned(&["metric", "name", "scenario"]),
                score: node.f64_any(&["score"]),
                threshold: node.f64_any(&["threshold"]),
                passed: node.bool_any(&["passed", "success"]),
                ..EvalFact::default()
            };
            Body::Eval(Box::new(eval))
        } else {
            Body::Context(node.all_text())
        };
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, body).at(node.time(&["timestamp"])));
    }
}

fn turn(record: &Record<'_>, out: &mut Output) {
    let node = record.node;
    let at = node.time(&["timestamp"]);
    let about = out.about();
    if let Some(model) = node.get("model") {
        about.provider = about.provider.take().or_else(|| model.owned(&["provider"]));
        about.model = about.model.take().or_else(|| model.owned(&["id"]));
    }
    about.lineage.trace_id = about.lineage.trace_id.take().or_else(|| node.owned(&["traceId"]));
    for (key, value) in node.get("promptMetadata").map(super::lineage::map).unwrap_or_default() {
        about.lineage.prompt.entry(key).or_insert(value);
    }
    for skill in node.get("skillMetadata").map_or(&[][..], Node::items).iter().map(super::lineage::map) {
        if !about.lineage.skills.contains(&skill) {
            about.lineage.skills.push(skill);
        }
    }
    for (key, value) in node.get("features").map_or(&[][..], Node::fields) {
        about.lineage.feature_flags.entry(format!("features.{key}")).or_insert_with(|| value.to_value());
    }
    let tokens = |key: &str| node.get("tokens").and_then(|t| t.u64_any(&[key])).unwrap_or(0);
    let usage = Usage {
        input: tokens("input"),
        output: tokens("output"),
        cache_read: tokens("cacheRead"),
        cache_write: tokens("cacheWrite"),
        cost_usd: node.f64_any(&["costUsd"]),
    };
    let turn = node.owned(&["turnId"]);
    let named = |what: &str| turn.as_ref().map_or(Slot::Own, |id| Slot::Named(format!("{id}.{what}")));
    let mut fact = Fact::new(named("turn"), record.span.clone(), Actor::Runtime, Body::Usage(usage)).at(at);
    fact.model = node.get("model").and_then(|m| m.owned(&["id"]));
    out.push(fact);
    for tool in node.get("tools").map_or(&[][..], Node::items) {
        let Some(call) = tool.owned(&["callId"]) else { continue };
        let status = tool.bool_any(&["success"]).map(|ok| if ok { Status::Succeeded } else { Status::Failed });
        let result = ResultFact {
            link: Link { tool: tool.owned(&["name"]), ..Link::call(call.clone()) },
            partial: true,
            status,
            error_code: tool.owned(&["errorCode"]),
            ..ResultFact::default()
        };
        out.push(Fact::new(Slot::Result(call), record.place(tool), Actor::Tool, Body::Result(Box::new(result))));
    }
    out.push(Fact::new(named("conditions"), record.span.clone(), Actor::Runtime, Body::Context(conditions(node))).at(at));
    if let Some(error) = node.owned(&["errorMessage"]) {
        out.push(Fact::new(named("error"), record.span.clone(), Actor::Runtime, Body::Error(error)).at(at));
    }
}

/// Writes under what conditions a turn ran, and how it ended.
fn conditions(node: &Node<'_>) -> String {
    let keys = [
        "status",
        "sandboxMode",
        "approvalMode",
        "errorCategory",
        "abortReason",
        "turnNumber",
        "totalDurationMs",
        "llmDurationMs",
        "toolDurationMs",
        "queueWaitMs",
    ];
    let lines = keys.iter().filter_map(|key| node.owned(&[key]).map(|value| format!("{key}: {value}")));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, SessionName};

    #[test]
    fn turns_go_to_their_session_and_the_rest_to_none() {
        let text = "{\"type\":\"tool-execution\",\"success\":true,\"durationMs\":7}\n\
            {\"type\":\"canonical-turn\",\"sessionId\":\"s\",\"turnId\":\"t1\",\"tokens\":{\"input\":5},\"costUsd\":0.5,\"tools\":[{\"name\":\"bash\",\"callId\":\"c1\",\"success\":false}]}\n\
            {\"type\":\"sse\",\"durationMs\":1}\n";
        let reading = read_plain(text.as_bytes(), "telemetry.log", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!(reading.format.name, "maestro-telemetry");
        let counts: Vec<_> = reading.portions.iter().map(|(p, _)| (matches!(p.session, SessionName::Stated(_)), p.facts.len())).collect();
        assert_eq!(counts, [(false, 2), (true, 3)]);
        assert!(matches!(&reading.portions[1].0.facts[0].body, Body::Usage(usage) if usage.input == 5));
    }
}
