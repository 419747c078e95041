//! What a reviewer sees of a decision point: what the agent had seen, the act, and apart from both what happened then.

use crate::app::effects::{hidden_said, told as told_effects};
use crate::app::lanes::stopped;
use crate::app::marks::{ASCII, Marks, UNICODE};
use crate::app::page::Block;
use crate::app::timeline::one_line;
use crate::app::tone::Tone;
use crate::judging::{Point, Quote, TargetKind, Traces};
use crate::model::{Actor, Certainty, Kind, Step, Trajectory};
use crate::text::{Clean, clean, fit, human};

/// Steps before the act that are shown.
const BEFORE: usize = 400;
/// Steps after it.
const AFTER: usize = 200;
/// Lines of an output that are shown.
const LINES: usize = 12;
/// Blocks that head what happened then.
const HEADING: usize = 2;
/// Sentences that may be quoted.
const SENTENCES: usize = 400;

/// Shows what the agent had seen up to the act, and the act as the last block or blocks.
#[must_use]
pub fn before(t: &Trajectory, point: &Point, blind: bool, ascii: bool) -> Vec<Block> {
    let marks = if ascii { &ASCII } else { &UNICODE };
    let mut out = Vec::new();
    if !blind && let Some(title) = &t.title {
        out.push(Block::new().say(Tone::Dim, &one_line(title, true)));
    }
    let own = |step: &Step| point.seqs.contains(&step.seq);
    let whole = point.target.kind == TargetKind::Trajectory;
    let seen: Vec<&Step> = t.steps.iter().filter(|step| (whole || step.seq < point.cut) && !own(step) && told(step)).collect();
    let hidden = seen.len().saturating_sub(BEFORE);
    if hidden > 0 {
        out.push(Block::new().say(Tone::Dim, &format!("{hidden} steps before these; enter opens the trajectory")));
    }
    for step in seen.into_iter().skip(hidden) {
        show(t, step, marks, &mut out);
    }
    if whole {
        out.push(Block::new());
        out.push(Block::new().say(Tone::Accent, marks.cursor).say(Tone::Strong, " the whole trajectory"));
        return out;
    }
    out.push(Block::new());
    match t.execution(&point.target.id).filter(|_| point.target.kind == TargetKind::Execution) {
        Some(e) => {
            let head = format!("{} {} ", marks.cursor, e.tool);
            let wide = u16::try_from(crate::text::width(&clean(&head))).unwrap_or(8);
            match (&e.command, &e.args) {
                (Some(command), _) => {
                    out.push(Block::new().say(Tone::Accent, &head));
                    out.push(Block::text(Tone::Strong, command).indented(wide.min(6)).hanging(2));
                }
                (None, Some(args)) => {
                    out.push(Block::new().say(Tone::Accent, &head));
                    out.extend(crate::app::arguments::blocks(args).into_iter().map(|block| Block { indent: block.indent + 6, ..block }));
                }
                (None, None) => out.push(Block::new().say(Tone::Accent, &head).say(Tone::Dim, "arguments not recorded")),
            }
            let (lines, hidden) = told_effects(&e.effects);
            for line in lines {
                let sure = if line.is_sure() { "certain" } else { "possible" };
                out.push(Block::new().say(Tone::Dim, &format!("{}  {}  ({sure})", line.effect.verb, line.target())).indented(6));
            }
            if hidden > 0 {
                out.push(Block::new().say(Tone::Dim, &hidden_said(hidden)).indented(6));
            }
        }
        None => {
            let step = t.step(&point.target.id);
            out.push(Block::new().say(Tone::Accent, marks.cursor).say(Tone::Strong, " the agent ends its turn"));
            out.extend(step.map(|step| Block::text(Tone::Strong, &step.text).indented(6)));
        }
    }
    out
}

