//! Listing and searching: queries over the index, rows from the catalog, snippets from the stored records.

use super::parse::decoded;
use super::summary::{SortKey, Summary};
use super::{Error, Result, Workspace};
use crate::index::{IndexHit, SearchOptions};
use crate::model::ids::split_id;
use crate::model::{Step, Timestamp, Trajectory};
use crate::query::{Evaluator, Leaf, Query, relax};
use crate::text::tokens::tokens;
use regex::Regex;
use serde::Serialize;
use std::time::Instant;

const SNIPPET_CHARS: usize = 160;
/// A regular expression is verified on no more steps than this many times the limit.
const VERIFIED: usize = 50_000;

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

/// Result of a search.
#[derive(Debug, Clone, Serialize)]
pub struct SearchReport {
    /// How many steps match.
    pub total: usize,
    /// Whether the query was relaxed.
    pub relaxed: bool,
    /// Duration in ms.
    pub took_ms: f64,
    /// The best of them.
    pub hits: Vec<Hit>,
}

/// Result of a listing.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// How many trajectories match.
    pub total: usize,
    /// The rows asked for.
    pub trajectories: Vec<Summary>,
}

impl Workspace {
    /// Lists the trajectories with at least one step that matches.
    pub fn ls(&self, query: &Query, sort: Option<(&str, bool)>, limit: usize) -> Result<Listing> {
        self.catch_up()?;
        let rows: Vec<Summary> = if *query == Query::All {
            self.store.trajectories()?.into_iter().filter_map(|row| serde_json::from_str(&row.summary).ok()).collect()
        } else {
            let mut rows = Vec::new();
            for number in self.matching(query)? {
                rows.extend(self.store.trajectory(number)?.and_then(|row| serde_json::from_str::<Summary>(&row.summary).ok()));
            }
            rows
        };
        let (field, descending) = sort.unwrap_or(("at", true));
        let mut keyed: Vec<(SortKey, Summary)> = rows.into_iter().filter_map(|row| Some((row.sort_key(field)?, row))).collect();
        keyed.sort_by(|a, b| {
            let order = a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal);
            if descending { order.reverse() } else { order }.then_with(|| a.1.id.cmp(&b.1.id))
        });
        let total = keyed.len();
        Ok(Listing { total, trajectories: keyed.into_iter().take(limit).map(|(_, row)| row).collect() })
    }

    fn matching(&self, query: &Query) -> Result<Vec<i64>> {
        let numbers = self.index.trajectories(query)?;
        let patterns = patterns(query);
        if patterns.is_empty() {
            return Ok(numbers.into_iter().map(u64::cast_signed).collect());
        }
        let evaluator = Evaluator::new(query);
        let mut kept = Vec::new();
        for number in numbers.into_iter().map(u64::cast_signed) {
            let Some(trajectory) = self.load(number)? else { continue };
            if trajectory.steps.iter().any(|step| super::view::matches(&evaluator, &trajectory, step)) {
                kept.push(number);
            }
        }
        Ok(kept)
    }

    /// Finds steps, best first; with `relaxing`, a query that finds nothing is tried in looser forms.
    pub fn search(&self, query: &Query, limit: usize, relaxing: bool) -> Result<SearchReport> {
        self.catch_up()?;
        let start = Instant::now();
        let mut report = self.search_exactly(query, limit)?;
        if report.total == 0 && relaxing {
            for looser in relax(query).unwrap_or_default() {
                report = self.search_exactly(&looser, limit)?;
                report.relaxed = true;
                if report.total > 0 {
                    break;
                }
            }
        }
        report.took_ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(report)
    }

    fn search_exactly(&self, query: &Query, limit: usize) -> Result<SearchReport> {
        let patterns = patterns(query);
        let wanted = if patterns.is_empty() { limit } else { VERIFIED };
        let results = self.index.search(query, SearchOptions { limit: wanted, ..SearchOptions::default() })?;
        let evaluator = Evaluator::new(query);
        let words = words(query);
        let mut shelf = Shelf { workspace: self, last: None };
        let (mut hits, mut total) = (Vec::new(), 0);
        for found in &results.hits {
            let Some(trajectory) = shelf.get(found.trajectory.cast_signed())? else { continue };
            let Some(step) = trajectory.step(&found.step) else { continue };
            if !patterns.is_empty() && !super::view::matches(&evaluator, trajectory, step) {
                continue;
            }
            total += 1;
            if hits.len() < limit {
                hits.push(hit(found, trajectory, step, &words, &patterns));
            }
        }
        let total = if patterns.is_empty() { results.total } else { total };
        Ok(SearchReport { total, relaxed: false, took_ms: 0.0, hits })
    }

    /// Resolves an id of the command line: the trajectory, and what of it is meant.
    pub fn resolve(&self, id: &str) -> Result<(Trajectory, Option<String>)> {
        self.catch_up()?;
        let (name, inner) = split_id(id);
        if let Some(number) = self.store.find_trajectory(name)?
            && let Some(trajectory) = self.load(number)?
        {
            let known = inner.is_none_or(|inner| trajectory.step(inner).is_some() || trajectory.execution(inner).is_some());
            return if known { Ok((trajectory, inner.map(str::to_owned))) } else { Err(not_found(id, format!("; `ossia show {name}` shows its steps"))) };
        }
        let holders = self.index.holders(id)?;
        match holders.as_slice() {
            [] => Err(not_found(id, String::new())),
            [one] => {
                let trajectory = self.load(one.cast_signed())?.ok_or_else(|| not_found(id, String::new()))?;
                let inner = (trajectory.step(id).is_some() || trajectory.execution(id).is_some()).then(|| id.to_owned());
                Ok((trajectory, inner))
            }
            several => {
                let example = self.store.trajectory(several[0].cast_signed())?.map(|row| row.name).unwrap_or_default();
                Err(Error::Ambiguous { id: id.to_owned(), count: several.len(), example })
            }
        }
    }

    /// Gives the exact bytes of a record of a step: of its first origin, or of its `origin`th from 1.
    pub fn raw_of_step(&self, trajectory: &Trajectory, step: &Step, origin: usize) -> Result<Vec<u8>> {
        let Some(origin) = step.origins.get(origin.saturating_sub(1)) else {
            return Err(not_found(&format!("{}#{} --origin {origin}", trajectory.id, step.id), format!("; it has {} origins", step.origins.len())));
        };
        self.raw(&origin.source, origin.member.as_deref(), origin.start_byte, origin.end_byte)
    }

    /// Gives a byte range of a decoded source, found by its SHA-256.
    pub fn raw(&self, sha256: &str, member: Option<&str>, start: u64, end: u64) -> Result<Vec<u8>> {
        let source = self.store.sources()?.into_iter().find(|s| s.sha256 == sha256).ok_or_else(|| not_found(sha256, "; the source is gone".to_owned()))?;
        if source.container == crate::store::Container::Plain {
            return Ok(self.store.bytes(source.id, start, end)?);
        }
        let whole = self.store.bytes(source.id, 0, u64::from(u32::MAX) << 16)?;
        let bytes = decoded(whole, source.container, member).map_err(|e| Error::Source { path: source.path.clone(), source: e })?;
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes[at(start)..at(end).max(at(start))].to_vec())
    }
}

