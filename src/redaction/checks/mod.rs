//! Checks that a match must pass: checksums, ranges, and what a credential can look like. A check is a function and a line in the table.

mod credentials;
mod people;
#[cfg(test)]
mod tests;

use super::placeholders::{is_placeholder, is_sample};
use super::randomness::looks_random;
use credentials::{is_mixed, is_mixed_token, is_named_hash, is_time_uuid, is_uuid, says_words};

/// One check: its name in rule files, and whether a value passes; the second value is the key it stands under, if any.
pub struct Check {
    /// Name in rule files.
    pub name: &'static str,
    /// Whether a value passes.
    pub passes: fn(&str, Option<&str>) -> bool,
}

/// The checks that a rule file may name.
pub const CHECKS: &[Check] = &[
    Check { name: "token", passes: |value, _| !is_sample(value) },
    Check { name: "secret", passes: |value, _| !is_placeholder(value) },
    Check {
        name: "random",
        passes: |value, _| looks_random(value) && !is_time_uuid(value) && !is_placeholder(value) && !is_named_hash(value) && !says_words(value),
    },
    Check {
        name: "random_or_uuid",
        passes: |value, _| (looks_random(value) || is_uuid(value)) && !is_time_uuid(value) && !is_placeholder(value) && !is_named_hash(value),
    },
    Check { name: "mixed", passes: |value, _| is_mixed(value) && !is_placeholder(value) },
    Check { name: "mixed_token", passes: |value, _| is_mixed_token(value) && !is_sample(value) },
    Check { name: "lone", passes: credentials::stands_alone },
    Check { name: "more_than_hex", passes: |value, _| credentials::more_than_hex(value) },
    Check { name: "jwt", passes: |value, _| credentials::jwt(value) },
    Check { name: "mixedcase", passes: |value, _| credentials::mixed_letters(value) },
    Check { name: "password", passes: |value, _| credentials::is_password(value) },
    Check { name: "quoted_password", passes: |value, _| credentials::is_quoted_password(value) },
    Check { name: "option_value", passes: |value, _| credentials::option_value(value) },
    Check { name: "password_or_word", passes: |value, _| credentials::password_or_word(value) },
    Check { name: "sql_password", passes: |value, _| credentials::sql_password(value) },
    Check { name: "told", passes: |value, _| credentials::told(value) },
    Check { name: "authorization", passes: |value, _| credentials::authorization(value) },
    Check { name: "url_password", passes: |value, _| credentials::url_password(value) },
    Check { name: "url_whole", passes: |value, _| credentials::url_whole(value) },
    Check { name: "basic_auth", passes: |value, _| credentials::basic_auth(value) },
    Check { name: "not_empty_key", passes: |value, _| credentials::not_empty_key(value) },
    Check { name: "key_line", passes: |value, _| credentials::key_line(value) },
    Check { name: "vendor_value", passes: |value, _| credentials::vendor_value(value) },
    Check { name: "crc_base62", passes: |value, _| credentials::crc_base62(value) },
    Check { name: "card", passes: |value, _| people::card(value) },
    Check { name: "iban", passes: |value, _| people::iban(value) },
    Check { name: "ipv4", passes: |value, _| people::ipv4(value) },
    Check { name: "ipv6", passes: |value, _| people::ipv6(value) },
    Check { name: "email", passes: |value, _| people::email(value) },
    Check { name: "phone", passes: |value, _| people::phone(value) },
    Check { name: "named_phone", passes: |value, _| people::named_phone(value) },
    Check { name: "ssn", passes: |value, _| people::ssn(value) },
    Check { name: "itin", passes: |value, _| people::itin(value) },
    Check { name: "mac", passes: |value, _| people::mac(value) },
    Check { name: "user_name", passes: |value, _| people::user_name(value) },
];

/// Finds a check by its name.
#[must_use]
pub fn check(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}
