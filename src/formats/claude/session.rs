//! `claude-code`: session files of Claude Code, sub-agents included: a DAG of lines by `parentUuid`.

use super::events::{Costs, STATE, Titles, attachment, is_harness_text, system};
use super::results;
use crate::formats::access::content_text;
use crate::formats::calls::asked;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::Node as TreeNode;
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, Usage};
use std::collections::{HashMap, HashSet};

/// The format.
pub const FORMAT: Format = Format {
    name: "claude-code",
    agent: "claude-code",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| probe.any_line(|n| n.str("sessionId").is_some() && n.get("type").is_some() && (n.get("uuid").is_some() || n.get("isSidechain").is_some())),
    reader: || Box::new(ClaudeCode::default()),
    doc: "Claude Code session files: one JSON line per block or event, linked by `parentUuid`.",
};

/// Reads lines, and the messages of the wire.
#[derive(Default)]
pub struct ClaudeCode {
    /// Tokens that messages stated so far.
    pub spent: Usage,
    titles: Titles,
    costs: Costs,
    /// Entries of sub-agents that have no id, with the entry each began with.
    sidechains: HashMap<String, String>,
    /// The entry before, and whether entries follow each other without saying so.
    last: Option<String>,
    untied: bool,
    paid: HashSet<String>,
    blocks: HashMap<(String, &'static str), usize>,
}

/// What a line says of itself.
struct Line<'r> {
    node: &'r Node<'r>,
    span: &'r Span,
    at: Option<Timestamp>,
    uuid: Option<String>,
    /// Its place in the tree; the wire has none.
    entry: Option<TreeNode>,
}

impl Line<'_> {
    fn fact(&self, slot: Slot, actor: Actor, body: Body) -> Fact {
        let mut fact = Fact::new(slot, self.span.clone(), actor, body).at(self.at);
        fact.node.clone_from(&self.entry);
        if let Some(uuid) = self.uuid.as_ref().filter(|_| matches!(fact.slot, Slot::Call(_) | Slot::Result(_))) {
            fact.aliases.push(uuid.clone());
        }
        fact
    }
}

impl Reader for ClaudeCode {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let line = Line { node, span: &record.span, at: node.time(&["timestamp"]), uuid: node.owned(&["uuid"]), entry: self.place(node) };
        self.enter(node, out);
        if let Some(uuid) = &line.uuid {
            self.titles.entry(uuid);
        }
        match node.str("type") {
            Some("assistant") => self.assistant(&line, out),
            Some("user") => self.user(&line, out),
            Some("attachment") => {
                let (actor, body) = attachment(node, out);
                out.push(line.fact(named(&line, "attachment"), actor, body));
            }
            Some("summary" | "ai-title" | "custom-title") => {
                let title = self.titles.note(node);
                out.push(line.fact(named(&line, "title"), Actor::Runtime, Body::Context(title)));
            }
            Some("cost-state") => {
                let mut fact = line.fact(named(&line, "event"), Actor::Runtime, Body::Context("cost-state".to_owned()));
                fact.usage = self.costs.add(node).map(Box::new);
                out.push(fact);
            }
            Some("system") => out.push(line.fact(named(&line, "event"), Actor::Runtime, system(node))),
            Some(kind) if STATE.contains(&kind) => {
                let text = node.owned(&["content", "lastPrompt", "permissionMode", "mode", "operation"]).unwrap_or_default();
                out.push(line.fact(named(&line, "event"), Actor::Runtime, Body::Context(format!("{kind} {text}").trim().to_owned())));
            }
            Some(kind) => out.unknown_type(record, kind),
            None => out.unknown(record.span.clone(), node.all_text()),
        }
    }

    fn finish(&mut self, out: &mut Output) {
        if let Some(title) = self.titles.take() {
            out.about().title = Some(title);
        }
    }
}

fn named(line: &Line<'_>, kind: &str) -> Slot {
    line.uuid.as_ref().map_or(Slot::Own, |uuid| Slot::Named(format!("{uuid}.{kind}")))
}

