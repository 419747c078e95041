//! The chosen step, whole: what was asked and said, the life of its execution, what it belongs to.

use super::arguments;
use super::effects::{hidden_said, told};
use super::lanes::{decision_tone, stopped, wait_of};
use super::margin::{Margin, NAMES};
use super::markdown;
use super::marks::Marks;
use super::page::Block;
use super::timeline::Shown;
use super::tone::Tone;
use crate::model::{Execution, Kind, Risk, Status, Step, Timestamp, Trajectory, Wait};
use crate::text::human;
use rustc_hash::FxHashMap;

/// Texts longer than this are made ready on another thread, in bytes.
pub const LONG: usize = 256 << 10;

/// What is shown of which step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Place of the step, from 0.
    pub step: usize,
    /// What is unfolded.
    pub shown: Shown,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// What is added to UTC to show times, in ms.
    pub zone_ms: i64,
    /// How often what stands in the margin was looked up.
    pub edition: u32,
}

/// Gives the places of the steps whose texts the page of a step shows: its own, and what came back to its call.
pub fn texts_on_page(t: &Trajectory, at: usize) -> impl Iterator<Item = usize> {
    let call = t.steps.get(at).filter(|step| step.kind == Kind::ToolCall).and_then(|step| step.execution.as_deref());
    let back = call.and_then(|id| t.steps.iter().skip(at).position(|step| step.kind == Kind::ToolResult && step.execution.as_deref() == Some(id)));
    std::iter::once(at).chain(back.map(|after| at + after))
}

/// Makes the page of a step, with what stands in the margin of it; `texts` are the whole texts, by the places of their steps, of which the trajectory
/// holds only the beginning.
#[must_use]
pub fn page(t: &Trajectory, texts: &FxHashMap<usize, String>, margin: &Margin, view: View) -> Vec<Block> {
    let marks = if view.ascii { &super::marks::ASCII } else { &super::marks::UNICODE };
    let Some(step) = t.steps.get(view.step) else { return Vec::new() };
    let e = step.execution.as_deref().and_then(|id| t.execution(id));
    let mut writer = Writer { out: Vec::new(), texts, marks, zone_ms: view.zone_ms, said: None };
    writer.head(step, e);
    let margin = margin.lines(t, view.step, marks);
    match (step.kind, e) {
        (Kind::ToolCall, Some(e)) => {
            writer.act(e);
            writer.effects(e);
            writer.aside(margin);
            writer.life(t, e);
            writer.output_of(t, e, view.step);
        }
        (Kind::ToolResult, Some(e)) => {
            writer.aside(margin);
            writer.gap();
            writer.out.push(Block::printed(writer.text(step)).indented(2));
            writer.act(e);
            writer.life(t, e);
        }
        (Kind::Wait | Kind::Resolution, Some(e)) => {
            // What was asked and what was said to it come first: on a small screen nothing else is seen.
            writer.act(e);
            writer.said(wait_of(step, e));
            writer.aside(margin);
            writer.life(t, e);
            writer.effects(e);
        }
        (_, Some(e)) => {
            writer.life(t, e);
            writer.aside(margin);
            writer.act(e);
            writer.effects(e);
        }
        (Kind::Thinking, None) if !view.shown.thinking => {
            writer.aside(margin);
            writer.gap();
            let lines = writer.text(step).lines().count();
            writer.out.push(Block::new().say(Tone::Thought, &format!("{} {} of thinking; T unfolds", marks.fold[0], human::plural(lines, "line"))));
        }
        _ => {
            writer.aside(margin);
            writer.body(step);
        }
    }
    writer.parts(step);
    writer.foot(t, step);
    writer.out
}

struct Writer<'m> {
    out: Vec<Block>,
    texts: &'m FxHashMap<usize, String>,
    marks: &'m Marks,
    zone_ms: i64,
    /// A reason that stands above already.
    said: Option<String>,
}

