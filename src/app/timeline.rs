//! The timeline: which steps of a trajectory have rows, and what each row says.

use super::lanes::{Ties, decision_tone, stopped, wait_of};
use super::marks::Marks;
use super::tone::Tone;
use crate::model::{Actor, Decision, Execution, Kind, Risk, Status, Step, Trajectory, Wait};
use crate::text::{Clean, clean, human};

/// Characters of a text that are looked at to show one line of it.
const LOOKED_AT: usize = 600;
/// Lines of a tool's text that are shown in full display.
const UNFOLDED: u32 = 12;

/// How tools are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tools {
    /// Only what was stopped, or waited for.
    Off,
    /// One line each.
    Short,
    /// With the first lines of what went in and came out.
    Full,
}

impl Tools {
    /// Gives the next way.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Off => Self::Short,
            Self::Short => Self::Full,
            Self::Full => Self::Off,
        }
    }

    /// Names the way.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Short => "short",
            Self::Full => "full",
        }
    }
}

/// What is shown of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Tools.
    pub tools: Tools,
    /// Whether thinking is unfolded.
    pub thinking: bool,
    /// Whether session state and usage are shown.
    pub context: bool,
    /// Place of a step that is shown, from 0, whatever else is folded.
    pub also: Option<usize>,
}

/// One row: a step, and which of its lines; 0 is the line that says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Place of the step, from 0.
    pub step: u32,
    /// Line of its text, from 1; 0 is the head.
    pub line: u32,
}

/// Works out which rows there are.
#[must_use]
pub fn rows(t: &Trajectory, ties: &Ties, shown: Shown) -> Vec<Row> {
    let mut rows = Vec::with_capacity(t.steps.len());
    for (at, step) in t.steps.iter().enumerate() {
        let e = ties.execution.get(at).copied().flatten().and_then(|e| t.executions.get(e as usize));
        if !is_shown(step, e, shown) && shown.also != Some(at) {
            continue;
        }
        let step_number = u32::try_from(at).unwrap_or(u32::MAX);
        rows.push(Row { step: step_number, line: 0 });
        let unfolded = match step.kind {
            Kind::ToolCall | Kind::ToolResult => shown.tools == Tools::Full,
            Kind::Thinking => shown.thinking,
            _ => false,
        };
        if unfolded {
            let lines = u32::try_from(step.text.lines().take(UNFOLDED as usize + 1).count()).unwrap_or(0);
            // A text of one line stands in the head already.
            rows.extend((1..=lines.min(UNFOLDED)).filter(|_| lines > 1).map(|line| Row { step: step_number, line }));
        }
    }
    rows
}

fn is_shown(step: &Step, e: Option<&Execution>, shown: Shown) -> bool {
    match step.kind {
        Kind::Context | Kind::Usage => shown.context,
        Kind::Message => shown.context || !step.text.trim().is_empty() || !step.parts.is_empty(),
        Kind::ToolCall | Kind::ToolResult => shown.tools != Tools::Off || e.is_some_and(|e| !e.waits.is_empty() || stopped(e) || e.retry_of.is_some()),
        _ => true,
    }
}

/// What a row says: a label, the text, and what stands at the right.
#[derive(Debug, Default)]
pub struct Said {
    /// Who or what, short.
    pub label: (Clean, Tone),
    /// The text.
    pub text: Vec<(Clean, Tone)>,
    /// Marks at the right.
    pub aside: Vec<(Clean, Tone)>,
}

