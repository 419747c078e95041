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
    /// Whether a text may hold a value that passes, told of the text before its values are looked for.
    pub within: fn(&str, Option<&str>) -> bool,
}

/// Makes a check of which a text as a whole tells nothing.
const fn check_of(name: &'static str, passes: fn(&str, Option<&str>) -> bool) -> Check {
    Check { name, passes, within: |_, _| true }
}

/// The checks that a rule file may name.
pub const CHECKS: &[Check] = &[
    check_of("token", |value, _| !is_sample(value)),
    check_of("secret", |value, _| !is_placeholder(value)),
    check_of("random", |value, _| looks_random(value) && !is_time_uuid(value) && !is_placeholder(value) && !is_named_hash(value) && !says_words(value)),
    check_of("random_or_uuid", |value, _| (looks_random(value) || is_uuid(value)) && !is_time_uuid(value) && !is_placeholder(value) && !is_named_hash(value)),
    check_of("mixed", |value, _| is_mixed(value) && !is_placeholder(value)),
    check_of("mixed_token", |value, _| is_mixed_token(value) && !is_sample(value)),
    Check { name: "lone", passes: credentials::stands_alone, within: credentials::may_stand_alone },
    check_of("more_than_hex", |value, _| credentials::more_than_hex(value)),
    check_of("jwt", |value, _| credentials::jwt(value)),
    check_of("mixedcase", |value, _| credentials::mixed_letters(value)),
    check_of("password", |value, _| credentials::is_password(value)),
    check_of("quoted_password", |value, _| credentials::is_quoted_password(value)),
    check_of("option_value", |value, _| credentials::option_value(value)),
    check_of("password_or_word", |value, _| credentials::password_or_word(value)),
    check_of("sql_password", |value, _| credentials::sql_password(value)),
    check_of("told", |value, _| credentials::told(value)),
    check_of("authorization", |value, _| credentials::authorization(value)),
    check_of("url_password", |value, _| credentials::url_password(value)),
    check_of("url_whole", |value, _| credentials::url_whole(value)),
    check_of("basic_auth", |value, _| credentials::basic_auth(value)),
    check_of("not_empty_key", |value, _| credentials::not_empty_key(value)),
    check_of("key_line", |value, _| credentials::key_line(value)),
    check_of("vendor_value", |value, _| credentials::vendor_value(value)),
    check_of("crc_base62", |value, _| credentials::crc_base62(value)),
    check_of("card", |value, _| people::card(value)),
    check_of("iban", |value, _| people::iban(value)),
    check_of("ipv4", |value, _| people::ipv4(value)),
    check_of("ipv6", |value, _| people::ipv6(value)),
    check_of("email", |value, _| people::email(value)),
    check_of("phone", |value, _| people::phone(value)),
    check_of("named_phone", |value, _| people::named_phone(value)),
    check_of("ssn", |value, _| people::ssn(value)),
    check_of("itin", |value, _| people::itin(value)),
    check_of("mac", |value, _| people::mac(value)),
    check_of("user_name", |value, _| people::user_name(value)),
];

/// Finds a check by its name.
#[must_use]
pub fn check(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}
