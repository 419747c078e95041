//! Agreement in a workspace: by question, and apart for each tool or model; label schemas and counts of labels.

use super::review::question_of;
use super::summary::Summary;
use super::{Error, Result, Workspace};
use crate::judging::agreement::{Agreement, agreement};
use crate::judging::{Point, Schema, SchemaText, State};
use crate::model::ids::split_id;
use crate::model::{Draft, EntryId};
use rustc_hash::FxHashMap;
use std::cell::Ref;
use std::collections::BTreeSet;

/// What agreement is measured apart for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// Tool of the call.
    Tool,
    /// Model of the trajectory.
    Model,
    /// Rule with a finding there.
    Rule,
}

impl GroupBy {
    /// Gives the word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Model => "model",
            Self::Rule => "rule",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> std::result::Result<Self, String> {
        match word {
            "tool" => Ok(Self::Tool),
            "model" => Ok(Self::Model),
            "rule" => Ok(Self::Rule),
            _ => Err("it is one of tool, model, rule".to_owned()),
        }
    }
}

/// Labels of each trajectory, counted up to a place in the journal.
#[derive(Default)]
pub(super) struct LabelCounts {
    at: Option<(u64, EntryId)>,
    of: FxHashMap<Box<str>, u64>,
}

impl Workspace {
    /// Measures agreement about one question or about all that were answered, of one schema or of all.
    pub fn agreement(&self, schema: Option<&str>, question: Option<&str>, by: Option<GroupBy>) -> Result<Vec<Agreement>> {
        let mut schemas = match schema {
            Some(name) => vec![self.schema(Some(name))?],
            None => self.state()?.schemas(),
        };
        if let Some(question) = question {
            if let [schema] = schemas.as_slice() {
                question_of(schema, question)?;
            } else if schemas.iter().all(|schema| schema.question(question).is_none()) {
                question_of(&self.schema(None)?, question)?;
            }
            schemas.retain(|schema| schema.question(question).is_some());
        }
        let state = self.state()?;
        let groups = match by {
            Some(by) => self.groups(&state, by)?,
            None => FxHashMap::default(),
        };
        let group = |target: u32| groups.get(&target).cloned().unwrap_or_default();
        Ok(schemas.iter().flat_map(|schema| agreement(&state, schema, question, &group, by.is_some())).collect())
    }

    /// Measures agreement about every question on some trajectories alone; `all` is what was measured of the whole workspace.
    pub(super) fn agreement_on(&self, trajectories: &BTreeSet<&str>, all: &[Agreement]) -> Result<Vec<Agreement>> {
        let state = self.state()?;
        let schemas = state.schemas();
        let among = |target: u32| trajectories.contains(split_id(state.target_name(target)).0);
        if state.labelled().all(among) {
            return Ok(all.to_vec());
        }
        let group = |target: u32| if among(target) { vec![String::new()] } else { Vec::new() };
        let mut found: Vec<Agreement> = schemas.iter().flat_map(|schema| agreement(&state, schema, None, &group, true)).collect();
        found.iter_mut().for_each(|found| found.group = None);
        Ok(found)
    }

    /// Says for every labelled target which groups it is in; a target that vanished is in `unknown`.
    fn groups(&self, state: &State, by: GroupBy) -> Result<FxHashMap<u32, Vec<String>>> {
        let mut groups = FxHashMap::default();
        for target in state.labelled() {
            let name = state.target_name(target);
            let found = match by {
                GroupBy::Tool => self.point_of(name)?.map(|point| vec![if point.tool.is_empty() { "(no call)".to_owned() } else { point.tool }]),
                GroupBy::Model => self.summary(split_id(name).0)?.and_then(|row| row.model).map(|model| vec![model]),
                GroupBy::Rule => self.point_of(name)?.map(|point| rules_at(&point)),
            };
            groups.insert(target, found.unwrap_or_else(|| vec!["unknown".to_owned()]));
        }
        Ok(groups)
    }

    /// Gives the row of a trajectory by its name.
    pub(super) fn summary(&self, name: &str) -> Result<Option<Summary>> {
        let Some(number) = self.store.find_trajectory(name)? else { return Ok(None) };
        Ok(self.store.trajectory(number)?.and_then(|row| serde_json::from_str(&row.summary).ok()))
    }

    /// Adds a label schema, or a newer version of one, to the workspace.
    pub fn add_schema(&self, reviewer: &str, text: &str) -> Result<Schema> {
        let schema = Schema::parse(text).map_err(|e| Error::Undecidable(e.to_string()))?;
        let known = self.state()?.schemas().into_iter().find(|known| known.name == schema.name);
        if let Some(known) = known.filter(|known| known.version >= schema.version) {
            if known.hash == schema.hash {
                return Ok(schema);
            }
            let why = format!("{} is there in version {} with another text; give the changed one version {}", schema.name, known.version, known.version + 1);
            return Err(Error::Undecidable(why));
        }
        self.record(reviewer, &[Draft::of(&SchemaText { text: text.to_owned() })])?;
        Ok(schema)
    }

    /// Counts the labels of trajectories, each answer of each reviewer once.
    pub fn count_labels<'r>(&self, rows: impl Iterator<Item = &'r mut Summary>) -> Result<()> {
        let counts = self.label_counts()?;
        for row in rows {
            row.labels = counts.of.get(row.id.as_str()).copied().unwrap_or(0);
        }
        Ok(())
    }

    /// Counts the labels of every trajectory that has any, by its number.
    pub(super) fn labels_by_number(&self) -> Result<FxHashMap<i64, u64>> {
        let counts = self.label_counts()?;
        let labelled = counts.of.iter().filter(|(_, count)| **count > 0);
        let mut found = FxHashMap::default();
        for (name, count) in labelled {
            found.extend(self.store.find_trajectory(name)?.map(|number| (number, *count)));
        }
        Ok(found)
    }

    fn label_counts(&self) -> Result<Ref<'_, LabelCounts>> {
        let state = self.state()?;
        let mut counts = self.counts.borrow_mut();
        if counts.at != state.last() {
            *counts = LabelCounts { at: state.last(), of: FxHashMap::default() };
            for target in state.targets() {
                let labels = state.current(target).count() as u64;
                match counts.of.get_mut(split_id(state.target_name(target)).0) {
                    Some(count) => *count += labels,
                    None => drop(counts.of.insert(split_id(state.target_name(target)).0.into(), labels)),
                }
            }
        }
        drop(counts);
        Ok(self.counts.borrow())
    }
}

/// Gives the rules that found something at a point.
fn rules_at(point: &Point) -> Vec<String> {
    let mut rules: Vec<String> = point.found.iter().map(|found| found.rule.clone()).collect();
    rules.sort();
    rules.dedup();
    if rules.is_empty() { vec!["(no finding)".to_owned()] } else { rules }
}
