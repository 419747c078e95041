//! What is so: the answers that stand, per target, question and reviewer, kept current entry by entry.

use super::decision::{Amendment, QueueText, Target, Via};
use super::fold::chain_name;
use super::schema::{Schema, TargetKind};
use super::words::Words;
use crate::model::{EntryId, Timestamp};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Who decided: a reviewer of one journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chain {
    /// The journal.
    pub journal: Arc<str>,
    /// The reviewer.
    pub reviewer: Arc<str>,
}

/// One answer that was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The entry.
    pub entry: EntryId,
    /// The act it was part of.
    pub act: EntryId,
    /// Logical clock of the entry.
    pub clock: u64,
    /// Wall clock.
    pub at: Timestamp,
    /// Who, as a number for `State::chain`.
    pub chain: u32,
    /// About what, as a number for `State::target_name`.
    pub target: u32,
    /// Which question, as a number for `State::question_name`.
    pub question: u32,
    /// The answer, as a number for `State::word`.
    pub answer: u32,
    /// How.
    pub via: Via,
    /// Whether more was seen than the agent had seen.
    pub hindsight: bool,
    /// Version of the schema.
    pub version: u32,
    /// Hash of the question as it was asked.
    pub question_hash: u64,
    /// Hash of the facts.
    pub facts: u64,
    /// How sure, 1 to 3.
    pub confidence: u8,
    /// Time spent in ms, 0 where not known.
    pub ms: u32,
    /// Probability of having been drawn; 0 where it was not.
    pub probability: f32,
    /// The queue it was drawn by, as a number for `State::word`.
    pub queue: u32,
    /// Whether it was asked a second time of the same reviewer; it replaces no answer.
    pub again: bool,
    /// Whether it still counts.
    pub(super) live: bool,
    /// The answer about the same target before it; `NONE` for the first.
    pub(super) before: u32,
}

/// A target's name and its aliases as they were mentioned together.
pub(super) type Mentions = FxHashMap<u32, (String, Vec<String>)>;

/// No answer.
pub(super) const NONE: u32 = u32::MAX;

/// What was decided beside labels and stays in order of folding.
#[derive(Debug, Clone)]
pub(super) struct Other<T> {
    pub act: EntryId,
    pub chain: u32,
    pub live: bool,
    pub value: T,
}

/// A verdict between answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The target's number.
    pub target: u32,
    /// The question's number.
    pub question: u32,
    /// The answer's number; `None` for a dispute that nobody settled yet.
    pub answer: Option<u32>,
}

/// The answer that stands for a target and question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settled {
    /// One answer: of one reviewer, or of all who judged.
    Answer(u32),
    /// An adjudicated answer.
    Adjudicated(u32),
    /// Reviewers differ and nobody adjudicated.
    Disputed,
}

/// The folded journal.
#[derive(Default)]
pub struct State {
    pub(super) words: Words,
    pub(super) targets: Words,
    pub(super) kinds: Vec<TargetKind>,
    pub(super) aliases: FxHashMap<Box<str>, u32>,
    /// Of a part that is folded alone: mentions with aliases, by number.
    pub(super) mentions: Option<Mentions>,
    pub(super) chains: Vec<Chain>,
    pub(super) gold: Vec<u32>,
    pub(super) given: Vec<Given>,
    /// The last answer about each target.
    pub(super) last_of: Vec<u32>,
    pub(super) verdicts: Vec<Other<Verdict>>,
    pub(super) verdicts_by_target: FxHashMap<u32, Vec<u32>>,
    pub(super) flags: Vec<Other<(u32, bool)>>,
    pub(super) notes: Vec<Other<(u32, String)>>,
    pub(super) amendments: Vec<Other<(u32, Amendment)>>,
    pub(super) queues: Vec<Other<QueueText>>,
    pub(super) schemas: Vec<Other<Schema>>,
    /// Entries that could not be read or are of a newer form, with why.
    pub unread: Vec<String>,
    pub(super) last: Option<(u64, EntryId)>,
}

impl State {
    /// Gives the last place that was folded.
    #[must_use]
    pub const fn last(&self) -> Option<(u64, EntryId)> {
        self.last
    }

