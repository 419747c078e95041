//! Signing: an ed25519 key, the DSSE envelope around a statement, and both in their one canonical form.

use crate::export::json::Json;
use crate::model::ids::hex;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Type of what is signed.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// What stands before the 32 bytes of an ed25519 key in its DER form (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----\n";
const END: &str = "\n-----END PUBLIC KEY-----\n";

/// A key to sign with.
pub struct Signing(SigningKey);

impl Signing {
    /// Takes the 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// Gives the public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs bytes of some kind; gives the signature in base64.
    #[must_use]
    pub fn sign(&self, kind: &str, body: &[u8]) -> String {
        STANDARD.encode(self.0.sign(&pae(kind, body)).to_bytes())
    }

    /// Writes the signed envelope of a statement.
    #[must_use]
    pub fn envelope(&self, payload: &str) -> String {
        let signature = self.0.sign(&pae(PAYLOAD_TYPE, payload.as_bytes()));
        write(payload.as_bytes(), &self.public().fingerprint(), &signature)
    }
}

/// A key to verify with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Writes the key as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        format!("{BEGIN}{}{END}", STANDARD.encode([&SPKI[..], self.0.as_bytes()].concat()))
    }

    /// Reads a PEM that is written as `pem` writes it; anything else is none.
    #[must_use]
    pub fn parse(pem: &str) -> Option<Self> {
        let body = pem.strip_prefix(BEGIN)?.strip_suffix(END)?;
        let der = STANDARD.decode(body).ok()?;
        let bytes: [u8; 32] = der.strip_prefix(&SPKI)?.try_into().ok()?;
        let key = Self(VerifyingKey::from_bytes(&bytes).ok()?);
        (key.pem() == pem).then_some(key)
    }

    /// Reads the line of an OpenSSH public key of the kind ed25519; anything else is none.
    #[must_use]
    pub fn of_ssh(line: &str) -> Option<Self> {
        VerifyingKey::from_bytes(&crate::export::ssh_key::public(line)?).ok().map(Self)
    }

    /// Gives the SHA-256 of the key's 32 bytes.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }

    /// Tells whether a signature in base64 is of this key over bytes of some kind.
    #[must_use]
    pub fn verifies(&self, kind: &str, body: &[u8], signature: &str) -> bool {
        let signature = STANDARD.decode(signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        signature.is_some_and(|signature| self.0.verify_strict(&pae(kind, body), &signature).is_ok())
    }

    /// Opens an envelope: its payload, if it is signed by this key and written in its one canonical form.
    pub fn open(&self, envelope: &str) -> Result<String, String> {
        let json = Json::parse(envelope).map_err(|e| format!("the envelope is not JSON: {e}"))?;
        let text = |json: Option<&Json>| json.and_then(Json::as_str).map(str::to_owned).ok_or("the envelope lacks a field");
        let signatures = json.get("signatures").map(Json::items).unwrap_or_default();
        let [one] = signatures else { return Err(format!("the envelope has {} signatures, not one", signatures.len())) };
        let payload = STANDARD.decode(text(json.get("payload"))?).map_err(|e| format!("the payload is not base64: {e}"))?;
        let signature = STANDARD.decode(text(one.get("sig"))?).map_err(|e| format!("the signature is not base64: {e}"))?;
        let signature = Signature::from_slice(&signature).map_err(|e| format!("the signature is none: {e}"))?;
        if write(&payload, &self.fingerprint(), &signature) != envelope {
            return Err("the envelope is not in its canonical form, or names another key".to_owned());
        }
        self.0.verify_strict(&pae(PAYLOAD_TYPE, &payload), &signature).map_err(|_| "the signature is not of this key over this statement".to_owned())?;
        String::from_utf8(payload).map_err(|_| "the payload is not text".to_owned())
    }
}

/// Gives what an envelope holds, whoever signed it.
#[must_use]
pub fn payload(envelope: &str) -> Option<String> {
    let payload = STANDARD.decode(Json::parse(envelope).ok()?.get("payload")?.as_str()?).ok()?;
    String::from_utf8(payload).ok()
}

/// The bytes that are signed: DSSE's pre-authentication encoding, version 1.
fn pae(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len());
    [head.as_bytes(), body].concat()
}

fn write(payload: &[u8], keyid: &str, signature: &Signature) -> String {
    let signature = Json::object([("keyid", keyid.into()), ("sig", STANDARD.encode(signature.to_bytes()).into())]);
    let envelope =
        Json::object([("payloadType", PAYLOAD_TYPE.into()), ("payload", STANDARD.encode(payload).into()), ("signatures", Json::Array(vec![signature]))]);
    envelope.text() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_opens_and_nothing_else_does() {
        let key = Signing::new(&[7; 32]);
        let (public, envelope) = (key.public(), key.envelope("{\"a\":1}"));
        assert_eq!(public.open(&envelope).unwrap(), "{\"a\":1}");
        assert!(Signing::new(&[8; 32]).public().open(&envelope).is_err());
        for at in 0..envelope.len() {
            let mut bytes = envelope.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(String::from_utf8(bytes).map_or(true, |text| public.open(&text).is_err()), "byte {at}");
        }
    }

    #[test]
    fn a_public_key_has_one_form() {
        let pem = Signing::new(&[7; 32]).public().pem();
        assert_eq!(PublicKey::parse(&pem).unwrap().pem(), pem);
        assert!(PublicKey::parse(pem.trim_end()).is_none() && PublicKey::parse(&pem.replace('A', "B")).is_none());
    }

    #[test]
    fn the_encoding_is_that_of_the_specification() {
        assert_eq!(pae("http://example.com/HelloWorld", b"hello world"), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }
}
