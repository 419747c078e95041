//! `codex-rollout`: rollout files of the Codex CLI, live and archived. `response_item` records are the truth; `event_msg`
//! records repeat them and are kept as further sightings or as context.

use super::events::{Said, event};
use crate::formats::access::content_text;
use crate::formats::json::{Node, parse};
use crate::formats::refusals;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, Node as TreeNode, ResolutionFact, ResultFact, WaitFact};
use crate::model::{Actor, Body, Decision, Fact, Slot, Span, Timestamp, WaitKind, ids};
use std::collections::HashSet;

/// The format.
pub const FORMAT: Format = Format {
    name: "codex-rollout",
    agent: "codex",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| {
        probe.any_line(|n| {
            n.get("payload").is_some_and(Node::is_object) && matches!(n.str("type"), Some("session_meta" | "response_item" | "event_msg" | "turn_context"))
        })
    },
    reader: || Box::new(Rollout::default()),
    doc: "Codex CLI rollouts: `{timestamp, type, payload}` lines.",
};

/// Reads rollouts.
#[derive(Default)]
pub struct Rollout {
    /// Messages of either kind of record that the other has not repeated yet.
    pub said: Said,
    escalated: HashSet<String>,
    /// The entry that the next item follows, and for each turn the one before it.
    last: Option<String>,
    turns: Vec<Option<String>>,
}

impl Reader for Rollout {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let at = node.time(&["timestamp"]);
        let Some(payload) = node.get("payload").filter(|p| p.is_object()) else {
            return out.unknown(record.span.clone(), node.all_text());
        };
        match node.str("type") {
            Some("session_meta") => meta(payload, &record.span, at, out),
            Some("turn_context") => {
                let about = out.about();
                about.model = about.model.take().or_else(|| payload.owned(&["model"]));
                about.cwd = about.cwd.take().or_else(|| payload.owned(&["cwd"]));
                context("turn_context", payload, &record.span, at, out);
            }
            Some("response_item") => self.item(payload, &record.span, at, out),
            Some("event_msg") => {
                if payload.str("type") == Some("thread_rolled_back") {
                    self.roll_back(payload.u64_any(&["num_turns"]).unwrap_or(1));
                }
                event(payload, &record.span, at, &mut self.said, out);
            }
            Some("compacted") => {
                let text = payload.owned(&["message"]).unwrap_or_else(|| payload.all_text());
                let slot = Slot::Named(format!("{}.compaction", ids::record_hash(node.raw.as_bytes())));
                out.push(Fact::new(slot, record.span.clone(), Actor::Runtime, Body::Context(text)).at(at));
            }
            Some(kind) => context(kind, payload, &record.span, at, out),
            None => out.unknown(record.span.clone(), node.all_text()),
        }
    }
}

fn meta(payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    out.session(payload.str_any(&["id", "session_id"]).unwrap_or_default());
    let about = out.about();
    about.cwd = about.cwd.take().or_else(|| payload.owned(&["cwd"]));
    about.agent_version = about.agent_version.take().or_else(|| payload.owned(&["cli_version"]));
    about.provider = about.provider.take().or_else(|| payload.owned(&["model_provider"]));
    about.git_ref = about.git_ref.take().or_else(|| payload.get("git")?.owned(&["branch", "commit_hash"]));
    about.repository = about.repository.take().or_else(|| payload.get("git")?.owned(&["repository_url"]));
    about.system_prompt =
        about.system_prompt.take().or_else(|| payload.owned(&["instructions"])).or_else(|| payload.get("base_instructions")?.owned(&["text"]));
    let spawned = payload.path(&["source", "subagent", "thread_spawn"]).and_then(|spawn| spawn.owned(&["parent_thread_id"]));
    let parent = payload.owned(&["forked_from_id", "parent_thread_id"]).or(spawned);
    about.lineage.parent_session = about.lineage.parent_session.take().or(parent);
    out.push(Fact::new(Slot::Own, span.clone(), Actor::System, Body::Context("session started".to_owned())).at(at));
}

/// Keeps a record as context: its type, and what of it can be searched.
pub fn context(kind: &str, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let text = payload.all_text();
    let text = if payload.str("type") == Some(kind) { text } else { format!("{kind}\n{text}") };
    out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(at));
}

