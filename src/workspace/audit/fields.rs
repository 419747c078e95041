//! The fields of a trajectory's records: every text of every record, decoded from its JSON, with its place.

use super::finding::Leaf;
use super::lossy::Lossy;
use crate::formats::json::{self, Node, Value};
use crate::model::{Step, Trajectory};
use crate::store::{Container, Portions};
use crate::workspace::parse::decoded;
use crate::workspace::{Error, Result, Workspace};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of a text's beginning that tell a step.
const TELLING_HEAD: usize = 4;

/// The bytes of one outermost record, and the steps read from it or from parts of it.
pub struct RecordText {
    /// SHA-256 of the source.
    pub source: Arc<str>,
    /// Name of the file inside an archive.
    pub member: Option<Arc<str>>,
    /// Offset of the first byte in the decoded source.
    pub start: u64,
    /// Its text; bytes that are no UTF-8 stand as U+FFFD.
    pub text: Lossy,
    /// Whether its source does not hold its bytes any more.
    pub gone: bool,
    /// Steps by the range of the record's bytes they were read from, narrow ranges last.
    owners: Vec<(Range<u64>, usize)>,
}

/// One field: a string, a number, or the name of a member.
pub struct Field<'a> {
    /// RFC 6901 pointer in the record of its step; the name of a member is `~kN` in its object, N counted from 0.
    pub pointer: &'a str,
    /// The pointer in the outermost record.
    pub whole: &'a str,
    /// The nearest name above it.
    pub key: Option<&'a str>,
    /// The name above that one.
    pub above: Option<&'a str>,
    /// The text as JSON decodes it.
    pub text: &'a str,
    /// Its raw form within the record's text, with its quotes.
    pub raw: &'a str,
    /// Offset of the raw form in the record's text.
    pub offset: usize,
}

/// The bytes of one source, as far as its records go.
struct Loaded {
    source: Arc<str>,
    member: Option<Arc<str>>,
    start: u64,
    bytes: Vec<u8>,
}

impl Loaded {
    fn slice(&self, start: u64, end: u64) -> &[u8] {
        let at = |offset: u64| usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.get(at(start)..at(end)).unwrap_or_default()
    }
}

impl Workspace {
    /// Reads the outermost records of a trajectory, each once, in the order of sources and bytes.
    pub(super) fn record_texts(&self, number: i64, t: &Trajectory) -> Result<Vec<RecordText>> {
        let mut spans = Vec::new();
        for (number, step) in t.steps.iter().enumerate() {
            for origin in &step.origins {
                let source = t.sources.iter().position(|s| s.sha256 == origin.source).unwrap_or(usize::MAX);
                spans.push((source, origin.member.clone(), origin.start_byte, origin.end_byte, number));
            }
        }
        spans.sort_by(|a, b| (a.0, &a.1, a.2, std::cmp::Reverse(a.3), a.4).cmp(&(b.0, &b.1, b.2, std::cmp::Reverse(b.3), b.4)));
        let mut records: Vec<RecordText> = Vec::new();
        let mut loaded: Option<Loaded> = None;
        let mut end_of_last = (usize::MAX, None, 0);
        for (at, (source, member, start, end, step)) in spans.iter().enumerate() {
            let inside = end_of_last.0 == *source && end_of_last.1 == *member && *end <= end_of_last.2;
            if !inside {
                let Some(sha256) = t.sources.get(*source).map(|s| s.sha256.clone()) else { continue };
                if loaded.as_ref().is_none_or(|l| l.source != sha256 || l.member != *member) {
                    let same = spans.get(at..).unwrap_or_default().iter().take_while(|s| s.0 == *source && s.1 == *member);
                    let last = same.map(|s| s.3).max().unwrap_or(*end);
                    loaded = Some(self.load_source(number, &sha256, member.clone(), *start, last)?);
                }
                let bytes = loaded.as_ref().map_or(&[][..], |l| l.slice(*start, *end));
                let gone = bytes.len() as u64 != end - start;
                records.push(RecordText { source: sha256, member: member.clone(), start: *start, text: Lossy::of(bytes), gone, owners: Vec::new() });
                end_of_last = (*source, member.clone(), *end);
            }
            if let Some(record) = records.last_mut() {
                record.owners.push((*start..*end, *step));
            }
        }
        Ok(records)
    }

