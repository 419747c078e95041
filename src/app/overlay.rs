//! What lies over a screen: a list to choose from, a page of text, or a question to answer.

use super::input::Input;
use super::list::List;
use super::page::Page;
use super::tone::Tone;
use crate::command::{Command, fuzzy};
use crate::text::{Clean, clean, width};
use crate::workspace::Verdict;

/// Something over the screen.
#[derive(Debug)]
pub enum Overlay {
    /// A list to choose from.
    Picker(Picker),
    /// A page of text.
    Page(Sheet),
    /// A question with a line to answer it.
    Prompt(Prompt),
    /// A text in which a span is chosen.
    Span(super::span::Span),
}

/// What lines of the shell lose beside commands of the screen that are as like what was written.
const SHELL_LAST: i32 = 60;

/// What happens with what is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Run the command.
    Run(Command),
    /// Write this line of the shell, to be completed and run.
    Shell(&'static str),
    /// Show this theme.
    Theme(String),
    /// Sort by this column.
    Sort(&'static str),
    /// Show the column, or do not.
    Column(&'static str),
    /// Look for this.
    Query(String),
    /// Go to this step of the trajectory, by its place from 0.
    Step(usize),
    /// Open this trajectory, by its id.
    Open(String),
    /// Give this verdict on what is chosen, with this reason.
    Verdict(Verdict, Option<String>),
    /// Label all that is marked.
    Label(super::Shared, std::sync::Arc<super::Several>),
    /// Copy this.
    Copy(String),
    /// Review this queue.
    Review(String),
    /// Review what a query finds.
    ReviewFound(String),
    /// Show this pair, by its place from 0.
    Pair(usize),
    /// Go to where this is mended.
    Mend(super::datasets::kept::Mend),
    /// Answer with this quotation.
    Quote(crate::judging::Quote),
    /// Answer this question again.
    Again(String),
    /// Correct this fact to this value; `None` rejects it.
    Amend(&'static str, Option<&'static str>),
}

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Commands, by what is done.
    Palette,
    /// Commands that work here.
    Help,
    /// Themes; moving shows each.
    Themes,
    /// Columns to sort by.
    Sorts,
    /// Columns to show; choosing keeps the list open.
    Columns,
    /// Kept queries.
    Queries,
    /// Executions of the trajectory.
    Executions,
    /// Ids to copy.
    Lineage,
    /// Branches of the trajectory.
    Branches,
    /// Pairs to go to.
    Pairs,
    /// Queues to review.
    Reviews,
    /// What keeps rows of a dataset back.
    KeptBack,
    /// Answers to change.
    Answers,
    /// Sentences to quote.
    Quotes,
    /// Facts to correct.
    Facts,
    /// Reasons to keep a value; one in own words is as good.
    Reasons,
    /// Whether several values or items are meant.
    Bulk,
    /// What to say of all that is marked.
    Labels,
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What stands at the left, with its tones.
    pub text: Vec<(Clean, Tone)>,
    /// What stands at the right.
    pub aside: Clean,
    /// What happens; `None` for a heading.
    pub choice: Option<Choice>,
}

impl Item {
    /// Gives how many columns it takes to be read whole.
    #[must_use]
    pub fn columns(&self) -> usize {
        let aside = width(&self.aside);
        self.text.iter().map(|(piece, _)| width(piece)).sum::<usize>() + if aside > 0 { aside + 2 } else { 0 }
    }
}

/// A list to choose from, narrowed by what is written.
#[derive(Debug)]
pub struct Picker {
    /// What it is of.
    pub kind: Kind,
    /// Its title.
    pub title: Clean,
    /// What is written.
    pub input: Input,
    /// Every row.
    pub items: Vec<Item>,
    /// The rows that match, best first, and the bytes of the text that do.
    pub shown: Vec<(usize, Vec<usize>)>,
    /// Where one is.
    pub list: List,
    /// What to go back to if nothing is chosen: the theme before.
    pub before: Option<String>,
    /// Whether its rows are still looked up, and whether enter was pressed meanwhile.
    pub awaited: Option<bool>,
}

impl Picker {
    /// Makes a list.
    #[must_use]
    pub fn new(kind: Kind, title: Clean, items: Vec<Item>) -> Self {
        let mut picker = Self { kind, title, input: Input::default(), items, shown: Vec::new(), list: List::default(), before: None, awaited: None };
        picker.narrow();
        picker
    }

    /// Narrows the list to what matches the line.
    pub fn narrow(&mut self) {
        self.say_own_words();
        let typed = self.input.text();
        if self.kind == Kind::Palette && typed.starts_with('!') {
            // A program is named, no row.
            return self.shown.clear();
        }
        let matching = self.items.iter().enumerate().filter_map(|(at, item)| {
            let text: String = item.text.iter().map(|(piece, _)| piece.as_str()).collect();
            // What pairs say is long: letters that only stand somewhere in it are found in nearly all of them.
            let found = match self.kind {
                Kind::Pairs => spelled(typed, &text, &item.aside),
                _ => fuzzy(typed, &text).or_else(|| fuzzy(typed, &item.aside).map(|(score, _)| (score - 40, Vec::new()))),
            };
            // A name that was written whole is meant.
            let found = found.map(|(score, places)| (if matches!(item.choice, Some(Choice::Shell(_))) { score - SHELL_LAST } else { score }, places));
            let named = self.kind != Kind::Reasons && item.text.first().is_some_and(|(name, _)| name.trim() == typed);
            found.map(|(score, places)| (if named { i32::MAX } else { score }, at, places))
        });
        let mut found: Vec<(i32, usize, Vec<usize>)> =
            matching.filter(|(_, at, _)| typed.is_empty() || self.items.get(*at).is_some_and(|item| item.choice.is_some())).collect();
        if !typed.is_empty() {
            // Own words stand below what is offered.
            let own = |at: &usize| self.kind == Kind::Reasons && *at + 1 == self.items.len();
            found.sort_by_key(|(score, at, _)| (own(at), std::cmp::Reverse(*score), *at));
        }
        self.shown = found.into_iter().map(|(_, at, places)| (at, places)).collect();
        self.list = List::default();
        if self.settled() {
            self.skip_headings(1);
        }
    }

    /// Tells whether a row is chosen before anybody chose one. Of sentences none is: what stands first must not become the proof of a yes.
    fn settled(&self) -> bool {
        self.kind != Kind::Quotes || !self.input.text().is_empty()
    }

    /// Offers a reason in the very words that are written, below those that match.
    fn say_own_words(&mut self) {
        if self.kind != Kind::Reasons {
            return;
        }
        self.items.retain(|item| item.aside.is_empty());
        let typed = self.input.text().trim();
        if !typed.is_empty() {
            let choice = Some(Choice::Verdict(Verdict::Keep, Some(typed.to_owned())));
            self.items.push(Item { text: vec![(clean(typed), Tone::Text)], aside: clean("in these words"), choice });
        }
    }

    /// Gives the chosen row.
    #[must_use]
    pub fn chosen(&self) -> Option<&Item> {
        self.shown.get(self.list.chosen).and_then(|(at, _)| self.items.get(*at))
    }

    /// Moves on from a heading.
    pub fn skip_headings(&mut self, by: isize) {
        let by = if by < 0 { -1 } else { 1 };
        for _ in 0..self.shown.len() {
            if self.chosen().is_none_or(|item| item.choice.is_some()) {
                return;
            }
            let next = self.list.chosen.saturating_add_signed(by);
            if next == self.list.chosen || next >= self.shown.len() {
                // Above the first row and below the last one there is nothing but the way back.
                let back = self.shown.iter().position(|(at, _)| self.items.get(*at).is_some_and(|item| item.choice.is_some()));
                self.list.chosen = back.unwrap_or(0);
                return;
            }
            self.list.chosen = next;
        }
    }
}

/// Finds every word that was written in a row, letter by letter, and says where those of the text stand.
fn spelled(typed: &str, text: &str, aside: &str) -> Option<(i32, Vec<usize>)> {
    let (lower, aside) = (text.to_ascii_lowercase(), aside.to_ascii_lowercase());
    let mut places = Vec::new();
    for word in typed.to_ascii_lowercase().split_whitespace() {
        match lower.find(word) {
            Some(at) => places.extend(at..at + word.len()),
            None if aside.contains(word) => {}
            None => return None,
        }
    }
    Some((0, places))
}

/// A page of text over the screen.
#[derive(Debug)]
pub struct Sheet {
    /// Its title.
    pub title: Clean,
    /// The text.
    pub page: Page,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// A name for the query.
    QueryName,
    /// Text to look for in the trajectory or page.
    Find,
    /// A note on the item of the review, or on the step one reads.
    Note,
    /// Why a fact is corrected.
    Why,
    /// A name for a dataset.
    DatasetName,
    /// A gate of a dataset, and why it is let be.
    Override,
    /// The folder of a bundle.
    ExportFolder,
    /// Why a side of a pair is better.
    PairReason,
    /// What to import.
    ImportPath,
}

/// A question with a line to answer it, at the foot of the screen.
#[derive(Debug)]
pub struct Prompt {
    /// What is asked for.
    pub question: Question,
    /// The answer so far.
    pub input: Input,
}

impl Question {
    /// Asks it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::QueryName => "name for this query",
            Self::Find => "find",
            Self::Note => "note",
            Self::Why => "why is it corrected",
            Self::DatasetName => "name of the dataset",
            Self::Override => "gate to override, and why",
            Self::ExportFolder => "folder of the bundle",
            Self::PairReason => "why",
            Self::ImportPath => "file or folder to import",
        }
    }
}
