//! The screens that show what was worked out over many trajectories: what moving, opening and coming there does in each.

use super::list::Move;
use super::state::{Screen, State};

impl State {
    /// Gives the rows between the headings of such a screen and the footer.
    #[must_use]
    pub fn board_rows(&self) -> usize {
        usize::from(self.size.1.saturating_sub(4))
    }

    /// Asks anew for what the screen shows that one comes to.
    pub(super) fn come_to_board(&mut self) {
        if self.screen == Screen::Insights {
            self.renew_insights();
        }
    }

    /// Moves.
    pub(super) fn go_board(&mut self, how: Move) {
        let rows = self.board_rows();
        if self.screen == Screen::Insights {
            self.insights.go(how, rows);
        }
    }

    /// Brings what moved into sight, and asks for what is not known.
    pub(super) fn settle_board(&mut self) {
        self.settle_insights();
    }
}
