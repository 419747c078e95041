//! `ossia label`, `labels`, `amend`, `adjudicate` and `dispute`: what a person says of calls, turns and sessions.

use super::ask::{Place, query};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::judging::Quote;
use crate::text::{clean, human::plural};
use crate::workspace::{Answers, LabelRow, Labelled, Remark};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Label {
    /// TARGETs, then QUESTION=ANSWER; arguments after the first with = are answers
    #[arg(value_name = "TARGET… QUESTION=ANSWER")]
    said: Vec<String>,
    /// Label schema
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
    /// A note on each target
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Label what this query finds; without --yes only a preview
    #[arg(long, value_name = "QUERY", conflicts_with = "from")]
    query: Option<String>,
    /// Write what --query previews
    #[arg(long, requires = "query", conflicts_with = "from")]
    yes: bool,
    /// Rows {"target": ID, "answers": {QUESTION: ANSWER}}, one a line; what a row leaves out is as the options here say
    #[arg(long, value_name = "FILE.jsonl", conflicts_with = "said")]
    from: Option<PathBuf>,
    /// How sure, 1 to 3
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=3))]
    confidence: Option<u8>,
    /// More was seen than the agent had seen
    #[arg(long)]
    hindsight: bool,
    /// Also copy the answers to the near-duplicates of each target
    #[arg(long, conflicts_with_all = ["query", "from"])]
    cluster: bool,
    /// The place that shows it, bytes of a step's text
    #[arg(long, value_name = "STEP:START..END", conflicts_with_all = ["query", "from"])]
    quote: Option<String>,
}

#[derive(clap::Args)]
pub struct Labels {
    /// Query over what was labelled; `is:stale is:disputed is:gold label: reviewer:` are about the labels themselves
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Also answers that were replaced or undone
    #[arg(long)]
    history: bool,
    /// Print one JSON row a line
    #[arg(long)]
    jsonl: bool,
}

#[derive(clap::Args)]
pub struct Amend {
    /// Execution or step
    #[arg(value_name = "TARGET")]
    target: String,
    /// The fact and what it is; `confirm` and `reject` are values
    #[arg(value_name = "FACT=VALUE")]
    fact: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    note: String,
}

#[derive(clap::Args)]
pub struct Flag {
    /// Execution, step or trajectory
    #[arg(value_name = "TARGET")]
    target: String,
}

#[derive(clap::Args)]
pub struct Settle {
    /// What reviewers differ about
    #[arg(value_name = "TARGET")]
    target: String,
    /// The answer that stands; for a dispute the question alone
    #[arg(value_name = "QUESTION[=ANSWER]")]
    said: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// Label schema
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
}

#[derive(Serialize)]
struct Listing<'a> {
    total: usize,
    labels: &'a [LabelRow],
    remarks: &'a [Remark],
}

#[derive(Serialize)]
struct Done<'a> {
    target: &'a str,
    about: &'a str,
    value: Option<&'a str>,
}

pub fn label(args: &Label, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let reviewer = place.reviewer()?;
    let split = args.said.iter().position(|word| word.contains('=')).unwrap_or(args.said.len());
    let (targets, answers) = args.said.split_at(split);
    let done = if let Some(file) = &args.from {
        let rest = Answers { note: args.note.clone(), confidence: args.confidence, hindsight: args.hindsight, ..Answers::default() };
        workspace.label_file(&reviewer, args.schema.as_deref(), file, &rest)?
    } else {
        let said = answers_of(args, answers)?;
        let schema = workspace.schema(args.schema.as_deref())?;
        match &args.query {
            Some(text) if targets.is_empty() => workspace.label_query(&reviewer, &schema, &query(std::slice::from_ref(text))?, &said, args.yes)?,
            Some(_) => return Err(Fail::usage("name targets, or a --query that finds them, not both")),
            None if targets.is_empty() => {
                return Err(Fail::usage("name what is labelled: ossia label TARGET… QUESTION=ANSWER…; `ossia show TRAJECTORY` lists ids"));
            }
            None => workspace.label_ids(&reviewer, &schema, targets, &said, args.cluster)?,
        }
    };
    if out.json {
        out.document("ossia.label.v1", &done)?;
    } else {
        print(&done, out)?;
    }
    Ok(0)
}

fn answers_of(args: &Label, words: &[String]) -> Result<Answers, Fail> {
    let mut answers = Vec::new();
    for word in words {
        let Some((question, answer)) = word.split_once('=').filter(|(question, _)| !question.is_empty()) else {
            return Err(Fail::usage(format!("{word:?} is no answer; write QUESTION=ANSWER")));
        };
        answers.push((question.to_owned(), answer.to_owned()));
    }
    if answers.is_empty() && args.note.is_none() {
        return Err(Fail::usage("say what is so: QUESTION=ANSWER, such as needs_ask=yes, or --note TEXT"));
    }
    let quote = args.quote.as_deref().map(quote_of).transpose()?;
    Ok(Answers { answers, note: args.note.clone(), confidence: args.confidence, hindsight: args.hindsight, quote, ..Answers::default() })
}

fn quote_of(text: &str) -> Result<Quote, Fail> {
    let read = || {
        let (step, range) = text.rsplit_once(':')?;
        let (start, end) = range.split_once("..")?;
        let (start, end) = (start.parse().ok()?, end.parse().ok()?);
        (start < end).then(|| Quote { step: step.to_owned(), start, end })
    };
    read().ok_or_else(|| Fail::usage(format!("{text:?} is no place; write STEP:START..END with bytes of the step's text, such as u1.text:0..24")))
}

