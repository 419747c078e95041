//! Events of Codex rollouts: they repeat response items, add exit codes and usage, and in older builds hold approval requests.

use super::rollout::context;
use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::model::fact::{Link, ResultFact, WaitFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Status, Timestamp, Usage, WaitKind};

/// How many messages back an event may repeat an item, or an item an event.
const REPEATS_WITHIN: usize = 16;

/// Messages that one kind of record told and the other did not repeat yet, with the place of their fact.
#[derive(Default)]
pub struct Said(Vec<Pending>);

struct Pending {
    by_item: bool,
    actor: Actor,
    text: String,
    fact: usize,
}

fn text_of(body: &Body) -> Option<&str> {
    match body {
        Body::Text { text, .. } | Body::Thinking(text) => Some(text),
        _ => None,
    }
}

impl Said {
    /// Takes in the message of an item; where an event told it already, the item takes the event's place.
    pub fn item(&mut self, fact: Fact, out: &mut Output) {
        let Some(text) = text_of(&fact.body).map(str::to_owned) else { return out.push(fact) };
        match self.find(false, fact.actor, &text, out) {
            Some(at) => {
                if let Some(known) = out.facts_mut().get_mut(at) {
                    let event = std::mem::replace(known, fact);
                    known.spans.extend(event.spans);
                }
            }
            None => self.push(true, text, fact, out),
        }
    }

    /// Takes in the message of an event: one more place of the item that told it, or the first word of it.
    pub fn event(&mut self, actor: Actor, body: Body, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let Some(text) = text_of(&body).map(str::to_owned) else { return };
        match self.find(true, actor, &text, out) {
            Some(known) => {
                if let Some(known) = out.facts_mut().get_mut(known) {
                    known.spans.push(span.clone());
                }
            }
            None => self.push(false, text, Fact::new(Slot::Own, span.clone(), actor, body).at(at), out),
        }
    }

    fn push(&mut self, by_item: bool, text: String, fact: Fact, out: &mut Output) {
        let actor = fact.actor;
        out.push(fact);
        let fact = out.facts_mut().len() - 1;
        self.0.push(Pending { by_item, actor, text, fact });
        if self.0.len() > REPEATS_WITHIN {
            self.0.remove(0);
        }
    }

    fn find(&mut self, by_item: bool, actor: Actor, text: &str, out: &mut Output) -> Option<usize> {
        let at = self.0.iter().position(|p| p.by_item == by_item && p.actor == actor && p.text == text)?;
        let fact = self.0.remove(at).fact;
        // Facts of records that were only counted are gone.
        out.facts_mut().get(fact).and_then(|known| text_of(&known.body)).is_some_and(|known| known == text).then_some(fact)
    }
}

/// Reads one event.
pub fn event(payload: &Node<'_>, span: &Span, at: Option<Timestamp>, said: &mut Said, out: &mut Output) {
    let call = payload.owned(&["call_id"]);
    match (payload.str("type"), call) {
        (Some("exec_approval_request" | "apply_patch_approval_request"), Some(call)) => {
            let shown = payload.get("command").map(|c| c.items().iter().filter_map(Node::as_str).collect::<Vec<_>>().join(" "));
            let wait = WaitFact {
                reason: payload.owned(&["reason"]),
                shown_text: shown,
                shown_at: at,
                asked_at: at,
                ..WaitFact::new(Link::call(call.clone()), WaitKind::Approval, "exec_approval_request")
            };
            out.push(Fact::new(Slot::Wait(call), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))).at(at));
        }
        (Some("exec_command_begin" | "patch_apply_begin" | "mcp_tool_call_begin"), Some(call)) => {
            out.push(Fact::new(Slot::Call(call.clone()), span.clone(), Actor::Runtime, Body::Progress(Link::call(call))).at(at));
        }
        (Some("exec_command_end"), Some(call)) => out.push(ended(call, payload.get("exit_code").and_then(Node::as_f64), span, at)),
        (Some("patch_apply_end"), Some(call)) => {
            let code = payload.bool_any(&["success"]).map(|ok| if ok { 0.0 } else { 1.0 });
            out.push(ended(call, code, span, at));
        }
        (Some("item_completed"), _) => completed(payload, span, at, said, out),
        (Some("user_message"), _) => said.event(Actor::User, text(payload, "message"), span, at, out),
        (Some("agent_message"), _) => said.event(Actor::Assistant, text(payload, "message"), span, at, out),
        (Some("agent_reasoning"), _) => said.event(Actor::Assistant, Body::Thinking(payload.owned(&["text"]).unwrap_or_default()), span, at, out),
        (Some("token_count"), _) => {
            let last = payload.path(&["info", "last_token_usage"]).map(tokens).unwrap_or_default();
            out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Usage(last)).at(at));
        }
        (Some("error" | "stream_error"), _) => {
            let text = payload.owned(&["message"]).unwrap_or_else(|| payload.all_text());
            out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Error(text)).at(at));
        }
        (Some(kind), _) => context(kind, payload, span, at, out),
        (None, _) => out.unknown(span.clone(), payload.all_text()),
    }
}

fn text(node: &Node<'_>, key: &str) -> Body {
    Body::Text { text: node.owned(&[key]).unwrap_or_default(), partial: false }
}

fn completed(payload: &Node<'_>, span: &Span, at: Option<Timestamp>, said: &mut Said, out: &mut Output) {
    let Some(item) = payload.get("item").filter(|i| i.is_object()) else { return context("item_completed", payload, span, at, out) };
    let content = || item.get("content").map(content_text).unwrap_or_default();
    match (item.str("type"), item.owned(&["id"])) {
        (Some("CommandExecution" | "commandExecution"), Some(call)) => {
            out.push(ended(call, item.any(&["exit_code", "exitCode"]).and_then(Node::as_f64), span, at));
        }
        (Some("UserMessage" | "userMessage"), _) => said.event(Actor::User, Body::Text { text: content(), partial: false }, span, at, out),
        (Some("AgentMessage" | "agentMessage"), Some(id)) => {
            out.push(Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Assistant, Body::Text { text: content(), partial: true }).at(at));
        }
        (Some("Reasoning" | "reasoning"), Some(id)) => {
            let text = item.get("summary_text").map(content_text).unwrap_or_default();
            out.push(Fact::new(Slot::Named(format!("{id}.thinking")), span.clone(), Actor::Assistant, Body::Thinking(text)).at(at));
        }
        (kind, _) => context(kind.unwrap_or("item_completed"), item, span, at, out),
    }
}

fn ended(call: String, code: Option<f64>, span: &Span, at: Option<Timestamp>) -> Fact {
    let status = code.map(|code| if code == 0.0 { Status::Succeeded } else { Status::Failed });
    let body = ResultFact { link: Link::call(call.clone()), partial: true, status, ran: code.map(|_| true), ..ResultFact::default() };
    Fact::new(Slot::Result(call), span.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at)
}

/// Reads token counts of either spelling; cached tokens are counted among those of the input.
pub fn tokens(usage: &Node<'_>) -> Usage {
    let count = |keys: &[&str]| usage.u64_any(keys).unwrap_or(0);
    let cached = count(&["cached_input_tokens", "cachedInputTokens"]);
    Usage {
        input: count(&["input_tokens", "inputTokens"]).saturating_sub(cached),
        output: count(&["output_tokens", "outputTokens"]),
        cache_read: cached,
        cache_write: count(&["cache_write_input_tokens", "cacheWriteInputTokens"]),
        cost_usd: None,
    }
}
