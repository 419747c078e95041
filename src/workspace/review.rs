//! Reviewing: one item of a queue at a time, its questions and what follows from the answers; each answer is one durable decision.

use super::judged::{amended_asker, derived, is_stale, target_of};
use super::{Error, JournalLine, Result, Workspace};
use crate::judging::{
    Adjudication, Amendment, Dispute, Flag, Given, Label, Note, Point, Question, Quote, Sampled, Schema, Settled, Shown, State, Suggestion, Via, as_seen,
    blinded, suggest,
};
use crate::model::{Draft, Trajectory};
use serde::Serialize;
use std::collections::BTreeMap;

/// A queue as one reviewer works through it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenQueue {
    /// Name.
    pub name: String,
    /// What is asked.
    #[serde(skip)]
    pub schema: Schema,
    /// Whether the arm and its traces are hidden.
    pub blind: bool,
    /// The items, in order.
    pub items: Vec<QueueItem>,
    /// Where the reviewer is, from 0.
    pub place: usize,
}

/// One item of a queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueItem {
    /// `TRAJECTORY`, or `TRAJECTORY#ID`.
    pub target: String,
    /// The draw.
    pub sampled: Sampled,
    /// Cluster of near-duplicates; empty for none.
    pub cluster: String,
}

/// A question as it stands for one item and one reviewer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// The question, with its answers and keys.
    pub question: Question,
    /// Whether it is asked now; one that is not may be opened by its key.
    pub shown: bool,
    /// The reviewer's answer.
    pub answer: Option<String>,
    /// Whether that answer was given to other facts or another question.
    pub stale: bool,
    /// What is proposed.
    pub suggestion: Option<Suggestion>,
    /// The right answer of a training round, once the reviewer has answered.
    pub right: Option<String>,
}

/// One item under review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewItem {
    /// What is judged.
    pub point: Point,
    /// The questions, in order.
    pub questions: Vec<Asked>,
    /// Place in `questions` of the one to answer next; `None` when all that are shown are answered.
    pub next: Option<usize>,
    /// Whether decision and outcome may be shown: all questions that come before are answered.
    pub revealed: bool,
    /// What follows from the answers, such as `boundary`.
    pub derived: BTreeMap<String, String>,
    /// Notes, each with who wrote it.
    pub notes: Vec<(String, String)>,
    /// Whether it is marked for a second look.
    pub flagged: bool,
    /// Questions that reviewers answered differently and nobody settled.
    pub disputed: Vec<String>,
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
}

/// How far a reviewer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Progressed {
    /// Items with every required question answered.
    pub done: usize,
    /// Items.
    pub total: usize,
    /// Median time for one item in ms, where times are known.
    pub pace_ms: Option<u64>,
}

impl Workspace {
    /// Gives an item as it stands for a reviewer, by the name of its target.
    pub fn review_item(&self, schema: &Schema, target: &str, reviewer: &str) -> Result<ReviewItem> {
        let point = self.judged_point(target)?;
        Ok(item(&*self.state()?, schema, point, (self.journal().id(), reviewer)))
    }

    /// Records one answer, durably, and gives the item as it then stands. `queue` and `item` tell the draw it came from.
    pub fn answer(&self, reviewer: &str, schema: &Schema, target: &str, reply: &Reply, drawn: Option<(&OpenQueue, &QueueItem)>) -> Result<ReviewItem> {
        let before = self.review_item(schema, target, reviewer)?;
        let mut label = label(schema, &before.point, reply)?;
        let asked = before.questions.iter().find(|asked| asked.question.id == reply.question);
        // Whoever changes an answer after the reveal has seen what came after.
        label.hindsight |= asked.is_some_and(|asked| asked.question.before) && before.revealed;
        let proposal = asked.and_then(|asked| asked.suggestion.as_ref()).map(|suggestion| suggestion.answer.clone());
        let blind = drawn.is_some_and(|(queue, _)| queue.blind);
        label.shown = (blind || proposal.is_some()).then_some(Shown { proposal, blind });
        label.sampled = drawn.map(|(_, item)| item.sampled.clone());
        self.record(reviewer, &[Draft::of(&label)])?;
        if let Some((queue, item)) = drawn {
            self.remember_place(&queue.name, reviewer, &item.target)?;
        }
        Ok(item_of(&*self.state()?, schema, before.point, self.journal().id(), reviewer))
    }

    /// Takes back, or with `again` makes count, the reviewer's last act; gives it and the name of the target it was about.
    pub fn turn_back(&self, reviewer: &str, again: bool) -> Result<Option<(JournalLine, Option<String>)>> {
        let act = if again { self.redo(reviewer)? } else { self.undo(reviewer)? };
        Ok(act.map(|act| {
            let target = act.entries.first().and_then(|entry| target_in(&entry.body));
            (act, target)
        }))
    }

