//! Maestro's tool results: the end of a call, and all that its details and its receipt say of it.

use super::denials::{is_block, stop_in};
use super::messages::{Place, image};
use super::objects::policy;
use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::model::fact::{EvalFact, Link, ResultFact};
use crate::model::{Actor, Body, Slot, Status, Timestamp};

/// Reads a tool result, whole, with what its details say.
pub fn result(message: &Node<'_>, place: &Place, out: &mut Output) {
    let details = message.get("details");
    let receipt = message.get("receipt").filter(|r| r.is_object());
    let detail = |keys: &[&str]| details.and_then(|d| d.owned(keys));
    let id = message.owned(&["toolCallId", "tool_call_id"]).or_else(|| receipt.and_then(|r| r.owned(&["call_id", "callId"])));
    let link = Link {
        call_id: id.clone(),
        tool: message.owned(&["toolName", "tool_name"]).or_else(|| receipt.and_then(|r| r.owned(&["tool_name", "toolName"]))),
        approval_request_id: detail(&["approvalRequestId", "approval_request_id"]),
        tool_execution_id: detail(&["toolExecutionId", "tool_execution_id"]),
        ..Link::default()
    };
    let content = message.get("content");
    let text = content.map(content_text).unwrap_or_default();
    let is_error = message.bool_any(&["isError", "is_error"]);
    let outcome = details.and_then(|d| d.any(&["governedOutcome", "governed_outcome"]));
    let stop = if is_error == Some(true) { stop_in(&text) } else { None };
    let evidence = details.is_some_and(|d| d.any(&["exitCode", "exit_code", "bytesWritten", "editsApplied", "diff"]).is_some());
    let ran = if stop.is_some() || is_absent(&text) { Some(false) } else { (evidence || is_error == Some(false)).then_some(true) };
    let blocked = (stop.is_some() && is_block(&text)).then_some(Status::Blocked);
    let body = ResultFact {
        link: link.clone(),
        status: blocked.or_else(|| receipt.and_then(received)),
        text,
        is_error,
        stop,
        ran,
        error_code: outcome.and_then(|o| o.owned(&["code", "classification"])),
        governed_outcome: outcome.and_then(|o| o.owned(&["classification"]).or_else(|| o.as_str().map(str::to_owned))),
        started_at: started(place.at, receipt),
        ..ResultFact::default()
    };
    out.push(place.fact(id.map_or_else(|| place.block("result", 0), Slot::Result), Actor::Tool, Body::Result(Box::new(body))));
    for (nth, block) in content.map(Node::items).unwrap_or_default().iter().filter(|b| b.str("type") == Some("image")).enumerate() {
        out.push(place.fact(place.block("image", nth), Actor::Tool, image(block)));
    }
    if let Some(details) = details {
        said_beside(details, &link, place, out);
    }
}

/// Tells whether the text says that there was no such tool to run.
fn is_absent(text: &str) -> bool {
    text.strip_prefix("Error: Tool \"").is_some_and(|rest| rest.trim_end().ends_with("\" not found"))
}

/// Reads the word of a receipt; one that only says that the tool's server failed leaves the rest to the error flag.
fn received(receipt: &Node<'_>) -> Option<Status> {
    let status = receipt.get("status")?;
    match status.as_str().or_else(|| status.str("status"))? {
        "cancelled" | "canceled" | "aborted" => Some(Status::Cancelled),
        "denied" => Some(Status::Denied),
        "failed" | "error" => Some(Status::Failed),
        "succeeded" | "completed" | "success" => Some(Status::Succeeded),
        _ => None,
    }
}

fn started(ended: Option<Timestamp>, receipt: Option<&Node<'_>>) -> Option<Timestamp> {
    let took = receipt?.u64_any(&["duration_ms", "durationMs"])?;
    Timestamp::from_ms(ended?.ms().checked_sub(i64::try_from(took).ok()?)?)
}

/// Pushes what stands beside a result: policy, evaluation, skill, diagnostics.
pub fn said_beside(details: &Node<'_>, link: &Link, place: &Place, out: &mut Output) {
    let Some(call) = link.call_id.clone() else { return };
    let named = |what: &str| Slot::Named(format!("{call}.{what}"));
    if let Some(outcome) = details.any(&["governedOutcome", "governed_outcome"]).filter(|o| o.is_object()) {
        out.push(place.fact(named("policy"), Actor::Policy, Body::Policy(Box::new(policy(outcome, link.clone())))));
    }
    let evaluation = details.get("evaluation").filter(|n| n.is_object());
    if let Some(evaluation) = evaluation {
        out.push(place.fact(named("eval"), Actor::Runtime, Body::Eval(Box::new(eval(evaluation, link, link.tool.clone())))));
    }
    let assertions = details.get("assertions").or_else(|| evaluation?.get("assertions")).map(Node::items).unwrap_or_default();
    for (nth, assertion) in assertions.iter().enumerate() {
        let name = assertion.owned(&["name", "id"]).unwrap_or_else(|| (nth + 1).to_string());
        let mut fact = eval(assertion, link, Some(name.clone()));
        fact.rationale = fact.rationale.or_else(|| assertion.owned(&["description"]));
        out.push(place.fact(named(&format!("assertion.{name}")), Actor::Runtime, Body::Eval(Box::new(fact))));
    }
    if let Some(skill) = details.any(&["skillMetadata", "skill_metadata"]).filter(|n| n.is_object()) {
        let known = super::lineage::map(skill);
        if !out.about().lineage.skills.contains(&known) {
            out.about().lineage.skills.push(known);
        }
        let text = format!("skill {}", skill.str("name").unwrap_or("?"));
        out.push(place.fact(named("skill"), Actor::Runtime, Body::Skill { link: link.clone(), text, failed: false }));
    }
    if let Some(delta) = details.any(&["diagnosticDelta", "diagnostic_delta"]).filter(|n| n.is_object()) {
        out.push(place.fact(named("diagnostics"), Actor::Tool, Body::Artifact { link: link.clone(), text: diagnostics(delta) }));
    }
}

/// Writes a change of diagnostics as one line of counts, and the text of those that are new.
pub fn diagnostics(delta: &Node<'_>) -> String {
    let count = |key: &str| delta.u64_any(&[key]).unwrap_or(0);
    let file = delta.str_any(&["displayPath", "file"]).unwrap_or("?");
    let counts =
        format!("{file}: {} diagnostics introduced, {} repaired, {} remaining", count("introducedCount"), count("repairedCount"), count("remainingCount"));
    let introduced = delta.get("introducedDiagnostics").map(Node::all_text).filter(|t| !t.is_empty());
    [Some(counts), introduced].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn eval(node: &Node<'_>, link: &Link, metric: Option<String>) -> EvalFact {
    EvalFact {
        link: Link { call_id: link.call_id.clone(), ..Link::default() },
        metric,
        score: node.f64_any(&["score"]),
        threshold: node.f64_any(&["threshold"]),
        passed: node.bool_any(&["passed"]),
        rationale: node.owned(&["rationale"]),
        ..EvalFact::default()
    }
}
