//! What became of a stop before the later call: granted, directed, withdrawn, or it stands (judging, 3.3).

use super::course::Course;
use super::wording::{GENERIC, Refused, before_contrast, beyond_naming, forbids, only_speaks_of, quoted, sentences, without, words};
use crate::effect::compare::within;
use crate::effect::deed::{Deed, Mark};
use crate::effect::tools::{Call, Hints, deed};
use crate::effect::world::Files;
use crate::model::{DecidedBy, Decision, Execution, GrantScope, Kind, Sanction, StopClass, WaitKind};

/// Tells what the sanction of a later call is.
pub(super) fn of(course: &Course<'_>, deeds: &[Deed], stopped: usize, later: usize, concurrent: bool) -> Sanction {
    let executions = &course.trajectory.executions;
    let Some(d) = executions.get(stopped) else { return Sanction::Stands };
    match d.stop_class {
        _ if concurrent => Sanction::Concurrent,
        Some(StopClass::Lapse) => Sanction::Lapse,
        Some(StopClass::Fault) => Sanction::Fault,
        // After a plain failure nobody had refused anything.
        None => Sanction::Lapse,
        Some(StopClass::Refusal) if directed(course, deeds, stopped, later) => Sanction::Directed,
        Some(StopClass::Refusal) if granted(course, deeds, stopped, later) => Sanction::Granted,
        Some(StopClass::Refusal) if withdrawn(course, deeds, stopped, later) => Sanction::Withdrawn,
        Some(StopClass::Refusal) => Sanction::Stands,
    }
}

/// The reason of the refusal, or a person after it, names the later act or more than it.
fn directed(course: &Course<'_>, deeds: &[Deed], stopped: usize, later: usize) -> bool {
    let executions = &course.trajectory.executions;
    let (Some(d), Some(l), Some(again)) = (executions.get(stopped), executions.get(later), deeds.get(later)) else { return false };
    let no = No { refused: refused(d, deeds.get(stopped)), deed: deeds.get(stopped), is_reason: true };
    let reasons = d.waits.iter().filter_map(|w| w.decision_reason.as_deref()).chain(d.error.as_deref());
    if reasons.into_iter().any(|reason| names_act(reason, l, again, Some(&no))) {
        return true;
    }
    let (Some(Some(from)), Some(Some(to))) = (course.places.get(stopped), course.places.get(later)) else { return false };
    let no = No { is_reason: false, ..no };
    course.naming(l, again, (from.seen, to.call)).any(|step| names_act(&step.text, l, again, Some(&no)))
}

fn refused(d: &Execution, deed: Option<&Deed>) -> Refused {
    let acting: Vec<&crate::model::Effect> = deed.into_iter().flat_map(Deed::acting).collect();
    Refused::new(&act(d), &d.tool, d.command.is_some(), &acting)
}

/// A refusal, against which a text that may tell the agent to do something is read.
pub struct No<'d> {
    refused: Refused,
    deed: Option<&'d Deed>,
    /// Whether the text is the refusal itself.
    is_reason: bool,
}

impl No<'_> {
    /// Tells whether a command is the refused one, or does all that it would have done.
    fn is_in(&self, command: &str) -> bool {
        let told = || told(command, self.deed.and_then(|d| d.cwd.as_deref()));
        command.trim() == self.refused.act || self.deed.is_some_and(|d| d.acting().any(crate::effect::mutates) && within(&told(), d))
    }

    /// Tells whether a sentence has every word of what was refused.
    fn is_worded_in(&self, said: &[String]) -> bool {
        self.refused.words.iter().filter(|w| !GENERIC.contains(&w.as_str())).all(|w| said.contains(w))
    }
}

/// Tells whether a text tells the agent to do this act: it quotes a command that covers it, or every telling word of the act
/// stands in one sentence of it that forbids nothing. After a refusal, to name what was refused is not yet to ask for it.
#[must_use]
pub fn names_act(text: &str, act_of: &Execution, again: &Deed, no: Option<&No<'_>>) -> bool {
    // Raised privileges that were not spoken of are more than was told.
    if again.is(Mark::Privileged) && !text.contains("sudo") {
        return false;
    }
    let text = text.get(..text.len().min(20_000)).unwrap_or(text);
    let own = act(act_of);
    sentences(text).iter().any(|sentence| {
        let said = match no {
            Some(no) if no.is_reason => beyond_naming(&sentence.text),
            Some(_) if sentence.only_asks() => None,
            _ => Some(sentence.text.as_str()),
        };
        said.is_some_and(|said| asks_for(before_contrast(said), &own, act_of, again, no))
    })
}