impl ClaudeCode {
    /// A sub-agent's lines carry the session of the parent: they are a session of their own, named by the agent, or in older
    /// files by the entry it began with.
    fn enter(&mut self, node: &Node<'_>, out: &mut Output) {
        let Some(session) = node.str("sessionId") else { return };
        let aside = node.bool_any(&["isSidechain"]) == Some(true);
        let agent = match node.owned(&["agentId"]) {
            Some(agent) => Some(agent).filter(|_| node.bool_any(&["isSidechain"]) != Some(false)),
            None => node.owned(&["uuid"]).filter(|_| aside).map(|uuid| {
                let first = node.str("parentUuid").and_then(|parent| self.sidechains.get(parent)).unwrap_or(&uuid).clone();
                self.sidechains.insert(uuid, first.clone());
                first
            }),
        };
        match agent {
            Some(agent) => {
                out.session(&format!("{session}/{agent}"));
                out.about().lineage.parent_session.get_or_insert_with(|| session.to_owned());
            }
            None => out.session(session),
        }
        let about = out.about();
        about.cwd = about.cwd.take().or_else(|| node.owned(&["cwd"]));
        about.git_ref = about.git_ref.take().or_else(|| node.owned(&["gitBranch"]));
        about.agent_version = about.agent_version.take().or_else(|| node.owned(&["version"]));
    }

    /// Finds the place of a line in the tree. An answer without a parent shows that the file ties no lines: then each follows the last.
    fn place(&mut self, node: &Node<'_>) -> Option<TreeNode> {
        let id = node.owned(&["uuid"])?;
        let stated = node.owned(&["parentUuid", "logicalParentUuid"]);
        self.untied |= stated.is_none() && self.last.is_some() && node.str("type") == Some("assistant");
        let parent = stated.or_else(|| self.last.clone().filter(|_| self.untied));
        self.last = Some(id.clone());
        Some(TreeNode { id, parent })
    }

    /// Reads a user or assistant message that stands outside a session file.
    pub fn message(&mut self, node: &Node<'_>, span: &Span, out: &mut Output) {
        let line = Line { node, span, at: node.time(&["timestamp"]), uuid: node.owned(&["uuid"]), entry: None };
        if node.str("type") == Some("assistant") { self.assistant(&line, out) } else { self.user(&line, out) }
    }

    /// One message of the API is split over lines; its blocks are numbered through, its usage counts once.
    fn assistant(&mut self, line: &Line<'_>, out: &mut Output) {
        let Some(message) = line.node.get("message") else { return out.unknown(line.span.clone(), line.node.all_text()) };
        let id = message.owned(&["id"]).or_else(|| line.uuid.clone()).unwrap_or_default();
        let model = message.owned(&["model"]).filter(|m| m != "<synthetic>");
        if let Some(model) = &model {
            out.about().model.get_or_insert_with(|| model.clone());
            out.about().provider.get_or_insert_with(|| "anthropic".to_owned());
        }
        let mut usage = message.get("usage").filter(|_| self.paid.insert(id)).map(spent).filter(|u| !u.is_empty()).map(Box::new);
        if let Some(usage) = &usage {
            self.spent.add(usage);
        }
        if line.node.bool_any(&["isApiErrorMessage"]) == Some(true) {
            let text = message.get("content").map(content_text).unwrap_or_default();
            return out.push(line.fact(self.block(line, "error"), Actor::Runtime, Body::Error(text)));
        }
        let content = message.get("content");
        let whole = content.and_then(Node::as_str).map(|text| Body::Text { text: text.to_owned(), partial: false });
        let blocks = content.map(Node::items).unwrap_or_default();
        let mut facts: Vec<Fact> = whole.into_iter().map(|body| line.fact(self.block(line, "text"), Actor::Assistant, body)).collect();
        facts.extend(blocks.iter().map(|block| self.part(line, block)));
        if facts.is_empty() {
            facts.push(line.fact(self.block(line, "text"), Actor::Assistant, Body::Text { text: String::new(), partial: true }));
        }
        for mut fact in facts {
            fact.model.clone_from(&model);
            fact.usage = usage.take();
            out.push(fact);
        }
    }