    /// Reads a range of one source of a trajectory, decoded once.
    fn load_source(&self, number: i64, sha256: &Arc<str>, member: Option<Arc<str>>, start: u64, end: u64) -> Result<Loaded> {
        for portion in self.store.portions(Portions::OfTrajectory(number))? {
            let Some(row) = self.store.source(portion.source)?.filter(|row| row.sha256 == **sha256) else { continue };
            if row.container == Container::Plain {
                return Ok(Loaded { source: sha256.clone(), member, start, bytes: self.store.bytes(row.id, start, end)? });
            }
            let whole = self.store.bytes(row.id, 0, u64::from(u32::MAX) << 16)?;
            let bytes = decoded(whole, row.container, member.as_deref()).map_err(|source| Error::Source { path: row.path, source })?;
            return Ok(Loaded { source: sha256.clone(), member, start: 0, bytes });
        }
        Ok(Loaded { source: sha256.clone(), member, start, bytes: Vec::new() })
    }
}

impl RecordText {
    /// Gives the offset in the decoded source of an offset in the record's text.
    #[must_use]
    pub fn at(&self, offset: usize) -> u64 {
        self.start + self.text.back(offset) as u64
    }

    /// Names the field that begins at an offset of the record's text.
    #[must_use]
    pub fn leaf(&self, offset: usize) -> Leaf {
        (self.source.to_string(), self.member.as_deref().map(str::to_owned), self.at(offset))
    }

    /// Shows every field; a record that is no JSON is one field.
    pub fn fields(&self, show: &mut dyn FnMut(&Field<'_>)) {
        match json::parse(&self.text.text) {
            Ok(node) => {
                let mut walk = Walk { record: self, pointer: String::new(), whole: String::new(), show };
                walk.node(&node, Names::default());
            }
            Err(_) => show(&Field { pointer: "", whole: "", key: None, above: None, text: &self.text.text, raw: &self.text.text, offset: 0 }),
        }
    }

    /// Finds the step a field belongs to: of those read from the narrowest range around it, the one whose text holds the field's.
    #[must_use]
    pub fn step<'t>(&self, trajectory: &'t Trajectory, offset: usize, text: &str) -> Option<&'t Step> {
        trajectory.steps.get(self.step_number(trajectory, offset, text)?)
    }

    /// Finds the place of that step in its trajectory.
    #[must_use]
    pub fn step_number(&self, trajectory: &Trajectory, offset: usize, text: &str) -> Option<usize> {
        let around = self.around(offset);
        around.iter().find(|step| holds(trajectory, **step, text)).or(around.first()).copied()
    }

    /// Finds the step that shows a field. What stands before its first quote or break may tell it where the whole does not, as
    /// arguments are written escaped, and another stream may have told the step with its values cut out.
    #[must_use]
    pub fn step_showing<'t>(&self, trajectory: &'t Trajectory, offset: usize, text: &str) -> Option<&'t Step> {
        let around = self.around(offset);
        let head = text.split(['"', '\\', '\n', '\r', '\t']).next().unwrap_or_default();
        let by_head = || around.iter().find(|step| head.len() >= TELLING_HEAD && holds(trajectory, **step, head));
        let found = around.iter().find(|step| holds(trajectory, **step, text)).or_else(by_head).or(around.first());
        trajectory.steps.get(*found?)
    }

    /// Gives the places of the steps that were read from the narrowest range around an offset.
    fn around(&self, offset: usize) -> Vec<usize> {
        let at = self.at(offset);
        let near = || self.owners.iter().filter(|(range, _)| range.contains(&at));
        let narrow = near().map(|(range, _)| range.end - range.start).min();
        near().filter(|(range, _)| Some(range.end - range.start) == narrow).map(|(_, step)| *step).collect()
    }

    fn is_base(&self, offset: usize, length: usize) -> bool {
        let (start, end) = (self.at(offset), self.at(offset + length));
        self.owners.iter().any(|(range, _)| range.start == start && range.end == end)
    }
}

