//! Deciding: what a reviewer says goes to the journal and is on disk before the call returns; undo, history and exchange.

use super::walk::unreadable;
use super::{Error, Result, Workspace};
use crate::judging::{Amendment, Gold};
use crate::model::entry::LASTING;
use crate::model::{Draft, Entry, EntryId, Recorded, Redo, Timestamp, Undo};
use crate::store::{Head, Journal, Proof, United};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The form of an exchanged journal; its first line says it.
const FORM: &str = "ossia.journal.v1";
/// A reviewer's name has at most so many characters.
const LONGEST_NAME: usize = 64;

/// First line of an exchanged journal: what must follow, so that a cut file is seen.
#[derive(Serialize, Deserialize)]
struct Opening {
    schema: String,
    entries: u64,
    heads: Vec<Head>,
}

/// Why bytes left the store; the entry that `forget` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetReason {
    /// SHA-256 of each source that was removed.
    pub sources: Vec<String>,
    /// What was named: a path, a SHA-256 or a trajectory id.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl Recorded for ForgetReason {
    const KIND: &'static str = "forget";
}

/// What was written to a file of exchange.
#[derive(Debug, Clone, Serialize)]
pub struct ExportedJournal {
    /// The file.
    pub file: String,
    /// Entries.
    pub entries: u64,
    /// The chains and their last entries.
    pub heads: Vec<Head>,
}

/// One entry of the log, with whether it counts.
#[derive(Debug, Clone, Serialize)]
pub struct Logged {
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// Whether it was undone.
    pub undone: bool,
}

/// One act that was undone or redone.
#[derive(Debug, Clone, Serialize)]
pub struct JournalLine {
    /// What was decided there: its entries, first to last.
    pub entries: Vec<Entry>,
}

impl Workspace {
    /// Gives the journal, to read.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Records decisions of one reviewer as one act, all or none; when it returns they are on disk.
    pub fn record(&self, reviewer: &str, drafts: &[Draft]) -> Result<Vec<Entry>> {
        valid_name(reviewer)?;
        drafts.iter().try_for_each(holds_no_secret)?;
        let entries = self.journal.append(reviewer, now(), drafts)?;
        if entries.iter().any(|entry| [Amendment::KIND, Undo::KIND, Redo::KIND].contains(&&*entry.kind)) {
            *self.amended.borrow_mut() = None;
        }
        Ok(entries)
    }

    /// Takes back the reviewer's last act that counts; `None` if nothing is left to undo.
    pub fn undo(&self, reviewer: &str) -> Result<Option<JournalLine>> {
        self.undo_of(reviewer, &[])
    }

