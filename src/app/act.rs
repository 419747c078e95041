//! What each command does: one exhaustive match, in the order of the table.

use super::list::Move;
use super::overlay::Overlay;
use super::reading::Jump;
use super::state::{Screen, State};
use super::take::Take;
use super::task::Task;
use super::tour::Met;
use crate::command::Command;

impl State {
    /// Does what a command says.
    pub fn act(&mut self, command: Command) {
        self.tour_met(Met::Did(command));
        match command {
            Command::Open => self.open(),
            Command::Back => self.back(),
            Command::NextRow => self.go(Move::Rows(1)),
            Command::PreviousRow => self.go(Move::Rows(-1)),
            Command::PageDown => self.go(Move::Halves(1)),
            Command::PageUp => self.go(Move::Halves(-1)),
            Command::First => self.go(Move::First),
            Command::Last => self.go(Move::Last),
            Command::ScrollLeft => self.sideways(-1),
            Command::ScrollRight => self.sideways(1),
            Command::NextPrompt | Command::PreviousPrompt | Command::NextWait | Command::PreviousWait => self.jump_by(command),
            Command::NextDenial | Command::PreviousDenial | Command::NextRetry | Command::PreviousRetry => self.jump_by(command),
            Command::NextError | Command::PreviousError | Command::NextRedaction | Command::PreviousRedaction => self.jump_by(command),
            Command::NextFinding | Command::PreviousFinding | Command::NextUnlabelled | Command::PreviousUnlabelled => self.jump_by(command),
            Command::OtherEnd => self.other_end(),
            Command::TakeProposal | Command::Refuse | Command::Later | Command::PreviousItem | Command::Unsure => self.act_in_review(command),
            Command::Undo | Command::Redo | Command::Flag | Command::Note | Command::Guide | Command::Reveal | Command::Names => self.act_in_review(command),
            Command::EditNote | Command::ChangeAnswer | Command::Alike | Command::LabelMarked | Command::QueueThese => self.act_in_review(command),
            Command::Amend => self.fact_list(),
            Command::Legend => self.legend(),
            Command::Search => self.search(),
            Command::NextHit | Command::PreviousHit => self.next_hit(command == Command::NextHit),
            Command::Facets => self.toggle_facets(),
            Command::FilterByRule => self.filter_by_rule(),
            Command::Hits => self.toggle_hits(),
            Command::Sort => self.sorts(),
            Command::Columns => self.column_list(None),
            Command::SaveQuery => self.ask_query_name(),
            Command::Queries => self.query_list(),
            Command::Tools => self.toggle_shown(|shown| shown.tools = shown.tools.next()),
            Command::Thinking => self.toggle_shown(|shown| shown.thinking = !shown.thinking),
            Command::Context => self.toggle_shown(|shown| shown.context = !shown.context),
            Command::Raw => self.raw(),
            Command::Executions => self.execution_list(),
            Command::Lineage => self.lineage_list(),
            Command::Branches => self.branch_list(),
            Command::Issues => self.issues(),
            Command::Wrap | Command::Preview | Command::Ascii => self.toggle_look(command),
            Command::Split => self.turn_panes(),
            // In the page of a step, what is marked is a part of its text.
            Command::Mark if self.screen == Screen::Trajectory && self.reading.as_ref().is_some_and(|reading| reading.in_detail) => self.choose_span(),
            Command::Mark => self.mark(),
            Command::MarkAll => self.mark_all(),
            Command::Seen => self.toggle_seen(),
            Command::Copy => self.take(Take::Copy),
            Command::CopyId => self.copy_id(),
            Command::CopyMarkdown => self.take(Take::Markdown),
            Command::Edit => self.take(Take::Read(false)),
            Command::Pager => self.take(Take::Read(true)),
            Command::Compare => self.compare(),
            Command::Redact | Command::KeepValue | Command::AlreadyRedacted | Command::Escalate | Command::SkipFinding => self.judge_redaction(command),
            Command::Unmask | Command::ThisPlace | Command::GroupBy | Command::Decided => self.judge_redaction(command),
            Command::UndoVerdict | Command::RedoVerdict | Command::MoveSpan => self.judge_redaction(command),
            Command::NewDataset | Command::EditDataset | Command::NextShape | Command::OverrideGate => self.change_dataset(command),
            Command::Export | Command::KeptBack => self.change_dataset(command),
            Command::BetterA | Command::BetterB | Command::NeitherBetter | Command::Stronger | Command::Weaker => self.judge_pair(command),
            Command::SwapSides | Command::PairReason | Command::RewriteSide | Command::SkipPair | Command::BlindOrder => self.judge_pair(command),
            Command::NextPair | Command::PreviousPair | Command::PairList | Command::MakePair => self.judge_pair(command),
            Command::GoLibrary | Command::GoTrajectory | Command::GoRedactions | Command::GoDataset => self.go_screen(screen_of(command)),
            Command::GoInsights | Command::GoRules | Command::GoPairs => self.go_screen(screen_of(command)),
            Command::GoReview => self.go_review(),
            Command::Queue => self.choose_queue(),
            Command::NextScreen => self.next_screen(1),
            Command::PreviousScreen => self.next_screen(-1),
            Command::Palette => self.palette(),
            Command::Help => self.help(),
            Command::Theme => self.theme_list(),
            Command::Mouse => self.toggle_mouse(),
            Command::Tour | Command::TourNext => self.act_on_tour(command == Command::TourNext),
            Command::Import => self.overlays.push(Overlay::Prompt(super::Prompt { question: super::Question::ImportPath, input: super::Input::default() })),
            Command::Reload => self.reload(),
            Command::Redraw => self.want(Task::Redraw),
            Command::Suspend => self.want(Task::Suspend),
            Command::Quit => self.want(Task::Quit),
        }
    }

