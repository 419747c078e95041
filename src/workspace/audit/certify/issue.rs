//! Signing: the reviewer's signature, the approver's, both kept in the journal, and the certificate as it goes into a bundle.

use super::statement::Statement;
use crate::export::certificate::{ROLES, Signature, check, document, name_of, sign};
use crate::export::{Certificate, Signing};
use crate::model::ids::hex;
use crate::model::{Draft, Recorded, Timestamp};
use crate::workspace::audit::keys::KeyKind;
use crate::workspace::journal::now;
use crate::workspace::{Error, Result, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// A signature, as the journal keeps it; the reviewer's carries the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CertificateSigned {
    sha256: String,
    statement: Option<String>,
    signature: Signature,
}

impl Recorded for CertificateSigned {
    const KIND: &'static str = "certificate";
}

/// Who signs, and with what.
pub struct SignAs<'k> {
    /// The person.
    pub name: &'k str,
    /// Their own key.
    pub key: &'k Signing,
}

/// A statement, and what stands against signing it.
#[derive(Debug, Clone, Serialize)]
pub struct Prepared {
    /// The statement.
    pub statement: Statement,
    /// Why it cannot be signed yet.
    pub against: Vec<String>,
}

/// A certificate and where it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Issued {
    /// SHA-256 of the statement: what was signed.
    pub sha256: String,
    /// Fingerprints of the keys: the reviewer's, the approver's.
    pub signers: Vec<String>,
    /// From when on it is void.
    pub expires: String,
    /// Why it is void, if it is.
    pub void: Option<String>,
    /// The document, as `certificate.json` without its end of line.
    #[serde(skip)]
    pub document: String,
    /// `certificate.md`.
    #[serde(skip)]
    pub text: String,
}

/// The certificate that a bundle carries, or why it carries none.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// The certificate.
    pub certificate: Option<Certificate>,
    /// What is wrong with the last one, where there is any.
    pub why_not: Option<String>,
    /// That the time of the one that goes along has run out, if it has.
    pub lapsed: Option<String>,
}

impl Workspace {
    /// Looks at everything anew and says what a certificate would state, and what stands against it.
    pub fn prepare_certificate(&self, reviewer: &str, days: u32, accepted: &BTreeMap<String, String>) -> Result<Prepared> {
        let (statement, against) = self.gather(reviewer, days, accepted)?;
        Ok(Prepared { statement, against })
    }

    /// Signs a statement as its reviewer.
    pub fn sign_certificate(&self, prepared: &Prepared, by: &SignAs<'_>) -> Result<Issued> {
        if !prepared.against.is_empty() {
            return Err(Error::Undecidable(format!("it cannot be signed: {}", prepared.against.join("; "))));
        }
        let statement = serde_json::to_string(&prepared.statement).map_err(|e| Error::Undecidable(e.to_string()))?;
        let signature = sign(&statement, ROLES[0], by.key);
        let sha256 = name_of(&statement);
        self.record(by.name, &[Draft::of(&CertificateSigned { sha256: sha256.clone(), statement: Some(statement), signature })])?;
        self.issued(Some(&sha256))
    }

    /// Signs a certificate as its approver: another person, with another key.
    pub fn approve_certificate(&self, sha256: Option<&str>, by: &SignAs<'_>) -> Result<Issued> {
        let issued = self.issued(sha256)?;
        let (_, statement) = self.may_approve(&issued, by.name)?;
        if issued.signers.first() == Some(&by.key.public().fingerprint()) {
            return Err(same_person());
        }
        if let Some(why) = &issued.void {
            return Err(Error::Undecidable(format!("the certificate is void: {why}")));
        }
        let signature = sign(&statement, ROLES[1], by.key);
        self.record(by.name, &[Draft::of(&CertificateSigned { sha256: issued.sha256.clone(), statement: None, signature })])?;
        self.issued(Some(&issued.sha256))
    }

    /// Gives who reviewed and what was signed, where this person may approve it: somebody else reviewed.
    pub fn may_approve(&self, issued: &Issued, name: &str) -> Result<(String, String)> {
        let reviewed = self.signed()?.into_iter().find(|(_, signed)| signed.sha256 == issued.sha256 && signed.statement.is_some());
        let Some((reviewer, CertificateSigned { statement: Some(statement), .. })) = reviewed else { return Err(none()) };
        if reviewer == name { Err(same_person()) } else { Ok((reviewer, statement)) }
    }

