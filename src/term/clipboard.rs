//! The clipboard by OSC 52, which works over ssh; the terminal does not say whether it took the text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The most bytes that terminals take by OSC 52 with certainty.
pub const LARGEST: usize = 74_994;

/// Writes the sequence that asks the terminal to put a text on the clipboard.
#[must_use]
pub fn osc52(text: &str) -> Vec<u8> {
    let mut out = b"\x1b]52;c;".to_vec();
    out.extend_from_slice(STANDARD.encode(text).as_bytes());
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
