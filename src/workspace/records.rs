//! The records of the rules in a workspace: what people judged of their own, against what rules had found there.

use super::judged::amended_asker;
use super::{Result, Workspace};
use crate::judging::{CANNOT_TELL, Judged, Point, Record, Schema, Settled, State, TargetKind};
use crate::model::EntryId;
use crate::rules::{self, RULES, Rule};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A place in the journal, and a generation of the store.
type Place = (Option<(u64, EntryId)>, Option<String>);

/// Records by rule, in the order of the rules, as they were at a place in the journal and at a generation of the store.
#[derive(Default)]
pub(super) struct Records {
    at: Option<Place>,
    of: Vec<Record>,
}

/// Records that were measured, kept until something is decided or imported.
pub(super) type Kept = RefCell<Records>;

impl Workspace {
    /// Gives the record of each rule, in the order of the rules. Only answers that people found by themselves count: by hand, without
    /// hindsight, and settled where they differ; for what is taken from a proposal, the rule would be its own witness.
    pub fn records(&self) -> Result<Vec<Record>> {
        let at = (self.state()?.last(), self.store.meta("generation")?);
        if self.records.borrow().at.as_ref() != Some(&at) {
            let of = self.measured()?;
            *self.records.borrow_mut() = Records { at: Some(at), of };
        }
        Ok(self.records.borrow().of.clone())
    }

    fn measured(&self) -> Result<Vec<Record>> {
        let schema = self.schema(None)?;
        let state = self.state()?;
        let mut items: Vec<Vec<Judged>> = vec![Vec::new(); RULES.len()];
        for target in state.labelled() {
            let Some(point) = self.point_of(state.target_name(target))? else { continue };
            let answers = own_answers(&state, &schema, target, &point);
            for (rule, items) in RULES.iter().zip(&mut items) {
                items.extend(judged(rule, &schema, &point, &answers));
            }
        }
        let measured = RULES.iter().zip(&items).map(|(rule, items)| rules::lead(rule).map_or_else(Record::default, |question| Record::of(question, items)));
        Ok(measured.collect())
    }
}

/// Tells whether an answer to a question is among those that a rule, by its id, predicts.
#[must_use]
pub fn rule_predicts(rule: &str, question: &str, answer: &str) -> bool {
    RULES.iter().find(|known| known.id == rule).is_some_and(|rule| rules::predicted(rule, question).any(|predicted| predicted == answer))
}

/// Names a rule for a person: its id and what it is about, such as `B10 ask understates`.
#[must_use]
pub fn rule_title(rule: &str) -> String {
    RULES.iter().find(|known| known.id == rule).map_or_else(|| rule.to_owned(), |known| format!("{} {}", known.id, known.name.replace('-', " ")))
}

/// An answer with the probability of its draw.
type Drawn = (String, f64);

/// Gives what people answered of their own, and what follows from it.
fn own_answers(state: &State, schema: &Schema, target: u32, point: &Point) -> BTreeMap<String, Drawn> {
    let mut answers: BTreeMap<String, Drawn> = BTreeMap::new();
    for question in &schema.questions {
        let Some(number) = state.question(&schema.name, &question.id) else { continue };
        let own = || state.current(target).filter(|given| given.question == number);
        let mut free =
            own().filter(|given| given.via.counts() && !given.hindsight).map(|given| state.word(given.answer)).filter(|answer| *answer != CANNOT_TELL);
        let answer = match state.settled(target, number) {
            Some(Settled::Adjudicated(answer)) => Some(state.word(answer)),
            Some(Settled::Disputed) | None => None,
            Some(Settled::Answer(_)) => free.next(),
        };
        if let Some(answer) = answer.filter(|answer| *answer != CANNOT_TELL) {
            let chance = own().map(|given| f64::from(given.probability)).fold(0.0, f64::max);
            answers.insert(question.id.clone(), (answer.to_owned(), chance));
        }
    }
    let amended = amended_asker(state, Some(target));
    let said = |name: &str| match amended.filter(|_| name == "fact.asked") {
        Some(amended) => Some(amended),
        None => answers.get(name).map(|(answer, _)| answer.as_str()).or_else(|| point.facts.value(name)),
    };
    let follows = super::judged::derived(schema, point, &said);
    for (name, answer) in follows {
        // What follows was drawn as what it follows from.
        let chance = answers.get(rules::asked(&name)).map_or(0.0, |(_, chance)| *chance);
        answers.insert(name, (answer, chance));
    }
    answers
}

/// Gives a judged item of a rule; `None` where its question is not asked there, or nobody answered it.
fn judged(rule: &Rule, schema: &Schema, point: &Point, answers: &BTreeMap<String, Drawn>) -> Option<Judged> {
    let lead = rules::lead(rule)?;
    let asked = rules::asked(lead);
    let kind = schema.question(asked)?.target.contains(&point.target.kind);
    let (answer, probability) = answers.get(lead).filter(|_| kind && point.target.kind != TargetKind::Finding)?;
    let found = point.found.iter().any(|found| found.rule == rule.id && found.proposes.iter().any(|(question, _)| question == asked));
    Some(Judged { found, holds: rules::predicted(rule, lead).any(|predicted| predicted == answer), probability: *probability })
}
