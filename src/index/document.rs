//! What a step's document says: its own facts beside those of its execution and its trajectory.

use super::hidden::hidden;
use super::schema::{FACETS, Fields, NUMBERS, ident};
use crate::model::ids::unit;
use crate::model::{Certainty, Execution, Finding, Kind, Step, Trajectory};
use crate::query::fold;
use crate::text::HIDDEN_TEXT;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use tantivy::TantivyDocument;

/// An execution with more waits than this has the id of each on the steps of that wait alone: else the index grows with the square of them.
const MOST_WAITS: usize = 32;

/// What all steps of a trajectory share.
pub struct Shared {
    id: String,
    /// Steps that close a turn.
    closing: FxHashSet<String>,
    /// Executions that a later one tries again.
    retried: FxHashSet<String>,
    keys: Vec<String>,
    ids: Vec<String>,
    /// What else a bare word finds on the first step: whose the session was, what it was given, where it was read.
    about: Vec<String>,
    facets: Vec<(&'static str, String)>,
    numbers: Vec<(&'static str, i64)>,
    model: Option<String>,
    findings: Vec<Finding>,
    /// Findings by the steps and executions they are about, both by id.
    found: [FxHashMap<String, Vec<usize>>; 2],
}

impl Shared {
    /// Gathers it once per trajectory.
    pub fn of(t: &Trajectory) -> Self {
        let l = &t.lineage;
        let mut keys = Keys::default();
        keys.add("agent", Some(&t.agent));
        keys.add("provider", t.provider.as_ref());
        keys.add("experiment", t.cohort.as_ref().and_then(|c| c.experiment.as_ref()));
        keys.add("arm", t.cohort.as_ref().and_then(|c| c.arm.as_ref()));
        keys.add("cohort", t.cohort.as_ref().and_then(|c| c.experiment.as_ref()));
        keys.add("cohort", t.cohort.as_ref().and_then(|c| c.arm.as_ref()));
        keys.add("scenario", l.scenario_id.as_ref());
        keys.add("session", l.session_id.as_ref());
        keys.add("cwd", t.cwd.as_ref());
        keys.add("repo", t.repository.as_ref());
        keys.add("branch", t.git_ref.as_ref());
        for value in l.prompt.values().filter_map(|v| v.as_str()) {
            keys.add("prompt", Some(&value.to_owned()));
        }
        for source in &t.sources {
            keys.add("source", Some(&source.sha256.to_string()));
            keys.add("source", Some(&source.path));
        }
        if t.steps.iter().any(|s| s.kind == Kind::Thinking) {
            keys.add("has", Some(&"thinking".to_owned()));
        }
        if t.branches.len() > 1 {
            keys.add("has", Some(&"branch".to_owned()));
        }
        let ids = trajectory_ids(t);
        for id in &ids {
            keys.add("id", Some(id));
        }
        let errors =
            t.executions.iter().filter(|e| e.status == crate::model::Status::Failed).count() + t.steps.iter().filter(|s| s.kind == Kind::Error).count();
        #[allow(clippy::cast_possible_truncation)]
        let cost = t.usage.cost_usd.map(|cost| ("cost", (cost * 1e6).round() as i64));
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let mut numbers =
            vec![("steps", count(t.steps.len())), ("retries", count(t.executions.iter().filter(|e| e.retry_of.is_some()).count())), ("errors", count(errors))];
        numbers.extend(Some(t.usage.tokens()).filter(|tokens| *tokens > 0).map(|tokens| ("tokens", tokens.cast_signed())));
        numbers.extend(cost);
        let mut facets = vec![("agent", t.agent.clone())];
        facets.extend(t.cohort.as_ref().and_then(|c| c.arm.clone()).map(|arm| ("arm", arm)));
        let closing = t.steps.iter().filter(|step| t.closes_turn(step)).map(|step| step.id.clone()).collect();
        let retried = t.executions.iter().filter_map(|e| Some(e.retry_of.as_ref()?.execution.clone())).collect();
        let mut found: [FxHashMap<String, Vec<usize>>; 2] = <[_; 2]>::default();
        for (at, finding) in t.findings.iter().enumerate() {
            let [by_step, by_execution] = &mut found;
            finding.steps.iter().for_each(|step| by_step.entry(step.clone()).or_default().push(at));
            finding.execution.iter().for_each(|id| by_execution.entry(id.clone()).or_default().push(at));
        }
        Self {
            id: t.id.clone(),
            closing,
            retried,
            keys: keys.terms,
            ids,
            about: about(t),
            facets,
            numbers,
            model: t.model.clone(),
            findings: t.findings.clone(),
            found,
        }
    }

    /// Gives the findings about a step or its execution, in their order.
    fn found_at(&self, step: &Step) -> impl Iterator<Item = &Finding> {
        let [by_step, by_execution] = &self.found;
        let of_execution = step.execution.as_ref().and_then(|id| by_execution.get(id));
        let mut at: Vec<usize> = by_step.get(&step.id).into_iter().chain(of_execution).flatten().copied().collect();
        at.sort_unstable();
        at.dedup();
        at.into_iter().filter_map(|at| self.findings.get(at))
    }
}

/// Gives the id of what a person judges in a step: its execution, else the step itself where it closes a turn.
#[must_use]
pub fn judged<'a>(trajectory: &Trajectory, step: &'a Step, execution: Option<&'a Execution>) -> Option<&'a str> {
    execution.map(|e| e.id.as_str()).or_else(|| trajectory.closes_turn(step).then_some(step.id.as_str()))
}

/// Gathers `field=value` terms.
#[derive(Default)]
struct Keys {
    terms: Vec<String>,
}

impl Keys {
    fn add(&mut self, field: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value.as_ref().map(AsRef::as_ref).filter(|v| !v.is_empty()) {
            let term = format!("{field}={}", fold(value));
            if !self.terms.contains(&term) {
                self.terms.push(term);
            }
        }
    }
}

/// Fills the document of a step.
pub fn add_step(
    document: &mut TantivyDocument,
    fields: &Fields,
    shared: &Shared,
    step: &Step,
    execution: Option<&Execution>,
    number: u64,
    source_number: &dyn Fn(&str) -> u64,
) {
    let mut keys = Keys::default();
    step_keys(&mut keys, step, shared.model.as_ref());
    finding_keys(&mut keys, shared.found_at(step));
    keys.add("finding", hidden(step, execution).map(|_| HIDDEN_TEXT));
    let first = if step.seq == 1 { [&shared.ids[..], &shared.about[..]] } else { [&[][..]; 2] };
    for name in names(first, step, execution) {
        document.add_text(fields.names, name);
    }
    for text in texts(step, execution) {
        document.add_text(fields.text, text);
    }
    let mut facets = vec![("kind", step.kind.as_str())];
    let mut wait = None;
    if let Some(execution) = execution {
        execution_keys(&mut keys, execution, step, shared);
        facets.push(("tool", execution.tool.as_str()));
        facets.push(("status", execution.status.as_str()));
        facets.extend(execution.waits.last().and_then(|w| w.decision).map(|d| ("decision", d.as_str())));
        wait = longest_wait(execution);
    }
    facets.extend(step.model.as_ref().or(shared.model.as_ref()).map(|m| ("model", m.as_str())));
    facets.extend(shared.facets.iter().map(|(name, value)| (*name, value.as_str())));
    for term in keys.terms.iter().chain(&shared.keys) {
        match term.strip_prefix("id=") {
            Some(id) => document.add_u64(fields.ident, ident(id)),
            None => document.add_text(fields.key, term),
        }
    }
    for (field, name) in fields.facets.iter().zip(FACETS) {
        if let Some((_, value)) = facets.iter().find(|(n, value)| n == name && !value.is_empty()) {
            document.add_text(*field, value);
        }
    }
    let own = [("at", step.at.map(|at| at.ms())), ("wait", wait)];
    for (field, name) in fields.numbers.iter().zip(NUMBERS) {
        let value = own.iter().find(|(n, _)| n == name).map_or_else(|| shared.numbers.iter().find(|(n, _)| n == name).map(|(_, v)| *v), |(_, v)| *v);
        if let Some(value) = value {
            document.add_i64(*field, value);
        }
    }
    document.add_u64(fields.trajectory, number);
    let judged = execution.map(|e| e.id.as_str()).or_else(|| shared.closing.contains(&step.id).then_some(step.id.as_str()));
    if let Some(judged) = judged {
        document.add_u64(fields.unit, unit(&shared.id, judged));
        document.add_text(fields.key, "is=point");
    }
    document.add_text(fields.step, &step.id);
    let origin = step.origins.first();
    let place = [
        origin.map_or(0, |o| source_number(&o.source)),
        origin.map_or(0, |o| o.start_byte),
        origin.map_or(0, |o| o.end_byte - o.start_byte),
        u64::from(step.seq),
    ];
    for (field, value) in fields.place.iter().zip(place) {
        document.add_u64(*field, value);
    }
}

/// Gives the ids of a trajectory and of what it is part of.
fn trajectory_ids(t: &Trajectory) -> Vec<String> {
    let l = &t.lineage;
    let single = [
        Some(&t.id),
        l.session_id.as_ref(),
        l.trace_id.as_ref(),
        l.agent_run_id.as_ref(),
        l.request_id.as_ref(),
        l.objective_id.as_ref(),
        l.conversation_id.as_ref(),
        l.remote_runner_session_id.as_ref(),
        l.scenario_id.as_ref(),
    ];
    let mut ids: Vec<String> = Vec::new();
    for id in single.into_iter().flatten().chain(&l.eval_run_ids) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

/// Gives what else names a trajectory or something in it: owners, prompt, skills, attributes, and the hashes of its sources.
fn about(t: &Trajectory) -> Vec<String> {
    let l = &t.lineage;
    let single = [&l.organization_id, &l.workspace_id, &l.parent_session].into_iter().flatten().cloned();
    let sets = l.agent_run_step_ids.iter().chain(&l.tool_execution_ids).chain(&l.approval_request_ids).chain(l.attributes.values()).cloned();
    let given = l.prompt.values().chain(l.skills.iter().flat_map(|skill| skill.values())).chain(l.feature_flags.values());
    let sources = t.sources.iter().map(|source| source.sha256.to_string());
    let mut all: Vec<String> = single.chain(sets).chain(given.filter_map(|value| value.as_str().map(str::to_owned))).chain(sources).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Gives the names that a bare word finds: those of a trajectory on its first step, the ids of an execution on each of its steps, what else
/// names it on its first.
fn names<'a>(whole: [&'a [String]; 2], step: &'a Step, execution: Option<&'a Execution>) -> impl Iterator<Item = &'a String> {
    let begun = execution.filter(|execution| execution.steps.first() == Some(&step.id));
    let own = std::iter::once(&step.id).chain(&step.aliases).chain(execution.into_iter().flat_map(execution_ids));
    own.chain(begun.into_iter().flat_map(execution_names)).chain(whole.into_iter().flatten())
}

/// Gives the tool of an execution, and the names of what decided about it and of whom it was done for.
fn execution_names(e: &Execution) -> impl Iterator<Item = &String> {
    let (governance, context) = (&e.governance, &e.context);
    let whom = [&context.organization_id, &context.workspace_id, &context.agent_run_id, &context.agent_run_step_id, &context.actor_id];
    let of = [&e.error_code, &governance.policy_id, &governance.decision_id, &context.correlation_id, &context.idempotency_key];
    std::iter::once(&e.tool).chain(&governance.matched_rules).chain(whom.into_iter().flatten()).chain(of.into_iter().flatten())
}

/// Gives the texts that are searched; the command is the step's text already, what else the arguments hold is searched as well.
fn texts<'a>(step: &'a Step, execution: Option<&'a Execution>) -> impl Iterator<Item = &'a str> {
    let args = execution.and_then(|e| e.args.as_deref()).filter(|args| step.kind == Kind::ToolCall && *args != step.text);
    std::iter::once(step.text.as_str()).chain(args)
}

/// The model of a step is its own, and that of its trajectory beside it.
fn step_keys(keys: &mut Keys, step: &Step, model: Option<&String>) {
    keys.add("kind", Some(step.kind.as_str()));
    keys.add("role", Some(step.actor.as_str()));
    keys.add("model", step.model.as_ref());
    keys.add("model", model);
    for id in std::iter::once(&step.id).chain(&step.aliases) {
        keys.add("id", Some(id));
    }
    for redaction in &step.redactions {
        keys.add("redaction", redaction.class.as_ref());
    }
}

fn execution_ids(e: &Execution) -> impl Iterator<Item = &String> {
    [Some(&e.id), e.call_id.as_ref(), e.tool_execution_id.as_ref(), e.approval_request_id.as_ref()].into_iter().flatten()
}

/// A finding is known on every step of its execution, and on every step that shows it.
fn finding_keys<'f>(keys: &mut Keys, found: impl Iterator<Item = &'f Finding>) {
    for finding in found {
        for name in [finding.rule, finding.name, finding.severity.as_str(), finding.id.as_str()] {
            keys.add("finding", Some(name));
        }
        if finding.certainty == Certainty::Possible {
            keys.add("is", Some("possible"));
        }
    }
}

