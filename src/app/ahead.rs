//! Keys typed ahead: they wait while an act is on its way to the disk, and never answer a question that was not seen yet.

use super::message::Told;
use super::overlay::{Kind, Overlay};
use super::state::{Screen, State};
use crate::command::{Code, Command, Found, Key};
use crate::text::human;

/// Keys typed ahead.
#[derive(Debug, Default)]
pub struct Ahead {
    /// The screen whose keys wait.
    screen: Option<Screen>,
    /// The keys that wait, each with the question that was seen when it was typed.
    held: Vec<Held>,
    /// The number under which it was asked what can be said of several.
    offers: Option<u64>,
}

/// A key that waits.
#[derive(Debug)]
pub(super) struct Held {
    key: Key,
    seen: Option<Seen>,
}

/// What is asked on the screen: the queue, the place in it, and the question.
type Seen = (String, usize, String);

impl State {
    /// Lets the keys of a screen wait until what was asked for there is done.
    pub(super) const fn wait_on(&mut self, screen: Screen) {
        self.ahead.screen = Some(screen);
    }

    /// Lets keys wait until it is known what can be said of several, and gives the number of the question.
    pub(super) const fn wait_for_offers(&mut self) -> u64 {
        let ticket = self.ask();
        self.wait_on(self.screen);
        self.ahead.offers = Some(ticket);
        ticket
    }

    /// Tells whether what can be said of several is still wanted under a number.
    pub(super) fn wants_offers(&self, ticket: u64) -> bool {
        self.ahead.offers == Some(ticket)
    }

    /// Tells whether keys wait here. What is written into a list, a question or the query answers only that.
    fn waits(&self) -> bool {
        !self.writes() && self.ahead.screen == Some(self.screen)
    }

    /// Tells whether what is typed now is written into a list, a question or the query.
    pub(super) fn writes(&self) -> bool {
        let searches = self.overlays.is_empty() && self.screen == Screen::Library && self.library.typing;
        searches || matches!(self.overlays.last(), Some(Overlay::Picker(_) | Overlay::Prompt(_) | Overlay::Span(_)))
    }

    /// Goes where an answer leads that was asked for. Whoever began to write meanwhile is left to it, and told: no letter of it may run a command.
    pub(super) fn arrive(&mut self, screen: Screen) {
        if self.screen == screen {
            return;
        }
        if self.writes() {
            return self.note(&format!("the {} is there; tab goes to it", screen.title().to_lowercase()));
        }
        self.screen = screen;
        self.overlays.clear();
    }

    /// Keeps a key for later where keys wait, and tells whether it is done with. Esc drops those that wait; what only moves or leaves never waits.
    pub(super) fn hold(&mut self, key: Key) -> bool {
        if !self.waits() {
            return false;
        }
        if key.code == Code::Esc {
            let offers = self.ahead.offers.is_some();
            // An act is on its way to the disk all the same: until it is there, no key answers what it answers.
            let held = if offers { self.end_wait() } else { std::mem::take(&mut self.ahead.held) };
            self.not_taken(held.len());
            if offers && held.is_empty() {
                self.note("what was marked is not labelled");
            }
            // What leaves the question leaves nothing else; an act is on its way, and there is only the screen to leave.
            return offers;
        }
        if !self.answers(key) {
            let typed: Vec<Key> = self.pending.iter().copied().chain([key]).collect();
            match self.keymap.find(self.place_bits(), &typed) {
                Found::Command(command) if only_looks(command) => return false,
                Found::Prefix => return false,
                _ => {}
            }
        }
        let seen = self.seen();
        let keys = std::mem::take(&mut self.pending).into_iter().chain([key]);
        self.ahead.held.extend(keys.map(|key| Held { key, seen: seen.clone() }));
        true
    }

    /// Gives what is asked on the screen.
    fn seen(&self) -> Option<Seen> {
        let review = self.review.as_ref().filter(|_| self.screen == Screen::Review)?;
        Some((review.at.queue.clone(), review.at.place, review.asked()?.question.id.clone()))
    }

