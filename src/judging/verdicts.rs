//! What stands of a question that several reviewers answered: what was settled, or what they agree on.

use super::schema::CANNOT_TELL;
use super::state::{Other, Settled, State, Verdict};

impl State {
    /// Gives the answer that stands: adjudicated before agreed; `None` where nobody answered, or only that it cannot be told.
    #[must_use]
    pub fn settled(&self, target: u32, question: u32) -> Option<Settled> {
        let verdict = self.verdict(target, question);
        if let Some(answer) = verdict.and_then(|verdict| verdict.value.answer) {
            return Some(Settled::Adjudicated(answer));
        }
        let abstained = self.words.known(CANNOT_TELL);
        let mut answers = self.current(target).filter(|given| given.question == question && Some(given.answer) != abstained).map(|given| given.answer);
        let Some(first) = answers.next() else {
            return self.current(target).find(|given| given.question == question).map(|given| Settled::Answer(given.answer));
        };
        if verdict.is_some() || answers.any(|other| other != first) { Some(Settled::Disputed) } else { Some(Settled::Answer(first)) }
    }

    /// Gives the answer by which a question was settled, and the chain of whoever settled it.
    #[must_use]
    pub fn settled_by(&self, target: u32, question: u32) -> Option<(u32, u32)> {
        let verdict = self.verdict(target, question)?;
        Some((verdict.value.answer?, verdict.chain))
    }

    fn verdict(&self, target: u32, question: u32) -> Option<&Other<Verdict>> {
        let rows = self.verdicts_by_target.get(&target)?;
        let mut live = rows.iter().rev().filter_map(|at| self.verdicts.get(*at as usize)).filter(|other| other.live);
        live.find(|other| other.value.question == question)
    }
}
