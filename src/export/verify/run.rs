//! The order of the checks, from the seals to the contents.

use super::{LAYOUT, VerifyReport, contents, foreign, manifest, scanned, seals, text};
use crate::export::bundle::PublicKey;
use crate::export::certificate;
use crate::export::scan::Rescan;
use std::path::Path;

/// Verifies a bundle; `key` is one to trust, `rescan` looks at every line again for what must not leave.
#[must_use]
pub fn verify(folder: &Path, key: Option<&PublicKey>, rescan: Option<&Rescan>) -> VerifyReport {
    let mut report = VerifyReport { ok: true, reason: None, signed_by: None, certified_until: None, checks: Vec::new() };
    let marks = seals::Marks::read(folder);
    let sums = match seals::sums(folder, &marks) {
        Ok(sums) => sums,
        Err(why) => {
            report.add("checksums", "tampered", Err(why));
            return report;
        }
    };
    report.add("files", "tampered", seals::files(folder, &sums));
    report.add("checksums", "tampered", seals::checksums(folder, &sums, &marks));
    match seals::signature(folder, &marks) {
        Ok((payload, signer)) => {
            let fingerprint = signer.fingerprint();
            report.signed_by = Some(fingerprint.clone());
            report.add("signature", "tampered", Ok(format!("signed by {fingerprint}")));
            if let Some(key) = key {
                let known = (*key == signer).then(|| "it is the key you trust".to_owned());
                report.add("key", "unknown_key", known.ok_or_else(|| format!("signed by {fingerprint}, not by the key you trust ({})", key.fingerprint())));
            }
            report.add("statement", "tampered", seals::statement(folder, &payload, &sums, &marks));
        }
        Err((reason, why)) => report.add("signature", reason, Err(why)),
    }
    let other = text(folder, "manifest.json").ok().and_then(|told| foreign(&told));
    match manifest(folder) {
        Ok(manifest) => {
            if let Some(by) = &other {
                let held = "its lines are held against the schemas sealed with them, its card and its Croissant metadata against their seals alone";
                report.add("layout", "tampered", Ok(format!("{by}; this program writes layout {LAYOUT}: {held}")));
            }
            report.add("manifest", "tampered", contents::manifest(folder, &manifest));
            report.add("lineage", "tampered", contents::lineage(folder, &manifest));
            report.add("journal", "tampered", contents::journal(folder, &manifest));
            if other.is_none() {
                report.add("descriptions", "tampered", contents::descriptions(folder, &manifest, &sums));
            }
            report.add("audit", "tampered", contents::audit(folder, &manifest, &sums));
            if folder.join("certificate.json").exists() {
                match certificate::check_bundle(folder, manifest.rules_sha256.as_deref()) {
                    Ok((detail, until)) => {
                        report.certified_until = until;
                        report.add("certificate", "tampered", Ok(detail));
                    }
                    Err((reason, why)) => report.add("certificate", reason, Err(why)),
                }
            }
            if let Some(rescan) = rescan {
                let same = manifest.rules_sha256.as_ref() == Some(&rescan.rules_sha256);
                report.add("scan", if same { "tampered" } else { "stale_rules" }, scanned::scan(folder, &sums, rescan, same));
            }
        }
        Err(why) => report.add("manifest", if other.is_some() { "unknown_layout" } else { "tampered" }, Err(why)),
    }
    report.add("schemas", "tampered", contents::schemas(folder, &sums, other.is_none()));
    report
}
