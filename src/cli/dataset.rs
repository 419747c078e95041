//! `ossia dataset`: definitions of datasets, what they would export, and what blocks it.

use super::ask::{Over, Place};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::export::{Definition, GateReport};
use crate::text::{clean, fit, human};
use crate::workspace::{RowChange, Workspace};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum Args {
    /// List the datasets
    Ls,
    /// Save a definition that a file holds, or a first one for a query
    New {
        /// Name of the dataset
        #[arg(value_name = "NAME")]
        name: String,
        /// Definition to read (TOML), instead of a query
        #[arg(long, value_name = "FILE", conflicts_with_all = ["words", "named"])]
        from: Option<PathBuf>,
        #[command(flatten)]
        over: Over,
    },
    /// Save a changed definition, its version raised
    Edit {
        /// Name of the dataset
        #[arg(value_name = "NAME")]
        name: String,
        /// Definition to read (TOML)
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Print a definition
    Show {
        /// Name of the dataset
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Print the rows that would leave
    Rows {
        /// Name of the dataset
        #[arg(value_name = "NAME")]
        name: String,
        /// Shape of the rows
        #[arg(long, value_name = "NAME", default_value = "hf-sft")]
        shape: String,
        /// At most so many
        #[arg(long, default_value_t = 20, value_name = "N")]
        limit: usize,
    },
    /// Compare what would leave with a bundle
    Diff {
        /// Name of the dataset
        #[arg(value_name = "NAME")]
        name: String,
        /// Folder of the bundle
        #[arg(value_name = "BUNDLE")]
        bundle: PathBuf,
    },
    /// Ask every gate
    Check {
        /// Name of the dataset
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Serialize)]
struct Listed {
    name: String,
    version: u32,
    examples: usize,
    pairs: usize,
    ready: bool,
    blocked: usize,
}

#[derive(Serialize)]
struct Datasets {
    datasets: Vec<Listed>,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    version: u32,
    definition: String,
    sha256: String,
}

#[derive(Serialize)]
struct Rows<'a> {
    dataset: &'a str,
    shape: &'a str,
    total: usize,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    row: String,
    example: String,
    situation: &'static str,
    split: &'static str,
    line: String,
}

#[derive(Serialize)]
struct Diff<'a> {
    dataset: &'a str,
    rows: Vec<RowChange>,
}

#[derive(Serialize)]
struct Checked<'a> {
    dataset: &'a str,
    ready: bool,
    gates: &'a [GateReport],
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    match args {
        Args::Ls => list(&workspace, out),
        Args::New { name, from, over } => {
            let text = match from {
                None if name.ends_with(".toml") => {
                    return Err(Fail::usage(format!(
                        "{name} is no name of a dataset; `ossia dataset new NAME --from {name}` saves the definition that a file holds"
                    )));
                }
                Some(file) => read(file)?,
                None => Definition { name: name.clone(), query: over.text(), ..Definition::default() }.to_toml(),
            };
            save(&workspace, name, &text, place, out)
        }
        Args::Edit { name, from } => save(&workspace, name, &read(from)?, place, out),
        Args::Show { name } => show(&found(&workspace, name)?, out),
        Args::Rows { name, shape, limit } => rows(&workspace, &found(&workspace, name)?, shape, *limit, out),
        Args::Diff { name, bundle } => {
            let rows = workspace.diff_export(&found(&workspace, name)?, bundle)?;
            if out.json {
                out.document("ossia.dataset.diff.v1", &Diff { dataset: name, rows })?;
                return Ok(0);
            }
            for change in &rows {
                out.line(&clean(&format!("{:<8} {} {} {}", change.change, change.shape, change.row, change.example)))?;
            }
            let of = |change: &str| rows.iter().filter(|row| row.change == change).count();
            let said = match rows.len() {
                0 => format!("Every row is as in {}.", bundle.display()),
                n => format!("{}: {} new, {} changed, {} gone since {}", human::plural(n, "row"), of("new"), of("changed"), of("gone"), bundle.display()),
            };
            out.line(&clean(&said)).map(|()| 0)
        }
        Args::Check { name } => check(&workspace, &found(&workspace, name)?, out),
    }
}

