//! Comparing bundles: byte by byte with one that was made again, and row by row with what would leave now.

mod since;

use super::json::Json;
use super::plan::Plan;
use crate::model::ids::hex;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

pub use since::known_rows;

/// Compares two bundles, the seals left out that depend on who signed; says what differs first, by file and line.
pub fn compare(one: &Path, other: &Path) -> Result<String, String> {
    let sums = |folder: &Path| fs::read_to_string(folder.join("SHA256SUMS")).map_err(|e| format!("SHA256SUMS: {e}"));
    let names =
        |text: &str| text.lines().filter_map(|line| Some(line.split_once("  ")?.1.to_owned())).filter(|name| name != "key.pub").collect::<BTreeSet<_>>();
    let (left, right) = (names(&sums(one)?), names(&sums(other)?));
    if let Some(name) = left.symmetric_difference(&right).next() {
        return Err(format!("{name} is in one of the two alone"));
    }
    for name in &left {
        let read = |folder: &Path| fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"));
        let (a, b) = (read(one)?, read(other)?);
        if a != b {
            let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
            let line = 1 + a.iter().take(same).filter(|byte| **byte == b'\n').count();
            return Err(format!("{name}, line {line}: the workspace makes it otherwise now"));
        }
    }
    Ok(format!("{} files are made again to the byte", left.len()))
}

/// Compares the rows of a bundle that continues another with those of a whole one; says which is not the same, by file and line.
pub fn compare_rows(part: &Path, whole: &Path) -> Result<String, String> {
    let (_, known) = known_rows(whole)?;
    let text = fs::read_to_string(part.join("lineage.jsonl")).map_err(|e| format!("lineage.jsonl: {e}"))?;
    for (i, line) in text.lines().enumerate() {
        let row = Json::parse(line).map_err(|e| format!("lineage.jsonl, line {}: {e}", i + 1))?;
        let field = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        if known.get(field("row")).map(String::as_str) != Some(field("sha256")) {
            let at = row.get("line").map(Json::text).unwrap_or_default();
            return Err(format!("{}, line {at}: the workspace makes the row otherwise now, or not at all", field("file")));
        }
    }
    Ok(format!("{} rows are made again to the byte", text.lines().count()))
}

/// A row that is not the same in a bundle and now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RowChange {
    /// Shape.
    pub shape: String,
    /// Row id.
    pub row: String,
    /// `new`, `gone` or `changed`.
    pub change: &'static str,
    /// The example, `TRAJECTORY#TARGET`.
    pub example: String,
}

/// Lists the rows that a bundle and a plan do not share.
pub fn changes(plan: &Plan, bundle: &Path) -> Result<Vec<RowChange>, String> {
    let text = fs::read_to_string(bundle.join("lineage.jsonl")).map_err(|e| format!("cannot read lineage.jsonl of the bundle: {e}"))?;
    let mut before: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let row = Json::parse(line).map_err(|e| format!("lineage.jsonl, line {}: {e}", i + 1))?;
        let field = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        before.insert(field("row"), (field("shape"), field("sha256"), format!("{}#{}", field("trajectory"), field("target"))));
    }
    let mut found = Vec::new();
    for shape in plan.report.shapes.iter().map(|s| s.shape.as_str()).collect::<BTreeSet<_>>() {
        for (row, brief) in plan.rows(shape) {
            let id = row.id.to_string();
            let change = match before.remove(&id) {
                None => "new",
                Some((_, sha256, _)) if sha256 != hex(&row.sha256) => "changed",
                Some(_) => continue,
            };
            found.push(RowChange { shape: shape.to_owned(), row: id, change, example: brief.name() });
        }
    }
    found.extend(before.into_iter().map(|(row, (shape, _, example))| RowChange { shape, row, change: "gone", example }));
    found.sort();
    Ok(found)
}
