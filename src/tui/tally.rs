//! Counting what waits, for the tabs and the list of queues: first what is known at once, then what costs more; a large workspace is spared the rest.

use super::desk::Ground;
use crate::app::{Answer, Tally};
use crate::query::Query;
use crate::workspace::{QueueProgress, Result, Workspace};

/// Findings and queues are counted in workspaces of at most so many steps, before their screens were opened: of more they are too large to be
/// read for a number.
const COUNTED: u64 = 20_000;
/// Pairs, for which trajectories are read, are counted in workspaces of at most so many.
const PAIRED: u64 = 200;
/// Queues are counted for their list in workspaces of at most so many steps, which takes about a second; of more the insights count them.
const LISTED: u64 = 200_000;

/// Counts, and gives each count as soon as it is known.
pub fn count(workspace: &Workspace, ground: &Ground) {
    let mut tally = Tally::default();
    // A number that cannot be counted is left out; what is wrong is told by the screen that shows it.
    let _ = fill(workspace, ground, &mut tally);
    ground.answer(Answer::Tally(tally));
}

fn fill(workspace: &Workspace, ground: &Ground, tally: &mut Tally) -> Result<()> {
    tally.trajectories = workspace.count_trajectories()?;
    ground.answer(Answer::Tally(tally.clone()));
    tally.unread = workspace.state()?.unread.len() as u64;
    if workspace.count_steps() > COUNTED {
        return Ok(());
    }
    let board = workspace.audit_board(&Query::All, false, &mut |_, _| true)?;
    tally.redactions = Some(Tally::open_values(&board.findings));
    ground.answer(Answer::Tally(tally.clone()));
    // Of everything, so that the number means the same whichever queue was opened last.
    let queue = workspace.open_queue(&workspace.queue("all")?, &ground.reviewer)?;
    let progress = workspace.progress(&queue, &ground.reviewer)?;
    tally.review = Some(queue.items.len().saturating_sub(progress.done) as u64);
    if tally.trajectories <= PAIRED {
        let pairs = workspace.pairs(&Query::All, &mut |_, _| true)?;
        tally.pairs = Some(pairs.total.saturating_sub(pairs.decided) as u64);
    }
    Ok(())
}

/// Counts what is left in each queue, and of what a query finds, and gives it once all is known.
pub fn queues_left(workspace: &Workspace, query: &str, ground: &Ground) {
    // As above: a number that cannot be counted is left out.
    if let Ok(left) = left(workspace, query, &ground.reviewer) {
        ground.answer(Answer::QueuesLeft(left));
    }
}

fn left(workspace: &Workspace, query: &str, reviewer: &str) -> Result<Vec<(String, usize)>> {
    if workspace.count_steps() > LISTED {
        return Ok(Vec::new());
    }
    let mut queues = workspace.queue_progress(reviewer)?;
    if !query.is_empty() {
        queues.push(workspace.progress_over(query, reviewer)?);
    }
    Ok(queues.into_iter().map(|QueueProgress { queue, progress }| (queue.name, progress.total.saturating_sub(progress.done))).collect())
}
