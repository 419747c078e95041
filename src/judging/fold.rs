//! Folding: one entry after another becomes part of what is so.

use super::decision::{Adjudication, Amendment, Dispute, Flag, Gold, Note, QueueText, SchemaText, Target, Via};
use super::schema::{Schema, TargetKind};
use super::state::{Chain, Given, NONE, Other, State, Verdict};
use crate::model::{Entry, EntryId, Recorded, Redo, Timestamp, Undo};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::borrow::Cow;

/// The part of a label that folding needs, read in place: a million of them must fold in a second.
#[derive(Deserialize)]
struct LabelView<'a> {
    #[serde(borrow)]
    target: TargetView<'a>,
    #[serde(borrow)]
    schema: Cow<'a, str>,
    version: u32,
    #[serde(borrow)]
    question: Cow<'a, str>,
    #[serde(borrow)]
    question_hash: Cow<'a, str>,
    #[serde(borrow)]
    answer: Cow<'a, str>,
    confidence: Option<u8>,
    via: Via,
    hindsight: bool,
    ms: Option<u64>,
    #[serde(borrow)]
    facts: Cow<'a, str>,
    #[serde(borrow)]
    sampled: Option<SampledView<'a>>,
    #[serde(default)]
    again: bool,
}

#[derive(Deserialize)]
struct TargetView<'a> {
    kind: TargetKind,
    #[serde(borrow)]
    trajectory: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
struct SampledView<'a> {
    #[serde(borrow)]
    queue: Cow<'a, str>,
    probability: f32,
}

impl State {
    /// Takes in one entry. Entries come by (logical clock, id); what cannot be read is counted, not refused.
    pub fn take(&mut self, entry: &Entry) {
        self.last = Some((entry.clock, entry.id));
        let chain = chain_number(&mut self.chains, &entry.journal, &entry.reviewer);
        let taken = match &*entry.kind {
            "label" => {
                let place = LabelPlace { id: entry.id, act: entry.act(), clock: entry.clock, at: entry.at, version: entry.version };
                self.take_label(chain, &place, &entry.body)
            }
            _ => self.take_any_other(entry, chain, true),
        };
        if let Err(why) = taken {
            self.unread.push(why);
        }
    }

    /// Takes in an entry that is no label, where labels were turned already.
    pub(super) fn take_beside(&mut self, entry: &Entry) {
        let chain = chain_number(&mut self.chains, &entry.journal, &entry.reviewer);
        if let Err(why) = self.take_any_other(entry, chain, false) {
            self.unread.push(why);
        }
    }

    fn take_any_other(&mut self, entry: &Entry, chain: u32, labels: bool) -> Result<(), String> {
        match &*entry.kind {
            Undo::KIND => self.read::<Undo>(entry).map(|undo| self.turn(undo.of, chain, false, labels)),
            Redo::KIND => self.read::<Redo>(entry).map(|redo| self.turn(redo.of, chain, true, labels)),
            _ => self.take_other(entry, chain),
        }
    }

    /// Lets labels count or not as the last undo or redo of their act says; all in one pass, however old they are.
    pub(super) fn turn_labels(&mut self, others: &[Entry]) {
        let mut turned: FxHashMap<(EntryId, u32), bool> = FxHashMap::default();
        for entry in others {
            let undo = entry.decision::<Undo>().ok().flatten().map(|undo| (undo.of, false));
            if let Some((act, live)) = undo.or_else(|| entry.decision::<Redo>().ok().flatten().map(|redo| (redo.of, true))) {
                turned.insert((act, chain_number(&mut self.chains, &entry.journal, &entry.reviewer)), live);
            }
        }
        if !turned.is_empty() {
            self.given.iter_mut().for_each(|given| given.live = turned.get(&(given.act, given.chain)).copied().unwrap_or(true));
        }
    }

