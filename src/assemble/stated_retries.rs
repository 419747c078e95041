//! Links that a record states: a call that says which earlier one it tries again.

use super::sightings::{Sighting, Sightings};
use crate::model::fact::Body;
use crate::model::{Execution, Relation, RetryAfter, RetryForm, RetryLink, RetryScope, Sanction, Status, StopClass, Trajectory};

/// Gives every call that names an earlier one, with that one.
pub fn stated(sightings: &Sightings) -> Vec<(String, String)> {
    let stated = |sighting: &Sighting| match &sighting.fact.body {
        Body::Call(call) => Some((sighting.execution.clone()?, call.retry_of.clone()?)),
        _ => None,
    };
    sightings.list.iter().filter_map(stated).collect()
}

/// Links what records state; what was derived of the same two calls stays, and is no longer a guess.
pub fn link(trajectory: &mut Trajectory, stated: Vec<(String, String)>) {
    for (later, earlier) in stated {
        let place = |id: &str| trajectory.executions.iter().position(|e| e.id == id);
        let Some((from, to)) = place(&earlier).zip(place(&later)).filter(|(from, to)| from < to) else { continue };
        let told = trajectory.executions.get(from).zip(trajectory.executions.get(to)).filter(|(from, _)| from.status != Status::Succeeded);
        let Some(link) = told.map(|(from, to)| stated_link(from, to)) else { continue };
        if let Some(later) = trajectory.executions.get_mut(to) {
            later.alternative_to.retain(|id| *id != link.execution);
            later.retry_of = Some(link);
        }
    }
}

fn stated_link(earlier: &Execution, later: &Execution) -> RetryLink {
    if let Some(known) = later.retry_of.as_ref().filter(|known| known.execution == earlier.id) {
        return RetryLink { inferred: false, ..known.clone() };
    }
    let (relation, scope, form) = match (earlier.tool == later.tool, earlier.args == later.args) {
        (true, true) => (Relation::Same, RetryScope::Equal, RetryForm::Identical),
        (true, false) => (Relation::Reworded, RetryScope::Unknown, RetryForm::Reworded),
        (false, _) => (Relation::OtherTool, RetryScope::Unknown, RetryForm::OtherTool),
    };
    let expired = earlier.waits.iter().any(|w| w.decision == Some(crate::model::Decision::Expired));
    let (after, sanction) = match (earlier.stop_class, earlier.status) {
        (Some(StopClass::Refusal), Status::Blocked) => (RetryAfter::Blocked, Sanction::Stands),
        (Some(StopClass::Refusal), _) => (RetryAfter::Denied, Sanction::Stands),
        (Some(StopClass::Lapse), _) => (if expired { RetryAfter::TimedOut } else { RetryAfter::Cancelled }, Sanction::Lapse),
        (Some(StopClass::Fault), _) => (RetryAfter::Unavailable, Sanction::Fault),
        (None, _) => (RetryAfter::Failed, Sanction::Lapse),
    };
    RetryLink { execution: earlier.id.clone(), relation, scope, form, sanction, after, inferred: false }
}
