//! Beginning and ending: configuration, themes and session are read, the terminal is taken, and given back whatever happens.

use super::TuiError;
use super::desk::{Desk, Ground};
use super::keep::Keep;
use super::pump::{Pump, now_ms};
use super::watch::watch;
use crate::app::{Answer, COLUMNS, Input, Library, Session, State, Task, Told, Tour, Wanted};
use crate::command::{Config, Problem};
use crate::term::{self, Colors, Signals, Wait};
use crate::text::clean;
use crate::ui::{BUILT_IN, Depth};
use crate::workspace::Workspace;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::ThreadId;

/// What the screen is to show.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Folder of the workspace.
    pub folder: PathBuf,
    /// Folder under which its index lies.
    pub cache: PathBuf,
    /// Folder of the configuration and of themes.
    pub config: Option<PathBuf>,
    /// Files to import and open.
    pub files: Vec<PathBuf>,
    /// Who decides.
    pub reviewer: Option<String>,
    /// Whether colour is unwanted.
    pub no_color: bool,
    /// Whether the tour is offered.
    pub tour: bool,
}

/// Themes by name: the TOML of each.
pub type Themes = BTreeMap<String, String>;

/// Shows the screen until a person leaves it; gives the exit code; fails where there is no terminal, or where the workspace cannot be opened.
pub fn run(options: Options) -> Result<u8, TuiError> {
    if !term::is_terminal() {
        return Err(TuiError::NoTerminal);
    }
    // Opened here first, so that what is wrong with it is said on the plain terminal.
    let here = Workspace::open(&options.folder, &options.cache)?;
    if here.is_read_only() {
        return Err(TuiError::ReadOnly(clean(&options.folder.to_string_lossy()).to_string()));
    }
    let index = here.index_folder();
    let themes = themes(options.config.as_deref());
    let (config, problem) = read_config(&options, &themes);
    let keep = Keep::new(&options.folder);
    let session = keep.session();
    let variable = |name: &str| std::env::var(name).ok();
    let depth = match term::colors(&variable) {
        _ if options.no_color => Depth::Mono,
        Colors::None => Depth::Mono,
        Colors::Sixteen => Depth::Sixteen,
        Colors::Indexed => Depth::Indexed,
        Colors::True => Depth::True,
    };
    let (mut state, unchosen) = first_state(&options, config, &session, &themes, depth);
    state.now_ms = now_ms();
    if let Some(problem) = problem {
        state.tell(Told::bad(problem));
    }
    let wait = Wait::new()?;
    let (answers, received) = crossbeam_channel::unbounded();
    let reviewer = options.reviewer.clone().unwrap_or_default();
    let ground = Ground {
        folder: options.folder.clone(),
        cache: options.cache.clone(),
        reviewer,
        ascii: state.looks.ascii,
        answers,
        waker: wait.waker(),
        stop: Arc::new(AtomicBool::new(false)),
        newest: Arc::default(),
        renewed: Arc::default(),
    };
    let (marks, to) = (keep.clone(), ground.clone());
    std::thread::Builder::new().name("ossia-seen".to_owned()).spawn(move || to.answer(Answer::Seen(marks.seen())))?;
    let desk = Desk::new(ground.clone(), here)?;
    let signals = Signals::new()?;
    signals.end_when_overdue()?;
    restore_on_panic(std::thread::current().id());
    term::enter(state.looks.mouse)?;
    let disk = watch(&[&options.folder, &index]);
    let first = first_tasks(&mut state, &options, &session);
    let mut pump = Pump::new(state, themes, depth, desk, ground, received, (keep, unchosen));
    let outcome = pump.run(first, &wait, &signals, disk.as_ref());
    term::leave();
    Ok(outcome?)
}

/// What is shown where nobody chose on the screen: by the configuration, or by the terminal.
pub struct Unchosen {
    /// Name of the theme.
    pub theme: String,
    /// Names of the columns of the library.
    pub columns: Vec<String>,
    /// The theme that was chosen in a session with colours, where this one has none.
    pub colored: Option<String>,
}

