//! Hits: a step that matches as it is shown, with the text around its first match.
//!
//! The text is taken from the record that the index points at, read by its format alone, as a session of many MB need not be
//! assembled to show a line of it; only where the record does not show the match, the trajectory is loaded.

use super::{Error, Result, Workspace};
use crate::assemble::{step_id, text};
use crate::formats::{self, Format};
use crate::index::IndexHit;
use crate::model::{Step, Timestamp, Trajectory};
use crate::query::{Leaf, Query, compile_regex};
use crate::store::{Container, SourceRow, StoreError};
use crate::text::tokens::tokens;
use regex::Regex;
use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::Value;

const SNIPPET_CHARS: usize = 160;
/// A record longer than this is not taken apart for a snippet.
const MAX_RECORD_BYTES: u64 = 4 << 20;

/// One hit of `ossia.search.v1`.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    /// Trajectory id.
    pub trajectory: String,
    /// Step id.
    pub step: String,
    /// Kind of the step.
    pub kind: String,
    /// Tool, where the step belongs to an execution.
    pub tool: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// Score; 0 where there is nothing to rank by.
    pub score: f32,
    /// The text around the first match.
    pub snippet: String,
    /// Matches in the snippet, as ranges of Unicode scalar values.
    pub marks: Vec<(usize, usize)>,
}

/// What of a query is marked in a text.
pub struct Marker {
    /// Tokens; a trailing `true` means the token is a beginning.
    words: Vec<(String, bool)>,
    patterns: Vec<Regex>,
}

impl Marker {
    /// Gathers it from the conditions that are not negated.
    pub fn of(query: &Query) -> Self {
        let (mut words, mut patterns) = (Vec::new(), Vec::new());
        for (leaf, negated) in query.leaves() {
            match leaf {
                _ if negated => {}
                Leaf::Word(word) => words.push((word.clone(), false)),
                Leaf::Phrase { tokens, .. } => words.extend(tokens.iter().map(|t| (t.clone(), false))),
                Leaf::Prefix(tokens) => words.extend(tokens.iter().enumerate().map(|(i, t)| (t.clone(), i + 1 == tokens.len()))),
                Leaf::Regex(pattern) => patterns.extend(compile_regex(pattern).ok()),
                Leaf::Field { .. } | Leaf::Among(_) => {}
            }
        }
        Self { words, patterns }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.patterns.is_empty()
    }

    fn marks(&self, text: &str) -> Vec<(usize, usize)> {
        let wanted = |token: &str| self.words.iter().any(|(word, start)| token == word || (*start && token.starts_with(word.as_str())));
        let mut marks = Vec::new();
        if !self.words.is_empty() {
            marks.extend(tokens(text).filter(|(_, _, token)| wanted(token)).map(|(from, to, _)| (from, to)).take(64));
        }
        marks.extend(self.patterns.iter().flat_map(|p| p.find_iter(text).take(16)).map(|m| (m.start(), m.end())));
        marks.sort_unstable();
        marks
    }

    /// Counts the words of the query that a text holds.
    fn held(&self, text: &str) -> usize {
        let mut held = vec![false; self.words.len()];
        for (_, _, token) in tokens(text) {
            for (held, (word, start)) in held.iter_mut().zip(&self.words) {
                *held |= token == word.as_str() || (*start && token.starts_with(word.as_str()));
            }
        }
        held.into_iter().filter(|held| *held).count()
    }

    /// Cuts the text around its first match and marks every match in it.
    fn snippet(&self, text: &str) -> (String, Vec<(usize, usize)>) {
        let matches = self.marks(text);
        let first = matches.first().map_or(0, |m| m.0);
        let before = text[..first].char_indices().rev().take(SNIPPET_CHARS / 4).last().map_or(first, |(i, _)| i);
        // It begins with a whole word, where it begins within the text.
        let word =
            text[before..first].char_indices().find(|(_, c)| c.is_whitespace()).filter(|_| !text[..before].chars().next_back().is_none_or(char::is_whitespace));
        let before = word.map_or(before, |(at, c)| before + at + c.len_utf8());
        let cut = text[before..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(i, _)| before + i);
        let shown = &text[before..cut];
        let place = |byte: usize| shown[..byte - before].chars().count();
        let marks = matches.into_iter().filter(|m| m.0 >= before && m.1 <= cut).map(|m| (place(m.0), place(m.1))).collect();
        (shown.to_owned(), marks)
    }
}

