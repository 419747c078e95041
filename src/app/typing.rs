//! Writing: the line of the query, questions at the foot, and lists that are narrowed.

use super::Input;
use super::list::Move;
use super::message::Told;
use super::overlay::{Choice, Overlay, Prompt, Question};
use super::reading::Jump;
use super::state::{Screen, State};
use super::task::Task;
use crate::command::{Code, Key};
use std::collections::BTreeSet;

/// Steps that are asked for when steps are shown.
const STEPS: usize = 500;

impl State {
    /// Begins to search: the library by its query, a trajectory or page by text.
    pub(super) fn search(&mut self) {
        if self.overlays.is_empty() && self.screen == Screen::Library {
            self.library.typing = true;
            self.library.in_facets = false;
            // What is written next is a further word.
            if !self.library.query.text().is_empty() {
                self.library.query.next_word();
            }
            self.library.complete();
        } else if self.overlays.is_empty() && matches!(self.screen, Screen::Insights | Screen::Rules) {
            // What is counted is what the library shows: there is one query.
            self.screen = Screen::Library;
            self.search();
        } else {
            self.overlays.push(Overlay::Prompt(Prompt { question: Question::Find, input: Input::default() }));
        }
    }

    /// Takes a key in the line of the query.
    pub(super) fn query_key(&mut self, key: Key) {
        let page = self.page_rows();
        let len = self.library.len();
        match (key.code, key.ctrl) {
            // What was found before the mistake is not what is asked.
            (Code::Enter, _) if self.library.error.is_some() => self.note("the query has a mistake: mend it, or esc clears it"),
            (Code::Enter, _) => {
                self.library.keep();
                if let Some(left) = crate::query::left_out(self.library.query.text()) {
                    self.note(&left.said());
                }
            }
            (Code::Esc, _) | (Code::Char('c'), true) => {
                self.library.typing = false;
                if !self.library.query.text().is_empty() {
                    self.library.query = Input::default();
                    self.query_changed();
                }
            }
            (Code::Tab, _) => self.take_completion(),
            (Code::Down, _) | (Code::Char('n' | 'j'), true) => self.library.list.go(Move::Rows(1), len, page),
            (Code::Up, _) | (Code::Char('p' | 'k'), true) => self.library.list.go(Move::Rows(-1), len, page),
            (Code::PageDown, _) => self.library.list.go(Move::Halves(1), len, page),
            (Code::PageUp, _) => self.library.list.go(Move::Halves(-1), len, page),
            _ => {
                let before = self.library.query.text().to_owned();
                self.library.query.key(key);
                if self.library.query.text() == before { self.library.complete() } else { self.query_changed() }
            }
        }
        if !self.library.typing {
            self.library.completions.clear();
        }
    }

    fn take_completion(&mut self) {
        if let Some(completion) = self.library.completions.first().cloned() {
            self.library.query.replace(completion.replace, &completion.text);
            self.query_changed();
        }
    }

    /// Asks again after the line of the query changed.
    pub(super) fn query_changed(&mut self) {
        if self.library.typing {
            self.library.complete();
        }
        if self.library.understand() {
            self.library.as_steps = None;
            self.library.list = super::List::default();
            self.ask_library();
        }
    }

    /// Asks for what the library shows.
    pub(super) fn ask_library(&mut self) {
        let ticket = self.ask();
        self.library.ticket = ticket;
        let query = self.library.asked.clone();
        let steps = if self.library.shows_steps() { STEPS } else { 0 };
        self.want(Task::Find {
            ticket,
            query: query.clone(),
            sort: self.library.sort.name,
            descending: self.library.descending,
            steps,
            near: self.library.list.chosen,
        });
        let generation = self.generation.clone();
        self.want(Task::Count { ticket, query, generation });
    }

    /// Takes a key in a question.
    pub(super) fn prompt_key(&mut self, key: Key) {
        let Some(Overlay::Prompt(prompt)) = self.overlays.last_mut() else { return };
        match (key.code, key.ctrl) {
            (Code::Esc, _) | (Code::Char('c'), true) => {
                self.overlays.pop();
            }
            (Code::Enter, _) => {
                let (question, text) = (prompt.question, prompt.input.text().to_owned());
                self.overlays.pop();
                self.answered(question, &text);
            }
            _ => {
                prompt.input.key(key);
            }
        }
    }

    fn answered(&mut self, question: Question, text: &str) {
        match question {
            Question::Find => self.find(text),
            Question::Note => self.noted(text),
            Question::Why => self.amend(text),
            Question::PairReason => self.give_reason(text),
            Question::ImportPath if text.trim().is_empty() => {}
            Question::ImportPath => self.want(Task::Import(vec![text.trim().into()])),
            Question::DatasetName | Question::Override | Question::ExportFolder => self.answered_dataset(question, text),
            Question::QueryName => {
                let name = text.trim().to_owned();
                if name.is_empty() {
                    return;
                }
                let query = self.library.query.text().to_owned();
                self.queries.retain(|(known, _)| *known != name);
                self.tell(Told::good(format!("kept the query as {name}; g q chooses it")));
                self.queries.push((name, query));
            }
        }
    }

