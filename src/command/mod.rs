//! What a person can do: the one table of commands, the keys that reach them, and the configuration that changes both.
//!
//! The table makes the enum, the keymap, the palette, help, the footer and `docs/keys.md`. Behaviour is not here: `app` matches the enum.

mod config;
mod docs;
mod fuzzy;
mod key;
mod keymap;
mod profile;
mod shell;
mod table;

pub use config::{Config, Problem};
pub use docs::{keys_page, places};
pub use fuzzy::fuzzy;
pub use key::{Code, Key, keys, spell};
pub use keymap::{Binding, Found, Keymap};
pub use profile::PROFILES;
pub use shell::{SHELL, ShellLine, for_shell};
pub use table::{Command, Group, place};
