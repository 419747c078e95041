//! `swe-agent`: `.traj` files of SWE-agent: the history message by message, and turns of action and observation that repeat it.

use super::access::content_text;
use super::calls;
use super::document::head;
use super::json::{Node, parse};
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Usage};

/// The format.
pub const FORMAT: Format = Format {
    name: "swe-agent",
    agent: "swe-agent",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| {
        let turns =
            |d: &Node<'_>| d.get("trajectory").is_some_and(|t| t.items().first().is_some_and(|s| s.get("action").is_some() && s.get("observation").is_some()));
        let history = |d: &Node<'_>| d.get("history").is_some_and(|h| h.items().first().is_some_and(|m| m.get("role").is_some()));
        probe.document.is_some_and(|d| turns(d) || history(d))
    },
    reader: || Box::new(SweAgent),
    doc: "SWE-agent `.traj` documents.",
};

struct SweAgent;

impl Reader for SweAgent {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        about(node, out);
        out.push(head(record, node, &["trajectory", "history"]));
        let messages = node.get("history").map(Node::items).unwrap_or_default();
        let turns = node.get("trajectory").map(Node::items).unwrap_or_default();
        out.count_records((messages.len() + turns.len()) as u64);
        if let Some(stats) = node.path(&["info", "model_stats"]) {
            let usage = Usage {
                input: stats.u64_any(&["tokens_sent"]).unwrap_or(0),
                output: stats.u64_any(&["tokens_received"]).unwrap_or(0),
                cost_usd: stats.f64_any(&["instance_cost"]),
                ..Usage::default()
            };
            out.push(Fact::new(Slot::Named("model_stats".to_owned()), record.place(stats), Actor::Runtime, Body::Usage(usage)));
        }
        let mut history = History::default();
        for message in messages {
            history.message(message, record.place(message), out);
        }
        for (nth, turn) in turns.iter().enumerate() {
            history.turn(turn, nth, record.place(turn), out);
        }
    }
}

/// Takes the model and the folder from where the configuration and the first turn hold them.
fn about(node: &Node<'_>, out: &mut Output) {
    let about = out.about();
    about.cwd = node.get("trajectory").and_then(|turns| turns.items().first()?.get("state")?.owned(&["working_dir"]));
    let Some(config) = node.get("replay_config") else { return };
    let inner = config.as_str().and_then(|text| parse(text).ok());
    if let Some(model) = inner.as_ref().unwrap_or(config).path(&["agent", "model", "name"]).and_then(Node::as_str) {
        about.set_model(model);
    }
}

/// What the history told, so that a turn is known again in it.
#[derive(Default)]
struct History {
    read: usize,
    acts: Vec<Act>,
    matched: usize,
    /// The call that was written as an action alone and has no observation yet.
    open: Option<String>,
}

/// An assistant message with an action: what it says, and the facts that tell it.
struct Act {
    thought: String,
    action: String,
    facts: Vec<usize>,
}

impl History {
    fn message(&mut self, message: &Node<'_>, span: Span, out: &mut Output) {
        let nth = self.read;
        self.read += 1;
        let text = message.get("content").map(content_text).unwrap_or_default();
        let named = |kind: &str| Slot::Named(format!("m{nth}.{kind}"));
        let answered: Vec<String> =
            message.get("tool_call_ids").map(Node::items).unwrap_or_default().iter().filter_map(|id| Some(id.as_str()?.to_owned())).collect();
        let open = self.open.take();
        let observed = match message.str("role") {
            Some("tool" | "user") if !answered.is_empty() => answered,
            // Where calls are not made through an API, the environment answers in the person's place.
            Some("user") if message.str("message_type").is_none_or(|kind| kind == "observation") => open.into_iter().collect(),
            _ => Vec::new(),
        };
        if !observed.is_empty() {
            for call in observed {
                self.told(out, result(call, text.clone(), span.clone()));
            }
            return;
        }
        match message.str("role") {
            Some("assistant") => self.act(message, nth, text, &span, out),
            Some("system") => {
                out.about().system_prompt.get_or_insert_with(|| text.clone());
                out.push(Fact::new(named("text"), span, Actor::System, Body::Text { text, partial: false }));
            }
            Some("tool") => out.push(Fact::new(named("text"), span, Actor::Tool, Body::Context(text))),
            _ => out.push(Fact::new(named("text"), span, Actor::User, Body::Text { text, partial: false })),
        }
    }

