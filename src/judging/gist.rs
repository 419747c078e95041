//! What filters need of a decision point, in eighteen bytes: its number in the index, the hash of its facts, and the facts that a schema may ask for.

use super::fold::hash;
use super::points::Point;
use super::schema::TargetKind;
use crate::model::ids::unit;

/// Who asked, by place.
const ASKED: [&str; 5] = ["unknown", "none", "gate", "agent_tool", "agent_text"];
/// What is yes or no, by place; they follow who asked.
const MARKS: [&str; 5] = ["fact.asked_certain", "fact.stopped", "fact.first_mutation", "fact.bypass_proposed", "fact.stop_or_failure"];
const KINDS: [TargetKind; 4] = [TargetKind::Execution, TargetKind::Step, TargetKind::Trajectory, TargetKind::Finding];
/// Bytes of one.
const BYTES: usize = 18;

/// A decision point in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gist {
    /// Hash of its facts, folded.
    pub facts: u64,
    /// Who asked, what is yes, and what it is.
    bits: u16,
}

impl Gist {
    /// Gives a decision point in short.
    #[must_use]
    pub fn of(point: &Point) -> Self {
        let asked = ASKED.iter().position(|asked| *asked == point.facts.asked).unwrap_or(0);
        let kind = KINDS.iter().position(|kind| *kind == point.target.kind).unwrap_or(0);
        let yes = MARKS.iter().enumerate().filter(|(_, name)| point.facts.value(name) == Some("yes")).map(|(at, _)| 1 << (at + 3));
        let bits = asked | kind << 8 | yes.sum::<usize>();
        Self { facts: hash(&point.facts.hash), bits: u16::try_from(bits).unwrap_or(0) }
    }

    /// Gives the value of a fact by its name.
    #[must_use]
    pub fn value(self, name: &str) -> Option<&'static str> {
        if name == "fact.asked" {
            return ASKED.get(usize::from(self.bits & 7)).copied();
        }
        let at = MARKS.iter().position(|mark| *mark == name)?;
        Some(if self.bits >> (at + 3) & 1 == 1 { "yes" } else { "no" })
    }

    /// Says what it is.
    #[must_use]
    pub fn kind(self) -> TargetKind {
        KINDS.get(usize::from(self.bits >> 8 & 3)).copied().unwrap_or_default()
    }

    /// Gives all facts as one number, equal where they are.
    #[must_use]
    pub const fn marks(self) -> u16 {
        self.bits
    }
}

/// Writes the points of a trajectory in short, each under its id and its aliases.
#[must_use]
pub fn pack(points: &[Point]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * BYTES);
    for point in points {
        let gist = Gist::of(point);
        for id in std::iter::once(&point.target.id).chain(&point.target.aliases) {
            out.extend(unit(&point.target.trajectory, id).to_le_bytes());
            out.extend(gist.facts.to_le_bytes());
            out.extend(gist.bits.to_le_bytes());
        }
    }
    out
}

/// Reads what `pack` wrote: numbers of the index, each with its point in short.
pub fn unpack(bytes: &[u8]) -> impl Iterator<Item = (u64, Gist)> + '_ {
    bytes.chunks_exact(BYTES).filter_map(|bytes| {
        let (unit, rest) = bytes.split_first_chunk()?;
        let (facts, bits) = rest.split_first_chunk()?;
        Some((u64::from_le_bytes(*unit), Gist { facts: u64::from_le_bytes(*facts), bits: u16::from_le_bytes(*bits.first_chunk()?) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judging::FACTS;

    #[test]
    fn a_point_in_short_tells_the_same_facts() {
        for asked in ASKED {
            for (stopped, first) in [(false, true), (true, false)] {
                let mut point = Point::default();
                (point.target.trajectory, point.target.id, point.target.kind) = ("t".to_owned(), "x".to_owned(), TargetKind::Step);
                point.target.aliases.push("y".to_owned());
                (point.facts.asked, point.facts.stopped, point.facts.first_mutation) = (asked.to_owned(), stopped, first);
                point.facts.hash = "00ff00ff00ff00ff".to_owned();
                let read: Vec<_> = unpack(&pack(&[point.clone()])).collect();
                assert_eq!(read.iter().map(|(unit, _)| *unit).collect::<Vec<_>>(), [unit("t", "x"), unit("t", "y")]);
                let gist = read[0].1;
                assert!(FACTS.iter().all(|fact| gist.value(fact) == point.facts.value(fact)) && gist.kind() == TargetKind::Step);
                assert_eq!(gist.facts, hash(&point.facts.hash));
            }
        }
    }
}