/// Finds a dataset, or says which there are.
pub fn found(workspace: &Workspace, name: &str) -> Result<Definition, Fail> {
    if let Some(definition) = workspace.dataset(name)? {
        return Ok(definition);
    }
    let known: Vec<String> = workspace.datasets()?.into_iter().map(|d| d.name).collect();
    let known = if known.is_empty() { "there is none yet; `ossia dataset new` makes one".to_owned() } else { format!("there are {}", known.join(", ")) };
    Err(Fail::usage(format!("no dataset is named {name:?}; {known}")))
}

fn read(file: &std::path::Path) -> Result<String, Fail> {
    std::fs::read_to_string(file).map_err(|e| Fail::usage(format!("cannot read the definition {}: {e}", file.display())))
}

fn save(workspace: &Workspace, name: &str, text: &str, place: &Place, out: &Output) -> Result<u8, Fail> {
    let read = Definition::parse(text).map_err(Fail::usage)?;
    if read.name != name {
        return Err(Fail::usage(format!("the definition is named {:?}, not {name:?}", read.name)));
    }
    let saved = workspace.save_dataset(&place.reviewer()?, text)?;
    let code = show(&saved, out)?;
    if !out.json {
        out.aside(&clean(&format!("saved; `ossia dataset check {name}` says what would leave, and what keeps the rest back")));
    }
    Ok(code)
}

fn show(definition: &Definition, out: &Output) -> Result<u8, Fail> {
    if out.json {
        let shown = Shown { name: &definition.name, version: definition.version, definition: definition.to_toml(), sha256: definition.hash() };
        out.document("ossia.dataset.v1", &shown)?;
    } else {
        out.line(&crate::text::clean_block(&definition.to_toml()))?;
    }
    Ok(0)
}

fn list(workspace: &Workspace, out: &Output) -> Result<u8, Fail> {
    let mut datasets = Vec::new();
    for definition in workspace.datasets()? {
        let report = workspace.plan_export(&definition)?.report;
        let ready = report.examples > 0 && report.gates.iter().all(|gate| gate.ok);
        datasets.push(Listed {
            name: definition.name,
            version: definition.version,
            examples: report.examples,
            pairs: report.pairs,
            ready,
            blocked: report.blocked.len(),
        });
    }
    if out.json {
        return out.document("ossia.datasets.v1", &Datasets { datasets }).map(|()| 0);
    }
    for d in &datasets {
        let state = if d.ready { out.ink(Ink::Green, "ready") } else { out.ink(Ink::Yellow, "blocked") };
        out.line(&format!("{} v{:<3} {:>6} examples {:>6} pairs {:>6} blocked  {state}", fit(&clean(&d.name), 28), d.version, d.examples, d.pairs, d.blocked))?;
    }
    if datasets.is_empty() {
        out.line("No dataset yet. `ossia dataset new NAME --query QUERY` makes one.")?;
    }
    Ok(0)
}

