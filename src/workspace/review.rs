//! Reviewing: one item of a queue at a time, its questions and what follows from the answers; each answer is one durable decision.

use super::sitting::{Changed, ReviewItem, Sitting, item};
use super::summary::Summary;
use super::{Error, JournalLine, Result, Workspace};
use crate::judging::{Arms, Cluster, Label, Point, Question, Quote, Sampled, Schema, Settled, Shown, State, Via, as_seen, blinded};
use crate::model::{Draft, EntryId, Trajectory};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::cell::RefCell;
use std::sync::Arc;

/// A queue as one reviewer works through it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenQueue {
    /// Name.
    pub name: String,
    /// What is asked.
    #[serde(skip)]
    pub schema: Schema,
    /// Whether the arm and its traces are hidden, and the names of reviewers where it settles.
    pub blind: bool,
    /// What tells the arms apart that are in it; nothing where they are not hidden.
    #[serde(skip)]
    pub arms: Arms,
    /// The items, in order.
    pub items: Vec<QueueItem>,
    /// Where the reviewer is, from 0.
    pub place: usize,
    /// Items that were looked at for progress: the answers there were, and whether that was all.
    #[serde(skip)]
    pub(super) looked: RefCell<FxHashMap<usize, (Vec<EntryId>, bool)>>,
}

/// One item of a queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueItem {
    /// `TRAJECTORY`, or `TRAJECTORY#ID`.
    pub target: Box<str>,
    /// The draw; a queue has few.
    pub sampled: Arc<Sampled>,
    /// Its near-duplicates.
    pub cluster: Cluster,
    /// How it is looked at.
    pub sitting: Sitting,
}

/// What a reviewer answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// The question's id.
    pub question: String,
    /// The answer's id or key; `0` or `cannot_tell` abstains.
    pub answer: String,
    /// How sure, 1 to 3.
    pub confidence: Option<u8>,
    /// How it was given; absent is by key.
    pub via: Option<Via>,
    /// Whether more was revealed than the agent had seen.
    pub hindsight: bool,
    /// Time spent in ms.
    pub ms: Option<u64>,
    /// The place that shows it.
    pub quote: Option<Quote>,
    /// Whether the proposal was refused first.
    pub refused: bool,
}

/// An act that was taken back or counts again, with the name of what its first decision was about, and whether that was asked a second time.
pub type Turned = (JournalLine, Option<(String, bool)>);

impl Workspace {
    /// Gives an item as it stands for a reviewer, by the name of its target.
    pub fn review_item(&self, schema: &Schema, target: &str, reviewer: &str, sitting: Sitting) -> Result<ReviewItem> {
        let point = self.judged_point(target)?;
        let mut item = item(&*self.state()?, schema, point, (self.journal().id(), reviewer), sitting);
        self.say_changes(&mut item, schema, reviewer)?;
        Ok(item)
    }

    /// Says of every answer that grew stale what changed since it was given.
    fn say_changes(&self, item: &mut ReviewItem, schema: &Schema, reviewer: &str) -> Result<()> {
        let state = self.state()?;
        let (Some(target), Some(chain)) = (state.target_of(&item.point.target), state.find_chain(self.journal().id(), reviewer)) else { return Ok(()) };
        for asked in item.questions.iter_mut().filter(|asked| asked.stale) {
            let given = state.question(&schema.name, &asked.question.id).and_then(|question| state.answer_of(target, question, chain));
            let entry = given.map(|given| self.journal.entry(given.entry)).transpose()?.flatten();
            let Some(label) = entry.and_then(|entry| entry.decision::<Label>().ok().flatten()) else { continue };
            asked.changed = Some(Changed::of(&label, &asked.question, &item.point));
        }
        Ok(())
    }

    /// Records one answer, durably, and gives the item as it then stands. `queue` and `item` tell the draw it came from.
    pub fn answer(&self, reviewer: &str, schema: &Schema, target: &str, reply: &Reply, drawn: Option<(&OpenQueue, &QueueItem)>) -> Result<ReviewItem> {
        let sitting = drawn.map_or(Sitting::First, |(_, item)| item.sitting);
        let before = self.review_item(schema, target, reviewer, sitting)?;
        let mut label = label(schema, &before.point, reply)?;
        let asked = before.questions.iter().find(|asked| asked.question.id == reply.question);
        // Whoever changes an answer after the reveal, or takes it back and gives it again, has seen what came after; after a training round what is right.
        label.hindsight |= asked.is_some_and(|asked| asked.question.before && before.seen || asked.right.is_some());
        label.again = sitting == Sitting::Again;
        let suggestion = asked.and_then(|asked| asked.suggestion.as_ref());
        label.rules = suggestion.filter(|suggestion| !suggestion.rules.is_empty()).map(|_| self.rules_hash().to_owned());
        let proposal = suggestion.map(|suggestion| suggestion.answer.clone());
        let blind = drawn.is_some_and(|(queue, _)| queue.blind);
        label.shown = (blind || proposal.is_some()).then_some(Shown { refused: reply.refused && proposal.is_some(), proposal, blind });
        label.sampled = drawn.map(|(_, item)| (*item.sampled).clone());
        self.record(reviewer, &[Draft::of(&label)])?;
        Ok(item(&*self.state()?, schema, before.point, (self.journal().id(), reviewer), sitting))
    }