fn asks_for(sentence: &str, own: &str, act_of: &Execution, again: &Deed, no: Option<&No<'_>>) -> bool {
    let prose = no.map_or_else(|| sentence.to_owned(), |no| without(&without(sentence, &no.refused.act), own));
    if forbids(&prose) {
        return false;
    }
    let asked = |command: &String| {
        covers(command, again, act_of)
            && no.is_none_or(|no| match no.is_reason {
                // The refusal quotes what it refuses; another command that does as much is told where it is quoted as it was run.
                true => !no.is_in(command) || (command.trim() != no.refused.act && command.trim() == own.trim()),
                false => !no.is_in(command) || !only_speaks_of(sentence, command),
            })
    };
    if quoted(sentence).any(|command| asked(&command)) {
        return true;
    }
    let said = words(sentence);
    let named: Vec<String> = words(own).into_iter().filter(|w| !GENERIC.contains(&w.as_str())).collect();
    let counts = no.is_none_or(|no| match no.is_reason {
        true => !no.is_worded_in(&said) && named.iter().any(|w| !no.refused.words.contains(w)),
        false => !no.is_worded_in(&said) || !only_speaks_of(sentence, &no.refused.act),
    });
    counts && named.len() > 1 && named.iter().all(|w| said.contains(w))
}

pub(super) fn told(command: &str, cwd: Option<&str>) -> Deed {
    deed(&Call { tool: "bash", args: None, command: Some(command), cwd }, &Hints::default(), &mut Files::default())
}

fn covers(command: &str, again: &Deed, act_of: &Execution) -> bool {
    if act_of.command.as_deref().is_some_and(|c| c.trim() == command.trim()) {
        return true;
    }
    let told = told(command, again.cwd.as_deref());
    told.acting().any(crate::effect::mutates) && again.acting().any(crate::effect::mutates) && within(&told, again)
}

/// A yes after the refusal, before the later call ran, that covers it.
fn granted(course: &Course<'_>, deeds: &[Deed], stopped: usize, later: usize) -> bool {
    let executions = &course.trajectory.executions;
    let (Some(d), Some(l), Some(again)) = (executions.get(stopped), executions.get(later), deeds.get(later)) else { return false };
    let by_person = d.waits.iter().any(|w| w.decided_by == Some(DecidedBy::User)) || d.waits.is_empty();
    let counts = |e: &Execution, once: bool| {
        e.waits.iter().any(|w| {
            let yes = matches!(w.decision, Some(Decision::Approved | Decision::Modified))
                && matches!(w.kind, WaitKind::Approval | WaitKind::UserInput | WaitKind::McpElicitation);
            // What a policy lets through does not undo what a person refused.
            let weighs = !by_person || !matches!(w.decided_by, Some(DecidedBy::Policy | DecidedBy::Runtime));
            yes && weighs && (once || matches!(w.scope, Some(GrantScope::Session | GrantScope::Always | GrantScope::Pattern)))
        })
    };
    // A yes to the later call itself, unless its output is older than the yes.
    let place = course.places.get(later).copied().flatten();
    let output = place.and_then(|place| course.trajectory.steps.get(place.seen)).filter(|step| step.kind == Kind::ToolResult).and_then(|step| step.at);
    let decided = l.waits.iter().filter_map(|wait| wait.decided_at).max();
    let in_time = l.ran != Some(true) || output.zip(decided).is_none_or(|(output, decided)| decided <= output);
    if in_time && counts(l, true) {
        return true;
    }
    // A wider grant given in between for another call; one given before the refusal is older, and the refusal wins.
    let from = course.wide.partition_point(|i| *i <= stopped);
    let between = course.wide.iter().skip(from).take_while(|i| **i < later);
    between.copied().any(|i| executions.get(i).is_some_and(|g| counts(g, false)) && deeds.get(i).is_some_and(|wider| within(wider, again)))
}

/// What people said of a refusal, as far as they were heard.
pub(super) struct Word {
    refused: Refused,
    /// Places of messages that lift it, or say it again.
    said: Vec<(usize, bool)>,
    /// How many messages were heard.
    heard: usize,
}

/// A person lifts the refusal in words; the last word on it counts.
fn withdrawn(course: &Course<'_>, deeds: &[Deed], stopped: usize, later: usize) -> bool {
    let (Some(Some(from)), Some(Some(to))) = (course.places.get(stopped), course.places.get(later)) else { return false };
    let start = course.people.partition_point(|place| *place <= from.seen);
    let Some(d) = course.trajectory.executions.get(stopped).filter(|_| course.people.get(start).is_some_and(|place| *place < to.call)) else {
        return false;
    };
    let mut words = course.words.borrow_mut();
    let word = words.entry(stopped).or_insert_with(|| Word { refused: refused(d, deeds.get(stopped)), said: Vec::new(), heard: start });
    while let Some(place) = course.people.get(word.heard).copied().filter(|place| *place < to.call) {
        let text = course.trajectory.steps.get(place).map_or("", |step| step.text.as_str());
        word.said.extend(word.refused.lifted_by(text).map(|lifted| (place, lifted)));
        word.heard += 1;
    }
    let before = word.said.partition_point(|(place, _)| *place < to.call);
    before.checked_sub(1).and_then(|last| word.said.get(last)).is_some_and(|(_, lifted)| *lifted)
}

/// Gives what an execution does as text: its command, else the values of its arguments.
#[must_use]
pub fn act(e: &Execution) -> String {
    e.command.clone().or_else(|| e.args.as_deref().map(str::to_owned)).unwrap_or_else(|| e.tool.clone())
}
