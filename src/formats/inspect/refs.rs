//! References: texts that a sample holds once (`attachments`) and pools of messages (`events_data`) that events point into.

use crate::formats::json::Node;
use crate::formats::output::MAX_TEXT_BYTES;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The marks before the hash of a text; the second is that of logs before 2025.
const MARKS: [&str; 2] = ["attachment://", "tc://"];

/// Where the references of one sample lead.
pub struct Refs<'s> {
    texts: FxHashMap<&'s str, &'s str>,
    pool: &'s [Node<'s>],
}

impl<'s> Refs<'s> {
    /// Finds the texts and pools of a sample.
    pub fn of(sample: &'s Node<'s>) -> Self {
        let texts = sample.get("attachments").filter(|a| !a.fields().is_empty()).or_else(|| sample.path(&["transcript", "content"]));
        let texts = texts.map(Node::fields).unwrap_or_default().iter().filter_map(|(hash, text)| Some((hash.as_ref(), text.as_str()?))).collect();
        let pool = sample.path(&["events_data", "messages"]).map(Node::items).unwrap_or_default();
        Self { texts, pool }
    }

    /// Puts texts in the place of every reference; one that leads nowhere stays as it is, and so does what would make the text
    /// larger than a step may be.
    pub fn resolve(&self, text: String) -> String {
        self.replaced(&text, Cow::Borrowed).unwrap_or(text)
    }

    /// Does the same inside raw JSON, where the texts must be written as JSON strings are.
    pub fn resolve_json(&self, raw: Box<str>) -> Box<str> {
        let escape = |found: &str| {
            let quoted = serde_json::to_string(found).unwrap_or_default();
            Cow::Owned(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned())
        };
        self.replaced(&raw, escape).map_or(raw, String::into_boxed_str)
    }

    fn replaced<'t>(&self, text: &str, write: impl Fn(&'t str) -> Cow<'t, str>) -> Option<String>
    where
        's: 't,
    {
        if self.texts.is_empty() {
            return None;
        }
        let mut done = String::new();
        let mut rest = text;
        let mut changed = false;
        while let Some((at, mark)) = MARKS.iter().filter_map(|mark| rest.find(mark).map(|at| (at, mark))).min() {
            let (before, from) = rest.split_at(at);
            let name = &from[mark.len()..];
            let hash = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            let end = at + mark.len() + hash.len();
            done.push_str(before);
            match self.texts.get(hash).map(|found| write(found)).filter(|found| done.len() + found.len() <= MAX_TEXT_BYTES) {
                Some(found) => {
                    done.push_str(&found);
                    changed = true;
                }
                None => done.push_str(&rest[at..end]),
            }
            rest = &rest[end..];
        }
        done.push_str(rest);
        changed.then_some(done)
    }

    /// Gives the messages a model event had as input: those it holds, then those its half-open ranges name in the pool.
    pub fn input(&self, event: &'s Node<'s>) -> impl Iterator<Item = &'s Node<'s>> {
        let ranges = event.get("input_refs").map(Node::items).unwrap_or_default();
        let pool = self.pool;
        let pooled = ranges.iter().flat_map(move |range| {
            let bound = |nth: usize| range.items().get(nth).and_then(Node::as_u64).and_then(|n| usize::try_from(n).ok());
            let (from, to) = (bound(0).unwrap_or(0), bound(1).unwrap_or(0).min(pool.len()));
            pool.get(from..to).unwrap_or_default()
        });
        event.get("input").map(Node::items).unwrap_or_default().iter().chain(pooled)
    }
}
