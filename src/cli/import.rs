//! `ossia import`: files and folders come in.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use super::progress::Bar;
use crate::formats;
use crate::text::{clean, human, truncate_middle};
use crate::workspace::{ImportOptions, ImportReport, Status};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Files, folders (recursive), globs, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Format of the files: auto, or a name such as maestro-session
    #[arg(long, default_value = "auto", value_name = "auto|NAME")]
    format: String,
    /// Exit with 3 if any source has an issue
    #[arg(long)]
    strict: bool,
    /// Read files even if they look unchanged
    #[arg(long)]
    rehash: bool,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let format = match args.format.as_str() {
        "auto" => None,
        name => Some(formats::format(name).ok_or_else(|| Fail::usage(unknown_format(name)))?),
    };
    let workspace = place.open()?;
    let options = ImportOptions { format, rehash: args.rehash };
    let report = workspace.import(&args.paths, &options, &mut Bar::new(out.quiet))?;
    if out.json {
        out.document("ossia.import.v1", &report)?;
    } else {
        print(&report, out)?;
    }
    let failed = report.sources.iter().any(|s| s.status == Status::Failed);
    Ok(if failed || (args.strict && report.issues > 0) { 3 } else { 0 })
}

fn unknown_format(name: &str) -> String {
    let mut names: Vec<&str> = formats::FORMATS.iter().map(|f| f.name).collect();
    // A format whose records lie in several ways stands in the table as often.
    names.dedup();
    let nearest = names.iter().min_by_key(|known| strsim::levenshtein(known, name)).unwrap_or(&"generic");
    format!("no format is named {name:?}; did you mean {nearest}? The formats are auto {}", names.join(" "))
}

fn print(report: &ImportReport, out: &Output) -> Result<(), Fail> {
    let width = out.columns().saturating_sub(42).max(20);
    for source in report.sources.iter().filter(|s| s.status != Status::Unchanged) {
        let (ink, status) = match source.status {
            Status::New => (Ink::Green, "new"),
            Status::Grown => (Ink::Yellow, "grown"),
            Status::Failed => (Ink::Red, "failed"),
            Status::Unchanged => (Ink::Dim, "unchanged"),
        };
        let path = clean(&source.path);
        let path = crate::text::fit(&truncate_middle(&path, width), width);
        let status = out.ink(ink, &format!("{status:<7}"));
        out.line(&format!("{status} {path} {:<20} {:>6} rec", source.format.as_deref().unwrap_or("-"), source.records))?;
        for issue in &source.issues {
            let line = issue.first.line.map_or(String::new(), |line| format!("line {line}: "));
            out.line(&format!("        {} {}× {line}{}", issue.kind, issue.count, clean(&issue.first.message)))?;
        }
    }
    let unchanged = report.sources.iter().filter(|s| s.status == Status::Unchanged).count();
    let t = &report.trajectories;
    out.line(&format!(
        "{} ({unchanged} unchanged, {} skipped) · trajectories: {} new, {} changed, {} unchanged · {} · {} · {}",
        human::plural(report.sources.len(), "source"),
        report.skipped.len(),
        t.new,
        t.changed,
        t.unchanged,
        human::plural(report.steps, "step"),
        human::plural(report.issues, "issue"),
        human::duration(i64::try_from(report.elapsed_ms).unwrap_or(i64::MAX))
    ))
}
