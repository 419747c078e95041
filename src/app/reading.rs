//! A trajectory being read: its rows, where one is, what is found and marked, and the page of the chosen step.

use super::detail::{LONG, View, texts_on_page};
use super::lanes::{Ties, refuses, stopped, wait_of};
use super::list::{List, Move};
use super::margin::Margin;
use super::message::Opened;
use super::page::{Page, find_all};
use super::timeline::{Row, Shown, Tools, rows};
use crate::command::Command;
use crate::model::{Actor, Execution, Kind, Status, Step, Trajectory};
use crate::workspace::{Abridged, Beside};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

/// What a jump goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// A prompt of the user.
    Prompt,
    /// A wait.
    Wait,
    /// A denial.
    Denial,
    /// A retry.
    Retry,
    /// An error.
    Error,
    /// A mark of redaction, or a value that the audit found.
    Redaction,
    /// A finding of a rule.
    Finding,
    /// A decision point that nobody judged.
    Unlabelled,
    /// A step in which what is looked for stands.
    Hit,
}

/// Commands that go on to a meaning, and back to it.
const JUMPS: &[(Jump, Command, Command)] = &[
    (Jump::Prompt, Command::NextPrompt, Command::PreviousPrompt),
    (Jump::Wait, Command::NextWait, Command::PreviousWait),
    (Jump::Denial, Command::NextDenial, Command::PreviousDenial),
    (Jump::Retry, Command::NextRetry, Command::PreviousRetry),
    (Jump::Error, Command::NextError, Command::PreviousError),
    (Jump::Redaction, Command::NextRedaction, Command::PreviousRedaction),
    (Jump::Finding, Command::NextFinding, Command::PreviousFinding),
    (Jump::Unlabelled, Command::NextUnlabelled, Command::PreviousUnlabelled),
];

impl Jump {
    /// Gives what a command goes to, and whether forwards.
    #[must_use]
    pub fn of(command: Command) -> Option<(Self, bool)> {
        JUMPS.iter().find(|(_, next, previous)| *next == command || *previous == command).map(|(to, next, _)| (*to, *next == command))
    }

    /// Names what it goes to.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "user prompt",
            Self::Wait => "wait",
            Self::Denial => "denial",
            Self::Retry => "retry",
            Self::Error => "error",
            Self::Redaction => "mark of redaction",
            Self::Finding => "finding",
            Self::Unlabelled => "unlabelled decision point",
            Self::Hit => "hit",
        }
    }
}

/// A trajectory being read.
#[derive(Debug)]
pub struct Reading {
    /// Its number.
    pub number: i64,
    /// It.
    pub trajectory: Arc<Abridged>,
    /// Whether more of it is still being read.
    pub partial: bool,
    /// What is known of its steps beside themselves.
    pub ties: Ties,
    /// What is shown.
    pub shown: Shown,
    /// The rows.
    pub rows: Vec<Row>,
    /// Where one is among them.
    pub list: List,
    /// Whether the page of the step has the keys.
    pub in_detail: bool,
    /// The page of the chosen step.
    pub detail: Page,
    /// What the page shows.
    pub detail_of: Option<View>,
    /// Number of the question for a page that is being made.
    pub preparing: Option<u64>,
    /// What is looked for.
    pub needle: String,
    /// Steps in which it stands, or that match what is sought.
    pub hits: BTreeSet<usize>,
    /// Whether what is looked for is still to be asked for, as texts lie on disk.
    pub unasked: bool,
    /// Whether one goes to it once it is found.
    pub goes: bool,
    /// What is sought since the trajectory was opened from the library.
    pub sought: Option<super::Sought>,
    /// A text of it that is marked on pages.
    pub marking: String,
    /// Marked steps.
    pub marked: BTreeSet<usize>,
    /// Columns that are scrolled away at the left of the rows.
    pub left: u16,
    /// The trajectory that was open before, by number and id.
    pub before: Option<(i64, String)>,
    /// The state of the store in which the margin was asked for; `None` asks anew.
    pub margin_of: Option<String>,
    /// How often the margin was looked up.
    pub edition: u32,
}

