//! `maestro-session`: session files (JSON Lines), versions 1 to 3, camelCase, snake_case and mixed.

use super::messages::{self, Place};
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{Mark, Node as TreeNode};
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
    let known = node.any(&["modelMetadata", "model_metadata", "systemPrompt", "system_prompt", "tools", "promptMetadata", "prompt_metadata"]).is_some();
    node.str("type") == Some("session") && node.str("id").is_some() && (model || known)
}

/// Entries that stand in the tree, beside messages.
const TREE: [&str; 8] = ["thinking_level_change", "model_change", "compaction", "branch_summary", "custom", "custom_message", "label", "side_question"];

/// Reads entries; it remembers the entry before, which an entry without a parent follows.
#[derive(Default)]
pub struct Session {
    last: Option<String>,
    seen: HashSet<String>,
    /// Entries that the index of an old compaction counts.
    counted: Vec<String>,
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
                    None => {
                        out.issue("no_message", span, "a message entry that holds no message; kept as it is");
                        out.push(place.fact(place.block("message", 0), Actor::Runtime, Body::Unknown(node.all_text())));
                    }
                }
            }
            _ if TREE.contains(&kind) => self.tree_entry(kind, node, span, out),
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
        crate::formats::consent::hear(node, &mut about.lineage);
        let parent = node.owned(&["parentSession", "parent_session"]).or_else(|| node.owned(&["branchedFrom", "branched_from"]));
        about.lineage.parent_session = about.lineage.parent_session.take().or_else(|| parent.map(|p| session_in(&p)));
        // The prompt and the manifests quote files of the workspace: what they hold must be found and audited.
        let mut text = vec![node.owned(&["subject"]).unwrap_or_else(|| "session started".to_owned())];
        text.extend(node.owned(&["systemPrompt", "system_prompt"]));
        let manifests = ["prompt_context_manifest", "unified_context_manifest", "promptContextManifest", "unifiedContextManifest"];
        text.extend(manifests.iter().filter_map(|key| node.get(key)).map(Node::all_text));
        out.push(Fact::new(Slot::Own, span.clone(), Actor::System, Body::Context(text.join("\n"))).at(node.time(&["timestamp"])));
    }

    /// Gives an entry its place in the tree: a missing id is made from its line, a missing parent is the entry before it,
    /// and a parent that is nowhere makes it a root.
    fn place(&mut self, node: &Node<'_>, span: &Span) -> Place {
        let stated = node.owned(&["id"]);
        let id = stated.clone().unwrap_or_else(|| format!("line-{}-{}", span.line, span.start));
        let parent = match node.get("parentId").or_else(|| node.get("parent_id")) {
            Some(parent) => parent.as_str().filter(|p| self.seen.contains(*p)).map(str::to_owned),
            None => self.last.clone(),
        };
        self.seen.insert(id.clone());
        self.last = Some(id.clone());
        if matches!(node.str("type"), Some("message" | "custom_message" | "branch_summary")) {
            self.counted.push(id.clone());
        }
        let at = node.time(&["timestamp"]).or_else(|| node.get("message")?.time(&["timestamp"]));
        Place { spans: vec![span.clone()], at, entry: stated, node: Some(TreeNode { id, parent }) }
    }

    fn tree_entry(&mut self, kind: &str, node: &Node<'_>, span: &Span, out: &mut Output) {
        let place = self.place(node, span);
        let slot = place.entry.as_ref().map_or(Slot::Own, |id| Slot::Named(format!("{id}.{kind}")));
        if kind == "custom" {
            replay(node, out);
        }
        let mut fact = place.fact(slot, Actor::Runtime, Body::Context(text_of(kind, node)));
        fact.aliases.extend(place.entry);
        fact.mark = (kind == "compaction").then(|| Mark::Compaction { first_kept: self.first_kept(node) });
        out.push(fact);
    }

    /// Finds the first entry that a compaction kept: named, or counted among what models are shown in old files.
    fn first_kept(&self, node: &Node<'_>) -> Option<String> {
        let named = node.owned(&["firstKeptEntryId", "first_kept_entry_id"]).filter(|id| self.seen.contains(id));
        named.or_else(|| {
            let index = usize::try_from(node.u64_any(&["firstKeptEntryIndex", "first_kept_entry_index"])?).ok()?;
            self.counted.get(index).cloned()
        })
    }
}