    /// Takes back, or with `again` makes count, the reviewer's last act; gives it.
    pub fn turn_back(&self, reviewer: &str, again: bool) -> Result<Option<Turned>> {
        let act = if again { self.redo(reviewer)? } else { self.undo(reviewer)? };
        Ok(act.map(|act| {
            let about = act.entries.first().and_then(|entry| serde_json::from_str::<About>(&entry.body).ok());
            (act, about.map(|about| (about.target.name(), about.again)))
        }))
    }

    /// Gives the trajectory of a target as review shows it: cut where the agent decided, and with the traces of its arm hidden.
    pub fn as_reviewed(&self, target: &str, cut: bool, blind: bool) -> Result<Trajectory> {
        let point = self.judged_point(target)?;
        let (mut trajectory, _) = self.resolve(&point.target.trajectory)?;
        if cut {
            trajectory = as_seen(&trajectory, &point);
        }
        if !blind {
            return Ok(trajectory);
        }
        let mut arms = Arms::default();
        self.store.each_trajectory(|row| serde_json::from_str::<Summary>(&row.summary).iter().for_each(|summary| summary.tell(&mut arms)))?;
        Ok(blinded(&trajectory, &arms))
    }
}

/// Tells whether reviewers still differ about a question of a schema.
pub(super) fn open_dispute(state: &State, schema: &Schema, target: u32) -> bool {
    let own = |question: &u32| state.question_name(*question).0 == schema.name;
    state.questions_of(target).into_iter().filter(own).any(|question| state.settled(target, question) == Some(Settled::Disputed))
}

pub(super) fn required(schema: &Schema) -> impl Iterator<Item = &Question> {
    schema.questions.iter().filter(|question| question.required)
}

/// What an entry is about.
#[derive(serde::Deserialize)]
struct About {
    target: crate::judging::Target,
    #[serde(default)]
    again: bool,
}

pub(super) fn question_of<'s>(schema: &'s Schema, id: &str) -> Result<&'s Question> {
    schema.question(id).ok_or_else(|| {
        let known: Vec<&str> = schema.questions.iter().map(|question| question.id.as_str()).collect();
        let hint = crate::judging::nearest(id, &known).map_or_else(|| format!("it asks {}", known.join(", ")), |near| format!("did you mean {near}?"));
        let derived = if schema.derived.iter().any(|derived| derived.id == id) { " (it follows from the answers and is never given)" } else { "" };
        Error::Undecidable(format!("{} asks no question {id:?}{derived}; {hint}", schema.name))
    })
}

pub(super) fn answer_of(question: &Question, word: &str) -> Result<String> {
    question.answer(word).map(str::to_owned).ok_or_else(|| {
        let known: Vec<&str> = question.answers.iter().map(|answer| answer.id.as_str()).collect();
        let hint = crate::judging::nearest(word, &known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        Error::Undecidable(format!("{word:?} is no answer to {}; there are {}, cannot_tell{hint}", question.id, known.join(", ")))
    })
}

/// Makes the label of a reply, if the schema allows it.
pub(super) fn label(schema: &Schema, point: &Point, reply: &Reply) -> Result<Label> {
    let question = question_of(schema, &reply.question)?;
    let answer = answer_of(question, &reply.answer)?;
    let refuse = |why: String| Err(Error::Undecidable(format!("{}: {why}; nothing was written", point.target.name())));
    if !question.target.contains(&point.target.kind) {
        return refuse(format!("{} is not asked of a {}", question.id, kind_word(point)));
    }
    if question.answers.iter().any(|a| a.id == answer && a.quote) && reply.quote.is_none() {
        return refuse(format!("{answer} needs the place that shows it (mark it, or --quote STEP:START..END); without one the answer is yes"));
    }
    if reply.confidence.is_some_and(|confidence| !(1..=3).contains(&confidence)) {
        return refuse("confidence is 1, 2 or 3".to_owned());
    }
    Ok(Label {
        target: point.target.clone(),
        schema: schema.name.clone(),
        version: schema.version,
        schema_hash: schema.hash.get(..16).unwrap_or_default().to_owned(),
        question: question.id.clone(),
        question_hash: question.hash(),
        answer,
        confidence: reply.confidence,
        via: reply.via.unwrap_or(Via::Key),
        hindsight: reply.hindsight,
        ms: reply.ms,
        facts: point.facts.hash.clone(),
        marks: point.facts.marks.clone(),
        rules: None,
        shown: None,
        quote: reply.quote.clone(),
        sampled: None,
        again: false,
    })
}

const fn kind_word(point: &Point) -> &'static str {
    match point.target.kind {
        crate::judging::TargetKind::Execution => "call",
        crate::judging::TargetKind::Step => "turn without a call",
        crate::judging::TargetKind::Trajectory => "whole trajectory",
        crate::judging::TargetKind::Finding => "finding",
    }
}
