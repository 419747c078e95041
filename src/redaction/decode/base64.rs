//! Base64 (RFC 4648, both alphabets, padding optional), also with gzip inside.

use super::Decoded;
use super::bits::{is_text, readable, wide};
use super::survey::{Letters, Survey};
use std::io::Read;

/// Groups of four letters that tell whether the rest is worth unpacking.
const HEAD_GROUPS: usize = 6;
const MAX_UNPACKED: u64 = 4 << 20;

/// Decodes each run of base64 that says something readable.
pub fn base64(text: &str, survey: &Survey) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut decoded = Decoded::default();
    for place in survey.runs(Letters::Base64) {
        let padding = bytes[place.end..].iter().take(2).take_while(|b| **b == b'=').count();
        run(&bytes[place.clone()], place.start..place.end + padding, &mut decoded);
    }
    (!decoded.text.is_empty()).then_some(decoded)
}

static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        table[byte as usize] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 0,
        };
        byte += 1;
    }
    table
}

fn run(letters: &[u8], place: std::ops::Range<usize>, decoded: &mut Decoded) {
    // Most runs are words or random; the first bytes tell.
    let mut head = [0; 3 * HEAD_GROUPS];
    let mut held = 0;
    for (bytes, length) in letters.chunks(4).take(HEAD_GROUPS).map(unpack_group) {
        head[held..held + length].copy_from_slice(&bytes[..length]);
        held += length;
    }
    let head = &head[..held];
    if head.starts_with(b"\x1f\x8b") {
        let mut plain = Vec::new();
        let _ = flate2::read::MultiGzDecoder::new(unpack(letters).as_slice()).take(MAX_UNPACKED).read_to_end(&mut plain);
        if let Some(text) = readable(&plain) {
            decoded.part(place.start);
            decoded.whole(text, place);
        }
        return;
    }
    if head.iter().take(4).any(|byte| *byte == 0) {
        if let Some(text) = wide(&unpack(letters)) {
            decoded.part(place.start);
            decoded.units(&text, place, if text.is_ascii() { (3, 8) } else { (0, 0) });
        }
        return;
    }
    // A character may be cut at the end of what was looked at.
    let cut = |e: std::str::Utf8Error| e.error_len().is_none();
    if !head.iter().all(|byte| is_text(*byte)) || std::str::from_utf8(head).is_err_and(|e| !cut(e)) {
        return;
    }
    let plain = unpack(letters);
    if let Some(text) = readable(&plain) {
        decoded.part(place.start);
        decoded.units(text, place, (3, 4));
    }
}

fn unpack(letters: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(letters.len() / 4 * 3 + 3);
    for group in letters.chunks(4) {
        let (bytes, length) = unpack_group(group);
        plain.extend(bytes.iter().take(length));
    }
    plain
}

/// Gives the bytes that up to four letters stand for, and how many of them there are.
fn unpack_group(group: &[u8]) -> ([u8; 3], usize) {
    let bits = group.iter().fold(0u32, |bits, b| bits << 6 | u32::from(VALUES[usize::from(*b)])) << (6 * (4 - group.len()));
    let [_, a, b, c] = bits.to_be_bytes();
    ([a, b, c], group.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_decode_to_their_text() {
        let text = "x=aGVsbG8gd29ybGQsIGhlcmUgSSBhbQ== y=thisIsNoBase64ButAnIdentifier";
        let decoded = base64(text, &Survey::of(text)).unwrap();
        assert_eq!(decoded.text, "hello world, here I am");
        assert_eq!(&text[decoded.map.back(&(0..5))], "aGVsbG8g");
        let path = "src/redaction/decode/base64/module/names";
        assert!(base64(path, &Survey::of(path)).is_none());
    }

    #[test]
    fn gzip_inside_is_read() {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(b"password = hunter22").unwrap();
        let packed = gzip.finish().unwrap();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for group in packed.chunks(3) {
            let bits = group.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - group.len()));
            text.extend((0..=group.len()).map(|i| char::from(alphabet[(bits >> (18 - 6 * i) & 63) as usize])));
        }
        assert_eq!(base64(&text, &Survey::of(&text)).unwrap().text, "password = hunter22");
    }
}
