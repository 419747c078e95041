//! Suggesting: branches, forks, arms on one scenario, what follows a denial, rewrites, and runs of one prompt.

use super::decide::Decided;
use super::pair::{Pair, PairSource, Pairs};
use super::side::{SideKind, SideName};
use super::talk::{Meeting, Talk, meet, pair, shares_entries};
use crate::export::{Point, digest};
use crate::model::Recorded;
use crate::query::Query;
use crate::workspace::{Error, Result, RewriteText, Summary, Workspace};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Runs of one prompt or scenario that are compared with each other.
const COMPARED: usize = 24;
/// Branches of one session that are compared with each other.
const BRANCHES: usize = 12;
/// Trajectories that are kept in memory at once.
const KEPT: usize = 128;

/// Hears how many of how many were looked at, and says whether to go on.
pub type Watch<'w> = dyn FnMut(usize, usize) -> bool + 'w;

/// What was found so far.
#[derive(Default)]
struct Found {
    pairs: Vec<Pair>,
    /// What each says, whichever side it stands on.
    said: BTreeSet<String>,
    /// Names of pairs.
    ids: BTreeSet<String>,
    left_out: usize,
    /// Whether it was said of the group that its arms part before the agent speaks.
    apart: bool,
}

impl Found {
    /// Takes a pair in, unless it is none or says what another one says.
    fn take(&mut self, pair: Pair) {
        if pair.refused.is_some() {
            return;
        }
        let (a, b) = (&pair.contents[0], &pair.contents[1]);
        let (first, second) = if a <= b { (a, b) } else { (b, a) };
        if self.said.insert(digest(&[pair.prefix.hash.as_deref().unwrap_or_default(), first, second])) {
            self.ids.insert(pair.id.clone());
            self.pairs.push(pair);
        }
    }
}

/// Trajectories that were read lately.
#[derive(Default)]
struct Shelf(BTreeMap<i64, Option<Rc<Talk>>>);

impl Shelf {
    fn get(&mut self, workspace: &Workspace, number: i64) -> Result<Option<Rc<Talk>>> {
        if let Some(known) = self.0.get(&number) {
            return Ok(known.clone());
        }
        if self.0.len() >= KEPT {
            self.0.clear();
        }
        let talk = workspace.talk(number)?.map(Rc::new);
        self.0.insert(number, talk.clone());
        Ok(talk)
    }
}

impl Workspace {
    /// Gives the pairs of which a side is in a trajectory that a query finds: suggested ones, and those that were decided.
    pub fn pairs(&self, query: &Query, watch: &mut Watch<'_>) -> Result<Pairs> {
        self.catch_up()?;
        let wanted: Option<FxHashSet<i64>> = if *query == Query::All { None } else { Some(self.matching(query)?.into_iter().collect()) };
        let is_wanted = |number: i64| wanted.as_ref().is_none_or(|wanted| wanted.contains(&number));
        let (singles, groups) = self.candidates(&is_wanted)?;
        let all = singles.len() + groups.iter().map(Vec::len).sum::<usize>();
        let (mut found, mut shelf, mut done) = (Found::default(), Shelf::default(), 0);
        let mut step = |by: usize| {
            done += by;
            if watch(done, all) { Ok(()) } else { Err(Error::Undecidable("stopped; nothing was decided".to_owned())) }
        };
        for number in singles {
            if let Some(talk) = shelf.get(self, number)? {
                within(&talk, &mut found);
            }
            step(1)?;
        }
        let mut met = FxHashSet::default();
        for group in groups {
            found.left_out += group.len().saturating_sub(COMPARED);
            found.apart = false;
            for (n, a) in group.iter().enumerate().take(COMPARED) {
                for b in group.iter().take(COMPARED).skip(n + 1).filter(|b| is_wanted(*a) || is_wanted(**b)) {
                    if met.insert((*a, *b))
                        && let (Some(left), Some(right)) = (shelf.get(self, *a)?, shelf.get(self, *b)?)
                    {
                        across(&left, &right, &mut found);
                    }
                }
            }
            step(group.len())?;
        }
        self.finished(found, &is_wanted)
    }