impl<'m> Writer<'m> {
    /// Gives the text of a step, whole where that was read.
    fn text(&self, step: &'m Step) -> &'m str {
        let at = usize::try_from(step.seq).unwrap_or(0).saturating_sub(1);
        self.texts.get(&at).map_or(&step.text, String::as_str)
    }

    fn gap(&mut self) {
        self.out.push(Block::new());
    }

    /// Puts what stands in the margin on lines of its own.
    fn aside(&mut self, margin: Vec<Block>) {
        if !margin.is_empty() {
            self.gap();
            self.out.extend(margin);
        }
    }

    fn row(&mut self, name: &str, tone: Tone, value: &str) {
        let shown = crate::text::fit(name, usize::from(NAMES));
        self.out.push(Block::new().say(Tone::Dim, &shown).say(tone, value).indented(2).hanging(NAMES));
    }

    fn time(&self, at: Timestamp) -> String {
        let shown = Timestamp::from_ms(at.ms().saturating_add(self.zone_ms)).unwrap_or(at);
        shown.to_string().get(11..23).unwrap_or_default().to_owned()
    }

    fn head(&mut self, step: &Step, e: Option<&Execution>) {
        let dot = format!(" {} ", self.marks.dot);
        let mut block = Block::new();
        match e {
            Some(e) => {
                block = block.say(Tone::Tool, &e.tool).say(Tone::Dim, &dot).say(status_tone(e), e.status.as_str());
                if let Some(risk) = e.risk {
                    let tone = if risk >= Risk::High { Tone::Denied } else { Tone::Dim };
                    block = block.say(Tone::Dim, &dot).say(tone, &format!("risk {risk}"));
                }
            }
            None => block = block.say(Tone::Strong, step.actor.as_str()).say(Tone::Dim, &dot).say(Tone::Text, step.kind.as_str()),
        }
        if let Some(model) = step.model.as_deref().filter(|_| e.is_none()) {
            block = block.say(Tone::Dim, &dot).say(Tone::Dim, model);
        }
        self.out.push(block);
    }

    /// Shows what was to be done: the command as it is, or the arguments.
    fn act(&mut self, e: &Execution) {
        self.gap();
        match (&e.command, &e.args) {
            (Some(command), args) => {
                self.out.push(Block::text(Tone::Strong, command).indented(2).hanging(2));
                let beside = args.as_deref().map(arguments::blocks).unwrap_or_default();
                let repeats = |block: &Block| block.text.starts_with("command  ") || block.text.starts_with("cmd  ");
                let lone = beside.len() <= 1 || e.command.as_deref().is_some_and(|c| c.contains('\n'));
                self.out.extend(beside.into_iter().filter(|block| !lone && !repeats(block)).map(|block| Block { indent: block.indent + 4, ..block }));
            }
            (None, Some(args)) => self.out.extend(arguments::blocks(args).into_iter().map(|block| Block { indent: block.indent + 2, ..block })),
            (None, None) => self.out.push(Block::new().say(Tone::Dim, "arguments not recorded").indented(2)),
        }
    }

    fn effects(&mut self, e: &Execution) {
        let (lines, hidden) = told(&e.effects);
        for line in lines {
            let (sure, certainty) = if line.is_sure() { (Tone::Text, "") } else { (Tone::Dim, "  possible") };
            self.row(line.effect.verb.as_str(), sure, &format!("{}{certainty}", line.target()));
        }
        if hidden > 0 {
            self.row("", Tone::Dim, &hidden_said(hidden));
        }
    }

    /// Shows the life of an execution: asked, shown, decided, ran, ended, and what came after it.
    fn life(&mut self, t: &Trajectory, e: &Execution) {
        self.gap();
        if let Some(at) = e.started_at {
            self.row("called", Tone::Text, &self.time(at));
        }
        for wait in &e.waits {
            self.wait(wait);
        }
        let (ran, tone) = match e.ran {
            Some(true) => ("yes", Tone::Ran),
            Some(false) => ("no", Tone::Denied),
            None => ("not recorded", Tone::Dim),
        };
        let span = e.started_at.zip(e.ended_at).map(|(from, to)| to.since(from)).filter(|_| e.waits.is_empty() && e.ran == Some(true));
        let took = span.map_or(String::new(), |ms| format!("  {}", human::duration(ms)));
        let again = if e.attempts > 1 { format!("  {} attempts", e.attempts) } else { String::new() };
        self.row("ran", tone, &format!("{ran}{took}{again}"));
        if let Some(at) = e.ended_at {
            self.row("ended", Tone::Text, &format!("{}  {}", self.time(at), e.status));
        }
        let code = e.error_code.as_deref().or(e.governed_outcome.as_deref());
        if let Some(code) = code {
            self.row("outcome", Tone::Text, code);
        }
        // What the decider said was told to the agent as an error, and stands above already.
        let said = |error: &&str| e.waits.iter().any(|wait| wait.decision_reason.as_deref().is_some_and(|reason| reason.trim() == error.trim()));
        if let Some(error) = e.error.as_deref().filter(|error| !said(error)) {
            self.row("error", Tone::Failed, error);
        }
        self.governance(e);
        self.links(t, e);
        self.ids(e);
    }

    /// Shows how a wait was answered, in the words of who answered.
    fn said(&mut self, wait: Option<&Wait>) {
        let Some((wait, decision)) = wait.and_then(|wait| Some((wait, wait.decision?))) else {
            return self.row("answer", Tone::Wait, "no decision recorded");
        };
        let by = wait.decided_by.map_or(String::new(), |by| format!(" by {by}"));
        let length = wait.wait_ms.map_or(String::new(), |ms| format!(" after {}", human::duration(ms)));
        self.row("answer", decision_tone(Some(decision)), &format!("{decision}{by}{length}"));
        if let Some(reason) = wait.decision_reason.as_deref() {
            self.row("", Tone::Strong, &format!("“{}”", reason.trim()));
            self.said = Some(reason.to_owned());
        }
    }

    fn wait(&mut self, wait: &Wait) {
        let at = |at: Option<Timestamp>| at.map_or_else(|| "time not recorded".to_owned(), |at| self.time(at));
        let asked = format!("{}  {}", at(wait.asked_at), wait.kind.as_str().replace('_', " "));
        let decided_at = match (wait.decided_at, wait.decided_before) {
            (None, Some(before)) => format!("before {}", self.time(before)),
            (decided, _) => at(decided),
        };
        self.row("asked", Tone::Wait, &asked);
        if let Some(shown) = wait.shown_text.as_deref().or(wait.reason.as_deref()) {
            self.row("shown as", Tone::Text, shown);
        }
        if let Some(shown_at) = wait.shown_at {
            let shown = self.time(shown_at);
            self.row("shown", Tone::Text, &shown);
        }
        let Some(decision) = wait.decision else {
            return self.row("decided", Tone::Wait, "no decision recorded");
        };
        let by = wait.decided_by.map_or(String::new(), |by| format!(" by {by}"));
        let length = wait.wait_ms.map_or(String::new(), |ms| format!(" after {}", human::duration(ms)));
        let scope = wait.scope.map_or(String::new(), |scope| format!("  for {scope}"));
        let inferred = if wait.inferred { "  (inferred)" } else { "" };
        self.row("decided", decision_tone(Some(decision)), &format!("{decided_at}  {decision}{by}{length}{scope}{inferred}"));
        if let Some(reason) = wait.decision_reason.as_deref().filter(|reason| self.said.as_deref() != Some(*reason)) {
            self.row("reason", Tone::Strong, reason);
        }
    }

    fn governance(&mut self, e: &Execution) {
        let known = e.governance.policy_id.iter().chain(&e.governance.decision_id).chain(&e.governance.matched_rules);
        let named: Vec<&str> = known.map(String::as_str).collect();
        if !named.is_empty() {
            self.row("policy", Tone::Text, &format!("{}  {}", e.governance.mode, named.join(&format!(" {} ", self.marks.dot))));
        }
    }

    fn links(&mut self, t: &Trajectory, e: &Execution) {
        for amended in &e.amended {
            let (was, is) = (amended.was.as_deref().unwrap_or("not known"), amended.is.as_deref().unwrap_or("rejected"));
            self.row("amended", Tone::Label, &format!("{}: {is} (was {was}), by {}  “{}”", amended.fact, amended.by, amended.note));
        }
        if let Some(link) = &e.retry_of {
            let text = format!(
                "{} {}: {} scope, {}, after {}, {}",
                self.marks.retry,
                link.execution,
                link.scope,
                link.form.as_str().replace('_', " "),
                link.after,
                link.sanction
            );
            self.row("tries again", Tone::Retry, &text);
        }
        for later in t.executions.iter().filter(|later| later.retry_of.as_ref().is_some_and(|link| link.execution == e.id)) {
            let sanction = later.retry_of.as_ref().map_or("", |link| link.sanction.as_str());
            self.row("after it", Tone::Retry, &format!("{} {}  {} ({sanction})", self.marks.retry, later.id, later.status));
        }
        for other in &e.alternative_to {
            self.row("other way", Tone::Dim, &format!("instead of {other}"));
        }
    }

    fn ids(&mut self, e: &Execution) {
        let approval = e.approval_request_id.as_ref().or_else(|| e.waits.iter().find_map(|wait| wait.request_id.as_ref()));
        let known =
            [("call", e.call_id.as_ref()), ("execution", e.tool_execution_id.as_ref()), ("approval", approval), ("run", e.context.agent_run_id.as_ref())];
        let listed: Vec<String> = known.iter().filter_map(|(name, id)| id.map(|id| format!("{name} {id}"))).collect();
        if !listed.is_empty() {
            self.row("ids", Tone::Dim, &listed.join(&format!(" {} ", self.marks.dot)));
        }
    }

    /// Shows what came back, below the call.
    fn output_of(&mut self, t: &'m Trajectory, e: &Execution, call: usize) {
        let results = texts_on_page(t, call).skip(1).filter_map(|at| t.steps.get(at));
        for result in results.filter(|result| !stopped(e) || !result.text.trim().is_empty()) {
            self.gap();
            self.out.push(Block::new().say(Tone::Dim, if stopped(e) { "the agent was told" } else { "output" }));
            self.out.push(Block::printed(self.text(result)).indented(2));
        }
    }

    /// Shows a text: code between fences and patches in their tones.
    fn body(&mut self, step: &'m Step) {
        self.gap();
        let text = self.text(step);
        if arguments::is_patch(text) {
            return self.out.push(arguments::patch(text));
        }
        let tone = match step.kind {
            Kind::Thinking => Tone::Thought,
            Kind::Error => Tone::Failed,
            _ => Tone::Text,
        };
        let mut fenced = false;
        let mut piece = String::new();
        for line in text.split_inclusive('\n') {
            if line.trim_start().starts_with("```") {
                self.flush(&mut piece, if fenced { Tone::Quoted } else { tone }, fenced);
                fenced = !fenced;
            } else {
                piece.push_str(line);
            }
        }
        self.flush(&mut piece, if fenced { Tone::Quoted } else { tone }, fenced);
        if step.text.trim().is_empty() && step.parts.is_empty() {
            self.out.push(Block::new().say(Tone::Dim, "(no text)"));
        }
    }

    fn flush(&mut self, piece: &mut String, tone: Tone, fenced: bool) {
        if !piece.is_empty() {
            let plain = tone == Tone::Text && !fenced;
            self.out.push(if plain { markdown::message(piece) } else { Block::text(tone, piece).indented(if fenced { 2 } else { 0 }) });
            piece.clear();
        }
    }

    fn parts(&mut self, step: &Step) {
        for part in &step.parts {
            let text = format!("{}  {}  {}", part.name, part.media_type, human::bytes(part.size_bytes));
            self.row(part.kind, Tone::Accent, &text);
        }
    }

    fn foot(&mut self, t: &Trajectory, step: &Step) {
        self.gap();
        for mark in &step.redactions {
            let class = mark.class.as_deref().unwrap_or("unknown");
            self.row("redacted", Tone::Redaction, &format!("{} {}  at {}", self.marks.redacted, class, mark.path));
        }
        if let Some(usage) = step.usage.filter(|usage| !usage.is_empty()) {
            let cost = usage.cost_usd.map_or(String::new(), |cost| format!("  {}", human::usd(cost)));
            let cached = if usage.cache_read + usage.cache_write > 0 {
                format!("  {} cached", human::count(usage.cache_read + usage.cache_write))
            } else {
                String::new()
            };
            self.row("tokens", Tone::Dim, &format!("{} in  {} out{cached}{cost}", human::count(usage.input), human::count(usage.output)));
        }
        self.row("step", Tone::Dim, &format!("{}  {} of {}", step.id, step.seq, t.steps.len()));
        if let Some(at) = step.at {
            self.row("at", Tone::Dim, &at.to_string());
        }
        for origin in &step.origins {
            let source = t.sources.iter().find(|source| source.sha256 == origin.source);
            let name = source.map_or("a source", |source| source.path.rsplit('/').next().unwrap_or(&source.path));
            let format = source.map_or("", |source| source.format);
            self.row("from", Tone::Dim, &format!("{name} line {}  {format}  {}", origin.line, human::bytes(origin.end_byte - origin.start_byte)));
        }
    }
}

fn status_tone(e: &Execution) -> Tone {
    match e.status {
        Status::Succeeded => Tone::Ran,
        Status::Failed => Tone::Failed,
        Status::Denied | Status::Blocked | Status::Cancelled => Tone::Denied,
        Status::Pending => Tone::Wait,
        Status::Unknown => Tone::Dim,
    }
}
