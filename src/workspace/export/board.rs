//! Datasets as a person looks at them before they leave: what would, what is kept back and why, and the very lines.

use super::{Error, Result, RowChange, Workspace};
use crate::export::{self, ExportReport, Overview, Watch};
use std::path::Path;

/// Rows of each shape that are shown.
const ROWS: usize = 500;

/// A dataset in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetLine {
    /// Name.
    pub name: String,
    /// Version, from 1.
    pub version: u32,
    /// Its query.
    pub query: String,
}

/// A row that would leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetRow {
    /// Shape.
    pub shape: String,
    /// Row id.
    pub row: String,
    /// The example, `TRAJECTORY#TARGET`.
    pub example: String,
    /// What makes it a row.
    pub situation: &'static str,
    /// Split.
    pub split: &'static str,
    /// Tokens of prompt and turn.
    pub tokens: usize,
    /// The very line.
    pub line: String,
}

/// What would leave of a dataset.
#[derive(Debug, Clone)]
pub struct DatasetSheet {
    /// The definition, as TOML.
    pub definition: String,
    /// SHA-256 of the definition.
    pub sha256: String,
    /// What would leave, what is blocked, and every gate.
    pub report: ExportReport,
    /// Counts over what would leave.
    pub overview: Overview,
    /// Name of the token counter.
    pub counter: String,
    /// The first rows of every shape.
    pub rows: Vec<DatasetRow>,
    /// Where the last bundle went, and how it differs from what would leave now.
    pub last: Option<(String, std::result::Result<Vec<RowChange>, String>)>,
}

/// The datasets, and one of them looked at.
#[derive(Debug, Clone, Default)]
pub struct DatasetBoard {
    /// Every dataset, by name.
    pub known: Vec<DatasetLine>,
    /// Name of the one that is looked at.
    pub name: String,
    /// What would leave of it.
    pub sheet: Option<DatasetSheet>,
}

impl Workspace {
    /// Lists the datasets and looks at one, or at the first.
    pub fn dataset_board(&self, name: Option<&str>, watch: &mut Watch<'_>) -> Result<DatasetBoard> {
        let known = self.datasets()?;
        let wanted = known.iter().find(|definition| Some(definition.name.as_str()) == name).or_else(|| known.first());
        let Some(definition) = wanted else { return Ok(DatasetBoard::default()) };
        let plan = self.plan_watched(definition, watch)?;
        let mut shapes: Vec<String> = plan.report.shapes.iter().map(|shape| shape.shape.clone()).collect();
        shapes.dedup();
        let mut rows = Vec::new();
        for shape in &shapes {
            for (row, example) in plan.rows(shape).take(ROWS) {
                rows.push(DatasetRow {
                    shape: shape.clone(),
                    row: row.id.to_string(),
                    example: example.name(),
                    situation: example.situation,
                    split: example.split.as_str(),
                    tokens: example.tokens,
                    line: plan.line(row)?,
                });
            }
        }
        let last = self.last_export(&definition.name)?.map(|place| {
            let changes = export::changes(&plan, Path::new(&place));
            (place, changes)
        });
        let sheet = DatasetSheet {
            definition: definition.to_toml(),
            sha256: definition.hash(),
            overview: plan.overview()?,
            counter: definition.counter.clone(),
            rows,
            last,
            report: plan.report,
        };
        let line =
            |definition: &export::Definition| DatasetLine { name: definition.name.clone(), version: definition.version, query: definition.query.clone() };
        Ok(DatasetBoard { known: known.iter().map(line).collect(), name: definition.name.clone(), sheet: Some(sheet) })
    }

    /// Saves a first definition of a dataset for a query.
    pub fn begin_dataset(&self, reviewer: &str, name: &str, query: &str) -> Result<String> {
        if self.dataset(name)?.is_some() {
            return Err(Error::Undecidable(format!("there is a dataset {name} already; choose another name, or edit that one")));
        }
        let first = export::Definition { name: name.to_owned(), query: query.to_owned(), ..export::Definition::default() };
        Ok(self.save_dataset(reviewer, &first.to_toml())?.name)
    }

    /// Saves a definition that was edited, its version raised above that of the one it follows.
    pub fn amend_dataset(&self, reviewer: &str, text: &str) -> Result<String> {
        let mut changed = export::Definition::parse(text).map_err(Error::Undecidable)?;
        let Some(known) = self.dataset(&changed.name)? else { return Ok(self.save_dataset(reviewer, text)?.name) };
        if changed != known && changed.version <= known.version {
            changed.version = known.version + 1;
            return Ok(self.save_dataset(reviewer, &changed.to_toml())?.name);
        }
        Ok(self.save_dataset(reviewer, text)?.name)
    }

    /// Lets a gate of a dataset be, for a reason; the next version of its definition says so.
    pub fn override_gate(&self, reviewer: &str, name: &str, gate: &str, reason: &str) -> Result<String> {
        let mut changed = self.dataset(name)?.ok_or_else(|| Error::Undecidable(format!("there is no dataset {name} any more")))?;
        changed.overrides.retain(|known| known.gate != gate);
        changed.overrides.push(export::Override { gate: gate.to_owned(), reason: reason.to_owned(), reviewer: reviewer.to_owned() });
        export::check_overrides(&changed).map_err(Error::Undecidable)?;
        self.amend_dataset(reviewer, &changed.to_toml())
    }

    /// Writes a dataset as a bundle into a folder, and remembers where it went.
    pub fn export_dataset(&self, name: &str, out: &Path, watch: &mut Watch<'_>) -> Result<ExportReport> {
        let definition = self.dataset(name)?.ok_or_else(|| Error::Undecidable(format!("there is no dataset {name} any more")))?;
        let plan = self.plan_watched(&definition, &mut export::part(watch, 0, 700))?;
        if plan.report.examples == 0 {
            return Err(Error::Undecidable(format!("no row of {name} would leave; the gates say why; nothing was written")));
        }
        let report = plan.write(out, &self.signing_key()?, &mut export::part(watch, 700, 1000))?;
        self.note_export(&report, out)?;
        Ok(report)
    }
}