impl Reading {
    /// Begins to read a trajectory at what is meant of it, or at its first row.
    #[must_use]
    pub fn new(opened: Opened, partial: bool) -> Self {
        let ties = Ties::of(&opened.trajectory, Arc::default());
        let shown = Shown { tools: Tools::Short, thinking: false, context: false, also: None };
        let rows = rows(&opened.trajectory, &ties, shown);
        let mut reading = Self {
            number: opened.number,
            trajectory: opened.trajectory,
            partial,
            ties,
            shown,
            rows,
            list: List::default(),
            in_detail: false,
            detail: Page::default(),
            detail_of: None,
            preparing: None,
            needle: String::new(),
            hits: BTreeSet::new(),
            unasked: false,
            goes: false,
            sought: None,
            marking: String::new(),
            marked: BTreeSet::new(),
            left: 0,
            before: None,
            margin_of: None,
            edition: 0,
        };
        match opened.inner {
            Some(inner) => reading.go_to_id(&inner),
            None => reading.go_to_prompt(),
        }
        reading
    }

    /// Goes to the first prompt: what a recorder or a policy says before it is not what one came for.
    fn go_to_prompt(&mut self) {
        if let Some(step) = (0..self.trajectory.steps.len()).find(|at| self.means(*at, Jump::Prompt)) {
            self.list.chosen = self.row_near(step);
        }
    }

    /// Takes in more of the same trajectory, or a new state of it, and stays at the step one is at.
    pub fn renew(&mut self, trajectory: Arc<Abridged>, partial: bool) {
        let at = self.step().map(|step| step.id.clone());
        let hits: FxHashSet<String> = self.hits.iter().filter_map(|at| self.trajectory.steps.get(*at)).map(|step| step.id.clone()).collect();
        self.ties = Ties::of(&trajectory, Arc::clone(self.ties.margin.beside()));
        self.trajectory = trajectory;
        self.partial = partial;
        self.detail_of = None;
        self.lay_rows();
        if let Some(id) = at {
            self.go_to_id(&id);
        }
        if self.needle.is_empty() {
            let steps = self.trajectory.steps.iter().enumerate();
            self.hits = steps.filter(|(_, step)| hits.contains(&step.id)).map(|(at, _)| at).collect();
        } else {
            let needle = std::mem::take(&mut self.needle);
            self.look_for(&needle);
        }
    }

    /// Takes in what was said beside the steps.
    pub fn take_beside(&mut self, beside: Arc<Beside>) {
        self.ties.margin = Arc::new(Margin::of(&self.trajectory, beside));
        self.edition += 1;
    }

    /// Gives the place of the chosen step, from 0.
    #[must_use]
    pub fn at(&self) -> usize {
        self.rows.get(self.list.chosen).map_or(0, |row| row.step as usize)
    }