fn execution_keys(keys: &mut Keys, e: &Execution, step: &Step, shared: &Shared) {
    keys.add("tool", Some(&e.tool));
    keys.add("effect", Some(e.effect));
    keys.add("risk", e.risk.map(|r| r.as_str()));
    keys.add("status", Some(e.status.as_str()));
    keys.add("mode", Some(e.governance.mode.as_str()));
    keys.add("stop", e.stop_class.map(|s| s.as_str()));
    let few = e.waits.len() <= MOST_WAITS;
    for wait in &e.waits {
        keys.add("decision", wait.decision.map(|d| d.as_str()));
        keys.add("by", wait.decided_by.map(|d| d.as_str()));
        keys.add("id", wait.request_id.as_ref().filter(|id| few || step.id.starts_with(id.as_str())));
    }
    if let Some(retry) = &e.retry_of {
        keys.add("relation", Some(retry.relation.as_str()));
        keys.add("sanction", Some(retry.sanction.as_str()));
        keys.add("is", Some("retry"));
    }
    if e.stop_class == Some(crate::model::StopClass::Refusal) {
        keys.add("is", Some("denied"));
    }
    if shared.retried.contains(&e.id) {
        keys.add("is", Some("retried"));
    }
    for id in execution_ids(e) {
        keys.add("id", Some(id));
    }
    keys.add("cwd", e.context.cwd.as_ref());
    if step.kind == Kind::ToolCall {
        for path in paths(e) {
            keys.add("path", Some(&path));
        }
    }
}

