//! `ossia rewrite`: the better passage for a turn.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use crate::model::Entry;
use crate::workspace::RewrittenCall;
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// TRAJECTORY#CALL or TRAJECTORY#STEP of the turn
    #[arg(value_name = "TARGET")]
    target: String,
    /// What the turn says instead
    #[arg(long, value_name = "TEXT", default_value = "", conflicts_with = "file")]
    text: String,
    /// File that holds what it says instead
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A call it makes instead, as a JSON object of name and arguments
    #[arg(long, value_name = "JSON")]
    call: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Serialize)]
struct Rewritten {
    target: String,
    entries: Vec<Entry>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let text = match &args.file {
        Some(file) => std::fs::read_to_string(file).map_err(|e| Fail::usage(format!("cannot read {}: {e}", file.display())))?,
        None => args.text.clone(),
    };
    let read = |json: &String| serde_json::from_str::<RewrittenCall>(json).map_err(|e| Fail::usage(format!("{json} is no call with name and arguments: {e}")));
    let calls = args.call.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let entries = place.open()?.rewrite(&place.reviewer()?, &args.target, text.trim_end(), calls, args.note.clone())?;
    if out.json {
        out.document("ossia.rewrite.v1", &Rewritten { target: args.target.clone(), entries })?;
    } else {
        out.line("The rewrite is saved; the recorded turn stays beside it.")?;
    }
    Ok(0)
}
