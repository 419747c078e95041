//! The coded forms of a value, for looking in texts too short for a decoder to see what they are.

/// RFC 4648.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Gives the forms of a value that a search for it must look for beside the value: hex, percent, JSON, and base64 at each offset.
#[must_use]
pub fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![hex(value), value.bytes().map(|b| format!("%{b:02x}")).collect()];
    for offset in 0..3 {
        forms.extend(base64_core(value, offset));
    }
    let partly: String = value
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') { char::from(b).to_string() } else { format!("%{b:02x}") })
        .collect();
    let escaped = serde_json::to_string(value).unwrap_or_default();
    for form in [partly, escaped.trim_matches('"').to_owned()] {
        if form != value {
            forms.push(form);
        }
    }
    forms.retain(|form| form.len() >= 8);
    forms
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
}