    const fn toggle_look(&mut self, command: Command) {
        let look = match command {
            Command::Wrap => &mut self.looks.wrap,
            Command::Preview => &mut self.looks.preview,
            _ => {
                self.library.previewing = None;
                &mut self.looks.ascii
            }
        };
        *look = !*look;
    }

    fn go(&mut self, how: Move) {
        let page = self.page_rows();
        if let Some(Overlay::Page(sheet)) = self.overlays.last_mut() {
            let height = usize::from(self.size.1.saturating_sub(4)).max(2);
            return sheet.page.go(how, height);
        }
        match self.screen {
            Screen::Library if self.library.in_facets => {
                let len = self.library.facet_rows().len();
                self.library.facet_list.go(how, len, page);
            }
            Screen::Library => {
                let len = self.library.len();
                self.library.list.go(how, len, page);
            }
            Screen::Trajectory => {
                let height = self.reading_areas().detail.rows();
                if let Some(reading) = &mut self.reading {
                    if reading.in_detail { reading.detail.go(how, height) } else { reading.go(how, page) }
                }
            }
            Screen::Compare => {
                if let Some(comparison) = &mut self.comparison {
                    comparison.list.go(how, comparison.pairs.len(), page);
                }
            }
            Screen::Review => {
                if let Some(review) = &mut self.review {
                    review.page.go(how, page);
                }
            }
            _ => self.go_board(how),
        }
    }

    fn sideways(&mut self, by: i16) {
        if let Some(Overlay::Page(sheet)) = self.overlays.last_mut() {
            sheet.page.left = sheet.page.left.saturating_add_signed(by * 8);
            return;
        }
        match self.screen {
            Screen::Library => self.library.in_facets = by < 0 && !self.library.facets.is_empty(),
            Screen::Trajectory => {
                let wrap = self.looks.wrap;
                if let Some(reading) = &mut self.reading {
                    // Where lines are wrapped there is nothing at the side but the other pane.
                    match (reading.in_detail, wrap) {
                        (true, false) if by > 0 || reading.detail.left > 0 => reading.detail.left = reading.detail.left.saturating_add_signed(by * 8),
                        (false, false) if by < 0 && reading.left > 0 => reading.left = reading.left.saturating_sub(8),
                        _ => reading.in_detail = by > 0,
                    }
                }
            }
            Screen::Compare => {
                if let Some(comparison) = &mut self.comparison {
                    comparison.side = usize::from(by > 0);
                }
            }
            Screen::Review => {}
            _ => self.sideways_board(by),
        }
    }

    fn back(&mut self) {
        if self.overlays.pop().is_some() {
            return;
        }
        match self.screen {
            Screen::Trajectory => match &mut self.reading {
                Some(reading) if reading.in_detail => reading.in_detail = false,
                Some(reading) if !reading.needle.is_empty() => reading.look_for(""),
                Some(reading) if !reading.marked.is_empty() => reading.marked.clear(),
                _ => self.screen = std::mem::replace(&mut self.from, Screen::Library),
            },
            Screen::Review => self.screen = Screen::Library,
            Screen::Compare => self.screen = self.comparison.as_ref().map_or(Screen::Library, |comparison| comparison.from),
            Screen::Library if self.library.in_facets => self.library.in_facets = false,
            Screen::Library if !self.library.marked.is_empty() => self.library.marked.clear(),
            Screen::Library if !self.library.query.text().is_empty() => {
                self.library.query = super::Input::default();
                self.query_changed();
            }
            Screen::Library => self.want(Task::Quit),
            _ => self.back_from_board(),
        }
    }