fn rows(workspace: &Workspace, definition: &Definition, shape: &str, limit: usize, out: &Output) -> Result<u8, Fail> {
    if crate::export::shape(shape).is_none() {
        let known = crate::export::SHAPES.iter().map(|shape| shape.name).collect::<Vec<_>>().join(", ");
        return Err(Fail::usage(format!("no shape is named {shape:?}; there are {known}")));
    }
    let definition = Definition { shapes: vec![shape.to_owned()], ..definition.clone() };
    let plan = workspace.plan_export(&definition)?;
    let total = plan.rows(shape).count();
    let mut rows = Vec::new();
    for (row, example) in plan.rows(shape).take(limit) {
        let line = plan.line(row).map_err(crate::workspace::Error::from)?;
        rows.push(Row { row: row.id.to_string(), example: example.name(), situation: example.situation, split: example.split.as_str(), line });
    }
    if out.json {
        out.document("ossia.dataset.rows.v1", &Rows { dataset: &definition.name, shape, total, rows })?;
        return Ok(u8::from(total == 0));
    }
    for row in &rows {
        out.line(&out.ink(Ink::Bold, &clean(&format!("{} {} {} {}", row.row, row.split, row.situation, row.example))))?;
        out.line(&clean(&row.line))?;
    }
    let (blocked, refused) = (plan.report.blocked.len(), plan.report.refused.len());
    let shown = if rows.len() < total { format!(", the first {} shown (--limit)", rows.len()) } else { String::new() };
    let kept = if blocked > 0 { format!("; {} kept back (`ossia dataset check {}`)", human::plural(blocked, "point"), definition.name) } else { String::new() };
    let without = if refused > 0 { format!("; {} have no place in this shape", human::plural(refused, "example")) } else { String::new() };
    out.line(&clean(&format!("{} of {shape}{shown}{kept}{without}", human::plural(total, "row"))))?;
    if let Some(first) = plan.report.refused.first().filter(|_| total == 0) {
        out.line(&out.ink(Ink::Dim, &clean(&format!("  {}: {}", first.example, first.reason))))?;
    }
    Ok(u8::from(total == 0))
}

/// Finds the gate that keeps most points back of those that a person can do something about.
fn most_kept_back(gates: &[GateReport]) -> Option<&GateReport> {
    let decidable = |gate: &&GateReport| gate.blocked > 0 && gate.gate != "answers";
    gates.iter().filter(decidable).max_by_key(|gate| gate.blocked).or_else(|| gates.iter().find(|gate| gate.blocked > 0))
}

/// Says what to do about points that a gate keeps back.
fn advice(gate: &str) -> &'static str {
    match gate {
        "answers" | "bulk" | "stale" => "must be judged (`ossia queue ls`)",
        "audit" => "have findings that nobody decided (`ossia audit`)",
        "dispute" | "agreement" => "must be adjudicated (`ossia agree`)",
        _ => "are kept back for good; `ossia export --dry-run` says why",
    }
}

fn check(workspace: &Workspace, definition: &Definition, out: &Output) -> Result<u8, Fail> {
    let report = workspace.plan_export(definition)?.report;
    let ready = report.examples > 0 && report.gates.iter().all(|gate| gate.ok);
    if out.json {
        out.document("ossia.dataset.check.v1", &Checked { dataset: &definition.name, ready, gates: &report.gates })?;
        return Ok(u8::from(!ready));
    }
    for gate in &report.gates {
        let mark = match (gate.ok, gate.blocked) {
            (false, _) => out.ink(Ink::Red, "FAILS"),
            (true, 0) => out.ink(Ink::Green, "ok   "),
            (true, _) => out.ink(Ink::Yellow, "holds"),
        };
        let kept = if gate.blocked > 0 { format!(" ({} kept back)", gate.blocked) } else { String::new() };
        let said = gate.detail.as_deref().unwrap_or(gate.holds);
        let over = gate.overridden.as_deref().map_or(String::new(), |why| format!(" (overridden by {why})"));
        out.line(&format!("{mark} {:<10} {}{kept}{}", gate.gate, clean(said), clean(&over)))?;
        if let Some(first) = report.blocked.iter().find(|blocked| blocked.gate == gate.gate) {
            out.line(&out.ink(Ink::Dim, &format!("{:17}such as {}: {}", "", clean(&first.example), clean(&first.reason))))?;
        }
    }
    let state = match (ready, report.examples) {
        (true, _) => format!("ready: `ossia export {} --out DIR` writes it", definition.name),
        (false, 0) => match most_kept_back(&report.gates) {
            Some(gate) => format!("not ready: no decision point of the query leaves; {} of them {}", gate.blocked, advice(gate.gate)),
            None => "not ready: the query finds no decision point".to_owned(),
        },
        (false, _) => "not ready: mend what FAILS, or override it with a reason (`--override GATE=REASON`)".to_owned(),
    };
    out.line(&clean(&format!("{}, {}, {state}", human::plural(report.examples, "example"), human::plural(report.pairs, "pair"))))?;
    Ok(u8::from(!ready))
}
