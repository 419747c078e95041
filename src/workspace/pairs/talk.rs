//! A trajectory as its conversations, and where two of them part.

use super::pair::{Pair, PairSource, Prefix};
use super::side::{PairSide, SideKind, SideName, Turn, parts, spoken};
use crate::diff::first_difference;
use crate::export::{
    Branches, Call, Conversation, Judgements, Message, Point, Rewrite, Role, digest, prefix_hash, prompt_flaw, target_flaw, tools_apart, written,
};
use crate::model::{Sanction, Trajectory, ids};
use crate::workspace::{Result, Workspace};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// An entry's id of at least so many bytes is one that no other session would come to by counting.
const OWN: usize = 8;

/// A trajectory as its conversations.
pub struct Talk {
    /// Its id.
    pub id: String,
    /// Arm of the experiment.
    pub arm: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Its branches.
    pub branches: Branches,
    /// What a person wrote in place of turns.
    pub rewrites: BTreeMap<String, Rewrite>,
    /// Executions that do again what stood refused.
    pub retried: HashSet<String>,
}

/// One side before it is a pair: the turn's place, and the turn as it stands on this side.
pub struct Standpoint<'a> {
    /// The trajectory.
    pub talk: &'a Talk,
    /// The place.
    pub point: Point<'a>,
    /// Where the turn comes from.
    pub kind: SideKind,
    /// The turn.
    pub turn: Message,
}

/// Where two conversations part.
pub enum Meeting<'a> {
    /// After a shared prefix, with a turn of the agent on each side.
    Turns(Point<'a>, Point<'a>),
    /// With something that the agent did not say.
    Apart(String),
    /// One ends where the other goes on, or they are the same.
    Nowhere,
}

impl Talk {
    /// Reads a trajectory.
    pub fn of(trajectory: &Trajectory, judgements: Judgements) -> Self {
        let stands = |e: &&crate::model::Execution| e.retry_of.as_ref().is_some_and(|retry| retry.sanction == Sanction::Stands);
        Self {
            id: trajectory.id.clone(),
            arm: trajectory.cohort.as_ref().and_then(|cohort| cohort.arm.clone()),
            model: trajectory.model.clone(),
            branches: Branches::read(trajectory),
            rewrites: judgements.rewrites,
            retried: trajectory.executions.iter().filter(stands).map(|e| e.id.clone()).collect(),
        }
    }

    /// Takes a turn as a side; `None` where there is no such turn: no rewrite, or no refusal before it.
    pub fn side<'a>(&'a self, point: Point<'a>, kind: SideKind) -> Option<Standpoint<'a>> {
        let turn = match kind {
            SideKind::Recorded => point.turn().clone(),
            SideKind::Rewrite => self.rewrites.iter().find(|(target, _)| point.is(target)).map(|(_, rewrite)| rewrite.message.clone())?,
            SideKind::Repeat => repeat(point.before())?,
        };
        Some(Standpoint { talk: self, point, kind, turn })
    }
}

/// Writes the refused call once more, where a prompt ends with its refusal.
fn repeat(before: &[Arc<Message>]) -> Option<Message> {
    let refused = before.last().filter(|last| last.role == Role::Tool && last.refused)?;
    let calls = before.iter().rev().flat_map(|message| &message.calls);
    let call = calls.into_iter().find(|call| refused.answers.as_ref() == Some(&call.id))?;
    let again = Call { id: format!("{}_again", call.id), ..call.clone() };
    Some(Message { calls: vec![again], ..Message::new(Role::Assistant, String::new()) })
}

/// Finds where two conversations part.
pub fn meet<'a>(left: &'a Conversation, right: &'a Conversation) -> Meeting<'a> {
    let shared = left.messages.iter().zip(&right.messages).take_while(|(a, b)| a.same_as(b)).count();
    let (Some(a), Some(b)) = (left.messages.get(shared), right.messages.get(shared)) else { return Meeting::Nowhere };
    if a.role == Role::Assistant && b.role == Role::Assistant {
        return Meeting::Turns(Point { conversation: left, at: shared }, Point { conversation: right, at: shared });
    }
    Meeting::Apart(apart(&left.messages, &right.messages))
}

