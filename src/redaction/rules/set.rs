//! All rules together: keywords are looked for once in a text, and only the rules that they call are tried.

use super::allow::{Allow, Found};
use super::around;
use super::keywords::{Keywords, Word};
use super::load::{BUILT_IN, Refused, load};
use super::rule::{Pattern, Rule, Trigger, any_of};
use crate::redaction::Tier;
use crate::redaction::randomness::entropy;
use regex::bytes::RegexSet;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::OnceLock;

/// A pattern that begins at a keyword sees no more than this of the text after it.
const NEAR_BYTES: usize = 400;
/// A rule that matches more often than this in one text is not listed further there, and whoever asked is told.
const MAX_MATCHES: usize = 20_000;
/// A line is looked at up to so many bytes before and behind a match, a PEM block up to so many before it.
const LINE_BYTES: usize = 4096;
const BLOCK_BYTES: usize = 64 << 10;

/// The text a rule set looks at.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The text.
    pub text: &'a str,
    /// The key it stands under.
    pub key: Option<&'a str>,
    /// The file a tool read or wrote, if the text comes from one.
    pub path: Option<&'a str>,
}

/// A secret that a rule found; in the order of rules, then of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Number of the rule.
    pub rule: usize,
    /// The secret.
    pub range: Range<usize>,
}

/// Rules that are looked for together.
pub struct RuleSet {
    rules: Vec<Rule>,
    allow: Vec<Allow>,
    keywords: Keywords,
    /// The rules that each keyword calls.
    called: Vec<Vec<usize>>,
    /// Rules without keywords, and all their patterns in one, which tells which of them are worth a look.
    always: Vec<usize>,
    any: OnceLock<Option<RegexSet>>,
    /// Words of a key that tell some rule what stands under it; `None` if any key may.
    naming: Option<Keywords>,
    /// How published tokens begin.
    prefixes: Vec<String>,
    hash: String,
}

impl RuleSet {
    /// Makes the set of our own rules and those of some files; gives with it what was refused.
    #[must_use]
    pub fn new(files: &[&str]) -> (Self, Vec<Refused>) {
        Self::of(files, &|_| true)
    }

    /// Makes the set of those of our own rules whose findings are certain.
    #[must_use]
    pub fn sure() -> Self {
        Self::of(&[], &|rule| rule.tier == Tier::Certain).0
    }

