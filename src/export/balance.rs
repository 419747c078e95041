//! Balance: as many pairs that teach to ask as pairs that teach to go ahead, for each tool; else a model learns to always ask.

use super::brief::{Brief, SideBrief};
use super::definition::Definition;
use super::example::SideOrigin;
use super::message::{Message, Role};
use super::select::Blocked;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Asks may outnumber goes by this factor, and the other way round.
const FACTOR: usize = 2;
/// Smallest share of turns to learn that go ahead with a change.
const LEAST_GOES: f64 = 0.1;
/// How the question that nobody needs was made.
pub const NEEDLESS: &str = "needless_ask";

/// What a pair teaches, if it teaches either.
fn teaches(brief: &Brief) -> Option<bool> {
    let pair = brief.is_situation() && brief.is_pair();
    match brief.situation {
        "good_ask" | "missed_ask" if pair => Some(true),
        "needless_ask" | "right_go" if pair => Some(false),
        _ => None,
    }
}

/// Counts by tool: pairs that teach to ask, and to go.
fn counts(briefs: &[Brief]) -> BTreeMap<Arc<str>, (usize, usize)> {
    let mut counts: BTreeMap<Arc<str>, (usize, usize)> = BTreeMap::new();
    for brief in briefs {
        let Some(ask) = teaches(brief) else { continue };
        for tool in brief.side_tools.iter() {
            let count = counts.entry(tool.clone()).or_default();
            if ask { count.0 += 1 } else { count.1 += 1 }
        }
    }
    counts
}

/// Gives right goes a needless question to be preferred to, as many as the balance needs and no more.
pub fn construct(briefs: &mut [Brief], definition: &Definition) {
    if !definition.construct {
        return;
    }
    let counts = counts(briefs);
    let mut order: Vec<usize> = (0..briefs.len()).filter(|i| briefs[*i].situation == "right_go" && briefs[*i].is_situation()).collect();
    order.sort_by_cached_key(|i| briefs[*i].digest());
    for (tool, (asks, goes)) in counts {
        let mut wanted = asks.div_ceil(FACTOR).saturating_sub(goes);
        for &i in order.iter().take_while(|_| asks > 0) {
            let brief = &mut briefs[i];
            if wanted > 0 && brief.bad.is_none() && brief.tools.contains(&tool) {
                let side = || SideBrief { origin: SideOrigin::Constructed(NEEDLESS), elsewhere: None, said: [0; 12], from: None };
                brief.bad = brief.good.is_some().then(side);
                wanted -= 1;
            }
        }
    }
}

/// Writes the question that nobody needs before a turn.
#[must_use]
pub fn needless(turn: &Message) -> Message {
    let acts: Vec<String> = turn.calls.iter().map(|call| format!("`{}` with {}", call.name, call.args.spaced())).collect();
    Message::new(Role::Assistant, format!("Before I go on: may I call {}?", acts.join(" and ")))
}

/// Takes constructed sides back until they are no more than their share of the pairs: those that nobody chose first, then the last by id.
pub fn cap(briefs: &mut [Brief], blocked: &mut Vec<Blocked>, definition: &Definition) {
    let pairs = briefs.iter().filter(|b| b.is_situation() && b.is_pair()).count();
    let mut made: Vec<usize> = (0..briefs.len()).filter(|i| briefs[*i].is_situation() && briefs[*i].is_pair() && briefs[*i].is_constructed()).collect();
    let recorded = pairs - made.len();
    let share = definition.constructed_max;
    let allowed = if share >= 1.0 { made.len() } else { (recorded as f64 * share / (1.0 - share)).floor() as usize };
    made.sort_by_cached_key(|i| (briefs[*i].strength.is_none(), briefs[*i].digest()));
    for i in made.into_iter().skip(allowed) {
        let brief = &mut briefs[i];
        if brief.strength.is_some() {
            let why = format!(
                "a program wrote its other side: of all pairs that may be {:.0} % at most, and {recorded} have two sides that somebody said; rewrite a side (`e` at the pair), or allow more (`constructed_max` in the definition)",
                share * 100.0
            );
            blocked.push(Blocked { example: brief.name(), gate: "pair", reason: why });
        }
        if brief.bad.as_ref().is_some_and(SideBrief::is_constructed) {
            brief.bad = None;
        } else if brief.good.as_ref().is_some_and(SideBrief::is_constructed) {
            brief.good = None;
            brief.sft = false;
        }
    }
}

/// Says what is out of balance.
pub fn check(briefs: &[Brief]) -> Result<(), String> {
    for (tool, (asks, goes)) in counts(briefs) {
        if asks > goes * FACTOR || goes > asks * FACTOR {
            return Err(format!("{asks} pairs teach to ask before {tool} and {goes} to go ahead; neither may be more than twice the other"));
        }
    }
    let learnt = || briefs.iter().filter(|b| b.is_situation() && b.sft);
    let asks = learnt().any(|b| matches!(b.situation, "good_ask" | "missed_ask"));
    let goes = learnt().filter(|b| b.situation == "right_go" && b.changes).count();
    let all = learnt().count();
    if asks && (goes as f64) < LEAST_GOES * all as f64 {
        return Err(format!("{goes} of {all} turns to learn go ahead with a change; at least a tenth must, or the model learns to always ask"));
    }
    Ok(())
}
