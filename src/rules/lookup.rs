//! What rules look up in a trajectory many times, gone through once: who changed and who read a target, which results name it, who spoke of it.

use super::case::Case;
use super::speech;
use crate::effect::Reach;
use crate::model::{Effect, Kind, Verb};
use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};

/// As many calls are remembered whose results name a target; where there are more, one of them was seen on any path.
const MOST_NAMING: usize = 64;
/// So few targets are looked for one by one, which is faster than all at once.
const FEW: usize = 32;

/// Indexes of a case, each made when it is first asked for.
#[derive(Default)]
pub struct Lookup {
    changes: OnceCell<Reach>,
    readings: OnceCell<Reach>,
    results: OnceCell<FxHashMap<String, Vec<usize>>>,
    stems: OnceCell<FxHashMap<String, usize>>,
    /// By stop, the places of its pairs.
    pairs: OnceCell<FxHashMap<usize, Vec<usize>>>,
    /// By stop, the calls that took another way.
    other_ways: OnceCell<FxHashMap<String, Vec<usize>>>,
    /// By what is done to what people would say, the first message that asks for it.
    pub(super) named: RefCell<FxHashMap<(Verb, String), usize>>,
    pub(super) told: RefCell<FxHashMap<u64, usize>>,
    mentioned: RefCell<FxHashMap<String, usize>>,
    same: OnceCell<FxHashMap<u64, Vec<usize>>>,
}

