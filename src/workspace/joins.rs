//! Joining portions that name no session: by their sidecar, or by ids inside them that one trajectory alone holds.

use super::{Result, Workspace};
use crate::index::TO_WRITE;
use crate::model::fact::{Body, Slot};
use crate::model::{Join, Portion, SessionName, ids};
use crate::store::{PortionRow, Portions, SourceRow};
use std::collections::{BTreeMap, BTreeSet};

/// Who holds the ids inside a portion.
enum Holder {
    Nobody,
    One(i64),
    Several,
}

/// Gives the ids by which a portion may find its trajectory; none for one that names its session.
#[must_use]
pub fn inner_ids(portion: &Portion) -> Vec<String> {
    match &portion.session {
        SessionName::Stated(_) => Vec::new(),
        SessionName::Addition(ids) => ids.split('\u{1}').map(str::to_owned).collect(),
        // A conversation without an id is a session of its own; only streams of one product that share ids can be joined.
        SessionName::Fallback(_) if portion.agent != "maestro" => Vec::new(),
        SessionName::Fallback(_) => {
            let mut ids = BTreeSet::new();
            for fact in &portion.facts {
                if let Slot::Call(id) | Slot::Result(id) | Slot::Wait(id) | Slot::Resolution(id) = &fact.slot {
                    ids.insert(id.clone());
                }
                if let Body::Result(result) = &fact.body {
                    ids.extend(result.link.approval_request_id.clone());
                    ids.extend(result.link.tool_execution_id.clone());
                }
            }
            ids.into_iter().collect()
        }
    }
}

impl Workspace {
    /// Joins every portion that can be joined; gives the numbers of the trajectories it touched.
    pub(super) fn join_portions(&self) -> Result<BTreeSet<i64>> {
        let mut touched = self.join_sidecars()?;
        if !touched.is_empty() {
            // Ids are looked up in the index, which must know what the sidecars moved.
            self.pass(false, TO_WRITE)?.commit()?;
        }
        let apart = self.kept_apart()?;
        for ((source, session), ids) in self.waiting()? {
            let Some(portion) = self.store.portions(Portions::OfSource(source))?.into_iter().find(|p| p.session == session) else { continue };
            match self.holder(&portion, &ids)? {
                // A person said that it does not belong there.
                Holder::One(target) if apart.contains(&target) => {
                    if target == portion.trajectory
                        && let Some(own) = self.own_trajectory(&portion)?
                    {
                        self.move_to(&portion, own, Join::Own, &mut touched)?;
                    }
                }
                Holder::One(target) if target != portion.trajectory => self.move_to(&portion, target, Join::InnerId, &mut touched)?,
                // What came in since holds the ids as well: the portion stands alone again, as it would had it come last.
                Holder::Several if portion.join == Join::InnerId.as_str() => {
                    if let Some(own) = self.own_trajectory(&portion)? {
                        self.move_to(&portion, own, Join::Own, &mut touched)?;
                    }
                }
                _ => {}
            }
        }
        Ok(touched)
    }

    /// Gives the ids of every portion that may be joined by them: one that its sidecar joined is where it belongs.
    fn waiting(&self) -> Result<BTreeMap<(i64, String), Vec<String>>> {
        let mut waiting: BTreeMap<(i64, String), Vec<String>> = BTreeMap::new();
        let loose = self.store.loose_portions(Join::Sidecar.as_str())?;
        let ids = if loose.is_empty() { Vec::new() } else { self.store.inner_ids()? };
        for (id, source, session) in ids {
            let portion = (source, session);
            if loose.contains(&portion) {
                waiting.entry(portion).or_default().push(id);
            }
        }
        Ok(waiting)
    }

    /// Gives the trajectories to which nothing is joined by ids, because a person rejected that.
    fn kept_apart(&self) -> Result<BTreeSet<i64>> {
        let amendments = self.amendments()?;
        let numbers = amendments.without_joins().into_iter().filter_map(|name| self.store.find_trajectory(name).transpose());
        Ok(numbers.collect::<std::result::Result<_, _>>()?)
    }

    /// Finds who holds the ids; several also where they point to different trajectories.
    fn holder(&self, portion: &PortionRow, ids: &[String]) -> Result<Holder> {
        let addition = portion.session.starts_with('+');
        let ordered = match portion.session.strip_prefix('+') {
            Some(preferred) => preferred.split('\u{1}').map(str::to_owned).collect(),
            None => ids.to_vec(),
        };
        let mut target = None;
        for id in ordered {
            let mut holders = self.index.holders(&id)?;
            holders.retain(|&n| n != portion.trajectory.unsigned_abs() || portion.join == Join::InnerId.as_str());
            match (holders.as_slice(), target) {
                ([one], None) => target = Some(*one),
                ([one], Some(known)) if *one == known => {}
                ([], _) => {}
                _ => return Ok(Holder::Several),
            }
            // The ids of an addition stand in order of preference.
            if addition && target.is_some() {
                break;
            }
        }
        Ok(target.map_or(Holder::Nobody, |one| Holder::One(one.cast_signed())))
    }

