//! Which call a request, an approval or a platform execution belongs to, by the ids that records state.

use super::Share;
use crate::model::fact::{Body, Link};
use rustc_hash::{FxHashMap, FxHashSet};

/// Ids of requests and platform executions, each with the call it was seen together with.
#[derive(Default)]
pub struct Ties {
    calls: FxHashSet<String>,
    to_call: FxHashMap<String, String>,
    to_execution: FxHashMap<String, String>,
    /// Requests that are known under two ids: the one that names the wait, by the other.
    requests: FxHashMap<String, String>,
}

impl Ties {
    /// Reads the ties out of every record that states two ids at once.
    pub fn read(shares: &[Share]) -> Self {
        let mut ties = Self::default();
        let facts = || shares.iter().flat_map(|s| &s.portion.facts);
        for fact in facts() {
            if let Body::Call(_) | Body::Result(_) = &fact.body {
                ties.calls.extend(link_of(&fact.body).and_then(|link| link.call_id.clone()));
            }
        }
        // Some streams announce a Platform's approval as if it were a call; a record that states both ids tells them apart.
        for link in facts().filter_map(|fact| link_of(&fact.body)) {
            if let (Some(call), Some(approval)) = (&link.call_id, &link.approval_request_id)
                && call != approval
                && ties.calls.contains(call)
            {
                ties.calls.remove(approval);
            }
        }
        for fact in facts() {
            if let Some(link) = link_of(&fact.body) {
                ties.note(link);
            }
            if let Body::Wait(_) | Body::Resolution(_) = &fact.body {
                ties.note_request(link_of(&fact.body));
            }
        }
        ties
    }

    fn note(&mut self, link: &Link) {
        let others = [&link.request_id, &link.approval_request_id, &link.tool_execution_id];
        let step = link.step.as_ref().filter(|step| self.calls.contains(*step));
        if let Some(call) = link.call_id.as_ref().or(step) {
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

    /// A wait that is known under a request's and an approval's id is one wait. It is named by the id of its call, where one
    /// of them is that, else by the approval's, which every stream of the platform knows.
    fn note_request(&mut self, link: Option<&Link>) {
        let Some((request, approval)) = link.and_then(|l| l.request_id.as_ref().zip(l.approval_request_id.as_ref())).filter(|(r, a)| r != a) else { return };
        let (name, other) = if self.calls.contains(request) { (request, approval) } else { (approval, request) };
        self.requests.entry(other.clone()).or_insert_with(|| name.clone());
    }

    /// Gives the id that names a request's wait.
    pub fn request<'a>(&'a self, id: &'a str) -> &'a str {
        self.requests.get(id).map_or(id, String::as_str)
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
        link.step.as_deref().filter(|step| self.calls.contains(*step))
    }
}

/// Gives the link of a fact that belongs to an execution.
pub fn link_of(body: &Body) -> Option<&Link> {
    match body {
        Body::Call(f) => Some(&f.link),
        Body::Progress(link) | Body::Resumed { link, .. } | Body::Skill { link, .. } | Body::Artifact { link, .. } => Some(link),
        Body::Result(f) => Some(&f.link),
        Body::Wait(f) => Some(&f.link),
        Body::Resolution(f) => Some(&f.link),
        Body::Policy(f) => Some(&f.link),
        Body::Eval(f) => Some(&f.link),
        _ => None,
    }
}

/// The calls of one source that have no result yet, by tool and arguments: where no id says which call a wait belongs to, it
/// is the last of these before it.
#[derive(Default)]
pub struct OpenCalls {
    calls: FxHashMap<(String, Box<str>), Vec<String>>,
    ended: FxHashSet<String>,
}

impl OpenCalls {
    /// Takes in what comes next in the source.
    pub fn note(&mut self, body: &Body) {
        match body {
            Body::Call(call) => {
                if let (Some(id), Some(args)) = (&call.link.call_id, &call.args) {
                    self.calls.entry((call.tool.clone(), args.clone())).or_default().push(id.clone());
                }
            }
            Body::Result(result) => self.ended.extend(result.link.call_id.clone()),
            _ => {}
        }
    }

    /// Finds the call of a request by its tool and arguments.
    pub fn by_arguments(&mut self, link: &Link) -> Option<String> {
        let calls = self.calls.get_mut(&(link.tool.clone()?, link.args.clone()?))?;
        while calls.last().is_some_and(|id| self.ended.contains(id)) {
            calls.pop();
        }
        calls.last().cloned()
    }
}
