//! Messages of an Inspect sample: what was said, thought, called and answered.

use super::sample::Sample;
use crate::formats::Output;
use crate::formats::json::Node;
use crate::model::fact::{CallFact, Link, ResultFact, Stop};
use crate::model::{Actor, Body, Decision, Fact, Slot, Span, StopClass, Timestamp};

/// Types of tool errors that only a body that ran can raise (Inspect, `ToolCallError`).
const RAISED_INSIDE: [&str; 7] = ["timeout", "unicode_decode", "permission", "file_not_found", "is_a_directory", "output_limit", "unknown"];

/// Where a message stands and when it came to be.
pub struct Told<'t> {
    /// Its name in step ids.
    pub id: &'t str,
    /// Its place.
    pub span: Span,
    /// Its time, where a model event states one.
    pub at: Option<Timestamp>,
    /// The place of the model event that gave it.
    pub event: Option<&'t Span>,
}

/// Pushes the facts of a message; at least one.
pub fn push(sample: &Sample<'_>, message: &Node<'_>, told: &Told<'_>, out: &mut Output) {
    match message.str("role") {
        Some("tool") => result(sample, message, told, out),
        Some("assistant") => spoken(sample, message, told, Actor::Assistant, out),
        Some("system") => {
            let text = text_of(sample, message);
            out.about().system_prompt.get_or_insert(text);
            spoken(sample, message, told, Actor::System, out);
        }
        _ => spoken(sample, message, told, Actor::User, out),
    }
}

/// Gives the text of a message, references resolved.
pub fn text_of(sample: &Sample<'_>, message: &Node<'_>) -> String {
    sample.refs.resolve(message.get("content").map(plain).unwrap_or_default())
}

/// Joins the text parts of a content.
fn plain(content: &Node<'_>) -> String {
    match content.as_str() {
        Some(text) => text.to_owned(),
        None => content.items().iter().filter_map(|part| part.as_str().or_else(|| part.str("text"))).collect::<Vec<_>>().join("\n"),
    }
}

fn fact(told: &Told<'_>, slot: Slot, actor: Actor, body: Body) -> Fact {
    let mut fact = Fact::new(slot, told.span.clone(), actor, body).at(told.at);
    fact.spans.extend(told.event.cloned());
    fact
}

fn spoken(sample: &Sample<'_>, message: &Node<'_>, told: &Told<'_>, actor: Actor, out: &mut Output) {
    let text = text_of(sample, message);
    let parts = message.get("content").map(Node::items).unwrap_or_default();
    let calls = message.get("tool_calls").map(Node::items).unwrap_or_default();
    let (mut facts, mut after) = (Vec::new(), Vec::new());
    let (mut thoughts, mut files) = (0, 0);
    let nth = |kind: &str, n: usize| Slot::Named(if n == 0 { format!("{}.{kind}", told.id) } else { format!("{}.{kind}{}", told.id, n + 1) });
    for part in parts {
        match part.str("type") {
            Some("reasoning") => {
                let thought = part.owned(&["reasoning"]).filter(|_| part.bool_any(&["redacted"]) != Some(true)).or_else(|| part.owned(&["summary"]));
                facts.push(fact(told, nth("thinking", thoughts), actor, Body::Thinking(sample.refs.resolve(thought.unwrap_or_default()))));
                thoughts += 1;
            }
            Some(kind @ ("image" | "audio" | "video" | "document")) => {
                after.push(fact(told, nth("file", files), actor, file(sample, kind, part)));
                files += 1;
            }
            Some("tool_use") => served(part, told, &mut after),
            Some("text") | None => {}
            Some(_) => {
                after.push(fact(told, nth("part", files), actor, Body::Context(part.all_text())));
                files += 1;
            }
        }
    }
    if !text.is_empty() || (calls.is_empty() && facts.is_empty() && after.is_empty()) {
        facts.push(fact(told, nth("text", 0), actor, Body::Text { text, partial: false }));
    }
    for call in calls {
        let Some(id) = call.owned(&["id"]) else { continue };
        let (tool, args) = (call.owned(&["function"]).unwrap_or_default(), call.get("arguments").map(|a| sample.refs.resolve_json(a.raw_args())));
        let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
        after.push(fact(told, Slot::Call(id), actor, Body::Call(Box::new(CallFact { link, tool, args, ..CallFact::default() }))));
    }
    let model = message.owned(&["model"]);
    for mut fact in facts.into_iter().chain(after) {
        fact.model.clone_from(&model);
        out.push(fact);
    }
}

