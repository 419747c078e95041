//! Import: files are read in parallel, stored, and the trajectories they touch assembled and indexed.

use super::arriving::{Arriving, Outcome, batches, failed, read, read_stdin, unchanged};
use super::gauge::{Finishing, Gauge};
use super::load::InMemory;
use super::parse::{Parsed, parse_file, session_key};
use super::refresh::{Pass, Refreshed};
use super::report::{ImportReport, SourceReport, Status, TrajectoryCounts, count_issues};
use super::walk::{Skipped, is_journal, named, path_name, walk};
use super::{Result, Workspace};
use crate::formats::{Format, Shape};
use crate::index::{TO_IMPORT, TO_WRITE, TURN};
use crate::model::{Issue, Join, SessionName, ids};
use crate::store::{PortionRow, Portions, SourceRow, StoreError};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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

impl Workspace {
    /// Imports files and folders; `-` is standard input.
    pub fn import(&self, paths: &[PathBuf], options: &ImportOptions, progress: &mut (dyn Progress + Send)) -> Result<ImportReport> {
        let start = Instant::now();
        let found = walk(&paths.iter().filter(|p| p.as_os_str() != "-").cloned().collect::<Vec<_>>());
        let mut run = Run { skipped: found.skipped, rehash: options.rehash, ..Run::new(self) };
        run.sources.extend(found.failed.into_iter().map(|(path, why)| failed(&named(&path), 0, &why)));
        let arrivals = self.store.at_one_moment(|| {
            let mut before = self.before(found.files.len())?;
            Ok::<_, StoreError>(found.files.into_iter().map(|path| self.arriving(path, &mut before, options)).collect::<Vec<_>>())
        })?;
        let mut candidates = Vec::new();
        for arrival in arrivals? {
            match arrival {
                Ok(candidate) if options.format.is_none() && is_journal(&candidate.path) => {
                    let reason = "it is a journal of decisions: `ossia journal import FILE` takes them in".to_owned();
                    run.skipped.push(Skipped { path: candidate.name(), reason });
                }
                Ok(candidate) => candidates.push(candidate),
                Err(report) => run.sources.push(*report),
            }
        }
        let total = candidates.iter().map(|c| c.stamp.size).sum();
        progress.total(candidates.len() as u64, total);
        if paths.iter().any(|p| p.as_os_str() == "-") {
            let outcome = read_stdin(options.format);
            run.store(vec![outcome])?;
        }
        let gauge = Arc::clone(&run.gauge);
        gauge.begin(total);
        let told = Mutex::new(progress);
        // One batch is read while the one before it is stored and indexed.
        std::thread::scope(|scope| {
            let teller = scope.spawn(|| gauge.tell(&told));
            let _finishing = Finishing(&gauge, teller.thread().clone());
            let (sender, receiver) = std::sync::mpsc::sync_channel(0);
            let gauge = &gauge;
            scope.spawn(move || {
                for batch in batches(candidates) {
                    let bytes = batch.iter().map(|c| c.stamp.size).sum::<u64>();
                    let outcomes: Vec<Outcome> = batch.into_par_iter().map(|c| read(c, options.format, gauge)).collect();
                    if sender.send((outcomes, bytes)).is_err() {
                        return;
                    }
                }
            });
            for (outcomes, bytes) in receiver {
                gauge.storing(bytes);
                run.store(outcomes)?;
                gauge.stored(bytes);
                if told.lock().unwrap_or_else(PoisonError::into_inner).stopped() {
                    break;
                }
            }
            Ok::<_, super::Error>(())
        })?;
        let progress = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        progress.phase("joining");
        run.finish(start)
    }
}

/// One import under way.
struct Run<'w> {
    workspace: &'w Workspace,
    sources: Vec<SourceReport>,
    skipped: Vec<Skipped>,
    rehash: bool,
    memory: InMemory,
    touched: BTreeSet<i64>,
    made: BTreeSet<i64>,
    pass: Option<Pass<'w>>,
    committed: Instant,
    refreshed: Refreshed,
    gauge: Arc<Gauge>,
}

