//! Running the rules over the trajectories that match a query.

use super::inherited::{Kin, Last};
use super::load::{InMemory, finished};
use super::{Result, Workspace};
use crate::assemble::{Share, assemble};
use crate::judging::Record;
use crate::model::{Certainty, Finding, Severity, Trajectory};
use crate::query::Query;
use crate::redaction::Mask;
use crate::rules::{self, Counts, RULES, Rule};
use crate::text::HIDDEN_TEXT;
use rayon::prelude::*;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Trajectories that are assembled at once.
const AT_ONCE: usize = 64;

/// Path and line of a record.
type Place = (Option<String>, Option<u64>);

/// One rule, what it said, and how it did against what people judged.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRow {
    /// The rule.
    #[serde(flatten)]
    pub rule: &'static Rule,
    /// How often it found something, nothing, or could not see.
    pub counts: Counts,
    /// Share of what it was asked that could be answered, from 0 to 1.
    pub coverage: Option<f64>,
    /// Share of its judged findings that people agreed with; `None` until somebody judged.
    pub precision: Option<f64>,
    /// Share of what people found in a draw that it had found; `None` until items without its findings were drawn and judged.
    pub recall: Option<f64>,
    /// Harmonic mean of the two, by the weights of the draw.
    pub f1: Option<f64>,
    /// How many of its findings were judged.
    pub judged: u64,
    /// All of its record, with intervals; of the whole workspace, whatever was asked for.
    pub record: Record,
}

impl std::ops::Deref for RuleRow {
    type Target = Rule;

    fn deref(&self) -> &Rule {
        self.rule
    }
}

/// A finding, and where its first record stands.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Path of the source.
    #[serde(skip)]
    pub path: Option<String>,
    /// Line of the record.
    #[serde(skip)]
    pub line: Option<u64>,
}

/// What the rules said of a workspace.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Hash of the set of rules.
    pub rules_hash: String,
    /// Trajectories that were looked at.
    pub trajectories: u64,
    /// Executions that were looked at.
    pub executions: u64,
    /// Records with text that would not show as it is, which no rule judges; `finding:hidden_text` finds their steps.
    pub hidden_text: u64,
    /// The rules.
    pub rules: Vec<RuleRow>,
    /// Findings, worst first.
    pub findings: Vec<Found>,
    /// How many more there are, by rule, where no more of each were wanted.
    #[serde(skip)]
    pub more: BTreeMap<&'static str, usize>,
}

impl CheckReport {
    /// Tells whether a sure finding is at or above a severity; what is good accuses nobody.
    #[must_use]
    pub fn fails_at(&self, severity: Severity) -> bool {
        self.findings.iter().any(|f| f.finding.certainty == Certainty::Certain && f.finding.severity != Severity::Good && f.finding.severity >= severity)
    }

    /// Puts the findings in order, worst first, and keeps at most so many of each rule.
    fn keep_worst(&mut self, most: usize) {
        let rank = |f: &Found| (f.finding.certainty, Reverse(if f.finding.severity == Severity::Good { None } else { Some(f.finding.severity) }));
        self.findings.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| (&a.finding.trajectory, a.finding.rule).cmp(&(&b.finding.trajectory, b.finding.rule))));
        let mut kept: BTreeMap<&'static str, usize> = BTreeMap::new();
        self.findings.retain(|found| {
            let kept = kept.entry(found.finding.rule).or_default();
            *kept += 1;
            if *kept > most {
                *self.more.entry(found.finding.rule).or_default() += 1;
            }
            *kept <= most
        });
    }
}

/// Gives the name of a rule by its id.
#[must_use]
pub fn name_of(id: &str) -> Option<&'static str> {
    rules::rule(id).map(|rule| rule.name)
}

impl Workspace {
    /// Gives the rules with their records, without any answers.
    pub fn rule_rows(&self) -> Result<Vec<RuleRow>> {
        let row = |(rule, record): (&'static Rule, Record)| RuleRow {
            rule,
            counts: Counts::default(),
            coverage: None,
            precision: record.precision.value,
            recall: record.recall.value,
            f1: record.f1.value,
            judged: record.judged,
            record,
        };
        Ok(RULES.iter().zip(self.records()?).map(row).collect())
    }

    /// Asks the rules about every trajectory with a step that matches; of the findings of each rule the worst are given, at most `most`.
    pub fn check(&self, query: &Query, most: usize) -> Result<CheckReport> {
        self.catch_up()?;
        let numbers: Vec<i64> =
            if *query == Query::All { self.store.generations()?.into_iter().map(|(number, _)| number).collect() } else { self.matching(query)? };
        let mut report = CheckReport {
            rules_hash: self.rules_hash().to_owned(),
            trajectories: 0,
            executions: 0,
            hidden_text: 0,
            rules: self.rule_rows()?,
            findings: Vec::new(),
            more: BTreeMap::new(),
        };
        let amendments = self.amendments()?;
        let mut last = Last::default();
        for part in numbers.chunks(AT_ONCE) {
            let mut work = Vec::new();
            for &number in part {
                let Some(row) = self.store.trajectory(number)? else { continue };
                let shares: Vec<Share> = self.shares(number, &mut InMemory::default())?.into_iter().map(|(_, _, share)| share).collect();
                let kin = self.kin(&row.name, &shares, &mut last)?;
                work.push((row.name, shares, self.mask_of(number, &[])?, kin));
            }
            let answered: Vec<(Trajectory, Vec<Counts>)> = work
                .into_par_iter()
                .map(|(name, shares, mask, kin): (String, Vec<Share>, Mask, Kin)| {
                    let (mut trajectory, counts) = finished(assemble(&name, shares), &amendments, &kin);
                    for finding in &mut trajectory.findings {
                        let texts = finding.evidence.iter_mut().map(|evidence| &mut evidence.text);
                        texts.chain([&mut finding.message]).for_each(|text| mask.hide(text));
                    }
                    (trajectory, counts)
                })
                .collect();
            for (trajectory, counts) in answered {
                report.trajectories += 1;
                report.executions += trajectory.executions.len() as u64;
                report.hidden_text += trajectory.issues.iter().filter(|issue| issue.kind == HIDDEN_TEXT).count() as u64;
                for (row, counts) in report.rules.iter_mut().zip(&counts) {
                    row.counts.add(counts);
                }
                let found = |finding: &Finding| {
                    let (path, line) = place(&trajectory, finding);
                    Found { finding: finding.clone(), path, line }
                };
                report.findings.extend(trajectory.findings.iter().map(found));
            }
            if report.findings.len() > report.rules.len().saturating_mul(most) {
                report.keep_worst(most);
            }
        }
        for row in &mut report.rules {
            row.coverage = row.counts.coverage();
        }
        report.keep_worst(most);
        Ok(report)
    }
}

fn place(trajectory: &Trajectory, finding: &Finding) -> Place {
    let step = finding.evidence.first().map(|e| e.step.as_str()).or_else(|| finding.steps.first().map(String::as_str));
    let origin = step.and_then(|id| trajectory.step(id)).and_then(|s| s.origins.first());
    let path = origin.and_then(|o| trajectory.sources.iter().find(|s| s.sha256 == o.source)).map(|s| s.path.clone());
    (path, origin.map(|o| o.line))
}
