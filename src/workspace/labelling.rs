//! Labelling many at once: by ids, by a query, or from a file; one act, one undo.

use super::review::{Reply, answer_of, label, question_of};
use super::sitting::{Asked, Sitting};
use super::walk::unreadable;
use super::{Error, Result, Workspace};
use crate::judging::{Label, Note, Point, Quote, Sampled, Schema, Shown, Via};
use crate::model::Draft;
use crate::query::Query;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What would be, or was, labelled.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Labelled {
    /// Whether it was written.
    pub written: bool,
    /// One row for each answer.
    pub labels: Vec<LabelledRow>,
    /// Notes.
    pub notes: usize,
    /// Targets that were left out, with why.
    pub skipped: Vec<Skip>,
    /// What follows from the answers, by target.
    pub derived: BTreeMap<String, BTreeMap<String, String>>,
}

/// One answer of a labelling.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelledRow {
    /// The target.
    pub target: String,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// The journal's entry; `null` in a preview.
    pub entry: Option<String>,
}

/// A target that was left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skip {
    /// The target.
    pub target: String,
    /// Why.
    pub reason: String,
}

/// One row of a file of labels.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRow {
    target: String,
    #[serde(default)]
    schema: Option<String>,
    answers: BTreeMap<String, String>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    confidence: Option<u8>,
    #[serde(default)]
    hindsight: Option<bool>,
    #[serde(default)]
    quote: Option<Quote>,
}

/// What is said of each target.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// Questions with their answers, in order.
    pub answers: Vec<(String, String)>,
    /// A note.
    pub note: Option<String>,
    /// How sure, 1 to 3.
    pub confidence: Option<u8>,
    /// Whether more was seen than the agent had seen.
    pub hindsight: bool,
    /// The place that shows it.
    pub quote: Option<Quote>,
    /// What holds of single targets, by name.
    pub alone: BTreeMap<String, Alone>,
}

/// What holds of one target of several that get the same answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alone {
    /// Whether more of it was seen than the agent had seen.
    pub hindsight: bool,
    /// The draw it came from.
    pub sampled: Option<Sampled>,
    /// Whether arm and names were hidden.
    pub blind: bool,
}

impl Workspace {
    /// Labels targets by their ids; any that cannot be labelled refuses the whole. Several at once count as bulk. With `copies`, the
    /// near-duplicates of each get the same answers, marked as copied within their cluster.
    pub fn label_ids(&self, reviewer: &str, schema: &Schema, ids: &[String], said: &Answers, copies: bool) -> Result<Labelled> {
        let via = if ids.len() > 1 { Via::Bulk } else { Via::Command };
        let mut points = ids.iter().map(|id| self.judged_point(id)).collect::<Result<Vec<_>>>()?;
        let mut all = points.iter().map(|point| drafts(schema, point, said, via)).collect::<Result<Vec<_>>>()?;
        if copies {
            let others = self.near_duplicates(&points)?;
            all.extend(others.iter().map(|point| drafts(schema, point, said, Via::Cluster)).collect::<Result<Vec<_>>>()?);
            points.extend(others);
        }
        let points: Vec<_> = points.into_iter().map(|point| (schema.clone(), point)).collect();
        self.write(reviewer, all.into_iter().flatten().collect(), Labelled::default(), &points)
    }

    /// Gives a reviewer's answers about a call to its near-duplicates that they did not answer, as one act; gives how many those are.
    pub fn answer_alike(&self, reviewer: &str, schema: &Schema, target: &str) -> Result<usize> {
        let own = |asked: &Asked| asked.answer.clone().filter(|_| !asked.stale).map(|answer| (asked.question.id.clone(), answer));
        let item = self.review_item(schema, target, reviewer, Sitting::First)?;
        // A quotation belongs to its own session.
        let quoted = |(question, answer): &(String, String)| schema.question(question).is_some_and(|q| q.answers.iter().any(|a| a.id == *answer && a.quote));
        let answers: Vec<(String, String)> = item.questions.iter().filter_map(own).filter(|said| !quoted(said)).collect();
        if answers.is_empty() {
            return Err(Error::Undecidable("answer this one first; its answers are then given to those like it".to_owned()));
        }
        let said = Answers { answers, ..Answers::default() };
        let (mut all, mut copied) = (Vec::new(), 0);
        for point in self.near_duplicates(std::slice::from_ref(&item.point))? {
            let known = self.review_item(schema, &point.target.name(), reviewer, Sitting::First)?;
            if known.questions.iter().all(|asked| asked.answer.is_none()) {
                all.extend(drafts(schema, &point, &said, Via::Cluster)?);
                copied += 1;
            }
        }
        if !all.is_empty() {
            self.record(reviewer, &all)?;
        }
        Ok(copied)
    }

    /// Finds the calls that differ from some points in nothing but numbers and hashes.
    fn near_duplicates(&self, points: &[Point]) -> Result<Vec<Point>> {
        let alike = |other: &Point| points.iter().any(|point| !point.cluster.is_none() && point.cluster == other.cluster);
        let known = |other: &Point| points.iter().any(|point| point.target == other.target);
        let mut found = Vec::new();
        self.each_matching(&Query::All, |some| {
            found.extend(some.into_iter().flat_map(|(_, points)| points).filter(|other| alike(other) && !known(other)));
            Ok(())
        })?;
        Ok(found)
    }

