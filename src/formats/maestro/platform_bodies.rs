//! What the platform's records say, as facts.

use super::lineage::{self, word};
use super::platform::{What, value};
use crate::formats::Output;
use crate::formats::json::Node;
use crate::model::fact::{CallFact, Link, PolicyFact, ResolutionFact, ResultFact, Stop, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, ExecutionContext, Fact, GrantScope, Risk, Slot, Span, Status, StopClass, Timestamp, WaitKind};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use std::borrow::Cow;

/// One record, taken apart.
pub struct Told<'n> {
    /// The record.
    pub node: &'n Node<'n>,
    /// What it is.
    pub what: What,
    /// The session, run and call that it belongs to.
    pub linkage: Option<&'n Node<'n>>,
    /// What the approver was to judge.
    pub payload: Option<&'n Node<'n>>,
    /// Its ids.
    pub link: Link,
    /// When.
    pub at: Option<Timestamp>,
    /// Where it stands.
    pub span: Span,
}

/// Gives the JSON of an action's payload: bytes in base64, as protobuf's JSON has them, or the object itself.
pub fn payload<'n>(node: &'n Node<'_>) -> Option<Cow<'n, str>> {
    let Some(text) = node.as_str() else { return node.is_object().then_some(Cow::Borrowed(node.raw)) };
    if text.trim_start().starts_with('{') {
        return Some(Cow::Borrowed(text));
    }
    // Both alphabets, with padding or without, over as many lines as it took.
    let digit = |byte: u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=' && !byte.is_ascii_whitespace()).map(digit).collect();
    let lenient = GeneralPurpose::new(&STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));
    let bytes = lenient.decode(digits).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Reads the record's time.
pub fn time(node: &Node<'_>) -> Option<Timestamp> {
    const KEYS: [&str; 11] = [
        "decided_at",
        "decidedAt",
        "created_at",
        "createdAt",
        "evaluated_at",
        "evaluatedAt",
        "updated_at",
        "updatedAt",
        "completed_at",
        "completedAt",
        "timestamp",
    ];
    node.time(&KEYS)
}

/// Reads the ids that a record states.
pub fn link(node: &Node<'_>, what: What, linkage: Option<&Node<'_>>, payload: Option<&Node<'_>>) -> Link {
    let id = || node.owned(&["id"]);
    let waits = node.any(&["approval_wait", "approvalWait"]);
    let approval = node.owned(&["approval_request_id", "approvalRequestId"]).or_else(|| waits?.owned(&["approval_request_id", "approvalRequestId"]));
    let step = linkage.and_then(|l| l.owned(&["step_id", "stepId"])).or_else(|| lineage::metadata(node, "maestro_tool_call_id"));
    let tool = node.get("tool").and_then(|tool| tool.owned(&["name"])).or_else(|| payload?.owned(&["toolName", "tool_name"]));
    let args = node.get("arguments").or_else(|| payload?.get("args")).filter(|args| !args.is_null()).map(Node::raw_args);
    Link {
        call_id: node.owned(&["tool_call_id", "toolCallId"]).or(step),
        request_id: match what {
            // A local request has the id of its call.
            What::Request => payload.and_then(|p| p.owned(&["localRequestId", "local_request_id"])).or_else(id),
            _ => approval.clone(),
        },
        approval_request_id: if what == What::Request { id() } else { approval },
        tool_execution_id: match what {
            What::Execution => id(),
            _ => node.owned(&["execution_id", "executionId", "tool_execution_id", "toolExecutionId"]),
        },
        tool,
        args,
        step: None,
    }
}

/// Pushes what a record says.
pub fn push(told: &Told<'_>, out: &mut Output) {
    match told.what {
        What::Request => asked(told, told.payload.unwrap_or(told.node), "ApprovalRequest", out),
        What::Decision => decided(told, out),
        What::Call => called(told, out),
        What::Execution => stands(told, out),
        What::Resume => resumed(told, out),
        What::Evaluation => evaluated(told, out),
    }
}

