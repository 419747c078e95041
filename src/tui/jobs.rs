//! What each task does on its thread, and how it answers.

use super::desk::Ground;
use super::judge;
use super::{boards, breaking};
use crate::app::{Answer, Block, Opened, Task, Told, Tone, Wanted, detail_page, issue_blocks, preview};
use crate::model::{Origin, Trajectory};
use crate::query::Query;
use crate::text::human;
use crate::workspace::{Error, Facets, ImportOptions, Matches, Progress, Result, Workspace, is_journal};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Trajectories that are shown before the order of all is known.
const FIRST: usize = 120;
/// Bytes of a raw record that are shown.
const RAW: u64 = 4 << 20;
/// Bytes behind them that are read with them.
const AHEAD: u64 = 1 << 20;
/// How often a long job says how far it is.
const SAID_EVERY: Duration = Duration::from_millis(100);

/// The trajectory that was loaded last, by its number and the mark of the store's state: it is often wanted next.
pub type Last = Arc<Mutex<Option<(i64, String, Arc<Trajectory>)>>>;

/// What a thread keeps between tasks.
#[derive(Default)]
pub struct Memory {
    /// What was loaded last, by any of the threads that share it.
    pub last: Last,
    /// The mark of the store's state in which facets were counted last.
    pub counted: String,
    /// Whether rows were read before.
    pub warm: bool,
    /// The queue that is reviewed.
    pub bench: judge::Bench,
}

/// Does a task.
pub fn run(workspace: &Workspace, task: Task, ground: &Ground, memory: &mut Memory) {
    match task {
        Task::Find { ticket, query, sort, descending, steps, near } => {
            let start = Instant::now();
            first_page(workspace, ticket, &query, (sort, descending), near, ground, memory);
            let found = workspace.matches(&query, sort, descending, steps).map_err(|e| e.to_string());
            ground.answer(Answer::Found(ticket, found, start.elapsed().as_secs_f64() * 1e3));
        }
        Task::Count { ticket, query, generation } => match facets(workspace, &query, generation, memory) {
            Ok(facets) => ground.answer(Answer::Counted(ticket, facets)),
            Err(error) => complain(ground, &error),
        },
        Task::Rows(numbers) => rows(workspace, &numbers, ground, memory),
        Task::Lines { ticket, query, found } => match workspace.read_found(&query, &found) {
            Ok(lines) => ground.answer(Answer::Lines(ticket, lines)),
            Err(error) => complain(ground, &error),
        },
        Task::Preview { number, ascii } => show_preview(workspace, number, ascii, ground, memory),
        Task::Begin { ticket, what } => show_beginning(workspace, ticket, &what, ground, memory),
        Task::Open { ticket, what } => {
            let opened = open(workspace, what, memory).map_err(|e| e.to_string());
            ground.answer(Answer::Opened(ticket, opened, false));
        }
        Task::Hits { number, sought, trajectory, from } => match workspace.steps_that_match(&trajectory, &sought.query) {
            Ok(steps) => ground.answer(Answer::Hits(number, sought, from, steps)),
            Err(error) => complain(ground, &error),
        },
        Task::OpenBoth(left, right) => {
            let both = open(workspace, left, memory).and_then(|left| Ok(Box::new((left, open(workspace, right, memory)?))));
            ground.answer(Answer::Both(both.map_err(|e| e.to_string())));
        }
        Task::Prepare { ticket, trajectory, margin, view } => ground.answer(Answer::Prepared(ticket, detail_page(&trajectory, &margin, view))),
        Task::Beside { number, trajectory } => match workspace.beside(number, &trajectory, &ground.reviewer) {
            Ok(beside) => ground.answer(Answer::Beside(number, Arc::new(beside))),
            Err(error) => complain(ground, &error),
        },
        Task::Raw(trajectory, at) => {
            breaking::at("worker");
            raw(workspace, &trajectory, at, ground);
        }
        Task::Issues(number) => match open(workspace, Wanted::Number(number, None), memory) {
            Ok(opened) => ground.answer(Answer::Issues(issue_blocks(&opened.trajectory))),
            Err(error) => complain(ground, &error),
        },
        Task::Offers(ticket, several) => super::bulk::offers(workspace, ticket, several, ground),
        Task::Label { several, answer, unsure } => super::bulk::label(workspace, &several, (&answer, unsure), &memory.bench, ground),
        Task::Tally => super::tally::count(workspace, ground),
        Task::Queues => judge::queues(workspace, ground),
        Task::Review(act) => judge::review(workspace, act, ground, memory),
        Task::Judge(target, act) => judge::here(workspace, &target, act, ground),
        Task::Import(paths) => import(workspace, &paths, ground),
        Task::CatchUp => catch_up(workspace, ground),
        Task::Look => match workspace.generation() {
            Ok((generation, current)) => ground.answer(Answer::Looked(generation, current)),
            Err(error) => complain(ground, &error),
        },
        // The loop itself does the rest.
        other => drop(boards::run(workspace, other, ground)),
    }
}