    /// Sets or takes off the mark for a second look; gives whether it is set now.
    pub fn toggle_flag(&self, reviewer: &str, target: &str) -> Result<bool> {
        let point = self.judged_point(target)?;
        let set = {
            let state = self.state()?;
            !target_of(&state, &point.target).is_some_and(|target| state.is_flagged(target))
        };
        self.record(reviewer, &[Draft::of(&Flag { target: point.target, set })])?;
        Ok(set)
    }

    /// Writes a note on a target.
    pub fn note(&self, reviewer: &str, target: &str, text: &str) -> Result<()> {
        if text.trim().is_empty() {
            return Err(Error::Undecidable("an empty note says nothing; nothing was written".to_owned()));
        }
        let point = self.judged_point(target)?;
        self.record(reviewer, &[Draft::of(&Note { target: point.target, text: text.to_owned() })]).map(|_| ())
    }

    /// Says that an answer must be looked at again, with the reason.
    pub fn dispute(&self, reviewer: &str, schema: &Schema, target: &str, question: &str, note: &str) -> Result<()> {
        let (point, asked) = (self.judged_point(target)?, question_of(schema, question)?);
        let dispute = Dispute { target: point.target, schema: schema.name.clone(), question: asked.id.clone(), note: note.to_owned() };
        self.record(reviewer, &[Draft::of(&dispute)]).map(|_| ())
    }

    /// Settles one question about a target where reviewers differ: a third entry beside theirs.
    pub fn adjudicate(&self, reviewer: &str, schema: &Schema, target: &str, (question, answer): (&str, &str), note: &str) -> Result<()> {
        let (point, asked) = (self.judged_point(target)?, question_of(schema, question)?);
        let answer = answer_of(asked, answer)?;
        let between = {
            let state = self.state()?;
            let number = state.question(&schema.name, &asked.id);
            let given = target_of(&state, &point.target).into_iter().flat_map(|target| state.current(target));
            given.filter(|given| Some(given.question) == number).map(|given| given.entry).collect()
        };
        let (schema, question) = (schema.name.clone(), asked.id.clone());
        let verdict = Adjudication { target: point.target, schema, question, answer, note: note.to_owned(), between };
        self.record(reviewer, &[Draft::of(&verdict)]).map(|_| ())
    }

    /// Confirms, corrects or rejects an inferred fact of a target; a value of `None` rejects it.
    pub fn amend(&self, reviewer: &str, target: &str, fact: &str, value: Option<&str>, note: &str) -> Result<()> {
        let point = self.judged_point(target)?;
        const ASKERS: &[&str] = &["confirm", "agent_text", "agent_tool", "gate", "none", "unknown"];
        if let Some(value) = value.filter(|value| fact == "asked" && !ASKERS.contains(value)) {
            return Err(Error::Undecidable(format!("{value:?} is no answer to who asked; there are {}, reject", ASKERS.join(", "))));
        }
        if note.trim().is_empty() {
            return Err(Error::Undecidable("say why the fact is amended: --note TEXT".to_owned()));
        }
        let amendment = Amendment { target: point.target, fact: fact.to_owned(), value: value.map(str::to_owned), note: note.to_owned() };
        self.record(reviewer, &[Draft::of(&amendment)]).map(|_| ())
    }

    /// Gives the trajectory of a target as review shows it: cut where the agent decided, and with the traces of its arm hidden.
    pub fn as_reviewed(&self, target: &str, cut: bool, blind: bool) -> Result<Trajectory> {
        let point = self.judged_point(target)?;
        let (mut trajectory, _) = self.resolve(&point.target.trajectory)?;
        if cut {
            trajectory = as_seen(&trajectory, &point);
        }
        Ok(if blind { blinded(&trajectory) } else { trajectory })
    }

    /// Counts what a reviewer has done of a queue, and how fast.
    pub fn progress(&self, queue: &OpenQueue, reviewer: &str) -> Result<Progressed> {
        let state = self.state()?;
        let chain = state.find_chain(self.journal().id(), reviewer);
        let required: Vec<u32> = required(&queue.schema).filter_map(|question| state.question(&queue.schema.name, &question.id)).collect();
        let (mut done, mut times) = (0, Vec::new());
        for item in &queue.items {
            let Some(target) = state.target(&item.target) else { continue };
            let own: Vec<&Given> = state.current(target).filter(|given| Some(given.chain) == chain).collect();
            let answered = if required.is_empty() { !own.is_empty() } else { own.iter().any(|given| required.contains(&given.question)) };
            if answered || (!own.is_empty() && state.target_kind(target) == crate::judging::TargetKind::Trajectory) {
                done += 1;
                times.push(own.iter().map(|given| u64::from(given.ms)).sum::<u64>());
            }
        }
        times.retain(|ms| *ms > 0);
        times.sort_unstable();
        Ok(Progressed { done, total: queue.items.len(), pace_ms: times.get(times.len() / 2).copied() })
    }
}

