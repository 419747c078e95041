//! `ossia export`: the rows of a dataset, written as a bundle.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::export::{Blocked, Definition, ExportReport, Family, Override, Refused};
use crate::text::{clean, human};
use crate::workspace::{ExportOptions, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// How many reasons are shown to a person; of each gate at least one.
const SHOWN: usize = 12;

/// Said where the policy of the workspace lets no session id leave as it is.
const KEPT_IDS: &str = "policy.toml renames or omits `session_id`; the ids of trajectories hold it too and leave as they are (lineage, redactions, cards, \
    journal), as rows are verified by them";

#[derive(clap::Args)]
pub struct Args {
    /// A dataset, a definition file (.toml), or a query
    #[arg(value_name = "DATASET")]
    dataset: String,
    /// Folder of the bundle
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Shapes to write, or all; default: those of the definition
    #[arg(long, value_name = "NAME", num_args = 1..)]
    shape: Vec<String>,
    /// Syntax of folded calls: hermes-json, qwen3_5-xml or llama3-json
    #[arg(long, value_name = "F")]
    family: Option<String>,
    /// Write the mask on every message of folded rows
    #[arg(long)]
    mask: bool,
    /// Write Parquet files beside the JSONL of shapes with pinned columns
    #[arg(long)]
    parquet: bool,
    /// Write nothing; tell what would leave and what is blocked
    #[arg(long)]
    dry_run: bool,
    /// Fail if anything is blocked; then nothing is written
    #[arg(long)]
    strict: bool,
    /// Fewest rows that each shape must have
    #[arg(long, value_name = "N")]
    min_rows: Option<usize>,
    /// Export labels and rewrites as they were at an entry of the journal (its id or at least 8 digits of it); consents and redactions are those of now
    #[arg(long, value_name = "HEAD")]
    at: Option<String>,
    /// Leave out the rows that this bundle holds unchanged
    #[arg(long, value_name = "BUNDLE")]
    since: Option<PathBuf>,
    /// Override a gate; the reason stands in the bundle
    #[arg(long = "override", value_name = "GATE=REASON")]
    overrides: Vec<String>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let _held = args.at.as_deref().map(|head| workspace.hold(Some(head))).transpose()?;
    let definition = with_options(definition(&workspace, &args.dataset)?, args, &place.reviewer()?)?;
    let options = ExportOptions { out: args.out.as_deref().filter(|_| !args.dry_run), strict: args.strict, since: args.since.as_deref() };
    if workspace.keeps_session_ids()? {
        out.aside(KEPT_IDS);
    }
    let report = workspace.export_watched(&definition, &options, &mut super::progress::share(out.quiet, "exporting"))?;
    if out.json {
        out.document("ossia.export.v1", &report)?;
    } else {
        print(&report, out)?;
    }
    Ok(0)
}

/// Finds the definition: a dataset of the workspace, a file, else a query that has no name of its own.
fn definition(workspace: &Workspace, text: &str) -> Result<Definition, Fail> {
    if let Some(definition) = workspace.dataset(text)? {
        return Ok(definition);
    }
    if std::path::Path::new(text).extension().is_some_and(|e| e == "toml") {
        let read = std::fs::read_to_string(text).map_err(|e| Fail::usage(format!("cannot read the definition {text}: {e}")))?;
        return Definition::parse(&read).map_err(|e| Fail::usage(format!("{text}: {e}")));
    }
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if plain && workspace.ls(&crate::query::parse(text).map_err(|e| Fail::usage(e.to_string()))?, None, 1)?.total == 0 {
        let known: Vec<String> = workspace.datasets()?.into_iter().map(|dataset| dataset.name).collect();
        let known = if known.is_empty() { "none; `ossia dataset new` makes one".to_owned() } else { known.join(", ") };
        return Err(Fail::usage(format!("there is no dataset {text:?}, and no trajectory has that word; the datasets are {known}")));
    }
    Ok(Definition { name: Definition::UNNAMED.to_owned(), query: text.to_owned(), ..Definition::default() })
}

fn with_options(mut definition: Definition, args: &Args, reviewer: &str) -> Result<Definition, Fail> {
    if !args.shape.is_empty() {
        definition.shapes.clone_from(&args.shape);
    }
    if let Some(family) = &args.family {
        definition.family = match family.as_str() {
            "hermes-json" => Family::HermesJson,
            "qwen3_5-xml" => Family::QwenXml,
            "llama3-json" => Family::LlamaJson,
            other => return Err(Fail::usage(format!("the family {other:?} is not representable in text; there are hermes-json, qwen3_5-xml and llama3-json"))),
        };
    }
    definition.mask |= args.mask;
    definition.parquet |= args.parquet;
    definition.min_rows = args.min_rows.unwrap_or(definition.min_rows);
    for text in &args.overrides {
        let (gate, reason) = text.split_once('=').ok_or_else(|| Fail::usage(format!("write --override GATE=REASON, not {text:?}")))?;
        definition.overrides.push(Override { gate: gate.to_owned(), reason: reason.to_owned(), reviewer: reviewer.to_owned() });
    }
    definition.checked().map_err(Fail::usage)
}

fn print(report: &ExportReport, out: &Output) -> Result<(), Fail> {
    for shape in &report.shapes {
        let lost: Vec<String> = shape.not_carried.iter().map(|(what, n)| format!("{n} {what}")).collect();
        let lost = if lost.is_empty() { String::new() } else { format!("  not carried: {}", lost.join(", ")) };
        let size = human::bytes(shape.bytes);
        out.line(&format!("{:<36} {:>7} rows {size:>9}{}", shape.file, shape.rows, out.ink(Ink::Dim, &lost)))?;
    }
    if report.shapes.is_empty() {
        let why = match report.trajectories {
            0 => "the query finds no trajectory (`ossia ls QUERY`)",
            _ if report.blocked.is_empty() && report.refused.is_empty() => {
                "the query finds trajectories, but holds for no turn of the agent's in them; what it asks of a step it asks of the turn itself"
            }
            _ => "what keeps each turn back is below",
        };
        out.line(&format!("No row leaves: {why}."))?;
    }
    refused(&report.refused, out)?;
    blocked(&report.blocked, out)?;
    for gate in &report.overridden {
        out.line(&out.ink(Ink::Yellow, &format!("{} overridden by {}: {}", clean(&gate.gate), clean(&gate.reviewer), clean(&gate.reason))))?;
    }
    if let Some(why) = &report.uncertified {
        out.line(&out.ink(Ink::Yellow, &clean(&format!("no certificate goes with it: {why}"))))?;
    }
    if let Some(why) = &report.lapsed {
        out.line(&out.ink(Ink::Yellow, &clean(why)))?;
    }
    match &report.out {
        Some(place) => out.line(&format!("The bundle is in {}", clean(place))),
        None => out.line("Nothing was written."),
    }
}

/// Names the first of several things, and says how many others there are.
fn first_of(things: &BTreeSet<&str>, others: &str) -> String {
    let first = things.first().copied().unwrap_or_default();
    if things.len() > 1 { format!("{first} and {} more{others}", things.len() - 1) } else { first.to_owned() }
}

/// Says which rows have no place in their shape, the reason that meets most first.
fn refused(refused: &[Refused], out: &Output) -> Result<(), Fail> {
    let mut reasons: BTreeMap<&str, (usize, BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for one in refused {
        let (rows, shapes, examples) = reasons.entry(&one.reason).or_default();
        *rows += 1;
        shapes.insert(one.shape);
        examples.insert(&one.example);
    }
    if reasons.is_empty() {
        return Ok(());
    }
    out.line(&out.ink(Ink::Yellow, &format!("{} refused by its shape", human::plural(refused.len(), "row"))))?;
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (rows, ..))| std::cmp::Reverse(*rows));
    for (reason, (rows, shapes, examples)) in reasons.iter().take(SHOWN) {
        let place = format!("({rows}: {}; {})", first_of(shapes, " shapes"), first_of(examples, ""));
        out.line(&format!("  {} {}", clean(reason), out.ink(Ink::Dim, &clean(&place))))?;
    }
    if reasons.len() > SHOWN {
        out.line(&out.ink(Ink::Dim, &format!("  {}; --json lists all", human::plural(reasons.len() - SHOWN, "more reason"))))?;
    }
    Ok(())
}

