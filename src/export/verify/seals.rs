//! The seals of a bundle: which files there are, their checksums, the signature and what it is over.

use super::{Sums, text};
use crate::export::bundle::lines::first_changed;
use crate::export::bundle::{PublicKey, payload, statement};
use crate::export::json::Json;
use crate::model::ids::hex;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path};

/// The files that `SHA256SUMS` does not list.
const UNLISTED: &[&str] = &["SHA256SUMS", "provenance.dsse.json"];

/// The marks of lines by which a changed one is found, as the envelope states them, whether its signature holds or not.
pub struct Marks(BTreeMap<String, Vec<u8>>);

impl Marks {
    /// Reads them; where there are none, files are named without their lines.
    pub fn read(folder: &Path) -> Self {
        let statement = text(folder, "provenance.dsse.json").ok().and_then(|envelope| Json::parse(&payload(&envelope)?).ok());
        Self(statement.as_ref().map(statement::marks).unwrap_or_default())
    }

    /// Names a file, with the first line of it that was changed.
    pub fn place(&self, folder: &Path, name: &str) -> String {
        let line = self.0.get(name).and_then(|marks| first_changed(File::open(folder.join(name)).ok()?, marks).ok().flatten());
        line.map_or_else(|| name.to_owned(), |line| format!("{name}, line {line}"))
    }

    fn is_changed(&self, folder: &Path, name: &str) -> bool {
        self.place(folder, name) != name
    }
}

/// Reads the checksums; the file must be in its one canonical form.
pub fn sums(folder: &Path, marks: &Marks) -> Result<Sums, String> {
    let place = || marks.place(folder, "SHA256SUMS");
    let read = text(folder, "SHA256SUMS").map_err(|why| why.replacen("SHA256SUMS", &place(), 1))?;
    let mut sums = Sums::new();
    for (i, line) in read.lines().enumerate() {
        let (sha256, name) = line.split_once("  ").ok_or_else(|| format!("SHA256SUMS, line {}: not `HASH  FILE`", i + 1))?;
        sums.insert(name.to_owned(), sha256.to_owned());
    }
    let leads_out = |name: &&String| Path::new(name.as_str()).components().any(|part| !matches!(part, Component::Normal(_)));
    if let Some(name) = sums.keys().find(leads_out) {
        return Err(format!("{}: {name} is no place in the bundle", place()));
    }
    let canonical: String = sums.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
    let lower = |sha256: &String| sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if canonical != read || !sums.values().all(lower) {
        return Err(format!("{}: it is not in its canonical form (sorted, lower case, one file a line)", place()));
    }
    Ok(sums)
}

/// Checks that the files there are those that are listed.
pub fn files(folder: &Path, sums: &Sums) -> Result<String, String> {
    let (mut found, mut odd) = (BTreeSet::new(), BTreeSet::new());
    walk(folder, "", &mut found, &mut odd).map_err(|e| format!("cannot read the bundle: {e}"))?;
    if let Some(odd) = odd.first() {
        return Err(odd.clone());
    }
    let listed: BTreeSet<String> = sums.keys().cloned().chain(UNLISTED.iter().map(|name| (*name).to_owned())).collect();
    if let Some(extra) = found.difference(&listed).next() {
        return Err(format!("{extra} is not listed in SHA256SUMS"));
    }
    match listed.difference(&found).next() {
        Some(missing) => Err(format!("{missing} is missing")),
        None => Ok(format!("{} files", found.len())),
    }
}

/// Lists the files of a folder, and what no bundle holds: links, whose bytes lie elsewhere and change unseen, and folders without a file.
fn walk(folder: &Path, prefix: &str, found: &mut BTreeSet<String>, odd: &mut BTreeSet<String>) -> io::Result<()> {
    let mut empty = true;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        empty = false;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{name}/"), found, odd)?;
            continue;
        }
        if kind.is_symlink() {
            odd.insert(format!("{name} is a link: what it leads to is no part of the bundle and may change; verify a copy that holds the files (`cp -rL`)"));
        }
        found.insert(name);
    }
    if empty && !prefix.is_empty() {
        odd.insert(format!("the folder {prefix} holds no file, and no export makes such a one"));
    }
    Ok(())
}

/// Hashes a file piece by piece.
fn hash(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    io::copy(&mut File::open(path)?, &mut Writer(&mut hash))?;
    Ok(hex(&hash.finalize()))
}

struct Writer<'a>(&'a mut Sha256);

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Checks every checksum, and says which line is another; that of a row is named by the check of lineage.
pub fn checksums(folder: &Path, sums: &Sums, marks: &Marks) -> Result<String, String> {
    for (name, sha256) in sums {
        let found = hash(&folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
        if found == *sha256 {
            continue;
        }
        if marks.is_changed(folder, "SHA256SUMS") {
            return Err(format!("{} was changed: it gives {name} another SHA-256 than the file has", marks.place(folder, "SHA256SUMS")));
        }
        return Err(format!("{} was changed: its SHA-256 is {found}, SHA256SUMS says {sha256}", marks.place(folder, name)));
    }
    Ok(format!("{} files", sums.len()))
}

/// Opens the envelope with the bundle's key: the statement and the key.
pub fn signature(folder: &Path, marks: &Marks) -> Result<(String, PublicKey), (&'static str, String)> {
    let there = |name: &str| folder.join(name).exists();
    if !there("key.pub") || !there("provenance.dsse.json") {
        return Err(("unsigned", "key.pub or provenance.dsse.json is missing; nobody signed this bundle".to_owned()));
    }
    let tampered = |why: String| ("tampered", why);
    let pem = text(folder, "key.pub").map_err(tampered)?;
    let key = PublicKey::parse(&pem).ok_or_else(|| tampered(format!("{}: it is no ed25519 key in its canonical form", marks.place(folder, "key.pub"))))?;
    let envelope = text(folder, "provenance.dsse.json").map_err(tampered)?;
    let payload = key.open(&envelope).map_err(|why| tampered(format!("provenance.dsse.json, line 1: {why}")))?;
    Ok((payload, key))
}

/// Checks that the statement is over exactly the files of the bundle.
pub fn statement(folder: &Path, payload: &str, sums: &Sums, marks: &Marks) -> Result<String, String> {
    let statement = Json::parse(payload).map_err(|e| format!("the statement is not JSON: {e}"))?;
    let mut named = Sums::new();
    for subject in statement.get("subject").map(Json::items).unwrap_or_default() {
        let name = subject.get("name").and_then(Json::as_str).unwrap_or_default();
        let sha256 = subject.get("digest").and_then(|d| d.get("sha256")).and_then(Json::as_str).unwrap_or_default();
        named.insert(name.to_owned(), sha256.to_owned());
    }
    let mut expected = sums.clone();
    expected.insert("SHA256SUMS".to_owned(), hash(&folder.join("SHA256SUMS")).map_err(|e| format!("SHA256SUMS: {e}"))?);
    let differs = expected
        .iter()
        .find(|(name, sha256)| named.get(*name) != Some(sha256))
        .map(|(name, _)| name)
        .or_else(|| named.keys().find(|name| !expected.contains_key(*name)));
    match differs {
        Some(name) => Err(format!("{}: the signed statement does not name it as it is", marks.place(folder, name))),
        None => Ok(format!("{} subjects", named.len())),
    }
}
