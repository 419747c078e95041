//! Call ids that one source uses again for another call: the later call is named `<id>~2`, and what follows of it as well.
//!
//! Some runtimes count their calls anew in every turn (`call_0`). A call is another one where an earlier call of that id has ended, its tool or
//! its arguments are not those, and it stands in an entry of its own or has an end of its own. All else is one call that is told of twice.

use super::ties::link_of;
use crate::model::fact::{Body, CallFact, Fact, Link, Slot};
use crate::model::{Issue, Portion};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of the call that an id names at a place of the source.
struct Named<'f> {
    call: &'f CallFact,
    entry: Option<&'f str>,
    ended: bool,
}

/// Gives every call of a portion a name of its own, and tells of those whose id was used again.
pub fn part(portion: &mut Portion) {
    let again = begun_again(&portion.facts);
    if again.is_empty() {
        return;
    }
    let mut uses: FxHashMap<String, u32> = FxHashMap::default();
    for (at, fact) in portion.facts.iter_mut().enumerate() {
        if again.contains(&at)
            && let Some(id) = call_id(fact).map(str::to_owned)
        {
            let nth = uses.entry(id.clone()).and_modify(|n| *n += 1).or_insert(2);
            let line = fact.spans.first().map(|span| span.line);
            let message = format!("the call id {id} is used again for another call, which is named {id}~{nth} here");
            portion.issues.push(Issue { source: None, line, kind: "reused_call_id", message });
        }
        rename(fact, &uses);
    }
}

/// Finds the facts at which a call begins under the id of an earlier one.
fn begun_again(facts: &[Fact]) -> FxHashSet<usize> {
    let mut calls: FxHashMap<&str, Named<'_>> = FxHashMap::default();
    let mut again = FxHashSet::default();
    for (at, fact) in facts.iter().enumerate() {
        let Some(id) = call_id(fact) else { continue };
        match &fact.body {
            Body::Call(call) if !call.args_partial && !call.ran && call.args.is_some() => {
                let entry = fact.node.as_ref().map(|node| node.id.as_str());
                let Some(known) = calls.get_mut(id) else {
                    calls.insert(id, Named { call, entry, ended: false });
                    continue;
                };
                let elsewhere = entry.is_some() && known.entry.is_some() && entry != known.entry;
                // What comes after is looked at last, and only for what is another call: sessions tell of most calls twice.
                if known.ended && is_other(known.call, call) && (elsewhere || ends(facts.get(at + 1..).unwrap_or_default(), id)) {
                    *known = Named { call, entry, ended: false };
                    again.insert(at);
                }
            }
            Body::Result(result) if !result.superseded => {
                if let Some(known) = calls.get_mut(id) {
                    known.ended = true;
                }
            }
            _ => {}
        }
    }
    again
}

/// Tells whether a call of this id ends among what follows.
fn ends(following: &[Fact], id: &str) -> bool {
    following.iter().any(|fact| matches!(&fact.body, Body::Result(result) if !result.superseded) && call_id(fact) == Some(id))
}

/// Tells whether two calls differ in tool or arguments; where one shows a mark in place of a value, nobody can say.
fn is_other(one: &CallFact, other: &CallFact) -> bool {
    let (Some(a), Some(b)) = (&one.args, &other.args) else { return false };
    let marked = |args: &str| args.contains("[REDACTED") || args.contains("***");
    if marked(a) || marked(b) {
        return false;
    }
    let read = |args: &str| serde_json::from_str::<serde_json::Value>(args).ok();
    one.tool != other.tool || (a != b && read(a) != read(b))
}

fn call_id(fact: &Fact) -> Option<&str> {
    link_of(&fact.body)?.call_id.as_deref()
}

/// Puts the names of now in place of the ids that a fact states.
fn rename(fact: &mut Fact, uses: &FxHashMap<String, u32>) {
    let named = |id: &mut String| {
        if let Some(nth) = uses.get(id.as_str()) {
            *id = format!("{id}~{nth}");
        }
    };
    match &mut fact.slot {
        Slot::Call(id) | Slot::Result(id) | Slot::Wait(id) | Slot::Resolution(id) => named(id),
        Slot::Named(_) | Slot::Own => {}
    }
    if let Some(Link { call_id, request_id, .. }) = link_mut(&mut fact.body) {
        [call_id, request_id].into_iter().flatten().for_each(named);
    }
}

fn link_mut(body: &mut Body) -> Option<&mut Link> {
    match body {
        Body::Call(f) => Some(&mut f.link),
        Body::Progress(link) | Body::Resumed { link, .. } | Body::Skill { link, .. } | Body::Artifact { link, .. } => Some(link),
        Body::Result(f) => Some(&mut f.link),
        Body::Wait(f) => Some(&mut f.link),
        Body::Resolution(f) => Some(&mut f.link),
        Body::Policy(f) => Some(&mut f.link),
        Body::Eval(f) => Some(&mut f.link),
        _ => None,
    }
}
