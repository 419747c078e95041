//! Folding in parts: each part folds its labels alone; parts are then put together in order.

use super::fold::{LabelPlace, chain_number};
use super::state::{Given, State};
use crate::model::Entry;

/// The labels of one part, folded, and its other entries.
#[derive(Default)]
pub struct Part {
    labels: State,
    others: Vec<Entry>,
    /// Last place of the part.
    last: Option<(u64, crate::model::EntryId)>,
}

impl Part {
    /// Takes in a label, without a copy of its entry.
    pub fn label(&mut self, journal: &str, reviewer: &str, place: &LabelPlace, body: &str) {
        let chain = chain_number(&mut self.labels.chains, journal, reviewer);
        self.last = Some((place.clock, place.id));
        if let Err(why) = self.labels.take_label(chain, place, body) {
            self.labels.unread.push(why);
        }
    }

    /// Keeps another entry for later.
    pub fn other(&mut self, entry: Entry) {
        self.last = Some((entry.clock, entry.id));
        self.others.push(entry);
    }
}

impl State {
    /// Puts parts together that follow each other in the order of folding. An undo names what came before it, so labels go first.
    #[must_use]
    pub fn of_parts(parts: Vec<Part>) -> Self {
        let mut whole = Self::default();
        let mut others = Vec::new();
        let last = parts.iter().rev().find_map(|part| part.last);
        for part in parts {
            if whole.given.is_empty() {
                whole = part.labels
            } else {
                whole.absorb(part.labels)
            }
            others.extend(part.others);
        }
        others.iter().for_each(|entry| whole.take(entry));
        whole.last = last;
        whole
    }

    fn absorb(&mut self, other: Self) {
        let words: Vec<u32> = (0..other.words.len()).map(|n| self.words.number(other.words.text(number(n)))).collect();
        let chains: Vec<u32> = other.chains.iter().map(|chain| chain_number(&mut self.chains, &chain.journal, &chain.reviewer)).collect();
        let mut targets = Vec::with_capacity(other.targets.len());
        for n in 0..other.targets.len() {
            let name = other.targets.text(number(n));
            targets.push(self.target(name).unwrap_or_else(|| {
                self.kinds.push(other.target_kind(number(n)));
                self.targets.number(name)
            }));
        }
        let to = |map: &[u32], n: u32| map.get(n as usize).copied().unwrap_or(u32::MAX);
        for (alias, target) in other.aliases {
            if self.targets.known(&alias).is_none() {
                self.aliases.entry(alias).or_insert_with(|| to(&targets, target));
            }
        }
        self.given.reserve(other.given.len());
        for given in other.given {
            let target = to(&targets, given.target);
            let (chain, question) = (to(&chains, given.chain), to(&words, given.question));
            let (answer, queue) = (to(&words, given.answer), if given.probability > 0.0 { to(&words, given.queue) } else { 0 });
            self.push(Given { chain, target, question, answer, queue, ..given });
        }
        self.unread.extend(other.unread);
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
