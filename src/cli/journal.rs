//! `ossia journal`, `undo` and `redo`: the record of all decisions.

use super::ask::Place;
use super::fail::Fail;
use super::journal_words::said;
use super::output::{Ink, Output};
use crate::judging::chain_name;
use crate::model::Entry;
use crate::store::{Head, Proof};
use crate::text::{clean, human::plural};
use crate::workspace::JournalLine;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum Args {
    /// Write all decisions to a file that another workspace can take in
    Export {
        /// File to write
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Take in journals that other workspaces exported
    Import {
        /// Files to read
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Take their labels as the right answers of training rounds
        #[arg(long)]
        gold: bool,
    },
    /// Check that nothing was changed, cut or lost
    Verify,
    /// List decisions, the latest first
    Log {
        /// At most so many rows
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
        /// Decisions of every reviewer
        #[arg(long)]
        all: bool,
    },
}

#[derive(Serialize)]
struct Imported {
    files: Vec<Taken>,
    entries: u64,
    /// Why entries do not count here, as those that a newer program wrote.
    not_understood: Vec<String>,
}

#[derive(Serialize)]
struct Taken {
    file: String,
    new: u64,
    known: u64,
    heads: Vec<Head>,
}

#[derive(Serialize)]
struct Verified<'a> {
    ok: bool,
    #[serde(flatten)]
    proof: &'a Proof,
}

#[derive(Serialize)]
struct Log<T> {
    entries: Vec<T>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    match args {
        Args::Export { file } => {
            let written = place.open()?.export_journal(file)?;
            if out.json {
                out.document("ossia.journal-export.v1", &written)?;
            } else {
                out.line(&format!("wrote {} of {} to {}", plural(written.entries, "entry"), plural(written.heads.len(), "chain"), clean(&written.file)))?;
            }
            Ok(0)
        }
        Args::Import { files, gold } => import(files, *gold, place, out),
        Args::Verify => verify(place, out),
        Args::Log { limit, all } => log(*limit, *all, place, out),
    }
}

fn import(files: &[PathBuf], gold: bool, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open_or_make()?;
    let gold_by = gold.then(|| place.reviewer()).transpose()?;
    let mut taken = Vec::new();
    for file in files {
        let (united, heads) = workspace.import_journal(file, gold_by.as_deref())?;
        taken.push(Taken { file: file.to_string_lossy().into_owned(), new: united.new, known: united.known, heads });
    }
    let entries = workspace.journal().count().map_err(crate::workspace::Error::from)?;
    let not_understood = workspace.not_understood()?;
    let imported = Imported { files: taken, entries, not_understood };
    if out.json {
        out.document("ossia.journal-import.v1", &imported)?;
    } else {
        for Taken { file, new, known, .. } in &imported.files {
            out.line(&format!("{}: {} new, {known} known", clean(file), plural(*new, "entry")))?;
        }
        const SHOWN: usize = 3;
        for why in imported.not_understood.iter().take(SHOWN) {
            out.line(&out.ink(Ink::Yellow, &format!("  {}", clean(why))))?;
        }
        let more = imported.not_understood.len().saturating_sub(SHOWN);
        if more > 0 {
            out.line(&format!("  and {more} more that this program does not understand"))?;
        }
        if imported.files.iter().any(|taken| taken.new > 0) {
            out.line("`ossia agree` says how far you agree; what you differ about waits in the queue `disputed`: g r on the screen")?;
        }
    }
    Ok(0)
}

fn verify(place: &Place, out: &Output) -> Result<u8, Fail> {
    let proof = place.open()?.verify_journal()?;
    let ok = proof.broken.is_empty();
    if out.json {
        out.document("ossia.journal-verify.v1", &Verified { ok, proof: &proof })?;
    } else {
        for broken in &proof.broken {
            out.line(&out.ink(Ink::Red, &clean(broken)))?;
        }
        for head in &proof.heads {
            // Two journals may have a reviewer of one name.
            let alone = proof.heads.iter().filter(|other| other.reviewer == head.reviewer).count() == 1;
            let name = chain_name(&head.reviewer, &head.journal, alone);
            out.line(&format!("{} {}, last {}", clean(&name), plural(head.seq, "entry"), head.id))?;
        }
        let word = if ok { out.ink(Ink::Green, "whole") } else { out.ink(Ink::Red, "BROKEN") };
        out.line(&format!("{}: {word}", plural(proof.entries, "entry")))?;
    }
    Ok(u8::from(!ok))
}

fn log(limit: usize, all: bool, place: &Place, out: &Output) -> Result<u8, Fail> {
    let reviewer = if all { None } else { Some(place.reviewer()?) };
    let workspace = place.open()?;
    let entries = workspace.log(reviewer.as_deref(), limit)?;
    if out.json {
        out.document("ossia.journal-log.v1", &Log { entries })?;
        return Ok(0);
    }
    if entries.is_empty() && !all {
        out.line("You decided nothing yet; --all shows what everybody decided.")?;
    }
    let state = if all { Some(workspace.state()?) } else { None };
    for logged in entries {
        let mark = if logged.undone { out.ink(Ink::Dim, " (undone)") } else { String::new() };
        let chain = state.as_ref().and_then(|state| Some(state.reviewer_name(state.find_chain(&logged.entry.journal, &logged.entry.reviewer)?)));
        out.line(&format!("{}{mark}", line(&logged.entry, chain.as_deref(), out)))?;
    }
    Ok(0)
}

fn line(entry: &Entry, reviewer: Option<&str>, out: &Output) -> String {
    let at = entry.at.to_string();
    let at = at.get(..16).unwrap_or(&at).replace('T', " ");
    let said = clean(&said(entry));
    format!("{} {} {}  {said}", out.ink(Ink::Dim, &at), out.ink(Ink::Dim, &entry.id.short()), out.ink(Ink::Bold, &clean(reviewer.unwrap_or(&entry.reviewer))))
}

/// Takes back the reviewer's last act.
pub fn undo(place: &Place, out: &Output) -> Result<u8, Fail> {
    turn("ossia.undo.v1", "undone", "nothing is left to undo", place.open()?.undo(&place.reviewer()?)?, out)
}

/// Makes the act count again that the reviewer undid last.
pub fn redo(place: &Place, out: &Output) -> Result<u8, Fail> {
    turn("ossia.redo.v1", "counts again", "nothing was undone since the last decision", place.open()?.redo(&place.reviewer()?)?, out)
}

fn turn(schema: &str, done: &str, nothing: &str, act: Option<JournalLine>, out: &Output) -> Result<u8, Fail> {
    let entries = act.map(|act| act.entries).unwrap_or_default();
    let code = u8::from(entries.is_empty());
    if out.json {
        out.document(schema, &Log { entries })?;
        return Ok(code);
    }
    if entries.is_empty() {
        out.line(nothing)?;
    }
    for entry in entries.iter().take(10) {
        out.line(&format!("{done}: {}", line(entry, None, out)))?;
    }
    if entries.len() > 10 {
        out.line(&format!("and {} more of the same act", entries.len() - 10))?;
    }
    Ok(code)
}
