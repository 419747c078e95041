//! Folding in parts: each part folds its labels alone; parts are then put together in order.

use super::fold::{LabelPlace, chain_number, named_in};
use super::state::{Given, Mentions, State};
use crate::model::Entry;

/// The labels of one part, folded, and its other entries. Which names mean one target depends on all that came before, so a
/// part keeps every mention apart, in order, until parts are put together.
pub struct Part {
    labels: State,
    others: Vec<Entry>,
    /// Last place of the part.
    last: Option<(u64, crate::model::EntryId)>,
}

impl Default for Part {
    fn default() -> Self {
        Self { labels: State { mentions: Some(Mentions::default()), ..State::default() }, others: Vec::new(), last: None }
    }
}

impl Part {
    /// Takes a part that was folded before; it has nothing but labels.
    pub(super) const fn of_labels(labels: State, last: (u64, crate::model::EntryId)) -> Self {
        Self { labels, others: Vec::new(), last: Some(last) }
    }

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
        if let Some(target) = named_in(&entry) {
            self.labels.owned_target(&target);
        }
        self.others.push(entry);
    }
}

/// Parts put together as far as their labels go; what was decided beside them is not folded yet.
pub struct Labels {
    state: State,
    others: Vec<Entry>,
    last: Option<(u64, crate::model::EntryId)>,
}

impl Labels {
    /// Puts parts together that follow each other in the order of folding.
    #[must_use]
    pub fn of_parts(parts: Vec<Part>) -> Self {
        let mut whole = Self { state: State::default(), others: Vec::new(), last: parts.iter().rev().find_map(|part| part.last) };
        for part in parts {
            // Where nothing has a second name, and of labels that were put together before, every mention is a target.
            if whole.state.targets.len() == 0 && part.labels.mentions.as_ref().is_none_or(|mentions| mentions.is_empty()) {
                let unread = std::mem::take(&mut whole.state.unread);
                whole.state = State { mentions: None, ..part.labels };
                whole.state.unread.splice(0..0, unread);
            } else {
                whole.state.absorb(part.labels);
            }
            whole.others.extend(part.others);
        }
        whole
    }

    /// Gives the labels alone.
    #[must_use]
    pub const fn labels(&self) -> &State {
        &self.state
    }

    /// Gives the last place that was folded.
    #[must_use]
    pub const fn last(&self) -> Option<(u64, crate::model::EntryId)> {
        self.last
    }

    /// Folds the rest, after entries that came before all of it. An undo names what came before it, so labels go first.
    #[must_use]
    pub fn finish(self, earlier: Vec<Entry>) -> State {
        let mut whole = self.state;
        let others: Vec<Entry> = earlier.into_iter().chain(self.others).collect();
        whole.turn_labels(&others);
        others.iter().for_each(|entry| whole.take_beside(entry));
        whole.last = self.last;
        whole
    }
}

impl State {
    fn absorb(&mut self, other: Self) {
        let words: Vec<u32> = (0..other.words.len()).map(|n| self.words.number(other.words.text(number(n)))).collect();
        let chains: Vec<u32> = other.chains.iter().map(|chain| chain_number(&mut self.chains, &chain.journal, &chain.reviewer)).collect();
        let mentions = other.mentions.unwrap_or_default();
        let mut targets = Vec::with_capacity(other.targets.len());
        for n in 0..other.targets.len() {
            let kind = other.kinds.get(n).copied().unwrap_or(super::TargetKind::Execution);
            targets.push(match mentions.get(&number(n)) {
                Some((name, aliases)) => self.united(name, aliases.clone(), kind),
                None => self.united(other.targets.text(number(n)), Vec::new(), kind),
            });
        }
        let to = |map: &[u32], n: u32| map.get(n as usize).copied().unwrap_or(u32::MAX);
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
