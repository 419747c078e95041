//! Facts of all sources in one list, each with its source, its step id and its execution.

use super::Share;
use super::ties::{OpenCalls, Ties, link_of};
use crate::model::fact::{Body, Fact, Slot};
use crate::model::{Issue, Span, ids};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A fact as one source shows it.
pub struct Sighting {
    /// Index of the source in the sorted shares.
    pub source: usize,
    /// SHA-256 of the source.
    pub sha256: Arc<str>,
    /// The fact.
    pub fact: Fact,
    /// Id of the step it belongs to.
    pub step_id: String,
    /// Id of the execution it belongs to.
    pub execution: Option<String>,
    /// Whether the execution was found by tool and arguments alone.
    pub guessed: bool,
}

/// Everything that was seen, in order of sources and records.
pub struct Sightings {
    /// The facts.
    pub list: Vec<Sighting>,
    /// Issues of the sources.
    pub issues: Vec<Issue>,
}

/// Puts the facts of all shares into one list.
pub fn gather(shares: Vec<Share>, ties: &Ties) -> Sightings {
    let mut all = gather_all(shares, ties);
    follow_guesses(&mut all.list);
    // A score, a skill or an artifact names a call and is no sign of its life.
    let lives: FxHashSet<String> = all.list.iter().filter(|s| !is_remark(&s.fact.body)).filter_map(|s| s.execution.clone()).collect();
    for sighting in all.list.iter_mut().filter(|s| is_remark(&s.fact.body)) {
        sighting.execution = sighting.execution.take().filter(|id| lives.contains(id));
    }
    all
}

/// Where a request was tied to its call by tool and arguments, what else names that request alone belongs to the call as well.
fn follow_guesses(list: &mut [Sighting]) {
    fn ids(sighting: &Sighting) -> impl Iterator<Item = &String> {
        let link = link_of(&sighting.fact.body);
        link.into_iter().flat_map(|link| [&link.request_id, &link.approval_request_id, &link.tool_execution_id]).flatten()
    }
    let mut calls: FxHashMap<String, String> = FxHashMap::default();
    for sighting in list.iter().filter(|s| s.guessed) {
        let Some(call) = &sighting.execution else { continue };
        for id in ids(sighting) {
            calls.entry(id.clone()).or_insert_with(|| call.clone());
        }
    }
    if calls.is_empty() {
        return;
    }
    for sighting in list.iter() {
        if let Some(call) = ids(sighting).find_map(|id| calls.get(id)).cloned() {
            for id in ids(sighting) {
                calls.entry(id.clone()).or_insert_with(|| call.clone());
            }
        }
    }
    for sighting in list.iter_mut() {
        if let Some(call) = sighting.execution.as_ref().and_then(|own| calls.get(own)).cloned() {
            (sighting.execution, sighting.guessed) = (Some(call), true);
        }
    }
}

const fn is_remark(body: &Body) -> bool {
    matches!(body, Body::Eval(_) | Body::Skill { .. } | Body::Artifact { .. } | Body::Resumed { .. })
}

fn gather_all(shares: Vec<Share>, ties: &Ties) -> Sightings {
    let mut all = Sightings { list: Vec::new(), issues: Vec::new() };
    for (source, share) in shares.into_iter().enumerate() {
        let mut open = OpenCalls::default();
        let executions: Vec<_> = share.portion.facts.iter().map(|fact| execution_of(fact, &mut open, ties)).collect();
        let mut equals: FxHashMap<String, u32> = FxHashMap::default();
        let mut said: FxHashMap<String, FxHashMap<String, usize>> = FxHashMap::default();
        for (mut fact, (execution, guessed)) in share.portion.facts.into_iter().zip(executions) {
            rename_request(&mut fact, ties);
            let mut step_id = step_id(&fact);
            if matches!(fact.slot, Slot::Own) || ids::is_record_hash(&step_id) {
                let ordinal = equals.entry(step_id.clone()).and_modify(|n| *n += 1).or_insert(1);
                if *ordinal > 1 {
                    step_id = format!("{step_id}~{ordinal}");
                }
            } else if matches!(fact.body, Body::Eval(_) | Body::Policy(_) | Body::Skill { .. } | Body::Artifact { .. }) {
                // What one source says of a call twice and differently is two facts.
                let bodies = said.entry(step_id.clone()).or_default();
                let next = bodies.len();
                let nth = *bodies.entry(content_hash(&fact)).or_insert(next);
                if nth > 0 {
                    step_id = format!("{step_id}~{}", nth + 1);
                }
            }
            all.list.push(Sighting { source, sha256: share.sha256.clone(), fact, step_id, execution, guessed });
        }
        all.issues.extend(share.portion.issues.into_iter().map(|issue| Issue { source: Some(share.sha256.clone()), ..issue }));
    }
    all
}

/// Gives a wait that is known under two ids its one name; the other id becomes an alias.
fn rename_request(fact: &mut Fact, ties: &Ties) {
    let (ending, id) = match &fact.slot {
        Slot::Wait(id) => ("wait", id.clone()),
        Slot::Resolution(id) => ("resolution", id.clone()),
        _ => return,
    };
    let name = ties.request(&id);
    if name != id {
        fact.aliases.push(format!("{id}.{ending}"));
        fact.slot = if ending == "wait" { Slot::Wait(name.to_owned()) } else { Slot::Resolution(name.to_owned()) };
        match &mut fact.body {
            Body::Wait(wait) => wait.link.request_id = Some(name.to_owned()),
            Body::Resolution(end) => end.link.request_id = Some(name.to_owned()),
            _ => {}
        }
    }
}

fn execution_of(fact: &Fact, open: &mut OpenCalls, ties: &Ties) -> (Option<String>, bool) {
    open.note(&fact.body);
    let Some(link) = link_of(&fact.body) else { return (None, false) };
    if let Some(call) = ties.call(link) {
        return (Some(call.to_owned()), false);
    }
    if let Some(call) = open.by_arguments(link) {
        return (Some(call), true);
    }
    let request = link.request_id.as_deref().map(|id| ties.request(id));
    let own = request.or(link.approval_request_id.as_deref()).or(link.tool_execution_id.as_deref());
    let lives = matches!(fact.body, Body::Call(_) | Body::Progress(_) | Body::Result(_) | Body::Wait(_) | Body::Resolution(_));
    (own.filter(|_| lives).map(str::to_owned), false)
}

/// Gives the id of the step that a fact belongs to, as far as the fact alone tells.
#[must_use]
pub fn step_id(fact: &Fact) -> String {
    match &fact.slot {
        Slot::Call(id) => format!("{id}.call"),
        Slot::Result(id) => format!("{id}.result"),
        Slot::Wait(id) => format!("{id}.wait"),
        Slot::Resolution(id) => format!("{id}.resolution"),
        Slot::Named(id) => id.clone(),
        Slot::Own => content_hash(fact),
    }
}

/// Names a fact that was put together of several records and states no id: by its content.
fn content_hash(fact: &Fact) -> String {
    ids::record_hash(format!("{} {:?}", fact.actor, fact.body).as_bytes())
}

impl Sighting {
    /// Gives the place of the fullest record.
    pub fn span(&self) -> Option<&Span> {
        self.fact.spans.first()
    }
}
