//! `maestro-timeline`: the run timeline of a session, summaries only (Maestro, `session-timeline.ts`).

use super::denials::{is_block, stop_in};
use super::written_back;
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape, document};
use crate::model::fact::{CallFact, Link, PolicyFact, ResultFact, Stop, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, GovernanceMode, Risk, Slot, Span, Status, StopClass, Timestamp, WaitKind};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-timeline",
    agent: "maestro",
    rank: 40,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(is_timeline),
    reader: || Box::new(Timeline),
    doc: "The run timeline of a Maestro session: its messages, calls, waits and policy decisions in summary.",
};

/// Tells whether a document is a timeline.
#[must_use]
pub fn is_timeline(node: &Node<'_>) -> bool {
    node.get("items").is_some_and(Node::is_array) && node.get("sessionId").is_some() && node.get("platformBacked").is_some()
}

struct Timeline;

impl Reader for Timeline {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        read(record, record.node, out);
    }
}

/// Reads a timeline, whole document or part of one.
pub(super) fn read(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    if let Some(session) = node.str("sessionId") {
        out.session(session);
    }
    out.push(document::head(record, node, &["items"]));
    let items = node.get("items").map_or(&[][..], Node::items);
    out.count_records(items.len() as u64);
    for item in items {
        push(&Item::of(item, record.place(item)), out);
    }
}

/// One item of a timeline, or the event of a trajectory that stands for it.
pub(super) struct Item<'i> {
    /// The item or event itself.
    pub node: &'i Node<'i>,
    /// Id of the timeline item.
    pub id: String,
    /// Id of the trajectory event, where it was read from one.
    pub alias: Option<String>,
    /// Ids it states.
    pub link: Link,
    /// Where it stands.
    pub span: Span,
}

impl<'i> Item<'i> {
    /// Reads an item of a timeline.
    pub fn of(node: &'i Node<'i>, span: Span) -> Self {
        let platform = |key: &str| node.get("platform").and_then(|p| p.owned(&[key]));
        let id = node.owned(&["id"]).unwrap_or_default();
        let (call, request) = Self::ids_in(&id);
        let link = Link {
            call_id: node.owned(&["toolCallId"]).or(call),
            request_id: node.owned(&["pendingRequestId"]).or(request),
            approval_request_id: node.owned(&["approvalRequestId"]).or_else(|| platform("approvalRequestId")),
            tool_execution_id: node.owned(&["toolExecutionId"]).or_else(|| platform("toolExecutionId")),
            tool: node.owned(&["toolName"]),
            ..Link::default()
        };
        Self { node, id, alias: None, link, span }
    }

    /// Finds the call and the request that an item id names.
    pub fn ids_in(id: &str) -> (Option<String>, Option<String>) {
        let request = id.strip_prefix("pending:").or_else(|| id.strip_prefix("resolved:"));
        (call_in(id).map(str::to_owned), request.map(str::to_owned))
    }

    fn what(&self) -> &str {
        self.node.str("type").unwrap_or_default()
    }

    fn status(&self) -> &str {
        self.node.str("status").unwrap_or_default()
    }

    fn text(&self) -> String {
        let parts = [self.node.str("title"), self.node.str("summary")];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn metadata(&self, key: &str) -> Option<String> {
        self.node.get("metadata")?.owned(&[key])
    }

    /// Finds a field in a summary of the form `Outcome: denied | Code: policy_denied`; a reason is the rest of it.
    pub(super) fn summed(&self, field: &str) -> Option<&'i str> {
        let summary = self.node.str("summary")?;
        if field == "Reason: " {
            return summary.strip_prefix(field).or_else(|| summary.split_once(" | Reason: ").map(|(_, reason)| reason));
        }
        summary.split(" | ").take_while(|part| !part.starts_with("Reason: ")).find_map(|part| part.strip_prefix(field))
    }

    fn slot(&self) -> Slot {
        if self.id.is_empty() { Slot::Own } else { Slot::Named(self.id.clone()) }
    }

    /// Gives the slot of the entry that an item tells of, where it does.
    fn entry_slot(&self) -> Slot {
        const ENTRIES: [(&str, &str); 4] =
            [("compaction:", "compaction"), ("model-change:", "model_change"), ("thinking-change:", "thinking_level_change"), ("branch:", "branch_summary")];
        let entry = ENTRIES.iter().find_map(|(prefix, kind)| self.id.strip_prefix(prefix).map(|entry| format!("{entry}.{kind}")));
        entry.map_or_else(|| self.slot(), Slot::Named)
    }

    fn denied(&self) -> bool {
        self.status() == "denied" || self.metadata("governedOutcome").as_deref() == Some("denied")
    }

    fn stop(&self) -> Option<Stop> {
        let refusal = || Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::Policy), inferred: false };
        written_back::stop(self).or_else(|| self.denied().then(refusal))
    }

    fn actor(&self) -> Actor {
        let word = self.node.str_any(&["role", "actor"]).or_else(|| self.what().strip_prefix("message.")).unwrap_or_default();
        Actor::parse(word).unwrap_or_else(|| match self.node.str("source") {
            Some("platform") => Actor::Platform,
            _ => Actor::System,
        })
    }
}