/// Tells whether a step's text, or the arguments of the call that it is, hold a text.
fn holds(trajectory: &Trajectory, step: usize, text: &str) -> bool {
    let Some(step) = trajectory.steps.get(step) else { return false };
    let call = step.execution.as_deref().filter(|_| step.kind == crate::model::Kind::ToolCall).and_then(|id| trajectory.execution(id));
    step.text.contains(text) || call.and_then(|e| e.args.as_deref()).is_some_and(|args| args.contains(text))
}

struct Walk<'r, 's> {
    record: &'r RecordText,
    pointer: String,
    whole: String,
    show: &'s mut dyn FnMut(&Field<'_>),
}

/// The two nearest names above a value.
#[derive(Clone, Copy, Default)]
struct Names<'n> {
    key: Option<&'n str>,
    above: Option<&'n str>,
}

impl Walk<'_, '_> {
    fn node(&mut self, node: &Node<'_>, names: Names<'_>) {
        let offset = (node.raw.as_ptr() as usize).wrapping_sub(self.record.text.text.as_ptr() as usize).min(self.record.text.text.len());
        match &node.value {
            Value::String(text) => self.show(names, text, node.raw, offset),
            Value::Number(text) if text.len() >= 4 => self.show(names, text, node.raw, offset),
            Value::Deep => self.show(names, node.raw, node.raw, offset),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::Array(items) => {
                let kept = self.enter(node, offset);
                for (number, item) in items.iter().enumerate() {
                    self.within(&number.to_string(), |walk| walk.node(item, names));
                }
                self.leave(kept);
            }
            Value::Object(fields) => {
                let kept = self.enter(node, offset);
                for (number, (name, value)) in fields.iter().enumerate() {
                    self.member(number, name, value, offset, names);
                }
                self.leave(kept);
            }
        }
    }

    fn member(&mut self, number: usize, name: &str, value: &Node<'_>, object: usize, names: Names<'_>) {
        let token = if telling(name) { format!("~k{number}") } else { escape(name) };
        if telling(name) {
            self.within(&token, |walk| {
                // The raw name stands between the object's start and its value; where it was written with escapes, the object's start is its place.
                let text = &walk.record.text.text;
                let at = (value.raw.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize).min(text.len());
                let found = text.get(object..at).and_then(|before| before.rfind(name)).map(|i| object + i);
                let offset = found.unwrap_or(object);
                let raw = found.and_then(|i| text.get(i..i + name.len())).unwrap_or_default();
                walk.show(Names::default(), name, raw, offset);
            });
        }
        self.within(&token, |walk| walk.node(value, Names { key: Some(name), above: names.key }));
    }

    /// Starts the pointer anew where a step's own record begins.
    fn enter(&mut self, node: &Node<'_>, offset: usize) -> Option<String> {
        (offset > 0 && self.record.is_base(offset, node.raw.len())).then(|| std::mem::take(&mut self.pointer))
    }

    fn leave(&mut self, kept: Option<String>) {
        if let Some(pointer) = kept {
            self.pointer = pointer;
        }
    }

    fn within(&mut self, token: &str, go: impl FnOnce(&mut Self)) {
        let (pointer, whole) = (self.pointer.len(), self.whole.len());
        for path in [&mut self.pointer, &mut self.whole] {
            path.push('/');
            path.push_str(token);
        }
        go(self);
        self.pointer.truncate(pointer);
        self.whole.truncate(whole);
    }

