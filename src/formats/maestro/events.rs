//! `maestro-events`: the event bus of Maestro, as lines or as a bundle document (Maestro, `maestro-event-bus.ts`).

use super::event_bodies::{self, Event};
use super::lineage;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape, document};
use crate::model::ExecutionContext;
use rustc_hash::FxHashMap;

/// The format, as a capture of one event per line.
pub const FORMAT: Format = Format {
    name: "maestro-events",
    agent: "maestro",
    rank: 30,
    shape: Shape::Lines,
    detect: |probe| probe.any_line(is_event),
    reader: || Box::<Events>::default(),
    doc: "Events of Maestro's bus, one per line or in a bundle: calls, approvals, policy, evals, skills and lineage.",
};

/// The same format, as a bundle document with `events`.
pub const BUNDLE: Format = Format { shape: Shape::Document, detect: |probe| probe.document.is_some_and(|d| is_bundle(d) || is_event(d)), ..FORMAT };

fn is_event(node: &Node<'_>) -> bool {
    node.any(&["spec_version", "specversion"]).is_some() && node.str("type").is_some_and(|t| t.starts_with("maestro."))
}

fn is_bundle(node: &Node<'_>) -> bool {
    node.str("fixture_version").is_some_and(|v| v.starts_with("maestro-")) && node.get("events").is_some_and(Node::is_array)
}

/// Reads events; what a session's own events say of its surroundings is remembered for its calls.
#[derive(Default)]
struct Events {
    surroundings: FxHashMap<String, ExecutionContext>,
}

impl Reader for Events {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        if !is_bundle(record.node) {
            return self.event(record, record.node, out);
        }
        if let Some(session) = record.node.path(&["correlation", "session_id"]).and_then(Node::as_str) {
            out.session(session);
        }
        out.push(document::head(record, record.node, &["events"]));
        let events = record.node.get("events").map_or(&[][..], Node::items);
        out.count_records(events.len() as u64);
        for node in events {
            self.event(record, node, out);
        }
    }
}

impl Events {
    /// Reads one event of a line or bundle.
    fn event(&mut self, record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
        let span = record.place(node);
        let Some(what) = node.str("type").filter(|t| t.starts_with("maestro.")) else {
            let what = node.str("type").unwrap_or("none").to_owned();
            out.issue("unknown_type", &span, format!("records of type `{what}` are not known to this format; kept as they are"));
            return out.unknown(span, node.all_text());
        };
        let data = node.get("data").unwrap_or(node);
        let correlation = data.get("correlation");
        let stated = |key: &str| correlation.and_then(|c| c.str(key)).filter(|id| !id.is_empty());
        match (stated("session_id"), stated("trace_id"), stated("agent_run_id")) {
            (Some(session), ..) => out.session(session),
            // An event of no stated session must not be taken for the session before it.
            (None, Some(id), _) | (None, None, Some(id)) => out.addition(&[id]),
            (None, None, None) => {}
        }
        lineage::add(out.about(), data, node.str_any(&["tenant_id", "tenantid", "tenantId"]));
        let at = data.time(&TIMES).or_else(|| node.time(&["time"]));
        let mut context = lineage::context(data);
        if let Some(session) = stated("session_id") {
            if what.starts_with("maestro.sessions.") {
                let ExecutionContext { surface, runtime_mode, cwd, repository, .. } = context.clone();
                self.surroundings.insert(session.to_owned(), ExecutionContext { surface, runtime_mode, cwd, repository, ..ExecutionContext::default() });
            } else if let Some(known) = self.surroundings.get(session) {
                context.fill(known);
            }
        }
        let place = span.clone();
        event_bodies::push(&Event { what, id: node.owned(&["id"]), at, data, context, span }, out);
        out.stated_at(&place);
    }
}

