//! Profiles: keys that people bring with them from other programs, laid over the usual ones.

use super::table::Command;

/// A named set of other keys.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it is like.
    pub doc: &'static str,
    /// The commands whose keys differ, with all their keys.
    pub keys: &'static [(Command, &'static [&'static str])],
}

/// Every profile; the first changes nothing.
pub const PROFILES: &[Profile] = &[
    Profile { name: "ossia", doc: "the keys of this page", keys: &[] },
    Profile {
        name: "prodigy",
        doc: "backspace or del takes back, left goes to the item before, as in Prodigy",
        keys: &[
            (Command::Undo, &["u", "backspace", "del"]),
            (Command::UndoVerdict, &["u", "backspace", "del"]),
            (Command::PreviousItem, &["left"]),
            (Command::PreviousPair, &["K"]),
        ],
    },
    Profile {
        name: "label-studio",
        doc: "ctrl-enter or alt-enter goes on, ctrl-space skips, ctrl-z takes back, as in Label Studio; `:suspend` is left without a key",
        keys: &[
            (Command::Undo, &["u", "ctrl-z"]),
            (Command::UndoVerdict, &["u", "ctrl-z"]),
            (Command::Later, &["space", "right", "ctrl-enter", "alt-enter", "ctrl-space"]),
            (Command::SkipFinding, &["space", "ctrl-enter", "alt-enter", "ctrl-space"]),
            (Command::SkipPair, &["space", "ctrl-enter", "alt-enter", "ctrl-space"]),
            (Command::Suspend, &[]),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Config, keys};

    #[test]
    fn no_profile_has_keys_that_clash_or_are_none() {
        for profile in PROFILES {
            assert!(profile.keys.iter().flat_map(|(_, bound)| *bound).all(|written| keys(written).is_some()), "{}", profile.name);
            let (config, problems) = Config::read(&format!("profile = {:?}", profile.name), &[], &[]);
            assert_eq!((config.keymap.clashes(), problems), (vec![], vec![]), "{}", profile.name);
        }
    }
}
