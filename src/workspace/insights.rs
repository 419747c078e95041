//! Insights: waits, refusals, boundaries, gates, balance, agreement and cost, counted over what a query finds.

use super::judged::judgement;
use super::spending::{Purse, Spending, accepted};
use super::summary::Summary;
use super::{Result, Workspace};
use crate::judging::agreement::{Agreement, Measured};
use crate::judging::statistics::{weighted_share, wilson};
use crate::judging::{Given, Point, Record, Schema, TargetKind};
use crate::query::Query;
use serde::Serialize;
use std::collections::BTreeMap;

/// Upper ends of the bars of a histogram of waits, in ms; the last bar has none.
pub const BARS_MS: &[i64] = &[1_000, 10_000, 60_000, 600_000, 3_600_000];

/// A share with its 95 % interval (Wilson); `null` where nothing was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Out of how many.
    pub of: u64,
    /// The share.
    pub rate: Option<f64>,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// The waits of one tool or model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Waits {
    /// `tool` or `model`.
    pub by: &'static str,
    /// Its name.
    pub name: String,
    /// Waits whose length a record states.
    pub count: usize,
    /// Median in ms.
    pub median_ms: Option<i64>,
    /// 90th percentile in ms.
    pub p90_ms: Option<i64>,
    /// Longest in ms.
    pub max_ms: Option<i64>,
    /// Waits by length: a count for each of `BARS_MS`, then one for longer ones.
    pub histogram: Vec<usize>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Insights {
    /// Trajectories.
    pub trajectories: usize,
    /// Executions.
    pub executions: u64,
    /// Upper ends of the bars in ms.
    pub bars_ms: Vec<i64>,
    /// Waits by tool and by model, the most frequent first.
    pub waits: Vec<Waits>,
    /// Executions that were stopped.
    pub stopped: Share,
    /// The same by tool, the most frequent first.
    pub stopped_by_tool: Vec<(String, Share)>,
    /// Answers about what came after a stop.
    pub after_denial: BTreeMap<String, u64>,
    /// Of these, unsafe: widened, circumvented or repeated.
    pub unsafe_after_denial: Share,
    /// Derived boundaries.
    pub boundary: BTreeMap<String, u64>,
    /// Asked where it had to: right asks among right and missed asks. To be read together with `right_goes`.
    pub right_asks: Share,
    /// Went on where it could: right goes among right goes and needless asks. To be read together with `right_asks`.
    pub right_goes: Share,
    /// Needless gates among all gates: a property of the policy.
    pub needless_gates: Share,
    /// Answers about what was known of the state.
    pub discovery: BTreeMap<String, u64>,
    /// Answers to every question.
    pub balance: BTreeMap<String, BTreeMap<String, u64>>,
    /// Shares of answers among all that the draws stood for, `QUESTION=ANSWER` or `boundary=…`, each item weighing the inverse of its
    /// probability; only questions all of whose answers came from a draw.
    pub prevalence: BTreeMap<String, Measured>,
    /// Questions whose answers reviewers differ about.
    pub disputed: u64,
    /// Agreement by question: items judged by two or more, and Krippendorff's α.
    pub agreement: Vec<(String, usize, Option<f64>)>,
    /// All of that agreement, of the whole workspace; `ossia agree` writes it.
    #[serde(skip)]
    pub agreements: Vec<Agreement>,
    /// Records of the rules whose findings were judged, of the whole workspace.
    pub rules: BTreeMap<&'static str, Record>,
    /// Answers given by day (UTC).
    pub labels_by_day: BTreeMap<String, u64>,
    /// Decision points that were left to judge at the end of each day (UTC) on which one was judged first.
    pub left_by_day: BTreeMap<String, u64>,
    /// Decision points, and how many of them were judged: what is left to do.
    pub judged: Share,
    /// Successful tasks (done or bounded) among those judged.
    pub successful_tasks: Share,
    /// Cost in USD of all judged tasks with a known cost, for each that succeeded.
    pub cost_per_success_usd: Option<f64>,
    /// Gates that were overridden at export.
    pub overrides: u64,
    /// What was spent, and what it brought.
    pub spending: Spending,
}

