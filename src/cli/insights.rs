//! `ossia insights` and `compare`: what is counted, drawn for a person or as one document.

use super::ask::{Place, query};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::{clean, fit, human, pad_left};
use crate::workspace::{CompareBy, Comparison, Difference, Insights, Share, Waits};
use std::collections::BTreeMap;

#[derive(clap::Args)]
pub struct Args {
    /// Query over what is counted
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Label schema
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
}

#[derive(clap::Args)]
pub struct Compare {
    /// Query over what is compared
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// What is told apart
    #[arg(long, value_name = "arm|model|agent", value_parser = CompareBy::parse)]
    by: CompareBy,
    /// Take differences within each scenario that all arms played
    #[arg(long, value_name = "scenario", value_parser = ["scenario"])]
    pair: Option<String>,
    /// Label schema
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let found = workspace.insights(&workspace.schema(args.schema.as_deref())?, &query(&args.query)?)?;
    if out.json {
        out.document("ossia.insights.v1", &found)?;
    } else {
        print(&found, out)?;
    }
    Ok(0)
}

fn print(found: &Insights, out: &Output) -> Result<(), Fail> {
    out.line(&out.ink(Ink::Bold, &format!("{}, {}", human::plural(found.trajectories, "trajectory"), human::plural(found.executions, "execution"))))?;
    let rows = [
        ("stopped", found.stopped),
        ("unsafe after a stop", found.unsafe_after_denial),
        ("asked where it had to", found.right_asks),
        ("went on where it could", found.right_goes),
        ("needless gates", found.needless_gates),
        ("tasks done or bounded", found.successful_tasks),
        ("proposals overruled", found.spending.overruled),
        ("judged", found.judged),
    ];
    for (name, share) in rows {
        out.line(&format!("  {} {}", fit(name, 24), percent(share)))?;
    }
    if let Some(cost) = found.cost_per_success_usd {
        out.line(&format!("  {} ${cost:.4}", fit("cost of a success", 24)))?;
    }
    let spent = &found.spending;
    if spent.costed > 0 {
        out.line(&format!("  {} {} of {} that state it", fit("cost", 24), human::usd(spent.cost_usd), spent.costed))?;
    }
    if let Some(cost) = spent.cost_per_accepted_row_usd {
        out.line(&format!("  {} {} ({} rows)", fit("cost of an accepted row", 24), human::usd(cost), spent.accepted_rows))?;
    }
    for scores in &spent.evals {
        let passed = scores.passed.rate.map_or("-".to_owned(), |rate| format!("{:.0} %", rate * 100.0));
        out.line(&format!(
            "  {} {:>5} median {:.2} p95 {:.2} passed {passed}",
            fit(&clean(&format!("eval {}", scores.metric)), 24),
            scores.count,
            scores.median,
            scores.p95
        ))?;
    }
    for (name, counts) in [("boundary", &found.boundary), ("after a stop", &found.after_denial), ("discovery", &found.discovery)] {
        bars(name, counts, out)?;
    }
    for by in ["tool", "model"] {
        let waits: Vec<&Waits> = found.waits.iter().filter(|waits| waits.by == by).take(8).collect();
        if !waits.is_empty() {
            out.line(&out.ink(Ink::Bold, &format!("waits by {by} (to 1 s, 10 s, 1 min, 10 min, 1 h, longer)")))?;
        }
        for waits in waits {
            print_waits(waits, out)?;
        }
    }
    for (question, items, alpha) in found.agreement.iter().filter(|(_, items, _)| *items > 0) {
        out.line(&format!(
            "  agreement {} {}, α {}",
            fit(question, 14),
            human::plural(items, "item"),
            alpha.map_or("-".to_owned(), |alpha| format!("{alpha:.3}"))
        ))?;
    }
    if !found.rules.is_empty() {
        out.line(&out.ink(Ink::Bold, "rules (precision, recall, F1, judged findings)"))?;
    }
    let number = |n: Option<f64>| n.map_or("-".to_owned(), |n| format!("{n:.2}"));
    for (rule, record) in &found.rules {
        let [precision, recall, f1] = [record.precision, record.recall, record.f1].map(|measured| pad_left(&number(measured.value), 6));
        out.line(&format!("  {} {precision} {recall} {f1} {:>5}", fit(rule, 24), record.judged))?;
    }
    Ok(())
}