/// Says what keeps points back, what keeps back most first.
fn blocked(blocked: &[Blocked], out: &Output) -> Result<(), Fail> {
    let mut gates: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for one in blocked {
        gates.entry(one.gate).or_default().entry(&one.reason).or_default().push(&one.example);
    }
    let count = |reasons: &BTreeMap<&str, Vec<&str>>| reasons.values().map(Vec::len).sum::<usize>();
    let mut gates: Vec<_> = gates.into_iter().map(|(gate, reasons)| (count(&reasons), gate, reasons)).collect();
    gates.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let mut left = SHOWN;
    for (all, gate, reasons) in &gates {
        out.line(&out.ink(Ink::Yellow, &format!("{all} blocked by {gate}")))?;
        let mut reasons: Vec<_> = reasons.iter().collect();
        reasons.sort_by_key(|(_, examples)| std::cmp::Reverse(examples.len()));
        let shown = reasons.len().min(left.max(1));
        for (reason, examples) in reasons.iter().take(shown) {
            let more = if examples.len() > 1 { format!(" and {} more", examples.len() - 1) } else { String::new() };
            let first = examples.first().copied().unwrap_or_default();
            out.line(&format!("  {} {}", clean(reason), out.ink(Ink::Dim, &clean(&format!("({first}{more})")))))?;
        }
        left = left.saturating_sub(shown);
        if reasons.len() > shown {
            out.line(&out.ink(Ink::Dim, &format!("  {}; --json lists all", human::plural(reasons.len() - shown, "more reason"))))?;
        }
    }
    Ok(())
}