    fn act(&mut self, message: &Node<'_>, nth: usize, text: String, span: &Span, out: &mut Output) {
        let action = message.owned(&["action"]);
        self.acts.push(Act {
            thought: message.owned(&["thought"]).unwrap_or_else(|| text.clone()).trim().to_owned(),
            action: action.clone().unwrap_or_default().trim().to_owned(),
            facts: Vec::new(),
        });
        if let Some(thinking) = message.owned(&["reasoning_content"]) {
            self.told(out, Fact::new(Slot::Named(format!("m{nth}.thinking")), span.clone(), Actor::Assistant, Body::Thinking(thinking)));
        }
        let said = Body::Text { partial: text.is_empty(), text };
        self.told(out, Fact::new(Slot::Named(format!("m{nth}.text")), span.clone(), Actor::Assistant, said));
        let written = message.get("tool_calls").map(Node::items).unwrap_or_default();
        for (at, called) in written.iter().enumerate() {
            let id = called.owned(&["id"]).unwrap_or_else(|| format!("m{nth}.{at}"));
            let function = called.get("function").unwrap_or(called);
            let (tool, args) = (function.owned(&["name"]).unwrap_or_default(), function.get("arguments").map(Node::raw_args));
            self.told(out, calls::call(Some(id), tool, args, span));
        }
        if let Some(action) = action.filter(|_| written.is_empty()) {
            let id = format!("m{nth}");
            self.told(out, call(id.clone(), action, span));
            self.open = Some(id);
        }
    }

    /// Pushes a fact and notes that it tells part of the last act.
    fn told(&mut self, out: &mut Output, fact: Fact) {
        out.push(fact);
        if let Some(act) = self.acts.last_mut() {
            act.facts.push(out.facts_mut().len() - 1);
        }
    }

    /// Reads a turn: one more place of the act that it repeats, or an act that the history does not hold, as the last is.
    fn turn(&mut self, turn: &Node<'_>, nth: usize, span: Span, out: &mut Output) {
        let thought = turn.owned(&["thought", "response"]).unwrap_or_default();
        let action = turn.owned(&["action"]).unwrap_or_default();
        let same = |act: &Act| act.action == action.trim() && (act.thought == thought.trim() || turn.str("response").is_some_and(|r| act.thought == r.trim()));
        if let Some(found) = self.acts.get(self.matched..).and_then(|rest| rest.iter().position(same)) {
            let act = &self.acts[self.matched + found];
            self.matched += found + 1;
            for &fact in &act.facts {
                if let Some(fact) = out.facts_mut().get_mut(fact) {
                    fact.spans.push(span.clone());
                }
            }
            return;
        }
        let id = format!("turn-{nth}");
        out.push(Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Assistant, Body::Text { partial: thought.is_empty(), text: thought }));
        if !action.trim().is_empty() {
            out.push(call(id.clone(), action, &span));
            out.push(result(id, turn.owned(&["observation"]).unwrap_or_default(), span));
        } else if let Some(text) = turn.owned(&["observation"]) {
            out.push(Fact::new(Slot::Named(format!("{id}.observation")), span, Actor::Tool, Body::Context(text)));
        }
    }
}

fn call(id: String, command: String, span: &Span) -> Fact {
    let body = CallFact { command: Some(command), ..calls::asked(Some(id.clone()), "shell".to_owned(), None) };
    Fact::new(Slot::Call(id), span.clone(), Actor::Assistant, Body::Call(Box::new(body)))
}

fn result(call: String, text: String, span: Span) -> Fact {
    calls::result(Some(call), text, ResultFact::default(), &span)
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::Body;

    fn told(text: &str) -> Vec<String> {
        let reading = read_plain(text.as_bytes(), "x.traj", Want::default(), &mut |_, _| {}).unwrap();
        let one = |fact: &crate::model::Fact| match &fact.body {
            Body::Text { text, .. } => Some(format!("{} {text} {}", fact.actor, fact.spans.len())),
            Body::Call(call) => Some(format!("{}: {}", call.link.call_id.as_deref()?, call.command.as_deref().or(call.args.as_deref())?)),
            Body::Result(result) => Some(format!("{} = {} {}", result.link.call_id.as_deref()?, result.text, fact.spans.len())),
            _ => None,
        };
        reading.portions[0].0.facts.iter().filter_map(one).collect()
    }

    #[test]
    fn turns_repeat_the_history_and_the_last_stands_alone() {
        let text = r#"{"trajectory":[{"thought":"look","action":"ls\n","observation":"a.c"},{"thought":"done","action":"submit","observation":"diff"}],
            "history":[{"role":"user","content":"fix","message_type":"observation"},
            {"role":"assistant","content":"look","thought":"look","action":"ls\n","tool_calls":[{"id":"c1","function":{"name":"bash","arguments":"{\"command\":\"ls\"}"}}]},
            {"role":"tool","content":"a.c","tool_call_ids":["c1"]}],"info":{}}"#;
        let expected = ["user fix 1", "assistant look 2", "c1: {\"command\":\"ls\"}", "c1 = a.c 2", "assistant done 1", "turn-1: submit", "turn-1 = diff 1"];
        assert_eq!(told(text), expected);
    }

    #[test]
    fn observations_of_plain_actions_are_results() {
        let text = r#"{"history":[{"role":"user","content":"fix"},{"role":"assistant","content":"look\n```ls```","action":"ls"},{"role":"user","content":"a.c"},{"role":"user","content":"and?"}],"info":{}}"#;
        assert_eq!(told(text), ["user fix 1", "assistant look\n```ls``` 1", "m1: ls", "m1 = a.c 1", "user and? 1"]);
    }
}
