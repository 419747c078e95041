//! The row of a trajectory in `ls`: what the library shows of it without loading it.

use crate::judging::Arms;
use crate::model::{Certainty, Cohort, Severity, Status, StopClass, Timestamp, Trajectory};
use serde::{Deserialize, Serialize};

/// Tokens of a trajectory; in documents null where none were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "MaybeTokens", into = "MaybeTokens")]
pub struct Tokens {
    /// Input.
    pub input: u64,
    /// Output.
    pub output: u64,
    /// Read from cache.
    pub cache_read: u64,
    /// Written to cache.
    pub cache_write: u64,
}

#[derive(Serialize, Deserialize)]
struct MaybeTokens {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
}

impl From<Tokens> for MaybeTokens {
    fn from(tokens: Tokens) -> Self {
        let known = tokens != Tokens::default();
        let [input, output, cache_read, cache_write] = [tokens.input, tokens.output, tokens.cache_read, tokens.cache_write].map(|count| known.then_some(count));
        Self { input, output, cache_read, cache_write }
    }
}

impl From<MaybeTokens> for Tokens {
    fn from(known: MaybeTokens) -> Self {
        let [input, output, cache_read, cache_write] = [known.input, known.output, known.cache_read, known.cache_write].map(Option::unwrap_or_default);
        Self { input, output, cache_read, cache_write }
    }
}

/// The cohort of a trajectory, as kept in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortRow {
    /// Experiment.
    pub experiment: Option<String>,
    /// Arm.
    pub arm: Option<String>,
    /// Carrier.
    pub origin: String,
}

/// One row of `ossia.ls.v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Trajectory id.
    pub id: String,
    /// Product.
    pub agent: String,
    /// Title.
    pub title: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Provider.
    pub provider: Option<String>,
    /// Cohort.
    pub cohort: Option<CohortRow>,
    /// Scenario that was played.
    #[serde(default)]
    pub scenario: Option<String>,
    /// The trajectory that dispatched it or that it was forked from.
    #[serde(default)]
    pub parent: Option<String>,
    /// Its first entry, which forks of it share; `None` for formats without a tree.
    #[serde(default)]
    pub first_entry: Option<String>,
    /// First time, RFC 3339.
    pub started_at: Option<String>,
    /// Last time, RFC 3339.
    pub ended_at: Option<String>,
    /// Steps.
    pub steps: u64,
    /// Executions.
    pub executions: u64,
    /// Waits.
    pub waits: u64,
    /// Longest wait in ms.
    pub longest_wait_ms: Option<i64>,
    /// Executions that were refused.
    pub denials: u64,
    /// Executions that try a stopped or failed one again.
    pub retries: u64,
    /// Executions that failed, and error steps.
    pub errors: u64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in USD.
    pub cost_usd: Option<f64>,
    /// Sure findings of the rules that are no praise.
    pub findings: u64,
    /// State of the redaction audit.
    pub audit: String,
    /// Labels; 0 until somebody judged.
    pub labels: u64,
    /// SHA-256 of each source.
    pub sources: Vec<String>,
    /// Scores that evaluations gave it: metric, score, and whether it passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<(String, f64, Option<bool>)>,
}

impl Summary {
    /// Says by what its arm could be told.
    pub fn tell(&self, arms: &mut Arms) {
        arms.add(self.cohort.as_ref().and_then(|cohort| cohort.arm.as_deref()), self.model.as_deref(), self.provider.as_deref());
    }

