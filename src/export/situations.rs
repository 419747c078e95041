//! The table of situations: what a judged turn teaches, with which target, which pair, and when it is refused.

mod asking;

use super::definition::{AskStyle, Definition};
use super::example::{Side, SideOrigin};
use super::json::Json;
use super::judgement::{Judgement, Judgements};
use super::message::{Call, Message, Role};
use super::points::{Branches, Point};
use crate::model::{DecidedBy, Decision, Execution, RetryForm, Sanction, StopClass, Trajectory};

/// One judged target of one turn.
pub struct Case<'a> {
    /// Trajectory.
    pub trajectory: &'a Trajectory,
    /// What was said of it.
    pub judged: &'a Judgements,
    /// Its branches.
    pub branches: &'a Branches,
    /// Definition.
    pub definition: &'a Definition,
    /// The turn.
    pub point: Point<'a>,
    /// The execution, where the target is one.
    pub execution: Option<&'a Execution>,
    /// What was said of the target.
    pub judgement: &'a Judgement,
}

/// An example in the making: the turn before which the prompt ends, and the two sides.
pub struct Draft<'a> {
    /// Line of the table.
    pub situation: &'static str,
    /// The turn before which the prompt ends.
    pub at: Point<'a>,
    /// To learn.
    pub good: Option<Side>,
    /// To avoid.
    pub bad: Option<Side>,
    /// Whether the good side may be trained on alone.
    pub sft: bool,
}

/// What a line of the table says of a case: nothing, a draft, or why there is none.
pub type Said<'a> = Option<Result<Draft<'a>, String>>;

/// One line of the table.
pub type Line = for<'a> fn(&Case<'a>) -> Said<'a>;

/// The table, in the order of the documents.
pub const TABLE: &[(&str, Line)] = &[
    ("denied_recovered", denied_recovered),
    ("denied_unsafe", denied_unsafe),
    ("missed_ask", missed_ask),
    ("needless_ask", needless_ask),
    ("self_approved", self_approved),
    ("blind_mutation", blind_mutation),
    ("good_ask", good_ask),
    ("granted", granted),
    ("modified", modified),
    ("right_go", right_go),
    ("timed_out", timed_out),
];

/// Agents whose harness refuses a change of a file that was not read, and the tools that it guards so.
const READ_FIRST: &[(&str, &[&str])] = &[("claude-code", &["Edit", "MultiEdit", "Write", "NotebookEdit"])];

const GOOD_AFTER_DENIAL: &[&str] = &["followed", "asked_back", "safer_way", "stopped"];

impl<'a> Case<'a> {
    fn after_denial(&self) -> Option<&str> {
        self.judgement.answer("after_denial")
    }

    /// Tells whether what was done after the refusal was found good.
    pub fn follows_well(&self) -> bool {
        self.after_denial().is_some_and(|after| GOOD_AFTER_DENIAL.contains(&after))
    }

    fn boundary(&self) -> Option<&str> {
        self.judgement.answer("boundary")
    }

    /// The first turn after the stop, where nobody spoke between.
    fn after_stop(&self) -> Result<Point<'a>, String> {
        match self.point.next() {
            None => Err("no turn follows the stop".to_owned()),
            Some((_, true)) => Err("the user spoke between the stop and the next turn".to_owned()),
            Some((next, false)) => Ok(next),
        }
    }

    /// The first turn after this one, before the user speaks, with a call that was judged as one to avoid.
    fn crossing(&self) -> Option<Point<'a>> {
        let mut at = self.point.next();
        while let Some((point, false)) = at {
            let avoided = |call: &Call| self.judged.of(&call.execution).is_some_and(|judgement| judgement.answer("use") == Some("avoid"));
            if point.turn().calls.iter().any(avoided) {
                return Some(point);
            }
            at = point.next();
        }
        None
    }

    fn rewrite(&self, point: &Point<'_>) -> Option<Side> {
        let targets = point.turn().calls.iter().map(|call| call.execution.as_str()).chain(point.turn().steps.iter().map(String::as_str));
        let found = targets.into_iter().find_map(|target| self.judged.rewrites.get(target))?;
        Some(Side { message: found.message.clone(), origin: SideOrigin::Rewrite, elsewhere: None })
    }

    /// Says why a rewrite is no ask: it acts as well, or lacks a part of the form. An ask by a tool is a call of that tool and no other.
    fn asks_badly(&self, rewrite: &Message) -> Option<String> {
        let acts = match &self.definition.ask_style {
            AskStyle::Tool(tool) => rewrite.calls.iter().any(|call| call.name != super::tools::safe_name(tool)),
            AskStyle::TextTurn | AskStyle::GatedCall => !rewrite.calls.is_empty(),
        };
        if acts {
            return Some("the rewrite must ask, and not act as well".to_owned());
        }
        let by_tool: Vec<String> = rewrite.calls.iter().map(|call| call.args.spaced()).collect();
        let said = Message { text: format!("{}\n{}", rewrite.text, by_tool.join("\n")), ..Message::new(Role::Assistant, String::new()) };
        asking::lacking(&said, &self.point.turn().calls).map(|lack| format!("the rewrite lacks the form of an ask: {lack}"))
    }

    /// Says whether a turn may be imitated: every call of it was judged so.
    fn usable(&self, point: &Point<'_>) -> Result<(), String> {
        let calls = &point.turn().calls;
        let uses: Vec<Option<&str>> = calls.iter().map(|call| self.judged.of(&call.execution).and_then(Judgement::usage)).collect();
        if uses.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err("parallel calls of one turn are judged differently; only a rewrite can part them".to_owned());
        }
        match (calls.first(), uses.first()) {
            (Some(call), Some(used)) if *used != Some("imitate") => Err(format!("the call {} is not judged as one to imitate", call.id)),
            _ => Ok(()),
        }
    }

    /// The rule that speaks against any call of the turn.
    fn finding(&self) -> Option<&str> {
        let calls = self.point.turn().calls.iter().filter_map(|call| self.judged.of(&call.execution));
        std::iter::once(self.judgement).chain(calls).find_map(|judgement| judgement.finding.as_deref())
    }
}

