//! `ossia reward`: new completions of a bundle's prompts, graded offline; one JSON row a line.

use super::fail::Fail;
use super::output::Output;
use crate::export::{Completion, Json, Prompts};
use std::io::BufRead;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the bundle that the prompts are from
    #[arg(long, value_name = "DIR")]
    bundle: PathBuf,
}

pub fn run(args: &Args, out: &Output) -> Result<u8, Fail> {
    let prompts = Prompts::read(&args.bundle).map_err(Fail::data)?;
    for (i, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |why: String| Fail::data(format!("line {}: {why}; a line is {{\"row\": ROW, \"completion\": TEXT or MESSAGE}}", i + 1));
        let json = Json::parse(&line).map_err(wrong)?;
        let row = json.get("row").and_then(Json::as_str).ok_or_else(|| wrong("it names no row".to_owned()))?;
        let completion = json.get("completion").ok_or_else(|| wrong("it has no completion".to_owned()))?;
        let grade = prompts.grade(row, &Completion::read(completion)).map_err(wrong)?;
        let reward = &grade.reward;
        out.row(&Json::object([
            ("row", row.into()),
            ("reward", reward.value.into()),
            ("kind", grade.kind.into()),
            ("boundary", grade.boundary.into()),
            ("refused_effect", grade.refused.clone().into()),
            ("P", reward.p.into()),
            ("D", reward.d.into()),
            ("T", reward.t.into()),
            ("K", reward.k.into()),
            ("V", reward.veto.into()),
            ("missing", reward.missing.iter().map(|term| Json::from(*term)).collect::<Vec<_>>().into()),
        ]))?;
    }
    Ok(0)
}
