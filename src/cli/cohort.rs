//! `ossia cohort`: which scenarios a later run plays in which arm, and trajectories in Maestro's own documents.

use super::ask::{Place, query};
use super::fail::Fail;
use super::output::Output;
use crate::command::for_shell;
use crate::export::{agent_trajectory, known_rows, timeline};
use crate::text::clean;
use crate::workspace::Assignment;
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
    /// Adapter on top of the base model
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Training run that made the checkpoint
    #[arg(long, value_name = "RUN")]
    run_id: Option<String>,
    /// Seed of the run
    #[arg(long, value_name = "N")]
    seed: u64,
    /// Bundle that the checkpoint was trained on; the runs carry its hash
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "assignments.jsonl")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Assigned {
    file: Option<String>,
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
    let trained_on = args.bundle.as_deref().map(|bundle| known_rows(bundle).map(|(sums, _)| sums)).transpose().map_err(Fail::usage)?;
    let assignment = Assignment {
        experiment: args.experiment.clone(),
        arm: args.arm.clone(),
        model: args.model.clone(),
        checkpoint: args.checkpoint.clone(),
        seed: args.seed,
        adapter: args.adapter.clone(),
        run_id: args.run_id.clone(),
        training_bundle_sha256: trained_on.clone(),
        trajectories: BTreeMap::new(),
    };
    let attributes = [
        ("MAESTRO_EVENT_BUS_ATTR_EXPERIMENT", args.experiment.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_COHORT", args.arm.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_ARM", args.arm.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_BASE_MODEL", args.model.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_CHECKPOINT", args.checkpoint.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_SEED", args.seed.to_string()),
    ];
    let more = [
        ("MAESTRO_EVENT_BUS_ATTR_ADAPTER", args.adapter.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_TRAINING_RUN_ID", args.run_id.clone()),
        ("MAESTRO_EVENT_BUS_ATTR_TRAINING_BUNDLE_SHA256", trained_on),
    ];
    let more = more.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let environment: BTreeMap<&'static str, String> = attributes.into_iter().chain(more).collect();
    if let Some((name, _)) = environment.iter().find(|(_, value)| value.is_empty() || value.chars().any(char::is_control)) {
        return Err(Fail::usage(format!("what is to stand in {name} is empty or holds a line break or another control character; name it without")));
    }
    let lines = place.open()?.assign(&place.reviewer()?, &query(&args.query)?, assignment)?;
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    if lines.is_empty() && !out.json {
        out.line("No trajectory has what the query asks for; nothing was assigned, and no file was written.")?;
        return Ok(1);
    }
    if !lines.is_empty() && std::fs::read_to_string(&args.out).is_ok_and(|known| known != text) {
        return Err(Fail::usage(format!("{} is there already and says otherwise; name another with --out FILE", args.out.display())));
    }
    if !lines.is_empty() {
        std::fs::write(&args.out, &text).map_err(|e| Fail::data(format!("cannot write {}: {e}", args.out.display())))?;
    }
    if out.json {
        let file = (!lines.is_empty()).then(|| args.out.to_string_lossy().into_owned());
        let assigned = Assigned { file, assignments: lines.len(), environment };
        out.document("ossia.cohort.v1", &assigned)?;
    } else {
        for (name, value) in &environment {
            out.line(&clean(&format!("{name}={}", for_shell(value))))?;
        }
        out.line(&format!("# {} in {}", crate::text::human::plural(lines.len(), "trajectory"), clean(&args.out.to_string_lossy())))?;
    }
    Ok(u8::from(lines.is_empty()))
}
