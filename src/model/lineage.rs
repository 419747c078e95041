//! Where a trajectory comes from: the ids that lead back to session, run, trace, eval and flag, and its cohort.

use super::origin::Origin;
use super::words::CohortOrigin;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The lineage block of a trajectory; `None` and empty mean that no carrier stated it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lineage {
    /// The session's own id, as the agent wrote it.
    pub session_id: Option<String>,
    /// Organisation.
    pub organization_id: Option<String>,
    /// Workspace of the platform (not ossia's).
    pub workspace_id: Option<String>,
    /// Agent run.
    pub agent_run_id: Option<String>,
    /// Steps of the agent run, as the platform names them.
    pub agent_run_step_ids: BTreeSet<String>,
    /// Trace.
    pub trace_id: Option<String>,
    /// Request.
    pub request_id: Option<String>,
    /// Objective.
    pub objective_id: Option<String>,
    /// Conversation.
    pub conversation_id: Option<String>,
    /// Remote runner session.
    pub remote_runner_session_id: Option<String>,
    /// Evaluation runs that scored it.
    pub eval_run_ids: BTreeSet<String>,
    /// Scenario it was run on.
    pub scenario_id: Option<String>,
    /// Platform tool executions.
    pub tool_execution_ids: BTreeSet<String>,
    /// Approval requests.
    pub approval_request_ids: BTreeSet<String>,
    /// Prompt metadata, as recorded (name, label, version, versionId, hash, source, …).
    pub prompt: BTreeMap<String, serde_json::Value>,
    /// Skills that were used, each as recorded.
    pub skills: Vec<BTreeMap<String, serde_json::Value>>,
    /// Feature flags in force, by key.
    pub feature_flags: BTreeMap<String, serde_json::Value>,
    /// The model candidate that ran, where stated.
    pub candidate: Option<Candidate>,
    /// The session this one was forked from or dispatched by.
    pub parent_session: Option<String>,
    /// Free attributes of the correlation record.
    pub attributes: BTreeMap<String, String>,
    /// Every word on consent and retention, by the name of its attribute: of records that differ all stand here, so that the strictest counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<String, BTreeSet<String>>,
    /// The record that states each field, by the field's name; entries of lists and maps as `field/entry`.
    pub origins: BTreeMap<String, Origin>,
}

/// A trained candidate model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Base model.
    pub base_model: Option<String>,
    /// Adapter.
    pub adapter: Option<String>,
    /// Checkpoint.
    pub checkpoint: Option<String>,
    /// Training run.
    pub run_id: Option<String>,
    /// SHA-256 of the bundle it was trained on.
    pub training_bundle_sha256: Option<String>,
}

/// The experiment and arm a trajectory belongs to, and which carrier said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cohort {
    /// Experiment.
    pub experiment: Option<String>,
    /// Arm, such as `control` or `candidate`.
    pub arm: Option<String>,
    /// The carrier it was read from.
    pub origin: CohortOrigin,
}

/// The surroundings one execution ran in, from whatever record carries them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExecutionContext {
    /// Organisation.
    pub organization_id: Option<String>,
    /// Workspace of the platform.
    pub workspace_id: Option<String>,
    /// Agent run.
    pub agent_run_id: Option<String>,
    /// Step of the agent run.
    pub agent_run_step_id: Option<String>,
    /// Actor on whose behalf it ran.
    pub actor_id: Option<String>,
    /// Surface, such as `cli` or `web`.
    pub surface: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// Working directory.
    pub cwd: Option<String>,
    /// Repository.
    pub repository: Option<String>,
    /// Correlation id.
    pub correlation_id: Option<String>,
    /// Idempotency key.
    pub idempotency_key: Option<String>,
    /// Runtime mode, such as `local` or `hosted`.
    pub runtime_mode: Option<String>,
}

/// Fills what is missing in a list of optional fields from another value of the same type.
macro_rules! fill {
    ($to:expr, $from:expr, $($field:ident),+ $(,)?) => {
        $(if $to.$field.is_none() { $to.$field.clone_from(&$from.$field); })+
    };
}

impl ExecutionContext {
    /// Takes from `other` what is missing here.
    pub fn fill(&mut self, other: &Self) {
        fill!(
            self,
            other,
            organization_id,
            workspace_id,
            agent_run_id,
            agent_run_step_id,
            actor_id,
            surface,
            channel,
            cwd,
            repository,
            correlation_id,
            idempotency_key,
            runtime_mode
        );
    }
}

