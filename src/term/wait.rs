//! Waiting without waking: blocks on the terminal, on a pipe that other threads and signals write to, and on changes on disk.

use super::modes;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::pipe::{PipeFlags, pipe_with};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGWINCH};
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the loop has to end by itself once it was asked to.
const OVERDUE: Duration = Duration::from_secs(2);

/// Why the wait ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Woken {
    /// The terminal has something to read.
    pub input: bool,
    /// Another thread sent something.
    pub message: bool,
    /// Something changed on disk.
    pub disk: bool,
    /// The terminal is gone.
    pub gone: bool,
}

/// Signals that arrived.
#[derive(Debug)]
pub struct Signals {
    terminate: Arc<AtomicBool>,
    hangup: Arc<AtomicBool>,
    resized: Arc<AtomicBool>,
    resumed: Arc<AtomicBool>,
    pipe: UnixStream,
}

impl Signals {
    /// Begins to note signals instead of dying of them; fails where handlers cannot be installed.
    pub fn new() -> io::Result<Self> {
        let (pipe, writer) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        let flag = |signal: i32| -> io::Result<Arc<AtomicBool>> {
            let flag = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
            signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
            Ok(flag)
        };
        Ok(Self { terminate: flag(SIGTERM)?, hangup: flag(SIGHUP)?, resized: flag(SIGWINCH)?, resumed: flag(SIGCONT)?, pipe })
    }

    /// Tells whether the process was asked to end, and by which signal.
    #[must_use]
    pub fn ending(&self) -> Option<i32> {
        if self.hangup.load(Ordering::SeqCst) {
            return Some(SIGHUP);
        }
        self.terminate.load(Ordering::SeqCst).then_some(SIGTERM)
    }

    /// Begins to see to it that the process ends when it is asked to: a terminal that takes no bytes, as over a connection that hangs, holds the
    /// loop up in a write, where it hears of no signal. Fails where handlers or a thread cannot be had.
    pub fn end_when_overdue(&self) -> io::Result<()> {
        let (mut asked, writer) = UnixStream::pair()?;
        for signal in [SIGTERM, SIGHUP] {
            signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        let hangup = Arc::clone(&self.hangup);
        let watch = move || {
            if asked.read_exact(&mut [0]).is_err() {
                return;
            }
            std::thread::sleep(OVERDUE);
            // An editor that has the terminal is not left alone with it.
            while modes::is_lent() {
                std::thread::sleep(OVERDUE);
            }
            modes::leave_at_once();
            std::process::exit(128 + if hangup.load(Ordering::SeqCst) { SIGHUP } else { SIGTERM })
        };
        std::thread::Builder::new().name("ossia-end".to_owned()).spawn(watch)?;
        Ok(())
    }

    /// Tells whether the terminal changed its size since the last question.
    #[must_use]
    pub fn resized(&self) -> bool {
        self.resized.swap(false, Ordering::SeqCst)
    }

    /// Tells whether the process was stopped and brought back since the last question.
    #[must_use]
    pub fn resumed(&self) -> bool {
        self.resumed.swap(false, Ordering::SeqCst)
    }
}

/// Wakes a wait from another thread.
#[derive(Debug, Clone)]
pub struct Waker(Arc<OwnedFd>);

impl Waker {
    /// Wakes it; a pipe that is full wakes it anyway.
    pub fn wake(&self) {
        let _ = rustix::io::write(&*self.0, b"!");
    }
}

/// Blocks until something happens.
#[derive(Debug)]
pub struct Wait {
    pipe: OwnedFd,
    waker: Waker,
}

impl Wait {
    /// Makes a wait; fails where the system has no pipe to give.
    pub fn new() -> io::Result<Self> {
        let (pipe, writer) = pipe_with(PipeFlags::NONBLOCK | PipeFlags::CLOEXEC)?;
        Ok(Self { pipe, waker: Waker(Arc::new(writer)) })
    }

    /// Gives what wakes it.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Waits for input, messages, signals, or changes that `disk` reports; at most so many ms, or for ever; fails where the system cannot wait.
    pub fn wait(&self, signals: &Signals, disk: Option<&OwnedFd>, at_most_ms: Option<i64>) -> io::Result<Woken> {
        let stdin = rustix::stdio::stdin();
        let mut fds = vec![PollFd::new(&stdin, PollFlags::IN), PollFd::new(&self.pipe, PollFlags::IN), PollFd::new(&signals.pipe, PollFlags::IN)];
        fds.extend(disk.map(|disk| PollFd::new(disk, PollFlags::IN)));
        let timeout = at_most_ms.map(|ms| rustix::event::Timespec { tv_sec: ms.max(0) / 1000, tv_nsec: (ms.max(0) % 1000) * 1_000_000 });
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let reported: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
        let has = |at: usize, flags: PollFlags| reported.get(at).is_some_and(|reported| reported.intersects(flags));
        drain(&self.pipe);
        drain(&signals.pipe);
        let gone = has(0, PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
        Ok(Woken { input: has(0, PollFlags::IN) && !gone, message: has(1, PollFlags::IN), disk: has(3, PollFlags::IN), gone })
    }
}

/// Reads what was written to wake us.
fn drain(pipe: &impl AsFd) {
    let mut bytes = [0; 256];
    while rustix::io::read(pipe, &mut bytes).is_ok_and(|count| count > 0) {}
}