/// Shows what happened then, if anything did: the rest of the act, and what followed.
#[must_use]
pub fn after(t: &Trajectory, point: &Point, ascii: bool) -> Vec<Block> {
    let marks = if ascii { &ASCII } else { &UNICODE };
    let mut out = vec![Block::new(), Block::new().say(Tone::Accent, "what happened then")];
    if let Some(e) = t.execution(&point.target.id) {
        for wait in &e.waits {
            let length = wait.wait_ms.map_or(String::new(), |ms| format!(" after {}", human::duration(ms)));
            let by = wait.decided_by.map_or(String::new(), |by| format!(" by {by}"));
            let decision = wait.decision.map_or("undecided", |decision| decision.as_str());
            let tone = if stopped(e) { Tone::Denied } else { Tone::Ran };
            let reason = wait.decision_reason.as_deref().map_or(String::new(), |reason| format!("  “{}”", one_line(reason, true)));
            out.push(Block::new().say(tone, &format!("{decision}{by}{length}")).say(Tone::Text, &reason).indented(2).hanging(2));
        }
        out.push(
            Block::new().say(Tone::Dim, &format!("{}, ran: {}", e.status, e.ran.map_or("not recorded", |ran| if ran { "yes" } else { "no" }))).indented(2),
        );
    }
    for finding in t.findings.iter().filter(|f| f.certainty == Certainty::Certain && point.found.iter().any(|found| found.rule == f.rule)) {
        let here = |id: &str| id == point.target.id || point.target.id.is_empty();
        if finding.execution.as_deref().is_some_and(here) || finding.proposes.iter().any(|p| here(&p.target)) {
            let head = format!("{} {} ", marks.finding, finding.rule);
            out.push(Block::new().say(Tone::Finding, &head).say(Tone::Text, &one_line(&finding.message, true)).indented(2).hanging(2));
        }
    }
    // How the act itself was decided stands above.
    let decided = |step: &Step| step.kind == Kind::Resolution && step.execution.as_deref() == Some(point.target.id.as_str());
    for step in t.steps.iter().filter(|step| step.seq > point.cut && told(step) && !decided(step)).take(AFTER) {
        show(t, step, marks, &mut out);
    }
    // Of a whole trajectory nothing came after.
    if out.len() > HEADING { out } else { Vec::new() }
}

/// Gives the sentences of the user before the act, the latest first, with their places and in what each stands: a message, or the decision on a
/// call, which may be a no. What is hidden in them has a place all the same.
#[must_use]
pub fn sentences(t: &Trajectory, point: &Point, hidden: Option<&Traces>) -> Vec<(Quote, Clean, &'static str)> {
    let mut found = Vec::new();
    for step in t.steps.iter().rev().filter(|step| step.seq < point.cut && step.actor == Actor::User && matches!(step.kind, Kind::Message | Kind::Resolution)) {
        let mut end = 0;
        for sentence in crate::model::sentences(&step.text).map(str::trim).filter(|sentence| !sentence.is_empty()) {
            let Some(start) = step.text.get(end..).and_then(|rest| rest.find(sentence)).map(|at| end + at) else { continue };
            end = start + sentence.len();
            let mut shown = sentence.to_owned();
            hidden.into_iter().for_each(|hidden| hidden.hide(&mut shown));
            let within = if step.kind == Kind::Message { "message" } else { decided_word(t, step) };
            found.push((Quote { step: step.id.clone(), start: start as u64, end: end as u64 }, one_line(&shown, true), within));
        }
        if found.len() > SENTENCES {
            break;
        }
    }
    found
}

/// Names the decision that a step states.
fn decided_word(t: &Trajectory, step: &Step) -> &'static str {
    let of = step.execution.as_deref().and_then(|id| t.execution(id));
    if of.is_some_and(stopped) { "on a refusal" } else { "on a yes" }
}

/// Tells whether a step is a part of what was said and done.
fn told(step: &Step) -> bool {
    !(matches!(step.kind, Kind::Context | Kind::Usage | Kind::Eval) || step.kind == Kind::Message && step.text.trim().is_empty())
}

