//! Splits: a group's hash with the seed says where its rows go, so that sessions that begin later move nothing.

use super::definition::Splits;
use super::example::digest;
use crate::model::Trajectory;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// What groups can be made of.
pub const GROUP_KEYS: &[&str] = &["scenario", "task", "repository", "session"];

/// Part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Trained on.
    Train,
    /// Looked at while training.
    Validation,
    /// Looked at once.
    Test,
}

impl Split {
    /// Every split.
    pub const ALL: &'static [Self] = &[Self::Train, Self::Validation, Self::Test];

    /// Gives its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// Places a group: SHA-256 of seed and group key as a fraction, test first, so that a larger share only adds groups.
#[must_use]
pub fn split_of(group: &str, seed: u64, splits: &Splits) -> Split {
    let digest = Sha256::digest(format!("{seed}\n{group}").as_bytes());
    let head = digest.iter().take(4).fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    let place = f64::from(head) / (f64::from(u32::MAX) + 1.0);
    if place < splits.test {
        Split::Test
    } else if place < splits.test + splits.validation {
        Split::Validation
    } else {
        Split::Train
    }
}

/// Gives the keys under which a trajectory must stay together with others, each as `kind:value`.
#[must_use]
pub fn group_keys(trajectory: &Trajectory, task: Option<&str>, by: &[String]) -> Vec<String> {
    let lineage = &trajectory.lineage;
    let session = lineage.parent_session.as_deref().or(lineage.session_id.as_deref()).unwrap_or(&trajectory.id);
    let value = |key: &str| match key {
        "scenario" => lineage.scenario_id.clone(),
        "task" => task.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()).filter(|text| !text.is_empty()).map(|t| digest(&[&t])),
        "repository" => trajectory.repository.clone().or_else(|| trajectory.cwd.clone()),
        _ => Some(session.to_owned()),
    };
    by.iter().filter_map(|key| value(key).map(|value| format!("{key}:{value}"))).collect()
}

/// A trajectory that is to be placed.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// Its id.
    pub id: &'a str,
    /// When it began, in ms since 1970.
    pub began: Option<i64>,
    /// Keys under which it stays together with others.
    pub keys: &'a [String],
}

/// Where a trajectory stands: its group and the group's split, or why it has no place.
pub type Placed = Result<(Arc<str>, Split), String>;

/// Places trajectories in the order in which they began. The first of a group names it, by its smallest key, and the hash of that name with the
/// seed places it; whatever shares a key follows. So what begins later moves nothing: where it would tie groups of different splits
/// together, it has no place itself.
#[must_use]
pub fn place(members: &[Member<'_>], seed: u64, splits: &Splits) -> Vec<Placed> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|at| (members[*at].began.is_none(), members[*at].began, members[*at].id));
    let mut homes: HashMap<&str, (Arc<str>, Split)> = HashMap::new();
    let mut placed: Vec<Placed> = members.iter().map(|_| Err(String::new())).collect();
    for at in order {
        let Member { id, keys, .. } = &members[at];
        let met: Vec<(&String, &(Arc<str>, Split))> = keys.iter().filter_map(|key| Some((key, homes.get(key.as_str())?))).collect();
        placed[at] = match met.first() {
            None => {
                let group: Arc<str> = keys.iter().min().map_or(*id, String::as_str).into();
                let split = split_of(&group, seed, splits);
                Ok((group, split))
            }
            Some((_, home)) => match met.iter().find(|(_, other)| other.1 != home.1) {
                None => Ok((*home).clone()),
                Some((key, other)) => {
                    Err(format!("it belongs to rows of the {} split and, by its {}, to rows of the {} split", home.1.as_str(), kind(key), other.1.as_str()))
                }
            },
        };
        if let Ok(home) = &placed[at] {
            for key in *keys {
                homes.entry(key).or_insert_with(|| home.clone());
            }
        }
    }
    placed
}

/// The kind of a key, without its value.
fn kind(key: &str) -> &str {
    key.split(':').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_larger_share_only_adds_groups() {
        let at = |test| (0..500).filter(|n| split_of(&format!("g{n}"), 7, &Splits { test, ..Splits::default() }) == Split::Test).collect::<Vec<_>>();
        let (small, large) = (at(0.1), at(0.2));
        assert!(small.iter().all(|n| large.contains(n)) && (30..75).contains(&small.len()) && (70..130).contains(&large.len()));
    }

    fn placed(members: &[(String, i64, Vec<String>)], splits: &Splits) -> Vec<Placed> {
        let members: Vec<Member<'_>> = members.iter().map(|(id, began, keys)| Member { id, began: Some(*began), keys }).collect();
        place(&members, 7, splits)
    }

    #[test]
    fn what_shares_any_key_stays_together() {
        let keys = [vec!["repo:a", "s:1"], vec!["repo:b", "s:2"], vec!["task:x", "s:2"], vec!["task:x", "repo:b"], vec!["s:9"]];
        let members: Vec<_> = keys.iter().enumerate().map(|(n, k)| (n.to_string(), n as i64, k.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())).collect();
        let groups: Vec<String> = placed(&members, &Splits::default()).into_iter().map(|p| p.unwrap().0.to_string()).collect();
        assert_eq!(groups, ["repo:a", "repo:b", "repo:b", "repo:b", "s:9"]);
    }

    proptest! {
        #[test]
        fn what_is_added_later_moves_nothing(keys in proptest::collection::vec(proptest::collection::vec(0..40_u8, 1..4), 2..60), first in 1..59_usize) {
            let members: Vec<_> =
                keys.iter().enumerate().map(|(n, k)| (n.to_string(), n as i64, k.iter().map(|k| format!("repo:{k}")).collect::<Vec<_>>())).collect();
            let splits = Splits { test: 0.3, validation: 0.2, ..Splits::default() };
            let (all, first) = (placed(&members, &splits), first.min(members.len()));
            let before = placed(&members[..first], &splits);
            prop_assert_eq!(&all[..first], &before[..]);
            // No key stands in two splits.
            for (a, left) in members.iter().zip(&all) {
                for (b, right) in members.iter().zip(&all) {
                    if let (Ok(left), Ok(right)) = (left, right) {
                        prop_assert!(left.1 == right.1 || a.2.iter().all(|key| !b.2.contains(key)));
                    }
                }
            }
        }
    }
}
