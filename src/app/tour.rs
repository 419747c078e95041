//! The tour: seven stops, each asks for one key and says what it did; it stands below the screen and takes no key from it.

use super::Input;
use super::mouse::way;
use super::state::{Screen, State};
use crate::command::{Command, spell};
use crate::text::{Clean, clean};
use std::fmt::Write;

/// Rows that the tour takes from the foot of the screen.
const ROWS: u16 = 4;
/// The least a terminal must have for the tour to stand in it: columns and rows.
const LEAST: (u16, u16) = (60, 20);
/// What the library is asked for, so that the first row has something to show.
const QUERY: &str = "is:denied";

/// What brings the tour to its next stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// A screen is reached.
    On(Screen),
    /// A command is done.
    Did(Command),
    /// A question of the review is answered.
    Answered,
}

struct Stop {
    /// Where the key works.
    screen: Screen,
    /// What to press; a command in braces stands for its key.
    ask: &'static str,
    met: Met,
    /// What just happened.
    then: &'static str,
}

const STOPS: &[Stop] = &[
    Stop {
        screen: Screen::Library,
        ask: "These are sessions in which somebody said no to what an agent wanted to do. Press {open} to open the chosen one.",
        met: Met::On(Screen::Trajectory),
        then: "This is what happened in it, from top to bottom; the pane beside or below tells more of the chosen step.",
    },
    Stop {
        screen: Screen::Trajectory,
        ask: "Press {next-denial} to jump to the no, or to the next one where you stand at it already.",
        met: Met::Did(Command::NextDenial),
        then: "The call was asked for and refused: the lane draws how long the answer took, the pane says who gave it and why.",
    },
    Stop {
        screen: Screen::Trajectory,
        ask: "Press {next-retry} to see whether it was tried again.",
        met: Met::Did(Command::NextRetry),
        then: "Every retry is tied to what it repeats; {other-end} goes back and forth between the two.",
    },
    Stop {
        screen: Screen::Trajectory,
        ask: "Press {go-review}, and enter for the first queue, to judge such points yourself.",
        met: Met::On(Screen::Review),
        then: "You see what the agent knew when it acted, and no more, so that the outcome cannot sway you.",
    },
    Stop {
        screen: Screen::Review,
        ask: "Press the digit of an answer, or {take} where one is proposed.",
        met: Met::Answered,
        then: "The answer was on disk before the next question was drawn; {undo} takes it back, and the journal keeps both.",
    },
    Stop {
        screen: Screen::Review,
        ask: "Press {go-redactions} to see what must not leave this machine.",
        met: Met::On(Screen::Redactions),
        then: "Each row is one value with all its places, masked. What is decided here holds wherever it stands, and in every export.",
    },
    Stop {
        screen: Screen::Redactions,
        ask: "Press {go-dataset} to see what would leave.",
        met: Met::On(Screen::Dataset),
        then: "What a gate keeps back is listed with its reason; {export} writes all the rest into a folder, and {open} shows its rows.",
    },
];

/// How far a person is in the tour; it can be left and taken up again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tour {
    /// The stop, from 0.
    pub at: usize,
    /// Whether it is shown.
    pub on: bool,
    /// Whether the last stop was left out, so that nothing happened there.
    pub skipped: bool,
}

/// What the tour says: its title, the text, and how to go on without it.
pub struct Guide {
    /// Which stop it is.
    pub title: Clean,
    /// What just happened, and what to press.
    pub text: Clean,
    /// How to skip a stop and how to leave.
    pub aside: Clean,
}

impl State {
    /// Skips a stop of the tour; else takes it up where it was left, or leaves it.
    pub(super) fn act_on_tour(&mut self, skips: bool) {
        if skips { self.skip_stop() } else { self.toggle_tour() }
    }

    fn toggle_tour(&mut self) {
        if self.tour.on {
            self.tour.on = false;
            self.fit();
            return self.note("left the tour; :tour takes it up here again");
        }
        self.begin_tour();
    }

