//! Decisions that this program cannot read: a newer form, a kind it does not know, or a body that is no such decision.

use super::cohorts::Assignment;
use super::{DatasetText, Error, Result, RewriteText, Workspace};
use crate::judging::{Adjudication, Amendment, Dispute, Flag, Gold, Label, Note, QueueText, SchemaText};
use crate::model::entry::{LASTING, NOT_EXPORTED, SAFEGUARDS};
use crate::model::{Entry, Recorded};
use crate::workspace::PairText;

/// The kinds of which the folded journal says what it could not read.
const FOLDED: [&str; 9] =
    [Label::KIND, Adjudication::KIND, Dispute::KIND, Note::KIND, Flag::KIND, Amendment::KIND, SchemaText::KIND, Gold::KIND, QueueText::KIND];

impl Workspace {
    /// Lists the decisions that bear on rows and cannot be read; one that keeps something from leaving is an error, as nobody knows what.
    pub(super) fn unread(&self) -> Result<Vec<String>> {
        let mut safeguards = self.unread_verdicts()?;
        if !safeguards.is_empty() {
            let why = format!(
                "{}: what it keeps from leaving is not known, so that nothing can leave; use the newer ossia, or undo it as its reviewer",
                safeguards.remove(0)
            );
            return Err(Error::Undecidable(why));
        }
        self.not_understood()
    }

    /// Lists the decisions that this program cannot read, whatever they bear on.
    pub fn not_understood(&self) -> Result<Vec<String>> {
        let mut unread = self.state()?.unread.clone();
        unread.extend(self.unread_of::<PairText>()?);
        unread.extend(self.unread_of::<RewriteText>()?);
        unread.extend(self.unread_of::<Assignment>()?);
        let read = [PairText::KIND, RewriteText::KIND, Assignment::KIND, DatasetText::KIND, "redo"];
        let known = |kind: &String| [&FOLDED[..], &read, LASTING, SAFEGUARDS, NOT_EXPORTED].concat().contains(&kind.as_str());
        unread.extend(
            self.journal.kinds()?.iter().filter(|kind| !known(kind)).map(|kind| format!("entries are of the kind {kind:?}, which this program does not know")),
        );
        Ok(unread)
    }

    /// Says of the entries of one kind that count which cannot be read.
    pub(in crate::workspace) fn unread_of<B: Recorded>(&self) -> Result<Vec<String>> {
        let wrong = |entry: &Entry| match entry.decision::<B>() {
            Ok(Some(_)) => None,
            Ok(None) => Some(format!("{} is of the kind {} in version {}, newer than this program knows", entry.name(), entry.kind, entry.version)),
            Err(why) => Some(why),
        };
        Ok(self.journal.of_kinds(&[B::KIND])?.iter().filter_map(wrong).collect())
    }
}
