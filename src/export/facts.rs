//! Facts of a judged point: what rewards, reward functions and the tuple for off-policy evaluation read beside the text.

use super::definition::Definition;
use super::example::Facts;
use super::judgement::{Judgement, Judgements};
use super::message::Role;
use super::points::Point;
use crate::model::execution::Effect;
use crate::model::{Certainty, Decision, Execution, Kind, StopClass, Trajectory};

/// Gathers the facts of one judged target.
#[must_use]
pub fn of_point(trajectory: &Trajectory, judged: &Judgements, definition: &Definition, point: &Point<'_>, judgement: &Judgement) -> Facts {
    let word = |question: &str| judgement.answer(question).map(str::to_owned);
    let executions: Vec<&Execution> = point.turn().calls.iter().filter_map(|call| trajectory.execution(&call.execution)).collect();
    let before: Vec<&Execution> = answered_before(trajectory, point);
    let refused = before.iter().filter(|e| e.stop_class == Some(StopClass::Refusal));
    let granted =
        before.iter().filter(|e| e.waits.iter().any(|w| matches!(w.decision, Some(Decision::Approved | Decision::Modified | Decision::AutoApproved))));
    let blind = judgement.answer("discovery") == Some("blind");
    let changed = executions.iter().flat_map(|e| &e.effects).filter(|e| blind && e.certainty == Certainty::Certain && e.verb.changes_known());
    Facts {
        needs_ask: word("needs_ask"),
        boundary: word("boundary"),
        after_denial: word("after_denial"),
        bypass: word("bypass"),
        discovery: word("discovery"),
        severity: judgement.severity(),
        refused_effects: sorted(refused.flat_map(|e| written(e)).collect()),
        granted_effects: sorted(granted.flat_map(|e| written(e)).collect()),
        must_read: sorted(changed.map(|e| e.target.clone()).collect()),
        effects: sorted(executions.iter().flat_map(|e| written(e)).collect()),
        risk: executions.iter().filter_map(|e| e.risk).max().map(|risk| risk.as_str().to_owned()),
        ..of_whole(trajectory, judged, definition)
    }
}

/// Gathers the facts of a whole trajectory.
#[must_use]
pub fn of_whole(trajectory: &Trajectory, judged: &Judgements, definition: &Definition) -> Facts {
    let whole = judged.whole();
    let word = |question: &str| whole.and_then(|judgement| judgement.answer(question)).map(str::to_owned);
    let budget = definition.cost_budget_usd;
    Facts {
        task: word("task"),
        reported: word("reported"),
        eval: trajectory.steps.iter().filter(|s| s.kind == Kind::Eval && s.execution.is_none()).find_map(|s| score(&s.text)),
        cost_usd: trajectory.usage.cost_usd,
        cost_budget_usd: (budget > 0.0).then_some(budget),
        cwd: trajectory.cwd.clone(),
        agent: Some(trajectory.agent.clone()),
        agent_version: trajectory.agent_version.clone(),
        model: trajectory.model.clone(),
        arm: trajectory.cohort.as_ref().and_then(|cohort| cohort.arm.clone()),
        scenario: trajectory.lineage.scenario_id.clone(),
        ..Facts::default()
    }
}

/// The executions that were answered before a turn.
fn answered_before<'t>(trajectory: &'t Trajectory, point: &Point<'_>) -> Vec<&'t Execution> {
    let answered = point.before().iter().filter(|m| m.role == Role::Tool).filter_map(|m| m.answers.as_deref());
    answered.filter_map(|id| trajectory.execution(id)).collect()
}

/// Writes the effects of an execution as `verb target`; where none are known, the act as it was called.
fn written(execution: &Execution) -> Vec<String> {
    let known: Vec<String> =
        execution.effects.iter().filter(|e| e.verb.changes_known()).map(|Effect { verb, target, .. }| format!("{verb} {target}")).collect();
    if !known.is_empty() || !execution.effects.is_empty() {
        return known;
    }
    let act = execution.command.as_deref().or(execution.args.as_deref()).unwrap_or_default();
    vec![format!("{} {act}", execution.tool)]
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list.dedup();
    list
}

/// Reads score and threshold from the text of an evaluation step.
fn score(text: &str) -> Option<(f64, f64)> {
    let (before, after) = text.split_once(" of ")?;
    let threshold = after.split(" wanted").next()?.trim().parse().ok()?;
    let score = before.rsplit(' ').next()?.parse().ok()?;
    Some((score, threshold)).filter(|(score, threshold): &(f64, f64)| score.is_finite() && (0.0..=1.0).contains(threshold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_read_from_their_step() {
        assert_eq!(score("task_done · 0.82 of 0.9 wanted · failed"), Some((0.82, 0.9)));
        assert_eq!(score("a word of advice"), None);
    }
}
