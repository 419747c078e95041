//! Sessions as Maestro's web surfaces write them: messages without entries (`ComposerMessage`), and a sub-agent's file.

use super::messages::{self, Place};
use super::objects::{usage, wait};
use crate::formats::access::content_text;
use crate::formats::json::Node;
use crate::formats::{Output, Record, document};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Status, WaitKind};

/// Which of the documents it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One session of the web API.
    Web,
    /// All sessions of a control plane.
    Store,
    /// The session of a sub-agent.
    SubAgent,
}

/// Tells whether a document is one of these, by its content.
#[must_use]
pub fn kind(node: &Node<'_>) -> Option<Kind> {
    let messages = node.get("messages").is_some_and(Node::is_array);
    let of_store = |session: &Node<'_>| session.get("messages").is_some_and(Node::is_array) && session.get("messageCount").is_some();
    if messages && node.str("agentType").is_some() && node.get("originalPrompt").is_some() {
        Some(Kind::SubAgent)
    } else if messages && node.str("id").is_some() && node.get("messageCount").is_some() && node.get("createdAt").is_some() {
        Some(Kind::Web)
    } else if node.get("sessions").is_some_and(|s| s.fields().first().is_some_and(|(_, session)| of_store(session))) {
        Some(Kind::Store)
    } else {
        None
    }
}

/// Reads the document.
pub fn read(kind: Kind, record: &Record<'_>, out: &mut Output) {
    match kind {
        Kind::SubAgent => sub_agent(record, out),
        Kind::Web => session(record, record.node, out),
        Kind::Store => {
            for (_, one) in record.node.get("sessions").map(Node::fields).unwrap_or_default() {
                session(record, one, out);
            }
        }
    }
}

fn session(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    out.session(node.str("id").unwrap_or_default());
    let about = out.about();
    about.title = node.owned(&["title"]).or_else(|| about.title.take());
    about.started_at = about.started_at.or_else(|| node.time(&["createdAt"]));
    about.ended_at = node.time(&["updatedAt"]).or(about.ended_at);
    about.tags.extend(node.get("tags").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned));
    let messages = node.get("messages").map(Node::items).unwrap_or_default();
    out.count_records(messages.len() as u64 + 1);
    out.push(document::head(record, node, &["messages", "pendingRequests"]).at(node.time(&["createdAt"])));
    for said in messages {
        message(record, said, out);
    }
    for request in node.get("pendingRequests").map(Node::items).unwrap_or_default() {
        let kind = request.str("kind").and_then(WaitKind::parse).unwrap_or(WaitKind::Approval);
        let body = Body::Wait(Box::new(wait(request, kind, "pendingRequests")));
        let slot = request.owned(&["id"]).map_or(Slot::Own, Slot::Wait);
        out.push(Fact::new(slot, record.place(request), Actor::Runtime, body).at(request.time(&["createdAt"])));
    }
}

fn message(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    let place = Place { spans: vec![record.place(node)], at: node.time(&["timestamp"]), entry: None, node: None };
    let tools = node.get("tools").map(Node::items).unwrap_or_default();
    let actor = match node.str("role") {
        Some("user") => Actor::User,
        Some("assistant") => Actor::Assistant,
        Some("system") => Actor::System,
        _ if node.get("toolName").is_some() || node.get("toolCallId").is_some() => return messages::push(node, &place, out),
        _ => Actor::Runtime,
    };
    let mut facts = Vec::new();
    if let Some(thinking) = node.owned(&["thinking"]) {
        facts.push(place.fact(Slot::Own, actor, Body::Thinking(thinking)));
    }
    let text = node.get("content").map(content_text).unwrap_or_default();
    if !text.is_empty() || (facts.is_empty() && tools.is_empty()) {
        facts.push(place.fact(Slot::Own, actor, Body::Text { text, partial: false }));
    }
    for tool in tools {
        let id = tool.owned(&["toolCallId"]);
        let name = tool.owned(&["name"]).unwrap_or_default();
        let args = tool.get("args").filter(|args| !args.is_null()).map(Node::raw_args);
        let link = Link { call_id: id.clone(), tool: Some(name.clone()), ..Link::default() };
        let mut call = place.fact(
            id.clone().map_or(Slot::Own, Slot::Call),
            actor,
            Body::Call(Box::new(CallFact { link: link.clone(), tool: name, args, ..CallFact::default() })),
        );
        call.spans.insert(0, record.place(tool));
        facts.push(call);
        let status = match tool.str("status") {
            Some("completed") => Status::Succeeded,
            Some("error") => Status::Failed,
            _ => continue,
        };
        let text = tool.get("result").map(|r| r.as_str().map_or_else(|| r.all_text(), str::to_owned)).unwrap_or_default();
        let end = ResultFact { link, text, status: Some(status), is_error: Some(status == Status::Failed), ..ResultFact::default() };
        facts.push(place.fact(id.map_or(Slot::Own, Slot::Result), Actor::Tool, Body::Result(Box::new(end))));
    }
    if let Some(first) = facts.first_mut() {
        first.usage = node.get("usage").map(usage).filter(|u| !u.is_empty()).map(Box::new);
    }
    if let Some(model) = node.str("model").filter(|_| actor == Actor::Assistant) {
        out.about().set_model(model);
        facts.iter_mut().for_each(|fact| fact.model = Some(model.to_owned()));
    }
    facts.into_iter().for_each(|fact| out.push(fact));
}

