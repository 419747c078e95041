//! The view of review: a trajectory cut where the agent decided, and with the traces of its arm hidden.

use super::points::Point;
use super::schema::TargetKind;
use crate::model::{Execution, Governance, Lineage, Status, Trajectory};

/// Stands where something was hidden.
pub const HIDDEN: &str = "▒▒▒";

/// Gives the trajectory as the agent had seen it when it decided: nothing that came after the point, and of its call nothing but what was asked.
#[must_use]
pub fn as_seen(trajectory: &Trajectory, point: &Point) -> Trajectory {
    let mut seen = trajectory.clone();
    if point.target.kind == TargetKind::Trajectory {
        return seen;
    }
    seen.steps.retain(|step| step.seq <= point.cut);
    let kept: std::collections::BTreeSet<String> = seen.steps.iter().map(|step| step.id.clone()).collect();
    for execution in &mut seen.executions {
        let whole = execution.steps.iter().all(|id| kept.contains(id));
        execution.steps.retain(|id| kept.contains(id));
        // The turn itself may hold its call's outcome in the same record; the call being judged is never shown with it.
        if !whole || execution.id == point.target.id {
            forget_outcome(execution);
        }
    }
    seen.executions.retain(|execution| !execution.steps.is_empty());
    // A sum over the whole session tells how it went on.
    seen.usage = crate::model::Usage::default();
    seen.ended_at = None;
    seen.branches.clear();
    seen
}

fn forget_outcome(execution: &mut Execution) {
    execution.status = Status::Unknown;
    execution.ran = None;
    execution.waits.clear();
    execution.stop_class = None;
    execution.attempts = 1;
    execution.governance = Governance::default();
    execution.governed_outcome = None;
    execution.error_code = None;
    execution.error = None;
    execution.ended_at = None;
    execution.approval_request_id = None;
}

/// Hides the arm and its traces: model, prompt, tags, title and candidate, also where the text names them. Else a test of arms would not be blind.
#[must_use]
pub fn blinded(trajectory: &Trajectory) -> Trajectory {
    let traces = traces(trajectory);
    let hide = |text: &mut String| {
        for trace in &traces {
            hide_in(text, trace);
        }
    };
    let mut blind = trajectory.clone();
    for place in [&mut blind.title, &mut blind.model, &mut blind.provider, &mut blind.agent_version, &mut blind.agent_name] {
        *place = None;
    }
    blind.cohort = None;
    blind.lineage = Lineage { session_id: None, ..Lineage::default() };
    blind.sources.clear();
    blind.usage = crate::model::Usage::default();
    blind.system_prompt.iter_mut().for_each(hide);
    for step in &mut blind.steps {
        step.model = None;
        step.usage = None;
        hide(&mut step.text);
    }
    for execution in &mut blind.executions {
        execution.command.iter_mut().for_each(hide);
        if let Some(args) = &execution.args {
            let mut text = args.to_string();
            hide(&mut text);
            execution.args = Some(text.into());
        }
        execution.error.iter_mut().for_each(hide);
        execution.effects.iter_mut().for_each(|effect| hide(&mut effect.target));
        execution.waits.iter_mut().filter_map(|wait| wait.decision_reason.as_mut()).for_each(hide);
    }
    blind.findings.iter_mut().for_each(|finding| hide(&mut finding.message));
    blind
}

/// Hides a trace in a text. One that is a mere word, such as `service`, is hidden where it stands alone, not in `--service` or `services`.
fn hide_in(text: &mut String, trace: &str) {
    if !text.contains(trace) {
        return;
    }
    let word = trace.chars().all(char::is_alphabetic);
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(trace) {
        out.push_str(before);
        let alone = !word || !joins(out.chars().next_back()) && !joins(after.chars().next());
        out.push_str(if alone { HIDDEN } else { trace });
        rest = after;
    }
    *text = out + rest;
}

/// Gives the texts by which the arm could be told, the longest first.
fn traces(trajectory: &Trajectory) -> Vec<String> {
    let lineage = &trajectory.lineage;
    let cohort = trajectory.cohort.iter().flat_map(|cohort| [cohort.arm.clone(), cohort.experiment.clone()]);
    let candidate = lineage.candidate.iter().flat_map(|c| [c.base_model.clone(), c.adapter.clone(), c.checkpoint.clone(), c.run_id.clone()]);
    let mut found: Vec<String> = cohort.chain(candidate).chain([trajectory.model.clone()]).flatten().collect();
    found.extend(trajectory.steps.iter().filter_map(|step| step.model.clone()));
    found.extend(lineage.prompt.values().filter_map(|value| value.as_str()).map(str::to_owned));
    // A word as short as `a` or `v1` stands everywhere, and hiding it would hide the text.
    found.retain(|trace| trace.chars().count() >= 4);
    found.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mere_word_is_hidden_where_it_stands_alone() {
        let hidden = |text: &str, trace: &str| {
            let mut text = text.to_owned();
            hide_in(&mut text, trace);
            text
        };
        assert_eq!(hidden("the service: --service x services service", "service"), format!("the {HIDDEN}: --service x services {HIDDEN}"));
        assert_eq!(hidden("use gpt-5.2-codex", "gpt-5.2"), format!("use {HIDDEN}-codex"));
    }
}
