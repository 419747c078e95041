//! Secrets that are told by their form alone, whose they are, and the marks that redaction leaves.

use regex::Regex;
use std::sync::LazyLock;

/// Forms of credentials, each with the ends of the hosts of its vendor.
const FORMS: &[(&str, &[&str])] = &[
    (r"\bgh[pousr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b", &["github.com", "githubusercontent.com", "ghcr.io"]),
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", &["amazonaws.com", "aws.amazon.com"]),
    (r"\bsk-ant-[A-Za-z0-9_-]{20,}", &["anthropic.com"]),
    (r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}", &["openai.com", "azure.com"]),
    (r"\bxox[abposr]-[A-Za-z0-9-]{10,}", &["slack.com"]),
    (r"\bglpat-[A-Za-z0-9_-]{20,}", &["gitlab.com"]),
    (r"\bnpm_[A-Za-z0-9]{36}\b", &["npmjs.org", "npmjs.com"]),
    (r"\b[sr]k_live_[A-Za-z0-9]{20,}", &["stripe.com"]),
    (r"\bAIza[A-Za-z0-9_-]{35}", &["googleapis.com", "google.com"]),
    (r"\bhf_[A-Za-z0-9]{30,}", &["huggingface.co"]),
    (r"\bdop_v1_[a-f0-9]{64}", &["digitalocean.com"]),
    (r"\bpypi-[A-Za-z0-9_-]{50,}", &[]),
    (r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}", &[]),
    (r"-----BEGIN [A-Z ]*PRIVATE KEY-----", &[]),
];

static COMPILED: LazyLock<Vec<(Regex, &'static [&'static str])>> =
    LazyLock::new(|| FORMS.iter().filter_map(|(form, hosts)| Some((Regex::new(form).ok()?, *hosts))).collect());
static MARKER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\[redacted[^\]]*\]|<redacted[^>]*>|\*{4,}|\[secret[^\]]*\]|\[masked[^\]]*\]|x{8,}").ok());

/// A secret in a text.
pub struct Secret<'a> {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Its text.
    pub text: &'a str,
    /// Ends of the hosts it belongs to; none where its vendor cannot be told.
    pub hosts: &'static [&'static str],
}

/// Finds the secrets of a text.
pub fn find(text: &str) -> Vec<Secret<'_>> {
    let mut found: Vec<Secret<'_>> =
        COMPILED.iter().flat_map(|(form, hosts)| form.find_iter(text).map(|m| Secret { start: m.start(), text: m.as_str(), hosts })).collect();
    found.sort_by_key(|s| s.start);
    found.dedup_by_key(|s| s.start);
    found
}

/// Tells whether a text holds the mark of a redaction, so that what stood there cannot be told.
#[must_use]
pub fn is_marker(text: &str) -> bool {
    MARKER.as_ref().is_some_and(|m| m.is_match(text))
}

/// Puts one sign in place of every mark, so that texts can be compared that differ by redaction alone.
pub fn split_at_markers(text: &str) -> Vec<&str> {
    MARKER.as_ref().map_or_else(|| vec![text], |m| m.split(text).collect())
}

/// Tells whether a host is of a secret's vendor.
pub fn is_vendor(secret: &Secret<'_>, host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    secret.hosts.iter().any(|end| host == *end || host.strip_suffix(end).is_some_and(|head| head.ends_with('.')))
}

/// Gives a form of a secret that may be shown.
pub fn masked(secret: &str) -> String {
    let head: String = secret.chars().take(4).collect();
    format!("{head}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_form() {
        let text = "Authorization: Bearer ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8";
        let found = find(text);
        assert_eq!(found.len(), 1);
        assert!(is_vendor(&found[0], "api.github.com") && !is_vendor(&found[0], "notgithub.com") && !is_vendor(&found[0], "example.invalid"));
        for text in ["$TOKEN", "$(pass x)", "<your-key>", "Bearer [REDACTED:api_key:620e24b6]", "sk-short"] {
            assert!(find(text).is_empty(), "{text}");
        }
        assert!(is_marker("a [REDACTED:api_key:620e24b6] b") && !is_marker("[a]"));
    }
}