    fn show(&mut self, names: Names<'_>, text: &str, raw: &str, offset: usize) {
        let Names { key, above } = names;
        (self.show)(&Field { pointer: &self.pointer, whole: &self.whole, key, above, text, raw, offset });
    }
}

/// Tells whether a member's name is long enough to be a value itself; such a name is not written into pointers.
fn telling(name: &str) -> bool {
    name.len() > 20 || name.bytes().any(|b| matches!(b, b'@' | b'=' | b':'))
}

/// Writes a name as a token of RFC 6901.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Gives the ranges of the raw JSON string that stand for ranges of its decoded text; the string is walked through once.
#[must_use]
pub fn raw_ranges(raw: &str, decoded: &[Range<usize>]) -> Vec<Range<usize>> {
    if !raw.starts_with('"') {
        return decoded.to_vec();
    }
    let mut wanted: Vec<usize> = decoded.iter().flat_map(|range| [range.start, range.end]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut places: Vec<usize> = Vec::with_capacity(wanted.len());
    let (mut at, mut count) = (1, 0);
    for place in &wanted {
        while at < raw.len() && count < *place {
            let (length, gives) = unit(raw, at);
            count += gives;
            at += length;
        }
        places.push(at);
    }
    let place = |offset: usize| wanted.binary_search(&offset).ok().and_then(|i| places.get(i)).copied().unwrap_or(at);
    decoded.iter().map(|range| place(range.start)..place(range.end)).collect()
}

/// Gives the raw bytes of one character of a JSON string, and the bytes it decodes to.
fn unit(raw: &str, at: usize) -> (usize, usize) {
    let bytes = raw.as_bytes();
    let hex = |from: usize| raw.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\\'), Some(b'u')) => {
            let unit = hex(at + 2).unwrap_or(0xfffd);
            let low = (0xd800..0xdc00)
                .contains(&unit)
                .then(|| raw.get(at + 6..at + 8) == Some("\\u"))
                .filter(|p| *p)
                .and_then(|_| hex(at + 8))
                .filter(|low| (0xdc00..0xe000).contains(low));
            if low.is_some() { (12, 4) } else { (6, char::from_u32(unit).map_or(3, char::len_utf8)) }
        }
        (Some(b'\\'), Some(_)) => (2, 1),
        _ => {
            let length = raw.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            (length, length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_places_and_names_are_fields() {
        let text = r#"{"events":[{"a/b":"x\n\u00e9y","n":4111111111}],"ghp_abcdefghijklmnopqrstuvwx":1}"#.to_owned();
        let start = text.find(r#"{"a/b"#).unwrap() as u64;
        let end = text.find("],").unwrap() as u64;
        let record = RecordText {
            source: "s".into(),
            member: None,
            start: 0,
            gone: false,
            owners: vec![(0..text.len() as u64, 0), (start..end, 1)],
            text: Lossy::of(text.as_bytes()),
        };
        let mut seen = Vec::new();
        record.fields(&mut |f| seen.push((f.pointer.to_owned(), f.whole.to_owned(), f.text.to_owned())));
        assert_eq!(seen[0], ("/a~1b".to_owned(), "/events/0/a~1b".to_owned(), "x\n\u{e9}y".to_owned()));
        assert_eq!(seen[1].2, "4111111111");
        assert_eq!(seen[2].0, "/~k1");
    }

    #[test]
    fn raw_ranges_cover_escapes() {
        let raw = r#""x\n\u00e9\ud83d\ude00y""#;
        let decoded = "x\n\u{e9}\u{1f600}y";
        let at = decoded.find('\u{e9}').unwrap();
        let ranges = raw_ranges(raw, &[at..at + 2, at + 2..at + 6, 1..decoded.len()]);
        let places: Vec<&str> = ranges.into_iter().map(|range| &raw[range]).collect();
        assert_eq!(places, [r"\u00e9", r"\ud83d\ude00", r"\n\u00e9\ud83d\ude00y"]);
    }
}
