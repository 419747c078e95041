//! `ossia import`: files and folders come in.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use super::progress::Bar;
use crate::formats;
use crate::text::{clean, human, truncate_middle};
use crate::workspace::{ImportOptions, ImportReport, SourceReport, Status};
use std::collections::BTreeMap;
use std::io::IsTerminal;
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
    let workspace = place.open_or_make()?;
    let options = ImportOptions { format, rehash: args.rehash };
    let report = workspace.import(&args.paths, &options, &mut Bar::new(out.quiet))?;
    if out.json {
        out.document("ossia.import.v1", &report)?;
    } else {
        print(&report, out)?;
    }
    out.passed_over(&report.damaged);
    let failed = !report.damaged.is_empty() || report.sources.iter().any(|s| s.status == Status::Failed);
    Ok(if failed || (args.strict && report.issues > 0) { 3 } else { 0 })
}

fn unknown_format(name: &str) -> String {
    let mut names: Vec<&str> = formats::FORMATS.iter().map(|f| f.name).collect();
    // A format whose records lie in several ways stands in the table as often.
    names.dedup();
    let nearest = names.iter().min_by_key(|known| strsim::levenshtein(known, name)).unwrap_or(&"generic");
    format!("no format is named {name:?}; did you mean {nearest}? The formats are auto {}", names.join(" "))
}

/// Sources that came in without anything to say of them are named up to this many, and counted by format beyond.
const NAMED: usize = 40;

fn print(report: &ImportReport, out: &Output) -> Result<(), Fail> {
    let changed: Vec<&SourceReport> = report.sources.iter().filter(|s| s.status != Status::Unchanged || s.mended_frames > 0).collect();
    // What all of them lie in is said once.
    let folder = shared_folder(&changed);
    if !folder.is_empty() {
        out.line(&out.ink(Ink::Dim, &format!("in {}", clean(folder))))?;
    }
    let counted = |source: &SourceReport| changed.len() > NAMED && source.status == Status::New && source.issues.is_empty();
    let longest = changed
        .iter()
        .filter(|source| !counted(source))
        .map(|source| crate::text::width(source.path.strip_prefix(folder).unwrap_or(&source.path)))
        .max()
        .unwrap_or_default()
        .max(20);
    // Who keeps the list in a file wants whole paths.
    let width = if std::io::stdout().is_terminal() { out.columns().saturating_sub(44).clamp(20, longest) } else { longest };
    let mut plain: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for source in &changed {
        if counted(source) {
            let count = plain.entry(source.format.as_deref().unwrap_or("-")).or_default();
            *count = (count.0 + 1, count.1 + source.records);
            continue;
        }
        let (ink, status) = match source.status {
            Status::New => (Ink::Green, "new"),
            Status::Grown => (Ink::Yellow, "grown"),
            Status::Rewritten => (Ink::Yellow, "rewritten"),
            Status::Reread => (Ink::Yellow, "reread"),
            Status::Failed => (Ink::Red, "failed"),
            Status::Unchanged => (Ink::Dim, "unchanged"),
        };
        let path = clean(source.path.strip_prefix(folder).unwrap_or(&source.path));
        let path = crate::text::fit(&truncate_middle(&path, width), width);
        let status = out.ink(ink, &format!("{status:<9}"));
        out.line(&format!("{status} {path} {:<20} {:>6} rec", source.format.as_deref().unwrap_or("-"), source.records))?;
        remarks(source, out)?;
    }
    for (format, (files, records)) in plain {
        let files = human::plural(files, "file");
        out.line(&format!("{} {} {format:<20} {records:>6} rec", out.ink(Ink::Green, "new      "), crate::text::fit(&files, width)))?;
    }
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    report.skipped.iter().for_each(|skipped| reasons.entry(&skipped.reason).or_default().push(&skipped.path));
    for (reason, paths) in reasons {
        let path = clean(paths.first().copied().unwrap_or_default());
        let first = truncate_middle(&path, width);
        let more = match paths.len() {
            0 | 1 => String::new(),
            several => format!(" and {} more", several - 1),
        };
        out.line(&format!("{}   {first}{more}: {}", out.ink(Ink::Dim, "skipped"), clean(reason)))?;
    }
    let unchanged = report.sources.iter().filter(|s| s.status == Status::Unchanged).count();
    let t = &report.trajectories;
    let gone = if t.gone > 0 { format!(", {} gone (no source says anything of them any more)", t.gone) } else { String::new() };
    out.line(&format!(
        "{} ({unchanged} unchanged, {} skipped) · trajectories: {} new, {} changed, {} unchanged{gone} · {} · {} · {}",
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

/// Says what there is to say of a source besides its size.
fn remarks(source: &SourceReport, out: &Output) -> Result<(), Fail> {
    if let Some(earlier) = source.earlier.as_ref().filter(|_| source.status == Status::Rewritten) {
        let earlier = earlier.get(..16).unwrap_or_default();
        out.line(&format!("        it no longer begins with what was imported; those bytes stay in the store ({earlier}…) until `ossia forget`"))?;
    }
    if source.mended_frames > 0 {
        out.line(&format!("        {} damaged frames of the store were replaced from the file", source.mended_frames))?;
    }
    let broken = source.issues.iter().find(|issue| issue.kind == "not_json").map_or(0, |issue| issue.count);
    if source.format.as_deref() == Some("generic") && broken > 0 && broken == source.records {
        out.line("        none of it is JSON, so it is hardly a session; its lines are kept as they are, and `ossia forget` takes it out again")?;
    }
    source.issues.iter().try_for_each(|issue| {
        let line = issue.first.line.map_or(String::new(), |line| format!("line {line}: "));
        out.line(&format!("        {} {}× {line}{}", issue.kind, issue.count, clean(&issue.first.message)))
    })
}

/// Gives the folder that all sources lie in, with its last slash; nothing where there is but one of them.
fn shared_folder<'r>(sources: &[&'r SourceReport]) -> &'r str {
    let Some((first, rest)) = sources.split_first().filter(|(_, rest)| !rest.is_empty()) else { return "" };
    let shared = rest.iter().fold(first.path.as_str(), |shared, source| {
        let same = shared.bytes().zip(source.path.bytes()).take_while(|(a, b)| a == b).count();
        shared.get(..same).unwrap_or_default()
    });
    shared.rfind('/').filter(|at| *at > 0).map_or("", |at| &shared[..=at])
}