    /// Gives the last certificate, or the one of this name.
    pub fn issued(&self, sha256: Option<&str>) -> Result<Issued> {
        let signed = self.signed()?;
        let wanted = |signed: &CertificateSigned| signed.statement.is_some() && sha256.is_none_or(|wanted| signed.sha256.starts_with(wanted));
        let Some((_, reviewed)) = signed.iter().rev().find(|(_, one)| wanted(one)) else { return Err(none()) };
        self.issued_of(reviewed, &signed, false, Some(now()))
    }

    fn issued_of(&self, reviewed: &CertificateSigned, signed: &[(String, CertificateSigned)], as_then: bool, at: Option<Timestamp>) -> Result<Issued> {
        let approval = signed.iter().rev().find(|(_, one)| one.statement.is_none() && one.sha256 == reviewed.sha256);
        let signatures: Vec<Signature> = std::iter::once(reviewed.signature.clone()).chain(approval.map(|(_, one)| one.signature.clone())).collect();
        let statement = reviewed.statement.clone().unwrap_or_default();
        let document = document(&statement, signatures).ok_or_else(none)?;
        let certified = check(&document).map_err(Error::Undecidable)?;
        let read: Statement = serde_json::from_str(&statement).map_err(|e| Error::Undecidable(format!("the certificate cannot be read: {e}")))?;
        let void = self.void(&read, as_then, at)?;
        let text = super::render::markdown(&read, &certified.sha256, &certified.signers);
        Ok(Issued { sha256: certified.sha256, signers: certified.signers, expires: read.expires, void, document, text })
    }

    /// Gives the certificate that a bundle of today carries, the last that two signed and that is not void; or why the last one is none. Whether its time
    /// has run out is asked at the last decision that the bundle stands on, so that the same decisions make the same bundle on every day.
    pub fn certificate(&self) -> Result<Carried> {
        self.certificate_where(false, &|_| true)
    }

    /// Gives the certificate of this SHA-256 as a bundle carried it, where it was not void then: what was imported since and the time aside.
    pub fn certificate_then(&self, sha256: &str) -> Result<Carried> {
        self.certificate_where(true, &|certificate| certificate.sha256 == sha256)
    }

    /// A journal that was united with another holds certificates of both: that the last one is void says nothing of those before it.
    fn certificate_where(&self, as_then: bool, wanted: &dyn Fn(&Certificate) -> bool) -> Result<Carried> {
        let signed = self.signed()?;
        let at = if as_then { None } else { self.read_at()? };
        let mut why_not = None;
        for (_, reviewed) in signed.iter().rev().filter(|(_, one)| one.statement.is_some()) {
            let Ok(issued) = self.issued_of(reviewed, &signed, as_then, at) else { continue };
            let sha256 = hex(&Sha256::digest(format!("{}\n", issued.document)));
            let certificate = Certificate { sha256, document: issued.document, text: issued.text };
            if !wanted(&certificate) {
                continue;
            }
            let short = |sha256: &str| sha256.get(..12).unwrap_or_default().to_owned();
            let why = match (issued.void, issued.signers.len()) {
                (None, n) if n == ROLES.len() => {
                    let told = |at: Timestamp| format!("the certificate {} held until {at}; sign anew (`ossia audit certify`)", short(&issued.sha256));
                    let lapsed = Timestamp::parse(&issued.expires).filter(|at| *at <= now()).map(told);
                    return Ok(Carried { certificate: Some(certificate), why_not: None, lapsed });
                }
                (Some(why), _) => format!("the certificate {} is void: {why}", short(&issued.sha256)),
                (None, _) => format!("nobody approved the certificate {} yet (`ossia audit certify --approve`)", short(&issued.sha256)),
            };
            why_not.get_or_insert(why);
        }
        Ok(Carried { certificate: None, why_not, lapsed: None })
    }

    /// Binds a certificate to a bundle: the bundle is verified and every text of it looked at once more; gives a signed envelope, with every
    /// file and its SHA-256, to keep beside the bundle.
    pub fn bind_certificate(&self, bundle: &Path, key: &Signing) -> Result<String> {
        let read = |name: &str| std::fs::read_to_string(bundle.join(name)).map_err(|e| Error::Bundle(format!("{name}: {e}")));
        let certified = check(&read("certificate.json")?).map_err(Error::Bundle)?;
        if !self.signed()?.iter().any(|(_, signed)| signed.sha256 == certified.sha256) {
            let why = format!(
                "its certificate {} was not signed in this workspace, which therefore knows nothing of what it stands on; nothing was bound",
                certified.sha256
            );
            return Err(Error::Bundle(why));
        }
        let (sums, rescan) = (read("SHA256SUMS")?, self.rescan()?);
        let report = crate::export::verify(bundle, None, Some(&rescan));
        if let Some(failed) = report.checks.iter().find(|check| !check.ok) {
            return Err(Error::Bundle(format!("{} does not hold: {}; nothing was bound", failed.name, failed.detail)));
        }
        let files = sums.lines().filter_map(|line| line.split_once("  "));
        let files: Vec<_> = files.map(|(sha256, name)| json!({"name": name, "sha256": sha256, "findings": 0})).collect();
        let statement = json!({
            "schema": "ossia.certificate-binding.v1",
            "certificate": certified.sha256,
            "bundle": hex(&Sha256::digest(sums.as_bytes())),
            "rules_sha256": rescan.rules_sha256,
            "files": files,
        });
        Ok(key.envelope(&statement.to_string()))
    }

