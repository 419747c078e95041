//! From selected examples to those that leave: redaction, pairs across trajectories, balance, splits, near-duplicates.

use super::definition::Definition;
use super::example::{Example, Side, SideOrigin, Stands};
use super::message::{Message, Role};
use super::near::{self, Signature};
use super::redacted::redact;
use super::scan::Redaction;
use super::select::Blocked;
use super::splits::{self, Split};
use super::{balance, choices, pairs, reserved};
use rayon::prelude::*;
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
    splits::place(examples, definition.seed, &definition.splits);
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

/// Keeps near-duplicates of what is trained on out of the other splits, and those of validation out of test.
fn leaks(examples: &mut Vec<Example>, blocked: &mut Vec<Blocked>, definition: &Definition) {
    if examples.iter().all(|e| e.split == Split::Train) || definition.overridden("splits").is_some() {
        return;
    }
    let text = |messages: &[Arc<Message>]| messages.iter().filter(|m| m.role != Role::System).map(|m| m.all_text()).collect::<Vec<_>>().join("\n");
    let signatures: Vec<Option<Signature>> = examples.par_iter().map(|e| Signature::of(&text(&e.prompt))).collect();
    let mut out = std::collections::BTreeMap::new();
    for (a, b) in near::pairs(&signatures, definition.splits.near) {
        let (left, right) = (&examples[a], &examples[b]);
        if left.split != right.split {
            let (kept, gone) = if left.split < right.split { (left, b) } else { (right, a) };
            out.entry(gone).or_insert_with(|| format!("it is nearly the same as {}, which is in the {} split", kept.name(), kept.split.as_str()));
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
