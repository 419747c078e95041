//! What people chose between turns, in the form in which an export needs it, and what keeps the other side from leaving.

use super::redacting::Audited;
use super::{Result, Workspace};
use crate::export::{Blocked, Choice, Choosing, Definition, Hoard, Judgements, Side, SideOrigin, Verdict, thinking_apart};
use crate::workspace::pairs::{PairSource, SideKind, SideName, Talk, pair};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The trajectories of an export, for sides that are taken from another one than the prompt.
#[derive(Default)]
pub(super) struct Others {
    /// Every trajectory, and why nothing of it may leave.
    known: BTreeMap<String, Option<String>>,
    /// Turns that must never leave, as `TRAJECTORY#TARGET`.
    excluded: BTreeSet<String>,
}

impl Others {
    /// Takes in a trajectory of the export.
    pub(super) fn add(&mut self, id: &str, refused: Option<String>, judgements: &Judgements) {
        let excluded = judgements.targets.iter().filter(|(_, judgement)| judgement.answer("use") == Some("exclude"));
        self.excluded.extend(excluded.map(|(target, _)| crate::judging::name_of(id, target)));
        self.known.insert(id.to_owned(), refused);
    }

    /// Blocks chosen pairs whose other side may not leave: its trajectory is held to the same gates.
    pub(super) fn gate(&self, hoard: &mut Hoard, blocked: &mut Vec<Blocked>, audited: &Audited, definition: &Definition) -> std::io::Result<()> {
        let mut steps: HashMap<usize, Vec<String>> = HashMap::new();
        hoard.each(&|brief| brief.decided.is_some(), |i, example| {
            steps.extend(example.bad.as_ref().map(|side| (i, side.message.steps.clone())));
        })?;
        let mut place = 0;
        hoard.briefs.retain(|brief| {
            let steps = steps.remove(&place).unwrap_or_default();
            place += 1;
            let Some(choosing) = &brief.decided else { return true };
            let [_, (trajectory, target)] = &choosing.sides;
            if *trajectory == brief.trajectory {
                return true;
            }
            let name = crate::judging::name_of(trajectory, target);
            let found = match self.known.get(&**trajectory) {
                None => Some(("situation", format!("its other side, {name}, is not among the trajectories of the dataset"))),
                Some(Some(why)) => Some(("consent", format!("of its other side, {name}: {why}"))),
                Some(None) if self.excluded.contains(&name) => Some(("exclude", format!("its other side, {name}, must not leave"))),
                Some(None) => audited.open_in(definition, trajectory, &steps).map(|why| ("audit", format!("in its other side {why}"))),
            };
            blocked.extend(found.iter().map(|(gate, reason)| Blocked { example: brief.name(), gate, reason: reason.clone() }));
            found.is_none()
        });
        Ok(())
    }
}

impl Workspace {
    /// Gives every decision between turns by the trajectory of the better one; where thinking is kept, it must be the same before both.
    pub(super) fn choices(&self, thinking: bool) -> Result<HashMap<String, Vec<Choice>>> {
        let mut choices: HashMap<String, Vec<Choice>> = HashMap::new();
        for (id, standing) in self.pair_decisions()?.all() {
            let last = &standing.last;
            let better = last.better().unwrap_or(&last.left);
            let other = if *better == last.left { &last.right } else { &last.left };
            let (Some(good_talk), Some(bad_talk)) = (self.talk_of(better)?, self.talk_of(other)?) else { continue };
            let sides = good_talk.branches.find(&better.target).zip(bad_talk.branches.find(&other.target));
            let sides = sides.and_then(|(good, bad)| good_talk.side(good, better.kind).zip(bad_talk.side(bad, other.kind)));
            let Some((good, bad)) = sides else { continue };
            let now = pair(PairSource::Named, &good, &bad);
            let thought = || thinking_apart(good.point.before(), bad.point.before()).filter(|_| thinking);
            let verdict = match &now.refused.clone().or_else(thought) {
                Some(why) => Verdict::Refused(why.clone()),
                None if standing.disputed => Verdict::Disputed,
                None if standing.is_stale(now.prefix.hash.as_deref(), &now.names, &now.contents) => Verdict::Stale,
                None if last.better().is_none() => Verdict::Tie,
                None => Verdict::Chosen,
            };
            let same = better.trajectory == other.trajectory;
            let elsewhere = (!same).then(|| bad_talk.id.as_str().into());
            let choice = Choice {
                good: Side { message: good.turn.clone(), origin: origin(better.kind, true, true), elsewhere: None },
                bad: Side { message: bad.turn.clone(), origin: origin(other.kind, same, better.target == other.target), elsewhere },
                strength: standing.strength,
                cited: standing.cited.clone(),
                choosing: Choosing {
                    pair: id.clone(),
                    verdict,
                    sides: [(good_talk.id.as_str().into(), good.point.target().to_owned()), (bad_talk.id.as_str().into(), bad.point.target().to_owned())],
                },
                at: good.point.target().to_owned(),
            };
            choices.entry(good_talk.id.clone()).or_default().push(choice);
        }
        Ok(choices)
    }

    fn talk_of(&self, name: &SideName) -> Result<Option<Talk>> {
        let number = self.store.find_trajectory(&name.trajectory)?;
        Ok(number.map(|number| self.talk(number)).transpose()?.flatten())
    }
}

const fn origin(kind: SideKind, same_trajectory: bool, same_turn: bool) -> SideOrigin {
    match (kind, same_trajectory, same_turn) {
        (SideKind::Rewrite, ..) => SideOrigin::Rewrite,
        (SideKind::Repeat, ..) => SideOrigin::Constructed("repeat"),
        (SideKind::Recorded, true, true) => SideOrigin::Recorded,
        (SideKind::Recorded, true, false) => SideOrigin::Branch,
        (SideKind::Recorded, false, _) => SideOrigin::Arm,
    }
}