    /// Finds a target by its name (`TRAJECTORY#ID`) or a name by an alias.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<u32> {
        self.targets.known(name).or_else(|| if self.aliases.is_empty() { None } else { self.aliases.get(name).copied() })
    }

    /// Finds a target by its id, else by any alias of it: the one way to ask for what was decided about a point.
    #[must_use]
    pub fn target_of(&self, target: &Target) -> Option<u32> {
        let names = std::iter::once(&target.id).chain(&target.aliases);
        names.map(|id| super::decision::name_of(&target.trajectory, id)).find_map(|name| self.target(&name))
    }

    /// Gives a target's name.
    #[must_use]
    pub fn target_name(&self, target: u32) -> &str {
        self.targets.text(target)
    }

    /// Gives a target's kind.
    #[must_use]
    pub fn target_kind(&self, target: u32) -> TargetKind {
        self.kinds.get(target as usize).copied().unwrap_or(TargetKind::Execution)
    }

    /// Gives every target that anything was decided about, in the order of first mention.
    pub fn targets(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.targets.len()).unwrap_or(u32::MAX)
    }

    /// Gives every target that somebody labelled, in the order of first mention.
    pub fn labelled(&self) -> impl Iterator<Item = u32> + '_ {
        self.targets().filter(|target| self.current(*target).next().is_some())
    }

    /// Finds the number of a question: `SCHEMA:QUESTION`.
    #[must_use]
    pub fn question(&self, schema: &str, question: &str) -> Option<u32> {
        self.words.known(&format!("{schema}:{question}"))
    }

    /// Gives schema and id of a question.
    #[must_use]
    pub fn question_name(&self, question: u32) -> (&str, &str) {
        self.words.text(question).split_once(':').unwrap_or_default()
    }

    /// Gives the text of a number.
    #[must_use]
    pub fn word(&self, number: u32) -> &str {
        self.words.text(number)
    }

    /// Gives who decided.
    #[must_use]
    pub fn chain(&self, chain: u32) -> Option<&Chain> {
        self.chains.get(chain as usize)
    }

    /// Finds a reviewer of a journal.
    #[must_use]
    pub fn find_chain(&self, journal: &str, reviewer: &str) -> Option<u32> {
        let at = self.chains.iter().position(|chain| &*chain.journal == journal && &*chain.reviewer == reviewer);
        at.and_then(|at| u32::try_from(at).ok())
    }

    /// Gives a reviewer's name; where two journals have one of that name, with the beginning of the journal's id.
    #[must_use]
    pub fn reviewer_name(&self, chain: u32) -> String {
        let Some(own) = self.chain(chain) else { return String::new() };
        let alone = self.chains.iter().filter(|other| other.reviewer == own.reviewer).count() == 1;
        chain_name(&own.reviewer, &own.journal, alone)
    }

    /// Tells whether a chain holds the right answers of training rounds.
    #[must_use]
    pub fn is_gold(&self, chain: u32) -> bool {
        self.gold.contains(&chain)
    }

    /// Gives the answers that count for a target: the last of each reviewer to each question, gold left out.
    pub fn current(&self, target: u32) -> impl Iterator<Item = &Given> {
        self.last_of_each(target, false).filter(|given| !self.is_gold(given.chain))
    }

    /// Gives the right answers of training rounds for a target.
    pub fn right(&self, target: u32) -> impl Iterator<Item = &Given> {
        self.last_of_each(target, false).filter(|given| self.is_gold(given.chain))
    }

    /// Gives what reviewers answered about a target when they were asked a second time; these answers count for nothing else.
    pub fn repeated(&self, target: u32) -> impl Iterator<Item = &Given> {
        self.last_of_each(target, true).filter(|given| !self.is_gold(given.chain))
    }

    /// Tells whether there are right answers for any target.
    #[must_use]
    pub fn has_gold(&self) -> bool {
        !self.gold.is_empty()
    }

    /// Gives all answers to be counted that were ever given about a target, replaced ones and repeats too.
    pub fn ever_said(&self, target: u32) -> impl Iterator<Item = &Given> {
        self.backwards(target).filter(|given| given.live)
    }

    /// Gives all answers about a target, the latest first.
    pub(super) fn backwards(&self, target: u32) -> impl Iterator<Item = &Given> {
        let row = |at: u32| self.given.get(at as usize);
        std::iter::successors(self.last_of.get(target as usize).and_then(|at| row(*at)), move |given| row(given.before))
    }

    fn last_of_each(&self, target: u32, again: bool) -> impl Iterator<Item = &Given> {
        let mut found: Vec<&Given> = Vec::new();
        for given in self.backwards(target).filter(|given| given.live && given.again == again) {
            if found.iter().all(|later| (later.chain, later.question) != (given.chain, given.question)) {
                found.push(given);
            }
        }
        found.into_iter().rev()
    }

    /// Puts an answer into its place.
    pub(super) fn push(&mut self, mut given: Given) {
        let target = given.target as usize;
        if self.last_of.len() <= target {
            self.last_of.resize(target + 1, NONE);
        }
        if let Some(last) = self.last_of.get_mut(target) {
            given.before = std::mem::replace(last, u32::try_from(self.given.len()).unwrap_or(NONE));
            self.given.push(given);
        }
    }

    /// Gives all answers ever given to a target, oldest first, with whether each still counts.
    #[must_use]
    pub fn history(&self, target: u32) -> Vec<(&Given, bool)> {
        let mut all: Vec<(&Given, bool)> = self.backwards(target).map(|given| (given, given.live)).collect();
        all.reverse();
        all
    }

    /// Gives one reviewer's answer to a question about a target.
    #[must_use]
    pub fn answer_of(&self, target: u32, question: u32, chain: u32) -> Option<&Given> {
        self.last_of_each(target, false).find(|given| given.question == question && given.chain == chain)
    }

    /// Gives the questions that anybody answered about a target.
    #[must_use]
    pub fn questions_of(&self, target: u32) -> Vec<u32> {
        let mut questions: Vec<u32> = self.current(target).map(|given| given.question).collect();
        questions.sort_unstable();
        questions.dedup();
        questions
    }

    /// Tells whether reviewers differ about a target and nobody settled it.
    #[must_use]
    pub fn is_disputed(&self, target: u32) -> bool {
        self.questions_of(target).into_iter().any(|question| self.settled(target, question) == Some(Settled::Disputed))
    }

    /// Tells whether a target is marked for a second look.
    #[must_use]
    pub fn is_flagged(&self, target: u32) -> bool {
        self.flags.iter().rev().find(|other| other.live && other.value.0 == target).is_some_and(|other| other.value.1)
    }

    /// Gives every flagged target.
    #[must_use]
    pub fn flagged(&self) -> Vec<u32> {
        let mut last: std::collections::BTreeMap<u32, bool> = std::collections::BTreeMap::new();
        last.extend(self.flags.iter().filter(|other| other.live).map(|other| other.value));
        last.into_iter().filter(|(_, set)| *set).map(|(target, _)| target).collect()
    }

    /// Gives the notes on a target with who wrote each.
    pub fn notes(&self, target: u32) -> impl Iterator<Item = (u32, &str)> {
        self.notes.iter().filter(move |other| other.live && other.value.0 == target).map(|other| (other.chain, other.value.1.as_str()))
    }

    /// Gives the amendments of a target's facts that stand, the last of each fact.
    #[must_use]
    pub fn amendments(&self, target: u32) -> Vec<&Amendment> {
        let mut found: Vec<&Amendment> = Vec::new();
        for other in self.amendments.iter().rev().filter(|other| other.live && other.value.0 == target) {
            if found.iter().all(|known| known.fact != other.value.1.fact) {
                found.push(&other.value.1);
            }
        }
        found
    }

    /// Gives every target of which a fact was amended.
    pub fn amended(&self) -> impl Iterator<Item = u32> {
        self.amendments.iter().filter(|other| other.live).map(|other| other.value.0)
    }

    /// Gives the entries that stand beside the answers about a target: amendments of its facts and verdicts between answers.
    #[must_use]
    pub fn settling(&self, target: u32) -> Vec<EntryId> {
        let amended = self.amendments.iter().filter(|other| other.live && other.value.0 == target).map(|other| other.act);
        let verdicts = self.verdicts_by_target.get(&target).into_iter().flatten().filter_map(|at| self.verdicts.get(*at as usize));
        amended.chain(verdicts.filter(|other| other.live).map(|other| other.act)).collect()
    }

    /// Counts answers about a target that differ from the one that stands, and all, to the questions that two reviewers or more answered.
    #[must_use]
    pub fn dissent(&self, target: u32) -> (u32, u32) {
        let (mut differ, mut all) = (0, 0);
        for question in self.questions_of(target) {
            let answers: Vec<u32> = self.current(target).filter(|given| given.question == question).map(|given| given.answer).collect();
            if let Some(Settled::Answer(stands) | Settled::Adjudicated(stands)) = self.settled(target, question).filter(|_| answers.len() > 1) {
                all += u32::try_from(answers.len()).unwrap_or(u32::MAX);
                differ += u32::try_from(answers.iter().filter(|answer| **answer != stands).count()).unwrap_or(u32::MAX);
            }
        }
        (differ, all)
    }

    /// Gives the queues that were made, the last of each name.
    #[must_use]
    pub fn queues(&self) -> Vec<&QueueText> {
        let mut found: Vec<&QueueText> = Vec::new();
        for other in self.queues.iter().rev().filter(|other| other.live) {
            if found.iter().all(|known| known.name != other.value.name) {
                found.push(&other.value);
            }
        }
        found.reverse();
        found
    }

    /// Gives the schemas of the workspace: the built-in ones, and those added, the newest version of each name.
    #[must_use]
    pub fn schemas(&self) -> Vec<Schema> {
        let mut found = Schema::built_in();
        for other in self.schemas.iter().filter(|other| other.live) {
            match found.iter_mut().find(|known| known.name == other.value.name) {
                Some(known) if known.version < other.value.version => *known = other.value.clone(),
                Some(_) => {}
                None => found.push(other.value.clone()),
            }
        }
        found
    }

    /// Gives every answer in the order of folding, those undone left out.
    pub fn all(&self) -> impl Iterator<Item = &Given> {
        self.given.iter().filter(|given| given.live)
    }
}