/// Finds the paths a call names in its arguments, each also by its file name.
fn paths(e: &Execution) -> Vec<String> {
    let Some(serde_json::Value::Object(args)) = e.args.as_deref().and_then(|args| serde_json::from_str(args).ok()) else { return Vec::new() };
    let named =
        args.iter().filter(|(key, _)| ["path", "file_path", "filePath", "file", "filename", "notebook_path", "dir", "directory"].contains(&key.as_str()));
    let mut paths: Vec<String> = e.effects.iter().map(|effect| effect.target.clone()).filter(|t| t.starts_with('/')).collect();
    for path in named.filter_map(|(_, value)| value.as_str()) {
        paths.push(path.to_owned());
        paths.extend(path.rsplit_once('/').map(|(_, name)| name.to_owned()));
    }
    paths
}

/// Gives the `field=value` terms of a step, as the index holds them.
#[must_use]
pub fn keywords(trajectory: &Trajectory, step: &Step, execution: Option<&Execution>) -> Vec<String> {
    let mut keys = Keys::default();
    step_keys(&mut keys, step, trajectory.model.as_ref());
    let shared = Shared::of(trajectory);
    finding_keys(&mut keys, shared.found_at(step));
    keys.add("finding", hidden(step, execution).map(|_| HIDDEN_TEXT));
    if let Some(execution) = execution {
        execution_keys(&mut keys, execution, step, &shared);
    }
    keys.terms.extend(shared.keys);
    keys.terms.extend(judged(trajectory, step, execution).map(|_| "is=point".to_owned()));
    keys.terms
}