    /// Takes back the reviewer's last act of some kinds that counts, whatever else they did since; no kinds mean any.
    pub fn undo_of(&self, reviewer: &str, kinds: &[&str]) -> Result<Option<JournalLine>> {
        let mut settled = Vec::new();
        let mut of = None;
        self.journal.backwards(reviewer, |entry| {
            match turned(&entry) {
                Some((act, undone)) => settled.push((act, undone)),
                None if LASTING.contains(&&*entry.kind) || !is_of(&entry, kinds) => {}
                None => {
                    let act = entry.act();
                    if !settled.iter().find(|(known, _)| *known == act).is_some_and(|(_, undone)| *undone) {
                        of = Some(act);
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        let Some(of) = of else { return Ok(None) };
        self.record(reviewer, &[Draft::of(&Undo { of })])?;
        self.act(reviewer, of).map(Some)
    }

    /// Makes the act count again that the reviewer undid last; `None` if something was decided since, or nothing was undone.
    pub fn redo(&self, reviewer: &str) -> Result<Option<JournalLine>> {
        self.redo_of(reviewer, &[])
    }

    /// Makes the act of some kinds count again that the reviewer undid last; no kinds mean any.
    pub fn redo_of(&self, reviewer: &str, kinds: &[&str]) -> Result<Option<JournalLine>> {
        let mut turns = Vec::new();
        self.journal.backwards(reviewer, |entry| match turned(&entry) {
            Some(turn) => {
                turns.push(turn);
                ControlFlow::Continue(())
            }
            None if LASTING.contains(&&*entry.kind) || !is_of(&entry, kinds) => ControlFlow::Continue(()),
            None => ControlFlow::Break(()),
        })?;
        let mut undone = Vec::new();
        for (act, was_undone) in turns.into_iter().rev() {
            undone.retain(|known| *known != act);
            if was_undone {
                undone.push(act);
            }
        }
        while let Some(of) = undone.last().filter(|_| !kinds.is_empty()) {
            if self.journal.entry(*of)?.is_some_and(|entry| is_of(&entry, kinds)) {
                break;
            }
            undone.pop();
        }
        let Some(of) = undone.pop() else { return Ok(None) };
        self.record(reviewer, &[Draft::of(&Redo { of })])?;
        self.act(reviewer, of).map(Some)
    }

    /// Gives an act that was taken back or made to count again, once what follows from it is brought up to date.
    fn act(&self, reviewer: &str, of: EntryId) -> Result<JournalLine> {
        let mut entries = Vec::new();
        self.journal.backwards(reviewer, |entry| {
            let first = entry.id == of;
            if entry.act() == of {
                entries.push(entry);
            }
            if first { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        entries.reverse();
        if entries.iter().any(|entry| &*entry.kind == Amendment::KIND) {
            self.catch_up()?;
        }
        Ok(JournalLine { entries })
    }

    /// Gives the latest entries, the last first, of one reviewer or of all; each with whether it was undone.
    pub fn log(&self, reviewer: Option<&str>, limit: usize) -> Result<Vec<Logged>> {
        let mut log: Vec<Logged> = Vec::new();
        let mut turns = Vec::new();
        self.journal.latest(|entry| {
            turns.extend(turned(&entry).map(|(act, undone)| (act, entry.journal.clone(), entry.reviewer.clone(), undone)));
            if reviewer.is_none_or(|name| name == &*entry.reviewer) {
                let own =
                    |(act, journal, reviewer, _): &&(EntryId, _, _, bool)| *act == entry.act() && *journal == entry.journal && *reviewer == entry.reviewer;
                let undone = turns.iter().find(own).is_some_and(|turn| turn.3);
                log.push(Logged { entry, undone });
            }
            if log.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(log)
    }

    /// Checks every seal and chain of the journal.
    pub fn verify_journal(&self) -> Result<Proof> {
        Ok(self.journal.verify()?)
    }

    /// Writes the whole journal as lines of JSON that another workspace can take in; the file must not be there yet.
    pub fn export_journal(&self, to: &Path) -> Result<ExportedJournal> {
        let failed = |why: String| Error::Exchange { path: to.display().to_string(), line: None, why };
        let (heads, entries) = self.journal.at_once(|| -> Result<_> {
            let mut entries = Vec::new();
            self.journal.each(None, |entry| entries.push(entry.to_line().ok_or_else(|| entry.name())))?;
            Ok((self.journal.heads()?, entries))
        })??;
        let opening = Opening { schema: FORM.to_owned(), entries: entries.len() as u64, heads: heads.clone() };
        let mut text = serde_json::to_string(&opening).map_err(|e| failed(e.to_string()))?;
        text.push('\n');
        let mut unwritable = None;
        for line in entries {
            match line {
                Ok(line) => text.extend([line.as_str(), "\n"]),
                Err(name) => unwritable = Some(name),
            }
        }
        if let Some(name) = unwritable {
            return Err(failed(format!("{name} is no JSON; `ossia journal verify` says more")));
        }
        let mut file = private_file(to).map_err(|e| failed(e.to_string()))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| failed(format!("{e}; the file is not whole, remove it")))?;
        Ok(ExportedJournal { file: to.display().to_string(), entries: opening.entries, heads })
    }

    /// Takes in a journal that another workspace exported; all of it or nothing. Where a reviewer says that it is a gold set, its labels
    /// are the right answers of training rounds, in whoever's name they were given.
    pub fn import_journal(&self, from: &Path, gold: Option<&str>) -> Result<(United, Vec<Head>)> {
        let wrong = |line: Option<usize>, why: String| Error::Exchange { path: from.display().to_string(), line, why };
        let text = fs::read_to_string(from).map_err(|e| {
            let then = "name the file that the other reviewer wrote with `ossia journal export FILE`; nothing was taken in";
            wrong(None, format!("this journal cannot be read: {}; {then}", unreadable(&e)))
        })?;
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let first = lines.next().map_or("", |(_, line)| line);
        let opening: Opening = serde_json::from_str(first)
            .map_err(|_| wrong(Some(1), format!("it is no exported journal: the first line must be {FORM:?}; write one with `ossia journal export`")))?;
        if opening.schema != FORM {
            let why = format!("its form is {:?}, this program knows {FORM:?}; use the newer ossia", opening.schema);
            return Err(wrong(Some(1), why));
        }
        let mut entries = Vec::new();
        for (number, line) in lines {
            let entry = Entry::from_line(line).map_err(|why| {
                let after = entries.last().map_or_else(|| "it is the first entry".to_owned(), |last: &Entry| format!("it comes after {}", last.name()));
                wrong(Some(number + 1), format!("{why}; {after}; nothing was taken in"))
            })?;
            entries.push(entry);
        }
        if entries.len() as u64 != opening.entries {
            let last = entries.last().map_or("its first line".to_owned(), Entry::name);
            let why = format!("it was cut or added to: {} entries of {} are there, up to {last}; nothing was taken in", entries.len(), opening.entries);
            return Err(wrong(None, why));
        }
        if let Some(head) = opening.heads.iter().find(|head| !entries.iter().any(|entry| entry.id == head.id)) {
            let why = format!("entry {} of {} ({}) is missing; nothing was taken in", head.seq, head.reviewer, head.id.short());
            return Err(wrong(None, why));
        }
        let own = opening.heads.iter().find(|head| gold.is_some() && head.journal == self.journal.id());
        if let Some(own) = own {
            let why = format!(
                "{} of this very workspace cannot be a gold set: those answers would no longer count; export it from a workspace of its own; nothing was taken in",
                own.reviewer
            );
            return Err(Error::Undecidable(why));
        }
        let united = self.journal.unite(&entries)?;
        self.fold_again();
        if let Some(reviewer) = gold {
            let of = |head: &Head| Draft::of(&Gold { journal: head.journal.clone(), reviewer: head.reviewer.clone() });
            self.record(reviewer, &opening.heads.iter().map(of).collect::<Vec<_>>())?;
        }
        Ok((united, opening.heads))
    }
}

/// Reads an undo or redo: the act, and whether it is undone by it.
fn is_of(entry: &Entry, kinds: &[&str]) -> bool {
    kinds.is_empty() || kinds.contains(&&*entry.kind)
}

fn turned(entry: &Entry) -> Option<(EntryId, bool)> {
    let undo = entry.decision::<Undo>().ok().flatten().map(|undo| (undo.of, true));
    undo.or_else(|| entry.decision::<Redo>().ok().flatten().map(|redo| (redo.of, false)))
}

/// Refuses what a person wrote where a sure rule finds a secret in it: the journal is kept for good and given to others. A better
/// passage is looked at where it is saved, as it may hold a value that somebody kept.
fn holds_no_secret(draft: &Draft) -> Result<()> {
    if draft.kind == "rewrite" {
        return Ok(());
    }
    match crate::redaction::sure(&draft.body).first() {
        None => Ok(()),
        Some(hit) => Err(Error::Undecidable(format!(
            "the text holds a secret ({}, by the rule {}), and what is written into the journal stays there; say it without the value; nothing was written",
            crate::redaction::masked(&hit.value),
            hit.detector
        ))),
    }
}

/// Refuses names that could not be told apart or typed again.
fn valid_name(name: &str) -> Result<()> {
    let printable = !name.is_empty() && name.trim() == name && !name.chars().any(|c| c.is_control() || crate::text::is_invisible(c));
    if printable && name.chars().count() <= LONGEST_NAME {
        return Ok(());
    }
    Err(Error::Undecidable(format!("{name:?} is no reviewer's name: 1 to {LONGEST_NAME} characters, no space around them; give one with --reviewer NAME")))
}

/// Gives the wall clock's time.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0));
    Timestamp::from_ms(since).unwrap_or(Timestamp::EPOCH)
}

/// Makes a file that only its owner may read; an error if it is there already.
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
