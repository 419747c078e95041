//! The loop: wait, take in all that happened, draw once; nothing ticks.

use super::breaking;
use super::desk::{Desk, Ground};
use super::keep::Keep;
use super::outside;
use super::setup::{Themes, Unchosen};
use super::watch::concerns;
use crate::app::{Answer, Mouse, MouseAct, Msg, Screen, Session, State, Task, Told, update};
use crate::term::{self, Event, Signals, Wait};
use crate::ui::{Depth, Painter, Theme, cells, draw};
use crossbeam_channel::Receiver;
use rustix::fd::OwnedFd;
use std::io::{self, BufWriter, Stdout};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The first frame waits so long for rows to show.
const FIRST_ROWS: Duration = Duration::from_millis(25);
/// What other processes store is looked at no more often than this, in ms.
const LOOK_EVERY: i64 = 400;

/// Everything the loop holds.
pub struct Pump {
    state: State,
    themes: Themes,
    theme: (String, Theme),
    depth: Depth,
    desk: Desk,
    ground: Ground,
    received: Receiver<Answer>,
    keep: Keep,
    unchosen: Unchosen,
    painter: Painter<BufWriter<Stdout>>,
    /// When the store was last looked at because of a change, and whether another change waits, in ms since the epoch.
    looked: i64,
    changed: bool,
    quit: bool,
}

impl Pump {
    pub fn new(state: State, themes: Themes, depth: Depth, desk: Desk, ground: Ground, received: Receiver<Answer>, (keep, unchosen): (Keep, Unchosen)) -> Self {
        let theme = (String::new(), Theme::built_in("dark", depth));
        let painter = Painter::new(BufWriter::with_capacity(64 << 10, io::stdout()));
        Self { state, themes, theme, depth, desk, ground, received, keep, unchosen, painter, looked: 0, changed: false, quit: false }
    }

    /// Runs until a person or a signal ends it; gives the exit code.
    pub fn run(&mut self, first: Vec<Task>, wait: &Wait, signals: &Signals, disk: Option<&OwnedFd>) -> io::Result<u8> {
        for task in first {
            self.perform(task)?;
        }
        self.await_first_rows()?;
        loop {
            self.draw()?;
            if self.quit {
                self.keep_session();
                self.desk.finish_judging();
                return Ok(0);
            }
            let woken = wait.wait(signals, disk, self.patience())?;
            if let Some(signal) = signals.ending() {
                self.keep_session();
                if woken.gone || signal == HANGUP {
                    hang_up();
                }
                return Ok(128_u8.saturating_add(u8::try_from(signal).unwrap_or(0)));
            }
            if woken.gone {
                self.keep_session();
                hang_up();
            }
            if signals.resized() {
                let (width, height) = term::size();
                self.take(Msg::Resize(width, height))?;
            }
            if signals.resumed() {
                self.painter.forget();
            }
            if woken.disk && disk.is_some_and(concerns) {
                self.changed = true;
            }
            if woken.input {
                for event in term::read()? {
                    self.take(message(event))?;
                    if self.quit {
                        break;
                    }
                }
            }
            while let Ok(answer) = self.received.try_recv() {
                self.take(Msg::Answer(answer))?;
            }
            if self.changed && now_ms() - self.looked >= LOOK_EVERY {
                (self.changed, self.looked) = (false, now_ms());
                self.take(Msg::Stored)?;
            }
            self.take(Msg::Tick)?;
        }
    }

    /// Gives how long nothing will change by itself, in ms.
    fn patience(&self) -> Option<i64> {
        let toast = self.state.deadline().map(|until| until - now_ms());
        let look = self.changed.then(|| self.looked + LOOK_EVERY - now_ms());
        [toast, look].into_iter().flatten().min().map(|ms| ms.max(0))
    }