    /// Gives the chosen step.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.trajectory.steps.get(self.at()).filter(|_| !self.rows.is_empty())
    }

    /// Gives the execution of a step, by the step's place.
    #[must_use]
    pub fn execution_at(&self, step: usize) -> Option<&Execution> {
        self.ties.execution.get(step).copied().flatten().and_then(|e| self.trajectory.executions.get(e as usize))
    }

    /// Shows other things than before, and stays at the step one is at, or near it.
    pub fn show(&mut self, shown: Shown) {
        let at = self.at();
        self.shown = shown;
        self.lay_rows();
        self.list.chosen = self.row_near(at);
    }

    fn lay_rows(&mut self) {
        self.rows = rows(&self.trajectory, &self.ties, self.shown);
        self.list.chosen = self.list.chosen.min(self.rows.len().saturating_sub(1));
    }

    fn row_near(&self, step: usize) -> usize {
        let wanted = u32::try_from(step).unwrap_or(u32::MAX);
        let at = self.rows.partition_point(|row| row.step < wanted);
        if at < self.rows.len() { at } else { at.saturating_sub(1) }
    }

    /// Goes to a step by its place, showing what hides it.
    pub fn go_to(&mut self, step: usize) {
        let here = |rows: &[Row]| rows.binary_search_by_key(&u32::try_from(step).unwrap_or(u32::MAX), |row| row.step).is_ok();
        if !here(&self.rows)
            && let Some(kind) = self.trajectory.steps.get(step).map(|step| step.kind)
        {
            match kind {
                Kind::ToolCall | Kind::ToolResult => self.shown.tools = Tools::Short,
                // One row is shown of what is folded, not all of it.
                _ => self.shown.also = Some(step),
            }
            self.lay_rows();
        }
        self.list.chosen = self.row_near(step);
    }

    /// Goes to a step or execution by any of its ids.
    pub fn go_to_id(&mut self, id: &str) {
        let of_execution = || self.trajectory.execution(id).and_then(|e| e.steps.first()).cloned();
        let known = self.trajectory.step(id).map(|step| step.id.clone()).or_else(of_execution);
        if let Some(at) = known.and_then(|id| self.trajectory.steps.iter().position(|step| step.id == id)) {
            self.go_to(at);
        }
    }

    /// Finds the next step of a meaning, in a direction.
    #[must_use]
    pub fn jump(&self, to: Jump, forwards: bool) -> Option<usize> {
        let at = self.at();
        let fits = |step: &usize| self.means(*step, to);
        if forwards { (at + 1..self.trajectory.steps.len()).find(fits) } else { (0..at).rev().find(fits) }
    }

    /// Counts the steps of a meaning, and how many of them stand up to the chosen one.
    #[must_use]
    pub fn counted(&self, to: Jump) -> (usize, usize) {
        let at = self.at();
        let all: Vec<usize> = (0..self.trajectory.steps.len()).filter(|step| self.means(*step, to)).collect();
        (all.iter().filter(|step| **step <= at).count(), all.len())
    }

    fn means(&self, at: usize, to: Jump) -> bool {
        if to == Jump::Hit { self.hits.contains(&at) } else { means(&self.trajectory, &self.ties, at, to) }
    }

    /// Looks for a text in every step, without regard to case.
    pub fn look_for(&mut self, needle: &str) {
        needle.clone_into(&mut self.needle);
        (self.sought, self.marking) = (None, String::new());
        self.unasked = self.trajectory.is_cut() && !needle.is_empty();
        self.hits = if self.unasked || needle.is_empty() { BTreeSet::new() } else { holding(&self.trajectory, needle).unwrap_or_default() };
    }

    /// Finds the step of the other end of a retry: what this one tries again, or what tries this one again.
    #[must_use]
    pub fn other_end(&self) -> Option<usize> {
        let here = self.ties.execution.get(self.at()).copied().flatten()?;
        let earlier = self.ties.retries.get(here as usize).copied().flatten();
        let later = || self.ties.retries.iter().position(|tried| *tried == Some(here)).and_then(|e| u32::try_from(e).ok());
        let other = earlier.or_else(later)?;
        self.ties.first.get(other as usize).copied().flatten().map(|step| step as usize)
    }

    /// Tells whether of what the page of the chosen step shows only the beginning is in memory.
    #[must_use]
    pub fn is_cut_here(&self) -> bool {
        self.trajectory.is_cut() && texts_on_page(&self.trajectory, self.at()).any(|at| self.trajectory.cut_lines(at).is_some())
    }

    /// Marks on the page of the chosen step what is looked for.
    pub fn mark_page(&mut self) {
        let at = self.at();
        let needle = if self.needle.is_empty() { &self.marking } else { &self.needle };
        if !needle.is_empty() {
            // A page that was not looked for is read from its head.
            if self.hits.contains(&at) { self.detail.find(needle) } else { self.detail.mark(needle) }
        }
    }

    /// Tells whether the text of the chosen step is so long that its page is made on another thread.
    #[must_use]
    pub fn is_long(&self) -> bool {
        let here = self.ties.execution.get(self.at()).copied().flatten();
        let own = self.step().map_or(0, |step| step.text.len());
        let beside = here.and_then(|e| self.trajectory.executions.get(e as usize)).map_or(0, |e| e.args.as_deref().map_or(0, str::len));
        let result = self
            .trajectory
            .steps
            .iter()
            .enumerate()
            .skip(self.at() + 1)
            .take(64)
            .filter(|(at, _)| here.is_some() && self.ties.execution.get(*at).copied().flatten() == here);
        own.max(beside).max(result.map(|(_, step)| step.text.len()).max().unwrap_or(0)) > LONG
    }

    /// Moves among the rows.
    pub fn go(&mut self, how: Move, page: usize) {
        self.list.go(how, self.rows.len(), page);
    }
}