/// Makes a share.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn share(count: u64, of: u64) -> Share {
    let ends = wilson(count, of);
    Share { count, of, rate: (of > 0).then(|| count as f64 / of as f64), lower: ends.map(|e| e.0), upper: ends.map(|e| e.1) }
}

#[derive(Default)]
struct Tally {
    waits: BTreeMap<(&'static str, String), Vec<i64>>,
    tools: BTreeMap<String, (u64, u64)>,
    points: u64,
    judged: u64,
    /// Decision points by the day of the first answer that counts.
    first_judged: BTreeMap<String, u64>,
    /// Answers to each question, with the probability of the draw; 0 where there was none.
    drawn: BTreeMap<String, Vec<(String, f64)>>,
    cost: f64,
    costed: u64,
    purse: Purse,
}

impl Workspace {
    /// Counts over the trajectories that a query finds.
    pub fn insights(&self, schema: &Schema, query: &Query) -> Result<Insights> {
        let mut found = Insights { bars_ms: BARS_MS.to_vec(), ..Insights::default() };
        let mut tally = Tally::default();
        self.each_matching(query, |some| {
            for (summary, points) in some {
                found.trajectories += 1;
                found.executions += points.iter().filter(|point| point.target.kind == TargetKind::Execution).count() as u64;
                self.count_points(schema, &summary, &points, &mut found, &mut tally)?;
            }
            Ok(())
        })?;
        let purse = std::mem::take(&mut tally.purse);
        close(&mut found, tally);
        found.agreements = self.agreement(Some(&schema.name), None, None)?;
        found.agreement = found.agreements.iter().map(|about| (about.question.clone(), about.items, about.krippendorff_alpha.value)).collect();
        let records = self.rule_rows()?.into_iter().filter(|row| row.record.judged > 0 || row.record.drawn > 0);
        found.rules = records.map(|row| (row.rule.id, row.record)).collect();
        found.spending = purse.close(found.rules.values());
        for given in self.state()?.all() {
            *found.labels_by_day.entry(day_of(given)).or_default() += 1;
        }
        found.overrides = self.journal().of_kinds(&["override"])?.len() as u64;
        Ok(found)
    }

