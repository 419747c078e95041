//! The screens that show what was worked out over many trajectories: what moving, opening and coming there does in each.

use super::Area;
use super::list::Move;
use super::state::{Screen, State};
use super::task::Task;
use crate::command::Command;
use crate::workspace::Verdict;

/// The least columns for list and page beside each other.
const BESIDE: u16 = 110;

impl State {
    /// Gives the rows between the headings of such a screen and the footer.
    #[must_use]
    pub fn board_rows(&self) -> usize {
        usize::from(self.size.1.saturating_sub(4))
    }

    /// Gives the areas of list and page: beside each other where there is room, else one over the other.
    #[must_use]
    pub fn board_areas(&self) -> (Area, Area) {
        let (width, height) = (self.size.0, self.size.1.saturating_sub(4));
        let short = self.screen == Screen::Dataset && self.datasets.rows.is_none();
        if width >= BESIDE {
            let left = if short { 34 } else { width * 9 / 20 };
            return (Area::new(0, 3, left, height), Area::new(left + 1, 3, width - left - 1, height));
        }
        let wanted =
            if short { self.datasets.board.as_ref().map_or(1, |board| u16::try_from(board.known.len()).unwrap_or(5).clamp(1, 5)) } else { height * 2 / 5 };
        let upper = wanted.min(height.saturating_sub(2)).max(1);
        (Area::new(0, 3, width, upper), Area::new(0, 4 + upper, width, height.saturating_sub(upper + 1)))
    }

    /// Does what a command says of redactions.
    pub(super) fn judge_redaction(&mut self, command: Command) {
        match command {
            Command::Redact => self.give_verdict(Verdict::Redact),
            Command::KeepValue => self.give_verdict(Verdict::Keep),
            Command::AlreadyRedacted => self.give_verdict(Verdict::AlreadyRedacted),
            Command::Escalate => self.give_verdict(Verdict::Escalate),
            Command::SkipFinding => self.skip_redaction(),
            Command::Unmask => self.reveal(),
            // Each screen takes back what was decided there, whatever was done elsewhere since.
            Command::UndoVerdict | Command::RedoVerdict => {
                let again = command == Command::RedoVerdict;
                self.want(if self.screen == Screen::Pairs { Task::TurnPair(again) } else { Task::TurnBack(again) });
            }
            Command::ThisPlace => self.toggle_alone(),
            Command::MoveSpan => self.choose_span(),
            Command::GroupBy if self.screen == Screen::Insights => self.next_apart(),
            Command::GroupBy => self.next_grouping(),
            Command::Decided => self.toggle_decided(),
            _ => {}
        }
    }

    /// Does what a command says of datasets.
    pub(super) fn change_dataset(&mut self, command: Command) {
        match command {
            Command::NewDataset => self.ask_dataset_name(),
            Command::EditDataset => self.edit_dataset(),
            Command::NextShape => self.next_shape(),
            Command::OverrideGate => self.ask_override(),
            Command::KeptBack => self.list_kept_back(),
            Command::Export => self.ask_export_folder(),
            _ => {}
        }
    }

    /// Asks anew for what the screen shows that one comes to.
    pub(super) fn come_to_board(&mut self) {
        match self.screen {
            Screen::Insights => self.renew_insights(),
            Screen::Rules => self.renew_rules(),
            Screen::Redactions => self.renew_redactions(),
            Screen::Pairs => self.renew_pairs(),
            Screen::Dataset => self.renew_datasets(),
            _ => {}
        }
    }

    /// Moves.
    pub(super) fn go_board(&mut self, how: Move) {
        let rows = self.board_rows();
        match self.screen {
            Screen::Insights => self.insights.go(how, rows),
            Screen::Rules => self.go_rule(how),
            Screen::Redactions => self.go_redaction(how),
            Screen::Pairs => self.go_pair(how),
            Screen::Dataset => self.go_dataset(how),
            _ => {}
        }
    }

    /// Goes to the pane at the left or right.
    pub(super) fn sideways_board(&mut self, by: i16) {
        match self.screen {
            Screen::Redactions => self.redactions.in_page = by > 0,
            Screen::Pairs => self.pairs.side = usize::from(by > 0),
            Screen::Dataset => self.datasets.in_page = by > 0,
            Screen::Rules => self.rules.in_page = by > 0 && !self.rules.findings().is_empty(),
            _ => {}
        }
    }

    /// Opens what is chosen.
    pub(super) fn open_board(&mut self) {
        match self.screen {
            Screen::Redactions => self.open_redaction(),
            Screen::Pairs => self.open_pair(),
            Screen::Dataset => self.open_dataset(),
            Screen::Rules => self.open_rule(),
            _ => {}
        }
    }

    /// Leaves what is open.
    pub(super) fn back_from_board(&mut self) {
        match self.screen {
            Screen::Redactions => self.back_from_redaction(),
            Screen::Dataset => self.back_from_dataset(),
            Screen::Rules => self.back_from_rule(),
            _ => self.screen = Screen::Library,
        }
    }

    /// Brings what moved into sight, and asks for what is not known.
    pub(super) fn settle_board(&mut self) {
        match self.screen {
            Screen::Insights => self.settle_insights(),
            Screen::Rules => self.settle_rules(),
            Screen::Redactions => self.settle_redactions(),
            Screen::Pairs => self.settle_pairs(),
            Screen::Dataset => self.settle_dataset(),
            _ => {}
        }
    }
}
