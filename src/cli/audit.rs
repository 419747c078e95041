//! `ossia audit`: what must not leave, and whether what is claimed to be redacted is.

use super::ask::{Place, finds_nothing, query};
use super::audit_certify;
use super::audit_mark;
use super::audit_rules;
use super::audit_sample;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::{clean, fit, truncate_middle};
use crate::workspace::{AuditFinding, AuditReport, REASONS, RefusedRule, Verdict};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Query; the filter language of the UI
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Which findings: those that nobody decided, or all
    #[arg(long, default_value = "open", value_name = "open|all", value_parser = ["open", "all"])]
    status: String,
    /// A rule file in the vocabulary of gitleaks, beside our own; kept with the workspace, so that exports are held to it
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Print one JSON row a line
    #[arg(long)]
    jsonl: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the rules, or try them on texts
    Rules(audit_rules::Args),
    /// Sample what no detector flagged, and bound what was missed
    #[command(subcommand)]
    Sample(audit_sample::Args),
    /// Mark a secret that no detector saw; it is looked for everywhere at once
    Mark(audit_mark::Args),
    /// Sign the audit off: eleven parts, two people, their own keys
    Certify(Box<audit_certify::Args>),
    /// Decide findings, by id or by fingerprint; a verdict holds for every place of the value
    Decide(Decide),
}

#[derive(clap::Args)]
struct Decide {
    /// Ids or fingerprints of findings, then one of redact, keep, already_redacted, escalate
    #[arg(required = true, num_args = 2.., value_name = "FINDING… VERDICT")]
    words: Vec<String>,
    /// Why; `keep` needs a reason
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// For these places alone, not for every place of the value
    #[arg(long)]
    here: bool,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    match &args.command {
        Some(Command::Rules(args)) => audit_rules::run(args, out),
        Some(Command::Sample(args)) => audit_sample::run(args, place, out),
        Some(Command::Mark(args)) => audit_mark::run(args, place, out),
        Some(Command::Certify(args)) => audit_certify::run(args, place, out),
        Some(Command::Decide(args)) => decide(args, place, out),
        None => list(args, place, out),
    }
}

/// Says how many.
fn count(n: u64, noun: &str) -> String {
    crate::text::human::plural(n, noun)
}

/// Refuses a lone word that is almost a subcommand: a misspelt check must not pass as one that found nothing.
fn no_subcommand(words: &[String]) -> Result<(), Fail> {
    const NAMES: [&str; 5] = ["rules", "sample", "mark", "certify", "decide"];
    let [word] = words else { return Ok(()) };
    match NAMES.iter().find(|name| strsim::damerau_levenshtein(name, word) <= 2) {
        Some(name) => Err(Fail::usage(format!(
            "there is no subcommand {word:?}; did you mean {name}? To search for the word, write \"{word}\" in quotes of its own: '\\\"{word}\\\"'"
        ))),
        None => Ok(()),
    }
}

fn list(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    no_subcommand(&args.query)?;
    let query = query(&args.query)?;
    let workspace = place.open()?;
    if let Some(path) = &args.rules {
        if !path.is_file() {
            return Err(Fail::usage(format!("cannot read the rules {}: there is no such file", path.display())));
        }
        if let Some(kept) = workspace.take_rules(path)? {
            out.aside(&format!(
                "the rules are kept as {}: exports and certificates are held to them as well, until that file is taken away",
                clean(&kept.to_string_lossy())
            ));
        }
    }
    for RefusedRule { file, rule } in workspace.refused_rules()? {
        out.aside(&format!("{}, line {}: the rule {} is not used: {}", clean(&file), rule.line, clean(&rule.id), clean(&rule.reason)));
    }
    let engine = workspace.own_engine()?;
    let report = workspace.audit(&query, &engine, args.status == "open")?;
    if args.jsonl {
        report.findings.iter().try_for_each(|finding| out.row(finding))?;
    } else if out.json {
        out.document("ossia.audit.v1", &report)?;
    } else {
        if report.coverage.audited == 0 {
            finds_nothing(&query, &workspace, out)?;
        }
        print(&report, args.status == "open", out)?;
    }
    Ok(0)
}

fn decide(args: &Decide, place: &Place, out: &Output) -> Result<u8, Fail> {
    let Some((verdict, findings)) = args.words.split_last() else { return Err(Fail::usage("name findings and a verdict")) };
    let known = Verdict::DECIDED.iter().find(|(name, _)| name == verdict).map(|(_, verdict)| *verdict);
    let names: Vec<&str> = Verdict::DECIDED.iter().map(|(name, _)| *name).collect();
    let verdict = known.ok_or_else(|| {
        Fail::usage(format!("no verdict is named {verdict:?}; the last word is one of {}; reasons to keep: {}", names.join(", "), REASONS.join("; ")))
    })?;
    let reviewer = place.reviewer()?;
    let decision = place.open()?.decide(&reviewer, findings, verdict, args.note.as_deref(), args.here)?;
    if out.json {
        out.document("ossia.audit-decision.v1", &decision)?;
    } else {
        out.line(&format!("{}: {}, {}", verdict.as_str(), count(decision.values, "value"), count(decision.places, "place")))?;
    }
    Ok(0)
}

/// Prints one line for each value, and for each claim with all its places.
fn print(report: &AuditReport, open_only: bool, out: &Output) -> Result<(), Fail> {
    let mut seen: std::collections::HashSet<&str> = std::collections::HashSet::new();
    for finding in report.findings.iter() {
        if seen.insert(&finding.fingerprint) {
            line(finding, out)?;
        }
    }
    let c = &report.coverage;
    let listed = if open_only { String::new() } else { format!(" of {}", report.findings.len()) };
    out.line(&out.ink(
        Ink::Dim,
        &format!(
            "{}{listed} open{} · {}, {}, {} looked at",
            count(c.open, "finding"),
            if open_only { ", `--status all` lists those that are decided" } else { "" },
            count(c.audited, "trajectory"),
            count(c.fields_scanned, "field"),
            count(c.bytes_scanned, "byte")
        ),
    ))?;
    for (what, count) in &c.detail.not_read {
        out.line(&out.ink(Ink::Yellow, &format!("not read, so not clean: {} ({count})", clean(what))))?;
    }
    Ok(())
}

fn line(finding: &AuditFinding, out: &Output) -> Result<(), Fail> {
    let ink = if finding.is_value() { Ink::Yellow } else { Ink::Red };
    let what = if finding.is_value() { &finding.class } else { &finding.kind };
    let place = clean(&format!("{}#{} {}", finding.trajectory, finding.step, crate::text::human::pointer(&finding.field)));
    let places = if finding.occurrences > 1 { format!(" ×{}", finding.occurrences) } else { String::new() };
    let room = out.columns().saturating_sub(58 + places.len()).max(18);
    out.line(&format!(
        "{} {} {} {:<9} {}{places}",
        finding.id,
        out.ink(ink, &fit(&clean(what), 18)),
        fit(&clean(&finding.masked), 11),
        finding.verdict.as_str(),
        truncate_middle(&place, room)
    ))?;
    match &finding.message {
        Some(message) => out.line(&format!("    {}", clean(message))),
        None => Ok(()),
    }
}
