//! What a credential can look like, and what only looks like one.

use crate::redaction::placeholders::{is_placeholder, is_reference};
use crate::redaction::randomness::{Makeup, entropy, looks_random};

/// A text longer than this is more than a token.
const LONE_BYTES: usize = 600;
/// So many letters at least has a token without a digit that looks drawn by lot.
const LONE_LETTERS: usize = 16;

/// Tells whether the value is a UUID (RFC 9562).
#[must_use]
pub(super) fn is_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && value.bytes().any(|b| b.is_ascii_digit())
        // Drawn by lot, thirty-two hex digits hold a letter.
        && value.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A UUID of version 1 (RFC 9562) is a time and a network card, so nothing in it was drawn.
pub(super) fn is_time_uuid(value: &str) -> bool {
    let at = |place: usize| value.as_bytes().get(place).map(u8::to_ascii_lowercase);
    is_uuid(value) && at(14) == Some(b'1') && matches!(at(19), Some(b'8' | b'9' | b'a' | b'b'))
}

/// Letters and digits together behind the prefix that names the vendor, or in the whole where there is none.
pub(super) fn is_mixed_token(value: &str) -> bool {
    let body = value.split_once(['_', '-', '.']).map_or(value, |(_, body)| body);
    is_mixed(if body.len() >= 8 { body } else { value })
}

/// A hash that names its algorithm, as lock files and images write it.
pub(super) fn is_named_hash(value: &str) -> bool {
    ["sha1-", "sha256-", "sha384-", "sha512-", "sha256:", "sha512:", "md5:", "h1:", "sha1:"].iter().any(|start| value.starts_with(start))
}

/// The name of a thing by what it holds, as IPFS gives it (CIDv0 and CIDv1).
fn is_content_id(value: &str) -> bool {
    let lower = value.bytes().all(|b| b.is_ascii_alphanumeric());
    lower && (value.len() == 46 && value.starts_with("Qm") || value.len() >= 50 && (value.starts_with("bafy") || value.starts_with("bafk")))
}

/// The public half of a wallet's key (BIP 32), which is made to be handed out.
fn is_public_wallet(value: &str) -> bool {
    value.len() >= 107 && ["xpub", "ypub", "zpub", "tpub"].iter().any(|start| value.starts_with(start))
}

/// Gives what a value says in base64, if that is readable from end to end.
fn said(value: &str) -> Option<String> {
    use base64::Engine as _;
    let plain = base64::engine::general_purpose::STANDARD_NO_PAD.decode(value.trim_end_matches('=')).ok()?;
    let text = String::from_utf8(plain).ok()?;
    (text.len() >= 12 && text.chars().all(|c| c.is_ascii_graphic() || c == ' ')).then_some(text)
}

/// Base64 of words: what it says is read by itself, and the letters it is written in were not drawn.
pub(super) fn says_words(value: &str) -> bool {
    said(value).is_some_and(|text| {
        let m = Makeup::of(&text);
        m.letters() * 10 >= text.len() * 7 && m.common * 2 > m.pairs
    })
}

/// Base64 of JSON, or of words: what it says is read by itself.
fn says_something(value: &str) -> bool {
    says_words(value) || said(value).is_some_and(|text| text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok())
}

/// Letters and digits together, as in an identifier that was drawn.
pub(super) fn is_mixed(value: &str) -> bool {
    let m = Makeup::of(value);
    m.digits > 0 && m.letters() > 0 && !value.starts_with("http") && !is_reference(value)
}

/// Letters of both cases, as lots and no name has them.
pub(super) fn mixed_letters(value: &str) -> bool {
    let m = Makeup::of(value);
    m.upper > 3 && m.lower > 3 && m.changes >= 4 && m.common * 2 < m.pairs
}

/// Letters behind the prefix that no hexadecimal number has: what is all hex there is more likely the hash in the name of a file.
pub(super) fn more_than_hex(value: &str) -> bool {
    value.rsplit(['-', '_']).next().is_some_and(|body| body.bytes().any(|b| b.is_ascii_alphabetic() && !b.is_ascii_hexdigit()))
}

/// A password without quotes: it needs more than a word.
pub(super) fn is_password(value: &str) -> bool {
    let m = Makeup::of(value);
    let signs = value.bytes().filter(|b| matches!(b, b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'@' | b'~' | b'+' | b'-')).count();
    let strong = (m.digits > 0 && m.letters() > 0)
        || (signs > 0 && m.letters() > 3 && !value.starts_with(['-', '_', '@', '$', '%', '&', '*']))
        || (m.digits >= 6 && m.letters() == 0)
        || mixed_case(value);
    value.len() >= 4 && strong && !looks_like_code(value) && !is_placeholder(value)
}

/// Upper case in the middle of lower case that no name of a program has.
pub(super) fn mixed_case(value: &str) -> bool {
    let m = Makeup::of(value);
    m.other == 0 && m.upper >= 2 && m.lower >= 2 && m.changes >= 3 && m.common * 20 <= m.pairs * 11
}