    fn await_first_rows(&mut self) -> io::Result<()> {
        let until = Instant::now() + FIRST_ROWS;
        let shown = |state: &State| state.library.answered > 0 && (state.library.is_empty() || !state.library.rows.is_empty());
        while !shown(&self.state) || (self.state.opening.is_some() && self.state.reading.is_none()) {
            match self.received.recv_deadline(until) {
                Ok(answer) => self.take(Msg::Answer(answer))?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        for task in update(&mut self.state, now_ms(), msg) {
            self.perform(task)?;
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let name = &self.state.looks.theme;
        if self.theme.0 != *name {
            let find = |name: &str| self.themes.get(name).cloned();
            let (theme, problems) = Theme::read(&find(name).unwrap_or_default(), self.depth, &find);
            self.theme = (name.clone(), theme);
            if !problems.is_empty() {
                let text = format!("{} parts of the theme {} are not used\n{}", problems.len(), self.theme.0, problems.join("\n"));
                self.state.tell(Told::bad(text));
            }
        }
        let mut frame = cells(self.state.terminal);
        draw(&self.state, &self.theme.1, &mut frame);
        self.painter.show(frame)
    }

    fn perform(&mut self, task: Task) -> io::Result<()> {
        match task {
            Task::Quit => self.quit = true,
            Task::Redraw => {
                breaking::at("loop");
                self.painter.forget();
            }
            Task::Cancel => self.desk.stop(),
            Task::Mouse(on) => term::mouse(on)?,
            Task::Keep(session) => drop(self.keep.put_session(&session)),
            Task::Seen(id, seen) => {
                if let Err(error) = self.keep.put_seen(&id, seen) {
                    self.state.tell(Told::bad(format!("cannot keep what was seen: {error}")));
                }
            }
            Task::Copy(text, what) => {
                let (bytes, told) = outside::copy(&text, &what);
                self.painter.write(&bytes)?;
                self.state.tell(told);
            }
            Task::Read { text, pager } => {
                let told = self.lend(|| outside::read(&text, pager))?;
                if !told.text.is_empty() {
                    self.state.tell(told);
                }
            }
            Task::EditText { text, name, what } => {
                let edited = self.lend(|| outside::edit(&text, name))?;
                match edited {
                    Ok(Some(text)) => self.take(Msg::Answer(Answer::Edited(what, text)))?,
                    Ok(None) => self.state.tell(Told::good("nothing was changed")),
                    Err(why) => self.state.tell(Told::bad(why)),
                }
            }
            Task::Judge(..)
            | Task::Verdict { .. }
            | Task::Reveal(_)
            | Task::TurnBack(_)
            | Task::TurnPair(_)
            | Task::BeginDataset { .. }
            | Task::SaveDataset(_)
            | Task::Override { .. }
            | Task::Choose(..)
            | Task::PairsAgain(_)
            | Task::RewriteTurn(..) => self.desk.now(task),
            Task::Pipe { line, text } => {
                let ground = self.ground.clone();
                std::thread::Builder::new().name("ossia-pipe".to_owned()).spawn(move || ground.answer(outside::pipe(&line, &text, &ground)))?;
            }
            Task::Suspend => self.lend(term::stop_for_shell)??,
            other => self.desk.give(other),
        }
        Ok(())
    }

    /// Lends the terminal to somebody else, and takes it back.
    fn lend<T>(&mut self, to: impl FnOnce() -> T) -> io::Result<T> {
        let outcome = term::lend(self.state.looks.mouse, to)?;
        self.painter.forget();
        self.state.terminal = term::size();
        self.take(Msg::Resumed)?;
        Ok(outcome)
    }

    fn keep_session(&self) {
        let state = &self.state;
        let columns: Vec<String> = state.library.columns.iter().map(|column| column.name.to_owned()).collect();
        let session = Session {
            query: state.library.query.text().to_owned(),
            sort: state.library.sort.name.to_owned(),
            descending: state.library.descending,
            row: state.library.list.chosen,
            trajectory: state.reading.as_ref().map(|reading| reading.trajectory.id.clone()),
            step: state.reading.as_ref().and_then(|reading| reading.step()).map(|step| step.id.clone()),
            reading: state.screen == Screen::Trajectory,
            theme: self.unchosen.colored.clone().or_else(|| (state.looks.theme != self.unchosen.theme).then(|| state.looks.theme.clone())),
            columns: if columns == self.unchosen.columns { Vec::new() } else { columns },
            queries: state.queries.clone(),
            no_preview: !state.looks.preview,
            no_wrap: !state.looks.wrap,
            beside: state.looks.beside,
            tour_at: state.tour.at,
            tour_on: state.tour.on,
        };
        // It may be lost without harm, and there is no screen any more to complain on.
        let _ = self.keep.put_session(&session);
    }
}

/// The number of the signal that says that the terminal is gone (POSIX).
const HANGUP: i32 = 1;

/// Leaves at once: the terminal is gone as a rule, and what is written to it fails; one that is still there is given back.
fn hang_up() -> ! {
    term::leave_at_once();
    std::process::exit(128 + HANGUP)
}

fn message(event: Event) -> Msg {
    let mouse = |act, x, y| Msg::Mouse(Mouse { act, x, y });
    match event {
        Event::Key(key) => Msg::Key(key),
        Event::Paste(text) => Msg::Paste(text),
        Event::Resize(width, height) => Msg::Resize(width, height),
        Event::Press(x, y) => mouse(MouseAct::Press, x, y),
        Event::Drag(x, y) => mouse(MouseAct::Drag, x, y),
        Event::Wheel(turn, x, y) => mouse(MouseAct::Wheel(turn), x, y),
    }
}

/// Gives the time in ms since the epoch.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