    fn part(&mut self, line: &Line<'_>, block: &Node<'_>) -> Fact {
        match block.str("type") {
            Some("thinking" | "redacted_thinking") => {
                let text = block.str_any(&["thinking", "text"]).unwrap_or_default().to_owned();
                line.fact(self.block(line, "thinking"), Actor::Assistant, Body::Thinking(text))
            }
            Some("tool_use" | "server_tool_use") => {
                let id = block.owned(&["id"]);
                let tool = block.owned(&["name"]).unwrap_or_default();
                let args = block.get("input").map(Node::raw_args);
                let body = Body::Call(Box::new(asked(id.clone(), tool, args)));
                line.fact(id.map_or(Slot::Own, Slot::Call), Actor::Assistant, body)
            }
            Some("image") => line.fact(self.block(line, "image"), Actor::Assistant, image(block)),
            _ => {
                let text = block.str("text").map_or_else(|| block.all_text(), str::to_owned);
                line.fact(self.block(line, "text"), Actor::Assistant, Body::Text { text, partial: false })
            }
        }
    }

    fn user(&mut self, line: &Line<'_>, out: &mut Output) {
        let Some(content) = line.node.path(&["message", "content"]) else {
            return out.unknown(line.span.clone(), line.node.all_text());
        };
        // What was compacted stands here in few words; a step of that name is known as such in every format.
        let summary = line.node.bool_any(&["isCompactSummary"]) == Some(true);
        let kind = if summary { "compaction" } else { "text" };
        let spoken = |text: String| {
            if is_harness_text(line.node, &text) { (Actor::Runtime, Body::Context(text)) } else { (Actor::User, Body::Text { text, partial: false }) }
        };
        if let Some(text) = content.as_str() {
            let (actor, body) = spoken(text.to_owned());
            return out.push(line.fact(self.block(line, kind), actor, body));
        }
        let mut pushed = false;
        for block in content.items() {
            pushed = true;
            match block.str("type") {
                Some("tool_result") => {
                    for (slot, actor, body) in results::read(line.node, block, line.at) {
                        out.push(line.fact(slot, actor, body));
                    }
                }
                Some("image" | "document") => out.push(line.fact(self.block(line, "image"), Actor::User, image(block))),
                _ => {
                    let text = block.str("text").map_or_else(|| block.all_text(), str::to_owned);
                    let (actor, body) = spoken(text);
                    out.push(line.fact(self.block(line, kind), actor, body));
                }
            }
        }
        if !pushed {
            out.push(line.fact(self.block(line, "text"), Actor::User, Body::Text { text: content_text(content), partial: true }));
        }
    }

    fn block(&mut self, line: &Line<'_>, kind: &'static str) -> Slot {
        let Some(uuid) = &line.uuid else { return Slot::Own };
        let nth = self.blocks.entry((uuid.clone(), kind)).or_insert(0);
        *nth += 1;
        if *nth == 1 { Slot::Named(format!("{uuid}.{kind}")) } else { Slot::Named(format!("{uuid}.{kind}{nth}")) }
    }
}

/// Reads the tokens of a message or of a whole run.
pub fn spent(usage: &Node<'_>) -> Usage {
    let count = |keys: &[&str]| usage.u64_any(keys).unwrap_or(0);
    Usage {
        input: count(&["input_tokens"]),
        output: count(&["output_tokens"]),
        cache_read: count(&["cache_read_input_tokens"]),
        cache_write: count(&["cache_creation_input_tokens"]),
        cost_usd: None,
    }
}

/// Names an image or document block.
pub fn image(block: &Node<'_>) -> Body {
    let source = block.get("source").unwrap_or(block);
    let media_type = source.owned(&["media_type"]).unwrap_or_default();
    Body::Attachment {
        name: block.str("type").unwrap_or("image").to_owned(),
        media_type,
        bytes: source.str("data").map_or(0, |d| d.len() as u64),
        text: String::new(),
    }
}
