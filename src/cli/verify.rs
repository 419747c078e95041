//! `ossia verify`: whether a bundle is what was written, with nothing but the bundle.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::export::{PublicKey, VerifyReport, verify};
use crate::model::Timestamp;
use crate::text::clean;
use crate::workspace::{Workspace, now, plain_rescan};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the bundle
    #[arg(value_name = "DIR")]
    bundle: PathBuf,
    /// Public key to trust (PEM, or a line of OpenSSH); without it, who signed is only told
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

pub fn run(args: &Args, place: &Place, again: bool, out: &Output) -> Result<u8, Fail> {
    if !args.bundle.is_dir() {
        return Err(Fail::usage(format!("{} is no folder; name the folder of a bundle", args.bundle.display())));
    }
    let parts = ["SHA256SUMS", "manifest.json", "lineage.jsonl", "provenance.dsse.json"];
    if !parts.iter().any(|part| args.bundle.join(part).exists()) {
        return Err(Fail::usage(format!("{} holds no bundle: none of {} is in it", args.bundle.display(), parts.join(", "))));
    }
    let key = match &args.key {
        None => None,
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|e| Fail::usage(format!("cannot read the key {}: {e}", file.display())))?;
            let key = PublicKey::parse(&text).or_else(|| PublicKey::of_ssh(&text));
            Some(key.ok_or_else(|| Fail::usage(format!("{} is no ed25519 public key, in PEM or as OpenSSH writes it", file.display())))?)
        }
    };
    let workspace = if again { Some(place.open()?) } else { None };
    let rescan = workspace.as_ref().map_or_else(|| Ok(plain_rescan()), Workspace::rescan)?;
    let mut report = verify(&args.bundle, key.as_ref(), Some(&rescan));
    if let Some(workspace) = workspace.filter(|_| report.ok) {
        workspace.verify_again(&args.bundle, &mut report);
    }
    if out.json {
        out.document("ossia.verify.v1", &report)?;
    } else {
        print(&report, key.is_some(), out)?;
    }
    Ok(u8::from(!report.ok))
}

fn print(report: &VerifyReport, trusted: bool, out: &Output) -> Result<(), Fail> {
    for check in &report.checks {
        let mark = if check.ok { out.ink(Ink::Green, "ok   ") } else { out.ink(Ink::Red, "FAILS") };
        out.line(&format!("{mark} {:<12} {}", check.name, clean(&check.detail)))?;
    }
    if let Some(signer) = report.signed_by.as_deref().filter(|_| !trusted) {
        out.line(&format!("signed by {signer}, not checked against a key you trust (--key FILE)"))?;
    }
    let past = |until: &&str| Timestamp::parse(until).is_none_or(|until| until <= now());
    if let Some(until) = report.certified_until.as_deref().filter(past) {
        let note = format!("its certificate held until {until}: what was signed then was right, and nobody has looked again since");
        out.line(&out.ink(Ink::Yellow, &clean(&note)))?;
    }
    let end = match report.reason {
        None => "The bundle is what was written. A signature proves who exported it, not that the data are right.".to_owned(),
        Some(reason) => format!("The bundle does not hold: {reason}."),
    };
    out.line(&out.ink(Ink::Bold, &end))
}