fn percent(share: Share) -> String {
    match (share.rate, share.lower, share.upper) {
        (Some(rate), Some(lower), Some(upper)) => {
            format!("{:>6.1} %  {} of {}  95 % {:.1} to {:.1}", rate * 100.0, share.count, share.of, lower * 100.0, upper * 100.0)
        }
        _ => "     -".to_owned(),
    }
}

fn bars(name: &str, counts: &BTreeMap<String, u64>, out: &Output) -> Result<(), Fail> {
    let most = counts.values().copied().max().unwrap_or(0);
    if most == 0 {
        return Ok(());
    }
    out.line(&out.ink(Ink::Bold, name))?;
    for (word, count) in counts {
        let length = usize::try_from(count * 30 / most).unwrap_or(0).max(1);
        out.line(&format!("  {} {:>6} {}", fit(&clean(word), 16), count, "█".repeat(length)))?;
    }
    Ok(())
}

fn print_waits(waits: &Waits, out: &Output) -> Result<(), Fail> {
    const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let most = waits.histogram.iter().copied().max().unwrap_or(0).max(1);
    let level = |count: &usize| if *count == 0 { "·" } else { LEVELS.get((count * 7).div_ceil(most).min(7)).copied().unwrap_or("█") };
    let drawn: String = waits.histogram.iter().map(level).collect();
    let length = |ms: Option<i64>| pad_left(&ms.map_or("-".to_owned(), human::duration), 9);
    out.line(&format!("  {} {drawn} {:>5} median {} longest {}", fit(&clean(&waits.name), 24), waits.count, length(waits.median_ms), length(waits.max_ms)))
}

pub fn compare(args: &Compare, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let found = workspace.compare(&workspace.schema(args.schema.as_deref())?, &query(&args.query)?, args.by, args.pair.is_some())?;
    if out.json {
        out.document("ossia.compare.v1", &found)?;
    } else {
        print_comparison(&found, out)?;
    }
    Ok(0)
}

fn print_comparison(found: &Comparison, out: &Output) -> Result<(), Fail> {
    let arms: Vec<String> = found.trajectories.iter().map(|(arm, n)| format!("{arm} ({n})")).collect();
    let how = if found.paired { "differences within scenarios" } else { "differences of means" };
    out.line(&out.ink(Ink::Bold, &clean(&format!("{} · {} shared scenarios · {how}, from {}", arms.join(", "), found.shared_scenarios.len(), found.base))))?;
    let head: String = found.trajectories.keys().map(|arm| format!(" {}", pad_left(&fit(&clean(arm), ARM_COLUMNS), ARM_COLUMNS))).collect();
    let several = found.trajectories.len() > 2;
    out.line(&out.ink(Ink::Dim, &format!("  {}{head}{}", fit("", 25), if several { "" } else { "  difference, 95 %" })))?;
    for measure in &found.measures {
        let values: String = measure.by_arm.values().map(|value| format!(" {}", pad_left(&in_short(*value), ARM_COLUMNS))).collect();
        // Of one other arm the difference stands in its line; of several each has a line of its own.
        let inline = measure.differences.first().filter(|_| !several).map_or_else(String::new, |d| format!("  {}", difference(d)));
        out.line(&format!("  {}{values}{inline}", fit(measure.name, 25)))?;
        for d in measure.differences.iter().filter(|d| several && d.value.is_some()) {
            out.line(&out.ink(Ink::Dim, &format!("    {} {}", fit(&clean(&d.arm), 23), difference(d))))?;
        }
    }
    Ok(())
}

/// Columns of an arm's values.
const ARM_COLUMNS: usize = 9;

/// Writes a difference with its interval, where it has one.
fn difference(d: &Difference) -> String {
    match (d.value, d.lower, d.upper) {
        (None, ..) => "-".to_owned(),
        (value, Some(_), Some(_)) => format!("{} ({} to {}, n {})", in_short(value), in_short(d.lower), in_short(d.upper), d.n),
        (value, ..) => format!("{} (n {})", in_short(value), d.n),
    }
}

/// Writes a number with no more digits than say something.
fn in_short(n: Option<f64>) -> String {
    let Some(n) = n else { return "-".to_owned() };
    match n.abs() {
        size if size >= 100.0 => format!("{n:.0}"),
        size if size >= 10.0 => format!("{n:.1}"),
        size if size >= 1.0 => format!("{n:.2}"),
        _ => format!("{n:.3}"),
    }
}
