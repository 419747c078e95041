//! Comparing bundles: byte by byte with one that was made again, and row by row with what would leave now.

mod since;

use super::json::Json;
use super::plan::Plan;
use super::verify::lines;
use crate::model::ids::hex;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

pub use since::{apart, known_rows};

/// What is told of other files: where they differ, so do these.
const TOLD: &[&str] = &["README.md", "croissant.json", "manifest.json"];

/// Compares two bundles, the seals left out that depend on who signed; says what differs first, by file and line.
pub fn compare(one: &Path, other: &Path) -> Result<String, String> {
    let sums = |folder: &Path| fs::read_to_string(folder.join("SHA256SUMS")).map_err(|e| format!("SHA256SUMS: {e}"));
    let names =
        |text: &str| text.lines().filter_map(|line| Some(line.split_once("  ")?.1.to_owned())).filter(|name| name != "key.pub").collect::<BTreeSet<_>>();
    let (left, right) = (names(&sums(one)?), names(&sums(other)?));
    if let Some(name) = left.symmetric_difference(&right).next() {
        return Err(format!("{name} is in one of the two alone"));
    }
    let told = |name: &&String| TOLD.contains(&name.as_str());
    for name in left.iter().filter(|name| !told(name)).chain(left.iter().filter(told)) {
        let open = |folder: &Path| File::open(folder.join(name)).map(BufReader::new).map_err(|e| format!("{name}: {e}"));
        if let Some(line) = first_difference(open(one)?, open(other)?).map_err(|e| format!("{name}: {e}"))? {
            return Err(format!("{name}, line {line}: the workspace makes it otherwise now"));
        }
    }
    Ok(format!("{} files are made again to the byte", left.len()))
}

/// Finds the first line, from 1, in which two files differ; no more than one line of each is in memory.
fn first_difference(mut one: impl BufRead, mut other: impl BufRead) -> io::Result<Option<usize>> {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for line in 1.. {
        a.clear();
        b.clear();
        let read = one.read_until(b'\n', &mut a)? + other.read_until(b'\n', &mut b)?;
        if a != b {
            return Ok(Some(line));
        }
        if read == 0 {
            break;
        }
    }
    Ok(None)
}

/// Compares the rows of a bundle that continues another with those of a whole one; says which is not the same, by file and line.
pub fn compare_rows(part: &Path, whole: &Path) -> Result<String, String> {
    let (_, known) = known_rows(whole)?;
    let mut differs = None;
    let count = lines(part, "lineage.jsonl", |_, line| {
        let row = Json::parse(line)?;
        let field = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        if known.get(field("row")).map(String::as_str) != Some(field("sha256")) {
            let at = row.get("line").map(Json::text).unwrap_or_default();
            differs.get_or_insert_with(|| format!("{}, line {at}: the workspace makes the row otherwise now, or not at all", field("file")));
        }
        Ok(())
    })?;
    differs.map_or_else(|| Ok(format!("{count} rows are made again to the byte")), Err)
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
    let mut before: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    lines(bundle, "lineage.jsonl", |_, line| {
        let row = Json::parse(line)?;
        let field = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        before.insert(field("row"), (field("shape"), field("sha256"), format!("{}#{}", field("trajectory"), field("target"))));
        Ok(())
    })?;
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
