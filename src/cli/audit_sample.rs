//! `ossia audit sample`: a plan is declared, its fields are drawn and read, and a bound comes out.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use crate::text::clean_block;
use crate::workspace::Bound;
use serde::Serialize;

#[derive(clap::Subcommand)]
pub enum Args {
    /// Declare how many fields will be read; the plan is in the journal before the first is drawn
    Plan {
        /// Fields to read; 299 without a miss bound the share of missed fields below 1 %
        #[arg(long, default_value_t = 299, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        size: u64,
        /// Misses up to which the sample is accepted
        #[arg(long, default_value_t = 0)]
        accept: u64,
        /// Made-up secrets to mix in, to see how well the reader sees
        #[arg(long, default_value_t = 20)]
        plant: u64,
        /// Seed of the draw
        #[arg(long, default_value = "1", value_name = "TEXT")]
        seed: String,
    },
    /// Print the fields of a plan, to be read
    Draw {
        /// The plan
        plan: String,
    },
    /// Say which of the fields hold something; all others were read and hold nothing
    Read {
        /// The plan
        plan: String,
        /// Units with something in them
        units: Vec<String>,
    },
}

#[derive(Serialize)]
struct Declared<'a> {
    plan: &'a str,
    #[serde(flatten)]
    body: &'a crate::workspace::SamplingPlan,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    match args {
        Args::Plan { size, accept, plant, seed } => {
            let engine = workspace.own_engine()?;
            let (id, plan) = workspace.plan_sample(&place.reviewer()?, &engine, *size, *accept, *plant, seed)?;
            if out.json {
                return out.document("ossia.audit-plan.v1", &Declared { plan: &id, body: &plan }).map(|()| 0);
            }
            let frame: u64 = plan.frame.values().sum();
            out.line(&format!(
                "plan {id}: {size} of {}, accepted with at most {}; `ossia audit sample draw {id}` prints them",
                crate::text::human::plural(frame, "field"),
                crate::text::human::plural(accept, "miss")
            ))?;
        }
        Args::Draw { plan } => {
            let units = workspace.draw_sample(plan)?;
            for unit in &units {
                if out.json {
                    out.row(unit)?;
                } else {
                    out.line(&format!("{} {} {}", unit.unit, unit.stratum, crate::text::clean(&unit.field)))?;
                    out.line(&format!("{}\n", clean_block(&unit.text)))?;
                    if unit.not_shown > 0 {
                        out.line(&format!("({} bytes more of this field are not shown; the sample is not accepted with it)\n", unit.not_shown))?;
                    }
                }
            }
            if !out.json {
                out.line(&format!(
                    "`ossia audit sample read {plan} UNIT…` names the units that hold a secret; all others then count as read, with nothing in them"
                ))?;
            }
        }
        Args::Read { plan, units } => {
            let bound = workspace.read_sample(&place.reviewer()?, plan, units)?;
            if out.json {
                out.document("ossia.audit-bound.v1", &bound)?
            } else {
                print(&bound, out)?
            }
            return Ok(u8::from(!bound.accepted));
        }
    }
    Ok(0)
}

fn print(bound: &Bound, out: &Output) -> Result<(), Fail> {
    out.line(&format!(
        "{} fields read, {} missed: at most {:.3} % of the fields hold something missed (95 %)",
        bound.sampled,
        bound.missed,
        bound.upper_95 * 100.0
    ))?;
    out.line(&format!("{} of {} planted secrets seen; for this reader, at most {:.3} %", bound.found, bound.planted, bound.upper_95_for_reader * 100.0))?;
    out.line(match (bound.accepted, bound.cut, bound.reader_saw) {
        (true, ..) => "the plan is kept",
        (_, 0, false) => "the plan is not kept: of the planted secrets too few were seen; read what `ossia audit sample draw` prints, under another plan",
        (_, 0, true) => "the plan is not kept: too many misses, or too few planted secrets to tell",
        _ => "the plan is not kept: fields were not shown whole",
    })
}