fn not_found(id: &str, hint: String) -> Error {
    Error::NotFound { id: id.to_owned(), hint }
}

/// Keeps the trajectory that was loaded last: hits of one trajectory often stand together.
struct Shelf<'w> {
    workspace: &'w Workspace,
    last: Option<(i64, Trajectory)>,
}

impl Shelf<'_> {
    fn get(&mut self, number: i64) -> Result<Option<&Trajectory>> {
        if self.last.as_ref().is_none_or(|(known, _)| *known != number) {
            self.last = self.workspace.load(number)?.map(|t| (number, t));
        }
        Ok(self.last.as_ref().map(|(_, t)| t))
    }
}

fn patterns(query: &Query) -> Vec<Regex> {
    let leaves = query.leaves();
    leaves.iter().filter_map(|(leaf, _)| if let Leaf::Regex(pattern) = leaf { crate::query::compile_regex(pattern).ok() } else { None }).collect()
}

/// Gives the tokens that a hit is marked by; a trailing `true` means the token is a beginning.
fn words(query: &Query) -> Vec<(String, bool)> {
    let mut words = Vec::new();
    for (leaf, negated) in query.leaves() {
        match leaf {
            _ if negated => {}
            Leaf::Word(word) => words.push((word.clone(), false)),
            Leaf::Phrase { tokens, .. } => words.extend(tokens.iter().map(|t| (t.clone(), false))),
            Leaf::Prefix(tokens) => words.extend(tokens.iter().enumerate().map(|(i, t)| (t.clone(), i + 1 == tokens.len()))),
            Leaf::Regex(_) | Leaf::Field { .. } => {}
        }
    }
    words
}

fn hit(found: &IndexHit, trajectory: &Trajectory, step: &Step, words: &[(String, bool)], patterns: &[Regex]) -> Hit {
    let tool = step.execution.as_deref().and_then(|id| trajectory.execution(id)).map(|e| e.tool.clone()).filter(|t| !t.is_empty());
    let (snippet, marks) = snippet(&step.text, words, patterns);
    Hit { trajectory: trajectory.id.clone(), step: step.id.clone(), kind: step.kind.as_str().to_owned(), tool, at: step.at, score: found.score, snippet, marks }
}

/// Cuts the text around its first match and marks every match in it.
fn snippet(text: &str, words: &[(String, bool)], patterns: &[Regex]) -> (String, Vec<(usize, usize)>) {
    let wanted = |token: &str| words.iter().any(|(word, start)| token == word || (*start && token.starts_with(word.as_str())));
    let mut matches: Vec<(usize, usize)> = tokens(text).filter(|(_, _, token)| wanted(token)).map(|(from, to, _)| (from, to)).take(64).collect();
    matches.extend(patterns.iter().flat_map(|p| p.find_iter(text).take(16)).map(|m| (m.start(), m.end())));
    matches.sort_unstable();
    let first = matches.first().map_or(0, |m| m.0);
    let before = text[..first].char_indices().rev().take(SNIPPET_CHARS / 4).last().map_or(first, |(i, _)| i);
    let cut = text[before..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(i, _)| before + i);
    let shown = &text[before..cut];
    let place = |byte: usize| shown[..byte - before].chars().count();
    let marks = matches.into_iter().filter(|m| m.0 >= before && m.1 <= cut).map(|m| (place(m.0), place(m.1))).collect();
    (shown.to_owned(), marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_stands_around_its_first_match() {
        let text = format!("{}the é needle here", "x ".repeat(300));
        let (shown, marks) = snippet(&text, &[("needle".into(), false)], &[]);
        assert!(shown.chars().count() <= SNIPPET_CHARS);
        let (from, to) = marks[0];
        assert_eq!(shown.chars().skip(from).take(to - from).collect::<String>(), "needle");
    }
}
