//! The keymap: from keys, pressed one after another, to a command that works in a place.

use super::key::{Key, keys};
use super::table::Command;

/// Keys that lead to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The keys, in order; never empty.
    pub keys: Vec<Key>,
    /// The command.
    pub command: Command,
}

/// What some keys mean so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// More must follow.
    Prefix,
    /// A command.
    Command(Command),
}

/// All bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = Command::ALL.iter().flat_map(|command| {
            let written = command.default_keys().iter().filter_map(|written| keys(written));
            written.map(|keys| Binding { keys, command: *command })
        });
        Self { bindings: bindings.collect() }
    }
}

impl Keymap {
    /// Says what keys mean in a place.
    #[must_use]
    pub fn find(&self, place: u16, typed: &[Key]) -> Found {
        let here = || self.bindings.iter().filter(|binding| binding.command.places() & place != 0);
        if let Some(binding) = here().find(|binding| binding.keys == typed) {
            return Found::Command(binding.command);
        }
        if here().any(|binding| binding.keys.starts_with(typed)) { Found::Prefix } else { Found::Nothing }
    }

    /// Gives the bindings that go on from keys already pressed in a place.
    pub fn following(&self, place: u16, typed: &[Key]) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |b| b.command.places() & place != 0 && b.keys.len() > typed.len() && b.keys.starts_with(typed))
    }

    /// Gives the bindings of a command.
    pub fn of(&self, command: Command) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.command == command)
    }

    /// Gives a command other keys than it had.
    pub fn rebind(&mut self, command: Command, bound: Vec<Vec<Key>>) {
        self.bindings.retain(|binding| binding.command != command);
        self.bindings.extend(bound.into_iter().map(|keys| Binding { keys, command }));
    }

    /// Gives each pair of bindings that cannot both be reached: the same keys, or the beginning of the other's, in a common place.
    #[must_use]
    pub fn clashes(&self) -> Vec<(&Binding, &Binding)> {
        let pairs = self.bindings.iter().enumerate().flat_map(|(at, a)| self.bindings.iter().skip(at + 1).map(move |b| (a, b)));
        pairs.filter(|(a, b)| a.command.places() & b.command.places() != 0 && (a.keys.starts_with(&b.keys) || b.keys.starts_with(&a.keys))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::place;
    use super::*;

    fn found(place: u16, written: &str) -> Found {
        Keymap::default().find(place, &keys(written).unwrap())
    }

    #[test]
    fn no_default_key_clashes() {
        assert_eq!(Keymap::default().clashes(), []);
    }

    #[test]
    fn prefixes_wait_for_more() {
        assert_eq!(found(place::LIBRARY, "g"), Found::Prefix);
        assert_eq!(found(place::LIBRARY, "g g"), Found::Command(Command::First));
        assert_eq!(found(place::LIBRARY, "] d"), Found::Nothing);
        assert_eq!(found(place::TRAJECTORY, "] d"), Found::Command(Command::NextDenial));
    }

    #[test]
    fn a_clash_is_seen() {
        let mut map = Keymap::default();
        map.rebind(Command::Help, vec![keys("g").unwrap()]);
        assert!(map.clashes().iter().any(|(a, b)| a.command == Command::Help || b.command == Command::Help));
    }
}
