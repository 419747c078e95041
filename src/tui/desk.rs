//! The threads that do what takes time: one for what is asked of the catalog and the index, one for the facets and for what must be looked
//! at step by step, one that shows what is soon read, one that opens trajectories whole, one that counts over many of them, one for long
//! jobs.
//!
//! Each has a workspace of its own and a queue. Of questions that wait, only the newest of a kind is answered.

use super::jobs;
use crate::app::{Answer, Task, Told};
use crate::term::Waker;
use crate::text::said_by_panic;
use crate::workspace::Workspace;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a thread has nothing to do before it gives memory back: longer than the allocator keeps what was let go.
const SETTLED: Duration = Duration::from_millis(300);
/// A size in bytes for which the allocator looks through what it keeps.
const NUDGE: usize = 8 << 20;

/// How long an index that was made again is trusted to be whole.
const MENDED: Duration = Duration::from_secs(5);

/// How long whoever quits waits for their answers to be on disk, at most.
const WRITTEN: Duration = Duration::from_secs(3);

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
    /// Number of the newest question for what matches; what is still looked for by an older one is given up.
    pub newest: Arc<AtomicU64>,
    /// How often the workspace is to be opened anew, and when that was last asked for.
    pub renewed: Arc<Mutex<(u64, Option<Instant>)>>,
}

impl Ground {
    /// Has every thread open its workspace anew before its next task; not again at once, as what that does not help is told instead.
    pub fn renew(&self) -> bool {
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        let may = renewed.1.is_none_or(|before| before.elapsed() > MENDED);
        if may {
            *renewed = (renewed.0 + 1, Some(Instant::now()));
        }
        may
    }

    fn renewals(&self) -> u64 {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Tells whether something else was asked for since a question.
    pub fn is_outdated(&self, ticket: u64) -> bool {
        self.newest.load(Ordering::SeqCst) > ticket
    }

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
    judging: JoinHandle<()>,
    counts: Sender<Task>,
    /// The workspace in which decisions are recorded, by the loop itself.
    here: Workspace,
}

impl Desk {
    /// Begins the threads; the system refuses one only where it has none to give.
    pub fn new(ground: Ground, here: Workspace) -> std::io::Result<Self> {
        let last = jobs::Last::default();
        let begin = |name: &str| -> std::io::Result<(Sender<Task>, JoinHandle<()>)> {
            let (sender, receiver) = unbounded();
            let (ground, last) = (ground.clone(), last.clone());
            let thread = thread::Builder::new().name(format!("ossia-{name}")).spawn(move || work(&ground, &receiver, last))?;
            Ok((sender, thread))
        };
        let line = |name: &str| begin(name).map(|(sender, _)| sender);
        let (judge, judging) = begin("judge")?;
        Ok(Self {
            asked: line("ask")?,
            facets: line("facets")?,
            shows: line("show")?,
            opens: line("open")?,
            long: line("long")?,
            judge,
            judging,
            counts: line("count")?,
            here,
            ground,
        })
    }

    /// Gives a task to the thread for its kind.
    pub fn give(&self, task: Task) {
        if let Task::Find { ticket, .. } = &task {
            self.ground.newest.fetch_max(*ticket, Ordering::SeqCst);
        }
        let line = match &task {
            Task::Count { .. } => &self.facets,
            // Looking at every step takes long: meanwhile rows are read, and something else is asked for. Its facets are counted after it.
            Task::Find { query, .. } if query.is_verified() => &self.facets,
            Task::Tally | Task::QueuesLeft(_) => &self.counts,
            // Nothing here reads more than a person waits for, so that a page is never behind a whole session.
            Task::Preview { .. } | Task::Begin { .. } | Task::Prepare { .. } | Task::Texts { .. } | Task::Raw(..) | Task::Places(_) | Task::PairView(_) => {
                &self.shows
            }
            Task::Open { .. } | Task::OpenBoth(..) | Task::Issues(_) | Task::Hold { .. } => &self.opens,
            Task::Queues | Task::Review(_) | Task::Offers(..) | Task::Label { .. } => &self.judge,
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
        // Lines that wait to be seen are read by two threads: the one that found them, and the one that shows what is soon read.
        let task = match task {
            Task::Lines { ticket, query, mut found } => {
                let rest = found.split_off(found.len().div_ceil(2));
                if !rest.is_empty() {
                    let _ = self.shows.send(Task::Lines { ticket, query: query.clone(), found: rest });
                }
                Task::Lines { ticket, query, found }
            }
            other => other,
        };
        // A thread is gone only when the program ends.
        let _ = line.send(task);
    }

    /// Does a task before anything else happens: a decision is on disk before the next key is read.
    pub fn now(&self, task: Task) {
        jobs::run(&self.here, task, &self.ground, &mut jobs::Memory::default());
    }

    /// Waits until every answer that was given is on disk, but no longer than a person waits; nothing is judged after.
    pub fn finish_judging(&mut self) {
        // Without anybody who sends, the thread does what waits and ends.
        self.judge = unbounded().0;
        let until = Instant::now() + WRITTEN;
        while !self.judging.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Asks the long job to stop.
    pub fn stop(&self) {
        self.ground.stop.store(true, Ordering::SeqCst);
    }
}

fn work(ground: &Ground, tasks: &Receiver<Task>, last: jobs::Last) {
    let (mut workspace, mut heavy, mut renewals) = (None, false, ground.renewals());
    let mut memory = jobs::Memory { last, ..jobs::Memory::default() };
    while let Some(first) = next(tasks, std::mem::take(&mut heavy)) {
        for task in newest(first, tasks) {
            if std::mem::replace(&mut renewals, ground.renewals()) != renewals {
                workspace = None;
            }
            heavy |= is_heavy(&task);
            // Keys wait for these, and would wait for ever for what nobody answers.
            let awaited = matches!(task, Task::Review(_) | Task::Offers(..) | Task::Label { .. });
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                if workspace.is_none() {
                    // What is damaged is made again by one thread alone.
                    let _alone = (renewals > 0).then(|| ground.renewed.lock().unwrap_or_else(PoisonError::into_inner));
                    workspace = Some(Workspace::open(&ground.folder, &ground.cache)?);
                }
                if let Some(workspace) = &workspace {
                    jobs::run(workspace, task, ground, &mut memory);
                }
                Ok::<_, crate::workspace::Error>(())
            }));
            match outcome {
                Ok(Ok(())) => {}
                Ok(Err(error)) if awaited => ground.answer(Answer::Broke(error.to_string())),
                Ok(Err(error)) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
                Err(panic) => {
                    // What broke in here must not take the screen with it.
                    let why = format!("this broke down and was given up: {}", said_by_panic(&*panic));
                    ground.answer(if awaited { Answer::Broke(why) } else { Answer::JobDone(Told::bad(why), None) });
                    workspace = None;
                    // It may have been the index: another thread would break down on it as well.
                    ground.renew();
                }
            }
        }
    }
}

