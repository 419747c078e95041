//! Pairs that a person names: two turns, or two trajectories whose turns are found where they part.

use super::pair::{Pair, PairSource};
use super::side::SideKind;
use super::talk::{Meeting, Standpoint, Talk, apart, meet, pair};
use crate::export::Point;
use crate::model::ids::split_id;
use crate::workspace::{Error, Result, Workspace};

/// A trajectory that was named, and the turn of it if one was.
struct Named {
    talk: Talk,
    target: Option<String>,
    kind: SideKind,
    id: String,
}

impl Named {
    fn point(&self) -> Result<Option<Point<'_>>> {
        let Some(target) = &self.target else { return Ok(None) };
        let found = self.talk.branches.find(target);
        found.map(Some).ok_or_else(|| Error::Undecidable(format!("{} is no turn of the agent; name a call or a text of one, as TRAJECTORY#ID", self.id)))
    }

    fn side<'a>(&'a self, point: Point<'a>) -> Result<Standpoint<'a>> {
        self.talk.side(point, self.kind).ok_or_else(|| {
            let why = match self.kind {
                SideKind::Rewrite => "nobody rewrote that turn; `ossia rewrite` does",
                _ => "no refusal stands right before that turn, so there is no call to repeat",
            };
            Error::Undecidable(format!("there is no {}: {why}", self.id))
        })
    }
}

impl Workspace {
    /// Makes a pair of two sides by their names: `TRAJECTORY#ID`, `rewrite:TRAJECTORY#ID`, `repeat:TRAJECTORY#ID`, or two trajectories.
    pub fn named_pair(&self, left: &str, right: &str) -> Result<Pair> {
        let (a, b) = (self.named(left)?, self.named(right)?);
        let (at_left, at_right) = match (a.point()?, b.point()?) {
            (Some(at_left), Some(at_right)) => (at_left, at_right),
            (Some(at_left), None) => (at_left, beside(&at_left, &b.talk, true)?),
            (None, Some(at_right)) => (beside(&at_right, &a.talk, false)?, at_right),
            (None, None) if a.talk.id == b.talk.id => {
                return Err(Error::Undecidable(format!("{left} and {right} are one trajectory; name a turn of each side, as TRAJECTORY#ID")));
            }
            (None, None) => parting(&a.talk, &b.talk)?,
        };
        let mut found = pair(PairSource::Named, &a.side(at_left)?, &b.side(at_right)?);
        found.settle(&self.pair_decisions()?);
        Ok(found)
    }

    fn named(&self, name: &str) -> Result<Named> {
        let (kind, id) = SideKind::split(name);
        let (trajectory, inner) = self.resolve(id)?;
        let target =
            |inner: String| trajectory.execution(&inner).map(|e| e.id.clone()).or_else(|| trajectory.step(&inner).map(|s| s.id.clone())).unwrap_or(inner);
        let number = self.store.find_trajectory(&trajectory.id)?;
        let talk = number.map(|number| self.talk(number)).transpose()?.flatten();
        let talk = talk.ok_or_else(|| Error::NotFound { id: split_id(id).0.to_owned(), hint: String::new() })?;
        Ok(Named { talk, target: inner.map(target), kind, id: name.to_owned() })
    }
}

/// Finds the turn of another trajectory after the same prefix.
fn beside<'a>(at: &Point<'_>, talk: &'a Talk, at_left: bool) -> Result<Point<'a>> {
    let same = |point: &Point<'_>| point.at == at.at && point.before().iter().zip(at.before()).all(|(a, b)| a.same_as(b));
    talk.branches.points().into_iter().find(same).ok_or_else(|| {
        let other = talk.branches.conversations.first().map_or(&[][..], |conversation| &conversation.messages);
        let other = other.get(..at.at).unwrap_or(other);
        let why = if at_left { apart(at.before(), other) } else { apart(other, at.before()) };
        Error::Undecidable(format!("no pair: {why}; nothing was recorded"))
    })
}

/// Finds the turns at which two trajectories part.
fn parting<'a>(left: &'a Talk, right: &'a Talk) -> Result<(Point<'a>, Point<'a>)> {
    let mut why = None;
    for a in &left.branches.conversations {
        for b in &right.branches.conversations {
            match meet(a, b) {
                Meeting::Turns(x, y) => return Ok((x, y)),
                Meeting::Apart(reason) => drop(why.get_or_insert(reason)),
                Meeting::Nowhere => {}
            }
        }
    }
    let why = why.unwrap_or_else(|| "they do not part: one ends where the other goes on".to_owned());
    Err(Error::Undecidable(format!("no pair: {why}; nothing was recorded")))
}
