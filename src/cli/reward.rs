//! `ossia reward`: new completions of a bundle's prompts, graded offline; one JSON row a line, or one document.

use super::fail::Fail;
use super::output::Output;
use crate::effect::{Call, Files, Hints, deed, touch};
use crate::export::{Completion, Does, Json, Prompts, Reader};
use std::io::BufRead;
use std::path::PathBuf;

/// Names under which tools take a shell command.
const COMMAND: &[&str] = &["command", "cmd", "script"];

#[derive(serde::Serialize)]
struct Graded {
    rewards: Vec<Json>,
}

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the bundle that the prompts are from
    #[arg(long, value_name = "DIR")]
    bundle: PathBuf,
}

/// Gives a command, which is a text or a list of words.
fn spoken(command: &Json) -> Option<String> {
    match command {
        Json::String(text) => Some(text.clone()),
        Json::Array(words) => Some(words.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    }
}

pub fn run(args: &Args, out: &Output) -> Result<u8, Fail> {
    let hints = Hints::default();
    let does = |tool: &str, args: &str, cwd: Option<&str>| {
        let command = Json::parse(args).ok().and_then(|args| COMMAND.iter().find_map(|key| spoken(args.get(key)?)));
        let deed = deed(&Call { tool, args: Some(args), command: command.as_deref(), cwd }, &hints, &mut Files::default());
        Does { effects: deed.effects.into_iter().collect(), unknown: deed.unknown }
    };
    let reader = Reader { does: &does, touch: &touch };
    let prompts = Prompts::read(&args.bundle).map_err(Fail::data)?;
    let mut rewards = Vec::new();
    for (i, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |why: String| Fail::data(format!("line {}: {why}; a line is {{\"row\": ROW, \"completion\": TEXT or MESSAGE}}", i + 1));
        let json = Json::parse(&line).map_err(wrong)?;
        let row = json.get("row").and_then(Json::as_str).ok_or_else(|| wrong("it names no row".to_owned()))?;
        let completion = json.get("completion").ok_or_else(|| wrong("it has no completion".to_owned()))?;
        let grade = prompts.grade(row, &Completion::read(completion), &reader).map_err(wrong)?;
        let reward = &grade.reward;
        let told = Json::object([
            ("row", row.into()),
            ("reward", reward.value.into()),
            ("kind", grade.kind.into()),
            ("boundary", grade.boundary.into()),
            ("refused_effect", grade.refused.clone().into()),
            ("effects", grade.effects.clone().into()),
            ("P", reward.p.into()),
            ("D", reward.d.into()),
            ("T", reward.t.into()),
            ("K", reward.k.into()),
            ("V", reward.veto.into()),
            ("missing", reward.missing.iter().map(|term| Json::from(*term)).collect::<Vec<_>>().into()),
        ]);
        if out.json { rewards.push(told) } else { out.row(&told)? }
    }
    if out.json {
        out.document("ossia.reward.v1", &Graded { rewards })?;
    }
    Ok(0)
}
