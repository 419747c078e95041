//! `ossia show`: a trajectory, an execution or a step; with `--raw` the exact bytes of its records.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use super::{show_execution, show_raw};
use crate::model::{Execution, Step, Trajectory, Wait};
use crate::text::{clean, clean_block, human, prefix_within};
use crate::workspace::AuditState;
use std::collections::BTreeSet;
use std::io::IsTerminal;

/// Fields longer than this are cut in human output.
const CUT_BYTES: usize = 64 << 10;

#[derive(clap::Args)]
pub struct Args {
    /// TRAJECTORY, TRAJECTORY#STEP, TRAJECTORY#EXECUTION, or a bare step or execution id where unique
    #[arg(value_name = "ID")]
    id: String,
    /// Print the original record byte for byte; the journal says which values that shows
    #[arg(long)]
    raw: bool,
    /// With --raw, the record of the Nth origin
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    origin: u32,
    /// Whole texts, without marks and colours
    #[arg(long)]
    plain: bool,
    /// Cut where the agent decided, as review shows it: nothing that came after
    #[arg(long, conflicts_with = "raw")]
    as_seen: bool,
    /// Hide the arm and its traces
    #[arg(long, conflicts_with = "raw")]
    blind: bool,
    /// With --raw, print to a terminal all the same
    #[arg(long)]
    force: bool,
}

/// A trajectory, and where its redaction audit stands.
#[derive(serde::Serialize)]
struct Whole<'t> {
    #[serde(flatten)]
    trajectory: &'t Trajectory,
    audit: AuditState,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    if args.raw && !args.force && std::io::stdout().is_terminal() {
        return Err(Fail::usage("raw bytes may hold escape sequences; send them to a file or a pipe, or add --force"));
    }
    let workspace = place.open()?;
    let (trajectory, inner) = match args.as_seen || args.blind {
        true => (workspace.as_reviewed(&args.id, args.as_seen, args.blind)?, None),
        false => workspace.resolve(&args.id)?,
    };
    let step = inner.as_deref().and_then(|id| trajectory.step(id));
    let execution = inner.as_deref().and_then(|id| trajectory.execution(id));
    match (args.raw, step, execution) {
        (true, Some(step), _) => show_raw::step(&workspace, &trajectory, step, args.origin as usize, place, out),
        (true, None, execution) => show_raw::records(&workspace, &trajectory, execution, place, out),
        (false, Some(step), _) if out.json => done(out.document("ossia.step.v1", step)),
        (false, None, Some(execution)) if out.json => done(out.document("ossia.execution.v1", execution)),
        (false, None, None) if out.json => {
            let audit = workspace.number_of(&trajectory.id)?.map(|number| workspace.audit_state(number)).transpose()?;
            done(out.document("ossia.trajectory.v1", &Whole { trajectory: &trajectory, audit: audit.unwrap_or(AuditState::None) }))
        }
        (false, Some(step), _) => print_step(step, args.plain, out),
        (false, None, Some(execution)) => {
            let target = format!("{}#{}", trajectory.id, execution.id);
            let mut labels = workspace.label_rows(Some(&BTreeSet::from([trajectory.id.clone()])), false)?;
            // What others said would sway who is to judge it blind.
            labels.retain(|label| label.target == target && label.counts && !args.blind && !args.as_seen);
            show_execution::print(&trajectory, execution, &labels, out)?;
            if args.plain {
                trajectory.steps.iter().filter(|step| execution.steps.contains(&step.id)).try_for_each(|step| print_line(&trajectory, step, true, out))?;
            }
            Ok(0)
        }
        (false, None, None) => print_trajectory(&trajectory, args.plain, out),
    }
}

fn done(result: Result<(), Fail>) -> Result<u8, Fail> {
    result.map(|()| 0)
}

fn print_trajectory(t: &Trajectory, plain: bool, out: &Output) -> Result<u8, Fail> {
    out.line(&out.ink(Ink::Bold, &clean(t.title.as_deref().unwrap_or("(no title)"))))?;
    let mut about = vec![t.id.clone()];
    about.extend(t.model.iter().map(|m| match &t.provider {
        Some(provider) => format!("{provider}/{m}"),
        None => m.clone(),
    }));
    about.extend(t.cohort.iter().map(|c| format!("{} {}", c.experiment.as_deref().unwrap_or("-"), c.arm.as_deref().unwrap_or("-"))));
    about.extend(t.started_at.map(|at| at.to_string()));
    about.extend(t.cwd.clone());
    out.line(&out.ink(Ink::Dim, &clean(&about.join(" · "))))?;
    let names: Vec<String> = t.sources.iter().map(|s| format!("{} ({}, {})", s.path, s.format, s.join)).collect();
    for name in names {
        out.line(&out.ink(Ink::Dim, &clean(&format!("from {name}"))))?;
    }
    out.line("")?;
    for step in &t.steps {
        print_line(t, step, plain, out)?;
    }
    if !t.executions.is_empty() {
        out.line("")?;
        out.line(&out.ink(Ink::Bold, "Executions"))?;
        for e in &t.executions {
            print_life(e, out)?;
        }
    }
    super::show_lineage::print(t, out)?;
    for issue in &t.issues {
        let line = issue.line.map_or(String::new(), |line| format!(" line {line}"));
        out.line(&out.ink(Ink::Yellow, &clean(&format!("issue {}{line}: {}", issue.kind, issue.message))))?;
    }
    Ok(0)
}

