//! What is said of a target beside answers: marks for a second look, notes, disputes, verdicts between reviewers, amended facts.

use super::amending::{AMENDABLE, CONFIRM, JOIN};
use super::review::{answer_of, question_of};
use super::{Error, Result, Workspace};
use crate::judging::{Adjudication, Amendment, Dispute, Flag, Note, Point, Schema, TargetKind};
use crate::model::{Draft, Join};

impl Workspace {
    /// Sets or takes off the mark for a second look; gives whether it is set now.
    pub fn toggle_flag(&self, reviewer: &str, target: &str) -> Result<bool> {
        let point = self.judged_point(target)?;
        let set = {
            let state = self.state()?;
            !state.target_of(&point.target).is_some_and(|target| state.is_flagged(target))
        };
        self.record(reviewer, &[Draft::of(&Flag { target: point.target, set })])?;
        Ok(set)
    }

    /// Writes a note on a target.
    pub fn note(&self, reviewer: &str, target: &str, text: &str) -> Result<()> {
        if text.trim().is_empty() {
            return Err(Error::Undecidable("an empty note says nothing; nothing was written".to_owned()));
        }
        let point = self.judged_point(target)?;
        self.record(reviewer, &[Draft::of(&Note { target: point.target, text: text.to_owned() })]).map(|_| ())
    }

    /// Says that an answer must be looked at again, with the reason.
    pub fn dispute(&self, reviewer: &str, schema: &Schema, target: &str, question: &str, note: &str) -> Result<()> {
        let (point, asked) = (self.judged_point(target)?, question_of(schema, question)?);
        let dispute = Dispute { target: point.target, schema: schema.name.clone(), question: asked.id.clone(), note: note.to_owned() };
        self.record(reviewer, &[Draft::of(&dispute)]).map(|_| ())
    }

    /// Settles one question about a target where reviewers differ: a third entry beside theirs.
    pub fn adjudicate(&self, reviewer: &str, schema: &Schema, target: &str, (question, answer): (&str, &str), note: &str) -> Result<()> {
        let (point, asked) = (self.judged_point(target)?, question_of(schema, question)?);
        let answer = answer_of(asked, answer)?;
        let between = {
            let state = self.state()?;
            let number = state.question(&schema.name, &asked.id);
            let given = state.target_of(&point.target).into_iter().flat_map(|target| state.current(target));
            given.filter(|given| Some(given.question) == number).map(|given| given.entry).collect()
        };
        let (schema, question) = (schema.name.clone(), asked.id.clone());
        let verdict = Adjudication { target: point.target, schema, question, answer, note: note.to_owned(), between };
        self.record(reviewer, &[Draft::of(&verdict)]).map(|_| ())
    }

    /// Confirms, corrects or rejects an inferred fact of a target; a value of `None` rejects it.
    pub fn amend(&self, reviewer: &str, target: &str, fact: &str, value: Option<&str>, note: &str) -> Result<()> {
        let point = self.judged_point(target)?;
        self.may_be(&point, fact, value)?;
        if note.trim().is_empty() {
            return Err(Error::Undecidable("say why the fact is amended: --note TEXT".to_owned()));
        }
        let amendment = Amendment { target: point.target, fact: fact.to_owned(), value: value.map(str::to_owned), note: note.to_owned() };
        self.record(reviewer, &[Draft::of(&amendment)])?;
        self.catch_up().map(|_| ())
    }

    /// Refuses what a fact cannot be.
    fn may_be(&self, point: &Point, fact: &str, value: Option<&str>) -> Result<()> {
        let refuse = |why: String| Err(Error::Undecidable(format!("{why}; nothing was written")));
        let Some(known) = AMENDABLE.iter().find(|known| known.name == fact) else {
            let names: Vec<&str> = AMENDABLE.iter().map(|known| known.name).collect();
            let hint = crate::judging::nearest(fact, &names).map_or_else(|| format!("there are {}", names.join(", ")), |near| format!("did you mean {near}?"));
            return refuse(format!("{fact:?} is no fact that can be amended; {hint}"));
        };
        if (known.name == JOIN) != (point.target.kind == TargetKind::Trajectory) {
            return refuse(format!("{fact} is no fact of {}", point.target.name()));
        }
        match value {
            None if fact == JOIN => {
                let (trajectory, _) = self.resolve(&point.target.trajectory)?;
                match trajectory.sources.iter().any(|source| source.join == Join::InnerId) {
                    true => Ok(()),
                    false => refuse(format!("nothing was joined to {} by ids alone: each of its sources names the session", trajectory.id)),
                }
            }
            None | Some(CONFIRM) => Ok(()),
            Some(id) if known.is_execution => {
                let (trajectory, _) = self.resolve(&point.target.trajectory)?;
                let place = |id: &str| trajectory.executions.iter().position(|e| e.id == id);
                match (place(id), place(&point.target.id)) {
                    (Some(earlier), Some(later)) if earlier < later => Ok(()),
                    _ => refuse(format!("{id:?} is no call before {}", point.target.id)),
                }
            }
            Some(value) => {
                let words = (known.values)();
                if words.contains(&value) {
                    return Ok(());
                }
                refuse(format!("{value:?} is no value of {fact}; there are {}", words.into_iter().chain([CONFIRM, "reject"]).collect::<Vec<_>>().join(", ")))
            }
        }
    }
}
