//! Pairs: two continuations of one verified prefix, found by the prefix's hash, whatever branch, fork or arm they come from.

use super::definition::Definition;
use super::example::{Example, Side, SideOrigin, Stands, digest};
use super::message::Message;
use super::reward;
use std::collections::HashMap;
use std::sync::Arc;

/// A pair needs a difference of rewards of at least this.
pub(super) const LEAST_GAIN: f64 = 0.4;

/// Hashes a prompt as the agent saw it: roles, texts, calls and answers, without ids.
#[must_use]
pub fn prefix_hash(prompt: &[Arc<Message>]) -> String {
    let parts: Vec<String> = prompt.iter().map(|message| written(message)).collect();
    digest(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Writes down what a message says, without ids, so that two can be compared.
#[must_use]
pub fn written(message: &Message) -> String {
    let calls: Vec<String> = message.calls.iter().map(|call| format!("{} {}", call.name, call.args.sorted().text())).collect();
    format!("{}\n{}\n{}\n{}", message.role.as_str(), message.tool.as_deref().unwrap_or_default(), message.text, calls.join("\n"))
}

/// Two examples with one prompt and different turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Siblings {
    /// Place of the first among the examples.
    pub left: usize,
    /// Place of the second.
    pub right: usize,
}

/// Finds the judged points that share a prompt and differ in the turn, one of them to learn and one to avoid.
#[must_use]
pub fn siblings(examples: &[Example]) -> Vec<Siblings> {
    let mut by_prefix: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, example) in examples.iter().enumerate().filter(|(_, e)| e.stands == Stands::Situation && e.decided.is_none() && !e.prompt.iter().any(|m| m.summary))
    {
        by_prefix.entry(prefix_hash(&example.prompt)).or_default().push(i);
    }
    let recorded = |side: &Option<Side>| side.as_ref().is_some_and(|s| matches!(s.origin, SideOrigin::Recorded | SideOrigin::Rewrite));
    let turn = |i: &usize| (&examples[*i].trajectory, &examples[*i].target);
    let mut found = Vec::new();
    for members in by_prefix.values() {
        // Many runs of one prompt have many turns: what is good meets what is bad, and nothing else each other.
        let goods = members.iter().filter(|i| examples[**i].sft && recorded(&examples[**i].good));
        let bads: Vec<&usize> = members.iter().filter(|i| examples[**i].bad.as_ref().is_some_and(|s| s.origin == SideOrigin::Recorded)).collect();
        for good in goods {
            found.extend(bads.iter().filter(|bad| turn(bad) != turn(good)).map(|bad| Siblings { left: *good.min(bad), right: *good.max(bad) }));
        }
    }
    found.sort_by_cached_key(|s| (examples[s.left].id(), examples[s.right].id()));
    found.dedup();
    found
}

/// Makes pairs of what is to learn in one place and to avoid in another with the same prompt.
#[must_use]
pub fn across(examples: &[Example]) -> Vec<Example> {
    let mut made = Vec::new();
    for Siblings { left, right } in siblings(examples) {
        for (good, bad) in [(&examples[left], &examples[right]), (&examples[right], &examples[left])] {
            let recorded = |side: &Option<Side>| side.as_ref().is_some_and(|s| matches!(s.origin, SideOrigin::Recorded | SideOrigin::Rewrite));
            let Some(avoid) = bad.bad.as_ref().filter(|s| good.sft && recorded(&good.good) && s.origin == SideOrigin::Recorded) else { continue };
            let same = good.trajectory == bad.trajectory;
            let origin = if same { SideOrigin::Branch } else { SideOrigin::Arm };
            let side = Side { message: avoid.message.clone(), origin, elsewhere: (!same).then(|| bad.trajectory.clone()) };
            let mut cited = good.cited.clone();
            cited.extend(bad.cited.iter().cloned());
            cited.sort();
            cited.dedup();
            made.push(Example { situation: "siblings", bad: Some(side), cited, ..good.clone() });
        }
    }
    made
}

/// Says why two sides are no pair: they are the same, one is far longer, or the rewards do not differ enough.
#[must_use]
pub fn flaw(example: &Example, definition: &Definition) -> Option<String> {
    let (good, bad) = (example.good.as_ref()?, example.bad.as_ref()?);
    if let Some(why) = super::alike::alike(&good.message, &bad.message) {
        return Some(why.to_owned());
    }
    let tokens = |side: &Side| (definition.counter().1)(&side.message.all_text()).max(1) as f64;
    let ratio = (tokens(good) / tokens(bad)).max(tokens(bad) / tokens(good));
    if ratio > definition.length_ratio && example.strength != Some(3) {
        return Some(format!("one side is {ratio:.1} times as long as the other; length would be learnt, not safety"));
    }
    let rewards = worth(example, definition);
    match rewards {
        (Some(chosen), _) if chosen < 0.0 => Some(format!("the side to learn is worth {chosen:.2}")),
        (Some(chosen), Some(rejected)) if chosen - rejected < LEAST_GAIN => {
            Some(format!("the sides are worth {chosen:.2} and {rejected:.2}, too close for a pair"))
        }
        _ => None,
    }
}

/// Gives the rewards of both sides, where they follow from labels or from how a side was made.
fn worth(example: &Example, definition: &Definition) -> (Option<f64>, Option<f64>) {
    let style = &definition.ask_style;
    let as_boundary = |boundary: &str| {
        let facts = super::example::Facts { boundary: Some(boundary.to_owned()), after_denial: None, ..(*example.facts).clone() };
        reward::of(&facts, style).value
    };
    let recorded = reward::of(&example.facts, style).value;
    let of = |side: &Side| match side.origin {
        SideOrigin::Recorded => recorded,
        SideOrigin::Constructed("repeat") => Some(-1.0),
        SideOrigin::Constructed("skip_ask") => as_boundary("missed_ask"),
        SideOrigin::Constructed("needless_ask") => as_boundary("needless_ask"),
        SideOrigin::Constructed("moved_up") => as_boundary("right_go"),
        _ => None,
    };
    (example.good.as_ref().and_then(of), example.bad.as_ref().and_then(of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::message::Role;

    #[test]
    fn a_prefix_is_what_was_said_not_under_which_ids() {
        let say = |text: &str| Arc::new(Message::new(Role::User, text.to_owned()));
        let mut named = say("a");
        Arc::make_mut(&mut named).steps.push("other".to_owned());
        assert_eq!(prefix_hash(&[say("a")]), prefix_hash(&[named]));
        assert_ne!(prefix_hash(&[say("a"), say("b")]), prefix_hash(&[say("ab")]));
    }
}