    /// Gives the trajectory that a portion without a session is alone in.
    fn own_trajectory(&self, portion: &PortionRow) -> Result<Option<i64>> {
        let Some(source) = self.store.source(portion.source)? else { return Ok(None) };
        let Some(format) = crate::formats::format(&source.format) else { return Ok(None) };
        let own = portion.session.get(1..).unwrap_or_default().split('\u{1}').next().unwrap_or("x");
        Ok(Some(self.store.trajectory_number(&ids::trajectory_id(format.agent, own))?.0))
    }

    /// Gives a capture without a session id to the session that its sidecar `X.meta.json` names.
    fn join_sidecars(&self) -> Result<BTreeSet<i64>> {
        let mut touched = BTreeSet::new();
        for (sidecar, capture) in self.store.loose_captures("maestro-recorder-meta", Join::Sidecar.as_str())? {
            let Some(named) = self.store.portions(Portions::OfSource(sidecar))?.into_iter().find(|p| p.session.starts_with('=')) else { continue };
            for portion in self.store.portions(Portions::OfSource(capture))?.into_iter().filter(|p| p.session.starts_with('?')) {
                // One that ids had joined before its sidecar came was right, and is no guess any more.
                if portion.trajectory != named.trajectory || portion.join != Join::Sidecar.as_str() {
                    self.move_to(&portion, named.trajectory, Join::Sidecar, &mut touched)?;
                }
            }
        }
        self.join_flags(&mut touched)?;
        self.join_folders(&mut touched)?;
        Ok(touched)
    }

    /// Gives a snapshot of flags, `X.flags.json`, to the one session of `X.jsonl` or `X.json` beside it.
    fn join_flags(&self, touched: &mut BTreeSet<i64>) -> Result<()> {
        for flags in self.store.sources_as("maestro-flags")? {
            let Some(stem) = flags.path.strip_suffix(".flags.json") else { continue };
            let mut sessions = BTreeSet::new();
            for ending in ["jsonl", "json"] {
                if let Some(capture) = self.store.source_at(&format!("{stem}.{ending}"))? {
                    sessions.extend(self.store.portions(Portions::OfSource(capture.id))?.into_iter().map(|p| p.trajectory));
                }
            }
            let Some(target) = sessions.first().copied().filter(|_| sessions.len() == 1) else { continue };
            for portion in self.store.portions(Portions::OfSource(flags.id))?.into_iter().filter(|p| p.trajectory != target) {
                self.move_to(&portion, target, Join::Sidecar, touched)?;
            }
        }
        Ok(())
    }

    /// Gives files of one event each to the session of their folder: the one that the state beside them names, else that of the first event.
    fn join_folders(&self, touched: &mut BTreeSet<i64>) -> Result<()> {
        let mut folders: BTreeMap<String, Vec<SourceRow>> = BTreeMap::new();
        for source in self.store.sources_as("openhands")?.into_iter().filter(|s| s.records == 1) {
            if let Some((folder, _)) = source.path.rsplit_once("/events/").or_else(|| source.path.rsplit_once("/base_state.json")) {
                folders.entry(folder.to_owned()).or_default().push(source);
            }
        }
        for sources in folders.into_values() {
            let mut portions = Vec::with_capacity(sources.len());
            for source in &sources {
                portions.extend(self.store.portions(Portions::OfSource(source.id))?.into_iter().map(|portion| (portion, source)));
            }
            // Events are numbered, with or without leading zeros.
            let first = portions.iter().min_by_key(|(portion, source)| (!portion.session.starts_with('='), source.path.len(), &source.path));
            let Some(target) = first.map(|(portion, _)| portion.trajectory) else { continue };
            for (portion, _) in portions.iter().filter(|(portion, _)| portion.session.starts_with('?') && portion.trajectory != target) {
                self.move_to(portion, target, Join::Sidecar, touched)?;
            }
        }
        Ok(())
    }

    fn move_to(&self, portion: &PortionRow, target: i64, join: Join, touched: &mut BTreeSet<i64>) -> Result<()> {
        let both = BTreeSet::from([portion.trajectory, target]);
        self.store.atomically(|| {
            self.store.move_portion(portion, target, join.as_str())?;
            self.store.mark_changed(&both)
        })?;
        touched.extend(both);
        Ok(())
    }
}
