//! Where sources disagree on what became of an execution: each disagreement is an issue that names both.

use super::masks;
use super::sightings::Sighting;
use crate::model::fact::{Body, ResultFact};
use crate::model::{DecidedBy, Decision, Issue, Risk, Status, StopClass};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a source says; the last word of each source counts, for a call may be tried again.
#[derive(Clone, PartialEq)]
enum Said {
    Ended(Status),
    Args(Box<str>),
    Decided(Decision),
    By(DecidedBy),
    Risk(Risk),
}

struct Claim {
    sha256: Arc<str>,
    line: u64,
    said: Said,
}

/// What it is said of: an execution, a field of it, and the request where the field is a wait's.
type Subject = (String, &'static str, Option<String>);

/// The claims of all sources, in the order in which they speak.
#[derive(Default)]
pub struct Claims {
    order: Vec<Subject>,
    claims: FxHashMap<Subject, Vec<Claim>>,
}

impl Claims {
    /// Notes what a sighting claims of its execution.
    pub fn note(&mut self, sighting: &Sighting) {
        match &sighting.fact.body {
            Body::Call(call) => {
                if let Some(args) = call.args.clone().filter(|_| !call.args_partial && !call.ran) {
                    self.add(sighting, "args", None, Said::Args(args));
                }
                self.risk(sighting, call.risk);
            }
            Body::Result(result) => {
                if let Some(status) = ended(result) {
                    self.add(sighting, "end", None, Said::Ended(status));
                }
            }
            Body::Wait(wait) => self.risk(sighting, wait.risk),
            Body::Policy(policy) => self.risk(sighting, policy.risk),
            Body::Resolution(end) => {
                let request = end.link.request_id.clone();
                if let Some(decision) = end.decision {
                    self.add(sighting, "decision", request.clone(), Said::Decided(decision));
                }
                if let Some(by) = end.by {
                    self.add(sighting, "decider", request, Said::By(by));
                }
            }
            _ => {}
        }
    }

    fn risk(&mut self, sighting: &Sighting, risk: Option<Risk>) {
        if let Some(risk) = risk {
            self.add(sighting, "risk", None, Said::Risk(risk));
        }
    }

    fn add(&mut self, sighting: &Sighting, field: &'static str, request: Option<String>, said: Said) {
        let Some(execution) = sighting.execution.clone() else { return };
        let subject = (execution, field, request);
        let claim = Claim { sha256: sighting.sha256.clone(), line: sighting.span().map_or(0, |span| span.line), said };
        let claims = self.claims.entry(subject.clone()).or_insert_with(|| {
            self.order.push(subject);
            Vec::new()
        });
        match claims.iter_mut().find(|known| known.sha256 == claim.sha256) {
            Some(known) => *known = claim,
            None => claims.push(claim),
        }
    }

    /// Reports every source that contradicts the one that speaks first.
    pub fn report(mut self, issues: &mut Vec<Issue>) {
        for subject in std::mem::take(&mut self.order) {
            let claims = self.claims.remove(&subject).unwrap_or_default();
            let Some((first, others)) = claims.split_first() else { continue };
            for other in others.iter().filter(|other| !agree(&first.said, &other.said)) {
                let (execution, field, request) = &subject;
                let of = request.as_ref().filter(|r| *r != execution).map_or(String::new(), |request| format!(" of {request}"));
                let here = other.said.word();
                let there = first.said.word();
                let message = format!("{field}{of} of {execution}: {here} here, {there} in source {}, line {}", short(&first.sha256), first.line);
                issues.push(Issue { source: Some(other.sha256.clone()), line: Some(other.line), kind: "contradiction", message });
            }
        }
    }
}

/// Shortens a source's hash to what names it in a message.
pub fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

impl Said {
    fn word(&self) -> String {
        match self {
            Self::Ended(status) => status.to_string(),
            Self::Args(args) => args.chars().take(80).collect(),
            Self::Decided(decision) => decision.to_string(),
            Self::By(by) => by.to_string(),
            Self::Risk(risk) => risk.to_string(),
        }
    }
}

/// Gives how the call ended by this record; `None` where it does not say.
fn ended(result: &ResultFact) -> Option<Status> {
    match (&result.stop, result.status, result.is_error) {
        _ if result.superseded => None,
        (Some(stop), ..) if stop.class == StopClass::Refusal => Some(Status::Denied),
        (Some(_), ..) => Some(Status::Cancelled),
        (None, Some(status), _) => Some(status),
        (None, None, Some(true)) => Some(Status::Failed),
        (None, None, Some(false)) => Some(Status::Succeeded),
        (None, None, None) => None,
    }
}

fn agree(a: &Said, b: &Said) -> bool {
    match (a, b) {
        // A stop is a failure to streams that know no stops.
        (Said::Ended(a), Said::Ended(b)) => {
            (*a == Status::Succeeded) == (*b == Status::Succeeded) || [a, b].iter().any(|s| matches!(s, Status::Pending | Status::Unknown))
        }
        (Said::Args(a), Said::Args(b)) => a == b || masks::agree_json(a, b),
        (Said::Decided(a), Said::Decided(b)) => went_on(*a) == went_on(*b),
        (a, b) => a == b,
    }
}

/// Tells whether the decision let the call go on as it was or changed.
const fn went_on(decision: Decision) -> bool {
    matches!(decision, Decision::Approved | Decision::AutoApproved | Decision::Modified | Decision::Retried | Decision::Answered)
}
