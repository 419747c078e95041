//! Clusters of near-duplicates: calls that differ in nothing but numbers, hashes and blanks.

use crate::model::Execution;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::num::NonZeroU64;

/// Names the cluster of near-duplicates that a point belongs to, if it belongs to any; written as 16 hex digits, none as an empty text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cluster(Option<NonZeroU64>);

impl Cluster {
    /// Names the cluster of a call by its tool and its command, or its arguments, without what differs among near-duplicates.
    pub(super) fn of(execution: &Execution) -> Self {
        let Some(said) = execution.command.as_deref().or(execution.args.as_deref()) else { return Self(None) };
        let mut alike = format!("{}\u{0}", execution.tool);
        for word in said.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(512) {
            let number = word.chars().any(|c| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_hexdigit());
            alike.push_str(if number { "0" } else { word });
            alike.push(' ');
        }
        let digest = Sha256::digest(alike);
        Self(digest.first_chunk().map(|first| u64::from_be_bytes(*first)).and_then(NonZeroU64::new))
    }

    /// Tells whether it names none.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0.is_none()
    }
}

impl Serialize for Cluster {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(name) => serializer.collect_str(&format_args!("{name:016x}")),
            None => serializer.serialize_str(""),
        }
    }
}

impl<'de> Deserialize<'de> for Cluster {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self(u64::from_str_radix(&name, 16).ok().and_then(NonZeroU64::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(tool: &str, command: &str) -> Cluster {
        Cluster::of(&Execution { tool: tool.to_owned(), command: Some(command.to_owned()), ..Execution::new("x") })
    }

    #[test]
    fn near_duplicates_have_one_name_that_is_read_as_it_was_written() {
        let one = cluster("bash", "kill 4711 # deadbeef01");
        assert_eq!(one, cluster("bash", "kill  12, deadbeef02"));
        assert_ne!(one, cluster("bash", "kill -9 4711 # deadbeef01 now"));
        assert_ne!(one, cluster("sh", "kill 4711 # deadbeef01"));
        let written = serde_json::to_string(&[one, Cluster::of(&Execution::new("x"))]).unwrap();
        assert_eq!(written.len(), r#"["0123456789abcdef",""]"#.len());
        assert_eq!(serde_json::from_str::<Vec<Cluster>>(&written).unwrap(), [one, Cluster(None)]);
        assert!(Cluster::default().is_none() && !one.is_none());
    }
}
