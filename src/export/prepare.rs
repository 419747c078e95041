//! Preparing: pairs are found, decisions come first, balance and splits are set, and leaks between splits are closed.

use super::brief::{Brief, SideBrief};
use super::definition::Definition;
use super::example::{Example, SideOrigin};
use super::growing::Growing;
use super::hoard::Hoard;
use super::message::Role;
use super::near::{self, Reading, Signature};
use super::select::Blocked;
use super::splits::{self, Member, Placed, Split};
use super::{balance, choices, pairs};
use std::collections::BTreeMap;
use std::io;

/// Makes examples ready to be written, sorted by id; what does not leave goes to `blocked`.
pub fn prepare(hoard: &mut Hoard, blocked: &mut Vec<Blocked>, definition: &Definition) -> io::Result<()> {
    let across = pairs::across(&hoard.briefs);
    hoard.briefs.extend(across);
    choices::settle(&mut hoard.briefs, blocked);
    balance::construct(&mut hoard.briefs, definition);
    keep_pairs(hoard, blocked, definition)?;
    balance::cap(&mut hoard.briefs, blocked, definition);
    place(hoard, blocked, definition);
    hoard.briefs.retain_mut(|brief| only_recorded_in_tests(brief) && teaches(brief));
    leaks(hoard, blocked, definition)?;
    hoard.briefs.sort_by_cached_key(|brief| (brief.digest(), brief.at));
    Ok(())
}

/// Checks the sides of pairs; a pair that is none leaves its good side where that may stand alone.
fn keep_pairs(hoard: &mut Hoard, blocked: &mut Vec<Blocked>, definition: &Definition) -> io::Result<()> {
    let mut flaws: BTreeMap<usize, String> = BTreeMap::new();
    hoard.each(&|brief| brief.is_situation() && brief.is_pair(), |i, example| {
        flaws.extend(pairs::flaw(example, definition).map(|flaw| (i, flaw)));
    })?;
    let mut place = 0;
    hoard.briefs.retain_mut(|brief| {
        let flaw = flaws.remove(&place);
        place += 1;
        let Some(reason) = flaw else { return true };
        blocked.push(Blocked { example: brief.name(), gate: "pair", reason });
        brief.bad = None;
        brief.sft && brief.situation != "siblings" && brief.decided.is_none()
    });
    Ok(())
}

/// Puts every example into the split of its group; one that ties two splits together leaves by an override alone, as one to train on.
fn place(hoard: &mut Hoard, blocked: &mut Vec<Blocked>, definition: &Definition) {
    let members: Vec<Member<'_>> = hoard.members.iter().map(|m| Member { id: &m.id, began: m.began, keys: &m.keys }).collect();
    let homes: Vec<Placed> = splits::place(&members, definition.seed, &definition.splits);
    let open = definition.overridden("splits").is_some();
    let Hoard { briefs, members, .. } = hoard;
    let by_id: BTreeMap<&str, usize> = members.iter().enumerate().map(|(i, member)| (&*member.id, i)).collect();
    briefs.retain_mut(|brief| {
        let home = homes.get(brief.at.chunk as usize).cloned().unwrap_or_else(|| Err("it has no group".to_owned()));
        let elsewhere = brief.bad.as_ref().and_then(|side| side.elsewhere.as_deref());
        let other = elsewhere.and_then(|id| homes.get(*by_id.get(id)?)?.as_ref().ok());
        let home = match (home, other) {
            (Ok(home), Some(other)) if other.1 != home.1 => Err(format!("its other side belongs to rows of the {} split", other.1.as_str())),
            (home, _) => home,
        };
        match home {
            Ok((group, split)) => (brief.group, brief.split) = (group, split),
            Err(_) if open => brief.group = brief.trajectory.clone(),
            Err(reason) => {
                blocked.push(Blocked { example: brief.name(), gate: "splits", reason });
                return false;
            }
        }
        true
    });
}

/// In a test split nothing stands that a program wrote.
fn only_recorded_in_tests(brief: &mut Brief) -> bool {
    if brief.split != Split::Test {
        return true;
    }
    let made = |side: &Option<SideBrief>| side.as_ref().is_some_and(|side| matches!(side.origin, SideOrigin::Constructed(_)));
    if made(&brief.bad) {
        brief.bad = None;
    }
    !made(&brief.good)
}

/// Tells whether there is still something to learn or to avoid: what was chosen as a pair is nothing without its other side.
fn teaches(brief: &Brief) -> bool {
    let alone = if brief.good.is_some() { brief.sft } else { brief.bad.is_some() };
    !brief.is_situation() || brief.is_pair() || (alone && brief.decided.is_none())
}

/// Signs what was said in a prompt, the system's words left out; `said` is what was read of the prompts before it.
#[must_use]
pub fn signature(example: &Example, said: &mut Growing<Reading>) -> Option<Signature> {
    let read = said.over(&example.prompt, |reading, message| {
        if message.role != Role::System {
            reading.read(&message.all_text());
        }
    });
    read.signature()
}

/// Keeps near-duplicates of what is trained on out of the other splits, and those of validation out of test.
fn leaks(hoard: &mut Hoard, blocked: &mut Vec<Blocked>, definition: &Definition) -> io::Result<()> {
    if hoard.briefs.iter().all(|brief| brief.split == Split::Train) || definition.overridden("splits").is_some() {
        return Ok(());
    }
    // What is trained on stands first, so that it is what the rest is compared with.
    hoard.briefs.sort_by_cached_key(|brief| (brief.split, brief.digest(), brief.at));
    let mut signatures: Vec<Option<Signature>> = hoard.briefs.iter().map(|_| None).collect();
    let mut said = Growing::new(Reading::default());
    hoard.each(&|_| true, |i, example| signatures[i] = signature(example, &mut said))?;
    let mut out = BTreeMap::new();
    for (a, b) in near::pairs(&signatures, definition.splits.near).pairs {
        let (kept, gone) = (&hoard.briefs[a], &hoard.briefs[b]);
        if kept.split != gone.split {
            out.entry(b).or_insert_with(|| format!("it is nearly the same as {}, which is in the {} split", kept.name(), kept.split.as_str()));
        }
    }
    let mut place = 0;
    hoard.briefs.retain(|brief| {
        let reason = out.remove(&place);
        place += 1;
        blocked.extend(reason.iter().map(|reason| Blocked { example: brief.name(), gate: "splits", reason: reason.clone() }));
        reason.is_none()
    });
    Ok(())
}