    fn jump_by(&mut self, command: Command) {
        if let Some((to, forwards)) = Jump::of(command) {
            self.jump(to, forwards);
        }
    }

    pub(super) fn jump(&mut self, to: Jump, forwards: bool) {
        if self.screen == Screen::Compare {
            return self.jump_compared(to, forwards);
        }
        if self.screen == Screen::Redactions {
            return self.next_place(forwards);
        }
        let Some(reading) = &mut self.reading else { return };
        match reading.jump(to, forwards) {
            Some(step) => {
                reading.go_to(step);
                let (at, of) = reading.counted(to);
                self.note(&format!("{} {at} of {of}", to.name()));
            }
            None => self.note(&format!("no {} {}", to.name(), if forwards { "below" } else { "above" })),
        }
    }

    fn other_end(&mut self) {
        let Some(reading) = &mut self.reading else { return };
        match reading.other_end() {
            Some(step) => reading.go_to(step),
            None => self.note("nothing is tried again here"),
        }
    }

    fn toggle_shown(&mut self, change: impl Fn(&mut super::Shown)) {
        let mut name = None;
        match (self.screen, &mut self.reading, &mut self.comparison) {
            (Screen::Compare, _, Some(comparison)) => {
                let mut shown = comparison.shown;
                change(&mut shown);
                comparison.show(shown);
            }
            (_, Some(reading), _) => {
                let mut shown = reading.shown;
                change(&mut shown);
                name = (shown.tools != reading.shown.tools).then(|| shown.tools.name());
                reading.show(shown);
            }
            _ => {}
        }
        if let Some(name) = name {
            self.note(&format!("tools {name}"));
        }
    }

    fn go_screen(&mut self, screen: Screen) {
        self.overlays.clear();
        if screen == Screen::Trajectory && self.reading.is_none() {
            return self.note("no trajectory was opened yet; enter opens the chosen one");
        }
        if screen == Screen::Redactions {
            // Whoever reads a session asks about that one; asked again, about all that the library shows.
            self.redactions.of = self.reading.as_ref().filter(|_| self.screen == Screen::Trajectory).map(|reading| reading.trajectory.id.clone());
        }
        self.screen = screen;
        self.come_to_board();
    }

    fn next_screen(&mut self, by: isize) {
        if self.screen == Screen::Trajectory && by > 0 {
            // Between the panes first.
            if let Some(reading) = self.reading.as_mut().filter(|reading| !reading.in_detail) {
                reading.in_detail = true;
                return;
            }
        }
        self.redactions.of = None;
        let screens: Vec<Screen> = Screen::ALL.iter().copied().filter(|screen| self.has(*screen)).collect();
        let at = screens.iter().position(|screen| *screen == self.screen).unwrap_or(0);
        let count = isize::try_from(screens.len()).unwrap_or(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
        self.screen = usize::try_from(next).ok().and_then(|at| screens.get(at).copied()).unwrap_or(Screen::Library);
        if let Some(reading) = &mut self.reading {
            reading.in_detail = false;
        }
        self.come_to_board();
    }

    fn turn_panes(&mut self) {
        let now = self.reading_areas().beside;
        self.looks.beside = Some(!now);
        if self.reading_areas().beside == now {
            self.looks.beside = None;
            self.note("there is no room for panes beside each other");
        }
    }

    fn toggle_mouse(&mut self) {
        self.looks.mouse = !self.looks.mouse;
        self.want(Task::Mouse(self.looks.mouse));
        let said = if self.looks.mouse { "the mouse scrolls and chooses; hold shift to select text" } else { "the mouse belongs to the terminal again" };
        self.note(said);
    }

    fn reload(&mut self) {
        self.generation.clear();
        self.want(Task::Look);
        self.note("looked again for what other programs imported");
    }
}

/// Gives the screen that a command goes to.
const fn screen_of(command: Command) -> Screen {
    match command {
        Command::GoTrajectory => Screen::Trajectory,
        Command::GoRedactions => Screen::Redactions,
        Command::GoDataset => Screen::Dataset,
        Command::GoInsights => Screen::Insights,
        Command::GoRules => Screen::Rules,
        Command::GoPairs => Screen::Pairs,
        _ => Screen::Library,
    }
}
