//! The modes of the terminal: taken once, given back once, whatever happens between.

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use rustix::event::{PollFd, PollFlags, poll};
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the terminal is ours at the moment.
static OURS: AtomicBool = AtomicBool::new(false);
/// Whether another program has it for as long as it runs.
static LENT: AtomicBool = AtomicBool::new(false);

/// Tells whether both standard input and output are a terminal.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Takes the terminal: raw mode, the alternate screen, pastes told apart from keys; with the mouse if wanted; fails where standard output is no terminal that can be set up.
pub fn enter(with_mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    OURS.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if with_mouse { execute!(io::stdout(), EnableMouseCapture) } else { Ok(()) }
}

/// Gives the terminal back as it was; a second call does nothing.
pub fn leave() {
    if !OURS.swap(false, Ordering::SeqCst) {
        return;
    }
    // A terminal that cannot be written to any more needs nothing from us.
    let _ = execute!(io::stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = io::stdout().flush();
    let _ = disable_raw_mode();
}

/// Gives the terminal back where that cannot take time: one that is gone, or takes no bytes now, gets its modes alone.
pub fn leave_at_once() {
    let stdout = rustix::stdio::stdout();
    let mut ready = [PollFd::new(&stdout, PollFlags::OUT)];
    let now = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    if poll(&mut ready, Some(&now)).is_ok_and(|count| count > 0) && ready.iter().all(|fd| fd.revents() == PollFlags::OUT) {
        leave();
    } else if OURS.swap(false, Ordering::SeqCst) {
        // To set the modes writes nothing to it.
        let _ = disable_raw_mode();
    }
}

/// Gives the terminal to somebody else for as long as something takes; fails where it cannot be taken back.
pub fn lend<T>(with_mouse: bool, to: impl FnOnce() -> T) -> io::Result<T> {
    LENT.store(true, Ordering::SeqCst);
    leave();
    let outcome = to();
    LENT.store(false, Ordering::SeqCst);
    enter(with_mouse)?;
    Ok(outcome)
}

/// Tells whether another program has the terminal.
pub(super) fn is_lent() -> bool {
    LENT.load(Ordering::SeqCst)
}

/// Begins or ends reading the mouse; fails where the terminal cannot be written to.
pub fn mouse(on: bool) -> io::Result<()> {
    if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
}

/// Gives columns and rows.
#[must_use]
pub fn size() -> (u16, u16) {
    crossterm::terminal::size().map_or((80, 24), |(width, height)| (width.clamp(1, 1000), height.clamp(1, 500)))
}

/// Stops the process until the shell brings it back; the terminal must have been left. Does nothing where no shell could; fails where the process cannot be stopped.
pub fn stop_for_shell() -> io::Result<()> {
    let own = rustix::process::getpid();
    if rustix::process::getsid(None).is_ok_and(|session| session == own) {
        return Ok(());
    }
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
}
