//! `ossia ls`: trajectories.

use super::ask::{Place, finds_nothing, option_said, query};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::query::Query;
use crate::text::{clean, fit, human, pad_left};
use crate::workspace::{Listing, SORT_FIELDS, Summary, sort_field};

#[derive(clap::Args)]
pub struct Args {
    /// Query; the filter language of the UI
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// At most so many rows
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
    /// Field to sort by, a leading - for descending; default: latest first
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Print one JSON row a line
    #[arg(long)]
    jsonl: bool,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let query = query(&args.query)?;
    option_said(&args.query, out);
    let sort = args.sort.as_deref().map(|field| field.strip_prefix('-').map_or((field, false), |field| (field, true)));
    let sort = match sort.map(|(field, descending)| (sort_field(field).ok_or(field), descending)) {
        Some((Err(field), _)) => return Err(Fail::usage(format!("cannot sort by {field:?}; sort by one of {}", SORT_FIELDS.join(" ")))),
        sort => sort.and_then(|(field, descending)| Some((field.ok()?, descending))),
    };
    let workspace = place.open_to_list()?;
    let listing = workspace.ls(&query, sort, args.limit)?;
    let damaged = workspace.take_passed_over();
    out.passed_over(&damaged);
    out.lacking(workspace.take_lacking());
    if args.jsonl {
        for row in &listing.trajectories {
            out.row(row)?;
        }
    } else if out.json {
        out.document("ossia.ls.v1", &listing)?;
    } else {
        if listing.total == 0 {
            finds_nothing(&query, &workspace, out)?;
        }
        print(&listing, query == Query::All, out)?;
    }
    Ok(if damaged.is_empty() { u8::from(listing.total == 0) } else { 3 })
}

fn print(listing: &Listing, whole: bool, out: &Output) -> Result<(), Fail> {
    if listing.total == 0 && !whole {
        return Ok(());
    }
    if listing.total == 0 {
        return out.line("Nothing is here yet. `ossia import PATH` brings sessions in; `ossia demo` makes an example workspace.");
    }
    let title = out.columns().saturating_sub(52).max(16);
    let head = format!("{} {:<12} {:>6} {:>5} {:>8} {:>4} {:>5} {:>5}", fit("title", title), "agent", "steps", "exec", "wait", "no", "retry", "err");
    out.line(&out.ink(Ink::Dim, &head))?;
    for row in &listing.trajectories {
        print_row(row, title, out)?;
    }
    let hidden = listing.total - listing.trajectories.len();
    if hidden > 0 {
        out.line(&out.ink(Ink::Dim, &format!("{hidden} more; --limit {} shows all", listing.total)))?;
    }
    Ok(())
}

fn print_row(row: &Summary, title: usize, out: &Output) -> Result<(), Fail> {
    let name = clean(row.title.as_deref().unwrap_or("(no title)"));
    let wait = row.longest_wait_ms.map_or("-".to_owned(), human::duration);
    let denials = pad_left(&dash(row.denials), 4);
    let denials = if row.denials > 0 { out.ink(Ink::Red, &denials) } else { denials };
    out.line(&format!(
        "{} {} {:>6} {:>5} {} {denials} {:>5} {:>5}",
        out.ink(Ink::Bold, &fit(&name, title)),
        fit(&clean(&row.agent), 12),
        row.steps,
        row.executions,
        pad_left(&wait, 8),
        dash(row.retries),
        dash(row.errors)
    ))?;
    out.line(&format!("  {}", out.ink(Ink::Dim, &clean(&row.id))))
}

fn dash(count: u64) -> String {
    if count == 0 { "-".to_owned() } else { count.to_string() }
}
