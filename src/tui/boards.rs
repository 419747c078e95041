//! The tasks of the screens that work out something over many trajectories, and the decisions taken there.

use super::desk::Ground;
use crate::app::{Answer, Counted, LISTED, Task, Told};
use crate::query::Query;
use crate::text::human;
use crate::workspace::{CompareBy, Error, GroupBy, Result, Workspace};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Work that is done sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(400);
/// How often long work says how far it is.
const SAID_EVERY: Duration = Duration::from_millis(100);

/// Counts what the insights show.
fn counted(workspace: &Workspace, query: &Query, by: Option<GroupBy>, ground: &Ground) -> Result<Counted> {
    let schema = workspace.schema(None)?;
    let insights = workspace.insights(&schema, query)?;
    // Where there are no two arms, there is nothing to compare.
    let arms = workspace.compare(&schema, query, CompareBy::Arm, false).ok();
    let apart = match by {
        Some(by) => Some((by, workspace.agreement(Some(&schema.name), None, Some(by))?)),
        None => None,
    };
    Ok(Counted { insights, arms, apart, queues: workspace.queue_progress(&ground.reviewer)? })
}

/// Does a task of these screens; gives back one that is not.
pub fn run(workspace: &Workspace, task: Task, ground: &Ground) -> Option<Task> {
    let said = |error: Error| error.to_string();
    match task {
        Task::Insights { ticket, query, by } => {
            ground.answer(Answer::Insights(ticket, counted(workspace, &query, by, ground).map(Box::new).map_err(said)));
        }
        Task::Rules { ticket, query } => ground.answer(Answer::Checked(ticket, workspace.check(&query, LISTED).map(Box::new).map_err(said))),
        Task::Audit { ticket, query, fresh } => {
            // What was found before is shown while what is new is looked at.
            if fresh
                && query == Query::All
                && let Ok(board) = workspace.audit_board(&query, false, &mut |_, _| true)
            {
                ground.answer(Answer::Audited(ticket, Ok(Box::new(board)), true));
            }
            let board = told(ground, "looking for what must not leave", |watch| workspace.audit_board(&query, fresh, watch));
            // What was not looked at to its end is not shown as if nothing were there.
            let stopped = fresh && ground.stop.load(Ordering::SeqCst);
            let stopped = stopped.then(|| "stopped before everything was looked at; what was is kept, and gs looks at the rest".to_owned());
            let board = board.map(Box::new).map_err(said).and_then(|board| stopped.map_or(Ok(board), Err));
            ground.answer(Answer::Audited(ticket, board, false));
            // What a verdict masks or shows goes into the index while nobody waits; what fails here is tried again with the next look.
            let _ = workspace.catch_up();
        }
        Task::Places(findings) => match workspace.audit_places(&findings) {
            Ok(places) => ground.answer(Answer::Places(places)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::Verdict { findings, verdict, note, here } => match workspace.decide(&ground.reviewer, &findings, verdict, note.as_deref(), here) {
            Ok(decision) => ground.answer(Answer::Decided(findings, decision)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::MarkValue { id, value } => ground.answer(match workspace.mark(&ground.reviewer, &id, &value, "secret") {
            Ok(decision) => Answer::Marked(decision),
            Err(error) => Answer::Told(Told::bad(error.to_string())),
        }),
        Task::Adjust { finding, start, end } => ground.answer(match workspace.adjust(&ground.reviewer, &finding, start, end) {
            Ok(decision) => Answer::Marked(decision),
            Err(error) => Answer::Told(Told::bad(error.to_string())),
        }),
        Task::Reveal(finding) => match workspace.reveal(&ground.reviewer, &finding) {
            Ok(value) => ground.answer(Answer::Revealed(finding.fingerprint, value)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::TurnPair(again) => ground.answer(match workspace.turn_pair(&ground.reviewer, again) {
            Ok(turned) => Answer::TurnedBack(again, turned),
            Err(error) => Answer::Told(Told::bad(error.to_string())),
        }),
        Task::TurnBack(again) => {
            ground.answer(match workspace.turn_verdict(&ground.reviewer, again) {
                Ok(turned) => Answer::TurnedBack(again, turned),
                Err(error) => Answer::Told(Told::bad(error.to_string())),
            });
        }
        Task::Pairs { ticket, query } => {
            let pairs = told(ground, "looking for pairs", |watch| workspace.pairs(&query, watch));
            ground.answer(Answer::Pairs(ticket, pairs.map(Box::new).map_err(said), ground.reviewer.clone()));
        }
        Task::PairView(pair) => match workspace.pair_view(&pair) {
            Ok(view) => ground.answer(Answer::PairView(view)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::NamePair(left, right) => ground.answer(Answer::NamedPair(workspace.named_pair(&left, &right).map(Box::new).map_err(said))),
        Task::Choose(pair, choice) => ground.answer(Answer::Chose(workspace.choose(&ground.reviewer, &pair, &choice).map(Box::new).map_err(said))),
        Task::PairsAgain(mut pairs) => match workspace.settle_pairs(&mut pairs) {
            Ok(()) => ground.answer(Answer::PairsAgain(pairs)),
            Err(error) => ground.answer(Answer::Told(Told::bad(error.to_string()))),
        },
        Task::RewriteTurn(side, text) => ground.answer(Answer::Rewritten(workspace.rewrite_turn(&ground.reviewer, &side, &text).map_err(said))),
        other => return datasets(workspace, other, ground),
    }
    None
}

/// Does a task of the screen of datasets; gives back one that is not.
fn datasets(workspace: &Workspace, task: Task, ground: &Ground) -> Option<Task> {
    let said = |error: Error| error.to_string();
    match task {
        Task::Dataset { ticket, name } => {
            let board = told(ground, "working out what would leave", |watch| workspace.dataset_board(name.as_deref(), watch));
            ground.answer(Answer::Dataset(ticket, board.map(Box::new).map_err(said)));
        }
        Task::BeginDataset { name, query } => ground.answer(Answer::DatasetSaved(workspace.begin_dataset(&ground.reviewer, &name, &query).map_err(said))),
        Task::SaveDataset(text) => ground.answer(Answer::DatasetSaved(workspace.amend_dataset(&ground.reviewer, &text).map_err(said))),
        Task::Override { name, gate, reason } => {
            ground.answer(Answer::DatasetSaved(workspace.override_gate(&ground.reviewer, &name, &gate, &reason).map_err(said)));
        }
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
    let out = std::path::absolute(super::importing::written_out(out)).unwrap_or_else(|_| out.to_owned());
    let outcome = told(ground, &format!("exporting {name}"), |watch| workspace.export_dataset(name, &out, watch));
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
