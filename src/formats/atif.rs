//! `atif`: trajectories in the Agent Trajectory Interchange Format, versions 1.0 to 1.8.

mod extra;

use super::access::content_text;
use super::calls::{self, asked};
use super::document::head;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, Usage};
use extra::{Answer, approvals, outcome};

/// The format.
pub const FORMAT: Format = Format {
    name: "atif",
    agent: "atif",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| {
        probe.document.is_some_and(|d| {
            d.str("schema_version").is_some_and(|v| v.starts_with("ATIF-"))
                || (d.get("steps").is_some_and(Node::is_array) && d.get("agent").is_some_and(Node::is_object))
        })
    },
    reader: || Box::new(Atif),
    doc: "ATIF trajectories (`schema_version: ATIF-v1.x`).",
};

struct Atif;

impl Reader for Atif {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        trajectory(record, record.node, None, out);
    }
}

/// Names a trajectory: a session may hold several, which then have ids of their own.
fn name(node: &Node<'_>) -> Option<String> {
    match (node.owned(&["session_id"]), node.owned(&["trajectory_id"])) {
        (Some(session), Some(own)) if session != own => Some(format!("{session}/{own}")),
        (session, own) => session.or(own),
    }
}

/// Reads a trajectory and the ones inside it; `parent` is the name of the one that holds it and its own name there.
fn trajectory(record: &Record<'_>, node: &Node<'_>, parent: Option<(&str, String)>, out: &mut Output) {
    let own = parent.as_ref().map_or_else(|| name(node), |(_, own)| Some(own.clone()));
    match &own {
        Some(own) => out.session(own),
        None if std::ptr::eq(node, record.node) => {}
        None => out.own_session(node.raw),
    }
    let about = out.about();
    if let Some(agent) = node.get("agent") {
        about.agent_name = agent.owned(&["name"]);
        about.agent_version = agent.owned(&["version"]);
        if let Some(model) = agent.str("model_name") {
            about.set_model(model);
        }
        about.tools = agent.get("tool_definitions").map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
    }
    about.lineage.session_id = node.owned(&["session_id"]);
    about.lineage.parent_session = parent.map(|(parent, _)| parent.to_owned());
    let mut whole = head(record, node, &["steps", "subagent_trajectories"]);
    let steps = node.get("steps").map(Node::items).unwrap_or_default();
    out.count_records(steps.len() as u64);
    if !steps.iter().any(|step| step.get("metrics").is_some()) {
        let totals = ["total_prompt_tokens", "total_completion_tokens", "total_cached_tokens", "total_cost_usd"];
        whole.usage = node.get("final_metrics").and_then(|metrics| usage(metrics, totals));
    }
    out.push(whole);
    for (nth, step) in steps.iter().enumerate() {
        push(record, step, nth, own.as_deref(), out);
    }
    // The reference names the file in which this trajectory goes on.
    if let Some(next) = node.get("continued_trajectory_ref").filter(|next| !next.is_null()) {
        let text = format!("goes on in {}", next.all_text());
        out.push(Fact::new(Slot::Named("continued".to_owned()), record.place(next), Actor::Runtime, Body::Context(text)));
    }
    let session = record.node.owned(&["session_id"]);
    for (nth, inner) in node.get("subagent_trajectories").map(Node::items).unwrap_or_default().iter().enumerate() {
        let named = own.as_deref().map(|own| {
            let stated = name(inner).filter(|inner| inner != own && session.as_ref() != Some(inner));
            (own, stated.unwrap_or_else(|| format!("{own}/{}", nth + 1)))
        });
        trajectory(record, inner, named, out);
    }
}

fn usage(metrics: &Node<'_>, [prompt, completion, cached, cost]: [&str; 4]) -> Option<Box<Usage>> {
    let count = |key: &str| metrics.u64_any(&[key]).unwrap_or(0);
    // Cached tokens are counted among those of the prompt.
    let usage = Usage {
        input: count(prompt).saturating_sub(count(cached)),
        output: count(completion),
        cache_read: count(cached),
        cache_write: 0,
        cost_usd: metrics.f64_any(&[cost]),
    };
    (!usage.is_empty()).then(|| Box::new(usage))
}

