//! What a rule lets pass: allow lists and stop words, as gitleaks has them.

use regex::bytes::Regex;

/// One allow list.
#[derive(Debug, Default)]
pub struct Allow {
    /// Whether all its conditions must hold, not just one.
    pub all: bool,
    /// What the patterns look at.
    pub target: Target,
    /// Patterns.
    pub regexes: Vec<Regex>,
    /// Patterns of a file's path.
    pub paths: Vec<Regex>,
    /// Words that let a secret pass which holds them, lower case.
    pub stop_words: Vec<String>,
}

/// What the patterns of an allow list look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Target {
    /// The secret.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// The line it stands on.
    Line,
}

/// What was found, as an allow list looks at it.
pub struct Found<'a> {
    /// The secret.
    pub secret: &'a [u8],
    /// The whole match.
    pub whole: &'a [u8],
    /// The line.
    pub line: &'a [u8],
    /// The file a tool read or wrote, if any.
    pub path: Option<&'a str>,
}

impl Allow {
    /// Tells whether the list lets a find pass.
    #[must_use]
    pub fn lets_pass(&self, found: &Found<'_>) -> bool {
        let text = match self.target {
            Target::Secret => found.secret,
            Target::Match => found.whole,
            Target::Line => found.line,
        };
        let lower = || String::from_utf8_lossy(found.secret).to_lowercase();
        let conditions = [
            (!self.regexes.is_empty()).then(|| self.regexes.iter().any(|pattern| pattern.is_match(text))),
            (!self.paths.is_empty()).then(|| found.path.is_some_and(|path| self.paths.iter().any(|pattern| pattern.is_match(path.as_bytes())))),
            (!self.stop_words.is_empty()).then(|| self.stop_words.iter().any(|word| lower().contains(word.as_str()))),
        ];
        let mut stated = conditions.into_iter().flatten().peekable();
        stated.peek().is_some() && if self.all { stated.all(|held| held) } else { stated.any(|held| held) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_joined_as_said() {
        let list = |all| Allow { all, regexes: vec![Regex::new("^a").unwrap()], stop_words: vec!["zed".into()], ..Allow::default() };
        let found = |secret| Found { secret, whole: b"", line: b"", path: None };
        assert!(list(false).lets_pass(&found(b"abc")) && !list(true).lets_pass(&found(b"abc")));
        assert!(list(true).lets_pass(&found(b"aZED")) && !Allow::default().lets_pass(&found(b"a")));
    }
}
