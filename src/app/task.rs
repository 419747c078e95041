//! What the state asks for: each is done by the loop or by a thread, and answered with a message.

use super::message::{Editing, Wanted};
use super::session::Session;
use crate::query::Query;
use crate::workspace::{Abridged, AuditFinding, Found, GroupBy, Pair, PairChoice, Pairs, SideName, Verdict};
use std::path::PathBuf;
use std::sync::Arc;

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
        /// Row that is chosen, from 0.
        near: usize,
    },
    /// Count trajectories by facets.
    Count {
        /// Number of the question.
        ticket: u64,
        /// What is looked for.
        query: Query,
        /// Mark of the store's state that is shown.
        generation: String,
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
    /// Read the beginning of a trajectory that is being opened, if it is long.
    Begin {
        /// Number of the question.
        ticket: u64,
        /// Which.
        what: Wanted,
    },
    /// Open a trajectory.
    Open {
        /// Number of the question.
        ticket: u64,
        /// Which.
        what: Wanted,
    },
    /// Find the steps of a trajectory that match.
    Hits {
        /// Its number.
        number: i64,
        /// What is sought.
        sought: super::Sought,
        /// It.
        trajectory: Arc<Abridged>,
        /// Place of the step one is at, from 0.
        from: usize,
    },
    /// Open two trajectories to compare.
    OpenBoth(Wanted, Wanted),
    /// Make the page of a step whose text is long.
    Prepare {
        /// Number of the question.
        ticket: u64,
        /// The trajectory.
        trajectory: Arc<Abridged>,
        /// What stands in its margin.
        margin: Arc<super::Margin>,
        /// What is shown of which step.
        view: super::detail::View,
    },
    /// Find the steps of a trajectory in which a text stands, without regard to case.
    Hold {
        /// Its number.
        number: i64,
        /// It.
        trajectory: Arc<Abridged>,
        /// The text.
        needle: String,
    },
    /// Read whole texts of steps.
    Texts {
        /// Number of the trajectory.
        number: i64,
        /// It.
        trajectory: Arc<Abridged>,
        /// Places of the steps, from 0.
        steps: Vec<usize>,
        /// What they are wanted for.
        take: super::Take,
    },
    /// Look up what was said beside the steps of a trajectory.
    Beside {
        /// Its number.
        number: i64,
        /// It.
        trajectory: Arc<Abridged>,
    },
    /// Read the raw records of a step.
    Raw(Arc<Abridged>, usize),
    /// List what was odd in a trajectory, by its number.
    Issues(i64),
    /// Count over what a query finds.
    Insights {
        /// Number of the question.
        ticket: u64,
        /// What is looked for.
        query: Query,
        /// What agreement is told apart for.
        by: Option<GroupBy>,
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
    /// Take the last verdict on redactions back, or make one count again.
    TurnBack(bool),
    /// Take the last choice between two turns back, or make one count again.
    TurnPair(bool),
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
    /// Let a gate of a dataset be.
    Override {
        /// The dataset.
        name: String,
        /// The gate.
        gate: String,
        /// Why.
        reason: String,
    },
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
    /// Give what can be said of several.
    Offers(u64, super::Several),
    /// Label several at once, as one act.
    Label {
        /// What.
        several: super::Several,
        /// The answer.
        answer: super::Shared,
        /// Whether it is given as unsure.
        unsure: bool,
    },
    /// Count what waits, for the tabs.
    Tally,
    /// Give the queues.
    Queues,
    /// Count what is left in every queue, and of what this query finds where it is not empty.
    QueuesLeft(String),
    /// Do something in the review.
    Review(super::ReviewAct),
    /// Judge a target where one reads it.
    Judge(String, super::ReviewAct),
    /// Import files and folders, then open the trajectory of them where there is but one.
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
