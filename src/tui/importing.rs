//! Importing on its thread: how far it is, what came of it, and what of it is opened.

use super::desk::Ground;
use crate::app::{Answer, Told};
use crate::text::human;
use crate::workspace::{ImportOptions, Progress, Status, Workspace, is_journal};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How often a long job says how far it is.
const SAID_EVERY: Duration = Duration::from_millis(100);

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
pub fn written_out(path: &Path) -> PathBuf {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(path.strip_prefix("~").ok()?));
    home().unwrap_or_else(|| path.to_owned())
}

/// Imports files and folders, and says how far it is; journals among them are taken in.
pub fn import(workspace: &Workspace, paths: &[PathBuf], ground: &Ground) {
    let mut teller = Teller { ground, done: 0, total: 0, said: Instant::now() };
    let paths: Vec<PathBuf> = paths.iter().map(|path| written_out(path)).collect();
    let (journals, paths): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| is_journal(path));
    if let Some(told) = unite(workspace, &journals).filter(|told| paths.is_empty() || told.bad) {
        return ground.answer(Answer::JobDone(told, None));
    }
    let outcome = workspace.import(&paths, &ImportOptions::default(), &mut teller);
    let (told, number) = match outcome {
        Ok(report) => {
            let failed: Vec<_> = report.sources.iter().filter(|source| source.status == Status::Failed).collect();
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
            let read = report.sources.iter().filter(|source| source.status != Status::Failed);
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