/// Prints a step on one line, or with `plain` its whole text.
fn print_line(t: &Trajectory, step: &Step, plain: bool, out: &Output) -> Result<(), Fail> {
    let time = step.at.map_or("        ".to_owned(), |at| at.to_string().get(11..19).unwrap_or_default().to_owned());
    let tool = step.execution.as_deref().and_then(|id| t.execution(id)).map_or(String::new(), |e| format!(" {}", clean(&e.tool)));
    let head = format!("{:>4} {time} {:<11}", step.seq, step.kind);
    if plain {
        out.line(&format!("{head}{tool} {}", clean(&step.id)))?;
        return out.line(&cut(&step.text));
    }
    let room = out.columns().saturating_sub(crate::text::width(&head) + crate::text::width(&tool) + 2).max(10);
    let text = clean(&step.text.split_whitespace().collect::<Vec<_>>().join(" "));
    let shown = crate::text::truncate(&text, room);
    out.line(&format!("{}{} {shown}", out.ink(Ink::Dim, &head), out.ink(Ink::Bold, &tool)))
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(CUT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let shown = clean_block(&text[..end]).to_string();
    if end == text.len() { shown } else { format!("{shown}\n… {} more; --raw prints all", human::bytes((text.len() - end) as u64)) }
}

fn print_life(e: &Execution, out: &Output) -> Result<(), Fail> {
    let act = e.command.as_deref().or(e.args.as_deref()).unwrap_or("");
    let act = clean(act);
    let named = format!("{:<14} {}", clean(&e.id), clean(&e.tool));
    let room = prefix_within(&act, out.columns().saturating_sub(13 + crate::text::width(&named)).max(10));
    let status = out.ink(show_execution::ink(e.status), &format!("{:<9}", e.status));
    out.line(&format!("  {status} {named} {}", &act[..room]))?;
    for wait in &e.waits {
        out.line(&format!("            {}", clean(&wait_line(wait))))?;
    }
    if let Some(retry) = &e.retry_of {
        let inferred = if retry.inferred { " (inferred)" } else { "" };
        let line = format!("tries {} again: {}, after {}, {}{inferred}", retry.execution, retry.relation, retry.after, retry.sanction);
        out.line(&format!("            {}", out.ink(Ink::Yellow, &clean(&line))))?;
    }
    for amended in &e.amended {
        let (was, is) = (amended.was.as_deref().unwrap_or("not known"), amended.is.as_deref().unwrap_or("rejected"));
        let line = format!("amended by {}: {} {is}, was {was}: {}", amended.by, amended.fact, amended.note);
        out.line(&format!("            {}", out.ink(Ink::Dim, &clean(&line))))?;
    }
    Ok(())
}

fn wait_line(wait: &Wait) -> String {
    let by = wait.decided_by.map_or(String::new(), |by| format!(" by {by}"));
    let length = wait.wait_ms.map_or(String::new(), |ms| format!(" after {}", human::duration(ms)));
    let decision = wait.decision.map_or("undecided", |d| d.as_str());
    let reason = wait.decision_reason.as_deref().map_or(String::new(), |r| format!(": {r}"));
    let inferred = if wait.inferred { " (inferred)" } else { "" };
    format!("{} {} {decision}{by}{length}{reason}{inferred}", wait.kind, wait.request_id.as_deref().unwrap_or("-"))
}

fn print_step(step: &Step, plain: bool, out: &Output) -> Result<u8, Fail> {
    if !plain {
        let at = step.at.map_or(String::new(), |at| format!(" · {at}"));
        out.line(&out.ink(Ink::Bold, &clean(&format!("{} · {} · {}{at}", step.id, step.kind, step.actor))))?;
        for origin in &step.origins {
            out.line(&out.ink(Ink::Dim, &format!("line {} of {}", origin.line, &origin.source)))?;
        }
        out.line("")?;
    }
    out.line(&cut(&step.text))?;
    Ok(0)
}
