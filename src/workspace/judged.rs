//! What was decided, beside what it was decided about: the folded journal and the decision points of each trajectory.

use super::{Error, Result, Workspace};
use crate::judging::{CANNOT_TELL, Given, Point, Schema, Settled, State, TargetKind, fold_hash};
use crate::model::ids::split_id;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A trajectory's decision points, kept while they are worked on.
pub(super) type Shelf = RefCell<Option<(i64, i64, Arc<[Point]>)>>;

/// One answer that counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelRow {
    /// `TRAJECTORY`, or `TRAJECTORY#ID`.
    pub target: String,
    /// What it is.
    pub kind: TargetKind,
    /// Schema.
    pub schema: String,
    /// Question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Who.
    pub reviewer: String,
    /// How.
    pub via: &'static str,
    /// Whether more was seen than the agent had seen.
    pub hindsight: bool,
    /// How sure, 1 to 3.
    pub confidence: u8,
    /// When, for people.
    pub at: String,
    /// Time spent in ms.
    pub ms: Option<u64>,
    /// The journal's entry.
    pub entry: String,
    /// Whether the facts, or the question, changed since.
    pub stale: bool,
    /// Whether reviewers differ and nobody settled it.
    pub disputed: bool,
    /// The answer that stands for everybody, where the question was settled by adjudication.
    pub settled: Option<String>,
    /// Who settled it.
    pub settled_by: Option<String>,
    /// Whether it is a right answer of a training round.
    pub gold: bool,
    /// Whether the reviewer was asked a second time; it replaces no answer.
    pub again: bool,
    /// Whether it is the reviewer's last word; else it was replaced or undone.
    pub counts: bool,
    /// Whether what it is about is not in the workspace any more.
    pub gone: bool,
    /// Probability of having been drawn.
    pub probability: Option<f32>,
}

/// What was said of a target beside its labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The target.
    pub target: String,
    /// `note`, `amend` or `flag`.
    pub kind: &'static str,
    /// Who, for a note.
    pub reviewer: Option<String>,
    /// What.
    pub text: String,
}

/// What stands about one target under one schema.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// The target.
    pub target: String,
    /// What it is.
    pub kind: TargetKind,
    /// Answers that stand, by question; what is disputed is not among them.
    pub answers: BTreeMap<String, String>,
    /// Answers that follow, by name, such as `boundary`.
    pub derived: BTreeMap<String, String>,
    /// Questions that reviewers answered differently and nobody settled.
    pub disputed: Vec<String>,
    /// Questions that were settled by adjudication.
    pub adjudicated: Vec<String>,
    /// Questions whose answers are stale.
    pub stale: Vec<String>,
    /// Questions answered only in bulk.
    pub bulk: Vec<String>,
    /// Reviewers who answered.
    pub reviewers: Vec<String>,
}

impl Workspace {
    /// Gives the decision points of a trajectory by its number, in order; the trajectory itself comes last.
    pub fn points(&self, number: i64) -> Result<Vec<Point>> {
        Ok(self.shelved(number)?.to_vec())
    }

    /// Gives the decision points of a trajectory without copying them: of one that was asked for last they are still at hand.
    pub(super) fn shelved(&self, number: i64) -> Result<Arc<[Point]>> {
        let Some(row) = self.store.trajectory(number)? else { return Ok(Arc::new([])) };
        if let Some((of, generation, points)) = &*self.shelf.borrow()
            && (*of, *generation) == (number, row.generation)
        {
            return Ok(Arc::clone(points));
        }
        let stored = self.store.points(number)?.and_then(|list| serde_json::from_str(&list).ok());
        let points: Vec<Point> = match stored {
            Some(points) => points,
            None => self.load_clear(number)?.map_or_else(Vec::new, |trajectory| crate::judging::points(&trajectory)),
        };
        let points: Arc<[Point]> = points.into();
        *self.shelf.borrow_mut() = Some((number, row.generation, Arc::clone(&points)));
        Ok(points)
    }

