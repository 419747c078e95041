//! Executions: the life of each tool call, gathered from all its sightings.

use super::outcome;
use super::sightings::Sightings;
use super::steps::Placed;
use crate::model::fact::{Body, CallFact, Link, PolicyFact, ResolutionFact, ResultFact, Stop, WaitFact};
use crate::model::{Execution, GovernanceMode, RiskOrigin, Status, Timestamp, Trajectory, Wait, WaitKind};
use rustc_hash::FxHashMap;

/// An execution while its facts are gathered.
pub struct Life {
    /// What is known so far.
    pub execution: Execution,
    /// Stops that records show, the best evidence first.
    pub stops: Vec<Stop>,
    /// Status that a record states.
    pub stated: Option<Status>,
    /// Error flag of the result.
    pub is_error: Option<bool>,
    /// Whether any result was seen.
    pub has_result: bool,
    /// Whether the execution's id stands as an approval's: a local approval's is its call's, a platform's its own.
    pub named_by_approval: bool,
    /// Whether the arguments are those that ran.
    ran_args: bool,
}

/// Builds the executions and ties the steps to them.
pub fn build(sightings: &Sightings, placed: &Placed, trajectory: &mut Trajectory) {
    let mut lives: Vec<Life> = Vec::new();
    let mut by_id: FxHashMap<String, usize> = FxHashMap::default();
    let mut disagreements = super::disagreements::Claims::default();
    for sighting in &sightings.list {
        let Some(id) = &sighting.execution else { continue };
        let index = *by_id.entry(id.clone()).or_insert_with(|| {
            lives.push(Life::new(id));
            lives.len() - 1
        });
        lives[index].add(&sighting.fact.body, sighting.fact.at, sighting.guessed);
        super::said::note(&mut lives[index].execution, sighting);
        disagreements.note(sighting);
        if let Some(step) = placed.index.get(&sighting.step_id).and_then(|&i| trajectory.steps.get_mut(i)) {
            step.execution = Some(id.clone());
        }
    }
    for step in &trajectory.steps {
        if let Some(&index) = step.execution.as_ref().and_then(|id| by_id.get(id)) {
            lives[index].execution.steps.push(step.id.clone());
        }
    }
    let first: FxHashMap<&str, u32> = trajectory.steps.iter().map(|s| (s.id.as_str(), s.seq)).collect();
    lives.sort_by_key(|life| life.execution.steps.first().and_then(|id| first.get(id.as_str()).copied()));
    trajectory.executions = lives.into_iter().map(outcome::settle).collect();
    disagreements.report(&mut trajectory.issues);
}

impl Life {
    fn new(id: &str) -> Self {
        Self { execution: Execution::new(id), stops: Vec::new(), stated: None, is_error: None, has_result: false, named_by_approval: false, ran_args: false }
    }

    fn add(&mut self, body: &Body, at: Option<Timestamp>, guessed: bool) {
        if let Some(link) = super::ties::link_of(body) {
            let e = &mut self.execution;
            if link.call_id.as_deref() == Some(&e.id) {
                e.call_id.clone_from(&link.call_id);
            }
            self.named_by_approval |= link.approval_request_id.as_deref() == Some(&e.id);
            let approval = link.approval_request_id.as_ref().filter(|approval| **approval != e.id);
            for (to, from) in [(&mut e.tool_execution_id, link.tool_execution_id.as_ref()), (&mut e.approval_request_id, approval)] {
                if to.is_none() {
                    *to = from.cloned();
                }
            }
            if e.tool.is_empty() {
                e.tool = link.tool.clone().unwrap_or_default();
            }
        }
        match body {
            Body::Call(call) => self.call(call, at),
            Body::Result(result) => self.result(result, at),
            Body::Wait(wait) => self.wait(wait, at, guessed),
            Body::Resolution(end) => self.resolution(end),
            Body::Policy(policy) => self.policy(policy),
            Body::Resumed { link, .. } => self.resumed(link, at),
            _ => {}
        }
    }

    fn call(&mut self, call: &CallFact, at: Option<Timestamp>) {
        let e = &mut self.execution;
        if !call.tool.is_empty() && (e.tool.is_empty() || e.args.is_none()) {
            e.tool.clone_from(&call.tool);
        }
        let corrects = call.ran && call.args.is_some() && !self.ran_args;
        if e.args.is_none() || corrects {
            e.args.clone_from(&call.args);
        }
        if e.command.is_none() || corrects {
            e.command = command_of(call);
        }
        self.ran_args |= corrects;
        self.risk(call.risk);
        let e = &mut self.execution;
        e.started_at = e.started_at.into_iter().chain(at).min();
        if let Some(context) = &call.context {
            e.context.fill(context);
        }
        self.mode(call.mode);
    }

    fn result(&mut self, result: &ResultFact, at: Option<Timestamp>) {
        if result.superseded {
            self.execution.ran = self.execution.ran.or(result.ran);
            return;
        }
        self.has_result = true;
        self.stated = self.stated.or(result.status);
        self.is_error = self.is_error.or(result.is_error);
        self.stops.extend(result.stop.clone());
        let e = &mut self.execution;
        e.ended_at = e.ended_at.or(at);
        e.ran = e.ran.or(result.ran);
        e.attempts = e.attempts.max(1 + result.retries);
        if e.started_at.is_none() {
            e.started_at = result.started_at;
        }
        for (to, from) in [(&mut e.error_code, &result.error_code), (&mut e.governed_outcome, &result.governed_outcome)] {
            if to.is_none() {
                to.clone_from(from);
            }
        }
        if e.error.is_none() && failed(result) {
            e.error = result.error.clone().or_else(|| (!result.text.is_empty() && !result.partial).then(|| result.text.clone()));
        }
        if let Some(context) = &result.context {
            e.context.fill(context);
        }
        self.mode(result.mode);
    }

