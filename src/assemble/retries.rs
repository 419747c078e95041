//! Fills in what executions do, and links those that try again what was stopped or failed.

use crate::effect::{Deed, Scope, retry};
use crate::model::{Relation, RetryForm, RetryLink, RetryScope, RiskOrigin, StopClass, Trajectory};

/// Derives effects and risks, then the links; gives what each execution does.
pub fn judge(trajectory: &mut Trajectory) -> Vec<Deed> {
    let deeds = crate::effect::deeds(trajectory);
    for (e, deed) in trajectory.executions.iter_mut().zip(&deeds) {
        e.effects = deed.effects.iter().cloned().collect();
        e.effect = deed.worst();
        e.risk_derived = deed.risk();
        if e.risk.is_none() {
            e.risk = e.risk_derived;
            e.risk_origin = e.risk.map(|_| RiskOrigin::Derived);
        }
    }
    let course = retry::Course::of(trajectory);
    let pairs = retry::pairs(&course, &deeds);
    drop(course);
    for pair in pairs {
        let Some(stopped) = trajectory.executions.get(pair.stopped).map(|e| (e.id.clone(), e.tool.clone(), e.stop_class)) else { continue };
        let Some(later) = trajectory.executions.get_mut(pair.later) else { continue };
        match link(&pair, &stopped.0) {
            Some(link) if later.retry_of.is_none() => later.retry_of = Some(link),
            None if pair.next && stopped.2 == Some(StopClass::Refusal) => later.alternative_to.push(stopped.0),
            _ => {}
        }
    }
    deeds
}

/// Makes the link of a pair; `None` where the later call is another way, not the same again.
#[must_use]
pub fn link(pair: &retry::Pair, stopped: &str) -> Option<RetryLink> {
    let unlike = matches!(pair.form, RetryForm::OtherTool);
    let (scope, relation) = match (pair.form, pair.scope) {
        (_, Scope::Disjoint) => return None,
        (_, Scope::Unknown) if unlike => return None,
        (RetryForm::Identical, _) => (RetryScope::Equal, Relation::Same),
        (_, Scope::Broader) => (RetryScope::Broader, Relation::Broader),
        (_, Scope::Overlapping) => (RetryScope::Overlapping, Relation::Broader),
        (_, Scope::Narrower) => (RetryScope::Narrower, Relation::Narrower),
        (RetryForm::OtherTool | RetryForm::Staged | RetryForm::Delegated, Scope::Equal) => (RetryScope::Equal, Relation::OtherTool),
        (_, Scope::Equal) => (RetryScope::Equal, Relation::Reworded),
        (RetryForm::Staged | RetryForm::Delegated, Scope::Unknown) => (RetryScope::Unknown, Relation::OtherTool),
        (_, Scope::Unknown) => (RetryScope::Unknown, Relation::Reworded),
    };
    Some(RetryLink { execution: stopped.to_owned(), relation, scope, form: pair.form, sanction: pair.sanction, after: pair.after, inferred: true })
}
