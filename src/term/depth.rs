//! What the terminal can show, by what its environment says; it is never asked.

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// None.
    None,
    /// Sixteen.
    Sixteen,
    /// 256.
    Indexed,
    /// All.
    True,
}

/// Tells the colours by `NO_COLOR`, `COLORTERM` and `TERM`.
#[must_use]
pub fn colors(variable: &dyn Fn(&str) -> Option<String>) -> Colors {
    let value = |name: &str| variable(name).unwrap_or_default();
    let term = value("TERM");
    if !value("NO_COLOR").is_empty() || term == "dumb" {
        return Colors::None;
    }
    if matches!(value("COLORTERM").as_str(), "truecolor" | "24bit")
        || ["direct", "kitty", "alacritty", "ghostty", "foot", "wezterm"].iter().any(|name| term.contains(name))
    {
        return Colors::True;
    }
    if term.contains("256") || !value("WT_SESSION").is_empty() { Colors::Indexed } else { Colors::Sixteen }
}

/// Tells whether the locale is one of UTF-8; where none is set, it is taken to be.
#[must_use]
pub fn utf8(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| variable(name)).find(|value| !value.is_empty());
    set.is_none_or(|locale| {
        let lower = locale.to_lowercase();
        lower.contains("utf-8") || lower.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &'static [(&'static str, &'static str)]) -> Colors {
        colors(&|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_says_what_there_is() {
        assert_eq!(of(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Colors::True);
        assert_eq!(of(&[("TERM", "tmux-256color")]), Colors::Indexed);
        assert_eq!(of(&[("TERM", "linux")]), Colors::Sixteen);
        assert_eq!(of(&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]), Colors::None);
        assert!(utf8(&|_| None) && !utf8(&|_| Some("C".to_owned())) && utf8(&|_| Some("de_DE.UTF-8".to_owned())));
    }
}
