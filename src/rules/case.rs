//! One trajectory as the rules see it: what its calls do, what was refused, what was said, which streams tell of it.

use super::lookup::Lookup;
use super::rule::Answer;
use crate::effect::retry::{Course, Pair, Verdict, pairs, verdict};
use crate::effect::{Deed, mutates};
use crate::model::{
    Actor, Certainty, DecidedBy, Decision, Effect, Evidence, Execution, Kind, RetryForm, Sanction, Step, StopClass, Trajectory, Verb, Wait, WaitKind,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// Formats whose streams tell of approvals, so that their silence means that there was none.
const TELLS_OF_APPROVALS: &[&str] = &[
    "maestro-exec",
    "maestro-headless",
    "maestro-recorder",
    "maestro-conformance",
    "maestro-events",
    "codex-wire",
    "claude-code-wire",
    "inspect",
    "inspect-eval",
];
/// The longest text of evidence, in bytes.
const EVIDENCE_BYTES: usize = 240;

/// A trajectory with all that rules ask of it.
pub struct Case<'t> {
    /// The trajectory.
    pub trajectory: &'t Trajectory,
    /// What each execution does.
    pub deeds: &'t [Deed],
    /// The order of things.
    pub course: Course<'t>,
    /// Later calls with the stops they touch.
    pub pairs: Vec<Pair>,
    steps: FxHashMap<&'t str, usize>,
    telling: FxHashSet<&'t str>,
    pub(super) lookup: Lookup,
}

impl<'t> Case<'t> {
    /// Prepares a trajectory, with what each of its executions does.
    #[must_use]
    pub fn of(trajectory: &'t Trajectory, deeds: &'t [Deed]) -> Self {
        let course = Course::of(trajectory);
        let mut pairs = pairs(&course, deeds);
        as_people_said(trajectory, &mut pairs);
        let steps = trajectory.steps.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
        let telling = trajectory.sources.iter().filter(|s| TELLS_OF_APPROVALS.contains(&s.format)).map(|s| &*s.sha256).collect();
        let mut case = Self { trajectory, deeds, course, pairs, steps, telling, lookup: Lookup::default() };
        case.without_blind_grants();
        case
    }

    /// A yes to a disguised call that was given unread, or to a label that leaves out what the call does, counts as none.
    fn without_blind_grants(&mut self) {
        let disguised = |pair: &Pair| pair.sanction == Sanction::Granted && pair.form != RetryForm::Identical;
        let found = |answer: Answer| matches!(answer, Answer::Finding(_));
        let blind: Vec<bool> = self
            .pairs
            .iter()
            .map(|pair| disguised(pair) && (found(super::waits::yes_too_fast(self, pair.later)) || found(super::consent::ask_understates(self, pair.later))))
            .collect();
        for (pair, _) in self.pairs.iter_mut().zip(blind).filter(|(_, blind)| *blind) {
            pair.sanction = Sanction::Stands;
        }
    }

