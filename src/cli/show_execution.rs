//! One execution for people: what was asked, what it does, who decided, what came of it, and what was said of it since.

use super::fail::Fail;
use super::output::{Ink, Output};
use crate::model::{Certainty, Execution, Finding, Severity, Status, Step, Trajectory, Wait};
use crate::text::{clean, clean_block, human, wrap};
use crate::workspace::LabelRow;

/// Columns before the text of a row.
const NAME_COLUMNS: usize = 14;
/// At most so many rows of a command or of arguments.
const MOST_ROWS: usize = 40;

/// Prints the life of an execution, with the labels that stand on it.
pub fn print(t: &Trajectory, e: &Execution, labels: &[LabelRow], out: &Output) -> Result<(), Fail> {
    let page = Page { out };
    let ended = page.out.ink(ink(e.status), e.status.as_str());
    page.out.line(&format!("{} {ended} · {}", out.ink(Ink::Bold, &clean(&e.tool)), clean(&e.id)))?;
    page.out.line(&out.ink(Ink::Dim, &clean(&format!("in {} · {}", t.title.as_deref().unwrap_or("(no title)"), t.id))))?;
    page.out.line("")?;
    page.block(e.command.as_deref().or(e.args.as_deref()).unwrap_or("(no arguments are recorded)"))?;
    page.out.line("")?;
    does(&page, e)?;
    for wait in &e.waits {
        waited(&page, wait)?;
    }
    ended_as(&page, t, e)?;
    ties(&page, t, e)?;
    for finding in t.findings.iter().filter(|f| f.execution.as_deref() == Some(&e.id)) {
        found(&page, finding)?;
    }
    for (at, label) in labels.iter().enumerate() {
        let same = |other: &LabelRow| other.schema == label.schema && other.question == label.question;
        if let (Some(answer), Some(by), false) = (&label.settled, &label.settled_by, labels.iter().take(at).any(same)) {
            page.row("settled", Ink::Bold, &format!("{} = {answer} · {by}; what each had said follows", label.question))?;
        }
        let notes: Vec<&str> =
            [(label.disputed, "disputed"), (label.stale, "stale"), (label.gold, "gold")].iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let notes = if notes.is_empty() { String::new() } else { format!(" · {}", notes.join(" · ")) };
        page.row("label", Ink::Bold, &format!("{} = {} · {}{notes}", label.question, label.answer, label.reviewer))?;
    }
    for amended in &e.amended {
        let (was, is) = (amended.was.as_deref().unwrap_or("not known"), amended.is.as_deref().unwrap_or("rejected"));
        page.row("amended", Ink::Bold, &format!("{} is {is}, was {was}: {} · {}", amended.fact, amended.note, amended.by))?;
    }
    ids(&page, e)
}

/// Rows of a name and a text that is wrapped beside it.
struct Page<'o> {
    out: &'o Output,
}

impl Page<'_> {
    fn row(&self, name: &str, ink: Ink, text: &str) -> Result<(), Fail> {
        let text = clean(text);
        let room = self.out.columns().saturating_sub(NAME_COLUMNS).max(20);
        for (n, range) in wrap(&text, room).into_iter().enumerate() {
            let name = if n == 0 { name } else { "" };
            let line = text.get(range).unwrap_or_default();
            let line = if n == 0 { self.out.ink(ink, line) } else { line.to_owned() };
            self.out.line(&format!("  {}{line}", self.out.ink(Ink::Dim, &format!("{name:<width$}", width = NAME_COLUMNS - 2))))?;
        }
        Ok(())
    }

    /// Prints a text of several lines, cut where it is long.
    fn block(&self, text: &str) -> Result<(), Fail> {
        let text = clean_block(text);
        let rows = wrap(&text, self.out.columns().saturating_sub(4).max(20));
        for range in rows.iter().take(MOST_ROWS) {
            self.out.line(&format!("    {}", text.get(range.clone()).unwrap_or_default()))?;
        }
        match rows.len().checked_sub(MOST_ROWS + 1) {
            None => Ok(()),
            Some(more) => self.out.line(&self.out.ink(Ink::Dim, &format!("    … {} more; --json has all", human::plural(more + 1, "row")))),
        }
    }
}

/// The colour of an end.
pub fn ink(status: Status) -> Ink {
    match status {
        Status::Succeeded => Ink::Green,
        Status::Denied | Status::Failed | Status::Blocked => Ink::Red,
        Status::Pending | Status::Cancelled => Ink::Yellow,
        Status::Unknown => Ink::Dim,
    }
}

fn does(page: &Page<'_>, e: &Execution) -> Result<(), Fail> {
    for (n, effect) in e.effects.iter().enumerate() {
        let maybe = if effect.certainty == Certainty::Possible { " (possibly)" } else { "" };
        page.row(if n == 0 { "does" } else { "" }, Ink::Bold, &format!("{} {}{maybe}", effect.verb, effect.target))?;
    }
    if e.effects.is_empty() {
        page.row("does", Ink::Dim, "not known; that is not the same as harmless")?;
    }
    let Some(risk) = e.risk else { return Ok(()) };
    let origin = e.risk_origin.map_or(String::new(), |origin| format!(", {origin}"));
    let derived = e.risk_derived.filter(|derived| *derived != risk).map_or(String::new(), |derived| format!("; {derived} by what it does"));
    page.row("risk", Ink::Bold, &format!("{risk}{origin}{derived}"))
}

