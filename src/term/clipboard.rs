//! The clipboard by OSC 52, which works over ssh; the terminal does not say whether it took the text.

/// The most bytes that terminals take by OSC 52 with certainty.
pub const LARGEST: usize = 74_994;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes the sequence that asks the terminal to put a text on the clipboard.
#[must_use]
pub fn osc52(text: &str) -> Vec<u8> {
    let mut out = b"\x1b]52;c;".to_vec();
    for chunk in text.as_bytes().chunks(3) {
        let bytes = [chunk.first(), chunk.get(1), chunk.get(2)].map(|byte| u32::from(byte.copied().unwrap_or(0)));
        let group = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = DIGITS.get((group >> shift & 63) as usize).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { digit } else { b'=' });
        }
    }
    out.extend_from_slice(b"\x1b\\");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_base64() {
        let body = |text: &str| String::from_utf8(osc52(text)).unwrap().replace("\x1b]52;c;", "").replace("\x1b\\", "");
        assert_eq!(["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(body), ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
