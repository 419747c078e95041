//! Postings of the folded journal: which targets got which answer, and the numbers by which the index knows them, ready for filters.

use super::state::{Given, Settled, State};
use crate::model::ids::{split_id, unit};
use rustc_hash::FxHashMap;

/// A question and an answer, by their numbers.
type Said = (u32, u32);

/// What filters look up. It grows with the journal, and is made anew whenever that is folded anew.
#[derive(Default)]
pub struct Postings {
    /// Targets that ever got an answer to a question, in the order of the journal; what counts of it is asked of the state.
    answered: FxHashMap<Said, Vec<u32>>,
    /// Of each target, the number of itself and of its trajectory.
    units: Vec<[u64; 2]>,
    /// Answers that were taken in.
    taken: usize,
}

impl Postings {
    /// Takes in what the state holds beyond what was taken in before.
    pub fn grow(&mut self, state: &State) {
        let mut last: (&str, u64) = ("", 0);
        for target in self.units.len()..state.targets.len() {
            let (trajectory, id) = split_id(state.target_name(u32::try_from(target).unwrap_or(u32::MAX)));
            // Targets of one trajectory mostly follow each other.
            if last.0 != trajectory {
                last = (trajectory, unit(trajectory, ""));
            }
            self.units.push([id.map_or(last.1, |id| unit(trajectory, id)), last.1]);
        }
        for given in state.given.iter().skip(self.taken) {
            self.answered.entry((given.question, given.answer)).or_default().push(given.target);
        }
        self.taken = state.given.len();
    }

    /// Gives every answer that ever was given to a question or settled it.
    pub fn said(&self, state: &State) -> impl Iterator<Item = (u32, u32)> {
        let settled = state.verdicts.iter().filter_map(|verdict| Some((verdict.value.question, verdict.value.answer?)));
        self.answered.keys().copied().chain(settled)
    }

    /// Gives the number of a target and that of its trajectory, as the index knows them.
    #[must_use]
    pub fn units(&self, target: u32) -> [u64; 2] {
        self.units.get(target as usize).copied().unwrap_or_default()
    }

    /// Gives the targets that anybody ever answered one of some questions about, or settled one of, in order.
    #[must_use]
    pub fn answered(&self, state: &State, questions: &[u32]) -> Vec<u32> {
        let given = self.answered.iter().filter(|((question, _), _)| questions.contains(question)).flat_map(|(_, targets)| targets.iter().copied());
        let settled = state.verdicts.iter().filter(|verdict| questions.contains(&verdict.value.question)).map(|verdict| verdict.value.target);
        let mut all: Vec<u32> = given.chain(settled).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Gives the targets with an answer that counts and that is wanted, in no order: a reviewer's last word, or where it was settled, the verdict.
    #[must_use]
    pub fn with_answer(&self, state: &State, wanted: &dyn Fn(u32, u32) -> bool) -> Vec<u32> {
        let settled = |target: u32| state.verdicts_by_target.contains_key(&target);
        let mut found = Vec::new();
        for ((question, answer), targets) in self.answered.iter().filter(|((question, answer), _)| wanted(*question, *answer)) {
            let plain = targets.iter().copied().filter(|target| state.verdicts_by_target.is_empty() || !settled(*target));
            found.extend(plain.filter(|target| state.counts(*target, (*question, *answer))));
        }
        found.extend(state.verdicts_by_target.keys().filter(|target| state.has_answer(**target, wanted)));
        found
    }
}

impl State {
    /// Tells whether an answer to a question is the last word of any reviewer about a target, gold left out.
    fn counts(&self, target: u32, (question, answer): Said) -> bool {
        self.last_words(target, question).any(|given| given.answer == answer)
    }

    /// Tells whether a target has an answer that is wanted; an adjudicated answer hides those it settled.
    fn has_answer(&self, target: u32, wanted: &dyn Fn(u32, u32) -> bool) -> bool {
        self.questions_of(target).into_iter().any(|question| match self.settled(target, question) {
            Some(Settled::Adjudicated(answer)) => wanted(question, answer),
            _ => self.current(target).filter(|given| given.question == question).any(|given| wanted(question, given.answer)),
        })
    }

    fn count_for(&self, target: u32, gold: bool) -> impl Iterator<Item = &Given> {
        self.backwards(target).filter(move |given| given.live && !given.again && self.is_gold(given.chain) == gold)
    }

    /// Gives the number of everybody who decided.
    pub fn chains(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.chains.len()).unwrap_or(u32::MAX)
    }

    /// Tells whether anybody labelled a target.
    #[must_use]
    pub fn is_labelled(&self, target: u32) -> bool {
        self.count_for(target, false).next().is_some()
    }

    /// Tells whether one of some reviewers labelled a target.
    #[must_use]
    pub fn is_labelled_by(&self, target: u32, chains: &[u32]) -> bool {
        self.count_for(target, false).any(|given| chains.contains(&given.chain))
    }

    /// Tells whether there is a right answer for a target.
    #[must_use]
    pub fn has_right(&self, target: u32) -> bool {
        self.has_gold() && self.count_for(target, true).next().is_some()
    }

    /// Tells whether more than one reviewer labelled a target, or anybody settled or disputed something of it.
    #[must_use]
    pub fn may_differ(&self, target: u32) -> bool {
        let mut chains = self.count_for(target, false).map(|given| given.chain);
        let first = chains.next();
        chains.any(|chain| Some(chain) != first) || self.verdicts_by_target.contains_key(&target)
    }
}
