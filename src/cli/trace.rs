//! `ossia trace`: the whole history of a row, from the bundle alone; or the rows that something went into.

use super::fail::Fail;
use super::output::Output;
use crate::export::{TraceError, trace, trace_reverse};
use crate::text::clean;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the bundle
    #[arg(value_name = "DIR")]
    bundle: PathBuf,
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

pub fn run(args: &Args, out: &Output) -> Result<u8, Fail> {
    if let Some(target) = &args.reverse {
        let rows = trace_reverse(&args.bundle, target)?;
        let empty = rows.is_empty();
        if out.json {
            out.document("ossia.trace.reverse.v1", &Rows { target: target.clone(), rows })?;
        } else {
            for row in &rows {
                let field = |name: &str| row.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
                out.line(&clean(&format!(
                    "{} {} line {} {}",
                    field("row"),
                    field("file"),
                    row.get("line").map_or_else(String::new, |n| n.text()),
                    field("situation")
                )))?;
            }
        }
        return Ok(u8::from(empty));
    }
    let traced = trace(&args.bundle, args.row.as_deref().unwrap_or_default())?;
    if out.json {
        out.document("ossia.trace.v1", &traced.json())?;
        return Ok(0);
    }
    for (i, line) in traced.lines().iter().enumerate() {
        let line = clean(line);
        match (args.markdown, i) {
            (true, 0) => out.line(&format!("# {line}\n"))?,
            (true, _) => out.line(&format!("- {line}"))?,
            (false, _) => out.line(&line)?,
        }
    }
    Ok(0)
}

impl From<TraceError> for Fail {
    fn from(error: TraceError) -> Self {
        match error {
            TraceError::Unknown { .. } => Self::usage(error.to_string()),
            TraceError::Unreadable { .. } => Self::data(error.to_string()),
        }
    }
}
