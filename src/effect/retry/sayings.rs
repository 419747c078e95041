//! What people said, looked through once: the messages that may name a call are found by its words and by the commands they quote.

use super::course::Course;
use super::sanction::{act, told};
use super::wording::{GENERIC, before_contrast, quoted, sentences, words};
use crate::effect::compare::within;
use crate::effect::deed::{Deed, mutates};
use crate::effect::reach::Reach;
use crate::model::Execution;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// The messages of people, by what is in them; each is known by the place of its step.
#[derive(Default)]
pub struct Sayings {
    by_word: FxHashMap<String, Vec<usize>>,
    quoted: Vec<(usize, String)>,
    by_command: FxHashMap<String, Vec<usize>>,
    /// What the quoted commands do, by the folder in which they would run.
    told: RefCell<FxHashMap<Option<String>, Rc<Told>>>,
}

/// What quoted commands do in one folder, those that change nothing left out.
#[derive(Default)]
struct Told {
    deeds: Vec<(usize, Deed)>,
    reach: Reach,
}

impl Sayings {
    /// Looks through the messages of people.
    pub(super) fn of(course: &Course<'_>) -> Self {
        let mut said = Self::default();
        for (place, text) in course.people.iter().filter_map(|place| Some((*place, course.trajectory.steps.get(*place)?.text.as_str()))) {
            for word in words(text) {
                let places = said.by_word.entry(word).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
            let text = text.get(..text.len().min(20_000)).unwrap_or(text);
            for sentence in sentences(text) {
                for command in quoted(before_contrast(&sentence.text)) {
                    said.by_command.entry(command.trim().to_owned()).or_default().push(place);
                    said.quoted.push((place, command));
                }
            }
        }
        said
    }

    /// Gives the places of the messages that hold all of some words, in lower case and of two letters and more.
    #[must_use]
    pub fn with_words(&self, wanted: &[String]) -> Vec<usize> {
        let Some(lists) = wanted.iter().map(|word| self.by_word.get(word)).collect::<Option<Vec<_>>>() else { return Vec::new() };
        let Some(rarest) = lists.iter().min_by_key(|list| list.len()) else { return Vec::new() };
        rarest.iter().copied().filter(|place| lists.iter().all(|list| list.binary_search(place).is_ok())).collect()
    }

    /// Gives the places of the messages that may name a call, in their order: all of its telling words stand there, or a command that covers it.
    #[must_use]
    pub fn naming(&self, call: &Execution, does: &Deed) -> Vec<usize> {
        if self.by_word.is_empty() {
            return Vec::new();
        }
        let mut telling: Vec<String> = words(&act(call)).into_iter().filter(|word| !GENERIC.contains(&word.as_str())).collect();
        let mut found = if telling.len() > 1 {
            telling.sort_unstable();
            telling.dedup();
            self.with_words(&telling)
        } else {
            Vec::new()
        };
        if self.quoted.is_empty() {
            return found;
        }
        found.extend(call.command.as_deref().and_then(|command| self.by_command.get(command.trim())).into_iter().flatten());
        if let Some(first) = does.acting().next().filter(|_| does.acting().any(mutates)) {
            let told = self.told_in(does.cwd.as_deref());
            let near = told.reach.holding(&first.target).flatten().filter_map(|n| told.deeds.get(*n));
            found.extend(near.filter(|(_, deed)| within(deed, does)).map(|(place, _)| *place));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn told_in(&self, cwd: Option<&str>) -> Rc<Told> {
        if let Some(known) = self.told.borrow().get(&cwd.map(str::to_owned)) {
            return Rc::clone(known);
        }
        let mut all = Told::default();
        for (place, command) in &self.quoted {
            let deed = told(command, cwd);
            if deed.acting().any(mutates) {
                deed.effects.iter().for_each(|effect| all.reach.put(&effect.target, all.deeds.len()));
                all.deeds.push((*place, deed));
            }
        }
        let all = Rc::new(all);
        self.told.borrow_mut().insert(cwd.map(str::to_owned), Rc::clone(&all));
        all
    }
}
