//! Assembly: the portions of one session, from however many sources, become one trajectory.
//!
//! It is a pure function of the set of portions: they are sorted first, so the order of import cannot matter.
//! Facts with equal slots are sightings of one step; messages without ids are tied to equal messages in order; calls,
//! waits and results are tied by the ids that records state, and only then by tool and arguments, which is marked.

mod align;
mod branches;
mod cohort;
mod disagreements;
mod executions;
mod masks;
mod origins;
mod outcome;
mod retries;
mod reused;
mod said;
mod sightings;
mod stated_retries;
mod steps;
mod ties;
mod whole;

pub use retries::{judge, link};
pub use sightings::step_id;
pub use steps::{score, text};

use crate::effect::Deed;
use crate::model::{Join, Places, Portion, SourceRef, Trajectory};
use std::sync::Arc;

/// One source's share of the session, and where it comes from.
pub struct Share {
    /// What the source says.
    pub portion: Portion,
    /// SHA-256 of the source.
    pub sha256: Arc<str>,
    /// Format it was read as.
    pub format: &'static str,
    /// Path it was imported from.
    pub path: String,
    /// How it came to belong here.
    pub join: Join,
}

/// Joins the shares of one session; gives with it what each of its executions does, in their order.
#[must_use]
pub fn assemble(id: &str, shares: Vec<Share>) -> (Trajectory, Vec<Deed>) {
    let (mut trajectory, sightings) = join(id, shares);
    let stated = stated_retries::stated(&sightings);
    drop(sightings);
    let deeds = judge(&mut trajectory);
    stated_retries::link(&mut trajectory, stated);
    (trajectory, deeds)
}

/// Joins the shares without judging what the calls do and which of them try again: enough to search the steps' words.
#[must_use]
pub fn assemble_unjudged(id: &str, shares: Vec<Share>) -> Trajectory {
    join(id, shares).0
}

fn join(id: &str, mut shares: Vec<Share>) -> (Trajectory, sightings::Sightings) {
    // One file may lie in two places, and hold several portions of what became one session.
    let key = |share: &Share| (share.portion.rank, share.sha256.clone(), share.format, share.path.clone(), share.portion.session.clone());
    shares.sort_by_cached_key(key);
    shares.iter_mut().for_each(|share| reused::part(&mut share.portion));
    let sources = shares.iter().map(|s| SourceRef { sha256: s.sha256.clone(), format: s.format, path: s.path.clone(), join: s.join });
    let (mut trajectory, mode) = whole::begin(id, &shares, sources.collect());
    let ties = ties::Ties::read(&shares);
    let mut sightings = sightings::gather(shares, &ties);
    let placed = steps::build(&mut sightings, &mut trajectory);
    executions::build(&sightings, &placed, &mut trajectory);
    branches::build(&sightings, &placed, &mut trajectory);
    whole::finish(&mut trajectory, &sightings, mode);
    // What was counted out while the lists were growing is not what they are.
    trajectory.places = Places::default();
    (trajectory, sightings)
}
