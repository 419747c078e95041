//! The plan of an export: what would leave, row by row, before anything is written.

use super::brief::Brief;
use super::bundle::manifest::{ReadTo, ShapeReport, Since};
use super::bundle::{Evidence, StagingError, cards};
use super::definition::{Definition, Override};
use super::gates::{self, Asked, GateReport, Totals};
use super::hoard::Hoard;
use super::prepare::prepare;
use super::rows::{Beside, Refused, Row, Writing};
use super::scan::Redaction;
use super::select::Blocked;
use super::shapes::{SHAPES, Shape};
use super::splits::Split;
use super::spool::Spool;
use super::watch::{Watch, Watched};
use crate::model::ids::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The place or the disk.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A definition that cannot be meant.
    #[error("{0}")]
    Definition(String),
    /// The place where rows wait to be written.
    #[error("cannot keep rows in {folder} until they are written: {source}; nothing was written; see to the disk and export again")]
    Spool {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A bundle that would take the place of the one that it continues, or lie inside it.
    #[error(
        "--out {out} and --since {since} lead to one place: the rows that are new would take the place of the bundle that holds all others; nothing was written; name another folder with --out, or leave --since out to write the whole bundle again"
    )]
    Continued {
        /// Where to write.
        out: PathBuf,
        /// The bundle to continue.
        since: PathBuf,
    },
    /// A shape that is not there.
    #[error("no shape is named {name:?}; the shapes are {known}")]
    Shape {
        /// What was asked for.
        name: String,
        /// All of them.
        known: String,
    },
    /// A person stopped it.
    #[error("stopped; nothing was written, and a bundle that was there is untouched")]
    Stopped,
    /// No row leaves, and that was to be an error.
    #[error("no row leaves: no decision point of the query is judged, audited and fit for these shapes (`ossia dataset check`); nothing was written")]
    Empty,
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
    /// Trajectories that the query finds.
    pub trajectories: usize,
    /// Examples, ready to leave.
    pub hoard: Hoard,
    /// What was blocked before.
    pub blocked: Vec<Blocked>,
    /// Decisions that could not be read, and why.
    pub unread: Vec<String>,
    /// Head of the decisions cited.
    pub journal_head: Option<String>,
    /// The last entries that were read.
    pub read_to: ReadTo,
    /// What must not be found in what was written.
    pub redaction: Option<Redaction>,
    /// What the workspace adds.
    pub evidence: Evidence,
    /// Folder where rows wait to be written.
    pub spool: PathBuf,
    /// The bundle whose rows are left out: SHA-256 of its checksums, and the SHA-256 of each row by id.
    pub since: Option<(String, HashMap<String, String>)>,
}

/// What came of an export: `ossia.export.v1`.
#[derive(Debug, Clone, Serialize)]
pub struct ExportReport {
    /// Dataset.
    pub dataset: String,
    /// Where the bundle is; `None` for a dry run.
    pub out: Option<String>,
    /// Trajectories that the query finds.
    pub trajectories: usize,
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
    /// Why the last certificate of the audit does not go with it, where there is one.
    pub uncertified: Option<String>,
    /// What is to be known of the certificate that goes with it, where its time has run out.
    pub lapsed: Option<String>,
}

/// One data file before it is written.
pub(super) struct DataFile {
    pub(super) shape: &'static Shape,
    pub(super) split: Split,
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
    pub(super) not_carried: BTreeMap<String, u64>,
}

/// Everything that would be in a bundle.
pub struct Plan {
    pub(super) input: Input,
    pub(super) files: Vec<DataFile>,
    pub(super) spool: Spool,
    /// What is written beside the rows, by the place of the example's brief.
    pub(super) beside: Vec<Option<Beside>>,
    pub(super) date: Option<String>,
    pub(super) since: Option<Since>,
    /// The report so far.
    pub report: ExportReport,
}

/// Works out what would leave, without writing anything in its place; `watch` hears how many parts of the rows were made.
pub fn plan(mut input: Input, watch: &mut Watch<'_>) -> Result<Plan, ExportError> {
    let mut watch = Watched::new(watch);
    gates::check_overrides(&input.definition).map_err(ExportError::Definition)?;
    if input.definition.parquet && !cfg!(feature = "parquet") {
        let why = "this ossia was built without Parquet; build it with `--features parquet`, or leave `parquet` out";
        return Err(ExportError::Definition(why.to_owned()));
    }
    let wanted = wanted(&input.definition.shapes)?;
    let folder = input.spool.clone();
    let failed = |source| ExportError::Spool { folder: folder.clone(), source };
    prepare(&mut input.hoard, &mut input.blocked, &input.definition).map_err(failed)?;
    input.blocked.sort_by(|a, b| (&a.example, a.gate, &a.reason).cmp(&(&b.example, b.gate, &b.reason)));
    input.blocked.dedup();
    let audit = cards::Audit {
        state: if input.evidence.audited { "clean" } else { "overridden" },
        rules_sha256: input.redaction.as_ref().map(|redaction| redaction.rules_sha256.clone()),
    };
    let policies = input.definition.policies_hash();
    let writing = Writing { hoard: &input.hoard, shapes: &wanted, definition: &input.definition, policies, audit };
    let rows = Spool::new(&folder).and_then(|spool| writing.write(spool, &mut watch));
    let rows = rows.map_err(|why| if watch.stopped { ExportError::Stopped } else { failed(why) })?;
    let mut since = input.since.as_ref().map(|(sums, _)| Since { sha256sums: sums.clone(), rows_left_out: 0 });
    let (mut files, mut refused): (Vec<DataFile>, Vec<Refused>) = (Vec::new(), Vec::new());
    let mut found: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (shape, written) in wanted.into_iter().zip(rows.shapes) {
        refused.extend(written.refused);
        let not_carried = ShapeReport::counts(&written.not_carried);
        found.insert(shape.name, written.rows.values().map(Vec::len).sum());
        for (split, mut rows) in written.rows {
            if let (Some(since), Some((_, known))) = (&mut since, &input.since) {
                let before = rows.len();
                rows.retain(|row| known.get(&row.id.to_string()) != Some(&hex(&row.sha256)));
                since.rows_left_out += before - rows.len();
            }
            if !rows.is_empty() {
                files.push(DataFile { shape, split, name: file_name(shape, split), rows, not_carried: not_carried.clone() });
            }
        }
    }
    refused.sort();
    let shapes = files.iter().map(DataFile::report).collect();
    let of = |row: &Row| input.hoard.briefs.get(row.example as usize).map_or(0, |brief| brief.tokens as u64);
    let tokens = files.iter().map(|file| file.rows.iter().map(of).sum()).max().unwrap_or(0);
    let report = report(&input, shapes, refused, &found, tokens);
    Ok(Plan { input, files, spool: rows.spool, beside: rows.beside, date: rows.date, since, report })
}

