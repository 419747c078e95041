//! Reviewing: one decision point of a queue at a time; an answer is on disk before the next key counts.

mod answers;
pub(super) mod page;
mod queues;

use super::Input;
use super::overlay::{Overlay, Prompt, Question};
use super::page::{Block, Page};
use super::state::{Screen, State};
use super::task::Task;
use super::tone::Tone;
use crate::command::Command;
use crate::judging::{Quote, Record, Suggestion};
use crate::text::Clean;
use crate::workspace::{Progressed, Reply, ReviewItem};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use crate::workspace::{Asked, Sitting, Voice, rule_title};

/// What a reviewer wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum ReviewAct {
    /// Begin with a queue, by its name.
    Begin(String),
    /// Begin with what a query finds, oldest first.
    Over(String),
    /// Go to an item by its place.
    Go(usize),
    /// Go to the next item that is not done.
    Next,
    /// Answer.
    Answer(Box<Reply>),
    /// Settle a question that reviewers differ about: the question, and the answer that stands.
    Settle(String, String),
    /// Take the last act back, or make it count again.
    TurnBack(bool),
    /// Flag the item, or take the flag away.
    Flag,
    /// Write a note.
    Note(String),
    /// Correct a fact; a value of `None` rejects it.
    Amend {
        /// Name of the fact.
        fact: String,
        /// What it is.
        value: Option<String>,
        /// Why.
        note: String,
    },
    /// Give the item's answers to its near-duplicates.
    Alike,
}

/// An item as it came from the workspace.
#[derive(Debug)]
pub struct Reviewed {
    /// Name of the queue.
    pub queue: String,
    /// Title of the schema, with its version.
    pub schema: String,
    /// Name of the schema.
    pub asks: String,
    /// How to judge.
    pub guide: String,
    /// Whether the arm and its traces are hidden.
    pub blind: bool,
    /// How the item is looked at.
    pub sitting: Sitting,
    /// Place of the item, from 0.
    pub place: usize,
    /// How far the reviewer is.
    pub progress: Progressed,
    /// Near-duplicates of the item in the queue, which one decision may label as well.
    pub alike: usize,
    /// The item; `None` where the queue is empty.
    pub item: Option<Box<ReviewItem>>,
    /// Number of its trajectory.
    pub number: i64,
    /// What the agent had seen, and the act itself.
    pub before: Vec<Block>,
    /// What happened then.
    pub after: Vec<Block>,
    /// Sentences of the user that an answer may quote, and in what each stands.
    pub sentences: Vec<(Quote, Clean, &'static str)>,
    /// How each rule did against what people judged, by its id.
    pub records: Arc<Vec<(String, Record)>>,
    /// What to tell.
    pub told: Option<String>,
}

impl Reviewed {
    /// Tells whether another is about the same target.
    fn is_of(&self, other: &Self) -> bool {
        let name = |item: &Option<Box<ReviewItem>>| item.as_ref().map(|item| item.point.target.name());
        name(&self.item) == name(&other.item)
    }
}

/// The state of the review.
#[derive(Debug)]
pub struct Review {
    /// The item.
    pub at: Reviewed,
    /// The page of the item.
    pub page: Page,
    /// Whether the page is to be scrolled to the act at its next layout.
    pub fresh: bool,
    /// Columns and rows for which the page was laid out last.
    laid: (u16, u16),
    /// Whether what happened is to be brought into sight.
    pub show_after: bool,
    /// Whether a person chose to see what happened before they answered.
    pub early: bool,
    /// Whether the next answer is given as unsure.
    pub unsure: bool,
    /// A question that was opened by its key.
    pub opened: Option<String>,
    /// Questions whose proposal was refused.
    pub refused: Vec<String>,
    /// Whether it is shown who answered what, while it is settled.
    pub names: bool,
    /// Names of the items that are marked, to be answered together, with whether what happened was shown early.
    pub marked: BTreeMap<String, bool>,
    /// Whether it was answered here, alone.
    pub(super) answered: bool,
    /// When the item came up, or the last answer to it was given, in ms since the epoch.
    pub since_ms: i64,
}

impl Review {
    /// Begins with an item.
    #[must_use]
    pub fn new(at: Reviewed, now_ms: i64) -> Self {
        let mut review = Self {
            page: Page::default(),
            fresh: true,
            laid: (0, 0),
            show_after: false,
            early: false,
            unsure: false,
            opened: None,
            refused: Vec::new(),
            names: !at.blind,
            marked: BTreeMap::new(),
            answered: false,
            since_ms: now_ms,
            at,
        };
        review.lay();
        review
    }

    /// Gives the name of what is judged.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.at.item.as_ref().map(|item| item.point.target.name())
    }

    /// Tells whether what happened may be seen.
    #[must_use]
    pub fn revealed(&self) -> bool {
        self.early || self.at.item.as_ref().is_some_and(|item| item.revealed)
    }

