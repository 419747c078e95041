//! `pi`: sessions of the pi coding agent: a header, then entries, which from version 2 on form a tree by `parentId`.

use super::access::content_text;
use super::calls::{call, result};
use super::json::Node;
use super::refusals;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{Mark, Node as TreeNode, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, Usage};

/// The format.
pub const FORMAT: Format = Format {
    name: "pi",
    agent: "pi",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| probe.first().is_some_and(is_header),
    reader: || Box::new(Pi),
    doc: "Sessions of the pi coding agent.",
};

fn is_header(node: &Node<'_>) -> bool {
    node.str("type") == Some("session")
        && node.str("id").is_some()
        && node.str("cwd").is_some()
        && node.get("timestamp").is_some()
        && node.get("model").is_none()
}

struct Pi;

/// An entry of the session.
struct Entry<'r> {
    node: &'r Node<'r>,
    span: &'r Span,
    at: Option<Timestamp>,
    id: Option<String>,
}

impl Entry<'_> {
    /// Makes a fact of the entry; the first version gives entries no ids.
    fn fact(&self, kind: &str, actor: Actor, body: Body) -> Fact {
        let slot = self.id.as_ref().map_or(Slot::Own, |id| Slot::Named(format!("{id}.{kind}")));
        self.placed(Fact::new(slot, self.span.clone(), actor, body))
    }

    fn placed(&self, mut fact: Fact) -> Fact {
        fact.at = self.at;
        fact.node = self.id.as_ref().map(|id| TreeNode { id: id.clone(), parent: self.node.owned(&["parentId"]) });
        fact
    }
}

impl Reader for Pi {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let entry = Entry { node, span: &record.span, at: node.time(&["timestamp"]), id: node.owned(&["id"]) };
        let context = |text: String| entry.fact("entry", Actor::Runtime, Body::Context(text));
        match node.str("type") {
            Some("session") => header(node, &record.span, out),
            Some("message") => match node.get("message") {
                Some(message) => read_message(message, &entry, out),
                None => out.unknown(record.span.clone(), node.all_text()),
            },
            Some("model_change") => {
                let model = node.owned(&["modelId"]);
                out.about().model.get_or_insert_with(|| model.clone().unwrap_or_default());
                out.about().provider = out.about().provider.take().or_else(|| node.owned(&["provider"]));
                out.push(context(format!("model {}/{}", node.str("provider").unwrap_or_default(), model.unwrap_or_default())));
            }
            Some("thinking_level_change") => out.push(context(format!("thinking level {}", node.str("thinkingLevel").unwrap_or_default()))),
            Some("compaction") => {
                let text = node.owned(&["summary"]).unwrap_or_else(|| node.all_text());
                let mut fact = entry.fact("compaction", Actor::Runtime, Body::Context(text));
                fact.mark = Some(Mark::Compaction { first_kept: node.owned(&["firstKeptEntryId"]) });
                out.push(fact);
            }
            Some("branch_summary") => out.push(context(node.owned(&["summary"]).unwrap_or_else(|| node.all_text()))),
            Some("session_info") => {
                out.about().title = node.owned(&["name"]).or_else(|| out.about().title.take());
                out.push(context(node.owned(&["name"]).unwrap_or_default()));
            }
            Some("custom" | "custom_message" | "label") => out.push(context(node.all_text())),
            Some(kind) => out.unknown_type(record, kind),
            None => out.unknown(record.span.clone(), node.all_text()),
        }
    }
}

fn header(node: &Node<'_>, span: &Span, out: &mut Output) {
    out.session(node.str("id").unwrap_or_default());
    let about = out.about();
    about.cwd = about.cwd.take().or_else(|| node.owned(&["cwd"]));
    about.provider = about.provider.take().or_else(|| node.owned(&["provider"]));
    about.model = about.model.take().or_else(|| node.owned(&["modelId"]));
    // The parent is named by its file, whose name ends in its id.
    let parent = node.str_any(&["parentSession", "branchedFrom"]).and_then(|path| path.rsplit(['/', '_']).next()?.strip_suffix(".jsonl"));
    about.lineage.parent_session = about.lineage.parent_session.take().or_else(|| parent.map(str::to_owned));
    out.push(Fact::new(Slot::Own, span.clone(), Actor::System, Body::Context("session started".to_owned())).at(node.time(&["timestamp"])));
}