/// Makes the hit of a step of a loaded trajectory.
pub fn hit_of(trajectory: &Trajectory, step: &Step, score: f32, marker: &Marker) -> Hit {
    let tool = step.execution.as_deref().and_then(|id| trajectory.execution(id)).map(|e| e.tool.clone()).filter(|t| !t.is_empty());
    let (snippet, marks) = marker.snippet(&step.text);
    Hit { trajectory: trajectory.id.clone(), step: step.id.clone(), kind: step.kind.as_str().to_owned(), tool, at: step.at, score, snippet, marks }
}

/// Makes the hit of a step that was not loaded.
fn hit_as_indexed(trajectory: String, found: &IndexHit, snippet: String, marks: Vec<(usize, usize)>) -> Hit {
    let (kind, tool, at) = (found.kind.clone(), found.tool.clone(), found.at.and_then(Timestamp::from_ms));
    Hit { trajectory, step: found.step.clone(), kind, tool, at, score: found.score, snippet, marks }
}

/// Turns what the index found into hits.
pub struct HitReader<'w> {
    workspace: &'w Workspace,
    marker: Marker,
    names: FxHashMap<i64, Option<String>>,
    sources: FxHashMap<i64, Option<SourceRow>>,
    masked: FxHashMap<i64, bool>,
    /// The trajectory that was loaded last: hits of one trajectory often stand together.
    last: Option<(i64, Trajectory)>,
}

impl<'w> HitReader<'w> {
    /// Makes a reader for the hits of one query.
    pub fn new(workspace: &'w Workspace, query: &Query) -> Self {
        Self { workspace, marker: Marker::of(query), names: FxHashMap::default(), sources: FxHashMap::default(), masked: FxHashMap::default(), last: None }
    }

    /// Reads one hit; `None` if its trajectory is gone meanwhile. One whose stored bytes are damaged is a hit nonetheless, and says so.
    pub fn hit(&mut self, found: &IndexHit) -> Result<Option<Hit>> {
        match self.read(found) {
            Err(Error::Store(StoreError::Damaged { .. })) => {
                let snippet = "(its stored bytes are damaged; `ossia doctor` names them)".to_owned();
                Ok(self.name(found.trajectory.cast_signed())?.map(|trajectory| hit_as_indexed(trajectory, found, snippet, Vec::new())))
            }
            read => read,
        }
    }

    fn read(&mut self, found: &IndexHit) -> Result<Option<Hit>> {
        let number = found.trajectory.cast_signed();
        if self.last.as_ref().is_none_or(|(known, _)| *known != number)
            && let Some(text) = self.text_of_record(found)?
        {
            let Some(trajectory) = self.name(number)? else { return Ok(None) };
            let (snippet, marks) = self.marker.snippet(&text);
            return Ok(Some(hit_as_indexed(trajectory, found, snippet, marks)));
        }
        if self.last.as_ref().is_none_or(|(known, _)| *known != number) {
            self.last = self.workspace.load_words(number)?.map(|t| (number, t));
        }
        let Some((_, trajectory)) = &self.last else { return Ok(None) };
        Ok(trajectory.step(&found.step).map(|step| hit_of(trajectory, step, found.score, &self.marker)))
    }

    fn name(&mut self, number: i64) -> Result<Option<String>> {
        if let Some(known) = self.names.get(&number) {
            return Ok(known.clone());
        }
        let name = self.workspace.store.trajectory(number)?.map(|row| row.name);
        self.names.insert(number, name.clone());
        Ok(name)
    }

