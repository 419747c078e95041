//! The margin of a timeline: findings of rules, values that the audit found, labels, notes; as marks beside a row and as lines of its page.

use super::marks::Marks;
use super::page::Block;
use super::redactions::page::verdict as verdict_sign;
use super::tone::Tone;
use crate::judging::{CANNOT_TELL, Question, answer_name};
use crate::model::{Certainty, Finding, Severity, Step, Trajectory};
use crate::text::{Clean, Hostile, clean, fit};
use crate::workspace::{AuditFinding, Beside, JudgedPoint, LabelRow, Verdict, rule_predicts};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Replaced answers that are shown of a step.
const EARLIER: usize = 6;
/// Columns of the names in the tables of a page.
pub const NAMES: u16 = 12;
/// Findings of one row that are named; more are counted.
const NAMED: usize = 2;

/// What stands beside the steps of a trajectory.
#[derive(Debug, Default)]
pub struct Margin {
    beside: Arc<Beside>,
    /// Findings by the step beside which they are marked.
    findings: FxHashMap<usize, Vec<u32>>,
    /// Decision points by each of their steps.
    points: FxHashMap<usize, u32>,
    /// Values by step.
    values: FxHashMap<usize, Vec<u32>>,
    /// What would not show as it is, by step.
    hidden: FxHashMap<usize, Hostile>,
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Tells whether a finding accuses; praise is no finding that one goes to.
fn accuses(finding: &Finding) -> bool {
    finding.severity != Severity::Good
}

impl Margin {
    /// Lays out what stands beside the steps.
    #[must_use]
    pub fn of(t: &Trajectory, beside: Arc<Beside>) -> Self {
        let mut margin = Self { beside: Arc::clone(&beside), ..Self::default() };
        let places: FxHashMap<&str, usize> = t.steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
        for (at, finding) in t.findings.iter().enumerate() {
            let call = finding.execution.as_deref().and_then(|id| t.execution(id)).and_then(|e| e.steps.first());
            let step = call.or_else(|| finding.steps.first()).or_else(|| finding.evidence.first().map(|evidence| &evidence.step));
            let place = step.and_then(|id| places.get(id.as_str()).copied()).unwrap_or(0);
            margin.findings.entry(place).or_default().push(number(at));
        }
        for (at, point) in beside.points.iter().enumerate() {
            margin.points.extend(point.point.seqs.iter().map(|seq| ((*seq as usize).saturating_sub(1), number(at))));
        }
        for (at, (step, _)) in beside.values.iter().enumerate() {
            margin.values.entry(*step).or_default().push(number(at));
        }
        margin.hidden = beside.hidden.iter().copied().collect();
        margin
    }

    /// Gives what was looked up.
    #[must_use]
    pub const fn beside(&self) -> &Arc<Beside> {
        &self.beside
    }

    /// Gives the decision point that a step belongs to.
    #[must_use]
    pub fn point(&self, step: usize) -> Option<&JudgedPoint> {
        self.points.get(&step).and_then(|at| self.beside.points.get(*at as usize))
    }

    /// Gives the question that the reviewer answers next about a step.
    #[must_use]
    pub fn asked(&self, step: usize) -> Option<&Question> {
        self.beside.schema.as_ref()?.questions.get(self.point(step)?.next?)
    }

    fn begins(&self, step: usize) -> Option<&JudgedPoint> {
        self.point(step).filter(|judged| judged.point.seq as usize == step + 1)
    }

    /// Tells whether a finding that accuses is marked beside a step, or that something in it would not show.
    #[must_use]
    pub fn has_finding(&self, t: &Trajectory, step: usize) -> bool {
        self.hidden.contains_key(&step) || self.findings.get(&step).is_some_and(|found| found.iter().filter_map(|at| t.findings.get(*at as usize)).any(accuses))
    }

    /// Tells whether a decision point begins at a step that nobody answered anything about.
    #[must_use]
    pub fn is_unlabelled(&self, step: usize) -> bool {
        self.begins(step).is_some_and(|judged| judged.labels.is_empty())
    }

    /// Tells whether the audit found a value in a step.
    #[must_use]
    pub fn has_value(&self, step: usize) -> bool {
        self.values.contains_key(&step)
    }

    /// Gives the answers by which people judged otherwise than a finding proposes.
    fn otherwise(&self, finding: &Finding) -> Vec<String> {
        let of = |target: &str| self.beside.points.iter().find(|judged| judged.point.target.id == target);
        let mut said = Vec::new();
        for proposal in &finding.proposes {
            let predicts = |answer: &str| proposal.answer == Some(answer) || rule_predicts(finding.rule, proposal.question, answer);
            for label in of(&proposal.target).into_iter().flat_map(|judged| &judged.labels) {
                if label.question == proposal.question && !predicts(&label.answer) && label.answer != CANNOT_TELL {
                    said.push(format!("{} = {}", label.question.replace('_', " "), label.answer.replace('_', " ")));
                }
            }
        }
        said.sort();
        said.dedup();
        said
    }

