//! The tasks of the screens that work out something over many trajectories, and the decisions taken there.

use super::desk::Ground;
use crate::app::{Answer, Counted, Task, Told};
use crate::query::Query;
use crate::text::human;
use crate::workspace::{Error, Result, Workspace};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Work that is done sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(400);
/// How often long work says how far it is.
const SAID_EVERY: Duration = Duration::from_millis(100);

/// Does a task of these screens; gives back one that is not.
pub fn run(workspace: &Workspace, task: Task, ground: &Ground) -> Option<Task> {
    let said = |error: Error| error.to_string();
    match task {
        Task::Insights { ticket, query } => {
            let counted = workspace.schema(None).and_then(|schema| {
                let insights = workspace.insights(&schema, &query)?;
                Ok(Box::new(Counted { insights, queues: workspace.queue_progress(&ground.reviewer)? }))
            });
            ground.answer(Answer::Insights(ticket, counted.map_err(said)));
        }
        Task::Rules { ticket, query } => ground.answer(Answer::Checked(ticket, workspace.check(&query).map(Box::new).map_err(said))),
        Task::Audit { ticket, query, fresh } => {
            // What was found before is shown while what is new is looked at.
            if fresh
                && query == Query::All
                && let Ok(board) = workspace.audit_board(&query, false)
            {
                ground.answer(Answer::Audited(ticket, Ok(Box::new(board)), true));
            }
            let board = workspace.audit_board(&query, fresh);
            ground.answer(Answer::Audited(ticket, board.map(Box::new).map_err(said), false));
        }
        Task::Places(findings) => match workspace.audit_places(&findings) {
            Ok(places) => ground.answer(Answer::Places(places)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::Verdict { findings, verdict, note, here } => match workspace.decide(&ground.reviewer, &findings, verdict, note.as_deref(), here) {
            Ok(decision) => ground.answer(Answer::Decided(findings, decision)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::Reveal(finding) => match workspace.reveal(&ground.reviewer, &finding) {
            Ok(value) => ground.answer(Answer::Revealed(finding.fingerprint, value)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::TurnBack(again) => {
            let turned = if again { workspace.redo(&ground.reviewer) } else { workspace.undo(&ground.reviewer) };
            ground.answer(match turned {
                Ok(turned) => Answer::TurnedBack(turned.is_some()),
                Err(error) => Answer::Told(Told::bad(error.to_string())),
            });
        }
        Task::Dataset { ticket, name } => {
            let board = told(ground, "working out what would leave", |watch| workspace.dataset_board(name.as_deref(), watch));
            ground.answer(Answer::Dataset(ticket, board.map(Box::new).map_err(said)));
        }
        Task::BeginDataset { name, query } => ground.answer(Answer::DatasetSaved(workspace.begin_dataset(&ground.reviewer, &name, &query).map_err(said))),
        Task::SaveDataset(text) => ground.answer(Answer::DatasetSaved(workspace.amend_dataset(&ground.reviewer, &text).map_err(said))),
        Task::Export { name, out } => export(workspace, &name, &out, ground),
        other => return Some(other),
    }
    None
}

/// Does something that says how far it is; what takes long shows a bar, and stops where a person says so.
fn told<T>(ground: &Ground, name: &str, does: impl FnOnce(&mut dyn FnMut(usize, usize) -> bool) -> Result<T>) -> Result<T> {
    let (begun, mut last, mut shown) = (Instant::now(), Instant::now(), false);
    let mut watch = |done: usize, all: usize| {
        if begun.elapsed() > PATIENCE && last.elapsed() > SAID_EVERY {
            (last, shown) = (Instant::now(), true);
            ground.answer(Answer::Job(name.to_owned(), done as u64, all as u64));
        }
        !ground.stop.load(Ordering::SeqCst)
    };
    let outcome = does(&mut watch);
    if shown {
        ground.answer(Answer::Progressed);
    }
    outcome
}

fn export(workspace: &Workspace, name: &str, out: &Path, ground: &Ground) {
    let outcome = told(ground, &format!("exporting {name}"), |watch| workspace.export_dataset(name, out, watch));
    let told = match outcome {
        Ok(report) => {
            let rows: usize = report.shapes.iter().map(|shape| shape.rows).sum();
            let place = report.out.unwrap_or_default();
            Told::good(format!("wrote {} to {place}; `ossia verify` checks it", human::plural(rows, "row")))
        }
        Err(error) => Told::bad(error.to_string()),
    };
    ground.answer(Answer::JobDone(told, None));
}