    /// Labels whatever a query finds; without `sure` nothing is written and the result is a preview.
    pub fn label_query(&self, reviewer: &str, schema: &Schema, query: &Query, said: &Answers, sure: bool) -> Result<Labelled> {
        // What the schema does not ask or know is wrong for every target alike.
        for (question, answer) in &said.answers {
            answer_of(question_of(schema, question)?, answer)?;
        }
        let asks = |point: &Point| said.answers.iter().all(|(q, _)| schema.question(q).is_some_and(|q| q.target.contains(&point.target.kind)));
        let mut points: Vec<Point> = Vec::new();
        self.each_matching(query, |found| {
            points.extend(found.into_iter().flat_map(|(_, points)| points).filter(asks));
            Ok(())
        })?;
        let mut found = Labelled::default();
        let mut all = Vec::new();
        for point in &points {
            match drafts(schema, point, said, Via::Bulk) {
                Ok(drafts) => all.extend(drafts),
                Err(why) => found.skipped.push(Skip { target: point.target.name(), reason: why.to_string() }),
            }
        }
        if sure {
            let points: Vec<_> = points.into_iter().map(|point| (schema.clone(), point)).collect();
            return self.write(reviewer, all, found, &points);
        }
        found.labels = all.iter().filter_map(row).collect();
        found.notes = all.len() - found.labels.len();
        Ok(found)
    }

    /// Labels from a file of JSON lines, `{"target": ID, "answers": {QUESTION: ANSWER}}`; all of it or nothing. Note, confidence
    /// and hindsight that a row leaves out are those of `rest`.
    pub fn label_file(&self, reviewer: &str, schema: Option<&str>, file: &Path, rest: &Answers) -> Result<Labelled> {
        let wrong = |line: Option<usize>, why: String| Error::Exchange { path: file.display().to_string(), line, why };
        let text = std::fs::read_to_string(file).map_err(|e| wrong(None, format!("these labels cannot be read: {}; nothing was written", unreadable(&e))))?;
        let default = self.schema(schema)?;
        let (mut all, mut points) = (Vec::new(), Vec::new());
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let refuse = |why: String| wrong(Some(at + 1), format!("{}; nothing was written", why.trim_end_matches("; nothing was written")));
            let row: FileRow = serde_json::from_str(line).map_err(|e| refuse(e.to_string()))?;
            if let Some(odd) = row.confidence.filter(|sure| !(1..=3).contains(sure)) {
                return Err(refuse(format!("a confidence is 1, 2 or 3, not {odd}")));
            }
            let own = row.schema.as_deref().map(|name| self.schema(Some(name))).transpose().map_err(|e| refuse(e.to_string()))?;
            let said = Answers {
                answers: row.answers.into_iter().collect(),
                note: row.note.or_else(|| rest.note.clone()),
                confidence: row.confidence.or(rest.confidence),
                hindsight: row.hindsight.unwrap_or(rest.hindsight),
                quote: row.quote,
                alone: BTreeMap::new(),
            };
            let point = self.judged_point(&row.target).map_err(|e| refuse(e.to_string()))?;
            let schema = own.unwrap_or_else(|| default.clone());
            all.extend(drafts(&schema, &point, &said, Via::File).map_err(|e| refuse(e.to_string()))?);
            points.push((schema, point));
        }
        self.write(reviewer, all, Labelled::default(), &points)
    }

    fn write(&self, reviewer: &str, drafts: Vec<Draft>, mut found: Labelled, points: &[(Schema, Point)]) -> Result<Labelled> {
        if drafts.is_empty() {
            return Ok(found);
        }
        let entries = self.record(reviewer, &drafts)?;
        found.written = true;
        for entry in &entries {
            let label = entry.decision::<Label>().ok().flatten();
            let row =
                |label: Label| LabelledRow { target: label.target.name(), question: label.question, answer: label.answer, entry: Some(entry.id.to_string()) };
            found.labels.extend(label.map(row));
        }
        found.notes = entries.len() - found.labels.len();
        for (schema, point) in points {
            let judgement = self.judgement(schema, point)?;
            if !judgement.derived.is_empty() {
                found.derived.entry(judgement.target).or_default().extend(judgement.derived);
            }
        }
        Ok(found)
    }
}

fn row(draft: &Draft) -> Option<LabelledRow> {
    let label: Label = serde_json::from_str(&draft.body).ok()?;
    Some(LabelledRow { target: label.target.name(), question: label.question, answer: label.answer, entry: None })
}

fn drafts(schema: &Schema, point: &Point, said: &Answers, via: Via) -> Result<Vec<Draft>> {
    let mut drafts = Vec::new();
    let alone = said.alone.get(&point.target.name()).cloned().unwrap_or_default();
    for (question, answer) in &said.answers {
        let reply = Reply {
            question: question.clone(),
            answer: answer.clone(),
            confidence: said.confidence,
            via: Some(via),
            hindsight: said.hindsight || alone.hindsight,
            ms: None,
            quote: said.quote.clone(),
            refused: false,
        };
        let shown = alone.blind.then(|| Shown { blind: true, ..Shown::default() });
        drafts.push(Draft::of(&Label { sampled: alone.sampled.clone(), shown, ..label(schema, point, &reply)? }));
    }
    drafts.extend(said.note.iter().map(|text| Draft::of(&Note { target: point.target.clone(), text: text.clone() })));
    Ok(drafts)
}