/// Says a row.
#[must_use]
pub fn say(t: &Trajectory, ties: &Ties, row: Row, marks: &Marks) -> Said {
    let Some(step) = t.steps.get(row.step as usize) else { return Said::default() };
    let e = ties.execution.get(row.step as usize).copied().flatten().and_then(|e| t.executions.get(e as usize));
    if row.line > 0 {
        let text = step.text.lines().nth(row.line as usize - 1).unwrap_or_default();
        let tone = if step.kind == Kind::Thinking { Tone::Thought } else { Tone::Dim };
        return Said { text: vec![(one_line(text, false), tone)], ..Said::default() };
    }
    let mut said = match (step.kind, e) {
        (Kind::ToolCall, e) => call(step, e),
        (Kind::ToolResult, e) => result(step, e, ties.lines.get(&row.step).copied(), marks),
        (Kind::Wait, Some(e)) => waiting(wait_of(step, e), marks),
        (Kind::Resolution, Some(e)) => resolution(step, wait_of(step, e)),
        _ => other(step),
    };
    if let Some(e) = e.filter(|_| step.kind == Kind::ToolCall) {
        said.aside.extend(e.retry_of.iter().map(|link| (clean(&format!("{} {}", marks.retry, link.sanction)), Tone::Retry)));
        said.aside.extend(e.risk.filter(|risk| *risk >= Risk::High).map(|risk| (clean(risk.as_str()), Tone::Denied)));
    }
    said.aside.extend(ties.margin.marks(t, row.step as usize, marks));
    said
}

fn call(step: &Step, e: Option<&Execution>) -> Said {
    let tool = e.map(|e| e.tool.as_str()).filter(|tool| !tool.is_empty()).unwrap_or("call");
    let (text, tone) = match e {
        Some(Execution { command: Some(command), .. }) => (one_line(command, true), Tone::Text),
        Some(Execution { args: Some(args), .. }) => (super::arguments::summary(args), Tone::Text),
        _ => (one_line(&step.text, true), Tone::Text),
    };
    Said { label: (clean(tool), Tone::Tool), text: vec![(text, tone)], aside: Vec::new() }
}

fn result(step: &Step, e: Option<&Execution>, whole: Option<usize>, marks: &Marks) -> Said {
    let lines = whole.unwrap_or_else(|| memchr_lines(&step.text));
    let (word, tone) = match e.map(|e| e.status) {
        Some(Status::Succeeded) => ("ok", Tone::Ran),
        Some(Status::Failed) => ("failed", Tone::Failed),
        Some(Status::Denied | Status::Blocked) => ("not run", Tone::Denied),
        Some(Status::Cancelled) => ("cancelled", Tone::Denied),
        Some(Status::Pending) => ("pending", Tone::Wait),
        _ => ("came back", Tone::Dim),
    };
    let mut text = vec![(clean(word), tone)];
    if lines > 1 {
        text.push((clean(&format!(" {} {lines} lines", marks.dot)), Tone::Dim));
    }
    // What the decider said stands in the row above already.
    let repeated =
        e.is_some_and(|e| stopped(e) && e.waits.iter().any(|wait| wait.decision_reason.as_deref().is_some_and(|reason| reason.trim() == step.text.trim())));
    let first = one_line(&step.text, false);
    if !first.is_empty() && !repeated {
        text.push((clean(&format!(" {} ", marks.dot)), Tone::Dim));
        text.push((first, Tone::Dim));
    }
    if let Some(part) = step.parts.first() {
        let more = if step.parts.len() > 1 { format!(" and {} more", step.parts.len() - 1) } else { String::new() };
        let size = human::bytes(part.size_bytes);
        text.push((clean(&format!(" {} {} {} {size}{more}", marks.dot, part.kind, part.media_type)), Tone::Dim));
    }
    Said { label: (clean("result"), Tone::Dim), text, aside: Vec::new() }
}

fn memchr_lines(text: &str) -> usize {
    text.trim_end_matches('\n').bytes().filter(|b| *b == b'\n').count() + usize::from(!text.trim().is_empty())
}

/// Draws the length of a wait on a log scale: one sign for a tenth of a second, two more for each tenfold.
#[must_use]
pub fn bar(ms: i64, marks: &Marks) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let signs = (((ms.max(1) as f64) / 100.0).log10() * 4.0).clamp(0.0, 28.0).round() as usize + 1;
    marks.bar.repeat(signs)
}

