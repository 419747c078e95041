//! Filters that the index cannot answer: `audit:`, and by the journal `label:`, `boundary:`, `reviewer:`, `is:unlabelled`, `is:disputed`, `is:stale`, `is:flagged`.

use super::judged::{is_stale, judgement};
use super::{Result, Workspace};
use crate::judging::{Schema, Settled, State, TargetKind};
use crate::model::ids::{split_id, unit};
use crate::query::{Among, Field, Leaf, Level, Query, Value, fold};
use std::sync::Arc;

/// Which decisions a condition looks for.
enum Wanted<'q> {
    Label(&'q Value),
    Boundary(&'q Value),
    Reviewer(&'q Value),
    Labelled,
    Disputed,
    Stale,
    Flagged,
    Gold,
}

impl Workspace {
    /// Looks up every condition that the journal answers; without one, the query stays as it is.
    pub fn resolved(&self, query: &Query) -> Result<Query> {
        Ok(match query {
            Query::All => Query::All,
            Query::And(parts) => Query::And(parts.iter().map(|part| self.resolved(part)).collect::<Result<_>>()?),
            Query::Or(parts) => Query::Or(parts.iter().map(|part| self.resolved(part)).collect::<Result<_>>()?),
            Query::Not(inner) => Query::Not(Box::new(self.resolved(inner)?)),
            Query::Leaf(leaf) => self.resolved_leaf(leaf)?,
        })
    }

    fn resolved_leaf(&self, leaf: &Leaf) -> Result<Query> {
        let Leaf::Field { field, value } = leaf else { return Ok(Query::Leaf(leaf.clone())) };
        if *field == Field::Has && matches!(value, Value::Text(text) if text == "branch") {
            return self.with_relatives(leaf);
        }
        if let (Field::Id | Field::Source, Value::Text(text)) = (field, value) {
            return if *field == Field::Id { Ok(inside(leaf, text)) } else { self.any_version(leaf, text) };
        }
        let is = |word: &str| *field == Field::Is && matches!(value, Value::Text(text) if text == word);
        let wanted = match field {
            Field::Audit => return self.audit_among(leaf, value),
            Field::Label => Wanted::Label(value),
            Field::Boundary => Wanted::Boundary(value),
            Field::Reviewer => Wanted::Reviewer(value),
            _ if is("unlabelled") => Wanted::Labelled,
            _ if is("disputed") => Wanted::Disputed,
            _ if is("stale") => Wanted::Stale,
            _ if is("flagged") => Wanted::Flagged,
            _ if is("gold") => Wanted::Gold,
            _ => return Ok(Query::Leaf(leaf.clone())),
        };
        let state = self.state()?;
        let names = self.holding(&state, &wanted)?;
        let mut units: Vec<u64> = names.iter().map(|name| split_id(name)).map(|(trajectory, id)| unit(trajectory, id.unwrap_or_default())).collect();
        let mut wholes = Vec::new();
        for name in names.iter().filter(|name| split_id(name).1.is_none()) {
            wholes.extend(self.store.find_trajectory(name)?.map(i64::cast_unsigned));
        }
        let mut trajectories: Vec<u64> = names.iter().map(|name| unit(split_id(name).0, "")).collect();
        units.sort_unstable();
        units.dedup();
        trajectories.sort_unstable();
        trajectories.dedup();
        let labelled = matches!(wanted, Wanted::Labelled);
        let level = if labelled { Level::Step } else { leaf.level() };
        let among = Query::Leaf(Leaf::Among(Arc::new(Among { written: leaf.clone(), level, units, wholes, trajectories })));
        if !labelled {
            return Ok(among);
        }
        let point = Query::Leaf(Leaf::Field { field: Field::Is, value: Value::Text("point".to_owned()) });
        Ok(Query::And(vec![point, Query::Not(Box::new(among))]))
    }

    /// Reads the SHA-256 of a source as that of any version it had: a trajectory to which a grown file adds nothing is known by an earlier one.
    fn any_version(&self, leaf: &Leaf, sha256: &str) -> Result<Query> {
        let versions = self.store.versions(&fold(sha256))?.into_iter().map(|version| field_leaf(Field::Source, version));
        Ok(Query::or(std::iter::once(Query::Leaf(leaf.clone())).chain(versions).collect()))
    }

    /// Gives the names of the targets for which a condition holds, as they are named now: a target that was renamed is found by its aliases.
    fn holding(&self, state: &State, wanted: &Wanted<'_>) -> Result<Vec<String>> {
        let schemas = state.schemas();
        let mut names = Vec::new();
        for target in state.targets() {
            let name = state.target_name(target);
            let holds = match wanted {
                Wanted::Label(value) => has_label(state, target, value),
                Wanted::Reviewer(value) => state.current(target).any(|given| fits(value, &state.reviewer_name(given.chain))),
                // What is said of a whole trajectory labels none of its steps.
                Wanted::Labelled => state.target_kind(target) != TargetKind::Trajectory && state.current(target).next().is_some(),
                Wanted::Disputed => state.is_disputed(target),
                Wanted::Flagged => state.is_flagged(target),
                Wanted::Gold => state.right(target).next().is_some(),
                Wanted::Stale => {
                    let point = self.point_of(name)?;
                    point.is_some() && state.current(target).any(|given| is_stale(&schemas, state.question_name(given.question), given, point.as_ref()))
                }
                Wanted::Boundary(value) => self.has_derived(state, &schemas, name, value)?,
            };
            if holds {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn has_derived(&self, state: &State, schemas: &[Schema], name: &str, value: &Value) -> Result<bool> {
        let Some(point) = self.point_of(name)? else { return Ok(false) };
        let found = schemas.iter().any(|schema| judgement(state, schema, &point).derived.get("boundary").is_some_and(|derived| fits(value, derived)));
        Ok(found)
    }
}

/// Reads `TRAJECTORY#STEP` as a step of that trajectory, or as an id that holds a `#` of its own.
fn inside(leaf: &Leaf, id: &str) -> Query {
    let whole = Query::Leaf(leaf.clone());
    match split_id(id) {
        (trajectory, Some(step)) => {
            let both = [trajectory, step].map(|part| field_leaf(Field::Id, part.to_owned()));
            Query::or(vec![whole, Query::and(both.into())])
        }
        _ => whole,
    }
}

fn field_leaf(field: Field, text: String) -> Query {
    Query::Leaf(Leaf::Field { field, value: Value::Text(text) })
}

/// Tells whether a target has a label: `QUESTION=ANSWER`, with or without its schema before it. An adjudicated answer hides those it settled.
fn has_label(state: &State, target: u32, value: &Value) -> bool {
    let said = |question: u32, answer: u32| {
        let ((schema, question), answer) = (state.question_name(question), state.word(answer));
        fits(value, &format!("{question}={answer}")) || fits(value, &format!("{schema}:{question}={answer}"))
    };
    state.questions_of(target).into_iter().any(|question| match state.settled(target, question) {
        Some(Settled::Adjudicated(answer)) => said(question, answer),
        _ => state.current(target).filter(|given| given.question == question).any(|given| said(question, given.answer)),
    })
}

fn fits(value: &Value, text: &str) -> bool {
    match value {
        Value::Text(wanted) => fold(text) == fold(wanted),
        Value::Prefix(start) => fold(text).starts_with(fold(start).as_ref()),
        Value::Number(_) | Value::Time(_) => false,
    }
}
