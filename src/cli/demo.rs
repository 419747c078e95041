//! `ossia demo`: a workspace of built-in example sessions.

use super::ask::Place;
use super::demo_files::{AMENDMENTS, DATASET, FILES, LABELS, REWRITES, VERDICTS};
use super::fail::Fail;
use super::output::Output;
use super::progress::Bar;
use crate::text::clean;
use crate::workspace::{ImportOptions, Verdict, Workspace};
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(clap::Args)]
pub struct Args {
    /// Only make the workspace and name it
    #[arg(long)]
    no_tui: bool,
}

#[derive(Serialize)]
struct Demo {
    workspace: String,
    trajectories: usize,
    datasets: Vec<String>,
}

pub fn run(args: &Args, asked: Place, named: bool, out: &Output) -> Result<u8, Fail> {
    if let Some(folder) = asked.workspace.as_ref().filter(|_| named) {
        out.aside(&clean(&format!("{} is not touched: the examples have a place of their own", folder.display())));
    }
    let place = crate::workspace::private_folder("ossia-demo")?;
    let sessions = place.join("sessions");
    for (path, bytes) in FILES {
        write(&sessions.join(path), bytes)?;
    }
    let folder = place.join("workspace");
    let workspace = Place { workspace: Some(folder.clone()), reviewer: None }.open_or_make()?;
    workspace.import(&[sessions], &ImportOptions::default(), &mut Bar::new(out.quiet))?;
    let listing = workspace.ls(&crate::query::Query::All, None, usize::MAX)?;
    judge(&workspace, &place)?;
    let datasets = workspace.datasets()?.into_iter().map(|dataset| dataset.name).collect();
    let demo = Demo { workspace: folder.to_string_lossy().into_owned(), trajectories: listing.total, datasets };
    if out.json {
        out.document("ossia.demo.v1", &demo)?;
        return Ok(0);
    }
    if !args.no_tui && crate::term::is_terminal() {
        let code = super::screen::run(&Place { workspace: Some(folder), reviewer: asked.reviewer }, Vec::new(), false, true)?;
        out.line(&format!("The examples, and what you decided of them, stay there: ossia --workspace {}", clean(&demo.workspace)))?;
        return Ok(code);
    }
    out.line(&format!("{} example trajectories are in {}", demo.trajectories, clean(&demo.workspace)))?;
    out.line("Look at them:")?;
    for command in ["ls", "search is:denied kind:tool_call", "ls is:retry", "dataset check ask-first", "export ask-first --out bundle"] {
        out.line(&format!("  ossia --workspace {} {command}", clean(&demo.workspace)))?;
    }
    Ok(0)
}

/// Who judged the examples.
const REVIEWER: &str = "demo";

#[derive(Deserialize)]
struct Rewritten {
    target: String,
    text: String,
    note: String,
}

/// What was decided of every finding of one class.
#[derive(Deserialize)]
struct Audited {
    class: String,
    verdict: Verdict,
    note: String,
}

#[derive(Deserialize)]
struct Amended {
    target: String,
    fact: String,
    value: String,
    note: String,
}

/// Says of the examples what a person said of them, and saves the dataset that they make.
fn judge(workspace: &Workspace, place: &Path) -> Result<(), Fail> {
    let labels = place.join("labels.jsonl");
    write(&labels, LABELS.as_bytes())?;
    workspace.label_file(REVIEWER, None, &labels, &crate::workspace::Answers::default())?;
    for line in AMENDMENTS.lines() {
        let said: Amended = serde_json::from_str(line).map_err(|e| Fail::data(e.to_string()))?;
        workspace.amend(REVIEWER, &said.target, &said.fact, Some(&said.value), &said.note)?;
    }
    for line in REWRITES.lines() {
        let said: Rewritten = serde_json::from_str(line).map_err(|e| Fail::data(e.to_string()))?;
        workspace.rewrite(REVIEWER, &said.target, &said.text, Vec::new(), Some(said.note))?;
    }
    audit(workspace)?;
    workspace.save_dataset(REVIEWER, DATASET)?;
    Ok(())
}

fn audit(workspace: &Workspace) -> Result<(), Fail> {
    let engine = workspace.own_engine()?;
    let findings = workspace.audit(&crate::query::Query::All, &engine, false)?.findings;
    for line in VERDICTS.lines() {
        let said: Audited = serde_json::from_str(line).map_err(|e| Fail::data(e.to_string()))?;
        let meant: Vec<String> = findings.iter().filter(|finding| finding.class == said.class).map(|finding| finding.id.clone()).collect();
        workspace.decide(REVIEWER, &meant, said.verdict, Some(&said.note), false)?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Fail> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, bytes)?)
}
