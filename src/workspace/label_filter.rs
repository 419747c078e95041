//! Filters that the index cannot answer: `audit:`, and by the journal `label:`, `boundary:`, `reviewer:`, `is:unlabelled`, `is:disputed`, `is:stale`, `is:flagged`.

mod list;

use super::folding::LookedUp;
use super::{Result, Workspace};
use crate::judging::{State, TargetKind};
use crate::model::ids::split_id;
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
        let among = self.among(leaf, &wanted)?;
        let among = Query::Leaf(Leaf::Among(among));
        if !matches!(wanted, Wanted::Labelled) {
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

    /// Gives what a condition holds for, as the index knows it; what was looked up lately is kept until something is decided or imported.
    fn among(&self, leaf: &Leaf, wanted: &Wanted<'_>) -> Result<Arc<Among>> {
        let generation = self.store.meta("generation")?;
        let (state, looked_up) = self.state_to_filter()?;
        // An import tells of what is new before points are derived of it; only the index says that they are.
        let at = (state.last(), generation, self.index.watermark());
        let known = looked_up.kept.borrow().iter().find(|(then, written, _)| *then == at && written == leaf).map(|(.., among)| Arc::clone(among));
        if let Some(known) = known {
            return Ok(known);
        }
        let targets = self.holding(&state, &looked_up, wanted)?;
        let postings = looked_up.postings.borrow();
        let (mut units, mut wholes, mut trajectories) = (Vec::with_capacity(targets.len()), Vec::new(), Vec::new());
        for target in targets {
            let [own, trajectory] = postings.units(target);
            units.push(own);
            if trajectories.last() != Some(&trajectory) {
                trajectories.push(trajectory);
            }
            if own == trajectory {
                wholes.extend(self.store.find_trajectory(state.target_name(target))?.map(i64::cast_unsigned));
            }
        }
        units.sort_unstable();
        units.dedup();
        trajectories.sort_unstable();
        trajectories.dedup();
        let level = if matches!(wanted, Wanted::Labelled) { Level::Step } else { leaf.level() };
        let among = Arc::new(Among { written: leaf.clone(), level, units, wholes, trajectories });
        looked_up.keep((at, leaf.clone(), Arc::clone(&among)));
        Ok(among)
    }

    /// Gives the targets for which a condition holds.
    fn holding(&self, state: &State, looked_up: &LookedUp, wanted: &Wanted<'_>) -> Result<Vec<u32>> {
        let postings = looked_up.postings.borrow();
        let all = |holds: &dyn Fn(u32) -> bool| state.targets().filter(|target| holds(*target)).collect();
        Ok(match wanted {
            Wanted::Label(value) => {
                let said: Vec<(u32, u32)> = postings.said(state).filter(|(question, answer)| is_label(state, *question, *answer, value)).collect();
                postings.with_answer(state, &|question, answer| said.contains(&(question, answer)))
            }
            Wanted::Reviewer(value) => {
                let chains: Vec<u32> = state.chains().filter(|chain| fits(value, &state.reviewer_name(*chain))).collect();
                all(&|target| state.is_labelled_by(target, &chains))
            }
            // What is said of a whole trajectory labels none of its steps.
            Wanted::Labelled => all(&|target| state.target_kind(target) != TargetKind::Trajectory && state.is_labelled(target)),
            Wanted::Disputed => all(&|target| state.may_differ(target) && state.is_disputed(target)),
            Wanted::Flagged => state.flagged(),
            Wanted::Gold => all(&|target| state.has_right(target)),
            Wanted::Stale => self.stale(state, looked_up)?,
            Wanted::Boundary(value) => self.derived_as(state, looked_up, "boundary", &|is| fits(value, is))?,
        })
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

/// Tells whether an answer to a question is what a value means: `QUESTION=ANSWER`, with or without its schema before it.
fn is_label(state: &State, question: u32, answer: u32, value: &Value) -> bool {
    let ((schema, question), answer) = (state.question_name(question), state.word(answer));
    fits(value, &format!("{question}={answer}")) || fits(value, &format!("{schema}:{question}={answer}"))
}

fn fits(value: &Value, text: &str) -> bool {
    match value {
        Value::Text(wanted) => fold(text) == fold(wanted),
        Value::Prefix(start) => fold(text).starts_with(fold(start).as_ref()),
        Value::Number(_) | Value::Time(_) => false,
    }
}
