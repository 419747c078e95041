//! `ossia cohort`: which scenarios a later run plays in which arm, and trajectories in Maestro's own documents.

use super::ask::{Place, query};
use super::fail::Fail;
use super::output::Output;
use crate::export::{Json, agent_trajectory, timeline};
use crate::text::clean;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum Args {
    /// Assign the trajectories of a query to an arm of a later run
    Assign(Assign),
    /// Print a trajectory as a document of Maestro's
    Write {
        /// Trajectory
        #[arg(value_name = "TRAJECTORY")]
        trajectory: String,
        /// Which document: timeline or trajectory
        #[arg(long = "as", value_name = "DOCUMENT", default_value = "trajectory", value_parser = ["timeline", "trajectory"])]
        document: String,
    },
}

#[derive(clap::Args)]
pub struct Assign {
    /// Query
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Experiment
    #[arg(long, value_name = "E")]
    experiment: String,
    /// Arm, such as candidate
    #[arg(long, value_name = "A")]
    arm: String,
    /// Base model
    #[arg(long, value_name = "M")]
    model: String,
    /// Checkpoint
    #[arg(long, value_name = "C")]
    checkpoint: String,
    /// Seed of the run
    #[arg(long, value_name = "N")]
    seed: u64,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "assignments.jsonl")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Assigned {
    file: String,
    assignments: usize,
    environment: BTreeMap<&'static str, String>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    match args {
        Args::Assign(assign_to) => assign(assign_to, place, out),
        Args::Write { trajectory, document } => {
            let (found, _) = place.open()?.resolve(trajectory)?;
            let json = if document == "timeline" { timeline(&found) } else { agent_trajectory(&found) };
            out.row(&json).map(|()| 0)
        }
    }
}

fn assign(args: &Assign, place: &Place, out: &Output) -> Result<u8, Fail> {
    let listing = place.open()?.ls(&query(&args.query)?, Some(("id", false)), usize::MAX)?;
    let attributes = [
        ("MAESTRO_EVENT_BUS_ATTR_EXPERIMENT", args.experiment.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_COHORT", args.arm.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_ARM", args.arm.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_BASE_MODEL", args.model.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_CHECKPOINT", args.checkpoint.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_SEED", args.seed.to_string()),
    ];
    let environment = BTreeMap::from(attributes);
    let one = |id: &str| {
        Json::object([
            ("trajectory", id.into()),
            ("experiment", args.experiment.as_str().into()),
            ("arm", args.arm.as_str().into()),
            ("model", args.model.as_str().into()),
            ("checkpoint", args.checkpoint.as_str().into()),
            ("seed", args.seed.into()),
        ])
        .text()
    };
    let mut ids: Vec<&str> = listing.trajectories.iter().map(|row| row.id.as_str()).collect();
    ids.sort_unstable();
    let text: String = ids.iter().flat_map(|id| [one(id), "\n".to_owned()]).collect();
    if std::fs::read_to_string(&args.out).is_ok_and(|known| known != text) {
        return Err(Fail::usage(format!("{} is there already and says otherwise; name another with --out FILE", args.out.display())));
    }
    std::fs::write(&args.out, &text)?;
    if out.json {
        let assigned = Assigned { file: args.out.to_string_lossy().into_owned(), assignments: ids.len(), environment };
        out.document("ossia.cohort.v1", &assigned)?;
    } else {
        for (name, value) in &environment {
            out.line(&clean(&format!("{name}={value}")))?;
        }
        out.line(&format!("# {} trajectories in {}", ids.len(), clean(&args.out.to_string_lossy())))?;
    }
    Ok(u8::from(ids.is_empty()))
}