    fn values_of(&self, step: usize) -> impl Iterator<Item = &AuditFinding> {
        let at = self.values.get(&step).into_iter().flatten();
        at.filter_map(|at| self.beside.values.get(*at as usize)).map(|(_, finding)| finding)
    }

    /// Gives the values of a step with how many places of it hold each: one that every stream tells is said once.
    fn alike(&self, step: usize) -> Vec<(&AuditFinding, usize)> {
        let mut values: Vec<(&AuditFinding, usize)> = Vec::new();
        for value in self.values_of(step) {
            let said = |of: &AuditFinding| (of.fingerprint.clone(), of.is_value(), of.message.clone(), of.verdict, of.decided_by.clone(), of.note.clone());
            match values.iter_mut().find(|(known, _)| said(known) == said(value)) {
                Some((_, places)) => *places += 1,
                None => values.push((value, 1)),
            }
        }
        values
    }

    /// Gives the marks beside a row: what rules found, what is or was to be redacted, what was answered.
    #[must_use]
    pub fn marks(&self, t: &Trajectory, at: usize, marks: &Marks) -> Vec<(Clean, Tone)> {
        let mut out = Vec::new();
        let found: Vec<&Finding> = self.findings.get(&at).into_iter().flatten().filter_map(|at| t.findings.get(*at as usize)).filter(|f| accuses(f)).collect();
        let mut named: Vec<String> = Vec::new();
        for finding in &found {
            let sure = if finding.certainty == Certainty::Certain { "" } else { "?" };
            let name = format!("{}{sure}", finding.rule);
            if !named.contains(&name) {
                named.push(name);
            }
        }
        if !named.is_empty() {
            let more = if named.len() > NAMED { format!("+{}", named.len() - NAMED) } else { String::new() };
            named.truncate(NAMED);
            out.push((clean(&format!("{}{}{more}", marks.finding, named.join(" "))), Tone::Finding));
        }
        if self.hidden.contains_key(&at) {
            out.push((clean(&format!("{}hidden text", marks.finding)), Tone::Finding));
        }
        let open = self.values_of(at).any(|value| value.verdict == Verdict::Open);
        let marked = self.has_value(at) || t.steps.get(at).is_some_and(|step| !step.redactions.is_empty());
        if marked {
            out.push((clean(&format!("{}{}", marks.redacted, if open { "?" } else { "" })), Tone::Redaction));
        }
        if let Some(judged) = self.begins(at).filter(|judged| !judged.labels.is_empty()) {
            let disputed = judged.labels.iter().any(|label| label.disputed);
            let stands = |label: &LabelRow| label.settled.as_ref().unwrap_or(&label.answer).replace('_', " ");
            let first = judged.labels.first().map(stands).unwrap_or_default();
            let said = if disputed { "disputed".to_owned() } else { first };
            out.push((clean(&format!("{} {said}", marks.label)), Tone::Label));
        }
        out
    }

