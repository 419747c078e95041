//! `ossia key`: the key that signs bundles, and those that name redacted values, explained and rotated.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use crate::text::clean;
use crate::workspace::{KeyKind, KeyReport};
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
        /// The key is lost and there is no copy of it: begin anew, whatever hangs on it
        #[arg(long)]
        lost: bool,
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
        Args::Show { kind: Kind::Pseudonym } | Args::Rotate { kind: Kind::Pseudonym, .. } => Some(KeyKind::Pseudonym),
        Args::Show { kind: Kind::Fingerprint } | Args::Rotate { kind: Kind::Fingerprint, .. } => Some(KeyKind::Fingerprint),
        _ => None,
    };
    if let Some(kind) = naming {
        let workspace = place.open_or_make()?;
        let report = match args {
            Args::Rotate { lost, .. } => workspace.rotate_key(kind, *lost)?,
            _ => workspace.key_report(kind)?,
        };
        if out.json {
            out.document("ossia.key.v1", &report)?
        } else {
            explain(&report, out)?
        }
        return Ok(0);
    }
    let workspace = place.open_or_make()?;
    let key = match args {
        Args::Show { .. } | Args::Export => workspace.signing_key()?,
        Args::Rotate { lost, .. } => workspace.rotate_signing_key(*lost)?,
    };
    let public = key.public();
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
