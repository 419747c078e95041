//! A journal entry: the envelope around one decision, sealed by a hash that also covers the entry before it.
//!
//! An entry is exchanged as one line of JSON. Its id is the SHA-256 of that line without the id: a stranger checks it with
//! `sed 's/^{"id":"[0-9a-f]*",/{/'` and `sha256sum`.

use super::ids::hex;
use super::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// The largest logical clock, so that every clock is exact in any JSON reader (2^53 - 1).
pub const LAST_CLOCK: u64 = (1 << 53) - 1;

/// The id of an entry: the SHA-256 of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId([u8; 32]);

impl EntryId {
    /// Takes the 32 bytes of a SHA-256; `None` for any other length.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads 64 hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Gives the bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Gives the first 12 hex digits, enough for a person.
    #[must_use]
    pub fn short(&self) -> String {
        hex(&self.0[..6])
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl Serialize for EntryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is no entry id (64 hex digits)")))
    }
}

/// Kinds that record what happened; no undo takes them back.
pub const LASTING: &[&str] = &["undo", "redo", "reveal", "forget", "export", "certificate", "gold"];

/// Kinds that keep something from leaving, or let it leave: no export passes over the last word of them, whatever earlier decisions it is of.
pub const SAFEGUARDS: &[&str] = &["consent", "redaction", "audit_mark", "certificate"];

/// Kinds that no export reads.
pub const NOT_EXPORTED: &[&str] = &["reveal", "forget", "export", "dataset", "queue", "sampling_plan", "sampling_reading"];

/// What can stand in an entry: a decision of one kind, written and read in one form.
pub trait Recorded: Serialize + de::DeserializeOwned {
    /// Kind of the decision, such as `label`; one word.
    const KIND: &'static str;
    /// Version of the form, from 1.
    const VERSION: u32 = 1;
}

/// What is to be recorded, before the journal gives it its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Kind of the decision, such as `label`.
    pub kind: &'static str,
    /// Version of the body's form, from 1.
    pub version: u32,
    /// The body, one JSON object.
    pub body: String,
}

impl Draft {
    /// Writes a decision down. What cannot be written as JSON becomes an empty body, which no journal takes.
    #[must_use]
    pub fn of<B: Recorded>(body: &B) -> Self {
        Self { kind: B::KIND, version: B::VERSION, body: serde_json::to_string(body).unwrap_or_default() }
    }
}

/// Takes back the act that begins with an entry of the same chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// First entry of the act.
    pub of: EntryId,
}

impl Recorded for Undo {
    const KIND: &'static str = "undo";
}

/// Makes an act count again that was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redo {
    /// First entry of the act.
    pub of: EntryId,
}

impl Recorded for Redo {
    const KIND: &'static str = "redo";
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Hash of everything below.
    pub id: EntryId,
    /// The journal it was written in: 128 random bits as 32 hex digits.
    pub journal: Arc<str>,
    /// Who decided.
    pub reviewer: Arc<str>,
    /// Place in the chain of this journal and reviewer, from 1.
    pub seq: u64,
    /// Logical clock: larger than that of every entry its writer knew.
    pub clock: u64,
    /// Wall clock, for people only; nothing is ordered by it.
    pub at: Timestamp,
    /// Kind of the decision.
    pub kind: Arc<str>,
    /// Version of the body's form.
    pub version: u32,
    /// The entry before it in its chain; `None` for the first.
    pub prev: Option<EntryId>,
    /// The first entry of the act it is part of, such as a label given to many at once; `None` if it is the first itself.
    pub act: Option<EntryId>,
    /// The decision, JSON exactly as written.
    pub body: Box<str>,
}

/// The place of an entry in a journal.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The journal.
    pub journal: &'a Arc<str>,
    /// Who decides.
    pub reviewer: &'a Arc<str>,
    /// Place and id of the entry before it in the chain.
    pub after: Option<(u64, EntryId)>,
    /// First entry of the act, where that is another.
    pub act: Option<EntryId>,
    /// Logical clock.
    pub clock: u64,
    /// Wall clock.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<EntryId>,
    journal: &'a str,
    reviewer: &'a str,
    seq: u64,
    clock: u64,
    at: Timestamp,
    kind: &'a str,
    version: u32,
    prev: Option<EntryId>,
    act: Option<EntryId>,
    body: &'a RawValue,
    /// Whether this is a copy in which something stands for what was sealed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    veiled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    id: EntryId,
    journal: Arc<str>,
    reviewer: Arc<str>,
    seq: u64,
    clock: u64,
    at: String,
    kind: Arc<str>,
    version: u32,
    prev: Option<EntryId>,
    act: Option<EntryId>,
    body: Box<RawValue>,
    #[serde(default)]
    veiled: bool,
}

impl Entry {
    /// Writes down what is to be recorded at its place; `None` if the body is no JSON.
    #[must_use]
    pub fn sealed(place: &Place<'_>, draft: &Draft) -> Option<Self> {
        let mut entry = Self {
            id: EntryId([0; 32]),
            journal: place.journal.clone(),
            reviewer: place.reviewer.clone(),
            seq: place.after.map_or(1, |(seq, _)| seq + 1),
            clock: place.clock,
            at: place.at,
            kind: draft.kind.into(),
            version: draft.version,
            prev: place.after.map(|(_, id)| id),
            act: place.act,
            body: draft.body.as_str().into(),
        };
        entry.id = entry.seal()?;
        Some(entry)
    }

