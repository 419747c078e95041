//! Tracing: a row's whole history, from the bundle alone.

use super::json::Json;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The history of one row: `ossia.trace.v1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The row itself, as its file has it.
    pub line: String,
    /// Its lineage.
    pub lineage: Json,
    /// The decision card of its example.
    pub card: Json,
    /// The decisions, as the journal has them.
    pub decisions: Vec<Json>,
    /// The sources.
    pub sources: Vec<Json>,
}

/// Why a row cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The bundle cannot be read.
    #[error("cannot read {file} of the bundle: {why}; `ossia verify` says what is wrong with it")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// No row of that name.
    #[error("no row {row} is in this bundle; a row is named by its id or the beginning of it, by FILE:LINE, or by its example")]
    Unknown {
        /// What was asked for.
        row: String,
    },
}

fn each(folder: &Path, name: &str, mut visit: impl FnMut(usize, &str) -> bool) -> Result<(), TraceError> {
    let wrong = |why: std::io::Error| TraceError::Unreadable { file: name.to_owned(), why: why.to_string() };
    let file = BufReader::new(File::open(folder.join(name)).map_err(wrong)?);
    for (i, line) in file.lines().enumerate() {
        if !visit(i + 1, &line.map_err(wrong)?) {
            break;
        }
    }
    Ok(())
}

fn field<'a>(json: &'a Json, name: &str) -> &'a str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// Finds the lineage of the rows that a test takes.
fn rows(folder: &Path, mut take: impl FnMut(&Json) -> bool) -> Result<Vec<Json>, TraceError> {
    let mut found = Vec::new();
    each(folder, "lineage.jsonl", |_, line| {
        found.extend(Json::parse(line).ok().filter(|row| take(row)));
        true
    })?;
    Ok(found)
}

/// Traces a row, named by id, by the beginning of it, by `FILE:LINE`, or by its example.
pub fn trace(folder: &Path, row: &str) -> Result<Trace, TraceError> {
    let place = |json: &Json| format!("{}:{}", field(json, "file"), json.get("line").map(Json::text).unwrap_or_default());
    let named = |json: &Json| {
        (row.len() >= 6 && field(json, "row").starts_with(row)) || field(json, "example") == row || place(json) == row || place(json) == format!("data/{row}")
    };
    let Some(lineage) = rows(folder, named)?.into_iter().next() else { return Err(TraceError::Unknown { row: row.to_owned() }) };
    let (file, number) = (field(&lineage, "file").to_owned(), lineage.get("line").map(Json::text).unwrap_or_default());
    let mut line = String::new();
    each(folder, &file, |n, text| {
        let here = n.to_string() == number;
        if here {
            text.clone_into(&mut line);
        }
        !here
    })?;
    let mut card = Json::Null;
    if folder.join("cards.jsonl").exists() {
        each(folder, "cards.jsonl", |_, text| {
            let found = Json::parse(text).ok().filter(|json| field(json, "example") == field(&lineage, "example"));
            let missing = found.is_none();
            card = found.unwrap_or(Json::Null);
            missing
        })?;
    }
    let cited: Vec<&str> = lineage.get("decisions").map(Json::items).unwrap_or_default().iter().map(|d| field(d, "entry")).collect();
    let mut decisions = Vec::new();
    if folder.join("journal.jsonl").exists() {
        each(folder, "journal.jsonl", |_, text| {
            decisions.extend(Json::parse(text).ok().filter(|entry| cited.contains(&field(entry, "id"))));
            true
        })?;
    }
    let known = std::fs::read_to_string(folder.join("sources.json")).ok().and_then(|text| Json::parse(&text).ok()).unwrap_or(Json::Null);
    let used: Vec<&str> = used(&lineage).map(|source| field(source, "sha256")).collect();
    let sources = known.get("sources").map(Json::items).unwrap_or_default().iter().filter(|s| used.contains(&field(s, "sha256"))).cloned().collect();
    Ok(Trace { line, lineage, card, decisions, sources })
}

/// Gives the sources of a row: those of its own trajectory, then those of a side that was taken from another.
fn used(row: &Json) -> impl Iterator<Item = &Json> {
    let sides = ["good", "bad"].into_iter().filter_map(|side| row.get(side)?.get("sources"));
    row.get("sources").into_iter().chain(sides).flat_map(Json::items)
}

/// Finds the rows that a trajectory, a target of it, a step, a source or a decision went into.
pub fn reverse(folder: &Path, target: &str) -> Result<Vec<Json>, TraceError> {
    let (trajectory, inner) = target.split_once('#').map_or((target, None), |(trajectory, inner)| (trajectory, Some(inner)));
    rows(folder, |row| {
        let has = |list: &str, key: Option<&str>, wanted: &str| {
            row.get(list)
                .map(Json::items)
                .unwrap_or_default()
                .iter()
                .any(|item| key.map_or_else(|| item.as_str(), |key| item.get(key).and_then(Json::as_str)) == Some(wanted))
        };
        let within = |inner: &str| field(row, "target") == inner || has("steps", None, inner);
        let side = |side: &Json| {
            let taken = side.get("steps").map(Json::items).unwrap_or_default();
            field(side, "trajectory") == trajectory && inner.is_none_or(|inner| taken.iter().any(|step| step.as_str() == Some(inner)))
        };
        (field(row, "trajectory") == trajectory && inner.is_none_or(within))
            || ["good", "bad"].iter().filter_map(|name| row.get(name)).any(side)
            || used(row).any(|source| field(source, "sha256") == target)
            || has("decisions", Some("entry"), target)
    })
}

impl Trace {
    /// Gives the whole as a document.
    #[must_use]
    pub fn json(&self) -> Json {
        Json::object([
            ("row", Json::parse(&self.line).unwrap_or_else(|_| self.line.as_str().into())),
            ("lineage", self.lineage.clone()),
            ("card", self.card.clone()),
            ("decisions", self.decisions.clone().into()),
            ("sources", self.sources.clone().into()),
        ])
    }

    /// Tells the history to a person, line by line; `said` puts an entry of the journal into words.
    #[must_use]
    pub fn lines(&self, said: &dyn Fn(&Json) -> String) -> Vec<String> {
        let row = &self.lineage;
        let number = row.get("line").map(Json::text).unwrap_or_default();
        let mut lines = vec![
            format!("row {} · {} line {number} · {}", field(row, "row"), field(row, "file"), field(row, "split")),
            format!("from {}#{} by the situation {}", field(row, "trajectory"), field(row, "target"), field(row, "situation")),
        ];
        lines.extend(self.judged());
        let from = |side: &Json| side.get("trajectory").and_then(Json::as_str).map_or(String::new(), |from| format!(", from {from}"));
        let side = |name: &str| row.get(name).filter(|s| **s != Json::Null).map(|s| format!("{name}: {}{}", field(s, "origin"), from(s)));
        lines.extend(["good", "bad"].into_iter().filter_map(side));
        let steps = row.get("steps").map(Json::items).unwrap_or_default();
        lines.push(format!("{} steps: {}", steps.len(), steps.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" ")));
        lines.extend(used(row).map(|source| self.source(source)));
        for (name, value) in row.get("about").map(Json::fields).unwrap_or_default().iter().filter(|(_, value)| !is_empty(value)) {
            lines.push(format!("{name}: {}", plain(value)));
        }
        for entry in &self.decisions {
            let id = field(entry, "id");
            lines.push(format!("decided by {} at {}: {}  entry {}", field(entry, "reviewer"), field(entry, "at"), said(entry), id.get(..12).unwrap_or(id)));
        }
        for side in self.card.get("alternatives").map(Json::items).unwrap_or_default() {
            let better = if side.get("better") == Some(&Json::Bool(true)) { "to learn" } else { "to avoid" };
            lines.push(format!("{better} ({}): {}", field(side, "origin"), field(side, "text")));
        }
        lines
    }

    /// What the card says: why it leaves, the labels, what it is worth, and under which audit.
    fn judged(&self) -> Vec<String> {
        let told = |name: &str| self.card.get(name).filter(|value| !is_empty(value));
        let labels: Vec<String> =
            told("labels").map(Json::fields).unwrap_or_default().iter().map(|(name, answer)| format!("{name} = {}", plain(answer))).collect();
        let rules = self.lineage.get("rules_sha256").and_then(Json::as_str).map_or(String::new(), |rules| format!(", by the rules {rules}"));
        [
            told("rationale").map(|why| format!("why: {}", plain(why))),
            (!labels.is_empty()).then(|| format!("labels: {}", labels.join(", "))),
            told("predictedEval").map(|worth| format!("reward: {}", worth.text())),
            told("audit").map(|audit| format!("audit: {}{rules}", plain(audit))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Tells of a source what is known of it, and which bytes of it the row was read from.
    fn source(&self, used: &Json) -> String {
        let range = |range: &Json| range.items().iter().map(Json::text).collect::<Vec<_>>().join("..");
        let ranges: Vec<String> = used.get("ranges").map(Json::items).unwrap_or_default().iter().map(range).collect();
        let known = self.sources.iter().find(|source| field(source, "sha256") == field(used, "sha256"));
        let size = known.and_then(|known| known.get("size_bytes")).map_or(String::new(), |size| format!(", {} bytes", size.text()));
        let reader = known.map_or(String::new(), |known| format!(", read by {}", field(known, "reader")));
        let issues =
            known.and_then(|known| known.get("issues")).filter(|issues| !is_empty(issues)).map_or(String::new(), |all| format!(", issues {}", all.text()));
        let member = used.get("member").and_then(Json::as_str).map_or(String::new(), |member| format!(", {member}"));
        format!("source {} ({}{size}{reader}{issues}{member}) bytes {}", field(used, "sha256"), field(used, "format"), ranges.join(" "))
    }
}

fn is_empty(value: &Json) -> bool {
    matches!(value, Json::Null) || (matches!(value, Json::Array(_) | Json::Object(_)) && value.items().is_empty() && value.fields().is_empty())
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.text(), str::to_owned)
}