    /// Gives the fingerprints of the keys with which a person signed in this workspace, or begins to sign anew, the last one last.
    pub fn signed_with(&self, name: &str) -> Result<Vec<String>> {
        let signed = self.signed()?.into_iter().filter(|(writer, _)| writer == name);
        let begun = self.store.meta(&begun_by(name))?;
        Ok(signed.filter_map(|(_, signed)| signed.signature.fingerprint()).chain(begun).collect())
    }

    /// Remembers with which key a person signs from now on.
    pub fn begin_signing(&self, name: &str, fingerprint: &str) -> Result<()> {
        Ok(self.store.set_meta(&begun_by(name), fingerprint)?)
    }

    /// Gives the signatures of the journal with their writers.
    fn signed(&self) -> Result<Vec<(String, CertificateSigned)>> {
        let entries = self.journal.of_kinds(&[CertificateSigned::KIND])?;
        Ok(entries.iter().filter_map(|entry| Some((entry.reviewer.to_string(), entry.decision().ok().flatten()?))).collect())
    }

    /// Names the verdicts on all findings, with who gave them and why, without saying any.
    pub(super) fn verdicts_fingerprint(&self) -> Result<String> {
        let decided = self.decided()?;
        let mut lines = Vec::new();
        self.store.each_finding(&mut |_, id, fingerprint| lines.extend(decided.line(id, fingerprint)))?;
        lines.sort_unstable();
        lines.dedup();
        Ok(self.key(KeyKind::Fingerprint)?.fingerprint(&lines.concat()))
    }

    /// Names every word that people said of consent, without saying any.
    pub(super) fn consents_fingerprint(&self) -> Result<String> {
        let words = self.consents()?.into_iter().map(|word| format!("{} {:?} {:?} {}\n", word.said.sha256, word.said.path, word.reviewer, word.said.words()));
        Ok(self.key(KeyKind::Fingerprint)?.fingerprint(&words.collect::<String>()))
    }

    /// Says by what a statement is void, if it is; `as_then`, what was imported since aside, with what is known and
    /// found by that. `at` is the time at which it must still hold, where that counts.
    fn void(&self, statement: &Statement, as_then: bool, at: Option<Timestamp>) -> Result<Option<String>> {
        let expired = at.is_some_and(|now| Timestamp::parse(&statement.expires).is_none_or(|at| at <= now));
        let (root, sources) = self.sources_root()?;
        let grown = root != statement.scope.merkle_root;
        let later = grown && as_then && statement.scope.sources.iter().all(|source| sources.iter().any(|known| known.sha256 == source.sha256));
        let known = self.known_values()?;
        let rules = self.instruments_hash()?;
        Ok(if expired {
            Some(format!("it held until {}", statement.expires))
        } else if grown && !later {
            Some("the sources are not those that were looked at".to_owned())
        } else if rules != statement.instruments.rules_sha256 {
            Some("rules or lists changed since".to_owned())
        } else if !later && known != statement.instruments.known_sha256 {
            Some("a value became known since".to_owned())
        } else if self.field_policy()?.hash() != statement.leaves.policy_sha256 {
            Some("the field policy changed since".to_owned())
        } else if !later && self.verdicts_fingerprint()? != statement.verdicts.fingerprint {
            Some("a verdict changed since, or it does not say on which verdicts it stands".to_owned())
        } else if self.consents_fingerprint()? != statement.scope.consent_fingerprint {
            Some("something else was said of consent since".to_owned())
        } else {
            None
        })
    }
}

/// Where the store remembers with which key a person signs.
fn begun_by(name: &str) -> String {
    format!("key_of_person {name}")
}

fn same_person() -> Error {
    Error::Undecidable("who reviewed does not approve: another person signs, with another key (--reviewer, --key)".to_owned())
}

fn none() -> Error {
    Error::Undecidable("there is no such certificate; `ossia audit certify` makes one".to_owned())
}
