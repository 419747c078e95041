//! What each task does on its thread, and how it answers.

use super::desk::Ground;
use super::judge;
use super::{boards, breaking};
use crate::app::{Answer, Block, Opened, Task, Told, Tone, Wanted, detail_page, holding, issue_blocks, preview, texts_on_page};
use crate::model::{Origin, Trajectory};
use crate::query::Query;
use crate::text::human;
use crate::workspace::{Abridged, Error, Facets, Matches, Places, Result, Workspace};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Trajectories that are shown before the order of all is known.
const FIRST: usize = 120;
/// How long a search that looks at every step goes on before it shows what it found, and before it does so again.
const SOON: Duration = Duration::from_millis(60);
const AGAIN: Duration = Duration::from_millis(250);
/// Bytes of a raw record that are shown.
const RAW: u64 = 4 << 20;
/// Bytes behind them that are read with them.
const AHEAD: u64 = 1 << 20;

/// The trajectory that was loaded last, by its number and the mark of the store's state: it is often wanted next.
pub type Last = Arc<Mutex<Option<(i64, String, Arc<Abridged>)>>>;

/// What a thread keeps between tasks.
#[derive(Default)]
pub struct Memory {
    /// What was loaded last, by any of the threads that share it.
    pub last: Last,
    /// The mark of the store's state in which facets were counted last.
    pub counted: String,
    /// The places of the steps that match, where each was looked at, by the question that was answered so last.
    pub found: Option<(u64, Arc<Places>)>,
    /// Whether rows were read before.
    pub warm: bool,
    /// The queue that is reviewed.
    pub bench: judge::Bench,
}

/// Does a task.
pub fn run(workspace: &Workspace, task: Task, ground: &Ground, memory: &mut Memory) {
    match task {
        Task::Find { ticket, query, sort, descending, steps, near } => {
            first_page(workspace, ticket, &query, (sort, descending), near, ground, memory);
            find(workspace, ticket, &query, (sort, descending), steps, ground, memory);
        }
        Task::Count { ticket, .. } if ground.is_outdated(ticket) => {}
        Task::Count { ticket, query, generation } => match facets(workspace, (ticket, &query), generation, memory) {
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
            let opened = open(workspace, what, memory).map_err(|e| why(ground, &e));
            ground.answer(Answer::Opened(ticket, opened, false));
        }
        Task::Hits { number, sought, trajectory, from } => match workspace.steps_that_match(&trajectory, &sought.query) {
            Ok(steps) => ground.answer(Answer::Hits(number, sought, from, steps)),
            Err(error) => complain(ground, &error),
        },
        Task::OpenBoth(left, right) => {
            let both = open_whole(workspace, left, memory).and_then(|left| Ok(Box::new((left, open_whole(workspace, right, memory)?))));
            ground.answer(Answer::Both(both.map_err(|e| e.to_string())));
        }
        Task::Prepare { ticket, trajectory, margin, view } => {
            let blocks = match texts(&trajectory, texts_on_page(&trajectory, view.step)) {
                Ok(texts) => detail_page(&trajectory, &texts, &margin, view),
                Err(error) => vec![Block::text(Tone::Failed, &error.to_string())],
            };
            ground.answer(Answer::Prepared(ticket, blocks));
        }
        Task::Hold { number, trajectory, needle } => match holding(&trajectory, &needle) {
            Ok(steps) => ground.answer(Answer::Held(number, needle, steps)),
            Err(error) => complain(ground, &error.into()),
        },
        Task::Texts { number, trajectory, steps, take } => {
            let texts = texts(&trajectory, steps.into_iter()).map_err(|error| error.to_string());
            ground.answer(Answer::Texts(number, texts, take));
        }
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
        Task::QueuesLeft(query) => super::tally::queues_left(workspace, &query, ground),
        Task::Review(act) => judge::review(workspace, act, ground, memory),
        Task::Judge(target, act) => judge::here(workspace, &target, act, ground),
        Task::Import(paths) => super::importing::import(workspace, &paths, ground),
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
    let why = why(ground, error);
    ground.answer(Answer::Told(Told::bad(why)));
}

/// Says why something failed; where the index is damaged or gone, every thread opens it anew, which makes it again.
fn why(ground: &Ground, error: &Error) -> String {
    if !error.is_broken_index() || !ground.renew() {
        return error.to_string();
    }
    ground.answer(Answer::JobDone(Told::good(""), None));
    "the index was damaged or taken away; it is made again, and what it does not hold yet is missing from searches".to_owned()
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
        let opened = Opened { number, trajectory: Arc::new(trajectory.into()), inner };
        ground.answer(Answer::Opened(ticket, Ok(opened), true));
    }
}

fn open(workspace: &Workspace, what: Wanted, memory: &Memory) -> Result<Opened> {
    match what {
        Wanted::Number(number, inner) => Ok(Opened { number, trajectory: load(workspace, number, memory)?, inner }),
        Wanted::Id(id) => {
            let (number, trajectory, inner) = workspace.open_trajectory(&id)?;
            Ok(Opened { number, trajectory: Arc::new(workspace.abridge(trajectory)), inner })
        }
    }
}

