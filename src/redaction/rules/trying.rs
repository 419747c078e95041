//! Trying one rule on a text: everywhere, in the long runs of letters that its matches are, or where a keyword stands.

use super::rule::{Pattern, Rule, Trigger};
use super::set::{Match, RuleSet, Subject};
use crate::redaction::decode::Survey;
use std::ops::Range;

/// A pattern that begins at a keyword sees no more than this of the text after it.
const NEAR_BYTES: usize = 400;
/// A rule that matches more often than this in one text is not listed further there, and whoever asked is told.
pub const MAX_MATCHES: usize = 20_000;

impl RuleSet {
    /// Tries a rule wherever its form lets a match stand; gives `false` if it matches more often than is listed.
    pub(super) fn everywhere(&self, number: usize, rule: &Rule, subject: &Subject<'_>, survey: &Survey, found: &mut Vec<Match>) -> bool {
        let bytes = subject.text.as_bytes();
        let Some(pattern) = rule.pattern.as_ref().filter(|_| rule.heeds(subject)) else { return true };
        let Some(stretch) = &pattern.form().stretch else { return self.within(number, rule, subject, 0..bytes.len(), &mut 0, found) };
        let (mut count, mut whole) = (0, true);
        stretch.places(bytes, survey.runs_of_base64(), &mut |place| {
            whole = self.within(number, rule, subject, if stretch.whole { place } else { 0..bytes.len() }, &mut count, found);
            whole && stretch.whole
        });
        whole
    }

    /// Lists the matches of a rule in a part of a text, beyond which none of them goes; gives `false` if there are too many.
    fn within(&self, number: usize, rule: &Rule, subject: &Subject<'_>, part: Range<usize>, count: &mut usize, found: &mut Vec<Match>) -> bool {
        let Some(pattern) = rule.pattern.as_ref().and_then(Pattern::get) else { return true };
        // What follows the part tells whether a token ends with it.
        let bytes = subject.text.as_bytes();
        let seen = bytes.get(..bytes.len().min(part.end + 1)).unwrap_or_default();
        // All of a token is the secret, so that its groups need not be told apart.
        let next = |at: usize| match rule.is_token && rule.secret_group == 0 {
            true => pattern.find_at(seen, at).map(|whole| (whole.range(), Some(whole.range()))),
            false => pattern.captures_at(seen, at).and_then(|captures| Some((captures.get(0)?.range(), secret(rule, &captures)))),
        };
        let mut at = part.start;
        while at <= seen.len()
            && let Some((whole, range)) = next(at)
        {
            *count += 1;
            if *count > MAX_MATCHES {
                return false;
            }
            at = whole.end.max(whole.start + 1);
            if let Some(range) = range {
                self.keep(number, rule, subject, whole, range, found);
            }
        }
        true
    }

    /// Tries a rule at or behind a keyword and tells whether it matched.
    pub(super) fn at_keyword(&self, number: usize, rule: &Rule, subject: &Subject<'_>, keyword: Range<usize>, found: &mut Vec<Match>) -> bool {
        if !rule.heeds(subject) {
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
}

/// Tells whether a text holds a word, in any case.
pub fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len().max(1)).any(|part| part.eq_ignore_ascii_case(word))
}

/// Tells whether a word begins here, or a part of a joined one (`apiKey`, `api_key`).
fn begins_word(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| text.get(i)).copied().unwrap_or(b' ');
    !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && text.get(at).is_some_and(u8::is_ascii_uppercase))
}

/// Gives the group that holds the secret: the named one, else the first that is not empty, else the match.
fn secret(rule: &Rule, captures: &regex::bytes::Captures<'_>) -> Option<Range<usize>> {
    if rule.secret_group > 0 {
        return captures.get(rule.secret_group).map(|m| m.range());
    }
    let first = captures.iter().skip(1).flatten().find(|m| !m.is_empty());
    first.or_else(|| captures.get(0)).map(|m| m.range())
}
