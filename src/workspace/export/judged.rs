//! What people said, in the form in which an export needs it.

use super::{Result, Workspace};
use crate::export::{Cited, Judgement, Judgements};
use crate::judging::{Schema, State, Target};
use crate::model::{Timestamp, Trajectory};

/// The facts that a person may confirm or correct; any word on one of them counts as having looked.
const CONFIRMED: &[&str] = &["decided_by", "decision", "denial", "stop_class", "status"];

impl Workspace {
    /// Gives what was said of one trajectory under every schema, adjudicated over single.
    pub(super) fn judgements(&self, number: i64, trajectory: &Trajectory) -> Result<Judgements> {
        let mut judgements = Judgements::default();
        let schemas = self.state()?.schemas();
        for point in self.points(number)? {
            let mut judged = Judgement { asked: Some(point.facts.asked.clone()), ..Judgement::default() };
            let mut answered = false;
            for schema in &schemas {
                let said = self.judgement(schema, &point)?;
                if said.reviewers.is_empty() {
                    continue;
                }
                answered = true;
                judged.bulk |= !said.bulk.is_empty() && said.bulk.len() == said.answers.len() + said.disputed.len();
                judged.stale |= !said.stale.is_empty();
                judged.disputed.extend(said.disputed);
                judged.answers.extend(said.derived);
                judged.answers.extend(said.answers);
            }
            if !answered {
                continue;
            }
            let state = self.state()?;
            let latest;
            (judged.cited, latest) = cited(&state, &schemas, &point.target);
            judgements.latest = judgements.latest.max(latest);
            judged.confirmed =
                state.target_of(&point.target).is_some_and(|target| state.amendments(target).iter().any(|amended| CONFIRMED.contains(&amended.fact.as_str())));
            drop(state);
            judgements.targets.insert(trajectory.decided_id(&point.target.id), judged);
        }
        self.add_rewrites(trajectory, &mut judgements)?;
        Ok(judgements)
    }
}

/// Gives the decisions on a target that count, and the date of the last.
fn cited(state: &State, schemas: &[Schema], of: &Target) -> (Vec<Cited>, Option<Timestamp>) {
    let Some(target) = state.target_of(of) else { return (Vec::new(), None) };
    let known = |question: u32| schemas.iter().any(|schema| schema.name == state.question_name(question).0);
    let given: Vec<_> = state.current(target).filter(|given| known(given.question)).collect();
    let latest = given.iter().map(|given| given.at).max();
    let one = |given: &&crate::judging::Given| Cited {
        entry: given.entry.to_string(),
        kind: "label".to_owned(),
        reviewer: state.reviewer_name(given.chain),
        at: given.at.to_string(),
    };
    let mut cited: Vec<Cited> = given.iter().map(one).collect();
    cited.sort();
    (cited, latest)
}
