//! `maestro-platform`: records of the platform's services, one a line or in a document: approvals, tool executions, action evaluations (proto `approvals/v1`, `governance/v1`; Maestro, `tool-execution-client.ts`).

use super::lineage::{self, word};
use super::platform_bodies as bodies;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::Span;
use crate::model::fact::Link;
use rustc_hash::FxHashMap;

/// The format, a record a line.
pub const FORMAT: Format = Format {
    name: "maestro-platform",
    agent: "maestro",
    rank: 35,
    shape: Shape::Lines,
    detect: |probe| probe.any_line(|node| !records(node).is_empty()),
    reader: || Box::<Platform>::default(),
    doc: "Records of the platform: approval requests and decisions with who and when, tool executions, action evaluations.",
};

/// The same, in a document.
pub const DOCUMENT: Format = Format {
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| !records(d).is_empty() || d.items().iter().any(|i| !records(i).is_empty())),
    ..FORMAT
};

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Somebody is asked.
    Request,
    /// Who decided, when.
    Decision,
    /// A tool is to be executed.
    Call,
    /// Where an execution stands.
    Execution,
    /// A waiting execution is told to go on, or not.
    Resume,
    /// What policy makes of an action.
    Evaluation,
}

/// Tells what an object is, in either spelling of its keys.
pub fn what(node: &Node<'_>) -> Option<What> {
    let word = |keys: &[&str], start: &str| node.str_any(keys).is_some_and(|word| word.starts_with(start));
    let approval = node.any(&["approval_request_id", "approvalRequestId"]).is_some();
    if node.any(&["action_payload", "actionPayload"]).is_some() && node.any(&["id"]).is_some() {
        Some(What::Request)
    } else if approval && word(&["decision"], "DECISION_TYPE_") {
        Some(What::Decision)
    } else if word(&["decision"], "ACTION_DECISION_") {
        Some(What::Evaluation)
    } else if word(&["state"], "TOOL_EXECUTION_STATE_") {
        Some(What::Execution)
    } else if node.get("linkage").is_some_and(Node::is_object) && node.get("tool").is_some_and(Node::is_object) {
        Some(What::Call)
    } else if approval && node.any(&["execution_id", "executionId"]).is_some() && node.bool_any(&["approved"]).is_some() {
        Some(What::Resume)
    } else {
        None
    }
}

/// Gives the records that an object is or holds: an answer of a service wraps one or a list of them.
fn records<'n>(node: &'n Node<'n>) -> Vec<(&'n Node<'n>, What)> {
    if let Some(what) = what(node) {
        return vec![(node, what)];
    }
    let inner = node.fields().iter().flat_map(|(_, value)| if value.is_array() { value.items() } else { std::slice::from_ref(value) });
    inner.filter_map(|node| Some((node, what(node)?))).collect()
}

/// Reads records; the session that one names holds for the others that name the same approval or execution.
#[derive(Default)]
struct Platform {
    sessions: FxHashMap<String, String>,
}

impl Reader for Platform {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let list = if node.is_array() { node.items() } else { std::slice::from_ref(node) };
        let mut count = 0;
        for item in list {
            let found = records(item);
            if found.is_empty() {
                count += 1;
                let span = record.place(item);
                out.issue("unknown_type", &span, "a record of a kind that the platform's services are not known to write; kept as it is");
                out.unknown(span, item.all_text());
            }
            // What wraps a single record belongs to it; what stands around several is kept with its own place.
            let several = found.len() > 1;
            for (inner, what) in found {
                count += 1;
                let span = record.place(if several { inner } else { item });
                self.one(record, item, inner, (what, span), out);
            }
            if several {
                let heads = item.fields().iter().filter(|(_, value)| !value.is_object() && !value.is_array()).map(|(_, value)| value.all_text());
                let text = heads.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
                out.push(crate::model::Fact::new(
                    crate::model::Slot::Own,
                    record.place(item),
                    crate::model::Actor::Platform,
                    crate::model::Body::Context(text),
                ));
            }
        }
        if record.document {
            out.count_records(count);
        }
    }
}

impl Platform {
    fn one(&mut self, record: &Record<'_>, around: &Node<'_>, node: &Node<'_>, (what, span): (What, Span), out: &mut Output) {
        let payload = node.any(&["action_payload", "actionPayload"]).and_then(bodies::payload);
        let payload = payload.as_deref().and_then(|text| crate::formats::json::parse(text).ok());
        let linkage = node.get("linkage").or_else(|| around.get("linkage"));
        let link = bodies::link(node, what, linkage, payload.as_ref());
        self.enter(record.name, node, linkage, payload.as_ref(), &link, out);
        let at = bodies::time(node).or_else(|| bodies::time(around));
        bodies::push(&bodies::Told { node, what, linkage, payload: payload.as_ref(), link, at, span: span.clone() }, out);
        out.stated_at(&span);
    }