impl Rollout {
    fn item(&mut self, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let id = payload.owned(&["id"]);
        let named = |kind: &str| id.as_ref().map_or(Slot::Own, |id| Slot::Named(format!("{id}.{kind}")));
        // Early builds write messages without a type.
        let kind = payload.str("type").or_else(|| payload.get("role").map(|_| "message"));
        match kind {
            Some("message") => {
                let text = payload.get("content").map(content_text).unwrap_or_default();
                let (actor, body) = match payload.str("role") {
                    Some("assistant") => (Actor::Assistant, Body::Text { text, partial: false }),
                    Some("user") if !is_context(&text) => (Actor::User, Body::Text { text, partial: false }),
                    _ => (Actor::System, Body::Context(text)),
                };
                let node = self.place(span, actor == Actor::User);
                let mut fact = Fact::new(named("text"), span.clone(), actor, body).at(at);
                fact.node = Some(node);
                self.said.item(fact, out);
            }
            Some("reasoning") => {
                let text =
                    payload.get("summary").map(content_text).filter(|t| !t.is_empty()).or_else(|| payload.get("content").map(content_text)).unwrap_or_default();
                let mut fact = Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Thinking(text)).at(at);
                fact.node = Some(self.place(span, false));
                self.said.item(fact, out);
            }
            Some("function_call" | "custom_tool_call" | "local_shell_call") => self.call(payload, span, at, out),
            Some("function_call_output" | "custom_tool_call_output") => self.result(payload, span, at, out),
            Some(kind) => context(kind, payload, span, at, out),
            None => out.unknown(span.clone(), payload.all_text()),
        }
    }

    /// Gives the next place in the tree; a person's message begins a turn.
    fn place(&mut self, span: &Span, turn: bool) -> TreeNode {
        let id = format!("line-{}", span.line);
        if turn {
            self.turns.push(self.last.clone());
        }
        TreeNode { id: id.clone(), parent: self.last.replace(id) }
    }

    /// Goes back to where the last turns began: what follows is another branch.
    fn roll_back(&mut self, turns: u64) {
        for _ in 0..turns {
            match self.turns.pop() {
                Some(before) => self.last = before,
                None => break,
            }
        }
    }

    fn call(&mut self, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let id = payload.owned(&["call_id", "id"]).unwrap_or_else(|| format!("line-{}", span.line));
        let tool = payload.owned(&["name"]).unwrap_or_else(|| "local_shell".to_owned());
        let args = payload.any(&["arguments", "input", "action"]).map(Node::raw_args);
        let parsed = args.as_deref().and_then(|args| parse(args).ok());
        let escalated = parsed
            .as_ref()
            .is_some_and(|p| p.str("sandbox_permissions") == Some("require_escalated") || p.bool_any(&["with_escalated_permissions"]) == Some(true));
        let justification = parsed.as_ref().and_then(|p| p.owned(&["justification"])).filter(|_| escalated);
        let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
        let call = CallFact { link: link.clone(), tool, args, justification: justification.clone(), ..CallFact::default() };
        let mut fact = Fact::new(Slot::Call(id.clone()), span.clone(), Actor::Assistant, Body::Call(Box::new(call))).at(at);
        fact.aliases.extend(payload.owned(&["id"]));
        fact.node = Some(self.place(span, false));
        out.push(fact);
        if escalated {
            self.escalated.insert(id.clone());
            let wait = WaitFact { reason: justification, asked_at: at, inferred: true, ..WaitFact::new(link, WaitKind::Approval, "sandbox_permissions") };
            out.push(Fact::new(Slot::Wait(id), span.clone(), Actor::Assistant, Body::Wait(Box::new(wait))).at(at));
        }
    }

    fn result(&mut self, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let Some(id) = payload.owned(&["call_id"]) else { return context("output without a call", payload, span, at, out) };
        let output = payload.get("output");
        let (text, stated) = output.map(unpacked).unwrap_or_default();
        let code = stated.or_else(|| exit_code(&text));
        let stop = refusals::in_text(&text).filter(|_| code.is_none());
        let failed = code
            .map(|code| code != 0)
            .or_else(|| output.and_then(|o| o.bool_any(&["success"])).map(|ok| !ok))
            .or_else(|| text.starts_with("exec_command failed").then_some(true));
        let ran = if stop.is_some() { Some(false) } else { code.map(|_| true) };
        let body = ResultFact { link: Link::call(id.clone()), text, is_error: failed, stop: stop.clone(), ran, ..ResultFact::default() };
        let mut fact = Fact::new(Slot::Result(id.clone()), span.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at);
        fact.aliases.extend(payload.owned(&["id"]));
        fact.node = Some(self.place(span, false));
        out.push(fact);
        let asked = self.escalated.remove(&id);
        if let Some(stop) = stop {
            out.push(refusals::resolution(&id, &stop, None, span.clone(), at, "output text"));
        } else if asked {
            // It asked for leave and then ran: somebody or something gave it.
            let end = ResolutionFact {
                link: Link::call(id.clone()),
                kind: WaitKind::Approval,
                decision: Some(Decision::Approved),
                by: None,
                reason: None,
                scope: None,
                decided_at: None,
                decided_before: at,
                stop: None,
                inferred: true,
                evidence: "output text",
            };
            out.push(Fact::new(Slot::Resolution(id), span.clone(), Actor::Runtime, Body::Resolution(Box::new(end))).at(at));
        }
    }
}