impl<'w> Run<'w> {
    fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            sources: Vec::new(),
            skipped: Vec::new(),
            rehash: false,
            memory: InMemory::default(),
            touched: BTreeSet::new(),
            made: BTreeSet::new(),
            pass: None,
            committed: Instant::now(),
            refreshed: Refreshed::default(),
            gauge: Arc::default(),
        }
    }

    /// Stores a batch, then assembles and indexes what it touched.
    fn store(&mut self, outcomes: Vec<Outcome>) -> Result<()> {
        let mut touched = BTreeSet::new();
        // The index is taken first: a screen that sees the store ahead of it would begin to write it itself, and this import would wait for that.
        if self.pass.is_none() && outcomes.iter().any(|(_, parsed)| parsed.is_ok()) {
            self.pass = Some(self.workspace.pass(true, TO_IMPORT)?.telling(&self.gauge));
        }
        let mut outcomes = outcomes.into_iter().peekable();
        while outcomes.peek().is_some() {
            let some: Vec<Outcome> = outcomes.by_ref().take(SOURCES_PER_TRANSACTION).collect();
            let store = &self.workspace.store;
            store.atomically(|| {
                for (candidate, parsed) in some {
                    let report = match parsed {
                        Ok(parsed) => self.put(candidate, parsed, &mut touched)?,
                        Err(why) => failed(&candidate.name(), candidate.stamp.size, &why),
                    };
                    self.sources.push(report);
                }
                store.mark_changed(&touched)
            })?;
        }
        if let Some(pass) = self.pass.as_mut().filter(|_| !touched.is_empty()) {
            pass.refresh(&touched, &mut self.memory)?;
        }
        self.memory.clear();
        self.touched.extend(touched);
        if self.committed.elapsed() > SEARCHABLE_EVERY {
            self.commit()?;
            // Who waits for a turn looks for it this often.
            std::thread::sleep(2 * TURN);
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

    fn put(&mut self, arriving: Arriving, parsed: Parsed, touched: &mut BTreeSet<i64>) -> std::result::Result<SourceReport, StoreError> {
        let store = &self.workspace.store;
        let path = arriving.name();
        let known = store.source_at(&path)?;
        if known.as_ref().map(|known| &known.sha256) != arriving.known.as_ref().map(|known| &known.sha256)
            && (parsed.framed.kept > 0 || parsed.framed.continues.is_some())
        {
            // Another process stored it meanwhile: what was left out of the frames need not be what it has now.
            return match parse_file(&arriving.path, Some(parsed.reading.format), None, &Gauge::default()) {
                Ok(parsed) => self.put(arriving, parsed, touched),
                Err(e) => Ok(failed(&path, arriving.stamp.size, &e.to_string())),
            };
        }
        if let Some(known) = known.as_ref().filter(|known| known.sha256 == parsed.framed.sha256 && known.format == parsed.reading.format.name) {
            let mended = if self.rehash { store.mend(known.id, &parsed.framed)? } else { 0 };
            if mended > 0 {
                // What was derived while its bytes could not be read is derived now.
                touched.extend(store.portions(Portions::OfSource(known.id))?.into_iter().map(|portion| portion.trajectory));
            }
            store.restamp(known.id, parsed.stamp)?;
            return Ok(SourceReport { mended_frames: mended, ..unchanged(known) });
        }
        // Bytes that name their session tell nothing new from another place; what is joined by its name may.
        let stated = parsed.reading.records > 0 && parsed.reading.portions.iter().all(|(portion, _)| matches!(portion.session, SessionName::Stated(_)));
        if known.is_none()
            && stated
            && let Some(same) = store.source_like(&parsed.framed.sha256, parsed.reading.format.name)?
        {
            store.note_alias(&path, &same.sha256, same.id)?;
            return Ok(SourceReport { path, ..unchanged(&same) });
        }
        let mut odd = parsed.reading.issues.clone();
        if arriving.path.to_str().is_none() {
            odd.push(Issue::whole("path_not_utf8", "the path is not UTF-8; the bytes that are not are written \\xHH"));
        }
        let issues = count_issues(odd.iter().chain(parsed.reading.portions.iter().flat_map(|(p, _)| &p.issues)));
        let row = SourceRow {
            id: 0,
            path,
            format: parsed.reading.format.name.to_owned(),
            container: parsed.container,
            sha256: parsed.framed.sha256.clone(),
            stamp: parsed.stamp,
            records: parsed.reading.records,
            // Counted anew with each trajectory that is assembled anew.
            steps: known.as_ref().map_or(0, |known| known.steps),
            issues: serde_json::to_string(&issues).unwrap_or_default(),
        };
        let source = store.put_source(&row, &parsed.framed, known.as_ref())?;
        store.clear_inner_ids(source)?;
        let status = match &known {
            None => Status::New,
            Some(known) if known.sha256 == row.sha256 => Status::Reread,
            Some(_) if parsed.framed.continues == Some(true) => Status::Grown,
            Some(_) => Status::Rewritten,
        };
        let reread = known.as_ref().is_some_and(|known| known.format != row.format);
        self.put_portions(source, parsed, reread, touched)?;
        let earlier = known.map(|known| known.sha256).filter(|sha256| *sha256 != row.sha256);
        Ok(SourceReport { path: row.path.clone(), status, issues, earlier, ..unchanged(&row) })
    }

    /// Stores whose records a source holds. Of a file that only grew, sessions to which nothing was added stay as they are.
    fn put_portions(&mut self, source: i64, parsed: Parsed, reread: bool, touched: &mut BTreeSet<i64>) -> std::result::Result<(), StoreError> {
        let store = &self.workspace.store;
        let several = parsed.reading.portions.len() > 1 && parsed.reading.shape == Shape::Lines;
        // Another format reads other things from the same bytes.
        let grown = several && !reread && parsed.framed.continues == Some(true);
        let mut old: FxHashMap<String, PortionRow> = FxHashMap::default();
        for row in store.portions(Portions::OfSource(source))? {
            touched.extend((!grown).then_some(row.trajectory));
            old.insert(row.session.clone(), row);
        }
        let mut rows = Vec::new();
        // Of an empty file nothing is listed; it is known, and read when it grows.
        let portions = if parsed.reading.records == 0 { Vec::new() } else { parsed.reading.portions };
        for (portion, ranges) in portions {
            let session = session_key(&portion.session);
            let (agent, id, join) = match &portion.session {
                SessionName::Stated(id) => (portion.agent, id.clone(), Join::SessionId),
                SessionName::Fallback(id) => (portion.agent, id.clone(), Join::Own),
                SessionName::Addition(list) => (portion.agent, list.split('\u{1}').next().unwrap_or("x").to_owned(), Join::Own),
            };
            store.put_inner_ids(source, &session, &super::joins::inner_ids(&portion))?;
            let before = old.remove(&session);
            if let Some(same) = before.as_ref().filter(|row| grown && row.ranges.as_ref() == Some(&ranges)) {
                rows.push(same.clone());
                continue;
            }
            let (trajectory, new) = store.trajectory_number(&ids::trajectory_id(agent, &id))?;
            if new {
                self.made.insert(trajectory);
            }
            touched.insert(trajectory);
            touched.extend(before.map(|row| row.trajectory));
            rows.push(PortionRow { source, trajectory, session: session.clone(), join: join.as_str().to_owned(), ranges: several.then_some(ranges), steps: 0 });
            if parsed.with_facts {
                self.memory.insert((source, session), portion);
            }
        }
        touched.extend(old.into_values().map(|row| row.trajectory));
        store.put_portions(source, &rows)
    }

    fn finish(mut self, start: Instant) -> Result<ImportReport> {
        self.commit()?;
        let joined = self.workspace.join_portions()?;
        if !joined.is_empty() {
            self.refreshed.add(self.workspace.pass(false, TO_WRITE)?.commit()?);
        }
        self.touched.extend(joined);
        self.refreshed.add(self.workspace.catch_up()?);
        for source in self.sources.iter_mut().filter(|source| source.sha256.as_ref().is_some_and(|sha256| self.refreshed.is_of(sha256))) {
            source.steps = self.workspace.store.source_at(&source.path)?.map_or(0, |row| row.steps);
        }
        self.sources.sort_by(|a, b| a.path.cmp(&b.path));
        let all = self.workspace.store.generations()?;
        let new = all.iter().filter(|(number, _)| self.made.contains(number)).count() as u64;
        let changed = all.iter().filter(|(number, _)| self.touched.contains(number)).count() as u64 - new;
        // What this import made and then joined to another one nobody had before.
        let gone = self.refreshed.gone().iter().filter(|number| !self.made.contains(number)).count() as u64;
        let trajectories = TrajectoryCounts { new, changed, unchanged: all.len() as u64 - new - changed, gone };
        let issues = self.sources.iter().flat_map(|s| &s.issues).map(|i| i.count).sum();
        let elapsed_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (steps, damaged) = (self.refreshed.steps(), self.refreshed.damaged());
        Ok(ImportReport { sources: self.sources, skipped: self.skipped, trajectories, steps, issues, elapsed_ms, damaged })
    }
}

/// Gives the path as the store names it.
#[must_use]
pub fn source_name(path: &Path) -> String {
    std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).map_or_else(|_| path_name(path), |path| path_name(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Quiet;

    impl Progress for Quiet {}

    /// A screen that saw the store ahead of the index would begin to write it, and the import would wait for that.
    #[test]
    fn nothing_is_stored_before_the_index_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Workspace::open(&folder.path().join("ws"), &folder.path().join("cache")).unwrap();
        let source = folder.path().join("chat.jsonl");
        std::fs::write(&source, "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"},{\"role\":\"assistant\",\"content\":\"hi\"}]}\n").unwrap();
        let screen = open();
        let stored = || screen.store.generations().unwrap().len();
        let held = screen.pass(false, TO_WRITE).unwrap();
        std::thread::scope(|scope| {
            let import = scope.spawn(|| open().import(&[source], &ImportOptions::default(), &mut Quiet).unwrap().trajectories.new);
            std::thread::sleep(Duration::from_millis(400));
            assert!(!import.is_finished(), "an import without the index");
            assert_eq!(stored(), 0, "stored, and the index is another's");
            drop(held);
            assert_eq!(import.join().unwrap(), 1);
        });
        assert_eq!(stored(), 1);
    }
}