fn waiting(wait: Option<&Wait>, marks: &Marks) -> Said {
    let label = (clean("wait"), Tone::Wait);
    let text = match wait {
        Some(Wait { wait_ms: Some(ms), .. }) => vec![(clean(&format!("{} ", human::duration(*ms))), Tone::Wait), (clean(&bar(*ms, marks)), Tone::Wait)],
        Some(Wait { decision: Some(_), .. }) => vec![(clean("length not recorded"), Tone::Dim)],
        _ => vec![(clean("no decision recorded"), Tone::Wait)],
    };
    let reason = wait.and_then(|wait| wait.reason.as_deref()).map(|reason| (one_line(&format!("  {reason}"), false), Tone::Dim));
    Said { label, text: text.into_iter().chain(reason).collect(), aside: Vec::new() }
}

fn resolution(step: &Step, wait: Option<&Wait>) -> Said {
    let decision = wait.and_then(|wait| wait.decision);
    let tone = decision_tone(decision);
    let word = match decision {
        None => "decided",
        // Of eight columns.
        Some(Decision::AutoApproved) => "auto yes",
        Some(Decision::Escalated) => "referred",
        Some(decision) => decision.as_str(),
    };
    let label = (clean(word), tone);
    let by = wait.and_then(|wait| wait.decided_by).map(|by| (clean(&format!("by {by}")), tone));
    let reason = wait.and_then(|wait| wait.decision_reason.as_deref()).or_else(|| Some(step.text.as_str()).filter(|text| !text.is_empty()));
    let reason = reason.map(|reason| (clean(&format!("  “{}”", one_line(reason, false))), Tone::Text));
    Said { label, text: by.into_iter().chain(reason).collect(), aside: Vec::new() }
}

fn other(step: &Step) -> Said {
    let (label, tone) = match (step.kind, step.actor) {
        (Kind::Message, Actor::User) => ("user", Tone::User),
        (Kind::Message, Actor::Assistant) => ("agent", Tone::Agent),
        (Kind::Message, actor) => (actor.as_str(), Tone::Dim),
        (Kind::Thinking, _) => ("think", Tone::Thought),
        (Kind::Error, _) => ("error", Tone::Failed),
        (kind, _) => (kind.as_str(), Tone::Dim),
    };
    let body = match step.kind {
        Kind::Message => tone,
        Kind::Thinking => Tone::Thought,
        Kind::Error => Tone::Failed,
        _ => Tone::Dim,
    };
    let body = if body == Tone::User { Tone::Strong } else { body };
    let mut text = vec![(one_line(&step.text, true), body)];
    for part in &step.parts {
        // A name that only says the kind once more says less than the kind of file.
        let unnamed = part.name.is_empty() || part.name == part.kind;
        let name = if unnamed { part.media_type.as_str() } else { part.name.as_str() };
        let size = if part.size_bytes > 0 { format!(" {}", human::bytes(part.size_bytes)) } else { String::new() };
        text.push((clean(&format!(" [{} {name}{size}]", part.kind)), Tone::Accent));
    }
    Said { label: (clean(label), tone), text, aside: Vec::new() }
}

/// Puts the beginning of a text on one line: runs of blanks become one space where `folded`, else only the first line is taken.
#[must_use]
pub fn one_line(text: &str, folded: bool) -> Clean {
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    let start = text.get(..end).unwrap_or_default();
    if folded {
        clean(&start.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        clean(start.trim_start_matches(['\n', '\r']).lines().next().unwrap_or_default().trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::UNICODE;
    use super::*;

    #[test]
    fn waits_are_drawn_on_a_log_scale() {
        let length = |ms| bar(ms, &UNICODE).chars().count();
        assert_eq!([0, 100, 1_000, 10_000, 3_600_000].map(length), [1, 1, 5, 9, 19]);
        assert_eq!(length(i64::MAX), 29);
    }

    #[test]
    fn texts_fit_one_line() {
        assert_eq!(one_line("  a\n\tb  c\u{1b}[31m d", true), "a b c d");
        assert_eq!(one_line("\n  a\nb", false), "  a");
        assert_eq!(one_line(&"é".repeat(9000), true).chars().count(), LOOKED_AT);
    }
}
