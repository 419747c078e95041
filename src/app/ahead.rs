//! Keys typed ahead: they wait while an act is on its way to the disk, and never answer a question that was not seen yet.

use super::overlay::{Kind, Overlay};
use super::state::{Screen, State};
use crate::command::{Code, Key};
use crate::text::human;

/// Keys typed ahead.
#[derive(Debug, Default)]
pub struct Ahead {
    /// The screen whose keys wait.
    screen: Option<Screen>,
    /// The keys that wait.
    held: Vec<Key>,
}

impl State {
    /// Lets the keys of a screen wait until what was asked for there is done.
    pub(super) const fn wait_on(&mut self, screen: Screen) {
        self.ahead.screen = Some(screen);
    }

    /// Keeps a key for later where keys wait, and tells whether it did. Esc gives up what was typed ahead.
    pub(super) fn hold(&mut self, key: Key) -> bool {
        let writes = matches!(self.overlays.last(), Some(Overlay::Picker(_) | Overlay::Prompt(_) | Overlay::Span(_)));
        if writes || self.ahead.screen != Some(self.screen) {
            return false;
        }
        if key.code == Code::Esc {
            self.ahead.held.clear();
            return false;
        }
        self.ahead.held.push(key);
        true
    }

    /// Ends the waiting, and gives the keys that waited.
    pub(super) fn end_wait(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.ahead).held
    }

    /// Presses keys that waited. Where that asks a question of which nobody knew when they were typed, the rest is dropped, aloud.
    pub(super) fn press_held(&mut self, held: Vec<Key>) {
        let count = held.len();
        for (at, key) in held.into_iter().enumerate() {
            self.key(key);
            if matches!(self.overlays.last(), Some(Overlay::Picker(picker)) if matches!(picker.kind, Kind::Bulk | Kind::Labels | Kind::Quotes)) {
                return self.not_taken(count - at - 1);
            }
        }
    }

    /// Says how many keys were dropped, since a question came up after they were typed.
    pub(super) fn not_taken(&mut self, count: usize) {
        if count > 0 {
            self.note(&format!("{} typed before this question came up: not taken as its answer", human::plural(count, "key")));
        }
    }
}
