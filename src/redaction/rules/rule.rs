//! One rule, and its pattern, which is compiled when it is first needed.

use super::allow::Allow;
use super::set::Subject;
use super::stretch::Form;
use crate::redaction::Tier;
use crate::redaction::checks::Check;
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use std::sync::{Arc, OnceLock};

/// A pattern larger than this when compiled is refused; matching is linear in the text whatever the pattern.
const SIZE_LIMIT: usize = 16 << 20;

/// Where a rule's pattern is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// On the whole text, if it holds a keyword (or the rule has none).
    Text,
    /// Right after each keyword.
    Near,
    /// Right where each keyword begins: every token of it begins so.
    Start,
}

/// One rule.
pub struct Rule {
    /// Name.
    pub id: Arc<str>,
    /// One sentence.
    pub description: String,
    /// What it finds, such as `github_token`.
    pub class: Arc<str>,
    /// How sure its findings are.
    pub tier: Tier,
    /// Where its pattern is tried.
    pub trigger: Trigger,
    /// Its pattern.
    pub pattern: Option<Pattern>,
    /// The group that holds the secret; 0 means the first that is not empty, else all.
    pub secret_group: usize,
    /// Shannon entropy in bits that the secret must exceed.
    pub entropy: f64,
    /// Words, lower case, one of which the text must hold.
    pub keywords: Vec<String>,
    /// Checks that the secret must pass.
    pub checks: Vec<&'static Check>,
    /// Pattern of the file's path.
    pub path: Option<Regex>,
    /// What it lets pass.
    pub allow: Vec<Allow>,
    /// Words of the headers of PEM blocks in which it finds nothing.
    pub outside: Vec<String>,
    /// Whether it leaves alone what begins like a published token.
    pub unprefixed: bool,
    /// Whether a keyword counts only where a word, or a part of a joined one, begins.
    pub whole_word: bool,
    /// Whether its pattern is a token of a published form, with nothing around it.
    pub is_token: bool,
    /// Signs with which a token of it would go on: a match that is followed by one is a part of something longer.
    pub own_signs: Vec<u8>,
    /// Whether it is one of our own.
    pub built_in: bool,
}

/// A pattern that is compiled when it is first tried.
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
    form: OnceLock<Form>,
}

impl Rule {
    /// Tells whether a text under a key, which is of some file, may hold what it finds.
    #[must_use]
    pub fn heeds(&self, subject: &Subject<'_>) -> bool {
        self.path.as_ref().is_none_or(|path| subject.path.is_some_and(|p| path.is_match(p.as_bytes())))
            && self.checks.iter().all(|check| (check.within)(subject.text, subject.key))
    }

    /// Tells whether it speaks of what is all that its field says.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.checks.iter().any(|check| check.name == "lone")
    }
}

impl Pattern {
    /// Keeps a pattern for later.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self { text, compiled: OnceLock::new(), form: OnceLock::new() }
    }

    /// Gives the compiled pattern; `None` if it does not compile.
    #[must_use]
    pub fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.text).ok()).as_ref()
    }

    /// Gives what it tells of its matches.
    #[must_use]
    pub fn form(&self) -> &Form {
        self.form.get_or_init(|| Form::of(&from_go(&self.text)))
    }

    /// Gives its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Compiles a pattern in Go's dialect: bytes, no Unicode classes, bounded size.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&from_go(pattern)).unicode(false).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build()
}

/// Compiles several patterns as one set, as `compile` does each.
pub fn any_of<'p>(patterns: impl Iterator<Item = &'p str>) -> Option<RegexSet> {
    let patterns: Vec<String> = patterns.map(from_go).collect();
    RegexSetBuilder::new(&patterns).unicode(false).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build().ok()
}

/// Writes Go's dialect as ours: a `{` that opens no count stands for itself, and `\z` ends the text in both.
fn from_go(pattern: &str) -> String {
    let bytes = pattern.as_bytes();
    let mut out = String::with_capacity(pattern.len() + 8);
    let (mut class, mut escaped) = (false, false);
    for (at, c) in pattern.char_indices() {
        let counts = || {
            let rest = bytes.get(at + 1..).unwrap_or_default();
            let inner = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b',').count();
            inner > 0 && rest[0] != b',' && rest.get(inner) == Some(&b'}')
        };
        let bare = c == '{' && !class && !escaped && !counts();
        let named = bare && at >= 2 && matches!(bytes.get(at - 2..at), Some(b"\\p" | b"\\P" | b"\\x" | b"\\b"));
        if bare && !named {
            out.push('\\');
        }
        // A `[` inside a class opens a nested class in our dialect.
        if class && !escaped && c == '[' && bytes.get(at + 1) != Some(&b':') {
            out.push('\\');
        }
        out.push(c);
        if !escaped {
            match c {
                '[' => class = true,
                ']' => class = false,
                _ => {}
            }
            // The bracket of `[:name:]` closes no class.
            if c == ']'
                && at > 0
                && bytes[at - 1] == b':'
                && pattern.get(..at).is_some_and(|before| before.rfind("[:").is_some_and(|open| before[open..].len() < 14))
            {
                class = true;
            }
        }
        escaped = c == '\\' && !escaped;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_go_compile() {
        for pattern in ["a{b", "[{]x{2,3}", r"\{{2}", r"x{,3}", r"[[:alnum:]_{]+{", r#"(?i)["'\[{]?k"#, r"(?P<n>a)", "[a[b]"] {
            assert!(compile(pattern).is_ok(), "{pattern} as {}", from_go(pattern));
        }
        assert!(compile("a{b").unwrap().is_match(b"a{b"));
        assert!(compile("x{2}").unwrap().is_match(b"xx"));
        assert!(compile(r"(?:[a-z]{1000}){1000}").is_err());
    }
}
