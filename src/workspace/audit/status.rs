//! Where the audit of each trajectory stands: not looked at, open, or clean at the rules, lists and known values of today.

use super::finding::{AuditFinding, Verdict};
use crate::model::AuditState as Word;
use crate::query::{Among, Leaf, Level, Query, Value, fold};
use crate::workspace::summary::Summary;
use crate::workspace::{Result, Workspace};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::rc::Rc;
use std::sync::Arc;

/// Where the store remembers which values the last whole audit knew.
pub(super) const KNOWN: &str = "audit_known";

/// The states of all trajectories, and the version of everything they follow from.
pub(super) type StateCache = Option<((u64, String, String), Rc<FxHashMap<i64, Word>>)>;

/// The state of a trajectory's audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AuditState {
    /// It was not looked at with these rules, has new bytes since, or a value became known elsewhere.
    None,
    /// Findings wait for a verdict.
    Open {
        /// How many.
        findings: u64,
        /// Steps that hold one.
        steps: Vec<String>,
    },
    /// Every finding was decided, at these rules.
    Clean {
        /// SHA-256 of the rules, lists and decoders.
        rules: String,
    },
}

impl AuditState {
    /// Gives the word of `ls`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open { .. } => "open",
            Self::Clean { .. } => "clean",
        }
    }
}

impl Workspace {
    /// Names the set of values that the last whole audit knew, without saying any; empty where there was none.
    pub(super) fn known_values(&self) -> Result<String> {
        let then = self.audits.known_then.borrow().clone();
        Ok(then.map_or_else(|| self.store.meta(KNOWN), |then| Ok(Some(then)))?.unwrap_or_default())
    }

    /// Remembers that set; that of an earlier state only while it is held.
    pub(super) fn set_known_values(&self, hash: &str) -> Result<()> {
        if self.journal.held().past {
            *self.audits.known_then.borrow_mut() = Some(hash.to_owned());
        } else if self.store.meta(KNOWN)?.as_deref() != Some(hash) {
            self.store.set_meta(KNOWN, hash)?;
        }
        Ok(())
    }

    /// Gives the state of every trajectory that is not `none`, by number.
    pub(in crate::workspace) fn audit_states(&self) -> Result<Rc<FxHashMap<i64, Word>>> {
        let engine = self.instruments_hash()?;
        let meta = |name: &str| self.store.meta(name).map(Option::unwrap_or_default);
        let stored = format!("{} {} {}", meta("generation")?, meta("audit_version")?, self.known_values()?);
        let key = (self.verdict_count()?, stored, engine.clone());
        if let Some((known, states)) = &*self.audits.states.borrow()
            && *known == key
        {
            return Ok(Rc::clone(states));
        }
        let (decided, known) = (self.decided()?, self.known_values()?);
        let undecided = |fingerprint: &str, id: &str| matches!(decided.verdict(fingerprint, id), Verdict::Open | Verdict::Escalate);
        let marks = self.store.audit_marks()?;
        let looked = marks.into_iter().filter(|mark| mark.current && mark.engine == engine && mark.known == known);
        let mut states: FxHashMap<i64, Word> = looked.map(|mark| (mark.trajectory, Word::Clean)).collect();
        for (trajectory, found) in self.store.all_masked()? {
            if !states.contains_key(&trajectory) && found.iter().any(|name| undecided(name.trim_start_matches('='), "")) {
                states.insert(trajectory, Word::Open);
            }
        }
        self.store.each_finding(&mut |trajectory, id, fingerprint| {
            if undecided(fingerprint, id) {
                states.insert(trajectory, Word::Open);
            }
        })?;
        let states = Rc::new(states);
        *self.audits.states.borrow_mut() = Some((key, Rc::clone(&states)));
        Ok(states)
    }

    /// Writes into rows of the catalog where the audit of each stands.
    pub(in crate::workspace) fn note_audit<'r>(&self, rows: impl Iterator<Item = &'r mut Summary>) -> Result<()> {
        let states = self.audit_states()?;
        for row in rows {
            let number = self.store.find_trajectory(&row.id)?;
            let state = number.and_then(|number| states.get(&number)).copied().unwrap_or(Word::None);
            row.audit = state.as_str().to_owned();
        }
        Ok(())
    }

    /// Gives the state of a trajectory's audit, by its number in the catalog, with the steps that wait.
    pub fn audit_state(&self, number: i64) -> Result<AuditState> {
        let Some(state) = self.audit_states()?.get(&number).copied() else { return Ok(AuditState::None) };
        if state == Word::Clean {
            return Ok(AuditState::Clean { rules: self.instruments_hash()? });
        }
        let decided = self.decided()?;
        let mut steps: Vec<String> = Vec::new();
        let mut findings = 0;
        for finding in self.store.findings(Some(number))?.iter().filter_map(AuditFinding::of) {
            if matches!(decided.verdict(&finding.fingerprint, &finding.id), Verdict::Open | Verdict::Escalate) {
                findings += 1;
                if !steps.contains(&finding.step) {
                    steps.push(finding.step);
                }
            }
        }
        if findings == 0 {
            findings = self.store.masked(number)?.map_or(0, |row| row.found.len() as u64);
        }
        Ok(AuditState::Open { findings, steps })
    }

    /// Hears that a value was found on import: where no finding names it yet, no trajectory was looked at with it.
    pub(in crate::workspace) fn value_is_known(&self, fingerprint: &str) -> Result<()> {
        if self.store.meta(KNOWN)?.is_some_and(|known| !known.is_empty()) && self.store.finding_of(fingerprint)?.is_none() {
            self.store.set_meta(KNOWN, "")?;
        }
        Ok(())
    }

    /// Looks up a condition on the audit's state: the index does not know it.
    pub(in crate::workspace) fn audit_among(&self, leaf: &Leaf, value: &Value) -> Result<Query> {
        let states = self.audit_states()?;
        let wanted: Vec<Word> = [Word::None, Word::Open, Word::Clean]
            .into_iter()
            .filter(|word| match value {
                Value::Text(text) => fold(text) == word.as_str(),
                Value::Prefix(start) => word.as_str().starts_with(fold(start).as_ref()),
                Value::Number(_) | Value::Time(_) => false,
            })
            .collect();
        let mut wholes: Vec<u64> = Vec::new();
        let mut units: FxHashSet<u64> = FxHashSet::default();
        self.store.each_trajectory(|row| {
            if wanted.contains(&states.get(&row.id).copied().unwrap_or(Word::None)) {
                wholes.push(row.id.cast_unsigned());
                units.insert(crate::model::ids::unit(&row.name, ""));
            }
        })?;
        let mut trajectories: Vec<u64> = units.into_iter().collect();
        trajectories.sort_unstable();
        let among = Among { written: leaf.clone(), level: Level::Trajectory, units: trajectories.clone(), wholes, trajectories };
        Ok(Query::Leaf(Leaf::Among(Arc::new(among))))
    }
}
