//! What a source says of its trajectory as a whole.

use super::lineage::{Lineage, fill};
use super::origin::Span;
use super::time::Timestamp;
use super::words::GovernanceMode;
use std::collections::{BTreeMap, BTreeSet};

/// Statements about the whole trajectory; the first source to state a field wins, in the order of formats.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// Title given by the agent or a person.
    pub title: Option<String>,
    /// Model id, without provider.
    pub model: Option<String>,
    /// Provider of the model.
    pub provider: Option<String>,
    /// The agent's own name, where it differs from the product.
    pub agent_name: Option<String>,
    /// Version of the agent.
    pub agent_version: Option<String>,
    /// Working directory.
    pub cwd: Option<String>,
    /// Repository.
    pub repository: Option<String>,
    /// Git branch or commit.
    pub git_ref: Option<String>,
    /// Stated start.
    pub started_at: Option<Timestamp>,
    /// Stated end.
    pub ended_at: Option<Timestamp>,
    /// System prompt, as text.
    pub system_prompt: Option<String>,
    /// Tool definitions, each as its raw JSON.
    pub tools: Vec<Box<str>>,
    /// Whether policy bound the agent.
    pub mode: Option<GovernanceMode>,
    /// Tags, such as `cohort:candidate`.
    pub tags: BTreeSet<String>,
    /// Lineage that this source carries.
    pub lineage: Lineage,
    /// The records that state the lineage and the tags, by the names of `Lineage::stated` and `tags/TAG`.
    pub origins: BTreeMap<String, Span>,
    /// How much of it had its origin noted.
    noted: usize,
}

impl About {
    /// Takes from `other` what is missing here.
    pub fn fill(&mut self, other: &Self) {
        fill!(self, other, title, model, provider, agent_name, agent_version, cwd, repository, git_ref, started_at, ended_at, system_prompt, mode);
        if self.tools.is_empty() {
            self.tools.clone_from(&other.tools);
        }
        self.tags.extend(other.tags.iter().cloned());
        self.lineage.fill(&other.lineage);
    }

    /// Notes the record that states whatever of the lineage was not there before.
    pub fn note_origins(&mut self, span: &Span) {
        let size = self.lineage.size() + self.tags.iter().map(|tag| 1 + tag.len()).sum::<usize>();
        if size == self.noted {
            return;
        }
        self.noted = size;
        for name in self.lineage.stated().into_iter().chain(self.tags.iter().map(|tag| format!("tags/{tag}"))) {
            self.origins.entry(name).or_insert_with(|| span.clone());
        }
    }

    /// Takes a `provider/model` string apart, keeping what is already stated.
    pub fn set_model(&mut self, model: &str) {
        let (provider, id) = provider_and_model(model);
        if let Some(provider) = provider {
            self.provider.get_or_insert_with(|| provider.to_owned());
        }
        if !id.is_empty() {
            self.model.get_or_insert_with(|| id.to_owned());
        }
    }
}

/// Takes a `provider/model` string apart; one without a provider is the model.
#[must_use]
pub fn provider_and_model(model: &str) -> (Option<&str>, &str) {
    match model.split_once('/') {
        Some((provider, id)) if !provider.is_empty() && !id.is_empty() => (Some(provider), id),
        _ => (None, model),
    }
}
