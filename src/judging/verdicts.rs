//! What stands of a question that several reviewers answered: what was settled, or what they agree on.

use super::schema::CANNOT_TELL;
use super::state::{Given, Other, Settled, State, Verdict};

impl State {
    /// Gives the answer that stands: adjudicated before agreed; `None` where nobody answered, or only that it cannot be told.
    #[must_use]
    pub fn settled(&self, target: u32, question: u32) -> Option<Settled> {
        let verdict = self.verdict(target, question);
        if let Some(answer) = verdict.and_then(|verdict| verdict.value.answer) {
            return Some(Settled::Adjudicated(answer));
        }
        let abstained = self.words.known(CANNOT_TELL);
        let (mut first, mut only_abstained) = (None, None);
        for answer in self.last_words(target, question).map(|given| given.answer) {
            match first {
                _ if Some(answer) == abstained => only_abstained = Some(Settled::Answer(answer)),
                None => first = Some(answer),
                Some(known) if known != answer => return Some(Settled::Disputed),
                Some(_) => {}
            }
        }
        let Some(first) = first else { return only_abstained };
        Some(if verdict.is_some() { Settled::Disputed } else { Settled::Answer(first) })
    }

    /// Gives the answers that count for a target and a question: the last of each reviewer, gold left out, the latest first.
    pub fn last_words(&self, target: u32, question: u32) -> impl Iterator<Item = &Given> {
        let (mut few, mut many) = (0_u64, Vec::new());
        let given = self.backwards(target).filter(move |given| given.question == question && given.live && !given.again);
        given.filter(move |given| match 1_u64.checked_shl(given.chain) {
            Some(bit) => {
                let new = few & bit == 0;
                few |= bit;
                new && !self.is_gold(given.chain)
            }
            None if many.contains(&given.chain) => false,
            None => {
                many.push(given.chain);
                !self.is_gold(given.chain)
            }
        })
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
