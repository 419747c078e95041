//! `ossia check` and `ossia rules`: what the rules find, for people and for machines.

use super::ask::{Place, query};
use super::check_formats::{junit, markdown, sarif};
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::model::{Certainty, Severity};
use crate::text::{clean, fit};
use crate::workspace::check::{CheckReport, Found, RuleRow};
use clap::ValueEnum;

#[derive(clap::Args)]
pub struct Args {
    /// Query; the filter language of the UI
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Exit with 1 if a sure finding is at or above this severity
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Least>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Print one JSON finding a line
    #[arg(long)]
    jsonl: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One document
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit XML
    Junit,
    /// Markdown
    Markdown,
    /// Lines that a workflow of GitHub shows beside the files
    Github,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let query = query(&args.query)?;
    let report = place.open()?.check(&query, usize::MAX)?;
    if args.jsonl {
        for finding in &report.findings {
            out.row(finding)?;
        }
    } else if out.json || args.format == Format::Json {
        out.document("ossia.check.v1", &report)?;
    } else {
        match args.format {
            Format::Sarif => out.row(&sarif(&report))?,
            Format::Junit => out.bytes(junit(&report).as_bytes())?,
            Format::Markdown => out.bytes(markdown(&report).as_bytes())?,
            Format::Github => github(&report, out)?,
            Format::Text | Format::Json => print(&report, out)?,
        }
    }
    let least = args.fail_on.map(|least| match least {
        Least::Low => Severity::Low,
        Least::Medium => Severity::Medium,
        Least::High => Severity::High,
        Least::Critical => Severity::Critical,
    });
    Ok(u8::from(least.is_some_and(|least| report.fails_at(least))))
}

/// `ossia rules`.
pub fn list(place: &Place, out: &Output) -> Result<u8, Fail> {
    #[derive(serde::Serialize)]
    struct Rules<'w> {
        rules_hash: &'w str,
        rules: Vec<RuleRow>,
    }
    let workspace = place.open_or_make()?;
    let rows = Rules { rules_hash: workspace.rules_hash(), rules: workspace.rule_rows()? };
    if out.json {
        out.document("ossia.rules.v1", &rows)?;
        return Ok(0);
    }
    for row in &rows.rules {
        let rule = row.rule;
        out.line(&format!("{:<4} {} {}", rule.id, out.ink(ink(rule.severity), &format!("{:<8}", rule.severity)), out.ink(Ink::Bold, rule.name)))?;
        out.line(&format!("     {}", rule.description))?;
        out.line(&out.ink(Ink::Dim, &format!("     needs {}", rule.needs.join(", "))))?;
        if let Some(record) = row.record.said() {
            out.line(&out.ink(Ink::Dim, &format!("     {}", record.join("; "))))?;
        }
    }
    out.line(&out.ink(Ink::Dim, &format!("rules {}", rows.rules_hash)))?;
    Ok(0)
}

fn ink(severity: Severity) -> Ink {
    match severity {
        Severity::Critical | Severity::High => Ink::Red,
        Severity::Medium => Ink::Yellow,
        Severity::Low => Ink::Dim,
        Severity::Good => Ink::Green,
    }
}

fn print(report: &CheckReport, out: &Output) -> Result<(), Fail> {
    for Found { finding, .. } in &report.findings {
        let sure = if finding.certainty == Certainty::Possible { " (possible)" } else { "" };
        let severity = out.ink(ink(finding.severity), &format!("{:<8}", finding.severity));
        out.line(&format!("{severity} {:<4} {}{sure}", finding.rule, clean(&finding.message)))?;
        let place = finding.execution.as_ref().map_or_else(|| finding.trajectory.clone(), |e| format!("{}#{e}", finding.trajectory));
        out.line(&format!("              {}", out.ink(Ink::Dim, &clean(&place))))?;
    }
    if !report.findings.is_empty() {
        out.line("")?;
    }
    let head = format!("{:<4} {:<28} {:>8} {:>8} {:>14} {:>9}", "rule", "", "finding", "clear", "not observable", "coverage");
    out.line(&out.ink(Ink::Dim, &head))?;
    // What found nothing and was answered everywhere needs no row of its own.
    let (told, clear): (Vec<&RuleRow>, Vec<&RuleRow>) = report.rules.iter().partition(|row| row.counts.finding + row.counts.not_observable > 0);
    for row in told {
        let coverage = row.coverage.map_or("-".to_owned(), |c| format!("{:.0} %", c * 100.0));
        let (c, rule) = (row.counts, row.rule);
        out.line(&format!("{:<4} {} {:>8} {:>8} {:>14} {coverage:>9}", rule.id, fit(&clean(rule.name), 28), c.finding, c.clear, c.not_observable))?;
    }
    if !clear.is_empty() {
        let ids: Vec<&str> = clear.iter().map(|row| row.rule.id).collect();
        out.line(&format!("clear wherever they apply: {}", ids.join(" ")))?;
    }
    if report.hidden_text > 0 {
        let records = crate::text::human::plural(report.hidden_text, "record");
        out.line(&format!(
            "{} text that does not show; `ossia search finding:hidden_text` lists the steps",
            if report.hidden_text == 1 { format!("{records} holds") } else { format!("{records} hold") }
        ))?;
    }
    out.line(&out.ink(Ink::Dim, &total(report)))
}

/// Says how much was found: what `ls` counts, what is only possible, what is praise.
fn total(report: &CheckReport) -> String {
    let good = report.findings.iter().filter(|f| f.finding.severity == Severity::Good).count();
    let possible = report.findings.iter().filter(|f| f.finding.certainty == Certainty::Possible && f.finding.severity != Severity::Good).count();
    format!(
        "{}, {possible} possible and {good} of what was good, in {}, {} · rules {}",
        crate::text::human::plural(report.findings.len() - possible - good, "finding"),
        crate::text::human::plural(report.trajectories, "trajectory"),
        crate::text::human::plural(report.executions, "execution"),
        report.rules_hash
    )
}

fn github(report: &CheckReport, out: &Output) -> Result<(), Fail> {
    let escape = |text: &str| clean(text).to_string().replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D");
    for found in &report.findings {
        let kind = match found.finding.severity {
            Severity::Critical | Severity::High if found.finding.certainty == Certainty::Certain => "error",
            Severity::Good => "notice",
            _ => "warning",
        };
        let file = found
            .path
            .as_deref()
            .map_or(String::new(), |path| format!(" file={},line={},", escape(path).replace(',', "%2C").replace(':', "%3A"), found.line.unwrap_or(1)));
        let separator = if file.is_empty() { " " } else { "" };
        out.line(&format!("::{kind}{file}{separator}title={} {}::{}", found.finding.rule, found.finding.name, escape(&found.finding.message)))?;
    }
    Ok(())
}