/// A password between quotes: whoever quotes it means a value.
pub(super) fn is_quoted_password(value: &str) -> bool {
    let m = Makeup::of(value);
    let plain_word = m.digits == 0 && m.other == 0 && (m.upper == 0 || m.changes == 0) && (m.pairs < 6 || m.common * 2 > m.pairs);
    value.len() >= 4 && (!plain_word || value.len() >= 14 && m.changes == 0 && m.common * 2 < m.pairs) && !looks_like_code(value) && !is_placeholder(value)
}

pub(super) fn looks_like_code(value: &str) -> bool {
    let called = value.starts_with(['.', ','])
        || value.ends_with(':')
        || value.contains("()")
        || value.contains("(\"")
        || value.contains("('")
        || value.contains("::")
        || value.contains("->")
        || value.contains("=>")
        || value.contains("[\"")
        || value.contains("['");
    let m = Makeup::of(value);
    let name = m.digits == 0
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'/'))
        && value.contains(['.', '_', '-', '/'])
        && m.pairs >= 3
        && m.common * 2 > m.pairs;
    let bits = |rest: &str| rest.len() <= 16 && rest.bytes().all(|b| b.is_ascii_hexdigit());
    let number = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X")).is_some_and(bits);
    let integer = value.trim_matches('_').strip_prefix(['i', 'u', 'f']).is_some_and(|width| matches!(width, "8" | "16" | "32" | "64" | "128"));
    let kept = value.to_ascii_uppercase() == value && m.digits > 0 && name;
    called
        || number
        || integer
        || name && !kept
        || value.starts_with("http://")
        || value.starts_with("https://")
        || value.starts_with('/') && !value.contains(['!', '#', '@'])
}

/// Keys under which a token alone is a name and not a secret.
pub(super) fn is_id_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let ends = [
        "id",
        "ids",
        "hash",
        "sha",
        "sha256",
        "digest",
        "checksum",
        "signature",
        "cursor",
        "etag",
        "fingerprint",
        "uuid",
        "commit",
        "revision",
        "ref",
        "name",
        "path",
        "model",
        "url",
        "uri",
        "version",
        "data",
    ];
    ends.iter().any(|end| key.ends_with(end))
}

/// A token that is all its field says, under a key that promises free text.
pub(super) fn stands_alone(value: &str, key: Option<&str>) -> bool {
    if key.is_some_and(is_id_key) || is_uuid(value) || is_placeholder(value) || is_named_hash(value) || is_content_id(value) || is_public_wallet(value) {
        return false;
    }
    let m = Makeup::of(value);
    let hash = m.hex && m.other == 0 && matches!(value.len(), 40 | 64 | 96 | 128);
    let password = value.len() >= 8
        && m.digits > 0
        && m.upper > 0
        && m.lower > 0
        && value.bytes().any(|b| matches!(b, b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'@'))
        && !value.contains(['/', '(', ')', ':', '=']);
    // The signs that fill base64 up join nothing.
    let solid = value.trim_end_matches('=');
    let joined = value.contains("://") || solid.contains(['=', '@', '#', ':', '\\', '(']);
    let long = value.len() >= 20 || value.len() >= 16 && !m.hex && m.digits >= 3 && m.changes * 3 >= value.len();
    // A prefix or a dot says that a published form is meant; the rules of such forms are exact.
    let prefixed = value.split_once(['_', '-']).is_some_and(|(start, _)| (2..=8).contains(&start.len()) && start.bytes().all(|b| b.is_ascii_lowercase()));
    let random = || long && !joined && !prefixed && m.letters() > 0 && !value.contains('.') && looks_random(value) && !says_something(value);
    !hash && (random() || password && !value.contains("://"))
}

/// Tells whether a text may hold a token that stands alone: letters, digits or very many letters, under a key that is none of a name.
pub(super) fn may_stand_alone(text: &str, key: Option<&str>) -> bool {
    if key.is_some_and(is_id_key) {
        return false;
    }
    // What is longer than any token is soon refused by the pattern.
    let count = |of: fn(&u8) -> bool| text.bytes().filter(of).count();
    text.len() > LONE_BYTES || {
        let letters = count(u8::is_ascii_alphabetic);
        letters > 0 && (letters >= LONE_LETTERS || count(u8::is_ascii_digit) > 0) && !is_uuid(text)
    }
}

/// The value of an option that carries a credential.
pub(super) fn option_value(value: &str) -> bool {
    !value.starts_with('-') && (is_password(value) || is_mixed(value) && !is_placeholder(value) && !looks_like_code(value))
}

/// Where only a password can stand, a word is one too.
pub(super) fn password_or_word(value: &str) -> bool {
    !is_placeholder(value) && !looks_like_code(value) && !value.contains(['$', '(', '{'])
}

pub(super) fn sql_password(value: &str) -> bool {
    !is_placeholder(value) && !is_reference(value) && !["null", "not", "for", "values", "must", "is"].contains(&value.to_ascii_lowercase().as_str())
}

