//! What can be validated of people: numbers with a check digit, addresses with a form, names in paths.

use crate::redaction::placeholders::is_placeholder;
use crate::redaction::randomness::{Makeup, entropy};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The check digit of ISO/IEC 7812 (Luhn).
#[must_use]
pub(super) fn luhn(value: &str) -> bool {
    let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { *d } else { d * 2 / 10 + d * 2 % 10 }).sum();
    digits.len() > 1 && digits.iter().any(|d| *d != 0) && sum.is_multiple_of(10)
}

/// A payment card: issuer range, length and check digit.
pub(super) fn card(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let issuer = digits.as_bytes().first().is_some_and(|b| matches!(b, b'2'..=b'6')) || digits.starts_with("1800");
    let length = (12..=19).contains(&digits.len());
    // 13 digits that begin with 1 are an epoch in ms; a run of one digit is a sample.
    issuer && length && luhn(&digits) && digits.bytes().any(|b| Some(b) != digits.bytes().next())
}

/// Length of an IBAN for each country (ISO 13616 registry).
const IBAN_LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/// Country, length and check number (ISO 7064, MOD 97-10).
#[must_use]
pub(super) fn iban(value: &str) -> bool {
    let solid: String = value.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let Some(country) = solid.get(..2) else { return false };
    let known = IBAN_LENGTHS.as_bytes().chunks(4).find(|entry| entry.starts_with(country.as_bytes()));
    let length = known.and_then(|entry| std::str::from_utf8(&entry[2..]).ok()?.parse::<usize>().ok());
    if length != Some(solid.len()) {
        return false;
    }
    let turned = solid.chars().cycle().skip(4).take(solid.len());
    turned.filter_map(|c| c.to_digit(36)).fold(0, |rest, digit| (rest * if digit < 10 { 10 } else { 100 } + digit) % 97) == 1
}

pub(super) fn ipv4(value: &str) -> bool {
    let address = value.split('/').next().unwrap_or(value);
    let Ok(ip) = address.parse::<Ipv4Addr>() else { return false };
    let [first, _, _, last] = ip.octets();
    // Small numbers in every place are a version far more often than a host.
    let version = ip.octets().iter().all(|n| *n < 20) && first != 10;
    !(ip.is_loopback() || ip.is_unspecified() || ip.is_broadcast() || first >= 240 || first == 0 || version || (last == 0 && first == 255))
}

pub(super) fn ipv6(value: &str) -> bool {
    let address = value.split(['/', '%']).next().unwrap_or(value);
    let Ok(ip) = address.parse::<Ipv6Addr>() else { return false };
    let groups = address.split(':').filter(|g| !g.is_empty()).count();
    let telling = groups >= 4 || address.bytes().filter(u8::is_ascii_digit).count() >= 2;
    // A lone `::` is a path of a program.
    let short = ip.is_loopback() || (ip.is_unspecified() && value.contains('/'));
    short || (groups >= 2 && telling)
}

/// Domains kept for documentation (RFC 2606, RFC 6761) and the hosts of code that look like mail.
pub(super) fn email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let domain = domain.to_ascii_lowercase();
    let reserved =
        ["example.com", "example.org", "example.net", "example.edu", "localhost"].iter().any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
    let top = domain.rsplit('.').next().unwrap_or_default();
    let machine = matches!(local, "git" | "noreply" | "no-reply" | "user" | "username" | "name" | "you" | "your" | "foo" | "bar" | "me")
        || domain == "users.noreply.github.com";
    let file = matches!(
        top,
        "png"
            | "jpg"
            | "svg"
            | "js"
            | "ts"
            | "py"
            | "rs"
            | "md"
            | "json"
            | "example"
            | "test"
            | "invalid"
            | "localhost"
            | "local"
            | "service"
            | "html"
            | "css"
            | "gif"
            | "webp"
    );
    !reserved && !machine && !file && domain.contains('.') && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic())
}

/// A phone number: 7 to 15 digits (E.164), no epoch, no date, no run of one digit, no counting up as in a loop over months.
pub(super) fn phone(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let separators = value.bytes().filter(|b| matches!(b, b' ' | b'-' | b'.' | b'(' | b'/')).count();
    let groups: Vec<usize> = value.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).map(str::len).collect();
    let numbers: Vec<u64> = value.split(|c: char| !c.is_ascii_digit()).filter_map(|group| group.parse().ok()).collect();
    let counted = numbers.len() >= 4 && numbers.iter().zip(numbers.iter().skip(1)).all(|(one, next)| one + 1 == *next);
    let national = digits.starts_with('0') && digits.len() == 10;
    let date = groups == [4, 2, 2]
        || groups == [2, 2, 4]
        || (groups == [4, 2, 2, 2] && !national)
        || groups.len() > 6
        || (groups.len() > 3 && groups.iter().all(|g| *g == 4));
    let dotted = value.contains('.') && groups.iter().all(|g| *g <= 3) && !value.starts_with('+') && groups != [2, 2, 2, 2, 2];
    let international = value.starts_with('+') && digits.len() >= 8;
    (7..=15).contains(&digits.len()) && (separators > 0 || international) && !date && !dotted && !counted && entropy(&digits) > 1.5
}

/// A phone number behind the word for one: it may be written without a break.
pub(super) fn named_phone(value: &str) -> bool {
    let unbroken = value.bytes().all(|b| b.is_ascii_digit()) && (10..=13).contains(&value.len());
    // A count of seconds or milliseconds since 1970 has as many digits.
    let epoch = matches!(value.len(), 10 | 13) && value.starts_with(['1', '2']);
    phone(value) || (unbroken && !epoch && entropy(value) > 1.5)
}

/// A US social security number as it can be issued.
pub(super) fn ssn(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let (Some(area), Some(group), Some(serial)) = (digits.get(..3), digits.get(3..5), digits.get(5..)) else { return false };
    let sample = ["078051120", "219099999", "123456789", "987654321"].contains(&digits.as_str());
    digits.len() == 9
        && area != "000"
        && area != "666"
        && !area.starts_with('9')
        && group != "00"
        && serial != "0000"
        && !sample
        && Makeup::of(&digits).digits == 9
}

/// A US individual taxpayer number: 9xx, group 50 to 65, 70 to 88, 90 to 92, 94 to 99.
pub(super) fn itin(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let group = digits.get(3..5).and_then(|g| g.parse::<u32>().ok()).unwrap_or(0);
    digits.len() == 9 && digits.starts_with('9') && (matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99))
}

/// A name in a home path that is a person's and no machine's.
pub(super) fn user_name(value: &str) -> bool {
    let machine = [
        "user",
        "username",
        "runner",
        "root",
        "ubuntu",
        "ec2-user",
        "node",
        "app",
        "shared",
        "public",
        "default",
        "vscode",
        "you",
        "me",
        "name",
        "administrator",
        "admin",
        "all users",
        "guest",
        "home",
        "yourname",
        "your-name",
        "linuxbrew",
        "dev",
        "agent",
        "sandbox",
        "work",
        "build",
        "ci",
        "docker",
        "git",
    ];
    !machine.contains(&value.to_ascii_lowercase().as_str()) && !is_placeholder(value) && value.len() >= 2
}

/// A hardware address that is neither empty nor everybody's.
pub(super) fn mac(value: &str) -> bool {
    value.bytes().any(|b| !matches!(b, b'0' | b':' | b'-' | b'.')) && !value.to_ascii_lowercase().starts_with("ff:ff:ff:ff")
}