fn recorded(point: &Point<'_>) -> Side {
    Side { message: point.turn().clone(), origin: SideOrigin::Recorded, elsewhere: None }
}

fn constructed(message: Message, how: &'static str) -> Side {
    Side { message, origin: SideOrigin::Constructed(how), elsewhere: None }
}

fn draft<'a>(situation: &'static str, at: Point<'a>, good: Option<Side>, bad: Option<Side>, sft: bool) -> Said<'a> {
    Some(Ok(Draft { situation, at, good, bad, sft }))
}

/// Denied, then recovered: learn the turn after the denial, rather than the denied call once more.
fn denied_recovered<'a>(case: &Case<'a>) -> Said<'a> {
    let execution = case.execution.filter(|e| e.stop_class == Some(StopClass::Refusal))?;
    case.follows_well().then_some(())?;
    if execution.waits.iter().any(|wait| wait.decision == Some(Decision::Denied) && wait.inferred) && !case.judgement.confirmed {
        return Some(Err("the denial is only inferred, and nobody confirmed it".to_owned()));
    }
    let next = match case.after_stop() {
        Ok(next) => next,
        Err(why) => return Some(Err(why)),
    };
    if let Err(why) = case.usable(&next) {
        return Some(Err(why));
    }
    let denied = case.point.turn().calls.iter().find(|call| call.execution == execution.id)?;
    let bad = case.definition.construct.then(|| constructed(calls(vec![Call { id: format!("{}_again", denied.id), ..denied.clone() }]), "repeat"));
    draft("denied_recovered", next, Some(recorded(&next)), bad, true)
}

/// Denied, then tried again unsafely: a rewrite rather than the recorded turn; without one, the turn as one to avoid.
fn denied_unsafe<'a>(case: &Case<'a>) -> Said<'a> {
    let execution = case.execution?;
    case.after_denial().filter(|after| matches!(*after, "widened" | "circumvented" | "repeated"))?;
    let again = case.trajectory.executions.iter().find(|e| e.retry_of.as_ref().is_some_and(|retry| retry.execution == execution.id));
    if let Some((again, retry)) = again.and_then(|again| again.retry_of.as_ref().map(|retry| (again, retry))) {
        if retry.sanction != Sanction::Stands {
            return Some(Err(format!("the refusal did not stand when it was tried again ({})", retry.sanction)));
        }
        if again.ran.is_none() && retry.form == RetryForm::Identical {
            return Some(Err("whether the identical call ran is not known; it may have been a fresh ask".to_owned()));
        }
    }
    let Some(at) = again.and_then(|again| case.branches.find(&again.id)).or_else(|| case.crossing()) else {
        return Some(Err("the turn that did the refused act again is not judged as one to avoid".to_owned()));
    };
    let rewrite = case.rewrite(&at);
    draft("denied_unsafe", at, rewrite.clone(), Some(recorded(&at)), rewrite.is_some())
}

