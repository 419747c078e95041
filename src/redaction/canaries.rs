//! The self-test of the detector: made-up secrets, planted in every encoding it claims to read.

use super::encoded::{base64, hex};
use super::engine::Engine;
use super::keyed::Key;
use super::rules::Subject;
use serde::{Deserialize, Serialize};
use sha2::Digest;
use std::io::Write;

/// What came of a self-test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canaries {
    /// Secrets planted, each in each form.
    pub planted: u64,
    /// Of those, found.
    pub found: u64,
    /// The forms in which one was not found.
    pub missed: Vec<String>,
}

/// Writes a value in one form.
type Form = fn(&str) -> String;

/// The forms: those in which agents' records hold values.
const FORMS: &[(&str, Form)] = &[
    ("plain", |value| format!("the value is {value}, please")),
    ("json", |value| json(value, 1)),
    ("json in json", |value| json(value, 2)),
    ("json three deep", |value| json(value, 3)),
    ("base64", |value| format!("data {}", base64(format!("token={value} end").as_bytes()))),
    ("base64 twice", |value| base64(base64(format!("token={value} end").as_bytes()).as_bytes())),
    ("gzip in base64", |value| base64(&gzip(format!("a token={value} end").as_bytes()))),
    ("hex", |value| format!("dump {}", hex(value))),
    ("percent", |value| value.bytes().map(|byte| format!("%{byte:02X}")).collect()),
    ("invisible", |value| spread(value, "\u{200b}")),
    ("line end", |value| spread(value, "\n")),
    ("literals side by side", |value| spread(value, "\" + \"")),
    ("lines set in", |value| spread(value, "\n+    ")),
    ("references", |value| value.bytes().map(|byte| format!("&#{byte};")).collect()),
    ("quoted-printable", |value| value.bytes().map(|byte| format!("={byte:02X}")).collect()),
    ("bytes", |value| value.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")),
    ("numbers", |value| format!("{:?}", value.as_bytes())),
    ("UTF-16 in base64", |value| base64(&value.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())),
    ("base32", |value| in_base(format!("token={value} end").as_bytes(), 5, 8, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
    ("base85", |value| in_base(format!("token={value} end").as_bytes(), 4, 5, SIGNS_85)),
    ("letters of another width", |value| value.chars().map(wide).collect()),
    ("escape sequences", |value| format!("\u{1b}[1;31m{value}\u{1b}[0m")),
];

/// Plants made-up secrets, drawn by a seed, in every form, and looks for them.
#[must_use]
pub fn canaries(engine: &Engine, seed: &str) -> Canaries {
    let mut result = Canaries::default();
    let Some(lot) = Key::new(&sha2::Sha256::digest(seed.as_bytes())) else { return result };
    for (prefix, letters) in [("ghp_", 36), ("glpat-", 20), ("AIza", 35), ("npm_", 36)] {
        let value = format!("{prefix}{}", drawn(&lot, prefix, letters));
        for (name, form) in FORMS {
            let text = form(&value);
            result.planted += 1;
            if engine.scan(&Subject { text: &text, key: None, path: None }).iter().any(|hit| hit.value.contains(&value)) {
                result.found += 1;
            } else if !result.missed.iter().any(|known| known == name) {
                result.missed.push((*name).to_owned());
            }
        }
    }
    result
}

/// Draws letters and digits, both kinds for sure.
fn drawn(lot: &Key, prefix: &str, length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let letter = |at: usize| {
        let (from, count) = [(0, 10), (36, 26), (10, 26)][at % 3];
        let draw = usize::try_from(lot.draw(prefix, &at.to_string()) % count).unwrap_or(0);
        ALPHABET.get(from + draw).map_or('a', |byte| char::from(*byte))
    };
    (0..length).map(letter).collect()
}

fn json(value: &str, depth: usize) -> String {
    let inner = if depth > 1 { json(value, depth - 1) } else { format!("token {value}") };
    serde_json::json!({ "output": inner }).to_string()
}

fn spread(value: &str, between: &str) -> String {
    let (start, end) = value.split_at(value.len() / 2);
    format!("token {start}{between}{end} end")
}

/// The signs of base85 in their order (RFC 1924).
const SIGNS_85: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// Writes groups of bytes as groups of letters: digits of a number to the base of the alphabet, the last group as long as it must be.
fn in_base(bytes: &[u8], group: usize, letters: u32, alphabet: &[u8]) -> String {
    let base = alphabet.len() as u64;
    let written = |chunk: &[u8]| {
        let number = chunk.iter().chain([&0; 8]).take(group).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let count = (chunk.len() * letters as usize).div_ceil(group);
        let sign = |place: u32| alphabet.get(usize::try_from(number / base.pow(letters - 1 - place) % base).unwrap_or(0));
        (0..letters).take(count).filter_map(sign).map(|sign| char::from(*sign)).collect::<String>()
    };
    bytes.chunks(group).map(written).collect()
}

/// Gives the full-width form of a sign of ASCII.
fn wide(sign: char) -> char {
    char::from_u32(u32::from(sign) + 0xfee0).filter(|_| sign.is_ascii_graphic()).unwrap_or(sign)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing into memory does not fail; what would be missing is then not found, and says so.
    let _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::Lists;

    #[test]
    fn every_canary_is_found_and_a_blind_engine_is_caught() {
        let engine = Engine::new(&[], &Lists::default()).0;
        for seed in ["a", "b", "c"] {
            let result = canaries(&engine, seed);
            assert_eq!((result.found, result.missed.as_slice()), (result.planted, &[][..]), "{seed}");
            assert_eq!(result.planted as usize, 4 * FORMS.len());
        }
    }
}
