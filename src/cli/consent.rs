//! `ossia consent`: what may be done with a source, where its files do not say it themselves.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::{clean, human};
use crate::workspace::ConsentWord;
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
    sources: &'a [ConsentWord],
    /// Words of others on the same sources, which hold as well.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    others: &'a [ConsentWord],
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let (mut said, mut others) = (Vec::new(), Vec::new());
    if args.what.is_empty() {
        said = workspace.consents()?;
    } else if args.opt_out || args.allow || args.until.is_some() {
        let reviewer = place.reviewer()?;
        for what in &args.what {
            said.extend(workspace.set_consent(&reviewer, what, args.opt_out, args.until.as_deref(), args.note.clone())?);
        }
        others = workspace.consents()?;
        let own = |word: &ConsentWord| said.contains(word);
        others.retain(|word| !own(word) && (word.said.opted_out || word.said.until.is_some()) && said.iter().any(|one| one.is_beside(word)));
    } else {
        return Err(Fail::usage("say what may be done with them: --opt-out, --until TIME or --allow"));
    }
    if out.json {
        return out.document("ossia.consent.v1", &Said { sources: &said, others: &others }).map(|()| 0);
    }
    said.iter().try_for_each(|one| out.line(&line(one, out)))?;
    if !others.is_empty() {
        out.line("These were said of the same sources and hold as well, until who said so takes them back:")?;
        others.iter().try_for_each(|one| out.line(&line(one, out)))?;
    }
    out.line(&format!("{}; `ossia undo` takes the last word back", human::plural(said.len(), "source")))?;
    Ok(0)
}

/// Says what may be done with one source.
fn line(word: &ConsentWord, out: &Output) -> String {
    let state = match (&word.said.until, word.said.opted_out) {
        (_, true) => out.ink(Ink::Red, "may not leave"),
        (Some(until), false) => format!("may leave until {}", clean(until)),
        (None, false) => "may leave".to_owned(),
    };
    let note = word.said.note.as_deref().map_or_else(String::new, |note| format!("  {note}"));
    format!("{state}  {}{}", clean(&word.said.path), out.ink(Ink::Dim, &clean(&format!("  {}{note}", word.reviewer))))
}