impl Lineage {
    /// Gives the name of everything that is stated: a field, or `field/entry` for each entry of a list or map.
    #[must_use]
    pub fn stated(&self) -> Vec<String> {
        let single = [
            ("session_id", self.session_id.is_some()),
            ("organization_id", self.organization_id.is_some()),
            ("workspace_id", self.workspace_id.is_some()),
            ("agent_run_id", self.agent_run_id.is_some()),
            ("trace_id", self.trace_id.is_some()),
            ("request_id", self.request_id.is_some()),
            ("objective_id", self.objective_id.is_some()),
            ("conversation_id", self.conversation_id.is_some()),
            ("remote_runner_session_id", self.remote_runner_session_id.is_some()),
            ("scenario_id", self.scenario_id.is_some()),
            ("candidate", self.candidate.is_some()),
            ("parent_session", self.parent_session.is_some()),
        ];
        let mut names: Vec<String> = single.iter().filter(|(_, stated)| *stated).map(|(name, _)| (*name).to_owned()).collect();
        let mut add = |field: &str, entries: &mut dyn Iterator<Item = &String>| names.extend(entries.map(|entry| format!("{field}/{entry}")));
        add("agent_run_step_ids", &mut self.agent_run_step_ids.iter());
        add("eval_run_ids", &mut self.eval_run_ids.iter());
        add("tool_execution_ids", &mut self.tool_execution_ids.iter());
        add("approval_request_ids", &mut self.approval_request_ids.iter());
        add("prompt", &mut self.prompt.keys());
        add("feature_flags", &mut self.feature_flags.keys());
        add("attributes", &mut self.attributes.keys());
        names.extend(self.skills.iter().map(|skill| format!("skills/{}", skill_name(skill))));
        names
    }

    /// Takes in an attribute, of which the first value stays; of what is said of consent every word does.
    pub fn attribute(&mut self, name: &str, value: String) {
        if let Some(name) = super::consent::name_of(name) {
            self.consent.entry(name.to_owned()).or_default().insert(value.clone());
        }
        self.attributes.entry(name.to_owned()).or_insert(value);
    }

    /// Counts what is stated, so that growth is seen without naming it.
    #[must_use]
    pub fn size(&self) -> usize {
        let single = [&self.session_id, &self.organization_id, &self.workspace_id, &self.agent_run_id, &self.trace_id, &self.request_id];
        let more = [&self.objective_id, &self.conversation_id, &self.remote_runner_session_id, &self.scenario_id, &self.parent_session];
        let lists = [&self.agent_run_step_ids, &self.eval_run_ids, &self.tool_execution_ids, &self.approval_request_ids];
        single.iter().chain(&more).filter(|field| field.is_some()).count()
            + usize::from(self.candidate.is_some())
            + lists.iter().map(|list| list.len()).sum::<usize>()
            + self.prompt.len()
            + self.skills.len()
            + self.feature_flags.len()
            + self.attributes.len()
    }

    /// Takes from `other` what is missing here, and unites the lists.
    pub fn fill(&mut self, other: &Self) {
        fill!(self, other, session_id, organization_id, workspace_id, agent_run_id, trace_id, request_id, objective_id, conversation_id);
        fill!(self, other, remote_runner_session_id, scenario_id, candidate, parent_session);
        self.agent_run_step_ids.extend(other.agent_run_step_ids.iter().cloned());
        self.eval_run_ids.extend(other.eval_run_ids.iter().cloned());
        self.tool_execution_ids.extend(other.tool_execution_ids.iter().cloned());
        self.approval_request_ids.extend(other.approval_request_ids.iter().cloned());
        for (key, value) in &other.prompt {
            self.prompt.entry(key.clone()).or_insert_with(|| value.clone());
        }
        for skill in &other.skills {
            if !self.skills.contains(skill) {
                self.skills.push(skill.clone());
            }
        }
        for (key, value) in &other.feature_flags {
            self.feature_flags.entry(key.clone()).or_insert_with(|| value.clone());
        }
        for (name, words) in &other.consent {
            self.consent.entry(name.clone()).or_default().extend(words.iter().cloned());
        }
        for (key, value) in &other.attributes {
            self.attributes.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// Gives the name of a skill, or what else tells it from others.
fn skill_name(skill: &BTreeMap<String, serde_json::Value>) -> &str {
    ["name", "artifactId", "hash"].iter().find_map(|key| skill.get(*key)?.as_str()).unwrap_or("unnamed")
}

pub(crate) use fill;
