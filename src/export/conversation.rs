//! A conversation: the steps of one branch as the messages the agent had before it and wrote.

use super::json::Json;
use super::message::{Call, Message, Role};
use super::path::path;
use super::tools::{self, Tool, safe_name};
use crate::model::{Actor, BranchKind, Execution, Kind, Status, Step, StopClass, Trajectory};
use std::collections::HashSet;
use std::sync::Arc;

/// The agent whose tools may take one text instead of an object.
const FREE_FORM: &str = "codex";

/// The messages of one branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Messages in order, the system prompt first where one is recorded; prompts share them.
    pub messages: Vec<Arc<Message>>,
    /// Tools, declared or called.
    pub tools: Arc<Vec<Tool>>,
    /// Results whose call is not on this branch; they are left out.
    pub orphans: usize,
}

/// Reads one branch of a trajectory by its leaf, or the whole where `leaf` is `None`.
#[must_use]
pub fn conversation(trajectory: &Trajectory, leaf: Option<&str>) -> Conversation {
    let mut messages: Vec<Message> = Vec::new();
    if let Some(prompt) = trajectory.system_prompt.as_deref().filter(|p| !p.trim().is_empty()) {
        messages.push(Message::new(Role::System, prompt.to_owned()));
    }
    let (mut asked, mut orphans) = (HashSet::new(), 0);
    for step in path(trajectory, leaf) {
        let execution = step.execution.as_deref().and_then(|id| trajectory.execution(id));
        match (step.kind, step.actor, execution) {
            (Kind::Message, Actor::System, _) => system(&mut messages, step),
            (Kind::Message, Actor::User, _) => said(&mut messages, Role::User, step),
            (Kind::Message | Kind::Thinking, Actor::Assistant, _) => turn(&mut messages, step),
            (Kind::ToolCall, _, Some(execution)) => {
                asked.insert(execution.id.clone());
                called(&mut messages, step, execution, trajectory.agent == FREE_FORM);
            }
            (Kind::ToolResult, _, Some(execution)) if asked.contains(&execution.id) => answered(&mut messages, step, execution),
            (Kind::ToolResult, _, _) => orphans += 1,
            (Kind::Context, _, _) if is_summary(step) => {
                let kept = kept(trajectory, step, &messages);
                said(&mut messages, Role::User, step);
                messages.iter_mut().next_back().into_iter().for_each(|m| (m.summary, m.kept) = (true, kept));
            }
            _ => {}
        }
    }
    let tools = tools::declared(&trajectory.tools, &messages);
    Conversation { messages: messages.into_iter().map(Arc::new).collect(), tools: Arc::new(tools), orphans }
}

/// A compaction's summary stands where the agent read it: in place of all that came before.
fn is_summary(step: &Step) -> bool {
    step.id.ends_with(".compaction") && !step.text.trim().is_empty()
}

/// Counts the messages that the agent kept when it compacted: those after the last step that was taken out of its sight, or all where none was.
fn kept(trajectory: &Trajectory, summary: &Step, messages: &[Message]) -> usize {
    let taken = trajectory.branches.iter().find(|branch| branch.kind == BranchKind::Compaction && branch.fork.as_deref() == Some(&summary.id));
    let Some(last) = taken.and_then(|branch| trajectory.step(&branch.leaf)) else { return 0 };
    if last.id == summary.id {
        return messages.len();
    }
    let after = |message: &&Message| message.steps.first().and_then(|step| trajectory.step(step)).is_some_and(|step| step.seq > last.seq);
    messages.iter().rev().take_while(after).count()
}

fn system(messages: &mut Vec<Message>, step: &Step) {
    if messages.iter().any(|m| m.role == Role::System && m.text.trim() == step.text.trim()) {
        return;
    }
    said(messages, Role::System, step);
}

fn said(messages: &mut Vec<Message>, role: Role, step: &Step) {
    if step.text.is_empty() && step.parts.is_empty() {
        return;
    }
    let mut message = Message::new(role, step.text.clone());
    message.attachments = step.parts.len();
    message.steps.push(step.id.clone());
    messages.push(message);
}

/// The assistant's turn that is being spoken: a block that follows another without an answer between belongs to it.
fn current(messages: &mut Vec<Message>) -> Option<&mut Message> {
    if messages.last().is_none_or(|m| m.role != Role::Assistant) {
        messages.push(Message::new(Role::Assistant, String::new()));
    }
    messages.last_mut()
}