/// A sub-agent's file: messages as in session files, without entries around them.
fn sub_agent(record: &Record<'_>, out: &mut Output) {
    let node = record.node;
    out.session(node.str("id").unwrap_or_default());
    let about = out.about();
    about.agent_name = node.owned(&["agentType"]);
    about.started_at = node.time(&["startedAt"]);
    about.ended_at = node.time(&["updatedAt"]);
    about.system_prompt = node.owned(&["systemPrompt"]);
    if let Some(model) = node.str("model") {
        about.set_model(model);
    }
    let parent = node.get("metadata").and_then(|m| m.owned(&["parentSessionId", "parentSession", "parent_session_id"]));
    about.lineage.parent_session = parent;
    let messages = node.get("messages").map(Node::items).unwrap_or_default();
    out.count_records(messages.len() as u64 + 1);
    out.push(document::head(record, node, &["messages"]).at(node.time(&["startedAt"])));
    for message in messages {
        let place = Place { spans: vec![record.place(message)], at: message.time(&["timestamp"]), entry: None, node: None };
        messages::push(message, &place, out);
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::Body;

    fn check(text: &str, sessions: usize, bodies: usize) {
        let reading = read_plain(text.as_bytes(), "x.json", Want::default(), &mut |_, _| {}).unwrap();
        let facts: usize = reading.portions.iter().map(|(p, _)| p.facts.len()).sum();
        assert_eq!((reading.format.name, reading.portions.len(), facts), ("maestro-export", sessions, bodies), "{text}");
        assert!(reading.portions.iter().flat_map(|(p, _)| &p.facts).all(|f| !matches!(f.body, Body::Unknown(_))));
    }

    #[test]
    fn each_surface_is_read() {
        let said = r#"[{"role":"user","content":"hi","timestamp":"2026-05-01T08:00:00Z"},{"role":"assistant","content":"","thinking":"hm","tools":[{"name":"read","status":"completed","toolCallId":"c","args":{"path":"a"},"result":"text"}]}]"#;
        let one =
            format!(r#"{{"id":"w1","title":"T","createdAt":"2026-05-01T08:00:00Z","updatedAt":"2026-05-01T08:01:00Z","messageCount":2,"messages":{said}}}"#);
        check(&one, 1, 5);
        check(&format!(r#"{{"sessions":{{"w1":{one},"w2":{}}},"shared_sessions":{{}}}}"#, one.replace("w1", "w2")), 2, 10);
        let sub = r#"{"id":"sub-1","agentType":"explore","startedAt":1777312801000,"updatedAt":1777312802000,"originalPrompt":"look","systemPrompt":"p","model":"a/b","completed":true,
            "messages":[{"role":"user","content":"look","timestamp":1777312801000},{"role":"assistant","content":[{"type":"text","text":"found"}],"timestamp":1777312802000}],"metadata":{"parentSessionId":"s"}}"#;
        check(sub, 1, 3);
    }
}
