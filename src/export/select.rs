//! Selecting: the decision points of a trajectory become examples, or are blocked, each with the gate and the reason.

use super::context::cut;
use super::conversation::{prompt_flaw, target_flaw};
use super::definition::Definition;
use super::example::{Example, Facts, Side, SideOrigin};
use super::judgement::Judgements;
use super::message::{Message, Role};
use super::points::{Branches, Point};
use super::splits::{Split, group_keys};
use crate::model::Trajectory;
use serde::Serialize;
use std::sync::Arc;

/// A point that does not leave, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// `TRAJECTORY#TARGET`.
    pub example: String,
    /// The gate.
    pub gate: &'static str,
    /// Why, in words for a person.
    pub reason: String,
}

/// What became of a trajectory.
#[derive(Default)]
pub struct Selected {
    /// Examples.
    pub examples: Vec<Example>,
    /// What was blocked.
    pub blocked: Vec<Blocked>,
}

/// Turns the points of a trajectory that are wanted into examples.
#[must_use]
pub fn select(trajectory: &Trajectory, judged: &Judgements, definition: &Definition, wanted: &dyn Fn(&Message) -> bool) -> Selected {
    let branches = Branches::read(trajectory);
    let id: Arc<str> = trajectory.id.as_str().into();
    let mut selected = Selected::default();
    for point in branches.points().into_iter().filter(|point| wanted(point.turn())) {
        let block = |gate, reason: String| Blocked { example: format!("{id}#{}", point.target()), gate, reason };
        if let Some(flaw) = prompt_flaw(point.before()).or_else(|| target_flaw(point.turn())) {
            selected.blocked.push(block("shape", flaw));
            continue;
        }
        if judged.of(point.target()).is_none() && definition.overridden("answers").is_none() {
            selected.blocked.push(block("answers", "nobody judged it".to_owned()));
            continue;
        }
        selected.examples.push(recorded(trajectory, &id, &point, definition));
    }
    selected
}

fn recorded(trajectory: &Trajectory, id: &Arc<str>, point: &Point<'_>, definition: &Definition) -> Example {
    let task = point.conversation.messages.iter().find(|m| m.role == Role::User).map(|m| m.text.clone());
    let prompt = cut(point.before(), definition.context, definition.counter(), definition.system);
    Example {
        whole: 0,
        target: point.target().to_owned(),
        situation: "unjudged",
        prompt,
        tools: Arc::new(if definition.tools { point.conversation.tools.clone() } else { Vec::new() }),
        good: Some(Side { message: point.turn().clone(), origin: SideOrigin::Recorded, elsewhere: None }),
        bad: None,
        sft: true,
        strength: 1,
        facts: Arc::new(Facts::default()),
        cited: Vec::new(),
        keys: group_keys(trajectory, task.as_deref(), &definition.splits.group_by),
        group: String::new(),
        split: Split::Train,
        trajectory: id.clone(),
        families: point.turn().calls.iter().map(|call| call.name.clone()).collect(),
    }
}
