//! Keyed names of values: fingerprints inside the workspace, pseudonyms in exports. HMAC-SHA256 (RFC 2104).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// RFC 4648 base 32, lower case.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A secret key of 32 bytes.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Takes the bytes of a key; `None` unless there are 32.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Gives the key of nobody, for what names nothing.
    pub(super) const fn nobody() -> Self {
        Self([0; 32])
    }

    /// Gives the keyed hash of a text for one purpose.
    fn mac(&self, purpose: &str, text: &str) -> [u8; 32] {
        // HMAC takes a key of any length; there is nothing to fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Gives the fingerprint of a value: 32 hex digits, meaningless without the key.
    #[must_use]
    pub fn fingerprint(&self, value: &str) -> String {
        crate::model::ids::hex(&self.mac("fingerprint", value)[..16])
    }

    /// Gives the pseudonym of a value: `p-` and six base-32 letters; the same value and scope, the same pseudonym.
    #[must_use]
    pub fn pseudonym(&self, scope: &str, value: &str) -> String {
        let mac = self.mac(&format!("pseudonym {scope}"), value);
        let bits = mac.iter().take(5).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        let letters = (0..6).map(|i| BASE32.get(usize::try_from(bits >> (35 - 5 * i) & 31).unwrap_or(0)).map_or('a', |b| char::from(*b)));
        std::iter::once("p-".to_owned()).chain(letters.map(String::from)).collect()
    }

    /// Gives a number drawn by the key for a value, as many as are asked for; for fakes and samples.
    #[must_use]
    pub fn draw(&self, purpose: &str, value: &str) -> u64 {
        self.mac(purpose, value).iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }

    /// Gives the first 16 hex digits of the key's own hash, by which people tell keys apart.
    #[must_use]
    pub fn name(&self) -> String {
        crate::model::ids::hex(&self.mac("name", "")[..8])
    }
}

/// Shows of a value what tells it apart and no more: a few characters at most, and its length.
#[must_use]
pub fn masked(value: &str) -> String {
    let length = value.chars().count();
    let shown: String = value.chars().take((length / 6).min(4)).filter(|c| !c.is_control()).collect();
    format!("{shown}\u{2026}({length})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_is_that_of_rfc_4231() {
        // Test case 2, its key filled up with zeros, which HMAC does as well.
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(b"Jefe");
        let mut mac = Hmac::<Sha256>::new_from_slice(&bytes).unwrap();
        mac.update(b"what do ya want for nothing?");
        assert_eq!(crate::model::ids::hex(&mac.finalize().into_bytes()), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn names_follow_key_and_scope() {
        let (a, b) = (Key::new(&[1; 32]).unwrap(), Key::new(&[2; 32]).unwrap());
        assert_eq!(a.pseudonym("x", "v"), a.pseudonym("x", "v"));
        assert_ne!(a.pseudonym("x", "v"), a.pseudonym("y", "v"));
        assert_ne!(a.fingerprint("v"), b.fingerprint("v"));
        assert_eq!(a.pseudonym("x", "v").len(), 8);
        assert!(Key::new(&[1; 31]).is_none());
    }

    #[test]
    fn a_mask_gives_little_away() {
        assert_eq!(masked("ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu"), "ghp_\u{2026}(40)");
        assert_eq!(masked("x"), "\u{2026}(1)");
    }
}