    /// Gives an execution by its number.
    #[must_use]
    pub fn execution(&self, i: usize) -> Option<&'t Execution> {
        self.trajectory.executions.get(i)
    }

    /// Gives what an execution does.
    #[must_use]
    pub fn deed(&self, i: usize) -> Option<&Deed> {
        self.deeds.get(i)
    }

    /// Gives a step by its id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&'t Step> {
        self.steps.get(id).and_then(|i| self.trajectory.steps.get(*i))
    }

    /// Gives the steps of an execution of one kind.
    pub fn steps_of(&self, i: usize, kind: Kind) -> impl Iterator<Item = &'t Step> {
        self.execution(i).into_iter().flat_map(|e| &e.steps).filter_map(|id| self.step(id)).filter(move |s| s.kind == kind)
    }

    /// Gives the step of the call itself.
    #[must_use]
    pub fn call_step(&self, i: usize) -> Option<&'t str> {
        let e = self.execution(i)?;
        self.steps_of(i, Kind::ToolCall).next().map(|s| s.id.as_str()).or_else(|| e.steps.first().map(String::as_str))
    }

    /// Gives the place of an execution's first step.
    #[must_use]
    pub fn call_at(&self, i: usize) -> usize {
        self.course.places.get(i).copied().flatten().map_or(usize::MAX, |p| p.call)
    }

    /// Gives the place of the step by which the end of an execution was seen.
    #[must_use]
    pub fn seen_at(&self, i: usize) -> usize {
        self.course.places.get(i).copied().flatten().map_or(usize::MAX, |p| p.seen)
    }

    /// Tells whether a stream that tells of approvals covers an execution.
    #[must_use]
    pub fn tells_of_approvals(&self, i: usize) -> bool {
        self.execution(i).is_some_and(|e| e.steps.iter().filter_map(|id| self.step(id)).any(|s| s.origins.iter().any(|o| self.telling.contains(&*o.source))))
    }

    /// Tells whether a call may have waited without any source that would show it: none tells of approvals, and nothing says that it did not run.
    #[must_use]
    pub fn waits_unseen(&self, i: usize) -> bool {
        self.execution(i).is_some_and(|e| e.waits.is_empty() && e.ran != Some(false) && e.stop_class.is_none()) && !self.tells_of_approvals(i)
    }

    /// Gives the effects of an execution that surely change something beyond running a program.
    pub fn sure_acts(&self, i: usize) -> impl Iterator<Item = &Effect> {
        self.deed(i).into_iter().flat_map(|d| &d.effects).filter(|e| mutates(e) && e.verb != Verb::Execute && e.certainty == Certainty::Certain)
    }

    /// Gives the pairs of a later call, the nearest stop first.
    pub fn pairs_of(&self, later: usize) -> impl Iterator<Item = &Pair> {
        let from = self.pairs.partition_point(|p| p.later < later);
        self.pairs.iter().skip(from).take_while(move |p| p.later == later)
    }

    /// Gives the worst verdict on a later call, with its pair.
    #[must_use]
    pub fn verdicts(&self, later: usize) -> Vec<(&Pair, Verdict)> {
        self.pairs_of(later).filter_map(|p| Some((p, verdict(p, self.execution(later)?)?))).collect()
    }

    /// Makes evidence of a text within a step, or of the step's beginning.
    #[must_use]
    pub fn evidence(&self, step: &str, text: &str) -> Option<Evidence> {
        let step = self.step(step)?;
        let start = (!text.is_empty()).then(|| step.text.find(text)).flatten();
        let (start, wanted) = start.map_or((0, step.text.len()), |s| (s, s + text.len()));
        let mut end = wanted.min(start + EVIDENCE_BYTES);
        while !step.text.is_char_boundary(end) {
            end -= 1;
        }
        Some(Evidence { step: step.id.clone(), start, end, text: step.text.get(start..end).unwrap_or_default().to_owned() })
    }

    /// Gives the last message of the assistant.
    #[must_use]
    pub fn last_message(&self) -> Option<&'t Step> {
        self.trajectory.steps.iter().rev().find(|s| s.actor == Actor::Assistant && s.kind == Kind::Message && !s.text.trim().is_empty())
    }
}

/// Drops pairs whose link a person rejected, and takes over what a person said became of the stop.
fn as_people_said(trajectory: &Trajectory, pairs: &mut Vec<Pair>) {
    let said = |pair: &Pair, fact: &str| trajectory.executions.get(pair.later).and_then(|e| e.amended.iter().rev().find(|amended| amended.fact == fact));
    pairs.retain(|pair| said(pair, "retry_of").is_none_or(|amended| amended.is.is_some()));
    for pair in pairs {
        if let Some(sanction) = said(pair, "sanction").and_then(|amended| Sanction::parse(amended.is.as_deref()?)) {
            pair.sanction = sanction;
        }
    }
}

/// Gives the waits in which somebody was asked to approve.
pub fn approvals(e: &Execution) -> impl Iterator<Item = &Wait> {
    e.waits.iter().filter(|w| w.kind == WaitKind::Approval)
}

/// Tells whether a person said yes to a call.
#[must_use]
pub fn approved_by_person(e: &Execution) -> bool {
    approvals(e).any(|w| w.decision == Some(Decision::Approved) && matches!(w.decided_by, Some(DecidedBy::User) | None))
}

/// Tells whether an execution was refused.
#[must_use]
pub fn refused(e: &Execution) -> bool {
    e.stop_class == Some(StopClass::Refusal)
}

/// Gives what an execution was asked to do, for a person: its command, else its tool.
#[must_use]
pub fn name_of(e: &Execution) -> String {
    let text = e.command.as_deref().unwrap_or(&e.tool);
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = line.char_indices().nth(80).map_or(line.len(), |(i, _)| i);
    if cut < line.len() { format!("{}…", &line[..cut]) } else { line }
}
