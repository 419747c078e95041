//! `ossia audit sample`: a plan is declared, its fields are drawn and read, and a bound comes out.

use super::ask::{Place, query};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::human::{plural, pointer};
use crate::text::{clean, clean_block};
use crate::workspace::{Bound, MIN_PLANTED, PlanState, PlanTerms, SamplingPlan, Unit};
use serde::Serialize;

#[derive(clap::Subcommand)]
pub enum Args {
    /// Declare how many fields will be read; the plan is in the journal before the first is drawn
    Plan {
        /// Trajectories whose fields are drawn from; the filter language of the UI, all of them without it
        #[arg(value_name = "QUERY")]
        query: Vec<String>,
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
    /// List every plan with what came of it, and why it cannot be drawn any more
    Ls,
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
struct Plans<'a> {
    plans: &'a [PlanState],
}

#[derive(Serialize)]
struct Drawn<'a> {
    plan: &'a str,
    units: &'a [Unit],
}

#[derive(Serialize)]
struct Declared<'a> {
    plan: &'a str,
    #[serde(flatten)]
    body: &'a SamplingPlan,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    match args {
        Args::Plan { query: words, size, accept, plant, seed } => {
            query(words)?;
            let words = words.join(" ");
            let engine = workspace.own_engine()?;
            let asked = PlanTerms { query: &words, size: *size, accept: *accept, planted: *plant, seed };
            let (id, plan) = workspace.plan_sample(&place.reviewer()?, &engine, &asked)?;
            if out.json {
                return out.document("ossia.audit-plan.v1", &Declared { plan: &id, body: &plan }).map(|()| 0);
            }
            out.line(&format!("plan {id}: {}; `ossia audit sample draw {id}` prints them", terms(&plan)))?;
            if plan.planted < MIN_PLANTED {
                out.aside(&format!("no reading of it is accepted: fewer than {MIN_PLANTED} planted secrets cannot tell how well a reader sees (--plant)"));
            }
            if plan.query.is_some() {
                out.aside(
                    "a plan over a query says nothing of the rest: a certificate stands on one over all of the workspace; to certify one session, \
                     bring its files into a workspace of their own: `ossia --workspace DIR import FILE…`",
                );
            }
        }
        Args::Ls => return list(&workspace.sampling_plans()?, out),
        Args::Draw { plan } => {
            let units = workspace.draw_sample(plan)?;
            if out.json {
                return out.document("ossia.audit-sample.v1", &Drawn { plan, units: &units }).map(|()| 0);
            }
            for unit in &units {
                out.line(&format!("{} {} {}", unit.unit, unit.stratum, clean(&pointer(&unit.field))))?;
                out.line(&format!("{}\n", clean_block(&unit.text)))?;
                if unit.not_shown > 0 {
                    out.line(&format!("({} bytes more of this field are not shown; the sample is not accepted with it)\n", unit.not_shown))?;
                }
            }
            out.line(&format!(
                "`ossia audit sample read {plan} UNIT…` names the units that hold a secret; all others then count as read, with nothing in them"
            ))?;
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

/// Says what a plan declares.
fn terms(plan: &SamplingPlan) -> String {
    let frame: u64 = plan.frame.values().sum();
    let of = plan.query.as_deref().map(|query| format!(" of what {query} finds")).unwrap_or_default();
    format!("{} of {}{}, accepted with at most {}", plan.size, plural(frame, "field"), clean(&of), plural(plan.accept, "miss"))
}

fn list(plans: &[PlanState], out: &Output) -> Result<u8, Fail> {
    if out.json {
        return out.document("ossia.audit-plans.v1", &Plans { plans }).map(|()| 0);
    }
    for state in plans {
        out.line(&format!("{} {}", state.name, terms(&state.plan)))?;
        match (&state.bound, &state.why) {
            (Some(bound), _) => print(bound, out)?,
            (None, Some(why)) => out.line(&out.ink(Ink::Yellow, &clean(&format!("cannot be drawn any more: {why}"))))?,
            (None, None) => out.line(&format!("not read yet: `ossia audit sample draw {}`, then `read`; it stands against signing until then", state.name))?,
        }
    }
    if plans.is_empty() {
        out.line("no plan was declared; `ossia audit sample plan` declares one")?;
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
        (_, 0, true) if bound.planted < MIN_PLANTED => "the plan is not kept: with so few planted secrets nobody can tell how well the reader sees (--plant)",
        (_, 0, true) => "the plan is not kept: it has more misses than it allows, or the rules or the fields are others now",
        _ => "the plan is not kept: fields were not shown whole",
    })
}