fn waited(page: &Page<'_>, wait: &Wait) -> Result<(), Fail> {
    let time = |at: crate::model::Timestamp| at.to_string();
    let asked = wait.asked_at.map_or("not recorded".to_owned(), time);
    let inferred = if wait.inferred { " · inferred" } else { "" };
    page.row("asked", Ink::Bold, &format!("{asked} · {}{inferred}", wait.kind))?;
    if let Some(reason) = &wait.reason {
        page.row("because", Ink::Bold, reason)?;
    }
    if let Some(shown) = wait.shown_text.as_ref().filter(|shown| wait.reason.as_ref() != Some(*shown)) {
        page.row("shown as", Ink::Bold, shown)?;
    }
    let by = wait.decided_by.map_or(String::new(), |by| format!(" by {by}"));
    let length = wait.wait_ms.map_or(String::new(), |ms| format!(" after {}", human::duration(ms)));
    let scope = wait.scope.map_or(String::new(), |scope| format!(", for {scope}"));
    let when = match (wait.decided_at, wait.decided_before) {
        (Some(at), _) => format!("{at} · "),
        (None, Some(before)) => format!("before {before} · "),
        (None, None) => String::new(),
    };
    let decision = wait.decision.map_or("nobody decided", |decision| decision.as_str());
    page.row("decided", Ink::Bold, &format!("{when}{decision}{by}{length}{scope}"))?;
    if let Some(reason) = &wait.decision_reason {
        page.row("saying", Ink::Bold, &format!("“{reason}”"))?;
    }
    Ok(())
}

fn ended_as(page: &Page<'_>, t: &Trajectory, e: &Execution) -> Result<(), Fail> {
    let attempts = if e.attempts > 1 { format!(", {} attempts", e.attempts) } else { String::new() };
    let ran = match e.ran {
        Some(true) => "yes",
        Some(false) => "no",
        None => "no record proves either",
    };
    let took = e.started_at.zip(e.ended_at).map_or(String::new(), |(from, to)| format!(", {} from call to end", human::duration(to.ms() - from.ms())));
    page.row("ran", Ink::Bold, &format!("{ran}{attempts}{took}"))?;
    if let Some(class) = e.stop_class {
        page.row("stopped by", Ink::Bold, class.as_str())?;
    }
    if let Some(error) = e.error.as_ref().filter(|error| e.waits.iter().all(|wait| wait.decision_reason.as_ref() != Some(*error))) {
        page.row("error", Ink::Red, &error.chars().take(2000).collect::<String>())?;
    }
    let steps: Vec<&Step> = t.steps.iter().filter(|step| e.steps.contains(&step.id)).collect();
    let places: Vec<String> = steps.iter().map(|step| format!("{} {}", step.seq, step.kind)).collect();
    page.row("steps", Ink::Dim, &places.join(" · "))
}

/// What it tries again, and what tries it again.
fn ties(page: &Page<'_>, t: &Trajectory, e: &Execution) -> Result<(), Fail> {
    let act = |id: &str| {
        let other = t.execution(id);
        let act = other.and_then(|other| other.command.as_deref()).or(other.map(|other| other.tool.as_str())).unwrap_or_default();
        let line = act.split_whitespace().collect::<Vec<_>>().join(" ");
        crate::text::truncate(&clean(&line), 60).into_owned()
    };
    if let Some(retry) = &e.retry_of {
        let inferred = if retry.inferred { ", inferred" } else { "" };
        page.row("retry of", Ink::Yellow, &format!("{} · {}", retry.execution, act(&retry.execution)))?;
        page.row(
            "",
            Ink::Yellow,
            &format!("{}, scope {}, after {}; the stop {}{inferred}", retry.relation, retry.scope, retry.after, standing(retry.sanction.as_str())),
        )?;
    }
    for later in t.executions.iter().filter(|later| later.retry_of.as_ref().is_some_and(|retry| retry.execution == e.id)) {
        let sanction = later.retry_of.as_ref().map_or("", |retry| retry.sanction.as_str());
        page.row("tried again", Ink::Yellow, &format!("{} · {} · the stop {}", later.id, act(&later.id), standing(sanction)))?;
    }
    for other in &e.alternative_to {
        page.row("instead of", Ink::Bold, &format!("{other} · {}", act(other)))?;
    }
    Ok(())
}

/// Says of a sanction what became of the stop.
fn standing(sanction: &str) -> String {
    match sanction {
        "stands" => "stood".to_owned(),
        "granted" => "was lifted by a yes".to_owned(),
        "directed" => "was answered as its reason directed".to_owned(),
        "withdrawn" => "was withdrawn".to_owned(),
        other => format!("was a {other}"),
    }
}

fn found(page: &Page<'_>, finding: &Finding) -> Result<(), Fail> {
    let maybe = if finding.certainty == Certainty::Possible { ", possible" } else { "" };
    let tone = if finding.severity == Severity::Good { Ink::Green } else { Ink::Yellow };
    page.row("finding", tone, &format!("{} {} · {}{maybe} · {}", finding.rule, finding.name, finding.severity, finding.message))
}

fn ids(page: &Page<'_>, e: &Execution) -> Result<(), Fail> {
    let c = &e.context;
    let named = [
        ("call", &e.call_id),
        ("execution", &e.tool_execution_id),
        ("approval", &e.approval_request_id),
        ("run", &c.agent_run_id),
        ("run step", &c.agent_run_step_id),
        ("actor", &c.actor_id),
        ("correlation", &c.correlation_id),
        ("policy", &e.governance.policy_id),
    ];
    let said: Vec<String> = named.iter().filter_map(|(name, id)| id.as_ref().map(|id| format!("{name} {id}"))).collect();
    page.row("ids", Ink::Dim, if said.is_empty() { e.id.clone() } else { said.join(" · ") }.as_str())
}