    pub(super) fn take_label(&mut self, chain: u32, place: &LabelPlace, body: &str) -> Result<(), String> {
        if place.version > super::Label::VERSION {
            return Err(format!(
                "label {} is of version {}, newer than this program knows; it is kept and does not count here",
                place.id.short(),
                place.version
            ));
        }
        let view: LabelView<'_> = serde_json::from_str(body).map_err(|e| format!("label {} cannot be read: {e}", place.id.short()))?;
        let target = self.label_target(&view.target);
        let mut key = String::with_capacity(view.schema.len() + view.question.len() + 1);
        key.extend([&*view.schema, ":", &*view.question]);
        let (probability, queue) = view.sampled.as_ref().map_or((0.0, 0), |sampled| (sampled.probability, self.words.number(&sampled.queue)));
        let given = Given {
            entry: place.id,
            act: place.act,
            clock: place.clock,
            at: place.at,
            chain,
            target,
            question: self.words.number(&key),
            answer: self.words.number(&view.answer),
            via: view.via,
            hindsight: view.hindsight,
            version: view.version,
            question_hash: hash(&view.question_hash),
            facts: hash(&view.facts),
            confidence: view.confidence.unwrap_or(2),
            ms: view.ms.map_or(0, |ms| u32::try_from(ms).unwrap_or(u32::MAX)),
            probability,
            queue,
            again: view.again,
            live: true,
            before: NONE,
        };
        self.push(given);
        Ok(())
    }

    fn take_other(&mut self, entry: &Entry, chain: u32) -> Result<(), String> {
        match &*entry.kind {
            Adjudication::KIND => {
                let read: Adjudication = self.read(entry)?;
                let answer = self.words.number(&read.answer);
                self.take_verdict(entry, chain, (&read.target, &read.schema, &read.question), Some(answer));
            }
            Dispute::KIND => {
                let read: Dispute = self.read(entry)?;
                self.take_verdict(entry, chain, (&read.target, &read.schema, &read.question), None);
            }
            Note::KIND => {
                let read: Note = self.read(entry)?;
                let target = self.owned_target(&read.target);
                self.notes.push(other(entry, chain, (target, read.text)));
            }
            Flag::KIND => {
                let read: Flag = self.read(entry)?;
                let target = self.owned_target(&read.target);
                self.flags.push(other(entry, chain, (target, read.set)));
            }
            Amendment::KIND => {
                let read: Amendment = self.read(entry)?;
                let target = self.owned_target(&read.target);
                self.amendments.push(other(entry, chain, (target, read)));
            }
            QueueText::KIND => {
                let read = self.read(entry)?;
                self.queues.push(other(entry, chain, read));
            }
            SchemaText::KIND => {
                let read: SchemaText = self.read(entry)?;
                let schema = Schema::parse(&read.text).map_err(|e| format!("{} is a schema that cannot be read: {e}", entry.name()))?;
                self.schemas.push(other(entry, chain, schema));
            }
            Gold::KIND => {
                let read: Gold = self.read(entry)?;
                let gold = chain_number(&mut self.chains, &read.journal, &read.reviewer);
                if !self.gold.contains(&gold) {
                    self.gold.push(gold);
                }
            }
            // The kinds of other parts of the program are folded there.
            _ => {}
        }
        Ok(())
    }

    fn take_verdict(&mut self, entry: &Entry, chain: u32, (target, schema, question): (&Target, &str, &str), answer: Option<u32>) {
        let target = self.owned_target(target);
        let question = self.words.number(&format!("{schema}:{question}"));
        let at = u32::try_from(self.verdicts.len()).unwrap_or(u32::MAX);
        self.verdicts_by_target.entry(target).or_default().push(at);
        self.verdicts.push(other(entry, chain, Verdict { target, question, answer }));
    }

    #[allow(clippy::unused_self)]
    fn read<B: Recorded>(&self, entry: &Entry) -> Result<B, String> {
        entry.decision()?.ok_or_else(|| newer(entry))
    }

    /// Lets the entries of an act count or not; only those of its own chain. Acts to be undone are mostly recent, so it looks from the end.
    fn turn(&mut self, act: EntryId, chain: u32, live: bool, labels: bool) {
        fn all<T>(rows: &mut [Other<T>], act: EntryId, chain: u32, live: bool) {
            rows.iter_mut().filter(|row| row.act == act && row.chain == chain).for_each(|row| row.live = live);
        }
        for given in self.given.iter_mut().rev().take_while(|_| labels) {
            if given.act == act && given.chain == chain {
                given.live = live;
                if given.entry == act {
                    break;
                }
            }
        }
        all(&mut self.verdicts, act, chain, live);
        all(&mut self.flags, act, chain, live);
        all(&mut self.notes, act, chain, live);
        all(&mut self.amendments, act, chain, live);
        all(&mut self.queues, act, chain, live);
        all(&mut self.schemas, act, chain, live);
    }

    /// Gives the number of a label's target; several labels of one target often follow each other.
    fn label_target(&mut self, target: &TargetView<'_>) -> u32 {
        if let Some(last) = self.given.last().filter(|_| target.aliases.is_empty()) {
            let name = self.targets.text(last.target);
            let same = name.strip_prefix(&*target.trajectory).is_some_and(|rest| rest.strip_prefix('#').unwrap_or(rest) == target.id);
            if same && (target.id.is_empty() || name.len() == target.trajectory.len() + 1 + target.id.len()) {
                return last.target;
            }
        }
        self.target_number(target)
    }

