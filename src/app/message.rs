//! What reaches the state, and what the state asks for: keys and answers in, tasks out.

use super::page::Block;
use super::session::Session;
use crate::command::Key;
use crate::model::Trajectory;
use crate::query::Query;
use crate::workspace::{
    AuditBoard, AuditFinding, AuditPlace, Beside, Decision, Facets, Found, Hit, Matches, Pair, PairChoice, PairView, Pairs, SideName, Summary, Verdict,
};
use std::path::PathBuf;
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

/// What the state asks for.
#[derive(Debug)]
pub enum Task {
    /// Find trajectories, and steps if so many are wanted.
    Find {
        /// Number of the question.
        ticket: u64,
        /// What is looked for.
        query: Query,
        /// Field to sort by.
        sort: &'static str,
        /// Largest first.
        descending: bool,
        /// How many of the best steps.
        steps: usize,
    },
    /// Count trajectories by facets.
    Count {
        /// Number of the question.
        ticket: u64,
        /// What is looked for.
        query: Query,
    },
    /// Read rows of the catalog.
    Rows(Vec<i64>),
    /// Read matching steps, for one line each; each has its place among the hits.
    Lines {
        /// Number of the question that found them.
        ticket: u64,
        /// What is looked for.
        query: Query,
        /// The steps.
        found: Vec<(usize, Found)>,
    },
    /// Show a trajectory beside the library.
    Preview {
        /// Its number.
        number: i64,
        /// Whether only ASCII is drawn.
        ascii: bool,
    },
    /// Open a trajectory.
    Open {
        /// Number of the question.
        ticket: u64,
        /// Which.
        what: Wanted,
    },
    /// Open two trajectories to compare.
    OpenBoth(Wanted, Wanted),
    /// Make the page of a step whose text is long.
    Prepare {
        /// Number of the question.
        ticket: u64,
        /// The trajectory.
        trajectory: Arc<Trajectory>,
        /// What stands in its margin.
        margin: Arc<super::Margin>,
        /// What is shown of which step.
        view: super::detail::View,
    },
    /// Look up what was said beside the steps of a trajectory.
    Beside {
        /// Its number.
        number: i64,
        /// It.
        trajectory: Arc<Trajectory>,
    },
    /// Read the raw records of a step.
    Raw(Arc<Trajectory>, usize),
    /// Count over what a query finds.
    Insights {
        /// Number of the question.
        ticket: u64,
        /// What is looked for.
        query: Query,
    },
    /// Ask the rules about what a query finds.
    Rules {
        /// Number of the question.
        ticket: u64,
        /// What is looked for.
        query: Query,
    },
    /// Look for what must not leave.
    Audit {
        /// Number of the question.
        ticket: u64,
        /// Over which trajectories.
        query: Query,
        /// Whether what is new is looked at first.
        fresh: bool,
    },
    /// Read what stands around findings.
    Places(Vec<AuditFinding>),
    /// Mark a value that no detector saw, in a step by its whole id.
    MarkValue {
        /// The step.
        id: String,
        /// The value.
        value: String,
    },
    /// Give a finding another span, in bytes of its field.
    Adjust {
        /// The finding.
        finding: Box<AuditFinding>,
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
    },
    /// Record a verdict on findings, by id or by the fingerprint of their value.
    Verdict {
        /// Which.
        findings: Vec<String>,
        /// The verdict.
        verdict: Verdict,
        /// Why.
        note: Option<String>,
        /// Whether it holds for these places alone.
        here: bool,
    },
    /// Record that a value is shown in the clear, and show it.
    Reveal(Box<AuditFinding>),
    /// Take the last decision back, or make one count again.
    TurnBack(bool),
    /// List the datasets, and work out what would leave of one.
    Dataset {
        /// Number of the question.
        ticket: u64,
        /// Name; the first without one.
        name: Option<String>,
    },
    /// Make a dataset of a query.
    BeginDataset {
        /// Its name.
        name: String,
        /// The query.
        query: String,
    },
    /// Save the definition of a dataset.
    SaveDataset(String),
    /// Write a dataset as a bundle.
    Export {
        /// Its name.
        name: String,
        /// The folder.
        out: PathBuf,
    },
    /// List the pairs.
    Pairs {
        /// Number of the question.
        ticket: u64,
        /// Those of which a side is in a trajectory that this finds.
        query: Query,
    },
    /// Read what stands around the turns of a pair.
    PairView(Box<Pair>),
    /// Make a pair of two trajectories.
    NamePair(String, String),
    /// Record which side of a pair is better.
    Choose(Box<Pair>, PairChoice),
    /// Say again of pairs what was decided.
    PairsAgain(Box<Pairs>),
    /// Save the better passage for a turn.
    RewriteTurn(SideName, String),
    /// Let a person change a text in `$EDITOR`.
    EditText {
        /// The text.
        text: String,
        /// Name of the file.
        name: &'static str,
        /// What it is.
        what: Editing,
    },
    /// Put a text on the clipboard; the second says what it is.
    Copy(String, String),
    /// Open a text in `$EDITOR`, or in `$PAGER`.
    Read {
        /// The text.
        text: String,
        /// Whether with the pager.
        pager: bool,
    },
    /// Run a program of the shell with a text on its standard input.
    Pipe {
        /// As it was written.
        line: String,
        /// What it reads.
        text: String,
    },
    /// Give the queues.
    Queues,
    /// Do something in the review.
    Review(super::ReviewAct),
    /// Judge a target where one reads it.
    Judge(String, super::ReviewAct),
    /// Import files and folders, then open the first trajectory of them.
    Import(Vec<PathBuf>),
    /// Bring the index up to the store.
    CatchUp,
    /// Look whether the store or the index changed.
    Look,
    /// Stop the long job.
    Cancel,
    /// Keep the session.
    Keep(Box<Session>),
    /// Remember that a trajectory was seen, or was not.
    Seen(String, bool),
    /// Read the mouse, or do not.
    Mouse(bool),
    /// Draw everything again.
    Redraw,
    /// Stop for the shell.
    Suspend,
    /// End.
    Quit,
}

