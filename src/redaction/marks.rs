//! Marks that say something was redacted: every convention that is around, in one table, and which of them Maestro's layers write.

use crate::model::Redaction;
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// Who writes marks of a convention.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// Maestro's layers, and others.
    Maestro,
    /// Others alone.
    Others,
    /// Maestro, for what it cut off; nothing secret need have been there.
    Cut,
}

/// The conventions: what was there is in the groups `l1` to `l6`, the beginning of its hash in `h1`.
const CONVENTIONS: &[(Writer, &str)] = &[
    (Writer::Maestro, r"\[REDACTED(?:[:_ -](?P<l1>[A-Za-z][A-Za-z0-9_-]{1,40}))?(?::(?:sha256[=:])?(?P<h1>[0-9a-f]{8,64}))?(?::p-[a-z2-7]{6})?\]"),
    (Writer::Others, r"\*{2,3}(?:REDACTED|MASKED|HIDDEN)\*{2,3}"),
    (Writer::Maestro, r"\[(?:redacted(?:[-:](?P<l2>[a-z_-]{2,40}))?|secret(?::[^\]\n]{1,80})?)\]"),
    (Writer::Maestro, r"\[(?P<l3>[A-Z][A-Z_]{1,30})_REDACTED\]"),
    (
        Writer::Others,
        r"<(?P<l4>PERSON|NAME|EMAIL(?:_ADDRESS)?|PHONE(?:_NUMBER)?|ADDRESS|LOCATION|ORG(?:ANIZATION)?|CREDIT_CARD|SSN|US_SSN|IP(?:_ADDRESS)?|IBAN(?:_CODE)?|URL|DATE(?:_TIME)?|PASSWORD|SECRET|TOKEN|API_KEY)(?:_[0-9]{1,6})?>",
    ),
    (Writer::Others, r"@@SECRET:(?P<l5>[A-Za-z_]{1,40})@@"),
    (Writer::Maestro, r"\{\{CRED:(?P<l6>[^:}\n]{1,40})(?::[^}\n]{1,80})?\}\}"),
    (Writer::Others, r"\bREDACTED\b"),
    (Writer::Others, r"\*{4,}"),
    (Writer::Cut, r"\[(?:truncated|base64):[0-9a-f]{8}\]"),
    (Writer::Cut, r"\[MAX_DEPTH_EXCEEDED\]"),
];

static EVERY: LazyLock<Option<Regex>> = LazyLock::new(|| of(&|writer| writer != Writer::Cut));
static MAESTRO: LazyLock<Option<Regex>> = LazyLock::new(|| of(&|writer| writer != Writer::Others));

fn of(wanted: &dyn Fn(Writer) -> bool) -> Option<Regex> {
    let patterns: Vec<&str> = CONVENTIONS.iter().filter(|(writer, _)| wanted(*writer)).map(|(_, pattern)| *pattern).collect();
    Regex::new(&patterns.join("|")).ok()
}

/// A mark as it is written.
pub(super) struct Written<'t> {
    pub range: Range<usize>,
    pub text: &'t str,
    /// What it says was there; empty where it does not.
    pub label: &'t str,
    /// First digits of the value's SHA-256, lower case hex.
    pub hash: Option<&'t str>,
}

/// Finds every mark of every convention.
pub(super) fn every(text: &str) -> Vec<Written<'_>> {
    let hints = ["[", "**", "<", "REDACTED", "@@", "{{"];
    let pattern = EVERY.as_ref().filter(|_| hints.iter().any(|hint| text.contains(hint)));
    pattern.map_or_else(Vec::new, |pattern| pattern.captures_iter(text).filter_map(written).collect())
}

fn written(captures: Captures<'_>) -> Option<Written<'_>> {
    let whole = captures.get(0)?;
    let label = ["l1", "l2", "l3", "l4", "l5", "l6"].iter().find_map(|name| captures.name(name)).map_or("", |m| m.as_str());
    Some(Written { range: whole.range(), text: whole.as_str(), label, hash: captures.name("h1").map(|m| m.as_str()) })
}

/// Finds the marks that Maestro's layers write in a text, each spelling once; `path` is left for the caller.
#[must_use]
pub fn marks(text: &str) -> Vec<Redaction> {
    let Some(pattern) = MAESTRO.as_ref().filter(|_| text.contains('[') || text.contains("{{CRED:")) else { return Vec::new() };
    let mut found: Vec<Redaction> = Vec::new();
    for mark in pattern.captures_iter(text).filter_map(written) {
        if found.iter().any(|known| known.marker == mark.text) {
            continue;
        }
        let hash8 = mark.hash.filter(|hash| hash.len() == 8).map(str::to_owned);
        let telling = hash8.is_some() || mark.text.ends_with("_REDACTED]");
        let class = Some(mark.label).filter(|label| telling && !label.is_empty()).map(str::to_lowercase);
        found.push(Redaction { path: String::new(), marker: mark.text.to_owned(), class, hash8 });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_once() {
        let text = "a [REDACTED:api_key:902fdf5d] b [REDACTED:api_key:902fdf5d] [EMAIL_REDACTED] [redacted-secret] {{CRED:token:7}} [truncated:0011aabb] [x]";
        let found: Vec<_> = marks(text).into_iter().map(|m| (m.marker, m.class, m.hash8)).collect();
        assert_eq!(found.len(), 5);
        assert_eq!(found[0], ("[REDACTED:api_key:902fdf5d]".into(), Some("api_key".into()), Some("902fdf5d".into())));
        assert_eq!(found[1].1.as_deref(), Some("email"));
        assert!(marks("plain [text] <PERSON> ****").is_empty());
        let all: Vec<&str> = every(text).into_iter().map(|mark| mark.text).collect();
        assert!(all.len() == 5 && !all.contains(&"[truncated:0011aabb]"), "{all:?}");
    }
}
