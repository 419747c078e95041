//! `ossia agree`: how far reviewers agree, beyond chance.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::judging::agreement::{Against, Agreement, Measured};
use crate::text::{clean, fit, pad_left};
use crate::workspace::GroupBy;
use serde::Serialize;

#[derive(clap::Args)]
pub struct Args {
    /// Only this question
    #[arg(long, value_name = "Q")]
    question: Option<String>,
    /// Apart for each tool, model or rule
    #[arg(long, value_name = "tool|model|rule", value_parser = GroupBy::parse)]
    by: Option<GroupBy>,
    /// Only this label schema
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
}

/// What is said where nothing was judged by two.
const ALONE: &str = "Nothing was judged by two yet. A second reviewer answers in a workspace of their own and writes `ossia journal export FILE`; \
`ossia journal import FILE` takes it in here.";

#[derive(Serialize)]
struct Document {
    questions: Vec<Agreement>,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let questions = place.open()?.agreement(args.schema.as_deref(), args.question.as_deref(), args.by)?;
    if out.json {
        out.document("ossia.agree.v1", &Document { questions })?;
        return Ok(0);
    }
    if questions.is_empty() {
        out.line("No labels yet. `ossia label TARGET QUESTION=ANSWER` gives one; two reviewers make an agreement.")?;
    }
    for found in &questions {
        print(found, out)?;
    }
    if !questions.is_empty() && questions.iter().all(|found| found.items == 0) {
        out.line(ALONE)?;
    }
    if questions.iter().any(|found| found.percent.value.is_some_and(|share| share < 1.0)) {
        out.line("What they differ about waits in the queue `disputed`: g r on the screen, or `ossia queue show disputed` and `ossia adjudicate`.")?;
    }
    Ok(0)
}

fn print(found: &Agreement, out: &Output) -> Result<(), Fail> {
    let group = found.group.as_ref().map_or(String::new(), |group| format!(" · {group}"));
    out.line(&out.ink(Ink::Bold, &clean(&format!("{}{group}", found.question))))?;
    let left_out = match (found.abstained, found.excluded) {
        (0, 0) => String::new(),
        (abstained, excluded) => format!(" · left out: {abstained} that cannot tell, {excluded} with hindsight or by proposal, bulk or cluster"),
    };
    let of = if found.reviewers.is_empty() { String::new() } else { format!(" of {}", found.reviewers.join(", ")) };
    let who = clean(&format!("{} answered by two or more{of}{left_out}", crate::text::human::plural(found.items, "item")));
    out.line(&out.ink(Ink::Dim, &format!("  {who}")))?;
    let alpha = if found.scale == "ordinal" { "Krippendorff's α, ordinal" } else { "Krippendorff's α" };
    let rows = [
        ("equal answers", found.percent),
        ("Cohen's κ", found.cohen_kappa),
        ("Fleiss' κ", found.fleiss_kappa),
        (alpha, found.krippendorff_alpha),
        ("Gwet's AC1", found.gwet_ac1),
    ];
    for (name, measured) in rows.into_iter().filter(|(_, measured)| measured.value.is_some()) {
        out.line(&format!("  {} {}", fit(name, 26), value(measured)))?;
    }
    if let Some(why) = found.untold() {
        out.line(&format!("  {why}"))?;
    }
    if let [pair] = found.pairs.as_slice() {
        confusion(&found.answers, &pair.confusion, (&pair.a, &pair.b), out)?;
    } else {
        for pair in &found.pairs {
            out.line(&format!("  {} {}", fit(&clean(&format!("{} and {}", pair.a, pair.b)), 26), value(pair.cohen_kappa)))?;
        }
    }
    against("asked again", &found.repeats, out)?;
    against("against the right answers", &found.gold, out)?;
    out.line("")
}

fn against(what: &str, rows: &[Against], out: &Output) -> Result<(), Fail> {
    for row in rows {
        let equal = row.percent.map_or("-".to_owned(), |share| format!("{:.0} % equal", share * 100.0));
        let said =
            clean(&format!("{} {what}: {}, {equal}, α {}", row.reviewer, crate::text::human::plural(row.items, "item"), value(row.krippendorff_alpha).trim()));
        out.line(&format!("  {said}"))?;
    }
    Ok(())
}

fn value(measured: Measured) -> String {
    let said = measured.value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let ends = measured.lower.zip(measured.upper).map_or(String::new(), |(lower, upper)| format!("  95 % {lower:.3} to {upper:.3}"));
    format!("{said:>6}{ends}")
}

fn confusion(answers: &[String], table: &[Vec<u64>], (a, b): (&str, &str), out: &Output) -> Result<(), Fail> {
    out.line(&out.ink(Ink::Dim, &clean(&format!("  rows {a}, columns {b}"))))?;
    let width = answers.iter().map(|answer| answer.chars().count()).max().unwrap_or(6).clamp(6, 16);
    let head: String = answers.iter().map(|answer| format!(" {}", pad_left(&fit(answer, width), width))).collect();
    out.line(&clean(&format!("  {}{head}", fit("", width))))?;
    for (answer, line) in answers.iter().zip(table) {
        let cells: String = line.iter().map(|n| format!(" {}", pad_left(&n.to_string(), width))).collect();
        out.line(&clean(&format!("  {}{cells}", fit(answer, width))))?;
    }
    Ok(())
}
