//! Folded labels as bytes, and back: what a long journal folds to need not be folded again. Whoever keeps them answers for them.

use super::decision::Via;
use super::parts::Part;
use super::schema::TargetKind;
use super::state::{Chain, Given, NONE, State};
use crate::model::{EntryId, Timestamp};

/// Vias and kinds of targets by their places; at the end only, as kept bytes name them so.
const VIAS: &[Via] = &[Via::Key, Via::Proposal, Via::Bulk, Via::Cluster, Via::Command, Via::File];
const KINDS: &[TargetKind] = &[TargetKind::Execution, TargetKind::Step, TargetKind::Trajectory, TargetKind::Finding];
/// The form of the bytes; raised with any change of them.
const FORM: u32 = 1;

impl State {
    /// Writes the labels of a state into which nothing but labels was folded.
    #[must_use]
    pub fn freeze_labels(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.given.len() * 104 + self.targets.len() * 80);
        number(&mut out, FORM);
        for texts in [&self.words, &self.targets] {
            number(&mut out, texts.len());
            (0..texts.len()).for_each(|n| text(&mut out, texts.text(u32::try_from(n).unwrap_or(NONE))));
        }
        self.kinds.iter().for_each(|kind| out.push(place(KINDS, kind)));
        number(&mut out, self.aliases.len());
        for (alias, target) in &self.aliases {
            text(&mut out, alias);
            number(&mut out, *target);
        }
        number(&mut out, self.chains.len());
        for chain in &self.chains {
            text(&mut out, &chain.journal);
            text(&mut out, &chain.reviewer);
        }
        number(&mut out, self.unread.len());
        self.unread.iter().for_each(|why| text(&mut out, why));
        number(&mut out, self.given.len());
        self.given.iter().for_each(|given| label(&mut out, given));
        out
    }
}

impl Part {
    /// Reads labels back that were frozen; `None` where the bytes are not of this form.
    #[must_use]
    pub fn thaw(bytes: &[u8], last: (u64, EntryId)) -> Option<Self> {
        let mut from = Reader(bytes);
        let mut state = State::default();
        if from.u32()? != FORM {
            return None;
        }
        for texts in [&mut state.words, &mut state.targets] {
            for n in 0..from.u32()? {
                // Two texts alike would put every later number one place off.
                if texts.number(from.text()?) != n {
                    return None;
                }
            }
        }
        for _ in 0..state.targets.len() {
            state.kinds.push(*KINDS.get(usize::from(from.u8()?))?);
        }
        for _ in 0..from.u32()? {
            state.aliases.insert(from.text()?.into(), from.u32()?);
        }
        for _ in 0..from.u32()? {
            state.chains.push(Chain { journal: from.text()?.into(), reviewer: from.text()?.into() });
        }
        for _ in 0..from.u32()? {
            state.unread.push(from.text()?.to_owned());
        }
        let count = from.u32()? as usize;
        // No more room than the bytes can fill.
        state.given.reserve(count.min(bytes.len() / 64));
        state.last_of.resize(state.targets.len(), NONE);
        for _ in 0..count {
            let given = from.label()?;
            if given.target as usize >= state.targets.len() || given.chain as usize >= state.chains.len() {
                return None;
            }
            state.push(given);
        }
        from.0.is_empty().then(|| Self::of_labels(state, last))
    }
}

fn number(out: &mut Vec<u8>, n: impl TryInto<u32>) {
    out.extend(n.try_into().unwrap_or(u32::MAX).to_le_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len());
    out.extend(text.as_bytes());
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|known| known == one).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

fn label(out: &mut Vec<u8>, given: &Given) {
    let own_act = given.act == given.entry;
    out.push(u8::from(given.hindsight) | u8::from(given.again) << 1 | u8::from(own_act) << 2);
    out.push(place(VIAS, &given.via));
    out.push(given.confidence);
    out.extend(given.entry.bytes());
    if !own_act {
        out.extend(given.act.bytes());
    }
    out.extend(given.clock.to_le_bytes());
    out.extend(given.at.ms().to_le_bytes());
    for n in [given.chain, given.target, given.question, given.answer, given.version, given.ms, given.queue] {
        out.extend(n.to_le_bytes());
    }
    out.extend(given.question_hash.to_le_bytes());
    out.extend(given.facts.to_le_bytes());
    out.extend(given.probability.to_le_bytes());
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (found, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*found)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.u32()? as usize;
        let (found, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(found).ok()
    }

    fn id(&mut self) -> Option<EntryId> {
        EntryId::from_bytes(&self.take::<32>()?)
    }

    fn label(&mut self) -> Option<Given> {
        let flags = self.u8()?;
        let (via, confidence) = (*VIAS.get(usize::from(self.u8()?))?, self.u8()?);
        let entry = self.id()?;
        let act = if flags & 4 == 0 { self.id()? } else { entry };
        let (clock, at) = (self.u64()?, Timestamp::from_ms(self.u64()?.cast_signed())?);
        let [chain, target, question, answer, version, ms, queue] = [self.u32()?, self.u32()?, self.u32()?, self.u32()?, self.u32()?, self.u32()?, self.u32()?];
        Some(Given {
            entry,
            act,
            clock,
            at,
            chain,
            target,
            question,
            answer,
            via,
            hindsight: flags & 1 != 0,
            version,
            question_hash: self.u64()?,
            facts: self.u64()?,
            confidence,
            ms,
            probability: f32::from_bits(self.u32()?),
            queue,
            again: flags & 2 != 0,
            live: true,
            before: NONE,
        })
    }
}