fn report(input: &Input, shapes: Vec<ShapeReport>, refused: Vec<Refused>, rows: &BTreeMap<&'static str, usize>, tokens: u64) -> ExportReport {
    let briefs = &input.hoard.briefs;
    let mut splits = BTreeMap::new();
    for brief in briefs.iter().filter(|brief| brief.is_situation()) {
        *splits.entry(brief.split.as_str().to_owned()).or_default() += 1;
    }
    let (examples, pairs) = gates::counted(briefs);
    let totals = Totals { rows, bytes: shapes.iter().map(|s| s.bytes).sum(), tokens };
    let asked = Asked { definition: &input.definition, briefs, totals: &totals, unread: &input.unread };
    ExportReport {
        dataset: input.definition.name.clone(),
        out: None,
        trajectories: input.trajectories,
        examples,
        pairs,
        gates: gates::report(&asked, &input.blocked),
        shapes,
        blocked: input.blocked.clone(),
        refused,
        overridden: input.definition.overrides.clone(),
        splits,
        uncertified: input.evidence.uncertified.clone(),
        lapsed: input.evidence.lapsed.clone(),
    }
}

impl Plan {
    /// Works out the SHA-256 of the data files, which is known otherwise once they are written.
    pub fn hash(&mut self) -> Result<(), ExportError> {
        for (file, report) in self.files.iter().zip(&mut self.report.shapes) {
            report.sha256 = file.sha256(&self.spool).map_err(|source| ExportError::Spool { folder: self.input.spool.clone(), source })?;
        }
        Ok(())
    }

    /// Gives the examples that leave.
    #[must_use]
    pub fn briefs(&self) -> &[Brief] {
        &self.input.hoard.briefs
    }

    /// Gives the definition.
    #[must_use]
    pub const fn definition(&self) -> &Definition {
        &self.input.definition
    }

    /// Fails if anything is blocked.
    pub fn strictly(&self) -> Result<(), ExportError> {
        let Some(first) = self.report.blocked.first() else {
            return if self.files.is_empty() { Err(ExportError::Empty) } else { Ok(()) };
        };
        Err(ExportError::Strict { count: self.report.blocked.len(), gate: first.gate, example: first.example.clone(), reason: first.reason.clone() })
    }

    /// Gives the rows of a shape: id, SHA-256 of the line, and the example each stands for.
    pub fn rows<'s>(&'s self, shape: &'s str) -> impl Iterator<Item = (&'s Row, &'s Brief)> {
        let of = |row: &'s Row| self.briefs().get(row.example as usize).map(|brief| (row, brief));
        self.files.iter().filter(move |file| file.shape.name == shape).flat_map(|file| &file.rows).filter_map(of)
    }

    /// Reads the line of a row, as it would be written.
    pub fn line(&self, row: &Row) -> Result<String, ExportError> {
        self.spool.read(row.line).map_err(|source| self.failed(source))
    }

    pub(super) fn failed(&self, source: std::io::Error) -> ExportError {
        ExportError::Spool { folder: self.input.spool.clone(), source }
    }
}

impl DataFile {
    fn report(&self) -> ShapeReport {
        let header = self.shape.header.map_or(0, |header| header.len() as u64 + 1);
        ShapeReport {
            shape: self.shape.name.to_owned(),
            split: self.split.as_str().to_owned(),
            file: self.name.clone(),
            rows: self.rows.len(),
            bytes: header + self.rows.iter().map(|row| u64::from(row.length) + 1).sum::<u64>(),
            sha256: String::new(),
            not_carried: self.not_carried.clone(),
        }
    }

    fn sha256(&self, spool: &Spool) -> std::io::Result<String> {
        let mut hash = Sha256::new();
        self.shape.header.into_iter().for_each(|header| hash.update(format!("{header}\n")));
        for row in &self.rows {
            hash.update(spool.read(row.line)?);
            hash.update(b"\n");
        }
        Ok(hex(&hash.finalize()))
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