fn push(record: &Record<'_>, step: &Node<'_>, nth: usize, own: Option<&str>, out: &mut Output) {
    let span = record.place(step);
    let at = step.time(&["timestamp"]);
    let id = step.owned(&["step_id"]).unwrap_or_else(|| (nth + 1).to_string());
    let named = |kind: &str| Slot::Named(format!("step-{id}.{kind}"));
    let text = step.get("message").map(content_text).unwrap_or_default();
    // What was copied from another trajectory is context here: it is that trajectory's act.
    if step.bool_any(&["is_copied_context"]) == Some(true) {
        return out.push(Fact::new(named("copied"), span, Actor::Runtime, Body::Context(step.all_text())).at(at));
    }
    let actor = match step.str("source") {
        Some("user") => Actor::User,
        Some("system") => Actor::System,
        _ => Actor::Assistant,
    };
    if let Some(thinking) = step.owned(&["reasoning_content"]) {
        out.push(Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Thinking(thinking)).at(at));
    }
    let mut fact = Fact::new(named("text"), span.clone(), actor, Body::Text { partial: text.is_empty(), text }).at(at);
    fact.model = step.owned(&["model_name"]);
    fact.usage = step.get("metrics").and_then(|metrics| usage(metrics, ["prompt_tokens", "completion_tokens", "cached_tokens", "cost_usd"]));
    out.push(fact);
    for (part, image) in images(step.get("message")).enumerate() {
        out.push(Fact::new(named(&format!("image{part}")), span.clone(), actor, image).at(at));
    }
    if let Some(extra) = step.get("extra").filter(|extra| !extra.fields().is_empty()) {
        out.push(Fact::new(named("extra"), span.clone(), Actor::Runtime, Body::Context(extra.raw.to_owned())).at(at));
    }
    let calls = step.get("tool_calls").map(Node::items).unwrap_or_default();
    let results = step.path(&["observation", "results"]).map(Node::items).unwrap_or_default();
    for (nth, call) in calls.iter().enumerate() {
        let call_id = call.owned(&["tool_call_id"]).unwrap_or_else(|| format!("step-{id}.{nth}"));
        let asked = asked(Some(call_id.clone()), call.owned(&["function_name"]).unwrap_or_default(), call.get("arguments").map(Node::raw_args));
        let asked = CallFact { risk: extra::risk(call), retry_of: call.get("extra").and_then(|extra| extra.owned(&["retry_of", "retryOf"])), ..asked };
        out.push(Fact::new(Slot::Call(call_id.clone()), span.clone(), Actor::Assistant, Body::Call(Box::new(asked))).at(at));
        let result = results.iter().find(|result| result.str("source_call_id") == Some(&call_id));
        approvals(&call_id, call, result, &span, at, out);
        if let Some(extra) = call.get("extra").filter(|extra| !extra.fields().is_empty()) {
            out.push(Fact::new(Slot::Named(format!("{call_id}.extra")), span.clone(), Actor::Runtime, Body::Context(extra.raw.to_owned())).at(at));
        }
    }
    for (nth, result) in results.iter().enumerate() {
        observed(result, &format!("step-{id}.observation{nth}"), &span, at, own, out);
    }
}

fn observed(result: &Node<'_>, name: &str, span: &Span, at: Option<Timestamp>, own: Option<&str>, out: &mut Output) {
    let text = result.get("content").map(content_text).unwrap_or_default();
    let call = result.owned(&["source_call_id"]);
    let fact = match &call {
        Some(call) => {
            let Answer { is_error, error_code, stop, ran } = outcome(result, &text);
            calls::result(Some(call.clone()), text, ResultFact { is_error, error_code, stop, ran, ..ResultFact::default() }, span)
        }
        None => Fact::new(Slot::Named(name.to_owned()), span.clone(), Actor::Tool, Body::Context(text)),
    };
    out.push(fact.at(at));
    for (part, image) in images(result.get("content")).enumerate() {
        out.push(Fact::new(Slot::Named(format!("{name}.image{part}")), span.clone(), Actor::Tool, image).at(at));
    }
    let refs = result.get("subagent_trajectory_ref").map(|refs| if refs.is_array() { refs.items() } else { std::slice::from_ref(refs) }).unwrap_or_default();
    for (nth, to) in refs.iter().filter(|to| !to.is_null()).enumerate() {
        let session = self::name(to).or_else(|| to.as_str().map(str::to_owned));
        let shown = to.owned(&["trajectory_path"]).or_else(|| session.clone()).unwrap_or_default();
        let link = Link { call_id: call.clone(), ..Link::default() };
        let mut fact = Fact::new(
            Slot::Named(format!("{name}.subagent{nth}")),
            span.clone(),
            Actor::Runtime,
            Body::Artifact { link, text: format!("sub-agent trajectory {shown}") },
        );
        fact.aliases.extend(session.clone());
        out.push(fact.at(at));
        // The sub-agent's own file does not say who called it: this does.
        if let (Some(session), Some(own)) = (session.filter(|session| Some(session.as_str()) != own), own) {
            out.addition(&[&session]);
            out.about().lineage.parent_session = Some(own.to_owned());
            let text = format!("called as a sub-agent by {own}{}", call.as_ref().map(|call| format!(" in {call}")).unwrap_or_default());
            out.push(Fact::new(Slot::Named("caller".to_owned()), span.clone(), Actor::Runtime, Body::Context(text)).at(at));
            out.session(own);
        }
    }
}

