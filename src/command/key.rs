//! Keys: what the terminal reports, how they are written, and how they are read back.

use std::fmt::{self, Display, Formatter};

/// What was pressed, modifiers aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character as it was typed, shift already in it.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    F(u8),
}

const NAMES: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("backspace", Code::Backspace),
    ("del", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
    ("space", Code::Char(' ')),
];

/// One key press. `shift` is kept only where the character does not already say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What was pressed.
    pub code: Code,
    /// With control.
    pub ctrl: bool,
    /// With alt.
    pub alt: bool,
    /// With shift.
    pub shift: bool,
}

impl Key {
    /// Makes a key without modifiers.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// Gives the character that the key types, if it types one.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Reads one key as it is written, such as `ctrl-d`, `shift-tab`, `f5` or `]`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut key) = (text, Self::plain(Code::Esc));
        while let Some((modifier, after)) = rest.split_once('-').filter(|(modifier, after)| !modifier.is_empty() && !after.is_empty()) {
            match modifier {
                "ctrl" => key.ctrl = true,
                "alt" => key.alt = true,
                "shift" => key.shift = true,
                _ => return None,
            }
            rest = after;
        }
        let mut chars = rest.chars();
        key.code = match (chars.next()?, chars.next()) {
            (c, None) => Code::Char(c),
            ('f', Some('1'..='9')) => Code::F(rest.get(1..)?.parse().ok().filter(|n| (1..=24).contains(n))?),
            _ => NAMES.iter().find(|(name, _)| *name == rest)?.1,
        };
        if let (Code::Char(c), true) = (key.code, key.shift) {
            (key.code, key.shift) = (Code::Char(c.to_ascii_uppercase()), false);
        }
        Some(key)
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            f.write_str(if held { name } else { "" })?;
        }
        match (NAMES.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Code::F(n)) => write!(f, "f{n}"),
            (None, Code::Char(c)) => write!(f, "{c}"),
            (None, _) => Ok(()),
        }
    }
}

/// Reads keys pressed one after another, written with spaces between them; `None` where one of them is no key.
#[must_use]
pub fn keys(text: &str) -> Option<Vec<Key>> {
    let keys: Vec<Key> = text.split_whitespace().map(Key::parse).collect::<Option<_>>()?;
    (!keys.is_empty()).then_some(keys)
}

/// Writes keys as people say them: single characters side by side, names apart.
#[must_use]
pub fn spell(keys: &[Key]) -> String {
    let mut text = String::new();
    let mut joined = true;
    for key in keys {
        let name = key.to_string();
        let short = name.chars().count() == 1;
        let follows = short && joined;
        if !(text.is_empty() || follows) {
            text.push(' ');
        }
        text += &name;
        joined = short;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_as_written() {
        for text in ["j", "G", "ctrl-d", "shift-tab", "alt-enter", "]", "-", "ctrl--", "f12", "space", "alt-x"] {
            assert_eq!(Key::parse(text).map(|key| key.to_string()).as_deref(), Some(text));
        }
        for wrong in ["", "ctl-d", "f99", "enterr", "ctrl-"] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Key::parse("shift-a"), Key::parse("A"));
        assert_eq!(keys("g g").map(|keys| spell(&keys)).as_deref(), Some("gg"));
        assert_eq!(keys("g ctrl-x y").map(|keys| spell(&keys)).as_deref(), Some("g ctrl-x y"));
    }
}