/// Finds the call id in an item id of the form `tool-result:<entry>:<call>`.
fn call_in(id: &str) -> Option<&str> {
    let mut parts = id.splitn(3, ':');
    let kind = parts.next()?;
    let with_call = ["tool-requested", "tool-result", "policy-decision", "file-change", "diagnostic-delta", "artifact-linked"];
    with_call.contains(&kind).then(|| parts.nth(1)).flatten().filter(|call| !call.is_empty())
}

/// Pushes the fact of one item.
pub(super) fn push(item: &Item<'_>, out: &mut Output) {
    let at: Option<Timestamp> = item.node.time(&["timestamp"]);
    let (slot, actor, body) = match item.what() {
        what if what.starts_with("message.") => message(item),
        "tool.requested" => requested(item),
        "tool.completed" | "tool.failed" => ended(item),
        "policy.decision" if item.id.starts_with("resolved:") => written_back::resolution(item),
        "policy.decision" => policy(item),
        "custom.event" if item.id.starts_with("eval:") => written_back::eval(item),
        "wait.pending" => wait(item),
        "file.changed" | "artifact.linked" | "diagnostic.delta" => (item.slot(), Actor::Tool, Body::Artifact { link: item.link.clone(), text: item.text() }),
        // Some items say that an operation of the platform let a waiting call or run go on.
        _ if item.id.starts_with("resumed:") || item.node.str("platformOperation").is_some_and(|what| what.starts_with("Resume")) => {
            (item.slot(), item.actor(), Body::Resumed { link: item.link.clone(), text: item.text() })
        }
        what => {
            if matches!(what, "session.started") {
                let about = out.about();
                about.started_at = about.started_at.or(at);
                item.node.get("metadata").into_iter().for_each(|metadata| super::lineage::begun(about, metadata));
            }
            if let ("model.changed", Some(model)) = (what, item.node.str("summary")) {
                out.about().set_model(model);
            }
            let whole = item.node.get("metadata").map(Node::all_text).unwrap_or_default();
            let text = [item.what().to_owned(), item.text(), whole].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n");
            (item.entry_slot(), item.actor(), Body::Context(text))
        }
    };
    if let Some(runner) = item.node.owned(&["remoteRunnerSessionId"]) {
        out.about().lineage.remote_runner_session_id.get_or_insert(runner);
    }
    out.about().lineage.tool_execution_ids.extend(item.link.tool_execution_id.clone());
    out.about().lineage.approval_request_ids.extend(item.link.approval_request_id.clone());
    let mut fact = Fact::new(slot, item.span.clone(), actor, body).at(at);
    if !item.id.is_empty() && fact.slot != Slot::Named(item.id.clone()) {
        fact.aliases.push(item.id.clone());
    }
    fact.aliases.extend(item.alias.clone());
    fact.model = item.metadata("model").filter(|_| item.what() == "message.assistant");
    if item.node.bool_any(&["redacted"]) == Some(true) {
        fact.claims.push("redacted".to_owned());
    }
    out.push(fact);
    out.stated_at(&item.span);
}

fn message(item: &Item<'_>) -> (Slot, Actor, Body) {
    let slot = item.id.strip_prefix("message:").map_or_else(|| item.slot(), |entry| Slot::Named(format!("{entry}.text")));
    // A message that says nothing has a summary that says nothing; of one without a summary the title is all there is.
    let text = item.node.str("summary").map_or_else(|| item.node.owned(&["title"]).unwrap_or_default(), str::to_owned);
    (slot, item.actor(), Body::Text { text, partial: true })
}

fn requested(item: &Item<'_>) -> (Slot, Actor, Body) {
    let slot = item.link.call_id.clone().map_or_else(|| item.slot(), Slot::Call);
    let call = CallFact {
        tool: item.link.tool.clone().unwrap_or_default(),
        risk: item.summed("Risk: ").and_then(Risk::parse),
        mode: item.summed("Mode: ").and_then(GovernanceMode::parse),
        link: item.link.clone(),
        ..CallFact::default()
    };
    (slot, Actor::Assistant, Body::Call(Box::new(call)))
}

fn ended(item: &Item<'_>) -> (Slot, Actor, Body) {
    let slot = item.link.call_id.clone().map_or_else(|| item.slot(), Slot::Result);
    let failed = item.what() == "tool.failed" || item.status() == "failed";
    let summary = item.node.owned(&["summary"]).unwrap_or_default();
    let worded = if failed && !item.denied() { stop_in(&summary) } else { None };
    let known = item.summed("Status: ").and_then(Status::parse);
    let status = known.unwrap_or_else(|| match (item.denied(), failed) {
        (true, _) => Status::Denied,
        (false, true) if is_block(&summary) => Status::Blocked,
        (false, true) => Status::Failed,
        (false, false) => Status::Succeeded,
    });
    let result = ResultFact {
        link: item.link.clone(),
        text: summary,
        partial: true,
        status: Some(status),
        error_code: item.metadata("errorCode").or_else(|| item.summed("Code: ").map(str::to_owned)),
        governed_outcome: item.metadata("governedOutcome").or_else(|| item.summed("Outcome: ").map(str::to_owned)),
        ran: match (item.summed("Ran: "), status) {
            (Some(known), _) => known.parse().ok(),
            (None, Status::Succeeded) => Some(true),
            (None, Status::Denied) => Some(false),
            _ => worded.as_ref().map(|_| false),
        },
        retries: item.summed("Attempts: ").and_then(|n| n.parse::<u32>().ok()).map_or(0, |n| n.saturating_sub(1)),
        stop: item.stop().or(worded),
        ..ResultFact::default()
    };
    (slot, Actor::Tool, Body::Result(Box::new(result)))
}

