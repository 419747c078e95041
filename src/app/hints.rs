//! What the footer names: commands that work here and now, with their keys.

use super::overlay::{Kind, Overlay};
use super::reading::Jump;
use super::state::{Screen, State};
use crate::command::{Command, spell};
use crate::text::{Clean, clean};

/// Commands that the footer of each screen names, the most useful first.
const LIBRARY: &[Command] = &[
    Command::Open,
    Command::Search,
    Command::Facets,
    Command::Hits,
    Command::Mark,
    Command::Compare,
    Command::LabelMarked,
    Command::QueueThese,
    Command::Sort,
    Command::CopyId,
    Command::Palette,
    Command::Help,
];
const FACETS: &[Command] = &[Command::Open, Command::Facets, Command::Search, Command::Help];
const TRAJECTORY: &[Command] = &[
    Command::NextHit,
    Command::NextWait,
    Command::NextDenial,
    Command::NextRetry,
    Command::CopyId,
    Command::OtherEnd,
    Command::NextError,
    Command::NextFinding,
    Command::NextUnlabelled,
    Command::NextRedaction,
    Command::Search,
    Command::Executions,
    Command::Tools,
    Command::Thinking,
    Command::Raw,
    Command::Lineage,
    Command::Help,
];
const DETAIL: &[Command] = &[Command::Back, Command::Mark, Command::Search, Command::Wrap, Command::Copy, Command::Edit, Command::Raw, Command::Help];
const COMPARE: &[Command] = &[Command::NextHit, Command::MakePair, Command::Open, Command::Tools, Command::Copy, Command::Back, Command::Help];
const REDACTIONS: &[Command] = &[
    Command::Redact,
    Command::KeepValue,
    Command::AlreadyRedacted,
    Command::Escalate,
    Command::Unmask,
    Command::NextRedaction,
    Command::UndoVerdict,
    Command::Open,
    Command::GroupBy,
    Command::Decided,
    Command::MoveSpan,
    Command::ThisPlace,
    Command::SkipFinding,
    Command::NextScreen,
    Command::Help,
];
const PAIRS: &[Command] = &[
    Command::BetterA,
    Command::BetterB,
    Command::NeitherBetter,
    Command::SkipPair,
    Command::PairList,
    Command::PairReason,
    Command::Stronger,
    Command::SwapSides,
    Command::RewriteSide,
    Command::UndoVerdict,
    Command::BlindOrder,
    Command::NextPair,
    Command::Open,
    Command::NextScreen,
    Command::Help,
];
const DATASET: &[Command] = &[
    Command::Open,
    Command::Export,
    Command::OverrideGate,
    Command::QueueThese,
    Command::KeptBack,
    Command::EditDataset,
    Command::NewDataset,
    Command::PageDown,
    Command::NextScreen,
    Command::Palette,
    Command::Help,
];
const DATASET_ROWS: &[Command] = &[Command::NextShape, Command::Open, Command::Back, Command::Wrap, Command::Export, Command::Help];
const INSIGHTS: &[Command] =
    &[Command::Search, Command::NextRow, Command::PageDown, Command::GroupBy, Command::NextScreen, Command::GoLibrary, Command::Palette, Command::Help];
const RULES: &[Command] =
    &[Command::Open, Command::FilterByRule, Command::Search, Command::Back, Command::GoReview, Command::NextScreen, Command::Palette, Command::Help];
const REVIEW: &[Command] = &[
    Command::TakeProposal,
    Command::Refuse,
    Command::Names,
    Command::ChangeAnswer,
    Command::PreviousItem,
    Command::Undo,
    Command::Later,
    Command::Note,
    Command::Flag,
    Command::Guide,
    Command::Reveal,
    Command::Mark,
    Command::Queue,
    Command::Open,
    Command::Help,
];
const PAGE: &[Command] = &[Command::Back, Command::Search, Command::NextHit, Command::Wrap, Command::Copy, Command::Edit];

