//! Import: files are read in parallel, stored, and the trajectories they touch assembled and indexed.

use super::load::InMemory;
use super::parse::{Parsed, parse, parse_file, session_key, stamp};
use super::refresh::{Pass, Refreshed};
use super::report::{ImportReport, SourceReport, Status, TrajectoryCounts, count_issues};
use super::walk::{Skipped, walk};
use super::{Result, Workspace};
use crate::formats::{Format, Shape};
use crate::model::{Join, SessionName, ids};
use crate::store::{PortionRow, SourceRow, Stamp};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Files read at once, bounded by number and by bytes.
const BATCH_FILES: usize = 256;
const BATCH_BYTES: u64 = 8 << 20;
/// Sources stored in one transaction, so that each stays short.
const SOURCES_PER_TRANSACTION: usize = 16;

/// What a long import has stored is made searchable this often.
const SEARCHABLE_EVERY: Duration = Duration::from_secs(20);

/// How to import.
#[derive(Default)]
pub struct ImportOptions {
    /// The format, where it is forced.
    pub format: Option<&'static Format>,
    /// Whether files are read even if size, times and inode say that they did not change.
    pub rehash: bool,
}

/// Told of what an import does.
pub trait Progress {
    /// Says how many files and bytes there are to read.
    fn total(&mut self, _files: u64, _bytes: u64) {}
    /// Says that more was read.
    fn advance(&mut self, _files: u64, _bytes: u64) {}
    /// Says what is being done now.
    fn phase(&mut self, _name: &str) {}
    /// Tells whether no more files are to be read; what was read is kept.
    fn stopped(&self) -> bool {
        false
    }
}

/// A file on its way in.
struct Candidate {
    path: PathBuf,
    known: Option<SourceRow>,
    stamp: Stamp,
}

/// A file that was read, or why not.
type Outcome = (Candidate, std::result::Result<Parsed, String>);

impl Workspace {
    /// Imports files and folders; `-` is standard input.
    pub fn import(&self, paths: &[PathBuf], options: &ImportOptions, progress: &mut dyn Progress) -> Result<ImportReport> {
        let start = Instant::now();
        let found = walk(&paths.iter().filter(|p| p.as_os_str() != "-").cloned().collect::<Vec<_>>());
        let mut run = Run { workspace: self, skipped: found.skipped, ..Run::new(self) };
        for (path, why) in found.failed {
            run.sources.push(failed(&path.to_string_lossy(), 0, &why));
        }
        let mut candidates = Vec::new();
        for path in found.files {
            match self.candidate(path, options) {
                Ok(candidate) => candidates.push(candidate),
                Err(report) => run.sources.push(*report),
            }
        }
        progress.total(candidates.len() as u64, candidates.iter().map(|c| c.stamp.size).sum());
        if paths.iter().any(|p| p.as_os_str() == "-") {
            let outcome = read_stdin(options.format);
            run.store(vec![outcome])?;
        }
        // One batch is read while the one before it is stored and indexed.
        std::thread::scope(|scope| {
            let (sender, receiver) = std::sync::mpsc::sync_channel(0);
            scope.spawn(move || {
                for batch in batches(candidates) {
                    let (files, bytes) = (batch.len() as u64, batch.iter().map(|c| c.stamp.size).sum::<u64>());
                    let outcomes: Vec<Outcome> = batch.into_par_iter().map(|c| read(c, options.format)).collect();
                    if sender.send((outcomes, files, bytes)).is_err() {
                        return;
                    }
                }
            });
            for (outcomes, files, bytes) in receiver {
                run.store(outcomes)?;
                progress.advance(files, bytes);
                if progress.stopped() {
                    break;
                }
            }
            Ok::<_, super::Error>(())
        })?;
        progress.phase("joining");
        run.finish(start)
    }

    /// Looks at a file without reading it; a file that did not change gives its report at once.
    fn candidate(&self, path: PathBuf, options: &ImportOptions) -> std::result::Result<Candidate, Box<SourceReport>> {
        let name = path.to_string_lossy().into_owned();
        let stamp = stamp(&path).map_err(|e| Box::new(failed(&name, 0, &e.to_string())))?;
        let known = self.store.source_at(&name).map_err(|e| Box::new(failed(&name, stamp.size, &e.to_string())))?;
        match known {
            Some(row) if row.stamp == stamp && !options.rehash && options.format.is_none_or(|f| f.name == row.format) => Err(Box::new(unchanged(&row))),
            known => Ok(Candidate { path, known, stamp }),
        }
    }
}