    /// Tells whether it is settled what reviewers differ about.
    #[must_use]
    pub fn settles(&self) -> bool {
        self.at.sitting == Sitting::Settling
    }

    /// Gives the questions of a training round with the reviewer's and the right answer, once every question is answered.
    #[must_use]
    pub fn corrected(&self) -> Vec<(&str, Option<&str>, &str)> {
        let item = self.at.item.iter().filter(|item| item.next.is_none());
        let asked = item.flat_map(|item| &item.questions);
        asked.filter_map(|asked| Some((asked.question.id.as_str(), asked.answer.as_deref(), asked.right.as_deref()?))).collect()
    }

    /// Says what followed from the answers to the item, which nobody pressed; `None` where nothing did.
    fn followed(&self) -> Option<String> {
        let derived: Vec<String> = self.at.item.as_ref()?.derived.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let alike = if self.at.alike == 0 { String::new() } else { format!("; backspace, c: the {} alike as well", self.at.alike) };
        (!derived.is_empty()).then(|| format!("saved: {}{alike}", derived.join(", ")))
    }

    fn lay(&mut self) {
        let mut blocks = self.at.before.clone();
        if self.revealed() {
            blocks.extend(self.at.after.clone());
        } else if !self.at.after.is_empty() {
            blocks.push(Block::new());
            blocks.push(Block::new().say(Tone::Dim, "what happened next is hidden until you answer; H shows it early, which is recorded").indented(2));
        }
        let top = self.page.top;
        self.page = Page::new(blocks);
        self.page.top = top;
    }

    /// Gives the question that is to be answered now.
    #[must_use]
    pub fn asked(&self) -> Option<&Asked> {
        let item = self.at.item.as_ref()?;
        let opened = self.opened.as_ref().and_then(|id| item.questions.iter().find(|asked| asked.question.id == *id));
        opened.or_else(|| item.questions.get(item.next?))
    }

    /// Gives what is proposed for the question that is to be answered now, unless it was refused.
    #[must_use]
    pub fn proposal(&self) -> Option<&Suggestion> {
        let asked = self.asked()?;
        asked.suggestion.as_ref().filter(|_| !self.refused.contains(&asked.question.id))
    }
}

impl State {
    /// Does what a command of the review says.
    pub(super) fn act_in_review(&mut self, command: Command) {
        match command {
            Command::LabelMarked => self.label_several(),
            Command::QueueThese => self.queue_these(),
            _ if matches!(self.screen, Screen::Trajectory | Screen::Library) => self.act_here(command),
            Command::TakeProposal => self.take_proposal(),
            Command::Refuse => self.refuse_proposal(),
            Command::Later => self.other_item(1),
            Command::PreviousItem => self.other_item(-1),
            Command::ChangeAnswer => self.answer_list(),
            Command::Undo => self.review_act(ReviewAct::TurnBack(false)),
            Command::Redo => self.review_act(ReviewAct::TurnBack(true)),
            Command::Flag => self.review_act(ReviewAct::Flag),
            Command::Note => self.begin_note(),
            Command::Guide => self.toggle_guide(),
            Command::Reveal => self.reveal_early(),
            Command::Unsure => self.toggle_unsure(),
            Command::Names => self.toggle_names(),
            Command::EditNote => self.want(Task::EditText { text: String::new(), name: "note.md", what: super::Editing::Note }),
            Command::Alike => self.review_act(ReviewAct::Alike),
            // What is done everywhere is not done here.
            _ => {}
        }
    }

    /// Asks for something to be done; keys wait until it is.
    pub(super) fn review_act(&mut self, act: ReviewAct) {
        if self.review.is_some() {
            self.wait_on(Screen::Review);
        }
        self.begins |= matches!(act, ReviewAct::Begin(_) | ReviewAct::Over(_));
        if matches!(act, ReviewAct::Answer(_)) {
            self.tour_met(super::tour::Met::Answered);
        }
        self.want(Task::Review(act));
    }