fn show(t: &Trajectory, step: &Step, marks: &Marks, out: &mut Vec<Block>) {
    let e = step.execution.as_deref().and_then(|id| t.execution(id));
    let label = |tone: Tone, name: &str| Block::new().say(tone, &fit(&clean(name), 8)).say(tone, " ");
    match (step.kind, step.actor) {
        (Kind::Message, actor) => {
            let (name, tone) = match actor {
                Actor::User => ("user", Tone::User),
                Actor::Assistant => ("agent", Tone::Agent),
                other => (other.as_str(), Tone::Dim),
            };
            let mut lines = step.text.trim_end().lines();
            let first = lines.next().unwrap_or_default();
            let body = if actor == Actor::User { Tone::Strong } else { Tone::Text };
            out.push(label(tone, name).say(body, first).hanging(9));
            let rest: Vec<&str> = lines.collect();
            if !rest.is_empty() {
                out.push(Block::text(body, &rest.join("\n")).indented(9));
            }
        }
        (Kind::Thinking, _) => out.push(label(Tone::Thought, "think").say(Tone::Thought, &one_line(&step.text, true)).hanging(9)),
        (Kind::ToolCall, _) => {
            let act = match e {
                Some(e) => e.command.as_deref().map(|command| one_line(command, true)).or_else(|| e.args.as_deref().map(crate::app::arguments::summary)),
                None => None,
            };
            let act = act.unwrap_or_else(|| one_line(&step.text, true));
            out.push(label(Tone::Tool, e.map_or("call", |e| e.tool.as_str())).say(Tone::Text, &act).hanging(9));
        }
        // What a decision said already is not said again as its result.
        (Kind::ToolResult, _) if e.is_some_and(|e| e.waits.iter().any(|w| w.decision_reason.as_deref().map(str::trim) == Some(step.text.trim()))) => {}
        (Kind::ToolResult, _) => {
            let count = step.text.lines().count();
            let shown: Vec<&str> = step.text.lines().take(LINES).collect();
            out.push(Block::printed(&shown.join("\n")).indented(11));
            if count > LINES {
                out.push(Block::new().say(Tone::Dim, &format!("{} {} lines more", marks.none, count - LINES)).indented(11));
            }
        }
        (Kind::Resolution, _) => out.push(label(Tone::Dim, "decided").say(Tone::Dim, &one_line(&step.text, true)).hanging(9)),
        (kind, _) => out.push(label(Tone::Dim, kind.as_str()).say(Tone::Dim, &one_line(&step.text, true)).hanging(9)),
    }
}

/// Says what the figures beside a proposal mean.
const FIGURES: &str = "Beside a proposal stands how the rules that make it did so far: right 6 of 21, where people judged 21 of what a rule found and agreed with 6 of them \
(that share is its precision); R recall, the share that it found of all that people say holds, known only where what it did not find was drawn and judged as well; F1 both in \
one number; - where nobody can know yet.";

/// Shows how to judge: the guide, the questions, the answers and their examples; gives also the block of the question that is asked.
#[must_use]
pub fn guide(at: &crate::app::Reviewed, now: Option<&str>) -> (Vec<Block>, usize) {
    let mut blocks = vec![Block::text(Tone::Text, &at.guide), Block::new()];
    let mut begins = 0;
    for asked in at.item.iter().flat_map(|item| &item.questions) {
        if now == Some(asked.question.id.as_str()) {
            begins = blocks.len();
        }
        blocks.push(Block::new().say(Tone::Accent, &asked.question.text).say(Tone::Dim, &format!("  {}", asked.question.id)));
        blocks.push(Block::text(Tone::Dim, &asked.question.help));
        for answer in &asked.question.answers {
            blocks.push(
                Block::new()
                    .say(Tone::Key, &format!("{} ", answer.key))
                    .say(Tone::Strong, &fit(&answer.id, 16))
                    .say(Tone::Text, &answer.text)
                    .indented(2)
                    .hanging(18),
            );
            blocks.extend(answer.example.as_ref().map(|example| Block::new().say(Tone::Dim, example).indented(20)));
        }
        blocks.push(Block::new());
    }
    blocks.push(Block::text(Tone::Text, FIGURES));
    (blocks, begins)
}
