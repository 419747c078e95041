//! Splits: a group's hash with the seed says where its rows go, so that rows added later move nothing.

use super::definition::Splits;
use super::example::{Example, digest};
use crate::model::Trajectory;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

/// Unites what shares a key: gives for each element the smallest key of its connected group.
#[must_use]
pub fn groups(keys: &[Vec<String>]) -> Vec<String> {
    let mut home: Vec<usize> = (0..keys.len()).collect();
    let mut holder: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for (i, own) in keys.iter().enumerate() {
        for key in own {
            let other = *holder.entry(key).or_insert(i);
            let (a, b) = (root(&mut home, i), root(&mut home, other));
            home[a.max(b)] = a.min(b);
        }
    }
    let mut names: Vec<Option<&str>> = vec![None; keys.len()];
    for (i, own) in keys.iter().enumerate() {
        let at = root(&mut home, i);
        for key in own {
            names[at] = Some(names[at].map_or(key.as_str(), |known| known.min(key)));
        }
    }
    (0..keys.len()).map(|i| names[root(&mut home, i)].unwrap_or_default().to_owned()).collect()
}

/// Puts every example into the split of its group.
pub fn place(examples: &mut [Example], seed: u64, splits: &Splits) {
    let keys: Vec<Vec<String>> = examples.iter().map(|example| example.keys.clone()).collect();
    for (example, group) in examples.iter_mut().zip(groups(&keys)) {
        example.split = split_of(&group, seed, splits);
        example.group = group;
    }
}

fn root(home: &mut [usize], mut i: usize) -> usize {
    while home[i] != i {
        home[i] = home[home[i]];
        i = home[i];
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_share_only_adds_groups() {
        let at = |test| (0..500).filter(|n| split_of(&format!("g{n}"), 7, &Splits { test, ..Splits::default() }) == Split::Test).collect::<Vec<_>>();
        let (small, large) = (at(0.1), at(0.2));
        assert!(small.iter().all(|n| large.contains(n)) && (30..75).contains(&small.len()) && (70..130).contains(&large.len()));
    }

    #[test]
    fn what_shares_any_key_stays_together() {
        let keys = [vec!["repo:a", "s:1"], vec!["repo:b", "s:2"], vec!["task:x", "s:2"], vec!["task:x", "repo:a"], vec!["s:9"]];
        let keys: Vec<Vec<String>> = keys.iter().map(|k| k.iter().map(|s| (*s).to_owned()).collect()).collect();
        assert_eq!(groups(&keys), ["repo:a", "repo:a", "repo:a", "repo:a", "s:9"]);
    }
}
