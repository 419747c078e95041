//! The export itself: from what was selected to a bundle in its place.

use super::bundle::manifest::{Dataset, Manifest, Reward, ShapeReport, Tool};
use super::bundle::{Evidence, Signing, Staging, StagingError, cards, write_evidence};
use super::definition::{Definition, Override};
use super::example::{Example, Stands};
use super::gates::{self, GateReport};
use super::lineage::{self, Place, Whole};
use super::prepare::{Redaction, prepare};
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
    /// A definition that cannot be meant.
    #[error("{0}")]
    Definition(String),
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
    /// A gate of the dataset as a whole.
    #[error("the gate {gate} does not hold: {reason}; nothing was written{advice}")]
    Gate {
        /// The gate.
        gate: &'static str,
        /// Why.
        reason: String,
        /// What can be done.
        advice: &'static str,
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
    /// What must be replaced and must not be found.
    pub redaction: Option<Redaction>,
    /// What the workspace adds.
    pub evidence: Evidence,
}

/// What came of an export: `ossia.export.v1`.
#[derive(Debug, Clone, Serialize)]
pub struct ExportReport {
    /// Dataset.
    pub dataset: String,
    /// Where the bundle is; `None` for a dry run.
    pub out: Option<String>,
    /// Examples and pairs that leave.
    pub examples: usize,
    /// Pairs among them.
    pub pairs: usize,
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
    /// Every gate.
    pub gates: Vec<GateReport>,
}

/// One data file before it is written.
struct DataFile {
    shape: &'static Shape,
    split: Split,
    name: String,
    rows: Vec<Row>,
    not_carried: BTreeMap<String, u64>,
}

/// Everything that would be in a bundle.
pub struct Plan {
    input: Input,
    files: Vec<DataFile>,
    /// The report so far.
    pub report: ExportReport,
}

/// Works out what would leave, without writing anything.
pub fn plan(mut input: Input) -> Result<Plan, ExportError> {
    gates::check_overrides(&input.definition).map_err(ExportError::Definition)?;
    let shapes = wanted(&input.definition.shapes)?;
    prepare(&mut input.examples, &mut input.blocked, &input.definition, input.redaction.as_ref());
    input.blocked.sort_by(|a, b| (&a.example, a.gate, &a.reason).cmp(&(&b.example, b.gate, &b.reason)));
    input.blocked.dedup();
    let policies = input.definition.policies_hash();
    let (mut files, mut refused): (Vec<DataFile>, Vec<Refused>) = (Vec::new(), Vec::new());
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for shape in shapes {
        let written = rows::write(shape, &input.examples, &input.definition, &policies);
        refused.extend(written.refused);
        let not_carried = ShapeReport::counts(&written.not_carried);
        found.insert(shape.name, written.rows.values().map(Vec::len).sum());
        for (split, rows) in written.rows {
            files.push(DataFile { shape, split, name: file_name(shape, split), rows, not_carried: not_carried.clone() });
        }
    }
    refused.sort();
    let mut splits = BTreeMap::new();
    for example in input.examples.iter().filter(|e| e.stands == Stands::Situation) {
        *splits.entry(example.split.as_str().to_owned()).or_default() += 1;
    }
    let shapes: Vec<ShapeReport> = files.iter().map(DataFile::report).collect();
    let (examples, pairs) = gates::counted(&input.examples);
    let report = ExportReport {
        dataset: input.definition.name.clone(),
        out: None,
        examples,
        pairs,
        gates: gates::report(&input.definition, &input.examples, &input.blocked, &found, shapes.iter().map(|s| s.bytes).sum()),
        shapes,
        blocked: input.blocked.clone(),
        refused,
        overridden: input.definition.overrides.clone(),
        splits,
    };
    Ok(Plan { input, files, report })
}

