//! Balance: as many pairs that teach to ask as pairs that teach to go ahead, for each tool; else a model learns to always ask.

use super::definition::Definition;
use super::example::{Example, Side, SideOrigin, Stands};
use super::message::{Message, Role};
use std::collections::BTreeMap;

/// Asks may outnumber goes by this factor, and the other way round.
const FACTOR: usize = 2;
/// Smallest share of turns to learn that go ahead with a change.
const LEAST_GOES: f64 = 0.1;

/// What a pair teaches, if it teaches either.
fn teaches(example: &Example) -> Option<bool> {
    let pair = example.stands == Stands::Situation && example.is_pair();
    match example.situation {
        "good_ask" | "missed_ask" if pair => Some(true),
        "needless_ask" | "right_go" if pair => Some(false),
        _ => None,
    }
}

/// The tools whose calls a pair is about.
fn families(example: &Example) -> Vec<String> {
    let sides = example.good.iter().chain(&example.bad).flat_map(|side| &side.message.calls).map(|call| call.name.clone());
    let mut families: Vec<String> = example.families.iter().cloned().chain(sides).collect();
    families.sort();
    families.dedup();
    families
}

/// Counts by tool: pairs that teach to ask, and to go.
fn counts(examples: &[Example]) -> BTreeMap<String, (usize, usize)> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for example in examples {
        let Some(ask) = teaches(example) else { continue };
        for family in families(example) {
            let count = counts.entry(family).or_default();
            if ask { count.0 += 1 } else { count.1 += 1 }
        }
    }
    counts
}

/// Gives right goes a needless question to be preferred to, as many as the balance needs and no more.
pub fn construct(examples: &mut [Example], definition: &Definition) {
    if !definition.construct {
        return;
    }
    let counts = counts(examples);
    let mut order: Vec<usize> = (0..examples.len()).filter(|i| examples[*i].situation == "right_go").collect();
    order.sort_by_cached_key(|i| examples[*i].id());
    for (family, (asks, goes)) in counts {
        let mut wanted = asks.div_ceil(FACTOR).saturating_sub(goes);
        for &i in order.iter().take_while(|_| asks > 0) {
            let example = &mut examples[i];
            let fits = example.stands == Stands::Situation && example.situation == "right_go" && example.bad.is_none() && example.families.contains(&family);
            if wanted > 0 && fits {
                example.bad = example.good.as_ref().map(|good| needless(&good.message));
                wanted -= 1;
            }
        }
    }
}

/// The question that nobody needs before a call.
fn needless(turn: &Message) -> Side {
    let acts: Vec<String> = turn.calls.iter().map(|call| format!("`{}` with {}", call.name, call.args.spaced())).collect();
    let text = format!("Before I go on: may I call {}?", acts.join(" and "));
    Side { message: Message::new(Role::Assistant, text), origin: SideOrigin::Constructed("needless_ask"), elsewhere: None }
}

/// Takes constructed sides back, the last by id first, until they are no more than their share of the pairs.
pub fn cap(examples: &mut [Example], definition: &Definition) {
    let pairs = examples.iter().filter(|e| e.stands == Stands::Situation && e.is_pair()).count();
    let mut made: Vec<usize> =
        (0..examples.len()).filter(|i| examples[*i].stands == Stands::Situation && examples[*i].is_pair() && examples[*i].is_constructed()).collect();
    let recorded = pairs - made.len();
    let share = definition.constructed_max;
    let allowed = if share >= 1.0 { made.len() } else { (recorded as f64 * share / (1.0 - share)).floor() as usize };
    made.sort_by_cached_key(|i| examples[*i].id());
    for i in made.into_iter().skip(allowed) {
        let example = &mut examples[i];
        let constructed = |side: &Option<Side>| side.as_ref().is_some_and(|s| matches!(s.origin, SideOrigin::Constructed(_)));
        if constructed(&example.bad) {
            example.bad = None;
        } else if constructed(&example.good) {
            example.good = None;
            example.sft = false;
        }
    }
}

/// Says what is out of balance.
pub fn check(examples: &[Example]) -> Result<(), String> {
    for (family, (asks, goes)) in counts(examples) {
        if asks > goes * FACTOR || goes > asks * FACTOR {
            return Err(format!("{asks} pairs teach to ask before {family} and {goes} to go ahead; neither may be more than twice the other"));
        }
    }
    let learnt: Vec<&Example> = examples.iter().filter(|e| e.stands == Stands::Situation && e.sft).collect();
    let asks = learnt.iter().any(|e| matches!(e.situation, "good_ask" | "missed_ask"));
    let goes = learnt.iter().filter(|e| e.situation == "right_go" && !e.facts.effects.is_empty()).count();
    if asks && (goes as f64) < LEAST_GOES * learnt.len() as f64 {
        return Err(format!("{goes} of {} turns to learn go ahead with a change; at least a tenth must, or the model learns to always ask", learnt.len()));
    }
    Ok(())
}
