//! `maestro-session`: session files (JSON Lines), versions 1 to 3, camelCase, snake_case and mixed.

use super::messages::{self, Place};
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::Node as TreeNode;
use crate::model::{Actor, Body, Fact, Slot, Span};
use std::collections::HashSet;

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-session",
    agent: "maestro",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| probe.any_line(is_header),
    reader: || Box::new(Session::default()),
    doc: "Maestro session files: a header with `type: session`, then a tree of entries.",
};

/// A session header is Maestro's only with one of these; pi writes the same type without them.
fn is_header(node: &Node<'_>) -> bool {
    let model = node.str("model").is_some_and(|m| m.contains('/'));
    let known = node.any(&["modelMetadata", "model_metadata", "systemPrompt", "system_prompt", "tools", "promptMetadata"]).is_some();
    node.str("type") == Some("session") && node.str("id").is_some() && (model || known)
}

/// Reads entries; it remembers the entry before, which an entry without a parent follows.
#[derive(Default)]
pub struct Session {
    last: Option<String>,
    seen: HashSet<String>,
    headed: bool,
}

impl Reader for Session {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        self.entry(record.node, &record.span, out);
    }
}

impl Session {
    /// Reads one entry, from a line or from the list of an export.
    pub fn entry(&mut self, node: &Node<'_>, span: &Span, out: &mut Output) {
        let at = node.time(&["timestamp"]);
        let kind = node.str("type").unwrap_or_default();
        match kind {
            "session" => self.header(node, span, out),
            "session_meta" => meta(node, span, out),
            "attachment_extract" => {
                let text = node.owned(&["extractedText", "extracted_text"]).unwrap_or_default();
                let mut fact = Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(at);
                fact.aliases.extend(node.owned(&["attachmentId", "attachment_id"]));
                out.push(fact);
            }
            "message" => {
                let place = self.place(node, span);
                match node.get("message").filter(|m| m.is_object()) {
                    Some(message) => messages::push(message, &place, out),
                    None => out.unknown(span.clone(), node.all_text()),
                }
            }
            "thinking_level_change" | "model_change" | "compaction" | "branch_summary" | "custom" | "custom_message" | "label" | "side_question" => {
                self.tree_entry(kind, node, span, out)
            }
            "plan_review" => out.push(Fact::new(Slot::Own, span.clone(), Actor::User, Body::Context(node.all_text())).at(at)),
            _ => {
                out.issue("unknown_type", span, format!("entries of type {kind:?} are not known; kept as they are"));
                out.unknown(span.clone(), node.all_text());
            }
        }
    }

    fn header(&mut self, node: &Node<'_>, span: &Span, out: &mut Output) {
        if self.headed {
            out.issue("second_header", span, "a second session header; only the first names the session");
        } else if let Some(id) = node.str("id") {
            out.session(id);
        }
        self.headed = true;
        let about = out.about();
        if let Some(model) = node.str("model") {
            about.set_model(model);
        }
        if let Some(meta) = node.any(&["modelMetadata", "model_metadata"]) {
            about.provider = about.provider.take().or_else(|| meta.owned(&["provider"]));
            about.model = about.model.take().or_else(|| meta.owned(&["modelId", "model_id"]));
        }
        about.cwd = about.cwd.take().or_else(|| node.owned(&["cwd"]));
        about.started_at = about.started_at.or_else(|| node.time(&["timestamp"]));
        about.system_prompt = about.system_prompt.take().or_else(|| node.owned(&["systemPrompt", "system_prompt"]));
        if about.tools.is_empty() {
            about.tools = node.get("tools").map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
        }
        if let Some(prompt) = node.any(&["promptMetadata", "prompt_metadata"]) {
            about.lineage.prompt = super::lineage::map(prompt);
        }
        let parent = node.owned(&["parentSession", "parent_session"]).or_else(|| node.owned(&["branchedFrom", "branched_from"]));
        about.lineage.parent_session = about.lineage.parent_session.take().or(parent);
        let text = node.owned(&["subject"]).unwrap_or_else(|| "session started".to_owned());
        out.push(Fact::new(Slot::Own, span.clone(), Actor::System, Body::Context(text)).at(node.time(&["timestamp"])));
    }

    /// Gives an entry its place in the tree: a missing id is made from its line, a missing parent is the entry before it,
    /// and a parent that is nowhere makes it a root.
    fn place(&mut self, node: &Node<'_>, span: &Span) -> Place {
        let stated = node.owned(&["id"]);
        let id = stated.clone().unwrap_or_else(|| format!("line-{}", span.line));
        let parent = match node.get("parentId").or_else(|| node.get("parent_id")) {
            Some(parent) => parent.as_str().filter(|p| self.seen.contains(*p)).map(str::to_owned),
            None => self.last.clone(),
        };
        self.seen.insert(id.clone());
        self.last = Some(id.clone());
        let at = node.time(&["timestamp"]).or_else(|| node.get("message")?.time(&["timestamp"]));
        Place { spans: vec![span.clone()], at, entry: stated, node: Some(TreeNode { id, parent }) }
    }

    fn tree_entry(&mut self, kind: &str, node: &Node<'_>, span: &Span, out: &mut Output) {
        let place = self.place(node, span);
        let text = match kind {
            "thinking_level_change" => format!("thinking level: {}", node.str_any(&["thinkingLevel", "thinking_level"]).unwrap_or("?")),
            "model_change" => format!("model: {}", node.str("model").unwrap_or("?")),
            "compaction" | "branch_summary" => node.owned(&["summary"]).unwrap_or_default(),
            "custom_message" => node.get("content").map(content_text).unwrap_or_default(),
            "label" => node.owned(&["label"]).map_or_else(|| "label removed".to_owned(), |label| format!("label: {label}")),
            "side_question" => [node.str("question"), node.str("answer")].into_iter().flatten().collect::<Vec<_>>().join("\n"),
            _ => {
                replay(node, out);
                node.get("data").map_or_else(|| node.owned(&["customType", "custom_type"]).unwrap_or_default(), Node::all_text)
            }
        };
        let slot = place.entry.as_ref().map_or(Slot::Own, |id| Slot::Named(format!("{id}.{kind}")));
        let mut fact = Fact::new(slot, span.clone(), Actor::Runtime, Body::Context(text)).at(place.at);
        fact.node = place.node;
        fact.aliases.extend(place.entry);
        out.push(fact);
    }
}

/// A scripted replay names the scenario it plays.
fn replay(node: &Node<'_>, out: &mut Output) {
    if node.str_any(&["customType", "custom_type"]) == Some("scenario_replay")
        && let Some(scenario) = node.get("data").and_then(|d| d.owned(&["scenarioId", "scenario_id"]))
    {
        out.about().lineage.scenario_id.get_or_insert(scenario);
    }
}

/// Metadata is written out of band; the last word on a field counts.
fn meta(node: &Node<'_>, span: &Span, out: &mut Output) {
    let about = out.about();
    about.title = node.owned(&["title"]).or_else(|| about.title.take());
    about.tags.extend(node.get("tags").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned));
    let text =
        [node.str("title"), node.str("summary"), node.str_any(&["resumeSummary", "resume_summary"])].into_iter().flatten().collect::<Vec<_>>().join("\n");
    out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(node.time(&["timestamp"])));
}