    /// Gives the SHA-256 of our own rules, those of some files, and the engine's version.
    #[must_use]
    pub fn hash_of(files: &[&str]) -> String {
        let mut digest = Sha256::new();
        digest.update(env!("CARGO_PKG_VERSION"));
        for text in BUILT_IN.iter().map(|(_, text)| *text).chain(files.iter().copied()) {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
        crate::model::ids::hex(&digest.finalize())
    }

    fn of(files: &[&str], wanted: &dyn Fn(&Rule) -> bool) -> (Self, Vec<Refused>) {
        let hash = Self::hash_of(files);
        let (mut rules, mut allow, mut refused): (Vec<Rule>, Vec<Allow>, Vec<Refused>) = Default::default();
        for (text, built_in) in BUILT_IN.iter().map(|(_, text)| (*text, true)).chain(files.iter().map(|text| (*text, false))) {
            match load(text, built_in) {
                Ok(report) => {
                    // A rule of a later file takes the place of an earlier one of the same id.
                    rules.retain(|known| !report.disabled.contains(&known.id.to_string()) && !report.rules.iter().any(|new| new.id == known.id));
                    rules.extend(report.rules);
                    allow.extend(report.allow);
                    refused.extend(report.refused);
                }
                Err(whole) => refused.push(whole),
            }
        }
        let prefixes = prefixes(&rules);
        rules.retain(wanted);
        let mut words: Vec<(String, Vec<usize>)> = Vec::new();
        let mut places = FxHashMap::default();
        for (number, rule) in rules.iter().enumerate() {
            for word in &rule.keywords {
                let at = *places.entry(word.clone()).or_insert_with(|| {
                    words.push((word.clone(), Vec::new()));
                    words.len() - 1
                });
                if let Some((_, called)) = words.get_mut(at) {
                    called.push(number);
                }
            }
        }
        let always = rules.iter().enumerate().filter(|(_, r)| r.keywords.is_empty() && r.pattern.is_some()).map(|(n, _)| n).collect();
        let keywords = Keywords::new(words.iter().map(|(text, called)| {
            let all = |trigger: Trigger| called.iter().all(|number| rules.get(*number).is_some_and(|rule| rule.trigger == trigger));
            Word { text, begins: all(Trigger::Start), once: all(Trigger::Text) }
        }));
        // A token of a published form is one under any key, and what a rule of a user needs nobody knows.
        let named = rules.iter().filter(|rule| !rule.is_token).flat_map(|rule| &rule.keywords);
        let naming = rules.iter().all(|rule| rule.built_in).then(|| Keywords::new(named.map(|text| Word { text, begins: false, once: true })));
        let called = words.into_iter().map(|(_, called)| called).collect();
        (Self { prefixes, rules, allow, keywords, called, always, any: OnceLock::new(), naming, hash }, refused)
    }

    /// Gives the rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Gives the SHA-256 of the rules and of the engine's version.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Finds what the rules say of a text; gives `false` if a rule matches more often than is listed.
    pub fn find(&self, subject: &Subject<'_>, found: &mut Vec<Match>) -> bool {
        let mut near: FxHashMap<usize, usize> = FxHashMap::default();
        let mut whole = true;
        let mut called: Vec<usize> = self.always_called(subject.text);
        let mut seen = Vec::new();
        self.keywords.each(subject.text.as_bytes(), &mut |keyword, place| {
            for &number in self.called.get(keyword).map_or(&[][..], Vec::as_slice) {
                let Some(rule) = self.rules.get(number) else { continue };
                if rule.trigger == Trigger::Text {
                    seen.resize(self.rules.len(), false);
                    if let Some(new) = seen.get_mut(number).filter(|seen| !**seen) {
                        *new = true;
                        called.push(number);
                    }
                    continue;
                }
                let count = near.entry(number).or_default();
                if *count >= MAX_MATCHES {
                    whole = false;
                } else if self.at_keyword(number, rule, subject, place.clone(), found) {
                    *count += 1;
                }
            }
        });
        for number in called {
            if let Some(rule) = self.rules.get(number) {
                whole &= self.everywhere(number, rule, subject, found);
            }
        }
        found.sort_unstable_by_key(|one| (one.rule, one.range.start, one.range.end));
        found.dedup();
        whole
    }

    /// Tells whether a text may say more behind its key, as if it stood in an assignment, than by itself.
    #[must_use]
    pub fn heeds(&self, key: &str) -> bool {
        let Some(naming) = &self.naming else { return true };
        let mut heeds = false;
        naming.each(key.as_bytes(), &mut |_, _| heeds = true);
        heeds
    }

    fn is_prefixed(&self, text: &str) -> bool {
        self.prefixes.iter().any(|prefix| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
    }

    /// Gives the rules without keywords that match somewhere in a text.
    fn always_called(&self, text: &str) -> Vec<usize> {
        if self.always.is_empty() {
            return Vec::new();
        }
        let pattern = |number: &usize| self.rules.get(*number).and_then(|rule| rule.pattern.as_ref());
        let any = self.any.get_or_init(|| any_of(self.always.iter().filter_map(pattern).map(Pattern::text)).filter(|set| set.len() == self.always.len()));
        match any {
            Some(any) => any.matches(text.as_bytes()).into_iter().filter_map(|at| self.always.get(at).copied()).collect(),
            None => self.always.clone(),
        }
    }

    fn everywhere(&self, number: usize, rule: &Rule, subject: &Subject<'_>, found: &mut Vec<Match>) -> bool {
        if rule.path.as_ref().is_some_and(|path| !subject.path.is_some_and(|p| path.is_match(p.as_bytes()))) {
            return true;
        }
        let Some(pattern) = rule.pattern.as_ref().and_then(|p| p.get()) else { return true };
        for (count, captures) in pattern.captures_iter(subject.text.as_bytes()).enumerate() {
            if count >= MAX_MATCHES {
                return false;
            }
            let Some(whole) = captures.get(0) else { continue };
            if let Some(range) = secret(rule, &captures) {
                self.keep(number, rule, subject, whole.range(), range, found);
            }
        }
        true
    }

    /// Tries a rule at or behind a keyword and tells whether it matched.
    fn at_keyword(&self, number: usize, rule: &Rule, subject: &Subject<'_>, keyword: Range<usize>, found: &mut Vec<Match>) -> bool {
        if rule.path.as_ref().is_some_and(|path| !subject.path.is_some_and(|p| path.is_match(p.as_bytes()))) {
            return false;
        }
        let bytes = subject.text.as_bytes();
        if rule.trigger == Trigger::Near {
            return (!rule.whole_word || begins_word(bytes, keyword.start)) && self.near(number, rule, subject, keyword.end, found);
        }
        let inside = keyword.start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let Some(pattern) = rule.pattern.as_ref().filter(|_| !inside).and_then(Pattern::get) else { return false };
        let Some(token) = pattern.find(bytes.get(keyword.start..).unwrap_or_default()) else { return false };
        let range = keyword.start..keyword.start + token.end();
        self.keep(number, rule, subject, range.clone(), range, found);
        true
    }

    /// Tries a rule behind a keyword and tells whether it matched.
    fn near(&self, number: usize, rule: &Rule, subject: &Subject<'_>, at: usize, found: &mut Vec<Match>) -> bool {
        let Some(pattern) = rule.pattern.as_ref().and_then(|p| p.get()) else { return false };
        let bytes = subject.text.as_bytes();
        let window = bytes.get(at..(at + NEAR_BYTES).min(bytes.len())).unwrap_or_default();
        let Some(captures) = pattern.captures(window) else { return false };
        let (Some(whole), Some(range)) = (captures.get(0), secret(rule, &captures)) else { return false };
        self.keep(number, rule, subject, at + whole.start()..at + whole.end(), at + range.start..at + range.end, found);
        true
    }

    fn keep(&self, number: usize, rule: &Rule, subject: &Subject<'_>, whole: Range<usize>, range: Range<usize>, found: &mut Vec<Match>) {
        let text = subject.text;
        let range = on_characters(text, range);
        let Some(secret) = text.get(range.clone()).filter(|s| !s.is_empty()) else { return };
        if rule.entropy > 0.0 && entropy(secret) <= rule.entropy {
            return;
        }
        if !rule.checks.iter().all(|check| (check.passes)(secret, subject.key)) {
            return;
        }
        if rule.built_in && (around::is_hash_of_mark(text, range.start, range.end) || around::goes_on(text.as_bytes(), range.end, &rule.own_signs)) {
            return;
        }
        if rule.unprefixed && (self.is_prefixed(secret) || self.is_prefixed(around::word_of(text, range.start, range.end))) {
            return;
        }
        // People and keys in blocks stand in file names and as keys too; drawn values do not. A published form is one wherever it stands.
        let drawn = rule.built_in && rule.tier != Tier::Certain && (rule.unprefixed || rule.is_token);
        if drawn && (around::names_file(text, range.end) || rule.unprefixed && around::is_json_key(text, range.start, range.end)) {
            return;
        }
        if !rule.outside.is_empty() && inside_block(text.get(..range.start).unwrap_or_default(), &rule.outside) {
            return;
        }
        let bytes = text.as_bytes();
        let (from, to) = (whole.start.saturating_sub(LINE_BYTES), bytes.len().min(whole.end + LINE_BYTES));
        let line_start = memchr::memrchr(b'\n', bytes.get(from..whole.start).unwrap_or_default()).map_or(from, |i| from + i + 1);
        let line_end = memchr::memchr(b'\n', bytes.get(whole.end..to).unwrap_or_default()).map_or(to, |i| whole.end + i);
        let part = |range: Range<usize>| bytes.get(range).unwrap_or_default();
        let looked_at = Found { secret: secret.as_bytes(), whole: part(whole), line: part(line_start..line_end), path: subject.path };
        let global = if rule.built_in { &[][..] } else { &self.allow };
        if rule.allow.iter().chain(global).any(|list| list.lets_pass(&looked_at)) {
            return;
        }
        found.push(Match { rule: number, range });
    }
}

/// Tells whether a word begins here, or a part of a joined one (`apiKey`, `api_key`).
fn begins_word(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| text.get(i)).copied().unwrap_or(b' ');
    !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && text.get(at).is_some_and(u8::is_ascii_uppercase))
}