impl Told<'_> {
    fn push(&self, slot: Slot, actor: Actor, body: Body, out: &mut Output) {
        let mut fact = Fact::new(slot, self.span.clone(), actor, body).at(self.at);
        // A decision is known by its own id too.
        fact.aliases.extend(self.node.owned(&["id"]).filter(|_| self.what == What::Decision));
        out.push(fact);
    }

    fn risk(&self) -> Option<Risk> {
        Risk::parse(&word(self.node.str_any(&["risk_level", "riskLevel"])?, "RISK_LEVEL_"))
    }

    fn context(&self) -> ExecutionContext {
        let of = |keys: &[&str]| self.linkage.and_then(|l| l.owned(keys)).or_else(|| self.node.owned(keys));
        let mut context = lineage::context(self.node);
        context.fill(&ExecutionContext {
            organization_id: of(&["organization_id", "organizationId"]),
            workspace_id: of(&["workspace_id", "workspaceId"]),
            agent_run_id: of(&["run_id", "runId"]),
            agent_run_step_id: of(&["step_id", "stepId"]),
            actor_id: of(&["actor_id", "actorId"]),
            surface: of(&["surface"]),
            channel: of(&["channel_id", "channelId"]),
            correlation_id: of(&["correlation_id", "correlationId"]),
            idempotency_key: of(&["idempotency_key", "idempotencyKey"]),
            ..ExecutionContext::default()
        });
        context
    }

    fn reason(&self) -> Option<String> {
        self.node.owned(&["reason"])
    }

    fn slot(&self, wanted: fn(String) -> Slot) -> Slot {
        self.link.approval_request_id.clone().map_or(Slot::Own, wanted)
    }
}

fn asked(told: &Told<'_>, shown: &Node<'_>, evidence: &'static str, out: &mut Output) {
    let wait = WaitFact {
        link: told.link.clone(),
        kind: WaitKind::Approval,
        reason: shown.owned(&["reason"]).or_else(|| told.reason()),
        shown_text: shown.owned(&["actionDescription", "action_description", "summaryLabel", "summary_label"]),
        shown_at: None,
        asked_at: told.node.time(&["created_at", "createdAt"]),
        inferred: false,
        risk: told.risk(),
        context: Some(Box::new(told.context())),
        evidence,
    };
    told.push(told.slot(Slot::Wait), Actor::Platform, Body::Wait(Box::new(wait)), out);
}

/// What was decided, by the word of the record, and the stop that it is.
fn decision(word: &str) -> (Option<Decision>, Option<StopClass>) {
    match word {
        "approved" => (Some(Decision::Approved), None),
        "auto_approved" => (Some(Decision::AutoApproved), None),
        "denied" => (Some(Decision::Denied), Some(StopClass::Refusal)),
        "expired" => (Some(Decision::Expired), Some(StopClass::Lapse)),
        "escalated" => (Some(Decision::Escalated), None),
        _ => (None, None),
    }
}

/// Maestro writes `maestro_user` and `maestro_policy`; other clients write the id of a person.
fn by(who: Option<&str>, decided: Option<Decision>) -> Option<DecidedBy> {
    match (who?, decided) {
        (_, Some(Decision::AutoApproved | Decision::Expired)) => Some(DecidedBy::Policy),
        (who, _) if who.ends_with("policy") || who == "system" => Some(DecidedBy::Policy),
        _ => Some(DecidedBy::User),
    }
}

fn decided(told: &Told<'_>, out: &mut Output) {
    let (decided, stop) = decision(&value(told.node, &["decision"], "DECISION_TYPE_"));
    let pattern = told.node.any(&["auto_approve_evidence", "autoApproveEvidence", "pattern"]).is_some();
    let scope = match decided {
        Some(Decision::Approved) => Some(GrantScope::Once),
        Some(Decision::AutoApproved) if pattern => Some(GrantScope::Pattern),
        _ => None,
    };
    let who = by(told.node.str_any(&["decided_by", "decidedBy"]), decided);
    let decided_at = told.node.time(&["decided_at", "decidedAt"]);
    settle(told, decided, stop, who, scope, decided_at, "ApprovalDecision", out);
}

#[allow(clippy::too_many_arguments)]
fn settle(
    told: &Told<'_>,
    decision: Option<Decision>,
    stop: Option<StopClass>,
    by: Option<DecidedBy>,
    scope: Option<GrantScope>,
    decided_at: Option<Timestamp>,
    evidence: &'static str,
    out: &mut Output,
) {
    let actor = if by == Some(DecidedBy::User) { Actor::User } else { Actor::Policy };
    let end = ResolutionFact {
        link: told.link.clone(),
        kind: WaitKind::Approval,
        decision,
        by,
        reason: told.reason(),
        scope,
        decided_at,
        decided_before: None,
        stop,
        inferred: false,
        evidence,
    };
    told.push(told.slot(Slot::Resolution), actor, Body::Resolution(Box::new(end)), out);
}

