//! `ossia key`: the key that signs bundles, and those that name redacted values, explained and rotated.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use crate::export::{rotate_signing_key, signing_key};
use crate::text::clean;
use crate::workspace::{Error, KeyKind, KeyReport};
use serde::Serialize;

/// Which key.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Signs bundles
    Signing,
    /// Names redacted values in exports
    Pseudonym,
    /// Names values in findings and verdicts
    Fingerprint,
}

#[derive(clap::Subcommand)]
pub enum Args {
    /// Show the fingerprint of the key; for the others, what they do and where they lie
    Show {
        /// Which key
        #[arg(long, value_enum, default_value_t = Kind::Signing)]
        kind: Kind,
    },
    /// Print the public key, for whoever verifies
    Export,
    /// Set the key aside and make a new one
    Rotate {
        /// Which key
        #[arg(long, value_enum, default_value_t = Kind::Signing)]
        kind: Kind,
    },
}

#[derive(Serialize)]
struct Key {
    kind: &'static str,
    fingerprint: String,
    public_key: String,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let naming = match args {
        Args::Show { kind: Kind::Pseudonym } | Args::Rotate { kind: Kind::Pseudonym } => Some(KeyKind::Pseudonym),
        Args::Show { kind: Kind::Fingerprint } | Args::Rotate { kind: Kind::Fingerprint } => Some(KeyKind::Fingerprint),
        _ => None,
    };
    if let Some(kind) = naming {
        let workspace = place.open_or_make()?;
        let report = if matches!(args, Args::Show { .. }) { workspace.key_report(kind)? } else { workspace.rotate_key(kind)? };
        if out.json {
            out.document("ossia.key.v1", &report)?
        } else {
            explain(&report, out)?
        }
        return Ok(0);
    }
    let keys = place.open_or_make()?.keys();
    let key = match args {
        Args::Show { .. } | Args::Export => signing_key(&keys),
        Args::Rotate { .. } => rotate_signing_key(&keys),
    };
    let public = key.map_err(Error::from)?.public();
    let key = Key { kind: "signing", fingerprint: public.fingerprint(), public_key: public.pem() };
    if out.json {
        out.document("ossia.key.v1", &key)?;
    } else if matches!(args, Args::Export) {
        out.bytes(key.public_key.as_bytes())?;
    } else {
        out.line(&key.fingerprint)?;
    }
    Ok(0)
}

fn explain(report: &KeyReport, out: &Output) -> Result<(), Fail> {
    out.line(&format!("{} key {}: {}", report.kind, report.name, report.about))?;
    out.line(&format!("it lies in {}, for its owner alone, and is part of no export", clean(&report.file)))?;
    match &report.kept {
        Some(kept) => out.line(&format!("the key before it is kept as {}", clean(kept))),
        None => Ok(()),
    }
}
