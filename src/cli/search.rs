//! `ossia search`: steps that match, best first.

use super::ask::{Place, finds_nothing, option_said, query};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::clean;
use crate::workspace::{Hit, SearchReport};

#[derive(clap::Args)]
pub struct Args {
    /// Query; the filter language of the UI
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// At most so many hits
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Try looser forms if nothing matches
    #[arg(long)]
    relax: bool,
    /// Print one JSON row a line
    #[arg(long)]
    jsonl: bool,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let query = query(&args.query)?;
    option_said(&args.query, out);
    let workspace = place.open_to_list()?;
    let report = workspace.search(&query, args.limit, args.relax)?;
    let damaged = workspace.take_passed_over();
    out.passed_over(&damaged);
    out.lacking(workspace.take_lacking());
    if args.jsonl {
        for hit in &report.hits {
            out.row(hit)?;
        }
    } else if out.json {
        out.document("ossia.search.v1", &report)?;
    } else {
        print(&report, out)?;
        if report.total == 0 {
            finds_nothing(&query, &workspace, out)?;
        }
    }
    Ok(if damaged.is_empty() { u8::from(report.total == 0) } else { 3 })
}

fn print(report: &SearchReport, out: &Output) -> Result<(), Fail> {
    if report.relaxed {
        out.line(&out.ink(Ink::Yellow, "nothing matched as written; these match a looser form"))?;
    }
    for hit in &report.hits {
        let id = clean(&format!("{}#{}", hit.trajectory, hit.step));
        let tool = hit.tool.as_deref().map_or(String::new(), |tool| format!(" {}", clean(tool)));
        out.line(&format!("{} {}{}", out.ink(Ink::Dim, &id), hit.kind, out.ink(Ink::Bold, &tool)))?;
        out.line(&format!("  {}", marked(hit, out)))?;
    }
    let shown = report.hits.len();
    out.line(&out.ink(Ink::Dim, &format!("{shown} of {} in {:.1} ms", crate::text::human::plural(report.total, "step"), report.took_ms)))
}

/// Shows the snippet on one line with its matches marked.
fn marked(hit: &Hit, out: &Output) -> String {
    let on_one_line = |c: char| if c.is_whitespace() { ' ' } else { c };
    let chars: Vec<char> = hit.snippet.chars().map(on_one_line).take(out.columns().saturating_sub(4)).collect();
    let mut line = String::new();
    let mut at = 0;
    for &(from, to) in &hit.marks {
        if from < at || to > chars.len() {
            continue;
        }
        line.push_str(&clean(&chars[at..from].iter().collect::<String>()));
        line.push_str(&out.ink(Ink::Yellow, &clean(&chars[from..to].iter().collect::<String>())));
        at = to;
    }
    line.push_str(&clean(&chars[at..].iter().collect::<String>()));
    line
}
