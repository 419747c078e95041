//! A property of the redactor over drawn values and texts: in whatever form a value is written, no decoder of this file finds it in what is
//! written instead, and what stands around it stays.

use crate::lot::Lot;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ossia::redaction::{Key, Redactor, Style, Unwanted};
use serde_json::json;
use std::io::Write;

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

type Form = (&'static str, fn(&str) -> String);

/// The forms in which records hold values, beside those of the whole exports (`audit_leaving`).
const FORMS: &[Form] = &[
    ("plain", str::to_owned),
    ("upper case", |value| value.to_uppercase()),
    ("lower case", |value| value.to_lowercase()),
    ("JSON twice", |value| json!({"o": json!({ "out": value }).to_string()}).to_string()),
    ("the name of a member", |value| json!({ value: {"n": 1} }).to_string()),
    ("the name of a member of JSON in JSON", |value| json!({"o": json!({ value: 1 }).to_string()}).to_string()),
    ("UTF-16 escapes", |value| format!("{{\"k\": \"{}\"}}", value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>())),
    ("UTF-16 escapes, large", |value| format!("say \"{}\"", value.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<String>())),
    ("base64 at the first offset", |value| STANDARD.encode(format!("{value} and more"))),
    ("base64 at the second offset", |value| STANDARD.encode(format!("x{value} and more"))),
    ("base64 at the third offset", |value| STANDARD.encode(format!("xy{value} and more"))),
    ("base64 for addresses", |value| URL_SAFE_NO_PAD.encode(format!("~~~{value}???"))),
    ("base64 three times", |value| STANDARD.encode(STANDARD.encode(STANDARD.encode(format!("pass {value} word"))))),
    ("gzip in base64", |value| STANDARD.encode(gzip(&format!("some text before {value} and behind")))),
    ("hex", |value| value.bytes().map(|b| format!("{b:02x}")).collect()),
    ("hex, large", |value| value.bytes().map(|b| format!("{b:02X}")).collect()),
    ("percent, small", |value| value.bytes().map(|b| format!("%{b:02x}")).collect()),
    ("percent where it must be", |value| value.replace('-', "%2D").replace('_', "%5F")),
    ("a line end inside", |value| format!("{}\n{}", &value[..11], &value[11..])),
    ("an invisible letter inside", |value| format!("{}\u{200b}{}", &value[..7], &value[7..])),
    ("a colour inside", |value| format!("\u{1b}[1m{}\u{1b}[31m{}\u{1b}[0m", &value[..5], &value[5..])),
    ("a path", |value| format!("/srv/app/{value}/config.toml")),
    ("an address", |value| format!("https://api.acme.dev/v1?key={value}&page=2#top")),
    ("base64 of JSON", |value| STANDARD.encode(json!({"auth": {"token": value}}).to_string())),
];

fn gzip(text: &str) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    gz.finish().unwrap()
}

/// Every text that a plain reading of a text gives, four encodings deep: decoders that share nothing with those of the program.
fn readings(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    let mut from = 0;
    for _ in 0..4 {
        let new: Vec<String> = all[from..].iter().flat_map(|text| decoded(text)).collect();
        from = all.len();
        all.extend(new);
    }
    all
}

fn decoded(text: &str) -> Vec<String> {
    let lossy = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let mut out = Vec::new();
    for run in text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=-_".contains(c))).filter(|run| run.len() >= 12) {
        let standard = run.trim_end_matches('=').replace('-', "+").replace('_', "/");
        for cut in 0..4 {
            let part = standard.get(cut..).unwrap_or_default();
            let part = &part[..part.len() - usize::from(part.len() % 4 == 1)];
            let Ok(bytes) = STANDARD_NO_PAD.decode(part) else { continue };
            let mut inner = String::new();
            if std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut inner).is_ok() {
                out.push(inner);
            }
            // What is no text is no encoding.
            let text = lossy(bytes);
            out.extend((text.chars().filter(char::is_ascii_graphic).count() * 2 > text.chars().count()).then_some(text));
        }
        let digits: Vec<u8> = run.bytes().filter(u8::is_ascii_hexdigit).collect();
        if digits.len() == run.len() {
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap_or(b'?');
            out.extend([0, 1].map(|cut| lossy(digits[cut..].chunks(2).map(byte).collect())));
        }
    }
    out.extend(text.contains('%').then(|| lossy(unpercent(text))));
    let plain: String = text.chars().filter(|c| !matches!(c, '\n' | '\u{200b}')).collect();
    let mut inked = String::new();
    let mut parts = plain.split("\u{1b}[");
    inked.push_str(parts.next().unwrap_or_default());
    parts.for_each(|part| inked.push_str(part.split_once('m').map_or(part, |(_, rest)| rest)));
    let mut unescaped = inked.clone();
    while let Some(at) = unescaped.find("\\u") {
        let unit = unescaped.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        unescaped.replace_range(at..(at + 6).min(unescaped.len()), &unit.unwrap_or('?').to_string());
    }
    out.extend([unescaped.replace('\\', ""), inked].into_iter().filter(|new| new != text));
    out
}

fn unpercent(text: &str) -> Vec<u8> {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let coded = text.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(coded.unwrap_or(*byte));
        at += if coded.is_some() { 3 } else { 1 };
    }
    out
}

fn redactor(values: &[&str]) -> Redactor {
    let key = Key::new(&[7; 32]).unwrap();
    Redactor::new(&key, "bundle", Style::Mark, values.iter().map(|value| Unwanted { value: (*value).into(), class: "token".into() }))
}

fn value(lot: &mut Lot) -> String {
    let mut part = |length: usize| (0..length).map(|_| char::from(LETTERS[lot.below(LETTERS.len())])).collect::<String>();
    format!("k7{}-{}_{}q", part(6), part(9), part(7))
}

fn holds(text: &str, value: &str) -> bool {
    let value = value.to_lowercase();
    readings(text).iter().any(|reading| reading.to_lowercase().contains(&value))
}

#[test]
fn no_form_of_a_value_is_left_and_the_rest_stays() {
    let mut lot = Lot(41);
    for (name, form) in FORMS {
        for _ in 0..12 {
            let value = value(&mut lot);
            let text = format!("look here: {} there it was", form(&value));
            assert!(holds(&text, &value), "{name}: this test cannot read {text:?}");
            let redacted = redactor(&[&value]).text(&text).text;
            assert!(!holds(&redacted, &value) && redacted.contains("[REDACTED:token:p-"), "{name}: {text:?}\n{redacted:?}");
            assert!(redacted.starts_with("look here: ") && redacted.ends_with(" there it was"), "{name}: {redacted:?}");
        }
    }
}

#[test]
fn values_that_overlap_are_taken_in_any_order() {
    let mut lot = Lot(43);
    for _ in 0..40 {
        let (one, two) = (value(&mut lot), value(&mut lot));
        let (cut, joined) = (&one[9..], format!("{one}{two}"));
        // One ends as the other begins, one is a part of the other, and one is both.
        for values in [[&*one, cut, &joined], [&joined, cut, &one], [cut, &*one, &joined]] {
            let text = format!("a {joined} b {cut} c {one}.");
            let redacted = redactor(&values).text(&text).text;
            assert!(values.iter().all(|value| !holds(&redacted, value)), "{values:?}: {redacted:?}");
            assert!(redacted.starts_with("a [") && redacted.ends_with("]."), "{redacted:?}");
        }
    }
}
