//! The export itself: from what was selected to a bundle in its place.

use super::bundle::manifest::{Dataset, Manifest, Reward, ShapeReport, Tool};
use super::bundle::{Staging, StagingError};
use super::definition::{Definition, Override};
use super::example::{Example, Stands};
use super::lineage::{self, Place, Whole};
use super::rows::{self, Refused, Row};
use super::select::Blocked;
use super::shapes::{SHAPES, Shape};
use super::splits::Split;
use crate::model::ids::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The place or the disk.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A shape that is not there.
    #[error("no shape is named {name:?}; the shapes are {known}")]
    Shape {
        /// What was asked for.
        name: String,
        /// All of them.
        known: String,
    },
    /// Rows are blocked, and that was to be an error.
    #[error("{count} decision points are blocked, the first by the gate {gate}: {example}: {reason}; nothing was written")]
    Strict {
        /// How many.
        count: usize,
        /// Gate of the first.
        gate: &'static str,
        /// The first.
        example: String,
        /// Why.
        reason: String,
    },
}

/// What goes into an export.
pub struct Input {
    /// The definition.
    pub definition: Definition,
    /// Trajectories the examples come from.
    pub wholes: Vec<Whole>,
    /// Examples.
    pub examples: Vec<Example>,
    /// What was blocked before.
    pub blocked: Vec<Blocked>,
    /// Head of the decisions cited.
    pub journal_head: Option<String>,
    /// Hash of the rules of redaction.
    pub rules_sha256: Option<String>,
}

/// What came of an export: `ossia.export.v1`.
#[derive(Debug, Clone, Serialize)]
pub struct ExportReport {
    /// Dataset.
    pub dataset: String,
    /// Where the bundle is; `None` for a dry run.
    pub out: Option<String>,
    /// Data files.
    pub shapes: Vec<ShapeReport>,
    /// Points that do not leave.
    pub blocked: Vec<Blocked>,
    /// Examples that a shape has no row for.
    pub refused: Vec<Refused>,
    /// Gates that were overridden.
    pub overridden: Vec<Override>,
    /// Examples by split.
    pub splits: BTreeMap<String, usize>,
}

/// One data file before it is written.
struct DataFile {
    shape: &'static Shape,
    split: Split,
    name: String,
    rows: Vec<Row>,
    not_carried: BTreeMap<String, u64>,
}