    /// Gives the lines of a step's page: what each rule says, what each value is, what was answered and by whom, what is asked next.
    #[must_use]
    pub fn lines(&self, t: &Trajectory, at: usize, marks: &Marks) -> Vec<Block> {
        let Some(step) = t.steps.get(at) else { return Vec::new() };
        let mut out = Vec::new();
        for finding in t.findings.iter().filter(|finding| is_about(finding, step)) {
            out.push(found(finding, marks, &self.otherwise(finding)));
        }
        out.extend(self.hidden.get(&at).map(|kind| hidden(*kind, marks)));
        out.extend(self.alike(at).into_iter().map(|(value, places)| valued(value, places, marks)));
        if let Some(judged) = self.point(at) {
            for (at, label) in judged.labels.iter().enumerate() {
                let same = |other: &LabelRow| other.schema == label.schema && other.question == label.question;
                if !judged.labels.iter().take(at).any(same) {
                    out.extend(settled(label, marks));
                }
                out.push(labelled(label, marks));
            }
            out.extend(judged.earlier.iter().take(EARLIER).map(replaced));
            out.extend(judged.notes.iter().map(|(by, text)| line("note").say(Tone::Text, text).say(Tone::Dim, &format!("  {by}"))));
            for (fact, value, note) in &judged.amended {
                let value = value.as_deref().unwrap_or("rejected");
                out.push(line("amended").say(Tone::Label, &format!("{fact} = {value}")).say(Tone::Dim, &format!("  {note}")));
            }
            if judged.flagged {
                out.push(line("flagged").say(Tone::Label, "for a second look"));
            }
            out.extend(self.asked(at).into_iter().flat_map(|question| asked(question, judged)));
        }
        out
    }
}

fn is_about(finding: &Finding, step: &Step) -> bool {
    let same_execution = finding.execution.is_some() && finding.execution == step.execution;
    same_execution || finding.steps.contains(&step.id) || finding.evidence.iter().any(|evidence| evidence.step == step.id)
}

fn line(name: &str) -> Block {
    Block::new().say(Tone::Dim, &fit(name, usize::from(NAMES))).indented(2).hanging(NAMES)
}

fn found(finding: &Finding, marks: &Marks, otherwise: &[String]) -> Block {
    let (sign, tone) = if accuses(finding) { (marks.finding, Tone::Finding) } else { (marks.yes, Tone::Ran) };
    let sure = if finding.certainty == Certainty::Certain { "" } else { ", possible" };
    let head = format!("{sign} {} {}", finding.rule, finding.name.replace('-', " "));
    let block = line("finding").say(tone, &head).say(Tone::Dim, &format!("  {}{sure}  ", finding.severity.as_str())).say(Tone::Text, &finding.message);
    if otherwise.is_empty() { block } else { block.say(Tone::Label, &format!("  people judged otherwise: {}", otherwise.join(", "))) }
}

fn hidden(kind: Hostile, marks: &Marks) -> Block {
    let head = format!("{} hidden text", marks.finding);
    line("finding").say(Tone::Finding, &head).say(Tone::Dim, "  certain  ").say(Tone::Text, &format!("{}; nothing of it reached your terminal", kind.said()))
}

fn valued(value: &AuditFinding, places: usize, marks: &Marks) -> Block {
    let head = format!("{} {}  {}", marks.redacted, value.class.replace('_', " "), value.masked);
    let block = line(if value.is_value() { "value" } else { "claim" }).say(Tone::Redaction, &head);
    let block = block.say(Tone::Dim, &value.message.as_ref().map_or(String::new(), |message| format!("  {message}")));
    let block = if places > 1 { block.say(Tone::Dim, &format!("  in {places} places")) } else { block };
    let (sign, tone) = verdict_sign(value.verdict, marks);
    let by = value.decided_by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
    let note = value.note.as_ref().map_or(String::new(), |note| format!(": {note}"));
    block.say(tone, &format!("  {sign} {}{by}{note}", value.verdict.as_str().replace('_', " ")))
}

/// Says what stands for everybody where a question was settled; what each had said follows.
fn settled(label: &LabelRow, marks: &Marks) -> Option<Block> {
    let said = format!("{} {} = {}", marks.label, label.question.replace('_', " "), label.settled.as_ref()?.replace('_', " "));
    let by = label.settled_by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
    Some(line("settled").say(Tone::Label, &said).say(Tone::Text, &format!(" {by}")).say(Tone::Dim, "; what each had said follows"))
}

fn labelled(label: &LabelRow, marks: &Marks) -> Block {
    let said = format!("{} {} = {}", marks.label, label.question.replace('_', " "), label.answer.replace('_', " "));
    let notes = [
        (label.gold, "a right answer"),
        (label.stale, "facts or question changed since"),
        (label.disputed, "disputed"),
        (label.settled.as_ref().is_some_and(|settled| *settled != label.answer), "overruled"),
        (label.hindsight, "with hindsight"),
        (label.confidence == 1, "unsure"),
        (label.via != "key", label.via),
    ];
    let notes: Vec<&str> = notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
    let day = label.at.get(..10).unwrap_or_default();
    let aside = if notes.is_empty() { String::new() } else { format!("  ({})", notes.join(", ")) };
    line("label").say(Tone::Label, &said).say(Tone::Text, &format!("  {}", label.reviewer)).say(Tone::Dim, &format!("  {day}{aside}"))
}

/// Says what was answered before, and was replaced or taken back.
fn replaced(label: &LabelRow) -> Block {
    let said =
        format!("{} = {}  {}  {}", label.question.replace('_', " "), label.answer.replace('_', " "), label.reviewer, label.at.get(..10).unwrap_or_default());
    line("before").say(Tone::Dim, &said)
}

fn asked(question: &Question, judged: &JudgedPoint) -> [Block; 2] {
    let name = if judged.labels.is_empty() { "unlabelled" } else { "asked next" };
    let mut answers = Block::new().indented(2 + NAMES);
    for answer in &question.answers {
        answers = answers.say(Tone::Key, &answer.key.to_string()).say(Tone::Dim, &format!(" {}   ", answer_name(&answer.id)));
    }
    [
        line(name).say(Tone::Text, &question.text),
        answers
            .say(Tone::Key, &question.cannot_tell.to_string())
            .say(Tone::Dim, if question.answers.iter().any(|answer| answer.id == "unknown") { " you cannot tell" } else { " cannot tell" }),
    ]
}