    /// Finds the trajectories that may hold a pair by themselves, and groups that may hold one between them.
    fn candidates(&self, is_wanted: &dyn Fn(i64) -> bool) -> Result<(Vec<i64>, Vec<Vec<i64>>)> {
        let branched: FxHashSet<i64> = self.matching(&crate::query::parse("has:branch")?)?.into_iter().collect();
        let rewritten: BTreeSet<String> = self
            .journal
            .of_kinds(&[RewriteText::KIND])?
            .iter()
            .filter_map(|entry| entry.decision::<RewriteText>().ok().flatten())
            .map(|text| text.trajectory)
            .collect();
        let mut singles = Vec::new();
        let mut groups: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        self.store.each_trajectory(|row| {
            let Ok(summary) = serde_json::from_str::<Summary>(&row.summary) else { return };
            if is_wanted(row.id) && (summary.denials > 0 || branched.contains(&row.id) || rewritten.contains(&row.name)) {
                singles.push(row.id);
            }
            // A title is the beginning of the first prompt, or was made of it: whether the prompts are the same is verified later.
            let title = summary.title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|title| !title.is_empty());
            let keys = [summary.scenario.map(|scenario| format!("scenario {scenario}")), title.map(|title| format!("title {title}"))];
            keys.into_iter().flatten().for_each(|key| groups.entry(key).or_default().push(row.id));
        })?;
        let kept = groups.into_values().filter(|group| group.len() > 1 && group.iter().any(|number| is_wanted(*number)));
        Ok((singles, kept.collect()))
    }

    /// Adds what was decided, and puts all in order.
    fn finished(&self, mut found: Found, is_wanted: &dyn Fn(i64) -> bool) -> Result<Pairs> {
        let decided: Decided = self.pair_decisions()?;
        for (_, standing) in decided.all().filter(|(id, _)| !found.ids.contains(*id)) {
            let sides = [&standing.last.left, &standing.last.right];
            let mut known = false;
            for side in sides {
                known |= self.store.find_trajectory(&side.trajectory)?.is_some_and(is_wanted);
            }
            if known {
                let named = self.named_pair(&sides[0].name(), &sides[1].name());
                found.pairs.push(named.unwrap_or_else(|error| gone(sides.map(Clone::clone), &error)));
            }
        }
        found.pairs.iter_mut().for_each(|pair| pair.settle(&decided));
        found
            .pairs
            .sort_by(|a, b| (a.refused.is_some(), a.source, &a.left.name, &a.right.name).cmp(&(b.refused.is_some(), b.source, &b.left.name, &b.right.name)));
        let mut pairs = Pairs { left_out: found.left_out, pairs: found.pairs, ..Pairs::default() };
        pairs.count();
        Ok(pairs)
    }
}

/// Finds pairs within one trajectory: rewrites, what follows a denial, branches.
fn within(talk: &Talk, found: &mut Found) {
    for point in talk.branches.points() {
        let (recorded, rewrite) = (talk.side(point, SideKind::Recorded), talk.side(point, SideKind::Rewrite));
        if let (Some(recorded), Some(rewrite)) = (&recorded, &rewrite) {
            found.take(pair(PairSource::Rewrite, recorded, rewrite));
        }
        // A turn that itself does the refused act again is no better than the repetition.
        let recovered = !point.turn().calls.iter().any(|call| talk.retried.contains(&call.execution));
        if let (Some(recorded), Some(again)) = (recorded.filter(|_| recovered), talk.side(point, SideKind::Repeat)) {
            found.take(pair(PairSource::Denial, &recorded, &again));
        }
    }
    let conversations = talk.branches.conversations.get(..BRANCHES).unwrap_or(&talk.branches.conversations);
    for (n, a) in conversations.iter().enumerate() {
        for b in conversations.iter().skip(n + 1) {
            if let Meeting::Turns(left, right) = meet(a, b) {
                take_recorded(PairSource::Branch, (talk, left), (talk, right), found);
            }
        }
    }
}

/// Finds the pairs between two trajectories: one for each way in which their branches part.
fn across(left: &Talk, right: &Talk, found: &mut Found) {
    let arms = left.arm.is_some() && right.arm.is_some() && left.arm != right.arm;
    let before = found.pairs.len();
    let mut why = None;
    for a in left.branches.conversations.iter().take(BRANCHES) {
        for b in right.branches.conversations.iter().take(BRANCHES) {
            match meet(a, b) {
                Meeting::Turns(x, y) => {
                    let source = if shares_entries(&x, &y) {
                        PairSource::Fork
                    } else if arms {
                        PairSource::Arm
                    } else if x.before().last().is_some_and(|last| last.refused) {
                        PairSource::Denial
                    } else {
                        PairSource::Run
                    };
                    take_recorded(source, (left, x), (right, y), found);
                }
                Meeting::Apart(reason) => drop(why.get_or_insert(reason)),
                Meeting::Nowhere => {}
            }
        }
    }
    // Arms are meant to be compared: that they cannot be is worth a line.
    if let Some(why) = why.filter(|_| arms && !found.apart && found.pairs.len() == before) {
        let names = [left, right].map(|talk| SideName { kind: SideKind::Recorded, trajectory: talk.id.clone(), target: String::new() });
        let mut none = Pair { refused: Some(format!("no pair: {why}")), ..Pair::blank(PairSource::Arm, names) };
        for (side, talk) in [(&mut none.left, left), (&mut none.right, right)] {
            (side.arm, side.model) = (talk.arm.clone(), talk.model.clone());
        }
        found.apart = true;
        found.pairs.push(none);
    }
}

fn take_recorded(source: PairSource, (a, left): (&Talk, Point<'_>), (b, right): (&Talk, Point<'_>), found: &mut Found) {
    if let (Some(left), Some(right)) = (a.side(left, SideKind::Recorded), b.side(right, SideKind::Recorded)) {
        found.take(pair(source, &left, &right));
    }
}

/// A pair that was decided and whose sides are not in the workspace any more.
fn gone(names: [SideName; 2], error: &Error) -> Pair {
    Pair { refused: Some(error.to_string()), ..Pair::blank(PairSource::Named, names) }
}