fn complain(ground: &Ground, error: &Error) {
    ground.answer(Answer::Told(Told::bad(error.to_string())));
}

/// Shows the beginning of what is long while the rest is read; what goes wrong is told with the whole.
fn show_beginning(workspace: &Workspace, ticket: u64, what: &Wanted, ground: &Ground, memory: &Memory) {
    let (number, inner) = match what {
        Wanted::Number(number, inner) => (*number, inner.clone()),
        Wanted::Id(id) => {
            let (name, inner) = id.split_once('#').map_or((id.as_str(), None), |(name, inner)| (name, Some(inner.to_owned())));
            let Ok(Some(number)) = workspace.number_of(name) else { return };
            (number, inner)
        }
    };
    if held(memory).as_ref().is_some_and(|(known, ..)| *known == number) {
        return;
    }
    if let Ok(Some(trajectory)) = workspace.beginning(number) {
        let opened = Opened { number, trajectory: Arc::new(trajectory), inner };
        ground.answer(Answer::Opened(ticket, Ok(opened), true));
    }
}

fn open(workspace: &Workspace, what: Wanted, memory: &Memory) -> Result<Opened> {
    match what {
        Wanted::Number(number, inner) => Ok(Opened { number, trajectory: load(workspace, number, memory)?, inner }),
        Wanted::Id(id) => {
            let (number, trajectory, inner) = workspace.open_trajectory(&id)?;
            Ok(Opened { number, trajectory: Arc::new(trajectory), inner })
        }
    }
}

/// Counts by facets, with what was indexed since this thread counted last.
fn facets(workspace: &Workspace, query: &Query, generation: String, memory: &mut Memory) -> Result<Facets> {
    if memory.counted != generation {
        workspace.generation()?;
        memory.counted = generation;
    }
    workspace.facets(query)
}

fn held(memory: &Memory) -> Option<(i64, String, Arc<Trajectory>)> {
    memory.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Loads a trajectory, unless it is the one that was loaded last.
pub fn load(workspace: &Workspace, number: i64, memory: &Memory) -> Result<Arc<Trajectory>> {
    let generation = workspace.generation()?.0;
    if let Some((known, then, trajectory)) = held(memory)
        && (known, &then) == (number, &generation)
    {
        return Ok(trajectory);
    }
    let mut found = workspace.load(number)?.ok_or_else(|| Error::NotFound { id: number.to_string(), hint: "; it was removed meanwhile".to_owned() })?;
    workspace.add_relatives(number, &mut found)?;
    let trajectory = Arc::new(found);
    *memory.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, generation, Arc::clone(&trajectory)));
    Ok(trajectory)
}

