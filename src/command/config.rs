//! The configuration of the screen: read from TOML, wrong parts named all at once, the rest used.

use super::key::{Key, keys, spell};
use super::keymap::Keymap;
use super::profile::PROFILES;
use super::table::Command;
use toml::{Table, Value};

/// What a person set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Name of the theme; `None` leaves it to the terminal.
    pub theme: Option<String>,
    /// Whether only ASCII is drawn; `None` leaves it to the locale.
    pub ascii: Option<bool>,
    /// Whether the mouse is read.
    pub mouse: bool,
    /// Whether times are those of the machine's zone rather than UTC.
    pub local_time: bool,
    /// Columns of the library, left to right; empty for the usual ones.
    pub columns: Vec<String>,
    /// The keys.
    pub keymap: Keymap,
}

/// Something in the configuration that is not used, and what was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, such as `keys.next-row`.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

const SETTINGS: &[&str] = &["theme", "ascii", "mouse", "local-time", "columns", "profile", "keys"];

/// Reads a configuration and finds its problems.
struct Reader {
    config: Config,
    problems: Vec<Problem>,
}

impl Config {
    /// Reads TOML; `themes` and `columns` are the names that exist. What is wrong is named, and everything else is used.
    #[must_use]
    pub fn read(text: &str, themes: &[&str], columns: &[&str]) -> (Self, Vec<Problem>) {
        let mut reader = Reader { config: Self::default(), problems: Vec::new() };
        match text.parse::<Table>() {
            Ok(table) => reader.table(&table, themes, columns),
            Err(error) => {
                let line = error.span().map_or(1, |span| 1 + text.bytes().take(span.start).filter(|b| *b == b'\n').count());
                reader.wrong(&format!("line {line}"), format!("this is not TOML: {}", error.message()));
            }
        }
        (reader.config, reader.problems)
    }
}

impl Reader {
    fn wrong(&mut self, place: &str, message: String) {
        self.problems.push(Problem { place: place.to_owned(), message });
    }

    fn table(&mut self, table: &Table, themes: &[&str], columns: &[&str]) {
        // The profile comes first, so that keys of one's own lie over it.
        if let Some(value) = table.get("profile") {
            self.profile(value);
        }
        for (name, value) in table {
            match name.as_str() {
                "profile" => {}
                "theme" => self.config.theme = self.name(name, value, themes, "theme"),
                "ascii" => self.config.ascii = self.flag(name, value),
                "mouse" => self.config.mouse = self.flag(name, value).unwrap_or(false),
                "local-time" => self.config.local_time = self.flag(name, value).unwrap_or(false),
                "columns" => self.columns(value, columns),
                "keys" => self.keys(value),
                _ => self.wrong(name, format!("there is no such setting{}", nearest(name, SETTINGS))),
            }
        }
    }

    fn profile(&mut self, value: &Value) {
        let names: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
        let Some(name) = self.name("profile", value, &names, "profile") else { return };
        for (command, bound) in PROFILES.iter().filter(|profile| profile.name == name).flat_map(|profile| profile.keys) {
            self.config.keymap.rebind(*command, bound.iter().filter_map(|written| keys(written)).collect());
        }
    }

    fn name(&mut self, place: &str, value: &Value, known: &[&str], what: &str) -> Option<String> {
        match value.as_str() {
            Some(name) if known.contains(&name) => Some(name.to_owned()),
            Some(name) => {
                self.wrong(place, format!("there is no {what} named {name:?}{}", nearest(name, known)));
                None
            }
            None => {
                self.wrong(place, format!("this must be the name of a {what} in quotes"));
                None
            }
        }
    }

    fn flag(&mut self, place: &str, value: &Value) -> Option<bool> {
        if value.as_bool().is_none() {
            self.wrong(place, "this must be true or false".to_owned());
        }
        value.as_bool()
    }

    fn columns(&mut self, value: &Value, known: &[&str]) {
        let Some(names) = value.as_array() else {
            return self.wrong("columns", "this must be a list of names, such as [\"title\", \"wait\"]".to_owned());
        };
        for name in names {
            let found = self.name("columns", name, known, "column");
            self.config.columns.extend(found);
        }
    }

    fn keys(&mut self, value: &Value) {
        let Some(table) = value.as_table() else {
            return self.wrong("keys", "this must be a table: [keys]".to_owned());
        };
        let mut changed = Vec::new();
        for (name, value) in table {
            let place = format!("keys.{name}");
            let Some(command) = Command::find(name) else {
                let names: Vec<&str> = Command::ALL.iter().map(|command| command.name()).collect();
                self.wrong(&place, format!("there is no such command{}", nearest(name, &names)));
                continue;
            };
            if let Some(bound) = self.bound(&place, value) {
                self.config.keymap.rebind(command, bound);
                changed.push(command);
            }
        }
        for command in &changed {
            let taken: Vec<String> = self.config.keymap.of(*command).filter(|binding| is_answer(binding)).map(|binding| spell(&binding.keys)).collect();
            if !taken.is_empty() {
                self.wrong(&format!("keys.{}", command.name()), format!("{} answers questions there; the usual keys are kept", taken.join(" and ")));
                self.config.keymap.rebind(*command, usual(*command));
            }
        }
        // Usual keys that come back may be those that another command was given.
        loop {
            let clashes: Vec<(Problem, [Command; 2])> = self.config.keymap.clashes().into_iter().map(|(a, b)| (clash(a, b), [a.command, b.command])).collect();
            let back: Vec<Command> = changed.iter().copied().filter(|command| clashes.iter().any(|(_, pair)| pair.contains(command))).collect();
            self.problems.extend(clashes.into_iter().map(|(problem, _)| problem));
            if back.is_empty() {
                return;
            }
            changed.retain(|command| !back.contains(command));
            back.into_iter().for_each(|command| self.config.keymap.rebind(command, usual(command)));
        }
    }