fn print(done: &Labelled, out: &Output) -> Result<(), Fail> {
    const SHOWN: usize = 20;
    for row in done.labels.iter().take(SHOWN) {
        let follows =
            done.derived.get(&row.target).map_or(String::new(), |derived| derived.iter().map(|(name, value)| format!("  = {name}:{value}")).collect());
        out.line(&format!(
            "{} {} {}",
            out.ink(Ink::Dim, &clean(&row.target)),
            out.ink(Ink::Bold, &clean(&format!("{}={}", row.question, row.answer))),
            clean(&follows)
        ))?;
    }
    if done.labels.len() > SHOWN {
        out.line(&out.ink(Ink::Dim, &format!("and {} more", done.labels.len() - SHOWN)))?;
    }
    for skip in &done.skipped {
        out.line(&out.ink(Ink::Yellow, &clean(&format!("left out {}: {}", skip.target, skip.reason))))?;
    }
    let count = match (done.labels.len(), done.notes) {
        (0, 0) => return out.line("nothing to write"),
        (labels, 0) => plural(labels, "answer"),
        (0, notes) => plural(notes, "note"),
        (labels, notes) => format!("{} and {}", plural(labels, "answer"), plural(notes, "note")),
    };
    out.line(&if done.written { format!("{count} written; `ossia undo` takes back all of it") } else { format!("{count} would be written; --yes writes that") })
}

pub fn labels(args: &Labels, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open_to_list()?;
    let (rows, remarks) = workspace.labels(&query(&args.query)?, args.history)?;
    if args.jsonl {
        for row in &rows {
            out.row(row)?;
        }
    } else if out.json {
        out.document("ossia.labels.v1", &Listing { total: rows.len(), labels: &rows, remarks: &remarks })?;
    } else {
        let mut told = BTreeSet::new();
        for row in &rows {
            // What stands for everybody comes before what each had said.
            if let (Some(settled), Some(by)) = (&row.settled, &row.settled_by)
                && told.insert((&row.target, &row.schema, &row.question))
            {
                let said = clean(&format!("{}={settled}", row.question));
                let aside = clean(&format!("settled by {by}; what each had said:"));
                out.line(&format!("{} {} {}", clean(&row.target), out.ink(Ink::Bold, &said), out.ink(Ink::Yellow, &aside)))?;
            }
            print_row(row, out)?;
        }
        for Remark { target, kind, reviewer, text } in &remarks {
            let by = reviewer.as_ref().map_or(String::new(), |reviewer| format!(" {reviewer}"));
            out.line(&format!("{} {}{}", clean(target), out.ink(Ink::Bold, kind), clean(&format!("{by}: {text}"))))?;
        }
        out.line(&out.ink(Ink::Dim, &plural(rows.len(), "label")))?;
    }
    Ok(u8::from(rows.is_empty()))
}

fn print_row(row: &LabelRow, out: &Output) -> Result<(), Fail> {
    let marks = [
        (!row.counts && !row.again, "replaced or undone"),
        (row.again, "asked again"),
        (row.gone, "gone"),
        (row.disputed, "disputed"),
        (row.settled.is_some(), "settled"),
        (row.stale, "stale"),
        (row.hindsight, "hindsight"),
        (row.gold, "gold"),
    ];
    let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, word)| format!(" {word}")).collect();
    let said = clean(&format!("{}={}", row.question, row.answer));
    let by = clean(&format!("{} {} {}", row.reviewer, row.via, row.at));
    out.line(&format!("{} {} {}{}", clean(&row.target), out.ink(Ink::Bold, &said), out.ink(Ink::Dim, &by), out.ink(Ink::Yellow, &marks)))
}

pub fn amend(args: &Amend, place: &Place, out: &Output) -> Result<u8, Fail> {
    let Some((fact, value)) = args.fact.split_once('=') else { return Err(Fail::usage("write FACT=VALUE, such as retry_of=reject or decided_by=user")) };
    let rejected = value == "reject";
    place.open()?.amend(&place.reviewer()?, &args.target, fact, (!rejected).then_some(value), &args.note)?;
    done("ossia.amend.v1", &args.target, fact, Some(value), out)
}

pub fn flag(args: &Flag, place: &Place, out: &Output) -> Result<u8, Fail> {
    let set = place.open()?.toggle_flag(&place.reviewer()?, &args.target)?;
    done("ossia.flag.v1", &args.target, "flagged", Some(if set { "yes" } else { "no" }), out)
}

pub fn adjudicate(args: &Settle, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let schema = workspace.schema(args.schema.as_deref())?;
    let Some((question, answer)) = args.said.split_once('=') else { return Err(Fail::usage("write QUESTION=ANSWER: the answer that stands")) };
    workspace.adjudicate(&place.reviewer()?, &schema, &args.target, (question, answer), &args.note)?;
    done("ossia.adjudicate.v1", &args.target, question, Some(answer), out)
}

pub fn dispute(args: &Settle, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let schema = workspace.schema(args.schema.as_deref())?;
    workspace.dispute(&place.reviewer()?, &schema, &args.target, &args.said, &args.note)?;
    done("ossia.dispute.v1", &args.target, &args.said, None, out)
}

fn done(schema: &str, target: &str, about: &str, value: Option<&str>, out: &Output) -> Result<u8, Fail> {
    if out.json {
        out.document(schema, &Done { target, about, value })?;
    } else {
        out.line(&format!("{} {}{}", clean(target), clean(about), value.map_or(String::new(), |value| format!(" = {}", clean(value)))))?;
    }
    Ok(0)
}