    pub(super) fn owned_target(&mut self, target: &Target) -> u32 {
        let Target { kind, trajectory, id, aliases } = target;
        self.target_number(&TargetView { kind: *kind, trajectory: trajectory.into(), id: id.into(), aliases: aliases.clone() })
    }

    fn target_number(&mut self, target: &TargetView<'_>) -> u32 {
        let name = super::decision::name_of(&target.trajectory, &target.id);
        let aliases: Vec<String> = target.aliases.iter().map(|alias| super::decision::name_of(&target.trajectory, alias)).collect();
        if self.mentions.is_some() {
            return self.mentioned(name, aliases, target.kind);
        }
        self.united(&name, aliases, target.kind)
    }

    /// Gives the number of a mention in a part.
    fn mentioned(&mut self, name: String, aliases: Vec<String>, kind: TargetKind) -> u32 {
        let known = self.targets.len();
        let text = if aliases.is_empty() { name.clone() } else { format!("{name}\u{1}{}", aliases.join("\u{1}")) };
        let number = self.targets.number(&text);
        if self.targets.len() > known {
            self.kinds.push(kind);
            if let Some(mentions) = self.mentions.as_mut().filter(|_| !aliases.is_empty()) {
                mentions.insert(number, (name, aliases));
            }
        }
        number
    }

    /// Gives the number of a target: by its name, else by any alias that it or an earlier mention of it had.
    pub(super) fn united(&mut self, name: &str, aliases: Vec<String>, kind: TargetKind) -> u32 {
        let known = self.target(name).or_else(|| aliases.iter().find_map(|alias| self.target(alias)));
        let number = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.targets.number(name)
        });
        for other in aliases.into_iter().chain(known.is_some().then(|| name.to_owned())) {
            if self.targets.known(&other).is_none() {
                self.aliases.entry(other.into()).or_insert(number);
            }
        }
        number
    }
}

/// Gives the target that an entry beside labels names, where folding reads one.
pub(super) fn named_in(entry: &Entry) -> Option<Target> {
    fn of<B: Recorded>(entry: &Entry, target: impl FnOnce(B) -> Target) -> Option<Target> {
        entry.decision::<B>().ok().flatten().map(target)
    }
    match &*entry.kind {
        Adjudication::KIND => of(entry, |read: Adjudication| read.target),
        Dispute::KIND => of(entry, |read: Dispute| read.target),
        Note::KIND => of(entry, |read: Note| read.target),
        Flag::KIND => of(entry, |read: Flag| read.target),
        Amendment::KIND => of(entry, |read: Amendment| read.target),
        _ => None,
    }
}

/// Where a label stands.
#[derive(Debug, Clone, Copy)]
pub struct LabelPlace {
    /// Id of the entry.
    pub id: EntryId,
    /// The act it is part of.
    pub act: EntryId,
    /// Logical clock.
    pub clock: u64,
    /// Wall clock.
    pub at: Timestamp,
    /// Version of the body's form.
    pub version: u32,
}

/// Gives the number of a chain; there are few.
pub(super) fn chain_number(chains: &mut Vec<Chain>, journal: &str, reviewer: &str) -> u32 {
    let known = chains.iter().position(|chain| &*chain.reviewer == reviewer && &*chain.journal == journal);
    let at = known.unwrap_or_else(|| {
        chains.push(Chain { journal: journal.into(), reviewer: reviewer.into() });
        chains.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Names who decided; where another journal has somebody of that name, with the beginning of the journal's id.
#[must_use]
pub fn chain_name(reviewer: &str, journal: &str, alone: bool) -> String {
    if alone { reviewer.to_owned() } else { format!("{reviewer}@{}", journal.get(..6).unwrap_or(journal)) }
}

fn other<T>(entry: &Entry, chain: u32, value: T) -> Other<T> {
    Other { act: entry.act(), chain, live: true, value }
}

fn newer(entry: &Entry) -> String {
    format!("{} is a {} of version {}, newer than this program knows; it is kept and does not count here", entry.name(), entry.kind, entry.version)
}

/// Reads 16 hex digits; other texts are told apart by their bytes.
pub fn hash(text: &str) -> u64 {
    u64::from_str_radix(text, 16).unwrap_or_else(|_| text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
}
