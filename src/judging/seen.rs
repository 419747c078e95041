//! The view of review: a trajectory cut where the agent decided, and with the traces of its arm hidden.

use super::points::Point;
use super::schema::TargetKind;
use super::traces::{Arms, Traces};
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
pub fn blinded(trajectory: &Trajectory, arms: &Arms) -> Trajectory {
    let traces = Traces::of(trajectory, arms);
    let hide = |text: &mut String| traces.hide(text);
    let hide_json = |json: &mut Option<Box<str>>| {
        if let Some(value) = json {
            let mut text = value.to_string();
            traces.hide(&mut text);
            *value = text.into();
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
    for place in [&mut blind.system_prompt, &mut blind.cwd, &mut blind.repository, &mut blind.git_ref] {
        place.iter_mut().for_each(hide);
    }
    blind.issues.iter_mut().for_each(|issue| hide(&mut issue.message));
    for step in &mut blind.steps {
        step.model = None;
        step.usage = None;
        hide(&mut step.text);
        step.parts.iter_mut().for_each(|part| hide(&mut part.name));
    }
    for execution in &mut blind.executions {
        hide_json(&mut execution.args);
        let context = &mut execution.context;
        for place in [&mut execution.command, &mut execution.error, &mut context.cwd, &mut context.repository] {
            place.iter_mut().for_each(hide);
        }
        execution.effects.iter_mut().for_each(|effect| hide(&mut effect.target));
        for wait in &mut execution.waits {
            hide_json(&mut wait.args_asked);
            for place in [&mut wait.reason, &mut wait.shown_text, &mut wait.decision_reason] {
                place.iter_mut().for_each(hide);
            }
        }
    }
    blind.findings.iter_mut().for_each(|finding| hide(&mut finding.message));
    blind
}