    /// Changes to the session that the record names, by itself or by an id that another record tied to one.
    fn enter(&mut self, name: &str, node: &Node<'_>, linkage: Option<&Node<'_>>, payload: Option<&Node<'_>>, link: &Link, out: &mut Output) {
        let known = [&link.approval_request_id, &link.tool_execution_id, &link.call_id, &link.request_id];
        let correlated = || linkage?.str_any(&["correlationId", "correlation_id"])?.split_once(':').map(|(session, _)| session.to_owned());
        let session = payload
            .and_then(|p| p.owned(&["sessionId", "session_id"]))
            .or_else(|| lineage::metadata(node, "maestro_session_id"))
            .or_else(correlated)
            .or_else(|| known.iter().find_map(|id| self.sessions.get(id.as_ref()?).cloned()));
        match &session {
            Some(session) => {
                out.session(session);
                for id in known.into_iter().flatten() {
                    self.sessions.insert(id.clone(), session.clone());
                }
            }
            None if known.iter().all(|id| id.is_none()) => out.own_session(&format!("platform {name}")),
            None => {
                let mut ids: Vec<&str> = Vec::new();
                for id in known.into_iter().flatten().filter(|id| !id.is_empty()) {
                    if !ids.contains(&id.as_str()) {
                        ids.push(id);
                    }
                }
                out.addition(&ids);
            }
        }
        let lineage = &mut out.about().lineage;
        for holder in [Some(node), linkage].into_iter().flatten() {
            let fields = [
                (&mut lineage.workspace_id, ["workspace_id", "workspaceId"]),
                (&mut lineage.organization_id, ["organization_id", "organizationId"]),
                (&mut lineage.agent_run_id, ["run_id", "runId"]),
                (&mut lineage.objective_id, ["objective_id", "objectiveId"]),
            ];
            for (to, keys) in fields {
                if to.is_none() {
                    *to = holder.owned(&keys);
                }
            }
        }
        lineage.tool_execution_ids.extend(link.tool_execution_id.clone());
        lineage.approval_request_ids.extend(link.approval_request_id.clone());
        let mode = lineage::mode(node);
        let about = out.about();
        about.mode = about.mode.or(mode);
    }
}

/// Reads an enum value's word, such as `denied` of `DECISION_TYPE_DENIED`.
pub fn value(node: &Node<'_>, keys: &[&str], prefix: &str) -> String {
    node.str_any(keys).map(|text| word(text, prefix)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, DecidedBy, Decision, Portion, SessionName, Slot};

    fn read(text: &str) -> Vec<Portion> {
        let reading = read_plain(text.as_bytes(), "approvals.jsonl", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!(reading.format.name, "maestro-platform");
        reading.portions.into_iter().map(|(portion, _)| portion).collect()
    }

    #[test]
    fn a_decision_tells_who_and_when_in_the_session_of_its_request() {
        // {"localRequestId":"c1","toolName":"bash","args":{"command":"ls"},"reason":"prod","sessionId":"s1"}
        let payload = "eyJsb2NhbFJlcXVlc3RJZCI6ImMxIiwidG9vbE5hbWUiOiJiYXNoIiwiYXJncyI6eyJjb21tYW5kIjoibHMifSwicmVhc29uIjoicHJvZCIsInNlc3Npb25JZCI6InMxIn0=";
        let text = format!(
            "{{\"id\":\"apr_1\",\"workspace_id\":\"w\",\"approver_user_id\":\"u\",\"action_type\":\"tool\",\"action_payload\":\"{payload}\",\"risk_level\":\"RISK_LEVEL_HIGH\",\"created_at\":\"2026-05-01T08:00:00Z\"}}\n\
             {{\"id\":\"d\",\"approval_request_id\":\"apr_1\",\"decision\":\"DECISION_TYPE_DENIED\",\"decided_by\":\"maestro_user\",\"reason\":\"no\",\"decided_at\":\"2026-05-01T08:00:04Z\"}}\n\
             {{\"execution\":{{\"id\":\"x9\",\"state\":\"TOOL_EXECUTION_STATE_WAITING_APPROVAL\",\"approvalWait\":{{\"approvalRequestId\":\"apr_9\",\"resumeToken\":\"secret\",\"reason\":\"r\"}}}}}}\n"
        );
        let portions = read(&text);
        assert_eq!(portions[0].session, SessionName::Stated("s1".into()));
        let Body::Wait(wait) = &portions[0].facts[0].body else { panic!("{:?}", portions[0].facts) };
        assert_eq!(
            (wait.reason.as_deref(), wait.link.args.as_deref(), wait.link.request_id.as_deref()),
            (Some("prod"), Some(r#"{"command":"ls"}"#), Some("c1"))
        );
        let Body::Resolution(end) = &portions[0].facts[1].body else { panic!("{:?}", portions[0].facts) };
        assert_eq!((end.decision, end.by, end.decided_at.is_some()), (Some(Decision::Denied), Some(DecidedBy::User), true));
        assert_eq!(portions[0].facts[1].slot, Slot::Resolution("apr_1".into()));
        assert_eq!(portions[1].session, SessionName::Addition("apr_9\u{1}x9".into()));
        assert!(!format!("{:?}", portions[1].facts).contains("secret"), "a resume token is never shown");
    }
}
