//! What waits, for the tabs of the top line: counted once the first page stands, and again when something was stored or decided.

use super::state::{Screen, State};
use super::task::Task;
use crate::workspace::AuditFinding;

/// What waits in a workspace; what is not known is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Trajectories.
    pub trajectories: u64,
    /// Calls, turns and sessions that the reviewer did not judge yet.
    pub review: Option<u64>,
    /// Values and claims that nobody decided.
    pub redactions: Option<u64>,
    /// Pairs that nobody decided.
    pub pairs: Option<u64>,
    /// Decisions that a newer program wrote and this one cannot read.
    pub unread: u64,
}

impl Tally {
    /// Counts values and claims that nobody decided.
    #[must_use]
    pub fn open_values(findings: &[AuditFinding]) -> u64 {
        super::redactions::groups::Decided::of(findings).open() as u64
    }
}

impl State {
    /// Gives how much waits on a screen, where that is known and not nothing: of what is open there, else as it was counted.
    #[must_use]
    pub fn waiting(&self, screen: Screen) -> Option<u64> {
        let count = match screen {
            Screen::Review => self.tally.review,
            Screen::Redactions if self.redactions.board.is_some() => Some(self.redactions.progress().open() as u64),
            Screen::Redactions => self.tally.redactions,
            Screen::Pairs => match &self.pairs.board {
                Some(board) => Some(board.total.saturating_sub(board.decided) as u64),
                None => self.tally.pairs,
            },
            _ => None,
        };
        count.filter(|count| *count > 0)
    }

    /// Asks for the counts anew where something changed since, once the first page stands; nobody waits for them. While one reviews, each answer says how
    /// far one is, and all is counted when one leaves.
    pub(super) fn settle_tally(&mut self) {
        let begun = !self.tallied.is_empty() || !self.library.rows.is_empty();
        if self.tallied != self.generation && begun && self.screen != Screen::Review {
            self.tallied.clone_from(&self.generation);
            self.want(Task::Tally);
        }
    }

    /// Takes in how far one is with the queue that is open.
    pub(super) fn tally_done(&mut self, before: usize, after: usize) {
        if let Some(open) = &mut self.tally.review {
            *open = (*open + before as u64).saturating_sub(after as u64);
        }
    }

    /// Takes the counts in.
    pub(super) fn tallied(&mut self, mut tally: Tally) {
        // The first answers of a recount know less than the count before.
        tally.review = tally.review.or(self.tally.review);
        tally.redactions = tally.redactions.or(self.tally.redactions);
        tally.pairs = tally.pairs.or(self.tally.pairs);
        let unread = tally.unread.max(self.tally.unread);
        if tally.unread > self.tally.unread {
            let text = format!(
                "{} of the journal {} written by a newer ossia, and {} not understood here: nothing of them is lost, and the newer program reads them",
                crate::text::human::plural(usize::try_from(tally.unread).unwrap_or(0), "decision"),
                if tally.unread == 1 { "was" } else { "were" },
                if tally.unread == 1 { "is" } else { "are" },
            );
            self.tell(super::Told::bad(text));
        }
        self.tally = Tally { unread, ..tally };
    }
}
