//! `ossia trace`: the whole history of a row, from the bundle alone; or the rows that something went into.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use crate::export::{Json, TraceError, trace, trace_reverse};
use crate::model::Entry;
use crate::text::clean;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the bundle; without it, --reverse looks at every bundle this workspace has written
    #[arg(value_name = "DIR", required_unless_present = "reverse")]
    bundle: Option<PathBuf>,
    /// Row id or its beginning, FILE:LINE, or example
    #[arg(value_name = "ROW", required_unless_present = "reverse")]
    row: Option<String>,
    /// List the rows that a trajectory, TRAJECTORY#STEP, source or decision went into
    #[arg(long, value_name = "TARGET", conflicts_with = "row")]
    reverse: Option<String>,
    /// Write it as Markdown
    #[arg(long)]
    markdown: bool,
}

#[derive(Serialize)]
struct Rows<T> {
    target: String,
    rows: Vec<T>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    if let Some(target) = &args.reverse {
        return reverse(target, args.bundle.as_deref(), place, out);
    }
    let bundle = args.bundle.as_deref().unwrap_or(Path::new("."));
    let traced = trace(bundle, args.row.as_deref().unwrap_or_default())?;
    if out.json {
        out.document("ossia.trace.v1", &traced.json())?;
        return Ok(0);
    }
    for (i, line) in traced.lines(&in_words).iter().enumerate() {
        let line = clean(line);
        match (args.markdown, i) {
            (true, 0) => out.line(&format!("# {line}\n"))?,
            (true, _) => out.line(&format!("- {line}"))?,
            (false, _) => out.line(&line)?,
        }
    }
    Ok(0)
}

/// Puts an entry of a bundle's journal into words; one that cannot be read is shown as it stands.
fn in_words(entry: &Json) -> String {
    let known = Entry::from_copy(&entry.text()).ok();
    known.map_or_else(|| entry.get("body").map(Json::text).unwrap_or_default(), |(entry, _)| super::journal_words::said(&entry))
}

/// Lists the rows that something went into, of one bundle or of all that this workspace has written and that are still there.
fn reverse(target: &str, bundle: Option<&Path>, place: &Place, out: &Output) -> Result<u8, Fail> {
    let bundles: Vec<PathBuf> = match bundle {
        Some(bundle) => vec![bundle.to_owned()],
        None => {
            let known: BTreeSet<PathBuf> = place.open()?.exports()?.into_iter().map(|export| PathBuf::from(export.out)).collect();
            known.into_iter().filter(|folder| folder.join("lineage.jsonl").is_file()).collect()
        }
    };
    let mut rows = Vec::new();
    for folder in &bundles {
        for mut row in trace_reverse(folder, target)? {
            row.push("bundle", folder.to_string_lossy().as_ref().into());
            rows.push(row);
        }
    }
    let empty = rows.is_empty();
    if out.json {
        out.document("ossia.trace.reverse.v1", &Rows { target: target.to_owned(), rows })?;
        return Ok(u8::from(empty));
    }
    for row in &rows {
        let field = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        let number = row.get("line").map(Json::text).unwrap_or_default();
        let from = if bundle.is_none() { format!("{}/", field("bundle")) } else { String::new() };
        out.line(&clean(&format!("{} {from}{} line {number} {}", field("row"), field("file"), field("situation"))))?;
    }
    if empty {
        out.line(&format!("no row of {} comes from it", crate::text::human::plural(bundles.len(), "bundle")))?;
    }
    Ok(u8::from(empty))
}

impl From<TraceError> for Fail {
    fn from(error: TraceError) -> Self {
        match error {
            TraceError::Unknown { .. } => Self::usage(error.to_string()),
            TraceError::Unreadable { .. } => Self::data(error.to_string()),
        }
    }
}
