//! Themes: TOML files that give each tone its colours; built in, and from a folder of one's own.

use super::color::{self, Depth};
use crate::app::Tone;
use crate::text;
use ratatui::style::{Color, Modifier, Style};
use rustc_hash::FxHashMap;
use toml::{Table, Value};

macro_rules! built_in {
    ($($name:literal)+) => {
        /// The themes that the program brings: name and TOML.
        pub const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../themes/", $name, ".toml")))),+];
    };
}

built_in! { "dark" "light" "ansi" "mono" "contrast" "safe" "gruvbox" "nord" "catppuccin" }

/// How deep themes may inherit.
const DEEPEST: usize = 8;

/// A theme, ready to draw with.
#[derive(Debug, Clone)]
pub struct Theme {
    styles: FxHashMap<Tone, Style>,
    /// Colours of the screen where nothing says otherwise; both `Reset` leave the terminal's own.
    pub base: Style,
    depth: Depth,
}

impl Theme {
    /// Reads a theme; `find` gives the TOML of the one it inherits. What is wrong is named, and the rest is used.
    #[must_use]
    pub fn read(text: &str, depth: Depth, find: &dyn Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut reader = Reader { palette: FxHashMap::default(), roles: FxHashMap::default(), problems: Vec::new() };
        reader.layer(text, find, 0);
        let mut styles = FxHashMap::default();
        for (tone, role, _) in Tone::ROLES {
            styles.insert(*tone, reader.style(role, depth));
        }
        let base = styles.get(&Tone::Text).copied().unwrap_or_default();
        (Self { styles, base, depth }, reader.problems)
    }

    /// Gives a built-in theme, or the dark one.
    #[must_use]
    pub fn built_in(name: &str, depth: Depth) -> Self {
        let text = |name: &str| BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
        Self::read(&text(name).or_else(|| text("dark")).unwrap_or_default(), depth, &text).0
    }

    /// Gives the style of a tone.
    #[must_use]
    pub fn style(&self, tone: Tone) -> Style {
        match tone {
            Tone::Printed(printed) => self.base.patch(printed_style(printed, self.depth)),
            known => self.styles.get(&known).copied().unwrap_or(self.base),
        }
    }

    /// Gives the style of a tone with the background and modifiers of another laid under it, as chosen rows are drawn.
    #[must_use]
    pub fn over(&self, tone: Tone, under: Tone) -> Style {
        let (upper, lower) = (self.style(tone), self.style(under));
        let plain = upper.fg == self.base.fg;
        let mut style = lower;
        style.fg = if plain { lower.fg.or(upper.fg) } else { upper.fg };
        style.bg = if upper.bg == self.base.bg || upper.bg.is_none() { lower.bg } else { upper.bg };
        style.add_modifier = upper.add_modifier | lower.add_modifier;
        // Turned round, every colour of letters would become a patch of ground; the signs say the same without it.
        if lower.add_modifier.contains(Modifier::REVERSED) && style.bg == lower.bg {
            style.fg = lower.fg;
        }
        style
    }
}

struct Reader {
    palette: FxHashMap<String, Color>,
    roles: FxHashMap<String, Value>,
    problems: Vec<String>,
}

