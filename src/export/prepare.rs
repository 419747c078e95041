//! From selected examples to those that leave: redaction, pairs across trajectories, balance, splits, near-duplicates.

use super::definition::Definition;
use super::example::{Example, Side, SideOrigin, Stands};
use super::message::{Message, Role};
use super::near::{self, Signature};
use super::redacted::redact;
use super::scan::Redaction;
use super::select::Blocked;
use super::splits::{self, Member, Placed, Split};
use super::{balance, choices, pairs, reserved};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Makes examples ready to be written; what does not leave goes to `blocked`.
pub fn prepare(examples: &mut Vec<Example>, blocked: &mut Vec<Blocked>, definition: &Definition, redaction: Option<&Redaction>) {
    if let Some(redaction) = redaction {
        redact(examples, redaction);
    }
    reserved::note(examples);
    examples.extend(pairs::across(examples));
    choices::settle(examples, blocked, definition);
    balance::construct(examples, definition);
    examples.retain_mut(|example| keep_pair(example, definition, blocked));
    balance::cap(examples, definition);
    place(examples, blocked, definition);
    examples.retain_mut(only_recorded_in_tests);
    leaks(examples, blocked, definition);
    examples.sort_by_cached_key(Example::id);
}

/// Checks the sides of a pair; a pair that is none leaves its good side where that may stand alone.
fn keep_pair(example: &mut Example, definition: &Definition, blocked: &mut Vec<Blocked>) -> bool {
    if example.stands != Stands::Situation || !example.is_pair() {
        return true;
    }
    let Some(reason) = pairs::flaw(example, definition) else { return true };
    blocked.push(Blocked { example: example.name(), gate: "pair", reason });
    example.bad = None;
    example.sft && example.situation != "siblings" && example.decided.is_none()
}

/// In a test split nothing stands that a program wrote.
fn only_recorded_in_tests(example: &mut Example) -> bool {
    if example.split != Split::Test {
        return true;
    }
    let made = |side: &Option<Side>| side.as_ref().is_some_and(|s| matches!(s.origin, SideOrigin::Constructed(_)));
    if made(&example.bad) {
        example.bad = None;
    }
    !made(&example.good)
}

/// Puts every example into the split of its group; one that ties two splits together leaves by an override alone, as one to train on.
fn place(examples: &mut Vec<Example>, blocked: &mut Vec<Blocked>, definition: &Definition) {
    let mut members: BTreeMap<&str, Member<'_>> = BTreeMap::new();
    for example in examples.iter() {
        let member = Member { id: &example.trajectory, began: example.began, keys: &example.keys };
        members.entry(&example.trajectory).or_insert(member);
    }
    let members: Vec<Member<'_>> = members.into_values().collect();
    let placed = splits::place(&members, definition.seed, &definition.splits);
    let homes: HashMap<Arc<str>, Placed> = members.iter().map(|member| Arc::from(member.id)).zip(placed).collect();
    let open = definition.overridden("splits").is_some();
    examples.retain_mut(|example| {
        let home = homes.get(&example.trajectory).cloned().unwrap_or_else(|| Err("it has no group".to_owned()));
        let other = example.bad.as_ref().and_then(|side| side.elsewhere.as_ref()).and_then(|other| homes.get(other)).and_then(|other| other.as_ref().ok());
        let home = match (home, other) {
            (Ok(home), Some(other)) if other.1 != home.1 => Err(format!("its other side belongs to rows of the {} split", other.1.as_str())),
            (home, _) => home,
        };
        match home {
            Ok((group, split)) => (example.group, example.split) = (group, split),
            Err(_) if open => example.group = example.keys.iter().min().map_or(&*example.trajectory, String::as_str).into(),
            Err(reason) => {
                blocked.push(Blocked { example: example.name(), gate: "splits", reason });
                return false;
            }
        }
        true
    });
}

/// Keeps near-duplicates of what is trained on out of the other splits, and those of validation out of test.
fn leaks(examples: &mut Vec<Example>, blocked: &mut Vec<Blocked>, definition: &Definition) {
    if examples.iter().all(|e| e.split == Split::Train) || definition.overridden("splits").is_some() {
        return;
    }
    let text = |messages: &[Arc<Message>]| messages.iter().filter(|m| m.role != Role::System).map(|m| m.all_text()).collect::<Vec<_>>().join("\n");
    // What is trained on stands first, so that it is what the rest is compared with.
    examples.sort_by_key(|example| example.split);
    let signatures: Vec<Option<Signature>> = examples.par_iter().map(|e| Signature::of(&text(&e.prompt))).collect();
    let mut out = BTreeMap::new();
    for (a, b) in near::pairs(&signatures, definition.splits.near).pairs {
        let (kept, gone) = (&examples[a], &examples[b]);
        if kept.split != gone.split {
            out.entry(b).or_insert_with(|| format!("it is nearly the same as {}, which is in the {} split", kept.name(), kept.split.as_str()));
        }
    }
    let mut place = 0;
    examples.retain(|example| {
        let reason = out.remove(&place);
        place += 1;
        blocked.extend(reason.iter().map(|reason| Blocked { example: example.name(), gate: "splits", reason: reason.clone() }));
        reason.is_none()
    });
}
