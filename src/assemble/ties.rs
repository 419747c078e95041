//! Which call a request, an approval or a platform execution belongs to, by the ids that records state.

use super::Share;
use crate::model::fact::{Body, Fact, Link};
use rustc_hash::{FxHashMap, FxHashSet};

/// Ids of requests and platform executions, each with the call it was seen together with.
#[derive(Default)]
pub struct Ties {
    calls: FxHashSet<String>,
    to_call: FxHashMap<String, String>,
    to_execution: FxHashMap<String, String>,
}

impl Ties {
    /// Reads the ties out of every record that states two ids at once.
    pub fn read(shares: &[Share]) -> Self {
        let mut ties = Self::default();
        for fact in shares.iter().flat_map(|s| &s.portion.facts) {
            if let Body::Call(call) = &fact.body
                && let Some(id) = &call.link.call_id
            {
                ties.calls.insert(id.clone());
            }
        }
        for fact in shares.iter().flat_map(|s| &s.portion.facts) {
            if let Some(link) = link_of(&fact.body) {
                ties.note(link);
            }
        }
        ties
    }

    fn note(&mut self, link: &Link) {
        let others = [&link.request_id, &link.approval_request_id, &link.tool_execution_id];
        if let Some(call) = &link.call_id {
            for other in others.into_iter().flatten().filter(|other| *other != call) {
                self.to_call.entry(other.clone()).or_insert_with(|| call.clone());
            }
        }
        if let Some(execution) = &link.tool_execution_id {
            for other in [&link.request_id, &link.approval_request_id].into_iter().flatten() {
                self.to_execution.entry(other.clone()).or_insert_with(|| execution.clone());
            }
        }
    }

    /// Gives the call that a link leads to, if any id of it does.
    pub fn call<'a>(&'a self, link: &'a Link) -> Option<&'a str> {
        if let Some(id) = &link.call_id {
            return Some(self.to_call.get(id).filter(|_| !self.calls.contains(id)).unwrap_or(id));
        }
        for id in [&link.request_id, &link.approval_request_id, &link.tool_execution_id].into_iter().flatten() {
            if let Some(call) = self.to_call.get(id) {
                return Some(call);
            }
            if self.calls.contains(id) {
                return Some(id);
            }
            if let Some(call) = self.to_execution.get(id).and_then(|execution| self.to_call.get(execution)) {
                return Some(call);
            }
        }
        None
    }
}

/// Gives the link of a fact that belongs to an execution.
pub fn link_of(body: &Body) -> Option<&Link> {
    match body {
        Body::Call(f) => Some(&f.link),
        Body::Progress(link) | Body::Skill { link, .. } | Body::Artifact { link, .. } => Some(link),
        Body::Result(f) => Some(&f.link),
        Body::Wait(f) => Some(&f.link),
        Body::Resolution(f) => Some(&f.link),
        Body::Policy(f) => Some(&f.link),
        Body::Eval(f) => Some(&f.link),
        _ => None,
    }
}

/// Finds the call a wait belongs to where no id says so: the last call before it, in the same source, with the same tool and
/// arguments and no result yet.
pub fn by_arguments<'a>(before: &'a [Fact], link: &Link) -> Option<&'a str> {
    let (tool, args) = (link.tool.as_ref()?, link.args.as_ref()?);
    let ended = |id: &str| before.iter().any(|f| matches!(&f.body, Body::Result(r) if r.link.call_id.as_deref() == Some(id)));
    before.iter().rev().find_map(|fact| match &fact.body {
        Body::Call(call) if call.tool == *tool && call.args.as_ref() == Some(args) => call.link.call_id.as_deref().filter(|id| !ended(id)),
        _ => None,
    })
}
