//! The threads that do what takes time: one for what is asked of the catalog and the index, one for the facets, one that shows
//! what is soon read, one that opens trajectories whole, one that counts over many of them, one for long jobs.
//!
//! Each has a workspace of its own and a queue. Of questions that wait, only the newest of a kind is answered.

use super::jobs;
use crate::app::{Answer, Task, Told};
use crate::term::Waker;
use crate::workspace::Workspace;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long a thread has nothing to do before it gives memory back: longer than the allocator keeps what was let go.
const SETTLED: Duration = Duration::from_millis(300);
/// A size in bytes for which the allocator looks through what it keeps.
const NUDGE: usize = 8 << 20;

/// Where a workspace is, and how its threads answer.
#[derive(Clone)]
pub struct Ground {
    /// Folder of the workspace.
    pub folder: PathBuf,
    /// Folder under which its index lies.
    pub cache: PathBuf,
    /// Who decides.
    pub reviewer: String,
    /// Where answers go.
    pub answers: Sender<Answer>,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// What wakes the loop.
    pub waker: Waker,
    /// Set while the long job is to stop.
    pub stop: Arc<AtomicBool>,
}

impl Ground {
    /// Gives an answer.
    pub fn answer(&self, answer: Answer) {
        // Nobody listens any more only when the program ends.
        let _ = self.answers.send(answer);
        self.waker.wake();
    }
}

/// The threads.
pub struct Desk {
    ground: Ground,
    asked: Sender<Task>,
    facets: Sender<Task>,
    shows: Sender<Task>,
    opens: Sender<Task>,
    long: Sender<Task>,
    judge: Sender<Task>,
    counts: Sender<Task>,
    /// The workspace in which decisions are recorded, by the loop itself.
    here: Workspace,
}

impl Desk {
    /// Begins the threads; the system refuses one only where it has none to give.
    pub fn new(ground: Ground, here: Workspace) -> std::io::Result<Self> {
        let last = jobs::Last::default();
        let line = |name: &str| -> std::io::Result<Sender<Task>> {
            let (sender, receiver) = unbounded();
            let (ground, last) = (ground.clone(), last.clone());
            thread::Builder::new().name(format!("ossia-{name}")).spawn(move || work(&ground, &receiver, last))?;
            Ok(sender)
        };
        Ok(Self {
            asked: line("ask")?,
            facets: line("facets")?,
            shows: line("show")?,
            opens: line("open")?,
            long: line("long")?,
            judge: line("judge")?,
            counts: line("count")?,
            here,
            ground,
        })
    }

    /// Gives a task to the thread for its kind.
    pub fn give(&self, task: Task) {
        let line = match &task {
            Task::Count { .. } => &self.facets,
            Task::Tally => &self.counts,
            // Nothing here reads more than a person waits for, so that a page is never behind a whole session.
            Task::Preview { .. } | Task::Begin { .. } | Task::Prepare { .. } | Task::Raw(..) | Task::Places(_) | Task::PairView(_) => &self.shows,
            Task::Open { .. } | Task::OpenBoth(..) => &self.opens,
            Task::Queues | Task::Review(_) | Task::Offers(_) | Task::Label { .. } => &self.judge,
            Task::Insights { .. }
            | Task::Rules { .. }
            | Task::Audit { .. }
            | Task::Pairs { .. }
            | Task::Dataset { .. }
            | Task::MarkValue { .. }
            | Task::Adjust { .. } => {
                self.ground.stop.store(false, Ordering::SeqCst);
                &self.counts
            }
            Task::Import(_) | Task::CatchUp | Task::Export { .. } => {
                self.ground.stop.store(false, Ordering::SeqCst);
                &self.long
            }
            _ => &self.asked,
        };
        // A thread is gone only when the program ends.
        let _ = line.send(task);
    }

    /// Does a task before anything else happens: a decision is on disk before the next key is read.
    pub fn now(&self, task: Task) {
        jobs::run(&self.here, task, &self.ground, &mut jobs::Memory::default());
    }

    /// Asks the long job to stop.
    pub fn stop(&self) {
        self.ground.stop.store(true, Ordering::SeqCst);
    }
}

fn work(ground: &Ground, tasks: &Receiver<Task>, last: jobs::Last) {
    let (mut workspace, mut heavy) = (None, false);
    let mut memory = jobs::Memory { last, ..jobs::Memory::default() };
    while let Some(first) = next(tasks, std::mem::take(&mut heavy)) {
        for task in newest(first, tasks) {
            heavy |= is_heavy(&task);
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                if workspace.is_none() {
                    workspace = Some(Workspace::open(&ground.folder, &ground.cache)?);
                }
                if let Some(workspace) = &workspace {
                    jobs::run(workspace, task, ground, &mut memory);
                }
                Ok::<_, crate::workspace::Error>(())
            }));
            match outcome {
                Ok(Ok(())) => {}
                Ok(Err(error)) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
                Err(panic) => {
                    // What broke in here must not take the screen with it.
                    let why =
                        panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
                    ground.answer(Answer::JobDone(Told::bad(format!("this broke down and was given up: {why}")), None));
                    workspace = None;
                }
            }
        }
    }
}

/// Tells whether a task may let go of much more memory than it keeps.
const fn is_heavy(task: &Task) -> bool {
    let opens = matches!(task, Task::Open { .. } | Task::OpenBoth(..) | Task::Import(_) | Task::CatchUp | Task::Export { .. });
    opens || matches!(task, Task::Insights { .. } | Task::Rules { .. } | Task::Audit { .. } | Task::Pairs { .. } | Task::Dataset { .. } | Task::Tally)
}

/// Waits for a task; once after heavy ones, where nothing follows, what they let go is given back to the system.
fn next(tasks: &Receiver<Task>, heavy: bool) -> Option<Task> {
    if heavy {
        match tasks.recv_timeout(SETTLED) {
            Ok(task) => return Some(task),
            Err(RecvTimeoutError::Disconnected) => return None,
            // The allocator gives back what was let go a while ago only when it is next asked for something large.
            Err(RecvTimeoutError::Timeout) => drop(std::hint::black_box(Vec::<u8>::with_capacity(NUDGE))),
        }
    }
    tasks.recv().ok()
}

/// Takes all that waits, and keeps of each kind of question only the newest.
fn newest(first: Task, tasks: &Receiver<Task>) -> Vec<Task> {
    let mut waiting = vec![first];
    waiting.extend(tasks.try_iter());
    let replaced = |at: usize, task: &Task| {
        let kind = discriminant(task);
        let only_newest = matches!(
            task,
            Task::Find { .. }
                | Task::Count { .. }
                | Task::Preview { .. }
                | Task::Begin { .. }
                | Task::Open { .. }
                | Task::Prepare { .. }
                | Task::Beside { .. }
                | Task::Look
                | Task::Tally
                | Task::CatchUp
                | Task::Insights { .. }
                | Task::Rules { .. }
                | Task::Audit { .. }
                | Task::Pairs { .. }
                | Task::PairView(_)
                | Task::Dataset { .. }
        );
        only_newest && waiting.iter().skip(at + 1).any(|later| discriminant(later) == kind)
    };
    let keep: Vec<bool> = waiting.iter().enumerate().map(|(at, task)| !replaced(at, task)).collect();
    waiting.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(task, _)| task).collect()
}