/// Says where two lists of messages first differ.
pub fn apart(left: &[Arc<Message>], right: &[Arc<Message>]) -> String {
    let at = left.iter().zip(right).take_while(|(a, b)| a.same_as(b)).count();
    match (left.get(at), right.get(at)) {
        (Some(a), Some(b)) => {
            let who = if spoken(a) == spoken(b) { spoken(a) } else { format!("{} at the left, {} at the right", spoken(a), spoken(b)) };
            let shown = first_difference(&parts(a), &parts(b)).filter(|difference| difference.part != "speaker");
            let shown = shown.map_or(String::new(), |d| format!(", in its {}: {:?} at the left, {:?} at the right", d.part, d.left, d.right));
            format!("the prefixes differ at message {}, {who}{shown}", at + 1)
        }
        (Some(more), None) => format!("the prefixes differ: message {}, {}, stands at the left alone", at + 1, spoken(more)),
        (None, Some(more)) => format!("the prefixes differ: message {}, {}, stands at the right alone", at + 1, spoken(more)),
        (None, None) => "the prefixes are the same".to_owned(),
    }
}

impl Standpoint<'_> {
    /// Names the side.
    pub fn name(&self) -> SideName {
        SideName { kind: self.kind, trajectory: self.talk.id.clone(), target: self.point.target().to_owned() }
    }

    fn shown(&self) -> PairSide {
        PairSide {
            name: self.name().name(),
            trajectory: self.talk.id.clone(),
            target: Some(self.point.target().to_owned()),
            origin: self.kind.origin(),
            arm: self.talk.arm.clone(),
            model: self.talk.model.clone(),
            turn: Some(Turn::of(&self.turn)),
        }
    }
}

/// Makes a pair of two sides; what keeps them from being one is said in it.
pub fn pair(source: PairSource, left: &Standpoint<'_>, right: &Standpoint<'_>) -> Pair {
    let (before, other) = (left.point.before(), right.point.before());
    let same = before.len() == other.len() && before.iter().zip(other).all(|(a, b)| a.same_as(b));
    let plain = |message: &Message| message.all_text().split_whitespace().collect::<String>();
    let refused = if same {
        let flaw = prompt_flaw(before).or_else(|| target_flaw(&left.turn)).or_else(|| target_flaw(&right.turn));
        let summary = before.iter().any(|m| m.summary).then(|| "a compaction's summary stands in the prefix in place of what was said".to_owned());
        let equal = (left.turn.same_as(&right.turn) || plain(&left.turn) == plain(&right.turn)).then(|| "both sides say the same".to_owned());
        flaw.or(summary).or(equal).or_else(|| tools_apart(&left.point.conversation.tools, &right.point.conversation.tools))
    } else {
        Some(apart(before, other))
    };
    let names = [left.name(), right.name()];
    let hash = same.then(|| prefix_hash(before));
    let contents = [&left.turn, &right.turn].map(|turn| digest(&[&written(turn)]));
    Pair {
        after_denial: before.last().is_some_and(|last| last.refused),
        prefix: Prefix { verified: same, messages: before.len(), steps: before.iter().map(|m| m.steps.len()).sum(), hash },
        left: left.shown(),
        right: right.shown(),
        refused: refused.map(|why| format!("no pair: {why}")),
        contents,
        ..Pair::blank(source, names)
    }
}

/// Tells whether a step has an id that no other session would come to by counting.
pub fn is_own(id: &str) -> bool {
    !ids::is_record_hash(id) && id.split('.').next().is_some_and(|entry| entry.len() >= OWN)
}

/// Tells whether two conversations share an entry that has an id of its own, as forks do; `m1` and `call_2` are places, not ids.
pub fn shares_entries(left: &Point<'_>, right: &Point<'_>) -> bool {
    let named: HashSet<&str> = left.before().iter().flat_map(|m| &m.steps).map(String::as_str).filter(|id| is_own(id)).collect();
    right.before().iter().flat_map(|m| &m.steps).any(|id| named.contains(id.as_str()))
}

impl Workspace {
    /// Reads a trajectory by its number as conversations.
    pub(in crate::workspace) fn talk(&self, number: i64) -> Result<Option<Talk>> {
        let Some(trajectory) = self.load(number)? else { return Ok(None) };
        let mut judgements = Judgements::default();
        self.add_rewrites(&trajectory, &mut judgements)?;
        Ok(Some(Talk::of(&trajectory, judgements)))
    }
}