/// What is changed in an editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Editing {
    /// The definition of a dataset.
    Dataset,
    /// The turn of a side of a pair.
    Turn(SideName),
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
    /// Lines of matching steps.
    Lines(u64, Vec<(usize, Hit)>),
    /// A trajectory beside the library.
    Preview(i64, Vec<Block>),
    /// A trajectory; the last says whether more of it is still being read.
    Opened(u64, Result<Opened, String>, bool),
    /// Two trajectories.
    Both(Result<Box<(Opened, Opened)>, String>),
    /// The page of a step.
    Prepared(u64, Vec<Block>),
    /// What was said beside the steps of a trajectory, by its number.
    Beside(i64, Arc<Beside>),
    /// What was judged is on disk: what to tell, or why not.
    Judged(Result<String, String>),
    /// Raw records of a step, with a heading.
    Raw(String, Vec<Block>),
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
    /// A decision was taken back, or counts again; `false` where there was none.
    TurnedBack(bool),
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
    /// The queues: name, query, schema.
    Queues(Vec<(String, String, String)>),
    /// The item of the review as it stands.
    Reviewed(Result<Box<super::Reviewed>, String>),
    /// Something to tell.
    Told(Told),
    /// How far the long job is: what it does, done and all, in bytes or files.
    Job(String, u64, u64),
    /// Work that showed a bar is done.
    Progressed,
    /// The long job ended, with what to tell, and what it brought in.
    JobDone(Told, Option<i64>),
    /// Whether the index is as new as the store, and a mark of the store's state.
    Looked(String, bool),
}

/// A trajectory that was opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Its number.
    pub number: i64,
    /// It.
    pub trajectory: Arc<Trajectory>,
    /// The step or execution that is meant.
    pub inner: Option<String>,
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
