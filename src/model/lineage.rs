//! Where a trajectory comes from: the ids that lead back to session, run, trace, eval and flag, and its cohort.

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
        for (key, value) in &other.attributes {
            self.attributes.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

pub(crate) use fill;
