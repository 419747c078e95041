//! How the effects of a later call compare with those of a stopped one (judging, 3.1 and 3.2).

use super::deed::{Deed, mutates};
use super::target;
use crate::model::{Effect, Verb};

/// How effects compare; a retry link has all but the disjoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The same effects.
    Equal,
    /// Less of them.
    Narrower,
    /// More of them.
    Broader,
    /// Some of them, and others.
    Overlapping,
    /// None of them.
    Disjoint,
    /// It cannot be told.
    Unknown,
}

/// Compares what `later` does with what `stopped` would have done.
#[must_use]
pub fn scope(stopped: &Deed, later: &Deed) -> Scope {
    let refused: Vec<&Effect> = stopped.acting().collect();
    // Reading is compared only where reading is what was refused.
    let reads = refused.iter().all(|e| !mutates(e));
    let again: Vec<&Effect> = later.effects.iter().filter(|e| reads || mutates(e) || e.target.starts_with("secret:")).collect();
    let known = |list: &[&Effect]| list.iter().filter(|e| !is_unknown(e)).count();
    let shared = |a: &Effect, list: &[&Effect]| list.iter().any(|b| touch(a, b));
    let met = refused.iter().any(|a| shared(a, &again));
    if !met {
        let unclear = known(&refused) < refused.len() || known(&again) < again.len() || refused.is_empty() || (again.is_empty() && later.unknown);
        return if unclear { Scope::Unknown } else { Scope::Disjoint };
    }
    let all_refused_done = refused.iter().all(|a| again.iter().any(|b| covers(b, a)));
    let only_refused_done = again.iter().all(|b| refused.iter().any(|a| covers(a, b)));
    match (all_refused_done, only_refused_done) {
        (true, true) => Scope::Equal,
        (true, false) => Scope::Broader,
        (false, true) => Scope::Narrower,
        (false, false) => Scope::Overlapping,
    }
}

/// Tells whether every acting effect of `later` lies within those of `wider`: what a yes or a direction covers.
#[must_use]
pub fn within(wider: &Deed, later: &Deed) -> bool {
    // Of what is not known, only what has a name can be the same.
    let named = !later.unknown || later.effects.iter().any(is_unknown);
    named && later.acting().all(|b| wider.effects.iter().any(|a| covers(a, b)))
}

/// Tells whether what is not known of a later call is done to the same things by the same program as what was refused.
#[must_use]
pub fn alike(stopped: &Deed, later: &Deed) -> bool {
    stopped.effects.iter().any(|a| later.effects.iter().any(|b| super::spelling::alike(&a.target, &b.target)))
}

/// The verbs in the classes that the comparison knows.
const fn class(verb: Verb) -> Verb {
    match verb {
        Verb::Create | Verb::Modify => Verb::Modify,
        other => other,
    }
}

/// Tells whether two effects are the same effect on the same target: one target may hold the other.
#[must_use]
pub fn touch(a: &Effect, b: &Effect) -> bool {
    class(a.verb) == class(b.verb) && (target::contains(&a.target, &b.target) || target::contains(&b.target, &a.target))
}

fn covers(outer: &Effect, inner: &Effect) -> bool {
    class(outer.verb) == class(inner.verb) && target::contains(&outer.target, &inner.target)
}

fn is_unknown(effect: &Effect) -> bool {
    effect.target.starts_with('?') || (effect.target.starts_with("mcp:") && effect.verb == Verb::Execute)
}