fn policy(item: &Item<'_>) -> (Slot, Actor, Body) {
    let slot = item.link.call_id.as_ref().map_or_else(|| item.slot(), |call| Slot::Named(format!("{call}.policy")));
    let summed = |field: &str| item.summed(field).map(str::to_owned);
    let policy = PolicyFact {
        link: item.link.clone(),
        text: item.text(),
        stop: item.stop(),
        outcome: item.metadata("governedOutcome").or_else(|| summed("Outcome: ")).or_else(|| item.denied().then(|| "denied".to_owned())),
        error_code: item.metadata("errorCode").or_else(|| summed("Code: ")),
        policy_id: summed("Policy: "),
        decision_id: summed("Record: "),
        matched_rules: item.summed("Rules: ").map_or_else(Vec::new, |rules| rules.split(", ").map(str::to_owned).collect()),
        ..PolicyFact::default()
    };
    (slot, Actor::Policy, Body::Policy(Box::new(policy)))
}

/// Tells what is waited for: by the kind that is stated, else by the title that the timeline gives it, since trajectories leave the kind out.
pub(super) fn kind_of(item: &Item<'_>) -> WaitKind {
    item.node.str("pendingRequestKind").and_then(WaitKind::parse).unwrap_or_else(|| kind_in(item.node.str("title").unwrap_or_default()))
}

fn kind_in(title: &str) -> WaitKind {
    let titles =
        [("MCP", WaitKind::McpElicitation), ("user input", WaitKind::UserInput), ("client tool", WaitKind::ClientTool), ("retry", WaitKind::ToolRetry)];
    let begin = title.split_once(':').map_or(title, |(begin, _)| begin);
    titles.iter().find(|(word, _)| begin.contains(word)).map_or(WaitKind::Approval, |(_, kind)| *kind)
}

fn wait(item: &Item<'_>) -> (Slot, Actor, Body) {
    let mut link = item.link.clone();
    // A platform's wait is shown under its own id, which is no call; a local one is asked under the id of its call.
    let platform = item.node.get("platform").is_some() || link.approval_request_id.is_some() || link.tool_execution_id.is_some();
    if platform && (link.call_id == link.request_id || link.call_id == link.approval_request_id) {
        link.call_id = None;
    }
    let slot = link.request_id.clone().map_or_else(|| item.slot(), Slot::Wait);
    let wait = WaitFact {
        kind: kind_of(item),
        reason: item.node.owned(&["summary"]),
        shown_text: item.node.owned(&["title"]),
        shown_at: None,
        asked_at: None,
        inferred: false,
        risk: None,
        context: None,
        evidence: "wait.pending",
        link,
    };
    (slot, Actor::Platform, Body::Wait(Box::new(wait)))
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, Slot, Status};

    #[test]
    fn items_land_in_the_slots_of_the_session() {
        let text = r#"{"sessionId":"s","source":"local","platformBacked":false,"items":[
            {"id":"message:e1","timestamp":"2026-05-01T08:00:00Z","type":"message.user","title":"User message","summary":"Go","role":"user"},
            {"id":"tool-requested:e2:c1","type":"tool.requested","toolCallId":"c1","toolName":"bash"},
            {"id":"pending:apr_1","type":"wait.pending","source":"platform","toolCallId":"apr_1","pendingRequestId":"apr_1","approvalRequestId":"apr_1"},
            {"id":"tool-result:e3:c1","type":"tool.failed","toolCallId":"c1","metadata":{"governedOutcome":"denied"}},
            {"id":"odd","type":"agent.run.started","title":"x"}]}"#;
        let reading = read_plain(text.as_bytes(), "t.json", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!((reading.format.name, reading.records), ("maestro-timeline", 5));
        let facts = &reading.portions[0].0.facts;
        let slots: Vec<_> = facts.iter().skip(1).map(|f| f.slot.clone()).collect();
        let expect = [Slot::Named("e1.text".into()), Slot::Call("c1".into()), Slot::Wait("apr_1".into()), Slot::Result("c1".into()), Slot::Named("odd".into())];
        assert_eq!(slots, expect);
        assert!(matches!(&facts[3].body, Body::Wait(wait) if wait.link.call_id.is_none()));
        assert!(matches!(&facts[4].body, Body::Result(result) if result.status == Some(Status::Denied) && result.stop.is_some()));
        assert_eq!(facts[1].aliases, ["message:e1"]);
    }
}
