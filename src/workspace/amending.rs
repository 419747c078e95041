//! Facts that people amended, applied wherever a trajectory is loaded: confirmed, corrected or rejected, until that is undone.

use super::{Result, Workspace};
use crate::judging::{Amendment, facts_hash};
use crate::model::{Amended, DecidedBy, Decision, Execution, Recorded, Relation, RetryForm, RetryLink, RetryScope, Sanction, Status, StopClass, Trajectory};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Confirms a fact as it is.
pub const CONFIRM: &str = "confirm";
/// The fact that a source which names no session belongs where ids inside it stand.
pub(super) const JOIN: &str = "join";

/// A fact that may be amended, with the words that it may be; `confirm` and `reject` are always among them.
pub struct AmendableFact {
    /// Its name.
    pub name: &'static str,
    /// The words; none where it is an execution's id, or may only be confirmed or rejected.
    pub values: fn() -> Vec<&'static str>,
    /// Whether an execution's id is what it may be.
    pub is_execution: bool,
}

/// Every fact that may be amended.
pub const AMENDABLE: &[AmendableFact] = &[
    AmendableFact { name: "asked", values: || vec!["agent_text", "agent_tool", "gate", "none", "unknown"], is_execution: false },
    AmendableFact { name: "decided_by", values: || DecidedBy::ALL.iter().map(|by| by.as_str()).collect(), is_execution: false },
    AmendableFact { name: "decision", values: || Decision::ALL.iter().map(|decision| decision.as_str()).collect(), is_execution: false },
    AmendableFact { name: "stop_class", values: || StopClass::ALL.iter().map(|class| class.as_str()).collect(), is_execution: false },
    AmendableFact { name: "ran", values: || vec!["yes", "no"], is_execution: false },
    AmendableFact { name: "wait", values: Vec::new, is_execution: false },
    AmendableFact { name: "retry_of", values: Vec::new, is_execution: true },
    AmendableFact { name: "sanction", values: || Sanction::ALL.iter().map(|sanction| sanction.as_str()).collect(), is_execution: false },
    AmendableFact { name: JOIN, values: Vec::new, is_execution: false },
];

/// One amendment, and who made it.
pub(super) struct Said {
    by: String,
    said: Amendment,
}

/// Amendments that stand, by trajectory, in the order in which they were made.
#[derive(Default)]
pub(super) struct Amendments(FxHashMap<String, Vec<Said>>);

/// The amendments as they were at a state of the journal.
pub(super) type Kept = RefCell<Option<(i64, Arc<Amendments>)>>;

impl Amendments {
    /// Applies what was said of a trajectory.
    pub fn apply(&self, trajectory: &mut Trajectory) {
        for Said { by, said } in self.0.get(&trajectory.id).map_or(&[][..], Vec::as_slice) {
            if said.fact == JOIN && said.value.as_deref() == Some(CONFIRM) {
                trajectory.issues.retain(|issue| issue.kind != "inferred_join");
            }
            let other = said.value.as_deref().and_then(|id| trajectory.execution(id)).cloned();
            let names = || std::iter::once(&said.target.id).chain(&said.target.aliases).filter(|name| !name.is_empty());
            let Some(id) = names().find_map(|name| trajectory.execution(name)).map(|e| e.id.clone()) else { continue };
            let Some(e) = trajectory.executions.iter_mut().find(|e| e.id == id) else { continue };
            if e.stated.is_none() {
                e.stated = Some(facts_hash(e).into());
            }
            let was = amend(e, &said.fact, said.value.as_deref(), other.as_ref());
            let is = if said.value.as_deref() == Some(CONFIRM) { was.clone() } else { said.value.clone() };
            e.amended.push(Amended { fact: said.fact.clone(), was, is, by: by.clone(), note: said.note.clone() });
        }
    }

