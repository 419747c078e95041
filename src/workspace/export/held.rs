//! Holding the decisions: an export is of one head of the journal, now or an earlier one, whatever is decided meanwhile.

use super::{Error, Result, Workspace};
use crate::export::ReadTo;
use crate::model::{EntryId, Timestamp};
use crate::store::{Hold, Place};
use std::ops::ControlFlow;

/// The fewest digits by which an entry may be named.
const SHORTEST: usize = 8;

/// The decisions as they were at one place; when it is dropped, later ones count again.
pub struct Held<'w> {
    workspace: &'w Workspace,
    before: Hold,
    moved: bool,
}

impl Workspace {
    /// Holds the decisions where they are now, or labels and the like at an earlier entry, named by its id or the beginning of it. Consents,
    /// verdicts on redactions and marked values are those of now in any case; what is held already stays so.
    pub fn hold(&self, head: Option<&str>) -> Result<Held<'_>> {
        let held = self.journal.held();
        let to = match head {
            Some(head) => Hold { decisions: Some(self.entry_named(head)?), ..held },
            None => {
                let last = Some(self.journal.last()?.map_or_else(beginning, Ok)?);
                Hold { decisions: held.decisions.or(last), safeguards: held.safeguards.or(last), ..held }
            }
        };
        self.hold_at(to, head.is_some())
    }

    /// Holds everything as an export of then read it, to make it again; nothing of it is shown or stored.
    pub(super) fn hold_as_then(&self, then: &ReadTo) -> Result<Held<'_>> {
        let place = |head: &Option<String>| head.as_deref().map_or_else(beginning, |head| self.entry_named(head));
        let to = Hold { decisions: Some(place(&then.decisions)?), safeguards: Some(place(&then.safeguards)?), past: true };
        self.catch_up()?;
        self.store.set_audits_aside()?;
        self.hold_at(to, true)
    }

    /// Gives the last entries that an export of now reads, wherever the decisions are held.
    pub(super) fn read_to(&self) -> Result<ReadTo> {
        let name = |safeguards| self.journal.last_read(safeguards).map(|last| last.map(|id| id.to_string()));
        Ok(ReadTo { decisions: name(false)?, safeguards: name(true)? })
    }

    /// Gives the time of the last entry that an export of now reads: of the same decisions it is the same whenever they are exported.
    pub(in crate::workspace) fn read_at(&self) -> Result<Option<Timestamp>> {
        let mut at = None;
        for safeguards in [false, true] {
            let entry = self.journal.last_read(safeguards)?.map(|id| self.journal.entry(id)).transpose()?.flatten();
            at = at.max(entry.map(|entry| entry.at));
        }
        Ok(at)
    }

    fn hold_at(&self, to: Hold, moved: bool) -> Result<Held<'_>> {
        let held = Held { workspace: self, before: self.journal.hold(to), moved };
        if moved {
            self.forget_derived();
        }
        Ok(held)
    }

    fn forget_derived(&self) {
        self.fold_again();
        self.audits.forget();
    }

    fn entry_named(&self, head: &str) -> Result<Place> {
        let mut found = Vec::new();
        self.journal.latest(|entry| {
            if head.len() >= SHORTEST && entry.id.to_string().starts_with(head) {
                found.push((entry.clock, entry.id));
            }
            ControlFlow::Continue(())
        })?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Error::Undecidable(format!("no entry of the journal has the id {head}; `ossia journal log` lists them (at least {SHORTEST} digits)"))),
            more => Err(Error::Undecidable(format!("{} entries of the journal begin with {head}; write more of the id", more.len()))),
        }
    }
}

/// The place before the first entry.
fn beginning() -> Result<Place> {
    let none = EntryId::from_bytes(&[0; 32]).ok_or_else(|| Error::Undecidable("an entry's id has 32 bytes".to_owned()))?;
    Ok((0, none))
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let past = self.workspace.journal.hold(self.before).past;
        if past && !self.before.past {
            // What stays aside ends with the process; the store's own findings are untouched.
            let _ = self.workspace.store.take_audits_back();
        }
        if self.moved {
            self.workspace.forget_derived();
        }
    }
}
