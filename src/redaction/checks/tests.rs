//! What passes each check, and what does not.

use super::*;

fn all(name: &str, good: &[&str], bad: &[&str]) {
    let check = check(name).unwrap();
    good.iter().for_each(|value| assert!((check.passes)(value, None), "{name} {value}"));
    bad.iter().for_each(|value| assert!(!(check.passes)(value, None), "{name} not {value}"));
}

#[test]
fn checksums_and_ranges() {
    all("card", &["4111 1111 1111 1111", "5500-0000-0000-0004"], &["4111 1111 1111 1112", "1700000000000"]);
    all(
        "iban",
        &["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"],
        &["GB82 WEST 1234 5698 7654 33", "DE8937040044053201300", "ZZ89370400440532013000"],
    );
    all("ssn", &["536-90-4399"], &["000-12-3456", "666-12-3456", "900-12-3456", "123-45-6789"]);
    all("itin", &["912-70-1234"], &["912-10-1234", "812-70-1234"]);
    all("ipv4", &["93.184.216.34", "192.168.1.20"], &["127.0.0.1", "0.0.0.0", "1.2.3.4", "255.255.255.0"]);
    all("ipv6", &["2a00:1450:4001:81b::200e", "fe80::1ff:fe23:4567:890a"], &["::", "std::io"]);
    all("email", &["anna.berg@nordlicht.se"], &["a@example.com", "git@github.com", "logo@2x.png"]);
    all("phone", &["+1 212-665-0199", "(212) 664-7665"], &["2026-05-01", "1.2.3.4", "01 02 03 04 05 06", "08 09 10 11 12"]);
}

#[test]
fn passwords_are_told_from_code() {
    all("password", &["hunter22", "Prl23Db#@", "IhqSb1Gg", "n84RPM54y4"], &["incorrect", "get_password()", "$PASSWORD", "settings.password", "changeme"]);
    all("quoted_password", &["rxah_bocpjv", "SqLpa5sW0rD", "FAKE EXAMPL words"], &["password", "", "abc", "${PW}"]);
}