/// Tells whether a task may let go of much more memory than it keeps.
const fn is_heavy(task: &Task) -> bool {
    let opens = matches!(task, Task::Open { .. } | Task::OpenBoth(..) | Task::Issues(_) | Task::Import(_) | Task::CatchUp | Task::Export { .. });
    opens
        || matches!(
            task,
            Task::Insights { .. } | Task::Rules { .. } | Task::Audit { .. } | Task::Pairs { .. } | Task::Dataset { .. } | Task::Tally | Task::QueuesLeft(_)
        )
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
                | Task::Hold { .. }
                | Task::Beside { .. }
                | Task::Look
                | Task::Tally
                | Task::QueuesLeft(_)
                | Task::CatchUp
                | Task::Insights { .. }
                | Task::Rules { .. }
                | Task::Audit { .. }
                | Task::Pairs { .. }
                | Task::PairView(_)
                | Task::Dataset { .. }
        );
        let mut later = waiting.iter().skip(at + 1);
        match task {
            // What was found before is not shown any more.
            Task::Lines { ticket, .. } => {
                later.any(|later| matches!(later, Task::Find { .. }) || matches!(later, Task::Lines { ticket: newer, .. } if newer > ticket))
            }
            _ => only_newest && later.any(|later| discriminant(later) == kind),
        }
    };
    let keep: Vec<bool> = waiting.iter().enumerate().map(|(at, task)| !replaced(at, task)).collect();
    waiting.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(task, _)| task).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, ReviewAct, Several, State, update};
    use crate::command::{Config, Key};
    use crate::term::Wait;

    #[test]
    fn what_cannot_even_begin_ends_the_wait_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let here = Workspace::open(&dir.path().join("here"), &dir.path().join("cache")).unwrap();
        let folder = dir.path().join("file");
        std::fs::write(&folder, "in place of a folder").unwrap();
        let (answers, received) = unbounded();
        let waker = Wait::new().unwrap().waker();
        let (cache, reviewer, stop) = (dir.path().join("cache"), "ana".to_owned(), Arc::new(AtomicBool::new(false)));
        let mut desk =
            Desk::new(Ground { folder, cache, reviewer, answers, ascii: false, waker, stop, newest: Arc::default(), renewed: Arc::default() }, here).unwrap();
        let mut state = State::new((80, 24), Config::default(), Vec::new());
        state.library.marked.extend([1, 2]);
        let key = |name: &str, state: &mut State| update(state, 0, Msg::Key(Key::parse(name).unwrap()));
        for task in key("L", &mut state) {
            desk.give(task);
        }
        assert!(key("v", &mut state).is_empty(), "it waits");
        let broke = loop {
            if let broke @ Answer::Broke(_) = received.recv_timeout(Duration::from_secs(20)).unwrap() {
                break broke;
            }
        };
        update(&mut state, 0, Msg::Answer(broke));
        assert!(state.toast.as_ref().is_some_and(|toast| toast.told.bad && toast.told.text.ends_with("1 key typed meanwhile: not taken")));
        assert!(key("L", &mut state).iter().any(|task| matches!(task, Task::Offers(_, Several { numbers, .. }) if numbers.len() == 2)), "keys work again");
        desk.give(Task::Review(ReviewAct::Next));
        desk.finish_judging();
        assert!(received.try_iter().any(|answer| matches!(answer, Answer::Broke(_))), "what was given before one quits is done");
    }
}
