//! `codex-rollout`: rollout files of the Codex CLI, live and archived. `response_item` records are the truth; `event_msg`
//! records repeat them and are kept as further sightings or as context.

use super::access::content_text;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::{CallFact, Link, ResolutionFact, ResultFact, Stop, WaitFact};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, Span, Status, StopClass, Timestamp, Usage, WaitKind};
use std::collections::HashSet;

/// The format.
pub const FORMAT: Format = Format {
    name: "codex-rollout",
    agent: "codex",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| {
        probe.any_line(|n| {
            n.get("payload").is_some_and(Node::is_object) && matches!(n.str("type"), Some("session_meta" | "response_item" | "event_msg" | "turn_context"))
        })
    },
    reader: || Box::new(Rollout::default()),
    doc: "Codex CLI rollouts: `{timestamp, type, payload}` lines.",
};

/// Wordings by which an output shows that the call was refused, and by whom.
const REFUSED: &[(&str, DecidedBy)] =
    &[("rejected by user", DecidedBy::User), ("This action was rejected due to unacceptable risk", DecidedBy::Policy), ("rejected: ", DecidedBy::Policy)];

#[derive(Default)]
struct Rollout {
    escalated: HashSet<String>,
}

impl Reader for Rollout {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let at = node.time(&["timestamp"]);
        let Some(payload) = node.get("payload").filter(|p| p.is_object()) else {
            return out.unknown(record.span.clone(), node.all_text());
        };
        match node.str("type") {
            Some("session_meta") => meta(payload, &record.span, at, out),
            Some("turn_context") => {
                let about = out.about();
                about.model = about.model.take().or_else(|| payload.owned(&["model"]));
                about.cwd = about.cwd.take().or_else(|| payload.owned(&["cwd"]));
                context("turn_context", payload, &record.span, at, out);
            }
            Some("response_item") => self.item(payload, &record.span, at, out),
            Some("event_msg") => event(payload, &record.span, at, out),
            Some("compacted") => {
                out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context(payload.owned(&["message"]).unwrap_or_default())).at(at))
            }
            Some(kind) => context(kind, payload, &record.span, at, out),
            None => out.unknown(record.span.clone(), node.all_text()),
        }
    }
}

fn meta(payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    out.session(payload.str_any(&["id", "session_id"]).unwrap_or_default());
    let about = out.about();
    about.cwd = about.cwd.take().or_else(|| payload.owned(&["cwd"]));
    about.agent_version = about.agent_version.take().or_else(|| payload.owned(&["cli_version"]));
    about.provider = about.provider.take().or_else(|| payload.owned(&["model_provider"]));
    about.git_ref = about.git_ref.take().or_else(|| payload.get("git")?.owned(&["branch", "commit_hash"]));
    about.repository = about.repository.take().or_else(|| payload.get("git")?.owned(&["repository_url"]));
    about.system_prompt =
        about.system_prompt.take().or_else(|| payload.owned(&["instructions"])).or_else(|| payload.get("base_instructions")?.owned(&["text"]));
    out.push(Fact::new(Slot::Own, span.clone(), Actor::System, Body::Context("session started".to_owned())).at(at));
}

fn context(kind: &str, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let text = format!("{kind}\n{}", payload.all_text());
    out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Context(text)).at(at));
}

impl Rollout {
    fn item(&mut self, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let id = payload.owned(&["id"]);
        let named = |kind: &str| id.as_ref().map_or(Slot::Own, |id| Slot::Named(format!("{id}.{kind}")));
        match payload.str("type") {
            Some("message") => {
                let text = payload.get("content").map(content_text).unwrap_or_default();
                let (actor, body) = match payload.str("role") {
                    Some("assistant") => (Actor::Assistant, Body::Text { text, partial: false }),
                    Some("user") if !text.starts_with('<') => (Actor::User, Body::Text { text, partial: false }),
                    _ => (Actor::System, Body::Context(text)),
                };
                out.push(Fact::new(named("text"), span.clone(), actor, body).at(at));
            }
            Some("reasoning") => {
                let text =
                    payload.get("summary").map(content_text).filter(|t| !t.is_empty()).or_else(|| payload.get("content").map(content_text)).unwrap_or_default();
                out.push(Fact::new(named("thinking"), span.clone(), Actor::Assistant, Body::Thinking(text)).at(at));
            }
            Some("function_call" | "custom_tool_call" | "local_shell_call") => self.call(payload, span, at, out),
            Some("function_call_output" | "custom_tool_call_output") => self.result(payload, span, at, out),
            Some(kind) => context(kind, payload, span, at, out),
            None => out.unknown(span.clone(), payload.all_text()),
        }
    }

