//! What reaches the state: keys, answers, and that something changed.

use super::page::Block;
use crate::command::Key;
use crate::workspace::{Abridged, AuditBoard, AuditPlace, Beside, Decision, Facets, Hit, Matches, Pair, PairView, Pairs, SideName, Standing, Summary};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used.
    Mouse(Mouse),
    /// The terminal has another size, in columns and rows.
    Resize(u16, u16),
    /// Time has passed that somebody waited for.
    Tick,
    /// The store or the index changed on disk.
    Stored,
    /// The program came back from the shell or from another program.
    Resumed,
    /// A task was done, or a part of it.
    Answer(Answer),
}

/// A use of the mouse, at a column and a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What was done.
    pub act: MouseAct,
    /// Column, from 0.
    pub x: u16,
    /// Row, from 0.
    pub y: u16,
}

/// What was done with the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseAct {
    /// The left button went down.
    Press,
    /// The mouse moved with the left button down.
    Drag,
    /// The wheel turned, downwards if positive.
    Wheel(i8),
}

/// What is changed in an editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Editing {
    /// The definition of a dataset.
    Dataset,
    /// The turn of a side of a pair.
    Turn(SideName),
    /// A note on the item of the review.
    Note,
}

/// Which trajectory is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// By its number, and a step in it by its id.
    Number(i64, Option<String>),
    /// By an id of the command line.
    Id(String),
}

/// What came of a task.
#[derive(Debug)]
pub enum Answer {
    /// What was found, and after how many ms.
    Found(u64, Result<Matches, String>, f64),
    /// Counts by facet.
    Counted(u64, Facets),
    /// Rows of the catalog.
    Rows(Vec<(i64, Summary)>),
    /// Ids of the trajectories that were seen before.
    Seen(FxHashSet<String>),
    /// Lines of matching steps.
    Lines(u64, Vec<(usize, Hit)>),
    /// A trajectory beside the library.
    Preview(i64, Vec<Block>),
    /// A trajectory; the last says whether more of it is still being read.
    Opened(u64, Result<Opened, String>, bool),
    /// Places of the steps that match what is sought in a trajectory, by its number, and the place one was at when it was asked.
    Hits(i64, super::Sought, usize, Vec<usize>),
    /// Two trajectories.
    Both(Result<Box<(Opened, Opened)>, String>),
    /// The page of a step.
    Prepared(u64, Vec<Block>),
    /// Places of the steps of a trajectory, by its number, in which a text stands.
    Held(i64, String, BTreeSet<usize>),
    /// Whole texts of steps of a trajectory, by its number and their places, and what they are wanted for.
    Texts(i64, Result<FxHashMap<usize, String>, String>, super::Take),
    /// What was said beside the steps of a trajectory, by its number.
    Beside(i64, Arc<Beside>),
    /// What was judged is on disk: what to tell, or why not.
    Judged(Result<String, String>),
    /// Raw records of a step, with a heading.
    Raw(String, Vec<Block>),
    /// What was odd in a trajectory.
    Issues(Vec<Block>),
    /// What was counted.
    Insights(u64, Result<Box<super::Counted>, String>),
    /// What the rules said.
    Checked(u64, Result<Box<crate::workspace::check::CheckReport>, String>),
    /// Every finding; the last says whether more is being looked at.
    Audited(u64, Result<Box<AuditBoard>, String>, bool),
    /// What stands around findings.
    Places(Vec<AuditPlace>),
    /// A value was marked, or a span moved.
    Marked(Decision),
    /// What was decided is on disk.
    Decided(Vec<String>, Decision),
    /// The value of a fingerprint.
    Revealed(String, Option<String>),
    /// What was taken back or counts again; nothing where there was nothing.
    TurnedBack(bool, Option<crate::workspace::Turned>),
    /// The datasets, and what would leave of one.
    Dataset(u64, Result<Box<crate::workspace::DatasetBoard>, String>),
    /// The name of the dataset that was saved, or why it was not.
    DatasetSaved(Result<String, String>),
    /// The pairs; the last says who decides.
    Pairs(u64, Result<Box<Pairs>, String>, String),
    /// What stands around the turns of a pair.
    PairView(PairView),
    /// A pair that was made of two trajectories.
    NamedPair(Result<Box<Pair>, String>),
    /// A pair as it stands after a choice.
    Chose(Result<Box<Pair>, String>),
    /// The pairs as they stand after a decision was taken back.
    PairsAgain(Box<Pairs>),
    /// Id of the pair that a rewrite makes, or why it was not saved.
    Rewritten(Result<String, String>),
    /// A text as a person left it in the editor.
    Edited(Editing, String),
    /// What can be said of these several.
    Offered(u64, super::Several, Result<Vec<super::Offer>, String>),
    /// Several were labelled: what to tell, or why they were not.
    Labelled(Result<String, String>),
    /// What waits.
    Tally(super::Tally),
    /// The queues.
    Queues(Vec<QueueRow>),
    /// What is left in each queue: its name, or the query that is none, and how many items.
    QueuesLeft(Vec<(String, usize)>),
    /// The item of the review as it stands.
    Reviewed(Result<Box<super::Reviewed>, String>),
    /// What keys wait for broke down: why.
    Broke(String),
    /// Something to tell.
    Told(Told),
    /// How far the long job is: what it does, done and all, in bytes or files.
    Job(String, u64, u64),
    /// Work that showed a bar is done.
    Progressed,
    /// The long job ended, with what to tell, and what it brought in.
    JobDone(Told, Option<i64>),
    /// A mark of the store's state, and how the index stands to it.
    Looked(String, Standing),
}

/// A trajectory that was opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Its number.
    pub number: i64,
    /// It.
    pub trajectory: Arc<Abridged>,
    /// The step or execution that is meant.
    pub inner: Option<String>,
}

/// A queue that can be reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// Its name.
    pub name: String,
    /// What it asks for.
    pub query: String,
    /// What is asked of each item.
    pub schema: String,
    /// The order of its items, by its word.
    pub order: String,
    /// What a built-in one is for; empty for those that were made.
    pub about: &'static str,
}

/// Something to tell a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whether it is bad.
    pub bad: bool,
    /// What, one sentence or two.
    pub text: String,
}

impl Told {
    /// Tells something good or neutral.
    #[must_use]
    pub fn good(text: impl Into<String>) -> Self {
        Self { bad: false, text: text.into() }
    }

    /// Tells something bad.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self { bad: true, text: text.into() }
    }
}
