//! What was read before a verdict is read again after it: what must not be seen any more is masked wherever it is shown.

use crate::app::message::{Opened, Wanted};
use crate::app::review::ReviewAct;
use crate::app::state::State;
use crate::app::task::Task;

impl State {
    /// Reads again what is open elsewhere, without going there.
    pub(in crate::app) fn read_anew(&mut self) {
        // Two that were compared are compared anew when somebody wants to.
        self.comparison = None;
        if let Some(number) = self.reading.as_ref().map(|reading| reading.number) {
            let ticket = self.ask();
            self.rereading = Some(ticket);
            self.want(Task::Open { ticket, what: Wanted::Number(number, None) });
        }
        if let Some(place) = self.review.as_ref().map(|review| review.at.place) {
            self.want(Task::Review(ReviewAct::Go(place)));
        }
    }

    /// Takes in what was read again; tells whether it was that.
    pub(in crate::app) fn reread(&mut self, ticket: u64, result: &Result<Opened, String>, partial: bool) -> bool {
        if self.rereading != Some(ticket) {
            return false;
        }
        self.rereading = self.rereading.filter(|_| partial);
        match (result, &mut self.reading) {
            (Ok(opened), Some(reading)) if reading.number == opened.number => reading.renew(opened.trajectory.clone(), partial),
            // What cannot be read again is not shown as it was.
            (Err(_), reading) => *reading = None,
            _ => {}
        }
        true
    }
}