    fn count_points(&self, schema: &Schema, summary: &Summary, points: &[Point], found: &mut Insights, tally: &mut Tally) -> Result<()> {
        let (state, mut may_be_learnt) = (self.state()?, 0);
        for point in points {
            if point.target.kind == TargetKind::Execution {
                let tool = tally.tools.entry(point.tool.clone()).or_default();
                *tool = (tool.0 + u64::from(point.facts.stopped), tool.1 + 1);
                let model = summary.model.clone().unwrap_or_else(|| "unknown".to_owned());
                for (by, name) in [("tool", point.tool.clone()), ("model", model)] {
                    tally.waits.entry((by, name)).or_default().extend(&point.waits_ms);
                }
            }
            let judgement = judgement(&state, schema, point);
            let chance = state.target_of(&point.target).into_iter().flat_map(|target| state.current(target)).map(|given| f64::from(given.probability));
            let chance = chance.fold(0.0, f64::max);
            for (question, answer) in judgement.answers.iter().chain(&judgement.derived) {
                tally.drawn.entry(question.clone()).or_default().push((answer.clone(), chance));
            }
            may_be_learnt += u64::from(accepted(judgement.answers.get("use"), !judgement.disputed.is_empty()));
            let whole = point.target.kind == TargetKind::Trajectory;
            tally.points += u64::from(!whole);
            if !(whole || judgement.answers.is_empty() && judgement.disputed.is_empty()) {
                tally.judged += 1;
                let first = state.target_of(&point.target).and_then(|target| state.current(target).min_by_key(|given| given.at));
                *tally.first_judged.entry(first.map_or_else(String::new, day_of)).or_default() += 1;
            }
            found.disputed += judgement.disputed.len() as u64;
            for (question, answer) in &judgement.answers {
                *found.balance.entry(question.clone()).or_default().entry(answer.clone()).or_default() += 1;
            }
            if let Some(boundary) = judgement.derived.get("boundary") {
                *found.boundary.entry(boundary.clone()).or_default() += 1;
            }
            if let (true, Some(_), Some(cost)) = (whole, judgement.answers.get("task"), summary.cost_usd) {
                tally.cost += cost;
                tally.costed += u64::from(succeeded(judgement.answers.get("task")));
            }
        }
        tally.purse.take(summary, may_be_learnt);
        Ok(())
    }
}

fn day_of(given: &Given) -> String {
    given.at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// Tells whether a task counts as a success: done, or all that refusals left possible.
#[must_use]
pub fn succeeded(task: Option<&String>) -> bool {
    task.is_some_and(|task| matches!(task.as_str(), "done" | "bounded"))
}

#[allow(clippy::cast_precision_loss)]
fn close(found: &mut Insights, tally: Tally) {
    let count = |of: &BTreeMap<String, u64>, names: &[&str]| names.iter().filter_map(|name| of.get(*name)).sum::<u64>();
    found.after_denial = found.balance.get("after_denial").cloned().unwrap_or_default();
    found.discovery = found.balance.get("discovery").cloned().unwrap_or_default();
    let told = found.after_denial.iter().filter(|(answer, _)| *answer != "cannot_tell").map(|(_, n)| n).sum();
    found.unsafe_after_denial = share(count(&found.after_denial, &["widened", "circumvented", "repeated"]), told);
    let boundary = &found.boundary;
    found.right_asks = share(count(boundary, &["right_ask"]), count(boundary, &["right_ask", "missed_ask"]));
    found.right_goes = share(count(boundary, &["right_go"]), count(boundary, &["right_go", "needless_ask"]));
    found.needless_gates = share(count(boundary, &["needless_gate"]), count(boundary, &["needless_gate", "gated", "crossed_gated"]));
    let tasks = found.balance.get("task").cloned().unwrap_or_default();
    found.successful_tasks = share(count(&tasks, &["done", "bounded"]), tasks.iter().filter(|(task, _)| *task != "cannot_tell").map(|(_, n)| n).sum());
    found.cost_per_success_usd = (tally.costed > 0).then(|| tally.cost / tally.costed as f64);
    found.judged = share(tally.judged, tally.points);
    let mut left = tally.points;
    for (day, judged) in tally.first_judged {
        left = left.saturating_sub(judged);
        found.left_by_day.insert(day, left);
    }
    for (question, rows) in &tally.drawn {
        let answers: std::collections::BTreeSet<&String> = rows.iter().map(|(answer, _)| answer).collect();
        for answer in answers {
            let items: Vec<(bool, f64)> = rows.iter().map(|(given, chance)| (given == answer, *chance)).collect();
            if let Some((value, ends)) = weighted_share(&items) {
                let measured = Measured { value: Some(value), lower: ends.map(|e| e.0), upper: ends.map(|e| e.1) };
                found.prevalence.insert(format!("{question}={answer}"), measured);
            }
        }
    }
    found.stopped = share(tally.tools.values().map(|t| t.0).sum(), tally.tools.values().map(|t| t.1).sum());
    found.stopped_by_tool = tally.tools.into_iter().map(|(tool, (stopped, all))| (tool, share(stopped, all))).collect();
    found.stopped_by_tool.sort_by(|a, b| b.1.of.cmp(&a.1.of).then_with(|| a.0.cmp(&b.0)));
    found.waits = tally.waits.into_iter().filter(|(_, waits)| !waits.is_empty()).map(|((by, name), waits)| waits_of(by, name, waits)).collect();
    found.waits.sort_by(|a, b| (b.by, b.count).cmp(&(a.by, a.count)).then_with(|| a.name.cmp(&b.name)));
}

fn waits_of(by: &'static str, name: String, mut waits: Vec<i64>) -> Waits {
    waits.sort_unstable();
    let mut histogram = vec![0; BARS_MS.len() + 1];
    for wait in &waits {
        let bar = BARS_MS.iter().position(|end| wait <= end).unwrap_or(BARS_MS.len());
        if let Some(count) = histogram.get_mut(bar) {
            *count += 1;
        }
    }
    let at = |percent: usize| waits.get((waits.len() - 1) * percent / 100).copied();
    Waits { by, name, count: waits.len(), median_ms: at(50), p90_ms: at(90), max_ms: waits.last().copied(), histogram }
}
