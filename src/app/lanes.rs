//! Steps and executions tied together: which step belongs to which execution, and the lane that draws an execution beside its steps.

use super::margin::Margin;
use super::marks::Marks;
use super::tone::Tone;
use crate::model::{Decision, Execution, Kind, Status, Step, StopClass, Wait};
use crate::workspace::{Abridged, Beside};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What the lane shows beside a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lane {
    /// Nothing.
    #[default]
    None,
    /// An execution begins.
    Opens,
    /// An execution begins and nothing more is known of it.
    Alone,
    /// It waits.
    Waits,
    /// It was let go on.
    Yes,
    /// It was stopped.
    No,
    /// It ends well, or nobody knows how.
    Ends,
    /// It ends in failure.
    Failed,
    /// It is under way while something else happens.
    Through,
}

impl Lane {
    /// Gives sign and tone.
    #[must_use]
    pub const fn sign(self, marks: &Marks) -> (&'static str, Tone) {
        match self {
            Self::None => (" ", Tone::Text),
            Self::Opens => (marks.opens, Tone::Tool),
            Self::Alone => (marks.alone, Tone::Tool),
            Self::Waits => (marks.waits, Tone::Wait),
            Self::Yes => (marks.yes, Tone::Ran),
            Self::No => (marks.no, Tone::Denied),
            Self::Ends => (marks.ends, Tone::Ran),
            Self::Failed => (marks.failed, Tone::Failed),
            Self::Through => (marks.through, Tone::Dim),
        }
    }
}

/// What is known of a trajectory's steps beside themselves.
#[derive(Debug, Default)]
pub struct Ties {
    /// Execution of each step, by its place among the executions.
    pub execution: Vec<Option<u32>>,
    /// Lane beside each step.
    pub lanes: Vec<Lane>,
    /// First step of each execution.
    pub first: Vec<Option<u32>>,
    /// Execution that each execution tries again.
    pub retries: Vec<Option<u32>>,
    /// Executions with a step that asks.
    pub waits: Vec<bool>,
    /// Executions with a step that decides.
    pub resolutions: Vec<bool>,
    /// Lines of texts of which only the beginning is in memory, by the places of their steps.
    pub lines: FxHashMap<u32, usize>,
    /// What was found and said beside them.
    pub margin: Arc<Margin>,
}

impl Ties {
    /// Ties steps and executions together; `beside` is what was said beside them, as far as it was looked up.
    #[must_use]
    pub fn of(t: &Abridged, beside: Arc<Beside>) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let by_id: FxHashMap<&str, u32> = t.executions.iter().enumerate().map(|(at, e)| (e.id.as_str(), number(at))).collect();
        let execution: Vec<Option<u32>> = t.steps.iter().map(|step| step.execution.as_deref().and_then(|id| by_id.get(id).copied())).collect();
        let mut ends: Vec<Option<(u32, u32)>> = vec![None; t.executions.len()];
        let (mut waits, mut resolutions) = (vec![false; t.executions.len()], vec![false; t.executions.len()]);
        for (step, tied) in t.steps.iter().zip(&execution) {
            let flags = match step.kind {
                Kind::Wait => &mut waits,
                Kind::Resolution => &mut resolutions,
                _ => continue,
            };
            if let Some(flag) = tied.and_then(|e| flags.get_mut(e as usize)) {
                *flag = true;
            }
        }
        for (at, tied) in execution.iter().enumerate() {
            if let Some(end) = tied.and_then(|e| ends.get_mut(e as usize)) {
                let first = end.map_or(number(at), |(first, _)| first);
                *end = Some((first, number(at)));
            }
        }
        let mut lanes = vec![Lane::None; t.steps.len()];
        for (first, last) in ends.iter().flatten() {
            for lane in lanes.iter_mut().take(*last as usize).skip(*first as usize + 1) {
                *lane = Lane::Through;
            }
        }
        for (at, step) in t.steps.iter().enumerate() {
            let tied = execution.get(at).copied().flatten();
            if let (Some(e), Some(lane)) = (tied.and_then(|e| t.executions.get(e as usize)), lanes.get_mut(at)) {
                let alone = tied.and_then(|e| ends.get(e as usize).copied().flatten()).is_some_and(|(first, last)| first == last);
                *lane = lane_of(step, e, alone);
            }
        }
        let retries = t.executions.iter().map(|e| e.retry_of.as_ref().and_then(|link| by_id.get(link.execution.as_str()).copied())).collect();
        let first = ends.into_iter().map(|end| end.map(|(first, _)| first)).collect();
        let lines = (0..t.steps.len()).filter_map(|at| Some((number(at), t.cut_lines(at)?))).collect();
        Self { execution, lanes, first, retries, waits, resolutions, lines, margin: Arc::new(Margin::of(t, beside)) }
    }
}

fn lane_of(step: &Step, e: &Execution, alone: bool) -> Lane {
    match step.kind {
        Kind::ToolCall if alone && stopped(e) => Lane::No,
        Kind::ToolCall if alone => Lane::Alone,
        Kind::ToolCall => Lane::Opens,
        Kind::Wait => Lane::Waits,
        Kind::Resolution => match wait_of(step, e).and_then(|wait| wait.decision) {
            Some(decision) if refuses(decision) => Lane::No,
            // Nobody said yes yet: somebody else was asked.
            Some(Decision::Escalated) => Lane::Waits,
            _ => Lane::Yes,
        },
        Kind::Policy if stopped(e) => Lane::No,
        Kind::ToolResult if stopped(e) && e.ran != Some(true) => Lane::No,
        Kind::ToolResult | Kind::Error if e.status == Status::Failed => Lane::Failed,
        Kind::ToolResult => Lane::Ends,
        _ => Lane::Through,
    }
}

/// Tells whether a decision lets a call not go on.
pub const fn refuses(decision: Decision) -> bool {
    matches!(decision, Decision::Denied | Decision::Expired | Decision::Cancelled | Decision::Aborted | Decision::Skipped)
}

/// Gives the tone of what was decided about a call.
pub const fn decision_tone(decision: Option<Decision>) -> Tone {
    match decision {
        Some(decision) if refuses(decision) => Tone::Denied,
        Some(Decision::Escalated) => Tone::Wait,
        Some(_) => Tone::Ran,
        None => Tone::Dim,
    }
}

/// Tells whether an execution was stopped.
#[must_use]
pub fn stopped(e: &Execution) -> bool {
    e.stop_class == Some(StopClass::Refusal) || matches!(e.status, Status::Denied | Status::Blocked | Status::Cancelled)
}

/// Gives the wait that a step asks for or decides: by its place among the waits that its id or time fit, else the last one.
#[must_use]
pub fn wait_of<'t>(step: &Step, e: &'t Execution) -> Option<&'t Wait> {
    let fits = |wait: &&Wait| match step.kind {
        Kind::Wait => wait.asked_at == step.at,
        _ => wait.decided_at == step.at,
    };
    e.waits.iter().find(|wait| step.at.is_some() && fits(wait)).or_else(|| e.waits.last())
}