fn required(schema: &Schema) -> impl Iterator<Item = &Question> {
    schema.questions.iter().filter(|question| question.required)
}

fn target_in(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct About {
        target: crate::judging::Target,
    }
    serde_json::from_str::<About>(body).ok().map(|about| about.target.name())
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
        rules: None,
        shown: None,
        quote: reply.quote.clone(),
        sampled: None,
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

fn item_of(state: &State, schema: &Schema, point: Point, journal: &str, reviewer: &str) -> ReviewItem {
    item(state, schema, point, (journal, reviewer))
}

/// Gives a reviewer's answers about a target, by question.
fn own_answers<'s>(state: &'s State, schema: &Schema, target: Option<u32>, chain: Option<u32>) -> BTreeMap<&'s str, &'s Given> {
    let Some((target, chain)) = target.zip(chain) else { return BTreeMap::new() };
    let given = state.current(target).filter(|given| given.chain == chain && state.question_name(given.question).0 == schema.name);
    given.map(|given| (state.question_name(given.question).1, given)).collect()
}

/// Gives the place in the schema of the question that a reviewer answers next about a point.
pub(super) fn next_question(state: &State, schema: &Schema, point: &Point, (journal, reviewer): (&str, &str)) -> Option<usize> {
    let target = target_of(state, &point.target);
    let own = own_answers(state, schema, target, state.find_chain(journal, reviewer));
    let amended = amended_asker(state, target);
    let said = |name: &str| match amended.filter(|_| name == "fact.asked") {
        Some(amended) => Some(amended),
        None => own.get(name).map(|given| state.word(given.answer)).or_else(|| point.facts.value(name)),
    };
    let values = schema.values(&said);
    schema.questions.iter().position(|question| {
        question.target.contains(&point.target.kind)
            && match own.get(question.id.as_str()) {
                Some(given) => is_stale(std::slice::from_ref(schema), (&schema.name, &question.id), given, Some(point)),
                None => schema.is_shown(question, point.target.kind, &values),
            }
    })
}

/// Puts together how a point stands for a reviewer.
fn item(state: &State, schema: &Schema, point: Point, (journal, reviewer): (&str, &str)) -> ReviewItem {
    let target = target_of(state, &point.target);
    let chain = state.find_chain(journal, reviewer);
    let own = own_answers(state, schema, target, chain);
    let amended = amended_asker(state, target);
    let said = |name: &str| match amended.filter(|_| name == "fact.asked") {
        Some(amended) => Some(amended),
        None => own.get(name).map(|given| state.word(given.answer)).or_else(|| point.facts.value(name)),
    };
    let values = schema.values(&said);
    let mut questions = Vec::new();
    for question in schema.questions.iter().filter(|question| question.target.contains(&point.target.kind)) {
        let given = own.get(question.id.as_str());
        let right = target.into_iter().flat_map(|target| state.right(target)).find(|right| state.question_name(right.question) == (&schema.name, &question.id));
        questions.push(Asked {
            shown: given.is_some() || schema.is_shown(question, point.target.kind, &values),
            answer: given.map(|given| state.word(given.answer).to_owned()),
            stale: given.is_some_and(|given| is_stale(std::slice::from_ref(schema), (&schema.name, &question.id), given, Some(&point))),
            suggestion: suggest(question, &point, &[]),
            right: given.and(right).map(|right| state.word(right.answer).to_owned()),
            question: question.clone(),
        });
    }
    let open = |asked: &Asked| asked.shown && (asked.answer.is_none() || asked.stale);
    let revealed = questions.iter().all(|asked| !(asked.question.before && open(asked)));
    ReviewItem {
        next: questions.iter().position(open),
        revealed,
        derived: derived(schema, &point, &said),
        notes: target.map_or_else(Vec::new, |target| state.notes(target).map(|(chain, text)| (state.reviewer_name(chain), text.to_owned())).collect()),
        flagged: target.is_some_and(|target| state.is_flagged(target)),
        disputed: disputed(state, schema, target),
        questions,
        point,
    }
}

fn disputed(state: &State, schema: &Schema, target: Option<u32>) -> Vec<String> {
    let Some(target) = target else { return Vec::new() };
    let questions = state.questions_of(target).into_iter().filter(|question| state.settled(target, *question) == Some(Settled::Disputed));
    questions.map(|question| state.question_name(question)).filter(|(name, _)| *name == schema.name).map(|(_, question)| question.to_owned()).collect()
}