fn text_of(kind: &str, node: &Node<'_>) -> String {
    let joined = |parts: &[Option<&str>]| parts.iter().copied().flatten().collect::<Vec<_>>().join("\n");
    match kind {
        "thinking_level_change" => format!("thinking level: {}", node.str_any(&["thinkingLevel", "thinking_level"]).unwrap_or("?")),
        "model_change" => format!("model: {}", node.str("model").unwrap_or("?")),
        "compaction" => joined(&[node.str("summary"), node.str_any(&["customInstructions", "custom_instructions"])]),
        "branch_summary" => joined(&[node.str("summary"), node.str_any(&["fromId", "from_id"]).map(|id| format!("from {id}")).as_deref()]),
        "custom_message" => node.get("content").map(content_text).unwrap_or_default(),
        "label" => {
            let target = node.str_any(&["targetId", "target_id"]).unwrap_or("?");
            node.str("label").map_or_else(|| format!("label of {target} removed"), |label| format!("label of {target}: {label}"))
        }
        "side_question" => joined(&[node.str("question"), node.str("answer")]),
        _ => joined(&[node.str_any(&["customType", "custom_type"]), node.get("data").map(Node::all_text).as_deref()]),
    }
}

/// Takes the session's id out of a path to its file, `<time>_<id>.jsonl`; anything else is the id itself.
fn session_in(parent: &str) -> String {
    let name = parent.rsplit(['/', '\\']).next().unwrap_or(parent);
    name.strip_suffix(".jsonl").map_or_else(|| parent.to_owned(), |stem| stem.split_once('_').map_or(stem, |(_, id)| id).to_owned())
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
    if let Some(tags) = node.get("tags").filter(|t| t.is_array()) {
        about.tags = tags.items().iter().filter_map(Node::as_str).map(str::to_owned).collect();
    }
    let tags = node.get("tags").map(Node::all_text).filter(|t| !t.is_empty()).map(|t| format!("tags: {}", t.replace('\n', ", ")));
    let parts = [node.str("title"), node.str("summary"), node.str_any(&["resumeSummary", "resume_summary"]), tags.as_deref()];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(node.time(&["timestamp"])));
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::fact::Mark;

    fn read(lines: &str) -> crate::model::Portion {
        let text = format!("{{\"type\":\"session\",\"id\":\"s\",\"model\":\"a/b\",\"branchedFrom\":\"/home/x/2026-05-01T08-00-00-000Z_p1.jsonl\"}}\n{lines}");
        let reading = read_plain(text.as_bytes(), "s.jsonl", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!(reading.format.name, "maestro-session");
        reading.portions.into_iter().next().unwrap().0
    }

    fn message(id: &str, parent: &str) -> String {
        format!(r#"{{"type":"message",{id}{parent}"message":{{"role":"user","content":"x"}}}}"#)
    }

    #[test]
    fn missing_ids_and_parents_are_migrated() {
        let lines = [
            message("", ""),
            message("\"id\":\"b\",", ""),
            message("\"id\":\"c\",", "\"parentId\":\"nowhere\","),
            message("\"id\":\"d\",", "\"parentId\":\"b\","),
        ];
        let portion = read(&lines.join("\n"));
        let tree: Vec<_> = portion.facts.iter().filter_map(|f| f.node.as_ref()).map(|n| (n.id.split('-').next().unwrap(), n.parent.is_some())).collect();
        assert_eq!(tree, [("line", false), ("b", true), ("c", false), ("d", true)]);
        assert_eq!(portion.about.lineage.parent_session.as_deref(), Some("p1"));
    }

    #[test]
    fn a_compaction_names_what_it_kept() {
        let kept = |compaction: &str| {
            let lines =
                [message("\"id\":\"a\",", ""), r#"{"type":"label","id":"l","targetId":"a"}"#.to_owned(), message("\"id\":\"b\",", ""), compaction.to_owned()];
            let portion = read(&lines.join("\n"));
            portion.facts.into_iter().find_map(|f| f.mark).map(|Mark::Compaction { first_kept }| first_kept)
        };
        assert_eq!(kept(r#"{"type":"compaction","id":"k","summary":"s","firstKeptEntryId":"b"}"#), Some(Some("b".into())));
        assert_eq!(kept(r#"{"type":"compaction","summary":"s","first_kept_entry_index":1}"#), Some(Some("b".into())));
        assert_eq!(kept(r#"{"type":"compaction","summary":"s","firstKeptEntryIndex":9}"#), Some(None));
    }

    #[test]
    fn the_last_word_on_tags_counts() {
        let portion = read("{\"type\":\"session_meta\",\"title\":\"T\",\"tags\":[\"control\"]}\n{\"type\":\"session_meta\",\"tags\":[\"candidate\"]}");
        assert_eq!((portion.about.title.as_deref(), portion.about.tags.iter().map(String::as_str).collect::<Vec<_>>()), (Some("T"), vec!["candidate"]));
    }
}
