//! `ossia queue` and `ossia schema`: what is judged next, and what is asked.

use super::ask::{Over, Place};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::judging::{Cluster, QueueText, Sampled, Schema, blinded};
use crate::text::{clean, clean_block, human};
use crate::workspace::{OpenQueue, Progressed, QueueItem, QueueProgress, Sitting, Workspace};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum Args {
    /// List queues
    Ls,
    /// Save a queue; one of the same name is replaced
    New(Box<New>),
    /// Show what falls to you, in order
    Show {
        /// Queue
        #[arg(value_name = "NAME")]
        name: String,
        /// At most so many items
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
    },
}

#[derive(clap::Args)]
pub struct New {
    /// Name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    over: Over,
    /// oldest, risk, disagreement, uncertainty, random, tool or arm
    #[arg(long, default_value = "oldest", value_name = "ORDER")]
    order: String,
    /// Label schema
    #[arg(long, default_value = "approval-boundary", value_name = "NAME")]
    schema: String,
    /// Draw so many items
    #[arg(long, value_name = "N")]
    sample: Option<u64>,
    /// Seed of the draw
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Share of items that a second reviewer judges as well, 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    second: f64,
    /// Share of items that the same reviewer judges a second time later on, 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    again: f64,
    /// Settle what reviewers differ about, instead of asking anew
    #[arg(long)]
    settle: bool,
    /// Hide the arm and its traces; with --settle, also who said what
    #[arg(long)]
    blind: bool,
    /// Deal the items out among these
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    reviewers: Vec<String>,
}

