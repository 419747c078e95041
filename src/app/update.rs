//! The one function that changes the state.

use super::message::Msg;
use super::overlay::Overlay;
use super::state::State;
use super::task::Task;
use super::tour::Met;
use crate::command::{Code, Found, Key};
use crate::text::clean;

/// Changes the state by what happened at a time (ms since the epoch), and gives what is to be done.
pub fn update(state: &mut State, now_ms: i64, msg: Msg) -> Vec<Task> {
    state.now_ms = now_ms;
    if state.toast.as_ref().is_some_and(|toast| toast.until <= now_ms) {
        state.toast = None;
    }
    match msg {
        Msg::Key(key) => state.key(key),
        Msg::Paste(text) => state.paste(&text),
        Msg::Mouse(mouse) => state.mouse(mouse),
        Msg::Resize(width, height) => state.terminal = (width, height),
        Msg::Tick => {}
        Msg::Stored | Msg::Resumed => state.want(Task::Look),
        Msg::Answer(answer) => state.answer(answer),
    }
    state.tour_met(Met::On(state.screen));
    state.fit();
    state.settle();
    state.take_tasks()
}

impl State {
    pub(super) fn key(&mut self, key: Key) {
        // What went wrong is put away first; a key pressed after any message was read is an answer to it.
        let told = self.toast.take();
        // A value was shown in the clear until the next key.
        let shown = self.redactions.revealed.take().is_some();
        if key.code == Code::Esc && (shown || told.is_some_and(|toast| toast.told.bad)) {
            return;
        }
        if self.hold(key) {
            return;
        }
        let before = self.screen;
        self.key_here(key);
        // Whoever writes or goes to another screen while something is being opened is not brought back by it.
        self.gone_on |= self.opening.is_some() && (self.screen != before || self.writes());
    }

    fn key_here(&mut self, key: Key) {
        match self.overlays.last_mut() {
            Some(Overlay::Picker(_)) => return self.picker_key(key),
            Some(Overlay::Prompt(_)) => return self.prompt_key(key),
            Some(Overlay::Span(_)) => return self.span_key(key),
            Some(Overlay::Page(_)) => {}
            None if self.screen == super::Screen::Library && self.library.typing => return self.query_key(key),
            None => {}
        }
        if self.overlays.is_empty() && (self.answer_key(key) || self.strength_key(key)) {
            return;
        }
        if let Some(job) = self.job.as_mut().filter(|_| self.pending.is_empty() && key.code == Code::Esc && self.overlays.is_empty()) {
            // What is under way is finished first; that it was heard is seen at once.
            job.name = clean("stopping");
            return self.want(Task::Cancel);
        }
        if key.code == Code::Esc && self.pending.is_empty() && self.overlays.is_empty() && self.forget_hits() {
            return;
        }
        if key.code == Code::Esc && self.pending.is_empty() && self.is_at_the_door() {
            return self.note("q quits");
        }
        self.command_key(key);
    }

    /// Tells whether there is nothing to leave but the program.
    fn is_at_the_door(&self) -> bool {
        let library = &self.library;
        self.overlays.is_empty() && self.screen == super::Screen::Library && !library.in_facets && library.marked.is_empty() && library.query.text().is_empty()
    }

    /// Takes a key as a part of a command.
    fn command_key(&mut self, key: Key) {
        let place = self.place_bits();
        if !self.pending.is_empty() && key.code == Code::Esc {
            return self.pending.clear();
        }
        self.pending.push(key);
        match self.keymap.find(place, &self.pending) {
            Found::Command(command) => {
                self.pending.clear();
                self.act(command);
            }
            Found::Prefix => {}
            Found::Nothing => {
                let typed = std::mem::take(&mut self.pending);
                // A prefix that leads nowhere gives the key another chance by itself.
                if typed.len() > 1 && self.keymap.find(place, &[key]) != Found::Nothing {
                    return self.command_key(key);
                }
                if key.code != Code::Esc {
                    self.note(&format!("{} does nothing here; ? shows the keys", crate::command::spell(&typed)));
                }
            }
        }
    }

    fn paste(&mut self, text: &str) {
        match self.overlays.last_mut() {
            Some(Overlay::Picker(picker)) => {
                picker.input.insert(text);
                picker.narrow();
            }
            Some(Overlay::Prompt(prompt)) => prompt.input.insert(text),
            None if self.screen == super::Screen::Library && self.library.typing => {
                self.library.query.insert(text);
                self.query_changed();
            }
            _ => {}
        }
    }
}