/// Finds what matches. Where every step is looked at, what was found so far is shown from time to time, until something else is asked for.
fn find(workspace: &Workspace, ticket: u64, query: &Query, (sort, descending): (&str, bool), steps: usize, ground: &Ground, memory: &mut Memory) {
    let start = Instant::now();
    let mut next = SOON;
    let mut tell = |so_far: &dyn Fn() -> Matches| {
        let elapsed = start.elapsed();
        // Until the first of the row are looked through there is nothing to tell.
        if elapsed >= next
            && let Some(matches) = Some(so_far()).filter(|matches| matches.looked.is_some_and(|(looked, _)| looked > 0))
        {
            next = elapsed + AGAIN;
            ground.answer(Answer::Found(ticket, Ok(matches), elapsed.as_secs_f64() * 1e3));
        }
        !ground.is_outdated(ticket)
    };
    let found = match query.is_verified() {
        // The thread that does so looks at the index only for this and for the facets.
        true if ground.is_outdated(ticket) => return,
        true => workspace.generation().and_then(|_| workspace.matches(query, sort, descending, steps, &mut tell)),
        false => workspace.matches(query, sort, descending, steps, &mut tell),
    };
    let Some(found) = found.map_err(|e| why(ground, &e)).transpose() else { return };
    memory.found = found.as_ref().ok().and_then(|found| Some((ticket, found.places.clone()?)));
    ground.answer(Answer::Found(ticket, found, start.elapsed().as_secs_f64() * 1e3));
}

/// Counts by facets, with what was indexed since this thread counted last.
fn facets(workspace: &Workspace, (ticket, query): (u64, &Query), generation: String, memory: &mut Memory) -> Result<Facets> {
    if memory.counted != generation {
        workspace.generation()?;
        memory.counted = generation;
    }
    let places = memory.found.take().filter(|(found, _)| *found == ticket).map(|(_, places)| places);
    workspace.facets(query, places)
}

/// Opens a trajectory with every text in memory, as what is compared is looked at in all of its steps at once.
fn open_whole(workspace: &Workspace, what: Wanted, memory: &Memory) -> Result<Opened> {
    match what {
        Wanted::Number(number, inner) => Ok(Opened { number, trajectory: whole(workspace, number, memory)?, inner }),
        Wanted::Id(id) => {
            let (number, trajectory, inner) = workspace.open_trajectory(&id)?;
            Ok(Opened { number, trajectory: Arc::new(trajectory.into()), inner })
        }
    }
}

/// Gives a trajectory with every text in memory.
pub fn whole(workspace: &Workspace, number: i64, memory: &Memory) -> Result<Arc<Abridged>> {
    if !workspace.is_long(number)? {
        let trajectory = load(workspace, number, memory)?;
        if !trajectory.is_cut() {
            return Ok(trajectory);
        }
    }
    Ok(Arc::new(read(workspace, number)?.into()))
}

/// Reads whole texts of steps, by their places from 0, where only the beginnings are in memory.
fn texts(trajectory: &Abridged, steps: impl Iterator<Item = usize>) -> Result<FxHashMap<usize, String>> {
    let cut = steps.filter(|at| trajectory.cut_lines(*at).is_some());
    cut.map(|at| Ok((at, trajectory.text(at)?.into_owned()))).collect()
}

fn held(memory: &Memory) -> Option<(i64, String, Arc<Abridged>)> {
    memory.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Loads a trajectory, unless it is the one that was loaded last; long texts of a long one are laid aside.
pub fn load(workspace: &Workspace, number: i64, memory: &Memory) -> Result<Arc<Abridged>> {
    let generation = workspace.generation()?.0;
    if let Some((known, then, trajectory)) = held(memory)
        && (known, &then) == (number, &generation)
    {
        return Ok(trajectory);
    }
    let trajectory = Arc::new(workspace.abridge(read(workspace, number)?));
    *memory.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, generation, Arc::clone(&trajectory)));
    Ok(trajectory)
}

fn read(workspace: &Workspace, number: i64) -> Result<Trajectory> {
    let mut found = workspace.load(number)?.ok_or_else(|| Error::NotFound { id: number.to_string(), hint: "; it was removed meanwhile".to_owned() })?;
    workspace.add_relatives(number, &mut found)?;
    Ok(found)
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
    ground.answer(Answer::Preview(number, blocks.unwrap_or_else(|error| vec![Block::text(Tone::Failed, &why(ground, &error))])));
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

fn catch_up(workspace: &Workspace, ground: &Ground) {
    // A change or two is indexed before a person could read that it is.
    let told = match workspace.catch_up() {
        Ok(done) => match (workspace.take_passed_over().first(), done.trajectories()) {
            (Some(damaged), _) => Told::bad(format!("{damaged}; what was known of it stays")),
            (None, 0) => return,
            (None, count) if count < 64 => Told::good(""),
            (None, count) => Told::good(format!("indexed {}", human::plural(usize::try_from(count).unwrap_or(0), "trajectory"))),
        },
        // Another process indexes what it stored; what it leaves is looked for again.
        Err(error) if error.is_busy() => Told::good(""),
        Err(error) => Told::bad(why(ground, &error)),
    };
    ground.answer(Answer::JobDone(told, None));
}
