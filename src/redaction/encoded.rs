//! The coded forms of a value, for looking in texts too short for a decoder to see what they are.

use super::finder::Pattern;

/// RFC 4648.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A coded form of a shorter text stands in everything.
const MIN_FORM: usize = 8;
/// A text of so many bytes or fewer gives base64 that is too short for the decoder to see what it is.
const SHORT: usize = 14;

/// A shorter value may be another word in another case.
const CASED: usize = 16;

/// Gives the forms of a value that a search for it must look for beside the value: hex, percent, JSON, and base64 at each offset and in
/// both alphabets, also of what is coded already and too short to be decoded.
#[must_use]
pub fn forms(value: &str) -> Vec<Pattern> {
    let any_case = [hex(value), value.bytes().map(|b| format!("%{b:02x}")).collect()];
    let plain = base64(value.as_bytes());
    let coded = [hex(value), hex(value).to_uppercase(), plain.trim_end_matches('=').to_owned(), plain.clone()];
    let twice = coded.iter().flat_map(|once| in_both(once.clone())).filter(|once| once.len() <= SHORT);
    let twice = twice.map(|once| base64(once.as_bytes()).trim_end_matches('=').to_owned());
    let partly = |upper: bool| -> String {
        let code = |b: u8| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") };
        value.bytes().map(|b| if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') { char::from(b).to_string() } else { code(b) }).collect()
    };
    let escaped = serde_json::to_string(value).unwrap_or_default();
    let escaped = escaped.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    // A short value counts where its form is a word of its own.
    let short = value.len() < MIN_FORM;
    let runs: Vec<String> = if short { vec![plain.trim_end_matches('=').to_owned()] } else { (0..3).filter_map(|at| base64_core(value, at)).collect() };
    // What is this long is nothing else in another case, as the name of a variable or a normalised address writes it.
    let cased = [value.to_ascii_uppercase(), value.to_ascii_lowercase()].into_iter().filter(|_| value.len() >= CASED);
    let mut exact: Vec<String> =
        runs.into_iter().flat_map(in_both).chain(twice).chain(cased).chain([partly(false), partly(true), escaped.to_owned()]).collect();
    exact.sort_unstable();
    exact.dedup();
    let forms = exact.into_iter().map(|text| (text, false)).chain(any_case.into_iter().map(|text| (text, true)));
    forms.filter(|(text, _)| text.len() >= MIN_FORM && text != value).map(|(text, any_case)| Pattern { text, any_case }).collect()
}

/// Gives base64 in its two alphabets (RFC 4648, 4 and 5), once where they write it alike.
fn in_both(standard: String) -> Vec<String> {
    let safe = standard.replace('+', "-").replace('/', "_");
    if safe == standard { vec![standard] } else { vec![standard, safe] }
}

/// Writes a text as lower-case hex.
#[must_use]
pub fn hex(value: &str) -> String {
    crate::model::ids::hex(value.as_bytes())
}

/// Writes bytes as base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let letter = ALPHABET.get((bits >> (18 - 6 * i) & 63) as usize).map_or('A', |b| char::from(*b));
            out.push(if i <= group.len() { letter } else { '=' });
        }
    }
    out
}

/// Gives the letters of base64 that a value decides alone when it stands at an offset (mod 3) of what was coded.
fn base64_core(value: &str, offset: usize) -> Option<String> {
    let padded: Vec<u8> = std::iter::repeat_n(0u8, offset).chain(value.bytes()).collect();
    let all = base64(&padded);
    let first = (offset * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    all.get(first..last).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_at_every_offset() {
        assert_eq!((base64(b"hello").as_str(), base64(b"hell").as_str()), ("aGVsbG8=", "aGVsbA=="));
        for before in ["", "a", "ab", "abc"] {
            let coded = base64(format!("{before}s3cr3t-V4lue tail").as_bytes());
            let found = (0..3).filter_map(|offset| base64_core("s3cr3t-V4lue", offset)).any(|core| coded.contains(&core));
            assert!(found, "{coded}");
        }
    }

    #[test]
    fn every_alphabet_case_and_padding_has_a_form() {
        let held = |value: &str, text: &str| {
            let holds = |form: Pattern| text.contains(&form.text) || form.any_case && text.to_ascii_lowercase().contains(&form.text);
            assert!(forms(value).into_iter().any(holds), "{text}");
        };
        // Written by hand, not by the functions above: base64 of `h4nter2?>pw~x` in both alphabets, of its hex, and percent in both cases.
        for text in [
            "aDRudGVyMj8+cHd+eA==",
            "aDRudGVyMj8-cHd-eA",
            "68346E746572323F3E70777E78",
            "h4nter2%3f%3epw~x",
            "h4nter2%3F%3Epw~x",
            "%68%34%6E%74%65%72%32%3F%3E%70%77%7E%78",
        ] {
            held("h4nter2?>pw~x", text);
        }
        // `pw~x?>9z` as base64, and that as base64 once more.
        for text in ["cHd+eD8+OXo=", "cHd-eD8-OXo", "Y0hkK2VEOCtPWG89", "Y0hkLWVEOC1PWG8"] {
            held("pw~x?>9z", text);
        }
    }
}