fn read_message(message: &Node<'_>, entry: &Entry<'_>, out: &mut Output) {
    let text = || message.get("content").map(content_text).unwrap_or_default();
    match message.str("role") {
        Some("user") => {
            out.push(entry.fact("text", Actor::User, Body::Text { text: text(), partial: false }));
            images(message, entry, Actor::User, out);
        }
        Some("assistant") => assistant(message, entry, out),
        Some("toolResult") => {
            let (id, text) = (message.owned(&["toolCallId"]), text());
            let is_error = message.bool_any(&["isError"]);
            let stop = refusals::in_text(&text).filter(|_| is_error == Some(true));
            if let (Some(stop), Some(id)) = (&stop, &id) {
                out.push(entry.placed(refusals::resolution(id, stop, refusals::note(&text), entry.span.clone(), entry.at, "result text")));
            }
            let ran = if stop.is_some() { Some(false) } else { (is_error == Some(false)).then_some(true) };
            out.push(entry.placed(result(id, text, ResultFact { is_error, stop, ran, ..ResultFact::default() }, entry.span)));
            images(message, entry, Actor::Tool, out);
        }
        // What the person ran in the agent's terminal; the agent reads it.
        Some("bashExecution") => {
            let told = format!("! {}\n{}", message.str("command").unwrap_or_default(), message.str("output").unwrap_or_default());
            out.push(entry.fact("bash", Actor::User, Body::Context(told)));
        }
        Some(_) => out.push(entry.fact("text", Actor::Runtime, Body::Context(message.owned(&["summary"]).unwrap_or_else(|| message.all_text())))),
        None => out.push(entry.fact("text", Actor::Runtime, Body::Unknown(message.all_text()))),
    }
}

fn assistant(message: &Node<'_>, entry: &Entry<'_>, out: &mut Output) {
    let model = message.owned(&["model"]);
    out.about().model = out.about().model.take().or_else(|| model.clone());
    out.about().provider = out.about().provider.take().or_else(|| message.owned(&["provider"]));
    let mut facts = Vec::new();
    for (nth, block) in message.get("content").map(Node::items).unwrap_or_default().iter().enumerate() {
        let kind = |kind: &str| if nth == 0 { kind.to_owned() } else { format!("{kind}{}", nth + 1) };
        facts.push(match block.str("type") {
            Some("thinking") => entry.fact(&kind("thinking"), Actor::Assistant, Body::Thinking(block.owned(&["thinking"]).unwrap_or_default())),
            Some("toolCall") => {
                entry.placed(call(block.owned(&["id"]), block.owned(&["name"]).unwrap_or_default(), block.get("arguments").map(Node::raw_args), entry.span))
            }
            Some("text") => entry.fact(&kind("text"), Actor::Assistant, Body::Text { text: block.owned(&["text"]).unwrap_or_default(), partial: false }),
            _ => entry.fact(&kind("block"), Actor::Assistant, Body::Context(block.all_text())),
        });
    }
    if facts.is_empty() {
        facts.push(entry.fact("text", Actor::Assistant, Body::Text { text: String::new(), partial: true }));
    }
    if let Some(first) = facts.first_mut() {
        first.usage = message.get("usage").map(spent).filter(|usage| !usage.is_empty()).map(Box::new);
    }
    if let Some(error) = message.owned(&["errorMessage"]) {
        facts.push(entry.fact("error", Actor::Runtime, Body::Error(error)));
    }
    for mut fact in facts {
        fact.model.clone_from(&model);
        out.push(fact);
    }
}

fn images(message: &Node<'_>, entry: &Entry<'_>, actor: Actor, out: &mut Output) {
    let parts = message.get("content").map(Node::items).unwrap_or_default().iter().filter(|part| part.str("type") == Some("image"));
    for (nth, part) in parts.enumerate() {
        let body = Body::Attachment {
            name: "image".to_owned(),
            media_type: part.owned(&["mimeType"]).unwrap_or_default(),
            bytes: part.str("data").map_or(0, |data| data.len() as u64),
            text: String::new(),
        };
        out.push(entry.fact(&format!("image{}", nth + 1), actor, body));
    }
}

fn spent(usage: &Node<'_>) -> Usage {
    let count = |key: &str| usage.u64_any(&[key]).unwrap_or(0);
    Usage {
        input: count("input"),
        output: count("output"),
        cache_read: count("cacheRead"),
        cache_write: count("cacheWrite"),
        cost_usd: usage.get("cost").and_then(|cost| cost.f64_any(&["total"])).filter(|cost| *cost > 0.0),
    }
}