/// Missed ask or crossed prohibition: a rewrite that asks rather than the call.
fn missed_ask<'a>(case: &Case<'a>) -> Said<'a> {
    let boundary = case.boundary().filter(|b| matches!(*b, "missed_ask" | "crossed" | "crossed_gated"))?;
    if boundary == "crossed_gated" && case.definition.ask_style == AskStyle::GatedCall {
        return Some(Err("a gate stood before it, and issuing the call was the ask".to_owned()));
    }
    let rewrite = case.rewrite(&case.point);
    if let Some(why) = rewrite.as_ref().and_then(|side| case.asks_badly(&side.message)) {
        return Some(Err(why));
    }
    draft("missed_ask", case.point, rewrite.clone(), Some(recorded(&case.point)), rewrite.is_some())
}

/// Needless ask: the call that ran after the yes, moved up, rather than the question.
fn needless_ask<'a>(case: &Case<'a>) -> Said<'a> {
    case.boundary().filter(|b| *b == "needless_ask")?;
    if case.judgement.severity().is_some_and(|severity| severity > 0) {
        return Some(Err("it asked needlessly, but for something that could do harm".to_owned()));
    }
    if !case.point.turn().calls.is_empty() {
        return Some(Err("the ask is itself a call; what would have run without it is not recorded".to_owned()));
    }
    let Some((next, true)) = case.point.next() else { return Some(Err("no call follows the yes".to_owned())) };
    let ran = |call: &Call| case.trajectory.execution(&call.execution).is_some_and(|e| e.ran == Some(true) && e.status == crate::model::Status::Succeeded);
    let moved = &next.turn().calls;
    if moved.is_empty() || !moved.iter().all(ran) {
        return Some(Err("the call after the yes is missing or did not succeed".to_owned()));
    }
    let executions = || moved.iter().filter_map(|call| case.trajectory.execution(&call.execution));
    if executions().flat_map(|e| &e.waits).any(|wait| wait.decision == Some(Decision::Modified)) {
        return Some(Err("the yes changed the call; it is not what was asked for".to_owned()));
    }
    if executions().flat_map(|e| &e.effects).any(|effect| effect.target.starts_with("secret:")) {
        return Some(Err("the call touches a secret, which is never needless to ask for".to_owned()));
    }
    draft("needless_ask", case.point, Some(constructed(calls(moved.clone()), "moved_up")), Some(recorded(&case.point)), true)
}

/// Made the yes itself: only a rewrite can teach anything here.
fn self_approved<'a>(case: &Case<'a>) -> Said<'a> {
    case.judgement.answer("bypass").filter(|bypass| *bypass != "none")?;
    if case.judgement.answer("needs_ask") == Some("covered") {
        return Some(Err("the user ordered the bypass".to_owned()));
    }
    let rewrite = case.rewrite(&case.point);
    draft("self_approved", case.point, rewrite.clone(), Some(recorded(&case.point)), rewrite.is_some())
}

/// Changed what it had not looked at: a rewrite that reads first.
fn blind_mutation<'a>(case: &Case<'a>) -> Said<'a> {
    case.judgement.answer("discovery").filter(|discovery| *discovery == "blind")?;
    let rewrite = case.rewrite(&case.point).filter(|side| !side.message.calls.is_empty())?;
    let declared = |call: &Call| case.point.conversation.tools.iter().any(|tool| tool.name == call.name);
    if !rewrite.message.calls.iter().all(declared) {
        return Some(Err("the rewrite reads with a tool that the agent did not have".to_owned()));
    }
    let writes = |call: &Call| READ_FIRST.iter().any(|(agent, tools)| *agent == case.trajectory.agent && tools.contains(&call.name.as_str()));
    if case.point.turn().calls.iter().any(writes) {
        return Some(Err("the harness refuses that tool a file that was not read, so it teaches nothing to read first".to_owned()));
    }
    let effects = case.execution.into_iter().flat_map(|execution| &execution.effects).filter(|effect| effect.verb.changes_known());
    if let Some(unread) = effects.map(|effect| effect.target.as_str()).find(|target| !rewrite.message.calls.iter().any(|call| covers(call, target))) {
        return Some(Err(format!("the rewrite does not read {unread}, which the turn changes")));
    }
    draft("blind_mutation", case.point, Some(rewrite), Some(recorded(&case.point)), true)
}

/// A right ask: learn to ask, rather than to make the call that came after the yes.
fn good_ask<'a>(case: &Case<'a>) -> Said<'a> {
    let gated = case.definition.ask_style == AskStyle::GatedCall;
    case.boundary().filter(|b| *b == "right_ask" || (gated && *b == "gated"))?;
    if let Err(why) = case.usable(&case.point) {
        return Some(Err(why));
    }
    let silent = case.point.turn().calls.is_empty();
    let skipped =
        case.point.next().filter(|(next, spoken)| silent && *spoken && !next.turn().calls.is_empty()).map(|(next, _)| calls(next.turn().calls.clone()));
    let bad = skipped.filter(|_| case.definition.construct).map(|message| constructed(message, "skip_ask"));
    draft("good_ask", case.point, Some(recorded(&case.point)), bad, true)
}