impl State {
    /// Gives keys and words for the footer.
    #[must_use]
    pub fn hints(&self) -> Vec<(Clean, Clean)> {
        let said = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, word)| (clean(key), clean(word))).collect();
        match self.overlays.last() {
            Some(Overlay::Picker(picker)) if picker.kind == Kind::Columns => {
                return said(&[("enter", "show or hide"), ("up down", "choose"), ("esc", "close")]);
            }
            Some(Overlay::Picker(_)) => return said(&[("enter", "choose"), ("up down", "move"), ("esc", "close")]),
            Some(Overlay::Prompt(_)) => return said(&[("enter", "go"), ("esc", "close")]),
            Some(Overlay::Span(_)) => return said(&[("h l w b e j k", "move"), ("v", "begin"), ("o", "other end"), ("enter", "take it"), ("esc", "close")]),
            Some(Overlay::Page(_)) => return self.named(PAGE),
            None => {}
        }
        match self.screen {
            Screen::Library if self.library.typing => said(&[("enter", "keep"), ("tab", "complete"), ("up down", "choose"), ("esc", "clear")]),
            Screen::Library if self.library.in_facets => self.named(FACETS),
            Screen::Library => self.named(LIBRARY),
            Screen::Trajectory if self.reading.as_ref().is_some_and(|reading| reading.in_detail) => self.named(DETAIL),
            Screen::Trajectory => self.trajectory_hints(),
            Screen::Compare => self.named(COMPARE),
            Screen::Review if self.review.is_none() => said(&[("enter", "choose a queue"), ("tab", "next screen"), ("?", "help")]),
            Screen::Review => self.review_hints(),
            Screen::Redactions => self.named(REDACTIONS),
            Screen::Pairs => self.named(PAIRS),
            Screen::Dataset if self.datasets.rows.is_some() => self.named(DATASET_ROWS),
            Screen::Dataset => self.named(DATASET),
            Screen::Insights => self.named(INSIGHTS),
            Screen::Rules => self.named(RULES),
        }
    }

    fn named(&self, commands: &[Command]) -> Vec<(Clean, Clean)> {
        let works = commands.iter().filter(|command| self.works(**command));
        works.filter_map(|command| Some((clean(&spell(&self.keymap.of(*command).next()?.keys)), self.word(*command)))).collect()
    }

    fn trajectory_hints(&self) -> Vec<(Clean, Clean)> {
        let asked = self.reading.as_ref().and_then(|reading| reading.ties.margin.asked(reading.at()));
        let digits = asked.map(|question| (clean(&question.keys().replace(" to ", "-")), clean(&question.id)));
        let mut hints = self.named(TRAJECTORY);
        // After the jumps that go on from here, before what is done with the step.
        hints.splice(hints.len().min(3)..hints.len().min(3), digits);
        hints
    }

    fn review_hints(&self) -> Vec<(Clean, Clean)> {
        let asked = self.review.as_ref().and_then(|review| review.asked()).map(|asked| &asked.question);
        let digits = asked.map(|question| (clean(&format!("{} {}", question.keys().replace(" to ", "-"), question.cannot_tell)), clean("answer")));
        digits.into_iter().chain(self.named(REVIEW)).collect()
    }

    fn word(&self, command: Command) -> Clean {
        match command {
            Command::Hits if self.library.shows_steps() => clean("trajectories"),
            // In the page of a step it marks letters, not rows.
            Command::Mark if self.screen == Screen::Trajectory => clean("mark a secret"),
            Command::Back if matches!(self.overlays.last(), Some(Overlay::Page(_))) => clean("close"),
            Command::Back => clean("back"),
            Command::NextHit if self.screen == Screen::Compare => clean("next difference"),
            Command::Search if matches!(self.screen, Screen::Insights | Screen::Rules) => clean("filter"),
            Command::TakeProposal if self.settles() => clean("as A"),
            Command::Refuse => clean("as B"),
            Command::GoReview => clean("review"),
            Command::Queue => clean("queues"),
            Command::Open if self.screen == Screen::Review && self.review.as_ref().is_some_and(|review| !review.revealed()) => clean("all of it, early"),
            Command::Open if self.screen == Screen::Rules && !self.rules.in_page => clean("findings"),
            Command::NextRow => clean("down"),
            Command::PageDown => clean("page down"),
            Command::NextScreen => clean("next screen"),
            Command::GoLibrary => clean("library"),
            Command::Open if self.screen == Screen::Dataset && self.datasets.rows.is_none() => clean("rows"),
            Command::Open if self.screen == Screen::Dataset => clean("line"),
            Command::NextRedaction if self.screen == Screen::Redactions => clean("next place"),
            Command::Wrap => clean("wrap"),
            Command::Edit => clean("editor"),
            Command::Open if self.screen == Screen::Library && self.library.in_facets => clean("filter"),
            Command::Facets if self.library.in_facets => clean("leave"),
            Command::QueueThese if self.screen == Screen::Dataset => clean("judge"),
            _ => clean(command.hint()),
        }
    }

    fn settles(&self) -> bool {
        self.review.as_ref().is_some_and(super::Review::settles)
    }

    /// Tells whether a command would do something here and now.
    fn works(&self, command: Command) -> bool {
        let reading = self.reading.as_ref();
        let any = |to: Jump| reading.is_some_and(|reading| reading.jump(to, true).or_else(|| reading.jump(to, false)).is_some());
        match command {
            Command::Open | Command::Mark | Command::CopyId if self.screen == Screen::Library && !self.library.in_facets => !self.library.is_empty(),
            Command::Hits => self.library.asks(),
            Command::LabelMarked => !self.library.marked.is_empty(),
            Command::QueueThese if self.screen == Screen::Dataset => !self.kept_back().is_empty(),
            Command::KeptBack => self.keeps_back(),
            Command::QueueThese => !self.library.is_empty(),
            Command::Facets => self.library.facets.values().any(|values| !values.is_empty()),
            Command::Sort => !self.library.is_empty(),
            Command::OverrideGate => self.broken_gate().is_some(),
            Command::Export | Command::EditDataset => self.datasets.board.as_ref().is_some_and(|board| board.sheet.is_some()),
            Command::Open if self.screen == Screen::Dataset => self.datasets.board.as_ref().is_some_and(|board| board.sheet.is_some()),
            _ if self.screen == Screen::Pairs && PAIRS.contains(&command) && !matches!(command, Command::NextScreen | Command::Help) => {
                self.pairs.pair().is_some()
            }
            Command::Compare if self.screen == Screen::Library => !self.library.marked.is_empty() || (reading.is_some() && !self.library.is_empty()),
            Command::NextWait => any(Jump::Wait),
            Command::NextDenial => any(Jump::Denial),
            Command::NextRetry => any(Jump::Retry),
            Command::NextError => any(Jump::Error),
            Command::NextFinding => any(Jump::Finding),
            Command::NextUnlabelled => any(Jump::Unlabelled),
            Command::NextRedaction if self.screen == Screen::Redactions => self.redactions.chosen().len() > 1,
            Command::Redact | Command::KeepValue | Command::AlreadyRedacted | Command::Escalate | Command::Unmask | Command::SkipFinding => {
                !self.redactions.chosen().is_empty()
            }
            Command::MoveSpan | Command::ThisPlace => !self.redactions.chosen().is_empty(),
            Command::Open if self.screen == Screen::Redactions => !self.redactions.chosen().is_empty(),
            Command::NextRedaction => any(Jump::Redaction),
            Command::OtherEnd => reading.is_some_and(|reading| reading.other_end().is_some()),
            Command::NextHit if self.screen == Screen::Trajectory => reading.is_some_and(|reading| !reading.hits.is_empty()),
            Command::NextHit if self.screen != Screen::Compare => matches!(self.overlays.last(), Some(Overlay::Page(sheet)) if sheet.page.search().is_some()),
            // Of a blind queue the whole trajectory stays shut.
            Command::Open if self.screen == Screen::Review => self.review.as_ref().is_some_and(|review| !review.at.blind),
            Command::TakeProposal => self.review.as_ref().is_some_and(|review| review.proposal().is_some() || (review.settles() && review.asked().is_some())),
            Command::Refuse => self.settles() && self.review.as_ref().is_some_and(|review| review.asked().is_some()),
            // While a question is open, answering it is what counts.
            Command::ChangeAnswer => self.review.as_ref().is_some_and(|review| review.asked().is_none() && review.at.item.is_some()),
            Command::PreviousItem => self.review.as_ref().is_some_and(|review| review.asked().is_none() && review.at.place > 0),
            Command::Later => self.review.as_ref().is_some_and(|review| review.asked().is_some() || review.at.progress.done < review.at.progress.total),
            Command::Names => self.review.as_ref().is_some_and(super::Review::settles),
            Command::Reveal => self.review.as_ref().is_some_and(|review| !review.revealed()),
            Command::Executions => reading.is_some_and(|reading| !reading.trajectory.executions.is_empty()),
            Command::Thinking => reading.is_some_and(|reading| reading.trajectory.steps.iter().any(|step| step.kind == crate::model::Kind::Thinking)),
            _ => true,
        }
    }

    /// Gives what may follow the keys pressed so far: keys and what they do.
    #[must_use]
    pub fn following(&self) -> Vec<(Clean, Clean)> {
        if self.pending.is_empty() {
            return Vec::new();
        }
        let typed = self.pending.len();
        let following = self.keymap.following(self.place_bits(), &self.pending);
        following.map(|binding| (clean(&spell(binding.keys.get(typed..).unwrap_or_default())), clean(binding.command.doc()))).collect()
    }
}