    /// Finds what a name of the command line means to a reviewer: an execution, a step, or a trajectory. A step of an execution means the execution.
    pub fn judged_point(&self, id: &str) -> Result<Point> {
        let (name, inner) = split_id(id);
        if let Some(number) = self.store.find_trajectory(name)? {
            let points = self.points(number)?;
            let wanted = inner.unwrap_or_default();
            if let Some(point) =
                points.into_iter().find(|point| point.target.id == wanted || (inner.is_some() && point.target.aliases.iter().any(|a| a == wanted)))
            {
                return Ok(point);
            }
        }
        let (trajectory, inner) = self.resolve(id)?;
        let step = inner.as_deref().and_then(|inner| trajectory.step(inner));
        let wanted = match (step, inner.as_deref().and_then(|inner| trajectory.execution(inner))) {
            (Some(step), None) => step.execution.clone().unwrap_or_else(|| step.id.clone()),
            (_, Some(execution)) => execution.id.clone(),
            (None, None) => String::new(),
        };
        let points = self.store.find_trajectory(&trajectory.id)?.map_or_else(|| Ok(Vec::new()), |number| self.points(number))?;
        let found = points.into_iter().find(|point| point.target.id == wanted);
        found.ok_or_else(|| {
            Error::Undecidable(format!(
                "{id} is no decision point: judge a call, or a turn of the agent that ends without one; `ossia show {}` lists them",
                trajectory.id
            ))
        })
    }

    /// Gives a schema by its name; the first is the default.
    pub fn schema(&self, name: Option<&str>) -> Result<Schema> {
        let schemas = self.state()?.schemas();
        let names: Vec<String> = schemas.iter().map(|schema| schema.name.clone()).collect();
        let wanted = name.unwrap_or("approval-boundary");
        schemas.into_iter().find(|schema| schema.name == wanted).ok_or_else(|| {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            let hint =
                crate::judging::nearest(wanted, &known).map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean {near}?"));
            Error::Undecidable(format!("no label schema is named {wanted:?}; {hint}"))
        })
    }

    /// Tells what stands about a target under a schema.
    pub fn judgement(&self, schema: &Schema, point: &Point) -> Result<Judgement> {
        Ok(judgement(&*self.state()?, schema, point))
    }

    /// Gives the labels of some trajectories, or of all; with `history` also those that were replaced or undone.
    pub fn label_rows(&self, of: Option<&std::collections::BTreeSet<String>>, history: bool) -> Result<Vec<LabelRow>> {
        let state = self.state()?;
        let schemas = state.schemas();
        let mut rows = Vec::new();
        for target in state.targets() {
            let name = state.target_name(target);
            let trajectory = split_id(name).0;
            if of.is_some_and(|wanted| !wanted.contains(trajectory)) {
                continue;
            }
            let point = self.point_of(name)?;
            let given: Vec<&Given> = if history {
                state.history(target).into_iter().map(|(given, _)| given).collect()
            } else {
                state.current(target).chain(state.repeated(target)).chain(state.right(target)).collect()
            };
            rows.extend(given.into_iter().map(|given| label_row(&state, &schemas, target, given, point.as_ref())));
        }
        Ok(rows)
    }

    /// Gives what else was said of targets: notes, amended facts, marks for a second look.
    pub fn remarks(&self, of: Option<&std::collections::BTreeSet<String>>) -> Result<Vec<Remark>> {
        let state = self.state()?;
        let mut remarks = Vec::new();
        for target in state.targets() {
            let name = state.target_name(target);
            if of.is_some_and(|wanted| !wanted.contains(split_id(name).0)) {
                continue;
            }
            let remark = |kind, reviewer, text| Remark { target: name.to_owned(), kind, reviewer, text };
            remarks.extend(state.notes(target).map(|(chain, text)| remark("note", Some(state.reviewer_name(chain)), text.to_owned())));
            for amendment in state.amendments(target) {
                let value = amendment.value.as_deref().unwrap_or("reject");
                remarks.push(remark("amend", None, format!("{}={value}: {}", amendment.fact, amendment.note)));
            }
            if state.is_flagged(target) {
                remarks.push(remark("flag", None, "a second look is wanted".to_owned()));
            }
        }
        Ok(remarks)
    }

    /// Gives the decision point of a target's name; `None` where it vanished.
    pub(super) fn point_of(&self, name: &str) -> Result<Option<Point>> {
        let (trajectory, inner) = split_id(name);
        let Some(number) = self.store.find_trajectory(trajectory)? else { return Ok(None) };
        Ok(among_points(&self.shelved(number)?, inner.unwrap_or_default()).cloned())
    }
}

/// Finds a point by what its target is called, or was called elsewhere; that of the whole trajectory by no name.
pub(super) fn among_points<'p>(points: &'p [Point], wanted: &str) -> Option<&'p Point> {
    points.iter().find(|p| p.target.id == wanted || (!wanted.is_empty() && p.target.aliases.iter().any(|a| a == wanted)))
}

/// Tells whether an answer was given to other facts, or to a question that asked something else. What vanished is not stale but gone.
pub(super) fn is_stale(schemas: &[Schema], (schema, question): (&str, &str), given: &Given, point: Option<&Point>) -> bool {
    let asked = schemas.iter().find(|s| s.name == schema).and_then(|s| s.question(question));
    let same_question = asked.is_some_and(|asked| fold_hash(&asked.hash()) == given.question_hash);
    let same_facts = point.is_some_and(|point| fold_hash(&point.facts.hash) == given.facts);
    !(same_question && same_facts)
}

