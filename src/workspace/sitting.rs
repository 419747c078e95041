//! How one item stands for one reviewer: what is asked of them, what they answered, what follows; asked first, again, or to settle.

use super::Result;
use super::Workspace;
use super::judged::{amended_asker, derived, is_stale};
use super::review::required;
use crate::judging::agreement::{Against, agreement};
use crate::judging::{Given, Label, Point, Question, Quote, Schema, Settled, State, Suggestion, TargetKind, changed_parts, suggest};
use serde::Serialize;
use std::collections::BTreeMap;

/// How an item is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sitting {
    /// It is judged.
    #[default]
    First,
    /// The same reviewer judges it a second time, without their first answers.
    Again,
    /// It is settled what reviewers differ about.
    Settling,
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
    /// What changed since that answer was given, where it is stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changed>,
    /// What is proposed.
    pub suggestion: Option<Suggestion>,
    /// The right answer of a training round, once the reviewer has answered all.
    pub right: Option<String>,
    /// What every reviewer answered, where it is settled what they differ about.
    pub voices: Vec<Voice>,
}

/// What changed since an answer was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// It, in words; empty where only that something did is known.
    pub what: Vec<&'static str>,
    /// The place that showed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
}

impl Changed {
    /// Tells what a label was given to that is no longer so.
    pub(super) fn of(label: &Label, question: &Question, point: &Point) -> Self {
        let mut what = if label.question_hash == question.hash() { Vec::new() } else { vec!["the question"] };
        if label.facts != point.facts.hash {
            match point.target.kind {
                TargetKind::Execution => what.extend(changed_parts(&label.marks, &point.facts.marks)),
                TargetKind::Step => what.push("its text"),
                TargetKind::Trajectory | TargetKind::Finding => what.push("something in it"),
            }
        }
        Self { what, quote: label.quote.clone() }
    }

    /// Says it in a few words.
    #[must_use]
    pub fn said(&self) -> String {
        if self.what.is_empty() { "what the sources tell of it".to_owned() } else { self.what.join(", ") }
    }
}

/// What one reviewer answered to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voice {
    /// Who.
    pub reviewer: String,
    /// The answer.
    pub answer: String,
    /// How sure, 1 to 3.
    pub confidence: u8,
    /// Whether more was seen than the agent had seen.
    pub hindsight: bool,
    /// What they noted on the target.
    pub notes: Vec<String>,
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
    /// Whether they were shown at some time, though what revealed them may have been taken back since.
    #[serde(skip)]
    pub seen: bool,
    /// What follows from the answers, such as `boundary`.
    pub derived: BTreeMap<String, String>,
    /// Notes, each with who wrote it: one's own, and those on a right answer once it is shown.
    pub notes: Vec<(String, String)>,
    /// Whether it is marked for a second look.
    pub flagged: bool,
    /// Questions that reviewers answered differently and nobody settled.
    pub disputed: Vec<String>,
}

/// A question, and how a reviewer did in it against the right answers; `None` where they answered none of those.
pub type Calibrated = (String, Option<Against>);

/// The least Krippendorff's α against the gold set with which one begins.
pub const TO_BEGIN: f64 = 0.67;

impl Workspace {
    /// Gives how a reviewer did against the right answers, for the questions that every item needs; `None` where there is no gold set.
    pub fn calibration(&self, schema: &Schema, reviewer: &str) -> Result<Option<Vec<Calibrated>>> {
        let state = self.state()?;
        if !state.has_gold() {
            return Ok(None);
        }
        let own = state.find_chain(self.journal().id(), reviewer).map(|chain| state.reviewer_name(chain));
        let of = |question: &Question| {
            let measured = agreement(&state, schema, Some(&question.id), &|_| Vec::new(), false).into_iter().next();
            let row = measured.and_then(|measured| measured.gold.into_iter().find(|row| Some(&row.reviewer) == own.as_ref()));
            (question.id.clone(), row)
        };
        Ok(Some(required(schema).map(of).collect()))
    }
}

/// Puts together how a point stands for a reviewer.
pub(super) fn item(state: &State, schema: &Schema, point: Point, who: (&str, &str), sitting: Sitting) -> ReviewItem {
    let target = state.target_of(&point.target);
    let chain = state.find_chain(who.0, who.1);
    let answers = match sitting {
        Sitting::Settling => verdicts(state, schema, target),
        Sitting::First | Sitting::Again => own_answers(state, schema, target, chain, sitting),
    };
    let amended = amended_asker(state, target);
    let said = |name: &str| match amended.filter(|_| name == "fact.asked") {
        Some(amended) => Some(amended),
        None => answers.get(name).map(|own| own.answer).or_else(|| point.facts.value(name)),
    };
    let values = schema.values(&said);
    let disputed = disputed(state, schema, target);
    let mut questions = Vec::new();
    for question in schema.questions.iter().filter(|question| question.target.contains(&point.target.kind)) {
        let own = answers.get(question.id.as_str());
        let settles = sitting == Sitting::Settling;
        let voices = if settles { voices(state, schema, question, target) } else { Vec::new() };
        questions.push(Asked {
            shown: if settles {
                disputed.contains(&question.id) || own.is_some_and(|own| own.adjudicated)
            } else {
                own.is_some() || schema.is_shown(question, point.target.kind, &values)
            },
            answer: own.map(|own| own.answer.to_owned()),
            stale: own.and_then(|own| own.given).is_some_and(|given| is_stale(std::slice::from_ref(schema), (&schema.name, &question.id), given, Some(&point))),
            changed: None,
            suggestion: if settles { None } else { suggest(question, &point) },
            right: None,
            voices,
            question: question.clone(),
        });
    }
    let open = |asked: &Asked| asked.shown && (asked.answer.is_none() || asked.stale && sitting == Sitting::First);
    let next = questions.iter().position(open);
    let revealed = questions.iter().all(|asked| !(asked.question.before && open(asked)));
    let seen = revealed || target.zip(chain).is_some_and(|own| was_shown(state, schema, &point, own, sitting));
    let trained = sitting == Sitting::First && next.is_none();
    for asked in questions.iter_mut().filter(|_| trained) {
        let same = |right: &&Given| state.question_name(right.question) == (&schema.name, &asked.question.id);
        asked.right = target.into_iter().flat_map(|target| state.right(target)).find(same).map(|right| state.word(right.answer).to_owned());
    }
    // What one wrote the first time would tell what one answered then.
    let reminds = sitting == Sitting::Again && next.is_some();
    let notes = target.into_iter().filter(|_| !reminds).flat_map(|target| state.notes(target));
    let notes = notes.filter(|(by, _)| Some(*by) == chain || trained && state.is_gold(*by));
    ReviewItem {
        next,
        revealed,
        seen,
        derived: derived(schema, &point, &said),
        notes: notes.map(|(chain, text)| (state.reviewer_name(chain), text.to_owned())).collect(),
        flagged: target.is_some_and(|target| state.is_flagged(target)),
        disputed,
        questions,
        point,
    }
}