/// Names the images among the parts of a content.
fn images<'n>(content: Option<&'n Node<'n>>) -> impl Iterator<Item = Body> + 'n {
    let parts = content.map(Node::items).unwrap_or_default().iter().filter(|part| part.str("type") == Some("image"));
    parts.map(|part| {
        let source = part.get("source").unwrap_or(part);
        let name = source.owned(&["path", "url"]).unwrap_or_else(|| "image".to_owned());
        Body::Attachment {
            name,
            media_type: source.owned(&["media_type"]).unwrap_or_default(),
            bytes: source.str("data").map_or(0, |d| d.len() as u64),
            text: String::new(),
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, Portion, SessionName};

    fn read(text: &str) -> Vec<Portion> {
        let reading = read_plain(text.as_bytes(), "x.json", Want::default(), &mut |_, _| {}).unwrap();
        reading.portions.into_iter().map(|(portion, _)| portion).collect()
    }

    #[test]
    fn extras_tell_waits_errors_and_exit_codes() {
        let portions = read(
            r#"{"schema_version":"ATIF-v1.7","session_id":"s","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"agent","message":"",
            "tool_calls":[{"tool_call_id":"c1","function_name":"sh","arguments":{},"extra":{"approval":{"requested":true,"decision":"rejected","by":"user","reason":"no"}}},
            {"tool_call_id":"c2","function_name":"sh","arguments":{}}],
            "observation":{"results":[{"source_call_id":"c1","content":"x","extra":{"is_error":true}},{"source_call_id":"c2","content":"x","extra":{"exit_code":2}}]}}]}"#,
        );
        let told: Vec<String> = portions[0]
            .facts
            .iter()
            .filter_map(|f| match &f.body {
                Body::Wait(wait) => Some(format!("wait {}", wait.link.call_id.as_deref()?)),
                Body::Resolution(end) => Some(format!("{} {} {}", end.decision?, end.by?, end.reason.as_deref()?)),
                Body::Result(r) => Some(format!("{:?} {:?} {}", r.is_error, r.ran, r.stop.is_some())),
                _ => None,
            })
            .collect();
        assert_eq!(told, ["wait c1", "denied user no", "Some(true) None false", "Some(true) Some(true) false"]);
    }

    #[test]
    fn sub_agents_know_who_called_them_and_what_goes_on_is_no_parent() {
        let portions = read(
            r#"{"schema_version":"ATIF-v1.7","session_id":"s","agent":{"name":"a","version":"1"},"continued_trajectory_ref":"next.json","steps":[{"step_id":1,"source":"agent","message":"",
            "observation":{"results":[{"content":"x","subagent_trajectory_ref":[{"session_id":"child","trajectory_path":"child.json"}]}]}}],
            "subagent_trajectories":[{"schema_version":"ATIF-v1.7","session_id":"s","trajectory_id":"t2","agent":{"name":"b","version":"1"},"steps":[]}]}"#,
        );
        let named: Vec<_> = portions.iter().map(|p| (p.session.clone(), p.about.lineage.parent_session.as_deref())).collect();
        let stated = |id: &str| SessionName::Stated(id.to_owned());
        assert_eq!(named, [(stated("s"), None), (SessionName::Addition("child".into()), Some("s")), (stated("s/t2"), Some("s"))]);
    }
}
