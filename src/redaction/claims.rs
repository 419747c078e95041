//! Marks of redaction as claims: what they say was there, what values that may be, and what a partial mask leaves.

use super::marks;
use crate::model::ids::hex;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::LazyLock;

/// What a mark says was there, as far as marks and findings can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A card or account number.
    Card,
    /// A number of a state or a tax office.
    Number,
    /// An address of a machine.
    Address,
    /// A name.
    Person,
    /// A password.
    Password,
    /// A key or token.
    Token,
    /// It does not say.
    Any,
}

/// One mark in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Its bytes.
    pub range: Range<usize>,
    /// The mark.
    pub text: String,
    /// What it says was there.
    pub group: Group,
    /// First digits of the value's SHA-256, lower case hex.
    pub hash: Option<String>,
}

/// Finds every mark in a text.
#[must_use]
pub fn markers(text: &str) -> Vec<Marker> {
    let marker = |mark: marks::Written<'_>| Marker {
        range: mark.range,
        text: mark.text.to_owned(),
        group: group_of_label(mark.label),
        hash: mark.hash.map(str::to_owned),
    };
    marks::every(text).into_iter().map(marker).collect()
}

/// Gives the group that a mark's label names.
#[must_use]
pub fn group_of_label(label: &str) -> Group {
    let label = label.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| label.contains(word));
    match () {
        () if label.is_empty() => Group::Any,
        () if has(&["EMAIL", "MAIL"]) => Group::Email,
        () if has(&["PHONE", "TEL", "MOBILE"]) => Group::Phone,
        () if has(&["CARD", "IBAN", "ACCOUNT"]) => Group::Card,
        () if has(&["SSN", "ITIN", "TAX", "LICENSE", "PASSPORT", "PIN"]) => Group::Number,
        () if label == "IP" || has(&["IP_", "IPV", "MAC_", "URL", "HOST"]) => Group::Address,
        () if has(&["PERSON", "NAME", "LOCATION", "ORG"]) => Group::Person,
        () if has(&["PASSW", "PWD"]) => Group::Password,
        () if has(&["KEY", "TOKEN", "SECRET", "PAT", "JWT", "AWS", "CRED", "PRIVATE", "OAUTH", "CONNECTION"]) => Group::Token,
        () => Group::Any,
    }
}

/// Gives the group of a class of findings.
#[must_use]
pub fn group_of_class(class: &str) -> Group {
    match class {
        "email" => Group::Email,
        "phone" => Group::Phone,
        "card" | "iban" => Group::Card,
        "ssn" | "itin" | "pin" => Group::Number,
        "ipv4" | "ipv6" | "mac" => Group::Address,
        "person_name" | "home_user" | "project_word" => Group::Person,
        "password" | "url_credentials" | "basic_auth" | "credential" | "connection_string" | "password_hash" => Group::Password,
        _ => Group::Token,
    }
}

/// Tells whether a value of the second group may be what a mark of the first hides.
#[must_use]
pub fn may_be(mark: Group, value: Group) -> bool {
    let secret = |group| matches!(group, Group::Password | Group::Token);
    mark == value || mark == Group::Any && secret(value) || secret(mark) && value == Group::Token && mark == Group::Token
}

/// What a partial mask leaves of a value: the characters shown, where they are too many.
#[must_use]
pub fn left_by_mask(text: &str, keep: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let solid = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/' | b'+');
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(bytes.get(at..)?, b"***") {
        let start = at + found;
        let stars = bytes[start..].iter().take_while(|b| **b == b'*').count();
        let before = bytes[..start].iter().rev().take_while(|b| solid(b)).count();
        let after = bytes[start + stars..].iter().take_while(|b| solid(b)).count();
        let shown = before + after;
        if shown > keep.max(4)
            && (shown >= 10 || shown > stars)
            && text.get(start - before..start + stars + after).is_some_and(|t| t.bytes().any(|b| b.is_ascii_digit()))
        {
            return Some(start - before..start + stars + after);
        }
        at = start + stars;
    }
    None
}

/// Every number of four or five digits behind the first four bytes of its plain SHA-256, in the order of these.
static GUESSES: LazyLock<Vec<(u32, String)>> = LazyLock::new(|| {
    let numbers = [4, 5].into_iter().flat_map(|digits| (0..10_u32.pow(digits)).map(move |n| format!("{n:0width$}", width = digits as usize)));
    let mut all: Vec<(u32, String)> =
        numbers.map(|number| (Sha256::digest(&number).iter().take(4).fold(0, |sum, b| sum << 8 | u32::from(*b)), number)).collect();
    all.sort_unstable();
    all
});

/// Finds a short number whose plain SHA-256 begins as the mark's hash does: up to five digits, all tried once for all marks.
#[must_use]
pub fn guess(hash: &str) -> Option<String> {
    let digits = hash.len().min(8);
    let start = u32::from_str_radix(hash.get(..digits).filter(|start| !start.is_empty())?, 16).ok()?;
    let free = 32 - 4 * u32::try_from(digits).unwrap_or(8);
    let first = GUESSES.partition_point(|(known, _)| u64::from(*known) < u64::from(start) << free);
    let near = GUESSES.iter().skip(first).take_while(|(known, _)| u64::from(*known) >> free == u64::from(start));
    near.map(|(_, number)| number).find(|number| hex(&Sha256::digest(number.as_bytes())).starts_with(hash)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_convention_is_read() {
        let text = "[REDACTED:api_key:902fdf5d] [REDACTED:GITHUB_PAT:sha256=31e331815447] [REDACTED] ***REDACTED*** [EMAIL_REDACTED] <PERSON_2> @@SECRET:token@@ [redacted:phone] ******** [REDACTED_EMAIL]";
        let found: Vec<_> = markers(text).into_iter().map(|m| (m.group, m.hash)).collect();
        assert_eq!(
            found,
            [
                (Group::Token, Some("902fdf5d".into())),
                (Group::Token, Some("31e331815447".into())),
                (Group::Any, None),
                (Group::Any, None),
                (Group::Email, None),
                (Group::Person, None),
                (Group::Token, None),
                (Group::Phone, None),
                (Group::Any, None),
                (Group::Email, None)
            ]
        );
        assert!(markers("<your-api-key> ${TOKEN} xxxx changeme <div>").is_empty());
    }

    #[test]
    fn a_mask_that_leaves_too_much_is_seen() {
        assert!(left_by_mask("KEY=AKIAMLGPIEIGERFD4***", 0).is_some());
        assert!(left_by_mask("KEY=****************GRZM", 4).is_none());
        assert!(left_by_mask("password: ********", 0).is_none());
        // SHA-256 of `1234` and of `00042`, by sha256sum.
        assert_eq!((guess("03ac674216f3e15c").as_deref(), guess("03ac6742").as_deref()), (Some("1234"), Some("1234")));
        assert_eq!((guess("03ac674216f3e15d"), guess("zz"), guess("")), (None, None, None));
        assert_eq!(guess("OO042"), None);
    }
}
