//! What filters ask of labels and facts together: `boundary:` and `is:stale`. The facts of a million labelled points are looked through in their short form.

use super::folding::LookedUp;
use super::judged::amended_asker;
use super::{Result, Workspace};
use crate::judging::gist::{pack, unpack};
use crate::judging::{CANNOT_TELL, Gist, Schema, Settled, State, fold_hash};
use crate::model::ids::split_id;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Ref;

/// The facts of every target that something was decided about, by its number; `None` of what vanished.
pub(super) type Facts = Vec<Option<Gist>>;

/// What `meta` says while points of earlier programs are not stored in short.
const MISSING: &str = "gists";

impl Workspace {
    /// Gives the facts of all targets as the store has them now.
    fn facts<'l>(&self, state: &State, looked_up: &'l LookedUp) -> Result<Ref<'l, Facts>> {
        let now = self.store.meta("generation")?;
        let count = state.targets().len();
        let (known, current) = looked_up.facts.borrow().as_ref().map_or((0, false), |(then, facts)| (facts.len(), *then == now));
        if !current {
            let facts = self.all_facts(looked_up, count)?;
            *looked_up.facts.borrow_mut() = Some((now, facts));
        } else if known < count {
            let new = (known..count).map(|target| self.fact_of(state.target_name(u32::try_from(target).unwrap_or(u32::MAX)))).collect::<Result<Vec<_>>>()?;
            if let Some((_, facts)) = looked_up.facts.borrow_mut().as_mut() {
                facts.extend(new);
            }
        }
        Ok(Ref::map(looked_up.facts.borrow(), |facts| facts.as_ref().map_or(const { &Vec::new() }, |(_, facts)| facts)))
    }

    fn all_facts(&self, looked_up: &LookedUp, count: usize) -> Result<Facts> {
        if self.store.meta(MISSING)?.is_some_and(|said| !said.is_empty()) {
            for number in self.store.without_gists()? {
                self.store.set_gists(number, &pack(&self.shelved(number)?))?;
            }
            self.store.set_meta(MISSING, "")?;
        }
        let postings = looked_up.postings.borrow();
        let targets: FxHashMap<u64, usize> = (0..count).map(|target| (postings.units(u32::try_from(target).unwrap_or(u32::MAX))[0], target)).collect();
        let mut facts: Facts = vec![None; count];
        self.store.each_gists(|list| {
            for (unit, gist) in unpack(list) {
                if let Some(slot) = targets.get(&unit).and_then(|target| facts.get_mut(*target)) {
                    *slot = Some(gist);
                }
            }
        })?;
        Ok(facts)
    }

    fn fact_of(&self, name: &str) -> Result<Option<Gist>> {
        let (trajectory, id) = split_id(name);
        let Some(number) = self.store.find_trajectory(trajectory)? else { return Ok(None) };
        Ok(super::judged::among_points(&self.shelved(number)?, id.unwrap_or_default()).map(Gist::of))
    }

    /// Gives the targets with an answer that was given to other facts, or to a question that asked something else.
    pub(super) fn stale(&self, state: &State, looked_up: &LookedUp) -> Result<Vec<u32>> {
        let facts = self.facts(state, looked_up)?;
        let mut questions: FxHashMap<u32, Option<u64>> = FxHashMap::default();
        let schemas = state.schemas();
        let mut asked = |question: u32| {
            *questions.entry(question).or_insert_with(|| {
                let (schema, question) = state.question_name(question);
                schemas.iter().find(|s| s.name == schema).and_then(|s| s.question(question)).map(|asked| fold_hash(&asked.hash()))
            })
        };
        let mut found = Vec::new();
        for (target, facts) in state.targets().zip(facts.iter()) {
            let Some(facts) = facts else { continue };
            // Mostly all that was ever said is of these facts; only else it matters what counts of it.
            if state.ever_said(target).any(|given| given.facts != facts.facts || asked(given.question) != Some(given.question_hash))
                && state.current(target).any(|given| given.facts != facts.facts || asked(given.question) != Some(given.question_hash))
            {
                found.push(target);
            }
        }
        Ok(found)
    }

    /// Gives the targets for which an answer that follows from others, by any schema, is a wanted one.
    pub(super) fn derived_as(&self, state: &State, looked_up: &LookedUp, id: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<u32>> {
        let facts = self.facts(state, looked_up)?;
        let amended: FxHashSet<u32> = state.amended().collect();
        let mut found = Vec::new();
        for schema in state.schemas().iter().filter(|schema| schema.derived.iter().any(|derived| derived.id == id)) {
            let from = Inputs::of(state, schema);
            let mut known: FxHashMap<(Vec<Option<Settled>>, u16), bool> = FxHashMap::default();
            let mut said = Vec::new();
            for target in looked_up.postings.borrow().answered(state, &from.numbers()) {
                let Some(Some(facts)) = facts.get(target as usize) else { continue };
                from.said(state, target, &mut said);
                let holds = if amended.contains(&target) {
                    from.follows(state, schema, id, &said, *facts, amended_asker(state, Some(target))).is_some_and(wanted)
                } else if let Some(known) = known.get(&(said.clone(), facts.marks())) {
                    *known
                } else {
                    let holds = from.follows(state, schema, id, &said, *facts, None).is_some_and(wanted);
                    known.insert((said.clone(), facts.marks()), holds);
                    holds
                };
                found.extend(holds.then_some(target));
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// The questions of a schema from which answers follow, with their numbers.
struct Inputs<'s>(Vec<(&'s str, u32)>);

impl<'s> Inputs<'s> {
    fn of(state: &State, schema: &'s Schema) -> Self {
        let named = |id: &str| schema.derived.iter().any(|derived| derived.from.iter().any(|from| from == id));
        let questions = schema.questions.iter().filter(|question| named(&question.id));
        Self(questions.filter_map(|question| Some((question.id.as_str(), state.question(&schema.name, &question.id)?))).collect())
    }

    fn numbers(&self) -> Vec<u32> {
        self.0.iter().map(|(_, number)| *number).collect()
    }

    fn said(&self, state: &State, target: u32, into: &mut Vec<Option<Settled>>) {
        into.clear();
        into.extend(self.0.iter().map(|(_, number)| state.settled(target, *number)));
    }

    /// Gives what follows from answers and facts.
    fn follows<'a>(&self, state: &'a State, schema: &'a Schema, id: &str, said: &[Option<Settled>], facts: Gist, asker: Option<&'a str>) -> Option<&'a str> {
        let answer = |name: &str| {
            let at = self.0.iter().position(|(question, _)| *question == name)?;
            match said.get(at).copied().flatten()? {
                Settled::Answer(answer) | Settled::Adjudicated(answer) => Some(state.word(answer)).filter(|answer| *answer != CANNOT_TELL),
                Settled::Disputed => None,
            }
        };
        let values = schema.values(&|name| match name {
            "fact.asked" if asker.is_some() => asker,
            name => answer(name).or_else(|| facts.value(name)),
        });
        let applies = schema.derived.iter().any(|derived| derived.id == id && derived.target.contains(&facts.kind()));
        applies.then(|| values.get(id).copied()).flatten()
    }
}
