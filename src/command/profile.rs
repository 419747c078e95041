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
        doc: "undo on backspace, arrows to go on and back, as in Prodigy",
        keys: &[
            (Command::NextPrompt, &["J", "right"]),
            (Command::PreviousPrompt, &["K", "left"]),
            (Command::ScrollLeft, &["h"]),
            (Command::ScrollRight, &["l"]),
        ],
    },
    Profile {
        name: "label-studio",
        doc: "ctrl-enter opens, ctrl-space marks, as in Label Studio",
        keys: &[(Command::Open, &["enter", "ctrl-enter", "alt-enter"]), (Command::Mark, &["v", "ctrl-space"])],
    },
];