    /// Reads the decision, if it is of the kind and of a version this program knows; the error names the entry.
    pub fn decision<B: Recorded>(&self) -> Result<Option<B>, String> {
        if &*self.kind != B::KIND || self.version > B::VERSION {
            return Ok(None);
        }
        serde_json::from_str(&self.body).map(Some).map_err(|e| format!("{} is no {} that can be read: {e}", self.name(), B::KIND))
    }

    /// Gives the first entry of the act it is part of.
    #[must_use]
    pub fn act(&self) -> EntryId {
        self.act.unwrap_or(self.id)
    }

    /// Computes the id its content must have; `None` if the body is no JSON.
    #[must_use]
    pub fn seal(&self) -> Option<EntryId> {
        let content = serde_json::to_vec(&self.content(None)?).ok()?;
        Some(EntryId(Sha256::digest(content).into()))
    }

    /// Tells whether the id is that of the content.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.seal() == Some(self.id)
    }

    /// Writes the line by which the entry is exchanged, without a line end.
    #[must_use]
    pub fn to_line(&self) -> Option<String> {
        serde_json::to_string(&self.content(Some(self.id))?).ok()
    }

    /// Writes a line for others to read: the reviewer under another name, and of the body what may be told. Where that is not what was sealed, the
    /// line says so; its id is that of the entry all the same.
    #[must_use]
    pub fn to_copy(&self, reviewer: &str, body: &str) -> Option<String> {
        if reviewer == &*self.reviewer && body == &*self.body {
            return self.to_line();
        }
        let body = serde_json::from_str(body).ok()?;
        serde_json::to_string(&Content { reviewer, body, veiled: true, ..self.content(Some(self.id))? }).ok()
    }

    /// Reads a line; the error says what is wrong with it.
    pub fn from_line(line: &str) -> Result<Self, String> {
        match Self::from_copy(line)? {
            (entry, false) => Ok(entry),
            (entry, true) => Err(format!("{} is a copy under pseudonyms, as bundles hold them; what it was sealed with is in its journal", entry.name())),
        }
    }

    /// Reads a line of a bundle, and tells whether it is veiled: then nothing but its journal can prove it.
    pub fn from_copy(line: &str) -> Result<(Self, bool), String> {
        let read: Read = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let at = Timestamp::parse(&read.at).filter(|at| at.to_string() == read.at).ok_or_else(|| format!("{:?} is no time", read.at))?;
        let Read { id, journal, reviewer, seq, clock, kind, version, prev, act, body, veiled, .. } = read;
        if seq == 0 || clock == 0 || clock > LAST_CLOCK || seq > LAST_CLOCK || (seq == 1) != prev.is_none() {
            return Err(format!("seq {seq}, clock {clock} and prev do not fit together"));
        }
        let entry = Self { id, journal, reviewer, seq, clock, at, kind, version, prev, act, body: Box::<str>::from(body) };
        if veiled != entry.is_sealed() {
            Ok((entry, veiled))
        } else {
            Err(format!("{} was changed after it was written: its content does not have its id", entry.name()))
        }
    }

    /// Names the entry for a person: reviewer, place in the chain, beginning of the id.
    #[must_use]
    pub fn name(&self) -> String {
        format!("entry {} of {} ({})", self.seq, self.reviewer, self.id.short())
    }

    fn content(&self, id: Option<EntryId>) -> Option<Content<'_>> {
        Some(Content {
            id,
            journal: &self.journal,
            reviewer: &self.reviewer,
            seq: self.seq,
            clock: self.clock,
            at: self.at,
            kind: &self.kind,
            version: self.version,
            prev: self.prev,
            act: self.act,
            body: serde_json::from_str(&self.body).ok()?,
            veiled: false,
        })
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.content(Some(self.id)).ok_or_else(|| serde::ser::Error::custom("the body is no JSON"))?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Entry {
        let body = r#"{"text":"look\n","z":1.50,"a":9007199254740993}"#.to_owned();
        let at = Timestamp::parse("2026-05-01T10:00:00.000Z").unwrap();
        let draft = Draft { kind: "note", version: 1, body };
        let (journal, reviewer) = ("00112233445566778899aabbccddeeff".into(), "ana".into());
        Entry::sealed(&Place { journal: &journal, reviewer: &reviewer, after: None, act: None, clock: 7, at }, &draft).unwrap()
    }

    #[test]
    fn a_line_reads_back_to_the_byte() {
        let entry = sample();
        let line = entry.to_line().unwrap();
        assert_eq!(Entry::from_line(&line).unwrap(), entry);
        let rest = format!("{{{}", &line[r#"{"id":"","#.len() + 64..]);
        assert_eq!(EntryId(Sha256::digest(rest).into()), entry.id);
    }

    #[test]
    fn what_was_changed_is_refused() {
        let line = sample().to_line().unwrap();
        for (from, to) in [("ana", "bob"), ("look", "lock"), ("\"clock\":7", "\"clock\":8"), ("10:00", "11:00"), ("1.50", "1.5")] {
            let wrong = Entry::from_line(&line.replace(from, to)).unwrap_err();
            assert!(wrong.contains("changed"), "{from}: {wrong}");
        }
        let copy = sample().to_copy("p-abcdef", &sample().body).unwrap();
        assert!(!copy.contains("ana") && Entry::from_line(&copy).unwrap_err().contains("copy"), "{copy}");
        assert_eq!(Entry::from_copy(&copy).map(|(entry, veiled)| (entry.id, veiled)), Ok((sample().id, true)));
        assert_eq!(sample().to_copy(&sample().reviewer, &sample().body), sample().to_line());
        assert!(Entry::from_line(&line[..line.len() - 3]).is_err());
        assert!(Entry::from_line(&line.replace("\"seq\":1", "\"seq\":2")).unwrap_err().contains("seq"));
    }
}