    /// Takes an item in, and the keys that waited for it.
    pub(super) fn reviewed(&mut self, result: Result<Box<Reviewed>, String>) {
        let reviewed = match result {
            Err(why) => return self.broke_down(&why),
            Ok(reviewed) => reviewed,
        };
        let held = self.end_wait();
        // Whoever left while an act was written is not brought back by it.
        let comes_up = std::mem::take(&mut self.begins) || self.review.is_none();
        if let Some(told) = reviewed.told.clone() {
            self.note(&told);
        }
        if let Some(before) = self.review.as_ref().filter(|review| review.at.queue == reviewed.queue).map(|review| review.at.progress.done) {
            self.tally_done(before, reviewed.progress.done);
        }
        // A queue may hold an item twice: asked first, and again.
        match self.review.as_mut().filter(|review| review.at.queue == reviewed.queue && review.at.place == reviewed.place && review.at.is_of(&reviewed)) {
            Some(review) => {
                let hidden = !review.revealed();
                review.at = *reviewed;
                (review.unsure, review.opened) = (false, None);
                review.lay();
                // What was just revealed is brought into sight.
                review.show_after = hidden && review.revealed();
            }
            None => {
                let marked = self.review.take().filter(|review| review.at.queue == reviewed.queue).map(|review| review.marked);
                self.review = Some(Review { marked: marked.unwrap_or_default(), ..Review::new(*reviewed, self.now_ms) });
            }
        }
        if comes_up {
            self.arrive(Screen::Review);
        }
        // An item with every question answered makes way for the next, unless a person came back to it.
        let answered = |review: &Review| review.at.item.as_ref().is_some_and(|item| item.next.is_none()) && review.at.told.is_none();
        // What is right is to be read before one goes on.
        let done = self.review.as_ref().is_some_and(|review| answered(review) && review.corrected().is_empty());
        if done && self.review.as_ref().is_some_and(|review| review.at.progress.done < review.at.progress.total) && self.advance {
            self.advance = false;
            // What followed from the answers is seen though the item makes way.
            if let Some(said) = self.review.as_ref().filter(|review| review.answered).and_then(Review::followed) {
                self.note(&said);
            }
            self.review_act(ReviewAct::Next);
        }
        self.press_held(Screen::Review, held);
    }

    /// Goes to the item before or after this one.
    pub(super) fn other_item(&mut self, by: isize) {
        let Some(review) = &self.review else { return };
        let total = review.at.progress.total;
        match review.at.place.checked_add_signed(by).filter(|place| *place < total) {
            Some(place) => self.review_act(ReviewAct::Go(place)),
            None if by < 0 => self.note("this is the first item of the queue"),
            None => match total.saturating_sub(review.at.progress.done) {
                0 => self.note("this was the last item of the queue, and all are done"),
                open => self.note(&format!("this is the last item of the queue; {open} not done, g Q opens it at the first of them")),
            },
        }
    }

    /// Shows what happened before the answers are given, which every answer then says.
    pub(super) fn reveal_early(&mut self) {
        if let Some(review) = self.review.as_mut().filter(|review| review.at.item.is_some() && !review.revealed()) {
            (review.early, review.show_after) = (true, true);
            let early = review.name().and_then(|name| review.marked.get_mut(&name));
            early.into_iter().for_each(|early| *early = true);
            review.lay();
            self.note("shown early: answers from here on count as given with hindsight");
        }
    }

    /// Shows how to judge, or hides it.
    pub(super) fn toggle_guide(&mut self) {
        let Some(review) = &self.review else { return };
        let (blocks, asked) = page::guide(&review.at, review.asked().map(|asked| asked.question.id.as_str()));
        let title = review.at.schema.clone();
        self.sheet_at(&title, blocks, asked);
    }

    /// Begins a note on the item.
    pub(super) fn begin_note(&mut self) {
        if self.review.as_ref().is_some_and(|review| review.at.item.is_some()) {
            self.overlays.push(Overlay::Prompt(Prompt { question: Question::Note, input: Input::default() }));
        }
    }

    /// Opens the trajectory of the item at its step; everything in it is seen there.
    pub(super) fn open_reviewed(&mut self) {
        let Some(review) = &self.review else { return self.choose_queue() };
        if review.at.blind {
            return self.note("this queue is blind: the whole trajectory would tell its arm");
        }
        let (number, inner) = (review.at.number, review.at.item.as_ref().map(|item| item.point.target.id.clone()).filter(|id| !id.is_empty()));
        if !review.revealed() {
            self.reveal_early();
        }
        self.open_trajectory(super::Wanted::Number(number, inner));
    }

    /// Lays the page out, and brings the act into sight where the item is new.
    pub(super) fn settle_review(&mut self) {
        let area = self.review_area();
        let wrap = self.looks.wrap;
        let Some(review) = &mut self.review else { return };
        let act = review.at.before.len().saturating_sub(1);
        // On another size of screen the act is brought into sight again.
        let size = (area.width, area.height);
        review.fresh |= std::mem::replace(&mut review.laid, size) != size && !review.revealed();
        review.page.lay(area.width.saturating_sub(4), area.height, wrap);
        if review.fresh {
            review.fresh = false;
            let lines = review.page.lines();
            let last = lines.iter().rposition(|line| line.block <= act).unwrap_or(0);
            // Where there is no room for all of it, its head is what counts.
            let head = lines.iter().take(last).rposition(|line| line.range.is_empty()).map_or(0, |blank| blank + 1);
            review.page.top = (last + 4).saturating_sub(area.rows()).min(head);
        }
        if review.show_after {
            review.show_after = false;
            let from = review.page.lines().iter().position(|line| line.block > act + 1);
            review.page.top = from.map_or(review.page.top, |from| from.saturating_sub(area.rows() / 3));
        }
        review.page.lay(area.width.saturating_sub(4), area.height, wrap);
    }
}
