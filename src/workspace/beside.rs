//! What people and the audit said beside the steps of one trajectory: answers, notes, amended facts, findings of values.

use super::judged::{LabelRow, label_row};
use super::sitting::next_question;
use super::{Abridged, AuditFinding, Result, Workspace};
use crate::index::hidden;
use crate::judging::{Point, Schema, TargetKind};
use crate::model::{Execution, Step, Trajectory};
use crate::text::{HIDDEN_TEXT, Hostile};
use rustc_hash::FxHashMap;
use std::io;

/// What stands beside the steps of a trajectory.
#[derive(Debug, Default)]
pub struct Beside {
    /// The schema whose questions are answered where one reads; `None` where nothing was looked up yet.
    pub schema: Option<Schema>,
    /// Decision points, in order, without the trajectory itself.
    pub points: Vec<JudgedPoint>,
    /// Findings of the audit with their verdicts, each with the place of its step, from 0.
    pub values: Vec<(usize, AuditFinding)>,
    /// Steps, by their place from 0, that hold text which would not show as it is.
    pub hidden: Vec<(usize, Hostile)>,
}

/// A decision point, and what was said about it.
#[derive(Debug)]
pub struct JudgedPoint {
    /// The point.
    pub point: Point,
    /// Answers that count, of every reviewer.
    pub labels: Vec<LabelRow>,
    /// Answers that were replaced or taken back, the latest first.
    pub earlier: Vec<LabelRow>,
    /// Notes, each with who wrote it.
    pub notes: Vec<(String, String)>,
    /// Facts that were amended: fact, value (`None` where it was rejected), why.
    pub amended: Vec<(String, Option<String>, String)>,
    /// Whether it is marked for a second look.
    pub flagged: bool,
    /// Question that the reviewer answers next, by its place in the schema; `None` where all that are asked are answered.
    pub next: Option<usize>,
}

/// Finds the steps with text that would not show. What was odd was noted when it was read; a session without such an issue has none.
fn hidden_in(trajectory: &Abridged) -> io::Result<Vec<(usize, Hostile)>> {
    if !trajectory.issues.iter().any(|issue| issue.kind == HIDDEN_TEXT) {
        return Ok(Vec::new());
    }
    let executions: FxHashMap<&str, &Execution> = trajectory.executions.iter().map(|e| (e.id.as_str(), e)).collect();
    let of = |step: &Step| hidden(step, step.execution.as_deref().and_then(|id| executions.get(id).copied()));
    let mut found = Vec::new();
    for (at, step) in trajectory.whole_steps().enumerate() {
        found.extend(of(&*step?).map(|hidden| (at, hidden)));
    }
    Ok(found)
}

impl Workspace {
    /// Gathers what was said beside the steps of a trajectory; `reviewer` is whose next question is given.
    pub fn beside(&self, number: i64, trajectory: &Abridged, reviewer: &str) -> Result<Beside> {
        let schema = self.schema(None)?;
        let points = self.points(number)?;
        let state = self.state()?;
        let schemas = state.schemas();
        let who = (self.journal().id(), reviewer);
        let judged = |point: Point| {
            let target = state.target_of(&point.target);
            let mut labels: Vec<LabelRow> = target.map_or_else(Vec::new, |target| {
                let given = state.current(target).chain(state.right(target));
                given.map(|given| label_row(&state, &schemas, target, given, Some(&point))).collect()
            });
            // In the order in which they are asked; of other schemas last.
            let place = |label: &LabelRow| schema.questions.iter().position(|question| label.schema == schema.name && question.id == label.question);
            labels.sort_by_cached_key(|label| place(label).unwrap_or(usize::MAX));
            let earlier = target.map_or_else(Vec::new, |target| {
                let rows = state.history(target).into_iter().rev().map(|(given, _)| label_row(&state, &schemas, target, given, Some(&point)));
                rows.filter(|row| !(row.counts || row.gold || row.again)).collect()
            });
            JudgedPoint {
                labels,
                earlier,
                notes: target.map_or_else(Vec::new, |target| state.notes(target).map(|(chain, text)| (state.reviewer_name(chain), text.to_owned())).collect()),
                amended: target
                    .map_or_else(Vec::new, |target| state.amendments(target).into_iter().map(|a| (a.fact.clone(), a.value.clone(), a.note.clone())).collect()),
                flagged: target.is_some_and(|target| state.is_flagged(target)),
                next: next_question(&state, &schema, &point, who),
                point,
            }
        };
        let points = points.into_iter().filter(|point| point.target.kind != TargetKind::Trajectory).map(judged).collect();
        drop(state);
        let values = self.values_beside(number, trajectory)?;
        let hidden = hidden_in(trajectory)?;
        Ok(Beside { schema: Some(schema), points, values, hidden })
    }

    fn values_beside(&self, number: i64, trajectory: &Trajectory) -> Result<Vec<(usize, AuditFinding)>> {
        let rows = self.store.findings(Some(number))?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let decided = self.decided()?;
        let places: FxHashMap<&str, usize> = trajectory.steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
        let mut values = Vec::new();
        for mut finding in rows.iter().filter_map(AuditFinding::of) {
            decided.settle(&mut finding);
            let place = places.get(finding.step.as_str()).copied();
            values.extend(place.map(|place| (place, finding)));
        }
        values.sort_by_key(|(place, _)| *place);
        Ok(values)
    }
}
