//! `ossia audit certify`: everything is looked at anew and shown, its limits before a typed confirmation, and two people sign.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::export::{KeyError, Signing, known_signing_key, personal_key, signing_key};
use crate::text::human::plural;
use crate::text::{clean, clean_block};
use crate::workspace::{Error, Issued, LIMITS, Prepared, SignAs, Workspace};
use directories::ProjectDirs;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

/// What is typed before a signature is given.
const CONFIRMATION: &str = "I have read the limits";

#[derive(clap::Args)]
pub struct Args {
    /// Sign as the approver what a reviewer signed: the last certificate, or the one of this name
    #[arg(long, value_name = "SHA256", num_args = 0..=1, default_missing_value = "")]
    approve: Option<String>,
    /// Bind a bundle to the certificate in it: every file is looked at again, and a signed statement says so
    #[arg(long, value_name = "BUNDLE", conflicts_with = "approve")]
    bind: Option<PathBuf>,
    /// Say what a certificate would state and what stands against it, and sign nothing
    #[arg(long, conflicts_with_all = ["approve", "bind"])]
    dry_run: bool,
    /// Show the last certificate, or the one of this name, and what it is void by; sign nothing
    #[arg(long, value_name = "SHA256", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["approve", "bind", "dry_run"])]
    show: Option<String>,
    /// Days after which it is void
    #[arg(long, default_value_t = 90, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Accept that something was not read, by its name and with a reason
    #[arg(long, value_name = "WHAT=REASON")]
    accept: Vec<String>,
    /// Folder in which certificate.json and certificate.md are written, or the binding
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The signer's own key: 32 bytes, or an OpenSSH private key of the kind ed25519; made at first use where none is named
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Make a new key of one's own where the one that was signed with is lost
    #[arg(long, conflicts_with = "key")]
    new_key: bool,
    /// The confirmation, where nobody can type it
    #[arg(long, value_name = "TEXT")]
    confirm: Option<String>,
}

#[derive(Serialize)]
struct Bound<'a> {
    binding: &'a str,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let workspace = place.open()?;
    let name = place.reviewer()?;
    if let Some(bundle) = &args.bind {
        return bind(args, bundle, &workspace, &name, out);
    }
    if let Some(sha256) = &args.show {
        let issued = workspace.issued(Some(sha256.as_str()).filter(|name| !name.is_empty()))?;
        if !out.json {
            out.line(&clean_block(&issued.text))?;
        }
        return finish(args, &issued, out);
    }
    if let Some(sha256) = &args.approve {
        let wanted = Some(sha256.as_str()).filter(|name| !name.is_empty());
        let issued = workspace.issued(wanted)?;
        if let Some(why) = &issued.void {
            return Err(Error::Undecidable(format!("the certificate is void: {why}; `ossia audit certify` makes another one")).into());
        }
        workspace.may_approve(&issued, &name)?;
        if !out.json {
            out.line(&clean_block(&issued.text))?;
        }
        let key = confirmed(args, &workspace, &name, out)?;
        let issued = workspace.approve_certificate(wanted, &SignAs { name: &name, key: &key })?;
        return finish(args, &issued, out);
    }
    let prepared = workspace.prepare_certificate(&name, args.days, &accepted(args)?)?;
    if args.dry_run || !prepared.against.is_empty() {
        show(&prepared, out)?;
        return Ok(u8::from(!prepared.against.is_empty()));
    }
    if !out.json {
        let s = &prepared.statement;
        out.line(&format!(
            "{}, {}, {} found of {}",
            plural(s.scope.sources.len(), "source"),
            plural(s.scope.fields, "field"),
            plural(s.instruments.canaries.found, "canary"),
            s.instruments.canaries.planted
        ))?;
    }
    let key = confirmed(args, &workspace, &name, out)?;
    let issued = workspace.sign_certificate(&prepared, &SignAs { name: &name, key: &key })?;
    finish(args, &issued, out)
}

/// Reads `WHAT=REASON`.
fn accepted(args: &Args) -> Result<BTreeMap<String, String>, Fail> {
    let pair = |text: &String| {
        let (what, reason) = text.split_once('=').filter(|(_, reason)| !reason.trim().is_empty())?;
        Some((what.trim().to_owned(), reason.trim().to_owned()))
    };
    args.accept.iter().map(|text| pair(text).ok_or_else(|| Fail::usage(format!("{text:?} is not WHAT=REASON")))).collect()
}

/// Shows what stands against signing, and what would be signed.
fn show(prepared: &Prepared, out: &Output) -> Result<(), Fail> {
    if out.json {
        return out.document("ossia.audit-certify.v1", prepared);
    }
    let s = &prepared.statement;
    out.line(&format!(
        "{}, {}, {}, {}",
        plural(s.scope.sources.len(), "source"),
        plural(s.scope.trajectories, "trajectory"),
        plural(s.scope.fields, "field"),
        plural(s.scope.bytes, "byte")
    ))?;
    out.line(&format!(
        "claims: of the marks and lists {} hold, {} are broken (at {}), {} cannot be verified",
        s.claims.holds,
        s.claims.broken,
        plural(s.broken.len(), "place"),
        s.claims.unverifiable
    ))?;
    for reason in &prepared.against {
        out.line(&out.ink(Ink::Red, &clean(&format!("against it: {reason}"))))?;
    }
    if prepared.against.is_empty() {
        out.line(&out.ink(Ink::Green, "nothing stands against it"))?;
    }
    Ok(())
}

