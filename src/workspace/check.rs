//! Running the rules over the trajectories that match a query.

use super::load::InMemory;
use super::{Result, Workspace};
use crate::assemble::{Share, assemble};
use crate::model::{Certainty, Finding, Severity, Trajectory};
use crate::query::Query;
use crate::redaction::Mask;
use crate::rules::{self, Counts, RULES};
use rayon::prelude::*;
use serde::Serialize;

/// Trajectories that are assembled at once.
const AT_ONCE: usize = 256;

/// Path and line of a record.
type Place = (Option<String>, Option<u64>);

/// One rule, and what it said.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRow {
    /// Id.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// Version.
    pub version: u32,
    /// The severity it has at most.
    pub severity: Severity,
    /// What it fires on.
    pub description: &'static str,
    /// Facts it needs.
    pub needs: &'static [&'static str],
    /// Answers it predicts.
    pub predicts: &'static [&'static str],
    /// How often it found something, nothing, or could not see.
    pub counts: Counts,
    /// Share of what it was asked that could be answered, from 0 to 1.
    pub coverage: Option<f64>,
    /// Share of its judged findings that people agreed with; `None` until somebody judged.
    pub precision: Option<f64>,
    /// Share of what people found that it proposes; `None` until somebody judged.
    pub recall: Option<f64>,
    /// How many of its findings were judged.
    pub judged: u64,
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
    /// The rules.
    pub rules: Vec<RuleRow>,
    /// Findings, worst first.
    pub findings: Vec<Found>,
}

impl CheckReport {
    /// Tells whether a sure finding is at or above a severity; what is good accuses nobody.
    #[must_use]
    pub fn fails_at(&self, severity: Severity) -> bool {
        self.findings.iter().any(|f| f.finding.certainty == Certainty::Certain && f.finding.severity != Severity::Good && f.finding.severity >= severity)
    }
}

/// Gives the rules without any answers.
#[must_use]
pub fn rule_rows() -> Vec<RuleRow> {
    let row = |r: &rules::Rule| RuleRow {
        id: r.id,
        name: r.name,
        version: r.version,
        severity: r.severity,
        description: r.description,
        needs: r.needs,
        predicts: r.predicts,
        counts: Counts::default(),
        coverage: None,
        precision: None,
        recall: None,
        judged: 0,
    };
    RULES.iter().map(row).collect()
}

impl Workspace {
    /// Asks the rules about every trajectory with a step that matches.
    pub fn check(&self, query: &Query) -> Result<CheckReport> {
        self.catch_up()?;
        let numbers: Vec<i64> = if *query == Query::All { self.store.trajectories()?.into_iter().map(|row| row.id).collect() } else { self.matching(query)? };
        let mut report = CheckReport { rules_hash: rules::hash(), trajectories: 0, executions: 0, rules: rule_rows(), findings: Vec::new() };
        for part in numbers.chunks(AT_ONCE) {
            let mut work: Vec<(String, Vec<Share>, Mask)> = Vec::new();
            for &number in part {
                let Some(row) = self.store.trajectory(number)? else { continue };
                let shares = self.shares(number, &mut InMemory::default())?.into_iter().map(|(_, _, share)| share).collect();
                work.push((row.name, shares, self.mask_of(number, &[])?));
            }
            let answered: Vec<(u64, rules::Report, Vec<Place>)> = work
                .into_par_iter()
                .map(|(name, shares, mask)| {
                    let trajectory = assemble(&name, shares);
                    let mut answers = rules::run(&trajectory);
                    for finding in &mut answers.findings {
                        let texts = finding.evidence.iter_mut().map(|evidence| &mut evidence.text);
                        texts.chain([&mut finding.message]).for_each(|text| mask.hide(text));
                    }
                    let places = answers.findings.iter().map(|f| place(&trajectory, f)).collect();
                    (trajectory.executions.len() as u64, answers, places)
                })
                .collect();
            for (executions, answers, places) in answered {
                report.trajectories += 1;
                report.executions += executions;
                for (row, counts) in report.rules.iter_mut().zip(&answers.counts) {
                    row.counts.add(counts);
                }
                report.findings.extend(answers.findings.into_iter().zip(places).map(|(finding, (path, line))| Found { finding, path, line }));
            }
        }
        for row in &mut report.rules {
            row.coverage = row.counts.coverage();
        }
        let rank = |f: &Found| (f.finding.certainty, std::cmp::Reverse(if f.finding.severity == Severity::Good { None } else { Some(f.finding.severity) }));
        report
            .findings
            .sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| (&a.finding.trajectory, a.finding.rule).cmp(&(&b.finding.trajectory, b.finding.rule))));
        Ok(report)
    }
}

fn place(trajectory: &Trajectory, finding: &Finding) -> Place {
    let step = finding.evidence.first().map(|e| e.step.as_str()).or_else(|| finding.steps.first().map(String::as_str));
    let origin = step.and_then(|id| trajectory.step(id)).and_then(|s| s.origins.first());
    let path = origin.and_then(|o| trajectory.sources.iter().find(|s| s.sha256 == o.source)).map(|s| s.path.clone());
    (path, origin.map(|o| o.line))
}