/// The fields by which events state their own time.
const TIMES: [&str; 19] = [
    "attempted_at",
    "completed_at",
    "occurred_at",
    "scored_at",
    "invoked_at",
    "outcome_at",
    "selected_at",
    "closed_at",
    "resumed_at",
    "suspended_at",
    "failed_at",
    "dispatched_at",
    "created_at",
    "captured_at",
    "reported_at",
    "learned_at",
    "progressed_at",
    "received_at",
    "started_at",
];

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, Decision, Fact, SessionName, Slot, Status, StopClass};

    fn facts(text: &str) -> Vec<(SessionName, Vec<Fact>)> {
        let reading = read_plain(text.as_bytes(), "events.jsonl", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!(reading.format.name, "maestro-events");
        reading.portions.into_iter().map(|(portion, _)| (portion.session, portion.facts)).collect()
    }

    fn line(what: &str, session: &str, data: &str) -> String {
        format!(
            r#"{{"spec_version":"1.0","id":"e-{what}","type":"maestro.events.{what}","time":"2026-05-01T08:00:00Z","data":{{"correlation":{{"workspace_id":"w","session_id":"{session}","agent_run_step_id":"c1"}},{data}}}}}"#
        )
    }

    #[test]
    fn calls_waits_and_ends_are_linked() {
        let text = [
            line("tool_call.attempted", "s1", r#""tool_call_id":"c1","tool_name":"bash","safe_arguments":{"command":"ls"},"redactions":["raw_command"],"risk_level":"RISK_LEVEL_HIGH","attempted_at":"2026-05-01T08:00:01Z""#),
            line("approval_hit", "s1", r#""approval_request_id":"apr_1","action":"Run ls","decision_mode":"MAESTRO_DECISION_MODE_REQUIRE_APPROVAL","context":{"tool_name":"bash","args":{"command":"ls"}}"#),
            line("tool_call.completed", "s1", r#""tool_call_id":"c1","approval_request_id":"apr_1","status":"MAESTRO_TOOL_CALL_STATUS_FAILED","governed_outcome":"denied","error_message":"frozen","completed_at":"2026-05-01T08:00:03Z","duration":"1.500s""#),
            line("tool_call.attempted", "s2", r#""tool_call_id":"c9","tool_name":"read""#),
        ]
        .join("\n");
        let portions = facts(&text);
        assert_eq!(portions.len(), 2);
        let (session, first) = &portions[0];
        assert_eq!(*session, SessionName::Stated("s1".into()));
        let Body::Call(call) = &first[0].body else { panic!("{:?}", first[0]) };
        assert_eq!((call.args.as_deref(), call.args_partial, first[0].claims.len()), (Some(r#"{"command":"ls"}"#), true, 1));
        let Body::Wait(wait) = &first[1].body else { panic!("{:?}", first[1]) };
        assert_eq!((wait.link.call_id.as_deref(), wait.link.step.as_deref(), &first[1].slot), (None, Some("c1"), &Slot::Wait("apr_1".into())));
        let Body::Result(result) = &first[2].body else { panic!("{:?}", first[2]) };
        let stop = result.stop.as_ref().map(|s| (s.class, s.decision));
        assert_eq!((result.status, stop, result.ran), (Some(Status::Denied), Some((StopClass::Refusal, Decision::Denied)), Some(false)));
        assert_eq!(result.started_at.map(|t| t.to_string()).as_deref(), Some("2026-05-01T08:00:01.500Z"));
    }

    #[test]
    fn calls_know_the_surroundings_of_their_session() {
        let started = r#"{"specversion":"1.0","id":"e0","type":"maestro.sessions.session.started","data":{"correlation":{"session_id":"s1","attributes":{"cohort":"candidate"}},"surface":"MAESTRO_SURFACE_WEB","runtime_mode":"MAESTRO_RUNTIME_MODE_HOSTED","workspace_root":"/srv/a"}}"#;
        let text = format!("{started}\n{}", line("tool_call.attempted", "s1", r#""tool_call_id":"c1","tool_name":"bash""#));
        let reading = read_plain(text.as_bytes(), "events.jsonl", Want::default(), &mut |_, _| {}).unwrap();
        let portion = &reading.portions[0].0;
        assert_eq!((portion.about.cwd.as_deref(), portion.about.lineage.attributes.get("cohort").map(String::as_str)), (Some("/srv/a"), Some("candidate")));
        let Body::Call(call) = &portion.facts[1].body else { panic!("{:?}", portion.facts[1]) };
        let context = call.context.as_ref().unwrap();
        let known = (context.surface.as_deref(), context.runtime_mode.as_deref(), context.agent_run_step_id.as_deref());
        assert_eq!(known, (Some("web"), Some("hosted"), Some("c1")));
    }

    #[test]
    fn a_bundle_gives_its_events_as_records() {
        let event = line("new.thing", "s1", r#""note":"kept""#);
        let text = format!("{{\n\"fixture_version\":\"maestro-sample/v1\",\n\"events\":[\n{event}\n]}}");
        let portions = facts(&text);
        assert_eq!(portions[0].1.len(), 2);
        assert!(matches!(&portions[0].1[1].body, Body::Context(text) if text.contains("kept")));
        assert_eq!(portions[0].1[1].spans[0].line, 4);
    }
}