    /// Takes the tour up where it was left, from the first stop if it was seen to its end.
    pub fn begin_tour(&mut self) {
        let library = &self.library;
        if library.answered > 0 && !library.partial && !library.asks() && library.is_empty() {
            return self.note("the tour walks through sessions, and there are none here yet: `ossia demo` has some, :import brings yours");
        }
        let at = if self.tour.at >= STOPS.len() { 0 } else { self.tour.at };
        self.tour = Tour { at, on: true, skipped: self.tour.skipped && at > 0 };
        self.fit();
        if self.size == self.terminal {
            self.tour.on = false;
            return self.note(&format!("the tour needs {} columns and {} rows", LEAST.0, LEAST.1));
        }
        if at == 0 {
            self.overlays.clear();
            self.screen = Screen::Library;
            if self.library.query.text() != QUERY {
                self.library.query = Input::of(QUERY);
                self.query_changed();
            }
        }
    }

    /// Leaves a stop out.
    fn skip_stop(&mut self) {
        if self.tour.on {
            self.go_on();
            self.tour.skipped = true;
        } else {
            self.note("no tour is under way; :tour begins one");
        }
    }

    /// Goes on where the stop's key was pressed.
    pub(super) fn tour_met(&mut self, met: Met) {
        if self.tour.on && STOPS.get(self.tour.at).is_some_and(|stop| stop.met == met) {
            self.go_on();
        }
    }

    const fn go_on(&mut self) {
        if self.tour.at >= STOPS.len() {
            // The last words were read.
            self.tour.on = false;
            self.fit();
        } else {
            self.tour.at += 1;
            self.tour.skipped = false;
        }
    }

    /// Gives the screen what the tour leaves of the terminal.
    pub(super) const fn fit(&mut self) {
        let (columns, rows) = self.terminal;
        let shown = self.tour.on && columns >= LEAST.0 && rows >= LEAST.1;
        self.size = (columns, if shown { rows - ROWS } else { rows });
    }

    /// Gives what the tour says, where it is shown.
    #[must_use]
    pub fn guide(&self) -> Option<Guide> {
        (self.size != self.terminal).then_some(())?;
        let at = self.tour.at;
        let said = at.checked_sub(1).filter(|_| !self.tour.skipped).and_then(|before| STOPS.get(before)).map_or("", |stop| stop.then);
        let Some(stop) = STOPS.get(at) else {
            let text = self.spelled(&format!("{said} That was the tour; {{go-pairs}} chooses between two turns. {{help}} shows the keys that work where you are, {{palette}} runs anything by name."));
            return Some(Guide { title: clean(" Tour: the end "), text, aside: self.spelled(" {tour-next} closes ") });
        };
        let elsewhere = self.screen != stop.screen && self.overlays.is_empty();
        let ask = if elsewhere && stop.met != Met::On(self.screen) {
            format!("The tour goes on in the {}: press {{{}}}.", stop.screen.title().to_lowercase(), way(stop.screen).name())
        } else {
            stop.ask.to_owned()
        };
        let title = clean(&format!(" Tour: {} of {} ", at + 1, STOPS.len()));
        Some(Guide { title, text: self.spelled(&format!("{said} {ask}")), aside: self.spelled(" {tour-next} skips   {tour} leaves ") })
    }

    /// Puts the keys of commands in the place of their names in braces.
    fn spelled(&self, text: &str) -> Clean {
        let mut out = String::new();
        for (n, piece) in text.split(['{', '}']).enumerate() {
            let command = (n % 2 == 1).then(|| Command::find(piece)).flatten();
            match command.map(|command| (command, self.keymap.of(command).next())) {
                Some((_, Some(binding))) => out += &spell(&binding.keys),
                // Writing to a String cannot fail.
                Some((command, None)) => drop(write!(out, ":{}", command.name())),
                None => out += piece,
            }
        }
        clean(out.trim_start())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_in_a_sentence_is_one() {
        for stop in STOPS {
            for name in stop.ask.split(['{', '}']).chain(stop.then.split(['{', '}'])).skip(1).step_by(2).filter(|piece| !piece.contains(' ')) {
                assert!(Command::find(name).is_some(), "{name}");
            }
        }
    }
}
