//! The page of keys, made from the table of commands.

use super::key::{keys, spell};
use super::profile::PROFILES;
use super::table::{Command, Group, place};
use std::fmt::Write;

const PLACES: &[(u16, &str)] = &[
    (place::LIBRARY, "library"),
    (place::TRAJECTORY, "trajectory"),
    (place::COMPARE, "compare"),
    (place::REVIEW, "review"),
    (place::REDACTIONS, "redactions"),
    (place::PAIRS, "pairs"),
    (place::DATASET, "dataset"),
    (place::INSIGHTS, "insights"),
    (place::RULES, "rules"),
    (place::PAGE, "pages"),
];

/// Writes `docs/keys.md`.
#[must_use]
pub fn keys_page() -> String {
    let mut page = String::from(
        "# Keys\n\nThis page is made from the table of commands in `src/command/table.rs`. On the screen, `?` shows what works where one is, and\n\
         `:` runs any command by its name. Keys are changed in `config.toml` ([config.md](config.md)).\n",
    );
    let mut group: Option<Group> = None;
    for command in Command::ALL {
        if group != Some(command.group()) {
            group = Some(command.group());
            // Writing to a String cannot fail.
            let _ = write!(page, "\n## {}\n\n| keys | command | where | what it does |\n|---|---|---|---|\n", command.group().title());
        }
        let spelled: Vec<String> = command.default_keys().iter().filter_map(|written| keys(written)).map(|keys| code(&spell(&keys))).collect();
        let _ = writeln!(page, "| {} | `{}` | {} | {} |", spelled.join(" "), command.name(), places(*command), command.doc().replace('|', "\\|"));
    }
    page.push_str(
        "\n## Profiles\n\nA profile lays other keys over these: `profile = \"prodigy\"` in `config.toml`.\n\n| profile | like | keys |\n|---|---|---|\n",
    );
    for profile in PROFILES {
        let keys: Vec<String> =
            profile.keys.iter().map(|(command, keys)| format!("`{}` {}", command.name(), keys.iter().map(|k| code(k)).collect::<Vec<_>>().join(" "))).collect();
        let _ = writeln!(page, "| `{}` | {} | {} |", profile.name, profile.doc, keys.join(", "));
    }
    page
}

/// Says where a command works.
#[must_use]
pub fn places(command: Command) -> String {
    if command.places() == place::ALL {
        return "everywhere".to_owned();
    }
    if command.places() == place::BROWSE {
        return "everywhere but in review".to_owned();
    }
    let names: Vec<&str> = PLACES.iter().filter(|(bit, _)| command.places() & bit != 0).map(|(_, name)| *name).collect();
    names.join(", ")
}

/// Writes a key as code; a bar would end the cell of a table.
fn code(key: &str) -> String {
    format!("`{}`", key.replace('|', "\\|"))
}