    fn call(&mut self, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let id = payload.owned(&["call_id", "id"]).unwrap_or_default();
        let tool = payload.owned(&["name"]).unwrap_or_else(|| "local_shell".to_owned());
        let args = payload.any(&["arguments", "input", "action"]).map(Node::raw_args);
        let parsed: serde_json::Value = args.as_deref().and_then(|a| serde_json::from_str(a).ok()).unwrap_or_default();
        let escalated = parsed.get("sandbox_permissions").and_then(|v| v.as_str()) == Some("require_escalated")
            || parsed.get("with_escalated_permissions").and_then(serde_json::Value::as_bool) == Some(true);
        let justification = parsed.get("justification").and_then(|v| v.as_str()).map(str::to_owned).filter(|_| escalated);
        let link = Link { call_id: Some(id.clone()), request_id: None, tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
        let call = CallFact { link: link.clone(), tool, args, justification: justification.clone(), ..CallFact::default() };
        let mut fact = Fact::new(Slot::Call(id.clone()), span.clone(), Actor::Assistant, Body::Call(Box::new(call))).at(at);
        fact.aliases.extend(payload.owned(&["id"]));
        out.push(fact);
        if escalated {
            self.escalated.insert(id.clone());
            let link = Link { request_id: Some(id.clone()), ..link };
            let evidence = "sandbox_permissions";
            let wait = WaitFact {
                link,
                kind: WaitKind::Approval,
                reason: justification,
                shown_text: None,
                shown_at: None,
                asked_at: at,
                inferred: true,
                risk: None,
                context: None,
                evidence,
            };
            out.push(Fact::new(Slot::Wait(id), span.clone(), Actor::Assistant, Body::Wait(Box::new(wait))).at(at));
        }
    }

    fn result(&mut self, payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
        let id = payload.owned(&["call_id"]).unwrap_or_default();
        let output = payload.get("output");
        let text = output.map(|o| o.owned(&["content"]).unwrap_or_else(|| content_text(o))).unwrap_or_default();
        let code = exit_code(&text);
        let refused = REFUSED.iter().find(|(wording, _)| text.contains(wording) && code.is_none()).map(|(_, by)| *by);
        let stop = refused.map(|by| Stop { class: StopClass::Refusal, decision: Decision::Denied, by: Some(by), inferred: true });
        let failed = code
            .map(|code| code != 0)
            .or_else(|| output.and_then(|o| o.bool_any(&["success"])).map(|ok| !ok))
            .or_else(|| text.starts_with("exec_command failed").then_some(true));
        let ran = if stop.is_some() { Some(false) } else { code.map(|_| true) };
        let body = ResultFact { link: Link::call(id.clone()), text, is_error: failed, stop, ran, ..ResultFact::default() };
        let mut fact = Fact::new(Slot::Result(id.clone()), span.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at);
        fact.aliases.extend(payload.owned(&["id"]));
        out.push(fact);
        let asked = self.escalated.remove(&id);
        if refused.is_some() || asked {
            let (decision, by, stop) = match refused {
                Some(by) => (Decision::Denied, Some(by), Some(StopClass::Refusal)),
                None => (Decision::Approved, None, None),
            };
            let link = Link { call_id: Some(id.clone()), request_id: Some(id.clone()), ..Link::default() };
            let end = ResolutionFact {
                link,
                kind: WaitKind::Approval,
                decision: Some(decision),
                by,
                reason: None,
                scope: None,
                decided_at: None,
                decided_before: at,
                stop,
                inferred: true,
                evidence: "output text",
            };
            out.push(Fact::new(Slot::Resolution(id), span.clone(), Actor::Runtime, Body::Resolution(Box::new(end))).at(at));
        }
    }
}

/// Finds the exit code in an output: `Process exited with code 1`, or the metadata of older builds.
fn exit_code(text: &str) -> Option<i64> {
    let after = text.split_once("exited with code ").or_else(|| text.split_once("\"exit_code\":")).map(|(_, rest)| rest.trim_start())?;
    let digits: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
    digits.parse().ok()
}

/// Events repeat response items; commands add their exit code, old builds their approval requests.
fn event(payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let call = payload.owned(&["call_id"]);
    match (payload.str("type"), call) {
        (Some("exec_approval_request" | "apply_patch_approval_request"), Some(call)) => {
            let link = Link { call_id: Some(call.clone()), request_id: Some(call.clone()), ..Link::default() };
            let shown = payload.get("command").map(|c| c.items().iter().filter_map(Node::as_str).collect::<Vec<_>>().join(" "));
            let evidence = "exec_approval_request";
            let wait = WaitFact {
                link,
                kind: WaitKind::Approval,
                reason: payload.owned(&["reason"]),
                shown_text: shown,
                shown_at: at,
                asked_at: at,
                inferred: false,
                risk: None,
                context: None,
                evidence,
            };
            out.push(Fact::new(Slot::Wait(call), span.clone(), Actor::Runtime, Body::Wait(Box::new(wait))).at(at));
        }
        (Some("exec_command_begin" | "patch_apply_begin" | "mcp_tool_call_begin"), Some(call)) => {
            out.push(Fact::new(Slot::Call(call.clone()), span.clone(), Actor::Runtime, Body::Progress(Link::call(call))).at(at))
        }
        (Some("exec_command_end"), Some(call)) => out.push(ended(call, payload.get("exit_code").and_then(Node::as_f64), span, at)),
        (Some("item_completed"), _) => completed(payload, span, at, out),
        (Some("token_count"), _) => {
            let last = payload.path(&["info", "last_token_usage"]).map(tokens).unwrap_or_default();
            out.push(Fact::new(Slot::Own, span.clone(), Actor::Runtime, Body::Usage(last)).at(at));
        }
        (Some(kind), _) => context(kind, payload, span, at, out),
        (None, _) => out.unknown(span.clone(), payload.all_text()),
    }
}

fn completed(payload: &Node<'_>, span: &Span, at: Option<Timestamp>, out: &mut Output) {
    let Some(item) = payload.get("item").filter(|i| i.is_object()) else { return context("item_completed", payload, span, at, out) };
    match (item.str("type"), item.owned(&["id"])) {
        (Some("CommandExecution" | "commandExecution"), Some(call)) => {
            out.push(ended(call, item.any(&["exit_code", "exitCode"]).and_then(Node::as_f64), span, at))
        }
        (Some("AgentMessage" | "agentMessage"), Some(id)) => {
            out.push(Fact::new(Slot::Named(format!("{id}.text")), span.clone(), Actor::Assistant, Body::Part).at(at))
        }
        (Some("Reasoning" | "reasoning"), Some(id)) => {
            out.push(Fact::new(Slot::Named(format!("{id}.thinking")), span.clone(), Actor::Assistant, Body::Part).at(at))
        }
        (kind, _) => context(kind.unwrap_or("item_completed"), item, span, at, out),
    }
}

fn ended(call: String, code: Option<f64>, span: &Span, at: Option<Timestamp>) -> Fact {
    let status = code.map(|code| if code == 0.0 { Status::Succeeded } else { Status::Failed });
    let body = ResultFact { link: Link::call(call.clone()), partial: true, status, ran: code.map(|_| true), ..ResultFact::default() };
    Fact::new(Slot::Result(call), span.clone(), Actor::Tool, Body::Result(Box::new(body))).at(at)
}

fn tokens(usage: &Node<'_>) -> Usage {
    let count = |key: &str| usage.u64_any(&[key]).unwrap_or(0);
    let cached = count("cached_input_tokens");
    Usage {
        input: count("input_tokens").saturating_sub(cached),
        output: count("output_tokens"),
        cache_read: cached,
        cache_write: count("cache_write_input_tokens"),
        cost_usd: None,
    }
}
