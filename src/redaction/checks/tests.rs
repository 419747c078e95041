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

#[test]
fn the_first_line_of_a_key_alone_is_no_key() {
    all(
        "not_empty_key",
        &[
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq3kXnQ",
            "-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA7bq3kXnQ",
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F3A9C77D2B15E48",
            "-----BEGIN PRIVATE KEY-----\nMIIE pAIB AAKC AQEA 7bq3\n-----END PRIVATE KEY-----",
        ],
        &[
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY----- and then the bytes of the key in base64, up to its end",
            "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----",
        ],
    );
}

#[test]
fn base64_of_json_was_not_drawn_and_what_only_looks_like_it_was() {
    // `{"id":417,"at":[3,14,15,92],"ok":true,"n":{"x":0.25,"y":1e3}}`, and `["r1",20,"q7",{"k":88,"z":[6,5,4,3]},901]`; then each without a bracket.
    all(
        "lone",
        &["eyJpZCI6NDE3LCJhdCI6WzMsMTQsMTUsOTJdLCJvayI6dHJ1ZSwibiI6eyJ4IjowLjI1LCJ5IjoxZTN9", "WyJyMSIsMjAsInE3Iix7ImsiOjg4LCJ6IjpbNiw1LDQsM10sOTAxXQ=="],
        &["eyJpZCI6NDE3LCJhdCI6WzMsMTQsMTUsOTJdLCJvayI6dHJ1ZSwibiI6eyJ4IjowLjI1LCJ5IjoxZTN9fQ==", "WyJyMSIsMjAsInE3Iix7ImsiOjg4LCJ6IjpbNiw1LDQsM119LDkwMV0="],
    );
}