fn first_state(options: &Options, mut config: Config, session: &Session, themes: &Themes, depth: Depth) -> (State, Unchosen) {
    let variable = |name: &str| std::env::var(name).ok();
    config.ascii = config.ascii.or(Some(!term::utf8(&variable)));
    let columns = Library::new(&config.columns).columns.iter().map(|column| column.name.to_owned()).collect();
    if !session.columns.is_empty() {
        config.columns.clone_from(&session.columns);
    }
    let fitting = match depth {
        Depth::Mono => "mono",
        Depth::Sixteen => "ansi",
        _ => "dark",
    };
    // No colour is asked for by the whole session; a theme chosen before must not bring it back.
    let colored = |theme: &Option<String>| theme.clone().filter(|name| depth != Depth::Mono && themes.contains_key(name));
    let theme = colored(&config.theme).unwrap_or_else(|| fitting.to_owned());
    config.theme = Some(colored(&session.theme).unwrap_or_else(|| theme.clone()));
    let local = config.local_time;
    let mut names: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.extend(themes.keys().filter(|name| BUILT_IN.iter().all(|(known, _)| known != name)).cloned());
    let mut state = State::new(term::size(), config, names);
    let name = options.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let place = options.reviewer.as_ref().map_or_else(|| name.clone(), |reviewer| format!("{name} · {reviewer}"));
    state.place = clean(&place);
    state.looks.preview = !session.no_preview;
    state.looks.wrap = !session.no_wrap;
    state.looks.beside = session.beside;
    state.tour = Tour { at: session.tour_at, on: session.tour_on, skipped: false };
    state.queries.clone_from(&session.queries);
    if local {
        state.looks.zone_ms = i64::from(jiff::Zoned::now().offset().seconds()) * 1000;
    }
    (state, Unchosen { theme, columns, colored: session.theme.clone().filter(|_| depth == Depth::Mono) })
}

/// Goes where one was, or where the arguments say.
fn first_tasks(state: &mut State, options: &Options, session: &Session) -> Vec<Task> {
    let library = &mut state.library;
    if let Some(column) = COLUMNS.iter().find(|column| column.name == session.sort) {
        (library.sort, library.descending) = (column, session.descending);
    }
    library.query = Input::of(&session.query);
    library.understand();
    library.list.chosen = session.row;
    if !options.files.is_empty() {
        return vec![Task::Look, Task::Import(options.files.clone())];
    }
    if options.tour {
        state.begin_tour();
    }
    let mut tasks = vec![Task::Look];
    if let Some(id) = session.trajectory.as_ref().filter(|_| session.reading) {
        let id = session.step.as_ref().map_or_else(|| id.clone(), |step| format!("{id}#{step}"));
        state.open_trajectory(Wanted::Id(id));
        tasks.extend(crate::app::update(state, 0, crate::app::Msg::Tick));
    }
    tasks
}

fn themes(folder: Option<&Path>) -> Themes {
    let mut themes: Themes = BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let folder = folder.map(|folder| folder.join("themes"));
    for entry in folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_stem().map(|name| clean(&name.to_string_lossy()).into_string());
        if let (Some(name), true, Ok(text)) = (name, path.extension().is_some_and(|e| e == "toml"), std::fs::read_to_string(&path)) {
            themes.insert(name, text);
        }
    }
    themes
}

/// Reads `config.toml` of a folder; gives it with what is wrong in it, which is not used.
#[must_use]
pub fn configuration(folder: Option<&Path>) -> (Config, Vec<Problem>) {
    settings(folder, &themes(folder))
}

fn settings(folder: Option<&Path>, themes: &Themes) -> (Config, Vec<Problem>) {
    let Some(path) = folder.map(|folder| folder.join("config.toml")) else {
        return (Config::default(), Vec::new());
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return (Config::default(), Vec::new()),
        Err(e) => return (Config::default(), vec![Problem { place: path.display().to_string(), message: format!("it cannot be read: {e}") }]),
    };
    let names: Vec<&str> = themes.keys().map(String::as_str).collect();
    let columns: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    Config::read(&text, &names, &columns)
}

fn read_config(options: &Options, themes: &Themes) -> (Config, Option<String>) {
    let (config, problems) = settings(options.config.as_deref(), themes);
    let listed: Vec<String> = problems.iter().map(|problem| format!("{}: {}", problem.place, problem.message)).collect();
    let told = match listed.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("{} settings of config.toml are not used\n{}", many.len(), many.join("\n"))),
    };
    (config, told)
}

/// Gives the terminal back where the thread of the screen panics; another thread's panic leaves the screen as it is.
fn restore_on_panic(screen: ThreadId) {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == screen {
            term::leave();
            usual(info);
        }
    }));
}