impl Plan {
    /// Gives the examples that leave.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.input.examples
    }

    /// Gives the definition.
    #[must_use]
    pub const fn definition(&self) -> &Definition {
        &self.input.definition
    }

    /// Fails if anything is blocked.
    pub fn strictly(&self) -> Result<(), ExportError> {
        let Some(first) = self.report.blocked.first() else { return Ok(()) };
        Err(ExportError::Strict { count: self.report.blocked.len(), gate: first.gate, example: first.example.clone(), reason: first.reason.clone() })
    }

    /// Gives the rows of a shape as they would be written: id, line, and the example each stands for.
    pub fn rows<'s>(&'s self, shape: &'s str) -> impl Iterator<Item = (&'s str, &'s str, &'s Example)> {
        let of = move |row: &'s Row| self.input.examples.get(row.example).map(|example| (row.id.as_str(), row.line.as_str(), example));
        self.files.iter().filter(move |file| file.shape.name == shape).flat_map(|file| &file.rows).filter_map(of)
    }

    /// Writes the bundle, signs it and puts it in its place.
    pub fn write(mut self, out: &Path, key: &Signing) -> Result<ExportReport, ExportError> {
        if let Some(gate) = self.report.gates.iter().find(|gate| !gate.ok) {
            let advice = "; a reviewer can override it with a reason (--override GATE=REASON)";
            return Err(ExportError::Gate { gate: gate.gate, reason: gate.detail.clone().unwrap_or_default(), advice });
        }
        let mut staging = Staging::begin(out, &self.input.definition.name)?;
        let mut lineages: Vec<(&str, String)> = Vec::new();
        let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for file in &self.files {
            staging.write(&file.name, file.pieces())?;
            let first = 1 + usize::from(file.shape.header.is_some());
            for (i, row) in file.rows.iter().enumerate() {
                let sha256 = hex(&Sha256::digest(row.line.as_bytes()));
                let place = Place { row: &row.id, shape: file.shape.name, file: &file.name, line: first + i, sha256: &sha256 };
                let example = &self.input.examples[row.example];
                lineages.push((&row.id, lineage::line(&place, example, &self.input.wholes[example.whole]).text()));
                rows.entry(row.example).or_default().push(row.id.clone());
            }
        }
        lineages.sort_unstable();
        staging.write("lineage.jsonl", lineages.iter().flat_map(|(_, line)| [line.as_bytes(), b"\n"]))?;
        let manifest = self.manifest();
        staging.write("manifest.json", [serde_json::to_string_pretty(&manifest).unwrap_or_default(), "\n".to_owned()])?;
        let cards = cards(&self.input.examples, &rows);
        write_evidence(&mut staging, &manifest, &self.input.definition, &self.input.evidence, &cards, key)?;
        self.scan(&staging)?;
        staging.finish()?;
        self.report.out = Some(out.to_string_lossy().into_owned());
        Ok(self.report)
    }

    /// Looks at the written bytes once more, before they stand where anybody finds them.
    fn scan(&self, staging: &Staging) -> Result<(), ExportError> {
        let Some(redaction) = &self.input.redaction else { return Ok(()) };
        for name in staging.files.keys().filter(|name| !matches!(name.as_str(), "key.pub" | "SHA256SUMS" | "provenance.dsse.json")) {
            for (i, line) in staging.read(name)?.lines().enumerate() {
                if let Some(found) = (redaction.scan)(line) {
                    let reason = format!("{name}, line {}: {found}", i + 1);
                    return Err(ExportError::Gate { gate: "scan", reason, advice: "; decide its finding with `ossia audit`" });
                }
            }
        }
        Ok(())
    }

    fn manifest(&self) -> Manifest {
        let by_gate = self.report.blocked.iter().fold(BTreeMap::new(), |mut counts: BTreeMap<String, usize>, blocked| {
            *counts.entry(blocked.gate.to_owned()).or_default() += 1;
            counts
        });
        Manifest {
            schema: "ossia.manifest.v1".to_owned(),
            tool: Tool { name: "ossia".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            dataset: Dataset::of(&self.input.definition),
            policies_sha256: self.input.definition.policies_hash(),
            journal_head: self.input.journal_head.clone(),
            rules_sha256: self.input.redaction.as_ref().map(|redaction| redaction.rules_sha256.clone()),
            reward: Reward { name: super::reward::NAME.to_owned(), sha256: super::reward::formula_hash() },
            date: self.input.examples.iter().flat_map(|e| &e.cited).map(|c| c.at.clone()).max(),
            examples: self.report.examples,
            pairs: self.report.pairs,
            splits: self.report.splits.clone(),
            blocked: by_gate,
            overridden: self.report.overridden.clone(),
            shapes: self.report.shapes.clone(),
        }
    }
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
