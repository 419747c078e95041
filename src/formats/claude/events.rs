//! Lines of Claude Code sessions that are no messages: titles, costs, errors, and what the harness put into the context.

use crate::formats::Output;
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::model::{Actor, Body, Usage};
use std::collections::{HashMap, HashSet};

/// Types that are known and say nothing but state.
pub const STATE: &[&str] = &[
    "queue-operation",
    "last-prompt",
    "permission-mode",
    "mode",
    "atis-latch",
    "tools-used",
    "api-request",
    "api-request-shape",
    "api-request-blob",
    "file-history-snapshot",
    "progress",
    "agent-name",
    "agent-setting",
    "agent-color",
    "pr-link",
    "worktree-state",
    "bridge-session",
    "tag",
    "task-summary",
];

/// Titles that lines give to the session, the person's own the best.
#[derive(Default)]
pub struct Titles {
    best: Option<(u8, Option<String>, String)>,
    seen: HashSet<String>,
}

impl Titles {
    /// Notes that an entry stands in this file.
    pub fn entry(&mut self, uuid: &str) {
        self.seen.insert(uuid.to_owned());
    }

    /// Notes a title; a summary belongs to the session whose entry it names, which may be another one.
    pub fn note(&mut self, node: &Node<'_>) -> String {
        let title = node.owned(&["customTitle", "aiTitle", "summary", "title"]).unwrap_or_default();
        let rank = match node.str("type") {
            Some("custom-title") => 0,
            Some("ai-title") => 1,
            _ => 2,
        };
        if self.best.as_ref().is_none_or(|(known, ..)| rank <= *known) && !title.is_empty() {
            self.best = Some((rank, node.owned(&["leafUuid"]), title.clone()));
        }
        title
    }

    /// Gives the title of this file's session.
    pub fn take(&mut self) -> Option<String> {
        let (_, leaf, title) = self.best.take()?;
        leaf.is_none_or(|leaf| self.seen.contains(&leaf)).then_some(title)
    }
}

/// The cost that was stated last, by session: lines state the sum so far.
#[derive(Default)]
pub struct Costs(HashMap<String, f64>);

impl Costs {
    /// Gives what a `cost-state` line adds to the one before it, in USD.
    pub fn add(&mut self, node: &Node<'_>) -> Option<Usage> {
        let total = node.f64_any(&["totalCostUSD", "total_cost_usd"])?;
        let known = self.0.entry(node.str_any(&["sessionId", "session_id"]).unwrap_or_default().to_owned()).or_insert(0.0);
        let more = (total - *known).max(0.0);
        *known = known.max(total);
        (more > 0.0).then_some(Usage { cost_usd: Some(more), ..Usage::default() })
    }
}

/// Reads a system line: errors of the API are errors, all else is state.
pub fn system(node: &Node<'_>) -> Body {
    let subtype = node.str("subtype").unwrap_or_default();
    let text = node.owned(&["content"]).unwrap_or_else(|| {
        let told = node.fields().iter().filter(|(key, _)| matches!(key.as_ref(), "durationMs" | "error" | "compactMetadata" | "hookErrors" | "cause"));
        let told: Vec<String> =
            told.map(|(key, value)| format!("{key}: {}", if value.is_object() { value.all_text() } else { value.raw.to_owned() })).collect();
        format!("system {subtype}\n{}", told.join("\n"))
    });
    if subtype == "api_error" { Body::Error(text) } else { Body::Context(text.trim().to_owned()) }
}

/// Reads an attachment: a prompt that was typed while the agent worked is the person's, all else is context. The snapshot of the
/// prompt also holds the system prompt and the tools.
pub fn attachment(node: &Node<'_>, out: &mut Output) -> (Actor, Body) {
    let attachment = node.get("attachment").unwrap_or(node);
    let kind = attachment.str("type").unwrap_or("attachment");
    let snapshot = attachment.get("snapshot").unwrap_or(attachment);
    if let Some(prompt) = snapshot.get("systemPrompt") {
        let about = out.about();
        about.system_prompt.get_or_insert_with(|| content_text(prompt));
        if about.tools.is_empty() {
            about.tools = snapshot.get("tools").map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
        }
    }
    if let Some(prompt) = attachment.get("prompt").filter(|_| kind == "queued_command" && attachment.str("commandMode").is_none_or(|mode| mode == "prompt")) {
        return (Actor::User, Body::Text { text: content_text(prompt), partial: false });
    }
    (Actor::Runtime, Body::Context(format!("{kind}\n{}", attachment.all_text())))
}

/// Tells whether a text that stands as the person's was put there by the harness.
pub fn is_harness_text(node: &Node<'_>, text: &str) -> bool {
    const MARKS: &[&str] = &["<command-name>", "<command-message>", "<local-command-", "<bash-", "<task-notification>", "[Request interrupted by user"];
    let flagged = ["isMeta", "isCompactSummary", "isVisibleInTranscriptOnly"].iter().any(|key| node.bool_any(&[key]) == Some(true));
    let origin = node.path(&["origin", "kind"]).and_then(Node::as_str).is_some_and(|kind| kind != "human");
    flagged || origin || MARKS.iter().any(|mark| text.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::json::parse;

    #[test]
    fn titles_belong_to_the_session_of_their_leaf() {
        let mut titles = Titles::default();
        titles.entry("u1");
        titles.note(&parse(r#"{"type":"summary","summary":"another","leafUuid":"u9"}"#).unwrap());
        assert_eq!(titles.take(), None);
        titles.note(&parse(r#"{"type":"custom-title","customTitle":"mine"}"#).unwrap());
        titles.note(&parse(r#"{"type":"summary","summary":"this","leafUuid":"u1"}"#).unwrap());
        assert_eq!(titles.take().as_deref(), Some("mine"));
    }

    #[test]
    fn costs_are_sums() {
        let mut costs = Costs::default();
        let mut add = |total: &str| costs.add(&parse(&format!(r#"{{"sessionId":"s","totalCostUSD":{total}}}"#)).unwrap()).and_then(|u| u.cost_usd);
        assert_eq!((add("0.25"), add("0.25"), add("1")), (Some(0.25), None, Some(0.75)));
    }
}
