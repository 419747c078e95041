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

/// The account of all API calls, `~/.maestro/usage.json`: an array that names no session (Maestro, `tracking/cost-tracker.ts`).
pub const USAGE: Format = Format {
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| d.items().first().is_some_and(is_usage)),
    reader: || Box::new(Account),
    ..FORMAT
};

const TYPES: [&str; 9] =
    ["tool-execution", "evaluation", "loader-stage", "sse", "background-task", "api-request", "business-metric", "sandbox-violation", "canonical-turn"];

fn is_telemetry(node: &Node<'_>) -> bool {
    let measures = ["success", "durationMs", "sessionId", "metadata", "scenario", "stage", "metric", "turnId", "name", "status", "method", "event"];
    is_failure(node) || (node.str("type").is_some_and(|t| TYPES.contains(&t)) && node.any(&measures).is_some())
}

/// A line of `~/.maestro/tool-failures.log`: a tool that failed, and why.
fn is_failure(node: &Node<'_>) -> bool {
    let keys = |key: &str| matches!(key, "tool" | "error" | "metadata" | "timestamp");
    node.str("tool").is_some() && node.str("error").is_some() && node.str("timestamp").is_some() && node.fields().iter().all(|(key, _)| keys(key))
}

fn is_usage(node: &Node<'_>) -> bool {
    node.get("tokensInput").is_some() && node.get("tokensOutput").is_some() && node.str("model").is_some() && node.str("provider").is_some()
}

struct Telemetry;

impl Reader for Telemetry {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let inner = node.get("metadata").and_then(|m| m.str_any(&["sessionId", "session_id", "maestroSessionId", "maestro_session_id"]));
        match node.str_any(&["sessionId", "session_id"]).or(inner).filter(|id| !id.is_empty()) {
            Some(session) => out.session(session),
            None => out.own_session(&format!("telemetry {}", record.name)),
        }
        let what = node.str("type").unwrap_or_default();
        if what == "canonical-turn" {
            return turn(record, out);
        }
        if is_failure(node) {
            return failure(record, out);
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

/// A failed tool: the end of the call that its metadata names, else an error that stands alone.
fn failure(record: &Record<'_>, out: &mut Output) {
    let node = record.node;
    let at = node.time(&["timestamp"]);
    let noted = |keys: &[&str]| node.get("metadata")?.owned(keys);
    let error = node.owned(&["error"]).unwrap_or_default();
    let Some(call) = noted(&["toolCallId", "tool_call_id", "agentRunStepId", "agent_run_step_id"]) else {
        let text = format!("{}: {error}", node.str("tool").unwrap_or_default());
        return out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Tool, Body::Error(text)).at(at));
    };
    let stop = super::denials::stop_in(&error);
    let result = ResultFact {
        link: Link { tool: node.owned(&["tool"]), ..Link::call(call.clone()) },
        text: error.clone(),
        partial: true,
        is_error: Some(true),
        error_code: noted(&["errorCode", "error_code"]),
        error: Some(error),
        stop,
        ..ResultFact::default()
    };
    out.push(Fact::new(Slot::Result(call), record.span.clone(), Actor::Tool, Body::Result(Box::new(result))).at(at));
}

/// Reads the account of API calls: what each cost, under no session.
struct Account;

impl Reader for Account {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let calls = record.node.items();
        out.own_session(&format!("usage {}", record.name));
        out.count_records(calls.len() as u64);
        out.about().title = Some("API usage".to_owned());
        if calls.is_empty() {
            return out.unknown(record.span.clone(), record.node.all_text());
        }
        for call in calls {
            if !is_usage(call) {
                out.unknown(record.place(call), call.all_text());
                continue;
            }
            let count = |key: &str| call.u64_any(&[key]).unwrap_or(0);
            let usage = Usage {
                input: count("tokensInput"),
                output: count("tokensOutput"),
                cache_read: count("tokensCacheRead"),
                cache_write: count("tokensCacheWrite"),
                cost_usd: call.f64_any(&["cost"]),
            };
            let mut fact = Fact::new(Slot::Own, record.place(call), Actor::Runtime, Body::Usage(usage)).at(call.time(&["timestamp"]));
            fact.model = call.owned(&["model"]);
            out.push(fact);
        }
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
