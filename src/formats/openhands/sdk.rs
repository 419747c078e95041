//! Events of the OpenHands SDK.

use super::risk;
use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::calls::{call, result};
use crate::formats::json::Node;
use crate::formats::refusals;
use crate::model::fact::{Node as TreeNode, ResolutionFact, ResultFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, Span, StopClass, Usage, WaitKind};

/// Reads the state that is kept beside the events: it names the session.
pub fn state(node: &Node<'_>, span: &Span, out: &mut Output) {
    out.session(node.str("id").unwrap_or_default());
    if let Some(model) = node.path(&["agent", "llm", "model"]).and_then(Node::as_str) {
        out.about().set_model(model);
    }
    out.about().cwd = node.path(&["workspace", "working_dir"]).and_then(Node::as_str).map(str::to_owned);
    let mut fact = Fact::new(Slot::Own, span.clone(), Actor::System, Body::Context(node.all_text()));
    let metrics = node.path(&["stats", "usage_to_metrics"]).map(Node::fields).unwrap_or_default();
    let mut usage = Usage::default();
    for (_, metric) in metrics {
        let tokens = metric.get("accumulated_token_usage");
        let count = |key: &str| tokens.and_then(|t| t.u64_any(&[key])).unwrap_or(0);
        usage.add(&Usage {
            input: count("prompt_tokens").saturating_sub(count("cache_read_tokens")),
            output: count("completion_tokens"),
            cache_read: count("cache_read_tokens"),
            cache_write: count("cache_write_tokens"),
            cost_usd: metric.f64_any(&["accumulated_cost"]).filter(|cost| *cost > 0.0),
        });
    }
    fact.usage = (!usage.is_empty()).then(|| Box::new(usage));
    out.push(fact);
}

/// Reads one event.
pub fn event(node: &Node<'_>, span: &Span, out: &mut Output) {
    let id = node.owned(&["id"]).unwrap_or_default();
    let at = node.time(&["timestamp"]);
    let named = |kind: &str, actor, body| Fact::new(Slot::Named(format!("{id}.{kind}")), span.clone(), actor, body);
    let facts = match node.str("kind") {
        Some("SystemPromptEvent") => {
            let text = node.get("system_prompt").map(|p| p.owned(&["text"]).unwrap_or_else(|| content_text(p))).unwrap_or_default();
            let about = out.about();
            about.system_prompt.get_or_insert_with(|| text.clone());
            about.tools = node.get("tools").map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
            vec![named("text", Actor::System, Body::Text { text, partial: false })]
        }
        Some("MessageEvent") => {
            let message = node.get("llm_message");
            let actor = if message.and_then(|m| m.str("role")) == Some("assistant") { Actor::Assistant } else { Actor::User };
            let text = message.and_then(|m| m.get("content")).map(content_text).unwrap_or_default();
            let mut facts = thoughts(message.unwrap_or(node), &id, span);
            facts.push(named("text", actor, Body::Text { text, partial: false }));
            facts
        }
        Some("ActionEvent") => action(node, &id, span),
        Some("ObservationEvent") => vec![observed(node, span)],
        Some("UserRejectObservation") => rejected(node, span),
        Some("AgentErrorEvent") if node.get("tool_call_id").is_some() => {
            let more = ResultFact { is_error: Some(true), ..ResultFact::default() };
            vec![result(node.owned(&["tool_call_id"]), node.owned(&["error"]).unwrap_or_default(), more, span)]
        }
        Some("AgentErrorEvent" | "ConversationErrorEvent") => vec![named("error", Actor::Runtime, Body::Error(node.all_text()))],
        Some("Condensation" | "CondensationSummaryEvent") => {
            vec![named("summary", Actor::Runtime, Body::Context(node.owned(&["summary"]).unwrap_or_else(|| node.all_text())))]
        }
        _ => vec![named("event", Actor::Runtime, Body::Context(node.all_text()))],
    };
    for mut fact in facts {
        fact.node = Some(TreeNode { id: id.clone(), parent: node.owned(&["parent_id"]) });
        if matches!(fact.slot, Slot::Call(_) | Slot::Result(_)) {
            fact.aliases.push(id.clone());
        }
        out.push(fact.at(at));
    }
}

fn thoughts(node: &Node<'_>, id: &str, span: &Span) -> Vec<Fact> {
    let blocks = node.get("thinking_blocks").map(Node::items).unwrap_or_default().iter().filter_map(|block| block.owned(&["thinking"]));
    let told = node.owned(&["reasoning_content"]).into_iter().chain(blocks).enumerate();
    told.map(|(nth, text)| Fact::new(Slot::Named(format!("{id}.thinking{}", nth + 1)), span.clone(), Actor::Assistant, Body::Thinking(text))).collect()
}

fn action(node: &Node<'_>, id: &str, span: &Span) -> Vec<Fact> {
    let mut facts = thoughts(node, id, span);
    let text = node.get("thought").map(content_text).unwrap_or_default();
    if !text.is_empty() {
        facts.push(Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Assistant, Body::Text { text, partial: false }));
    }
    let asked = node.get("tool_call");
    let call_id = node.owned(&["tool_call_id"]).or_else(|| asked?.owned(&["id"])).unwrap_or_else(|| id.to_owned());
    let tool = node.owned(&["tool_name"]).or_else(|| asked?.owned(&["name"])).unwrap_or_default();
    let args = asked.and_then(|a| a.get("arguments").or_else(|| a.get("function")?.get("arguments"))).or_else(|| node.get("action")).map(Node::raw_args);
    let mut fact = call(Some(call_id.clone()), tool.clone(), args, span);
    if let Body::Call(call) = &mut fact.body {
        call.risk = node.get("security_risk").and_then(risk);
    }
    facts.push(fact);
    // Finishing is its own end: nothing observes it.
    if tool == "finish" {
        facts.push(result(Some(call_id), String::new(), ResultFact { partial: true, is_error: Some(false), ran: Some(true), ..ResultFact::default() }, span));
    }
    facts
}

fn observed(node: &Node<'_>, span: &Span) -> Fact {
    let observation = node.get("observation").unwrap_or(node);
    let text = observation.get("content").map(content_text).unwrap_or_default();
    // A command that fails is no error to the SDK; -1 means that it still runs.
    let code = observation.get("exit_code").and_then(Node::as_f64).filter(|code| *code >= 0.0);
    let is_error = observation.bool_any(&["is_error"]).map(|error| error || code.is_some_and(|code| code != 0.0));
    result(node.owned(&["tool_call_id", "action_id"]), text, ResultFact { is_error, ran: Some(true), ..ResultFact::default() }, span)
}

fn rejected(node: &Node<'_>, span: &Span) -> Vec<Fact> {
    let at = node.time(&["timestamp"]);
    let by = if node.str("rejection_source") == Some("hook") { DecidedBy::Policy } else { DecidedBy::User };
    let stop = Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(by), inferred: false };
    let reason = node.owned(&["rejection_reason"]);
    let id = node.owned(&["tool_call_id", "action_id"]);
    let mut facts = Vec::new();
    if let Some(id) = &id {
        let mut end = refusals::resolution(id, &stop, reason.clone(), span.clone(), at, "UserRejectObservation");
        if let Body::Resolution(end) = &mut end.body {
            **end = ResolutionFact { decided_at: at, decided_before: None, inferred: false, kind: WaitKind::Approval, ..(**end).clone() };
        }
        facts.push(end);
    }
    facts.push(result(id, reason.unwrap_or_default(), ResultFact { stop: Some(stop), ran: Some(false), ..ResultFact::default() }, span));
    facts
}
