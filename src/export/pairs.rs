//! Pairs: two continuations of one verified prefix, found by the prefix's hash, whatever branch, fork or arm they come from.

mod alike;

use super::brief::{Brief, Hash, SideBrief};
use super::definition::Definition;
use super::example::{Digest, Example, Side, SideOrigin, digest_bytes};
use super::growing::Growing;
use super::message::Message;
use super::reward;
use super::tools::Tool;
use crate::model::ids::hex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A pair needs a difference of rewards of at least this.
pub(super) const LEAST_GAIN: f64 = 0.4;

/// Hashes a prompt as the agent saw it: roles, texts, calls and answers, without ids.
#[must_use]
pub fn prefix_hash(prompt: &[Arc<Message>]) -> String {
    hex(&prefix_digest(prompt))
}

/// Hashes a prompt as `prefix_hash` does, into the bytes.
#[must_use]
pub fn prefix_digest(prompt: &[Arc<Message>]) -> [u8; 12] {
    let parts: Vec<String> = prompt.iter().map(|message| written(message)).collect();
    digest_bytes(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Hashes everything that an agent had before it and a row will hold: the prompt with its thinking, and the schemas of its tools; `seen` is what
/// was read of the prompts before it.
#[must_use]
pub fn seen_digest(seen: &mut Growing<Digest>, prompt: &[Arc<Message>], tools: &[Tool]) -> [u8; 12] {
    let mut digest = seen.over(prompt, |digest, message| digest.add(&format!("{}\n{}", written(message), message.thinking.as_deref().unwrap_or_default())));
    schemas(tools).into_iter().for_each(|(name, definition)| digest.add(&format!("{name}\n{definition}")));
    digest.bytes()
}

fn schemas(tools: &[Tool]) -> BTreeMap<&str, String> {
    tools.iter().filter(|tool| tool.has_schema).map(|tool| (tool.name.as_str(), tool.definition().sorted().text())).collect()
}

/// Says in which tool two sets differ of which both declare schemas; what is called without one says nothing of what was offered.
#[must_use]
pub fn tools_apart(left: &[Tool], right: &[Tool]) -> Option<String> {
    let (left, right) = (schemas(left), schemas(right));
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let name = left.keys().chain(right.keys()).find(|name| left.get(*name) != right.get(*name))?;
    Some(match (left.get(name), right.get(name)) {
        (Some(_), Some(_)) => format!("the tools differ: {name} is declared otherwise at the right"),
        (Some(_), None) => format!("the tools differ: {name} is declared at the left alone"),
        _ => format!("the tools differ: {name} is declared at the right alone"),
    })
}

/// Says at which message the thinking of two prefixes differs, for rows that keep it.
#[must_use]
pub fn thinking_apart(left: &[Arc<Message>], right: &[Arc<Message>]) -> Option<String> {
    let at = left.iter().zip(right).position(|(a, b)| a.thinking != b.thinking)?;
    Some(format!("no pair: the prefixes differ at message {}, in its thinking, which the dataset keeps", at + 1))
}

/// Writes down what a message says, without ids, so that two can be compared.
#[must_use]
pub fn written(message: &Message) -> String {
    let calls: Vec<String> = message.calls.iter().map(|call| format!("{} {}", call.name, call.args.sorted().text())).collect();
    format!("{}\n{}\n{}\n{}", message.role.as_str(), message.tool.as_deref().unwrap_or_default(), message.text, calls.join("\n"))
}

/// Makes pairs of what is to learn in one place and to avoid in another with the same prompt: of judged turns, as recorded or rewritten.
#[must_use]
pub fn across(briefs: &[Brief]) -> Vec<Brief> {
    let mut by_prompt: HashMap<Hash, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (i, brief) in briefs.iter().enumerate().filter(|(_, b)| b.is_situation() && b.decided.is_none() && !b.summary) {
        let (goods, bads) = by_prompt.entry(brief.prompt).or_default();
        if brief.sft && brief.good.as_ref().is_some_and(|side| matches!(side.origin, SideOrigin::Recorded | SideOrigin::Rewrite)) {
            goods.push(i);
        }
        if brief.bad.as_ref().is_some_and(|side| side.origin == SideOrigin::Recorded) {
            bads.push(i);
        }
    }
    // Many runs of one prompt have many turns: what is good meets what is bad, and nothing else each other.
    let mut made = Vec::new();
    for (goods, bads) in by_prompt.into_values() {
        for (good, bad) in goods.iter().flat_map(|good| bads.iter().map(move |bad| (&briefs[*good], &briefs[*bad]))) {
            let Some(avoid) = bad.bad.as_ref().filter(|_| (&good.trajectory, &good.target) != (&bad.trajectory, &bad.target)) else { continue };
            let same = good.trajectory == bad.trajectory;
            let origin = if same { SideOrigin::Branch } else { SideOrigin::Arm };
            let side = SideBrief { origin, elsewhere: (!same).then(|| bad.trajectory.clone()), said: avoid.said, from: Some(bad.at) };
            let also = good.also.iter().copied().chain([bad.at]).collect();
            let mut side_tools: Vec<Arc<str>> = good.side_tools.iter().chain(bad.side_tools.iter()).cloned().collect();
            side_tools.sort();
            side_tools.dedup();
            made.push(Brief { situation: "siblings", bad: Some(side), also, side_tools: side_tools.into(), ..good.clone() });
        }
    }
    made.sort_by_cached_key(|brief| (brief.digest(), brief.at));
    made
}

/// Says why two sides are no pair: they are the same, one is far longer, or the rewards do not differ enough.
#[must_use]
pub fn flaw(example: &Example, definition: &Definition) -> Option<String> {
    let (good, bad) = (example.good.as_ref()?, example.bad.as_ref()?);
    if let Some(why) = alike::alike(&good.message, &bad.message) {
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