fn turn(messages: &mut Vec<Message>, step: &Step) {
    if step.text.is_empty() {
        return;
    }
    let Some(message) = current(messages) else { return };
    message.steps.push(step.id.clone());
    message.attachments += step.parts.len();
    if step.kind == Kind::Thinking {
        let thinking = message.thinking.get_or_insert_default();
        join(thinking, &step.text);
    } else {
        join(&mut message.text, &step.text);
    }
}

fn join(to: &mut String, text: &str) {
    if !to.is_empty() {
        to.push_str("\n\n");
    }
    to.push_str(text);
}

fn called(messages: &mut Vec<Message>, step: &Step, execution: &Execution, free_form: bool) {
    let Some(message) = current(messages) else { return };
    message.steps.push(step.id.clone());
    if message.calls.iter().any(|call| call.execution == execution.id) {
        return;
    }
    let args = match execution.args.as_deref() {
        None => Err("its arguments were not recorded".to_owned()),
        Some(raw) => match Json::parse(raw) {
            Ok(args @ Json::Object(_)) => Ok(args),
            // A string is the text of an object, or the one argument without a name of a tool that takes any text.
            Ok(Json::String(text)) => match Json::parse(&text) {
                Ok(args @ Json::Object(_)) => Ok(args),
                _ if free_form => Ok(Json::object([("input", text.into())])),
                Ok(_) => Err("its arguments are no JSON object".to_owned()),
                Err(why) => Err(format!("its arguments are not JSON: {why}")),
            },
            Ok(_) => Err("its arguments are no JSON object".to_owned()),
            Err(why) => Err(format!("its arguments are not JSON: {why}")),
        },
    };
    let (args, flaw) = match args {
        Ok(args) => (args, None),
        Err(flaw) => (Json::object([]), Some(flaw)),
    };
    let id = execution.call_id.clone().unwrap_or_else(|| execution.id.clone());
    message.calls.push(Call { id, execution: execution.id.clone(), name: safe_name(&execution.tool), args, flaw });
}

fn answered(messages: &mut Vec<Message>, step: &Step, execution: &Execution) {
    let id = execution.call_id.clone().unwrap_or_else(|| execution.id.clone());
    if messages.iter().rev().any(|m| m.answers.as_ref() == Some(&id)) {
        return;
    }
    let mut message = Message::new(Role::Tool, step.text.clone());
    message.answers = Some(id);
    message.tool = Some(safe_name(&execution.tool));
    message.refused = execution.stop_class == Some(StopClass::Refusal) || matches!(execution.status, Status::Denied | Status::Blocked);
    message.attachments = step.parts.len();
    message.steps.push(step.id.clone());
    messages.push(message);
}

/// Says why a prompt cannot stand in a row: a call in it that nobody answered, or cannot be written; an image; nobody who asks.
#[must_use]
pub fn prompt_flaw(prompt: &[Arc<Message>]) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    for message in prompt {
        match message.role {
            Role::Tool => open.retain(|id| message.answers.as_deref() != Some(id)),
            _ if !open.is_empty() => return Some(format!("the call {} before it was never answered", open.first().unwrap_or(&""))),
            _ => open.extend(message.calls.iter().map(|call| call.id.as_str())),
        }
        if let Some((call, flaw)) = message.calls.iter().find_map(|call| call.flaw.as_ref().map(|flaw| (call, flaw))) {
            return Some(format!("the call {} before it cannot be written: {flaw}", call.id));
        }
        if message.attachments > 0 {
            return Some("an image or document stands before it, which no row carries".to_owned());
        }
    }
    if let Some(id) = open.first() {
        return Some(format!("the call {id} before it was never answered"));
    }
    (!prompt.iter().any(|m| m.role == Role::User)).then(|| "no user message stands before it".to_owned())
}

/// Says why a turn cannot be a target: it is empty, or a call of it cannot be written.
#[must_use]
pub fn target_flaw(turn: &Message) -> Option<String> {
    if let Some((call, flaw)) = turn.calls.iter().find_map(|call| call.flaw.as_ref().map(|flaw| (call, flaw))) {
        return Some(format!("the call {} cannot be written: {flaw}", call.id));
    }
    if turn.attachments > 0 {
        return Some("it holds an image or document".to_owned());
    }
    (turn.text.trim().is_empty() && turn.calls.is_empty()).then(|| "the turn says and does nothing".to_owned())
}