/// Shows the limits, takes the typed confirmation, and gives the key to sign with; one that was named and cannot sign is told before anybody types.
fn confirmed(args: &Args, workspace: &Workspace, name: &str, out: &Output) -> Result<Signing, Fail> {
    let named = args.key.as_ref().map(|path| personal_key(path).map_err(Error::from)).transpose()?;
    if !out.json {
        LIMITS.iter().try_for_each(|limit| out.line(&out.ink(Ink::Yellow, limit)))?;
    }
    let typed = match &args.confirm {
        Some(text) => text.clone(),
        None if std::io::stdin().is_terminal() && !out.json => {
            out.line(&format!("Type \"{CONFIRMATION}\" to sign:"))?;
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line
        }
        None => return Err(Fail::usage(format!("nothing is signed without a confirmation: --confirm \"{CONFIRMATION}\""))),
    };
    if typed.trim() != CONFIRMATION {
        return Err(Fail::usage(format!("nothing was signed: the confirmation is \"{CONFIRMATION}\"")));
    }
    named.map_or_else(|| key(args, workspace, name, out), Ok)
}

/// Opens the signer's own key, or makes one beside the configuration; never in silence, and not in place of one that was signed with.
fn key(args: &Args, workspace: &Workspace, name: &str, out: &Output) -> Result<Signing, Fail> {
    if let Some(path) = &args.key {
        return personal_key(path).map_err(|e| Error::from(e).into());
    }
    let config = std::env::var_os("OSSIA_CONFIG").map(PathBuf::from).or_else(|| ProjectDirs::from("", "", "ossia").map(|dirs| dirs.config_dir().to_owned()));
    let config = config.ok_or_else(|| Fail::usage("no home folder is known; name the key with --key FILE"))?;
    let folder: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' }).collect();
    let folder = config.join("people").join(folder);
    let path = folder.join("signing.key");
    let (signed, known) = (workspace.signed_with(name)?, known_signing_key(&folder).map_err(Error::from)?);
    match (known, signed.last()) {
        (Some(key), Some(last)) if !signed.contains(&key.public().fingerprint()) && !args.new_key => Err(lost(&path, true, name, last)),
        (Some(key), _) => Ok(key),
        (None, Some(last)) if !args.new_key => Err(lost(&path, false, name, last)),
        (None, _) => {
            let key = signing_key(&folder).map_err(Error::from)?;
            let fingerprint = key.public().fingerprint();
            workspace.begin_signing(name, &fingerprint)?;
            let said = format!("a key of your own was made: {}, fingerprint {fingerprint}; keep a copy of it, nobody can make it again", path.display());
            if out.json {
                out.aside(&clean(&said));
            } else {
                out.line(&clean(&said))?;
            }
            Ok(key)
        }
    }
}

/// Says that the key somebody signed with is not there.
fn lost(path: &Path, replaced: bool, name: &str, signed: &str) -> Fail {
    let what = format!("{name} signed with the key of the fingerprint {signed}, by which others know that it was {name}");
    let then = "`--key FILE` names the key where it lies elsewhere; `--new-key` signs with a new one: what was signed stays as it is, and whoever verifies must be given the new fingerprint".to_owned();
    Error::from(KeyError::Lost { path: path.to_owned(), replaced, what, then }).into()
}

fn finish(args: &Args, issued: &Issued, out: &Output) -> Result<u8, Fail> {
    if let Some(folder) = &args.out {
        write(folder, "certificate.json", &format!("{}\n", issued.document))?;
        write(folder, "certificate.md", &issued.text)?;
    }
    if out.json {
        out.document("ossia.audit-certificate.v1", issued)?;
        return Ok(0);
    }
    out.line(&format!("signed: {} by {} of 2", issued.sha256, issued.signers.len()))?;
    if let Some(why) = &issued.void {
        out.line(&out.ink(Ink::Red, &clean(&format!("void: {why}; `ossia audit certify` makes another one"))))?;
    } else if issued.signers.len() < 2 {
        out.line("another person approves it with `ossia audit certify --approve --reviewer NAME`; until then no bundle carries it")?;
    } else {
        out.line("every bundle that `ossia export` writes from now on carries it, until it is void")?;
    }
    out.line(&match &args.out {
        Some(folder) => clean(&format!("written: {} and certificate.md beside it", folder.join("certificate.json").display())).to_string(),
        None => format!("it lies in the journal of this workspace; `ossia audit certify --show {} --out DIR` writes it as files", short(&issued.sha256)),
    })?;
    Ok(0)
}

/// Gives as much of a name as is needed to mean it.
fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

fn bind(args: &Args, bundle: &Path, workspace: &Workspace, name: &str, out: &Output) -> Result<u8, Fail> {
    let envelope = workspace.bind_certificate(bundle, &key(args, workspace, name, out)?)?;
    let stem = bundle.file_name().map_or_else(|| "bundle".to_owned(), |name| name.to_string_lossy().into_owned());
    let folder = args.out.clone().or_else(|| bundle.parent().map(Path::to_owned)).unwrap_or_default();
    let file = format!("{stem}.certified.dsse.json");
    write(&folder, &file, &envelope)?;
    if out.json {
        out.document("ossia.audit-binding.v1", &Bound { binding: &file })?;
    } else {
        out.line(&clean(&format!("{file}: the bundle holds, and nothing was found in its files")))?;
    }
    Ok(0)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Fail> {
    std::fs::create_dir_all(folder)?;
    // As every file of a bundle: for its owner alone, who hands it on.
    Ok(crate::workspace::write_private(&folder.join(name), text)?)
}
