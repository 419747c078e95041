//! All rules together: keywords are looked for once in a text, and only the rules that they call are tried.

use super::allow::{Allow, Found};
use super::around;
use super::keywords::{Keywords, Word};
use super::load::{BUILT_IN, Refused, load};
use super::rule::{Pattern, Rule, Trigger, any_of};
use super::trying::{MAX_MATCHES, holds};
use crate::redaction::Tier;
use crate::redaction::decode::Survey;
use crate::redaction::randomness::entropy;
use regex::bytes::RegexSet;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::OnceLock;

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
    /// Rules without telling keywords: those whose matches are long runs of letters or begin where the text does, and the others with all their
    /// patterns in one, which tells which of them are worth a look.
    by_form: Vec<usize>,
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
        let by_form: Vec<usize> = rules.iter().enumerate().filter(|(_, rule)| is_told_by_form(rule)).map(|(number, _)| number).collect();
        let mut words: Vec<(String, Vec<usize>)> = Vec::new();
        let mut places = FxHashMap::default();
        for (number, rule) in rules.iter().enumerate().filter(|(number, _)| !by_form.contains(number)) {
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
        let always = rules.iter().enumerate().filter(|(n, r)| r.keywords.is_empty() && r.pattern.is_some() && !by_form.contains(n)).map(|(n, _)| n).collect();
        let keywords = Keywords::new(words.iter().map(|(text, called)| {
            let all = |trigger: Trigger| called.iter().all(|number| rules.get(*number).is_some_and(|rule| rule.trigger == trigger));
            Word { text, begins: all(Trigger::Start), once: all(Trigger::Text) }
        }));
        // A token of a published form is one under any key, and what a rule of a user needs nobody knows.
        let named = rules.iter().filter(|rule| !rule.is_token).flat_map(|rule| &rule.keywords);
        let naming = rules.iter().all(|rule| rule.built_in).then(|| Keywords::new(named.map(|text| Word { text, begins: false, once: true })));
        let called = words.into_iter().map(|(_, called)| called).collect();
        (Self { prefixes, rules, allow, keywords, called, by_form, always, any: OnceLock::new(), naming, hash }, refused)
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
        self.find_in(subject, &Survey::of(subject.text), found)
    }

    /// Does the same with what a look over the text told.
    pub fn find_in(&self, subject: &Subject<'_>, survey: &Survey, found: &mut Vec<Match>) -> bool {
        let mut near: FxHashMap<usize, usize> = FxHashMap::default();
        let mut whole = true;
        let mut called: Vec<usize> = self.always_called(subject.text);
        for &number in &self.by_form {
            let Some(rule) = self.rules.get(number) else { continue };
            let before = found.len();
            whole &= self.everywhere(number, rule, subject, survey, found);
            // Matches are rarer than such keywords, so these are looked for last.
            let bytes = subject.text.as_bytes();
            if found.len() > before && !rule.keywords.is_empty() && !rule.keywords.iter().any(|word| holds(bytes, word.as_bytes())) {
                found.truncate(before);
            }
        }
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
                whole &= self.everywhere(number, rule, subject, survey, found);
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
            // Most texts hold none of them, which is sooner told than which they hold.
            Some(any) if !any.is_match(text.as_bytes()) => Vec::new(),
            Some(any) => any.matches(text.as_bytes()).into_iter().filter_map(|at| self.always.get(at).copied()).collect(),
            None => self.always.clone(),
        }
    }

    /// Lists what was found, unless something about it or around it says that it is none.
    pub(super) fn keep(&self, number: usize, rule: &Rule, subject: &Subject<'_>, whole: Range<usize>, range: Range<usize>, found: &mut Vec<Match>) {
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

/// Tells whether the form of a rule's matches says sooner than its keywords where it is worth a try.
fn is_told_by_form(rule: &Rule) -> bool {
    let weak = rule.trigger == Trigger::Text && (rule.keywords.is_empty() || rule.keywords.iter().any(|word| word.len() == 1));
    let form = rule.pattern.as_ref().filter(|_| weak).map(Pattern::form);
    form.is_some_and(|form| form.stretch.as_ref().is_some_and(|stretch| stretch.whole) || form.at_start && rule.keywords.is_empty())
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