    /// Summarises a trajectory.
    #[must_use]
    pub fn of(t: &Trajectory) -> Self {
        let count = |n: usize| n as u64;
        let denials = t.executions.iter().filter(|e| e.stop_class == Some(StopClass::Refusal)).count();
        let failed = t.executions.iter().filter(|e| e.status == Status::Failed).count();
        let errors = failed + t.steps.iter().filter(|s| s.kind == crate::model::Kind::Error).count();
        let usage = t.usage;
        Self {
            id: t.id.clone(),
            agent: t.agent.clone(),
            title: t.title.clone(),
            model: t.model.clone(),
            provider: t.provider.clone(),
            cohort: t.cohort.as_ref().map(cohort),
            scenario: t.lineage.scenario_id.clone(),
            parent: t.lineage.parent_session.as_ref().map(|parent| crate::model::ids::trajectory_id(&t.agent, parent)),
            first_entry: super::relatives::first_entry(t).map(str::to_owned),
            started_at: t.started_at.map(|at| at.to_string()),
            ended_at: t.ended_at.map(|at| at.to_string()),
            steps: count(t.steps.len()),
            executions: count(t.executions.len()),
            waits: count(t.executions.iter().map(|e| e.waits.len()).sum()),
            longest_wait_ms: t.executions.iter().flat_map(|e| &e.waits).filter_map(|w| w.wait_ms).max(),
            denials: count(denials),
            retries: count(t.executions.iter().filter(|e| e.retry_of.is_some()).count()),
            errors: count(errors),
            tokens: Tokens { input: usage.input, output: usage.output, cache_read: usage.cache_read, cache_write: usage.cache_write },
            cost_usd: usage.cost_usd,
            findings: count(t.findings.iter().filter(|f| f.certainty == Certainty::Certain && f.severity != Severity::Good).count()),
            audit: "none".to_owned(),
            labels: 0,
            sources: t.sources.iter().map(|s| s.sha256.to_string()).collect(),
            scores: scores(t),
        }
    }

    /// Gives the value of a field to sort by, larger meaning later in ascending order; `None` if the field cannot be sorted by.
    #[must_use]
    pub fn sort_key(&self, field: &str) -> Option<SortKey> {
        let number = |n: u64| SortKey::Number(n as f64);
        Some(match field {
            "id" => SortKey::Text(self.id.clone()),
            "title" => SortKey::Text(self.title.clone().unwrap_or_default().to_lowercase()),
            "agent" => SortKey::Text(self.agent.clone()),
            "model" => SortKey::Text(self.model.clone().unwrap_or_default()),
            "at" | "age" | "started_at" => SortKey::Number(self.started_at.as_deref().and_then(Timestamp::parse).map_or(f64::MIN, |t| t.ms() as f64)),
            "ended_at" => SortKey::Number(self.ended_at.as_deref().and_then(Timestamp::parse).map_or(f64::MIN, |t| t.ms() as f64)),
            "steps" => number(self.steps),
            "executions" => number(self.executions),
            "waits" => number(self.waits),
            "wait" | "longest_wait_ms" => SortKey::Number(self.longest_wait_ms.map_or(-1.0, |n| n as f64)),
            "denials" => number(self.denials),
            "retries" => number(self.retries),
            "errors" => number(self.errors),
            "findings" => number(self.findings),
            "labels" => number(self.labels),
            "tokens" => number(self.tokens.input + self.tokens.output + self.tokens.cache_read + self.tokens.cache_write),
            "cost" | "cost_usd" => SortKey::Number(self.cost_usd.unwrap_or(-1.0)),
            _ => return None,
        })
    }
}

/// Fields that `--sort` takes.
pub const SORT_FIELDS: &[&str] = &[
    "at",
    "id",
    "title",
    "agent",
    "model",
    "ended_at",
    "steps",
    "executions",
    "waits",
    "wait",
    "denials",
    "retries",
    "errors",
    "findings",
    "labels",
    "tokens",
    "cost",
];

/// Gives the name by which `--sort` knows a field, also by the name it has in documents.
#[must_use]
pub fn sort_field(name: &str) -> Option<&'static str> {
    let name = match name {
        "started_at" => "at",
        "longest_wait_ms" => "wait",
        "cost_usd" => "cost",
        name => name,
    };
    SORT_FIELDS.iter().find(|known| **known == name).copied()
}

/// A value to sort by.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum SortKey {
    /// By number.
    Number(f64),
    /// By text.
    Text(String),
}

fn scores(t: &Trajectory) -> Vec<(String, f64, Option<bool>)> {
    let evals = t.steps.iter().filter(|step| step.kind == crate::model::Kind::Eval).filter_map(|step| crate::assemble::score(&step.text));
    evals.map(|(metric, score, passed)| (metric.to_owned(), score, passed)).collect()
}

fn cohort(cohort: &Cohort) -> CohortRow {
    CohortRow { experiment: cohort.experiment.clone(), arm: cohort.arm.clone(), origin: cohort.origin.as_str().to_owned() }
}
