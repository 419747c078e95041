//! What each source states of an execution, kept beside what was settled: for rules that compare sources.

use super::sightings::Sighting;
use crate::model::fact::Body;
use crate::model::{Execution, Said, Status, StopClass};

/// Notes what a sighting states, if it adds to what its source said before.
pub fn note(e: &mut Execution, sighting: &Sighting) {
    let mut said = Said::of(&sighting.sha256, &sighting.step_id);
    match &sighting.fact.body {
        Body::Call(call) => {
            said.risk = call.risk;
            said.mutates = call.mutates;
            said.args = call.args.clone().filter(|_| !call.args_partial && !call.ran);
        }
        Body::Result(result) if !result.superseded => {
            said.status = match result.stop.as_ref().map(|s| s.class) {
                Some(StopClass::Refusal) => Some(Status::Denied),
                Some(_) => Some(Status::Cancelled),
                None => result.status,
            };
            said.ran = result.ran;
        }
        Body::Policy(policy) => said.risk = policy.risk,
        Body::Wait(wait) => said.risk = wait.risk,
        // A wait may be asked again: only the last word of a source on the first wait is its decision.
        Body::Resolution(end) if end.kind == crate::model::WaitKind::Approval => said.decision = end.decision,
        _ => return,
    }
    // Arguments are long, and most sources repeat them: only a form that is new is kept.
    if said.args.is_some() && e.said.iter().any(|known| known.args == said.args) {
        said.args = None;
    }
    let adds = said.risk.is_some() || said.args.is_some() || said.status.is_some() || said.ran.is_some() || said.decision.is_some() || said.mutates.is_some();
    let known = e.said.iter().any(|known| {
        known.source == said.source
            && known.risk == said.risk
            && known.status == said.status
            && known.ran == said.ran
            && known.decision == said.decision
            && known.mutates == said.mutates
            && said.args.is_none()
    });
    if adds && !known {
        e.said.push(said);
    }
}