fn called(told: &Told<'_>, out: &mut Output) {
    let tool = told.node.get("tool");
    let redacted = lineage::metadata(told.node, "maestro_redacted_arguments").is_some_and(|v| v == "true");
    let call = CallFact {
        tool: told.link.tool.clone().unwrap_or_default(),
        args: told.link.args.clone(),
        args_partial: redacted,
        risk: told.risk(),
        mutates: tool.and_then(|tool| tool.bool_any(&["mutatesResource", "mutates_resource"])),
        context: Some(Box::new(told.context())),
        mode: lineage::mode(told.node),
        link: told.link.clone(),
        ..CallFact::default()
    };
    told.push(told.link.call_id.clone().map_or(Slot::Own, Slot::Call), Actor::Assistant, Body::Call(Box::new(call)), out);
}

/// Where an execution stands: it waits, it runs, or how it ended.
fn stands(told: &Told<'_>, out: &mut Output) {
    let state = value(told.node, &["state"], "TOOL_EXECUTION_STATE_");
    if state == "waiting_approval" {
        let waits = told.node.any(&["approval_wait", "approvalWait"]).unwrap_or(told.node);
        return asked(told, waits, "ToolExecution", out);
    }
    let status = match state.as_str() {
        "succeeded" => Status::Succeeded,
        "failed" => Status::Failed,
        "denied" => Status::Denied,
        "cancelled" => Status::Cancelled,
        _ => return told.push(Slot::Own, Actor::Platform, Body::Progress(told.link.clone()), out),
    };
    let stop = Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::Policy), inferred: false };
    let result = ResultFact {
        link: told.link.clone(),
        partial: true,
        status: Some(status),
        error: told.node.owned(&["error_message", "errorMessage"]),
        stop: (status == Status::Denied).then_some(stop),
        ran: match status {
            Status::Succeeded => Some(true),
            Status::Denied => Some(false),
            _ => None,
        },
        context: Some(Box::new(told.context())),
        mode: lineage::mode(told.node),
        ..ResultFact::default()
    };
    told.push(told.link.call_id.clone().map_or(Slot::Own, Slot::Result), Actor::Platform, Body::Result(Box::new(result)), out);
}

fn resumed(told: &Told<'_>, out: &mut Output) {
    let approved = told.node.bool_any(&["approved"]) == Some(true);
    let (decided, stop) = decision(if approved { "approved" } else { "denied" });
    let who = by(told.node.str_any(&["decided_by", "decidedBy"]), decided);
    settle(told, decided, stop, who, approved.then_some(GrantScope::Once), None, "ResumeToolExecution", out);
    let text = format!("resumed: {}", if approved { "approved" } else { "denied" });
    told.push(Slot::Own, Actor::Platform, Body::Resumed { link: told.link.clone(), text }, out);
}

fn evaluated(told: &Told<'_>, out: &mut Output) {
    let node = told.node;
    let denied = value(node, &["decision"], "ACTION_DECISION_");
    let list = |keys: &[&str]| node.any(keys).map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned).collect::<Vec<_>>();
    let text = [format!("policy: {denied}"), list(&["reasons"]).join("\n")].join("\n").trim_end().to_owned();
    let stop = Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(DecidedBy::Policy), inferred: false };
    let policy = PolicyFact {
        link: told.link.clone(),
        text,
        stop: (denied == "deny").then_some(stop),
        policy_id: node.owned(&["policy_id", "policyId"]),
        decision_id: node.owned(&["id", "governance_decision_id"]),
        matched_rules: list(&["matched_rules", "matchedRules"]),
        outcome: match denied.as_str() {
            "deny" => Some("denied".to_owned()),
            "require_approval" => Some("approval_required".to_owned()),
            _ => None,
        },
        risk: told.risk(),
        mode: lineage::mode(node),
        authoritative: lineage::authoritative(node),
        ..PolicyFact::default()
    };
    told.push(Slot::Own, Actor::Policy, Body::Policy(Box::new(policy)), out);
}