/// A value told in a sentence: no word, no version, no address.
pub(super) fn told(value: &str) -> bool {
    let value = value.trim_end_matches(['.', ',', ';', ':', '!', '?']);
    let m = Makeup::of(value);
    let signs = value.bytes().filter(|b| matches!(b, b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'@' | b'~')).count();
    let drawn = m.digits > 0 && m.letters() > 0 && (m.changes >= 2 || signs > 0 || value.len() >= 12) || signs > 0 && m.letters() > 3 || looks_random(value);
    let version = value.starts_with('v') && m.letters() <= 2 || m.letters() == 0;
    value.len() >= 8
        && drawn
        && !version
        && !is_placeholder(value)
        && !looks_like_code(value)
        && !value.contains("://")
        && !value.ends_with('%')
        && !is_reference(value)
}

/// A credential in an `Authorization` header.
pub(super) fn authorization(value: &str) -> bool {
    let m = Makeup::of(value);
    (value.len() >= 16 || m.digits > 0) && m.letters() > 0 && !is_placeholder(value) && (m.digits > 0 || m.common * 2 < m.pairs || value.len() >= 20)
}

/// A password in a URL: neither empty nor a variable, and no port.
pub(super) fn url_password(value: &str) -> bool {
    !is_placeholder(value) && !is_reference(value) && !value.bytes().all(|b| b.is_ascii_digit()) && !value.starts_with(['$', '<', '{', '%']) && value.len() >= 2
}

/// A database address with a password in it.
pub(super) fn url_whole(value: &str) -> bool {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    rest.rsplit_once('@').and_then(|(login, _)| login.split_once(':')).is_some_and(|(_, password)| url_password(password))
}

/// A name and a password with a colon between.
pub(super) fn basic_auth(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    let Some((name, password)) = bare.split_once(':') else { return false };
    let (name, password) = (name.trim_matches('"'), password.trim_matches('"'));
    let same = |text: &str| text.bytes().all(|b| Some(b) == text.bytes().next());
    password.len() >= 3
        && !name.is_empty()
        && !name.starts_with('<')
        && !password.starts_with(['$', '<', '%'])
        && !is_placeholder(password)
        && !is_reference(password)
        && !same(password)
        && !password.starts_with("//")
}

/// A private key whose block holds something; where the block has no end, words may stand behind its beginning, and a key has no blanks.
pub(super) fn not_empty_key(value: &str) -> bool {
    let (block, ended) = value.find("-----END").and_then(|end| value.get(..end)).map_or((value, false), |block| (block, true));
    let body = block.rsplit("KEY").next().unwrap_or_default();
    let letters = |text: &str| text.bytes().filter(u8::is_ascii_alphanumeric).count() >= 16;
    let run = |run: &str| letters(run) && run.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if ended { letters(body) } else { body.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))).any(run) }
}

/// A line of base64 as PEM files hold it.
pub(super) fn key_line(value: &str) -> bool {
    let m = Makeup::of(value);
    matches!(value.trim_end_matches('=').len(), 60..=76)
        && m.digits > 0
        && m.upper > 5
        && m.lower > 5
        && !m.hex
        && m.common * 20 < m.pairs * 11
        && entropy(value) > 4.4
}

/// A value behind the name of a service: drawn by lot, or a UUID.
pub(super) fn vendor_value(value: &str) -> bool {
    let value = value.trim_start_matches('"');
    (looks_random(value) || is_uuid(value))
        && !is_time_uuid(value)
        && !is_placeholder(value)
        && !is_named_hash(value)
        && !value.contains("==/")
        && value.bytes().filter(|b| *b == b'/').count() < 3
}

/// The checksum of tokens that end in six base-62 digits of the CRC-32 of what comes after their prefix.
pub(super) fn crc_base62(value: &str) -> bool {
    let Some((_, body)) = value.rsplit_once('_') else { return false };
    let Some(cut) = body.len().checked_sub(6) else { return false };
    let (Some(text), Some(sum)) = (body.get(..cut), body.get(cut..)) else { return false };
    let digit = |b: u8| match b {
        b'0'..=b'9' => u64::from(b - b'0'),
        b'A'..=b'Z' => u64::from(b - b'A') + 10,
        _ => u64::from(b.saturating_sub(b'a')) + 36,
    };
    let stated = sum.bytes().fold(0u64, |n, b| n * 62 + digit(b));
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    stated == u64::from(crc.sum())
}

/// A JSON Web Token (RFC 7519) or encrypted one (RFC 7516): its header is JSON that names an algorithm.
pub(super) fn jwt(value: &str) -> bool {
    let header = value.split('.').next().unwrap_or_default();
    let alphabet = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'-' | b'+' => Some(62),
        b'_' | b'/' => Some(63),
        _ => None,
    };
    let mut plain = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for six in header.bytes().filter_map(alphabet) {
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            plain.extend(u8::try_from(bits >> held & 0xff));
        }
    }
    let json = serde_json::from_slice::<serde_json::Value>(&plain).ok();
    json.is_some_and(|json| json.get("alg").is_some() || json.get("typ").is_some() || json.get("kid").is_some())
}