    fn wait(&mut self, fact: &WaitFact, at: Option<Timestamp>, guessed: bool) {
        self.risk(fact.risk);
        if let Some(context) = &fact.context {
            self.execution.context.fill(context);
        }
        let asked = fact.asked_at.or(at);
        let wait = self.wait_of(fact.link.request_id.as_ref().or(fact.link.approval_request_id.as_ref()), fact.kind);
        for (to, from) in [(&mut wait.reason, &fact.reason), (&mut wait.shown_text, &fact.shown_text)] {
            if to.is_none() {
                to.clone_from(from);
            }
        }
        if wait.args_asked.is_none() {
            wait.args_asked.clone_from(&fact.link.args);
        }
        wait.asked_at = wait.asked_at.into_iter().chain(asked).min();
        wait.shown_at = wait.shown_at.or(fact.shown_at);
        wait.evidence = wait.evidence.or(Some(fact.evidence));
        wait.inferred |= fact.inferred || guessed;
        if self.execution.args.is_none() {
            self.execution.args.clone_from(&fact.link.args);
            self.execution.command = fact.link.args.as_deref().and_then(command_in);
        }
    }

    fn resolution(&mut self, fact: &ResolutionFact) {
        // A retry that is not granted leaves the call as it had ended.
        if let (Some(class), Some(decision)) = (fact.stop.filter(|_| fact.kind != WaitKind::ToolRetry), fact.decision) {
            self.stops.insert(0, Stop { class, decision, by: fact.by, inferred: fact.inferred });
        }
        let wait = self.wait_of(fact.link.request_id.as_ref().or(fact.link.approval_request_id.as_ref()), fact.kind);
        wait.decision = wait.decision.or(fact.decision);
        wait.decided_by = wait.decided_by.or(fact.by);
        wait.scope = wait.scope.or(fact.scope);
        if wait.decision_reason.is_none() {
            wait.decision_reason.clone_from(&fact.reason);
        }
        wait.decided_at = wait.decided_at.or(fact.decided_at);
        wait.decided_before = wait.decided_before.into_iter().chain(fact.decided_before).min();
        wait.inferred |= fact.inferred;
        wait.evidence = Some(fact.evidence).or(wait.evidence);
    }

    /// The wait that a record names went on, or the last one there is.
    fn resumed(&mut self, link: &Link, at: Option<Timestamp>) {
        let named = [&link.request_id, &link.approval_request_id];
        let waits = &mut self.execution.waits;
        let found = waits.iter().position(|w| w.request_id.is_some() && named.contains(&&w.request_id)).or_else(|| waits.len().checked_sub(1));
        if let Some(wait) = found.and_then(|i| waits.get_mut(i)) {
            wait.resumed_at = wait.resumed_at.or(at);
        }
    }

    fn policy(&mut self, fact: &PolicyFact) {
        self.stops.extend(fact.stop.clone());
        if fact.blocked {
            self.stated = Some(Status::Blocked);
        }
        self.risk(fact.risk);
        self.mode(fact.mode);
        let e = &mut self.execution;
        let g = &mut e.governance;
        for (to, from) in [
            (&mut g.policy_id, &fact.policy_id),
            (&mut g.decision_id, &fact.decision_id),
            (&mut e.governed_outcome, &fact.outcome),
            (&mut e.error_code, &fact.error_code),
        ] {
            if to.is_none() {
                to.clone_from(from);
            }
        }
        if g.matched_rules.is_empty() {
            g.matched_rules.clone_from(&fact.matched_rules);
        }
        g.authoritative = g.authoritative.or(fact.authoritative);
    }

    fn risk(&mut self, risk: Option<crate::model::Risk>) {
        if let (None, Some(risk)) = (self.execution.risk, risk) {
            self.execution.risk = Some(risk);
            self.execution.risk_origin = Some(RiskOrigin::Recorded);
        }
    }

    fn mode(&mut self, mode: Option<GovernanceMode>) {
        if let (GovernanceMode::Unknown, Some(mode)) = (self.execution.governance.mode, mode) {
            self.execution.governance.mode = mode;
        }
    }

    fn wait_of(&mut self, request: Option<&String>, kind: WaitKind) -> &mut Wait {
        let waits = &mut self.execution.waits;
        // A record that names no request speaks of the one there is, whichever of the two is read first.
        let known = |w: &Wait| w.kind == kind && (w.request_id.as_ref() == request || request.is_none());
        let nameless = |w: &Wait| w.kind == kind && w.request_id.is_none();
        let found = waits.iter().position(known).or_else(|| waits.iter().position(nameless));
        let index = found.unwrap_or_else(|| {
            waits.push(Wait::new(request.cloned(), kind));
            waits.len() - 1
        });
        if waits[index].request_id.is_none() {
            waits[index].request_id = request.cloned();
        }
        &mut waits[index]
    }
}

/// Gives the shell command of a call, stated or found in its arguments.
pub fn command_of(call: &CallFact) -> Option<String> {
    call.command.clone().or_else(|| call.args.as_deref().and_then(command_in))
}

fn command_in(args: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(args).ok()?;
    ["command", "cmd", "script"].iter().find_map(|key| match value.get(key)? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Array(words) => Some(words.iter().filter_map(|w| w.as_str()).collect::<Vec<_>>().join(" ")),
        _ => None,
    })
}

/// Tells whether a result says that the call failed, or was not let run.
pub fn failed(result: &ResultFact) -> bool {
    result.is_error == Some(true) || matches!(result.status, Some(Status::Failed | Status::Denied | Status::Cancelled | Status::Blocked))
}