/// Shows a trajectory beside the library; of a long one only the beginning is read, so that nobody who opens it waits.
fn show_preview(workspace: &Workspace, number: i64, ascii: bool, ground: &Ground, memory: &Memory) {
    let blocks = match workspace.is_long(number) {
        Ok(true) => workspace.beginning(number).map(|beginning| match beginning {
            Some(beginning) => {
                let mut blocks = preview(&beginning, ascii);
                blocks.push(Block::new());
                blocks.push(Block::new().say(Tone::Dim, "only its beginning was read; enter opens it"));
                blocks
            }
            None => vec![Block::new().say(Tone::Dim, "too long to read ahead; enter opens it")],
        }),
        Ok(false) => load(workspace, number, memory).map(|trajectory| preview(&trajectory, ascii)),
        Err(error) => Err(error),
    };
    ground.answer(Answer::Preview(number, blocks.unwrap_or_else(|error| vec![Block::text(Tone::Failed, &error.to_string())])));
}

/// Shows the first page of all trajectories at the start, before the order of all of them is known.
fn first_page(workspace: &Workspace, ticket: u64, query: &Query, (sort, descending): (&str, bool), near: usize, ground: &Ground, memory: &mut Memory) {
    if memory.warm || *query != Query::All || near >= FIRST / 2 {
        return;
    }
    let Ok(Some(numbers)) = workspace.first_of(sort, descending, FIRST) else { return };
    if let Ok(rows) = workspace.catalog_rows(&numbers) {
        ground.answer(Answer::Rows(rows));
        ground.answer(Answer::Found(ticket, Ok(Matches { trajectories: numbers, partial: true, ..Matches::default() }), 0.0));
    }
}

/// Reads rows; the first ones are shown as the catalog has them, as what was decided is folded before it can be counted.
fn rows(workspace: &Workspace, numbers: &[i64], ground: &Ground, memory: &mut Memory) {
    if !std::mem::replace(&mut memory.warm, true)
        && let Ok(rows) = workspace.catalog_rows(numbers)
    {
        ground.answer(Answer::Rows(rows));
    }
    match workspace.rows(numbers) {
        Ok(rows) => ground.answer(Answer::Rows(rows)),
        Err(error) => complain(ground, &error),
    }
}

/// Shows the records of a step as they are, with what does not show made visible.
fn raw(workspace: &Workspace, t: &Trajectory, at: usize, ground: &Ground) {
    let Some(step) = t.steps.get(at) else { return };
    let mut blocks = Vec::new();
    for origin in &step.origins {
        let source = t.sources.iter().find(|source| source.sha256 == origin.source);
        let path = source.map_or("a source", |source| &source.path);
        let size = origin.end_byte - origin.start_byte;
        blocks.push(Block::new().say(Tone::Accent, &format!("{path}  line {}  {}", origin.line, human::bytes(size))));
        blocks.push(Block::new().say(Tone::Dim, &format!("sha256:{}  bytes {} to {}", origin.source, origin.start_byte, origin.end_byte)));
        match record(workspace, t, origin) {
            Ok(text) => blocks.push(Block::text(Tone::Text, &text)),
            Err(error) => blocks.push(Block::text(Tone::Failed, &error.to_string())),
        }
        if size > RAW {
            blocks.push(Block::new().say(Tone::Wait, &format!("{} more; `ossia show --raw` prints all", human::bytes(size - RAW))));
        }
        blocks.push(Block::new());
    }
    ground.answer(Answer::Raw(format!("raw records of {}", step.id), blocks));
}

fn record(workspace: &Workspace, t: &Trajectory, origin: &Origin) -> Result<String> {
    // A value that stands across the end of what is shown is read whole, so that it is known.
    let bytes = workspace.raw(&origin.source, origin.member.as_deref(), origin.start_byte, origin.end_byte.min(origin.start_byte + RAW + AHEAD))?;
    let text = workspace.masked_text(&t.id, &String::from_utf8_lossy(&bytes), usize::try_from(RAW).unwrap_or(usize::MAX))?;
    // Escapes are shown escaped, so that a person sees what a program tried.
    Ok(text.replace('\u{1b}', "␛"))
}

/// Says how far an import is, and hears that it is to stop.
struct Teller<'g> {
    ground: &'g Ground,
    done: u64,
    total: u64,
    said: Instant,
}

