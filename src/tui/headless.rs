//! The screen without a terminal: keys go in, cells come out; what tests press and pictures are taken of.

use super::desk::Ground;
use super::jobs::{self, Memory};
use crate::app::{Answer, Msg, State, Task, update};
use crate::command::{Config, Key};
use crate::term::Wait;
use crate::ui::{BUILT_IN, Buffer, Depth, Theme, cells, draw, dump, svg};
use crate::workspace::Workspace;
use crossbeam_channel::{Receiver, unbounded};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A screen on a workspace, with every task done at once.
pub struct Headless {
    /// The state.
    pub state: State,
    /// Texts that were copied.
    pub copied: Vec<String>,
    /// Whether a person has left.
    pub left: bool,
    workspace: Workspace,
    memory: Memory,
    ground: Ground,
    answers: Receiver<Answer>,
    now_ms: i64,
}

impl Headless {
    /// Opens a screen of some columns and rows at a time in ms since the epoch; fails where the workspace cannot be opened.
    pub fn open(folder: &Path, cache: &Path, size: (u16, u16), now_ms: i64) -> Result<Self, super::TuiError> {
        let workspace = Workspace::open(folder, cache)?;
        let (sender, answers) = unbounded();
        let ground = Ground {
            folder: folder.to_owned(),
            cache: cache.to_owned(),
            reviewer: "ana".to_owned(),
            ascii: false,
            answers: sender,
            waker: Wait::new()?.waker(),
            stop: Arc::new(AtomicBool::new(false)),
            newest: Arc::default(),
            renewed: Arc::default(),
        };
        let state = State::new(size, Config::default(), BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect());
        let mut screen = Self { state, copied: Vec::new(), left: false, workspace, memory: Memory::default(), ground, answers, now_ms };
        screen.send(Msg::Stored);
        Ok(screen)
    }

    /// Takes a message in, with everything that follows from it.
    pub fn send(&mut self, msg: Msg) {
        let waiting = update(&mut self.state, self.now_ms, msg);
        self.work(waiting);
    }

    /// Does tasks, with everything that follows from them.
    pub fn work(&mut self, mut waiting: Vec<Task>) {
        while !waiting.is_empty() {
            for task in std::mem::take(&mut waiting) {
                match task {
                    Task::Copy(text, _) => self.copied.push(text),
                    Task::Quit => self.left = true,
                    other => jobs::run(&self.workspace, other, &self.ground, &mut self.memory),
                }
            }
            while let Ok(answer) = self.answers.try_recv() {
                waiting.extend(update(&mut self.state, self.now_ms, Msg::Answer(answer)));
            }
        }
    }

    /// Presses keys: characters as they are, other keys by name in angle brackets, such as `jj/fix<enter>`.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        each_key(keys, |key| self.send(Msg::Key(key)));
        self
    }

    /// Presses keys as `press` does, each before anything that those before it ask for is done.
    pub fn press_ahead(&mut self, keys: &str) -> &mut Self {
        let mut waiting = Vec::new();
        each_key(keys, |key| waiting.extend(update(&mut self.state, self.now_ms, Msg::Key(key))));
        self.work(waiting);
        self
    }

    /// Gives the cells in a theme.
    #[must_use]
    pub fn cells(&self, theme: &str) -> Buffer {
        let mut buffer = cells(self.state.terminal);
        draw(&self.state, &Theme::built_in(theme, Depth::True), &mut buffer);
        buffer
    }

    /// Gives the screen as text, its styles below.
    #[must_use]
    pub fn screen(&self) -> String {
        dump(&self.cells(&self.state.looks.theme))
    }

    /// Draws the screen as an SVG picture on a terminal's own background and letters.
    #[must_use]
    pub fn picture(&self, ground: (u8, u8, u8), ink: (u8, u8, u8)) -> String {
        svg(&self.cells(&self.state.looks.theme), ground, ink)
    }
}

/// Reads keys as a person would write them down.
fn each_key(keys: &str, mut press: impl FnMut(Key)) {
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|inner| inner.split_once('>')).and_then(|(name, after)| Some((Key::parse(name)?, after)));
        let (key, after) = named.unwrap_or_else(|| (Key::plain(crate::command::Code::Char(first)), rest.get(first.len_utf8()..).unwrap_or_default()));
        rest = after;
        press(key);
    }
}
