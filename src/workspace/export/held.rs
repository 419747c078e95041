//! Holding the decisions: an export is of one head of the journal, now or an earlier one, whatever is decided meanwhile.

use super::{Error, Result, Workspace};
use crate::model::EntryId;
use std::ops::ControlFlow;

/// The fewest digits by which an entry may be named.
const SHORTEST: usize = 8;

/// The decisions as they were at one place; when it is dropped, later ones count again.
pub struct Held<'w> {
    workspace: &'w Workspace,
    before: Option<(u64, EntryId)>,
    earlier: bool,
}

impl Workspace {
    /// Holds the decisions where they are now, or at an earlier entry, named by its id or the beginning of it; what is held already stays so.
    pub fn hold(&self, head: Option<&str>) -> Result<Held<'_>> {
        let place = match head {
            Some(head) => Some(self.entry_named(head)?),
            None if self.journal.held().is_some() => self.journal.held(),
            None => self.journal.last()?.or_else(|| Some((0, EntryId::from_bytes(&[0; 32])?))),
        };
        let before = self.journal.hold(place);
        if head.is_some() {
            self.fold_again();
        }
        Ok(Held { workspace: self, before, earlier: head.is_some() })
    }

    fn entry_named(&self, head: &str) -> Result<(u64, EntryId)> {
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

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.workspace.journal.hold(self.before);
        if self.earlier {
            self.workspace.fold_again();
        }
    }
}