    /// Tells whether a key would be an answer, or say something of what is asked.
    fn answers(&self, key: Key) -> bool {
        if !self.pending.is_empty() || !self.overlays.is_empty() || !matches!(self.screen, Screen::Review | Screen::Trajectory) {
            return false;
        }
        let questions = self.review.iter().filter(|_| self.screen == Screen::Review).flat_map(|review| &review.at.item).flat_map(|item| &item.questions);
        let opens = |typed: char| questions.into_iter().any(|asked| asked.question.opens_with == Some(typed));
        if key.typed().is_some_and(|typed| typed.is_ascii_digit() || opens(typed)) {
            return true;
        }
        let says = |command| matches!(command, Command::TakeProposal | Command::Refuse | Command::Alike | Command::Flag | Command::Unsure);
        matches!(self.keymap.find(self.place_bits(), &[key]), Found::Command(command) if says(command))
    }

    /// Ends the waiting, and gives the keys that waited.
    pub(super) fn end_wait(&mut self) -> Vec<Held> {
        std::mem::take(&mut self.ahead).held
    }

    /// Presses keys that waited. Where that asks a question of which nobody knew when they were typed, the rest is dropped, aloud.
    pub(super) fn press_held(&mut self, screen: Screen, held: Vec<Held>) {
        let count = held.len();
        // Whoever left did not mean them for where they went.
        if self.screen != screen {
            return self.not_taken(count);
        }
        // What began a command meanwhile was typed after them.
        let begun = std::mem::take(&mut self.pending);
        let mut held = held.into_iter().enumerate();
        while let Some((at, next)) = held.next() {
            if self.waits() {
                self.ahead.held.extend([next].into_iter().chain(held.map(|(_, next)| next)));
                self.ahead.held.extend(begun.into_iter().map(|key| Held { key, seen: None }));
                return;
            }
            // An answer to all that is marked is asked about before it counts.
            let asks_first = self.review.as_ref().is_some_and(|review| self.screen == Screen::Review && review.marked.len() > 1);
            if self.answers(next.key) && !asks_first && (next.seen.is_none() || next.seen != self.seen()) {
                return self.not_taken(count - at);
            }
            self.key(next.key);
            if matches!(self.overlays.last(), Some(Overlay::Picker(picker)) if matches!(picker.kind, Kind::Bulk | Kind::Labels | Kind::Quotes)) {
                return self.not_taken(count - at - 1);
            }
        }
        begun.into_iter().for_each(|key| self.key(key));
    }

    /// Says how many keys were dropped, since a question came up after they were typed.
    pub(super) fn not_taken(&mut self, count: usize) {
        if count > 0 {
            self.note(&format!("{} typed before this question came up: not taken as its answer", human::plural(count, "key")));
        }
    }

    /// Ends the waiting for what broke down, and says why; what was typed ahead was meant for what would have followed.
    pub(super) fn broke_down(&mut self, why: &str) {
        self.advance = false;
        let held = self.end_wait();
        self.not_taken(held.len());
        let rest = if held.is_empty() { String::new() } else { format!("; {} typed meanwhile: not taken", human::plural(held.len(), "key")) };
        self.tell(Told::bad(format!("{why}{rest}")));
    }
}

/// Tells whether a command only moves, shows or leaves: what an act under way cannot be confused by.
const fn only_looks(command: Command) -> bool {
    matches!(
        command,
        Command::Quit
            | Command::Back
            | Command::NextRow
            | Command::PreviousRow
            | Command::PageDown
            | Command::PageUp
            | Command::First
            | Command::Last
            | Command::ScrollLeft
            | Command::ScrollRight
            | Command::Guide
            | Command::Wrap
            | Command::Help
            | Command::Legend
            | Command::Redraw
            | Command::Suspend
            | Command::NextScreen
            | Command::PreviousScreen
            | Command::GoLibrary
            | Command::GoTrajectory
            | Command::GoReview
            | Command::GoRedactions
            | Command::GoPairs
            | Command::GoDataset
            | Command::GoInsights
            | Command::GoRules
    )
}
