//! What people said, in the form in which an export needs it.

use super::{Result, Workspace};
use crate::export::{Cited, Judgement, Judgements};
use crate::judging::agreement::Agreement;
use crate::judging::{Amendment, Schema, State, Target};
use crate::model::{EntryId, Timestamp, Trajectory};
use std::collections::BTreeMap;

/// The facts that a person may confirm or correct; a value for one of them says that somebody looked and that there was a refusal.
const CONFIRMED: &[&str] = &["decided_by", "decision", "denial", "stop_class", "status"];

/// The α between reviewers from which on answers leave that nobody adjudicated (Krippendorff 2004; judging, 1.6).
const TO_EXPORT: f64 = 0.8;

/// The items that two reviewers must have answered before their α counts: of fewer, one answer that differs moves it from 1 to below 0.
const LEAST_ITEMS: usize = 10;

/// Questions, by schema and id, in which reviewers agree too little, with their α.
pub(super) type LowAgreement = BTreeMap<(String, String), f64>;

/// Finds the questions in which reviewers agree too little. Where α is not known, as one person labelled or two shared a few items, nothing is
/// found: what they differ on is disputed all the same.
pub(super) fn low_agreement(measured: &[Agreement]) -> LowAgreement {
    let low = |found: &Agreement| {
        let alpha = found.krippendorff_alpha.value.filter(|alpha| *alpha < TO_EXPORT && found.items >= LEAST_ITEMS)?;
        Some(((found.schema.clone(), found.question.clone()), alpha))
    };
    measured.iter().filter_map(low).collect()
}

impl Workspace {
    /// Gives what was said of one trajectory under every schema, adjudicated over single.
    pub(super) fn judgements(&self, number: i64, trajectory: &Trajectory, low: &LowAgreement) -> Result<Judgements> {
        let mut judgements = Judgements::default();
        let schemas = self.state()?.schemas();
        for point in self.points(number)? {
            let mut judged = Judgement::default();
            let mut answered = false;
            for schema in &schemas {
                let said = self.judgement(schema, &point)?;
                if said.reviewers.is_empty() {
                    continue;
                }
                answered = true;
                judged.bulk |= !said.bulk.is_empty() && said.bulk.len() == said.answers.len() + said.disputed.len();
                judged.stale |= !said.stale.is_empty();
                let trusted = |question: &String| said.adjudicated.contains(question) || said.disputed.contains(question);
                let unagreed = said.answers.keys().filter(|question| !trusted(question));
                judged.unagreed.extend(unagreed.filter_map(|question| {
                    let alpha = low.get(&(schema.name.clone(), question.clone()))?;
                    Some(format!("{question} (α {alpha:.2})"))
                }));
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
            let target = state.target_of(&point.target);
            let confirms = |amended: &&Amendment| amended.value.is_some() && CONFIRMED.contains(&amended.fact.as_str());
            judged.confirmed = target.is_some_and(|target| state.amendments(target).iter().any(confirms));
            judged.dissent = target.map_or((0, 0), |target| state.dissent(target));
            let settling = target.map(|target| state.settling(target)).unwrap_or_default();
            drop(state);
            self.cite(&settling, &mut judged.cited)?;
            judgements.targets.insert(trajectory.decided_id(&point.target.id), judged);
        }
        self.add_rewrites(trajectory, &mut judgements)?;
        Ok(judgements)
    }

    /// Adds entries of the journal to what is cited.
    fn cite(&self, entries: &[EntryId], cited: &mut Vec<Cited>) -> Result<()> {
        for id in entries {
            cited.extend(self.journal.entry(*id)?.map(|entry| Cited {
                entry: entry.id.to_string(),
                kind: entry.kind.to_string(),
                reviewer: entry.reviewer.to_string(),
                at: entry.at.to_string(),
            }));
        }
        cited.sort();
        cited.dedup();
        Ok(())
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