#[derive(clap::Subcommand)]
pub enum SchemaArgs {
    /// List label schemas
    Ls,
    /// Show a label schema: its questions, answers and keys
    Show {
        /// Label schema
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Add a label schema, or a newer version of one
    Add {
        /// TOML file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Serialize)]
struct Rows {
    queues: Vec<QueueProgress>,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    label_schema: &'a str,
    blind: bool,
    place: usize,
    total: usize,
    progress: Progressed,
    items: Vec<ShownItem<'a>>,
}

#[derive(Serialize)]
struct ShownItem<'a> {
    target: &'a str,
    /// Absent from a blind queue, whose strata and chances may tell the arm.
    #[serde(skip_serializing_if = "Option::is_none")]
    sampled: Option<&'a Sampled>,
    cluster: Cluster,
    sitting: Sitting,
}

impl<'a> ShownItem<'a> {
    fn of(item: &'a QueueItem, blind: bool) -> Self {
        Self { target: &item.target, sampled: (!blind).then_some(&item.sampled), cluster: item.cluster, sitting: item.sitting }
    }
}

#[derive(Serialize)]
struct Schemas {
    schemas: Vec<Schema>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let reviewer = place.reviewer()?;
    match args {
        Args::Ls => list(&workspace, &reviewer, out),
        Args::New(new) => {
            let queue = QueueText {
                name: new.name.clone(),
                query: new.over.text(),
                schema: new.schema.clone(),
                order: new.order.clone(),
                seed: new.seed,
                sample: new.sample,
                second: new.second,
                again: new.again,
                settles: new.settle,
                blind: new.blind,
                reviewers: new.reviewers.clone(),
            };
            workspace.save_queue(&reviewer, &queue)?;
            show(&workspace, &queue.name, &reviewer, 0, out)
        }
        Args::Show { name, limit } => show(&workspace, name, &reviewer, *limit, out),
    }
}

fn list(workspace: &Workspace, reviewer: &str, out: &Output) -> Result<u8, Fail> {
    let queues = workspace.queue_progress(reviewer)?;
    if out.json {
        out.document("ossia.queue.v1", &Rows { queues })?;
        return Ok(0);
    }
    out.line(&out.ink(Ink::Dim, &format!("{:<12} {:>5} of {:<5} {:<13} {}", "queue", "done", "all", "order", "query")))?;
    for QueueProgress { queue, progress } in &queues {
        let what = clean(&format!("{:<12} {:>5} of {:<5} {:<13} {}", queue.name, progress.done, progress.total, queue.order, queue.query));
        out.line(&what)?;
    }
    Ok(0)
}

fn show(workspace: &Workspace, name: &str, reviewer: &str, limit: usize, out: &Output) -> Result<u8, Fail> {
    let open = workspace.open_queue(&workspace.queue(name)?, reviewer)?;
    let progress = workspace.progress(&open, reviewer)?;
    let items = open.items.get(..limit.min(open.items.len())).unwrap_or_default();
    if out.json {
        let (name, label_schema, blind, place, total) = (open.name.as_str(), open.schema.name.as_str(), open.blind, open.place, open.items.len());
        let items = items.iter().map(|item| ShownItem::of(item, open.blind)).collect();
        out.document("ossia.queue-items.v1", &Shown { name, label_schema, blind, place, total, progress, items })?;
        return Ok(0);
    }
    for (place, item) in items.iter().enumerate() {
        // A name, a stratum and a chance may tell the arm.
        let name = if open.blind { format!("item {}", place + 1) } else { item.target.to_string() };
        let drawn = !open.blind && item.sampled.probability < 1.0;
        let chance = if drawn { format!(" p={:.4} of {}", item.sampled.probability, item.sampled.stratum) } else { String::new() };
        out.line(&format!("{}{}", clean(&name), out.ink(Ink::Dim, &clean(&chance))))?;
        if let Some(act) = act(workspace, &item.target, &open) {
            out.line(&format!("  {}", crate::text::truncate(&clean(&act), out.columns().saturating_sub(2))))?;
        }
    }
    let pace = progress.pace_ms.map_or(String::new(), |ms| format!(" · {} each", human::duration(i64::try_from(ms).unwrap_or(i64::MAX))));
    out.line(&format!("{}: {} of {} done{pace}", clean(&open.name), progress.done, progress.total))?;
    Ok(0)
}

/// Says what an item is about in words; nothing where it is gone.
fn act(workspace: &Workspace, target: &str, open: &OpenQueue) -> Option<String> {
    let (mut trajectory, inner) = workspace.resolve(target).ok()?;
    if open.blind {
        trajectory = blinded(&trajectory, &open.arms);
    }
    let said = match inner.as_deref().and_then(|id| trajectory.execution(id)) {
        Some(execution) => format!("{} {}", execution.tool, execution.command.as_deref().or(execution.args.as_deref()).unwrap_or_default()),
        None => inner.as_deref().and_then(|id| trajectory.step(id)).map(|step| step.text.clone()).or(trajectory.title)?,
    };
    Some(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

pub fn schema(args: &SchemaArgs, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let schemas = match args {
        SchemaArgs::Ls => workspace.state()?.schemas(),
        SchemaArgs::Show { name } => vec![workspace.schema(Some(name))?],
        SchemaArgs::Add { file } => {
            let text = std::fs::read_to_string(file).map_err(|e| Fail::data(format!("{}: {e}", file.display())))?;
            vec![workspace.add_schema(&place.reviewer()?, &text).map_err(|e| Fail::data(format!("{}: {e}", file.display())))?]
        }
    };
    if out.json {
        out.document("ossia.schema.v1", &Schemas { schemas })?;
        return Ok(0);
    }
    let whole = !matches!(args, SchemaArgs::Ls);
    for schema in &schemas {
        out.line(&format!(
            "{} {}",
            out.ink(Ink::Bold, &clean(&schema.name)),
            clean(&format!("{} {} · {}", schema.version, schema.hash.get(..12).unwrap_or(""), schema.title))
        ))?;
        if whole {
            out.line(&format!("\n{}", clean_block(&schema.guide)))?;
        }
        for question in schema.questions.iter().filter(|_| whole) {
            out.line(&format!("\n  {} {}", clean(&question.id), out.ink(Ink::Dim, &clean(&question.text))))?;
            for answer in &question.answers {
                out.line(&format!("    {} {} {}", answer.key, out.ink(Ink::Bold, &clean(&answer.id)), clean(&answer.text)))?;
                if let Some(example) = &answer.example {
                    out.line(&out.ink(Ink::Dim, &clean(&format!("      {example}"))))?;
                }
            }
        }
    }
    Ok(0)
}