fn batches(candidates: Vec<Candidate>) -> Vec<Vec<Candidate>> {
    let mut batches: Vec<Vec<Candidate>> = Vec::new();
    let mut bytes = 0;
    for candidate in candidates {
        let size = candidate.stamp.size;
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_FILES && bytes + size <= BATCH_BYTES => batch.push(candidate),
            _ => {
                batches.push(vec![candidate]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    batches
}

fn read(candidate: Candidate, format: Option<&'static Format>) -> Outcome {
    // A reader must not panic; if one does, that file is refused and every other file is still imported.
    let parsed = std::panic::catch_unwind(|| parse_file(&candidate.path, format));
    let parsed = match parsed {
        Ok(Ok(parsed)) => Ok(parsed),
        Ok(Err(e)) => Err(e.to_string()),
        Err(_) => Err("the reader broke down on it; please report this file's shape".to_owned()),
    };
    (candidate, parsed)
}

fn read_stdin(format: Option<&'static Format>) -> Outcome {
    let mut bytes = Vec::new();
    let result = io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .and_then(|_| parse(&mut bytes.as_slice(), Stamp { size: bytes.len() as u64, ..Stamp::default() }, "stdin", format));
    let name = result.as_ref().map_or_else(|_| "stdin".to_owned(), |p| format!("stdin:{}", p.sha256.get(..16).unwrap_or_default()));
    (Candidate { path: PathBuf::from(name), known: None, stamp: Stamp::default() }, result.map_err(|e| e.to_string()))
}

/// One import under way.
struct Run<'w> {
    workspace: &'w Workspace,
    sources: Vec<SourceReport>,
    skipped: Vec<Skipped>,
    memory: InMemory,
    touched: BTreeSet<i64>,
    made: BTreeSet<i64>,
    pass: Option<Pass<'w>>,
    committed: Instant,
    refreshed: Refreshed,
}

impl<'w> Run<'w> {
    fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            sources: Vec::new(),
            skipped: Vec::new(),
            memory: InMemory::default(),
            touched: BTreeSet::new(),
            made: BTreeSet::new(),
            pass: None,
            committed: Instant::now(),
            refreshed: Refreshed::default(),
        }
    }

    /// Stores a batch, then assembles and indexes what it touched.
    fn store(&mut self, outcomes: Vec<Outcome>) -> Result<()> {
        let mut touched = BTreeSet::new();
        let mut outcomes = outcomes.into_iter().peekable();
        while outcomes.peek().is_some() {
            let some: Vec<Outcome> = outcomes.by_ref().take(SOURCES_PER_TRANSACTION).collect();
            let store = &self.workspace.store;
            store.atomically(|| {
                for (candidate, parsed) in some {
                    let report = match parsed {
                        Ok(parsed) => self.put(candidate, parsed, &mut touched)?,
                        Err(why) => failed(&candidate.path.to_string_lossy(), candidate.stamp.size, &why),
                    };
                    self.sources.push(report);
                }
                store.mark_changed(&touched)
            })?;
        }
        if !touched.is_empty() {
            let pass = match &mut self.pass {
                Some(pass) => pass,
                None => self.pass.insert(self.workspace.pass(true)?),
            };
            pass.refresh(&touched, &mut self.memory)?;
        }
        self.memory.clear();
        self.touched.extend(touched);
        if self.committed.elapsed() > SEARCHABLE_EVERY {
            self.commit()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        if let Some(pass) = self.pass.take() {
            self.refreshed.add(pass.commit()?);
        }
        self.committed = Instant::now();
        Ok(())
    }

    fn put(&mut self, candidate: Candidate, parsed: Parsed, touched: &mut BTreeSet<i64>) -> std::result::Result<SourceReport, crate::store::StoreError> {
        let store = &self.workspace.store;
        let path = candidate.path.to_string_lossy().into_owned();
        if let Some(known) = candidate.known.as_ref().filter(|known| known.sha256 == parsed.sha256 && known.format == parsed.reading.format.name) {
            store.restamp(known.id, parsed.stamp)?;
            return Ok(unchanged(known));
        }
        let issues = count_issues(parsed.reading.issues.iter().chain(parsed.reading.portions.iter().flat_map(|(p, _)| &p.issues)));
        let row = SourceRow {
            id: 0,
            path: path.clone(),
            format: parsed.reading.format.name.to_owned(),
            container: parsed.container,
            sha256: parsed.sha256.clone(),
            stamp: parsed.stamp,
            records: parsed.reading.records,
            steps: 0,
            issues: serde_json::to_string(&issues).unwrap_or_default(),
        };
        let source = store.put_source(&row, &parsed.frames)?;
        for old in store.portions(crate::store::Portions::OfSource(source))? {
            touched.insert(old.trajectory);
        }
        store.clear_inner_ids(source)?;
        let several = parsed.reading.portions.len() > 1 && parsed.reading.shape == Shape::Lines;
        let mut rows = Vec::new();
        for (portion, ranges) in parsed.reading.portions {
            let session = session_key(&portion.session);
            let (agent, id, join) = match &portion.session {
                SessionName::Stated(id) => (portion.agent, id.clone(), Join::SessionId),
                SessionName::Fallback(id) => (portion.agent, id.clone(), Join::Own),
                SessionName::Addition(list) => (portion.agent, list.split('\u{1}').next().unwrap_or("x").to_owned(), Join::Own),
            };
            let (trajectory, new) = store.trajectory_number(&ids::trajectory_id(agent, &id))?;
            if new {
                self.made.insert(trajectory);
            }
            store.put_inner_ids(source, &session, &super::joins::inner_ids(&portion))?;
            touched.insert(trajectory);
            rows.push(PortionRow { source, trajectory, session: session.clone(), join: join.as_str().to_owned(), ranges: several.then_some(ranges) });
            if parsed.with_facts {
                self.memory.insert((source, session), portion);
            }
        }
        store.put_portions(source, &rows)?;
        let status = if candidate.known.is_some() { Status::Grown } else { Status::New };
        Ok(SourceReport {
            path,
            sha256: Some(row.sha256),
            format: Some(row.format),
            size_bytes: row.stamp.size,
            records: row.records,
            steps: 0,
            status,
            issues,
        })
    }

    fn finish(mut self, start: Instant) -> Result<ImportReport> {
        self.commit()?;
        let joined = self.workspace.join_portions()?;
        if !joined.is_empty() {
            self.refreshed.add(self.workspace.pass(false)?.commit()?);
        }
        self.touched.extend(joined);
        self.workspace.catch_up()?;
        let store = &self.workspace.store;
        for some in self.sources.chunks_mut(SOURCES_PER_TRANSACTION) {
            store.atomically(|| {
                for source in some.iter_mut() {
                    let Some(steps) = source.sha256.as_ref().and_then(|sha256| self.refreshed.steps_of(sha256)) else { continue };
                    source.steps = steps;
                    store.set_steps(&source.path, steps)?;
                }
                Ok(())
            })?;
        }
        self.sources.sort_by(|a, b| a.path.cmp(&b.path));
        let all = self.workspace.store.trajectories()?;
        let new = all.iter().filter(|t| self.made.contains(&t.id)).count() as u64;
        let changed = all.iter().filter(|t| self.touched.contains(&t.id)).count() as u64 - new;
        let trajectories = TrajectoryCounts { new, changed, unchanged: all.len() as u64 - new - changed };
        let issues = self.sources.iter().flat_map(|s| &s.issues).map(|i| i.count).sum();
        let elapsed_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(ImportReport { sources: self.sources, skipped: self.skipped, trajectories, steps: self.refreshed.steps(), issues, elapsed_ms })
    }
}

fn unchanged(row: &SourceRow) -> SourceReport {
    let issues = serde_json::from_str(&row.issues).unwrap_or_default();
    SourceReport {
        path: row.path.clone(),
        sha256: Some(row.sha256.clone()),
        format: Some(row.format.clone()),
        size_bytes: row.stamp.size,
        records: row.records,
        steps: row.steps,
        status: Status::Unchanged,
        issues,
    }
}

fn failed(path: &str, size_bytes: u64, why: &str) -> SourceReport {
    let first = super::report::FirstIssue { line: None, message: why.to_owned() };
    let issues = vec![super::report::IssueCount { kind: "unreadable".to_owned(), count: 1, first }];
    SourceReport { path: path.to_owned(), sha256: None, format: None, size_bytes, records: 0, steps: 0, status: Status::Failed, issues }
}

/// Gives the path as the store names it.
#[must_use]
pub fn source_name(path: &Path) -> String {
    std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}