/// A tool that the model's own service ran: the call and its end are one part.
fn served(part: &Node<'_>, told: &Told<'_>, facts: &mut Vec<Fact>) {
    let Some(id) = part.owned(&["id"]) else { return };
    let (tool, args) = (part.owned(&["name", "tool_type"]).unwrap_or_default(), part.get("arguments").map(Node::raw_args));
    let link = Link { call_id: Some(id.clone()), tool: Some(tool.clone()), ..Link::default() };
    let call = CallFact { link: link.clone(), tool, args, ..CallFact::default() };
    facts.push(fact(told, Slot::Call(id.clone()), Actor::Assistant, Body::Call(Box::new(call))));
    let error = part.owned(&["error"]);
    let text = part.get("result").map(|r| r.as_str().map_or_else(|| r.all_text(), str::to_owned)).unwrap_or_default();
    let end = ResultFact { link, text, is_error: Some(error.is_some()), error, ran: Some(true), ..ResultFact::default() };
    facts.push(fact(told, Slot::Result(id), Actor::Tool, Body::Result(Box::new(end))));
}

/// Names a file; its size is that of the text that holds it, in bytes.
fn file(sample: &Sample<'_>, kind: &str, part: &Node<'_>) -> Body {
    let stated = part.owned(&[kind]).unwrap_or_default();
    let held = sample.refs.resolve(stated.clone());
    let inline = held.strip_prefix("data:").and_then(|data| data.split_once([';', ',']));
    let media_type = inline.map(|(media, _)| media.to_owned()).or_else(|| part.owned(&["mime_type", "format"])).unwrap_or_else(|| kind.to_owned());
    let media_type = if media_type.contains('/') { media_type } else { format!("{kind}/{media_type}") };
    let name = part.owned(&["filename"]).unwrap_or_else(|| if inline.is_some() { kind.to_owned() } else { stated });
    Body::Attachment { name, media_type, bytes: held.len() as u64, text: String::new() }
}

fn result(sample: &Sample<'_>, message: &Node<'_>, told: &Told<'_>, out: &mut Output) {
    let call = message.owned(&["tool_call_id"]);
    let link = Link { call_id: call.clone(), tool: message.owned(&["function"]), ..Link::default() };
    let mut body = ended(link, message.get("error").filter(|e| e.is_object()));
    let text = text_of(sample, message);
    body.text = if text.is_empty() { body.error.clone().unwrap_or_default() } else { text };
    let slot = call.map_or_else(|| Slot::Named(format!("{}.result", told.id)), Slot::Result);
    let mut end = fact(told, slot, Actor::Tool, Body::Result(Box::new(body)));
    end.aliases.push(told.id.to_owned());
    out.push(end);
    let files = message.get("content").map(Node::items).unwrap_or_default().iter().filter(|p| matches!(p.str("type"), Some("image" | "document")));
    for (nth, part) in files.enumerate() {
        let slot = Slot::Named(format!("{}.file{}", told.id, if nth == 0 { String::new() } else { (nth + 1).to_string() }));
        out.push(fact(told, slot, Actor::Tool, file(sample, part.str("type").unwrap_or("image"), part)));
    }
}

/// Reads how a call ended from its error, which tool messages and tool events write alike.
pub fn ended(link: Link, error: Option<&Node<'_>>) -> ResultFact {
    let code = error.and_then(|e| e.owned(&["type"]));
    let denied = code.as_deref() == Some("approval");
    let ran = match &code {
        Some(_) if denied => Some(false),
        Some(code) => RAISED_INSIDE.contains(&code.as_str()).then_some(true),
        None => error.is_none().then_some(true),
    };
    ResultFact {
        link,
        is_error: Some(error.is_some()),
        error: error.and_then(|e| e.owned(&["message"])),
        stop: denied.then_some(Stop { class: StopClass::Refusal, decision: Decision::Denied, by: None, inferred: false }),
        ran,
        error_code: code,
        ..ResultFact::default()
    }
}