impl Reader {
    fn layer(&mut self, text: &str, find: &dyn Fn(&str) -> Option<String>, depth: usize) {
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return self.problems.push(format!("this is not TOML: {error}")),
        };
        if let Some(parent) = table.get("inherits").and_then(Value::as_str) {
            match find(parent).filter(|_| depth < DEEPEST) {
                Some(text) => self.layer(&text, find, depth + 1),
                None => self.problems.push(format!("there is no theme {parent:?} to inherit")),
            }
        }
        for (name, value) in table.get("palette").and_then(Value::as_table).into_iter().flatten() {
            match value.as_str().and_then(color::parse) {
                Some(color) => drop(self.palette.insert(name.clone(), color)),
                None => self.problems.push(format!("palette.{name} is no colour; write \"#rrggbb\", a number, or a name such as \"bright-red\"")),
            }
        }
        for (name, value) in table.get("roles").and_then(Value::as_table).into_iter().flatten() {
            if Tone::ROLES.iter().any(|(_, role, _)| role == name) {
                self.roles.insert(name.clone(), value.clone());
            } else {
                self.problems.push(format!("roles.{name}: there is no such role"));
            }
        }
    }

    /// Works out the style of a role: its own entry over that of the role it looks like.
    fn style(&mut self, role: &str, depth: Depth) -> Style {
        let parent = Tone::ROLES.iter().find(|(_, name, _)| *name == role).map_or("text", |(_, _, parent)| *parent);
        let under = if parent == role { Style::new().fg(Color::Reset).bg(Color::Reset) } else { self.style(parent, depth) };
        let Some(value) = self.roles.get(role).cloned() else { return under };
        let entry = match &value {
            Value::String(_) => Table::from_iter([("fg".to_owned(), value.clone())]),
            Value::Table(table) => table.clone(),
            _ => Table::new(),
        };
        let mut style = under;
        if let Some(fg) = self.color(role, entry.get("fg")) {
            style = style.fg(color::within(fg, depth));
        }
        if let Some(bg) = self.color(role, entry.get("bg")) {
            style = style.bg(color::within(bg, depth));
        }
        if let Some(mods) = entry.get("mods").and_then(Value::as_array) {
            style.add_modifier = mods.iter().filter_map(Value::as_str).filter_map(modifier).fold(Modifier::empty(), |all, one| all | one);
        }
        style
    }

    fn color(&mut self, role: &str, value: Option<&Value>) -> Option<Color> {
        let name = value?.as_str()?;
        let found = self.palette.get(name).copied().or_else(|| color::parse(name));
        if found.is_none() {
            let problem = format!("roles.{role}: {name:?} is neither a colour nor a name of the palette");
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
        found
    }
}

fn modifier(name: &str) -> Option<Modifier> {
    Some(match name {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        _ => return None,
    })
}

fn printed_style(printed: text::Style, depth: Depth) -> Style {
    let color = |color: text::Color| match color {
        text::Color::Indexed(n) if n < 16 => color::within(color::basic(n), depth),
        text::Color::Indexed(n) => color::within(Color::Indexed(n), depth),
        text::Color::Rgb(r, g, b) => color::within(Color::Rgb(r, g, b), depth),
    };
    let mut style = Style { fg: printed.fg.map(color), bg: printed.bg.map(color), ..Style::new() };
    let mods = [
        (printed.bold, Modifier::BOLD),
        (printed.dim, Modifier::DIM),
        (printed.italic, Modifier::ITALIC),
        (printed.underline, Modifier::UNDERLINED),
        (printed.reverse, Modifier::REVERSED),
    ];
    for (set, modifier) in mods {
        if set {
            style = style.add_modifier(modifier);
        }
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_is_without_fault() {
        let text = |name: &str| BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
        for (name, toml) in BUILT_IN {
            let (theme, problems) = Theme::read(toml, Depth::True, &text);
            assert_eq!(problems, Vec::<String>::new(), "{name}");
            assert_ne!(theme.style(Tone::Chosen), theme.style(Tone::Text), "{name}");
            assert_ne!(theme.style(Tone::Denied), theme.style(Tone::Ran), "{name}: denied and ran look alike");
        }
    }

    #[test]
    fn a_theme_inherits_and_names_its_faults() {
        let (theme, problems) =
            Theme::read("inherits = 'dark'\n[palette]\nx = 'pu'\n[roles]\ndenied = '#010203'\nnope = 'red'\nwait = 'zz'\n", Depth::True, &|name| {
                BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
            });
        assert_eq!(theme.style(Tone::Denied).fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(theme.style(Tone::Failed).fg, Theme::built_in("dark", Depth::True).style(Tone::Failed).fg);
        assert_eq!(problems.len(), 3, "{problems:?}");
        let mono = Theme::built_in("gruvbox", Depth::Mono);
        assert!(Tone::ROLES.iter().all(|(tone, ..)| mono.style(*tone).fg == Some(Color::Reset)));
    }
}