    /// Gives the trajectories of which it was said that what was joined to them by ids does not belong there.
    pub fn without_joins(&self) -> Vec<&str> {
        let rejects = |list: &[Said]| list.iter().any(|Said { said, .. }| said.fact == JOIN && said.value.is_none());
        let mut names: Vec<&str> = self.0.iter().filter(|(_, list)| rejects(list)).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Gives a hash of what was said of each trajectory.
    fn hashes(&self) -> BTreeMap<&str, String> {
        let hash = |list: &Vec<Said>| {
            let text: String = list.iter().map(|Said { said, .. }| format!("{}\u{0}{}\u{0}{:?}\n", said.target.id, said.fact, said.value)).collect();
            crate::model::ids::hex(&Sha256::digest(text)[..8])
        };
        self.0.iter().map(|(name, list)| (name.as_str(), hash(list))).collect()
    }
}

/// Amends one fact; gives what it was. A value of `None` rejects it.
fn amend(e: &mut Execution, fact: &str, value: Option<&str>, other: Option<&Execution>) -> Option<String> {
    let confirms = value == Some(CONFIRM);
    let decided = e.waits.iter().rposition(|wait| wait.decision.is_some()).or_else(|| e.waits.len().checked_sub(1));
    let wait = decided.and_then(|at| e.waits.get_mut(at));
    match (fact, wait) {
        ("retry_of", _) => {
            let was = e.retry_of.as_ref().map(|link| link.execution.clone());
            match &mut e.retry_of {
                Some(link) if confirms => link.inferred = false,
                _ => e.retry_of = other.map(|stopped| link_to(stopped, e)),
            }
            was
        }
        ("sanction", _) => {
            let link = e.retry_of.as_mut()?;
            let was = link.sanction.to_string();
            link.sanction = value.and_then(Sanction::parse).unwrap_or(link.sanction);
            link.inferred &= !confirms;
            Some(was)
        }
        ("decided_by", Some(wait)) => {
            let was = wait.decided_by.map(|by| by.to_string());
            if !confirms {
                wait.decided_by = value.and_then(DecidedBy::parse);
            }
            wait.inferred &= value.is_none();
            was
        }
        ("decision", wait) => {
            let was = wait.as_ref().map_or(e.stop_class.map(|_| "denied".to_owned()), |wait| wait.decision.map(|decision| decision.to_string()));
            if let Some(wait) = wait {
                wait.inferred &= value.is_none();
                if !confirms {
                    wait.decision = value.and_then(Decision::parse);
                }
                if value.is_none() {
                    (wait.decided_by, wait.decision_reason) = (None, None);
                }
            }
            // A denial that was read out of a text, and was none, stopped nothing.
            if value.is_none() && !matches!(was.as_deref(), Some("approved" | "modified" | "retried")) {
                lift_stop(e);
            }
            was
        }
        ("wait", _) => {
            let inferred = e.waits.iter().filter(|wait| wait.inferred).count();
            if confirms {
                e.waits.iter_mut().for_each(|wait| wait.inferred = false);
            } else {
                e.waits.retain(|wait| !wait.inferred);
            }
            Some(format!("{inferred} inferred"))
        }
        ("stop_class", _) => {
            let was = e.stop_class.map(|class| class.to_string());
            if !confirms {
                e.stop_class = value.and_then(StopClass::parse);
                if e.stop_class.is_none() {
                    lift_stop(e);
                }
            }
            was
        }
        ("ran", _) => {
            let was = e.ran.map(|ran| if ran { "yes" } else { "no" }.to_owned());
            if !confirms {
                e.ran = value.map(|value| value == "yes");
            }
            was
        }
        _ => None,
    }
}

/// What nobody stopped failed by itself.
fn lift_stop(e: &mut Execution) {
    e.stop_class = None;
    if matches!(e.status, Status::Denied | Status::Blocked | Status::Cancelled) {
        e.status = Status::Failed;
    }
}

/// Makes the link that a person names: how the two compare is left open.
fn link_to(stopped: &Execution, later: &Execution) -> RetryLink {
    let same = stopped.tool == later.tool;
    RetryLink {
        execution: stopped.id.clone(),
        relation: if same { Relation::Reworded } else { Relation::OtherTool },
        scope: RetryScope::Unknown,
        form: if same { RetryForm::Reworded } else { RetryForm::OtherTool },
        sanction: Sanction::Stands,
        after: crate::effect::retry::after(stopped).unwrap_or(crate::model::RetryAfter::Failed),
        inferred: false,
    }
}

impl Workspace {
    /// Gives the amendments that stand, the last of each fact of each target.
    pub(super) fn amendments(&self) -> Result<Arc<Amendments>> {
        let version = self.journal.change_counter()?;
        if let Some((at, kept)) = &*self.amended.borrow()
            && *at == version
        {
            return Ok(kept.clone());
        }
        let mut found = Amendments::default();
        for entry in self.journal.of_kinds(&[Amendment::KIND])? {
            let Ok(Some(said)) = entry.decision::<Amendment>() else { continue };
            let list = found.0.entry(said.target.trajectory.clone()).or_default();
            list.retain(|known| (&known.said.target.id, &known.said.fact) != (&said.target.id, &said.fact));
            list.push(Said { by: entry.reviewer.to_string(), said });
        }
        let found = Arc::new(found);
        *self.amended.borrow_mut() = Some((version, found.clone()));
        Ok(found)
    }

    /// Marks trajectories as changed of which something else is said than when they were derived last; tells whether joins are to
    /// be made anew.
    pub(super) fn notice_amendments(&self) -> Result<bool> {
        const KEY: &str = "amended";
        let amendments = self.amendments()?;
        let now = amendments.hashes();
        let stored = self.store.meta(KEY)?.unwrap_or_default();
        let before: BTreeMap<&str, String> = serde_json::from_str(&stored).unwrap_or_default();
        if now == before {
            return Ok(false);
        }
        let differ = now.keys().chain(before.keys()).filter(|name| now.get(**name) != before.get(**name));
        let numbers = differ.filter_map(|name| self.store.find_trajectory(name).transpose()).collect::<std::result::Result<Vec<i64>, _>>()?;
        self.store.mark_changed(&numbers.into_iter().collect())?;
        self.store.set_meta(KEY, &serde_json::to_string(&now).unwrap_or_default())?;
        let (apart, known) = (serde_json::to_string(&amendments.without_joins()).unwrap_or_default(), self.store.meta(JOIN)?);
        if apart == known.unwrap_or_else(|| "[]".to_owned()) {
            return Ok(false);
        }
        self.store.set_meta(JOIN, &apart)?;
        Ok(true)
    }
}
