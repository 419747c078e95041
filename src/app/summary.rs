//! A trajectory in a few lines, beside the library: what it is, and what was asked, stopped and tried again.

use super::lanes::stopped;
use super::marks::{ASCII, Marks, UNICODE};
use super::page::Block;
use super::timeline::{bar, one_line};
use super::tone::Tone;
use crate::model::{Actor, Execution, Kind, Trajectory};
use crate::text::human;

/// Executions that are shown.
const EXECUTIONS: usize = 40;

/// Makes the preview of a trajectory.
#[must_use]
pub fn preview(t: &Trajectory, ascii: bool) -> Vec<Block> {
    let marks = if ascii { &ASCII } else { &UNICODE };
    let mut out = vec![Block::new().say(Tone::Strong, &one_line(t.title.as_deref().unwrap_or("(no title)"), true))];
    let dot = format!(" {} ", marks.dot);
    let mut about: Vec<String> = vec![t.agent.clone()];
    about.extend(t.model.clone());
    about.extend(t.cwd.clone());
    about.extend(t.git_ref.clone());
    out.push(Block::new().say(Tone::Dim, &about.join(&dot)));
    let mut more: Vec<String> = Vec::new();
    more.extend(
        t.cohort.as_ref().map(|cohort| format!("{} of {}", cohort.arm.as_deref().unwrap_or("no arm"), cohort.experiment.as_deref().unwrap_or("no experiment"))),
    );
    more.extend(t.started_at.zip(t.ended_at).map(|(from, to)| human::duration(to.since(from))));
    more.extend(t.usage.cost_usd.map(human::usd));
    more.push(human::plural(t.sources.len(), "source"));
    if !t.issues.is_empty() {
        more.push(human::plural(t.issues.len(), "issue"));
    }
    out.push(Block::new().say(Tone::Dim, &more.join(&dot)));
    let prompt = t.steps.iter().find(|step| step.kind == Kind::Message && step.actor == Actor::User && !step.text.trim().is_empty());
    if let Some(prompt) = prompt {
        out.push(Block::new());
        out.push(Block::new().say(Tone::User, "user ").say(Tone::Text, &one_line(&prompt.text, true)).hanging(5));
    }
    out.push(Block::new());
    // What was stopped, waited for or tried again comes before what merely ran.
    let telling = |e: &&Execution| stopped(e) || !e.waits.is_empty() || e.retry_of.is_some() || e.status == crate::model::Status::Failed;
    let any = t.executions.iter().any(|e| telling(&e));
    let shown: Vec<&Execution> = t.executions.iter().filter(|e| !any || telling(e)).collect();
    for e in shown.iter().take(EXECUTIONS) {
        execution(e, marks, &mut out);
    }
    let hidden = t.executions.len() - shown.len().min(EXECUTIONS);
    if hidden > 0 {
        out.push(Block::new().say(Tone::Dim, &format!("and {}", human::plural(hidden, "execution") + " more")));
    }
    let last = t.steps.iter().rev().find(|step| step.kind == Kind::Message && step.actor == Actor::Assistant && !step.text.trim().is_empty());
    if let Some(last) = last {
        out.push(Block::new());
        out.push(Block::new().say(Tone::Agent, "agent ").say(Tone::Dim, &one_line(&last.text, true)).hanging(6));
    }
    out
}

fn execution(e: &Execution, marks: &Marks, out: &mut Vec<Block>) {
    let act = match (&e.command, &e.args) {
        (Some(command), _) => one_line(command, true),
        (None, Some(args)) => super::arguments::summary(args),
        (None, None) => crate::text::clean(""),
    };
    let act = crate::text::truncate(&act, 120).into_owned();
    let retry = if e.retry_of.is_some() { format!("{} ", marks.retry) } else { String::new() };
    out.push(Block::new().say(Tone::Retry, &retry).say(Tone::Tool, &e.tool).say(Tone::Text, &format!(" {act}")).hanging(2));
    for wait in &e.waits {
        let length = wait.wait_ms.map_or(String::new(), |ms| format!("{} {} ", bar(ms, marks), human::duration(ms)));
        let by = wait.decided_by.map_or(String::new(), |by| format!(" by {by}"));
        let decision = wait.decision.map_or("undecided", |decision| decision.as_str());
        let (sign, tone) = match wait.decision {
            None => (marks.none, Tone::Wait),
            Some(_) if stopped(e) => (marks.no, Tone::Denied),
            Some(_) => (marks.yes, Tone::Ran),
        };
        let mut block = Block::new().say(Tone::Wait, &format!("{} {length}", marks.waits)).say(tone, &format!("{sign} {decision}{by}")).indented(2).hanging(2);
        if let Some(reason) = &wait.decision_reason {
            block = block.say(Tone::Dim, &format!(" “{}”", one_line(reason, true)));
        }
        out.push(block);
    }
    if e.waits.is_empty() && stopped(e) {
        out.push(Block::new().say(Tone::Denied, &format!("{} {}", marks.no, e.status)).indented(2));
    }
}
