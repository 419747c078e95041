//! `ossia key`: the key that signs bundles.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use crate::export::{rotate_signing_key, signing_key};
use crate::workspace::Error;
use serde::Serialize;

#[derive(clap::Subcommand)]
pub enum Args {
    /// Show the fingerprint of the key
    Show,
    /// Print the public key, for whoever verifies
    Export,
    /// Set the key aside and make a new one
    Rotate,
}

#[derive(Serialize)]
struct Key {
    kind: &'static str,
    fingerprint: String,
    public_key: String,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let keys = place.open()?.keys();
    let key = match args {
        Args::Show | Args::Export => signing_key(&keys),
        Args::Rotate => rotate_signing_key(&keys),
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