    fn is_masked(&mut self, number: i64) -> Result<bool> {
        if let Some(known) = self.masked.get(&number) {
            return Ok(*known);
        }
        let masked = self.workspace.is_masked(number)?;
        self.masked.insert(number, masked);
        Ok(masked)
    }

    /// Gives the text of the record that shows the match best; `None` if the record alone does not show it.
    fn text_of_record(&mut self, found: &IndexHit) -> Result<Option<String>> {
        // What must not be seen is masked in the trajectory, not in its records.
        if found.length > MAX_RECORD_BYTES || self.is_masked(found.trajectory.cast_signed())? {
            return Ok(None);
        }
        let source = found.source.cast_signed();
        if !self.sources.contains_key(&source) {
            self.sources.insert(source, self.workspace.store.source(source)?);
        }
        let Some(Some(row)) = self.sources.get(&source).filter(|row| row.as_ref().is_some_and(|row| row.container == Container::Plain)) else {
            return Ok(None);
        };
        let format = formats::format(&row.format);
        let bytes = self.workspace.store.bytes(source, found.start, found.start.saturating_add(found.length))?;
        let words = self.marker.words.len();
        if let Some(text) = format.and_then(|format| read_step(&bytes, format, found)).filter(|text| self.marker.held(text) == words) {
            return Ok(Some(text));
        }
        if self.marker.is_empty() {
            return Ok(None);
        }
        let Ok(record) = serde_json::from_slice::<Value>(&bytes) else { return Ok(None) };
        let mut best = (0, String::new());
        look(&record, &self.marker, &mut best);
        Ok(Some(best.1).filter(|text| best.0 == words && is_prose(text)))
    }
}

/// Reads the text of a step from its record; `None` where the record alone does not tell that it is of this step.
fn read_step(record: &[u8], format: &'static Format, found: &IndexHit) -> Option<String> {
    let reading = formats::read_pieces([(1, found.start, record)], "", format).ok()?;
    // What has no id of its own is named by its record, and counted where records are equal.
    let step = found.step.split('~').next().unwrap_or(&found.step);
    let fact = reading.portions.iter().flat_map(|(portion, _)| &portion.facts).find(|fact| step_id(fact) == step)?;
    Some(text(&fact.body).0).filter(|text| !text.trim().is_empty())
}

/// Looks through the strings of a record for the one that holds most words.
fn look(value: &Value, marker: &Marker, best: &mut (usize, String)) {
    match value {
        Value::String(text) => {
            let held = marker.held(text);
            if held > best.0 || (held == best.0 && held > 0 && !is_prose(&best.1)) {
                *best = (held, text.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, marker, best)),
        Value::Object(members) => members.values().for_each(|member| look(member, marker, best)),
        _ => {}
    }
}

/// Tells a text from an id or a name, which would be a poor snippet.
fn is_prose(text: &str) -> bool {
    text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(words: &[&str]) -> Marker {
        Marker { words: words.iter().map(|w| ((*w).to_owned(), false)).collect(), patterns: Vec::new() }
    }

    #[test]
    fn a_snippet_stands_around_its_first_match() {
        let text = format!("{}the é needle here", "x ".repeat(300));
        let (shown, marks) = marker(&["needle"]).snippet(&text);
        assert!(shown.chars().count() <= SNIPPET_CHARS);
        let (from, to) = marks[0];
        assert_eq!(shown.chars().skip(from).take(to - from).collect::<String>(), "needle");
        let (shown, _) = marker(&["needle"]).snippet(&format!("unbelievably {}needle", "long ".repeat(7)));
        assert_eq!(shown, format!("{}needle", "long ".repeat(7)), "no part of a word before it");
    }

    #[test]
    fn the_string_with_most_words_is_shown() {
        let record = serde_json::json!({"id": "needle", "content": [{"text": "a needle"}, {"text": "a needle in the hay"}, "hay"]});
        let mut best = (0, String::new());
        look(&record, &marker(&["needle", "hay"]), &mut best);
        assert_eq!(best, (2, "a needle in the hay".to_owned()));
    }
}
