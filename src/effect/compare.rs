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
    by(stopped, later, target::contains)
}

/// Compares them where targets are taken for the same that leave open which one they mean: the instance, the database, the branch.
#[must_use]
pub fn possible_scope(stopped: &Deed, later: &Deed) -> Scope {
    by(stopped, later, target::may_contain)
}

fn by(stopped: &Deed, later: &Deed, contains: fn(&str, &str) -> bool) -> Scope {
    let all: Vec<&Effect> = stopped.acting().collect();
    // Reading is compared only where reading is what was refused; of a secret it is the secret, wherever it is read.
    let reads = all.iter().all(|e| !mutates(e));
    let of_secret = reads && all.iter().any(|e| is_secret(e));
    let refused: Vec<&Effect> = all.into_iter().filter(|e| !of_secret || is_secret(e)).collect();
    let compared = |e: &&Effect| mutates(e) || is_secret(e) || (reads && !of_secret);
    let again: Vec<&Effect> = later.effects.iter().filter(compared).collect();
    let known = |list: &[&Effect]| list.iter().filter(|e| !is_unknown(e)).count();
    let covers = |outer: &Effect, inner: &Effect| class(outer.verb) == class(inner.verb) && contains(&outer.target, &inner.target);
    // To list a folder, or to read something else of it, is not to read what was refused in it.
    let one_way = |e: &Effect| !mutates(e) && !is_secret(e);
    let meets = |a: &Effect, b: &Effect| covers(a, b) || (!one_way(a) && covers(b, a));
    let met = refused.iter().any(|a| again.iter().any(|b| meets(a, b)));
    if !met {
        let unclear = known(&refused) < refused.len() || known(&again) < again.len() || refused.is_empty() || (again.is_empty() && later.unknown);
        return if unclear { Scope::Unknown } else { Scope::Disjoint };
    }
    let all_refused_done = refused.iter().all(|a| again.iter().any(|b| covers(b, a) && meets(a, b)));
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

fn is_secret(effect: &Effect) -> bool {
    effect.target.starts_with("secret:")
}

fn is_unknown(effect: &Effect) -> bool {
    effect.target.starts_with('?') || (effect.target.starts_with("mcp:") && effect.verb == Verb::Execute)
}
