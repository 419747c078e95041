//! Marks that say something was redacted, in every spelling that Maestro's layers write.

use crate::model::Redaction;
use regex::Regex;
use std::sync::LazyLock;

/// The spellings; groups 1 and 2 are class and hash of the context firewall's mark, 3 the class of a word mark.
static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let spellings = [
        r"\[REDACTED(?::([a-z0-9_]+):([0-9a-f]{8}))?\]",
        r"\[(?:redacted(?:-[a-z-]+)?|secret(?::[^\]\n]{1,80})?)\]",
        r"\[([A-Z_]+)_REDACTED\]",
        r"\[(?:truncated|base64):[0-9a-f]{8}\]",
        r"\[MAX_DEPTH_EXCEEDED\]",
        r"\{\{CRED:[^}\n]{1,120}\}\}",
    ];
    Regex::new(&spellings.join("|")).ok()
});

/// Finds the marks of redaction in a text, each spelling once; `path` is left for the caller.
#[must_use]
pub fn marks(text: &str) -> Vec<Redaction> {
    let Some(pattern) = MARK.as_ref().filter(|_| text.contains('[') || text.contains("{{CRED:")) else { return Vec::new() };
    let mut found: Vec<Redaction> = Vec::new();
    for capture in pattern.captures_iter(text) {
        let marker = capture.get(0).map_or("", |m| m.as_str());
        if found.iter().any(|known| known.marker == marker) {
            continue;
        }
        let class = capture.get(1).map(|m| m.as_str().to_owned()).or_else(|| capture.get(3).map(|m| m.as_str().to_lowercase()));
        found.push(Redaction { path: String::new(), marker: marker.to_owned(), class, hash8: capture.get(2).map(|m| m.as_str().to_owned()) });
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
        assert!(marks("plain [text]").is_empty());
    }
}
