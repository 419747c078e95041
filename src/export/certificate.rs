//! The certificate of an audit: a statement, and the signatures of two people under it, in one document that a stranger can check.

use super::bundle::{PublicKey, Signing};
use crate::model::ids::hex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::path::Path;

/// What the certificate's document is called.
const SCHEMA: &str = "ossia.certificate.v1";
/// What a signature is over, beside the role in which it is given.
const KIND: &str = "application/vnd.ossia.certificate+json";

/// The two who sign, in their order.
pub const ROLES: [&str; 2] = ["reviewer", "approver"];

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// `reviewer` or `approver`.
    pub role: String,
    /// The signer's public key, PEM.
    pub key: String,
    /// The ed25519 signature, base64.
    pub sig: String,
}

impl Signature {
    /// Gives the fingerprint of the signer's key; `None` if it is no key.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        PublicKey::parse(&self.key).map(|key| key.fingerprint())
    }
}

/// The document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    statement: Box<RawValue>,
    signatures: Vec<Signature>,
}

/// What a stranger learns of a certificate that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// SHA-256 of the statement: what was signed.
    pub sha256: String,
    /// Fingerprints of the keys, the reviewer's first.
    pub signers: Vec<String>,
    /// The statement.
    pub statement: Value,
}

/// Signs a statement in a role.
#[must_use]
pub fn sign(statement: &str, role: &str, key: &Signing) -> Signature {
    Signature { role: role.to_owned(), key: key.public().pem(), sig: key.sign(&kind(role), statement.as_bytes()) }
}

/// Writes the document, without an end of line.
#[must_use]
pub fn document(statement: &str, signatures: Vec<Signature>) -> Option<String> {
    let statement = RawValue::from_string(statement.to_owned()).ok()?;
    serde_json::to_string(&Document { schema: SCHEMA.to_owned(), statement, signatures }).ok()
}

/// Names a statement.
#[must_use]
pub fn name_of(statement: &str) -> String {
    hex(&Sha256::digest(statement.as_bytes()))
}

/// Checks a document: written as this program writes it, signed by two keys in two roles.
pub fn check(text: &str) -> Result<Certified, String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let read: Document = serde_json::from_str(text).map_err(|e| format!("certificate.json is no certificate: {e}"))?;
    if read.schema != SCHEMA {
        return Err(format!("certificate.json is {:?}, not {SCHEMA:?}", read.schema));
    }
    if serde_json::to_string(&read).ok().as_deref() != Some(text) {
        return Err("certificate.json is not in its canonical form".to_owned());
    }
    let statement = read.statement.get();
    let mut signers = Vec::new();
    for (role, signature) in ROLES.iter().zip(&read.signatures) {
        let key = PublicKey::parse(&signature.key).ok_or_else(|| format!("certificate.json: the key of the {role} is no ed25519 key"))?;
        if signature.role != *role || !key.verifies(&kind(role), statement.as_bytes(), &signature.sig) {
            return Err(format!("certificate.json: the signature of the {role} does not fit the statement"));
        }
        signers.push(key.fingerprint());
    }
    if read.signatures.len() > ROLES.len() || (signers.len() == 2 && signers.first() == signers.last()) {
        return Err("certificate.json: reviewer and approver must be two people with two keys".to_owned());
    }
    let value = serde_json::from_str(statement).map_err(|e| format!("certificate.json: {e}"))?;
    Ok(Certified { sha256: name_of(statement), signers, statement: value })
}

/// Checks the certificate of a bundle: both signatures, every source of the bundle in its scope, and the rules of the bundle. Gives what was checked,
/// and from when on the certificate is void, which is for whoever asks to hold against their day.
pub fn check_bundle(folder: &Path, rules_sha256: Option<&str>) -> Result<(String, Option<String>), (&'static str, String)> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| ("tampered", format!("{name}: {e}")));
    let certified = check(&read("certificate.json")?).map_err(|why| ("tampered", why))?;
    if certified.signers.len() < ROLES.len() {
        return Err(("tampered", "certificate.json: nobody approved it".to_owned()));
    }
    let hashes = |value: &Value| -> Vec<String> {
        let list = value.get("sources").and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|source| source.get("sha256")?.as_str().map(str::to_owned)).collect()
    };
    let sources: Value = serde_json::from_str(&read("sources.json")?).map_err(|e| ("tampered", format!("sources.json: {e}")))?;
    let scope = hashes(certified.statement.get("scope").unwrap_or(&Value::Null));
    if let Some(outside) = hashes(&sources).iter().find(|sha256| !scope.contains(sha256)) {
        return Err(("tampered", format!("certificate.json: the source {outside} was not in its scope")));
    }
    let certified_rules = certified.statement.pointer("/instruments/rules_sha256").and_then(Value::as_str);
    if rules_sha256.is_some() && certified_rules != rules_sha256 {
        return Err(("stale_rules", "certificate.json: the bundle was written with other rules than were certified".to_owned()));
    }
    let expires = certified.statement.get("expires").and_then(Value::as_str).map(str::to_owned);
    Ok((format!("statement {}, signed by {} and {}", certified.sha256, certified.signers[0], certified.signers[1]), expires))
}

fn kind(role: &str) -> String {
    format!("{KIND}; role={role}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_sign_and_no_byte_may_change() {
        let (ana, ben) = (Signing::new(&[1; 32]), Signing::new(&[2; 32]));
        let statement = r#"{"scope":{"sources":[]},"n":1}"#;
        let text = document(statement, vec![sign(statement, "reviewer", &ana), sign(statement, "approver", &ben)]).unwrap();
        let certified = check(&text).unwrap();
        assert_eq!(certified.signers, [ana.public().fingerprint(), ben.public().fingerprint()]);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(String::from_utf8(bytes).map_or(true, |text| check(&text).is_err()), "byte {at}");
        }
        // A reviewer's signature is none of an approver's, and one person is not two.
        let swapped = document(statement, vec![sign(statement, "approver", &ana), sign(statement, "approver", &ben)]).unwrap();
        let alone = document(statement, vec![sign(statement, "reviewer", &ana), sign(statement, "approver", &ana)]).unwrap();
        assert!(check(&swapped).is_err() && check(&alone).is_err());
        let open = document(statement, vec![sign(statement, "reviewer", &ana)]).unwrap();
        assert_eq!(check(&open).unwrap().signers.len(), 1);
    }
}