/// Gives every text in which the words of a query are looked for on a step: what it says, and its ids.
#[must_use]
pub fn searched<'a>(trajectory: &Trajectory, step: &'a Step, execution: Option<&'a Execution>) -> Vec<Cow<'a, str>> {
    let whole = if step.seq == 1 { [trajectory_ids(trajectory), about(trajectory)] } else { [Vec::new(), Vec::new()] };
    let ids = names([&whole[0], &whole[1]], step, execution).map(|id| Cow::Owned(id.clone())).collect::<Vec<_>>();
    texts(step, execution).map(Cow::Borrowed).chain(ids).collect()
}

/// Gives the value of a number field of a step: `at` and `wait` in ms, cost in USD.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn numbers(trajectory: &Trajectory, step: &Step, execution: Option<&Execution>, field: &str) -> Option<f64> {
    match field {
        "at" => step.at.map(|at| at.ms() as f64),
        "wait" => execution.and_then(longest_wait).map(|ms| ms as f64),
        "cost" => trajectory.usage.cost_usd,
        name => Shared::of(trajectory).numbers.iter().find(|(n, _)| *n == name).map(|(_, value)| *value as f64),
    }
}

fn longest_wait(e: &Execution) -> Option<i64> {
    e.waits.iter().filter_map(|w| w.wait_ms).max()
}