/// Finds the steps in which a text stands, by their places from 0, without regard to case.
pub fn holding(t: &Abridged, needle: &str) -> io::Result<BTreeSet<usize>> {
    let wanted = needle.to_lowercase();
    let executions: FxHashMap<&str, &Execution> = t.executions.iter().map(|e| (e.id.as_str(), e)).collect();
    let mut found = BTreeSet::new();
    for (at, step) in t.whole_steps().enumerate() {
        let step = step?;
        let e = step.execution.as_deref().and_then(|id| executions.get(id)).filter(|_| step.kind == Kind::ToolCall);
        let stands = |text: &str| !find_all(text, &wanted).is_empty();
        if stands(&step.text) || e.and_then(|e| e.args.as_deref()).is_some_and(stands) || step.id.to_lowercase().contains(&wanted) {
            found.insert(at);
        }
    }
    Ok(found)
}

/// Tells whether a step, by its place from 0, is one that a jump goes to.
pub(super) fn means(t: &Trajectory, ties: &Ties, at: usize, to: Jump) -> bool {
    let Some(step) = t.steps.get(at) else { return false };
    let number = ties.execution.get(at).copied().flatten().map(|e| e as usize);
    let e = number.and_then(|e| t.executions.get(e));
    let first = || number.and_then(|e| ties.first.get(e).copied().flatten()) == u32::try_from(at).ok();
    let shown = |flags: &[bool]| number.and_then(|e| flags.get(e).copied()).unwrap_or(false);
    match to {
        Jump::Prompt => step.kind == Kind::Message && step.actor == Actor::User && !step.text.trim().is_empty(),
        Jump::Wait => step.kind == Kind::Wait || (e.is_some_and(|e| !e.waits.is_empty()) && !shown(&ties.waits) && first()),
        Jump::Denial => match e {
            Some(e) if stopped(e) && shown(&ties.resolutions) => {
                let said_no = |wait: &crate::model::Wait| wait.decision.is_some_and(refuses);
                // Of several decisions about one call the one that refused is meant.
                step.kind == Kind::Resolution && (!e.waits.iter().any(said_no) || wait_of(step, e).is_some_and(said_no))
            }
            Some(e) if stopped(e) => e.steps.last() == Some(&step.id),
            _ => false,
        },
        Jump::Retry => e.is_some_and(|e| e.retry_of.is_some()) && first(),
        Jump::Error => step.kind == Kind::Error || (step.kind == Kind::ToolResult && e.is_some_and(|e| e.status == Status::Failed)),
        Jump::Redaction => !step.redactions.is_empty() || ties.margin.has_value(at),
        Jump::Finding => ties.margin.has_finding(t, at),
        Jump::Unlabelled => ties.margin.is_unlabelled(at),
        Jump::Hit => false,
    }
}