/// Gives the place in the schema of the question that a reviewer answers next about a point.
pub(super) fn next_question(state: &State, schema: &Schema, point: &Point, who: (&str, &str)) -> Option<usize> {
    let item = item(state, schema, point.clone(), who, Sitting::First);
    let next = item.questions.get(item.next?)?;
    schema.questions.iter().position(|question| question.id == next.question.id)
}

/// Tells whether decision and outcome were shown by answers of which one was taken back since; an answer that only grew stale is given anew as it was.
fn was_shown(state: &State, schema: &Schema, point: &Point, (target, chain): (u32, u32), sitting: Sitting) -> bool {
    let mut answers: BTreeMap<&str, &str> = BTreeMap::new();
    let mut taken_back = false;
    for (given, counts) in state.history(target) {
        let (name, question) = state.question_name(given.question);
        if given.chain != chain || given.again != (sitting == Sitting::Again) || *name != schema.name {
            continue;
        }
        answers.insert(question, state.word(given.answer));
        taken_back |= !counts;
        let said = |name: &str| answers.get(name).copied().or_else(|| point.facts.value(name));
        let values = schema.values(&said);
        let open =
            |question: &&Question| question.before && !answers.contains_key(question.id.as_str()) && schema.is_shown(question, point.target.kind, &values);
        if taken_back && !schema.questions.iter().any(|question| open(&question)) {
            return true;
        }
    }
    false
}

/// An answer as an item shows it.
struct Own<'s> {
    answer: &'s str,
    given: Option<&'s Given>,
    adjudicated: bool,
}

/// Gives the reviewer's answers by question: the first ones, or those of the second time.
fn own_answers<'s>(state: &'s State, schema: &Schema, target: Option<u32>, chain: Option<u32>, sitting: Sitting) -> BTreeMap<&'s str, Own<'s>> {
    let (Some(target), Some(chain)) = (target, chain) else { return BTreeMap::new() };
    let given: Vec<&Given> = if sitting == Sitting::Again { state.repeated(target).collect() } else { state.current(target).collect() };
    let own = given.into_iter().filter(|given| given.chain == chain);
    let named = own.map(|given| (state.question_name(given.question), given)).filter(|((name, _), _)| *name == schema.name);
    named.map(|((_, question), given)| (question, Own { answer: state.word(given.answer), given: Some(given), adjudicated: false })).collect()
}

/// Gives the answers that stand, by question; what is disputed is not among them.
fn verdicts<'s>(state: &'s State, schema: &Schema, target: Option<u32>) -> BTreeMap<&'s str, Own<'s>> {
    let Some(target) = target else { return BTreeMap::new() };
    let stands = |question: u32| {
        let (name, id) = state.question_name(question);
        let (answer, adjudicated) = match state.settled(target, question)? {
            Settled::Answer(answer) => (answer, false),
            Settled::Adjudicated(answer) => (answer, true),
            Settled::Disputed => return None,
        };
        (name == schema.name).then(|| (id, Own { answer: state.word(answer), given: None, adjudicated }))
    };
    state.questions_of(target).into_iter().filter_map(stands).collect()
}

/// Gives what every reviewer answered to a question, in an order that tells nothing of who they are.
fn voices(state: &State, schema: &Schema, question: &Question, target: Option<u32>) -> Vec<Voice> {
    let (Some(target), Some(number)) = (target, state.question(&schema.name, &question.id)) else { return Vec::new() };
    let mut given: Vec<&Given> = state.current(target).filter(|given| given.question == number).collect();
    given.sort_by_key(|given| given.entry);
    let voice = |given: &Given| Voice {
        reviewer: state.reviewer_name(given.chain),
        answer: state.word(given.answer).to_owned(),
        confidence: given.confidence,
        hindsight: given.hindsight,
        notes: state.notes(target).filter(|(by, _)| *by == given.chain).map(|(_, text)| text.to_owned()).collect(),
    };
    given.into_iter().map(voice).collect()
}

fn disputed(state: &State, schema: &Schema, target: Option<u32>) -> Vec<String> {
    let Some(target) = target else { return Vec::new() };
    let questions = state.questions_of(target).into_iter().filter(|question| state.settled(target, *question) == Some(Settled::Disputed));
    questions.map(|question| state.question_name(question)).filter(|(name, _)| *name == schema.name).map(|(_, question)| question.to_owned()).collect()
}