/// Writes a bundle, or with `out` absent only counts what would be in it.
pub fn export(mut input: Input, out: Option<&Path>, strict: bool) -> Result<ExportReport, ExportError> {
    let shapes = wanted(&input.definition.shapes)?;
    super::splits::place(&mut input.examples, input.definition.seed, &input.definition.splits);
    let (mut blocked, mut refused) = (input.blocked, Vec::new());
    let policies = input.definition.policies_hash();
    let mut files: Vec<DataFile> = Vec::new();
    for shape in shapes {
        let written = rows::write(shape, &input.examples, &input.definition, &policies);
        refused.extend(written.refused);
        let not_carried = ShapeReport::counts(&written.not_carried);
        for (split, rows) in written.rows {
            files.push(DataFile { shape, split, name: file_name(shape, split), rows, not_carried: not_carried.clone() });
        }
    }
    blocked.sort_by(|a, b| (&a.example, a.gate, &a.reason).cmp(&(&b.example, b.gate, &b.reason)));
    blocked.dedup();
    if let Some(first) = blocked.first().filter(|_| strict) {
        return Err(ExportError::Strict { count: blocked.len(), gate: first.gate, example: first.example.clone(), reason: first.reason.clone() });
    }
    let mut report = ExportReport {
        dataset: input.definition.name.clone(),
        out: None,
        shapes: Vec::new(),
        blocked,
        refused,
        overridden: input.definition.overrides.clone(),
        splits: BTreeMap::new(),
    };
    for example in input.examples.iter().filter(|e| e.stands == Stands::Situation) {
        *report.splits.entry(example.split.as_str().to_owned()).or_default() += 1;
    }
    let Some(out) = out else {
        report.shapes = files.iter().map(|file| file.report()).collect();
        return Ok(report);
    };
    let mut staging = Staging::begin(out, &input.definition.name)?;
    let mut lineages: Vec<(String, String)> = Vec::new();
    for file in &files {
        staging.write(&file.name, file.pieces())?;
        let first = 1 + usize::from(file.shape.header.is_some());
        for (i, row) in file.rows.iter().enumerate() {
            let sha256 = hex(&Sha256::digest(row.line.as_bytes()));
            let place = Place { row: &row.id, shape: file.shape.name, file: &file.name, line: first + i, sha256: &sha256 };
            let example = &input.examples[row.example];
            lineages.push((row.id.clone(), lineage::line(&place, example, &input.wholes[example.whole]).text()));
        }
    }
    lineages.sort();
    staging.write("lineage.jsonl", lineages.iter().flat_map(|(_, line)| [line.as_bytes(), b"\n"]))?;
    report.shapes = files.iter().map(DataFile::report).collect();
    let by_gate = report.blocked.iter().fold(BTreeMap::new(), |mut counts: BTreeMap<String, usize>, blocked| {
        *counts.entry(blocked.gate.to_owned()).or_default() += 1;
        counts
    });
    let manifest = Manifest {
        schema: "ossia.manifest.v1".to_owned(),
        tool: Tool { name: "ossia".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        dataset: Dataset::of(&input.definition),
        policies_sha256: policies,
        journal_head: input.journal_head,
        rules_sha256: input.rules_sha256,
        reward: Reward { name: super::reward::NAME.to_owned(), sha256: super::reward::formula_hash() },
        date: input.examples.iter().flat_map(|e| &e.cited).map(|c| c.at.clone()).max(),
        examples: input.examples.iter().filter(|e| e.stands == Stands::Situation).count(),
        pairs: input.examples.iter().filter(|e| e.is_pair()).count(),
        splits: report.splits.clone(),
        blocked: by_gate,
        overridden: report.overridden.clone(),
        shapes: report.shapes.clone(),
    };
    staging.write("manifest.json", [serde_json::to_string_pretty(&manifest).unwrap_or_default(), "\n".to_owned()])?;
    let sums: String = staging.files.iter().map(|(name, facts)| format!("{}  {name}\n", facts.sha256)).collect();
    staging.write("SHA256SUMS", [sums])?;
    staging.finish()?;
    report.out = Some(out.to_string_lossy().into_owned());
    Ok(report)
}

impl DataFile {
    /// The bytes of the file, piece by piece.
    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let lines = self.rows.iter().map(|row| row.line.as_str());
        self.shape.header.into_iter().chain(lines).flat_map(|line| [line.as_bytes(), b"\n"])
    }

    fn report(&self) -> ShapeReport {
        let mut hash = Sha256::new();
        let mut bytes = 0;
        for piece in self.pieces() {
            hash.update(piece);
            bytes += piece.len() as u64;
        }
        ShapeReport {
            shape: self.shape.name.to_owned(),
            split: self.split.as_str().to_owned(),
            file: self.name.clone(),
            rows: self.rows.len(),
            bytes,
            sha256: hex(&hash.finalize()),
            not_carried: self.not_carried.clone(),
        }
    }
}

/// Finds the shapes by their names; `all` means every one.
fn wanted(names: &[String]) -> Result<Vec<&'static Shape>, ExportError> {
    if names.is_empty() || names.iter().any(|name| name == "all") {
        return Ok(SHAPES.to_vec());
    }
    if let Some(wrong) = names.iter().find(|name| super::shapes::shape(name).is_none()) {
        let known = SHAPES.iter().map(|shape| shape.name).collect::<Vec<_>>().join(", ");
        return Err(ExportError::Shape { name: wrong.clone(), known });
    }
    Ok(SHAPES.iter().copied().filter(|shape| names.iter().any(|name| name == shape.name)).collect())
}

/// Names the file of a shape: training rows under the shape's own name, other splits under theirs beside it.
fn file_name(shape: &Shape, split: Split) -> String {
    let extension = if shape.header.is_some() { "csv" } else { "jsonl" };
    match split {
        Split::Train => format!("data/{}.{extension}", shape.name),
        other => format!("data/{}.{}.{extension}", shape.name, other.as_str()),
    }
}