impl Progress for Teller<'_> {
    fn total(&mut self, _files: u64, bytes: u64) {
        self.total = bytes;
        self.ground.answer(Answer::Job("importing".to_owned(), 0, bytes));
    }

    fn advance(&mut self, _files: u64, bytes: u64) {
        self.done += bytes;
        if self.said.elapsed() > SAID_EVERY {
            self.said = Instant::now();
            let name = if self.stopped() { "stopping" } else { "importing" };
            self.ground.answer(Answer::Job(name.to_owned(), self.done, self.total));
        }
    }

    fn phase(&mut self, name: &str) {
        self.ground.answer(Answer::Job(name.to_owned(), self.done, self.total));
    }

    fn stopped(&self) -> bool {
        self.ground.stop.load(Ordering::SeqCst)
    }
}

/// Puts the home folder in the place of `~`, which outside of a shell nobody else knows.
pub(super) fn written_out(path: &Path) -> PathBuf {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(path.strip_prefix("~").ok()?));
    home().unwrap_or_else(|| path.to_owned())
}

fn import(workspace: &Workspace, paths: &[PathBuf], ground: &Ground) {
    let mut teller = Teller { ground, done: 0, total: 0, said: Instant::now() };
    let paths: Vec<PathBuf> = paths.iter().map(|path| written_out(path)).collect();
    let (journals, paths): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| is_journal(path));
    if let Some(told) = unite(workspace, &journals).filter(|told| paths.is_empty() || told.bad) {
        return ground.answer(Answer::JobDone(told, None));
    }
    let outcome = workspace.import(&paths, &ImportOptions::default(), &mut teller);
    let (told, number) = match outcome {
        Ok(report) => {
            let failed: Vec<_> = report.sources.iter().filter(|source| source.status == crate::workspace::Status::Failed).collect();
            let told = match failed.first() {
                Some(first) => Told::bad(format!(
                    "{} of {} sources could not be read; {}: {}",
                    failed.len(),
                    report.sources.len(),
                    first.path,
                    first.issues.first().map_or("", |issue| &issue.first.message)
                )),
                None if ground.stop.load(Ordering::SeqCst) => Told::good("stopped; what was read before is kept"),
                None => Told::good(format!(
                    "imported {}: {} new, {} changed",
                    human::plural(report.sources.len(), "source"),
                    human::plural(usize::try_from(report.trajectories.new).unwrap_or(0), "trajectory"),
                    report.trajectories.changed
                )),
            };
            let read = report.sources.iter().filter(|source| source.status != crate::workspace::Status::Failed);
            let mut numbers = read.flat_map(|source| workspace.trajectories_of(source).unwrap_or_default());
            // One is opened; of several a person chooses in the library.
            let only = numbers.next().filter(|first| numbers.all(|other| other == *first));
            (told, only)
        }
        Err(error) => (Told::bad(error.to_string()), None),
    };
    ground.answer(Answer::JobDone(told, number));
}

/// Takes the decisions of exported journals in, and says how many; nothing where there is none to take in.
fn unite(workspace: &Workspace, journals: &[PathBuf]) -> Option<Told> {
    let mut new = 0;
    for journal in journals {
        match workspace.import_journal(journal, None) {
            Ok((united, _)) => new += united.new,
            Err(error) => return Some(Told::bad(error.to_string())),
        }
    }
    let said = format!("took {} in; g r disputed settles what reviewers differ about", human::plural(new, "decision"));
    (!journals.is_empty()).then(|| Told::good(said))
}

fn catch_up(workspace: &Workspace, ground: &Ground) {
    // A change or two is indexed before a person could read that it is.
    let told = match workspace.catch_up() {
        Ok(done) => match (workspace.take_passed_over().first(), done.trajectories()) {
            (Some(damaged), _) => Told::bad(format!("{damaged}; what was known of it stays")),
            (None, 0) => return,
            (None, count) if count < 64 => Told::good(""),
            (None, count) => Told::good(format!("indexed {}", human::plural(usize::try_from(count).unwrap_or(0), "trajectory"))),
        },
        Err(error) => Told::bad(error.to_string()),
    };
    ground.answer(Answer::JobDone(told, None));
}