    fn find(&mut self, text: &str) {
        if let Some(Overlay::Page(sheet)) = self.overlays.last_mut() {
            sheet.page.find(text);
            if sheet.page.search().is_some_and(|(_, _, of)| of == 0) {
                self.note(&format!("{text:?} does not stand here"));
            }
            return;
        }
        let Some(reading) = self.reading.as_mut().filter(|_| self.screen == Screen::Trajectory) else { return };
        reading.look_for(text);
        if text.is_empty() {
            return;
        }
        if reading.unasked {
            // Where the texts lie on disk, a thread looks.
            reading.goes = true;
            return self.note("looking through the whole session");
        }
        self.go_to_found();
    }

    /// Takes in where a text stands.
    pub(super) fn held(&mut self, number: i64, needle: &str, hits: BTreeSet<usize>) {
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.number == number && reading.needle == needle) else { return };
        reading.hits = hits;
        reading.mark_page();
        if std::mem::take(&mut reading.goes) {
            self.go_to_found();
        }
    }

    /// Goes to what was looked for, unless one stands at it.
    fn go_to_found(&mut self) {
        let Some(reading) = &self.reading else { return };
        let text = reading.needle.clone();
        if reading.hits.is_empty() {
            return self.note(&format!("{text:?} does not stand in this trajectory"));
        }
        if reading.hits.contains(&reading.at()) {
            let (at, of) = reading.counted(Jump::Hit);
            return self.note(&format!("hit {at} of {of}"));
        }
        let forwards = reading.jump(Jump::Hit, true).is_some();
        self.jump(Jump::Hit, forwards);
    }

    /// Goes to the next hit of a search.
    pub(super) fn next_hit(&mut self, forwards: bool) {
        if let Some(Overlay::Page(sheet)) = self.overlays.last_mut() {
            return sheet.page.next_hit(if forwards { 1 } else { -1 });
        }
        match self.screen {
            Screen::Library => {
                let (len, page) = (self.library.len(), self.page_rows());
                self.library.list.go(Move::Rows(if forwards { 1 } else { -1 }), len, page);
            }
            // Where nothing is looked for, n is what it is in the review.
            Screen::Trajectory if !forwards && self.reading.as_ref().is_some_and(|reading| reading.hits.is_empty() && reading.needle.is_empty()) => {
                self.note("nothing is looked for here; / begins")
            }
            Screen::Trajectory if forwards && self.reading.as_ref().is_some_and(|reading| reading.hits.is_empty() && reading.needle.is_empty()) => {
                self.begin_note_here()
            }
            Screen::Trajectory => self.jump(Jump::Hit, forwards),
            Screen::Compare => self.jump_compared(Jump::Hit, forwards),
            Screen::Review => {}
            _ => {}
        }
    }

    /// Takes a key in a list.
    pub(super) fn picker_key(&mut self, key: Key) {
        let rows = usize::from(self.picker_area().height.saturating_sub(2)).max(1);
        let Some(Overlay::Picker(picker)) = self.overlays.last_mut() else { return };
        let len = picker.shown.len();
        let moved = match (key.code, key.ctrl) {
            (Code::Down, _) | (Code::Char('n' | 'j'), true) => Some(Move::Rows(1)),
            (Code::Up, _) | (Code::Char('p' | 'k'), true) => Some(Move::Rows(-1)),
            (Code::PageDown, _) | (Code::Char('d'), true) => Some(Move::Halves(1)),
            (Code::PageUp, _) | (Code::Char('u'), true) if picker.input.text().is_empty() => Some(Move::Halves(-1)),
            (Code::Tab, _) => Some(Move::Rows(if key.shift { -1 } else { 1 })),
            _ => None,
        };
        if let Some(how) = moved {
            picker.list.go(how, len, rows);
            picker.skip_headings(if matches!(how, Move::Rows(by) | Move::Halves(by) if by < 0) { -1 } else { 1 });
            picker.list.settle(len, rows);
            return self.preview_choice();
        }
        match (key.code, key.ctrl) {
            (Code::Esc, _) | (Code::Char('c'), true) => self.leave_picker(),
            (Code::Enter, _) => self.choose(),
            _ => {
                if key.code == Code::Backspace && picker.input.text().is_empty() {
                    return self.leave_picker();
                }
                picker.input.key(key);
                picker.narrow();
                self.preview_choice();
            }
        }
    }

    fn leave_picker(&mut self) {
        if let Some(Overlay::Picker(picker)) = self.overlays.pop()
            && let Some(theme) = picker.before
        {
            self.looks.theme = theme;
        }
    }

    /// Shows a theme while one looks for one.
    fn preview_choice(&mut self) {
        if let Some(Overlay::Picker(picker)) = self.overlays.last()
            && let Some(Choice::Theme(name)) = picker.chosen().and_then(|item| item.choice.clone())
        {
            self.looks.theme = name;
        }
    }
}
