//! A step as the evaluator of queries sees it: its text and fields, beside those of its execution and trajectory.

use crate::model::ids::unit;
use crate::model::{Execution, Step, Timestamp, Trajectory};
use crate::query::{Evaluator, Field, StepView};
use std::borrow::Cow;

/// Tells whether a step matches.
pub fn matches(evaluator: &Evaluator, trajectory: &Trajectory, step: &Step) -> bool {
    let execution = step.execution.as_deref().and_then(|id| trajectory.execution(id));
    evaluator.matches(&View { trajectory, step, execution })
}

struct View<'a> {
    trajectory: &'a Trajectory,
    step: &'a Step,
    execution: Option<&'a Execution>,
}

impl StepView for View<'_> {
    fn texts(&self) -> Vec<Cow<'_, str>> {
        crate::index::searched(self.trajectory, self.step, self.execution)
    }

    fn keywords(&self, field: Field) -> Vec<Cow<'_, str>> {
        let terms = crate::index::keywords(self.trajectory, self.step, self.execution);
        let prefix = format!("{}=", field.name());
        terms.into_iter().filter_map(|term| term.strip_prefix(&prefix).map(|value| Cow::Owned(value.to_owned()))).collect()
    }

    fn numbers(&self, field: Field) -> Vec<f64> {
        crate::index::numbers(self.trajectory, self.step, self.execution, field.name()).into_iter().collect()
    }

    fn units(&self) -> [u64; 2] {
        let judged = crate::index::judged(self.trajectory, self.step, self.execution).unwrap_or_default();
        [unit(&self.trajectory.id, judged), unit(&self.trajectory.id, "")]
    }

    fn at(&self) -> Option<Timestamp> {
        self.step.at
    }
}
