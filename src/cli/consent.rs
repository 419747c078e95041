//! `ossia consent`: what may be done with a source, where its files do not say it themselves.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::{clean, human};
use crate::workspace::Consent;
use serde::Serialize;

#[derive(clap::Args)]
pub struct Args {
    /// Sources by path, folder or SHA-256, or trajectories; without any, what was said is listed
    #[arg(value_name = "SOURCE|TRAJECTORY")]
    what: Vec<String>,
    /// Nothing of them may leave
    #[arg(long, group = "said", requires = "what")]
    opt_out: bool,
    /// They may leave until this time (RFC 3339)
    #[arg(long, value_name = "TIME", group = "said", requires = "what")]
    until: Option<String>,
    /// They may leave, without an end; what the files themselves forbid stays forbidden
    #[arg(long, group = "said", requires = "what")]
    allow: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Serialize)]
struct Said<'a> {
    sources: &'a [Consent],
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let mut said = Vec::new();
    if args.what.is_empty() {
        said = workspace.consents()?;
    } else if args.opt_out || args.allow || args.until.is_some() {
        let reviewer = place.reviewer()?;
        for what in &args.what {
            said.extend(workspace.set_consent(&reviewer, what, args.opt_out, args.until.as_deref(), args.note.clone())?);
        }
    } else {
        return Err(Fail::usage("say what may be done with them: --opt-out, --until TIME or --allow"));
    }
    if out.json {
        return out.document("ossia.consent.v1", &Said { sources: &said }).map(|()| 0);
    }
    for one in &said {
        let state = match (&one.until, one.opted_out) {
            (_, true) => out.ink(Ink::Red, "may not leave"),
            (Some(until), false) => format!("may leave until {until}"),
            (None, false) => "may leave".to_owned(),
        };
        let note = one.note.as_deref().map_or_else(String::new, |note| format!("  {note}"));
        out.line(&format!("{state}  {}{}", clean(&one.path), out.ink(Ink::Dim, &clean(&note))))?;
    }
    out.line(&format!("{}; `ossia undo` takes the last word back", human::plural(said.len(), "source")))?;
    Ok(0)
}
