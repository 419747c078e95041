//! `ossia doctor`, `reindex`, `forget`, `backup` and `completions`.

use super::ask::Place;
use super::fail::Fail;
use super::output::{Ink, Output};
use crate::text::clean;
use crate::workspace::{Check, DoctorReport, Forgotten};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Doctor {
    /// Make again what is derived and broken
    #[arg(long)]
    repair: bool,
}

#[derive(clap::Args)]
pub struct Forget {
    /// Path or SHA-256 of a source, or a trajectory id
    #[arg(value_name = "SOURCE|TRAJECTORY")]
    what: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(clap::Args)]
pub struct Backup {
    /// File to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Copy the keys into a folder as well; without it they are not in the backup
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct Completions {
    /// Shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

#[derive(Serialize)]
struct Forgot<'a> {
    #[serde(flatten)]
    forgotten: &'a Forgotten,
    reason: &'a str,
}

#[derive(Serialize)]
struct BackedUp {
    file: String,
    journal: String,
    size_bytes: u64,
    /// Folder into which the keys were copied; `None` where they are not in the backup.
    keys: Option<String>,
}

pub fn doctor(args: &Doctor, place: &Place, out: &Output) -> Result<u8, Fail> {
    let report = match place.open().and_then(|workspace| Ok(workspace.doctor(args.repair)?)) {
        Ok(report) => report,
        // A store that cannot be opened is what one asks a doctor about.
        Err(fail) if fail.is_of_data() => {
            let check = Check { name: "store", ok: false, detail: fail.message().to_owned() };
            DoctorReport { ok: false, checks: vec![check], repaired: Vec::new() }
        }
        Err(fail) => return Err(fail),
    };
    if out.json {
        out.document("ossia.doctor.v1", &report)?;
    } else {
        for check in &report.checks {
            let (ink, mark) = if check.ok { (Ink::Green, "ok   ") } else { (Ink::Red, "wrong") };
            out.line(&format!("{} {:<16} {}", out.ink(ink, mark), check.name, clean(&check.detail)))?;
        }
        for repaired in &report.repaired {
            out.line(&format!("repaired: {}", clean(repaired)))?;
        }
        if !report.ok && !args.repair {
            out.line("`ossia doctor --repair` makes again what is derived")?;
        }
    }
    Ok(u8::from(!report.ok))
}

pub fn reindex(place: &Place, out: &Output) -> Result<u8, Fail> {
    let report = place.open()?.reindex()?;
    if out.json {
        out.document("ossia.reindex.v1", &report)?;
    } else {
        out.line(&format!("{} indexed again", crate::text::human::plural(report.trajectories, "trajectory")))?;
        for damaged in &report.damaged {
            out.line(&format!("passed over: {}", clean(damaged)))?;
        }
    }
    Ok(if report.damaged.is_empty() { 0 } else { 3 })
}

pub fn forget(args: &Forget, place: &Place, out: &Output) -> Result<u8, Fail> {
    let forgotten = place.open()?.forget(&args.what, &place.reviewer()?, &args.reason)?;
    if out.json {
        out.document("ossia.forget.v1", &Forgot { forgotten: &forgotten, reason: &args.reason })?;
        return Ok(0);
    }
    for source in &forgotten.sources {
        out.line(&format!("forgot {}", clean(source)))?;
    }
    for one in &forgotten.remaining {
        let told =
            format!("{} is still there, as it is told of in {} too; `ossia forget` that as well where it must go", one.trajectory, one.sources.join(", "));
        out.line(&out.ink(Ink::Yellow, &clean(&told)))?;
    }
    Ok(0)
}

pub fn backup(args: &Backup, place: &Place, out: &Output) -> Result<u8, Fail> {
    if args.file.exists() {
        return Err(Fail::usage(format!("{} is there already; name a file that is not", args.file.display())));
    }
    let workspace = place.open()?;
    let journal = workspace.backup(&args.file)?.to_string_lossy().into_owned();
    let keys = args.keys.as_ref().map(|folder| workspace.copy_keys(folder)).transpose()?;
    let size_bytes = std::fs::metadata(&args.file)?.len();
    let file = args.file.to_string_lossy().into_owned();
    if out.json {
        out.document("ossia.backup.v1", &BackedUp { file, journal, size_bytes, keys: args.keys.as_ref().map(|folder| folder.to_string_lossy().into_owned()) })?;
    } else {
        out.line(&format!("wrote {} ({}) and {}", clean(&file), crate::text::human::bytes(size_bytes), clean(&journal)))?;
        match (&args.keys, keys) {
            (Some(folder), Some(names)) => {
                out.line(&format!("copied {} into {}; keep them apart from the backup", names.join(", "), clean(&folder.to_string_lossy())))?
            }
            _ => out.line("the keys are not in it, and without the fingerprint key no verdict of it is found again: `--keys DIR` copies them")?,
        }
    }
    Ok(0)
}

pub fn completions(args: &Completions, command: &mut clap::Command, out: &Output) -> Result<u8, Fail> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "ossia", &mut script);
    out.bytes(&script)?;
    Ok(0)
}