/// Tells what the harness put into the context in the person's place.
fn is_context(text: &str) -> bool {
    const MARKS: &[&str] = &["<environment_context>", "<user_instructions>", "<turn_aborted>", "<user_shell_command>", "<skill>", "# AGENTS.md instructions"];
    MARKS.iter().any(|mark| text.starts_with(mark))
}

/// Gives the text of an output and its exit code, which older builds wrap together as JSON in a string.
fn unpacked(output: &Node<'_>) -> (String, Option<i64>) {
    let code = |node: &Node<'_>| node.path(&["metadata", "exit_code"]).and_then(|code| code.raw.parse().ok());
    if let Some(text) = output.as_str().filter(|text| text.starts_with('{'))
        && let Ok(inner) = parse(text)
        && let Some(output) = inner.owned(&["output"]).or_else(|| inner.get("metadata").map(|_| String::new()))
    {
        return (output, code(&inner));
    }
    (output.owned(&["content", "output"]).unwrap_or_else(|| content_text(output)), code(output))
}

/// Finds the exit code that the harness wrote at the head of an output.
fn exit_code(text: &str) -> Option<i64> {
    const MARKS: &[&str] = &["Process exited with code ", "Exit code: "];
    let head = text.lines().take(8);
    head.filter_map(|line| MARKS.iter().find_map(|mark| line.strip_prefix(mark))).find_map(|code| code.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use crate::formats::json::parse;
    use crate::formats::{Want, read_plain};
    use crate::model::Body;

    #[test]
    fn exit_codes_are_those_of_the_harness() {
        let code = |text: &str| super::exit_code(text);
        assert_eq!(code("Chunk ID: 1\nWall time: 0.1\nProcess exited with code 2\nOutput:\nx"), Some(2));
        assert_eq!(code("make: the child exited with code 3"), None);
        let (text, code) = super::unpacked(&parse(r#""{\"output\":\"a\\nb\",\"metadata\":{\"exit_code\":1}}""#).unwrap());
        assert_eq!((text.as_str(), code), ("a\nb", Some(1)));
    }

    #[test]
    fn events_repeat_items_and_a_rollback_begins_a_branch() {
        let line = |kind: &str, payload: &str| format!("{{\"timestamp\":\"2026-05-01T00:00:00Z\",\"type\":\"{kind}\",\"payload\":{payload}}}\n");
        let user = |text: &str| line("response_item", &format!(r#"{{"type":"message","role":"user","content":[{{"type":"input_text","text":"{text}"}}]}}"#));
        let text = [
            line("session_meta", r#"{"id":"s"}"#),
            user("one"),
            line("event_msg", r#"{"type":"user_message","message":"one"}"#),
            line("event_msg", r#"{"type":"agent_message","message":"yes"}"#),
            line("response_item", r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"yes"}]}"#),
            user("two"),
            line("event_msg", r#"{"type":"thread_rolled_back","num_turns":1}"#),
            user("three"),
        ];
        let reading = read_plain(text.concat().as_bytes(), "x", Want::default(), &mut |_, _| {}).unwrap();
        let told = reading.portions[0].0.facts.iter().filter_map(|f| match &f.body {
            Body::Text { text, .. } => Some(format!("{text} {} {}", f.spans.len(), f.node.as_ref()?.parent.as_deref().unwrap_or("-"))),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), ["one 2 -", "yes 2 line-2", "two 1 line-5", "three 1 line-5"]);
    }
}