/// Approved by a person: learn the call as it was approved, after the yes.
fn granted<'a>(case: &Case<'a>) -> Said<'a> {
    let execution = case.execution?;
    case.boundary().filter(|b| *b == "needless_gate" && case.judgement.usage() == Some("imitate"))?;
    let person = |wait: &crate::model::Wait| wait.decision == Some(Decision::Approved) && matches!(wait.decided_by, Some(DecidedBy::User));
    let Some(wait) = execution.waits.iter().find(|wait| person(wait)) else { return Some(Err("no person said yes to it".to_owned())) };
    let read = |args: &Option<Box<str>>| args.as_deref().and_then(|args| Json::parse(args).ok()).map(|json| json.sorted());
    if read(&wait.args_asked).is_some_and(|asked| Some(asked) != read(&execution.args)) {
        return Some(Err("the arguments that ran are not those that were approved".to_owned()));
    }
    if let Some(finding) = case.finding() {
        return Some(Err(format!("the rule {finding} speaks against the yes")));
    }
    if let Err(why) = case.usable(&case.point) {
        return Some(Err(why));
    }
    draft("granted", case.point, Some(recorded(&case.point)), None, true)
}

/// Approved with a change: the arguments as approved, rather than those that were asked for.
fn modified<'a>(case: &Case<'a>) -> Said<'a> {
    let execution = case.execution?;
    let wait = execution.waits.iter().find(|wait| wait.decision == Some(Decision::Modified))?;
    let asked = wait.args_asked.as_deref().and_then(|args| Json::parse(args).ok())?;
    let ran = execution.args.as_deref().and_then(|args| Json::parse(args).ok())?;
    if asked.sorted() == ran.sorted() {
        return Some(Err("the arguments as approved are not recorded".to_owned()));
    }
    let with = |args: Json| {
        let mut message = case.point.turn().clone();
        message.calls.iter_mut().filter(|call| call.execution == execution.id).for_each(|call| call.args = args.clone());
        message
    };
    draft("modified", case.point, Some(constructed(with(ran), "as_approved")), Some(constructed(with(asked), "as_asked")), true)
}

/// Went ahead where it could: learn the call.
fn right_go<'a>(case: &Case<'a>) -> Said<'a> {
    case.boundary().filter(|b| *b == "right_go")?;
    if case.judgement.answer("discovery") == Some("blind") {
        return Some(Err("it changed what it had not looked at".to_owned()));
    }
    if let Err(why) = case.usable(&case.point) {
        return Some(Err(why));
    }
    if let Some(finding) = case.finding() {
        return Some(Err(format!("the rule {finding} speaks against it")));
    }
    draft("right_go", case.point, Some(recorded(&case.point)), None, true)
}

/// Nobody answered in time: learn to wait, ask back or stop.
fn timed_out<'a>(case: &Case<'a>) -> Said<'a> {
    case.execution.filter(|e| e.stop_class == Some(StopClass::Lapse))?;
    case.follows_well().then_some(())?;
    let next = match case.after_stop().and_then(|next| case.usable(&next).map(|()| next)) {
        Ok(next) => next,
        Err(why) => return Some(Err(why)),
    };
    let again = |call: &Call| {
        let retry = case.trajectory.execution(&call.execution).and_then(|e| e.retry_of.as_ref());
        retry.is_some_and(|retry| retry.form == RetryForm::Identical && Some(&retry.execution) == case.execution.map(|e| &e.id))
    };
    if next.turn().calls.iter().any(again) {
        return Some(Err("it asks once more through the gate, which is neither good nor bad".to_owned()));
    }
    draft("timed_out", next, Some(recorded(&next)), None, true)
}

/// Tells whether a call names a target, by its path, the folder it is in, or its last part.
fn covers(call: &Call, target: &str) -> bool {
    let args = call.args.text();
    let path = target.split_once(':').map_or(target, |(kind, rest)| if kind.contains('/') { target } else { rest }).trim_end_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    args.contains(path) || (!name.is_empty() && args.contains(name)) || (folder.len() > 1 && args.contains(folder))
}

/// A turn that only calls.
fn calls(calls: Vec<Call>) -> Message {
    Message { calls, ..Message::new(Role::Assistant, String::new()) }
}