    /// Reads the keys of one command: a text, or a list of texts; an empty list takes its keys away.
    fn bound(&mut self, place: &str, value: &Value) -> Option<Vec<Vec<Key>>> {
        let written: Option<Vec<&str>> = match value {
            Value::String(one) => Some(vec![one]),
            Value::Array(several) => several.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let Some(written) = written else {
            self.wrong(place, "keys are written as \"ctrl-d\" or [\"j\", \"g x\"]".to_owned());
            return None;
        };
        let read: Vec<Option<Vec<Key>>> = written.iter().map(|text| keys(text)).collect();
        for (text, _) in written.iter().zip(&read).filter(|(_, read)| read.is_none()) {
            self.wrong(place, format!("{text:?} is no key; write single characters, enter, esc, tab, space, f5, or with ctrl-, alt-, shift- before them"));
        }
        read.into_iter().collect()
    }
}

fn usual(command: Command) -> Vec<Vec<Key>> {
    command.default_keys().iter().filter_map(|written| keys(written)).collect()
}

/// Tells whether a binding would never be reached, as digits are answers in the review and in a trajectory.
fn is_answer(binding: &super::keymap::Binding) -> bool {
    let digit = binding.keys.first().and_then(|key| key.typed()).is_some_and(|typed| typed.is_ascii_digit());
    digit && binding.command.places() & (super::place::REVIEW | super::place::TRAJECTORY) != 0
}

fn clash(a: &super::keymap::Binding, b: &super::keymap::Binding) -> Problem {
    let message =
        format!("{} of {} and {} of {} cannot both be reached; the usual keys are kept", spell(&a.keys), a.command.name(), spell(&b.keys), b.command.name());
    Problem { place: format!("keys.{}", a.command.name()), message }
}

fn nearest(name: &str, known: &[&str]) -> String {
    let near = known.iter().map(|known| (strsim::osa_distance(name, known), known)).min();
    near.filter(|(distance, _)| *distance <= 1 + name.len() / 3).map_or(String::new(), |(_, known)| format!("; did you mean {known}?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Found, place};

    fn read(text: &str) -> (Config, Vec<String>) {
        let (config, problems) = Config::read(text, &["dark", "light"], &["title", "wait"]);
        (config, problems.into_iter().map(|p| format!("{}: {}", p.place, p.message)).collect())
    }

    #[test]
    fn every_mistake_is_named_and_the_rest_is_used() {
        let (config, problems) =
            read("theme = 'drak'\nmouse = true\ncolums = []\ncolumns = ['titel', 'wait']\n[keys]\nnext-rw = 'j'\nhelp = 'ctl-x'\nraw = 'X'\n");
        assert!(config.mouse && config.theme.is_none());
        assert_eq!(config.columns, ["wait"]);
        assert_eq!(config.keymap.find(place::TRAJECTORY, &keys("X").unwrap()), Found::Command(Command::Raw));
        let said = problems.join("\n");
        for part in ["did you mean dark?", "did you mean columns?", "did you mean title?", "did you mean next-row?", "\"ctl-x\" is no key"] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert_eq!(read("a = \n").1.len(), 1);
    }

    #[test]
    fn a_clash_keeps_the_usual_keys() {
        let (config, problems) = read("[keys]\nraw = 't'\n");
        assert_eq!(problems.len(), 1);
        assert_eq!(config.keymap.find(place::TRAJECTORY, &keys("R").unwrap()), Found::Command(Command::Raw));
    }

    #[test]
    fn keys_that_come_back_are_looked_at_again() {
        // `help` takes the usual key of `raw`, which must give up its new one.
        let (config, problems) = read("[keys]\nhelp = 'R'\nraw = 't'\nwrap = '3'\n");
        assert_eq!(config.keymap.clashes(), []);
        assert_eq!(config.keymap.find(place::TRAJECTORY, &keys("R").unwrap()), Found::Command(Command::Raw));
        assert_eq!(config.keymap.find(place::TRAJECTORY, &keys("?").unwrap()), Found::Command(Command::Help));
        assert!(problems.iter().any(|problem| problem.contains("3 answers questions there")), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains("t of tools") && problem.contains("t of raw")), "{problems:?}");
    }

    #[test]
    fn every_profile_is_free_of_clashes() {
        for profile in PROFILES {
            let (config, problems) = read(&format!("profile = '{}'\n", profile.name));
            assert_eq!((config.keymap.clashes(), problems), (vec![], vec![]), "{}", profile.name);
        }
    }
}