/// Writes an answer as a row.
pub(super) fn label_row(state: &State, schemas: &[Schema], target: u32, given: &Given, point: Option<&Point>) -> LabelRow {
    let (schema, question) = state.question_name(given.question);
    let settled = state.settled_by(target, given.question);
    LabelRow {
        target: state.target_name(target).to_owned(),
        kind: state.target_kind(target),
        schema: schema.to_owned(),
        question: question.to_owned(),
        answer: state.word(given.answer).to_owned(),
        reviewer: state.reviewer_name(given.chain),
        via: given.via.as_str(),
        hindsight: given.hindsight,
        confidence: given.confidence,
        at: given.at.to_string(),
        ms: (given.ms > 0).then_some(u64::from(given.ms)),
        entry: given.entry.to_string(),
        stale: point.is_some() && is_stale(schemas, (schema, question), given, point),
        disputed: state.settled(target, given.question) == Some(Settled::Disputed),
        settled: settled.map(|(answer, _)| state.word(answer).to_owned()),
        settled_by: settled.map(|(_, chain)| state.reviewer_name(chain)),
        gold: state.is_gold(given.chain),
        again: given.again,
        counts: state.answer_of(target, given.question, given.chain).is_some_and(|last| last.entry == given.entry),
        gone: point.is_none(),
        probability: (given.probability > 0.0).then_some(given.probability),
    }
}

/// Tells what stands about a point under a schema.
pub(super) fn judgement(state: &State, schema: &Schema, point: &Point) -> Judgement {
    let mut found = Judgement {
        target: point.target.name(),
        kind: point.target.kind,
        answers: BTreeMap::new(),
        derived: BTreeMap::new(),
        disputed: Vec::new(),
        adjudicated: Vec::new(),
        stale: Vec::new(),
        bulk: Vec::new(),
        reviewers: Vec::new(),
    };
    let Some(target) = state.target_of(&point.target) else { return found };
    for question in &schema.questions {
        let Some(number) = state.question(&schema.name, &question.id) else { continue };
        let given: Vec<&Given> = state.current(target).filter(|given| given.question == number).collect();
        match state.settled(target, number) {
            None => continue,
            Some(Settled::Disputed) => found.disputed.push(question.id.clone()),
            Some(Settled::Answer(answer)) => drop(found.answers.insert(question.id.clone(), state.word(answer).to_owned())),
            Some(Settled::Adjudicated(answer)) => {
                found.answers.insert(question.id.clone(), state.word(answer).to_owned());
                found.adjudicated.push(question.id.clone());
            }
        }
        let hash = fold_hash(&question.hash());
        if given.iter().any(|g| g.question_hash != hash || g.facts != fold_hash(&point.facts.hash)) {
            found.stale.push(question.id.clone());
        }
        if !given.is_empty() && given.iter().all(|g| g.via == crate::judging::Via::Bulk) {
            found.bulk.push(question.id.clone());
        }
        for name in given.iter().map(|g| state.reviewer_name(g.chain)) {
            if !found.reviewers.contains(&name) {
                found.reviewers.push(name);
            }
        }
    }
    let answers = found.answers.clone();
    let amended = amended_asker(state, Some(target));
    let said = |name: &str| -> Option<&str> {
        if name == "fact.asked" && amended.is_some() {
            return amended;
        }
        answers.get(name).map(String::as_str).filter(|answer| *answer != CANNOT_TELL || name.starts_with("fact.")).or_else(|| point.facts.value(name))
    };
    found.derived = derived(schema, point, &said);
    found
}

/// Gives who asked, where a person corrected it.
pub(super) fn amended_asker(state: &State, target: Option<u32>) -> Option<&str> {
    let amendments = state.amendments(target?);
    amendments.into_iter().find(|amendment| amendment.fact == "asked").and_then(|amendment| amendment.value.as_deref()).filter(|value| *value != "confirm")
}

/// Gives what follows from answers and facts.
pub(super) fn derived<'a>(schema: &'a Schema, point: &'a Point, said: &dyn Fn(&str) -> Option<&'a str>) -> BTreeMap<String, String> {
    let values = schema.values(said);
    let wanted = schema.derived.iter().filter(|derived| derived.target.contains(&point.target.kind));
    wanted.filter_map(|derived| Some((derived.id.clone(), (*values.get(derived.id.as_str())?).to_owned()))).collect()
}
