//! A trajectory: one agent session, joined from its sources.

use super::execution::Execution;
use super::finding::Finding;
use super::issue::Issue;
use super::lineage::{Cohort, Lineage};
use super::places::Places;
use super::step::Step;
use super::time::Timestamp;
use super::usage::Usage;
use super::words::{Actor, BranchKind, Join, Kind};
use serde::Serialize;
use std::sync::Arc;

/// One agent session: its steps, executions, lineage and issues.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Trajectory {
    /// `<agent>:<session id>`.
    pub id: String,
    /// The product that wrote it.
    pub agent: String,
    /// The agent's own name.
    pub agent_name: Option<String>,
    /// Version of the agent.
    pub agent_version: Option<String>,
    /// Title, else the beginning of the first prompt.
    pub title: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Provider.
    pub provider: Option<String>,
    /// Working directory.
    pub cwd: Option<String>,
    /// Repository.
    pub repository: Option<String>,
    /// Git branch or commit.
    pub git_ref: Option<String>,
    /// First time stated.
    pub started_at: Option<Timestamp>,
    /// Last time stated.
    pub ended_at: Option<Timestamp>,
    /// System prompt.
    pub system_prompt: Option<String>,
    /// Tool definitions, as recorded.
    #[serde(serialize_with = "raw_list")]
    pub tools: Vec<Box<str>>,
    /// Cohort.
    pub cohort: Option<Cohort>,
    /// Lineage.
    pub lineage: Lineage,
    /// Usage of the whole.
    pub usage: Usage,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Executions in order of their first step.
    pub executions: Vec<Execution>,
    /// Branches, the active one first.
    pub branches: Vec<Branch>,
    /// Sources it was joined from.
    pub sources: Vec<SourceRef>,
    /// What was odd.
    pub issues: Vec<Issue>,
    /// What the rules propose.
    pub findings: Vec<Finding>,
    /// Where steps and executions stand, by what names them.
    #[serde(skip)]
    pub places: Places,
}

/// One path through a trajectory's tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// What it is.
    pub kind: BranchKind,
    /// Last step of the branch; the compaction's own where it took nothing away.
    pub leaf: String,
    /// Step after which it leaves another branch; `None` from the root.
    pub fork: Option<String>,
    /// Steps that belong to this branch alone.
    pub steps: u32,
    /// Whether it is the conversation that went on.
    pub active: bool,
    /// The other trajectory it goes on in, for a fork or a sub-agent.
    pub trajectory: Option<String>,
}

/// A source of a trajectory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRef {
    /// SHA-256, 64 hex digits.
    pub sha256: Arc<str>,
    /// Format it was read as.
    pub format: &'static str,
    /// Path it was imported from.
    pub path: String,
    /// How it was joined.
    pub join: Join,
}

impl Trajectory {
    /// Finds a step by its id or any of its aliases.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.places.step(id, &self.steps, &self.executions)
    }

    /// Gives the id by which decisions name what an id or an alias means: that of an execution, else of a step, else itself.
    #[must_use]
    pub fn decided_id(&self, id: &str) -> String {
        let known = if id.is_empty() { None } else { self.execution(id).map(|e| &e.id).or_else(|| self.step(id).map(|step| &step.id)) };
        known.map_or_else(|| id.to_owned(), Clone::clone)
    }

    /// Tells whether a step is the message by which the agent ends a turn without a call: there it asks, or stops.
    #[must_use]
    pub fn closes_turn(&self, step: &Step) -> bool {
        // A message without a word is a turn's frame in some streams, whose call stands elsewhere: it neither asks nor stops.
        let speaks = |step: &Step| step.actor == Actor::Assistant && step.kind == Kind::Message && !step.text.trim().is_empty();
        let after = self.steps.iter().skip(step.seq as usize);
        let mut rest = after
            .filter(|next| speaks(next) || matches!(next.kind, Kind::ToolCall | Kind::ToolResult) || (next.actor, next.kind) == (Actor::User, Kind::Message));
        speaks(step) && rest.next().is_none_or(|next| !speaks(next) && next.kind != Kind::ToolCall)
    }

    /// Finds an execution by its id, call id, approval request or tool execution id.
    #[must_use]
    pub fn execution(&self, id: &str) -> Option<&Execution> {
        self.places.execution(id, &self.steps, &self.executions)
    }
}

fn raw_list<S: serde::Serializer>(items: &[Box<str>], serializer: S) -> Result<S::Ok, S::Error> {
    struct Raw<'a>(&'a str);
    impl Serialize for Raw<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            super::execution::raw(&Some(self.0.into()), serializer)
        }
    }
    serializer.collect_seq(items.iter().map(|item| Raw(item)))
}