impl Case<'_> {
    fn calls(&self) -> std::ops::Range<usize> {
        0..self.trajectory.executions.len()
    }

    /// Tells whether an earlier call of the path of another surely changed a target or what holds it.
    #[must_use]
    pub fn changed_before(&self, i: usize, target: &str) -> bool {
        let changes = self.lookup.changes.get_or_init(|| {
            let mut reach = Reach::default();
            self.calls().for_each(|k| self.sure_acts(k).for_each(|act| reach.put(&act.target, k)));
            reach
        });
        self.any_before(i, changes.holding(target))
    }

    /// Tells whether an earlier call of the path of another may have read a target or what holds it.
    #[must_use]
    pub fn read_before(&self, i: usize, target: &str) -> bool {
        let readings = self.lookup.readings.get_or_init(|| {
            let mut reach = Reach::default();
            for k in self.calls().filter(|k| self.execution(*k).is_some_and(|e| e.ran != Some(false))) {
                let read = self.deed(k).into_iter().flat_map(|deed| &deed.effects).filter(|e| matches!(e.verb, Verb::Read | Verb::Fetch) && e.target != "/");
                read.for_each(|e| reach.put(&e.target, k));
            }
            reach
        });
        self.any_before(i, readings.holding(target))
    }

    fn any_before<'r>(&self, i: usize, mut lists: impl Iterator<Item = &'r [usize]>) -> bool {
        let at = self.call_at(i);
        lists.any(|calls| calls.iter().take_while(|k| **k < i).any(|k| self.course.follows(self.call_at(*k), at)))
    }

    /// Tells whether the result of an earlier call of the path of another names a target, by the part of it that people would say.
    #[must_use]
    pub fn listed_before(&self, i: usize, target: &str) -> bool {
        let part = speech::telling_part(target);
        if part.len() <= 2 {
            return false;
        }
        let results = self.lookup.results.get_or_init(|| self.results_by_part());
        let Some(calls) = results.get(part) else { return false };
        calls.len() >= MOST_NAMING && calls.last().is_some_and(|last| *last < i) || self.any_before(i, std::iter::once(calls.as_slice()))
    }

    /// Looks through all results once, for every target that a call changes.
    fn results_by_part(&self) -> FxHashMap<String, Vec<usize>> {
        let mut by_part: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for act in self.calls().flat_map(|k| self.sure_acts(k)) {
            let part = speech::telling_part(&act.target);
            if part.len() > 2 && !by_part.contains_key(part) {
                by_part.insert(part.to_owned(), Vec::new());
            }
        }
        let parts: Vec<String> = by_part.keys().cloned().collect();
        let many = (parts.len() > FEW).then(|| AhoCorasick::new(&parts).ok()).flatten();
        let mut calls_of: Vec<Vec<usize>> = vec![Vec::new(); parts.len()];
        for k in self.calls().filter(|k| self.execution(*k).is_some_and(|e| e.ran != Some(false))) {
            let mut note = |part: usize| {
                if let Some(calls) = calls_of.get_mut(part).filter(|calls| calls.last() != Some(&k) && calls.len() < MOST_NAMING) {
                    calls.push(k);
                }
            };
            for step in self.steps_of(k, Kind::ToolResult) {
                match &many {
                    Some(many) => many.find_overlapping_iter(&step.text).for_each(|found| note(found.pattern().as_usize())),
                    None => parts.iter().enumerate().filter(|(_, part)| step.text.contains(part.as_str())).for_each(|(part, _)| note(part)),
                }
            }
        }
        parts.into_iter().zip(calls_of).collect()
    }

    /// Gives the place of the first message in which a person mentions a target; the largest number where nobody does.
    #[must_use]
    pub fn first_mention(&self, target: &str) -> usize {
        let part = speech::telling_part(target);
        if let Some(known) = self.lookup.mentioned.borrow().get(part) {
            return *known;
        }
        let step = |place: &usize| self.trajectory.steps.get(*place).is_some_and(|step| speech::mentions(&step.text, target));
        let first = self.speaking_of(target).into_iter().find(step).unwrap_or(usize::MAX);
        self.lookup.mentioned.borrow_mut().insert(part.to_owned(), first);
        first
    }

    /// Gives the place of the first message that names the verb and the target of an effect in one sentence.
    #[must_use]
    pub fn first_naming(&self, act: &Effect) -> usize {
        let key = (act.verb, speech::telling_part(&act.target).to_owned());
        if let Some(known) = self.lookup.named.borrow().get(&key) {
            return *known;
        }
        let names = |place: &usize| self.trajectory.steps.get(*place).is_some_and(|step| speech::sentences(&step.text).any(|s| speech::names_effect(s, act)));
        let first = self.speaking_of(&act.target).into_iter().find(names).unwrap_or(usize::MAX);
        self.lookup.named.borrow_mut().insert(key, first);
        first
    }

    /// Gives the places of the messages that hold every word of a target's telling part.
    fn speaking_of(&self, target: &str) -> Vec<usize> {
        let part = speech::telling_part(target).to_lowercase();
        let words: Vec<String> = part.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).map(str::to_owned).collect();
        if words.is_empty() { self.course.people.clone() } else { self.course.sayings().with_words(&words) }
    }

    /// Tells whether a person used one of some stems before a step.
    #[must_use]
    pub fn said_stem_before(&self, stems: &[String], to: usize) -> bool {
        let first = self.lookup.stems.get_or_init(|| {
            let mut first = FxHashMap::default();
            for place in &self.course.people {
                let text = self.trajectory.steps.get(*place).map_or("", |step| step.text.as_str());
                speech::stems(text).into_iter().for_each(|stem| {
                    first.entry(stem).or_insert(*place);
                });
            }
            first
        });
        stems.iter().any(|stem| first.get(stem).is_some_and(|place| *place < to))
    }

    /// Gives the pairs of a stop, by the later call.
    pub fn after_stop(&self, stop: usize) -> impl Iterator<Item = &crate::effect::retry::Pair> {
        let by_stop = self.lookup.pairs.get_or_init(|| {
            let mut by_stop: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
            self.pairs.iter().enumerate().for_each(|(at, pair)| by_stop.entry(pair.stopped).or_default().push(at));
            by_stop
        });
        by_stop.get(&stop).into_iter().flatten().filter_map(|at| self.pairs.get(*at))
    }

    /// Gives the calls before another that are the same tool with the same arguments, the nearest first.
    pub fn same_before(&self, i: usize) -> impl Iterator<Item = usize> {
        let same = self.lookup.same.get_or_init(|| {
            let mut same: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
            self.calls().for_each(|k| same.entry(self.course.act(k).unwrap_or_default()).or_default().push(k));
            same
        });
        let calls = self.course.act(i).and_then(|act| same.get(&act)).into_iter().flatten().rev().copied();
        calls.filter(move |k| *k < i && self.course.same_act(*k, i))
    }

    /// Gives the calls that took another way than a stopped one.
    pub fn other_ways(&self, stop: &str) -> &[usize] {
        let by_stop = self.lookup.other_ways.get_or_init(|| {
            let mut by_stop: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for (k, e) in self.trajectory.executions.iter().enumerate() {
                e.alternative_to.iter().for_each(|of| by_stop.entry(of.clone()).or_default().push(k));
            }
            by_stop
        });
        by_stop.get(stop).map_or(&[], Vec::as_slice)
    }
}