/// Gives how the tokens of the rules begin, where that is telling.
fn prefixes(rules: &[Rule]) -> Vec<String> {
    let published = rules.iter().filter(|r| r.is_token);
    let telling = |word: &&String| {
        word.len() >= 3
            && word.ends_with(['_', '-', '.'])
            && !word.starts_with('-')
            && !["live_", "test_", "pat_", "st.", "pat.", "dp.", "pk.", "sk.", "tk.", "key-", "api-", "sdk-", "mob-"].contains(&word.as_str())
    };
    published.flat_map(|r| r.keywords.iter().filter(telling).cloned()).collect()
}

/// Tells whether what stands before ends inside a PEM block whose header holds one of some words.
fn inside_block(before: &str, words: &[String]) -> bool {
    let mut from = before.len().saturating_sub(BLOCK_BYTES);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let near = before.get(from..).unwrap_or_default();
    let Some(block) = near.rfind("-----BEGIN ").and_then(|begin| near.get(begin..)) else { return false };
    let header = block.lines().next().unwrap_or_default();
    !block.contains("-----END ") && words.iter().any(|word| header.contains(word.as_str()))
}

/// Gives the group that holds the secret: the named one, else the first that is not empty, else the match.
fn secret(rule: &Rule, captures: &regex::bytes::Captures<'_>) -> Option<Range<usize>> {
    if rule.secret_group > 0 {
        return captures.get(rule.secret_group).map(|m| m.range());
    }
    let first = captures.iter().skip(1).flatten().find(|m| !m.is_empty());
    first.or_else(|| captures.get(0)).map(|m| m.range())
}

/// Widens a range of bytes to whole characters.
fn on_characters(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start.min(text.len()), range.end.min(text.len()));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(set: &RuleSet, text: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        set.find(&Subject { text, key: None, path: None }, &mut found);
        found.into_iter().map(|m| (set.rules()[m.rule].id.to_string(), text[m.range].to_owned())).collect()
    }

    #[test]
    fn a_file_of_a_user_joins_our_own() {
        let file = "[[rules]]\nid = \"house\"\nregex = '''acme-([a-z0-9]{6})(é)?'''\nkeywords = [\"acme\"]\nentropy = 1.5\n[[rules.allowlists]]\nstopwords = [\"zzz\"]\n";
        let (set, refused) = RuleSet::new(&[file]);
        assert!(refused.is_empty());
        assert_eq!(secrets(&set, "x ACME acme-a1b2c3é acme-aaaaaa acme-zzz123"), [("house".to_owned(), "a1b2c3".to_owned())]);
        assert_ne!(set.hash(), RuleSet::new(&[]).0.hash());
    }
}
