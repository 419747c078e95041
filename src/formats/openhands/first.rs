//! Events of the first generation of OpenHands: actions and what was observed of them.

use super::risk;
use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::calls::{call, result};
use crate::formats::json::Node;
use crate::formats::refusals;
use crate::model::fact::{Link, ResolutionFact, ResultFact, Stop, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, Span, StopClass, Timestamp, Usage, WaitKind};
use std::collections::HashSet;

/// What was read so far of a session.
#[derive(Default)]
pub struct Reading {
    /// Answers of the model whose text and usage were told.
    answers: HashSet<String>,
    /// The call that waits for a person.
    awaiting: Option<String>,
}

/// Actions that say or change something about the session and call no tool.
const STATE: &[&str] = &["change_agent_state", "recall", "null", "pause", "resume", "stop", "push", "send_pr", "condensation", "condensation_request"];

impl Reading {
    /// Reads one event.
    pub fn event(&mut self, node: &Node<'_>, span: &Span, out: &mut Output) {
        let at = node.time(&["timestamp"]);
        let mut facts = match (node.str("action"), node.str("observation")) {
            (Some(action), _) => self.action(action, node, span, at, out),
            (None, Some(observation)) => self.observation(observation, node, span, at),
            (None, None) => vec![Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Unknown(node.all_text()))],
        };
        self.answer(node, &mut facts, span, out);
        facts.into_iter().for_each(|fact| {
            let at = fact.at.or(at);
            out.push(fact.at(at));
        });
    }

    fn action(&mut self, action: &str, node: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) -> Vec<Fact> {
        let id = node.owned(&["id"]).unwrap_or_else(|| format!("line{}", span.line));
        let args = node.get("args").unwrap_or(node);
        let by_user = node.str("source") == Some("user");
        let named = |kind: &str, actor, body| Fact::new(Slot::Named(format!("event-{id}.{kind}")), span.clone(), actor, body);
        match action {
            "message" => {
                let actor = if by_user { Actor::User } else { Actor::Assistant };
                vec![named("text", actor, Body::Text { text: args.owned(&["content"]).unwrap_or_default(), partial: false })]
            }
            "system" => {
                let text = args.owned(&["content"]).unwrap_or_default();
                let about = out.about();
                about.system_prompt.get_or_insert_with(|| text.clone());
                about.tools = args.get("tools").map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
                vec![named("text", Actor::System, Body::Text { text, partial: false })]
            }
            "change_agent_state" => self.state(args, named("state", Actor::Runtime, Body::Context(node.all_text())), span, at),
            _ if STATE.contains(&action) => vec![named("state", Actor::Runtime, Body::Context(args.all_text()))],
            _ => self.call(action, &id, node, args, span, at),
        }
    }

    fn call(&mut self, action: &str, id: &str, node: &Node<'_>, args: &Node<'_>, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let metadata = node.get("tool_call_metadata");
        let call_id = metadata.and_then(|m| m.owned(&["tool_call_id"])).unwrap_or_else(|| format!("event-{id}"));
        let tool = metadata.and_then(|m| m.owned(&["function_name"])).unwrap_or_else(|| action.to_owned());
        let choices = metadata.and_then(|m| m.path(&["model_response", "choices"])).map(Node::items).unwrap_or_default();
        let asked = choices.iter().flat_map(|c| c.path(&["message", "tool_calls"]).map(Node::items).unwrap_or_default());
        let written = asked.into_iter().find(|c| c.str("id") == Some(&call_id)).and_then(|c| c.path(&["function", "arguments"]));
        let mut fact = call(Some(call_id.clone()), tool, Some(written.unwrap_or(args).raw_args()), span);
        if let Body::Call(call) = &mut fact.body {
            call.risk = args.get("security_risk").and_then(risk);
            call.command = args.owned(&["command"]).filter(|_| action == "run");
        }
        if node.str("source") == Some("user") {
            fact.actor = Actor::User;
        }
        let mut facts = Vec::new();
        if let Some(thought) = args.owned(&["thought"]).filter(|_| metadata.is_none()) {
            facts.push(Fact::new(Slot::Named(format!("event-{id}.text")), span.clone(), Actor::Assistant, Body::Text { text: thought, partial: false }));
        }
        facts.push(fact);
        facts.extend(self.confirmation(args, &call_id, span, at));
        if action == "finish" {
            let text = args.owned(&["final_thought"]).or_else(|| node.owned(&["message"])).unwrap_or_default();
            // Finishing is its own end: nothing observes it.
            facts.push(result(Some(call_id), text, ResultFact { is_error: Some(false), ran: Some(true), ..ResultFact::default() }, span));
        }
        facts
    }

    /// Reads the state of confirmation that an action carries: that a person is asked, or what the person said.
    fn confirmation(&mut self, args: &Node<'_>, call: &str, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let evidence = "confirmation_state";
        let decision = match args.str("confirmation_state") {
            Some("awaiting_confirmation") => None,
            Some("rejected") => Some(Decision::Denied),
            // Every action that needs no leave is called confirmed as well: only one that waited was.
            Some("confirmed") if self.awaiting.as_deref() == Some(call) => Some(Decision::Approved),
            _ => return Vec::new(),
        };
        let Some(decision) = decision else {
            self.awaiting = Some(call.to_owned());
            let wait = WaitFact { asked_at: at, ..WaitFact::new(Link::call(call), WaitKind::Approval, evidence) };
            return vec![Fact::new(Slot::Wait(call.to_owned()), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait)))];
        };
        self.awaiting = None;
        vec![settled(call, decision, None, span, at, evidence)]
    }

    /// Reads a change of state: the person's yes or no to the call that waits is one.
    fn state(&mut self, args: &Node<'_>, context: Fact, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let decision = match args.str("agent_state") {
            Some("user_confirmed") => Decision::Approved,
            Some("user_rejected") => Decision::Denied,
            _ => return vec![context],
        };
        match self.awaiting.clone() {
            Some(call) => vec![settled(&call, decision, at, span, at, "agent_state")],
            None => vec![context],
        }
    }

    fn observation(&mut self, observation: &str, node: &Node<'_>, span: &Span, at: Option<Timestamp>) -> Vec<Fact> {
        let id = node.owned(&["id"]).unwrap_or_else(|| format!("line{}", span.line));
        let text = node.get("content").map(content_text).unwrap_or_default();
        let extras = node.get("extras");
        let call = node.get("tool_call_metadata").and_then(|m| m.owned(&["tool_call_id"])).or_else(|| Some(format!("event-{}", node.owned(&["cause"])?)));
        match (observation, call) {
            ("agent_state_changed", _) => {
                let context = Fact::new(Slot::Named(format!("event-{id}.state")), span.clone(), Actor::Runtime, Body::Context(node.all_text()));
                self.state(extras.unwrap_or(node), context, span, at)
            }
            ("user_rejected", Some(call)) => {
                let stop = Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::User), inferred: false };
                let more = ResultFact { stop: Some(stop), ran: Some(false), ..ResultFact::default() };
                vec![settled(&call, Decision::Denied, None, span, at, "user_rejected"), result(Some(call), text, more, span)]
            }
            ("null" | "recall" | "condense", _) | (_, None) if observation != "error" => {
                vec![Fact::new(Slot::Named(format!("event-{id}.observation")), span.clone(), Actor::Runtime, Body::Context(node.all_text()))]
            }
            (_, Some(call)) => {
                let code =
                    extras.and_then(|e| e.get("exit_code").or_else(|| e.get("metadata")?.get("exit_code"))).and_then(Node::as_f64).filter(|code| *code >= 0.0);
                let is_error = Some(observation == "error" || code.is_some_and(|code| code != 0.0));
                let ran = if observation == "error" { None } else { Some(true) };
                vec![result(Some(call), text, ResultFact { is_error, ran, ..ResultFact::default() }, span)]
            }
            (_, None) => vec![Fact::new(Slot::Named(format!("event-{id}.error")), span.clone(), Actor::Runtime, Body::Error(text))],
        }
    }

    /// Tells the model's answer that an action was made of, once: its text and its usage.
    fn answer(&mut self, node: &Node<'_>, facts: &mut Vec<Fact>, span: &Span, out: &mut Output) {
        let Some(response) = node.path(&["tool_call_metadata", "model_response"]).filter(|_| node.get("action").is_some()) else { return };
        let Some(id) = response.owned(&["id"]).filter(|id| self.answers.insert(id.clone())) else { return };
        let model = response.owned(&["model"]);
        if let Some(model) = &model {
            out.about().set_model(model);
        }
        let choices = response.get("choices").map(Node::items).unwrap_or_default();
        let text = choices.iter().filter_map(|c| c.path(&["message", "content"])).map(content_text).collect::<Vec<_>>().join("\n");
        if !text.is_empty() {
            facts.insert(0, Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Assistant, Body::Text { text, partial: false }));
        }
        let usage = response.get("usage");
        let count = |key: &str| usage.and_then(|u| u.u64_any(&[key])).unwrap_or(0);
        let cached = usage.and_then(|u| u.path(&["prompt_tokens_details", "cached_tokens"])?.as_u64()).unwrap_or(0);
        let usage = Usage { input: count("prompt_tokens").saturating_sub(cached), output: count("completion_tokens"), cache_read: cached, ..Usage::default() };
        if let Some(first) = facts.first_mut() {
            first.usage = (!usage.is_empty()).then(|| Box::new(usage));
            first.model = model;
        }
    }
}

fn settled(call: &str, decision: Decision, decided_at: Option<Timestamp>, span: &Span, at: Option<Timestamp>, evidence: &'static str) -> Fact {
    let stop = Stop { class: StopClass::Refusal, decision, by: Some(DecidedBy::User), inferred: false };
    let mut fact = refusals::resolution(call, &stop, None, span.clone(), at, evidence);
    if let Body::Resolution(end) = &mut fact.body {
        let stop = (decision == Decision::Denied).then_some(StopClass::Refusal);
        **end = ResolutionFact { decided_at, decided_before: if decided_at.is_none() { at } else { None }, inferred: false, stop, ..(**end).clone() };
    }
    fact
}
